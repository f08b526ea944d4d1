"""Shares, and how concentrated the projects are on few groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames


def whole_percent(n: Any, total: Any) -> Any:
    """Round a share to whole per cent, half up, in whole numbers: floating point would lose some halves.

    Examples
    --------
    >>> whole_percent(57, 200)
    29
    """
    return (200 * n + total) // (2 * total)


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
    rows = frames.rows(frame)
    # The totals are sums over the few groups that are left, so that all rows are read once.
    counted = frames.count(rows, keys).with_columns(nw.col("n").sum().over(*within).alias("total"))
    return frames.native(counted.with_columns((nw.col("n") / nw.col("total")).alias("share")), keys)


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
    shared = frames.rows(shares(frame, by, within))
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
    shared = frames.rows(shares(frame, by, within)).with_columns(
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
    return frames.native(measured.select([*within, "total", "groups", "hhi", "effective_groups", "evenness"]), within)
