"""Files of one's own to frames: a CSV file as text, line by line, or a Parquet file; or one clear error.

The loaders of the record take one form of CSV only. A list of one's own may come from any spreadsheet: with a
byte-order mark, with semicolons or tabs, with Windows line ends. Everything else is as strict.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis.errors import AscnError, TableError

MAX_BYTES: Final = 2 * 1024**3
MAX_ROWS: Final = 5_000_000
MAX_COLUMNS: Final = 1_000
MAX_UNPACKED: Final = 50
"""How many times its own size a Parquet file may unpack to, beyond the first 64 MB."""
CELL_LIMIT: Final = 131_072
"""Characters of a cell, as in the loaders."""
_BLOCK: Final = 10_000
_Row = tuple[int, list[str]]


def read(path: str | Path) -> pd.DataFrame:
    """Read a list of projects from a CSV or Parquet file.

    Parameters
    ----------
    path
        A CSV file in UTF-8 (with a byte-order mark or not; comma, semicolon or tab) or a Parquet file.

    Returns
    -------
    DataFrame
        One row a project and report. CSV: every cell as text, exactly as printed, with the line of the file as the
        index. Parquet: typed as in the file, rows numbered from 1. Empty cells are missing.

    Raises
    ------
    TableError
        If the file is missing, has more than 2 GiB, 5 million rows or 1,000 columns, unpacks to far more, is not UTF-8, has a NUL, an empty or doubled
        column name, a row that is not as wide as the header, or a cell of more than 131 072 characters; or is no sound
        Parquet file.
    AscnError
        If the file is Parquet and pyarrow is not installed.
    """
    path = Path(path)
    try:
        _check_size(path.name, path.stat().st_size)
        if not path.is_file():
            raise _refused(path.name, "not a file", "a CSV or Parquet file")
        content = path.read_bytes()
    except FileNotFoundError as problem:
        raise _refused(path.name, "the file is missing", "a CSV or Parquet file") from problem
    except (OSError, ValueError) as problem:
        raise _refused(path.name, f"cannot be read ({problem})", "a CSV or Parquet file") from problem
    return read_bytes(path.name, content)


def read_bytes(name: str, content: bytes | bytearray | memoryview) -> pd.DataFrame:
    """Read a list of projects from the bytes of a file, such as an upload.

    Parameters
    ----------
    name
        Name of the file, for messages; the content tells whether it is Parquet.
    content
        All of the file.

    Returns
    -------
    DataFrame
        As `read`.

    Raises
    ------
    TableError, AscnError
        As `read`.
    """
    _check_size(name, content.nbytes if isinstance(content, memoryview) else len(content))
    content = bytes(content)
    if content.startswith(b"PAR1") and content.endswith(b"PAR1"):
        return _read_parquet(name, content)
    if name.lower().endswith((".parquet", ".pq")):
        raise _refused(name, "not a whole Parquet file", "PAR1 as its first and last four bytes")
    if content.startswith(b"PK\x03\x04"):
        raise _refused(name, "a workbook or an archive", "a table: save the sheet as CSV (UTF-8)")
    return _read_csv(name, content)


def _refused(
    name: str, problem: str, expected: str, row: int | None = None, column: str = "", value: object = None
) -> TableError:
    return TableError(name, problem, row=row, column=column, value=value, expected=expected)


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise _refused(name, "the file is too large", f"at most {MAX_BYTES:,} bytes (2 GiB)", value=size)


def _check_names(name: str, header: Sequence[str], row: int | None) -> None:
    """Refuse columns that are too many, or could not be told apart."""
    if len(header) > MAX_COLUMNS:
        raise _refused(name, "too many columns", f"at most {MAX_COLUMNS:,} columns", row, value=len(header))
    if max(map(len, header), default=0) > CELL_LIMIT:
        raise _refused(name, "a column name is too long", f"at most {CELL_LIMIT:,} characters", row)
    counted = Counter(header)
    for column in header:
        if not column.strip() or counted[column] > 1:
            raise _refused(name, "a column name is empty or doubled", "each name once", row, column, column)


def _read_csv(name: str, content: bytes) -> pd.DataFrame:
    at = content.find(b"\0")
    if at >= 0:
        raise _refused(name, "a NUL character", "text in UTF-8", content.count(b"\n", 0, at) + 1, value="\0")
    rows = _rows(name, content, _delimiter(name, content))
    line, header = next(rows, (1, []))
    if not header:
        raise _refused(name, "the file is empty", "a header line", 1)
    _check_names(name, header, line)
    parts, count = [_frame(name, header, [])], 0
    while block := list(islice(rows, _BLOCK)):
        count += len(block)
        _check_length(name, count)
        parts.append(_frame(name, header, block))
    return pd.concat(parts)


def _text(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")


def _delimiter(name: str, content: bytes) -> str:
    """Return what splits the header into the most cells; the comma where there is nothing to choose."""
    return max(",;\t", key=lambda delimiter: _width(content, delimiter))


def _width(content: bytes, delimiter: str) -> int:
    """Return the cells of the first row; 0 where it is not readable, which the reader then says."""
    try:
        return len(next(filter(None, csv.reader(_text(content), delimiter=delimiter, strict=True)), []))
    except (csv.Error, UnicodeDecodeError):
        return 0


def _rows(name: str, content: bytes, delimiter: str) -> Iterator[_Row]:
    """Yield each row that has a cell, with the line on which it begins."""
    reader = csv.reader(_text(content), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        raise _refused(name, f"not readable as CSV ({problem})", "separated values", line) from problem
    except UnicodeDecodeError as problem:
        raise _not_utf8(name, content) from problem


def _not_utf8(name: str, content: bytes) -> TableError:
    """Find the line again: the decoder counts from wherever its last piece began."""
    for line, text in enumerate(io.BytesIO(content), start=1):
        try:
            text.decode()
        except UnicodeDecodeError as problem:
            value = text[problem.start : problem.start + 4]
            return _refused(name, "the text is not UTF-8", "UTF-8 (in Excel: CSV UTF-8)", line, value=value)
    return _refused(name, "the text is not UTF-8", "UTF-8 (in Excel: CSV UTF-8)")


def _frame(name: str, header: list[str], block: list[_Row]) -> pd.DataFrame:
    """Build a frame of text from rows, column by column."""
    for line, row in block:
        if len(row) != len(header):
            expected = f"{len(header)} cells"
            raise _refused(name, "the row is not as wide as the header", expected, line, value=len(row))
    lines = [line for line, _ in block]
    columns = list(zip(*(row for _, row in block), strict=True)) if block else [()] * len(header)
    for column, cells in zip(header, columns, strict=True):
        # The csv module's own limit is a setting that other packages raise for the whole process.
        if max(map(len, cells), default=0) > CELL_LIMIT:
            line = next(line for line, cell in zip(lines, cells, strict=True) if len(cell) > CELL_LIMIT)
            raise _refused(name, "a cell is too long", f"at most {CELL_LIMIT:,} characters", line, column)
    texts = {column: pd.array(cells, dtype="str") for column, cells in zip(header, columns, strict=True)}
    frame = pd.DataFrame(texts, index=pd.Index(lines, name="line", dtype="int64"))
    return frame.where(frame != "")


def _read_parquet(name: str, content: bytes) -> pd.DataFrame:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as problem:
        way_out = "pip install pyarrow, or save the list as CSV (UTF-8)"
        raise AscnError(f"{name}: to read Parquet the package pyarrow is needed; {way_out}") from problem
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        rows, names = file.metadata.num_rows, list(file.schema_arrow.names)
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        _check_size(name, size)
        _check_length(name, rows)
        _check_names(name, names, None)
        frame = _unpacked(name, content, file)
    except AscnError:
        raise
    # A damaged file makes the reader raise whatever it stumbles over.
    except Exception as problem:
        said = (str(problem).splitlines() or [""])[0] or type(problem).__name__
        raise _refused(name, f"not readable as Parquet ({said})", "a sound Parquet file") from problem
    return _as_csv_would(name, frame)


def _unpacked(name: str, content: bytes, file: Any) -> pd.DataFrame:
    """Read the columns, unless they are nested or unpack to far more than the file: repeated cells take no room in it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = file.schema_arrow
    for column in schema:
        if pa.types.is_nested(column.type):
            raise _refused(name, f"a column is nested ({column.type})", "text, numbers and dates", None, column.name)
    most = max(64_000_000, MAX_UNPACKED * len(content))
    _check_unpacked(name, file.metadata.num_rows * len(schema) * 8, most)
    texts = [column.name for column in schema if _is_text(column.type)]
    table = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts).read()
    _check_unpacked(name, sum(_unpacked_size(column) for column in table.columns), most)
    table = table.cast(schema)
    table.validate(full=True)
    return table.to_pandas(ignore_metadata=True)


