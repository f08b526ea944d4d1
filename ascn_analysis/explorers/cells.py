"""Projects counted once by everything that can be chosen, so that a click costs the same for 400 rows and a million."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from ascn_analysis.explorers.choice import Choice
from ascn_analysis.measures.choosing import COLUMNS, NOT_GIVEN

_COUNT: Final = "n"


class Cells:
    """Counts of projects by country, city, focus area, status and report.

    Parameters
    ----------
    projects
        One row per project and report, with the columns of `metrics.select`. A column that is missing counts as one
        that no row gives.

    Notes
    -----
    A view counts the rows that fit every part of the choice but its own (a cross-filter), so that what is not chosen
    stays there to be chosen.
    """

    def __init__(self, projects: pd.DataFrame) -> None:
        keys = pd.DataFrame({name: _values(projects, column) for name, column in COLUMNS.items()})
        grouped = keys.groupby(list(COLUMNS), sort=False, observed=True, dropna=False)
        self._cell_of_row = grouped.ngroup().to_numpy()
        self._cells = grouped.size().rename(_COUNT).reset_index().astype(dict.fromkeys(COLUMNS, object))

    def values(self, name: str) -> list[Any]:
        """Return the values of a dimension that occur, sorted; the one for rows without a value stands last."""
        return sorted(self._cells[name].unique(), key=lambda value: (value == NOT_GIVEN, value))

    def counts(self, name: str, choice: Choice) -> dict[Any, int]:
        """Count the rows by a dimension, under every part of the choice but that one's own; values without one are left out."""
        kept = self._cells[self._fits(choice, besides=name)]
        return {value: int(n) for value, n in kept.groupby(name, sort=False)[_COUNT].sum().items()}

    def total(self, choice: Choice) -> int:
        """Count the rows that fit the whole choice."""
        return int(self._cells.loc[self._fits(choice), _COUNT].sum())

    def distinct(self, name: str, choice: Choice) -> int:
        """Count the different values of a dimension among the rows that fit the whole choice and give one."""
        found = self._cells.loc[self._fits(choice), name]
        return int(found[found != NOT_GIVEN].nunique())

    def mask(self, choice: Choice) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Tell of each row whether it fits the whole choice."""
        return self._fits(choice)[self._cell_of_row]

    def _fits(self, choice: Choice, besides: str | None = None) -> np.ndarray[Any, np.dtype[np.bool_]]:
        fits = np.ones(len(self._cells), dtype=bool)
        for name, values in choice.given().items():
            if name != besides:
                fits &= self._cells[name].isin(values).to_numpy()
        return fits


def _values(projects: pd.DataFrame, column: str) -> pd.Series:
    if column not in projects:
        return pd.Series(NOT_GIVEN, index=projects.index, dtype="str")
    cells = projects[column]
    if pd.api.types.is_numeric_dtype(cells):
        return cells.astype(object).where(cells.notna(), NOT_GIVEN) if cells.hasnans else cells
    grouped = cells.astype("category")
    missing = [] if NOT_GIVEN in grouped.cat.categories else [NOT_GIVEN]
    return grouped.cat.add_categories(missing).fillna(NOT_GIVEN)
