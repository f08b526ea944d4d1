"""Totals, growth, and the parts that growth is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames
from ascn_analysis.measures.frames import NO_REPORT

DAYS_A_YEAR: Final = 365.25


def totals(frame: IntoFrameT, by: Sequence[str] = ()) -> IntoFrameT:
    """Count projects by report, and by further columns.

    Parameters
    ----------
    frame
        Projects, one row per project and report.
    by
        Further columns to group by, such as ``["iso3"]`` or ``["focus_area_id"]``.

    Returns
    -------
    Frame
        ``report_year``, the columns of `by`, ``n`` (projects). Groups without a row are absent, not 0.
    """
    keys = ["report_year", *by]
    return frames.native(frames.count(frames.rows(frame), keys), keys)


@frames.on_arrow("report_year", "as_of")
def growth(frame: IntoFrameT) -> IntoFrameT:
    """Measure growth from report to report.

    Returns
    -------
    Frame
        One row a report: ``report_year``, ``as_of``, ``n`` (projects), ``change`` (projects since the report before),
        ``percent`` (of the number before), ``days`` (between the as-of dates), ``annualised_percent``. The first
        report has no change.

    Notes
    -----
    ``annualised_percent = 100 * ((n1 / n0) ** (365.25 / days) - 1)``, over the true interval between the as-of
    dates, which are 327 to 408 days apart. The number of projects is not a stock of everything ever listed: rows
    leave the lists as well as enter them (`growth_parts`), and new member cities bring projects with them.
    """
    counted = frames.few(frames.count(frames.rows(frame), ["report_year", "as_of"]))
    dated = frames.with_day(counted, "as_of", "day")
    before = frames.shifted(dated, "report_year", before=("n", 1), day_before=("day", 1))
    n, change, days = nw.col("n"), nw.col("n") - nw.col("before"), nw.col("day") - nw.col("day_before")
    ratio = n / nw.col("before")
    grown = before.with_columns(
        change.alias("change"),
        (100 * (ratio - 1)).alias("percent"),
        days.alias("days"),
        (100 * (ratio ** (DAYS_A_YEAR / days) - 1)).alias("annualised_percent"),
    )
    columns = ["report_year", "as_of", "n", "change", "percent", "days", "annualised_percent"]
    return frames.native(grown.select(columns), ["report_year"])


def per_city(frame: IntoFrameT) -> IntoFrameT:
    """Count projects per member city with projects in the report.

    Returns
    -------
    Frame
        ``report_year``, ``n`` (projects), ``cities`` (cities with at least one row), ``per_city`` (``n / cities``).

    Notes
    -----
    The denominator is the cities that a report lists. In 2023 the official roster has three more members (the Thai
    cities that joined in July 2023), none of which has a row before 2024.
    """
    rows = frames.rows(frame)
    cities = frames.count(rows.select("report_year", "city_id").unique(), ["report_year"], "cities")
    joined = frames.count(rows, ["report_year"]).join(cities, on="report_year", how="left")
    return frames.native(joined.with_columns((nw.col("n") / nw.col("cities")).alias("per_city")), ["report_year"])


@frames.on_arrow("report_year", "project_id", "list", "joined_year")
def growth_parts(frame: IntoFrameT) -> IntoFrameT:
    """Split each report's total into parts, in four ways that each sum to the total.

    Returns
    -------
    Frame
        ``report_year``, ``split``, ``part``, ``n`` (projects). The splits are

        - ``membership``: ``pilot_cities`` (the 26 of 2018) and ``later_members``;
        - ``completion``: ``unfinished`` and ``completed``, or ``not_separable`` where a report has one list only;
        - ``change``: ``continued``, ``newly_completed``, ``still_completed``, ``newly_listed`` and
          ``newly_listed_completed``, against the report before (``first_report`` in the first);
        - ``balance``: ``previous_total`` + ``newly_listed`` - ``no_longer_listed`` (``n`` is negative), the first report
          having ``first_report`` alone.

    Notes
    -----
    A project is followed by its ``project_id``, which rests on judged links; doubtful pairs count as one project no
    longer listed and one newly listed. A report lists a project once, as `load_projects` checks; a frame in which one stands
    twice has no balance. "No longer listed" is just that: the reports give no reason. "Completed" is
    the list of completed projects, which reports keep apart only since 2024: all that were completed by then are
    ``newly_completed`` there, also those that Exhibit 2 of an earlier report already draws as completed.
    """
    rows = frames.with_neighbours(frames.rows(frame).select("report_year", "project_id", "list", "joined_year"))
    kinds = _changes(rows).with_columns(
        _membership().alias("membership"), _completion().alias("completion"), _balance().alias("balance")
    )
    # Counted once over all rows; the splits are sums over the few groups that are left.
    groups = frames.count(kinds, ["report_year", "next_year", *_SPLITS])
    parts = nw.concat([_of_report(groups), _of_report_before(groups)])
    summed = parts.group_by("report_year", "split", "part").agg(nw.col("n").sum())
    return frames.native(summed.filter(nw.col("n") != 0), ["report_year", "split", "part"])


_SPLITS: Final = ("membership", "completion", "change", "balance")


def _membership() -> Any:
    return nw.when(nw.col("joined_year") == 2018).then(nw.lit("pilot_cities")).otherwise(nw.lit("later_members"))


def _completion() -> Any:
    done = nw.when(nw.col("list") == "completed").then(nw.lit("completed")).otherwise(nw.lit("unfinished"))
    return nw.when(nw.col("list") == "all").then(nw.lit("not_separable")).otherwise(done)


def _balance() -> Any:
    """Name the part of the balance that each row counts in; those that stayed make up for part of the report before."""
    entered = nw.col("change").is_in(["newly_listed", "newly_listed_completed"])
    part = nw.when(entered).then(nw.lit("newly_listed")).otherwise(nw.lit("no_longer_listed"))
    first = nw.col("change") == "first_report"
    return nw.when(first).then(nw.lit("first_report")).otherwise(part)


def _of_report(groups: Any) -> Any:
    """Return the parts that count projects of the report itself."""
    stacked = groups.unpivot(list(_SPLITS), index=["report_year", "n"], variable_name="split", value_name="part")
    return stacked.select("report_year", "split", "part", "n")


def _of_report_before(groups: Any) -> Any:
    """Return the parts of the balance that count all projects of the report before: they were there, and they left unless they stayed."""
    n, year = nw.col("n"), nw.col("next_year").alias("report_year")
    before = groups.filter(nw.col("next_year") != NO_REPORT).select(
        year, n.alias("previous_total"), (-n).alias("no_longer_listed")
    )
    stacked = before.unpivot(index="report_year", variable_name="part", value_name="n")
    return stacked.select("report_year", nw.lit("balance").alias("split"), "part", "n")


def changes(frame: IntoFrameT) -> IntoFrameT:
    """Say of each row what became of its project since the report before.

    Returns
    -------
    Frame
        The rows in their order, with ``change`` (last, in place of any column of that name): ``first_report``, ``newly_listed``, ``newly_listed_completed``,
        ``continued``, ``newly_completed`` or ``still_completed``.

    Notes
    -----
    A left join on report and ``project_id``: for lazy frames the order of rows is the engine's.
    """
    rows, keys = frames.rows(frame), ["report_year", "project_id"]
    rows = rows.select(*(name for name in rows.collect_schema().names() if name != "change"))
    changed = _changes(frames.with_neighbours(rows.select(*keys, "list"))).select(*keys, "change")
    return frames.in_order(rows, keys, changed).to_native()


def _changes(rows: Any) -> Any:
    """Add ``change``: what became of each row since the report before."""
    before = rows.select(
        nw.col("report_year").alias("previous_year"), "project_id", nw.col("list").alias("list_before")
    )
    joined = rows.join(before, on=["previous_year", "project_id"], how="left")
    completed, new = nw.col("list") == "completed", nw.col("list_before").is_null()
    entered = nw.when(completed).then(nw.lit("newly_listed_completed")).otherwise(nw.lit("newly_listed"))
    finished = (
        nw.when(nw.col("list_before") == "completed")
        .then(nw.lit("still_completed"))
        .otherwise(nw.lit("newly_completed"))
    )
    stayed = nw.when(completed).then(finished).otherwise(nw.lit("continued"))
    part = nw.when(new).then(entered).otherwise(stayed)
    first = nw.col("previous_year") == NO_REPORT
    return joined.with_columns(nw.when(first).then(nw.lit("first_report")).otherwise(part).alias("change"))
