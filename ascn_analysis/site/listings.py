"""Every row of the reports' appendices as printed, each cell a link to its page of the official PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders
from ascn_analysis import vocabulary as v
from ascn_analysis.metrics import ALL
from ascn_analysis.site import page

LISTS: Final = {"all": "All projects", "ongoing_or_planning": "Ongoing and planned projects", "completed": "Completed projects"}  # fmt: skip
"""The lists of an appendix, in words of our own."""
COLUMNS: Final = ("row_no", "country_printed", "city_printed", "project_printed", "focus_area_printed")


def write(site: Path, common: dict[str, Any], folder: Path = loaders.DATA) -> None:
    """Write ``appendix.html``.

    Raises
    ------
    TableError
        If a table is not as its schema says.
    """
    rows = printed(folder)
    reports = loaders.load_sources(folder).set_index("source_id")
    text = page.render(
        "appendix.html.j2", root="", title="The appendices, row by row", section="", total=len(rows), counts=_counts(rows),
        reports=[_report(int(year), part, reports) for year, part in rows.groupby("report_year")],
        description="Every row of the appendices of the yearly reports as printed, with a link to its page.",
        **common,
    )  # fmt: skip
    (site / "appendix.html").write_text(text, encoding="utf-8")


def printed(folder: Path = loaders.DATA) -> pd.DataFrame:
    """Return the appendix rows as printed, with country and address.

    Returns
    -------
    DataFrame
        In print order: `COLUMNS`, ``report_year``, ``list``, ``source_id``, ``page``, ``iso3``, ``url`` (of the page).
    """
    rows = loaders.load_projects(folder)
    addresses = rows["source_id"].map(loaders.load_sources(folder).set_index("source_id")["url"])
    kept = [*COLUMNS, "report_year", "list", "source_id", "page", "iso3"]
    return rows[kept].assign(url=addresses + "#page=" + rows["page"].astype("str"))


def _report(year: int, rows: pd.DataFrame, sources: pd.DataFrame) -> dict[str, Any]:
    source = sources.loc[rows["source_id"].iloc[0]]
    lists = [(name, rows[rows["list"] == name]) for name in LISTS if (rows["list"] == name).any()]
    return {
        "year": year,
        "title": source["title"],
        "url": source["url"],
        "as_of": source["as_of"],
        "count": len(rows),
        "lists": [(LISTS[name], part.to_dict("records")) for name, part in lists],
    }


def _counts(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Say for the whole network and for each country how many rows each report has."""
    whole = f"{len(rows)} rows: {_spell(rows)}."
    return [(ALL, whole), *((iso3, _count(name, rows[rows["iso3"] == iso3])) for iso3, name in v.COUNTRY_NAMES.items())]


def _count(country: str, rows: pd.DataFrame) -> str:
    return f"{country}: {_spell(rows)}." if len(rows) else f"{country}: no row in these reports."


def _spell(rows: pd.DataFrame) -> str:
    return ", ".join(f"{n} in {year}" for year, n in rows.groupby("report_year").size().items())
