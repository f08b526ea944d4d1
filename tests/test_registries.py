"""Registries: any engine reads them and checks them alike, and the record stays what it was."""

import importlib
import re
from contextlib import suppress
from datetime import date

import narwhals as nw
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics, registries
from ascn_analysis.errors import AscnError, TableError

# narwhals 2.29 says that Dask will need the package narwhals-dask, which the package index does not have yet.
# Dask 2026.8 reads Parquet files with a keyword that pandas 3 is about to drop.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving out of Narwhals:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index is deprecated"),
]

ENGINES = ["pandas", "polars", "duckdb", "dask",
           pytest.param("pyspark", marks=pytest.mark.xdist_group("spark"))]  # fmt: skip
KINDS = {"pandas": "pandas.DataFrame", "polars": "polars.LazyFrame", "duckdb": "DuckDBPyRelation", "dask": "DataFrame",
         "pyspark": "DataFrame"}  # fmt: skip
MIXED = ('name,"in quotes"', "two\nlines", "NA", "null", "007")
"""Titles that readers of CSV files like to misread."""


@pytest.fixture(params=ENGINES)
def engine(request, library):
    library(request.param)
    if request.param == "pyspark":
        request.getfixturevalue("spark")
    return request.param


@pytest.fixture
def registry():
    """A small registry: two reports, three projects."""
    return pd.DataFrame(
        [
            (2024, "a", "civic-social", "planning", "2024-08-31", 2018),
            (2024, "b", "civic-social", "ongoing", "2024-08-31", None),
            (2025, "a", "civic-social", "completed", "2025-08-31", 2018),
            (2025, "b", "safety-security", "ongoing", "2025-08-31", None),
            (2025, "c", "civic-social", "planning|ongoing", "2025-08-31", None),
        ],
        columns=["report_year", "project_id", "focus_area_id", "status", "as_of", "joined_year"],
    ).assign(city_id="ayu", iso3="IDN", project_printed=MIXED, joined_year=lambda f: f["joined_year"].astype("Int64"))


def rows_of(frame):
    frame = nw.from_native(frame)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows = [tuple(None if x is None or x is pd.NA or x != x else x for x in row) for row in frame.rows()]
    return sorted(rows, key=repr)


def is_a_day(text):
    with suppress(ValueError):
        return bool(date.fromisoformat(text))
    return False


def write(frame, path):
    frame.to_parquet(path, index=False) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path


def refused(path, engine):
    with pytest.raises(TableError) as caught:
        loaders.load_projects(path, engine)
    return caught.value


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_is_read_to_the_letter(engine, kind, registry, tmp_path):
    read = loaders.load_projects(write(registry, tmp_path / f"r.{kind}"), engine)
    assert nw.from_native(read).collect_schema().names() == list(registry.columns)
    assert rows_of(read) == rows_of(registry)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_of_files_is_one_registry(engine, kind, registry, tmp_path):
    for i, part in registry.groupby("report_year"):
        write(part, tmp_path / f"{i}.{kind}")
    assert rows_of(loaders.load_projects(tmp_path, engine)) == rows_of(registry)


def test_the_frame_is_the_engines_own(engine, registry, tmp_path):
    frame = loaders.load_projects(write(registry, tmp_path / "r.csv"), engine)
    module, name = type(frame).__module__.split(".")[0].lstrip("_"), type(frame).__name__
    assert module == engine
    assert KINDS[engine].endswith(name)


def test_measures_take_a_registry(engine, registry, tmp_path):
    frame = loaders.load_projects(write(registry, tmp_path / "r.csv"), engine)
    assert rows_of(metrics.transitions(frame)) == [
        (2024, 2025, "newly listed", "planning|ongoing", 1),
        (2024, 2025, "ongoing", "ongoing", 1),
        (2024, 2025, "planning", "completed", 1),
    ]


def test_the_record_comes_in_any_engine(engine, projects):
    assert rows_of(loaders.load_projects(engine=engine)) == rows_of(projects)


