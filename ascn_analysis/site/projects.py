"""The list of all projects: one line each, with what every report says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders
from ascn_analysis import vocabulary as v
from ascn_analysis.figures.maps import NOT_YET
from ascn_analysis.site import page

NO_ROW: Final = "no row in this report"
_OPEN: Final = "planning|ongoing|completed"
Key = tuple[int, str, int]
"""A row of an appendix: report, list, number."""


@dataclass(frozen=True)
class Listing:
    """A project in one report.

    Attributes
    ----------
    year
        The report.
    title
        As printed.
    area_id, area
        Focus area in this report.
    status
        One status, or the set that the evidence leaves open, joined by ``|``.
    list
        The list of the appendix that holds the row.
    page, url
        Page of the report's PDF file, and its address.
    """

    year: int
    title: str
    area_id: str
    area: str
    status: str
    list: str
    page: int
    url: str

    @property
    def words(self) -> str:
        """The status in words; several where the evidence leaves them open."""
        *head, last = self.status.split("|")
        return f"{', '.join(head)} or {last}" if head else last

    @property
    def form(self) -> str:
        """Id of the symbol of the status, as the figures draw it."""
        from ascn_analysis.figures import forms

        return _symbol_id(self.status if self.status in forms.SHAPES else _OPEN)


@dataclass(frozen=True)
class Note:
    """What a reader must know on the identity of a project.

    Attributes
    ----------
    text
        What is so.
    evidence
        What the judgement rests on; empty where there is nothing to judge.
    other
        Id and title of the project that it may be one with, if it was kept apart.
    """

    text: str
    evidence: str = ""
    other: tuple[str, str] | None = None


@dataclass(frozen=True)
class Project:
    """A project over all reports.

    Attributes
    ----------
    id, title
        Id, and title in the latest report that lists it.
    city_id, city, iso3, country
        Where it is.
    cells
        For each report, in order, the `Listing`, or words on why there is none.
    notes
        Renamed, filed elsewhere, kept apart.
    """

    id: str
    title: str
    city_id: str
    city: str
    iso3: str
    country: str
    cells: dict[int, Listing | str]
    notes: list[Note]

    @property
    def listings(self) -> list[Listing]:
        """The reports that list it."""
        return [cell for cell in self.cells.values() if isinstance(cell, Listing)]

    @property
    def span(self) -> str:
        """The first and the last report that list it."""
        first, last = self.listings[0].year, self.listings[-1].year
        return str(first) if first == last else f"{first} to {last}"

    @property
    def gone(self) -> bool:
        """Whether the latest report no longer lists it."""
        return self.listings[-1].year < max(self.cells)

    @property
    def other_titles(self) -> list[tuple[str, str]]:
        """Reports, and the title that they print, where it differs from the latest."""
        return _grouped((one.title, one.year) for one in self.listings if one.title != self.title)

    @property
    def other_areas(self) -> list[tuple[str, str]]:
        """Reports, and the focus area that they print, where it differs from the latest."""
        latest = self.listings[-1].area
        return _grouped((one.area, one.year) for one in self.listings if one.area != latest)


def _grouped(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for text, year in pairs:
        found.setdefault(text, []).append(str(year))
    return [(", ".join(years), text) for text, years in found.items()]


def _symbol_id(status: str) -> str:
    return f"form-{status.replace('|', '-')}"


def symbols() -> list[dict[str, Any]]:
    """Return the symbols of the statuses, drawn as in the figures.

    Returns
    -------
    list
        ``id``, ``path``, ``fill`` (opacity) and ``name`` of each.
    """
    from ascn_analysis.figures import forms

    return [
        {"id": _symbol_id(status), "path": path, "fill": forms.FILLS[status], "name": v.STATUS_NAMES[status]}
        for status, path in forms.SHAPES.items()
    ]


def histories(panel: pd.DataFrame, links: pd.DataFrame) -> list[Project]:
    """Follow every project through the reports.

    Parameters
    ----------
    panel
        Projects, one row per project and report, as `loaders.load_panel` gives them.
    links
        Judged pairs of rows, as `loaders.load_project_links` gives them.

    Returns
    -------
    list of Project
        Alphabetical by country and city, then in the order in which the reports first print them.
    """
    years = sorted(int(year) for year in panel["report_year"].unique())
    listed = panel.groupby("city_id")["report_year"].agg(set)
    rows = panel.sort_values(["country", "city", "report_year", "row_no"], kind="stable")
    notes = _link_notes(panel, links)
    made = []
    for project_id, own in rows.groupby("project_id", sort=False):
        known = {int(row["report_year"]): _listing(row) for row in own.to_dict("records")}
        of_city = listed[own["city_id"].iloc[0]]
        cells = {year: known.get(year) or _absence(year, of_city, known) for year in years}
        names = {name: str(own[name].iloc[0]) for name in ("city_id", "city", "iso3", "country")}
        both = [*notes.get(str(project_id), []), *_area_notes(list(known.values()))]
        made.append(Project(id=str(project_id), title=str(own["title"].iloc[-1]), **names, cells=cells, notes=both))
    return made


def _listing(row: dict[str, Any]) -> Listing:
    return Listing(
        year=int(row["report_year"]), title=row["project_printed"], area_id=row["focus_area_id"], area=row["focus_area"],
        status=row["status"], list=row["list"], page=int(row["page"]), url=row["url"],
    )  # fmt: skip


def _absence(year: int, of_city: set[int], known: dict[int, Listing]) -> str:
    """Say why a report does not list a project; the reports of its city, which may have no row at all, say more."""
    if year not in of_city:
        return absence(year, min(of_city))
    if year < min(known):
        return "not yet listed"
    return "no longer listed" if year > max(known) else "not listed"


def absence(year: int, first: int | None) -> str:
    """Say why a report has no row of a city that `first` lists first, or none so far, as `maps.count_projects` does.

    The roster gives years of joining only, and reports come in the middle of a year: a city that no report lists yet is not yet a
    member in them, whatever its year.

    Examples
    --------
    >>> absence(2023, 2024), absence(2025, None), absence(2025, 2024)
    ('not yet a member', 'not yet a member', 'no row in this report')
    """
    return NOT_YET if first is None or year < first else NO_ROW


def _link_notes(panel: pd.DataFrame, links: pd.DataFrame) -> dict[str, list[Note]]:
    """Return the notes on renamed rows and on pairs that were kept apart, by project."""
    rows: dict[Key, dict[str, Any]] = {
        (int(row["report_year"]), row["list"], int(row["row_no"])): row for row in panel.to_dict("records")
    }
    found: dict[str, list[Note]] = {}
    for link in links[links["kind"] == "renamed"].to_dict("records"):
        before = rows[link["year_from"], link["list_from"], link["row_from"]]
        after = rows[link["year_to"], link["list_to"], link["row_to"]]
        for own, note in _notes(before, after, link):
            found.setdefault(str(own["project_id"]), []).append(note)
    return found


def _notes(before: dict[str, Any], after: dict[str, Any], link: dict[str, Any]) -> list[tuple[dict[str, Any], Note]]:
    evidence = str(link["evidence"])
    if link["confidence"] != "doubtful":
        text = f"Renamed in {link['year_to']} (judged {link['confidence']})."
        return [(after, Note(text, evidence))]
    return [
        (own, Note("Perhaps one project with another one; doubtful, so kept apart:", evidence, (other["project_id"], other["title"])))
        for own, other in ((before, after), (after, before))
    ]  # fmt: skip


def _area_notes(listings: list[Listing]) -> list[Note]:
    steps = pairwise(listings)
    return [
        Note(f"Filed elsewhere in {after.year}: under {after.area}, in {before.year} under {before.area}.")
        for before, after in steps
        if before.area != after.area
    ]


def write(site: Path, common: dict[str, Any], folder: loaders.Folder = None) -> None:
    """Write ``projects.html``: every project of every report on one line.

    Parameters
    ----------
    site
        The site's folder.
    common
        What all pages share.
    folder
        Folder of the tables; by default the data that came with the package.
    """
    panel = loaders.load_panel(folder)
    made = histories(panel, loaders.load_project_links(folder))
    years = list(made[0].cells)
    text = page.render(
        "projects.html.j2", root="", title="All projects", section="projects.html", projects=made, years=years, symbols=symbols(), areas=v.FOCUS_AREAS,
        listed={year: sum(isinstance(own.cells[year], Listing) for own in made) for year in years},
        description=f"All {len(made)} projects of the reports {years[0]} to {years[-1]}, with status and page of each report.",
        **common,
    )  # fmt: skip
    (site / "projects.html").write_text(text, encoding="utf-8")
