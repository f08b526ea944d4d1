"""How well independent readings agree, before they are settled: per cent and Cohen's kappa.

``data/coding/`` holds both readings of everything that was transcribed or judged twice, and what was settled how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from ascn_analysis import loaders
from ascn_analysis.errors import TableError


@dataclass(frozen=True)
class Readings:
    """Two files that hold the same thing as two readers saw it."""

    what: str
    first: str
    second: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    judged: bool = True


_ROW: Final = ("report_year", "list", "row_no")
_PAIR: Final = ("year_from", "list_from", "row_from", "year_to", "list_to", "row_to")
_PRINTED: Final = ("country_printed", "city_printed", "project_printed", "focus_area_printed", "page")
READINGS: Final = (
    Readings("appendix rows", "project_reports_by_eye", "project_reports_by_program", _ROW, _PRINTED, judged=False),
    Readings(
        "Exhibit 2", "exhibit_status_by_eye", "exhibit_status_by_program",
        ("report_year", "city_id", "focus_area", "status"), ("n",), judged=False,
    ),
    Readings(
        "Exhibit 3, labels", "exhibit_sub_areas_by_eye", "exhibit_sub_areas_by_program",
        ("report_year", "iso3", "focus_area", "sub_area_printed"), ("n",), judged=False,
    ),
    Readings(
        "Exhibit 3, percentages", "exhibit_country_status_by_eye", "exhibit_country_status_by_program",
        ("report_year", "iso3", "status"), ("n_projects", "percent_printed"), judged=False,
    ),
    Readings("project links", "project_links_reader_1", "project_links_reader_2", _PAIR, ("kind", "confidence")),
    Readings(
        "links of planned projects", "action_plan_links_reader_1", "action_plan_links_reader_2",
        ("city_id", "project_no"), ("project_id", "confidence"),
    ),
    Readings(
        "land area, people and density of the plans", "action_plan_cities_reader_1", "action_plan_cities_reader_2",
        ("city_id",), ("land_area_printed", "population_printed", "density_printed"), judged=False,
    ),
    Readings(
        "focus areas of the plans", "action_plan_focus_areas_reader_1", "action_plan_focus_areas_reader_2",
        ("city_id", "item_no"), ("focus_area", "match"),
    ),
    Readings(
        "targets of the plans", "action_plan_targets_reader_1", "action_plan_targets_reader_2",
        ("city_id", "target_no"), ("has_number", "deadline_year"),
    ),
    Readings(
        "support asked for in the plans", "action_plan_projects_reader_1", "action_plan_projects_reader_2",
        ("city_id", "project_no"), ("title_printed", "support_kinds"),
    ),
)  # fmt: skip
SETTLED: Final = {"partner mentions": "partner_mentions_settled", "challenges": "challenges_settled"}
"""Lists in which rows of two readers are paired: what each found, and the kind that each gave."""


def agreement(folder: Path = loaders.DATA) -> pd.DataFrame:
    """Compare all readings.

    Returns
    -------
    DataFrame
        ``what``, ``column``, ``rows`` (found by at least one reader), ``both`` (found by both), ``agree`` (of these, equal),
        ``percent`` (of `both`), ``kappa`` (Cohen's, for judged columns; missing where one value fills both readings).

    Notes
    -----
    ``kappa = (p_o - p_e) / (1 - p_e)`` with the observed agreement ``p_o`` and the agreement ``p_e`` expected if both
    readers kept their shares of each value but matched by chance (Cohen 1960, Educational and Psychological
    Measurement 20(1)). Rows that only one reader found are not in it; ``rows - both`` counts them. In the two settled
    lists only pairs that differed or were dropped stand beside the rest, as the file says.
    """
    rows = [row for readings in READINGS for row in _compare(folder, readings)]
    rows += [_compare_settled(folder, what, name) for what, name in SETTLED.items()]
    return pd.DataFrame(rows)


def kappa(first: list[str], second: list[str]) -> float:
    """Return Cohen's kappa of two readings of the same things; NaN where both are one and the same value throughout, or empty.

    Examples
    --------
    >>> kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"])
    0.5
    """
    n = len(first)
    if n == 0:
        return float("nan")
    one, two = Counter(first), Counter(second)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    expected = sum(one[value] * two[value] for value in one) / n**2
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def read(folder: Path, name: str, keys: Sequence[str]) -> pd.DataFrame:
    """Read one reading of ``coding/`` as text.

    Raises
    ------
    TableError
        If the file is not readable as a table, or holds a row twice.
    """
    frame = loaders.read_strings(folder / "coding" / f"{name}.csv")
    for line in frame.index[frame.duplicated(list(keys))]:
        value = ", ".join(frame.loc[line, list(keys)].fillna(""))
        raise TableError(
            f"coding/{name}.csv", "a key stands twice", row=int(line), column=", ".join(keys), value=value,
            expected="each key once",
        )  # fmt: skip
    return frame


def _compare(folder: Path, readings: Readings) -> list[dict[str, object]]:
    first, second = (read(folder, name, readings.keys).fillna("") for name in (readings.first, readings.second))
    merged = first.merge(second, on=list(readings.keys), how="outer", validate="one_to_one", indicator=True)
    both = merged[merged["_merge"] == "both"]
    return [
        _row(
            readings.what,
            column,
            len(merged),
            both[f"{column}_x"].tolist(),
            both[f"{column}_y"].tolist(),
            readings.judged,
        )
        for column in readings.columns
    ]


def _compare_settled(folder: Path, what: str, name: str) -> dict[str, object]:
    pairs = loaders.read_strings(folder / "coding" / f"{name}.csv").fillna("")
    both = pairs[pairs["found_by"] == "both"]
    return _row(what, "kind", len(pairs), both["kind_1"].tolist(), both["kind_2"].tolist(), judged=True)


def _row(what: str, column: str, rows: int, first: list[str], second: list[str], judged: bool) -> dict[str, object]:
    agree = sum(a == b for a, b in zip(first, second, strict=True))
    return {
        "what": what,
        "column": column,
        "rows": rows,
        "both": len(first),
        "agree": agree,
        "percent": round(100 * agree / len(first), 1) if first else float("nan"),
        "kappa": round(kappa(first, second), 3) if judged else float("nan"),
    }
