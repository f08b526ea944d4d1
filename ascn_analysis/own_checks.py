"""The checks of a list of one's own: each takes cells in and names those that are not as expected.

A check looks every different cell up once and works on whole columns, so that a million rows take seconds. It returns
faults, each with the places of all its cells; only those that will be listed are put into words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ascn_analysis import spelling
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError
from ascn_analysis.own_columns import (
    DAY,
    FIELDS,
    ISO3,
    OTHER_NAMES,
    PLACE,
    STATUS_SYNONYMS,
    YEAR,
    YEARS,
    known_countries,
    status,
)
from ascn_analysis.own_files import CELL_LIMIT

Places: TypeAlias = npt.NDArray[np.intp]
Words: TypeAlias = Callable[[int], str]
"""What to say of the cell at a place."""

NOT_GIVEN_ID: Final = "not-given"
NOT_GIVEN: Final = "not given"
OPEN: Final = "|".join(v.STATUSES_REPORTED)
"""The status of a row that gives none: every answer is left open."""

_CONTROL: Final = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]"
_NOTHING: Final = (
    *("nan", "NaN", "-nan", "inf", "-inf", "+inf", "Inf", "-Inf", "Infinity", "-Infinity", "NaT"),
    *("<NA>", "#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "N/A", "NA", "None", "NULL", "null"),
)
"""What programs write where they know nothing; taken for a name it would be counted."""
_NEAR: Final = 0.85
_OF_LIST: Final = {"all": OPEN, "ongoing_or_planning": "planning|ongoing", "completed": "completed"}
_LIST_OF: Final = {
    **dict.fromkeys(("planning", "ongoing", "planning|ongoing"), "ongoing_or_planning"),
    "completed": "completed",
}


@dataclass(frozen=True)
class Countries:
    """Known countries: spelling to ISO code, ISO code to the name that is shown, and spellings to offer."""

    codes: Mapping[str, str]
    names: Mapping[str, str]
    spellings: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A list as text.

    Attributes
    ----------
    lines
        Number of each row in the file.
    columns
        Field to column, in the order of `FIELDS`, for the fields that have one.
    printed, trimmed
        Field to cells, as printed and without outer spaces; missing where empty.
    countries
        What the spellings of countries stand for.
    values
        What the checks made of the cells, by name; each check may use those of the checks before it.
    """

    lines: npt.NDArray[np.int64]
    columns: Mapping[str, str]
    printed: Mapping[str, pd.Series]
    trimmed: Mapping[str, pd.Series]
    countries: Countries
    values: dict[str, pd.Series] = field(default_factory=dict)

    def cells(self, name: str) -> pd.Series:
        """Return the cells of a field without outer spaces; all missing where it has no column."""
        return self.trimmed[name] if name in self.trimmed else nothing(len(self.lines))


@dataclass(frozen=True)
class Fault:
    """Cells of one field with one fault."""

    name: str
    at: Places
    fault: Words
    expected: Words


def nothing(n: int) -> pd.Series:
    """Return a column of text that is all missing."""
    return _taken([None], np.zeros(n, dtype=np.intp))


def places(mask: Any) -> Places:
    """Return where a mask is true."""
    return np.flatnonzero(np.asarray(mask, dtype=bool))


def countries(callers: Mapping[str, str]) -> Countries:
    """Put the caller's spellings of countries beside the known ones.

    Raises
    ------
    AscnError
        If one is no code of three capital letters, or contradicts a known spelling.
    """
    known = known_countries()
    for name, iso3 in callers.items():
        if re.fullmatch("[A-Z]{3}", str(iso3)) is None:
            raise AscnError(f"`countries` gives {iso3!r} for {name!r}; expected an ISO code of three capital letters")
        if (code := known.get(spelling.key(str(name)), iso3)) != iso3:
            raise AscnError(f"`countries` gives {iso3} for {name!r}; expected {code}, which it is known for")
    own = {spelling.key(str(name)): iso3 for name, iso3 in callers.items()}
    shown = {iso3: str(name) for name, iso3 in reversed(list(callers.items()))}
    # Other codes would be offered for almost anything short.
    spellings = (*v.COUNTRY_NAMES.values(), *map(str, callers), *OTHER_NAMES, *v.COUNTRY_NAMES)
    return Countries({**known, **own}, {**{iso3: iso3 for iso3 in ISO3}, **shown, **v.COUNTRY_NAMES}, spellings)


