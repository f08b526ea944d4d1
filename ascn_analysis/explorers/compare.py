"""Two countries or cities side by side, on the same scales."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import spelling
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.explorers import drawings, rows, words
from ascn_analysis.explorers.cells import Cells
from ascn_analysis.explorers.choice import Choice
from ascn_analysis.figures import theme
from ascn_analysis.measures.choosing import NOT_GIVEN

Counted = dict[str, list[rows.Row]]

_VIEWS: Final = tuple(view for view in drawings.VIEWS if view is not drawings.MAP)


def compare(a: str, b: str, projects: pd.DataFrame | None = None, *, report: int | None = None) -> alt.HConcatChart:
    """Draw two countries or cities side by side: their projects by report, focus area and status.

    Parameters
    ----------
    a, b
        A country (ASEAN's name or iso3) or a city (its name or id), in any case. Singapore is the country, which lists the same projects.
    projects
        One row per project and report; by default the record's panel.
    report
        The report whose focus areas and statuses are counted; by default the latest.

    Returns
    -------
    HConcatChart
        Both with the same scales; a bar of the same length is the same number on either side.

    Raises
    ------
    SelectionError
        If a name is that of no country or city in the frame, both are the same, or the report is not there.

    Notes
    -----
    Numbers of projects, not of people served or money spent: cities report what they choose to, and countries have
    different numbers of member cities.
    """
    if projects is None:
        from ascn_analysis import loaders

        projects = loaders.load_panel()
    cells = Cells(projects)
    year = _report(report, cells)
    places = _places(cells, projects)
    sides = [_find(name, places) for name in (a, b)]
    if sides[0] == sides[1]:
        raise SelectionError(f"compare: {a!r} and {b!r} are the same; expected two different countries or cities")
    counted = [_counted(cells, rows.options(cells, projects), replace(choice, reports=(year,))) for _, choice in sides]
    counted = _without_empty_statuses(counted)
    chart = alt.hconcat(*(_column(name, side, i, counted) for i, ((name, _), side) in enumerate(zip(sides, counted, strict=True))), spacing=36)  # fmt: skip
    sets = {_set(name, i): drawn for i, side in enumerate(counted) for name, drawn in side.items()}
    title = f"{sides[0][0]} and {sides[1][0]}, {year} report"
    told = " ".join(_spoken(name, side) for (name, _), side in zip(sides, counted, strict=True))
    lines = [
        "Number of projects, on the same scales. Pale bars: other reports. Statuses are self-reported.",
        words.source(projects, Choice()),
    ]
    return theme.finish(chart, title, lines, f"{title}. {told}").properties(datasets=sets)


def _places(cells: Cells, projects: pd.DataFrame) -> dict[str, tuple[str, Choice]]:
    """Return every spelling that is understood; a country comes before a city of the same name."""
    offered, found = rows.options(cells, projects), {}
    for label, value in offered["cities"]:
        found.update({spelling.key(text): (label, Choice(cities=(value,))) for text in (label, value)})
    for label, value in offered["countries"]:
        found.update({spelling.key(text): (label, Choice(countries=(value,))) for text in (label, value)})
    return found


def _find(name: str, places: dict[str, tuple[str, Choice]]) -> tuple[str, Choice]:
    place = places.get(spelling.key(name))
    if place is None:
        known = sorted({label for label, _ in places.values()})
        raise SelectionError(f"compare: {name!r} is no country or city here; expected one of {', '.join(known)}")
    return place


def _report(report: int | None, cells: Cells) -> int:
    years = [int(year) for year in cells.values("reports") if year != NOT_GIVEN]
    if not years:
        raise SelectionError("compare: the frame has no project with a report year; expected at least one")
    if report is not None and report not in years:
        raise SelectionError(f"compare: report {report!r}; expected one of {', '.join(map(str, years))}")
    return years[-1] if report is None else report


def _counted(cells: Cells, offered: dict[str, rows.Options], choice: Choice) -> Counted:
    return {view.name: rows.bar_rows(view.dimension, cells, offered[view.dimension], choice) for view in _VIEWS}


def _without_empty_statuses(both: list[Counted]) -> list[Counted]:
    """Leave out open sets of statuses that neither side has; the three reported ones stay."""
    kept = {row["key"] for side in both for row in side["status"] if row["n"] or row["key"] in v.STATUSES_REPORTED}
    return [{**side, "status": [row for row in side["status"] if row["key"] in kept]} for side in both]


def _set(view: str, side: int) -> str:
    return f"{view}_{side + 1}"


def _column(name: str, counted: Counted, side: int, both: list[Counted]) -> Any:
    title = alt.TitleParams(name, fontSize=14, anchor="start", frame="group", offset=8)
    ends = {view.name: max(row["n"] for part in both for row in part[view.name]) for view in _VIEWS}
    parts = [
        view.draw(_set(view.name, side), ends[view.name], filtered=False).properties(title=drawings.heading(view))
        for view in _VIEWS
    ]
    return alt.vconcat(*parts, spacing=16, title=title).resolve_scale(x="independent", y="independent")


def _spoken(name: str, counted: Counted) -> str:
    return " ".join(words.spoken(f"{name}, {view.title.lower()}", counted[view.name]) for view in _VIEWS)
