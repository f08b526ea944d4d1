"""PDF files before they are read: whole regular files only, and none that unpacks to far more than a report does.

The readers of PDFs unpack a stream in one go, whatever it unpacks to. What the official reports hold is far below the limits
here: at most 0.5 MB in a stream of text and drawing, 9 MB in a picture, and 48 MB together.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ascn_analysis.errors import SourceError, shortened
from ascn_analysis.reading import read_regular

MOST_BYTES: Final = 100_000_000
MOST_DRAWN: Final = 2_000_000
"""Bytes that a stream of text and drawing may unpack to."""
MOST_UNPACKED: Final = 150_000_000
"""Bytes that all streams may unpack to together."""
_PIECE: Final = 1 << 16
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")


def read(pdf: str | Path) -> bytes:
    """Read a PDF file whole.

    Raises
    ------
    SourceError
        If the file is missing, cannot be read, is no PDF, has more than 100 MB, or unpacks to more than a report could.
    """
    try:
        content = read_regular(Path(pdf), MOST_BYTES)
    except OSError as problem:
        raise SourceError(f"{pdf}: cannot be read ({problem.strerror}); expected a PDF file") from problem
    if b"%PDF-" not in content[:1024]:
        raise SourceError(
            f"{pdf}: not readable as PDF, it is no PDF (it begins with {content[:8]!r}); expected the PDF file of a report"
        )
    whole = 0
    for at, (size, drawn) in enumerate(_unpacked(content), start=1):
        whole += size
        if whole > MOST_UNPACKED or (drawn and size > MOST_DRAWN):
            raise SourceError(f"{pdf}: stream {at} unpacks to far more than a report holds; expected a report")
    return content


def unreadable(problem: Exception) -> str:
    """Say in one line that a reader of PDFs failed, and with what."""
    said = shortened(" ".join(str(problem).split()))
    return f"not readable as PDF ({type(problem).__name__}{f': {said}' if said else ''})"


def _unpacked(content: bytes) -> Iterator[tuple[int, bool]]:
    """Yield of each packed stream how much it unpacks to (no more than is refused), and whether it is text or drawing."""
    view = memoryview(content)
    for match in _STREAM.finditer(content):
        head = content[max(0, match.start() - 2000) : match.start()]
        head = head[head.rfind(b" obj") + 1 :]
        drawn = re.search(rb"/Subtype\s*/Image", head) is None
        # The same stream may be packed several times over.
        layers = max(1, min(8, head.count(b"FlateDecode") + head.count(b"/Fl ")))
        yield _size(view[match.end() :], layers, MOST_DRAWN if drawn else MOST_UNPACKED), drawn


def _size(packed: bytes | memoryview, layers: int, most: int) -> int:
    """Return the size of the largest layer, in pieces so that no more than one is held."""
    largest, source = 0, packed
    for layer in range(layers):
        last = layer == layers - 1
        size, source = _inflate(source, most, keep=not last)
        largest = max(largest, size)
        if size > most or not source:
            break
    return largest


def _inflate(packed: bytes | memoryview, most: int, *, keep: bool) -> tuple[int, bytes]:
    machine, size, kept, rest = zlib.decompressobj(), 0, [b""], bytes(packed[:_PIECE])
    at = len(rest)
    try:
        while size <= most and not machine.eof and (rest or at < len(packed)):
            if not rest:
                rest, at = bytes(packed[at : at + _PIECE]), at + _PIECE
            piece = machine.decompress(rest, _PIECE)
            rest, size = machine.unconsumed_tail, size + len(piece)
            kept += [piece] if keep else []
    except zlib.error:
        pass  # not packed this way, or damaged: the readers see for themselves
    return size, b"".join(kept)
