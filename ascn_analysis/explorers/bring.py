"""A reader's own list of projects: read, columns confirmed, every problem listed, then explored like the record."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import ipywidgets as w
import pandas as pd

from ascn_analysis import own, spelling
from ascn_analysis.errors import AscnError
from ascn_analysis.explorers.choice import Origin
from ascn_analysis.explorers.linked import Explorer

MOST_SHOWN: Final = 200
"""Problems that are shown; `problems` has all that were listed."""

_WIDGET: Final = "application/vnd.jupyter.widget-view+json"
_ABSENT: Final = "(no column)"
_WIDE: Final = {"width": "450px"}
_LABEL: Final = {"description_width": "190px"}
_PATH: Final = {"description_width": "90px"}
_LINES: Final = 'style="line-height: 1.4"'
_INTRO: Final = (
    "Choose a CSV (UTF-8) or Parquet file with one row a project and report, or name one on this machine. "
    "It is read by the kernel and goes nowhere else."
)
_CELL: Final = "text-align: left; padding: 2px 16px 2px 0; line-height: 1.4; vertical-align: top"
_PROBLEM_COLUMNS: Final = ("row", "column", "value", "expected", "text")


class OwnProjects(w.VBox):  # type: ignore[misc]
    """Takes a reader's own list of projects, and explores it.

    Attributes
    ----------
    projects
        The checked projects, one row per project and report; None until a list is without problems.
    problems
        DataFrame of the problems found: ``row``, ``column``, ``value``, ``expected``, ``text``.
    explorer
        The explorer of the list; None until there is one.
    """

    def __init__(self, countries: Mapping[str, str] | None = None) -> None:
        self._countries = countries
        self._frame: pd.DataFrame | None = None
        self._name, self._path = "", None  # type: tuple[str, Path | None]
        self.checked: own.Checked | None = None
        self.explorer: Explorer | None = None
        self.upload = w.FileUpload(accept=".csv,.parquet,.pq,.tsv", multiple=False, description="Choose a file")
        self.path = w.Text(description="or its path", placeholder="projects.csv", continuous_update=False, style=dict(_PATH), layout=dict(_WIDE))  # fmt: skip
        self.mapping = {name: w.Dropdown(options=[_ABSENT], description=_field_label(name), style=dict(_LABEL), layout=dict(_WIDE)) for name in own.FIELDS}  # fmt: skip
        self.spellings = w.Text(description="other countries", placeholder="Kenya = KEN; Kenia = KEN", style=dict(_LABEL), layout=dict(_WIDE))  # fmt: skip
        self._again = w.Button(description="Read again", tooltip="read the file of this path again", disabled=True, layout={"width": "auto"})  # fmt: skip
        self._check = w.Button(
            description="Check this list", disabled=True, layout={"width": "auto", "align_self": "flex-start"}
        )
        self._said, self._result = w.HTML(), w.VBox()
        self._columns = w.GridBox([], layout={"grid_template_columns": "repeat(2, auto)", "justify_content": "flex-start"})  # fmt: skip
        intro = w.HTML(f"<div {_LINES}><b>Your own projects</b><br>{_INTRO}</div>")
        super().__init__([intro, w.HBox([self.upload, self.path, self._again]), self._said, self._columns, self._check, self._result])  # fmt: skip
        self.upload.observe(self._uploaded, names="value")
        self.path.observe(self._named, names="value")
        self._again.on_click(lambda _: self._try(self._read_again))
        self._check.on_click(lambda _: self.check())

    # Reading

    def _uploaded(self, change: Any) -> None:
        if change["new"]:
            file = change["new"][0]
            self._try(lambda: self._take(file["name"], own.read_bytes(file["name"], file["content"]), None))

    def _named(self, change: Any) -> None:
        text = change["new"].strip()
        if text:
            self._try(lambda: self.read(text))

    def _try(self, step: Any) -> None:
        try:
            step()
        except AscnError as problem:
            self._forget()
            self._say(f"Not read: {problem}")

    def read(self, path: str | Path) -> None:
        """Read a file, and propose which of its columns is what.

        Raises
        ------
        AscnError
            If it cannot be read.
        """
        self._forget()
        if Path(path) != self._path:
            for control in self.mapping.values():
                control.options = [_ABSENT]
        self._path, self._again.disabled = Path(path), False
        self._take(self._path.name, own.read(path), self._path)

    def _read_again(self) -> None:
        """Read a file that was put right, with the columns confirmed before where it still has them."""
        confirmed = self.confirmed()
        self.read(self._path or "")
        for name, control in self.mapping.items() if any(confirmed.values()) else ():
            if confirmed[name] is None or confirmed[name] in control.options:
                control.value = confirmed[name] or _ABSENT

    def _take(self, name: str, frame: pd.DataFrame, path: Path | None) -> None:
        self._forget()
        self._name, self._path, self._frame = name, path, frame
        self._again.disabled = path is None
        guessed = own.guess(frame.columns, frame)
        for field, control in self.mapping.items():
            control.options = [_ABSENT, *map(str, frame.columns)]
            control.value = guessed[field] or _ABSENT
        self._columns.children = (*self.mapping.values(), self.spellings)
        self._check.disabled = False
        rows, columns = frame.shape
        self._say(f"{name}: {rows} rows, {columns} columns. Confirm which column is what, then check.")

    def _forget(self) -> None:
        self._frame, self.checked, self.explorer = None, None, None
        self._columns.children, self._result.children, self._check.disabled = (), (), True

    def _say(self, text: str) -> None:
        self._said.value = f'<p role="status">{html.escape(text)}</p>'

    # Checking

    def confirmed(self) -> dict[str, str | None]:
        """Return the confirmed columns, as `own.check` takes them."""
        return {name: None if control.value == _ABSENT else control.value for name, control in self.mapping.items()}

    def _known_countries(self) -> dict[str, str]:
        """Return the spellings of countries that were given, in Python or in the box."""
        pairs = [part.partition("=") for part in self.spellings.value.split(";") if part.strip()]
        return {**(self._countries or {}), **{name.strip(): code.strip().upper() for name, _, code in pairs}}

    def check(self) -> own.Checked | None:
        """Check the list with the confirmed columns; show every problem, or the explorer."""
        if self._frame is None:
            return None
        try:
            self.checked = own.check(self._frame, self.confirmed(), countries=self._known_countries())
        except AscnError as problem:
            self.checked, self.explorer, self._result.children = None, None, ()
            self._say(f"Not checked: {problem}")
            return None
        self._show(self.checked)
        return self.checked

    def _show(self, checked: own.Checked) -> None:
        if checked.projects is None:
            n = len(checked.problems) + checked.more
            self.explorer, self._result.children = None, (w.HTML(_as_table(checked.problems)),)
            self._say(
                f"{self._name}: {n} {'problem' if n == 1 else 'problems'}. Put them right in the file, then read it again."
            )
            return
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in checked.notes)
        self.explorer = Explorer(checked.projects, cities_of(checked.projects), origin=self._origin())
        self._result.children = (w.HTML(f"<div {_LINES}><b>Read as follows</b><ul>{notes}</ul></div>"), self.explorer)
        self._say(f"{self._name}: {len(checked.projects)} rows without a problem.")

    def _origin(self) -> Origin:
        """Tell how the list can be had again; of an uploaded file only the name is known, within the working folder."""
        given = {name: column for name, column in self.confirmed().items() if column is not None}
        spellings = self._known_countries()
        more = f", countries={spellings!r}" if spellings else ""
        return Origin(
            "from ascn_analysis import metrics, own", f"own.load({str(self._path or self._name)!r}, {given!r}{more})"
        )

    @property
    def projects(self) -> pd.DataFrame | None:
        """The checked projects, or None."""
        return self.checked.projects if self.checked else None

    @property
    def problems(self) -> pd.DataFrame:
        """The problems listed, one a row."""
        found = self.checked.problems if self.checked else []
        return pd.DataFrame([vars(problem) for problem in found], columns=list(_PROBLEM_COLUMNS))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Show the widget where there is a kernel; where there is none say what it does, and show the list's figures."""
        live = super()._repr_mimebundle_(**kwargs)
        if self.explorer is not None:
            return {**self.explorer._repr_mimebundle_(), _WIDGET: live[_WIDGET]}
        return {**live, "text/markdown": f"**Your own projects.** {_INTRO}", "text/plain": f"Your own projects. {_INTRO}"}  # fmt: skip


