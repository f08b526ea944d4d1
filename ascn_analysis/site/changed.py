"""What changed for a country between the last two reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.measures.statuses import NO_LONGER_LISTED
from ascn_analysis.site.country import Country

_KINDS: Final = (
    ("newly_listed", "Newly listed"),
    ("newly_listed_completed", "Newly listed, as completed"),
    ("newly_completed", "Newly completed"),
)


@dataclass(frozen=True)
class Change:
    """One kind of change.

    Attributes
    ----------
    label
        What happened.
    n
        Projects (or cities) to which it happened.
    places
        (city, what, ...) in alphabetical order of cities; the city is empty where the entries are cities.
    """

    label: str
    n: int
    places: list[tuple[str, str]]


def changes(country: Country) -> list[Change]:
    """Say what became of the country's projects since the report before.

    Returns
    -------
    list of Change
        Kinds that occurred only: new cities, newly listed, newly completed, begun, renamed, filed elsewhere, no longer listed.

    Notes
    -----
    Renaming is judged (the link's confidence is given). "No longer listed" says only that; it can be a renaming that
    was not recognised.
    """
    record = country.record
    marked = country.of(record.history[record.history["report_year"] == record.latest])
    kinds = [
        _new_cities(country),
        *(_listed(country, kind, label) for kind, label in _KINDS),
        _begun(country),
        _change("Renamed (judged)", marked[marked["renamed"]], _renamed),
        _change("Filed under another focus area", marked[marked["reclassified"]], _refiled),
        _gone(country),
    ]
    return [kind for kind in kinds if kind.n]


def stayed(country: Country) -> int:
    """Count the projects that both of the last two reports list."""
    return int(country.rows()["change"].isin(["continued", "newly_completed", "still_completed"]).sum())


def _change(label: str, rows: pd.DataFrame, words: Any) -> Change:
    entries = [(str(row.city), words(row)) for row in rows.itertuples()]
    return Change(label, len(entries), _by_city(entries))


def _by_city(entries: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    cities: dict[str, list[str]] = {}
    for city, words in sorted(entries, key=lambda entry: entry[0]):
        cities.setdefault(city, []).append(words)
    return [(city, "; ".join(words)) for city, words in cities.items()]


def _new_cities(country: Country) -> Change:
    new = country.cities[country.cities["joined_year"] > country.record.before]
    words = [f"{row.city} ({row.joined_year})" for row in new.itertuples()]
    return Change("New on the roster", len(words), [("", "; ".join(words))] if words else [])


def _listed(country: Country, kind: str, label: str) -> Change:
    rows = country.rows()
    return _change(label, rows[rows["change"] == kind], lambda row: row.project_printed)


def _begun(country: Country) -> Change:
    """Find the projects that both reports leave no doubt of: in planning before, ongoing now."""
    record = country.record
    steps = country.of(record.steps[record.steps["year_to"] == record.latest])
    begun = steps[(steps["status_from"] == "planning") & (steps["status_to"] == "ongoing")]
    rows = country.rows()
    return _change(
        "Ongoing, in planning before",
        rows[rows["project_id"].isin(begun["project_id"])],
        lambda row: row.project_printed,
    )


def _renamed(row: Any) -> str:
    return f"{row.project_printed}, before: {row.printed_before} (link {row.confidence})"


def _refiled(row: Any) -> str:
    return f"{row.project_printed}: {row.focus_area}, before: {v.FOCUS_AREA_NAMES[row.area_before]}"


def _gone(country: Country) -> Change:
    record = country.record
    steps = country.of(record.steps[record.steps["year_to"] == record.latest])
    gone = steps[steps["status_to"] == NO_LONGER_LISTED]["project_id"]
    rows = country.rows(record.before)

    def words(row: Any) -> str:
        doubtful = (row.report_year, row.list, row.row_no) in record.doubtful_heirs
        return row.project_printed + (" (perhaps under a new title: see the sheet)" if doubtful else "")

    return _change("No longer listed", rows[rows["project_id"].isin(gone)], words)
