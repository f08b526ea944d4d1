"""Write the measured numbers into the page for larger registries, from the lines of the table of benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import scale_figure
from engines import ENGINES
from measures import Measure
from scale import CLUSTERS, RESULTS, name_of

from ascn_analysis.writing import write_atomic

PAGE: Final = Path(__file__).parent.parent / "docs" / "larger-registries.md"
NOTHING: Final = "Not measured yet: `make bench` writes the numbers here."
_BLOCK = re.compile(r"(<!-- measured: begin\..*? -->\n).*?(<!-- measured: end -->)", re.DOTALL)

Values = Mapping[str, float | None]


def filled(page: str, measures: Sequence[Measure]) -> str:
    """Return the page with its measured part made anew.

    Raises
    ------
    ValueError
        If the page has no such part, or more than one.
    """
    block = "\n".join(_block(measures))
    page, found = _BLOCK.subn(lambda match: f"{match[1]}\n{block}\n\n{match[2]}", page)
    if found != 1:
        raise ValueError(f"the page has {found} measured parts; expected one")
    return page


def _block(measures: Sequence[Measure]) -> Iterator[str]:
    taken = scale_figure.seconds(measures)
    if taken.empty:
        yield NOTHING
        return
    values, sizes = {m["name"]: m["value"] for m in measures}, sorted(taken["rows"].unique())
    yield f"![{scale_figure.alt_text(taken)}](../benchmarks/{scale_figure.PICTURE.name})"
    yield ""
    yield from _table(values, sizes)
    yield ""
    for engine in CLUSTERS:
        yield from _sentence(engine, values, sizes)


def _table(values: Values, sizes: Sequence[int]) -> Iterator[str]:
    """Yield a line an engine: seconds by size, and the memory at the largest."""
    yield "| engine |" + "".join(f" {rows:,} rows, s |" for rows in sizes) + f" memory at {sizes[-1]:,} rows, MiB |"
    yield "|---|" + "---:|" * (len(sizes) + 1)
    for engine in ENGINES:
        seconds = [values.get(name_of(engine, rows, RESULTS)) for rows in sizes]
        if None not in seconds:
            cells = [*(f"{value:.2f}" for value in seconds), _memory(engine, values, sizes[-1])]
            yield f"| {engine} | {' | '.join(cells)} |"


def _memory(engine: str, values: Values, rows: int) -> str:
    java = values.get(name_of(engine, rows, "peak memory of its Java part"))
    own = f"{values[name_of(engine, rows, 'peak memory')]:,.0f}"
    return own if java is None else f"{own} and {java:,.0f} for Java"


def _sentence(engine: str, values: Values, sizes: Sequence[int]) -> Iterator[str]:
    """Yield what an engine for clusters costs on one machine, and from which size it pays."""
    beyond = values.get(f"{engine} beyond pandas, {sizes[0]:,} rows")
    if beyond is None:
        return
    since = values[f"{engine} is faster than pandas from (empty: not up to {sizes[-1]:,} rows)"]
    pays = f"is not faster than pandas up to {sizes[-1]:,} rows"
    if since is not None:
        pays = (
            "is faster than pandas at all sizes"
            if since <= sizes[0]
            else f"is faster than pandas from about {since:,.0f} rows"
        )
    start = values.get(f"{engine}: start of a session")
    extra = "" if start is None else f", and starting takes {start:.1f} s more"
    yield f"- {engine} on one machine {pays}. For {sizes[0]:,} rows it takes {_more(beyond)} than pandas{extra}."


def _more(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'more' if seconds >= 0 else 'less'}"


def write(measures: Sequence[Measure]) -> None:
    """Write the page anew, aside and then renamed."""
    write_atomic(PAGE, filled(PAGE.read_text(encoding="utf-8"), measures))
