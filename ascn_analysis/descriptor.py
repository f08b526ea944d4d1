"""``datapackage.json`` as it is found beside tables: whether it is readable, and names only files of its own folder."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ascn_analysis.errors import TableError, shortened
from ascn_analysis.reading import read_regular

NAME: Final = "datapackage.json"
MISSING: Final = "a file is missing"
_MOST_BYTES: Final = 8_000_000


def errors(folder: Path, checked: Collection[str] = ()) -> Iterator[TableError]:
    """Yield what is wrong with the descriptor of a folder of tables; nothing where there is none.

    Parameters
    ----------
    folder
        The folder of tables.
    checked
        Names of files whose absence is told elsewhere.

    Notes
    -----
    Sizes and hashes are not compared: a folder in which someone works is described anew by ``make data``.
    """
    if not (folder / NAME).exists():
        return
    try:
        found: Any = json.loads(read_regular(folder / NAME, _MOST_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        said = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        yield _error(f"cannot be read ({shortened(said)})", "", None, "a Data Package as JSON")
        return
    resources = found.get("resources") if isinstance(found, dict) else None
    if not isinstance(resources, list):
        yield _error("lists no files", "resources", None, "a list of resources")
        return
    seen: set[str] = set()
    for number, resource in enumerate(resources):
        path = resource.get("path") if isinstance(resource, dict) else None
        fault = _fault(folder, path, seen)
        if fault and not (fault == MISSING and path in checked):
            yield _error(fault, f"resources[{number}].path", path, "a file of this folder, named once")


def _fault(folder: Path, path: object, seen: set[str]) -> str:
    if not isinstance(path, str) or not path:
        return "a file is not named"
    if "\0" in path or "\\" in path or ":" in path or path.startswith("/") or ".." in PurePosixPath(path).parts:
        return "a path leads out of the folder"
    if path in seen:
        return "a file is named twice"
    seen.add(path)
    try:
        target = (folder / path).resolve()
        within = target.is_relative_to(folder.resolve())
        return "" if within and target.is_file() else MISSING if within else "a path leads out of the folder"
    except (OSError, ValueError, RuntimeError):
        return "a path cannot be followed"


def _error(problem: str, column: str, value: object, expected: str) -> TableError:
    return TableError(NAME, problem, row=None, column=column, value=value, expected=expected)
