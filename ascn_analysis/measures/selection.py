"""One measure for all projects together and for each country alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames

ALL: Final = "all"

_WHOLE_ONLY: Final[ContextVar[bool]] = ContextVar("whole_only", default=False)


@contextmanager
def whole_only() -> Iterator[None]:
    """Let `by_selection` measure all projects together only, where no country will be picked out of its answer.

    A live explorer chooses the projects itself, and redraws a figure for all of those chosen: to measure each
    country as well would take most of the time between a click and the redrawn figure.
    """
    before = _WHOLE_ONLY.set(True)
    try:
        yield
    finally:
        _WHOLE_ONLY.reset(before)


def by_selection(metric: Callable[..., Any], frame: IntoFrameT, column: str = "iso3") -> IntoFrameT:
    """Measure all projects together and each country alone, stacked.

    Parameters
    ----------
    metric
        A measure of this module that takes a frame of projects.
    frame
        Projects, one row per project and report.
    column
        Column whose values are the selections.

    Returns
    -------
    Frame
        As `metric` gives it, after a column ``selection``: ``"all"``, then each value of `column` in order. A chart
        that cannot recompute a measure picks rows by this column.
    """
    whole = _named(metric(frame), ALL)
    if column == "iso3" and _WHOLE_ONLY.get():
        return nw.maybe_reset_index(whole).to_native()
    rows = frames.rows(frame).filter(~nw.col(column).is_null())
    each = [_named(metric(rows.filter(nw.col(column) == value).to_native()), value) for value in _values(rows, column)]
    return nw.maybe_reset_index(nw.concat([whole, *each])).to_native()


def _values(rows: Any, column: str) -> list[Any]:
    return sorted(rows.select(column).unique().lazy().collect().get_column(column).to_list())


def _named(frame: Any, selection: str) -> Any:
    rows = frames.rows(frame)
    return rows.select(nw.lit(selection).alias("selection"), nw.all())
