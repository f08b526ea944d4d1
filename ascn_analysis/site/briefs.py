"""The country pages: the list of states, one brief each that prints on one sheet, and one sheet each to verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.figures.theme import spell_date
from ascn_analysis.site import changed, page, quotes, squares, verify
from ascn_analysis.site.country import ROSTER, Country, Record

_SECTION: Final = "countries/index.html"
ANALYSES: Final = (
    ("01_member_cities", "Member cities"),
    ("02_project_growth", "Growth"),
    ("03_focus_areas", "Focus areas"),
    ("04_implementation_status", "Status"),
    ("05_project_histories", "Histories"),
    ("06_plans_and_delivery", "Plans of 2018"),
    ("07_partners", "Partners"),
)
"""Notebooks that follow the choice of a country, and how a brief calls them."""


def write(site: Path, common: dict[str, Any], folder: loaders.Folder = None) -> None:
    """Write ``countries/``: ``index.html``, and for each member state ``<ISO3>.html``, ``<ISO3>-verify.html`` and ``<ISO3>-verify.csv``.

    Parameters
    ----------
    site
        Folder of the site; ``countries`` is made in it where it is not there.
    common
        What every page shows.
    folder
        Folder of tables; by default the data that came with the package.
    """
    target = site / "countries"
    target.mkdir(parents=True, exist_ok=True)
    record = Record(folder)
    every = [Country(record, iso3) for iso3 in v.COUNTRY_NAMES]
    for country in every:
        parts = verify.parts(country)
        (target / f"{country.iso3}.html").write_text(brief(country, parts, common), encoding="utf-8")
        (target / f"{country.iso3}-verify.html").write_text(sheet(country, parts, common), encoding="utf-8")
        # With the mark that tells a spreadsheet program that this is UTF-8: the file is there to be filled in.
        (target / f"{country.iso3}-verify.csv").write_text(verify.to_csv(parts), encoding="utf-8-sig")
    (target / "index.html").write_text(index(record, every, common), encoding="utf-8")


def brief(country: Country, parts: list[verify.Part], common: dict[str, Any]) -> str:
    """Render a country's brief."""
    record = country.record
    return page.render(
        "brief.html.j2", root="../", title=f"{country.name}: country brief", section=_SECTION, country=country,
        description=f"{country.name} in the ASEAN Smart Cities Network: member cities, projects, changes, figures that are safe to quote.",
        day=spell_date(record.as_of(record.latest)), day_before=spell_date(record.as_of(record.before)), numbers=numbers(country),
        network=_network(record), cities=cities(country), picture=squares.network(country), picture_heading=squares.heading(country),
        picture_reading=squares.reading(country), changes=changed.changes(country), stayed=changed.stayed(country),
        quotes=quotes.quotes(country), summary=verify.summary(country, parts), questions=verify.questions(parts),
        places=_places(country), analyses=ANALYSES, **common,
    )  # fmt: skip


def sheet(country: Country, parts: list[verify.Part], common: dict[str, Any]) -> str:
    """Render a country's verification sheet."""
    return page.render(
        "verify.html.j2", root="../", title=f"{country.name}: please verify", section=_SECTION, country=country,
        description=f"What the record holds of {country.in_text}, row by row, to confirm or to correct.",
        day=spell_date(country.record.as_of(country.record.latest)), parts=parts,
        total=sum(len(part.items) for part in parts), **common,
    )  # fmt: skip


def index(record: Record, every: list[Country], common: dict[str, Any]) -> str:
    """Render the list of member states."""
    return page.render(
        "countries.html.j2", root="../", title="Countries", section=_SECTION,
        description="One brief and one verification sheet for each member state of ASEAN.",
        states=[(country, squares.mini(country)) for country in every], latest=record.latest,
        day=spell_date(record.as_of(record.latest)), roster=record.link(ROSTER), **common,
    )  # fmt: skip


def numbers(country: Country) -> list[tuple[str, str]]:
    """Return the key numbers as (number, what it counts); those of the latest report only where it lists the country."""
    rows, latest = country.rows(), country.record.latest
    members = len(country.cities)
    made = [(str(members), f"member {'city' if members == 1 else 'cities'} ({_joined(country)})")]
    if rows.empty:
        return made
    made += [(str(len(rows)), f"{'project' if len(rows) == 1 else 'projects'} in the {latest} report")]
    made += _statuses(country)
    made += [(f"{len(rows) / rows['city_id'].nunique():.1f}", "projects per city listed")]
    return [*made, (str(rows["focus_area_id"].nunique()), f"of the {len(v.FOCUS_AREAS)} focus areas")]


def _statuses(country: Country) -> list[tuple[str, str]]:
    """Count the icons of Exhibit 2: they tell how many projects have each status, where it stays open which."""
    icons = country.of(country.record.icons)
    latest = icons.loc[icons["report_year"] == country.record.latest, "status"]
    return [(str((latest == name).sum()), words) for name, words in _STATUS_WORDS]


_STATUS_WORDS: Final = (("completed", "completed"), ("ongoing", "ongoing"), ("planning", "in planning"))


def _joined(country: Country) -> str:
    years = country.cities["joined_year"].value_counts().sort_index()
    if len(years) == 1:
        return f"since {years.index[0]}"
    return ", ".join(f"{n} {'since' if not i else 'in'} {year}" for i, (year, n) in enumerate(years.items()))


def _network(record: Record) -> str:
    """Say the same numbers of the whole network."""
    rows = record.rows(record.latest)
    listed = rows["city_id"].nunique()
    return (
        f"The whole network: {len(record.cities)} member cities; {len(rows)} projects in {listed} cities, "
        f"{len(rows) / listed:.1f} per city listed."
    )


def cities(country: Country) -> list[dict[str, Any]]:
    """Return the member cities with their numbers; what no report lists has none.

    Returns
    -------
    list of dict
        ``id``, ``name``, ``joined``, ``counts`` (one a report, None where it does not list the city), ``done`` (completed in
        the latest report); the last one, with an empty id, is the country's sum.
    """
    years, own = country.record.years, country.cities
    made = [
        {"id": row.city_id, "name": row.city, "joined": row.joined_year, "done": _known(row.completed),
         "counts": [_known(getattr(row, f"n_{year}")) for year in years]}
        for row in own.itertuples()
    ]  # fmt: skip
    if len(made) == 1:
        return made
    sums = metrics.profiles.countries(own).iloc[0]
    total = {"id": "", "name": country.name, "joined": "", "done": _known(sums["completed"]),
             "counts": [_known(sums[f"n_{year}"]) for year in years]}  # fmt: skip
    return [*made, total]


def _known(n: Any) -> int | None:
    return None if pd.isna(n) else int(n)


def _places(country: Country) -> list[quotes.Source]:
    """Return where the key numbers stand."""
    record = country.record
    roster = quotes.Source("roster of the network", "", [record.link(ROSTER)._replace(text="asean.org")])
    if country.rows().empty:
        return [roster]
    return [roster, quotes.appendix(country), quotes.exhibit(country, 2)]
