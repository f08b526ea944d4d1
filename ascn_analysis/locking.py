"""One at a time: a lock file beside what is made says who makes it, and is free again when that process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ascn_analysis.errors import WriteError

try:
    import fcntl
except ImportError:  # Windows: the file then only tells who was here
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(target: Path) -> Iterator[None]:
    """Hold the lock of a file or folder that is to be written.

    Parameters
    ----------
    target
        What is to be written; the lock file stands beside it, as ``.NAME.lock``.

    Raises
    ------
    WriteError
        If another process holds it: names the process and since when. A file that a dead process left is taken over.

    Notes
    -----
    The system, not the file's content, knows who holds it: no number of a process that is used again can mislead. Where the
    system cannot lock files (Windows), nobody is kept out.
    """
    path = target.parent / f".{target.name}.lock"
    handle = _locked(path, target)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _locked(path: Path, target: Path) -> int:
    """Open and lock the file; again if it was removed in between by the one who held it before."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, handle):
                return handle
        except BlockingIOError:
            who = os.read(handle, 200).decode(errors="replace").strip() or "a process that has just begun"
            os.close(handle)
            raise WriteError(f"{target}: is being written by {who}; wait until it is done, or end it") from None
        os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(handle))
    return False
