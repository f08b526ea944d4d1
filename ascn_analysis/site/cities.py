"""One page a member city, and the list of all cities."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.figures.theme import BOUNDARY_LINE, spell_date, spell_list
from ascn_analysis.site import page, projects, references
from ascn_analysis.site.cite import Sources
from ascn_analysis.site.locator import locator
from ascn_analysis.site.projects import Listing, Project
from ascn_analysis.site.references import Part

_TABLES: Final = (
    "membership", "city_names", "project_links", "action_plan_cities", "action_plan_focus_areas", "action_plan_projects", "action_plan_targets",
    "partners", "partner_mentions", "challenges", "highlights", "known_contradictions",
)  # fmt: skip
_ABOUT: Final = {"implementation": "obstacle to the work", "urban-problem": "urban problem"}
_OUTCOMES: Final = {
    "listed, unfinished": "listed in the latest report, not among the completed",
    "listed, completed": "listed in the latest report as completed",
    "listed, not told apart": "listed in the latest report",
}
_KINDS: Final = {
    "technical": "technical help", "other": "other help", "political": "political support",
}  # fmt: skip
Row = dict[str, Any]


class Record:
    """All that the pages of cities show, read once.

    Attributes
    ----------
    cities, panel
        Member cities; projects, one row per project and report.
    years
        The reports.
    projects
        Every project over all reports.
    first
        The first report that lists each city, by its id; none where no report does so far.
    profiles
        What the record counts of each city, by its id.
    documents
        Documents that describe each city.
    tables
        Further tables by name.
    """

    def __init__(self, folder: loaders.Folder = None) -> None:
        self.cities, self.panel = loaders.load_cities(folder), loaders.load_panel(folder)
        self.tables = {name: loaders.load_table(name, folder) for name in _TABLES}
        sources = loaders.load_sources(folder)
        self.sources, self.addresses = Sources(sources), references.addresses(sources)
        self.shapes = loaders.load_boundaries(folder).set_index("iso3")["geometry"]
        self.years = sorted(int(year) for year in self.panel["report_year"].unique())
        self.projects = projects.histories(self.panel, self.tables["project_links"])
        self.documents = metrics.documents_read(
            self.tables["action_plan_cities"], self.panel, self.tables["partner_mentions"]
        )
        self.chosen = self._chosen()
        self.planned = metrics.planned_projects(self.tables["action_plan_projects"], self.panel)
        self.first: dict[str, int | None] = {row["city_id"]: row["first_report"] for row in _records(self.cities)}
        frame = self._profiles()
        self.profiles: dict[str, Row] = {row["city_id"]: row for row in _records(frame)}
        self.countries = _records(metrics.profiles.countries(frame))

    def _chosen(self) -> pd.DataFrame:
        areas, planned = self.tables["action_plan_focus_areas"], self.tables["action_plan_projects"]
        return metrics.chosen_and_listed(areas, self.panel, planned)

    def _profiles(self) -> pd.DataFrame:
        t = self.tables
        return metrics.profiles.cities(
            self.cities, self.panel, loaders.load_icons(), self.chosen, t["action_plan_targets"], t["action_plan_projects"],
            self.documents, t["partner_mentions"], t["challenges"],
        )  # fmt: skip

    def of(self, table: str, city_id: str) -> list[Row]:
        """Return the rows of a table that are of a city."""
        return _records(self.tables[table], city_id)


def _records(frame: pd.DataFrame, city_id: str | None = None) -> list[Row]:
    """Return the rows as dicts, with ``None`` for what is missing and whole numbers as such."""
    own = frame if city_id is None else frame[frame["city_id"] == city_id]
    return [{name: _plain(value) for name, value in row.items()} for row in own.to_dict("records")]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def write(site: Path, common: Row, folder: loaders.Folder = None) -> None:
    """Write ``cities/index.html`` and one page a member city.

    Parameters
    ----------
    site
        The site's folder; its folder ``cities`` is there.
    common
        What all pages share.
    folder
        Folder of the tables; by default the data that came with the package.
    """
    record = Record(folder)
    (site / "cities" / "index.html").write_text(_index(record, common), encoding="utf-8")
    for row in _records(record.cities):
        (site / "cities" / f"{row['city_id']}.html").write_text(_page(record, row, common), encoding="utf-8")


def _index(record: Record, common: Row) -> str:
    groups = [
        {**country, "members": [_member(record, own) for own in record.profiles.values() if own["iso3"] == country["iso3"]]}
        for country in record.countries
    ]  # fmt: skip
    return page.render(
        "cities.html.j2", root="../", title="Member cities", section="cities/index.html", groups=groups, latest=record.years[-1],
        total=len(record.profiles), symbols=projects.symbols(), areas=v.FOCUS_AREAS,
        description=f"The {len(record.profiles)} member cities by country, with the year of joining and their projects.", **common,
    )  # fmt: skip


def _member(record: Record, own: Row) -> Row:
    latest = record.years[-1]
    n = own[f"n_{latest}"]
    return {**own, "n": n, "squares": _squares(record, own["city_id"]), "statuses": statuses(own) if n else "",
            "absence": "" if n else projects.absence(latest, record.first[own["city_id"]])}  # fmt: skip


def _squares(record: Record, city_id: str) -> list[Listing]:
    """Return the projects of the latest report, by focus area and status, as the strip shows them."""
    areas = list(v.FOCUS_AREA_NAMES)
    cells = (own.cells[record.years[-1]] for own in record.projects if own.city_id == city_id)
    return sorted(
        (one for one in cells if isinstance(one, Listing)), key=lambda one: (areas.index(one.area_id), one.status)
    )


def statuses(own: Row) -> str:
    """Say how many projects of the latest report have each status.

    Parameters
    ----------
    own
        A city as `metrics.profiles.cities` gives it, with a row in that report.
    """
    return spell_list(f"{own[name]} {name}" for name in v.STATUSES_REPORTED if own[name])


def _page(record: Record, city: Row, common: Row) -> str:
    profile = record.profiles[city["city_id"]]
    own = [project for project in record.projects if project.city_id == city["city_id"]]
    return page.render(
        "city.html.j2", root="../", title=city["city"], section="cities/index.html", city=city, profile=profile, projects=own,
        years=record.years, latest=record.years[-1], statuses=statuses, symbols=projects.symbols(), areas=v.FOCUS_AREAS,
        totals=_totals(record, profile), facts=_facts(record, city), statements=_statements(record, city),
        map=locator(city, record.cities, record.shapes[city["iso3"]]), boundary=BOUNDARY_LINE,
        plan=_plan(record, city, own), partners=_partners(record, city), challenges=_challenges(record, city),
        highlights=_highlights(record, city), contradictions=_contradictions(record, city),
        description=f"{city['city']}, {city['country']}: facts, projects, plans, partners and challenges in the record of the network.",
        **common,
    )  # fmt: skip


def _totals(record: Record, profile: Row) -> dict[int, str]:
    """Say how many projects each report lists, or why none."""
    counts = {year: profile[f"n_{year}"] for year in record.years}
    first = record.first[profile["city_id"]]
    return {year: str(n) if n else projects.absence(year, first) for year, n in counts.items()}


def _facts(record: Record, city: Row) -> Row:
    source, at = city["population_source_id"], city["population_page"]
    spellings = [row["printed"] for row in record.of("city_names", city["city_id"]) if row["printed"] != city["city"]]
    others = record.cities[(record.cities["iso3"] == city["iso3"]) & (record.cities["city_id"] != city["city_id"])]
    return {
        "population": f"{city['population']:,}" if city["population"] else None,
        "population_source": record.sources.cite(source, at) if source else None,
        "place": f"{_degrees(city['lat'], 'NS')}, {_degrees(city['lon'], 'EW')}",
        "place_source": record.sources.cite("geonames"),
        "level": v.ADMIN_LEVELS[city["admin_level"]],
        "spellings": spellings,
        "others": list(zip(others["city_id"], others["city"], strict=True)),
    }


def _degrees(value: float, signs: str) -> str:
    """Write a coordinate.

    Examples
    --------
    >>> _degrees(-8.5586, "NS")
    '8.559° S'
    """
    return f"{abs(value):.3f}° {signs[value < 0]}"


def _statements(record: Record, city: Row) -> list[Row]:
    """Return every statement on when the city joined, the one used first."""
    rows = record.of("membership", city["city_id"])
    cited = [
        {**row, "used": str(row["used"]).lower() == "true", "source": record.sources.cite(row["source_id"], row["page"]),
         "joined": spell_date(row["joined"]) if row["joined"] else None,
         "grade": record.sources.grade(row["source_id"])}
        for row in rows
    ]  # fmt: skip
    return sorted(cited, key=lambda row: not row["used"])


def _plan(record: Record, city: Row, own: list[Project]) -> Row | None:
    """Return what the action plan of 2018 says of the city, or nothing for cities that joined later."""
    plans = record.of("action_plan_cities", city["city_id"])
    if not plans:
        return None
    plan = plans[0]
    return {
        **plan,
        "source": record.sources.cite(plan["source_id"], plan["page"]),
        "areas": _areas(record, city),
        "projects": _planned(record, city, own),
        "targets": [_paged(record, row) for row in record.of("action_plan_targets", city["city_id"])],
    }


def _paged(record: Record, row: Row) -> Row:
    return {**row, "place": record.sources.page(row["source_id"], row["page"])}


def _areas(record: Record, city: Row) -> list[Row]:
    """Return the labels of the plan with their focus area, and the projects that the latest report lists under it."""
    cells = record.chosen[record.chosen["report_year"] == record.years[-1]]
    listed = {row["focus_area_id"]: row["n"] for row in _records(cells, city["city_id"])}
    rows = record.of("action_plan_focus_areas", city["city_id"])
    return [
        {**_paged(record, row), "area": v.FOCUS_AREA_NAMES.get(row["focus_area"]), "listed": listed.get(row["focus_area"])}
        for row in rows
    ]  # fmt: skip


def _planned(record: Record, city: Row, own: list[Project]) -> list[Row]:
    """Return the projects planned in 2018 and what became of them, as far as the lists tell."""
    told = {row["project_no"]: row for row in _records(record.planned, city["city_id"])}
    titles = {project.id: project.title for project in own}
    return [
        {
            **_paged(record, row),
            **{name: told[row["project_no"]][name] for name in ("first_year", "last_year")},
            "outcome": _OUTCOMES.get(outcome := told[row["project_no"]]["outcome"], outcome),
            "now": titles.get(row["project_id"]),
            "support": spell_list(_KINDS.get(kind, kind) for kind in row["support_kinds"].split("|"))
            if row["support_kinds"]
            else None,
        }
        for row in record.of("action_plan_projects", city["city_id"])
    ]


def _partners(record: Record, city: Row) -> list[Row]:
    """Return the documents that describe the city, each with the partners that it names."""
    known = {row["partner_id"]: row for row in _records(record.tables["partners"])}
    titles = {project.id: project.title for project in record.projects}
    mentions = [
        {
            **_paged(record, row),
            **known[row["partner_id"]],
            "project": titles.get(row["project_id"]),
            "kind": _KINDS.get(row["kind"], row["kind"]),
        }
        for row in record.of("partner_mentions", city["city_id"])
    ]
    return [
        {
            "source": record.sources.cite(document["source_id"]),
            "mentions": [row for row in mentions if row["source_id"] == document["source_id"]],
        }
        for document in _records(record.documents, city["city_id"])
    ]


def _challenges(record: Record, city: Row) -> list[Row]:
    rows = [
        {**_paged(record, row), "kind": row["kind"].replace("-", " "), "about": _ABOUT[row["about"]]}
        for row in sorted(record.of("challenges", city["city_id"]), key=lambda row: (row["year"], row["page"]))
    ]
    return [{"source": record.sources.cite(source), "rows": own} for source, own in _by(rows, "source_id")]


def _by(rows: Iterable[Row], name: str) -> list[tuple[Any, list[Row]]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return list(found.items())


def _highlights(record: Record, city: Row) -> list[Row]:
    rows = record.of("highlights", city["city_id"])
    return [{**_paged(record, row), "area": v.FOCUS_AREA_NAMES[row["focus_area"]]} for row in rows]


def _contradictions(record: Record, city: Row) -> list[Row]:
    """Return the contradictions whose subject names the city."""
    named = re.compile(rf"\b{re.escape(city['city'])}\b")
    rows = _records(record.tables["known_contradictions"])
    return [{**row, "places": _places(row["pages"], record.addresses)} for row in rows if named.search(row["subject"])]


def _places(pages: str, addresses: dict[str, str]) -> list[Part]:
    found = references.parts(pages, addresses)
    return [part._replace(url=f"../{part.url}") if part.url.startswith("methods.html") else part for part in found]
