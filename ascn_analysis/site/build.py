"""Build the site aside, look at it, then put it in the place of the old one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ascn_analysis import loaders, locking, notebooks
from ascn_analysis.errors import AscnError
from ascn_analysis.site import inputs, run, state
from ascn_analysis.site.inputs import Places
from ascn_analysis.site.state import MARK, Old, State
from ascn_analysis.writing import recover_folder, replace_folder

if TYPE_CHECKING:
    from ascn_analysis.site.making import Making
    from ascn_analysis.site.story import Story

Say = Callable[[str], None]


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
    if not (inputs.CHECKOUT / "CITATION.cff").is_file():
        raise AscnError("the installed package has no CITATION.cff for the site to carry; run this in a checkout")
    if output.exists() and not (output / MARK).is_file():
        raise AscnError(f"{output} exists and is not a site made by this program; name another folder or remove it")
    read = {path: notebooks.read(path) for path in paths}
    targets, places = run.targets(read, loaders.DATA), inputs.neighbours(read)
    wanted, old = state.wanted(targets, places), state.found(output)
    if wanted == old:
        say("nothing has changed")
        return output
    aside = output.parent / f".{output.name}.{os.getpid()}.ascn-new"
    try:
        _write(aside, targets, places, wanted, (output, old) if old else None, say)
        replace_folder(aside, output)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return output


def _write(
    site: Path, targets: dict[Path, Path], places: dict[Path, Places], wanted: State, old: Old, say: Say
) -> None:
    """Write the pages while the notebooks run: the kernels are other processes, so this one has time."""
    told: dict[Path, Future[Story]] = {}
    with ThreadPoolExecutor(1) as pool:
        try:
            making = pool.submit(_begun, site, places, wanted, old)
            run.executed(
                targets,
                say,
                lambda path, notebook: told.update({path: pool.submit(lambda: making.result().tell(path, notebook))}),
            )
            stories = [told[path].result() for path in targets]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    making.result().indexes(stories)
    figures, written = sum(len(own.figures) for own in stories), len(list(site.rglob("*.html")))
    say(f"{len(stories)} notebooks, {figures} figures, {written} pages")
    state.write(site, wanted)


def _begun(site: Path, places: dict[Path, Places], wanted: State, old: Old) -> Making:
    """Write what does not depend on a notebook, while the first kernels start."""
    # Imported here, because a build in which nothing changed need not wait for what draws and writes, nor a first kernel.
    from ascn_analysis.site.making import Making

    making = Making(site, places, wanted, old)
    making.record()
    return making
