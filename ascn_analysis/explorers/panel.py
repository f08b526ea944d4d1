"""What every explorer has: controls, a choice, the chosen projects, code, exports, and a way back to the start."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ipywidgets as w
import pandas as pd

from ascn_analysis.errors import AscnError, SelectionError
from ascn_analysis.explorers import rows, words
from ascn_analysis.explorers.cells import Cells
from ascn_analysis.explorers.choice import Choice, Origin
from ascn_analysis.explorers.controls import CheckFilter, CountryFilter
from ascn_analysis.explorers.saver import Saver
from ascn_analysis.measures.choosing import NOT_GIVEN
from ascn_analysis.safe import defused
from ascn_analysis.writing import write_atomic

ALL_REPORTS: Final = "All reports"
NOTHING: Final = (
    "Nothing matches this choice. Choose at least one value of each kind, take a choice back, or press Reset."
)
_EVERY_REPORT: Final = 0
_BUTTON: Final = {"width": "auto"}
_LABEL: Final = {"description_width": "50px"}
_WRAPPED: Final = {"flex_flow": "row wrap", "grid_gap": "4px 12px", "align_items": "flex-start"}


class Panel(w.VBox):  # type: ignore[misc]
    """The controls of an explorer, and the choice that they hold.

    Parameters
    ----------
    projects
        One row per project and report.
    cities
        The cities that can have projects.
    choice
        What is chosen at first; by default everything.
    countries
        A country filter that is shared with other explorers; by default one of its own. A shared one stays as it is,
        unless the choice names countries.
    origin
        How the projects can be had again, for `code`; by default the record's own frames are recognised.
    """

    def __init__(
        self,
        projects: pd.DataFrame,
        cities: pd.DataFrame,
        *,
        choice: Choice | None = None,
        countries: CountryFilter | None = None,
        origin: Origin | None = None,
    ) -> None:
        self._projects, self._cities = projects, cities
        self._cells = Cells(projects)
        self._options = rows.options(self._cells, projects)
        self._origin = origin or Origin.of(projects)
        self._own_countries = countries is None
        self.countries = countries or CountryFilter(cities, self._offered_countries())
        self.focus_areas = CheckFilter("Focus areas", self._options["focus_areas"])
        self.statuses = CheckFilter("Statuses", self._options["statuses"])
        self.cities = w.SelectMultiple(options=self._options["cities"], rows=4, description="Cities", style=dict(_LABEL), layout={"width": "300px"})  # fmt: skip
        reports = [(ALL_REPORTS, _EVERY_REPORT), *reversed(self._options["reports"])]
        self.report = w.Dropdown(options=reports, description="Report", style=dict(_LABEL), layout={"width": "190px"})
        self._code = w.Textarea(rows=3, description="Code", style=dict(_LABEL), layout={"width": "auto", "display": "none"})  # fmt: skip
        self._waiting = False
        super().__init__([])
        with self._at_once():
            self._take(self._beside_shared(choice or Choice()))
            # As the controls tell it, so that it can be compared with what is chosen later.
            self._first = self.choice
        for control in (self.countries, self.focus_areas, self.statuses, self.cities, self.report):
            control.observe(self._changed, names="value")

    def _offered_countries(self) -> list[tuple[str, Any]]:
        """Offer the countries of the cities and those of the projects; a country may have a member city and no project."""
        named = self._cities.dropna(subset=["iso3", "country"])
        own = dict(zip(named["iso3"], named["country"], strict=True))
        known = {value: label for label, value in self._options["countries"]}
        every = {**own, **known}
        return sorted(((label, value) for value, label in every.items()), key=lambda o: (o[1] == NOT_GIVEN, o[0]))

    def _beside_shared(self, choice: Choice) -> Choice:
        """Keep what is chosen in a shared filter."""
        if self._own_countries or choice.countries is not None:
            return choice
        return replace(choice, countries=self.countries.restriction())

    # The choice

    @property
    def choice(self) -> Choice:
        """What is chosen; set it to choose again. A choice that cannot be taken changes nothing."""
        year = self.report.value
        return Choice(
            countries=self.countries.restriction(),
            cities=tuple(self.cities.value) or None,
            focus_areas=self.focus_areas.restriction(),
            statuses=self.statuses.restriction(),
            reports=None if year == _EVERY_REPORT else (year,),
        )

    @choice.setter
    def choice(self, choice: Choice) -> None:
        with self._at_once():
            self._take(choice)

    def _take(self, choice: Choice) -> None:
        """Set the controls; the whole choice is looked at before the first of them changes."""
        chosen = {}
        for name in ("countries", "focus_areas", "statuses"):
            control, values = getattr(self, name), getattr(choice, name)
            chosen[control] = control.known([value for _, value in control.options] if values is None else values)
        cities = _known("cities", choice.cities, self._options["cities"])
        years = _known("reports", choice.reports, self._options["reports"])
        if len(years) > 1:
            raise AscnError(f"explorer: reports {years!r}; expected one report, or None for all")
        for control, values in chosen.items():
            control.value = values
        self.cities.value = cities
        self.report.value = years[0] if years else _EVERY_REPORT

    def reset(self) -> None:
        """Go back to what was chosen at first."""
        self.choice = self._first

    @property
    def selection(self) -> pd.DataFrame:
        """The chosen projects, one row per project and report, as `metrics.select` gives them."""
        return self._projects[self._cells.mask(self.choice)]

    @property
    def selected_cities(self) -> pd.DataFrame:
        """The cities that are chosen, also those without a project."""
        choice, kept = self.choice, pd.Series(True, index=self._cities.index)
        if choice.countries is not None:
            kept &= self._cities["iso3"].isin(choice.countries)
        if choice.cities is not None:
            kept &= self._cities["city_id"].isin(choice.cities)
        return self._cities[kept]

    @property
    def code(self) -> str:
        """The two lines that give `selection` again."""
        return self.choice.code(self._origin)

    # Changes

    def _changed(self, _: object = None) -> None:
        if not self._waiting:
            self._code.value = self.code
            self._redraw()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Change several controls, and draw once."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False
        self._changed()

    def _redraw(self) -> None:
        """Show the choice; an explorer says how."""

    def _count(self, choice: Choice) -> None:
        """Write behind each box how many rows it would choose; a shared filter is counted by the explorer that owns it."""
        counted: list[tuple[str, CheckFilter]] = [("focus_areas", self.focus_areas), ("statuses", self.statuses)]
        counted += [("countries", self.countries)] if self._own_countries else []
        for name, control in counted:
            control.count(self._cells.counts(name, choice))

    # Exports

    def figure(self) -> Any:
        """Return the choice as one static figure; an explorer says which."""
        raise NotImplementedError

    def export(self, path: str | Path) -> Path:
        """Write the chosen projects (.csv) or the figure of the choice (.svg).

        A text cell that a spreadsheet would take for a formula gets an apostrophe; `selection` has the text as printed.

        Raises
        ------
        AscnError
            If the ending is another one, or nothing is chosen to be drawn.
        WriteError
            If the file cannot be written; an older file stays.
        """
        ending = Path(path).suffix.casefold()
        if ending not in (".csv", ".svg"):
            raise AscnError(f"{path}: ending {ending!r}; expected .csv or .svg")
        return write_atomic(path, self._as_csv() if ending == ".csv" else self._as_svg())

    def _as_csv(self) -> str:
        text = io.StringIO()
        defused(self.selection).to_csv(text, index=False, lineterminator="\n")
        return text.getvalue()

    def _as_svg(self) -> str:
        from ascn_analysis.figures import display

        return display.to_svg(self._telling(self.figure().to_dict(validate=False)))

    def _telling(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Let a picture that is taken along say what was chosen, under its title and in its alt text."""
        lines = words.chosen(self.choice, {**self._options, "countries": list(self.countries.options)})
        title = spec.get("title")
        if not lines or not isinstance(title, dict):
            return spec
        heading = {**title, "subtitle": [*lines, *title.get("subtitle", [])]}
        return {**spec, "title": heading, "description": " ".join([*lines, spec.get("description", "")])}

    # Layout

    def _controls(self) -> list[w.Widget]:
        """Lay the controls out; beside a shared country filter an explorer shows no controls but the way to its files."""
        saver = Saver()
        buttons = [
            _button("Save CSV", "save the chosen projects as CSV", lambda: saver.save("projects.csv", "text/csv", self._as_csv())),
            _button("Save SVG", "save the figure of the choice as SVG", lambda: self._save_figure(saver)),
        ]  # fmt: skip
        if not self._own_countries:
            return [w.HBox(buttons), saver]
        buttons = [_button("Reset", "choose what was chosen at first", self.reset), *buttons]
        boxes = w.HBox([self.countries, self.focus_areas, self.statuses], layout=dict(_WRAPPED))
        beside = w.HBox([*buttons, self._code_button()], layout={"flex_flow": "row wrap", "max_width": "240px"})
        lists = w.HBox([self.report, self.cities, beside], layout=dict(_WRAPPED))
        return [boxes, lists, self._code, saver]

    def _code_button(self) -> w.ToggleButton:
        """Make the button that shows and hides the code; unlike the head of an accordion it can be reached by keyboard."""
        button = w.ToggleButton(description="Code of this selection", layout=dict(_BUTTON))
        button.observe(
            lambda change: setattr(self._code.layout, "display", "" if change["new"] else "none"), names="value"
        )
        return button

    def _save_figure(self, saver: Saver) -> None:
        """Save the figure; where there is none, what is shown already says why."""
        with suppress(SelectionError):
            saver.save("projects.svg", "image/svg+xml", self._as_svg())


def _known(kind: str, values: Iterable[Any] | None, options: rows.Options) -> tuple[Any, ...]:
    """Return the values of a control in which none chosen stands for all."""
    wanted, offered = tuple(dict.fromkeys(values or ())), [value for _, value in options]
    for value in wanted:
        if value not in offered:
            raise AscnError(f"explorer: {kind} {value!r}; expected one of {', '.join(map(repr, offered))}")
    if values is not None and not wanted:
        raise AscnError(f"explorer: {kind} (); expected at least one, or None for all")
    return wanted


def _button(text: str, said: str, press: Callable[[], object]) -> w.Button:
    button = w.Button(description=text, tooltip=said, layout=dict(_BUTTON))
    button.on_click(lambda _: press())
    return button
