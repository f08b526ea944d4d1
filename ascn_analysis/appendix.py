"""Read the appendix tables of a Monitoring & Evaluation report from its PDF.

The appendix is set as a five-column table (No., Country, City, Project, Focus Area). Its ruling lines are broken
in places, so the columns are found from where words begin, and a word belongs to the numbered row nearest to it.
The country stands only on the first row of its block; it is carried down, also over a page break.

Needs pdfplumber (``pip install "ascn-analysis[test]"``). Nothing else in the package reads PDFs.
"""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ascn_analysis import pdf_files
from ascn_analysis.errors import SourceError

COLUMNS = ("number", "country_printed", "city_printed", "project_printed", "focus_area_printed")
_GAP = 7.0  # points of white space that separate two cells; words of one cell stand closer than 4
_LINE = 3.0  # points by which the tops of words on one line may differ
_FOOTER = 60.0  # points at the foot of a page that hold its printed number
_HEADER = re.compile(r"^No\.\s+Country\s+City\s+Project\s+Focus Area$", re.MULTILINE)
_NUMBER = re.compile(r"^\d{1,3}\.?$")


def read_appendix(
    pdf: str | Path, *, covered_blanks: bool = True, progress: Callable[[int], object] = lambda _: None
) -> pd.DataFrame:
    """Return every row of the appendix of a report, in print order.

    Parameters
    ----------
    pdf
        Path of a Monitoring & Evaluation report.
    covered_blanks
        Whether a blank that lies under a letter parts words, as it does in the text layer. A reader of the page does not
        see it: the report of 2025 has one in "Viet Nam". The committed reading by a program keeps it; a draft does not.
    progress
        Called with the number of each page that was looked at.

    Returns
    -------
    DataFrame
        One row per printed row: ``list`` (``all``, ``ongoing_or_planning`` or ``completed``), ``row_no``,
        ``country_printed`` (carried down from the first row of its block), ``city_printed``,
        ``project_printed``, ``focus_area_printed`` and ``page`` (1-based, of the PDF file).

    Raises
    ------
    SourceError
        If no appendix is found, or the row numbers of a list do not run from 1 without a gap.
    """
    content = pdf_files.read(pdf)
    try:
        rows = _carry_country(_rows(Path(pdf), content, covered_blanks, progress))
    except SourceError:
        raise
    except Exception as problem:  # a damaged PDF fails in the reader with errors of any kind
        raise SourceError(f"{pdf}: {pdf_files.unreadable(problem)}") from problem
    if not rows:
        raise SourceError(
            f"{pdf}: no appendix table found (expected a page headed 'No. Country City Project Focus Area')"
        )
    frame = pd.DataFrame(rows)
    for name, part in frame.groupby("list", sort=False):
        _check_numbers(Path(pdf), str(name), part["row_no"].tolist())
    return frame


def _check_numbers(pdf: Path, name: str, numbers: list[int]) -> None:
    for expected, found in enumerate(numbers, start=1):
        if found != expected:
            raise SourceError(f"{pdf}: list {name}: row number {found} where {expected} was expected")


def _rows(
    pdf: Path, content: bytes, covered_blanks: bool, progress: Callable[[int], object]
) -> Iterator[dict[str, Any]]:
    import pdfplumber

    current, texts, words = "all", dict[int, str](), dict[int, list[dict[str, Any]]]()
    with pdfplumber.open(io.BytesIO(content)) as document:
        for page in document.pages:
            pdf_files.check_characters(pdf, page)
            text = page.extract_text() or ""
            if _HEADER.search(text):
                texts[page.page_number], words[page.page_number] = text, _table_words(page, covered_blanks)
            progress(page.page_number)
    anchors = _anchors([word for part in words.values() for word in _cell_starts(part)])
    if texts and len(anchors) < len(COLUMNS):
        raise SourceError(f"{pdf}: the table shows {len(anchors)} columns; expected {', '.join(COLUMNS)}")
    for number in texts:
        current = _list_name(texts[number], current)
        for row in _page_rows(words[number], anchors):
            yield {"list": current, **row, "page": number}


def _list_name(text: str, current: str) -> str:
    if re.search(r"^A\. +List of", text, re.MULTILINE):
        return "ongoing_or_planning"
    return "completed" if re.search(r"^B\. +List of", text, re.MULTILINE) else current


def _table_words(page: Any, covered_blanks: bool) -> list[dict[str, Any]]:
    words = (page if covered_blanks else _without_covered_blanks(page)).extract_words(x_tolerance=3)
    header = next(w["bottom"] for w in words if w["text"] == "No.")
    return [w for w in words if header < w["top"] < page.height - _FOOTER]


def _without_covered_blanks(page: Any) -> Any:
    """Leave out blanks that lie under a letter of the same line."""
    letters = defaultdict(list)
    for char in page.chars:
        if not char["text"].isspace():
            letters[round(char["top"] / _LINE)].append((char["top"], char["x0"], char["x1"]))

    def stays(thing: dict[str, Any]) -> bool:
        if thing["object_type"] != "char" or not thing["text"].isspace():
            return True
        line, middle = round(thing["top"] / _LINE), (thing["x0"] + thing["x1"]) / 2
        near = (letter for key in (line - 1, line, line + 1) for letter in letters[key])
        return not any(abs(top - thing["top"]) < _LINE and x0 < middle < x1 for top, x0, x1 in near)

    return page.filter(stays)


def _page_rows(words: list[dict[str, Any]], anchors: list[float]) -> list[dict[str, Any]]:
    numbers = [w for w in words if w["x0"] < anchors[1] - 2 and _NUMBER.match(w["text"])]
    cells: dict[int, list[list[dict[str, Any]]]] = {i: [[] for _ in anchors] for i in range(len(numbers))}
    for word in words if numbers else ():
        column = max((i for i, x in enumerate(anchors) if word["x0"] >= x - 2), default=0)
        cells[_nearest(word, numbers)][column].append(word)
    return [_row(cells[i]) for i in range(len(numbers))]


def _anchors(cell_starts: list[dict[str, Any]]) -> list[float]:
    """Return the left edge of each of the five columns: the commonest places where a cell begins."""
    starts = Counter(round(w["x0"]) for w in cell_starts)
    merged: dict[int, int] = {}
    for x, n in sorted(starts.items()):
        near = next((m for m in merged if abs(m - x) <= 8), x)
        merged[near] = merged.get(near, 0) + n
    return [float(x) for x in sorted(sorted(merged, key=lambda x: -merged[x])[: len(COLUMNS)])]


def _cell_starts(words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the words with nothing on the same line close to their left."""

    def touches(left: dict[str, Any], word: dict[str, Any]) -> bool:
        return abs(left["top"] - word["top"]) < _LINE and 0 <= word["x0"] - left["x1"] < _GAP

    return [word for word in words if not any(touches(left, word) for left in words)]


def _nearest(word: dict[str, Any], numbers: list[dict[str, Any]]) -> int:
    return min(range(len(numbers)), key=lambda i: abs(numbers[i]["top"] - word["top"]))


def _row(cells: list[list[dict[str, Any]]]) -> dict[str, Any]:
    values = dict(zip(COLUMNS, (_text(cell) for cell in cells), strict=True))
    return {"row_no": int(values.pop("number").rstrip(".")), **values}


def _text(words: Iterable[dict[str, Any]]) -> str:
    return " ".join(w["text"] for w in sorted(words, key=lambda w: (round(w["top"]), w["x0"])))


def _carry_country(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = []
    for row in rows:
        if not row["country_printed"] and done:
            row["country_printed"] = done[-1]["country_printed"]
        done.append(row)
    return done
