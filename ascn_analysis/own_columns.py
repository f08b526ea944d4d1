"""What a list of projects can tell: its fields, the words that name them, and the words that fill them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from ascn_analysis import spelling
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError

YEARS: Final = (1900, 2100)

OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Brunei": "BRN",
        "Negara Brunei Darussalam": "BRN",
        "Kingdom of Cambodia": "KHM",
        "Republic of Indonesia": "IDN",
        "Laos": "LAO",
        "Lao People's Democratic Republic": "LAO",
        "Republic of the Union of Myanmar": "MMR",
        "The Philippines": "PHL",
        "Republic of the Philippines": "PHL",
        "Republic of Singapore": "SGP",
        "Kingdom of Thailand": "THA",
        "East Timor": "TLS",
        "Timor Leste": "TLS",
        "Democratic Republic of Timor-Leste": "TLS",
        "Vietnam": "VNM",
        "Socialist Republic of Viet Nam": "VNM",
        "Socialist Republic of Vietnam": "VNM",
    }
)
"""Spellings of member states that are read as ASEAN's own, besides that one and the ISO code."""

STATUS_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("planned", "in planning", "under planning", "planning stage", "planning phase"), "planning"),
        **dict.fromkeys(("on going", "in progress", "under way", "underway"), "ongoing"),
        **dict.fromkeys(("under implementation", "in implementation", "being implemented"), "ongoing"),
        **dict.fromkeys(("complete", "finished"), "completed"),
    }
)
"""Words that can mean one status only. "Implementation", "implemented", "active", "operational", "proposed",
"cancelled" and the like are not here: programmes use them for different things; whoever knows the list has to say."""

_ISO3: Final = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH
    BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB
    CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO
    GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN
    IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA
    MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER
    NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU
    RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA
    TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT
    WLF WSM YEM ZAF ZMB ZWE
"""
ISO3: Final = frozenset(_ISO3.split())
"""The 249 officially assigned codes of ISO 3166-1 alpha-3."""


@dataclass(frozen=True)
class Field:
    """What the measures and explorers need to know of a project.

    Attributes
    ----------
    label
        Name for a reader.
    required
        Whether a list without it is refused; of country and city one is enough.
    expected
        What a cell must look like.
    filled
        What a row without it gets.
    words
        Headers that mean it, the likeliest first; case, spaces and underscores do not matter.
    """

    label: str
    required: bool
    expected: str
    filled: str
    words: tuple[str, ...]


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "title": Field(
            "project title", True, "a title in one line", "nothing: a project without a title is a problem",
            ("title", "project title", "project name", "project", "projects", "initiative", "name"),
        ),
        "country": Field(
            "country", False, "a country's ISO code of three letters, or a name that is known or in `countries`",
            "nothing: the country stays missing where a city is given",
            ("iso3", "iso 3", "iso a3", "iso code", "alpha 3", "country code", "country", "country name",
             "member state", "state", "nation"),
        ),
        "city": Field(
            "city", False, "a city's name, always spelled alike",
            "nothing: the city stays missing where a country is given",
            ("city", "city name", "member city", "municipality", "town", "district", "city or municipality"),
        ),
        "focus_area": Field(
            "focus area", False, "one of the six focus areas, or a category of your own", "the category \"not given\"",
            ("focus area", "focus area id", "sector", "theme", "thematic area", "category", "area"),
        ),
        "report_year": Field(
            "report year", True, f"a whole number from {YEARS[0]} to {YEARS[1]}, such as 2024",
            "nothing: a row without a year is a problem",
            ("report year", "reporting year", "year", "report", "date"),
        ),
        "status": Field(
            "status", False, f"one of {', '.join(v.STATUSES_REPORTED)}, or several joined by |",
            "every answer left open, or what the list leaves open",
            ("status", "project status", "implementation status", "stage", "phase"),
        ),
        "as_of": Field(
            "as-of date of the report", False, "an ISO 8601 date such as 2025-09-30, one for each report year",
            "nothing: the date stays missing",
            ("as of", "as of date", "list date", "report date", "reporting date", "date"),
        ),
        "list": Field(
            "list that the row stands on", False, f"one of {', '.join(v.LISTS)}", "what the status says",
            ("list", "list name"),
        ),
        "project_id": Field(
            "project id", False, "the same id for a project in every year", "a number for each country, city and title",
            ("project id", "id", "project code", "code", "identifier", "project identifier", "uid"),
        ),
    }
)  # fmt: skip
"""What a list can tell, by the name that `guess` and `check` use. Needed: title, report year, and country or city."""

PLACE: Final = ("country", "city")
"""Of these two a row needs one."""

_STATUSES: Final = {**{status: status for status in v.STATUS_SETS}, **STATUS_SYNONYMS}
_FILLERS: Final = frozenset(
    {"of", "the", "a", "an", "in", "for", "en", "english", "project", "projects"}
    | {"official", "current", "latest", "reported"}
)
_SAMPLE: Final = 200
YEAR: Final = re.compile(r"[0-9]{4}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=1)
def known_countries() -> Mapping[str, str]:
    """Return every spelling that is known without the caller (see `spelling.key`), to its ISO code."""
    names = {name: iso3 for iso3, name in v.COUNTRY_NAMES.items()}
    spelled = {**names, **OTHER_NAMES, **{iso3: iso3 for iso3 in ISO3}}
    return MappingProxyType({spelling.key(name): iso3 for name, iso3 in spelled.items()})


def status_key(cell: str) -> str:
    """Return the words of a status without differences of case, white space and hyphens."""
    return spelling.key(re.sub(r"[_\-\u2010-\u2015]", " ", cell))


def status(cell: str) -> str | None:
    """Return the status, or set of statuses, that a cell stands for; None if it is not sure."""
    return _STATUSES.get(status_key(cell))


def guess(columns: Iterable[str], frame: pd.DataFrame | None = None) -> dict[str, str | None]:
    """Propose which column is what, by the words of the header.

    Parameters
    ----------
    columns
        Names of the columns.
    frame
        The list itself: a column whose first cells do not look right comes after all whose cells do, so that ``date``
        is taken for the as-of date where it holds full dates, and for the year where it holds years.

    Returns
    -------
    dict
        Every field of `FIELDS` with a column, or None. No column is used twice. It is a proposal: show it to be
        confirmed, and pass what was confirmed to `check`.

    Examples
    --------
    >>> found = guess(["Project Name", "COUNTRY", "Municipality", "reporting_year", "Budget"])
    >>> [found[name] for name in ("title", "country", "city", "report_year", "status")]
    ['Project Name', 'COUNTRY', 'Municipality', 'reporting_year', None]
    """
    offers = []
    for place, column in enumerate(columns):
        for number, (name, wanted) in enumerate(FIELDS.items()):
            rank = _rank(str(column), wanted)
            if rank is not None:
                offers.append(((_misfit(frame, column, name), rank, number, place), name, column))
    found: dict[str, str | None] = dict.fromkeys(FIELDS)
    for _, name, column in sorted(offers, key=lambda offer: offer[0]):
        if found[name] is None and column not in found.values():
            found[name] = column
    return found


def _rank(column: str, wanted: Field) -> int | None:
    """Return how far down the field's words a header stands; with words to spare it stands below all exact ones."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", column))
    tokens = re.findall(r"[^\W_]+", spaced.casefold())
    words = [word.replace(" ", "") for word in wanted.words]
    whole, core = "".join(tokens), "".join(token for token in tokens if token not in _FILLERS)
    if whole in words:
        return words.index(whole)
    return len(words) + words.index(core) if core in words else None


