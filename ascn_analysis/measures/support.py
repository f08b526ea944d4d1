"""Who is named as supporting which city: documents that describe a city, and the partners that they name.

The rows are what documents happen to mention. A partner that is not here is not named in the documents read; that says
nothing on whether there is one. So every count stands beside the number of documents that could have named somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames

REPORT_2019: Final = ("report-2019", 2019)
"""Id and year of the report of 2019, which has a profile of each city of the 2018 plans."""
PLANS_YEAR: Final = 2018
_PAIR: Final = ("city_id", "partner_id")
_DOCUMENT: Final = ("source_id", "report_year", "city_id")


def documents_read(plans: IntoFrameT, projects: IntoFrameT, mentions: IntoFrameT | None = None) -> IntoFrameT:
    """List the documents that describe each city, and so could have named a partner of it.

    Parameters
    ----------
    plans
        Cities of the 2018 action plans, with ``source_id`` and ``city_id``.
    projects
        Projects, one row per project and report, with ``source_id``, ``report_year`` and ``city_id``.
    mentions
        Mentions of partners, with ``source_id``. A yearly report without any has been listed, but not yet read for partners,
        and is left out. By default every report counts as read.

    Returns
    -------
    Frame
        One row a city and document: ``city_id``, ``report_year``, ``source_id``. A city of the plans has its chapter
        of 2018 and its profile in the report of 2019; every city has the yearly reports whose appendix lists it. A city
        that no document describes has no row.

    Notes
    -----
    The number of rows of a city is its N in "not named in the N documents read". No table lists the profiles of 2019;
    that they are those of the plans follows from ``action_plan_projects.evidence``, which gives their pages. Texts on
    the network as a whole (concept note, leaders' statement) describe no city and count for none.
    """
    chapters, rows = frames.together(plans=plans, projects=projects)
    planned = chapters.select("source_id", nw.lit(PLANS_YEAR).cast(nw.Int64).alias("report_year"), "city_id")
    source, year = REPORT_2019
    profiled = planned.with_columns(nw.lit(source).alias("source_id"), nw.lit(year).cast(nw.Int64).alias("report_year"))
    listed = rows.select(*_DOCUMENT).unique()
    if mentions is not None:
        told = frames.together(projects=projects, mentions=mentions)[1]
        listed = listed.join(told.select("source_id").unique(), on="source_id", how="inner")
    read = nw.concat([planned, profiled, listed]).select("city_id", "report_year", "source_id")
    return frames.native(read, ["city_id", "report_year"])


def named_support(mentions: IntoFrameT, projects: IntoFrameT) -> IntoFrameT:
    """Say of each mention of a partner which focus area it is about.

    Parameters
    ----------
    mentions
        Mentions of partners: ``source_id``, ``report_year``, ``city_id`` (missing for the network as a whole),
        ``project_id`` (missing where the text is about no single project), ``partner_id``, ``kind``, ``page``.
    projects
        Projects, one row per project and report.

    Returns
    -------
    Frame
        The mentions with ``focus_area_id`` (last, missing where no project is named), by city, partner, year and page.

    Notes
    -----
    The focus area is that of the project in the same year's report, or else in the first report that lists it; the
    documents of 2018 and 2019 are older than the appendices. It is the project's area, not the partner's.
    """
    rows, reported = frames.together(mentions=mentions, projects=projects)
    listed = reported.select("report_year", "project_id", "focus_area_id")
    first = listed.group_by("project_id").agg(nw.col("report_year").min())
    first = first.join(listed, on=["project_id", "report_year"], how="left")
    rows = rows.select(*(name for name in rows.collect_schema().names() if name != "focus_area_id"))
    rows = rows.join(listed, on=["report_year", "project_id"], how="left").join(
        first.select("project_id", nw.col("focus_area_id").alias("first_area")), on="project_id", how="left"
    )
    area = nw.coalesce(nw.col("focus_area_id"), nw.col("first_area")).alias("focus_area_id")
    keys = [*_PAIR, "report_year", "page", "project_id", "kind"]
    return frames.native(rows.select(nw.exclude("focus_area_id", "first_area"), area), keys)


def named_by_document(mentions: IntoFrameT, documents: IntoFrameT) -> IntoFrameT:
    """Count the partners that each document names for each city that it describes.

    Parameters
    ----------
    mentions
        Mentions of partners; those of the network as a whole count for no city.
    documents
        As `documents_read` gives it.

    Returns
    -------
    Frame
        The rows of `documents` with ``partners``: how many different ones are named, 0 where the document describes the
        city and names none. That is not the number of partners that the city has.
    """
    mentioned, read = frames.together(mentions=mentions, documents=documents)
    named = frames.count(_named(mentioned), ["source_id", "city_id"], "partners")
    joined = read.join(named, on=["source_id", "city_id"], how="left")
    filled = joined.with_columns(nw.col("partners").fill_null(0).cast(nw.Int64))
    return frames.native(filled, ["city_id", "report_year"])


def named_again(mentions: IntoFrameT, documents: IntoFrameT) -> IntoFrameT:
    """Follow each partner of each city through the documents that describe the city.

    Parameters
    ----------
    mentions
        Mentions of partners; those of the network as a whole are left out.
    documents
        As `documents_read` gives it.

    Returns
    -------
    Frame
        One row a city and partner: ``city_id``, ``partner_id``, ``first_year``, ``last_year``, ``documents`` (that name
        the partner for the city) and ``later`` (documents that describe the city after the first that does so).

    Notes
    -----
    ``documents - 1`` of the ``later`` documents name the partner again. A pair with ``later`` 0 could not be named again
    and belongs in no rate. Not to be named again does not mean that the help ended.
    """
    mentioned, read = frames.together(mentions=mentions, documents=documents)
    pairs = _named(mentioned).group_by(list(_PAIR)).agg(
        nw.col("report_year").min().alias("first_year"),
        nw.col("report_year").max().alias("last_year"),
        nw.len().alias("documents"),
    )  # fmt: skip
    described = read.select("city_id", "report_year")
    after = pairs.join(described, on="city_id", how="inner").filter(nw.col("report_year") > nw.col("first_year"))
    joined = pairs.join(frames.count(after, _PAIR, "later"), on=list(_PAIR), how="left")
    counts = (nw.col("documents").cast(nw.Int64), nw.col("later").fill_null(0).cast(nw.Int64))
    return frames.native(joined.with_columns(*counts), _PAIR)


def highlights_with_partner(highlights: IntoFrameT, support: IntoFrameT) -> IntoFrameT:
    """Count, by focus area, the described projects beside which the same report names a partner.

    Parameters
    ----------
    highlights
        One row a report, focus area and city: ``report_year``, ``focus_area``, ``city_id``. The reports describe one
        project of each city, in the section of its focus area.
    support
        As `named_support` gives it.

    Returns
    -------
    Frame
        ``focus_area_id``, ``highlights`` (descriptions in all reports), ``with_partner`` (of these, with a partner named
        for a project of that city and area in that report), ``cities`` (described at least once) and
        ``cities_with_partner`` (of these, with a partner named beside at least one description).

    Notes
    -----
    The descriptions are the denominator, because an appendix row has no room for a partner. The next report often
    describes the same project of a city again, so descriptions of several years are not independent; the cities are.
    """
    described, supported = frames.together(highlights=highlights, support=support)
    rows = described.select("report_year", nw.col("focus_area").alias("focus_area_id"), "city_id")
    keys = ["report_year", "focus_area_id", "city_id"]
    named = supported.select(keys).unique().with_columns(nw.lit(1).alias("named"))
    joined = rows.join(named, on=keys, how="left").with_columns(nw.col("named").fill_null(0).cast(nw.Int64))
    cities = joined.group_by("focus_area_id", "city_id").agg(nw.col("named").max())
    counted = _count_marked(joined, "highlights", "with_partner")
    both = counted.join(_count_marked(cities, "cities", "cities_with_partner"), on="focus_area_id", how="left")
    return frames.native(both, ["focus_area_id"])


def _count_marked(rows: Any, name: str, marked: str) -> Any:
    """Count the rows of each focus area, and of these the marked ones."""
    counted = rows.group_by("focus_area_id").agg(nw.len().alias(name), nw.col("named").sum().alias(marked))
    return counted.with_columns(nw.col(name).cast(nw.Int64))


def support_bounds(settled: IntoFrameT, by: Sequence[str] = ()) -> IntoFrameT:
    """Count named support by three rules on which of two readers to follow.

    Parameters
    ----------
    settled
        Mentions as two readers found them: ``city_id``, ``partner``, ``found_by`` (``both`` or one reader), ``settled``
        (the kind, or ``dropped``). Mentions of the network as a whole are left out.
    by
        Further columns to group by, such as ``["source_id"]``.

    Returns
    -------
    Frame
        ``rule``, the columns of `by`, ``partners``, ``pairs`` (partner and city), ``cities``. The rules are
        ``1 both readers, and kept``, ``2 as published`` and ``3 all that a reader noted``.

    Notes
    -----
    Not a confidence interval: it is what the counts would be if the settling had been stricter or kept everything.
    """
    keys = ["rule", *by]
    rows = frames.rows(settled).filter(~nw.col("city_id").is_null())
    kept, both = nw.col("settled") != "dropped", nw.col("found_by") == "both"
    chosen = {
        "1 both readers, and kept": rows.filter(kept & both),
        "2 as published": rows.filter(kept),
        "3 all that a reader noted": rows,
    }
    stacked = nw.concat([part.with_columns(nw.lit(rule).alias("rule")) for rule, part in chosen.items()])
    different = stacked.select(*keys, "city_id", "partner").unique()
    # Distinct values are counted as rows: Dask's own count of them is wrong where a frame is in several pieces.
    partners = frames.count(different.select(*keys, "partner").unique(), keys, "partners")
    cities = frames.count(different.select(*keys, "city_id").unique(), keys, "cities")
    counted = partners.join(frames.count(different, keys, "pairs"), on=keys, how="left").join(
        cities, on=keys, how="left"
    )
    return frames.native(counted.select(*keys, "partners", "pairs", "cities"), keys)


def _named(mentions: Any) -> Any:
    """Return each partner of each city once a document."""
    rows = mentions.filter(~nw.col("city_id").is_null())
    return rows.select("source_id", "report_year", *_PAIR).unique()
