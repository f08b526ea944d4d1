"""The status of each listed project, as far as the lists of a report and its Exhibit 2 leave one answer.

The lists tell completed projects apart since 2024, and never planning from ongoing. Exhibit 2 tells planning, ongoing
and completed per city and focus area, as counts of icons. Where a cell of the exhibit holds as many icons as the
appendix has rows, and all of one kind, every row of the cell has that status; where icons of several kinds stand in
it, the set is left open. Where exhibit and appendix differ on the focus areas of a city but agree on its total, the
city as a whole is asked in the same way. Nothing else is inferred.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from ascn_analysis.vocabulary import STATUSES_REPORTED

_LISTED = {"all": STATUSES_REPORTED, "ongoing_or_planning": ("planning", "ongoing"), "completed": ("completed",)}
Icons = Counter[str]


def derive(rows: pd.DataFrame, exhibit: pd.DataFrame) -> pd.DataFrame:
    """Derive ``status`` and ``status_basis`` of every appendix row.

    Parameters
    ----------
    rows
        Appendix rows: ``report_year``, ``list``, ``city_id``, ``focus_area_id``.
    exhibit
        Cells of Exhibit 2: ``report_year``, ``city_id``, ``focus_area``, ``status``, ``n``.

    Returns
    -------
    DataFrame
        With the index of `rows`. ``status`` is one status, or the set left open, joined by ``|``; ``status_basis`` is
        ``list`` (the completed list), ``exhibit`` (one status is left) or ``open``.
    """
    cells = _icons(exhibit, ["report_year", "city_id", "focus_area"])
    cities = _icons(exhibit, ["report_year", "city_id"])
    in_cell = _listed(rows, ["report_year", "city_id", "focus_area_id"])
    in_city = _listed(rows, ["report_year", "city_id"])
    found = []
    for row in rows.itertuples():
        cell, city = (row.report_year, row.city_id, row.focus_area_id), (row.report_year, row.city_id)
        places = ((cells.get(cell), in_cell[cell]), (cities.get(city), in_city[city]))
        found.append(_one(str(row.list), places))
    return pd.DataFrame(found, columns=["status", "status_basis"], index=rows.index)


def _icons(exhibit: pd.DataFrame, keys: list[str]) -> dict[Any, Icons]:
    return {key: Counter(dict(part.groupby("status")["n"].sum())) for key, part in exhibit.groupby(keys)}


def _listed(rows: pd.DataFrame, keys: list[str]) -> dict[Any, Icons]:
    return {key: Counter(part["list"]) for key, part in rows.groupby(keys)}


def _one(name: str, places: tuple[tuple[Icons | None, Icons], ...]) -> tuple[str, str]:
    if name == "completed":
        return "completed", "list"
    left = list(_LISTED[name])
    for icons, listed in places:
        if icons is not None and _agree(icons, listed):
            left = [status for status in left if icons[status]]
            break
    return "|".join(left), "exhibit" if len(left) == 1 else "open"


def _agree(icons: Icons, listed: Icons) -> bool:
    """Say whether a place of the exhibit holds as many icons as the appendix has rows, also of completed ones."""
    told_apart = listed["all"] == 0
    return icons.total() == listed.total() and (not told_apart or icons["completed"] == listed["completed"])
