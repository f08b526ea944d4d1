"""The engines that the scale benchmark compares: how each reads the Parquet files of a registry, and what it needs."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from registry import files


class Engine(NamedTuple):
    """An engine: its name in the table, the modules it needs, and how it reads a registry.

    Readers of eager engines load all rows; those of lazy ones only say what is to be read.
    """

    name: str
    modules: tuple[str, ...]
    read: Callable[[Path], Any]


def _pandas(folder: Path) -> Any:
    import pandas as pd

    return pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))], ignore_index=True)


def _pyarrow(folder: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table([str(path) for path in sorted(folder.glob("*.parquet"))])


def _polars(folder: Path) -> Any:
    import polars as pl

    return pl.scan_parquet(files(folder))


def _duckdb(folder: Path) -> Any:
    import duckdb

    return duckdb.read_parquet(files(folder))


def _dask(folder: Path) -> Any:
    import dask.dataframe as dd

    return dd.read_parquet(files(folder))


def _spark(folder: Path) -> Any:
    return session().read.parquet(files(folder))


def session() -> Any:
    """Start or return the Spark session on this machine alone, reachable from this machine alone."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = (
        SparkSession.builder.master("local[*]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
    )
    return builder.config("spark.driver.memory", "2g").config("spark.log.level", "ERROR").getOrCreate()


PLAIN: Final = "plain pandas"
ENGINES: Final = {
    engine.name: engine
    for engine in (
        Engine(PLAIN, ("pandas", "pyarrow"), _pandas),
        Engine("pandas", ("pandas", "pyarrow"), _pandas),
        Engine("PyArrow", ("pyarrow",), _pyarrow),
        Engine("Polars", ("polars",), _polars),
        Engine("DuckDB", ("duckdb",), _duckdb),
        Engine("Dask", ("dask.dataframe", "distributed"), _dask),
        Engine("Spark", ("pyspark.sql",), _spark),
    )
}


def missing(engine: Engine) -> str:
    """Say what an engine needs and is not installed; empty if nothing."""
    modules = [name for name in engine.modules if importlib.util.find_spec(name.split(".")[0]) is None]
    if engine.name == "Spark" and not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        modules.append("java")
    return ", ".join(modules)
