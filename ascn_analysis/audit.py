"""Stated against recomputed: what a document says, beside what its own rows give. Nothing is reconciled."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ascn_analysis import loaders, metrics


def compare_shares(projects: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Compare the focus-area shares that each report prints with the shares of its own appendix rows.

    Parameters
    ----------
    projects
        Projects, one row per project and report.
    stated
        Stated figures; those of measure ``focus_area_share`` are used, once per report and area.

    Returns
    -------
    DataFrame
        ``report_year``, ``focus_area_id``, ``n`` and ``total`` (projects), ``rows_percent``, ``stated_percent``, ``agrees``
        (whether the rows' share, rounded half up as printed shares are, equals the stated one). An area without a row has
        ``n`` 0; a stated share of a report without rows is left out.

    Raises
    ------
    ValueError
        If one report states two different shares of one area: then there is no single figure to compare with.
    """
    printed = stated[stated["measure"] == "focus_area_share"]
    once = printed.assign(report_year=printed["as_of"].str[:4].astype("int64"))[["report_year", "breakdown", "value"]]
    once = once.drop_duplicates().rename(columns={"breakdown": "focus_area_id", "value": "stated_percent"})
    doubled = once[once.duplicated(["report_year", "focus_area_id"], keep=False)]
    if not doubled.empty:
        raise ValueError(f"stated_figures.csv holds two shares of one area: {doubled.to_dict('records')}")
    keys = ["report_year", "focus_area_id"]
    counted = once.merge(metrics.totals(projects, by=["focus_area_id"]), on=keys, how="left", validate="one_to_one")
    total = counted["report_year"].map(metrics.totals(projects).set_index("report_year")["n"])
    counted = counted.assign(n=counted["n"].fillna(0).astype("int64"), total=total)[total.notna()].astype(
        {"total": "int64"}
    )
    rounded = metrics.whole_percent(counted["n"], counted["total"])
    compared = counted.assign(
        rows_percent=100 * counted["n"] / counted["total"], agrees=rounded == counted["stated_percent"]
    )
    order = [*keys, "n", "total", "rows_percent", "stated_percent", "agrees"]
    return compared.sort_values(keys, ignore_index=True)[order]


def transcription_agreement(folder: Path = loaders.DATA) -> pd.DataFrame:
    """Compare the two independent transcriptions of the appendix rows, by a program and by a reader.

    Returns
    -------
    DataFrame
        One row per printed column: ``column``, ``rows`` (compared), ``agree`` (equal to the letter), ``settled`` (unequal
        rows for which `coding/project_reports_settled.csv` says why, and what holds).

    Raises
    ------
    pandas.errors.MergeError
        If a reading holds a row twice.
    """
    keys = ["report_year", "list", "row_no"]
    eye, program, settled = (
        loaders.read_strings(folder / "coding" / f"project_reports_{name}.csv")
        for name in ("by_eye", "by_program", "settled")
    )
    both = eye.merge(program, on=keys, suffixes=("_eye", "_program"), how="outer", validate="one_to_one")
    columns = [column for column in eye.columns if column not in keys]
    agree = [int((both[f"{column}_eye"] == both[f"{column}_program"]).sum()) for column in columns]
    why = settled["column"].value_counts().reindex(columns, fill_value=0)
    return pd.DataFrame({"column": columns, "rows": len(both), "agree": agree, "settled": why.array})
