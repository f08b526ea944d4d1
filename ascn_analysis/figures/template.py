"""Figures whose drawing is built once: a new choice brings only rows, title and alt text.

Building a chart and compiling it takes some hundred times as long as filling it with the rows of another choice. A figure function
that goes through `filled` says what its drawing depends on; where a figure is drawn anew at every click (`live`), it
is then built once for all choices of which these arguments are the same. Lists that only fill a legend and its scale (which parts
occur, in which colours) are filled in as well: the drawing is built with a placeholder in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis.figures import display, theme

Build = Callable[..., Any]
"""A function of hashable arguments, and of named lists, that returns a chart of named data sets, without title and alt text."""
Sets = Mapping[str, pd.DataFrame | str]
"""What the named data sets hold: rows, or text that Vega reads by itself (boundaries)."""
Words = tuple[str, list[str], str]
"""Title, the lines under it, and the alt text; see `theme.finish`."""

ROWS: Final = "rows"
"""Name of the data set of a figure that has one only."""

_LIVE: Final[ContextVar[bool]] = ContextVar("live", default=False)


@contextmanager
def live() -> Iterator[None]:
    """Let figures be drawn from their templates: with the same spec, but built once."""
    before = _LIVE.set(True)
    try:
        yield
    finally:
        _LIVE.reset(before)


def filled(build: Build, arguments: tuple[Hashable, ...], sets: Sets, words: Words, **lists: Sequence[str]) -> Any:
    """Fill a drawing with rows and words.

    Parameters
    ----------
    build
        Makes the drawing; it is called again only for other arguments.
    arguments
        All that the drawing depends on, besides rows and words.
    sets
        The data sets that the drawing names.
    words
        As `theme.finish` takes them.
    lists
        Lists that `build` takes by these names and puts into the spec as they are: domains and ranges of scales, values of legends.

    Returns
    -------
    Chart
        An Altair chart; under `live` what becomes one as soon as it is asked for more than its spec.
    """
    drawn = Filled(build, arguments, sets, words, lists)
    return drawn if _LIVE.get() else drawn.chart()


class Filled:
    """A drawing with its rows and words, which has a spec at once and is made an Altair chart only when asked."""

    def __init__(
        self,
        build: Build,
        arguments: tuple[Hashable, ...],
        sets: Sets,
        words: Words,
        lists: Mapping[str, Sequence[str]],
    ) -> None:
        self._template, self._words = (build, arguments, tuple(lists)), words
        self._lists = {name: list(values) for name, values in lists.items()}
        self._sets = {name: _plain(part) for name, part in sets.items()}

    def chart(self) -> Any:
        """Return the Altair chart."""
        build, arguments, _ = self._template
        return theme.finish(build(*arguments, **self._lists), *self._words).properties(datasets=self._sets)

    def to_dict(self, **_: Any) -> dict[str, Any]:
        """Return the Vega-Lite spec, as the chart gives it; it is not validated."""
        spec, (title, lines, description) = self._with_lists(_spec(*self._template)), self._words
        heading = {**spec["title"], "text": title, "subtitle": lines}
        return {**spec, "title": heading, "description": description, "datasets": self._sets}

    def to_vega(self) -> dict[str, Any]:
        """Return the spec compiled to Vega, without its drop-down."""
        kinds = tuple((name, isinstance(part, str)) for name, part in self._sets.items())
        vega, (title, lines, description) = self._with_lists(_vega(*self._template, kinds)), self._words
        data = [
            {**part, "values": self._sets[part["name"]]} if part["name"] in self._sets else part
            for part in vega["data"]
        ]
        heading = {**vega["title"], "text": title, "subtitle": lines}
        return {**vega, "title": heading, "description": description, "data": data}

    def _with_lists(self, part: Any) -> Any:
        """Return part of a spec with the lists in the place of their placeholders; what holds none is not copied."""
        return _replaced(part, {_placeholder(name): values for name, values in self._lists.items()})

    def __getattr__(self, name: str) -> Any:
        """Go on as the Altair chart."""
        return getattr(self.chart(), name)


def to_vega(figure: Any) -> dict[str, Any]:
    """Compile a figure, from its template if it has one, without its drop-down."""
    if isinstance(figure, Filled):
        return figure.to_vega()
    return display.to_vega(display.unbind(figure.to_dict(validate=False)))


def named(name: str = ROWS) -> alt.Chart:
    """Begin a chart of a data set that `filled` brings."""
    return alt.Chart(alt.NamedData(name))


def _plain(part: pd.DataFrame | str) -> Any:
    """Return rows as plain values, missing as None; Altair's own way looks for kinds of columns that no figure has."""
    if isinstance(part, str):
        return part
    columns = [_values(part[name]) for name in part]
    return [dict(zip(part, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pd.Series) -> list[Any]:
    held, missing = column.tolist(), column.isna()
    return [None if gone else value for value, gone in zip(held, missing, strict=True)] if missing.any() else held


def _placeholder(name: str) -> str:
    return f"list {name!r}"


def _replaced(part: Any, lists: Mapping[str, list[str]]) -> Any:
    """Replace each list of one placeholder; parts without one stay the same objects."""
    if isinstance(part, dict):
        new = {key: _replaced(value, lists) for key, value in part.items()}
        return new if any(new[key] is not part[key] for key in part) else part
    if not isinstance(part, list):
        return part
    if len(part) == 1 and isinstance(part[0], str):
        return lists.get(part[0], part)
    items = [_replaced(item, lists) for item in part]
    return items if any(new is not old for new, old in zip(items, part, strict=True)) else part


@lru_cache(maxsize=128)
def _spec(build: Build, arguments: tuple[Hashable, ...], lists: tuple[str, ...]) -> dict[str, Any]:
    drawn = build(*arguments, **{name: [_placeholder(name)] for name in lists})
    spec: dict[str, Any] = theme.finish(drawn, "title", ["line"], "alt text").to_dict(validate=False)
    return spec


@lru_cache(maxsize=128)
def _vega(
    build: Build, arguments: tuple[Hashable, ...], lists: tuple[str, ...], kinds: tuple[tuple[str, bool], ...]
) -> dict[str, Any]:
    empty: dict[str, Any] = {name: "" if text else [] for name, text in kinds}
    return display.to_vega({**display.unbind(_spec(build, arguments, lists)), "datasets": empty})
