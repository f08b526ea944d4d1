"""Figures of executed notebooks on their way into pages: static picture, compiled spec, data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ascn_analysis.errors import NotebookError, shortened
from ascn_analysis.figures import display
from ascn_analysis.figures.display import VEGALITE_MIME
from ascn_analysis.metrics import ALL
from ascn_analysis.safe import defuse

LAYOUT: Final = frozenset(
    {
        "x",
        "x2",
        "at",
        "y",
        "y2",
        "row",
        "order",
        "slot",
        "form",
        "title_label",
        "city_label",
        "guide",
        "left",
        "right",
        "top",
        "bottom",
        "middle",
        "over",
        "lines",
        "colour",
    }
)
_HEADING: Final = "# "
"""Begins the line of a figure that only names a country (`theme.with_country_rows`)."""
_ONLY_ALL: Final = "country === null"
Row = dict[str, Any]
SEARCHED: Final = "searched"
"""The words that a figure's search looks in; a helper of the figure, no data."""


@dataclass(frozen=True)
class Chart:
    """One figure of a page.

    Attributes
    ----------
    id
        Of the cell that made it, such as ``02-07``.
    title, lines, alt
        Title, the lines under it (the last one names the source and its date), and the alt text.
    svg
        The static picture.
    spec
        The Vega-Lite spec, without its drop-down.
    tables
        The data that it draws, as rows; several if it draws several.
    filterable, searchable
        Whether it follows the country control, and whether words can be searched for in it.
    """

    id: str
    title: str
    lines: list[str]
    alt: str
    svg: str
    spec: Row
    tables: list[list[Row]]
    filterable: bool
    searchable: bool
    width: int
    height: int

    @property
    def vega(self) -> Row:
        """The spec, compiled for the browser; boundaries are named, not held."""
        try:
            return _compile(json.dumps(self.spec, sort_keys=True))
        except ValueError as problem:
            said = shortened((str(problem).splitlines() or [""])[0])
            raise NotebookError(f"figure {self.id}: is no chart that can be drawn ({said})") from problem

    @property
    def source(self) -> str:
        """The source line, and what stands after it."""
        begin = next((i for i, line in enumerate(self.lines) if line.startswith("Source:")), len(self.lines) - 1)
        return " ".join(self.lines[begin:])


def from_bundle(cell_id: str, data: Row) -> Chart:
    """Make a figure from the MIME bundle of a notebook's output."""
    spec = display.unbind(data[VEGALITE_MIME])
    title, params = spec["title"], {param["name"] for param in spec.get("params", [])}
    svg = "".join(data["image/svg+xml"])
    width, height = (int(float(_attribute(svg, name))) for name in ("width", "height"))
    return Chart(
        id=cell_id,
        title=title["text"],
        lines=title["subtitle"],
        alt=spec["description"],
        svg=svg.replace(' style="max-width:100%;height:auto"', ""),
        spec=spec,
        tables=_tables(spec),
        filterable="country" in params,
        searchable="search" in params,
        width=width,
        height=height,
    )


def _attribute(svg: str, name: str) -> str:
    return svg.split(f' {name}="', 1)[1].split('"', 1)[0]


@cache
def _compile(spec: str) -> Row:
    """Compile for the browser; what every page shares (boundaries) is left to the bundle."""
    vega = display.to_vega(json.loads(spec))
    for data in vega.get("data", []):
        if isinstance(data.get("values"), str):
            data["values"] = {"boundaries": data["name"]}
    return vega


def _tables(spec: Row) -> list[list[Row]]:
    """Return the rows that the figure draws, without what only places them."""
    parts = _drawn_by(spec)
    found: dict[tuple[str, ...], list[tuple[str, list[Row]]]] = {}
    for name, rows in spec.get("datasets", {}).items():
        if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
            title, only_all = parts.get(name, ("", False))
            kept = [_told(row, only_all) for row in rows if len(row) > 1 and not _is_heading(row)]
            found.setdefault(tuple(sorted(columns(kept))), []).append((title, kept))
    return _telling([_joined(panels) for panels in found.values()])


