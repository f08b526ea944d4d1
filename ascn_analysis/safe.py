"""Text of the record on its way into pages and spreadsheets: shown to the letter, never run."""

from __future__ import annotations

import json
from typing import Any, Final

import pandas as pd

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


def defuse(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula; numbers stay numbers.

    Examples
    --------
    >>> defuse("=1+1"), defuse(-3), defuse("Smart Bin")
    ("'=1+1", -3, 'Smart Bin')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def defused(frame: pd.DataFrame) -> pd.DataFrame:
    """Defuse every text cell of a frame, for the site's CSV and XLSX; ``data/`` and Parquet stay as printed."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.assign(**{name: frame[name].map(defuse, na_action="ignore") for name in texts})


def json_for_html(value: Any) -> str:
    """Write JSON that can stand inside a page's script element: no character there ends it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return (
        text.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
