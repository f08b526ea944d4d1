"""Tables for reading: every cell in full, nothing where nothing is known."""

from __future__ import annotations

from typing import Any

import pandas as pd


def full(frame: pd.DataFrame) -> Any:
    """Show a frame as a Markdown table with every cell in full.

    pandas cuts long cells to fifty characters, also on a rendered page.

    Returns
    -------
    Markdown
        Rich output for a notebook: the columns of the frame without its index; missing values are empty.
    """
    from IPython.display import Markdown

    rows = [frame.columns, ["---"] * frame.shape[1], *frame.itertuples(index=False)]
    return Markdown("\n".join("| " + " | ".join(_cell(value) for value in row) + " |" for row in rows))


def _cell(value: object) -> str:
    text = "" if pd.isna(value) else str(value)
    return text.replace("|", "\\|")
