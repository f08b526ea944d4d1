"""Please verify: what a ministry could confirm or correct, as a sheet to print, fill in and send back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.measures.statuses import NO_LONGER_LISTED
from ascn_analysis.safe import defuse
from ascn_analysis.site import quotes
from ascn_analysis.site.country import ROSTER, Country, quantity
from ascn_analysis.tables import Link

COLUMNS: Final = (
    "item", "part", "city", "subject", "record_says", "rests_on", "source_addresses", "correct_yes_no", "correction",
    "public_source",
)  # fmt: skip
"""Columns of the sheet as CSV; the last three are empty, to be filled in."""
_MOST: Final = 3


@dataclass(frozen=True)
class Item:
    """One row to confirm or correct.

    Attributes
    ----------
    id
        Letter of the part and running number, such as ``P3``; an anchor on the sheet.
    city
        The city; empty where the item is about the country.
    subject
        What it is about, as printed.
    says
        What the record says.
    rests
        What that rests on, in our own words.
    links
        Where the documents say it.
    question
        What a ministry could answer, for the few items that matter most; else empty.
    urgency
        Lower comes first among the questions.
    """

    id: str
    city: str
    subject: str
    says: str
    rests: str
    links: list[Link]
    question: str = ""
    urgency: int = 9


@dataclass(frozen=True)
class Part:
    """Items of one kind, under a heading and with what is asked of the reader."""

    letter: str
    heading: str
    asks: str
    items: list[Item]


def parts(country: Country) -> list[Part]:
    """Return everything that could be confirmed or corrected, by kind; kinds without an item are left out.

    Returns
    -------
    list of Part
        Projects of the latest report, member cities, links between reports, projects no longer listed, projects planned in
        2018, focus areas read into the plans of 2018, contradictions.
    """
    made = [
        Part("P", f"Projects in the {country.record.latest} report",
             "Are city, focus area and status right? Statuses that rest on Exhibit 2 are derived from its counts by city and focus area.",
             list(_projects(country))),
        Part("M", "Member cities", "Are the year of joining and the area that the name stands for right?", list(_members(country))),
        Part("L", "Links between reports that are not sure",
             "Are the two rows one project? Likely pairs are counted as one, doubtful ones as two.", list(_links(country))),
        Part("N", "Projects no longer listed", "The reports do not say why. Was the project ended, completed, merged or renamed?", list(_gone(country))),
        Part("A", "Projects planned in 2018", "Does the planned project live on in the reports, and under this title?", list(_planned(country))),
        Part("F", "Focus areas read into the plans of 2018", "These labels are not among the six names. Is the focus area right?", list(_labels(country))),
        Part("C", "Contradictions of the documents", "Which of the two holds?", list(_contradictions(country))),
    ]  # fmt: skip
    return [part for part in made if part.items]


def questions(made: Iterable[Part]) -> list[Item]:
    """Return the few items whose answer would settle most, the most urgent first."""
    asked = [item for part in made for item in part.items if item.question]
    return sorted(asked, key=lambda item: item.urgency)[:_MOST]


def to_csv(made: Iterable[Part]) -> str:
    """Write the sheet as CSV that no spreadsheet runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for part in made:
        for item in part.items:
            addresses = " ".join(link.url for link in item.links if link.url)
            cells = (item.id, part.heading, item.city, item.subject, item.says, item.rests, addresses, "", "", "")
            writer.writerow([defuse(cell) for cell in cells])
    return out.getvalue()


def spell_status(status: str) -> str:
    """Write a status, or the statuses that are left open, in words.

    Examples
    --------
    >>> spell_status("planning|ongoing"), spell_status("planning")
    ('planning or ongoing', 'planning')
    """
    return status.replace("|", " or ")


def _quoted(title: str) -> str:
    return f"‘{title}’"


