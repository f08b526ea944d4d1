"""The draft of the next report: what the PDF and the record give without judging, and what a person must still decide.

Nothing is guessed. A city is named where its printed spelling is known, a focus area where its printed label is, and a project
where city and title agree to the letter with one row of the report before; every other cell stays empty and is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders, report_pdf, status
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SourceError
from ascn_analysis.report_pdf import Report, Say
from ascn_analysis.schemas import TABLES

YEARS: Final = (2022, 2100)
"""The years that a report can have: the first with an appendix, and the last that the schemas take."""
PRINTED: Final = ("country_printed", "city_printed", "project_printed", "focus_area_printed")
_RECORD: Final = ("project_reports", "projects", "cities", "city_names", "project_links", "searches", "sources")
_AGREE: Final = "city and title agree"

Record = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Draft:
    """The draft of a report.

    Attributes
    ----------
    year
        Year of the report.
    report
        The PDF as read.
    record
        The record that it is compared with, without this and later reports.
    rows
        The appendix with the columns of ``project_reports.csv``; what is not known is missing.
    again
        Whether the record already holds this report or a later one.
    """

    year: int
    report: Report
    record: Record
    rows: pd.DataFrame
    again: bool

    @property
    def before(self) -> int | None:
        """Return the year of the report before, or None for the first one."""
        years = self.record["project_reports"]["report_year"]
        return None if years.empty else int(years.max())

    @property
    def latest(self) -> pd.DataFrame:
        """Return the rows of the report before."""
        rows = self.record["project_reports"]
        return rows[rows["report_year"] == self.before]


def make(year: int, pdf: Path, folder: loaders.Folder = None, say: Say = lambda _: None) -> Draft:
    """Read a report into a draft.

    Parameters
    ----------
    year
        Year of the report.
    pdf
        Its PDF file.
    folder
        Folder of the tables that it is compared with; by default the record.
    say
        Called with a line on each step.

    Returns
    -------
    Draft
        Its rows are in print order, one a row of the appendix.

    Raises
    ------
    SourceError
        If the year is out of range or is not the one that the report prints, or the PDF cannot be read as a report.
    TableError
        If a table is not as its schema says.
    """
    check_year(year)
    whole = {name: loaders.load_table(name, folder) for name in _RECORD}
    record, again = _until(year, whole), bool((whole["project_reports"]["report_year"] >= year).any())
    report = report_pdf.read(pdf, say)
    own = report_pdf.own_date(report)
    if own is not None and own[0] != year:
        raise SourceError(f"{pdf}: its pages are headed 'Report {own[0]} (as of {own[1]})'; expected {year}")
    return Draft(year, report, record, _rows(year, report.rows, record), again)


def check_year(year: int) -> None:
    """Raise `SourceError` if no report can have that year."""
    if not YEARS[0] <= year <= YEARS[1]:
        raise SourceError(f"year {year} is out of range; expected a year from {YEARS[0]} to {YEARS[1]}")


def _until(year: int, record: Record) -> Record:
    """Leave out of the record what later reports and this one gave."""
    kept = dict(record)
    kept["project_reports"] = record["project_reports"].query("report_year < @year")
    kept["project_links"] = record["project_links"].query("year_to < @year")
    kept["searches"] = record["searches"].query("report_year < @year")
    return kept if not kept["searches"].empty else {**kept, "searches": record["searches"]}


def _rows(year: int, read: pd.DataFrame, record: Record) -> pd.DataFrame:
    cities = record["city_names"].set_index("printed")["city_id"]
    rows = read.assign(
        report_year=year,
        source_id=f"me-{year}",
        city_id=read["city_printed"].map(cities),
        focus_area_id=read["focus_area_printed"].map(labels(record)),
    )
    asked = rows.assign(city_id=rows["city_id"].fillna(""), focus_area_id=rows["focus_area_id"].fillna(""))
    no_exhibit = pd.DataFrame(columns=["report_year", "city_id", "focus_area", "status", "n"])
    rows = rows.assign(project_id=_same(rows, record), **status.derive(asked, no_exhibit))
    return rows[list(TABLES["project_reports"].columns)]


def labels(record: Record) -> dict[str, str]:
    """Return the printed labels of focus areas that are known, with the area of each."""
    rows = record["project_reports"]
    printed = dict(zip(rows["focus_area_printed"], rows["focus_area_id"], strict=True))
    return printed | {name: area for area, name in v.FOCUS_AREA_NAMES.items()}


def _same(rows: pd.DataFrame, record: Record) -> pd.Series:
    """Return the project of the row with the same city and title in the report before, where there is just one on each side."""
    keys, known = ["city_id", "project_printed"], record["project_reports"]
    latest = known[known["report_year"] == known["report_year"].max()]
    once = latest[~latest.duplicated(keys, keep=False)]
    found = rows[keys].merge(once[[*keys, "project_id"]], how="left", on=keys)["project_id"].set_axis(rows.index)
    return found.where(~rows.duplicated(keys, keep=False) & rows["city_id"].notna())


# The tables of the draft


def tables(draft: Draft) -> dict[str, pd.DataFrame]:
    """Return the files of a draft.

    Returns
    -------
    dict of DataFrame
        By path within the draft: ``projects.csv`` is the whole table with notes brought up to date (not for a report that the
        record already holds), all others hold rows to be added to the file of that name.
    """
    program = ["report_year", "list", "row_no", *PRINTED, "page"]
    source = pd.DataFrame([report_pdf.source_row(draft.report, draft.year)], columns=list(TABLES["sources"].columns))
    notes = {} if draft.again else {"projects.csv": _projects(draft)}
    return {
        "project_reports.csv": draft.rows,
        "project_links.csv": _links(draft),
        **notes,
        "searches.csv": _searches(draft),
        "sources.csv": source,
        "coding/project_reports_by_program.csv": draft.rows[program],
    }


def _links(draft: Draft) -> pd.DataFrame:
    """Join each row that agrees with one of the report before to it: the rule that needs no judgement."""
    joined = draft.rows.dropna(subset="project_id").merge(draft.latest, on="project_id", suffixes=("", "_before"))
    links = joined.assign(
        year_from=joined["report_year_before"], list_from=joined["list_before"], row_from=joined["row_no_before"],
        year_to=joined["report_year"], list_to=joined["list"], row_to=joined["row_no"],
        kind="same", confidence="sure", evidence=_AGREE,
    )  # fmt: skip
    return links[list(TABLES["project_links"].columns)]


def _projects(draft: Draft) -> pd.DataFrame:
    """Return ``projects.csv`` with the note of each project that goes on brought up to date."""
    projects, going_on = draft.record["projects"], set(draft.rows["project_id"].dropna())
    notes = [
        _note(note, draft.before, draft.year) if project in going_on else note
        for project, note in zip(projects["project_id"], projects["link_note"], strict=True)
    ]
    return projects.assign(link_note=notes)


def _note(note: str, before: int | None, year: int) -> str:
    """Bring a note up to date.

    Examples
    --------
    >>> _note("city and title agree, 2022 to 2025", 2025, 2026)
    'city and title agree, 2022 to 2026'
    >>> _note("listed in one report; doubtful pair kept apart: a-b", 2025, 2026)
    'city and title agree, 2025 to 2026; doubtful pair kept apart: a-b'
    """
    if re.search(rf"{_AGREE}, \d{{4}} to {before}", note):
        return re.sub(rf"({_AGREE}, \d{{4}} to ){before}", rf"\g<1>{year}", note)
    new = f"{_AGREE}, {before} to {year}"
    alone = "listed in one report"
    return note.replace(alone, new, 1) if note.startswith(alone) else f"{note}; {new}"


def _searches(draft: Draft) -> pd.DataFrame:
    """Ask the report what every report was asked; what the places speak of is left to a reader."""
    asked = draft.record["searches"].drop_duplicates("topic")
    found = [report_pdf.search(draft.report, pattern) for pattern in asked["pattern"]]
    answers: dict[str, Any] = {
        "report_year": draft.year,
        "hits": [hits for hits, _ in found],
        "pages": ["|".join(map(str, pages)) or None for _, pages in found],
        "about": None,
        "source_id": f"me-{draft.year}",
    }
    return asked.assign(**answers)[list(TABLES["searches"].columns)]
