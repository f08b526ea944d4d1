"""Run notebooks in fresh kernels and store their outputs so that a second run gives the same bytes.

What depends on the run and not on the data is taken out: timings, widget views and their state, the version of
Python. The static twin of a widget stays. ``python -m ascn_analysis.notebooks [PATH ...]`` runs and stores them.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

import nbformat

from ascn_analysis.errors import NotebookError, shortened
from ascn_analysis.reading import read_regular
from ascn_analysis.writing import write_atomic

FOLDER: Final = Path(__file__).parent.parent / "notebooks"
PICTURE: Final = FOLDER.parent / "docs" / "overview.svg"
SECONDS: Final = 300
MOST_BYTES: Final = 50_000_000
MOST_CHARACTERS: Final = 100_000
"""Characters of a cell."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PLACE: Final = re.compile(r"Cell\s+In\s*\[\d+\], line (\d+)")
_WIDGET: Final = "application/vnd.jupyter.widget-view+json"


def paths(folder: Path = FOLDER) -> list[Path]:
    """Return the notebooks of a folder in reading order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def read(path: Path) -> Any:
    """Read a notebook, and check that it is one.

    Returns
    -------
    NotebookNode
        The notebook in version 4 of the format.

    Raises
    ------
    NotebookError
        If the file cannot be read, has more than 50 MB or a cell of more than 100,000 characters, or is no notebook.
    """
    try:
        text = read_regular(path, MOST_BYTES).decode("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without an id, which it then gives them
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
        to_text(notebook).encode("utf-8")
        if max((len(cell.source) for cell in notebook.cells), default=0) > MOST_CHARACTERS:
            raise ValueError(f"a cell of more than {MOST_CHARACTERS:,} characters")
    except OSError as problem:
        raise NotebookError(f"{path.name}: cannot be read ({problem.strerror}); expected a notebook") from problem
    # What is no notebook makes the reader fail with errors of any kind.
    except Exception as problem:
        said = shortened((str(problem).splitlines() or [""])[0])
        raise NotebookError(f"{path.name}: is no notebook ({type(problem).__name__}: {said})") from problem
    return notebook


def execute(path: Path) -> Any:
    """Run a notebook from its sources in a fresh kernel.

    Returns
    -------
    NotebookNode
        The notebook with its outputs, normalised; the file is not touched.

    Raises
    ------
    NotebookError
        If a cell fails: names the notebook, the cell, its line and the error.
    """
    from jupyter_core.utils import run_sync

    return run_sync(execute_async)(path)


async def execute_async(
    path: Path, slot: AbstractAsyncContextManager[object] | None = None, manager: Any = None
) -> Any:
    """Run a notebook as `execute` does, beside others; `slot` is held only while its kernel lives.

    `manager` starts the kernel; by default it starts from nothing.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    from ascn_analysis.figures import display

    notebook = read(path)
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": path.parent}},
        extra_arguments=["--log-level=ERROR"],
    )
    # A client that is given a manager would else leave its kernel running.
    client.owns_km = True
    try:
        # The pictures are drawn here, once the cells have run: starting the renderer in every kernel takes longer.
        async with slot or nullcontext():
            await client.async_execute(env={**os.environ, display.LATER: "1"})
    # A kernel that dies or does not answer is a RuntimeError.
    except (CellExecutionError, CellTimeoutError, RuntimeError) as problem:
        raise NotebookError(f"{path.name}, {_failed_cell(notebook)}: {_reason(problem)}") from problem
    return normalise(await asyncio.to_thread(_with_pictures, notebook))


def _with_pictures(notebook: Any) -> Any:
    """Draw the static picture of each figure."""
    from ascn_analysis.figures import display

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            spec = output.get("data", {}).get(display.VEGALITE_MIME)
            if spec is not None:
                try:
                    output["data"]["image/svg+xml"] = display.to_svg(spec)
                except ValueError as problem:
                    said = shortened((str(problem).splitlines() or [""])[0])
                    raise NotebookError(f"cell {cell.id}: a figure cannot be drawn ({said})") from problem
    return notebook


def _failed_cell(notebook: Any) -> str:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"cell {number} (id {cell.id}){_line(output.traceback)}"
    return "no single cell"


def _line(traceback: list[str]) -> str:
    """Name the line of the cell that failed, as the kernel's traceback tells it."""
    plain = _COLOUR.sub("", "\n".join(traceback))
    found = _PLACE.findall(plain)
    return f", line {found[0]}" if found else ""


def _reason(problem: Exception) -> str:
    name, value = getattr(problem, "ename", type(problem).__name__), getattr(problem, "evalue", str(problem))
    return f"{name}: {value}"


def normalise(notebook: Any) -> Any:
    """Take out of a notebook what depends on the run: widget views and state, timings, the version of Python."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)
    return notebook


def to_text(notebook: Any) -> str:
    """Write a notebook as JSON with sorted keys and a final line end."""
    return nbformat.writes(notebook, indent=1, sort_keys=True, ensure_ascii=False).rstrip("\n") + "\n"


def store(path: Path) -> Path:
    """Run a notebook and store it with its outputs; on an error the file stays as it was."""
    return write_atomic(path, to_text(execute(path)), check=lambda aside: nbformat.validate(nbformat.read(aside, 4)))


def picture() -> str:
    """Draw the README's picture: the latest report, one square a project."""
    from ascn_analysis import figures, loaders

    panel = loaders.load_panel()
    return figures.display.to_svg(figures.project_squares(panel, int(panel["report_year"].max())).to_dict()) + "\n"


def main(names: Sequence[str] = ()) -> None:
    """Run and store the named notebooks, or all of them and the README's picture, saying which one runs."""
    chosen: Iterable[Path] = [Path(name) for name in names] or paths()
    for path in chosen:
        print(f"running {path.name} ...", flush=True)
        store(path)
    if not names:
        write_atomic(PICTURE, picture())


if __name__ == "__main__":
    main(sys.argv[1:])
