"""The linked explorer: map, reports, focus areas, statuses and a table that answer to one choice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.explorers import drawings, rows, words
from ascn_analysis.explorers.choice import Choice, Origin
from ascn_analysis.explorers.controls import CountryFilter
from ascn_analysis.explorers.panel import NOTHING, Panel
from ascn_analysis.explorers.table import ProjectTable
from ascn_analysis.explorers.views import Views
from ascn_analysis.figures import display
from ascn_analysis.metrics import ALL

_DIMENSIONS: Final = {view.name: view.dimension for view in drawings.VIEWS}


class Explorer(Panel):
    """Map, reports, focus areas, statuses and table of projects, linked: a choice in one filters the others.

    Click a bar or a city to choose it alone, again to choose all; with Shift or Ctrl to add or take away. Drag over the
    map to choose the cities in a rectangle. Everything that can be clicked is also a control above.

    Parameters
    ----------
    projects
        One row per project and report; by default the record's panel.
    cities
        Cities with their places; by default the member cities.
    choice
        What is chosen at first; by default everything in the latest report.
    countries
        A country filter that is shared with other explorers.
    origin
        How the projects can be had again, for `code`.

    Attributes
    ----------
    selection
        The chosen projects, a DataFrame.
    code
        Two lines of Python that give the same selection without the explorer.

    Examples
    --------
    >>> explorer = Explorer()
    >>> explorer.choice = Choice(countries=("SGP",), reports=(2025,))
    >>> len(explorer.selection)
    6
    """

    def __init__(
        self,
        projects: pd.DataFrame | None = None,
        cities: pd.DataFrame | None = None,
        *,
        choice: Choice | None = None,
        countries: CountryFilter | None = None,
        origin: Origin | None = None,
    ) -> None:
        from ascn_analysis import loaders

        projects = loaders.load_panel() if projects is None else projects
        cities = loaders.load_cities() if cities is None else cities
        self._topology = loaders.load_topology()
        self._views: Views | None = None
        self.table = ProjectTable(projects)
        super().__init__(projects, cities, choice=choice or _latest(projects), countries=countries, origin=origin)
        self._placed = _placed(self._cities)
        self._views = Views(self._charts(), self._chosen, self._state())
        self._changed()
        self.children = [*self._controls(), self._views, self.table]

    def _charts(self) -> dict[str, Any]:
        shown = [view for view in drawings.VIEWS if view is not drawings.MAP or len(self._placed)]
        return {view.name: drawings.compiled(view, self._topology, self._most()) for view in shown}

    def _most(self) -> int:
        """Return the most projects that a city has in one report: the scale of the discs, the same for every choice."""
        years = [value for _, value in self._options["reports"]]
        counts = [self._cells.counts("cities", Choice(reports=(year,))).values() for year in years]
        return max((n for each in counts for n in each), default=1)

    # What is shown

    def _redraw(self) -> None:
        if self._views is None:
            return
        choice = self.choice
        self._views.show(self._state())
        self.table.show(self._cells.mask(choice))
        self._count(choice)

    def _rows(self, choice: Choice, selection: str = ALL) -> dict[str, list[rows.Row]]:
        drawn = {
            view.name: rows.bar_rows(view.dimension, self._cells, self._options[view.dimension], choice, selection)
            for view in drawings.VIEWS
            if view is not drawings.MAP
        }
        placed = rows.city_rows(self._cells, self._placed, choice, selection) if len(self._placed) else None
        return drawn if placed is None else {drawings.MAP.name: placed, **drawn}

    def _state(self) -> dict[str, Any]:
        choice = self.choice
        n, titles = self._cells.total(choice), words.titles(choice)
        views = {
            name: {"rows": drawn, "title": titles[name], "alt": words.spoken(titles[name], drawn), "empty": not _some(drawn)}
            for name, drawn in self._rows(choice).items()
        }  # fmt: skip
        foot = " ".join(words.lines(self._projects, choice, drawings.MAP.name in views))
        return {"views": views, "message": self._message(choice) if n else NOTHING, "nothing": n == 0, "foot": foot}

    def _message(self, choice: Choice) -> str:
        return words.message(choice, self._cells.total(choice), self._cells.distinct("cities", choice))

    def figure(self) -> Any:
        """Return the linked views of the choice as one static figure.

        Raises
        ------
        SelectionError
            If nothing is chosen.
        """
        choice = self.choice
        if not self._cells.total(choice):
            raise SelectionError("nothing to draw: the choice has no project")
        return drawings.together(self._rows(choice), self._topology, self._words(choice))

    def _words(self, choice: Choice) -> tuple[str, list[str], str]:
        title, drawn = f"Projects by city, report, focus area and status, {words.when(choice)}", self._rows(choice)
        titles = words.titles(choice)
        told = " ".join(words.spoken(titles[name], part) for name, part in drawn.items() if name != drawings.MAP.name)
        lines = words.lines(self._projects, choice, drawings.MAP.name in drawn)
        return title, lines, f"{title}. {self._message(choice)} {told}"

    # What is clicked

    def _chosen(self, view: str, gesture: str, keys: list[Any], add: bool) -> None:
        name = _DIMENSIONS[view]
        offered = [value for _, value in self._options[name]]
        known = tuple(key for key in keys if key in offered)
        if keys and not known:  # a city of the map without a project in the frame: there is nothing to choose
            return
        after = words.picked(getattr(self.choice, name), known, add, brushed=gesture == "brush")
        if name == "reports" and after is not None:
            after = after[-1:]
        self.choice = replace(self.choice, **{name: after})

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Show the widget where there is a kernel, and the views of everything where there is none."""
        return {**super()._repr_mimebundle_(**kwargs), **display.spec_bundle(self._twin().to_dict())}

    def _twin(self) -> Any:
        """Draw what was chosen at first, for all and for each country, to be filtered without a kernel."""
        first, drawn = self._first, self._rows(self._first)
        for iso3 in (iso3 for iso3 in v.COUNTRY_NAMES if iso3 in self._cells.values("countries")):
            for name, part in self._rows(replace(first, countries=(iso3,)), iso3).items():
                drawn[name] = drawn[name] + part
        return drawings.together(drawn, self._topology, self._words(first))


def _latest(projects: pd.DataFrame) -> Choice:
    years = projects["report_year"].dropna() if "report_year" in projects else ()
    return Choice(reports=(int(max(years)),)) if len(years) else Choice()


def _some(drawn: list[rows.Row]) -> bool:
    return any(row["n"] for row in drawn)


def _placed(cities: pd.DataFrame) -> pd.DataFrame:
    """Return the cities that a map can show."""
    return cities.dropna(subset=["lat", "lon"]) if {"lat", "lon"} <= set(cities) else cities.iloc[:0]
