"""Build the site aside, look at it, then put it in the place of the old one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from ascn_analysis import __version__, loaders, locking, notebooks
from ascn_analysis.errors import AscnError
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
    run,
    state,
    story,
)
from ascn_analysis.site.page import HERE
from ascn_analysis.site.state import MARK, State
from ascn_analysis.site.story import Story
from ascn_analysis.writing import recover_folder, replace_folder

Say = Callable[[str], None]
FOLDERS: Final = ("assets", "notebooks", "figures", "countries", "cities", "data")


def build(output: Path, folder: Path = notebooks.FOLDER, say: Say = print) -> Path:
    """Build the whole site.

    What has not changed since the site that stands at `output` was built is not made again: no notebook is run, no page
    written whose notebook, data, library or template is the same.

    Parameters
    ----------
    output
        Where the site is to stand. An old site there is replaced at the end, in one step; until then it stays whole.
    folder
        The notebooks.
    say
        Called with a line on each step.

    Returns
    -------
    Path
        The site's folder.

    Raises
    ------
    NotebookError
        If a cell fails: names notebook, cell, line and error.
    AscnError
        If there is no notebook, if this is no checkout, or `output` is a folder that this program did not make.
    WriteError
        If another process builds the site at `output`.
    """
    # A link stays a link: the site stands where it leads.
    output = Path(os.path.realpath(output)) if output.is_symlink() else output
    output.parent.mkdir(parents=True, exist_ok=True)
    with locking.held(output):
        recover_folder(output)
        return _build(output, folder, say)


def _build(output: Path, folder: Path, say: Say) -> Path:
    paths = notebooks.paths(folder)
    if not paths:
        raise AscnError(f"no notebook in {folder}; run this in a checkout of the repository")
    if not (downloads.CHECKOUT / "CITATION.cff").is_file():
        raise AscnError("the installed package has no CITATION.cff for the site to carry; run this in a checkout")
    if output.exists() and not (output / MARK).is_file():
        raise AscnError(f"{output} exists and is not a site made by this program; name another folder or remove it")
    wanted, old = state.wanted(paths), state.found(output)
    if wanted == old:
        say("nothing has changed")
        return output
    aside = output.parent / f".{output.name}.{os.getpid()}.ascn-new"
    try:
        _write(aside, paths, wanted, (output, old) if old else None, say)
        replace_folder(aside, output)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return output


def _write(site: Path, paths: list[Path], wanted: State, old: tuple[Path, State] | None, say: Say) -> None:
    """Write the pages while the notebooks run: the kernels are other processes, so this one has time."""
    for name in FOLDERS:
        (site / name).mkdir(parents=True)
    common = {"as_of": str(loaders.load_projects()["as_of"].max()), "version": __version__}
    told: dict[Path, Future[Story]] = {}
    with ThreadPoolExecutor(1) as pool:
        try:
            record = pool.submit(_record, site, wanted, old, common)
            places = story.neighbours(paths)
            run.executed(
                paths,
                loaders.DATA,
                say,
                lambda path, notebook: told.update(
                    {path: pool.submit(_tell, site, path, notebook, places[path], wanted, old, common)}
                ),
            )
            stories = [told[path].result() for path in paths]
            record.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    _indexes(site, stories, common)
    say(
        f"{len(stories)} notebooks, {sum(len(own.figures) for own in stories)} figures, {len(list(site.rglob('*.html')))} pages"
    )
    state.write(site, wanted)


def _record(site: Path, wanted: State, old: tuple[Path, State] | None, common: dict[str, Any]) -> None:
    """Write what does not depend on a notebook, or take it from the old site."""
    if old and old[1].record == wanted.record:
        state.copy_record(old[0], site)
        return
    _assets(site / "assets")
    for written in (downloads, differences, listings, methods, paper, projects, cities, briefs):
        written.write(site, common)


def _tell(
    site: Path,
    path: Path,
    notebook: Any,
    places: story.Places,
    wanted: State,
    old: tuple[Path, State] | None,
    common: dict[str, Any],
) -> Story:
    """Write the page of one notebook with its figures, or take them from the old site."""
    own = story.from_notebook(path, notebook)
    if old and old[1].notebooks.get(path.stem) == wanted.notebooks[path.stem]:
        state.copy_story(old[0], site, path.stem)
        return own
    (site / "notebooks" / own.address).write_text(story.render(own, places, **common), encoding="utf-8")
    (site / "notebooks" / path.name).write_text(notebooks.to_text(notebook), encoding="utf-8")
    for chart in own.figures:
        charts.write_files(chart, site / "figures")
    return own


def _indexes(site: Path, stories: list[Story], common: dict[str, Any]) -> None:
    home.write(site, stories, common)
    index = page.render(
        "notebooks.html.j2", root="../", title="Analyses", description="The analyses of the record, one page each.",
        section="notebooks/index.html", pages=stories, **common,
    )  # fmt: skip
    (site / "notebooks" / "index.html").write_text(index, encoding="utf-8")


def _assets(folder: Path) -> None:
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
