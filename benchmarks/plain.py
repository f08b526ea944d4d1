"""The four measures as one would write them for pandas alone: what the measures of the library are compared with."""

from __future__ import annotations

import math

import pandas as pd


def shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Count by report and focus area, and divide by the report's total."""
    n = frame.groupby(["report_year", "focus_area_id"]).size().rename("n").reset_index()
    return n.assign(share=n["n"] / n.groupby("report_year")["n"].transform("sum"))


def growth(frame: pd.DataFrame) -> pd.DataFrame:
    """Compare each report's total with the one before, over the days between them."""
    n = frame.groupby(["report_year", "as_of"]).size().rename("n").reset_index()
    days = pd.to_datetime(n["as_of"]).diff().dt.days
    ratio = n["n"] / n["n"].shift()
    return n.assign(percent=100 * (ratio - 1), annualised_percent=100 * (ratio ** (365.25 / days) - 1))


def concentration(frame: pd.DataFrame) -> pd.DataFrame:
    """Sum squared shares, and take the Shannon evenness of six areas."""
    share = shares(frame).set_index("report_year")["share"]
    hhi = share.pow(2).groupby("report_year").sum()
    entropy = -(share * share.map(math.log)).groupby("report_year").sum()
    return pd.DataFrame({"hhi": hhi, "evenness": entropy / math.log(6)}).reset_index()


def transitions(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by project and report, shift by one row, and count the pairs. Of three ways tried, the fastest."""
    rows = frame[["project_id", "report_year", "status"]].sort_values(["project_id", "report_year"])
    year, project = rows["report_year"], rows["project_id"]
    stays = (project == project.shift(-1)) & (year.shift(-1) == year + 1)
    gone = rows["status"].shift(-1).where(stays, "no longer listed")
    onward = pd.DataFrame({"year_from": year, "status_from": rows["status"], "status_to": gone})
    new = pd.DataFrame({"year_from": year - 1, "status_from": "newly listed", "status_to": rows["status"]})
    came = ~stays.shift(fill_value=False) & (year > year.min())
    steps = pd.concat([onward[year < year.max()], new[came]]).value_counts().rename("n").reset_index()
    return steps.assign(year_to=steps["year_from"] + 1)
