"""The drawings of the linked views: made once, filled with new rows at every choice.

Each drawing reads one named set of rows (see `rows`), so that a click sends a few numbers and no figure is built anew.
The stored output holds the same drawings with the rows of everything and of each country.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from ascn_analysis.figures import display, maps, theme

_WIDTH: Final = 330
_MAP_WIDTH: Final = 420
_SPOKEN: Final = "datum.label + ': ' + datum.n + (datum.on ? '' : ', not chosen')"
_TOLD: Final = "datum.label + ': ' + datum.told + (datum.on ? '' : ', not chosen')"
_CHOSEN: Final = "datum.on"


@dataclass(frozen=True)
class View:
    """One of the linked views.

    Attributes
    ----------
    name
        Name of the view and of its set of rows.
    title
        What it counts by.
    dimension
        What a click in it chooses: a field of `Choice`.
    draw
        Makes the chart from the name of the rows, the end of the axis (None: as long as the longest bar) and
        whether it follows the parameter `country`.
    """

    name: str
    title: str
    dimension: str
    draw: Callable[..., Any]


def bars(name: str, end: int | None = None, *, filtered: bool = True) -> alt.LayerChart:
    """Draw horizontal bars, one a value, with its count beside it; bars that are not chosen are pale."""
    base = _base(name, filtered)
    y = alt.Y("label:N").sort(None).title(None).axis(ticks=False, domain=False, labelPadding=6, labelLimit=190)
    x = alt.X("n:Q").title(None).scale(domainMin=0, nice=False, **_ends(end)).axis(None)
    marks = base.mark_bar(height=16, cursor="pointer", description=alt.expr(_SPOKEN)).encode(
        x=x, y=y, fill=alt.Fill("colour:N").scale(None), opacity=_paleness()
    )
    numbers = base.mark_text(align="left", dx=5, aria=False).encode(x=x, y=y, text="n:Q")
    return alt.layer(marks, numbers).properties(width=_WIDTH - 60, height=alt.Step(24))


def columns(name: str, end: int | None = None, *, filtered: bool = True) -> alt.LayerChart:
    """Draw upright bars, one a report, with its count above it; reports that are not chosen are pale."""
    base = _base(name, filtered)
    x = alt.X("label:N").sort(None).title(None).axis(labelAngle=0, ticks=False)
    # Room for the number above the highest bar, so that charts side by side begin on the same line.
    y = alt.Y("n:Q").title(None).scale(domainMin=0, nice=False, **_ends(end, 1.15)).axis(None)
    marks = base.mark_bar(width=alt.RelativeBandSize(0.7), cursor="pointer", description=alt.expr(_SPOKEN)).encode(
        x=x, y=y, fill=alt.Fill("colour:N").scale(None), opacity=_paleness()
    )
    numbers = base.mark_text(dy=-8, aria=False).encode(x=x, y=y, text="n:Q")
    return alt.layer(marks, numbers).properties(width=_WIDTH, height=150)


def points(name: str, end: int | None = None) -> alt.LayerChart:
    """Draw cities on the map; the area of a disc is the number of projects, a small ring stands for none."""
    some = alt.Chart(alt.NamedData(name)).transform_filter(f"({theme.PICKED}) && datum.n > 0")
    none = alt.Chart(alt.NamedData(name)).transform_filter(f"({theme.PICKED}) && !(datum.n > 0)")
    at: dict[str, Any] = {"longitude": "lon:Q", "latitude": "lat:Q", "tooltip": _tooltips()}
    size = alt.Size("n:Q").scale(type="linear", domain=[0, end or 12], range=[0, 600]).legend(None)
    discs = some.mark_point(
        shape="circle", filled=True, fill="#0B4F8A", stroke="white", strokeWidth=1, cursor="pointer", description=alt.expr(_TOLD)
    ).encode(**at, size=size, opacity=_paleness())  # fmt: skip
    rings = none.mark_point(
        shape="circle", filled=False, stroke="#7B8794", fill="white", size=18, cursor="pointer", description=alt.expr(_TOLD)
    ).encode(**at, opacity=_paleness())  # fmt: skip
    projection, height = maps.mercator(maps.REGION, _MAP_WIDTH)
    return alt.layer(maps.land("asean"), rings, discs).properties(
        width=_MAP_WIDTH, height=height, projection=projection
    )


def _base(name: str, filtered: bool) -> alt.Chart:
    chart = alt.Chart(alt.NamedData(name))
    return chart.transform_filter(theme.PICKED) if filtered else chart


def _ends(end: int | None, room: float = 1) -> dict[str, float]:
    return {} if end is None else {"domainMax": max(1, end) * room}


def _paleness() -> Any:
    return alt.when(_CHOSEN).then(alt.value(1)).otherwise(alt.value(0.25))


def _tooltips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("label:N", title="City"),
        alt.Tooltip("country:N", title="Country"),
        alt.Tooltip("told:N", title="Projects"),
    ]


MAP: Final = View("map", "Projects by city (area of the disc)", "cities", points)
VIEWS: Final = (
    MAP,
    View("growth", "By report", "reports", columns),
    View("focus", "By focus area", "focus_areas", bars),
    View("status", "By status, as reported", "statuses", bars),
)


def compiled(view: View, topology: dict[str, Any], most: int) -> dict[str, Any]:
    """Compile a drawing without rows to Vega, for the browser to fill; `most` sets the scale of the map's discs."""
    chart = (
        view.draw(view.name, most if view is MAP else None)
        .add_params(theme.country_param())
        .configure(**theme.config())
    )
    spec = display.unbind(chart.to_dict())
    sets: dict[str, Any] = {view.name: []}
    if view is MAP:
        sets |= maps.datasets(topology)
    vega: dict[str, Any] = display.converter().vegalite_to_vega({**spec, "datasets": sets}, vl_version=display.COMPILER)
    return {**vega, "marks": [_named(mark, view.title) for mark in vega["marks"]], "background": "transparent"}


def _named(mark: dict[str, Any], name: str) -> dict[str, Any]:
    """Name a set of marks, so that it says what it is also while it is empty; what is hidden stays so."""
    return mark if mark.get("aria") is False else {"description": name, **mark}


def together(rows: dict[str, list[dict[str, Any]]], topology: dict[str, Any], words: tuple[str, list[str], str]) -> Any:
    """Put the drawings of the views that have rows into one figure, with title, lines and alt text."""
    drawn = {view.name: _titled(view, rows[view.name]) for view in VIEWS if rows.get(view.name)}
    side = alt.vconcat(*(chart for name, chart in drawn.items() if name != MAP.name), spacing=18)
    chart = alt.hconcat(drawn[MAP.name], side, spacing=28) if MAP.name in drawn else side
    chart = chart.resolve_scale(size="independent").add_params(theme.country_param())
    sets = {name: rows[name] for name in drawn}
    return theme.finish(chart, *words).properties(
        datasets={**sets, **(maps.datasets(topology) if MAP.name in drawn else {})}
    )


def _titled(view: View, rows: list[dict[str, Any]]) -> Any:
    end = max(row["n"] or 0 for row in rows) if view is MAP else None
    return view.draw(view.name, end).properties(title=heading(view))


def heading(view: View) -> alt.TitleParams:
    """Make the heading of a view within a figure, above its bars."""
    return alt.TitleParams(view.title, fontSize=12, anchor="start", frame="group", offset=6)
