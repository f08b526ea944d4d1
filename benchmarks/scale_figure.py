"""Draw seconds over rows, one line an engine, from the lines of the table of benchmarks."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import altair as alt
import pandas as pd
from engines import PLAIN
from measures import Measure
from scale import RESULTS

from ascn_analysis import vocabulary as v
from ascn_analysis.figures import display, theme
from ascn_analysis.writing import write_atomic

PICTURE: Final = Path(__file__).with_name("scale.svg")
HEIGHT: Final = 340
_LABEL: Final = 15  # pixels from one label to the next
_LINE = re.compile(rf"(?P<engine>.+), (?P<rows>[\d,]+) rows: {RESULTS}")


def seconds(measures: Sequence[Measure]) -> pd.DataFrame:
    """Pick the seconds from files to results: ``engine``, ``rows``, ``seconds``."""
    found = [(match, m["value"]) for m in measures if (match := _LINE.fullmatch(m["name"]))]
    rows = [(match["engine"], int(match["rows"].replace(",", "")), value) for match, value in found]
    return pd.DataFrame(rows, columns=["engine", "rows", "seconds"])


def figure(measures: Sequence[Measure]) -> Any:
    """Draw the lines, with the name of each engine at its end instead of a legend."""
    taken = seconds(measures)
    bounds = 0.8 * taken["seconds"].min(), 1.25 * taken["seconds"].max()
    drawn = alt.layer(*_lines(taken, bounds), _names(taken, bounds))
    lines = ["Shares, growth, concentration and transitions of a synthetic registry; both axes are logarithmic.",
             "Source: make bench, on one machine. Compare the lines, not the seconds."]  # fmt: skip
    room = {"right": 24, "left": 8, "top": 8, "bottom": 8}
    sized = drawn.properties(width=theme.WIDTH - 100, height=HEIGHT, padding=room)
    return theme.finish(sized, "Time for four measures, by engine and size of the registry", lines, alt_text(taken))


def _lines(taken: pd.DataFrame, bounds: tuple[float, float]) -> tuple[Any, Any]:
    x, y, colour = _encodings(taken, bounds, "seconds")
    base = alt.Chart(taken).encode(
        x.axis(format=",d", values=sorted(taken["rows"].unique().tolist())),
        y.axis(format="~g", values=_ticks(bounds)),
        colour,
    )
    dash = alt.when(alt.datum.engine == PLAIN).then(alt.value([5, 4])).otherwise(alt.value([1, 0]))
    return base.mark_line(strokeWidth=2).encode(strokeDash=dash), base.mark_point(filled=True, size=45, opacity=1)


def _names(taken: pd.DataFrame, bounds: tuple[float, float]) -> Any:
    text = alt.Chart(_labels(taken, bounds)).mark_text(align="left", dx=10, baseline="middle")
    return text.encode(*_encodings(taken, bounds, "at"), text="engine:N")


def _encodings(taken: pd.DataFrame, bounds: tuple[float, float], field: str) -> tuple[Any, Any, Any]:
    colours = _colours(taken)
    return (
        alt.X("rows:Q").scale(type="log", nice=False).title("rows (one per project and report)"),
        alt.Y(field, type="quantitative")
        .scale(type="log", domain=bounds, nice=False)
        .title("seconds from files to results"),
        alt.Color("engine:N").scale(domain=list(colours), range=list(colours.values())).legend(None),
    )


def _colours(taken: pd.DataFrame) -> dict[str, str]:
    """Give plain pandas and pandas the ink, the others the colours that every eye tells apart."""
    others = [name for name in taken["engine"].unique() if "pandas" not in name]
    inks = {name: v.INK for name in taken["engine"].unique() if "pandas" in name}
    return inks | dict(zip(others, v.FOCUS_AREA_COLOURS.values(), strict=False))


def _ticks(bounds: tuple[float, float]) -> list[float]:
    steps = [step * 10.0**power for power in range(-3, 4) for step in (1, 2, 5)]
    return [step for step in steps if bounds[0] <= step <= bounds[1]]


def _labels(taken: pd.DataFrame, bounds: tuple[float, float]) -> pd.DataFrame:
    """Stand the names at the ends of the lines, moved apart where they would lie on each other."""
    ends = taken[taken["rows"] == taken["rows"].max()].sort_values("seconds", ignore_index=True)
    low, high = (math.log(bound) for bound in bounds)
    gap = _LABEL * (high - low) / HEIGHT
    up = list(accumulate(ends["seconds"].map(math.log), lambda below, own: max(own, below + gap)))
    down = accumulate(reversed([min(place, high) for place in up]), lambda above, own: min(own, above - gap))
    return ends.assign(at=[math.exp(place) for place in reversed(list(down))])


def alt_text(taken: pd.DataFrame) -> str:
    """Say what the figure shows, with its numbers."""
    ends = taken[taken["rows"] == taken["rows"].max()].sort_values("seconds")
    words = theme.spell_list([f"{row.engine} {row.seconds:.3g}" for row in ends.itertuples()])
    least, most = taken["rows"].min(), taken["rows"].max()
    return (
        f"Lines of seconds from files to results over rows, {least:,} to {most:,}, one line an engine, both axes logarithmic. "
        f"Seconds at {most:,} rows: {words}."
    )


def write(measures: Sequence[Measure], path: Path = PICTURE) -> None:
    """Write the picture, if engines were measured."""
    if len(seconds(measures)):
        write_atomic(path, display.to_svg({**figure(measures).to_dict(), "$schema": display.SCHEMA}))
