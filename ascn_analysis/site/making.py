"""Write all pages of the site: what stands on the record alone, a page a notebook, and what names them all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from ascn_analysis import __version__, loaders, notebooks
from ascn_analysis.site import (
    briefs,
    charts,
    cities,
    differences,
    downloads,
    home,
    listings,
    methods,
    page,
    paper,
    projects,
    state,
    story,
)
from ascn_analysis.site.inputs import HERE, Places
from ascn_analysis.site.state import Old, State
from ascn_analysis.site.story import Story

FOLDERS: Final = ("assets", "notebooks", "figures", "countries", "cities", "data")


class Making:
    """A site that is being written, aside from the one that stands.

    Parameters
    ----------
    site
        Where it is written; must not exist.
    places
        The notebooks, each with its neighbours.
    wanted
        What the site is made from.
    old
        Folder and state of the site that stands there: what has not changed is taken from it.
    """

    def __init__(self, site: Path, places: dict[Path, Places], wanted: State, old: Old) -> None:
        self._site, self._places, self._wanted, self._old = site, places, wanted, old
        self._common: dict[str, Any] = {"as_of": str(loaders.load_projects()["as_of"].max()), "version": __version__}
        for name in FOLDERS:
            (site / name).mkdir(parents=True)

    def record(self) -> None:
        """Write what does not depend on a notebook, or take it from the old site."""
        if self._old and self._old[1].record == self._wanted.record:
            state.copy_record(self._old[0], self._site)
            return
        assets(self._site / "assets")
        for written in (downloads, differences, listings, methods, paper, projects, cities, briefs):
            written.write(self._site, self._common)

    def tell(self, path: Path, notebook: Any) -> Story:
        """Write the page of one executed notebook with its figures, or take them from the old site."""
        own, stem = story.from_notebook(path, notebook), path.stem
        if self._old and self._old[1].notebooks.get(stem) == self._wanted.notebooks[stem]:
            state.copy_story(self._old[0], self._site, stem)
            return own
        folder = self._site / "notebooks"
        (folder / own.address).write_text(story.render(own, self._places[path], **self._common), encoding="utf-8")
        (folder / path.name).write_text(notebooks.to_text(notebook), encoding="utf-8")
        for chart in own.figures:
            charts.write_files(chart, self._site / "figures")
        return own

    def indexes(self, stories: list[Story]) -> None:
        """Write the pages that name all notebooks."""
        home.write(self._site, stories, self._common)
        index = page.render(
            "notebooks.html.j2", root="../", title="Analyses", description="The analyses of the record, one page each.",
            section="notebooks/index.html", pages=stories, **self._common,
        )  # fmt: skip
        (self._site / "notebooks" / "index.html").write_text(index, encoding="utf-8")


def assets(folder: Path) -> None:
    """Write the one script bundle: the chart library, the boundaries, and the site's own script; style sheet and fonts."""
    parts = [HERE / "vendor" / "vega.js", HERE / "assets" / "site.js"]
    vega, own = (part.read_text(encoding="utf-8") for part in parts)
    (folder / "site.js").write_text(f"{vega}\n{_boundaries()}\n{own}", encoding="utf-8")
    first = HERE / "assets" / "site.css"
    sheets = [first, *sorted(set(first.parent.glob("*.css")) - {first})]
    (folder / "site.css").write_text("\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets), encoding="utf-8")
    for source in (HERE / "assets" / "icon.svg", *sorted((HERE.parent / "assets").glob("*.ttf"))):
        shutil.copyfile(source, folder / source.name)


def _boundaries() -> str:
    """Write the boundaries once, by the names that the maps use."""
    from ascn_analysis.figures.maps import datasets

    shapes = datasets(loaders.load_topology(), loaders.load_topology("insets"))
    return f"window.ascnBoundaries={json.dumps(shapes, sort_keys=True)};"
