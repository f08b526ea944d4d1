"""An explorer of one figure: any figure function of the package, or of the reader's own, drawn anew at every choice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pandas as pd

from ascn_analysis.errors import SelectionError
from ascn_analysis.explorers.choice import Choice, Origin
from ascn_analysis.explorers.controls import CountryFilter
from ascn_analysis.explorers.drawing import Drawing
from ascn_analysis.explorers.panel import NOTHING, Panel
from ascn_analysis.explorers.pause import Pause
from ascn_analysis.figures import display, template
from ascn_analysis.measures.selection import whole_only

Figure = Callable[[pd.DataFrame, pd.DataFrame], Any]
"""A function of the chosen projects and the chosen cities that returns a chart."""


class FigureExplorer(Panel):
    """Choose projects, and see a figure of just these.

    Parameters
    ----------
    figure
        Called with the chosen projects and the chosen cities; returns a chart.
    projects
        Projects, one row per project and report.
    cities
        Member cities.
    choice
        What is chosen at first; by default everything.
    countries
        A country filter that is shared with other explorers.
    origin
        How the projects can be had again, for `code`.

    Examples
    --------
    >>> explorer = FigureExplorer(lambda projects, _: figures.project_squares(projects, 2025), projects, cities)
    ... # doctest: +SKIP
    >>> explorer.selection.groupby("city").size()  # doctest: +SKIP
    """

    def __init__(
        self,
        figure: Figure,
        projects: pd.DataFrame,
        cities: pd.DataFrame,
        *,
        choice: Choice | None = None,
        countries: CountryFilter | None = None,
        origin: Origin | None = None,
    ) -> None:
        self._figure = figure
        self._spec: dict[str, Any] | None = None
        self._drawing, self._pause = Drawing(), Pause(self._show)
        super().__init__(projects, cities, choice=choice, countries=countries, origin=origin)
        self.children = [*self._controls(), self._drawing]

    def figure(self) -> Any:
        """Return the figure of the choice.

        Raises
        ------
        SelectionError
            If nothing is chosen.
        """
        if () in (self.countries.value, self.focus_areas.value, self.statuses.value):
            raise SelectionError("nothing to draw: expected at least one country, focus area and status")
        return self._figure(self.selection, self.selected_cities)

    def _redraw(self) -> None:
        if self._drawing.empty:  # the first time: the figure is there when the explorer is
            self._show()
        else:
            self._pause.ask()

    def _show(self) -> None:
        """Draw, and then write the counts behind the boxes: a message for each box, which the figure need not wait for."""
        self._draw()
        if self._own_countries:  # beside a shared filter the boxes are not shown
            self._count(self.choice)

    def _draw(self) -> None:
        try:
            with template.live(), whole_only() if self._follows_country() else nullcontext():
                figure = self.figure()
        except SelectionError:
            self._drawing.say(NOTHING)
            return
        except Exception as problem:
            self._drawing.say(f"The figure cannot be drawn ({type(problem).__name__}: {problem}).")
            raise
        if self._spec is None and self.choice == self._first:
            self._spec = figure.to_dict(validate=False)
        self._drawing.draw(template.to_vega(figure))

    def _follows_country(self) -> bool:
        """Tell whether the figure, once drawn with all that its twin needs, picks rows by the country filter.

        Only "all" is ever picked in a live one. A figure without the filter may draw every row, and keeps them.
        """
        return any(param["name"] == "country" for param in (self._spec or {}).get("params", ()))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Show the widget where there is a kernel, and the figure of the first choice where there is none."""
        return {**super()._repr_mimebundle_(**kwargs), **self._twin()}

    def _twin(self) -> dict[str, Any]:
        return display.spec_bundle(self._spec) if self._spec else {"text/plain": NOTHING}