def _drawn_by(spec: Row) -> dict[str, tuple[str, bool]]:
    """Return for each dataset the title of the one panel that draws it, and whether that is only while no country is chosen."""
    parts: dict[str, list[tuple[str, bool]]] = {}
    for name, titles, only_all in _parts(spec, ()):
        # The first title is the figure's own.
        parts.setdefault(name, []).append((": ".join(titles[1:]), only_all))
    return {
        name: (own[0][0] if len({title for title, _ in own}) == 1 else "", all(only_all for _, only_all in own))
        for name, own in parts.items()
    }


def _parts(node: Row, titles: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Yield the name of each dataset, the titles of the panels around what draws it, and whether no country may be chosen."""
    own = node.get("title")
    title = own["text"] if isinstance(own, dict) else own
    # A layer within a layer may repeat the title, which is drawn once.
    titles = (*titles, title) if title and title not in titles[-1:] else titles
    if "name" in node.get("data", {}):
        yield node["data"]["name"], titles, {"filter": _ONLY_ALL} in node.get("transform", [])
    for key in ("hconcat", "vconcat", "concat", "layer"):
        for part in node.get(key, []):
            yield from _parts(part, titles)


def _is_heading(row: Row) -> bool:
    return str(row.get("row", "")).startswith(_HEADING) and not row.get("note")


def _told(row: Row, only_all: bool) -> Row:
    """Leave out what only places a row; the line that it stands on is its city, where nothing else says so."""
    line = {"city": row["row"]} if "row" in row and "city" not in row else {}
    selection = {"selection": ALL} if only_all else {}
    return {**line, **{name: value for name, value in row.items() if name not in LAYOUT}, **selection}


def _joined(panels: list[tuple[str, list[Row]]]) -> list[Row]:
    """Join the data of panels (same columns); where two hold the same row, each row is told with the title of its panel.

    A panel that only shows a part of another one larger (an inset of a map) says nothing of its own.
    """
    kept = [
        (title, part)
        for title, part in panels
        if not any(len(part) < len(own) and _within(part, own) for _, own in panels)
    ]
    rows = [row for _, part in kept for row in part]
    if len(_unique(rows)) < sum(len(_unique(part)) for _, part in kept) and all(title for title, _ in kept):
        rows = [{"panel": title, **row} for title, part in kept for row in part]
    return _with_whole_numbers(_unique(rows))


def _telling(found: list[list[Row]]) -> list[list[Row]]:
    """Leave out what a larger table says already."""
    kept: list[list[Row]] = []
    for rows in sorted(found, key=lambda rows: (len(rows), len(columns(rows))), reverse=True):
        if rows and not any(_within(rows, larger) for larger in kept):
            kept.append(rows)
    return kept


def _within(rows: list[Row], larger: list[Row]) -> bool:
    return all(any(row.items() <= other.items() for other in larger) for row in rows)


def _with_whole_numbers(rows: list[Row]) -> list[Row]:
    """Write a column of whole numbers without ".0": a gap in it had made them decimals."""
    whole = {name for name in columns(rows) if all(_is_whole(row.get(name)) for row in rows)}
    return [{name: int(x) if name in whole and isinstance(x, float) else x for name, x in row.items()} for row in rows]


def _is_whole(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and float(value).is_integer())


def _unique(rows: list[Row]) -> list[Row]:
    seen = {json.dumps(row, sort_keys=True, default=str): row for row in rows}
    return list(seen.values())


def of_all(rows: list[Row]) -> list[Row]:
    """Return the rows that the figure draws while no country is chosen."""
    return [row for row in rows if row.get("selection") in (None, ALL)]


def columns(rows: list[Row]) -> list[str]:
    """Return the columns of rows in the order in which they first appear; the words that a search looks in are none."""
    return [name for name in dict.fromkeys(name for row in rows for name in row) if name != SEARCHED]


def to_csv(rows: list[Row]) -> str:
    """Write rows as CSV, text that begins like a formula defused."""
    text = io.StringIO()
    names = columns(rows)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if row.get(name) is None else defuse(row.get(name)) for name in names] for row in rows])
    return text.getvalue()


def write_files(chart: Chart, folder: Path) -> None:
    """Write the picture as SVG, and the data as CSV; the page makes a PNG of what it shows when asked."""
    (folder / f"{chart.id}.svg").write_text(chart.svg, encoding="utf-8")
    for number, rows in enumerate(chart.tables, start=1):
        name = f"{chart.id}.csv" if number == 1 else f"{chart.id}-{number}.csv"
        (folder / name).write_text(to_csv(of_all(rows)), encoding="utf-8")
