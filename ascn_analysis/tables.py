"""Tables for reading: every cell in full, nothing where nothing is known, links to the official pages."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import pandas as pd

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~$]|&(?=#?\w+;))")


class Link(NamedTuple):
    """A cell that leads to an address."""

    text: str
    url: str


def full(frame: pd.DataFrame) -> Any:
    """Show a frame as a Markdown table with every cell in full.

    pandas cuts long cells to fifty characters, also on a rendered page.

    Returns
    -------
    Markdown
        Rich output for a notebook: the columns of the frame without its index; missing values are empty.
    """
    from IPython.display import Markdown

    return Markdown(markdown(frame))


def markdown(frame: pd.DataFrame) -> str:
    """Write a frame as a Markdown table.

    Text of the record is shown to the letter: what Markdown or HTML would read as a sign is escaped.

    Returns
    -------
    str
        The columns of the frame without its index, their names with spaces; missing values are empty.
    """
    heads = [_escape(str(name).replace("_", " ")) for name in frame.columns]
    rules = ["---:" if pd.api.types.is_numeric_dtype(frame[name]) else "---" for name in frame.columns]
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, rules, *rows])


def linked(frame: pd.DataFrame) -> pd.DataFrame:
    """Make each ``page`` a link to that page of the official PDF.

    Parameters
    ----------
    frame
        Has ``page`` and ``url`` (the address of the page), as `loaders.load_panel` gives them.
    """
    links = [Link(f"p. {page}", str(url)) for page, url in zip(frame["page"], frame["url"], strict=True)]
    return frame.assign(page=pd.Series(links, index=frame.index, dtype="object"))


def _cell(value: object) -> str:
    if isinstance(value, Link):
        return f"[{_escape(value.text)}](<{value.url}>)"
    return "" if pd.isna(value) else _escape(str(value))


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