_LOOKS_RIGHT: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "country": lambda cell: spelling.key(cell) in known_countries(),
        "report_year": lambda cell: YEAR.fullmatch(cell) is not None,
        "as_of": lambda cell: DAY.fullmatch(cell) is not None,
        "status": lambda cell: status(cell) is not None,
    }
)


def _misfit(frame: pd.DataFrame | None, column: str, name: str) -> bool:
    """Say whether most of a column's first cells cannot be what the field holds."""
    if frame is None or name not in _LOOKS_RIGHT or list(frame.columns).count(column) != 1:
        return False
    try:
        words = [cell.strip() for cell in texts(frame[column].dropna().head(_SAMPLE), column).dropna()]
    except AscnError:
        return True
    return bool(words) and 2 * sum(map(_LOOKS_RIGHT[name], words)) < len(words)


def texts(series: pd.Series, column: str) -> pd.Series:
    """Return a column as text, numbered from 0, with empty cells as missing; a typed cell as a CSV file would print it.

    Raises
    ------
    AscnError
        If a cell is something else than text in Unicode, a number or a date.
    """
    if series.dtype != "str":
        try:
            codes, found = pd.factorize(series)
            words = pd.array([*map(_word, found), None], dtype="str")
        except (TypeError, ValueError, OverflowError) as problem:
            fault = f"column {column!r} holds cells that are not text, numbers or dates ({problem})"
            raise AscnError(f"{fault}; expected text in Unicode, numbers or dates") from problem
        series = pd.Series(words.take(codes))
    series = series.reset_index(drop=True)
    return series.where(series != "")


def _word(value: Any) -> str:
    """Write a value of a typed column: whole numbers without a point, days without a time."""
    if isinstance(value, float | np.floating):
        return str(int(value)) if np.isfinite(value) and value == int(value) else str(float(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | bool | int | np.integer | np.bool_ | Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
