"""Sentences and tables that follow the choice of a country.

A figure carries its own filter. A sentence or a table is made by a function of the frames; `by_country` calls it once for
all projects and once for each country, and stores every answer beside the one that a notebook shows, so that a
page without a kernel can change the numbers in the text with the same control as the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import pandas as pd

from ascn_analysis import tables
from ascn_analysis import vocabulary as v
from ascn_analysis.metrics import ALL

MIME: Final = "application/vnd.ascn.selections+json"
Answer: TypeAlias = str | pd.DataFrame


class Selections:
    """What a function says of all projects together and of each country.

    Attributes
    ----------
    texts
        Markdown by selection: ``"all"``, then each iso3 in alphabetical order of ASEAN's names.
    """

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Show the answer for all; carry the others."""
        whole = self.texts[ALL]
        return {"text/markdown": whole, "text/plain": whole, MIME: {"texts": self.texts}}


def by_country(function: Callable[..., Answer], *frames: pd.DataFrame, empty: str | None = None) -> Selections:
    """Let a function speak of all projects, and of each country alone.

    Parameters
    ----------
    function
        Called with the frames; returns Markdown, or a frame that is shown as a table in full.
    frames
        The first one decides whether a country has anything to say. Every frame with a column ``iso3`` is reduced to the country's
        rows; others are passed on as they are.
    empty
        What is said of a country without a row in the first frame, after its name and a colon; by default that nothing is listed.

    Returns
    -------
    Selections
        Rich output for a notebook: shows the answer for all.

    Raises
    ------
    ValueError
        If the first frame has no column ``iso3``.
    """
    if "iso3" not in frames[0]:
        raise ValueError(f"the first frame has no column iso3; it has {sorted(frames[0].columns)}")
    texts, nothing = {ALL: _spell(function(*frames))}, "nothing is listed." if empty is None else empty
    for iso3, name in v.COUNTRY_NAMES.items():
        own = [frame[frame["iso3"] == iso3] if "iso3" in frame else frame for frame in frames]
        texts[iso3] = f"{name}: {nothing}" if own[0].empty else _spell(function(*own))
    return Selections(texts)


def _spell(answer: Answer) -> str:
    return tables.markdown(answer) if isinstance(answer, pd.DataFrame) else answer