def bring_your_own(
    path: str | Path | None = None,
    *,
    mapping: Mapping[str, str | None] | None = None,
    countries: Mapping[str, str] | None = None,
) -> OwnProjects:
    """Take a list of projects of any programme and country, and explore it like the record.

    Parameters
    ----------
    path
        A CSV or Parquet file; without it the reader chooses one in the notebook. Uploads pass through the browser: name
        files of more than a few megabytes by their path.
    mapping
        Field of `own.FIELDS` to column; with it the list is checked at once, without it the columns are proposed.
    countries
        Further spellings of countries, to their ISO codes of three letters.

    Returns
    -------
    OwnProjects
        The widget; ``.projects``, ``.problems`` and ``.explorer`` give what came of it.

    Raises
    ------
    AscnError
        If the file cannot be read, or the mapping does not fit it.
    """
    widget = OwnProjects(countries)
    if path is not None:
        widget.read(path)
    if path is not None and mapping is not None:
        unknown = [name for name in mapping if name not in own.FIELDS]
        if unknown:
            raise AscnError(f"the mapping has a field {unknown[0]!r}; expected only {', '.join(own.FIELDS)}")
        for name, control in widget.mapping.items():
            column = mapping.get(name)
            if column is not None and column not in control.options:
                raise AscnError(
                    f"the mapping gives column {column!r} for {name}; expected one of {', '.join(control.options[1:])}"
                )
            control.value = column or _ABSENT  # fmt: skip
        widget.check()
    return widget


