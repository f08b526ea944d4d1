"""Pure measures of the panel: totals and growth, growth and its parts, shares, concentration.

Every function takes a frame of projects, one row per project and report, as `loaders.load_projects` gives it
(columns ``report_year``, ``as_of``, ``project_id``, ``city_id``, ``iso3``, ``focus_area_id``, ``list``, ``joined_year``
where used), and gives back a new frame of the same kind: any frame that narwhals takes. Nothing is read, cached
or changed in place, the order of rows does not matter, and results are sorted.

The rows are a full list, not a sample: there are no confidence intervals. What a single disputed row can do to
a share is given by `one_project_shift` instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

ALL = "all"
NO_REPORT = 0
DAYS_A_YEAR = 365.25


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
    return _native(_count(_rows(frame), keys), keys)


def _rows(frame: Any) -> Any:
    """Take in any frame that narwhals knows, eager or lazy."""
    return nw.from_native(frame)


def _count(rows: Any, keys: Sequence[str], name: str = "n") -> Any:
    counted = rows.group_by(list(keys)).agg(nw.len().alias(name))
    return counted.with_columns(nw.col(name).cast(nw.Int64))


def _native(rows: Any, keys: Sequence[str]) -> Any:
    """Return the frame sorted by its keys, as the kind of frame that went in, numbered from 0 where rows have numbers."""
    return nw.maybe_reset_index(rows.sort(list(keys))).to_native()


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
    counted = _rows(totals(frame, by=["as_of"]))
    before = counted.with_columns(
        nw.col("n").shift(1).over(order_by="report_year").alias("before"),
        nw.col("as_of").str.to_datetime(format="%Y-%m-%d").alias("day"),
    ).with_columns(nw.col("day").shift(1).over(order_by="report_year").alias("day_before"))
    grown = before.with_columns(
        (nw.col("n") - nw.col("before")).alias("change"),
        (100 * (nw.col("n") / nw.col("before") - 1)).alias("percent"),
        ((nw.col("day") - nw.col("day_before")).dt.total_minutes() / (24 * 60)).alias("days"),
    ).with_columns(
        (100 * ((nw.col("n") / nw.col("before")) ** (DAYS_A_YEAR / nw.col("days")) - 1)).alias("annualised_percent")
    )
    columns = ["report_year", "as_of", "n", "change", "percent", "days", "annualised_percent"]
    return _native(grown.select(columns), ["report_year"])


def whole_percent(n: Any, total: Any) -> Any:
    """Round a share to whole per cent, half up, in whole numbers: floating point would lose some halves.

    Examples
    --------
    >>> whole_percent(57, 200)
    29
    """
    return (200 * n + total) // (2 * total)


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
    rows = _rows(frame)
    cities = _count(rows.select("report_year", "city_id").unique(), ["report_year"], "cities")
    joined = _count(rows, ["report_year"]).join(cities, on="report_year", how="left")
    return _native(joined.with_columns((nw.col("n") / nw.col("cities")).alias("per_city")), ["report_year"])


def shares(frame: IntoFrameT, by: str = "focus_area_id", within: Sequence[str] = ("report_year",)) -> IntoFrameT:
    """Measure each group's share of the projects.

    Parameters
    ----------
    by
        Column whose values share the total: focus area, country or city.
    within
        Columns within which the shares sum to 1.

    Returns
    -------
    Frame
        The columns of `within`, `by`, ``n`` (projects), ``total`` (projects within), ``share`` (``n / total``, 0-1).
    """
    keys = [*within, by]
    rows = _rows(frame)
    joined = _count(rows, keys).join(_count(rows, within, "total"), on=list(within), how="left")
    return _native(joined.with_columns((nw.col("n") / nw.col("total")).alias("share")), keys)


def one_project_shift(
    frame: IntoFrameT, by: str = "focus_area_id", within: Sequence[str] = ("report_year",)
) -> IntoFrameT:
    """Say what moving one project to another group does to each share.

    Returns
    -------
    Frame
        As `shares`, plus ``share_one_less`` and ``share_one_more``: the share if one project of the group were filed
        elsewhere, or one from elsewhere were filed here; ``(n - 1) / total`` and ``(n + 1) / total``, within 0-1.

    Notes
    -----
    Not a confidence interval. It answers how far a share can be off when one row is filed differently,
    which the exhibits and the appendices of the same report do in places.
    """
    shared = _rows(shares(frame, by, within))
    more = nw.when(nw.col("n") < nw.col("total")).then(nw.col("n") + 1).otherwise(nw.col("n"))
    return shared.with_columns(
        ((nw.col("n") - 1) / nw.col("total")).alias("share_one_less"), (more / nw.col("total")).alias("share_one_more")
    ).to_native()


def concentration(
    frame: IntoFrameT, by: str = "focus_area_id", within: Sequence[str] = ("report_year",), categories: int = 6
) -> IntoFrameT:
    """Measure how concentrated the projects are on few groups.

    Parameters
    ----------
    by
        Column whose values share the total.
    within
        Columns within which concentration is measured.
    categories
        Number of groups that could have a project: six focus areas, or the number of member cities or states.

    Returns
    -------
    Frame
        The columns of `within`, ``total`` (projects), ``groups`` (groups with a project), ``hhi``, ``effective_groups``
        (``1 / hhi``) and ``evenness``.

    Raises
    ------
    ValueError
        If `categories` is less than 2 (evenness is then not defined) or, for a frame in memory, less than the groups in it.

    Notes
    -----
    With shares ``s``: Herfindahl-Hirschman index ``hhi = sum(s ** 2)``, from ``1 / categories`` (even) to 1 (one group;
    Hirschman 1964, American Economic Review 54(5)); Shannon evenness ``-sum(s * ln s) / ln(categories)``, 1 when
    even, 0 when all is one group (Pielou 1966, Journal of Theoretical Biology 13). A country with few projects is
    concentrated by arithmetic: one project gives 1.
    """
    if categories < 2:
        raise ValueError(f"categories is {categories}; expected at least 2")
    shared = _rows(shares(frame, by, within)).with_columns(
        (nw.col("share") ** 2).alias("square"), (nw.col("share") * nw.col("share").log()).alias("entropy")
    )
    sums = shared.group_by(list(within)).agg(
        nw.col("n").sum().alias("total"),
        nw.len().alias("groups"),
        nw.col("square").sum().alias("hhi"),
        nw.col("entropy").sum().alias("entropy"),
    )
    if isinstance(sums, nw.DataFrame) and len(sums) and sums["groups"].max() > categories:
        raise ValueError(
            f"categories is {categories}; expected at least the {sums['groups'].max()} groups in the frame"
        )
    measured = sums.with_columns(
        (1 / nw.col("hhi")).alias("effective_groups"),
        (nw.col("entropy").abs() / math.log(categories)).alias("evenness"),
    )
    return _native(measured.select([*within, "total", "groups", "hhi", "effective_groups", "evenness"]), within)


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
    longer listed and one newly listed. "No longer listed" is just that: the reports give no reason. "Completed" is
    the list of completed projects, which reports keep apart only since 2024: all that were completed by then are
    ``newly_completed`` there, also those that Exhibit 2 of an earlier report already draws as completed.
    """
    rows = _with_neighbours(_rows(frame).select("report_year", "project_id", "list", "joined_year"))
    pilot = nw.when(nw.col("joined_year") == 2018).then(nw.lit("pilot_cities")).otherwise(nw.lit("later_members"))
    done = nw.when(nw.col("list") == "completed").then(nw.lit("completed")).otherwise(nw.lit("unfinished"))
    completion = nw.when(nw.col("list") == "all").then(nw.lit("not_separable")).otherwise(done)
    parts = nw.concat(
        [
            _count_parts(rows.with_columns(pilot.alias("part")), "membership"),
            _count_parts(rows.with_columns(completion.alias("part")), "completion"),
            _count_parts(_changes(rows), "change"),
            _count_parts(_kept_and_new(rows), "balance"),
            _count_parts(_gone(rows), "balance", sign=-1),
        ]
    )
    return _native(parts, ["report_year", "split", "part"])


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
    rows, keys = _rows(frame), ["report_year", "project_id"]
    rows = rows.select(*(name for name in rows.collect_schema().names() if name != "change"))
    changed = _changes(_with_neighbours(rows.select(*keys, "list"))).select(*keys, nw.col("part").alias("change"))
    return rows.join(changed, on=keys, how="left").to_native()


