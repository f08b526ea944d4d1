"""The rows of a choice: which countries, cities, focus areas, statuses and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Final

import narwhals as nw

from ascn_analysis.errors import SelectionError
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
        A status is what stands in the column: ``planning|ongoing`` is a value of its own. A value that no row has
        keeps no row.

    Returns
    -------
    frame
        Same kind of frame, same columns, the rows that fit every given list.

    Raises
    ------
    SelectionError
        If a text stands where a list is expected, or values are given of a column that the projects lack.

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
    chosen = {name: _listed(name, values) for name, values in given.items() if values is not None}
    return reduce(_keep, chosen.items(), rows(projects)).to_native()


def _listed(name: str, values: Iterable[Any]) -> list[Any]:
    """Refuse a text, whose letters would each be taken for a value."""
    if isinstance(values, str):
        raise SelectionError(f"select: {name} {values!r}; expected a list of values, such as [{values!r}]")
    return list(values)


def _keep(frame: Any, wanted: tuple[str, list[Any]]) -> Any:
    """Keep the rows that have one of the values; of no value there is none."""
    name, values = wanted
    column = COLUMNS[name]
    if column not in frame.collect_schema().names():
        asked = [value for value in values if value != NOT_GIVEN]
        if asked:
            raise SelectionError(f"select: {name} {asked!r}; the projects have no column {column!r}")
        return frame if values else frame.head(0)
    if not values:  # some engines cannot tell the type of an empty list
        return frame.head(0)
    fits = nw.col(column).is_in(values)
    return frame.filter(fits | nw.col(column).is_null() if NOT_GIVEN in values else fits)
