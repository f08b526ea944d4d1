"""Registries of any size: project lists that an engine reads and checks without loading them into Python.

A registry is one CSV or Parquet file, or a folder of them, with the columns that `ascn_analysis.metrics` take. The engine
reads only what it is asked for; every check is an aggregate that it computes. What comes back is the engine's own
frame, lazy where the engine is, for the measures of `ascn_analysis.metrics`.
"""

from __future__ import annotations

import csv
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import narwhals as nw

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError, TableError
from ascn_analysis.measures import frames, packing

FIRST_YEAR: Final = 1967
"""The year in which ASEAN was founded: an earlier report is a slip."""
LAST_YEAR: Final = 2100
_ISO_DATE: Final = (
    r"^(?:(?:19|20|21)[0-9]{2}-(?:"
    r"(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29)$"
)
"""The days of the calendar from 1900 to 2199, in what the regular expressions of all engines have: no look-around, no group kept."""


@dataclass(frozen=True)
class Column:
    """What a column must hold."""

    whole: bool = False
    needed: bool = True
    known: tuple[str, ...] = ()


COLUMNS: Final[Mapping[str, Column]] = {
    "report_year": Column(whole=True),
    "project_id": Column(),
    "city_id": Column(),
    "iso3": Column(),
    "focus_area_id": Column(known=tuple(v.FOCUS_AREA_NAMES)),
    "status": Column(known=v.STATUS_SETS),
    "as_of": Column(),
    "list": Column(needed=False, known=v.LISTS),
    "joined_year": Column(whole=True, needed=False),
}
"""The columns of a registry; others are kept as they are. Those that are not needed may be absent, and serve `metrics.growth_parts`."""


def read(path: str | Path, engine: str) -> Any:
    """Read a registry into an engine, and check it there.

    Parameters
    ----------
    path
        A CSV or Parquet file, or a folder of files of one of the two kinds.
    engine
        ``"pandas"``, ``"polars"`` (a lazy frame), ``"duckdb"`` (a relation of the default connection), ``"dask"`` or
        ``"pyspark"`` (of the session that runs, or a new local one).

    Returns
    -------
    Frame
        All columns of the registry; those of `COLUMNS` as text or whole numbers, empty as missing.

    Raises
    ------
    AscnError
        If there is no such engine, or its library is not installed: the message says what to install.
    TableError
        If a file is missing or unreadable, a column is missing or of another type, or a value is not as expected: a missing key,
        a year out of range, an unknown focus area, status or list, a date that is no day of the calendar or not written ``2025-08-31``, or a
        project that a report lists twice. The message gives one such value and how many rows have one.
    """
    files = _files(Path(path), engine)
    frame = files.frame()
    rows = nw.from_native(frame)
    _check_columns(files.name, rows)
    _check_values(files, rows)
    _check_keys(files.name, rows)
    return frame


def given(frame: Any, engine: str) -> Any:
    """Give a pandas frame to an engine, as `read` would have read it.

    Raises
    ------
    AscnError
        If there is no such engine, or its library is not installed.
    """
    module = _module(engine)
    if engine == "pandas":
        return frame
    if engine == "dask":
        return module.from_pandas(frame, npartitions=1)
    table = _imported("pyarrow", "pyarrow", f"the engine {engine}").Table.from_pandas(frame, preserve_index=False)
    if engine == "polars":
        return module.from_arrow(table).lazy()
    return (
        module.from_arrow(table)
        if engine == "duckdb"
        else module.SparkSession.builder.getOrCreate().createDataFrame(table)
    )


# Files

Reader = Callable[[Any, list[str], dict[str, bool]], Any]


@dataclass(frozen=True)
class Files:
    """The files of a registry, the columns of all of them, and the engine that reads them."""

    name: str
    paths: list[str]
    kind: str
    columns: list[str]
    module: Any
    reader: Reader

    def frame(self, *paths: str) -> Any:
        """Return the frame of some files, by default of all."""
        try:
            return self.reader(self.module, list(paths) or self.paths, {} if self.kind == "parquet" else self._types())
        # Each engine raises errors of its own for what it cannot read.
        except Exception as problem:
            raise _unreadable(self.name, problem) from problem

    def _types(self) -> dict[str, bool]:
        return {name: name in COLUMNS and COLUMNS[name].whole for name in self.columns}


