"""Files to checked DataFrames: every table of the record, read strictly, or one clear error.

A loader reads one file of ``data/``, checks it against its schema and returns it. It accepts a byte-order mark and
Windows line ends. Everything else that is not as the schema says raises `TableError`, which names the file, the line, the column,
the value and what was expected. Empty cells are unknown and come back as missing values, never as zero.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ascn_analysis import descriptor
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError, TableError
from ascn_analysis.reading import read_regular

if TYPE_CHECKING:
    import geopandas as gpd

    from ascn_analysis.schemas import Table

Folder = str | Path | None

_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_CELL_LIMIT = 131_072  # characters
_MOST_BYTES = 8_000_000
_MOST_COLUMNS = 1_000
_MOST_ERRORS = 1_000  # of one table
_MOST_POINTS = 100_000  # of all boundaries
_INSTALLED = Path(__file__).parent / "data"
_OWN = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "data"
DATA = Path(os.environ["ASCN_DATA"]).resolve() if os.environ.get("ASCN_DATA") else _OWN
"""The folder of tables: the one that the environment variable ``ASCN_DATA`` names when the package is imported, which kernels and
the site inherit, or else the one that came with the package (inside an installed wheel, beside it in a checkout)."""


def load_table(name: str, folder: Folder = None) -> pd.DataFrame:
    """Read and check one table of the record.

    Parameters
    ----------
    name
        Name of the table, such as ``"cities"``; `schemas.TABLES` lists all.
    folder
        Folder that holds the CSV files; by default the data that came with the package.

    Returns
    -------
    DataFrame
        One row per line of the file, columns in file order, typed as the schema says.

    Raises
    ------
    TableError
        If the file is missing, is not UTF-8, is not rectangular, or breaks its schema.
    """
    return read_table(name, folder).reset_index(drop=True)


def read_table(name: str, folder: Folder = None) -> pd.DataFrame:
    """Read and check one table as `load_table` does, but keep the line numbers of the file as the index.

    Raises
    ------
    TableError
        As `load_table`.
    AscnError
        If there is no table of that name.
    """
    from ascn_analysis.schemas import TABLES

    if name not in TABLES:
        raise AscnError(f"no table {name!r}; expected one of {', '.join(TABLES)}")
    path = Path(folder or DATA) / f"{name}.csv"
    # A copy is cheap (pandas copies on write), and a change to it never reaches the next reader.
    return _read_once(path, name, _stamp(path)).copy(deep=False)


@lru_cache(maxsize=64)
def _read_once(path: Path, name: str, _: tuple[int, ...]) -> pd.DataFrame:
    from ascn_analysis.schemas import TABLES

    return check_frame(read_strings(path), TABLES[name])


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file does: its number, size, and time of change."""
    try:
        now = path.stat()
    except OSError:
        return ()
    return (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


def read_strings(path: Path) -> pd.DataFrame:
    """Read a CSV file as text, with empty cells as missing values and line numbers as the index.

    Raises
    ------
    TableError
        If the file is missing, is not UTF-8, has a NUL, has an empty or doubled header, or a row is too short or long.
    """
    rows = list(_lines(path))
    if not rows:
        raise _error(path, "the file is empty", 1, "", None, "a header line")
    header = rows[0][1]
    if len(header) > _MOST_COLUMNS:
        raise _error(path, "too many columns", 1, "", len(header), f"at most {_MOST_COLUMNS:,}")
    times = Counter(header)
    for column in header:
        if not column or times[column] > 1:
            raise _error(path, "a column name is empty or doubled", 1, column, column, "each name once")
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            raise _error(path, "the row is not as wide as the header", line, "", len(cells), f"{len(header)} cells")
    index = pd.Index([line for line, _ in rows[1:]], name="line", dtype="int64")
    frame = pd.DataFrame([cells for _, cells in rows[1:]], index=index, columns=header, dtype="str")
    return frame.where(frame != "")


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_decode(path), newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    first = 1
    try:
        for cells in reader:
            # The module's own limit is a setting that other packages raise for the whole process.
            if max(map(len, cells), default=0) > _CELL_LIMIT:
                raise csv.Error(f"field larger than field limit ({_CELL_LIMIT})")
            lines.append((first, cells))
            first = reader.line_num + 1
    except csv.Error as problem:
        raise _error(path, f"not readable as CSV ({problem})", first, "", None, "comma-separated values") from problem
    return [(line, cells) for line, cells in lines if cells]


def _decode(path: Path) -> str:
    try:
        data = read_regular(path, _MOST_BYTES)
    except OSError as problem:
        reason = (
            "the file is missing" if isinstance(problem, FileNotFoundError) else f"cannot be read ({problem.strerror})"
        )
        raise _error(path, reason, None, "", None, "a readable CSV file") from problem
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        value = data[problem.start : problem.start + 4]
        raise _error(path, "the text is not UTF-8", line, "", value, "UTF-8") from problem
    if "\0" in text:
        raise _error(path, "a NUL character", text.count("\n", 0, text.index("\0")) + 1, "", "\0", "text")
    return text


def _error(path: Path, problem: str, row: int | None, column: str, value: object, expected: str) -> TableError:
    return TableError(path.name, problem, row=row, column=column, value=value, expected=expected)


def check_frame(raw: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Check a frame of text against a table's schema and return it typed, with the same index.

    Parameters
    ----------
    raw
        Cells as text, missing where empty; the index holds line numbers.
    table
        What the frame must look like.

    Raises
    ------
    TableError
        On the first cell, in file order, that is not as expected; for a doubled key, on its second row.
    """
    checked, errors = _checked(raw, table)
    if errors:
        raise errors[0]
    return checked


def _checked(raw: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[TableError]]:
    """Return the frame as typed, and every error in it, in file order."""
    import pandera.errors as pe

    _check_columns(raw, table)
    failures = _misspelt_numbers(raw, table)
    try:
        raw_checked = table.schema.validate(raw, lazy=True)
    except pe.SchemaErrors as problem:
        raw_checked = raw
        failures += _failures(problem.failure_cases, raw, table)
    return raw_checked, _errors(failures, raw, table)


def _check_columns(raw: pd.DataFrame, table: Table) -> None:
    expected, found = list(table.columns), list(raw.columns)
    for column in expected:
        if column not in found:
            raise _table_error(table, "a column is missing", 1, column, None, f"the columns {', '.join(expected)}")
    for column in found:
        if column not in expected:
            raise _table_error(table, "a column is not known", 1, column, column, f"the columns {', '.join(expected)}")
    if found != expected:
        raise _table_error(table, "the columns are out of order", 1, "", None, f"the order {', '.join(expected)}")


def _table_error(table: Table, problem: str, row: int | None, column: str, value: object, expected: str) -> TableError:
    return _error(Path(f"{table.name}.csv"), problem, row, column, value, expected)


Failure = tuple[int, str, str, str]  # line, column (or key), problem, what was expected


def _misspelt_numbers(raw: pd.DataFrame, table: Table) -> list[Failure]:
    """Find numbers that are not written plainly: pandas would also take 64_409, +7, nan or other scripts' digits."""
    found: list[Failure] = []
    for column in raw.columns:
        words = _type_words(table, column)
        if words != "text":
            cells = raw[column].dropna()
            wrong = cells[~cells.map(lambda cell: _PLAIN_NUMBER.fullmatch(cell) is not None).astype(bool)]
            found += [
                (int(line), column, "a value is not as expected", f"{words}, plainly written")
                for line in wrong.index[:_MOST_ERRORS]
            ]
    return found


def _failures(cases: pd.DataFrame, raw: pd.DataFrame, table: Table) -> list[Failure]:
    """Turn pandera's failure cases into places of the file with words of ours."""
    found: list[Failure] = []
    cases = cases[cases["column"].isin(raw.columns) & cases["index"].notna()].sort_values("index", kind="stable")
    for case in cases.head(_MOST_ERRORS).itertuples():
        line, column, check = int(case.index), str(case.column), str(case.check)
        if check == "multiple_fields_uniqueness":
            continue
        if pd.isna(raw.loc[line, column]):
            found.append((line, column, "a cell is empty", "a value, because unknown is not allowed here"))
        else:
            words = _type_words(table, column) if check.startswith(("coerce_dtype", "dtype", "not_nullable")) else check
            found.append((line, column, "a value is not as expected", words))
    doubled = raw.index[raw.duplicated(list(table.key))][:_MOST_ERRORS]
    return found or [(int(line), ", ".join(table.key), "a key stands twice", "each key once") for line in doubled]


def _errors(failures: list[Failure], raw: pd.DataFrame, table: Table) -> list[TableError]:
    """Make an error of each failure, in file order, one a cell; of very many the first only."""
    order = list(raw.columns)
    failures = sorted(failures, key=lambda f: (f[0], order.index(f[1]) if f[1] in order else -1))
    first = {(line, column): (problem, expected) for line, column, problem, expected in reversed(failures)}
    errors = []
    for line, column in islice(dict.fromkeys((line, column) for line, column, _, _ in failures), _MOST_ERRORS):
        value = ", ".join(raw.loc[line, column.split(", ")].fillna(""))
        errors.append(_table_error(table, first[line, column][0], line, column, value, first[line, column][1]))
    return errors


def _type_words(table: Table, column: str) -> str:
    return {"int64": "a whole number", "Int64": "a whole number", "float64": "a number"}.get(
        str(table.columns[column].dtype), "text"
    )


def check_links(tables: dict[str, pd.DataFrame]) -> None:
    """Check that every id used in a table exists in the table that owns it.

    Parameters
    ----------
    tables
        Table name to frame, as `read_table` gives it: the index holds line numbers.

    Raises
    ------
    TableError
        On the first row whose id is unknown, naming the table that should hold it.
    """
    for error in _link_errors(tables):
        raise error


def _link_errors(tables: dict[str, pd.DataFrame]) -> Iterator[TableError]:
    from ascn_analysis.schemas import TABLES

    for name, frame in tables.items():
        for column, (owner, key) in TABLES[name].links.items():
            if owner in tables:
                values = frame[column]
                unknown = values[values.notna() & ~values.isin(set(tables[owner][key]))]
                for line, value in unknown.items():
                    yield _table_error(
                        TABLES[name], "an id is not known", int(line), column, value, f"an id of {owner}.csv"
                    )


def check_folder(folder: str | Path) -> tuple[dict[str, int], list[TableError]]:
    """Check every table of a folder, and the links between those that are sound; collect all errors.

    Returns
    -------
    dict, list of TableError
        Rows of each table that was read, and every error, by table and in file order; the first 1,000 of a table.

    Raises
    ------
    TableError
        If there is no such folder.
    """
    from ascn_analysis.schemas import TABLES

    if not Path(folder).is_dir():
        raise _error(Path(folder), "the folder is missing", None, "", None, "a folder of tables")
    sound: dict[str, pd.DataFrame] = {}
    rows: dict[str, int] = {}
    errors: list[TableError] = []
    for name, table in TABLES.items():
        try:
            frame, found = _checked(read_strings(Path(folder) / f"{name}.csv"), table)
        except TableError as problem:
            errors.append(problem)
            continue
        rows[name] = len(frame)
        errors += found
        if not found:
            sound[name] = frame
    errors += _link_errors(sound)
    try:
        load_boundaries(folder)
    except TableError as problem:
        errors.append(problem)
    errors += islice(descriptor.errors(Path(folder), [f"{name}.csv" for name in TABLES]), _MOST_ERRORS)
    return rows, errors


def _linked(names: Iterable[str], folder: Folder) -> dict[str, pd.DataFrame]:
    """Read tables and check the links between them."""
    tables = {name: read_table(name, folder) for name in names}
    check_links(tables)
    return {name: frame.reset_index(drop=True) for name, frame in tables.items()}


load_countries = partial(load_table, "countries")
load_city_names = partial(load_table, "city_names")
load_membership = partial(load_table, "membership")
load_framework = partial(load_table, "framework")
load_focus_areas = partial(load_table, "focus_areas")
load_sub_areas = partial(load_table, "sub_areas")
load_project_links = partial(load_table, "project_links")
load_stated_figures = partial(load_table, "stated_figures")
load_sources = partial(load_table, "sources")
load_exhibit_status = partial(load_table, "exhibit_status")
load_exhibit_sub_areas = partial(load_table, "exhibit_sub_areas")
load_exhibit_country_status = partial(load_table, "exhibit_country_status")
load_exhibit_rings = partial(load_table, "exhibit_rings")
load_highlights = partial(load_table, "highlights")
load_searches = partial(load_table, "searches")
load_action_plan_cities = partial(load_table, "action_plan_cities")
load_action_plan_focus_areas = partial(load_table, "action_plan_focus_areas")
load_action_plan_targets = partial(load_table, "action_plan_targets")
load_action_plan_projects = partial(load_table, "action_plan_projects")
load_partners = partial(load_table, "partners")
load_partner_mentions = partial(load_table, "partner_mentions")
load_challenges = partial(load_table, "challenges")
load_events = partial(load_table, "events")
load_urbanisation = partial(load_table, "urbanisation")
load_known_contradictions = partial(load_table, "known_contradictions")


def load_cities(folder: Folder = None) -> pd.DataFrame:
    """Read the member cities.

    Returns
    -------
    DataFrame
        One row a city: the columns of ``cities.csv``, plus ``country`` (ASEAN's name), ``cohort`` (of joining) and
        ``first_report`` (year of the first report that lists it, missing where none does yet).

    Raises
    ------
    TableError
        If a table is not as its schema says, or names an unknown country or source.

    Notes
    -----
    Populations mix definitions (city, province, region) and years: do not divide by them.
    """
    tables = _linked(("cities", "countries", "sources", "project_reports"), folder)
    cities = tables["cities"]
    listed = tables["project_reports"].groupby("city_id")["report_year"].min()
    return cities.assign(
        country=cities["iso3"].map(v.COUNTRY_NAMES),
        cohort=cities["joined_year"].map(v.cohort),
        first_report=cities["city_id"].map(listed).astype("Int64"),
    )


def load_projects(path: Folder = None, engine: str = "pandas") -> Any:
    """Read the panel of projects: one tidy row per project and report.

    Parameters
    ----------
    path
        Folder that holds the tables of the record; by default those that came with the package. Or a registry of one's own:
        a CSV or Parquet file, or a folder of such files, of any size (`registries.read`).
    engine
        What holds the rows: ``"pandas"``, ``"polars"`` (lazy), ``"duckdb"``, ``"dask"`` or ``"pyspark"``.

    Returns
    -------
    DataFrame or another engine's frame
        The columns of ``project_reports.csv``, plus ``as_of`` (date that the report speaks of), ``city``, ``iso3``,
        ``country``, ``joined_year``, ``cohort``, ``focus_area`` and ``title`` (the latest); in print order. Of a registry: its own
        columns.

    Raises
    ------
    TableError
        If a table is not as its schema says, or names an unknown city, focus area, project or source.
    AscnError
        If there is no such engine or its library is not installed.

    Notes
    -----
    Statuses are self-reported, and open where the evidence leaves more than one (``status`` holds the set). A registry
    is read by the engine, and checked by it, without being loaded into Python (except by pandas).
    """
    of_record = path is None or _is_record(Path(path))
    if of_record and engine == "pandas":
        return _record_of_projects(path)
    from ascn_analysis import registries

    return registries.given(_record_of_projects(path), engine) if of_record else registries.read(path or "", engine)


_PANEL = ("project_reports", "projects", "cities", "city_names", "countries", "focus_areas", "sources")


def _is_record(path: Path) -> bool:
    """Tell a folder of the record, also one that lacks a table, from a registry."""
    if not path.is_dir():
        return not path.exists() and path.suffix.lower() not in (".csv", ".parquet")
    return any((path / f"{name}.csv").exists() for name in _PANEL)


def _record_of_projects(folder: Folder) -> pd.DataFrame:
    tables = _linked(_PANEL, folder)
    rows = tables["project_reports"]
    cities = tables["cities"].set_index("city_id")
    joined = rows["city_id"].map(cities["joined_year"])
    return rows.assign(
        as_of=rows["source_id"].map(tables["sources"].set_index("source_id")["as_of"]),
        city=rows["city_id"].map(cities["city"]),
        iso3=rows["city_id"].map(cities["iso3"]),
        country=rows["city_id"].map(cities["iso3"]).map(v.COUNTRY_NAMES),
        joined_year=joined,
        cohort=joined.map(v.cohort),
        focus_area=rows["focus_area_id"].map(v.FOCUS_AREA_NAMES),
        title=rows["project_id"].map(tables["projects"].set_index("project_id")["title"]),
    )


def load_icons(folder: Folder = None) -> pd.DataFrame:
    """Read Exhibit 2 of the reports as one row an icon: as many projects of a city and focus area have this status.

    Returns
    -------
    DataFrame
        ``report_year``, ``as_of``, ``iso3``, ``country``, ``city_id``, ``city``, ``focus_area_id``, ``focus_area``, ``status``,
        ``source_id``, ``page``. An icon has no name: which project it stands for is not told.

    Raises
    ------
    TableError
        If a table is not as its schema says, or names an unknown city, focus area or source.

    Notes
    -----
    The icons of a city are as many as its appendix rows in every report; those of a focus area are not always.
    """
    tables = _linked(("exhibit_status", "cities", "focus_areas", "countries", "sources"), folder)
    drawn, cities = tables["exhibit_status"], tables["cities"].set_index("city_id")
    rows = drawn.loc[drawn.index.repeat(drawn["n"])].reset_index(drop=True)
    iso3 = rows["city_id"].map(cities["iso3"])
    named = rows.assign(
        as_of=rows["source_id"].map(tables["sources"].set_index("source_id")["as_of"]),
        iso3=iso3,
        country=iso3.map(v.COUNTRY_NAMES),
        city=rows["city_id"].map(cities["city"]),
        focus_area_id=rows["focus_area"],
        focus_area=rows["focus_area"].map(v.FOCUS_AREA_NAMES),
    )
    columns = ["report_year", "as_of", "iso3", "country", "city_id", "city", "focus_area_id", "focus_area", "status", "source_id", "page"]  # fmt: skip
    return named[columns]


def load_panel(folder: Folder = None) -> pd.DataFrame:
    """Read ``panel.csv``: one flat table with everything a newcomer would group by.

    Returns
    -------
    DataFrame
        One row per project and report; see the data dictionary for the columns.

    Raises
    ------
    TableError
        If the file is not as its schema says.
    """
    return load_table("panel", folder)


def load_topology(name: str = "asean", folder: Folder = None) -> dict[str, Any]:
    """Read a boundary file as TopoJSON, as the maps draw it.

    Parameters
    ----------
    name
        ``"asean"`` (object ``asean``) or ``"insets"`` (objects ``klang_valley`` and ``singapore_strait``).

    Raises
    ------
    TableError
        If the file is missing or is no TopoJSON.
    """
    path = Path(folder or DATA) / "boundaries" / f"{name}.topojson"
    try:
        topology: dict[str, Any] = json.loads(read_regular(path, _MOST_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise _error(path, f"cannot be read ({type(problem).__name__})", None, "", None, "a TopoJSON file") from problem
    if not isinstance(topology, dict) or topology.get("type") != "Topology":
        raise _error(path, "is not TopoJSON", None, "type", None, "an object of type Topology")
    return topology


def load_boundaries(folder: Folder = None) -> gpd.GeoDataFrame:
    """Read the simplified land areas of the eleven member states.

    Returns
    -------
    GeoDataFrame
        ``iso3``, ``country`` and ``geometry`` (degrees, WGS 84), one row a state, alphabetical by ASEAN's names.

    Raises
    ------
    TableError
        If the file is missing, cannot be read or lacks a state.

    Notes
    -----
    Natural Earth, 1:50m, simplified: de facto boundaries for orientation, no statement on any claim, not for measuring.
    """
    import geopandas as gpd
    from pyogrio.errors import DataLayerError, DataSourceError
    from shapely.errors import ShapelyError

    path = Path(folder or DATA) / "boundaries" / "asean.topojson"
    _check_topology(path, load_topology("asean", folder))
    try:
        frame = gpd.read_file(path, engine="pyogrio", layer="asean").set_crs("EPSG:4326", allow_override=True)
    except (DataSourceError, DataLayerError, ShapelyError, ValueError) as problem:
        raise _error(path, f"cannot be read ({problem})", None, "", None, "a TopoJSON file") from problem
    if sorted(frame["iso3"].astype("str")) != sorted(v.COUNTRY_NAMES):
        raise _error(path, "a state has no shape", None, "arcs", None, "a valid shape of every state")
    for row in frame.itertuples():
        if row.geometry is None or row.geometry.is_empty or not row.geometry.is_valid:
            raise _error(
                path, "a shape is empty or not valid", None, "geometry", row.iso3, "a valid shape of every state"
            )
    return frame[["iso3", "country", "geometry"]].sort_values("country", ignore_index=True)


def _check_topology(path: Path, topology: dict[str, Any]) -> None:
    """Check that the object ``asean`` holds each state once and uses only arcs that are there."""
    try:
        states = topology["objects"]["asean"]["geometries"]
        names = [(state["properties"]["iso3"], state["properties"]["country"]) for state in states]
        shapes = [state["type"] for state in states]
        used = Counter(index if index >= 0 else ~index for state in states for index in _arcs(state["arcs"]))
        missing = set(used) - set(range(len(topology["arcs"])))
        points = sum(map(len, topology["arcs"]))
        _ = topology["transform"]["scale"]
    except (KeyError, TypeError, RecursionError) as problem:
        raise _error(path, "is not built as expected", None, "objects", None, f"a place for {problem}") from problem
    for shape in shapes:
        if shape not in ("Polygon", "MultiPolygon"):
            raise _error(path, "a state is no area", None, "type", shape, "Polygon or MultiPolygon")
    if missing:
        raise _error(path, "an arc is missing", None, "arcs", min(missing), "every arc that a state uses")
    # A border lies between two states; shapes that go over it again and again take hours to check.
    if max(used.values(), default=0) > 2 or points > _MOST_POINTS:
        raise _error(
            path, "shapes are too long", None, "arcs", points, f"{_MOST_POINTS:,} points, and each arc twice at most"
        )
    for state in [*v.COUNTRY_NAMES.items(), *names]:
        if names.count(state) != 1 or state not in v.COUNTRY_NAMES.items():
            fault = f"a state stands {names.count(state)} times or is unknown"
            raise _error(path, fault, None, "iso3", state[0], "all eleven member states")


def _arcs(nested: Any) -> Iterator[int]:
    """Yield the arc numbers of a geometry, however deep they lie."""
    if isinstance(nested, int):
        yield nested
    elif isinstance(nested, list):
        for part in nested:
            yield from _arcs(part)
    else:
        raise TypeError(f"arcs, not {type(nested).__name__}")
