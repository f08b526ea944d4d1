"""Explorers for JupyterLab: choose countries, focus areas and a report; the same figure functions redraw.

An explorer needs a kernel. Where there is none (GitHub, a rendered page, a reopened notebook) its stored output shows
the same figure for everything, with the chart's own drop-down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ipywidgets as w
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display
from ascn_analysis.metrics import NO_REPORT

Figure = Callable[[pd.DataFrame, pd.DataFrame], Any]
"""A function of the chosen projects and the chosen cities that returns a chart."""

ALL_REPORTS: Final = "All reports"
EMPTY: Final = "Nothing matches this choice. Choose at least one country and one focus area, or press All."


class Explorer(w.VBox):  # type: ignore[misc]
    """Choose countries, focus areas and a report, and see a figure of just these projects.

    Parameters
    ----------
    figure
        Called with the chosen projects and the chosen cities; returns a chart.
    projects
        Projects, one row per project and report.
    cities
        Member cities.
    report
        The report to begin with; by default all.

    Examples
    --------
    >>> explorer = Explorer(lambda projects, cities: figures.project_squares(projects, 2025), projects, cities)
    ... # doctest: +SKIP
    >>> explorer.selection.groupby("city").size()  # doctest: +SKIP
    """

    def __init__(self, figure: Figure, projects: pd.DataFrame, cities: pd.DataFrame, report: int = NO_REPORT) -> None:
        self._figure, self._projects, self._cities = figure, projects, cities
        self._spec: dict[str, Any] | None = None
        self.countries = _many("Countries", [(name, iso3) for iso3, name in _present(cities)], 11)
        self.focus_areas = _many("Focus areas", [(a.name, a.id) for a in v.FOCUS_AREAS], 6)
        years = sorted(projects["report_year"].unique(), reverse=True)
        self.report = w.Dropdown(
            options=[(ALL_REPORTS, NO_REPORT), *((str(y), int(y)) for y in years)], description="Report"
        )
        self._output = w.Output()
        controls = w.HBox([self._with_buttons(), w.VBox([self.focus_areas, self.report])])
        super().__init__([controls, self._output])
        for control in (self.countries, self.focus_areas, self.report):
            control.observe(self._redraw, names="value")
        self._redraw()

    def _with_buttons(self) -> w.VBox:
        every, none = w.Button(description="All"), w.Button(description="None")
        every.on_click(lambda _: self._choose([iso3 for _, iso3 in self.countries.options]))
        none.on_click(lambda _: self._choose([]))
        return w.VBox([self.countries, w.HBox([every, none])])

    def _choose(self, countries: list[str]) -> None:
        self.countries.value = countries

    @property
    def selection(self) -> pd.DataFrame:
        """The chosen projects, one row per project and report."""
        rows = self._projects
        kept = rows["iso3"].isin(self.countries.value) & rows["focus_area_id"].isin(self.focus_areas.value)
        if self.report.value != NO_REPORT:
            kept &= rows["report_year"] == self.report.value
        return rows[kept]

    @property
    def selected_cities(self) -> pd.DataFrame:
        """The cities of the chosen countries."""
        return self._cities[self._cities["iso3"].isin(self.countries.value)]

    def _shows_everything(self) -> bool:
        chosen = (self.countries, self.focus_areas)
        return self.report.value == NO_REPORT and all(len(many.value) == len(many.options) for many in chosen)

    def _redraw(self, _: object = None) -> None:
        self._output.outputs = (self._drawn(),)

    def _drawn(self) -> dict[str, Any]:
        if not self.countries.value or not self.focus_areas.value:
            return _shown({"text/plain": EMPTY})
        try:
            spec = self._figure(self.selection, self.selected_cities).to_dict(validate=False)
        except SelectionError:
            return _shown({"text/plain": EMPTY})
        if self._shows_everything():
            self._spec = spec
        # Without the SVG: it is for readers without a kernel, and drawing it would slow every click.
        bundle = display.spec_bundle(display.unbind(spec), static=False)
        return {**_shown(bundle), "metadata": display.metadata(spec)}

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Show the widget where there is a kernel, and the figure of everything where there is none."""
        live = super()._repr_mimebundle_(**kwargs)
        twin = display.spec_bundle(self._spec or self._figure(self._projects, self._cities).to_dict())
        return {**live, **twin}


def _present(cities: pd.DataFrame) -> list[tuple[str, str]]:
    return [(iso3, name) for iso3, name in v.COUNTRY_NAMES.items() if iso3 in set(cities["iso3"])]


def _many(label: str, options: list[tuple[str, str]], rows: int) -> w.SelectMultiple:
    everything = [value for _, value in options]
    return w.SelectMultiple(options=options, value=everything, rows=rows, description=label)


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}
