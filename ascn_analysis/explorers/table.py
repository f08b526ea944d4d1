"""A table of projects to sort and search, with a link to the page of the report where each row stands.

The kernel sorts, searches and pages, so that a list of a million rows is no heavier in the browser than one of twenty.
"""

from __future__ import annotations

from typing import Any, Final

import anywidget
import numpy as np
import pandas as pd
import traitlets

from ascn_analysis import tables
from ascn_analysis.errors import AscnError
from ascn_analysis.explorers.library import script
from ascn_analysis.explorers.rows import status_label

PAGE: Final = 10
"""Rows on a page."""

COLUMNS: Final = {
    "report_year": "Report",
    "country": "Country",
    "city": "City",
    "project_printed": "Project, as printed",
    "focus_area": "Focus area",
    "status": "Status",
    "page": "Page",
}
_LINKED: Final = "page"
_SEARCHED: Final = ("country", "city", "project_printed", "title", "focus_area", "project_id")
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.intp]]


class ProjectTable(anywidget.AnyWidget):
    """Projects as a table: sortable by each column, searchable, ten rows a page.

    Parameters
    ----------
    projects
        One row per project and report, as `loaders.load_panel` gives it; columns that it lacks are left out.

    Examples
    --------
    >>> import ascn_analysis
    >>> table = ProjectTable(ascn_analysis.load_panel())
    >>> table.search("water")
    >>> len(table.selection) < len(ascn_analysis.load_panel())
    True
    """

    _esm = f"{script('element.js')}\n{script('table.js')}"
    _css = script("table.css")
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, projects: pd.DataFrame) -> None:
        self._projects = projects
        self._columns = {name: label for name, label in COLUMNS.items() if name in projects}
        self._shown: Mask = np.ones(len(projects), dtype=bool)
        self._found: Mask = self._shown
        self._order: Places = np.arange(len(projects), dtype=np.intp)
        self._text, self._sort, self._page = "", None, 1  # type: tuple[str, tuple[str, bool] | None, int]
        self._texts: list[tuple[Places, pd.Series]] | None = None
        super().__init__(state={**self._state(), "revision": 0})
        self.on_msg(self._told)

    @property
    def selection(self) -> pd.DataFrame:
        """The rows that are searched for, in the order shown."""
        return self._projects.iloc[self._places()]

    def show(self, mask: Mask) -> None:
        """Show only the rows of a mask, one truth a row."""
        self._shown = mask
        self._turn(1)

    def search(self, text: str) -> None:
        """Show only rows that hold each word of a text, in any case, in country, city, title, focus area or id."""
        self._text, words = text, text.casefold().split()
        self._found = np.ones(len(self._projects), dtype=bool)
        for word in words:
            self._found &= self._holds(word)
        self._turn(1)

    def sort(self, column: str, rising: bool = True) -> None:
        """Sort by a column; equal rows keep their order, empty cells stand last.

        Raises
        ------
        AscnError
            If the table has no such column.
        """
        if column not in self._columns:
            raise AscnError(f"the table has no column {column!r}; expected one of {', '.join(self._columns)}")
        self._sort = (column, rising)
        cells = self._projects[column].reset_index(drop=True)
        self._order = cells.sort_values(ascending=rising, kind="stable").index.to_numpy()
        self._turn(1)

    def _holds(self, word: str) -> Mask:
        """Tell of each row whether a cell of it holds a word; each different cell is looked at once."""
        holds = np.zeros(len(self._projects), dtype=bool)
        for codes, texts in self._searchable():
            holds |= np.append(texts.str.contains(word, regex=False).to_numpy(dtype=bool), False)[codes]
        return holds

    def _searchable(self) -> list[tuple[Places, pd.Series]]:
        """Return, for each column that is searched, the number of each row's cell and the different cells (-1: empty)."""
        if self._texts is None:
            columns = [pd.factorize(self._projects[name]) for name in _SEARCHED if name in self._projects]
            self._texts = [(codes, pd.Series(cells, dtype="str").str.casefold()) for codes, cells in columns]
        return self._texts

    def _places(self) -> Places:
        return self._order[(self._shown & self._found)[self._order]]

    def _turn(self, page: int) -> None:
        self._page = page
        self.state = {**self._state(), "revision": self.state["revision"] + 1}

    def _state(self) -> dict[str, Any]:
        places = self._places()
        pages = max(1, -(-len(places) // PAGE))
        self._page = min(max(1, self._page), pages)
        first = (self._page - 1) * PAGE
        rows = self._projects.iloc[places[first : first + PAGE]]
        return {
            "columns": [{"key": name, "label": label} for name, label in self._columns.items()],
            "rows": [self._line(row) for row in rows.to_dict("records")],
            "page": self._page,
            "pages": pages,
            "sort": list(self._sort) if self._sort else None,
            "search": self._text,
            "said": _said(len(places), int(self._shown.sum()), first),
        }

    def _line(self, row: dict[Any, Any]) -> list[Any]:
        return [self._cell(name, row) for name in self._columns]

    def _cell(self, name: str, row: dict[Any, Any]) -> Any:
        value, address = row[name], row.get("url")
        text = "" if pd.isna(value) else status_label(value) if name == "status" else str(value)
        linked = name == _LINKED and text and isinstance(address, str)
        return {"text": f"p. {text}", "href": address} if linked else text

    def _told(self, _: object, content: dict[str, Any], __: object) -> None:
        kind = content.get("kind")
        if kind == "sort":
            self.sort(str(content["key"]), self._sort != (content["key"], True))
        elif kind == "search":
            self.search(str(content["text"]))
        elif kind == "page":
            self._turn(int(content["page"]))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Show the widget where there is a kernel, and the page of the table where there is none."""
        live = super()._repr_mimebundle_(**kwargs)
        if live is None:
            return None
        names = [name for name in self._columns if name != _LINKED]
        page = self.selection.head(PAGE)[names]
        if "status" in page:
            page = page.assign(status=page["status"].map(status_label, na_action="ignore"))
        page = page.rename(columns=self._columns)
        return {**live[0], "text/markdown": tables.markdown(page), "text/plain": self.state["said"]}, live[1]


def _said(n: int, shown: int, first: int) -> str:
    if not n:
        return "No project matches."
    of = f"{n}" if n == shown else f"{n} found of {shown}"
    return f"Rows {first + 1} to {min(first + PAGE, n)} of {of}"
