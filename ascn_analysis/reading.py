"""One way to read a file that someone else made: a regular file, of a bounded size, or an error at once."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, most: int) -> bytes:
    """Read a whole file, but neither wait for a pipe nor fill the memory from a device.

    Parameters
    ----------
    path
        The file; a symbolic link is followed.
    most
        Bytes that it may have.

    Raises
    ------
    OSError
        If the file is missing, cannot be read, is a pipe, device or folder, or is larger.
    """
    # Opening a pipe would wait for someone to write into it.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes", str(path))
    return content