def test_the_record_without_arguments_is_a_pandas_frame(projects, data_copy):
    assert_frame_equal(loaders.load_projects(data_copy), projects)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("project_id", None, "1 rows have no value; expected a value in every row"),
        ("report_year", 1925, "1 rows have a value that is not as expected (value 1925); expected a year from 1967 to 2100"),
        ("focus_area_id", "sewers", "(value 'sewers'); expected one of civic-social, health-well-being"),
        ("status", "begun", "(value 'begun'); expected one of planning, ongoing, completed"),
        ("as_of", "31.8.2025", "(value '31.8.2025'); expected a date such as 2025-08-31"),
        ("as_of", "2024-99-99", "(value '2024-99-99'); expected a date such as 2025-08-31"),
        ("as_of", "2025-02-29", "(value '2025-02-29'); expected a date such as 2025-08-31"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_column_and_count(engine, column, value, said, registry, tmp_path):
    registry.loc[3, column] = value
    error = refused(write(registry, tmp_path / "r.parquet"), engine)
    assert str(error).startswith(f"r.parquet, column {column}: ")
    assert said in str(error)


def test_the_dates_taken_are_the_days_of_the_calendar():
    written = [f"{y}-{m:02}-{d:02}" for y in (1900, 2000, 2023, 2024, 2100) for m in range(14) for d in range(33)]
    taken = [day for day in written if re.search(registries._ISO_DATE, day)]
    assert taken == [day for day in written if is_a_day(day)]


def test_the_last_days_of_months_are_taken(engine, registry, tmp_path):
    registry["as_of"] = ["2024-02-29", "2024-02-29", "2025-02-28", "2025-02-28", "2025-02-28"]
    read = loaders.load_projects(write(registry, tmp_path / "r.csv"), engine)
    assert [row[:2] for row in rows_of(metrics.growth(read))] == [(2024, "2024-02-29"), (2025, "2025-02-28")]


def test_the_file_of_a_folder_is_named(engine, registry, tmp_path):
    write(registry.iloc[:2], tmp_path / "1.csv")
    write(registry.iloc[2:].assign(status="begun"), tmp_path / "2.csv")
    assert str(refused(tmp_path, engine)).startswith(f"{tmp_path.name}/2.csv, column status: 3 rows have a value")


def test_a_project_listed_twice_is_named(engine, registry, tmp_path):
    error = refused(write(pd.concat([registry, registry.iloc[4:]]), tmp_path / "r.csv"), engine)
    assert (error.column, error.value) == ("project_id", "c")
    assert "1 projects stand more than once in a report, such as in 2025" in str(error)


def test_a_missing_column_is_named(engine, registry, tmp_path):
    error = refused(write(registry.drop(columns="status"), tmp_path / "r.csv"), engine)
    assert "r.csv, column status: a column is missing; expected the columns report_year, project_id" in str(error)


def test_a_column_of_another_type_is_named(engine, registry, tmp_path):
    error = refused(write(registry.assign(report_year="2025"), tmp_path / "r.parquet"), engine)
    assert "column report_year: the column is of type String; expected whole numbers" in str(error)


def test_a_cell_that_is_no_number_is_refused(engine, registry, tmp_path):
    error = refused(write(registry.assign(report_year="soon"), tmp_path / "r.csv"), engine)
    assert str(error).startswith("r.csv: cannot be read (")


def test_files_with_other_columns_are_refused(engine, registry, tmp_path):
    write(registry, tmp_path / "1.csv")
    write(registry[registry.columns[::-1]], tmp_path / "2.csv")
    assert str(refused(tmp_path, engine)).startswith("2.csv: the columns are not those of the first file")


@pytest.mark.parametrize("name", ["none.csv", "none.parquet"])
def test_a_missing_file_is_refused(name, tmp_path):
    assert "there is no CSV or Parquet file" in str(refused(tmp_path / name, "pandas"))


def test_a_folder_of_two_kinds_is_refused(registry, tmp_path):
    write(registry, tmp_path / "r.csv")
    write(registry, tmp_path / "r.parquet")
    assert "CSV and Parquet files stand together" in str(refused(tmp_path, "pandas"))


def test_a_damaged_parquet_file_is_refused(tmp_path):
    (tmp_path / "r.parquet").write_bytes(b"PAR1 and no more")
    assert str(refused(tmp_path / "r.parquet", "pandas")).startswith("r.parquet: cannot be read (")


def test_a_folder_of_the_record_that_lacks_a_table_is_no_registry(data_copy):
    (data_copy / "project_reports.csv").unlink()
    assert str(refused(data_copy, "pandas")).startswith("project_reports.csv: the file is missing")


@pytest.mark.parametrize("path", [None, "r.csv"])
def test_an_unknown_engine_is_refused_with_those_there_are(path):
    with pytest.raises(AscnError, match="no engine 'excel'; expected one of pandas, polars, duckdb, dask, pyspark"):
        loaders.load_projects(path, "excel")


@pytest.mark.parametrize("engine", ["polars", "duckdb", "dask", "pyspark"])
def test_a_missing_library_names_what_to_install(engine, monkeypatch):
    library, package, _ = registries.ENGINES[engine]
    real = importlib.import_module

    def without(name, *rest):
        if name == library:
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(AscnError) as caught:
        loaders.load_projects(engine=engine)
    assert str(caught.value) == f"the engine {engine} needs the package {package}; pip install '{package}'"
