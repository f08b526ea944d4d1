"""What all reports say of a project, packed into one whole number: a digit a report.

Steps between reports need the rows of a project side by side. Sorting or joining millions of rows by their ids is slow in
every engine. Here each row becomes one digit, and a sum by project puts the digits side by side; the few different
histories that come out are then taken apart again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

import narwhals as nw

from ascn_analysis.errors import AscnError
from ascn_analysis.measures import frames


class Digits(NamedTuple):
    """Digits for what a report says of a project: 0 that it does not list it, then the statuses, then that none is given."""

    statuses: tuple[str, ...]

    @classmethod
    def of(cls, statuses: Iterable[str | None]) -> Self:
        """Give the statuses that occur digits in order of their words."""
        return cls(tuple(sorted({status for status in statuses if status is not None})))

    @property
    def base(self) -> int:
        """About twice what the digits need: two of them never carry, so a row too many is found (`pairs`)."""
        return 2 * len(self.statuses) + 3

    @property
    def places(self) -> int:
        """Digits that fit into 53 bits: some engines divide whole numbers as floats."""
        return int(53 / math.log2(self.base))

    def digit(self) -> Any:
        """Return the digit of each row."""
        numbers = {status: i for i, status in enumerate(self.statuses, start=1)}
        return _chosen("status", numbers, nw.lit(len(self.statuses) + 1)).cast(nw.Int64)

    def place(self, years: Sequence[int]) -> Any:
        """Return what the digit of a report is worth."""
        return _chosen("report_year", {year: self.base**i for i, year in enumerate(years)}, nw.lit(0)).cast(nw.Int64)

    def status(self, digit: str, absent: str) -> Any:
        """Return the word for a digit, missing where none was given."""
        return _chosen(digit, dict(enumerate((absent, *self.statuses))), nw.lit(None, dtype=nw.String))


def _chosen(column: str, choices: Mapping[Any, Any], otherwise: Any) -> Any:
    """Return what stands for each value of a column."""
    for value, choice in choices.items():
        otherwise = nw.when(nw.col(column) == value).then(nw.lit(choice)).otherwise(otherwise)
    return otherwise


def spans(years: Collection[int], places: int) -> list[list[int]]:
    """Cut the reports into stretches that fit into one number; the last of one is the first of the next.

    Examples
    --------
    >>> spans({2022, 2023, 2024, 2025, 2027}, 3)
    [[2022, 2023, 2024], [2024, 2025, 2027]]
    """
    ordered = sorted(years)
    return [ordered[i : i + places] for i in range(0, max(1, len(ordered) - 1), places - 1)]


def pairs(rows: Any, years: Sequence[int], digits: Digits) -> Any:
    """Count the projects by what two consecutive reports say of them.

    Parameters
    ----------
    rows
        ``report_year``, ``project_id``, ``status``, of the reports in `years` only.
    years
        The reports, in order, at most as many as a number has places.
    digits
        What the digits stand for.

    Returns
    -------
    Frame
        ``report_year`` (all but the last), ``year_to`` (the next), ``digit_from``, ``digit_to``, ``n`` (projects); several rows a
        pair, also for projects that neither lists.

    Raises
    ------
    AscnError
        If a report lists a project twice, or a row names no project; for frames in memory.
    """
    counted = _counted(rows, years, digits)
    if isinstance(counted, nw.DataFrame):
        _check(counted, len(rows))
    return counted.filter(nw.col("year_to") != frames.NO_REPORT)


def _counted(rows: Any, years: Sequence[int], digits: Digits) -> Any:
    """Return `pairs`, and the last report beside a next one of year 0."""
    beside = _histories(rows, years, digits).join(rows.select("report_year").unique(), how="cross")
    place = digits.place(years)
    return beside.select(
        "report_year",
        _chosen("report_year", dict(pairwise(years)), nw.lit(frames.NO_REPORT)).alias("year_to"),
        (nw.col("history") // place % digits.base).alias("digit_from"),
        (nw.col("history") // (place * digits.base) % digits.base).alias("digit_to"),
        "n",
    )


def _histories(rows: Any, years: Sequence[int], digits: Digits) -> Any:
    """Count the projects by their history."""
    packed = rows.select("project_id", (digits.digit() * digits.place(years)).alias("history"))
    summed = packed.group_by("project_id").agg(nw.col("history").sum())
    return frames.count(summed.with_columns(nw.col("history").cast(nw.Int64)), ["history"])


def _check(counted: Any, rows: int) -> None:
    lost = rows - _digits(counted)
    if lost:
        problem = f"{lost} rows of {rows} repeat a project within its report, or name none"
        raise AscnError(f"{problem}; expected one row for each project_id and report_year")


def _digits(counted: Any) -> int:
    """Count the digits other than 0: as many as there are rows, or fewer where digits fell together."""
    ((found,),) = frames.tuples(counted.filter(nw.col("digit_from") > 0).select(nw.col("n").sum()))
    return int(found or 0)


def repeats(rows: Any, years: Sequence[int]) -> bool:
    """Tell whether a report lists a project twice, by one sum a project instead of a group for each project and report.

    Parameters
    ----------
    rows
        ``report_year`` and ``project_id``, none missing; lazy or in memory.
    years
        All reports, in order.
    """
    listed = Digits(())
    for i in range(0, len(years), listed.places):
        span = years[i : i + listed.places]
        within = rows.filter(nw.col("report_year").is_in(span))
        ((n,),) = frames.tuples(within.select(nw.len()))
        if _digits(_counted(within, span, listed)) != n:
            return True
    return False