def _with_neighbours(rows: Any) -> Any:
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


def _changes(rows: Any) -> Any:
    """Add ``part``: what became of each row since the report before."""
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
    return joined.with_columns(nw.when(first).then(nw.lit("first_report")).otherwise(part).alias("part"))


def _kept_and_new(rows: Any) -> Any:
    """Return one row for each project of the report before, and one for each newly listed one."""
    new = _changes(rows).filter(nw.col("part").is_in(["first_report", "newly_listed", "newly_listed_completed"]))
    named = new.select(
        "report_year",
        nw.when(nw.col("part") == "first_report")
        .then(nw.lit("first_report"))
        .otherwise(nw.lit("newly_listed"))
        .alias("part"),
    )
    previous = rows.filter(nw.col("next_year") != NO_REPORT).select(
        nw.col("next_year").alias("report_year"), nw.lit("previous_total").alias("part")
    )
    return nw.concat([named, previous])


def _gone(rows: Any) -> Any:
    """Return the rows whose project the next report does not list, under the year of that report."""
    listed = rows.select(nw.col("report_year").alias("next_year"), "project_id")
    gone = rows.filter(nw.col("next_year") != NO_REPORT).join(listed, on=["next_year", "project_id"], how="anti")
    return gone.select(nw.col("next_year").alias("report_year"), nw.lit("no_longer_listed").alias("part"))


def _count_parts(rows: Any, split: str, sign: int = 1) -> Any:
    counted = _count(rows, ["report_year", "part"])
    return counted.select("report_year", nw.lit(split).alias("split"), "part", nw.col("n") * sign)


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
    rows = _rows(frame).filter(~nw.col(column).is_null())
    values = sorted(rows.select(column).unique().lazy().collect().get_column(column).to_list())
    frames = [_named(metric(frame), ALL)]
    frames += [_named(metric(rows.filter(nw.col(column) == value).to_native()), value) for value in values]
    return nw.maybe_reset_index(nw.concat(frames)).to_native()


def _named(frame: Any, selection: str) -> Any:
    measured = _rows(frame)
    return measured.select(nw.lit(selection).alias("selection"), nw.all())
