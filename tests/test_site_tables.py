"""The table under a figure tells what the figure draws, for every figure of the site and every choice of a country.

A mark is told if one row of a table holds every field of its data that is no helper of the layout, and every word and number that the mark
writes or shows in its tooltip. A row is drawn if one mark holds each of its cells.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from ascn_analysis import notebooks
from ascn_analysis import vocabulary as v
from ascn_analysis.figures.display import VEGALITE_MIME
from ascn_analysis.site import charts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHOICES = ["", *v.COUNTRY_NAMES]
DRAWING = [path.stem for path in notebooks.paths() if VEGALITE_MIME in path.read_text(encoding="utf-8")]
PAGES = ["index.html", *(f"notebooks/{stem}.html" for stem in DRAWING)]
HELPERS = charts.LAYOUT | {charts.SEARCHED, "match", "band", "low", "below", "listed", "plan_at", "report_at"}
"""Fields that place or find a mark, or that another field of it is written as; what is written is looked for all the same."""
NO_PAGE = "none"
OF_VEGA = re.compile(r"_(start|end|sort_index|x|y)$")
LINKS = {"url", "plan_url", "report_url"}
HEADING = "# "
MOST = 15
"""So many statements of the catalogue are drawn; it says so where more match."""

READ = """() => JSON.stringify(Array.from(ascnSite.views, ([id, view]) => {
  const figure = document.querySelector(`[data-chart="${id}"]`).closest("figure"), marks = [], names = [], lines = [];
  const text = item => [].concat(item.text ?? []).join(" ");
  const plain = datum => Object.fromEntries(Object.entries(datum || {}).map(([name, value]) =>
    [name, value instanceof Date ? +value : value]).filter(([, value]) => value === null || typeof value !== "object"));
  (function walk(mark, titles) {
    for (const item of mark.items.filter(item => item.opacity !== 0)) {
      const own = (item.items || []).filter(part => part.role === "title").map(part => text(part.items[0].items[0].items[0]));
      (item.items || []).forEach(part => walk(part, titles.concat(own)));
      if (mark.role === "axis-label" && typeof item.datum.value === "string") { names.push(text(item)); }
      if (mark.role === "title-subtitle") { lines.push(text(item)); }
      if (mark.role === "mark" && !["group", "shape"].includes(mark.marktype)) {
        marks.push({layer: mark.name, kind: mark.marktype, titles, written: text(item), tooltip: item.tooltip ?? null,
                    pale: item.opacity < 0.5, datum: plain(item.datum)});
      }
    }
  })(view.scenegraph().root, []);
  const tables = Array.from(figure.querySelectorAll("table"), table => ({
    names: Array.from(table.tHead.rows[0].cells, cell => cell.textContent),
    rows: Array.from(table.tBodies[0].rows, row => [row.hidden, Array.from(row.cells, cell => cell.textContent)])}));
  return {id, whole: figure.classList.contains("network"), marks, names, lines: lines.join(" "), tables};
}))"""
"""As text, because the driver takes long to hand over many small objects."""


@pytest.fixture(scope="module", params=PAGES)
def read(visit, request):
    """Return the figures of a page for each choice; a page is opened once, and each country chosen once."""
    with visit(request.param) as page:
        return {choice: [Figure(own, choice or "all") for own in shown(page, choice)] for choice in CHOICES}


def shown(page, choice):
    page.select_option("#country", choice)
    page.wait_for_selector(f'html[data-shown="{choice or "all"}"]', state="attached")
    return json.loads(page.evaluate(READ))


@pytest.fixture(params=CHOICES, ids=lambda choice: choice or "all")
def figures(read, request):
    return read[request.param]


def plain(value):
    """Write a value as tables do: nothing where it is missing, days as days, numbers without a needless point or a long minus."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    try:
        number = float(str(value).replace("\u2212", "-"))
    except ValueError:
        return value
    return datetime.fromtimestamp(number / 1000, UTC).date().isoformat() if number > 1e11 else f"{number:.12g}"


class Figure:
    """The marks of a figure and the rows of its tables, in the same words."""

    def __init__(self, read, choice):
        self.id, self.names, self.lines = read["id"], read["names"], read["lines"]
        self.choice = "all" if read["whole"] else choice
        rows = [
            (hidden, {name: plain(text) for name, text in zip(table["names"], cells, strict=True)})
            for table in read["tables"]
            for hidden, cells in table["rows"]
        ]
        self.rows = [row for hidden, row in rows if not hidden]
        self.hidden = [row for hidden, row in rows if hidden]
        self.columns = {name for table in read["tables"] for name in table["names"]}
        self.marks = [mark for mark in (Mark(own, self) for own in read["marks"]) if not mark.blank]
        self.found = Found(self.rows), Found(self.hidden)


