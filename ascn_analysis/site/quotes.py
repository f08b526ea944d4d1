"""Safe to quote: what the documents print of a country, what the record gives, and a sentence that says both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.figures.theme import spell_date, spell_list
from ascn_analysis.site.country import ROSTER, Country, quantity
from ascn_analysis.tables import Link


@dataclass(frozen=True)
class Source:
    """A document, the part of it, and links to its pages."""

    title: str
    part: str
    links: list[Link]


@dataclass(frozen=True)
class Quote:
    """A figure that can be quoted.

    Attributes
    ----------
    subject
        What the figure is of.
    printed, recomputed
        What the document prints, and what the record's rows give.
    verdict
        ``"agree"``, ``"differ"``, ``"not printed"`` where the document prints nothing that could agree, or other words where the two
        are not of the same day or only a part is printed.
    sentence
        Ready to be quoted, without a full stop: the sources follow it in brackets.
    sources
        Where it stands.
    note
        What a reader must know, or why the two differ, where that is known.
    """

    subject: str
    printed: str
    recomputed: str
    verdict: str
    sentence: str
    sources: list[Source]
    note: str = field(default="")


def quotes(country: Country) -> list[Quote]:
    """Return the figures of a country that are safe to quote.

    Returns
    -------
    list of Quote
        Projects, projects in all reports, completed, ongoing and in planning, focus areas, member cities; the last one
        alone for a country without a row in the latest report.
    """
    members = _members(country)
    if country.rows().empty:
        return [members]
    return [_projects(country), _reports(country), _completed(country), _unfinished(country), _areas(country), members]


def percent(n: int, total: int, decimals: int = 2) -> Decimal:
    """Return a share in per cent, rounded half up.

    Examples
    --------
    >>> percent(4, 17), percent(1, 8, 0)
    (Decimal('23.53'), Decimal('13'))
    """
    return (Decimal(100 * n) / Decimal(total)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def agrees(printed: str | None, n: int, total: int) -> bool:
    """Say whether a printed percentage is the share, rounded half up to the printed decimals; none printed means 0.

    Examples
    --------
    >>> agrees("14", 4, 29), agrees("23", 4, 17), agrees(None, 0, 6)
    (True, False, True)
    """
    if printed is None:
        return n == 0
    decimals = len(printed.partition(".")[2])
    return percent(n, total, decimals) == Decimal(printed)


def _verdict(agree: bool, *printed: object) -> str:
    """Say how two sides compare: what is not printed cannot agree, though it may differ from rows that are there."""
    if not agree:
        return "differ"
    missing = [value is None for value in printed]
    return "not printed" if all(missing) else "agree as far as printed" if any(missing) else "agree"


def exhibit(country: Country, number: int, year: int | None = None) -> Source:
    """Return where Exhibit 2 or 3 of a report stands, by default the latest."""
    record = country.record
    year = year or record.latest
    table = record.tables["exhibit_status" if number == 2 else "exhibit_country_status"]
    page = table.loc[table["report_year"] == year, "page"].iloc[0]
    source = record.source(year)
    return Source(_short(record.title(source)), f"Exhibit {number}", [record.link(source, page)])


def appendix(country: Country, rows: pd.DataFrame | None = None) -> Source:
    """Return where the country's rows stand in the appendix of the latest report."""
    rows = country.rows() if rows is None else rows
    source = country.record.source(country.record.latest)
    pages = sorted({int(page) for page in rows["page"]})
    return Source(
        _short(country.record.title(source)), "appendix", _pages(country.record.link(source, page) for page in pages)
    )


def _short(title: str) -> str:
    return title.replace("Monitoring and Evaluation", "M&E")


def _pages(links: Iterable[Link]) -> list[Link]:
    """Say once that pages are those of the PDF file."""
    return [
        Link(link.text.removeprefix("PDF ") if number else link.text, link.url) for number, link in enumerate(links)
    ]


def _printed_total(country: Country, year: int) -> int | None:
    table = country.table("exhibit_country_status")
    found = table.loc[table["report_year"] == year, "n_projects"]
    return None if found.empty else int(found.iloc[0])


