"""The record against the official PDFs: hashes, and whether each printed text stands on the page that a row cites.

Needs pdfplumber and the PDFs, which are not part of the project. What only a picture shows cannot be looked up in the
text of a page; such rows are counted and named by table.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from ascn_analysis import loaders, pdf_files
from ascn_analysis.errors import SourceError

Say = Callable[[str], None]

PRINTED: Final = {
    "project_reports": ("project_printed", "city_printed", "focus_area_printed"),
    "stated_figures": ("printed",),
    "action_plan_cities": ("population_printed", "land_area_printed", "density_printed"),
    "action_plan_focus_areas": ("label_printed",),
    "action_plan_projects": ("title_printed",),
    "framework": ("element",),
}
"""Tables to the columns whose text must stand on the page that the row cites (a country stands on its block's first row only)."""

PICTURES: Final = ("exhibit_status", "exhibit_sub_areas", "exhibit_country_status", "exhibit_rings", "stated_figures")


@dataclass(frozen=True)
class Outcome:
    """What the check of one document found."""

    source_id: str
    copy: str
    rows: int
    absent: tuple[str, ...]


def check(folder: Path, data: loaders.Folder = None, say: Say = lambda _: None) -> list[Outcome]:
    """Check the PDFs of a folder against ``sources.csv``, and the rows that cite them against their pages.

    Parameters
    ----------
    folder
        Folder of the official PDFs, under the names of ``sources.csv``.
    data
        Folder of the tables; by default the record that came with the package.
    say
        Called with one line of progress per document.

    Returns
    -------
    list of Outcome
        Per document: whether the copy is the one that was read (``same copy`` or ``another copy``), how many printed texts were
        looked up, and those that are not on their page.

    Raises
    ------
    SourceError
        If a PDF is missing (names all, and where to get them) or cannot be read.
    """
    sources = loaders.load_sources(data)
    sources = sources[sources["file"].notna()]
    missing = [row for row in sources.itertuples() if not (folder / row.file).is_file()]
    if missing:
        said = "; ".join(f"{row.file} (from {row.url})" for row in missing)
        raise SourceError(f"{folder}: missing {said}; expected every PDF of sources.csv")
    tables = {name: loaders.read_table(name, data) for name in PRINTED}
    outcomes = []
    for number, row in enumerate(sources.itertuples(), start=1):
        say(f"[{number}/{len(sources)}] {row.file}")
        outcomes.append(_check_one(folder / row.file, str(row.source_id), str(row.sha256), tables))
    return outcomes


def from_pictures(data: loaders.Folder = None) -> dict[str, list[int]]:
    """Return the rows that only a picture supports: table name to line numbers of its file."""
    tables = {name: loaders.read_table(name, data) for name in PICTURES}
    return {
        name: [int(line) for line in frame.index[frame["read_from"] == "picture"]] for name, frame in tables.items()
    }


def spell_lines(lines: list[int]) -> str:
    """Spell line numbers as ranges.

    Examples
    --------
    >>> spell_lines([2, 3, 4, 9])
    '2-4, 9'
    """
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _check_one(pdf: Path, source_id: str, sha256: str, tables: dict[str, pd.DataFrame]) -> Outcome:
    content = pdf_files.read(pdf)
    same = hashlib.sha256(content).hexdigest() == sha256
    cited = list(_cited(source_id, tables))
    pages = _texts(pdf, content, {page for page, _, _ in cited})
    absent = tuple(
        f"{where}, page {page}: {text!r}" for page, where, text in cited if not stands(text, pages.get(page, ""))
    )
    return Outcome(source_id, "same copy" if same else "another copy", len(cited), absent)


def _cited(source_id: str, tables: dict[str, pd.DataFrame]) -> Iterator[tuple[int, str, str]]:
    """Yield page, place in the record and printed text of each text that a document must hold."""
    for name, columns in PRINTED.items():
        rows = tables[name][tables[name]["source_id"] == source_id]
        if "read_from" in rows:
            rows = rows[rows["read_from"] == "text"]
        for column in columns:
            for index, text in rows[column].dropna().items():
                yield int(rows.at[index, "page"]), f"{name}.csv row {index}, {column}", str(text)


def _texts(pdf: Path, content: bytes, pages: set[int]) -> dict[int, str]:
    import pdfplumber

    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            wanted = [page for page in document.pages if page.page_number in pages]
            for page in wanted:
                pdf_files.check_characters(pdf, page)
            # As set and as drawn: in one of the two orders a text that crosses columns stays whole.
            return {
                page.page_number: f"{page.extract_text()}\n{page.extract_text(use_text_flow=True)}" for page in wanted
            }
    except SourceError:
        raise
    except Exception as problem:  # a damaged PDF fails in the reader with errors of any kind
        raise SourceError(f"{pdf}: {pdf_files.unreadable(problem)}") from problem


def stands(text: str, page: str) -> bool:
    """Say whether a printed text stands on a page.

    Letters and digits count, white space, punctuation and the unit km2 do not. Words must follow each other as printed; a text
    of six letters or more may be spaced otherwise; and where columns of a page are mixed line by line in the text layer,
    it is enough that every word stands on the page. A number is never found inside a longer number.

    Examples
    --------
    >>> stands("Waste-Wise Cities", "Waste - Wise  Cities for Sustainability"), stands("5 %", "25 %")
    (True, False)
    """
    words, there = _words(text), _words(page)
    if not words:
        return False
    together, all_there = " ".join(words), f" {' '.join(there)} "
    spaced_otherwise = sum(map(str.isalpha, together)) >= 6 and "".join(words) in "".join(there)
    return f" {together} " in all_there or spaced_otherwise or set(words) <= set(there)


def _words(text: str) -> list[str]:
    without_unit = re.sub(r"km\s*[²2]?(?![0-9a-z])", " ", text)  # the raised 2 stands on a line of its own
    return re.findall(r"[^\W_]+(?:[.,][0-9]+)*", without_unit.casefold())
