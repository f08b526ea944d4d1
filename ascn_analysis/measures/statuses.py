"""What is reported as planning, ongoing and completed, and how that changes from report to report.

Statuses are self-reported by the cities. Where the evidence leaves several open, a row holds the set
(``planning|ongoing``), so every count has a least and a most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames, packing
from ascn_analysis.vocabulary import STATUSES_REPORTED

NEWLY_LISTED: Final = "newly listed"
NO_LONGER_LISTED: Final = "no longer listed"


def status_counts(frame: IntoFrameT, by: Sequence[str] = ()) -> IntoFrameT:
    """Count projects by report and status, with the statuses that are left open as sets of their own.

    Parameters
    ----------
    frame
        Projects, one row per project and report, with ``status``.
    by
        Further columns to group by.

    Returns
    -------
    Frame
        ``report_year``, the columns of `by`, ``status`` (one status, or a set joined by ``|``), ``n`` (projects).
    """
    keys = ["report_year", *by, "status"]
    return frames.native(frames.count(frames.rows(frame), keys), keys)


def status_bounds(frame: IntoFrameT, by: Sequence[str] = ()) -> IntoFrameT:
    """Count the least and the most projects that can have each status.

    Returns
    -------
    Frame
        ``report_year``, the columns of `by`, ``status`` (planning, ongoing, completed), ``least`` (projects that have
        it for sure), ``most`` (those and the ones for which it is left open), ``total`` (projects).

    Notes
    -----
    The bounds are per status: not every status can be at its most at once.
    """
    groups = ["report_year", *by]
    # Counted once over all rows; the bounds are sums over the few groups of status sets that are left.
    sets = frames.count(frames.rows(frame), [*groups, "status"])
    flagged = sets.with_columns(*(flag for status in STATUSES_REPORTED for flag in _held(status)))
    names = [f"{bound}_{status}" for status in STATUSES_REPORTED for bound in ("least", "most")]
    sums = flagged.group_by(groups).agg(nw.col("n").sum().alias("total"), *(nw.col(name).sum() for name in names))
    bounds = nw.concat([_bounds(sums, groups, status) for status in STATUSES_REPORTED])
    return frames.native(bounds, [*groups, "status"])


def _held(status: str) -> list[Any]:
    """Return, for one status, the projects with nothing else, and those whose set holds it."""
    sure, possible = nw.col("status") == status, nw.col("status").str.contains(status, literal=True)
    bounds = {"least": sure, "most": possible}
    return [(nw.col("n") * holds.cast(nw.Int64)).alias(f"{bound}_{status}") for bound, holds in bounds.items()]


def _bounds(sums: Any, groups: list[str], status: str) -> Any:
    own = [nw.col(f"{bound}_{status}").alias(bound) for bound in ("least", "most")]
    return sums.select(*groups, nw.lit(status).alias("status"), *own, "total")


def completion(frame: IntoFrameT) -> IntoFrameT:
    """Measure the completed projects of each report against two denominators.

    Returns
    -------
    Frame
        ``report_year``, ``listed`` (projects in the report), ``ever_listed`` (projects in this report or an earlier
        one), ``least`` and ``most`` (completed ones), ``share_least`` and ``share_most`` (of the listed, 0-1),
        ``share_of_ever_least`` and ``share_of_ever_most`` (of those ever listed).

    Notes
    -----
    None of these is a success rate. Start and planned end of a project are unknown, new projects enlarge the
    denominator each year, and "planning" can stand for years of study. A completed project stays listed.
    """
    rows = frames.rows(frame)
    done = frames.rows(status_bounds(frame)).filter(nw.col("status") == "completed")
    first = rows.group_by("project_id").agg(nw.col("report_year").min())
    years = rows.select("report_year").unique()
    entered = years.join(frames.count(first, ["report_year"], "entered"), on="report_year", how="left")
    ever = frames.few(entered).with_columns(
        nw.col("entered").fill_null(0).cast(nw.Int64).cum_sum().over(order_by="report_year").alias("ever_listed")
    )
    joined = done.join(ever, on="report_year", how="left").with_columns(nw.col("total").alias("listed"))
    shared = joined.with_columns(
        (nw.col("least") / nw.col("listed")).alias("share_least"),
        (nw.col("most") / nw.col("listed")).alias("share_most"),
        (nw.col("least") / nw.col("ever_listed")).alias("share_of_ever_least"),
        (nw.col("most") / nw.col("ever_listed")).alias("share_of_ever_most"),
    )
    columns = ["report_year", "listed", "ever_listed", "least", "most",
               "share_least", "share_most", "share_of_ever_least", "share_of_ever_most"]  # fmt: skip
    return frames.native(shared.select(columns), ["report_year"])


def status_steps(frame: IntoFrameT) -> IntoFrameT:
    """Follow each project from every report to the next.

    Returns
    -------
    Frame
        One row per project and pair of consecutive reports of which at least one lists it: ``year_from``, ``year_to``,
        ``project_id``, ``status_from`` (or ``"newly listed"``), ``status_to`` (or ``"no longer listed"``).

    Notes
    -----
    "No longer listed" is just that; the reports give no reason. It can be a rename that was not recognised.
    """
    rows = frames.with_neighbours(frames.rows(frame).select("report_year", "project_id", "status"))
    then = [nw.col("report_year").alias("next_year"), nw.col("status").alias("status_to"), nw.lit(1).alias("listed")]
    nexts = rows.select("project_id", *then)
    kept = rows.filter(nw.col("next_year") != frames.NO_REPORT).join(nexts, on=["next_year", "project_id"], how="left")
    onward = kept.select(
        nw.col("report_year").alias("year_from"),
        nw.col("next_year").alias("year_to"),
        "project_id",
        nw.col("status").alias("status_from"),
        nw.when(nw.col("listed").is_null())
        .then(nw.lit(NO_LONGER_LISTED))
        .otherwise(nw.col("status_to"))
        .alias("status_to"),
    )
    return frames.native(nw.concat([onward, _entries(rows)]), ["year_from", "project_id"])


def _entries(rows: Any) -> Any:
    """Return the rows whose project the report before does not list."""
    before = rows.select(nw.col("report_year").alias("previous_year"), "project_id")
    later = rows.filter(nw.col("previous_year") != frames.NO_REPORT)
    new = later.join(before, on=["previous_year", "project_id"], how="anti")
    return new.select(
        nw.col("previous_year").alias("year_from"),
        nw.col("report_year").alias("year_to"),
        "project_id",
        nw.lit(NEWLY_LISTED).alias("status_from"),
        nw.col("status").alias("status_to"),
    )


def transitions(frame: IntoFrameT) -> IntoFrameT:
    """Count the steps between statuses from each report to the next.

    Returns
    -------
    Frame
        ``year_from``, ``year_to``, ``status_from`` (with ``"newly listed"``), ``status_to`` (with ``"no longer listed"``),
        ``n`` (projects). Pairs that do not occur are absent.

    Notes
    -----
    A step from or to an open set is no change by itself: the evidence differs from report to report.

    These are the rows of `status_steps`, counted without its joins (`packing` says how). For a lazy frame the reports and
    statuses that occur are looked up at once, and it is not checked that a report lists a project once.
    """
    rows = frames.rows(frame).select("report_year", "project_id", "status")
    known = frames.tuples(rows.select("report_year", "status").unique())
    digits = packing.Digits.of(status for _, status in known)
    counted = [_steps_between(rows, span, digits) for span in packing.spans({year for year, _ in known}, digits.places)]
    return frames.native(nw.concat(counted), ["year_from", "year_to", "status_from", "status_to"])


def _steps_between(rows: Any, years: Sequence[int], digits: packing.Digits) -> Any:
    """Count the steps between some consecutive reports."""
    pairs = packing.pairs(rows.filter(nw.col("report_year").is_in(years)), years, digits)
    steps = pairs.filter((nw.col("digit_from") > 0) | (nw.col("digit_to") > 0)).select(
        nw.col("report_year").alias("year_from"),
        "year_to",
        digits.status("digit_from", NEWLY_LISTED).alias("status_from"),
        digits.status("digit_to", NO_LONGER_LISTED).alias("status_to"),
        "n",
    )
    return steps.group_by("year_from", "year_to", "status_from", "status_to").agg(nw.col("n").sum())
