"""Tables as files to take along: the ones that the site offers, in a folder of the reader's choice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ascn_analysis import loaders, locking
from ascn_analysis.errors import AscnError, WriteError, shortened
from ascn_analysis.reading import read_regular
from ascn_analysis.schemas import TABLES
from ascn_analysis.writing import remove_left, write_atomic

MARK: Final = ".ascn-export"
"""The file that tells which files of a folder this program wrote, with the hash of each."""


def write(
    output: Path,
    ending: str = "csv",
    names: Sequence[str] = (),
    *,
    folder: loaders.Folder = None,
    force: bool = False,
) -> list[Path]:
    """Write tables into a folder.

    Parameters
    ----------
    output
        The folder; it is made if it is missing.
    ending
        ``csv``, ``xlsx`` or ``parquet``; ``zip`` for the whole record in one file.
    names
        The tables, as in `schemas.TABLES`; all without.
    folder
        The tables are read from there; by default the record that came with the package.
    force
        Whether to replace files that this program did not write, or that were changed since.

    Returns
    -------
    list of Path
        The files, each whole: it is written aside and then renamed.

    Raises
    ------
    AscnError
        If there is no such table, or what the format needs is not installed.
    TableError
        If a table is not as its schema says.
    WriteError
        If a file stands in the way, or cannot be written, or another process writes into the folder. What stood there stays.
    """
    made = _made(ending, names, Path(folder or loaders.DATA))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with locking.held(output):
            output.mkdir(exist_ok=True)
            return _write(output, made, force)
    except OSError as problem:
        raise WriteError(f"{output}: not written ({problem.strerror or problem})") from problem


def _made(ending: str, names: Sequence[str], folder: Path) -> dict[str, bytes]:
    """Make every file before the first is written."""
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        raise AscnError(f"no table {shortened(repr(unknown[0]))}; expected one of {', '.join(TABLES)}")
    if ending == "zip" and names:
        raise AscnError("a zip holds the whole record; name no table with it")
    try:
        from ascn_analysis.site import downloads, formats

        if ending == "zip":
            return {downloads.ARCHIVE: formats.to_zip(downloads.contents(folder))}
        return {f"{name}.{ending}": downloads.content(TABLES[name], ending, folder) for name in names or TABLES}
    except ImportError as problem:
        raise AscnError(f'{ending} needs {problem.name}; install it with: pip install "ascn-analysis[site]"') from None


def _write(output: Path, made: Mapping[str, bytes], force: bool) -> list[Path]:
    own = _own(output)
    for name in made:
        remove_left(output / name)
    for name, content in made.items():
        if not force and not _is_own(output / name, content, own.get(name)):
            raise WriteError(
                f"{output / name}: exists and is not as this command wrote it; use --force to replace it, or another --output"
            )
    # What is about to be written is written down first: a killed process then leaves nothing that is not its own.
    hashes = {name: [*own.get(name, [])[-1:], _hash(content)] for name, content in made.items()}
    write_atomic(output / MARK, json.dumps({**own, **hashes}, indent=0, sort_keys=True) + "\n")
    return [write_atomic(output / name, content) for name, content in made.items()]


def _own(output: Path) -> dict[str, list[str]]:
    """Return the hashes that a file has if this program wrote it last, or was about to; none where the list is damaged."""
    try:
        stored: Any = json.loads(read_regular(output / MARK, 1_000_000))
        return {str(name): [str(one) for one in hashes] for name, hashes in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _is_own(path: Path, content: bytes, hashes: list[str] | None) -> bool:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return False
    if not path.exists():
        return True
    stands = path.read_bytes()
    return stands == content or _hash(stands) in (hashes or [])


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
