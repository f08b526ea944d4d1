"""What all measures share: taking frames in, counting rows, giving frames back.

Engines differ in small ways. What a measure would stumble over is levelled here, when a frame comes in (types of keys) and
when a result goes out (types of sums), so that each measure is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from importlib.util import find_spec
from typing import Any, Final, TypeVar, cast

import narwhals as nw
import pandas as pd

from ascn_analysis.errors import AscnError

NO_REPORT: Final = 0

Measure = TypeVar("Measure", bound=Callable[[Any], Any])


def on_arrow(*columns: str) -> Callable[[Measure], Measure]:
    """Let a measure of one frame work on an Arrow table where it is given pandas, and give pandas back.

    Parameters
    ----------
    columns
        What the measure reads of the frame.

    Notes
    -----
    A step on a small Arrow table takes a quarter of the time that it takes on a pandas frame, which is most of what a reader waits
    for after a click. It needs pyarrow, and columns of numpy's numbers or pandas' own text: others would come back as another type.
    """

    def wrapper(measure: Measure) -> Measure:
        @wraps(measure)
        def measured(frame: Any) -> Any:
            if not (isinstance(frame, pd.DataFrame) and len(frame) and _HAS_ARROW):
                return measure(frame)
            read = nw.from_native(frame).select(*columns)
            if not all(_is_plain(dtype) for dtype in read.to_native().dtypes):
                return measure(frame)
            return measure(read.to_arrow()).to_pandas()

        return cast(Measure, measured)

    return wrapper


_HAS_ARROW: Final = find_spec("pyarrow") is not None


def _is_plain(dtype: Any) -> bool:
    return dtype == pd.StringDtype(na_value=float("nan")) or (
        not pd.api.types.is_extension_array_dtype(dtype) and dtype.kind in "iuf"
    )


def rows(frame: Any) -> Any:
    """Take in any frame that narwhals knows, eager or lazy; whole numbers become 64-bit ones."""
    taken = nw.from_native(frame)
    levelled = list(_levelled(taken))
    return taken.with_columns(*levelled) if levelled else taken


def _levelled(taken: Any) -> Iterator[Any]:
    """Yield the columns whose type engines refuse to join with what a measure makes itself."""
    particular = taken.implementation.is_pyarrow() or taken.implementation.is_dask()
    for name, dtype in taken.collect_schema().items():
        if dtype.is_integer() and dtype != nw.Int64:
            yield nw.col(name).cast(nw.Int64)
        # PyArrow neither joins nor stacks its three types of text, and Dask warns of its two.
        elif particular and dtype in (nw.String, nw.Categorical):
            yield nw.col(name).cast(nw.String)


def together(**named: Any) -> list[Any]:
    """Take in frames that are to be joined, under the names that the caller knows them by.

    Raises
    ------
    AscnError
        If they are not of one kind.
    """
    taken = {name: rows(frame) for name, frame in named.items()}
    (first, one), *others = ((name, _kind(frame)) for name, frame in taken.items())
    for name, other in others:
        if other != one:
            raise AscnError(f"{first} is a {one} frame and {name} a {other} frame; expected frames of one kind")
    return list(taken.values())


def _kind(taken: Any) -> str:
    """Name an engine, as in ``Polars`` or ``lazy Polars``."""
    engine = taken.implementation
    lazy = engine.is_polars() and isinstance(taken, nw.LazyFrame)
    return f"lazy {engine}" if lazy else str(engine)


def count(rows: Any, keys: Sequence[str], name: str = "n") -> Any:
    """Count the rows of each group."""
    counted = rows.group_by(list(keys)).agg(nw.len().alias(name))
    return counted.with_columns(nw.col(name).cast(nw.Int64))


def native(rows: Any, keys: Sequence[str], nulls_last: bool = False) -> Any:
    """Return the frame sorted by its keys, as the kind of frame that went in, numbered from 0 where rows have numbers."""
    # DuckDB sums whole numbers to 128 bits, which few readers of its results know.
    wide = [name for name, dtype in rows.collect_schema().items() if dtype == nw.Int128]
    narrow = rows.with_columns(nw.col(*wide).cast(nw.Int64)) if wide else rows
    return nw.maybe_reset_index(narrow.sort(list(keys), nulls_last=nulls_last)).to_native()


def tuples(rows: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a small frame in memory, whatever engine holds them; missing is None."""
    held = rows.collect() if isinstance(rows, nw.LazyFrame) else rows
    return [tuple(None if pd.isna(value) else value for value in row) for row in held.rows()]


def in_order(rows: Any, keys: Sequence[str], columns: Any) -> Any:
    """Put columns beside the rows by their keys, and keep the order of the rows where there is one."""
    if isinstance(rows, nw.LazyFrame) or rows.implementation.is_pandas():
        return rows.join(columns, on=list(keys), how="left")
    place = "row number"
    joined = rows.with_row_index(place).join(columns, on=list(keys), how="left")
    return joined.sort(place).drop(place)


def with_day(rows: Any, date: str, name: str) -> Any:
    """Add the number of the day of an ISO date, as `datetime.date.toordinal` counts, missing where the date is.

    Differences of dates are no numbers in every engine; years and days of the year are.
    """
    day, past = nw.col(name), nw.col(name).dt.year().cast(nw.Float64) - 1
    read = rows.with_columns(nw.col(date).str.to_datetime(format="%Y-%m-%d").alias(name))
    return read.with_columns((365 * past + past // 4 - past // 100 + past // 400 + day.dt.ordinal_day()).alias(name))


def shifted(rows: Any, by: str | Sequence[str], **columns: tuple[str, int]) -> Any:
    """Add columns that hold what other columns hold so many rows before, in the order of `by`."""
    shifts = {name: nw.col(column).shift(steps) for name, (column, steps) in columns.items()}
    if isinstance(rows, nw.LazyFrame):
        return rows.with_columns(*(shift.over(order_by=by).alias(name) for name, shift in shifts.items()))
    return rows.sort(by).with_columns(*(shift.alias(name) for name, shift in shifts.items()))


def few(rows: Any) -> Any:
    """Return a frame of few rows as one that may be shifted and summed up in an order of its rows.

    Dask puts the results beside the rows by their index, which after a join or a count in several pieces holds numbers twice.
    """
    if rows.implementation.is_dask():
        return nw.from_native(rows.to_native().repartition(npartitions=1).reset_index(drop=True))
    return rows


def with_neighbours(rows: Any) -> Any:
    """Add to each row the years of the reports before and after its own, 0 where there is none."""
    years = few(rows.select("report_year").unique())
    beside = shifted(years, "report_year", previous_year=("report_year", 1), next_year=("report_year", -1))
    neighbours = nw.col("previous_year", "next_year").fill_null(NO_REPORT).cast(nw.Int64)
    return rows.join(beside.with_columns(neighbours), on="report_year", how="left")
