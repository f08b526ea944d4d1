"""One way to write a file or a folder: aside, checked, then put in the place of the old one. Nothing is ever half written."""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ascn_analysis.errors import WriteError


def write_atomic(path: str | Path, content: str | bytes, check: Callable[[Path], object] | None = None) -> Path:
    """Write a file so that readers see the old content or the new, never a part.

    Parameters
    ----------
    path
        Where the file is to stand; its folder must exist.
    content
        Text (written as UTF-8 with LF) or bytes.
    check
        Called with the temporary file before it takes its place; if it raises, nothing changes.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    WriteError
        If the file cannot be written or the check fails; the old file is untouched and no temporary file stays.
    """
    target = Path(path)
    try:
        aside = _write_aside(target, content.encode("utf-8") if isinstance(content, str) else content)
        try:
            if check is not None:
                check(aside)
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)
    except Exception as problem:
        raise WriteError(f"{target.name}: not written, the old file stands ({problem})") from problem
    _sync_folder(target.parent)
    return target


def remove_left(path: Path) -> None:
    """Remove what a killed process left beside a file that it was writing; call it only while no other writes it."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        left.unlink(missing_ok=True)


def mirror_folder(folder: Path, aside: Path) -> None:
    """Give a folder made aside what stands in another: files as hard links where the system can, links as they are.

    Parameters
    ----------
    folder
        What stands; if it is missing, the folder aside stays empty, with the usual permissions of a folder.
    aside
        The folder that is to take its place; it exists.

    Notes
    -----
    A file that is written by `write_atomic` in the new folder is a new file: the old one, which may be linked, keeps its
    content.
    """
    if folder.exists():
        shutil.copytree(folder, aside, symlinks=True, copy_function=_linked, dirs_exist_ok=True)
    else:
        aside.chmod(0o755)


def replace_folder(aside: Path, target: Path) -> None:
    """Put a folder in the place of another, which is then removed.

    Parameters
    ----------
    aside
        The new folder, beside `target`; its name must end in ``.ascn-new``.
    target
        Where it is to stand; a folder that stands there may be full.

    Raises
    ------
    OSError
        If it cannot be done; the old folder is then in its place.

    Notes
    -----
    On Linux the two change places in one step. Elsewhere the old one is moved away first, so a process that is killed at
    that moment leaves none in place; `recover_folder` brings it back.
    """
    old = aside.with_suffix(".ascn-old")
    if not target.exists():
        os.replace(aside, target)
    elif _exchange(aside, target):
        shutil.rmtree(aside, ignore_errors=True)
    else:
        os.replace(target, old)
        try:
            os.replace(aside, target)
        except OSError:
            os.replace(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def recover_folder(target: Path) -> None:
    """Bring back the folder that a killed process had moved away, and remove what it left beside it.

    Call it only while no other process writes `target`.
    """
    left = sorted(
        path
        for path in target.parent.glob(f".{glob.escape(target.name)}.*")
        if path.suffix in (".ascn-new", ".ascn-old")
    )
    for path in left:
        if path.suffix == ".ascn-old" and not target.exists():
            os.replace(path, target)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _linked(source: str, target: str) -> None:
    """Link a file, or copy it with its times where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _exchange(first: Path, second: Path) -> bool:
    """Let two folders change places in one step; say whether the system could."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename is not None and rename(here, os.fsencode(first), here, os.fsencode(second), exchange) == 0


def _write_aside(target: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


def _sync_folder(folder: Path) -> None:
    """Make the rename durable where the system can; the file itself is already whole."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
