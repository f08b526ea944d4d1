"""The audit: every stated figure recomputed, every contradiction found, every row looked up on its page.

`findings` recomputes (see `contradictions`) and compares what it finds with ``known_contradictions.csv``: a known
contradiction is data, an unknown one is a fault of the record or news. `documents.check` needs the official PDFs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from ascn_analysis import coding, contradictions, loaders
from ascn_analysis.contradictions import compare_shares, compare_statuses

__all__ = [
    "COLUMNS",
    "as_text",
    "compare_shares",
    "compare_statuses",
    "findings",
    "is_clean",
    "transcription_agreement",
]

COLUMNS: Final = ("year", "subject", "stated", "recomputed", "explanation", "pages", "change", "state")
_KEY: Final = ["year", "subject", "stated", "recomputed"]


def findings(folder: loaders.Folder = None) -> pd.DataFrame:
    """Find every contradiction, and say of each whether it is known.

    Returns
    -------
    DataFrame
        ``year``, ``subject``, ``stated``, ``recomputed``, ``explanation`` (empty if unknown), ``pages``, ``change`` (the
        smallest change of rows that would reconcile the two, where one exists) and ``state``: ``known``, ``unknown``, or
        ``gone`` for one that is in ``known_contradictions.csv`` but no longer found.

    Raises
    ------
    TableError
        If a table is not as its schema says, or names an id that the table which owns it does not hold.
    """
    record = {name: loaders.read_table(name, folder) for name in contradictions.TABLES}
    loaders.check_links(record)
    found = pd.DataFrame([vars(finding) for finding in contradictions.find(record)], columns=[*_KEY, "change", "pages"])
    known = loaders.load_table("known_contradictions", folder)
    both = found.merge(
        known[[*_KEY, "explanation", "pages"]], how="outer", on=_KEY, suffixes=("", "_known"), indicator="state"
    )
    state = both["state"].astype("str").map({"both": "known", "left_only": "unknown", "right_only": "gone"})
    both = both.assign(state=state, pages=both["pages"].fillna(both["pages_known"]))
    return both[list(COLUMNS)].fillna("").sort_values(["year", "subject"], ignore_index=True)


def is_clean(found: pd.DataFrame) -> bool:
    """Say whether every contradiction is known, and every known one is still found."""
    return bool((found["state"] == "known").all())


def as_text(found: pd.DataFrame) -> str:
    """Write the findings for people: a paragraph each, and a closing count."""
    lines = []
    for row in found.itertuples():
        lines.append(f"{row.year}  {row.subject}" + ("" if row.state == "known" else f"  [{row.state.upper()}]"))
        lines.append(f"      stated: {row.stated}; recomputed: {row.recomputed}")
        lines += [
            f"      {word}: {text}"
            for word, text in (("smallest change", row.change), ("why", row.explanation))
            if text
        ]
        lines.append(f"      pages: {row.pages}")
    counts = found["state"].value_counts()
    summary = ", ".join(f"{counts.get(state, 0)} {state}" for state in ("known", "unknown", "gone"))
    return "\n".join([*lines, "", f"{len(found)} contradictions: {summary}"])


def transcription_agreement(folder: Path = loaders.DATA) -> pd.DataFrame:
    """Compare the two independent transcriptions of the appendix rows, by a program and by a reader.

    Returns
    -------
    DataFrame
        One row per printed column: ``column``, ``rows`` (compared), ``agree`` (equal to the letter), ``settled`` (unequal
        rows for which `coding/project_reports_settled.csv` says why, and what holds).

    Raises
    ------
    TableError
        If a reading is not readable as a table, or holds a row twice.
    """
    keys = ["report_year", "list", "row_no"]
    eye, program = (coding.read(folder, f"project_reports_{name}", keys) for name in ("by_eye", "by_program"))
    settled = loaders.read_strings(folder / "coding" / "project_reports_settled.csv")
    both = eye.merge(program, on=keys, suffixes=("_eye", "_program"), how="outer", validate="one_to_one")
    columns = [column for column in eye.columns if column not in keys]
    agree = [int((both[f"{column}_eye"] == both[f"{column}_program"]).sum()) for column in columns]
    why = settled["column"].value_counts().reindex(columns, fill_value=0)
    return pd.DataFrame({"column": columns, "rows": len(both), "agree": agree, "settled": why.array})
