"""A project list of one's own: any programme, any country, taken as readily as the record.

`read` takes a file in, `guess` proposes which of its columns is what, and `check` either lists every problem with its
row or gives a frame that `ascn_analysis.metrics` take as they take the record. Nothing is written, nothing leaves the
machine.

Nothing is guessed in the cells either. Missing stays missing; where a measure would read a missing cell as something
else, the cell says so in words (a focus area "not given", a status with every answer left open), and `Checked.notes`
tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ascn_analysis import own_checks as checks
from ascn_analysis import spelling
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError
from ascn_analysis.own_checks import NOT_GIVEN, NOT_GIVEN_ID, OPEN, Fault, Rows
from ascn_analysis.own_columns import FIELDS, OTHER_NAMES, PLACE, STATUS_SYNONYMS, Field, guess, status_key, texts
from ascn_analysis.own_files import read, read_bytes

__all__ = [
    "FIELDS",
    "MAX_LISTED",
    "NOT_GIVEN",
    "NOT_GIVEN_ID",
    "OPEN",
    "OTHER_NAMES",
    "PLACE",
    "STATUS_SYNONYMS",
    "Checked",
    "Field",
    "Problem",
    "check",
    "guess",
    "load",
    "read",
    "read_bytes",
]

MAX_LISTED: Final = 1000
"""Problems that `check` lists; the rest is counted."""
_SHOWN: Final = 80
_EXAMPLES: Final = 5


@dataclass(frozen=True)
class Problem:
    """One cell that is not as expected.

    Attributes
    ----------
    row
        Line of the file (the header of a CSV file is line 1), or number of the row from 1 in a Parquet file; None
        where the problem is in the list as a whole.
    column
        Name of the column in the file, or of the field that has no column.
    value
        The cell as printed; None where it is empty.
    expected
        What should stand there.
    text
        All of this in a sentence.
    """

    row: int | None
    column: str
    value: str | None
    expected: str
    text: str


@dataclass(frozen=True)
class Checked:
    """What `check` found.

    Attributes
    ----------
    projects
        One row per project and report, with the columns of `loaders.load_projects` and ``url``; None where there is a
        problem. ``status_basis`` is ``stated``, ``list`` or ``open``.
    problems
        The first 1000 problems, those of the list as a whole before those of rows; by row, then in the order of
        `FIELDS`.
    notes
        What was done with the list, and what cannot be measured or drawn from it; a sentence or two each.
    more
        Problems beyond those listed.
    own_areas
        Whether the list has focus areas other than ASEAN's six.
    categories
        Focus areas that could have a project, as `metrics.concentration` asks for them: the six, or those of the list.
    """

    projects: pd.DataFrame | None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: int = 0
    own_areas: bool = False
    categories: int = len(v.FOCUS_AREAS)


def check(
    frame: pd.DataFrame, mapping: Mapping[str, str | None], *, countries: Mapping[str, str] | None = None
) -> Checked:
    """Check a list of projects, and bring it into the form that `ascn_analysis.metrics` take.

    Parameters
    ----------
    frame
        One row a project and report, as `read` gives it; the index tells the rows' numbers.
    mapping
        Field of `FIELDS` to column, as `guess` proposes and a reader has confirmed; None for a field that the list
        lacks.
    countries
        Further spellings of countries, to their ISO codes of three letters. ASEAN's names, `OTHER_NAMES` and ISO
        codes are known without.

    Returns
    -------
    Checked
        The projects if nothing is wrong; otherwise every problem with its row. Titles stay to the letter
        (``project_printed``); ``title`` is that of the latest year, without outer spaces.

    Raises
    ------
    AscnError
        If the mapping names a field or column that does not exist or a column twice, `countries` contradicts a known
        name, or a mapped column holds something else than text, numbers and dates.

    Notes
    -----
    A project is followed over the years by its id, or else by country, city and title, letter by letter: a renamed
    project is then one no longer listed and one newly listed. A row without a status gets the set of all three, because
    nothing is excluded; left empty, `metrics.cohorts` would read it as no longer listed. Where there are no lists,
    ``list`` repeats the status (``all`` where it is open), so that completed projects are told apart in the splits of
    growth.
    """
    rows = _take(frame, mapping, checks.countries(countries or {}))
    faults = [*checks.unreadable(rows), *checks.missing(rows)]
    for step in checks.STEPS:
        faults += step(rows)
    lacking = _lacking(rows)
    listed, more = _listed(rows, faults, MAX_LISTED - len(lacking))
    areas = set(rows.values["focus_area_id"].unique())
    own_areas = bool(areas - {*v.FOCUS_AREA_NAMES, NOT_GIVEN_ID})
    categories = max(2, len(areas)) if own_areas else max(len(v.FOCUS_AREAS), len(areas))
    problems = lacking + listed
    projects = None if problems else _projects(rows)
    return Checked(projects, problems, list(_notes(rows, own_areas, categories)), more, own_areas, categories)


def load(
    path: str | Path,
    mapping: Mapping[str, str | None] | None = None,
    *,
    countries: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Read and check a list of projects in one step, for a script.

    Parameters
    ----------
    path
        A CSV or Parquet file, as `read` takes it.
    mapping, countries
        As `check` takes them; without a mapping the columns are guessed.

    Returns
    -------
    DataFrame
        The projects, as ``Checked.projects``.

    Raises
    ------
    AscnError
        If the file cannot be read or has a problem: the message gives the first five and the number of the rest.
    """
    frame = read(path)
    checked = check(frame, guess(frame.columns, frame) if mapping is None else mapping, countries=countries)
    if checked.projects is None:
        first, rest = checked.problems[:_EXAMPLES], len(checked.problems) - _EXAMPLES + checked.more
        told = "\n".join(f"  {problem.text}" for problem in first) + (f"\n  and {rest} more" if rest > 0 else "")
        raise AscnError(f"{Path(path).name}: not a list of projects as expected:\n{told}")
    return checked.projects


