"""Run the notebooks for the site: fresh kernels, two at a time, and nothing again that has not changed."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ascn_analysis import notebooks
from ascn_analysis.errors import NotebookError
from ascn_analysis.writing import write_atomic

if TYPE_CHECKING:
    from ascn_analysis.site import warm

AT_ONCE: Final = 2
PACKAGE: Final = Path(__file__).parent.parent
Say = Callable[[str], None]
Ready = Callable[[Path, Any], None]


def cache_folder() -> Path:
    """Return the folder of executed notebooks: ``ASCN_CACHE``, or the user's cache folder."""
    base = (
        os.environ.get("ASCN_CACHE")
        or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ascn-analysis"
    )
    folder = Path(base) / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def key(path: Path, notebook: Any, data: Path) -> str:
    """Return the key of a notebook's run: its cells, the library without the site, the data, and the lock.

    What only dresses the outputs (this folder) is not part of it.
    """
    sources = "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(f"{path.stem}\0{sources}\0{surroundings(data)}".encode()).hexdigest()


@cache
def surroundings(data: Path) -> str:
    """Return the hash of what every notebook stands on: the library without the site, the data, and the lock."""
    library = [path for path in sorted(PACKAGE.rglob("*.py")) if "site" not in path.relative_to(PACKAGE).parts]
    lock = PACKAGE.parent / "requirements.lock"
    files = [
        *library,
        *sorted((PACKAGE / "assets").glob("*.ttf")),
        *sorted(data.rglob("*.*")),
        *([lock] if lock.is_file() else []),
    ]
    return hashlib.sha256(
        "".join(f"{path.name} {_hash(path)}\n" for path in files if path.is_file()).encode()
    ).hexdigest()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stored(path: Path, data: Path) -> Path:
    """Return where the cache keeps the run of a notebook."""
    return targets({path: notebooks.read(path)}, data)[path]


def targets(read: dict[Path, Any], data: Path) -> dict[Path, Path]:
    """Return where the cache keeps the run of each of the notebooks, which have been read."""
    folder = cache_folder()
    return {path: folder / f"{path.stem}-{key(path, notebook, data)[:32]}.ipynb" for path, notebook in read.items()}


def executed(targets: dict[Path, Path], say: Say, ready: Ready = lambda *_: None) -> dict[Path, Any]:
    """Return the notebooks with their outputs, from the cache where nothing changed.

    Parameters
    ----------
    targets
        The notebooks, and where the cache keeps the run of each.
    say
        Called with a line for each notebook that is done.
    ready
        Called with path and notebook as soon as each is there.

    Raises
    ------
    NotebookError
        If a cell fails: names notebook, cell and error. Notebooks that were run by then stay in the cache.
    """
    made = dict[Path, Any]()

    def take(path: Path, notebook: Any, line: str) -> None:
        made[path] = notebook
        say(line)
        ready(path, notebook)

    for path, target in targets.items():
        kept = _kept(target)
        if kept is not None:
            take(path, kept, f"unchanged {path.name}")
    waiting = {path: target for path, target in targets.items() if path not in made}
    # In a thread of its own, because whoever builds the site may have an event loop running.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_run_all(waiting, take))).result()
    return {path: made[path] for path in targets}


def _kept(target: Path) -> Any:
    """Return a run from the cache; none if it is not there or was damaged: the notebook is then run again."""
    try:
        return notebooks.read(target) if target.exists() else None
    except NotebookError:
        return None


async def _run_all(targets: dict[Path, Path], take: Callable[[Path, Any, str], None]) -> None:
    """Run notebooks, no more than `AT_ONCE` beside each other; the first failure stops the others."""
    free, done = asyncio.Semaphore(AT_ONCE), itertools.count(1)

    async def one(path: Path, nursery: warm.Nursery | None) -> None:
        manager = nursery.manager() if nursery else None
        _keep(targets[path], notebooks.to_text(await notebooks.execute_async(path, free, manager)))
        take(path, notebooks.read(targets[path]), f"{_bar(next(done), len(targets))} {path.name}")

    try:
        with _nursery(len(targets)) as nursery:
            async with asyncio.TaskGroup() as group:
                # The longest first, by the size of what they hold: the last two then end together.
                for path in sorted(targets, key=lambda path: -path.stat().st_size):
                    group.create_task(one(path, nursery))
    except BaseExceptionGroup as problems:
        raise problems.exceptions[0] from None


def _nursery(kernels: int) -> AbstractContextManager[warm.Nursery | None]:
    """Warm kernels up together where there are several and the system can fork."""
    # Imported here, because a build in which nothing changed starts no kernel and need not wait for this.
    from ascn_analysis.site import warm

    return warm.Nursery() if kernels > 1 and hasattr(os, "fork") else nullcontext()


def _keep(target: Path, text: str) -> None:
    """Store a run, and drop older runs of the same notebook."""
    write_atomic(target, text)
    stem = target.stem.rpartition("-")[0]
    for old in target.parent.glob(f"{stem}-*.ipynb"):
        if old != target:
            old.unlink(missing_ok=True)


def _bar(done: int, whole: int) -> str:
    filled = 20 * done // whole
    return f"[{'#' * filled}{'.' * (20 - filled)}] {done}/{whole}"