class Mark:
    """One mark: what it tells, and where."""

    def __init__(self, read, figure):
        self.layer, self.titles, self.written, datum = read["layer"], read["titles"], read["written"], read["datum"]
        self.blank = (read["kind"] == "text" and not self.written) or self._is_heading(datum)
        self.told = {name: plain(value) for name, value in datum.items() if not _helps(name, figure.columns)}
        if "row" in datum and "city" not in datum:
            self.told["city"] = datum["row"]
        self.context = {"panel": ": ".join(self.titles[1:]), "selection": figure.choice} | self.told
        self.elsewhere = read["pale"] and self.told.get("iso3", figure.choice) != figure.choice
        tooltip = read["tooltip"]
        shown = [*tooltip.values()] if isinstance(tooltip, dict) else [tooltip]
        self.says = [text for text in (plain(said) for said in (self.written, *shown)) if text not in ("", NO_PAGE)]

    def _is_heading(self, datum):
        return str(datum.get("row", "")).startswith(HEADING) and not datum.get("note") and not self.written


def _helps(name, columns):
    return name in HELPERS or OF_VEGA.search(name) is not None or (name in LINKS and name not in columns)


class Found:
    """Rows, found by the fields that a mark tells."""

    def __init__(self, rows):
        self.rows, self.by = rows, {}

    def of(self, told):
        names = tuple(sorted(name for name, value in told.items() if value))
        if names not in self.by:
            self.by[names] = {}
            for row in self.rows:
                if all(name in row for name in names):
                    self.by[names].setdefault(tuple(row[name] for name in names), []).append(row)
        found = self.by[names].get(tuple(told[name] for name in names), [])
        return [row for row in found if not any(row.get(name) for name in told.keys() - names)]


def holds(row, said):
    """Tell whether a row holds what is said, as a word or as a number that is rounded."""
    return any(said == value or _rounds(value, said) for value in row.values())


def _rounds(value, said):
    try:
        return abs(float(value) - float(said)) <= 0.5 * 10 ** -len(said.partition(".")[2]) + 1e-9
    except ValueError:
        return False


def rows_of(mark, figure):
    """Return the rows that hold what a mark tells, of the panel that it stands in."""
    rows = figure.found[mark.elsewhere].of(mark.told)
    return [row for row in rows if row.get("panel", mark.context["panel"]) == mark.context["panel"]]


def is_told(mark, figure):
    """Tell whether a row holds a mark, or the headings of the figure say all of it; sentences are of the rows together."""
    if set(mark.told) == {"n", "said"}:
        return mark.told["n"] == str(len(figure.rows)) and mark.says == [mark.told["said"]]
    if set(mark.told) == {"words"}:
        return figure.rows == []
    if any(all(holds(row, said) for said in mark.says) for row in rows_of(mark, figure)):
        return True
    return not mark.says and all(value in mark.titles or value in figure.lines for value in mark.told.values())


def fills(mark, row):
    """Tell whether a mark holds each cell of a row that is not empty."""
    return all(mark.context.get(name) == value for name, value in row.items() if value)


def undrawn(figure):
    """Return the rows that no mark stands for."""
    drawn = {id(row) for mark in figure.marks for row in rows_of(mark, figure) if fills(mark, row)}
    missing = [row for row in figure.rows if id(row) not in drawn]
    cut = any(mark.written.endswith(f"; the first {MOST} are shown") for mark in figure.marks)
    return missing[len(figure.rows) - MOST :] if cut else missing


def named(figure):
    """Return what the cells hold, and the cities with the number of their documents as the axis writes them."""
    rows = figure.rows + figure.hidden
    read = {f"{row['city']} ({row['documents']})" for row in rows if row.get("documents")}
    return {text for row in rows for text in row.values()} | read


def test_every_figure_draws_and_tells_something_of_all_countries(read):
    assert [figure.id for figure in read[""] if not (figure.marks and figure.rows)] == []


def test_every_mark_is_told_by_a_row_of_the_table(figures):
    untold = [(figure.id, mark.layer, mark.told, mark.says) for figure in figures for mark in figure.marks
              if not is_told(mark, figure)]  # fmt: skip
    assert untold == []


def test_every_row_of_the_table_is_drawn_by_a_mark(figures):
    assert [(figure.id, row) for figure in figures for row in undrawn(figure)] == []


def test_no_two_marks_of_a_layer_stand_for_one_row(figures):
    counts = Counter(
        (figure.id, mark.layer, *sorted(row.items()))
        for figure in figures
        for mark in figure.marks
        for row in rows_of(mark, figure)
        if fills(mark, row)
    )
    assert [key for key, n in counts.items() if n > 1] == []


def test_every_name_at_an_axis_stands_in_the_table(figures):
    known = {*v.COUNTRY_NAMES.values(), *v.FOCUS_AREA_NAMES.values()}
    assert [(figure.id, name) for figure in figures for name in figure.names if name not in known | named(figure)] == []