def _say(words: str) -> Words:
    return lambda _: words


def _expected(name: str) -> Words:
    return _say(FIELDS[name].expected)


def _with_odd(said: str, text: str) -> str:
    odd = spelling.odd(text)
    return f"{said}: {odd}" if odd else said


def _resolve(cells: pd.Series, judge: Callable[[str], str | None]) -> tuple[pd.Series, Places]:
    """Judge every different cell once; return the answers, and the places of the cells that have none."""
    codes, found = pd.factorize(cells)
    answers = [judge(cell) for cell in found]
    unknown = np.array([answer is None for answer in answers] + [False])
    return _taken([*answers, None], codes), places(unknown[codes])


def _taken(answers: list[str | None], codes: Places) -> pd.Series:
    """Look codes up; the last answer is that of -1."""
    return pd.Series(pd.array(answers, dtype="str").take(codes))


def _unknown(rows: Rows, name: str, at: Places, said: str, known: Iterable[str]) -> Fault:
    """Word cells that are not among the known spellings, with the nearest of them offered."""
    cells, spellings, expected = rows.cells(name), tuple(known), FIELDS[name].expected

    def offer(i: int) -> str:
        near = spelling.nearest(cells[i], spellings)
        return f"perhaps {near}; otherwise {expected}" if near else expected

    return Fault(name, at, lambda i: _with_odd(said, cells[i]), offer)


def unreadable(rows: Rows) -> Iterator[Fault]:
    """Find cells that no name can be made of."""
    for name, cells in rows.printed.items():
        control = places(cells.str.contains(_CONTROL, na=False))
        yield Fault(name, control, _say("a line break or control character"), _say("text in one line"))
        long = places(cells.str.len().fillna(0) > CELL_LIMIT)
        yield Fault(name, long, _say("the cell is too long"), _say(f"at most {CELL_LIMIT:,} characters"))
        void = places(rows.trimmed[name].isin(_NOTHING))
        yield Fault(name, void, _say("a word for nothing"), _say("an empty cell where nothing is known"))


def missing(rows: Rows) -> Iterator[Fault]:
    """Find rows without what every row needs."""
    for name in rows.columns:
        if FIELDS[name].required or name == "project_id":
            yield Fault(name, places(rows.cells(name).isna()), _say("the cell is empty"), _expected(name))
    given = [name for name in PLACE if name in rows.columns]
    if given:
        at = places(np.logical_and.reduce([rows.cells(name).isna() for name in given]))
        yield Fault(given[0], at, _say("the row has no place"), _say(" or ".join(f"a {name}" for name in given)))


def places_on_earth(rows: Rows) -> list[Fault]:
    """Take countries, and cities within them."""
    iso3, unknown = _resolve(rows.cells("country"), lambda cell: rows.countries.codes.get(spelling.key(cell)))
    numbers, names = _named(rows.cells("city"), iso3)
    ids = spelling.ids(name for name in names if name[1])
    rows.values.update(iso3=iso3, city_id=_taken([*map(ids.get, names), None], numbers))
    return [
        _unknown(rows, "country", unknown, "an unknown country", rows.countries.spellings),
        _misspelt(rows, "city", numbers, names),
    ]


def joint(*codes: Places) -> Places:
    """Return a number for each different combination of codes, in the order of their first rows."""
    combined = np.zeros(len(codes[0]), dtype=np.int64)
    for part in codes:
        combined = pd.factorize(combined * (part.max(initial=-1) + 2) + part + 1)[0]
    return combined


def _named(cells: pd.Series, groups: pd.Series) -> tuple[Places, list[spelling.Name]]:
    """Return a number for each (group, name), -1 where there is no name, and what the numbers stand for."""
    numbers = joint(pd.factorize(groups)[0], pd.factorize(cells)[0])
    _, first = np.unique(numbers, return_index=True)
    names = list(zip(groups.iloc[first].fillna(""), cells.iloc[first].fillna(""), strict=True))
    return np.where(cells.notna(), numbers, -1), names