def _projects(country: Country) -> Iterator[Item]:
    rows = country.rows().sort_values(["city", "list", "row_no"])
    unsure = rows[rows["status_basis"] == "open"]
    asked = unsure.groupby("city")["project_printed"].agg(lambda titles: ", ".join(map(_quoted, titles))).to_dict()
    for number, row in enumerate(rows.itertuples(), start=1):
        is_open, listed = row.status_basis == "open", row.status_basis == "list"
        says = f"{row.focus_area}; {spell_status(row.status)}{' (left open)' if is_open else ''}; first listed {row.first_year}"
        links = [Link(f"appendix, PDF p. {row.page}", row.url), *([] if listed else [_exhibit_2(country)])]
        rests = "status: the appendix lists it as completed" if listed else "status: derived from Exhibit 2"
        # One question a city: Exhibit 2 leaves open which of its projects are which.
        titles = asked.pop(row.city, "") if is_open else ""
        question = f"{row.city}: {spell_status(row.status)}, each of {titles}?" if titles else ""
        yield Item(f"P{number}", row.city, row.project_printed, says, rests, links, question, 1)


def _exhibit_2(country: Country) -> Link:
    link = quotes.exhibit(country, 2).links[0]
    return Link(f"Exhibit 2, {link.text}", link.url)


def _members(country: Country) -> Iterator[Item]:
    statements = country.table("membership")
    for number, row in enumerate(country.of(country.record.cities).sort_values("city").itertuples(), start=1):
        said = statements[statements["city_id"] == row.city_id]
        others = said.loc[said["source_id"] != ROSTER, "wording_note"]
        rests = "joining: the network's roster" + (f"; others: {'; '.join(others)}" if len(others) else "")
        links = [_document(country, s.source_id, s.page) for s in said.itertuples()]
        if not pd.isna(row.population_source_id):
            links.append(_document(country, row.population_source_id, row.population_page))
        yield Item(f"M{number}", row.city, row.city, _city_words(row), rests, links, *_asked_of_member(country, row))


def _asked_of_member(country: Country, row: Any) -> tuple[str, int]:
    """Return what to ask of a member city, and how urgently."""
    if row.city_id in country.disputed:
        return f"In which year did {row.city} join: {row.joined_year}, as the roster has it?", 4
    if row.city_id not in set(country.rows()["city_id"]):
        return f"Does {row.city} stand for the area that the record takes? {row.scope}.", 5
    return "", 9


def _document(country: Country, source_id: str, page: Any) -> Link:
    link = country.record.link(source_id, page)
    return link if pd.isna(page) else Link(f"{country.record.title(source_id)}, {link.text}", link.url)


def _city_words(row: Any) -> str:
    note = "" if pd.isna(row.point_note) else f" ({row.point_note})"
    people = "" if pd.isna(row.population) else f" Population {row.population:,} ({row.population_counts})."
    kind = "no single legal unit" if row.admin_level == "other" else row.admin_level.replace("-", " ")
    return f"Joined {row.joined_year}. {row.scope}. Kind: {kind}. Point {row.lat:.3f}, {row.lon:.3f}{note}.{people}"


def _links(country: Country) -> Iterator[Item]:
    links = country.record.judged_links
    for number, row in enumerate(links[links["iso3_to"] == country.iso3].itertuples(), start=1):
        doubtful = row.confidence == "doubtful"
        says = "two projects: the link is doubtful" if doubtful else f"one project, {row.kind}: the link is likely"
        pair = f"{_quoted(row.project_printed_from)} ({row.year_from}) and {_quoted(row.project_printed_to)} ({row.year_to})"
        ends = [Link(f"{row.year_from} report, PDF p. {row.page_from}", row.url_from),
                Link(f"{row.year_to} report, PDF p. {row.page_to}", row.url_to)]  # fmt: skip
        question = (
            f"Are {pair}, {row.city_to}, one project? The record {'keeps them apart' if doubtful else 'joins them'}."
        )
        yield Item(f"L{number}", row.city_to, pair, says, row.evidence, ends, question, 3 if doubtful else 6)


def _gone(country: Country) -> Iterator[Item]:
    record = country.record
    steps = country.of(record.steps[record.steps["status_to"] == NO_LONGER_LISTED])
    rows = country.of(record.panel).merge(
        steps, left_on=["report_year", "project_id"], right_on=["year_from", "project_id"]
    )
    for number, row in enumerate(rows.sort_values(["report_year", "city"]).itertuples(), start=1):
        says = f"{spell_status(row.status)} in the {row.report_year} report; no longer listed in {row.year_to}"
        links = [Link(f"{row.report_year} report, PDF p. {row.page}", row.url)]
        question = f"What became of {_quoted(row.project_printed)} ({row.city}), no longer listed in {row.year_to}?"
        newest = row.year_to == record.latest
        heir = record.doubtful_heirs.get((row.report_year, row.list, row.row_no))
        rests = f"the {row.year_to} report has no row that was recognised" + (
            f"; perhaps {_quoted(heir)} (doubtful)" if heir else ""
        )
        yield Item(
            f"N{number}", row.city, row.project_printed, says, rests, links, question if newest and not heir else "", 5
        )