def _is_text(kind: Any) -> bool:
    import pyarrow.types as kinds

    return any(is_kind(kind) for is_kind in (kinds.is_string, kinds.is_large_string, kinds.is_binary, kinds.is_large_binary))  # fmt: skip


def _check_unpacked(name: str, size: int, most: int) -> None:
    if size > most:
        raise _refused(name, "the file unpacks to far more than it holds", f"at most {most:,} bytes", value=size)


def _unpacked_size(column: Any) -> int:
    """Return the bytes of a column with each cell written out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return int(max(column.nbytes, 8 * len(column)))
    sizes = (pc.sum(pc.take(pc.binary_length(part.dictionary), part.indices)).as_py() or 0 for part in column.chunks)
    return sum(sizes) + 8 * len(column)


def _check_length(name: str, rows: int) -> None:
    if rows > MAX_ROWS:
        raise _refused(name, "the list is too long", f"at most {MAX_ROWS:,} rows", value=rows)


def _as_csv_would(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the rows numbers from 1, take empty text for missing and refuse cells that are too long."""
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"), axis="index")
    for column in frame.columns:
        if frame[column].dtype == "str":
            long = frame[column].str.len() > CELL_LIMIT
            if long.any():
                expected = f"at most {CELL_LIMIT:,} characters"
                raise _refused(name, "a cell is too long", expected, int(long.idxmax()), column)
            frame[column] = frame[column].where(frame[column] != "")
    return frame