def _projects(country: Country) -> Quote:
    record, rows = country.record, country.rows()
    printed, day = _printed_total(country, record.latest), spell_date(record.as_of(record.latest))
    places = quantity(rows["city_id"].nunique(), "city", "cities")
    return Quote(
        f"Projects, {record.latest}",
        "no number" if printed is None else str(printed),
        str(len(rows)),
        _verdict(printed == len(rows), printed),
        f"The ASCN report of {day} lists {quantity(len(rows), 'project', 'projects')} of {country.in_text}, in {places}"
        + ("" if printed == len(rows) else f"; its Exhibit 3 prints {'no number' if printed is None else printed}"),
        [exhibit(country, 3), appendix(country)],
        _known(country, "projects"),
    )


def _reports(country: Country) -> Quote:
    record = country.record
    printed = [_printed_total(country, year) for year in record.years]
    counted = [len(country.rows(year)) for year in record.years]
    told = f"{spell_list(map(str, counted))} projects of {country.in_text}"
    other = spell_list("none" if n is None else str(n) for n in printed)
    return Quote(
        f"Projects, {record.years[0]} to {record.latest}",
        ", ".join("none" if n is None else str(n) for n in printed),
        ", ".join(map(str, counted)),
        _verdict(printed == counted, *printed),
        f"The ASCN reports of {spell_list(map(str, record.years))} list {told}"
        + ("" if printed == counted else f"; their Exhibits 3 print {other}"),
        [
            Source(
                f"ASCN M&E Reports {record.years[0]} to {record.latest}",
                "Exhibit 3",
                _pages(_of_year(country, year) for year in record.years),
            ),
            Source(
                "the same reports",
                "appendix",
                _pages(link for year in record.years for link in _rows_of(country, year)),
            ),
        ],
    )


def _of_year(country: Country, year: int) -> Link:
    link = exhibit(country, 3, year).links[0]
    return Link(f"{link.text} of {year}", link.url)


def _rows_of(country: Country, year: int) -> list[Link]:
    """Link the pages of a report's appendix that list the country, the last one with the year."""
    pages = sorted({int(page) for page in country.rows(year)["page"]})
    links = [country.record.link(country.record.source(year), page) for page in pages]
    return [*links[:-1], *(Link(f"{link.text} of {year}", link.url) for link in links[-1:])]


def _printed_shares(country: Country) -> dict[str, str]:
    table = country.table("exhibit_country_status")
    rows = table[table["report_year"] == country.record.latest]
    return dict(zip(rows["status"], rows["percent_printed"].astype(str), strict=True))


def _spell_share(printed: str | None) -> str:
    return "no percentage" if printed is None else f"{printed} %"


def _completed(country: Country) -> Quote:
    rows, printed = country.rows(), _printed_shares(country).get("completed")
    done = int((rows["status"] == "completed").sum())
    agree = agrees(printed, done, len(rows))
    return Quote(
        f"Completed, {country.record.latest}",
        _spell_share(printed),
        f"{done} of {len(rows)}" + (f" ({percent(done, len(rows))} %)" if done else ""),
        _verdict(agree, printed),
        f"Of the {len(rows)} projects of {country.in_text} in the ASCN report of {country.record.latest}, "
        f"{_share_words(done, len(rows))} reported as completed"
        + ("" if agree else f"; Exhibit 3 of the report prints {_spell_share(printed)}"),
        [exhibit(country, 3), appendix(country, rows[rows["list"] == "completed"]) if done else exhibit(country, 2)],
        _known(country, "completed"),
    )


def _share_words(n: int, total: int) -> str:
    return "none is" if not n else f"{n} ({percent(n, total, 0)} %) {'is' if n == 1 else 'are'}"


