"""A Monitoring & Evaluation report as a PDF file: its text, its appendix, and what it says of itself.

Needs pdfplumber and pypdfium2, which the extra ``test`` brings. What is found here is a proposal: a person looks at the page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from ascn_analysis import pdf_files
from ascn_analysis.appendix import read_appendix
from ascn_analysis.errors import SourceError

Say = Callable[[str], object]

_TOTALS: Final = (
    r"\btotal of (?P<n>\d{1,4}) (?:smart (?:city|cities) )?projects\b",
    r"\bprojects(?: under the ASCN)? (?:stands?|stood) at (?P<n>\d{1,4})\b",
    r"\bgrown from \d{1,4} projects in \d{4} to (?P<n>\d{1,4}) projects\b",
    r"\b(?P<n>\d{1,4}) (?:Smart City |ASCN )?Projects\b(?= Exhibit| Projects related)",
)
"""How the reports from 2022 on state their total: in a sentence, and as the number in the picture of Exhibit 1."""
_MEMBERS: Final = r"\bto (?P<n>\d{1,3}) cities\b"
_SHARES: Final = (
    r"\b[A-Z][A-Za-z-]+ (?:and [A-Z][A-Za-z-]+ )?(?:accounts )?for (?P<n>\d{1,2})% of the overall",
    r"\b(?P<n>\d{1,4}) (?:smart city )?projects \((?:around )?\d+(?:\.\d+)?%\)[^.]{0,40}",
    r"[^.]{0,30}\b(?P<n>\d{1,2})(?:\.\d+)?% (?:completed|in planning|of the projects)[^.,]{0,30}",
)
_AS_OF: Final = re.compile(r"Report (?P<year>20\d\d) \(As of (?P<day>\d{1,2} [A-Z][a-z]+ 20\d\d)\)")
_EXHIBIT: Final = re.compile(r"Exhibit (?P<n>[1-3])\s?:")


class Statement(NamedTuple):
    """A number that the text of a page states."""

    value: int
    page: int
    words: str


@dataclass(frozen=True)
class Report:
    """A report as read.

    Attributes
    ----------
    path
        The file.
    sha256, size
        Hash and bytes of the file.
    texts
        Text of each page, from the first page on, white space joined.
    rows
        The rows of the appendix, as `appendix.read_appendix` gives them, without covered blanks.
    """

    path: Path
    sha256: str
    size: int
    texts: tuple[str, ...]
    rows: pd.DataFrame


def read(path: Path, say: Say = lambda _: None) -> Report:
    """Read a report.

    Parameters
    ----------
    path
        The PDF file.
    say
        Called with a line on each step.

    Returns
    -------
    Report
        Its text and the rows of its appendix.

    Raises
    ------
    SourceError
        If the file cannot be read, is no PDF, is encrypted or has no appendix table, or if what reads PDFs is not installed.
    """
    _need_readers()
    data = pdf_files.read(path)
    say(f"[1/2] the text of {path.name}")
    texts = tuple(_texts(path, data))
    say(f"[2/2] the appendix, {len(texts)} pages")
    rows = read_appendix(path, covered_blanks=False, progress=_every_tenth(say, len(texts)))
    return Report(path, hashlib.sha256(data).hexdigest(), len(data), texts, rows)


def _need_readers() -> None:
    try:
        import pdfplumber  # noqa: F401
        import pypdfium2  # noqa: F401
    except ImportError as problem:
        said = 'install both with: pip install "ascn-analysis[test]" (in a checkout: make setup)'
        raise SourceError(
            f"reading a PDF needs pdfplumber and pypdfium2, and {problem.name} is missing; {said}"
        ) from None


def _texts(path: Path, data: bytes) -> Iterator[str]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            for page in document:
                yield re.sub(r"\s+", " ", page.get_textpage().get_text_range())
    except pypdfium2.PdfiumError as problem:
        reason = "is encrypted" if "password" in str(problem).lower() else f"not readable as PDF ({problem})"
        raise SourceError(f"{path}: {reason}; expected a PDF file that opens without a password") from problem


def _every_tenth(say: Say, pages: int) -> Callable[[int], object]:
    return lambda page: say(f"      page {page} of {pages}") if page % 10 == 0 or page == pages else None


def totals(report: Report) -> list[Statement]:
    """Find where the text states the number of projects, by page, each number and wording once."""
    return _stated(report, _TOTALS)


def members(report: Report) -> list[Statement]:
    """Find where the text says to how many cities the membership has grown."""
    return _stated(report, (_MEMBERS,))


def shares(report: Report) -> list[Statement]:
    """Find where the text states shares of focus areas, and counts or shares of statuses."""
    return _stated(report, _SHARES)


def _stated(report: Report, patterns: tuple[str, ...]) -> list[Statement]:
    found = [
        Statement(int(match["n"]), page, match[0])
        for page, text in enumerate(report.texts, start=1)
        for pattern in patterns
        for match in re.finditer(pattern, text)
    ]
    return list(dict.fromkeys(found))


def own_date(report: Report) -> tuple[int, str] | None:
    """Return the year and the as-of date that the head of the pages prints, if all pages that have one print the same.

    Returns
    -------
    int, str or None
        Such as ``(2025, "2025-09-30")``.
    """
    heads = {(match["year"], match["day"]) for text in report.texts for match in _AS_OF.finditer(text)}
    if len(heads) != 1:
        return None
    year, day = heads.pop()
    try:
        return int(year), datetime.strptime(day, "%d %B %Y").date().isoformat()
    except ValueError:
        return None


def exhibit_pages(report: Report) -> dict[int, list[int]]:
    """Return the pages on which a caption of Exhibits 1 to 3 stands."""
    pages: dict[int, list[int]] = {1: [], 2: [], 3: []}
    for page, text in enumerate(report.texts, start=1):
        for number in sorted({int(match["n"]) for match in _EXHIBIT.finditer(text)}):
            pages[number].append(page)
    return pages


def search(report: Report, pattern: str) -> tuple[int, list[int]]:
    """Count the places of the text that a regular expression finds, and name their pages."""
    pages = [page for page, text in enumerate(report.texts, start=1) for _ in re.finditer(pattern, text)]
    return len(pages), sorted(set(pages))


def source_row(report: Report, year: int) -> dict[str, Any]:
    """Return the row of ``sources.csv`` as far as the file itself tells it; the rest is missing."""
    date = own_date(report)
    return {
        "source_id": f"me-{year}",
        "title": f"ASCN Monitoring and Evaluation Report {year}",
        "publisher": "ASEAN Secretariat",
        "as_of": date[1] if date else None,
        "file": f"ascn-monitoring-evaluation-{year}.pdf",
        "sha256": report.sha256,
        "bytes": report.size,
        "pages": len(report.texts),
        "grade": "primary",
    }
