"""What each table must look like: columns, types, keys, links between tables, and what every column means.

One `Table` holds all that is known of a CSV file in ``data/``. The loaders check against it, the data dictionary and
``datapackage.json`` are generated from it. Empty always means unknown. Row numbers in errors are line numbers of the
file: the header is line 1.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from ascn_analysis import vocabulary as v

# Where PySpark is installed, pandera tries its pandas interface again and again, which warns each time that it does not know
# pandas 3. Nothing here uses it.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
import pandera.pandas as pa  # noqa: E402

ReferenceColumn = tuple[str, str]

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True)
class Table:
    """A CSV file of the record.

    Attributes
    ----------
    name
        File name without ``.csv``.
    row
        What one row is.
    columns
        Column name to pandera column, in file order.
    key
        Columns that together identify a row.
    links
        Column to the (table, column) whose values it must use.
    note
        The caveat that a reader of the table must know.
    """

    name: str
    row: str
    columns: Mapping[str, pa.Column]
    key: tuple[str, ...]
    links: Mapping[str, ReferenceColumn] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""

    @property
    def schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema: strict columns, in order, key unique."""
        return pa.DataFrameSchema(dict(self.columns), strict=True, ordered=True, unique=list(self.key), name=self.name)


def is_date(text: str) -> bool:
    """Say whether a text is an ISO 8601 date, also of reduced precision (``2025``, ``2025-09``, ``2025-09-30``).

    Examples
    --------
    >>> is_date("2025-09"), is_date("2025-13"), is_date("30/9/2025")
    (True, False, False)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _column(
    dtype: str, description: str, *checks: pa.Check, empty: bool = False, title: str | None = None
) -> pa.Column:
    return pa.Column(dtype, list(checks), nullable=empty, coerce=True, description=description, title=title)


def _each(test: Callable[[Any], bool], expected: str) -> pa.Check:
    return pa.Check(test, element_wise=True, error=expected, ignore_na=True)


def text(description: str, *, empty: bool = False) -> pa.Column:
    """Free text without surrounding white space or line breaks."""
    plain = _each(
        lambda s: s == s.strip() and s.isprintable(), "text without outer spaces, line breaks or control characters"
    )
    return _column("str", description, plain, empty=empty)


def slug(description: str, *, empty: bool = False) -> pa.Column:
    """Lower-case id made of letters, digits and single hyphens."""
    fits = _each(lambda s: re.fullmatch(_SLUG, s) is not None, "a lower-case id such as bandar-seri-begawan")
    return _column("str", description, fits, empty=empty)


def choice(description: str, allowed: Iterable[str], *, empty: bool = False) -> pa.Column:
    """One word of a closed list."""
    words = tuple(allowed)
    return _column("str", description, _each(lambda s: s in words, f"one of {', '.join(words)}"), empty=empty)


def day(description: str, *, empty: bool = False) -> pa.Column:
    """ISO 8601 date, also of reduced precision."""
    return _column(
        "str", description, _each(is_date, "an ISO 8601 date such as 2025, 2025-09 or 2025-09-30"), empty=empty
    )


def pattern(description: str, regex: str, expected: str, *, empty: bool = False) -> pa.Column:
    """Text that matches a pattern as a whole."""
    return _column("str", description, _each(lambda s: re.fullmatch(regex, s) is not None, expected), empty=empty)


def whole(description: str, low: int, high: int, *, empty: bool = False) -> pa.Column:
    """Whole number in a closed range."""
    inside = _each(lambda n: low <= n <= high, f"a whole number from {low} to {high}")
    return _column("Int64" if empty else "int64", description, inside, empty=empty)


def number(description: str, low: float, high: float, *, empty: bool = False) -> pa.Column:
    """Decimal number in a closed range."""
    return _column(
        "float64", description, _each(lambda x: low <= x <= high, f"a number from {low:g} to {high:g}"), empty=empty
    )


def flag(description: str) -> pa.Column:
    """Write ``true`` or ``false``."""
    return choice(description, ("true", "false"))


def _focus_area(description: str) -> pa.Column:
    return choice(description, v.FOCUS_AREA_NAMES)


def _iso3(description: str) -> pa.Column:
    return choice(description, v.COUNTRY_NAMES)


def _year(description: str = "year of the report") -> pa.Column:
    return whole(description, 2018, 2100)


def _page(
    description: str = "page of the PDF file, 1-based; empty for a web page", *, empty: bool = False
) -> pa.Column:
    return whole(description, 1, 2000, empty=empty)


def _source() -> pa.Column:
    return slug("the document that says so")


def _picture() -> pa.Column:
    return choice("read from a picture", ("picture",))


_CITY_LINK: Final = MappingProxyType({"city_id": ("cities", "city_id")})
_SOURCE_LINK: Final = {"source_id": ("sources", "source_id")}

_TABLES: Final = (
    Table(
        "countries",
        "a member state of ASEAN (11)",
        {
            "iso3": _iso3("ISO 3166-1 alpha-3 code"),
            "iso2": pattern("ISO 3166-1 alpha-2 code", "[A-Z]{2}", "two capital letters"),
            "country": choice("ASEAN's own name and spelling", v.COUNTRY_NAMES.values()),
            "m49": pattern("UN M49 code, three digits", "[0-9]{3}", "three digits"),
        },
        ("iso3",),
        note="Alphabetical by ASEAN's names; never ranked.",
    ),
    Table(
        "cities",
        "a member city of the network",
        {
            "city_id": slug("id of the city"),
            "city": text("name on the network's official roster"),
            "iso3": _iso3("member state"),
            "joined_year": _year(
                "year of joining on the official roster; see membership.csv for what other sources say"
            ),
            "lat": number("latitude of a standing point, degrees, WGS 84", -11.0, 29.0),
            "lon": number("longitude of a standing point, degrees, WGS 84", 92.0, 142.0),
            "geonames_id": whole("GeoNames id of that point", 1, 10**8, empty=True),
            "point_note": text("what the point stands for, where it is a proxy", empty=True),
            "wikidata_id": pattern("Wikidata item, only where sure", "Q[0-9]+", "Q and digits", empty=True),
            "iso_3166_2": pattern(
                "ISO 3166-2 code of the first-level subdivision that is or contains the city",
                "[A-Z]{2}-[A-Z0-9]{1,3}",
                "a code such as MY-14",
                empty=True,
            ),
            "admin_level": choice(
                "what the member is, by what the reports describe (judged): "
                + "; ".join(f"{word} = {meaning}" for word, meaning in v.ADMIN_LEVELS.items()),
                v.ADMIN_LEVELS,
            ),
            "scope": text("what the reports mean by this city, in our own words"),
            "population": whole("people; definitions and years differ, see population_counts", 1, 10**8, empty=True),
            "population_year": whole("year that the source gives for the figure", 1990, 2100, empty=True),
            "population_counts": text("whom the figure counts: city, district, province or region", empty=True),
            "population_source_id": slug("the document that gives the population", empty=True),
            "population_page": _page(empty=True),
        },
        ("city_id",),
        {"iso3": ("countries", "iso3"), "population_source_id": ("sources", "source_id")},
        note="Populations mix cities, provinces and regions: not for per-capita figures. A point is a point, not a boundary.",
    ),
    Table(
        "city_names",
        "a spelling that a document prints",
        {"printed": text("the spelling as printed"), "city_id": slug("the city it means")},
        ("printed",),
        _CITY_LINK,
    ),
    Table(
        "membership",
        "a statement on when a city joined",
        {
            "city_id": slug("the city"),
            "joined": day(
                "date that the statement gives; empty where it says that the city was not yet a member", empty=True
            ),
            "used": flag("whether cities.csv follows this statement"),
            "wording_note": text("what the statement says, in our own words"),
            "source_id": _source(),
            "page": _page(empty=True),
        },
        ("city_id", "source_id"),
        {**_CITY_LINK, **_SOURCE_LINK},
        note="Sources disagree on the Thai cities and on Sumedang; all statements are kept (membership.disputed finds them).",
    ),
    Table(
        "framework",
        "an element of the ASEAN Smart Cities Framework (13)",
        {
            "element_id": slug("id of the element; a focus area has the id of focus_areas.csv"),
            "level": choice(
                "what the element is in the framework", ("outcome", "urban-system", "focus-area", "enabler")
            ),
            "element": text("name as the framework prints it"),
            "order": whole("place among the elements of its level, as printed", 1, 6),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("element_id",),
        _SOURCE_LINK,
        note="Read twice, from the text layer and from pictures of the pages. The reports print some focus areas otherwise.",
    ),
    Table(
        "focus_areas",
        "a focus area of the framework (6)",
        {
            "focus_area_id": _focus_area("id of the focus area"),
            "focus_area": choice("name as the reports' appendices print it", v.FOCUS_AREA_NAMES.values()),
            "source_id": _source(),
            "page": _page(),
        },
        ("focus_area_id",),
        _SOURCE_LINK,
        note="In the order of the ASEAN Smart Cities Framework, paragraphs 13-18.",
    ),
    Table(
        "sub_areas",
        "a sub-area that Exhibit 1 of a report names under a focus area",
        {
            "sub_area_id": slug("id of the sub-area"),
            "sub_area": text("name as first printed"),
            "focus_area_id": _focus_area("the focus area it stands under"),
            "first_report": _year("first report that names it"),
            "source_id": _source(),
            "page": _page(),
        },
        ("sub_area_id",),
        {"focus_area_id": ("focus_areas", "focus_area_id"), **_SOURCE_LINK},
    ),
    Table(
        "projects",
        "a project, followed over all reports",
        {
            "project_id": slug("id of the project; made from its city and its first title, and then kept"),
            "city_id": slug("the city"),
            "title": text("title in the latest report that lists it"),
            "link_note": text("which evidence joins its rows"),
        },
        ("project_id",),
        _CITY_LINK,
        note="Rows joined by links of confidence sure or likely (project_links.csv); doubtful pairs stay apart.",
    ),
    Table(
        "project_reports",
        "a row of the appendix of a report",
        {
            "report_year": _year(),
            "list": choice("which list of the appendix", v.LISTS),
            "row_no": whole("running number as printed", 1, 999),
            "project_id": slug("the project"),
            "city_id": slug("the city"),
            "country_printed": text("country as printed on the first row of its block, carried down"),
            "city_printed": text("city as printed"),
            "project_printed": text("title as printed, line breaks as spaces"),
            "focus_area_printed": text("focus area as printed"),
            "focus_area_id": _focus_area("id of the printed focus area"),
            "status": choice(
                "planning, ongoing, completed, or the set that the evidence leaves open, joined by |", v.STATUS_SETS
            ),
            "status_basis": choice("what the status rests on", v.STATUS_BASES),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("report_year", "list", "row_no"),
        {
            "project_id": ("projects", "project_id"),
            **_CITY_LINK,
            "focus_area_id": ("focus_areas", "focus_area_id"),
            **_SOURCE_LINK,
            "city_printed": ("city_names", "printed"),
        },
        note="The appendices of 2022 and 2023 are one list; those since 2024 list completed projects apart. "
        "None tells planning from ongoing. Statuses are self-reported.",
    ),
    Table(
        "project_links",
        "a judged pair of rows in consecutive reports",
        {
            "year_from": _year("year of the earlier report"),
            "list_from": choice("list of the earlier row", v.LISTS),
            "row_from": whole("number of the earlier row", 1, 999),
            "year_to": _year("year of the later report"),
            "list_to": choice("list of the later row", v.LISTS),
            "row_to": whole("number of the later row", 1, 999),
            "kind": choice("whether the title stayed", ("same", "renamed")),
            "confidence": choice("how sure the pair is", ("sure", "likely", "doubtful")),
            "evidence": text("what the judgement rests on, in our own words, with PDF pages"),
        },
        ("year_from", "list_from", "row_from", "year_to"),
        note="project_id joins sure and likely pairs; doubtful pairs are listed and kept apart.",
    ),
    Table(
        "stated_figures",
        "a number that a document states (or, where basis says so, that we counted in it)",
        {
            "as_of": day("date that the figure speaks of"),
            "measure": pattern("what is counted", "[a-z]+(?:_[a-z]+)*", "a lower-case name such as projects_total"),
            "breakdown": text("focus area or status, where the figure is of one", empty=True),
            "value": number("the number as stated", 0, 10**9),
            "unit": text("unit of the value"),
            "source_id": _source(),
            "page": _page(empty=True),
            "read_from": choice("where on the page the number stands", ("text", "picture", "web page")),
            "basis": choice("whether the document states the number or we counted it", ("stated", "counted")),
            "printed": text("the words or number as printed, shortened", empty=True),
            "note": text("what a reader must know", empty=True),
        },
        ("as_of", "measure", "breakdown", "source_id", "page", "read_from"),
        _SOURCE_LINK,
        note="What documents say, not what the rows give. The two are compared by the audit, never reconciled.",
    ),
    Table(
        "exhibit_status",
        "a cell of Exhibit 2: a city, a focus area and a status, with the number of icons",
        {
            "report_year": _year(),
            "city_id": slug("the city"),
            "focus_area": _focus_area("id of the focus area that colour or pictogram tells"),
            "status": choice("status that grey, colour or frame tells", v.STATUSES_REPORTED),
            "n": whole("icons of that kind", 1, 99),
            "read_from": _picture(),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("report_year", "city_id", "focus_area", "status"),
        {**_CITY_LINK, "focus_area": ("focus_areas", "focus_area_id"), **_SOURCE_LINK},
        note="Read from pictures by a reader and by a program, independently. A cell that is not here has no icon.",
    ),
    Table(
        "exhibit_sub_areas",
        "a label of Exhibit 3: a country and a sub-area, with its number of projects",
        {
            "report_year": _year(),
            "iso3": _iso3("member state"),
            "focus_area": _focus_area("id of the focus area whose ring segment the label belongs to"),
            "sub_area": text("sub-area as printed"),
            "sub_area_id": slug("id of the sub-area"),
            "n": whole("number in brackets", 1, 99),
            "read_from": _picture(),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("report_year", "iso3", "focus_area", "sub_area"),
        {
            "iso3": ("countries", "iso3"),
            "focus_area": ("focus_areas", "focus_area_id"),
            "sub_area_id": ("sub_areas", "sub_area_id"),
            **_SOURCE_LINK,
        },
        note="Read from pictures twice. Exhibit 3 prints Resource Access where Exhibit 1 prints Resources Access.",
    ),
    Table(
        "exhibit_country_status",
        "a percentage of Exhibit 3: a country and a status",
        {
            "report_year": _year(),
            "iso3": _iso3("member state"),
            "n_projects": whole("number of projects printed for the country", 0, 999),
            "status": choice("status that the symbol tells", v.STATUSES_REPORTED),
            "percent_printed": pattern("percentage as printed, without the sign", "[0-9]+(?:[.][0-9]+)?", "a number"),
            "read_from": _picture(),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("report_year", "iso3", "status"),
        {"iso3": ("countries", "iso3"), **_SOURCE_LINK},
        note="Read from pictures twice. A status without a printed percentage has no row.",
    ),
    Table(
        "exhibit_rings",
        "a sector of a ring of Exhibit 3, measured",
        {
            "report_year": _year(),
            "iso3": _iso3("member state"),
            "focus_area": _focus_area("id of the focus area whose colour the sector has"),
            "percent_drawn": number("share of the ring's circumference, per cent, measured on the picture", 0, 100),
            "read_from": _picture(),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("report_year", "iso3", "focus_area"),
        {"iso3": ("countries", "iso3"), "focus_area": ("focus_areas", "focus_area_id"), **_SOURCE_LINK},
        note="Measured by colour every quarter of a degree, good to about 1.5 points. A second program that measured the "
        "sectors named the same rings that differ from their labels. What the report states are the labels.",
    ),
    Table(
        "highlights",
        "a city that the text of a report names as an example of a focus area",
        {
            "report_year": _year(),
            "focus_area": _focus_area("id of the focus area whose section names it"),
            "city_id": slug("the city"),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("report_year", "focus_area", "city_id"),
        {"focus_area": ("focus_areas", "focus_area_id"), **_CITY_LINK, **_SOURCE_LINK},
        note="The reports say that each city has one project highlighted, in the section of its focus area.",
    ),
    Table(
        "searches",
        "a question to the text of one report: how often its words stand there, and on what",
        {
            "topic": choice("what the words would tell about", v.TOPICS),
            "report_year": _year(),
            "pattern": text("regular expression searched for in each page's text layer, white space joined"),
            "hits": whole("number of places found", 0, 100),
            "pages": text("pages of the PDF file with a hit, joined by |; empty if there is none", empty=True),
            "about": text("what the places speak of, in our own words; empty if there is none", empty=True),
            "source_id": _source(),
        },
        ("topic", "report_year"),
        _SOURCE_LINK,
        note="Text in pictures is not searched. That a word is absent does not prove that the thing was not done.",
    ),
    Table(
        "action_plan_cities",
        "a city in the action plans of 2018 (26)",
        {
            "city_id": slug("the city"),
            "land_area_km2": number("land area, square kilometres", 0, 1e6, empty=True),
            "land_area_printed": text("land area as printed"),
            "population": whole("people", 1, 10**8, empty=True),
            "population_printed": text("population as printed"),
            "density_per_km2": number("people per square kilometre, as stated", 0, 1e6, empty=True),
            "density_printed": text("density as printed", empty=True),
            "vision_summary": text("the vision in one line of our own words"),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
            "note": text("what a reader must know", empty=True),
        },
        ("city_id",),
        {**_CITY_LINK, **_SOURCE_LINK},
        note="Land area, population and density are as printed, also where they do not fit each other.",
    ),
    Table(
        "action_plan_focus_areas",
        "an item under the heading Focus Areas of an action plan (85)",
        {
            "city_id": slug("the city"),
            "item_no": whole("running number of the item in the plan", 1, 99),
            "focus_area": choice(
                "focus area of the framework; empty where two readers mapped it differently",
                v.FOCUS_AREA_NAMES,
                empty=True,
            ),
            "label_printed": text("label as printed, without a final colon"),
            "match": choice(
                "whether the label is the framework's own name or the mapping is judged", ("official", "judged")
            ),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("city_id", "item_no"),
        {**_CITY_LINK, **_SOURCE_LINK},
        note="Two plans in five print none of the six names; judged mappings follow the framework's paragraphs 13-18.",
    ),
    Table(
        "action_plan_targets",
        "a strategic target of an action plan (120)",
        {
            "city_id": slug("the city"),
            "target_no": whole("running number of the target in the plan", 1, 99),
            "focus_area": choice("focus area, where the target stands under one", v.FOCUS_AREA_NAMES, empty=True),
            "has_number": flag("whether it carries a quantity to reach; a date alone is none"),
            "deadline_year": whole("year by which, where printed; the end of a range", 2018, 2100, empty=True),
            "summary": text("the target in a few words of our own"),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("city_id", "target_no"),
        {**_CITY_LINK, **_SOURCE_LINK},
        note="One row is an item of the lowest bullet level.",
    ),
    Table(
        "action_plan_projects",
        "a project planned in 2018 (53)",
        {
            "city_id": slug("the city"),
            "project_no": whole("number of the project in the plan", 1, 9),
            "title_printed": text("title as printed"),
            "project_id": slug("the listed project in which it lives on, if sure or likely", empty=True),
            "kind": choice("whether the title stayed", ("same", "renamed", "none")),
            "confidence": choice("how sure the link is", ("sure", "likely", "doubtful"), empty=True),
            "evidence": text("what the judgement rests on, in our own words, with PDF pages"),
            "support_kinds": pattern(
                "kinds of support asked for, joined by |",
                f"(?:{'|'.join(v.SUPPORT_KINDS)})(?:[|](?:{'|'.join(v.SUPPORT_KINDS)}))*",
                f"kinds of {', '.join(v.SUPPORT_KINDS)}, joined by |",
                empty=True,
            ),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("city_id", "project_no"),
        {**_CITY_LINK, "project_id": ("projects", "project_id"), **_SOURCE_LINK},
        note="Two a city, three in Manila. A doubtful link names no project_id; its evidence names the candidate.",
    ),
    Table(
        "partners",
        "an outside partner that a document names",
        {
            "partner_id": slug("id of the partner"),
            "partner": text("name of the partner"),
            "country_or_type": text("country of the partner, or multilateral"),
            "sector": choice("kind of organisation", v.PARTNER_SECTORS),
        },
        ("partner_id",),
        note="Named in the documents read; silence is not absence. In alphabetical order, not ranked.",
    ),
    Table(
        "partner_mentions",
        "a mention of a partner for a city, a project or the network",
        {
            "source_id": _source(),
            "report_year": _year("year of the document"),
            "city_id": slug("the city; empty for the network as a whole", empty=True),
            "project_id": slug("the project, where the text is about one", empty=True),
            "partner_id": slug("the partner"),
            "kind": choice("most concrete kind of help stated", v.MENTION_KINDS),
            "page": _page("page of the PDF file, 1-based"),
            "note": text("what for, in our own words", empty=True),
        },
        ("source_id", "page", "city_id", "project_id", "partner_id"),
        {
            **_CITY_LINK,
            "project_id": ("projects", "project_id"),
            "partner_id": ("partners", "partner_id"),
            **_SOURCE_LINK,
        },
        note="Help given or agreed, not help sought. Users of a product are not partners.",
    ),
    Table(
        "challenges",
        "a challenge that a document names",
        {
            "year": _year("year of the document"),
            "city_id": slug("the city; empty for the network as a whole", empty=True),
            "kind": choice("kind of challenge", v.CHALLENGE_KINDS),
            "about": choice(
                "an obstacle to the work, or an urban problem that the project answers",
                ("implementation", "urban-problem"),
            ),
            "summary": text("in our own words"),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
        },
        ("source_id", "page", "city_id", "kind", "summary"),
        {**_CITY_LINK, **_SOURCE_LINK},
        note="What texts name. Fewer named challenges in a report is a change of style, not proof of fewer problems.",
    ),
    Table(
        "events",
        "a dated event",
        {
            "date": day("first day"),
            "end_date": day("last day, where it lasted longer", empty=True),
            "kind": choice("kind of event", v.EVENT_KINDS),
            "event": text("what happened, in our own words"),
            "place": text("place", empty=True),
            "source_id": _source(),
            "page": _page(empty=True),
        },
        ("date", "event"),
        _SOURCE_LINK,
    ),
    Table(
        "urbanisation",
        "a country and a year, from 2000",
        {
            "iso3": _iso3("member state"),
            "year": whole("year of the figure", 1960, 2100),
            "population": whole("people", 1, 10**9, empty=True),
            "urban_share_percent": number("share of the population in urban areas, per cent", 0, 100, empty=True),
            "source_id": _source(),
        },
        ("iso3", "year"),
        {"iso3": ("countries", "iso3"), **_SOURCE_LINK},
        note="National definitions of urban differ: compare trends, not levels.",
    ),
    Table(
        "known_contradictions",
        "a contradiction of the documents that the audit finds, explained",
        {
            "year": _year("year of the document"),
            "subject": text("what contradicts what, as the audit names it"),
            "stated": text("what the document states"),
            "recomputed": text("what its own rows or exhibits give"),
            "explanation": text("what we know of the reason; empty where we know none", empty=True),
            "pages": text("pages of the PDF files"),
        },
        ("year", "subject"),
        note="Both sides are kept. A contradiction that the audit finds and this table does not hold fails the tests.",
    ),
    Table(
        "sources",
        "a source document or page",
        {
            "source_id": slug("id of the source"),
            "title": text("title of the source; in square brackets where the heading was not read and we describe it"),
            "publisher": text("who published it"),
            "published": day("date of publication", empty=True),
            "as_of": day("date that its contents speak of", empty=True),
            "url": pattern("address", "https?://[!-~]+", "a web address", empty=True),
            "accessed": day("when it was read", empty=True),
            "file": pattern(
                "name of the file as read", "[a-z0-9-]+[.]pdf", "a file name such as report.pdf", empty=True
            ),
            "sha256": pattern("SHA-256 of the file as read", "[0-9a-f]{64}", "64 hexadecimal digits", empty=True),
            "bytes": whole("size of the file as read, bytes", 1, 10**9, empty=True),
            "pages": _page("pages of the PDF file", empty=True),
            "licence_note": text("who holds the rights, and what was read"),
            "grade": choice("primary document or secondary account", ("primary", "secondary")),
        },
        ("source_id",),
        note="The documents are ASEAN's or their publishers'; none is part of this package.",
    ),
    Table(
        "panel",
        "a project in a report, with everything a newcomer would group by (derived)",
        {
            "report_year": _year(),
            "as_of": day("date that the report speaks of"),
            "iso3": _iso3("member state"),
            "country": choice("ASEAN's own name of the member state", v.COUNTRY_NAMES.values()),
            "city_id": slug("id of the city"),
            "city": text("name of the city on the official roster"),
            "joined_year": _year("year of joining on the official roster"),
            "cohort": pattern("cohort of joining", "2018 pilot|20[0-9]{2}", "2018 pilot or a year"),
            "lat": number("latitude of the city's standing point, degrees", -11.0, 29.0),
            "lon": number("longitude of the city's standing point, degrees", 92.0, 142.0),
            "project_id": slug("id of the project over all reports"),
            "title": text("latest title of the project"),
            "project_printed": text("title in this report, as printed"),
            "focus_area_id": _focus_area("focus area in this report"),
            "focus_area": choice("name of the focus area", v.FOCUS_AREA_NAMES.values()),
            "list": choice("which list of the appendix", v.LISTS),
            "row_no": whole("running number as printed", 1, 999),
            "status": choice("planning, ongoing, completed, or the set left open", v.STATUS_SETS),
            "status_basis": choice("what the status rests on", v.STATUS_BASES),
            "change": choice("what became of the project since the report before", v.CHANGES),
            "first_year": _year("first report that lists the project"),
            "last_year": _year("latest report that lists the project"),
            "source_id": _source(),
            "page": _page("page of the PDF file, 1-based"),
            "url": pattern(
                "address of that page of the report", "https?://[!-~]+#page=[0-9]+", "an address with #page="
            ),
        },
        ("report_year", "list", "row_no"),
        note="Made from the other tables by `make data`; do not edit.",
    ),
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in _TABLES})