def _misspelt(rows: Rows, name: str, numbers: Places, names: list[spelling.Name]) -> Fault:
    cells, found = rows.cells(name), spelling.impostors(pair for pair in names if pair[1])
    wrong = np.array([pair in found for pair in names] + [False])
    said = f"a {FIELDS[name].label} that looks like another"
    return Fault(
        name,
        places(wrong[numbers]),
        lambda i: _with_odd(said, cells[i]),
        lambda i: f"perhaps {spelling.seen(cells[i][: spelling.LONGEST])}; otherwise letters of one script",
    )


def years(rows: Rows) -> list[Fault]:
    """Take report years."""
    cells, (first, last) = rows.cells("report_year"), YEARS

    def fault(i: int) -> str:
        whole = re.fullmatch("[+-]?[0-9]+", cells[i])
        return _with_odd("a year out of range" if whole else "not a whole number", cells[i])

    def year(cell: str) -> str | None:
        return cell if YEAR.fullmatch(cell) and first <= int(cell) <= last else None

    found, wrong = _resolve(cells, year)
    rows.values["report_year"] = found.astype("Int64")
    return [Fault("report_year", wrong, fault, _expected("report_year"))]


def dates(rows: Rows) -> list[Fault]:
    """Take as-of dates; one for all rows of a report year, because growth is measured from one to the next."""
    days, wrong = _resolve(rows.cells("as_of"), _day)
    rows.values["as_of"] = days
    codes, found = pd.factorize(rows.values["report_year"])
    dated = places(days.notna() & (codes >= 0))
    first = _first(codes[dated], dated, codes)
    asked = np.setdiff1d(places(first >= 0), wrong)
    other = asked[places(days.iloc[asked].fillna("").to_numpy() != days.iloc[first[asked]].to_numpy())]

    def expected(i: int) -> str:
        return f"{days[first[i]]} as in row {rows.lines[first[i]]}: one date for a report year, or no column for it"

    return [
        Fault("as_of", wrong, _say("not a date"), _expected("as_of")),
        Fault("as_of", other, lambda i: f"not the date of the other rows of {found[codes[i]]}", expected),
    ]


def _day(cell: str) -> str | None:
    try:
        return cell if DAY.fullmatch(cell) and date.fromisoformat(cell) else None
    except ValueError:
        return None


def _first(codes: Places, at: Places, of: Places) -> Places:
    """Return, for each code of `of`, the first place in `at` that has it in `codes`; -1 where there is none."""
    found = np.full(max(of.max(initial=-1), codes.max(initial=-1)) + 2, -1, dtype=np.intp)
    found[codes[::-1]] = at[::-1]
    return found[of]


def statuses(rows: Rows) -> list[Fault]:
    """Take statuses and lists; where one is not given, the other says what it can."""
    stated, wrong = _resolve(rows.cells("status"), status)
    lists, off = _resolve(rows.cells("list"), _listing)
    taken = stated.fillna(lists.map(_OF_LIST)).fillna(OPEN).astype("str")
    basis = np.select([taken.str.contains("|", regex=False), stated.notna()], ["open", "stated"], "list")
    rows.values.update(
        status=taken,
        status_basis=pd.Series(basis, dtype="str"),
        list=lists.fillna(taken.map(_LIST_OF)).fillna("all").astype("str"),
    )
    done = stated.str.contains("completed", regex=False, na=True)
    against = places(((lists == "completed") & ~done) | ((lists == "ongoing_or_planning") & (stated == "completed")))
    return [
        _unknown(rows, "status", wrong, "an unknown status", (*v.STATUSES_REPORTED, *STATUS_SYNONYMS)),
        _unknown(rows, "list", off, "an unknown list", v.LISTS),
        Fault("status", against, lambda i: f"the row stands on the list {lists[i]}", _say("a status that fits it")),
    ]


def _listing(cell: str) -> str | None:
    word = spelling.key(cell).replace(" ", "_")
    return word if word in v.LISTS else None


