"""What all measures share: taking frames in, counting rows, giving frames back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw

NO_REPORT: Final = 0


def rows(frame: Any) -> Any:
    """Take in any frame that narwhals knows, eager or lazy."""
    return nw.from_native(frame)


def count(rows: Any, keys: Sequence[str], name: str = "n") -> Any:
    """Count the rows of each group."""
    counted = rows.group_by(list(keys)).agg(nw.len().alias(name))
    return counted.with_columns(nw.col(name).cast(nw.Int64))


def native(rows: Any, keys: Sequence[str]) -> Any:
    """Return the frame sorted by its keys, as the kind of frame that went in, numbered from 0 where rows have numbers."""
    return nw.maybe_reset_index(rows.sort(list(keys))).to_native()


def with_neighbours(rows: Any) -> Any:
    """Add to each row the years of the reports before and after its own, 0 where there is none."""
    year = nw.col("report_year")
    years = (
        rows.select("report_year")
        .unique()
        .with_columns(
            year.shift(1).over(order_by="report_year").fill_null(NO_REPORT).cast(nw.Int64).alias("previous_year"),
            year.shift(-1).over(order_by="report_year").fill_null(NO_REPORT).cast(nw.Int64).alias("next_year"),
        )
    )
    return rows.join(years, on="report_year", how="left")
