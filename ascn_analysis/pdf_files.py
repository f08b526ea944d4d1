"""PDF files before they are read: whole regular files only, and none that holds or unpacks to far more than a report does.

The readers of PDFs unpack a stream in one go, whatever it unpacks to, and take their time over each letter. What the official
reports hold is far below the limits here: at most 0.5 MB in a stream of text and drawing, 9 MB in a picture, 48 MB together,
60 pages, and 5,200 characters on a page.

Needs pypdfium2, which pdfplumber brings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from ascn_analysis.errors import SourceError, shortened
from ascn_analysis.reading import read_regular

MOST_BYTES: Final = 100_000_000
MOST_DRAWN: Final = 1_000_000
"""Bytes that a stream of text and drawing may have or unpack to."""
MOST_UNPACKED: Final = 150_000_000
"""Bytes that all streams may unpack to together."""
MOST_PAGES: Final = 300
MOST_CHARACTERS: Final = 20_000
"""Characters of a page, as readers see it."""
MOST_WRITTEN: Final = 60_000
"""Bytes of the strings of a page's stream, blanks and codes of two bytes or more included."""
_PIECE: Final = 1 << 16
_COLUMNS: Final = re.compile(rb"/(?:Columns|Colors|Width|Height)\s*(\d+)")
_STRING: Final = re.compile(rb"\((?:[^()\\]++|\\.)*+\)|<[0-9A-Fa-f\s]*+>", re.DOTALL)
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")


def read(pdf: str | Path) -> bytes:
    """Read a PDF file whole.

    Raises
    ------
    SourceError
        If the file is missing, cannot be read, is no PDF, needs a password, has more than 100 MB, or holds or unpacks to far
        more than a report.
    """
    try:
        content = read_regular(Path(pdf), MOST_BYTES)
    except OSError as problem:
        raise SourceError(f"{pdf}: cannot be read ({problem.strerror}); expected a PDF file") from problem
    if b"%PDF-" not in content[:1024]:
        raise SourceError(
            f"{pdf}: not readable as PDF, it is no PDF (it begins with {content[:8]!r}); expected the PDF file of a report"
        )
    _check_streams(pdf, content)
    _check_pages(pdf, content)
    return content


def _check_streams(pdf: str | Path, content: bytes) -> None:
    whole = 0
    for at, (size, drawn, characters) in enumerate(_streams(content), start=1):
        whole += size
        if whole > MOST_UNPACKED or (drawn and size > MOST_DRAWN) or characters > MOST_WRITTEN:
            raise SourceError(
                f"{pdf}: stream {at} holds or unpacks to far more than one of a report; expected a report"
            )


def _check_pages(pdf: str | Path, content: bytes) -> None:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(content) as document:
            if len(document) > MOST_PAGES:
                raise SourceError(f"{pdf}: {len(document):,} pages; expected a report of at most {MOST_PAGES}")
            for number, page in enumerate(document, start=1):
                count = page.get_textpage().count_chars()
                if count > MOST_CHARACTERS:
                    raise SourceError(
                        f"{pdf}: page {number} has {count:,} characters; expected {MOST_CHARACTERS:,} at most"
                    )
    except pypdfium2.PdfiumError as problem:
        reason = "is encrypted" if "password" in str(problem).lower() else unreadable(problem)
        raise SourceError(f"{pdf}: {reason}; expected a PDF file that opens without a password") from problem


def check_characters(pdf: str | Path, page: Any) -> None:
    """Raise `SourceError` if a page of pdfplumber holds far more characters, blanks included, than one of a report."""
    if len(page.chars) > MOST_CHARACTERS:
        number, count = page.page_number, len(page.chars)
        raise SourceError(f"{pdf}: page {number} has {count:,} characters; expected {MOST_CHARACTERS:,} at most")


def unreadable(problem: Exception) -> str:
    """Say in one line that a reader of PDFs failed, and with what."""
    said = shortened(" ".join(str(problem).split()))
    return f"not readable as PDF ({type(problem).__name__}{f': {said}' if said else ''})"


class _Stream(NamedTuple):
    """A stream: what it holds or unpacks to, whether it is text or drawing, and the characters of its strings."""

    size: int
    drawn: bool
    characters: int


def _streams(content: bytes) -> Iterator[_Stream]:
    """Look at each stream; no more is unpacked than is refused."""
    view = memoryview(content)
    for match in _STREAM.finditer(content):
        head = content[max(0, match.start() - 2000) : match.start()]
        head = head[head.rfind(b" obj") + 1 :]
        drawn = re.search(rb"/Subtype\s*/Image", head) is None
        # The same stream may be packed several times over.
        layers = max(1, min(8, head.count(b"FlateDecode") + head.count(b"/Fl ")))
        end = max(match.end(), content.find(b"endstream", match.end()))
        size, text = _unpack(view[match.end() :], layers, MOST_DRAWN if drawn else MOST_UNPACKED, keep=drawn)
        wide = any(len(number) > 6 for number in _COLUMNS.findall(head))
        # Pages say no type of their stream; fonts and other binary things do.
        page = drawn and not re.search(rb"/(?:Type|Subtype|Length1|N)\b", head)
        strings = _STRING.findall(text or content[match.end() : min(end, match.end() + MOST_DRAWN)]) if page else []
        yield _Stream(MOST_UNPACKED + 1 if wide else max(end - match.end(), size), drawn, sum(map(len, strings)))


def _unpack(packed: bytes | memoryview, layers: int, most: int, *, keep: bool) -> tuple[int, bytes]:
    """Return the size of the largest layer, and the innermost one if it is to be kept; no more than one is held."""
    largest, source = 0, packed
    for layer in range(layers):
        size, source = _inflate(source, most, keep=keep or layer < layers - 1)
        largest = max(largest, size)
        if size > most or not source:
            break
    return largest, bytes(source)


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
