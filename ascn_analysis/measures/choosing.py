"""The rows of a choice: which countries, cities, focus areas, statuses and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import narwhals as nw

from ascn_analysis.measures.frames import rows

NOT_GIVEN: Final = ""
"""Stands, in a choice, for the rows that do not give a value."""

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "countries": "iso3",
        "cities": "city_id",
        "focus_areas": "focus_area_id",
        "statuses": "status",
        "reports": "report_year",
    }
)
"""What can be chosen, and the column that holds it."""


def select(
    projects: Any,
    *,
    countries: Iterable[str] | None = None,
    cities: Iterable[str] | None = None,
    focus_areas: Iterable[str] | None = None,
    statuses: Iterable[str] | None = None,
    reports: Iterable[int] | None = None,
) -> Any:
    """Return the projects of a choice, in the order in which they stand.

    Parameters
    ----------
    projects
        Projects, one row per project and report; has ``iso3``, ``city_id``, ``focus_area_id``, ``status`` and
        ``report_year`` as far as they are chosen by.
    countries, cities, focus_areas, statuses, reports
        Values to keep; None keeps every row, also those without a value. ``""`` among texts keeps the rows without one.
        A status is what stands in the column: ``planning|ongoing`` is a value of its own.

    Returns
    -------
    frame
        Same kind of frame, same columns, the rows that fit every given list.

    Examples
    --------
    >>> import ascn_analysis
    >>> len(select(ascn_analysis.load_panel(), countries=["SGP"], reports=[2025]))
    6
    """
    given = {
        "countries": countries,
        "cities": cities,
        "focus_areas": focus_areas,
        "statuses": statuses,
        "reports": reports,
    }
    kept = [_fits(COLUMNS[name], list(values)) for name, values in given.items() if values is not None]
    frame = rows(projects)
    return (frame.filter(*kept) if kept else frame).to_native()


def _fits(column: str, values: list[Any]) -> Any:
    fits = nw.col(column).is_in([value for value in values if value != NOT_GIVEN])
    return fits | nw.col(column).is_null() if NOT_GIVEN in values else fits
