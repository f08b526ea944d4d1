"""A notebook's page: prose and figures first, the code folded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import NotebookError, shortened
from ascn_analysis.figures.display import VEGALITE_MIME
from ascn_analysis.metrics import ALL
from ascn_analysis.safe import json_for_html
from ascn_analysis.selections import MIME as SELECTIONS
from ascn_analysis.site import charts, html, page
from ascn_analysis.site.charts import Chart
from ascn_analysis.site.inputs import Places

_EXPLORER: Final = (
    "<p>In Jupyter an explorer stands here, for several countries at once. On this page the figures above follow the "
    "country control.</p>"
)


@dataclass(frozen=True)
class Story:
    """An executed notebook, ready to be shown.

    Attributes
    ----------
    stem
        Name of the notebook without suffix; also of the page.
    title, lead
        Its first heading and first paragraph.
    cells
        What the template shows.
    figures
        Its figures in order.
    """

    stem: str
    title: str
    lead: str
    cells: list[dict[str, Any]]
    figures: list[Chart]

    @property
    def address(self) -> str:
        """Address of the page within the folder of notebooks."""
        return f"{self.stem}.html"


def from_notebook(path: Path, notebook: Any) -> Story:
    """Read an executed notebook."""
    cells = _once([_readable(path, number, cell) for number, cell in enumerate(notebook.cells, start=1)])
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), f"# {path.stem}")
    heading, _, rest = first.partition("\n")
    figures = [output["figure"] for cell in cells for output in cell["outputs"] if output["kind"] == "figure"]
    return Story(path.stem, heading.lstrip("# ").strip(), _lead(rest), cells, figures)


def _readable(path: Path, number: int, cell: Any) -> dict[str, Any]:
    """Read a cell; an output that is not built as the library's own is an error that names the cell."""
    try:
        return _cell(cell)
    except (LookupError, TypeError, AttributeError, ValueError) as problem:
        where = f"{path.name}, cell {number} (id {cell.get('id', 'none')})"
        said = shortened(f"{type(problem).__name__}: {problem}")
        raise NotebookError(
            f"{where}: an output cannot be shown ({said}); expected text, a table or a figure"
        ) from problem


def _once(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out a figure that the page shows already: without a kernel an explorer's picture is the same again."""
    seen: set[str] = set()
    for cell in cells:
        for output in cell["outputs"]:
            if output["kind"] == "figure" and output["figure"].svg in seen:
                output.update(kind="words", network=False, html=_EXPLORER)
            elif output["kind"] == "figure":
                seen.add(output["figure"].svg)
    return cells


def _lead(text: str) -> str:
    return re.sub(r"[*`_]|\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(text.strip().split("\n\n")[0].split()))


def _cell(cell: Any) -> dict[str, Any]:
    if cell.cell_type == "markdown":
        return {"kind": "markdown", "html": html.from_markdown(cell.source), "outputs": []}
    return {"kind": "code", "code": html.code(cell.source), "outputs": list(_outputs(cell))}


def _outputs(cell: Any) -> Any:
    for number, output in enumerate(cell.outputs):
        name = cell.id if number == 0 else f"{cell.id}-{number}"
        if output.output_type in ("display_data", "execute_result"):
            yield _shown(name, output.data)
        elif output.output_type == "stream":
            yield {"kind": "text", "network": True, "html": _preformatted(output.text)}


def _shown(name: str, data: Any) -> dict[str, Any]:
    if VEGALITE_MIME in data:
        chart = charts.from_bundle(name, data)
        return {"kind": "figure", "figure": chart}
    if SELECTIONS in data:
        # A stored notebook has its keys in alphabetical order.
        texts = data[SELECTIONS]["texts"]
        return {
            "kind": "selections",
            "texts": [(key, html.from_markdown(texts[key])) for key in (ALL, *v.COUNTRY_NAMES)],
        }
    if "text/markdown" in data:
        made = html.from_markdown("".join(data["text/markdown"]))
        return {"kind": "words", "html": made, "network": "data-iso3" not in made}
    if "text/html" in data:
        made = html.table_rows(html.harmless("".join(data["text/html"])))
        return {"kind": "words", "html": made, "network": "data-iso3" not in made}
    return {"kind": "text", "network": True, "html": _preformatted("".join(data.get("text/plain", "")))}


def _preformatted(text: str) -> str:
    from markupsafe import escape

    return f'<pre tabindex="0">{escape(text)}</pre>'


def view(chart: Chart) -> dict[str, Any]:
    """Return what the figure's template shows."""
    return {
        "id": chart.id,
        "title": chart.title,
        "alt": chart.alt,
        "svg": chart.svg,
        "width": chart.width,
        "height": chart.height,
        "filterable": chart.filterable,
        "searchable": chart.searchable,
        "source": chart.source,
        "vega_json": json_for_html(chart.vega),
        "data": [_table(chart.id, number, rows) for number, rows in enumerate(chart.tables, start=1)],
    }


def _table(chart_id: str, number: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = charts.columns(rows)
    shown = [
        {
            "selection": row.get("selection"),
            "iso3": _owner(row),
            "searched": _searched(row),
            "texts": [_text(row.get(name)) for name in names],
        }
        for row in rows
    ]
    return {
        "file": chart_id if number == 1 else f"{chart_id}-{number}",
        "names": names,
        "rows": shown,
        "shown": len(charts.of_all(rows)),
    }


def _searched(row: dict[str, Any]) -> str | None:
    """Return the words that the figure's search looks in, if it has one."""
    words = row.get(charts.SEARCHED) or " ".join(str(row[name]) for name in ("head", "summary") if name in row)
    return words.lower() or None


def _owner(row: dict[str, Any]) -> str | None:
    """Return the country of a row: none if the row always stays; empty for one of the network, which goes when a country is chosen."""
    if "iso3" not in row:
        return None
    return "" if row["iso3"] is None else row["iso3"] or None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def render(story: Story, places: Places, **common: Any) -> str:
    """Render the page of a notebook."""
    return page.render(
        "notebook.html.j2",
        root="../",
        title=story.title,
        description=story.lead,
        section="notebooks/index.html",
        file=f"{story.stem}.ipynb",
        cells=story.cells,
        view=view,
        places=places,
        **common,
    )