def focus_areas(rows: Rows) -> list[Fault]:
    """Take focus areas: the six by name or id, any others as they are."""
    cells = rows.cells("focus_area")
    numbers, names = _named(cells, nothing(len(cells)))
    official = [_official(text) for _, text in names]
    others = spelling.ids(
        (name for name, area in zip(names, official, strict=True) if not area), [*v.FOCUS_AREA_NAMES, NOT_GIVEN_ID]
    )
    ids = [area or others[name] for name, area in zip(names, official, strict=True)]
    shown = {NOT_GIVEN_ID: NOT_GIVEN, **v.FOCUS_AREA_NAMES}
    rows.values.update(
        focus_area_id=_taken([*ids, NOT_GIVEN_ID], numbers),
        focus_area=_taken(
            [*(shown.get(area, text) for area, (_, text) in zip(ids, names, strict=True)), NOT_GIVEN], numbers
        ),
    )
    slips = _slips(official, names)
    return [
        _misspelt(rows, "focus_area", numbers, names),
        Fault(
            "focus_area",
            places(np.array([slip is not None for slip in slips] + [False])[numbers]),
            _say("almost the name of a focus area"),
            lambda i: f"perhaps {slips[numbers[i]]}; otherwise a name that is not so near to it",
        ),
    ]


def _bare(text: str) -> str:
    return "".join(word for word in re.findall(r"[^\W_]+", text.casefold()) if word != "and")


_OFFICIAL: Final = {_bare(word): area.id for area in v.FOCUS_AREAS for word in (area.id, area.name)}


def _official(text: str) -> str | None:
    return NOT_GIVEN_ID if spelling.key(text) in ("", NOT_GIVEN) else _OFFICIAL.get(_bare(text))


def _slips(official: list[str | None], names: list[spelling.Name]) -> list[str | None]:
    """Find near misses of official names, in a list that has some: in a list of other areas they may be meant."""
    if not set(official) & set(v.FOCUS_AREA_NAMES):
        return [None] * len(names)
    return [None if area else _almost(_bare(text)) for area, (_, text) in zip(official, names, strict=True)]


def _almost(bare: str) -> str | None:
    for word, area in _OFFICIAL.items():
        alike = abs(len(bare) - len(word)) <= 3 and (bare[:1] == word[:1] or bare[-1:] == word[-1:])
        if alike and difflib.SequenceMatcher(None, bare, word).ratio() >= _NEAR:
            return v.FOCUS_AREA_NAMES[area]
    return None


def identities(rows: Rows) -> list[Fault]:
    """Tell the projects apart, and find those that stand twice in a year, or in two places under one id."""
    place = joint(pd.factorize(rows.values["iso3"])[0], pd.factorize(rows.cells("city"))[0])
    name = "project_id" if "project_id" in rows.columns else "title"
    if name not in rows.columns:
        return []
    named = pd.factorize(rows.cells(name))[0]
    numbers = named if name == "project_id" else joint(place, named)
    rows.values["project"] = pd.Series(numbers)
    found = _twice(rows, name, numbers, named)
    return [found, _moved(rows, numbers, place)] if name == "project_id" else [found]


def _twice(rows: Rows, name: str, numbers: Places, named: Places) -> Fault:
    years = rows.values["report_year"]
    pairs = joint(numbers, pd.factorize(years)[0])
    known = places((named >= 0) & years.notna())
    first = _first(pairs[known], known, pairs)
    return Fault(
        name,
        known[first[known] != known],
        lambda i: f"the project stands twice in {years[i]}",
        lambda i: f"one row for each project and year; row {rows.lines[first[i]]} is the first",
    )


def _moved(rows: Rows, numbers: Places, place: Places) -> Fault:
    """Find ids that stand for projects in different places, such as the row numbers of each year's list."""
    located = [rows.values["iso3"].notna()] if "country" in rows.columns else []
    located += [rows.cells("city").notna()] if "city" in rows.columns else []
    known = places(np.logical_and.reduce([numbers >= 0, *located]))
    first = _first(numbers[known], known, numbers)
    return Fault(
        "project_id",
        known[place[known] != place[first[known]]],
        lambda i: f"the id stands for another place in row {rows.lines[first[i]]}",
        _say("an id of its own for each project, or no column for the id"),
    )


STEPS: Final = (places_on_earth, years, dates, statuses, focus_areas, identities)
"""The checks that turn cells into values, in order."""