def _take(frame: pd.DataFrame, mapping: Mapping[str, str | None], countries: checks.Countries) -> Rows:
    _check_mapping(frame, mapping)
    columns = {name: column for name in FIELDS if (column := mapping.get(name)) is not None}
    printed = {name: texts(frame[column], str(column)) for name, column in columns.items()}
    trimmed = {name: cells.str.strip() for name, cells in printed.items()}
    trimmed = {name: cells.where(cells != "") for name, cells in trimmed.items()}
    numbered = pd.api.types.is_integer_dtype(frame.index.dtype) and frame.index.is_unique and not frame.index.hasnans
    lines = frame.index.to_numpy(dtype="int64") if numbered else np.arange(1, len(frame) + 1)
    return Rows(lines, {name: str(column) for name, column in columns.items()}, printed, trimmed, countries)


def _check_mapping(frame: pd.DataFrame, mapping: Mapping[str, str | None]) -> None:
    chosen = [column for column in mapping.values() if column is not None]
    for name, column in mapping.items():
        if name not in FIELDS:
            raise AscnError(f"the mapping has a field {name!r}; expected only {', '.join(FIELDS)}")
        if column is not None and list(frame.columns).count(column) != 1:
            raise AscnError(f"the mapping gives column {column!r} for {name}; expected a column that the list has once")
        if column is not None and chosen.count(column) > 1:
            raise AscnError(f"the mapping uses column {column!r} twice; expected each column once")


# Problems


def _lacking(rows: Rows) -> list[Problem]:
    """List what is wrong with the list as a whole."""
    found = [(wanted.label, wanted.expected) for name, wanted in FIELDS.items()
             if wanted.required and name not in rows.columns]  # fmt: skip
    if not any(name in rows.columns for name in PLACE):
        found.append(("country or city", "a column that names the country or the city of each project"))
    problems = [
        Problem(None, label, None, said, f"no column gives the {label}; expected {said}") for label, said in found
    ]
    if not len(rows.lines):
        problems.append(Problem(None, "", None, "at least one row", "the list has no rows; expected at least one row"))
    return problems


def _listed(rows: Rows, faults: Sequence[Fault], most: int) -> tuple[list[Problem], int]:
    """Word the first problems by row and column, one a cell, and count the rest."""
    order = {name: place for place, name in enumerate(rows.columns)}
    at = np.concatenate([np.empty(0, dtype=np.intp), *(fault.at for fault in faults)])
    which = np.repeat(np.arange(len(faults)), [len(fault.at) for fault in faults])
    columns = np.array([order.get(fault.name, 0) for fault in faults], dtype=np.intp)[which]
    # The first fault that was found in a cell is the plainest one.
    _, first = np.unique(at * len(FIELDS) + columns, return_index=True)
    return [_problem(rows, faults[which[i]], int(at[i])) for i in first[:most]], len(first[most:])


def _problem(rows: Rows, fault: Fault, at: int) -> Problem:
    column, cell = rows.columns[fault.name], rows.printed[fault.name][at]
    value = None if pd.isna(cell) else str(cell)
    said, expected, row = fault.fault(at), fault.expected(at), int(rows.lines[at])
    shown = "" if value is None else f" (value {_short(value)!r})"
    named = column if column.isprintable() else repr(column)
    return Problem(row, column, value, expected, f"row {row}, column {named}: {said}{shown}; expected {expected}")


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


# Projects


def _projects(rows: Rows) -> pd.DataFrame:
    """Put the columns of `loaders.load_projects` together; what the list does not tell is missing."""
    n, values = len(rows.lines), rows.values
    unknown, no_number = checks.nothing(n), pd.Series([None] * n, dtype="Int64")
    project, year = values["project"], values["report_year"].astype("int64")
    known = "project_id" in rows.columns
    return pd.DataFrame(
        {
            "report_year": year,
            "list": values["list"],
            "row_no": rows.lines,
            "project_id": rows.cells("project_id") if known else _numbered(project),
            "city_id": values["city_id"],
            "country_printed": rows.printed.get("country", unknown),
            "city_printed": rows.printed.get("city", unknown),
            "project_printed": rows.printed["title"],
            "focus_area_printed": rows.printed.get("focus_area", unknown),
            "focus_area_id": values["focus_area_id"],
            "status": values["status"],
            "status_basis": values["status_basis"],
            "source_id": unknown,
            "page": no_number,
            "url": unknown,
            "as_of": values["as_of"],
            "city": rows.cells("city"),
            "iso3": values["iso3"],
            "country": values["iso3"].map(dict(rows.countries.names)).astype("str"),
            "joined_year": no_number,
            "cohort": unknown,
            "focus_area": values["focus_area"],
            "title": _latest(rows.cells("title"), project.to_numpy(), year.to_numpy()),
        }
    )


