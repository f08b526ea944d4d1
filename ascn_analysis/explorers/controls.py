"""Controls that hold a choice: check boxes with counts, and the country filter that every explorer uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import ipywidgets as w
import pandas as pd
import traitlets

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError

_AS_FIT: Final = "repeat(auto-fill, minmax(150px, max-content))"
"""Two columns where there is room for them, and one in a narrow window."""
_NARROW: Final = {"width": "auto", "margin": "0 8px 0 0"}
_BUTTON: Final = {"width": "auto", "margin": "2px 4px 2px 0"}


class CheckFilter(w.VBox):  # type: ignore[misc]
    """Check boxes, one an option, each with its count; all are chosen at first.

    Parameters
    ----------
    label
        Heading of the boxes.
    options
        Pairs of label and value, in the order in which they are shown.

    Attributes
    ----------
    value
        The chosen values, in the order of the options; observable.
    """

    value = traitlets.Tuple()

    def __init__(self, label: str, options: Iterable[tuple[str, Any]], columns: str = "auto") -> None:
        self.options = tuple(options)
        self.label = label
        self._settling = False
        self._boxes = {value: w.Checkbox(value=True, description=text, indent=False, layout=dict(_NARROW)) for text, value in self.options}  # fmt: skip
        grid = w.GridBox(list(self._boxes.values()), layout={"grid_template_columns": columns, "justify_content": "flex-start"})  # fmt: skip
        super().__init__([w.HTML(f"<b>{label}</b>"), grid, w.HBox(self._buttons(), layout={"flex_flow": "row wrap"})], layout={"max_width": "400px"})  # fmt: skip
        self.value = tuple(self._boxes)
        for box in self._boxes.values():
            box.observe(self._checked, names="value")

    def _buttons(self) -> list[w.Button]:
        every = self._button("All", f"choose all: {self.label.lower()}", self._boxes)
        return [every, self._button("None", f"choose none: {self.label.lower()}", ())]

    def _button(self, text: str, said: str, values: Iterable[Any]) -> w.Button:
        button = w.Button(description=text, tooltip=said, layout=dict(_BUTTON))
        chosen = tuple(values)
        button.on_click(lambda _: self.choose(chosen))
        return button

    def choose(self, values: Iterable[Any]) -> None:
        """Choose just these values, all at once.

        Raises
        ------
        SelectionError
            If a value is no option.
        """
        self.value = self.known(values)

    def known(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """Return values in the order of the options, each once.

        Raises
        ------
        SelectionError
            If a value is no option.
        """
        wanted = list(values)
        unknown = [value for value in wanted if value not in self._boxes]
        if unknown:
            offered = ", ".join(repr(value) for value in self._boxes)
            raise SelectionError(f"{self.label}: {unknown[0]!r} is no option; expected one of {offered}")
        return tuple(value for value in self._boxes if value in wanted)

    def restriction(self) -> tuple[Any, ...] | None:
        """Return the chosen values, or None where all are chosen."""
        return None if len(self.value) == len(self._boxes) else self.value

    def count(self, counts: Mapping[Any, int]) -> None:
        """Write a number behind each label."""
        for text, value in self.options:
            self._boxes[value].description = f"{text} ({counts.get(value, 0)})"

    def _checked(self, _: object) -> None:
        if not self._settling:
            self.value = tuple(value for value, box in self._boxes.items() if box.value)

    @traitlets.validate("value")
    def _known(self, proposal: Any) -> tuple[Any, ...]:
        return self.known(proposal["value"])

    @traitlets.observe("value")
    def _show(self, change: Any) -> None:
        with self._settle():
            for value, box in self._boxes.items():
                box.value = value in change["new"]

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Show the boxes where there is a kernel; where there is none, say what is chosen."""
        chosen = [text for text, value in self.options if value in self.value]
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": f"{self.label}: {', '.join(chosen) or 'none'}"}

    @contextmanager
    def _settle(self) -> Iterator[None]:
        """Let the boxes follow the value without each of them changing it."""
        self._settling = True
        try:
            yield
        finally:
            self._settling = False


class CountryFilter(CheckFilter):
    """Countries to choose, with their counts: all, none, or those with a city of a cohort of joining.

    Parameters
    ----------
    cities
        Member cities, with ``iso3``, ``country`` and, where known, ``cohort``.
    options
        Pairs of name and iso3; by default the countries of the cities, alphabetical.

    Examples
    --------
    >>> import ascn_analysis
    >>> chosen = CountryFilter(ascn_analysis.load_cities())
    >>> chosen.choose(["SGP", "IDN"])
    >>> chosen.value
    ('IDN', 'SGP')
    """

    def __init__(self, cities: pd.DataFrame, options: Iterable[tuple[str, Any]] | None = None) -> None:
        self._cohorts = _cohorts(cities)
        offered = options if options is not None else _countries(cities)
        super().__init__("Countries", offered, columns=_AS_FIT)
        self.layout = {"width": "400px", "max_width": "100%"}

    def _buttons(self) -> list[w.Button]:
        offered = {value for _, value in self.options}
        cohorts = [
            self._button(f"Joined {cohort}", f"choose the countries with a city that joined in {cohort}", [iso3 for iso3 in lands if iso3 in offered])
            for cohort, lands in self._cohorts.items()
        ]  # fmt: skip
        return [*super()._buttons(), *cohorts]


def _countries(cities: pd.DataFrame) -> list[tuple[str, str]]:
    pairs = cities[["country", "iso3"]].drop_duplicates("iso3")
    return sorted((v.COUNTRY_NAMES.get(iso3, name), iso3) for name, iso3 in pairs.itertuples(index=False))


def _cohorts(cities: pd.DataFrame) -> dict[str, list[str]]:
    """Return the countries by cohort; where the years of joining are unknown there are no cohorts."""
    known = cities.dropna(subset="joined_year") if "joined_year" in cities else cities.iloc[:0]
    groups = known.groupby("joined_year")["iso3"].unique() if len(known) else {}
    return {str(year): list(lands) for year, lands in dict(groups).items()}
