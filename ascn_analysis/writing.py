"""One way to write a file: aside, checked, then renamed over the old one. Nothing is ever half written."""

from __future__ import annotations

import os
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
