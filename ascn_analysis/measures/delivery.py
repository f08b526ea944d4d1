"""The action plans of 2018 beside what the reports list: focus areas, planned projects, targets, support.

The first report with a list came four years after the plans. These measures set the two side by side and count; they
give no score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis import vocabulary as v
from ascn_analysis.measures import frames

PLAN_YEAR: Final = 2018
CASES: Final = ("chosen, listed", "chosen, none listed", "not chosen, listed", "not chosen, none listed")
SUPPORT_OF_MENTION: Final[Mapping[str, str]] = {
    "funding": "funding",
    "technical": "technical",
    "technology": "technical",
    "training": "knowledge",
}
"""Kinds of partner mentions that answer a kind of support asked for; the other kinds of both lists have no counterpart."""

_CELL: Final = ["city_id", "focus_area_id"]


def chosen_and_listed(focus_areas: IntoFrameT, projects: IntoFrameT, plans: IntoFrameT) -> IntoFrameT:
    """Set the focus areas that each pilot city chose in 2018 beside the projects that each report lists.

    Parameters
    ----------
    focus_areas
        Items of the plans: ``city_id``, ``focus_area`` (id, missing where readers map the label differently), ``match``, ``page``.
        Its cities are the rows of the matrix, also those without a mapped label.
    projects
        Projects, one row per project and report: ``report_year``, ``project_id``, ``city_id``, ``focus_area_id``, ``list``, ``page``.
    plans
        Planned projects: ``project_id``, missing where a planned project is not linked to a listed one.

    Returns
    -------
    Frame
        One row for each report, city and focus area: ``report_year``, ``city_id``, ``focus_area_id``; ``chosen`` (bool),
        ``match`` (``official``, ``judged``, missing if not chosen) and ``plan_page`` (the first, of the PDF file); ``n`` (projects
        listed), ``planned`` (of these, planned in 2018), ``unfinished`` (of these, on no list of completed ones; missing where
        the report has one list only) and ``report_page``; ``case``, one of `CASES`.

    Notes
    -----
    "Listed" is any list of the report: an area whose project was completed is not an empty one. Several labels
    of a city may mean one area, which counts once, and then an official label wins over a judged one. A city without a row
    in a report would be "none listed" throughout; there is no such pilot city so far. The absence of a project from a list
    does not say that nothing is done: reports list what cities name, each under one area.
    """
    choices, listed, planned = frames.together(focus_areas=focus_areas, projects=projects, plans=plans)
    keys = ["report_year", *_CELL]
    cells = _grid(choices, listed).join(_choices(choices), on=_CELL, how="left")
    cells = cells.join(_listed(listed, planned), on=keys, how="left")
    chosen, n = ~nw.col("match").is_null(), nw.col("n").fill_null(0).cast(nw.Int64)
    counted = cells.with_columns(chosen.alias("chosen"), n.alias("n"), nw.col("planned").fill_null(0).cast(nw.Int64))
    separable = (nw.col("n") == 0) | (nw.col("not_separable").fill_null(0) == 0)
    unfinished = nw.when(separable).then(nw.col("unfinished").fill_null(0)).otherwise(None)
    named = counted.with_columns(unfinished.alias("unfinished"), _case().alias("case"))
    columns = [*keys, "chosen", "match", "plan_page", "n", "planned", "unfinished", "report_page", "case"]
    return frames.native(named.select(columns), keys)


def _grid(choices: Any, listed: Any) -> Any:
    """Return one row for each report, city of the plans and focus area."""
    pairs = choices.select("city_id").unique().join(listed.select("report_year").unique(), how="cross")
    areas = [pairs.with_columns(nw.lit(area).alias("focus_area_id")) for area in v.FOCUS_AREA_NAMES]
    return frames.rows(nw.concat(areas))


def _choices(choices: Any) -> Any:
    """Return the chosen areas, each once: an official label wins over a judged one."""
    mapped = choices.filter(~nw.col("focus_area").is_null())
    flagged = mapped.with_columns(
        nw.col("focus_area").alias("focus_area_id"), _one(nw.col("match") == "official").alias("official")
    )
    once = flagged.group_by(_CELL).agg(nw.col("official").sum(), nw.col("page").min().alias("plan_page"))
    match = nw.when(nw.col("official") > 0).then(nw.lit("official")).otherwise(nw.lit("judged"))
    return once.select(*_CELL, match.alias("match"), "plan_page")


def _listed(listed: Any, plans: Any) -> Any:
    """Count the listed projects of each report, city and focus area."""
    linked = plans.filter(~nw.col("project_id").is_null()).select("project_id").unique()
    rows = listed.select("report_year", *_CELL, "project_id", "list", "page")
    rows = rows.join(linked.with_columns(nw.lit(1).alias("planned")), on="project_id", how="left").with_columns(
        nw.col("planned").fill_null(0).cast(nw.Int64),
        _one(nw.col("list") == "ongoing_or_planning").alias("unfinished"),
        _one(nw.col("list") == "all").alias("not_separable"),
    )
    counts = [nw.col(name).sum() for name in ("planned", "unfinished", "not_separable")]
    return rows.group_by(["report_year", *_CELL]).agg(
        nw.len().alias("n"), *counts, nw.col("page").min().alias("report_page")
    )


def _one(condition: Any) -> Any:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def _case() -> Any:
    listed = nw.col("n") > 0
    yes = nw.when(listed).then(nw.lit(CASES[0])).otherwise(nw.lit(CASES[1]))
    no = nw.when(listed).then(nw.lit(CASES[2])).otherwise(nw.lit(CASES[3]))
    return nw.when(nw.col("chosen")).then(yes).otherwise(no)


def chosen_and_listed_rows(focus_areas: IntoFrameT, projects: IntoFrameT) -> IntoFrameT:
    """Return the rows behind `chosen_and_listed`: labels of the plans and rows of the reports, with their pages.

    Returns
    -------
    Frame
        ``city_id``, ``year`` (2018 for a plan, else the report), ``focus_area_id``, ``printed`` (label or title), ``basis`` (match of the
        label, or list of the row), ``source_id``, ``page`` (of the PDF file); cities of the plans only.
    """
    choices, listed = frames.together(focus_areas=focus_areas, projects=projects)
    columns = ["city_id", "year", "focus_area_id", "printed", "basis", "source_id", "page"]
    planned = choices.with_columns(
        nw.lit(PLAN_YEAR).cast(nw.Int64).alias("year"),
        nw.col("focus_area").alias("focus_area_id"),
        nw.col("label_printed").alias("printed"),
        nw.col("match").alias("basis"),
    ).select(columns)
    reported = (
        listed.join(choices.select("city_id"), on="city_id", how="semi")
        .with_columns(
            nw.col("report_year").cast(nw.Int64).alias("year"),
            nw.col("project_printed").alias("printed"),
            nw.col("list").alias("basis"),
        )
        .select(columns)
    )
    return frames.native(nw.concat([planned, reported]), ["city_id", "year", "focus_area_id", "page", "printed"])


def delivery_counts(cells: IntoFrameT) -> IntoFrameT:
    """Count the cells of the matrix by case.

    Parameters
    ----------
    cells
        As `chosen_and_listed` gives it.

    Returns
    -------
    Frame
        ``report_year``, ``case``, ``n`` (cells: cities times focus areas) and ``projects`` (listed in them). In each report the cells sum
        to six for each city. Cases without a cell are absent.
    """
    counted = frames.rows(cells).group_by(["report_year", "case"]).agg(nw.len().alias("cells"), nw.col("n").sum())
    named = counted.select(
        "report_year", "case", nw.col("cells").cast(nw.Int64).alias("n"), nw.col("n").alias("projects")
    )
    return frames.native(named, ["report_year", "case"])


def listed_by_choice(cells: IntoFrameT, apart: bool = True) -> IntoFrameT:
    """Count how many chosen focus areas have a listed project, and how many that were not chosen.

    Parameters
    ----------
    cells
        As `chosen_and_listed` gives it.
    apart
        Whether to tell choices with an official label from those whose match is judged.

    Returns
    -------
    Frame
        ``report_year``, ``choice`` (``official`` and ``judged``, or ``chosen`` for both; ``not chosen``), ``n`` (cells), ``listed`` (cells with a listed project), ``planned`` (cells with one that
        was planned in 2018) and ``other`` (cells with one that was not). A cell may count in both of the last.

    Notes
    -----
    Chosen areas can only be judged beside those not chosen, which have projects too. Most planned projects
    were written for the chosen areas, so ``other`` is the fairer comparison. The two groups differ in more than the choice: this is
    a count, no effect.
    """
    chosen = nw.col("match") if apart else nw.lit("chosen")
    rows = frames.rows(cells).with_columns(
        nw.when(nw.col("chosen")).then(chosen).otherwise(nw.lit("not chosen")).alias("choice"),
        _one(nw.col("n") > 0).alias("listed"),
        _one(nw.col("n") > nw.col("planned")).alias("other"),
        _one(nw.col("planned") > 0).alias("planned"),
    )
    counts = ["listed", "planned", "other"]
    counted = rows.group_by(["report_year", "choice"]).agg(nw.len().alias("cells"), *(nw.col(n).sum() for n in counts))
    whole = [nw.col(name).cast(nw.Int64) for name in counts]
    named = counted.select("report_year", "choice", nw.col("cells").cast(nw.Int64).alias("n"), *whole)
    return frames.native(named, ["report_year", "choice"])


def planned_projects(plans: IntoFrameT, projects: IntoFrameT) -> IntoFrameT:
    """Say of each project planned in 2018 where the reports list it.

    Parameters
    ----------
    plans
        Planned projects: ``city_id``, ``project_no``, ``title_printed``, ``project_id``, ``confidence``, ``page``.
    projects
        Projects, one row per project and report.

    Returns
    -------
    Frame
        The columns of `plans` above, ``first_year`` and ``last_year`` (reports that list it), ``reports`` (how many) and ``outcome``: ``listed,
        unfinished``, ``listed, completed`` or ``listed, not told apart`` (in the latest report), ``no longer listed``, ``doubtful link, kept
        apart`` or ``not found in the lists``.

    Notes
    -----
    A link is judged by two readers from titles and texts. "Not found in the lists" says that no listed project could be
    linked, not that nothing was done; the project may live on under a title that tells nothing of it.
    """
    planned, rows = frames.together(plans=plans, projects=projects)
    listed = rows.select("report_year", "project_id", "list")
    year = nw.col("report_year")
    spans = listed.group_by("project_id").agg(
        year.min().alias("first_year"), year.max().alias("last_year"), nw.len().alias("reports")
    )
    latest = listed.select(year.max().alias("latest"))
    now = listed.join(latest, how="cross").filter(year == nw.col("latest")).select("project_id", "list")
    columns = ["city_id", "project_no", "title_printed", "project_id", "confidence", "page"]
    joined = planned.select(columns).join(spans, on="project_id", how="left")
    told = joined.join(now, on="project_id", how="left").with_columns(_outcome().alias("outcome"))
    return frames.native(told.drop("list"), ["city_id", "project_no"])


def _outcome() -> Any:
    unlinked = (
        nw.when(nw.col("confidence") == "doubtful")
        .then(nw.lit("doubtful link, kept apart"))
        .otherwise(nw.lit("not found in the lists"))
    )
    gone = nw.when(nw.col("reports").is_null()).then(unlinked).otherwise(nw.lit("no longer listed"))
    words = {"all": "not told apart", "ongoing_or_planning": "unfinished", "completed": "completed"}
    for name, word in words.items():
        gone = nw.when(nw.col("list") == name).then(nw.lit(f"listed, {word}")).otherwise(gone)
    return gone


def targets_by_deadline(targets: IntoFrameT, as_of: str) -> IntoFrameT:
    """Count the targets of the plans by the year that they name.

    Parameters
    ----------
    targets
        Targets: ``deadline_year`` (missing where none is printed), ``has_number``.
    as_of
        ISO date to look from, such as that of the latest report.

    Returns
    -------
    Frame
        ``deadline_year``, ``state`` (``passed``, ``runs to the end of the year``, ``to come`` or ``none named``), ``has_number``, ``n``
        (targets); targets without a year last.

    Notes
    -----
    A year that has passed says nothing about the target: it may have been reached. The targets count items of lists, long
    in some plans and short in others, so a count is no measure of ambition.
    """
    counted = frames.count(frames.rows(targets), ["deadline_year", "has_number"])
    year, now = nw.col("deadline_year").fill_null(frames.NO_REPORT), int(as_of[:4])
    later = nw.when(year > now).then(nw.lit("to come")).otherwise(nw.lit("runs to the end of the year"))
    dated = nw.when(year < now).then(nw.lit("passed")).otherwise(later)
    state = nw.when(nw.col("deadline_year").is_null()).then(nw.lit("none named")).otherwise(dated)
    named = counted.select("deadline_year", state.alias("state"), "has_number", "n")
    return frames.native(named, ["deadline_year", "has_number"], nulls_last=True)


def support_asked_and_named(plans: IntoFrameT, mentions: IntoFrameT, since: int = PLAN_YEAR + 1) -> IntoFrameT:
    """Set the support that each plan asked for beside the partners that later documents name for the city.

    Parameters
    ----------
    plans
        Planned projects: ``city_id``, ``support_kinds`` (joined by ``|``).
    mentions
        Mentions of partners: ``report_year``, ``city_id`` (missing for the network as a whole), ``partner_id``, ``kind``.
    since
        First year of the documents to look at.

    Returns
    -------
    Frame
        One row for each city of the plans and kind that was asked for or named: ``city_id``, ``kind``, ``asked`` (planned projects that ask
        for it) and ``named`` (different partners). Missing means not asked for in the plan, or not named in the documents read.

    Notes
    -----
    The two lists have their own words. Only `SUPPORT_OF_MENTION` is matched: funding with funding, technical help with technical
    help and technology, knowledge with training. A partner named for a city need not work on the project that asked.
    Each report describes about one project a city, so silence is no absence.
    """
    planned, mentioned = frames.together(plans=plans, mentions=mentions)
    of_cities = mentioned.join(planned.select("city_id"), on="city_id", how="semi")
    asked, named = _asked(planned), _named(of_cities.filter(nw.col("report_year") >= since))
    both = nw.concat([asked, named]).group_by(["city_id", "kind"]).agg(nw.col("asked").sum(), nw.col("named").sum())
    known = [nw.when(nw.col(name) > 0).then(nw.col(name)).otherwise(None).alias(name) for name in ("asked", "named")]
    return frames.native(both.with_columns(*known), ["city_id", "kind"])


def _asked(plans: Any) -> Any:
    """Count the planned projects of each city that ask for a kind of support."""
    kinds = nw.col("support_kinds").fill_null("")
    asking = [
        plans.filter(kinds.str.contains(rf"(?:^|\|){kind}(?:\||$)")).select("city_id", nw.lit(kind).alias("kind"))
        for kind in v.SUPPORT_KINDS
    ]
    counted = frames.count(nw.concat(asking), ["city_id", "kind"], "asked")
    return counted.select("city_id", "kind", "asked", nw.lit(0).cast(nw.Int64).alias("named"))


def _named(mentions: Any) -> Any:
    """Count the partners that are named for each city under a kind of support."""
    naming = [
        mentions.filter(nw.col("kind") == kind).select(
            "city_id", "partner_id", nw.lit(SUPPORT_OF_MENTION.get(kind, kind)).alias("kind")
        )
        for kind in v.MENTION_KINDS
    ]
    counted = frames.count(nw.concat(naming).unique(), ["city_id", "kind"], "named")
    return counted.select("city_id", "kind", nw.lit(0).cast(nw.Int64).alias("asked"), "named")