def _files(path: Path, engine: str) -> Files:
    module = _module(engine)
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in found if file.is_file() and file.suffix.lower() in (".csv", ".parquet")]
    kinds = {file.suffix.lower()[1:] for file in files}
    if len(kinds) != 1:
        problem = "there is no CSV or Parquet file" if not kinds else "CSV and Parquet files stand together"
        raise _error(path.name, problem, expected="one CSV or Parquet file, or a folder of files of one kind")
    kind = kinds.pop()
    return Files(path.name, [str(file) for file in files], kind, _header(files, kind), module, ENGINES[engine][2])


def _module(engine: str) -> Any:
    if engine not in ENGINES:
        raise AscnError(f"no engine {engine!r}; expected one of {', '.join(ENGINES)}")
    library, package, _ = ENGINES[engine]
    return _imported(library, package, f"the engine {engine}")


def _imported(library: str, package: str, what: str) -> Any:
    try:
        return importlib.import_module(library)
    except ImportError as problem:
        raise AscnError(f"{what} needs the package {package}; pip install '{package}'") from problem


def _header(files: Sequence[Path], kind: str) -> list[str]:
    """Return the column names: all files must have the same, or an engine would misplace or lose cells."""
    first: list[str] = []
    for file in files:
        names = _names(file, kind)
        first = first or names
        if names != first or len(set(names)) != len(names):
            problem = "the columns are not those of the first file, or one stands twice"
            raise _error(file.name, problem, expected=f"the columns {', '.join(first)}")
    return first


def _names(file: Path, kind: str) -> list[str]:
    parquet = _imported("pyarrow.parquet", "pyarrow", "a Parquet file") if kind == "parquet" else None
    try:
        if parquet:
            return list(parquet.read_schema(file).names)
        with file.open(encoding="utf-8-sig", newline="") as text:
            return next(csv.reader(text), [])
    except (OSError, ValueError, csv.Error) as problem:
        raise _unreadable(file.name, problem) from problem


def _unreadable(name: str, problem: Exception) -> TableError:
    said = (str(problem).splitlines() or [""])[0][:200] or type(problem).__name__
    return _error(name, f"cannot be read ({said})", expected="sound CSV (UTF-8, commas, a header) or Parquet files")


# Readers take a library, files, and the columns of CSV files, with whether they hold whole numbers.


def _read_pandas(pandas: Any, files: list[str], whole: dict[str, bool]) -> Any:
    if not whole:
        return pandas.concat([pandas.read_parquet(file) for file in files], ignore_index=True)
    parts = [pandas.read_csv(file, **_pandas_options(whole)) for file in files]
    return pandas.concat(parts, ignore_index=True)


def _pandas_options(whole: dict[str, bool]) -> dict[str, Any]:
    types = {name: "Int64" if number else "str" for name, number in whole.items()}
    return {"dtype": types, "keep_default_na": False, "na_values": [""], "encoding": "utf-8-sig"}


def _read_polars(polars: Any, files: list[str], whole: dict[str, bool]) -> Any:
    if not whole:
        return polars.scan_parquet(files)
    types = {name: polars.Int64 if number else polars.String for name, number in whole.items()}
    return polars.scan_csv(files, schema=types)


def _read_duckdb(duckdb: Any, files: list[str], whole: dict[str, bool]) -> Any:
    if not whole:
        return duckdb.read_parquet(files)
    types = {name: "BIGINT" if number else "VARCHAR" for name, number in whole.items()}
    return duckdb.read_csv(files, header=True, delimiter=",", quotechar='"', escapechar='"', columns=types)


def _read_dask(dask: Any, files: list[str], whole: dict[str, bool]) -> Any:
    if not whole:
        return dask.read_parquet(files)
    # One piece a file: Dask would cut a long file also at a line break inside a quoted cell.
    return dask.read_csv(files, blocksize=None, **_pandas_options(whole))


def _read_pyspark(sql: Any, files: list[str], whole: dict[str, bool]) -> Any:
    session = sql.SparkSession.builder.getOrCreate()
    if not whole:
        return session.read.parquet(*files)
    types = ", ".join(f"`{name}` {'BIGINT' if number else 'STRING'}" for name, number in whole.items())
    options = {"header": True, "escape": '"', "multiLine": True, "mode": "FAILFAST", "enforceSchema": False}
    return session.read.options(**options).schema(types).csv(files)


ENGINES: Final[Mapping[str, tuple[str, str, Reader]]] = {
    "pandas": ("pandas", "pandas", _read_pandas),
    "polars": ("polars", "polars", _read_polars),
    "duckdb": ("duckdb", "duckdb", _read_duckdb),
    "dask": ("dask.dataframe", "dask[dataframe]", _read_dask),
    "pyspark": ("pyspark.sql", "pyspark", _read_pyspark),
}
"""Engine to the module that it needs, the package that has it, and what reads files with it."""


