"""Tables as files to take along: the ones that the site offers, in a folder of the reader's choice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ascn_analysis import loaders, locking
from ascn_analysis.errors import AscnError, WriteError, shortened
from ascn_analysis.reading import read_regular
from ascn_analysis.schemas import TABLES
from ascn_analysis.writing import mirror_folder, recover_folder, remove_left, replace_folder, write_atomic

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
        The folder; it is made if it is missing. Other files in it stay as they are.
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
        The files. The whole folder is made aside and takes the place of the old one in one step, so a process that is
        killed leaves the earlier files or the new ones, never some of each. A folder that cannot be moved (a file system is
        mounted there, or it holds the working folder or the home folder) gets them one by one, each whole.

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
        # A link stays a link: the files stand where it leads. "." and ".." have no name to stand beside.
        real = Path(os.path.realpath(output)) if output.is_symlink() or output.name in ("", "..") else output
        real.parent.mkdir(parents=True, exist_ok=True)
        with locking.held(real):
            recover_folder(real)
            _write(real, made, force)
    except OSError as problem:
        raise WriteError(f"{output}: not written ({problem.strerror or problem})") from problem
    return [output / name for name in made]


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


def _write(output: Path, made: Mapping[str, bytes], force: bool) -> None:
    own = _own(output)
    for name, content in made.items():
        if not force and not _is_own(output / name, content, own.get(name)):
            raise WriteError(
                f"{output / name}: exists and is not as this command wrote it; use --force to replace it, or another --output"
            )
    if _stays(output):
        _put(output, made, own)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{output.name}.", suffix=".ascn-new", dir=output.parent))
    try:
        mirror_folder(output, aside)
        _put(aside, made, own)
        replace_folder(aside, output)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _stays(output: Path) -> bool:
    """Say whether a folder cannot be moved, or not without taking the ground from under who works in it."""
    if any(os.path.ismount(folder) for folder, *_ in os.walk(output)):
        return True
    real = Path(os.path.realpath(output))
    return any(Path(os.path.realpath(each)).is_relative_to(real) for each in (".", os.path.expanduser("~")))


def _put(folder: Path, made: Mapping[str, bytes], own: Mapping[str, list[str]]) -> None:
    for name in made:
        remove_left(folder / name)
    # What is about to be written is written down first: a killed process then leaves nothing that is not its own.
    hashes = {name: [*own.get(name, [])[-1:], _hash(content)] for name, content in made.items()}
    write_atomic(folder / MARK, json.dumps({**own, **hashes}, indent=0, sort_keys=True) + "\n")
    for name, content in made.items():
        write_atomic(folder / name, content)


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