def _numbered(project: pd.Series) -> pd.Series:
    return "project-" + (project + 1).astype("str").str.zfill(7)


def _latest(titles: pd.Series, project: checks.Places, years: checks.Places) -> pd.Series:
    """Give every row the title that its project has in the latest year."""
    order = np.argsort(years, kind="stable")
    last = np.empty(project.max() + 1, dtype=np.intp)
    last[project[order]] = order
    return titles.take(last[project]).reset_index(drop=True)


# Notes

_FOLLOWS: Final = {
    "country": "the country stays missing, and selections by country leave them out",
    "city": "the city stays missing, and metrics.per_city takes them for one city without a name",
    "focus_area": f'their focus area is "{NOT_GIVEN}"',
    "status": "every answer is left open, or what the list leaves open",
    "as_of": "growth has no days between reports and no annual rate",
    "list": "the status says which list they count for",
}
"""What follows where a row does not tell something."""


def _notes(rows: Rows, own_areas: bool, categories: int) -> Iterator[str]:
    """Say what was done with the list, and what it cannot tell."""
    names = {spelling.key(name): v.COUNTRY_NAMES[iso3] for name, iso3 in OTHER_NAMES.items()}
    yield _identity(rows)
    yield from _read_as(rows, "country", spelling.key, names)
    yield from _read_as(rows, "status", status_key, STATUS_SYNONYMS)
    yield from _gaps(rows)
    if own_areas or categories > len(v.FOCUS_AREAS):
        kept = "of its own, kept as printed" if own_areas else f'and some "{NOT_GIVEN}"'
        yield f"The list has focus areas {kept}: pass categories={categories} to metrics.concentration."
    yield from _alike(rows, "city", rows.values["iso3"].fillna(""))
    yield from _alike(rows, "focus_area", "")
    yield from _map(rows)


def _identity(rows: Rows) -> str:
    if "project_id" in rows.columns:
        return f"Projects are followed from year to year by the column {rows.columns['project_id']!r}."
    return (
        "Projects are followed from year to year by country, city and title, letter by letter without outer spaces: "
        "a project that was renamed counts as one no longer listed and one newly listed."
    )


def _read_as(rows: Rows, name: str, key: Callable[[str], str], meanings: Mapping[str, str]) -> Iterator[str]:
    """Say which spellings were read as which."""
    counts = {str(text): int(n) for text, n in rows.cells(name).value_counts().items()}
    found = {text: meanings[key(text)] for text in sorted(counts) if key(text) in meanings}
    if found:
        said = ", ".join(f"{text!r} as {meaning} (rows: {counts[text]})" for text, meaning in found.items())
        yield f"Read in the column {rows.columns[name]!r}: {said}."


def _gaps(rows: Rows) -> Iterator[str]:
    """Say what rows do not tell, and what follows."""
    total = len(rows.lines)
    for name, then in _FOLLOWS.items():
        n = int(rows.cells(name).isna().sum())
        if n:
            which = "No row gives" if n == total else f"{n} of {total} rows do not give"
            yield f"{which} the {FIELDS[name].label}: {then}."
    yield "Years of joining a network are not known: the split of growth by membership does not apply."
    yield "There are no pages of documents to link to."


def _alike(rows: Rows, name: str, groups: pd.Series | str) -> Iterator[str]:
    """Name spellings that were kept apart though they differ in case, accents or signs only."""
    cells = pd.DataFrame({"group": groups, "text": rows.cells(name), "id": rows.values[f"{name}_id"]})
    cells = cells.dropna(subset="text").drop_duplicates(["group", "id"])
    together: dict[tuple[str, str], list[str]] = {}
    for group, text in zip(cells["group"], cells["text"], strict=True):
        together.setdefault((group, spelling.slug(text)), []).append(text)
    found = [", ".join(sorted(texts)) for _, texts in sorted(together.items()) if len(texts) > 1]
    if found:
        yield f"Kept apart, though they differ in case, accents or signs only: {_some(found)}."


def _some(found: Sequence[str]) -> str:
    rest = len(found) - _EXAMPLES
    return "; ".join(found[:_EXAMPLES]) + (f"; and {rest} more" if rest > 0 else "")


def _map(rows: Rows) -> Iterator[str]:
    """Say what a map cannot draw."""
    iso3 = rows.values["iso3"].dropna()
    outside = iso3[~iso3.isin(list(v.COUNTRY_NAMES))]
    if len(outside):
        names = _some([rows.countries.names.get(code, code) for code in sorted(outside.unique())])
        yield f"Maps have the outlines of ASEAN's eleven member states only: they cannot draw {names}."
    yield "The list has no coordinates: a map can place only those cities that are members of the network."