# Checks


def _check_columns(name: str, rows: Any) -> None:
    try:
        schema = rows.collect_schema()
    # Engines look into the files here at the latest.
    except Exception as problem:
        raise _unreadable(name, problem) from problem
    for column, wanted in COLUMNS.items():
        if column not in schema:
            if wanted.needed:
                raise _error(name, "a column is missing", column=column, expected=f"the columns {_needed()}")
            continue
        dtype = schema[column]
        if not (dtype.is_integer() if wanted.whole else dtype in (nw.String, nw.Categorical, nw.Enum)):
            words = "whole numbers" if wanted.whole else "text"
            raise _error(name, f"the column is of type {dtype}", column=column, expected=words)


def _needed() -> str:
    return ", ".join(name for name, column in COLUMNS.items() if column.needed)


def _rules(names: list[str]) -> Iterator[tuple[str, Any, str]]:
    """Yield column, the condition under which a value is wrong, and what was expected."""
    for name in names:
        column = nw.col(name)
        if not COLUMNS[name].needed:
            continue
        yield name, column.is_null(), "a value in every row"
    for name in names:
        column, wanted = nw.col(name), COLUMNS[name]
        if wanted.whole:
            yield name, (column < FIRST_YEAR) | (column > LAST_YEAR), f"a year from {FIRST_YEAR} to {LAST_YEAR}"
        elif wanted.known:
            yield name, ~column.is_null() & ~column.is_in(list(wanted.known)), f"one of {', '.join(wanted.known)}"
    yield "as_of", ~nw.col("as_of").str.contains(_ISO_DATE), "a date such as 2025-08-31"


def _check_values(files: Files, rows: Any) -> None:
    """Count the wrong values of all columns at once; look one up only where there are any."""
    rules = list(_rules([column for column in COLUMNS if column in rows.collect_schema()]))
    counted = _counted(files.name, rows, [wrong for _, wrong, _ in rules])
    for n, (column, wrong, expected) in zip(counted, rules, strict=True):
        if n:
            name, bad = _first_with(files, wrong) if len(files.paths) > 1 else (files.name, rows.filter(wrong))
            ((value,),) = frames.tuples(_collected(name, bad.select(column).head(1)))
            problem = f"{n:,} rows have {'no value' if value is None else 'a value that is not as expected'}"
            raise _error(name, problem, column=column, value=value, expected=expected)


def _counted(name: str, rows: Any, conditions: Sequence[Any]) -> list[int]:
    """Count the rows under each of some conditions."""
    names = [f"condition {i}" for i in range(len(conditions))]
    flags = [
        nw.when(met).then(nw.lit(1)).otherwise(nw.lit(0)).alias(x) for met, x in zip(conditions, names, strict=True)
    ]
    counted = _collected(name, rows.select(*flags).select(nw.col(*names).sum()))
    return [int(counted[x][0] or 0) for x in names]


def _first_with(files: Files, wrong: Any) -> tuple[str, Any]:
    """Find the first file with a wrong value, and its wrong rows."""
    for path in files.paths:
        rows = nw.from_native(files.frame(path))
        if _counted(Path(path).name, rows, [wrong])[0]:
            return f"{files.name}/{Path(path).name}", rows.filter(wrong)
    return files.name, nw.from_native(files.frame()).filter(wrong)


def _check_keys(name: str, rows: Any) -> None:
    """Find projects that a report lists twice."""
    keys = ["report_year", "project_id"]
    years = sorted(year for (year,) in frames.tuples(rows.select("report_year").unique()))
    if not packing.repeats(rows, years):
        return
    doubled = rows.group_by(keys).agg(nw.len().alias("n")).filter(nw.col("n") > 1)
    found = _collected(name, doubled.select(nw.len().alias("n")))["n"][0]
    ((year, project),) = frames.tuples(_collected(name, doubled.select(keys).head(1)))
    problem = f"{found:,} projects stand more than once in a report, such as in {year}"
    raise _error(name, problem, column="project_id", value=project, expected="each project once a report")


def _collected(name: str, rows: Any) -> Any:
    try:
        return rows.collect() if isinstance(rows, nw.LazyFrame) else rows
    # What is wrong with a file may show only when its rows are read.
    except Exception as problem:
        raise _unreadable(name, problem) from problem


def _error(name: str, problem: str, *, column: str = "", value: object = None, expected: str) -> TableError:
    return TableError(name, problem, row=None, column=column, value=value, expected=expected)