def _planned(country: Country) -> Iterator[Item]:
    titles = country.record.panel.drop_duplicates("project_id", keep="last").set_index("project_id")["project_printed"]
    cities = country.cities.set_index("city_id")["city"]
    for number, row in enumerate(country.table("action_plan_projects").itertuples(), start=1):
        lives = None if pd.isna(row.project_id) else titles[row.project_id]
        says = f"lives on as {_quoted(lives)} (link {row.confidence})" if lives else _unlinked(row)
        doubtful = row.confidence == "doubtful"
        city = str(cities[row.city_id])
        question = (
            f"Does {_quoted(row.title_printed)} ({city}), planned in 2018, live on in the reports?" if doubtful else ""
        )
        link = country.record.link(row.source_id, row.page)
        yield Item(
            f"A{number}",
            city,
            row.title_printed,
            says,
            row.evidence,
            [Link(f"plan, {link.text}", link.url)],
            question,
            7,
        )


def _unlinked(row: Any) -> str:
    return (
        "kept apart: the link to a listed project is doubtful"
        if row.confidence == "doubtful"
        else "no listed project found"
    )


def _labels(country: Country) -> Iterator[Item]:
    labels = country.table("action_plan_focus_areas")
    cities = country.cities.set_index("city_id")["city"]
    for number, row in enumerate(labels[labels["match"] == "judged"].itertuples(), start=1):
        known = not pd.isna(row.focus_area)
        says = v.FOCUS_AREA_NAMES[row.focus_area] if known else "left empty: two readers took it differently"
        link = country.record.link(row.source_id, row.page)
        yield Item(f"F{number}", str(cities[row.city_id]), row.label_printed, says, "judged by two readers after the framework",
                   [Link(f"plan, {link.text}", link.url)])  # fmt: skip


def _contradictions(country: Country) -> Iterator[Item]:
    cities, told = sorted(country.cities["city"]), set()
    for number, row in enumerate(country.contradictions.itertuples(), start=1):
        city = next((name for name in cities if row.subject.startswith((f"{name}:", f"{name},"))), "")
        reason = "" if pd.isna(row.explanation) else row.explanation
        asked = _is_question(country, row) and reason not in told
        told.add(reason)
        question = f"Which holds? {row.subject}: {row.stated}, or {row.recomputed}." if asked else ""
        says = f"stated: {row.stated}; recomputed: {row.recomputed}"
        rests = f"{reason} ({row.pages})" if reason else row.pages
        yield Item(f"C{number}", city, f"{row.year}, {row.subject}", says, rests, [], question, 2)


def _is_question(country: Country, row: Any) -> bool:
    """Leave out how a ring was drawn, and what the latest report has settled against the one before."""
    record = country.record
    settled = row.subject.endswith((" against its ring", f"{record.before} against {record.latest}"))
    return row.year == record.latest and not settled


def summary(country: Country, made: Iterable[Part]) -> list[str]:
    """Count what is to be verified, for the brief."""
    rows = country.rows()
    counted = [(int((rows["status_basis"] == basis).sum()), *words) for basis, words in _STATUS_WORDS.items()]
    counted += [(len(part.items), *_PART_WORDS[part.letter]) for part in made if part.letter in _PART_WORDS]
    return [quantity(n, one, many) for n, one, many in counted if n]


_STATUS_WORDS: Final = {
    "exhibit": ("status derived from Exhibit 2", "statuses derived from Exhibit 2"),
    "open": ("status left open", "statuses left open"),
}
_PART_WORDS: Final = {
    "M": ("member city", "member cities"),
    "L": ("link between reports that is likely or doubtful", "links between reports that are likely or doubtful"),
    "N": ("project no longer listed", "projects no longer listed"),
    "A": ("project planned in 2018", "projects planned in 2018"),
    "F": ("focus area read into a plan of 2018", "focus areas read into plans of 2018"),
    "C": ("contradiction of the documents", "contradictions of the documents"),
}
