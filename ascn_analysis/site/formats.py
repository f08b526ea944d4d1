"""A table of the record in three formats, and files as one archive; the same input gives the same bytes.

CSV and XLSX are made to be opened by hand, so text that a spreadsheet would take for a formula gets an apostrophe
(`safe.defuse`). Numbers never do: they stand in CSV to the letter as in ``data/``. Parquet is exactly the loaded table.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders, package
from ascn_analysis.safe import defused
from ascn_analysis.schemas import Table

KINDS: Final = {"int64": "whole number", "Int64": "whole number", "float64": "number"}
"""Types of columns in words; every other type is text."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_WIDEST: Final = 60  # characters
Lines = Sequence[tuple[str, str]]


def kind(table: Table, column: str) -> str:
    """Return the type of a column in words: ``text``, ``number`` or ``whole number``."""
    return KINDS.get(str(table.columns[column].dtype), "text")


def to_csv(table: Table, folder: Path = loaders.DATA) -> bytes:
    """Write a table as CSV: the cells of ``data/`` to the letter, text that begins like a formula defused.

    Raises
    ------
    TableError
        If the file is missing or is not readable as CSV.
    """
    printed = loaders.read_strings(folder / f"{table.name}.csv")
    texts = [name for name in table.columns if kind(table, name) == "text"]
    safe = defused(printed[texts])
    return package.to_csv(printed.assign(**{name: safe[name] for name in texts})).encode()


def to_parquet(frame: pd.DataFrame, about: Lines) -> bytes:
    """Write a table as Parquet, exactly as loaded; `about` goes into the file's own description."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    described = {**(table.schema.metadata or {}), b"about": json.dumps(dict(about), ensure_ascii=False).encode()}
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(described), file, compression="zstd")
    return file.getvalue()


def to_xlsx(frame: pd.DataFrame, table: Table, about: Lines, created: datetime) -> bytes:
    """Write a table as a workbook: one sheet of data, and one that tells source, licence and columns.

    Parameters
    ----------
    frame
        The table as loaded: numbers become numbers, text becomes text, unknown cells stay empty.
    table
        What the columns mean.
    about
        Pairs of a label and a text for the second sheet.
    created
        The date that the file gives as its own.
    """
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": table.name, "created": created})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        _data_sheet(book.add_worksheet(table.name), defused(frame), bold)
        meanings = [(name, column.description) for name, column in table.columns.items()]
        _about_sheet(book.add_worksheet("about"), [*about, *meanings], bold, wrapped)
    return file.getvalue()


def _data_sheet(sheet: Any, frame: pd.DataFrame, bold: Any) -> None:
    for column, name in enumerate(frame.columns):
        cells = frame[name].astype("object")
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        sheet.write_string(0, column, name, bold)
        for row, value in enumerate(cells, start=1):
            if not pd.isna(value):
                # Named by type: `write` would guess, and take text for a formula, a number or a link.
                (sheet.write_number if numeric else sheet.write_string)(row, column, value)
        sheet.set_column(column, column, _width([name, *cells.dropna().astype("str")]))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _about_sheet(sheet: Any, lines: Lines, bold: Any, wrapped: Any) -> None:
    for row, (label, text) in enumerate(lines):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, text, wrapped)
    sheet.set_column(0, 0, _width([label for label, _ in lines]))
    sheet.set_column(1, 1, 90)


def _width(texts: Sequence[str]) -> int:
    return min(_WIDEST, max(map(len, texts))) + 2


def to_zip(files: Mapping[str, bytes]) -> bytes:
    """Pack files, sorted by name, without dates."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, files[name])
    return archive.getvalue()
