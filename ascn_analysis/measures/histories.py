"""The histories of projects: who entered, stayed, was renamed or filed elsewhere, was completed, or is no longer listed.

Everything here rests on `project_id`, which joins rows by judged links. There are few reports and the start of
a project is unknown, so this is a count of what the lists say, not a study of how long projects take.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames
from ascn_analysis.measures.growth import DAYS_A_YEAR
from ascn_analysis.measures.statuses import NO_LONGER_LISTED, status_steps

_ROW: Final = ("year", "list", "row")
"""What names a row of an appendix in the links: report, list, number."""
_Z: Final = 1.959964


def relink(frame: IntoFrameT, links: Any, confidence: Collection[str]) -> IntoFrameT:
    """Join rows to projects anew, by the links of chosen confidence only.

    Parameters
    ----------
    frame
        Projects, with ``report_year``, ``list``, ``row_no``.
    links
        Judged pairs of rows, as `loaders.load_project_links` gives them.
    confidence
        The confidences to trust, such as ``["sure"]`` or ``["sure", "likely", "doubtful"]``.

    Returns
    -------
    Frame
        The rows, with another ``project_id``: the first row of each project, as ``year list number``. The order of a
        lazy frame is the engine's.
    """
    rows, judged = frames.together(frame=frame, links=links)
    kept = judged.filter(nw.col("confidence").is_in(list(confidence)))
    firsts = _firsts(kept.select(_named("to"), _named("from").alias("first")).unique("row", keep="any"), _reports(kept))
    number = nw.concat_str([nw.col(name).cast(nw.String) for name in ("report_year", "list", "row_no")], separator=" ")
    project = nw.coalesce(nw.col("first"), nw.col("row")).alias("project_id")
    named = frames.in_order(rows.with_columns(number.alias("row")), ["row"], firsts).with_columns(project)
    if isinstance(rows, nw.DataFrame):  # so that a frame with an index keeps it
        return rows.with_columns(named.get_column("project_id")).to_native()
    return named.drop("row", "first").to_native()


def _named(end: str) -> Any:
    """Name the row at one end of a link in one text."""
    parts = [nw.col(f"{part}_{end}").cast(nw.String) for part in _ROW]
    return nw.concat_str(parts, separator=" ").alias("row")


def _reports(links: Any) -> int:
    """Count the reports that links lead to: no chain of links is longer."""
    return len(frames.tuples(links.select("year_to").unique()))


def _firsts(steps: Any, longest: int) -> Any:
    """Follow every chain of links to its first row; each round doubles the links that have been followed."""
    for _ in range(max(longest - 1, 0).bit_length()):
        onward = steps.select(nw.col("row").alias("first"), nw.col("first").alias("earlier"))
        joined = steps.join(onward, on="first", how="left")
        steps = joined.select("row", nw.coalesce(nw.col("earlier"), nw.col("first")).alias("first"))
    return steps


def intervals(frame: IntoFrameT, links: Any) -> IntoFrameT:
    """Count, for each pair of consecutive reports, who was at risk of completion and what became of them.

    Parameters
    ----------
    frame
        Projects, one row per project and report, with ``as_of``, ``list``, ``row_no`` and ``status``.
    links
        Judged pairs of rows; the doubtful ones, which `project_id` does not join, are counted.

    Returns
    -------
    Frame
        One row an interval: ``year_from``, ``year_to``, ``days``; ``listed`` in the first report; ``completed_before`` (for
        sure); ``at_risk`` (the others), ``perhaps_completed_before`` of them; ``newly_completed``,
        ``perhaps_completed_earlier`` of them; ``still_unfinished``, ``status_open`` (perhaps completed),
        ``no_longer_listed``, ``doubtful`` (of these, the ones that a doubtful link joins to the next report).

    Notes
    -----
    ``at_risk = newly_completed + still_unfinished + status_open + no_longer_listed``. Projects that are first listed
    as completed were never seen at risk and are in none of these.
    """
    rows, judged = frames.together(frame=frame, links=links)
    steps = frames.rows(status_steps(frame)).filter(nw.col("status_from") != "newly listed")
    doubts = _doubtful(rows, judged)
    steps = steps.join(doubts, on=["year_from", "project_id"], how="left").with_columns(
        nw.col("doubtful").fill_null(0).cast(nw.Int64)
    )
    counted = steps.with_columns(*_flags()).group_by("year_from", "year_to").agg(nw.len().alias("listed"), *_sums())
    dated = _dated(counted, rows)
    return frames.native(dated.select("year_from", "year_to", "days", "listed", *_COUNTS), ["year_from"])


_COUNTS: Final = ("completed_before", "at_risk", "perhaps_completed_before", "newly_completed", "perhaps_completed_earlier",
                  "still_unfinished", "status_open", "no_longer_listed", "doubtful")  # fmt: skip


def _flags() -> Iterable[Any]:
    """Say of each step which counts it belongs to."""
    before, after = nw.col("status_from"), nw.col("status_to")
    risk = before != "completed"
    perhaps = risk & before.str.contains("completed", literal=True)
    done, gone = risk & (after == "completed"), risk & (after == NO_LONGER_LISTED)
    left_open = risk & (after != "completed") & after.str.contains("completed", literal=True)
    flags = (~risk, risk, perhaps, done, done & perhaps, risk & ~done & ~gone & ~left_open, left_open, gone)
    named = [flag.cast(nw.Int64).alias(name) for flag, name in zip(flags, _COUNTS[:-1], strict=True)]
    return [*named, (gone.cast(nw.Int64) * nw.col("doubtful")).alias("doubtful")]


def _sums() -> Iterable[Any]:
    return [nw.col(name).sum() for name in _COUNTS]


def _doubtful(rows: Any, links: Any) -> Any:
    """Return 1 for each project whose row a doubtful link joins to the next report."""
    doubtful = links.filter(nw.col("confidence") == "doubtful").select(
        nw.col("year_from").alias("report_year"), nw.col("list_from").alias("list"), nw.col("row_from").alias("row_no")
    )
    found = rows.select("report_year", "list", "row_no", "project_id").join(
        doubtful.unique(), on=["report_year", "list", "row_no"], how="inner"
    )
    return found.select(nw.col("report_year").alias("year_from"), "project_id", nw.lit(1).alias("doubtful"))


def _dated(counted: Any, rows: Any) -> Any:
    """Add the days between the as-of dates of the two reports."""
    dates = frames.with_day(rows.select("report_year", "as_of").unique(), "as_of", "day")
    dates = dates.with_columns(nw.col("report_year").cast(nw.Int64))  # Dask takes it for a float here
    start = dates.select(nw.col("report_year").alias("year_from"), nw.col("day").alias("start"))
    end = dates.select(nw.col("report_year").alias("year_to"), nw.col("day").alias("end"))
    joined = counted.join(start, on="year_from", how="left").join(end, on="year_to", how="left")
    return joined.with_columns((nw.col("end") - nw.col("start")).cast(nw.Int64).alias("days"))


def completion_rate(intervals: Any) -> dict[str, float]:
    """Measure one rate of completion for the whole network, with its interval.

    Parameters
    ----------
    intervals
        As `intervals` gives it.

    Returns
    -------
    dict
        ``completions``; ``project_years`` (at risk); ``rate`` (completions per 100 project-years) and its 95 % interval
        ``low`` to ``high``.

    Raises
    ------
    ValueError
        If fewer than 20 projects were at risk in an interval: give counts only.

    Notes
    -----
    ``rate = 100 * d / sum(at_risk * days / 365.25)``; the interval is Byar's approximation to the exact Poisson interval (Breslow and Day 1987,
    volume II, formula 2.13). The rows are no sample: the interval says how far chance alone could move the rate
    if each project had the same constant chance of being completed, which nobody has shown.
    """
    rows = frames.tuples(frames.rows(intervals).select("at_risk", "days", "newly_completed"))
    fewest = min((risk for risk, _, _ in rows), default=0)
    if fewest < FEWEST:
        raise ValueError(f"{fewest} projects at risk in an interval; expected at least {FEWEST}")
    d = sum(done for _, _, done in rows)
    years = sum(risk * days for risk, days, _ in rows) / DAYS_A_YEAR
    low, high = _poisson_interval(d)
    return {
        "completions": d,
        "project_years": years,
        "rate": 100 * d / years,
        "low": 100 * low / years,
        "high": 100 * high / years,
    }


FEWEST: Final = 20
"""Projects at risk below which only counts are given."""


def _poisson_interval(d: int) -> tuple[float, float]:
    low = d * (1 - 1 / (9 * d) - _Z / (3 * math.sqrt(d))) ** 3 if d else 0.0
    more = d + 1
    return low, more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3


def cohorts(frame: IntoFrameT) -> IntoFrameT:
    """Follow the projects that entered the lists with the same report.

    Returns
    -------
    Frame
        ``entered`` (the first report that lists the project), ``report_year`` (from then on), ``state``, ``n``
        (projects). The states ``completed``, ``perhaps completed`` (status left open), ``unfinished`` and
        ``no longer listed`` of a cohort sum to its size in every report.
    """
    rows = frames.rows(frame).select("report_year", "project_id", "status")
    first = rows.group_by("project_id").agg(nw.col("report_year").min().alias("entered"))
    grid = (
        rows.select("report_year").unique().join(first, how="cross").filter(nw.col("report_year") >= nw.col("entered"))
    )
    joined = grid.join(rows, on=["report_year", "project_id"], how="left").with_columns(_state().alias("state"))
    keys = ["entered", "report_year", "state"]
    return frames.native(frames.count(joined, keys), keys)


def _state() -> Any:
    status = nw.col("status").fill_null(NO_LONGER_LISTED)
    unsure = nw.when(status.str.contains("completed", literal=True)).then(nw.lit("perhaps completed"))
    sure = nw.when(status == "completed").then(nw.lit("completed")).otherwise(unsure.otherwise(nw.lit("unfinished")))
    return nw.when(status == NO_LONGER_LISTED).then(nw.lit(NO_LONGER_LISTED)).otherwise(sure)


def history(frame: IntoFrameT, links: Any) -> IntoFrameT:
    """Say of each row whether the project was renamed or filed under another focus area since the report before.

    Returns
    -------
    Frame
        ``report_year``, ``project_id``, ``project_printed``, ``printed_before``, ``focus_area_id``, ``area_before`` (both missing
        where the report before does not list the project), ``confidence`` (of the link to the report before), ``renamed`` and
        ``reclassified`` (bool).

    Notes
    -----
    ``renamed`` is the judgement of the link, not a comparison of letters: spelling and number may differ in "same". A row
    whose link is doubtful is a project of its own, newly listed, and keeps no mark.
    """
    kept = ["report_year", "project_id", "list", "row_no", "project_printed", "focus_area_id"]
    listed, judged = frames.together(frame=frame, links=links)
    rows = frames.with_neighbours(listed.select(kept))
    before = rows.select(
        nw.col("report_year").alias("previous_year"),
        "project_id",
        nw.col("project_printed").alias("printed_before"),
        nw.col("focus_area_id").alias("area_before"),
    )
    joined = rows.join(before, on=["previous_year", "project_id"], how="left")
    linked = joined.join(_trusted(judged), on=["report_year", "list", "row_no"], how="left").with_columns(
        (nw.col("kind").fill_null("") == "renamed").alias("renamed"),
        (nw.col("area_before").fill_null(nw.col("focus_area_id")) != nw.col("focus_area_id")).alias("reclassified"),
    )
    columns = ["report_year", "project_id", "project_printed", "printed_before", "focus_area_id", "area_before",
               "confidence", "renamed", "reclassified"]  # fmt: skip
    return frames.native(linked.select(columns), ["report_year", "project_id"])


def _trusted(links: Any) -> Any:
    """Return kind and confidence of the links that `project_id` rests on, under the row that they lead to."""
    kept = links.filter(nw.col("confidence") != "doubtful")
    row = [
        nw.col(f"{name}_to").alias(now) for name, now in (("year", "report_year"), ("list", "list"), ("row", "row_no"))
    ]
    return kept.select(*row, "kind", "confidence")


def steadiness(frame: IntoFrameT) -> IntoFrameT:
    """Find the cities whose number of projects never changes.

    Returns
    -------
    Frame
        One row a city: ``city_id``, ``reports`` (that list it), ``least`` and ``most`` (projects in a report),
        ``projects`` (different ones over all reports), ``constant`` (the number never changed) and ``same_projects`` (nor
        did the projects).

    Notes
    -----
    A number that never changes may come from a rule of reporting (two priority projects per city in 2018), from slow
    work, or from nothing being updated. The reports do not say which.
    """
    rows = frames.rows(frame).select("report_year", "city_id", "project_id")
    counted = frames.count(rows, ["report_year", "city_id"])
    spans = counted.group_by("city_id").agg(
        nw.len().alias("reports"), nw.col("n").min().alias("least"), nw.col("n").max().alias("most")
    )
    different = frames.count(rows.select("city_id", "project_id").unique(), ["city_id"], "projects")
    joined = spans.join(different, on="city_id", how="left").with_columns(
        (nw.col("least") == nw.col("most")).alias("constant")
    )
    same = nw.col("constant") & (nw.col("projects") == nw.col("most"))
    return frames.native(joined.with_columns(same.alias("same_projects")), ["city_id"])
