"""The forms of a project: its status as a shape, its focus area as a colour."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v

_SQUARE: Final = "M-1,-1L1,-1L1,1L-1,1L-1,-1Z"
# A legend symbol cannot take a fill opacity, so the solid square is also drawn solid by its strokes.
_SOLID: Final = "".join(f"M-1,{y / 10}L1,{y / 10}" for y in range(-8, 10, 2))
SHAPES: Final = {
    "planning": _SQUARE,
    "ongoing": f"{_SQUARE}M-1,1L1,-1M-1,0L0,-1M0,1L1,0",
    "completed": _SQUARE + _SOLID,
    "planning|ongoing": f"{_SQUARE}M-1,1L1,-1",
    "planning|ongoing|completed": f"{_SQUARE}M-0.4,0L0.4,0",
}
FILLS: Final = {
    "planning": 0.0,
    "ongoing": 0.12,
    "completed": 1.0,
    "planning|ongoing": 0.12,
    "planning|ongoing|completed": 0.12,
}

_OPEN: Final = "planning|ongoing|completed"  # form of every set but planning|ongoing


def form(status: pd.Series) -> pd.Series:
    """Return the form of each status: outline = planning, hatch = ongoing, solid = completed, strokes where it is open."""
    return status.where(status.isin(list(SHAPES)), _OPEN)


def legend(forms: list[str]) -> alt.Legend:
    """Make the legend of the forms in use."""
    return alt.Legend(
        title="Status, as far as it can be told",
        values=forms,
        labelExpr=_name_expression(),
        symbolStrokeColor=v.INK,
        symbolFillColor="transparent",
        symbolSize=90,
        columns=2,
        direction="vertical",
    )


def area_colours() -> alt.Scale:
    """Make the scale from focus area to colour."""
    return alt.Scale(domain=list(v.FOCUS_AREA_COLOURS), range=list(v.FOCUS_AREA_COLOURS.values()))


def _name_expression() -> str:
    pairs = ",".join(f"'{key}':'{name}'" for key, name in v.STATUS_NAMES.items())
    return "{" + pairs + "}[datum.label]"