def _unfinished(country: Country) -> Quote:
    """Compare Exhibit 3 with Exhibit 2, which alone tells planning from ongoing."""
    cells = country.table("exhibit_status")
    counted = cells[cells["report_year"] == country.record.latest].groupby("status")["n"].sum()
    ongoing, planning = (int(counted.get(status, 0)) for status in ("ongoing", "planning"))
    total, printed = len(country.rows()), _printed_shares(country)
    agree = agrees(printed.get("ongoing"), ongoing, total) and agrees(printed.get("planning"), planning, total)
    shares = " and ".join(f"{_spell_share(printed.get(name))} for {name}" for name in ("ongoing", "planning"))
    return Quote(
        f"Ongoing and in planning, {country.record.latest}",
        f"{shares} (Exhibit 3)",
        f"{ongoing} and {planning} of {total} (Exhibit 2: {percent(ongoing, total)} and {percent(planning, total)} %)",
        _verdict(agree, printed.get("ongoing"), printed.get("planning")),
        f"Exhibit 2 of the ASCN report of {country.record.latest} shows {ongoing} of the {total} projects of {country.in_text} as ongoing and "
        f"{planning or 'none'} as in planning" + ("" if agree else f"; Exhibit 3 of the same report prints {shares}"),
        [exhibit(country, 2), exhibit(country, 3)],
        " ".join(filter(None, [_known(country, "ongoing", "planning"), _left_open(country)])),
    )  # fmt: skip


def _left_open(country: Country) -> str:
    n = int((country.rows()["status_basis"] == "open").sum())
    return f"Exhibit 2 counts by city and focus area: which of {n} projects are which stays open." if n else ""


def _areas(country: Country) -> Quote:
    labels = country.table("exhibit_sub_areas")
    printed = labels[labels["report_year"] == country.record.latest].groupby("focus_area")["n"].sum()
    counted = country.rows()["focus_area_id"].value_counts()
    areas = [area for area in v.FOCUS_AREAS if printed.get(area.id, 0) or counted.get(area.id, 0)]
    told = spell_list(f"{area.name} {counted.get(area.id, 0)}" for area in areas)
    other = [area for area in areas if printed.get(area.id, 0) != counted.get(area.id, 0)]
    differing = spell_list(f"{area.name} {printed.get(area.id, 0)}" for area in other) if other else ""
    return Quote(
        f"Focus areas, {country.record.latest}",
        ", ".join(str(printed.get(area.id, 0)) for area in areas),
        ", ".join(str(counted.get(area.id, 0)) for area in areas),
        _verdict(not other, *printed if len(printed) else [None]),
        f"By focus area, the appendix of the ASCN report of {country.record.latest} lists for {country.in_text}: {told}"
        + (f"; Exhibit 3 of the same report has {differing}" if other else ""),
        [appendix(country), exhibit(country, 3)],
        _known(country, "focus areas"),
    )


def _members(country: Country) -> Quote:
    record, cities = country.record, country.cities
    listed = set(country.rows()["city_id"])
    missing = list(cities.loc[~cities["city_id"].isin(listed), "city"])
    years = cities.groupby("joined_year")["city"].apply(list)
    told = "; ".join(f"{spell_list(names)} ({year})" for year, names in years.items())
    source = record.sources.loc[ROSTER]
    return Quote(
        "Member cities",
        f"{len(cities)} on the roster, {spell_date(str(source['as_of']))}",
        f"{len(listed) or 'none'} with a row in the {record.latest} report",
        "different days" if missing else "agree",
        f"On ASEAN's roster of {spell_date(str(source['as_of']))}, {country.in_text} has {quantity(len(cities), 'member city', 'member cities')}: {told}",
        [Source(str(source["title"]), "", [Link("asean.org", str(source["url"]))])],
        " ".join(filter(None, [_not_listed(country, missing), _disputed(country)])),
    )  # fmt: skip


def _not_listed(country: Country, missing: list[str]) -> str:
    if not missing:
        return ""
    day = spell_date(country.record.as_of(country.record.latest))
    return f"{spell_list(missing)}: no row in the report of {day}."


def _disputed(country: Country) -> str:
    named = list(country.cities.loc[country.cities["city_id"].isin(country.disputed), "city"])
    return f"Other sources give other years, or deny them, for {spell_list(named)}." if named else ""


def _known(country: Country, *topics: str) -> str:
    """Return what is known of contradictions of the latest report on these topics, each explanation once."""
    known = country.contradictions[country.contradictions["year"] == country.record.latest]
    about = (row for row in known.itertuples() if any(topic in row.subject.partition(":")[2] for topic in topics))
    words = (
        f"{row.subject}: {row.stated} against {row.recomputed}" if pd.isna(row.explanation) else row.explanation
        for row in about
    )
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in dict.fromkeys(words))