def cities_of(projects: pd.DataFrame) -> pd.DataFrame:
    """List the cities of a checked list; those that are member cities of the network get their place on the map.

    Returns
    -------
    DataFrame
        ``city_id``, ``city``, ``iso3``, ``country``, ``lat``, ``lon``; the last two are missing for all other cities.
    """
    from ascn_analysis import loaders

    members = loaders.load_cities().set_index("city_id")
    names = loaders.load_city_names()
    known = {(members["iso3"][city], spelling.key(text)): city for text, city in names[["printed", "city_id"]].itertuples(index=False)}  # fmt: skip
    known |= {(row.iso3, spelling.key(row.city)): row.Index for row in members.itertuples()}
    cities = projects[["city_id", "city", "iso3", "country"]].dropna(subset=["city_id", "city"]).drop_duplicates("city_id")  # fmt: skip
    found = [known.get((iso3, spelling.key(city))) for iso3, city in zip(cities["iso3"], cities["city"], strict=True)]
    places = members[["lat", "lon"]].reindex(found).set_axis(cities.index)
    return pd.concat([cities, places], axis="columns").reset_index(drop=True)


def _field_label(name: str) -> str:
    field = own.FIELDS[name]
    return f"{field.label} (needed)" if field.required else field.label


def _as_table(problems: list[own.Problem]) -> str:
    """Write the problems as a table; whatever a cell holds is shown as text."""
    heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in ("Row", "Column", "Value", "Expected"))  # fmt: skip
    lines = "".join(_line(problem) for problem in problems[:MOST_SHOWN])
    rest = len(problems) - MOST_SHOWN
    more = f"<p>and {rest} more, in <code>.problems</code></p>" if rest > 0 else ""
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>{more}"


def _line(problem: own.Problem) -> str:
    cells = (problem.row, problem.column, problem.value, problem.expected)
    texts = (html.escape("" if cell is None else str(cell)[:200]) for cell in cells)
    return "<tr>" + "".join(f'<td style="{_CELL}">{text}</td>' for text in texts) + "</tr>"
