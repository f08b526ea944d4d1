"""The four results that the registry's own counts lead to, and the comparison of an engine's results with them.

Nothing here uses `ascn_analysis`: the frames are worked out in plain Python from `registry.Truth`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from registry import AREAS, AS_OF, YEARS, Truth

KEYS = {
    "shares": ["report_year", "focus_area_id"],
    "growth": ["report_year"],
    "concentration": ["report_year"],
    "transitions": ["year_from", "year_to", "status_from", "status_to"],
}


class WrongResultError(Exception):
    """An engine's result is not what the registry holds."""


def results(truth: Truth) -> dict[str, pd.DataFrame]:
    """Work out shares, growth, concentration and transitions from the counts of a registry."""
    return {
        "shares": _shares(truth),
        "growth": _growth(truth.totals()),
        "concentration": _concentration(truth),
        "transitions": pd.DataFrame(
            [(*key, n) for key, n in truth.transitions().items()], columns=[*KEYS["transitions"], "n"]
        ),
    }


def _shares(truth: Truth) -> pd.DataFrame:
    totals = truth.totals()
    rows = [(year, area, n, totals[year], n / totals[year]) for (year, area), n in truth.by_area().items() if n]
    return pd.DataFrame(rows, columns=["report_year", "focus_area_id", "n", "total", "share"])


def _growth(totals: Mapping[int, int]) -> pd.DataFrame:
    days = dict(zip(YEARS, map(date.fromisoformat, AS_OF), strict=True))
    rows: list[tuple[Any, ...]] = []
    for before, year in zip((None, *YEARS), YEARS, strict=False):
        if before is None:
            rows.append((year, days[year].isoformat(), totals[year], *[math.nan] * 4))
            continue
        ratio, between = totals[year] / totals[before], (days[year] - days[before]).days
        yearly = 100 * (ratio ** (365.25 / between) - 1)
        change = totals[year] - totals[before]
        rows.append((year, days[year].isoformat(), totals[year], change, 100 * (ratio - 1), between, yearly))
    columns = ["report_year", "as_of", "n", "change", "percent", "days", "annualised_percent"]
    return pd.DataFrame(rows, columns=columns)


def _concentration(truth: Truth) -> pd.DataFrame:
    rows = []
    for year, total in truth.totals().items():
        parts = [truth.by_area()[year, area] / total for area in AREAS if truth.by_area()[year, area]]
        hhi = sum(part**2 for part in parts)
        entropy = -sum(part * math.log(part) for part in parts)
        rows.append((year, total, len(parts), hhi, 1 / hhi, entropy / math.log(len(AREAS))))
    columns = ["report_year", "total", "groups", "hhi", "effective_groups", "evenness"]
    return pd.DataFrame(rows, columns=columns)


def check(found: Mapping[str, pd.DataFrame], truth: Truth, engine: str) -> None:
    """Compare an engine's results, as pandas frames, with what the registry holds.

    Raises
    ------
    WrongResultError
        Naming the engine, the measure, and the first rows that differ.
    """
    for name, wanted in results(truth).items():
        columns = [column for column in wanted if column in found[name]]
        missing = {*KEYS[name], wanted.columns[-1]} - set(columns)
        if missing:
            raise WrongResultError(f"{engine}, {name}: the columns {sorted(missing)} are missing")
        try:
            pd.testing.assert_frame_equal(
                _plain(found[name][columns], name),
                _plain(wanted[columns], name),
                check_dtype=False,
                check_exact=False,
                rtol=1e-9,
                atol=1e-12,
            )
        except AssertionError as problem:
            raise WrongResultError(f"{engine}, {name}: not what the registry holds\n{problem}") from problem


def _plain(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Put rows in one order, and text and numbers in one type, whatever the engine calls them."""
    frame = frame.reset_index(drop=True)
    numbers = [column for column in frame if not isinstance(frame[column].dropna().iloc[0], str)]
    words = {column: "str" for column in frame if column not in numbers}
    typed = frame.astype({**dict.fromkeys(numbers, "float64"), **words})
    return typed.sort_values(KEYS[name], ignore_index=True)
