"""The line over the table of benchmarks: which machine, and which versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import run


def test_the_line_names_the_machine():
    line = run.headline()
    assert "\n" not in line
    assert f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, " in line
    assert f"{run.processor()}, {os.cpu_count()} cores, {run.memory()}; " in line


def test_the_line_names_the_version_of_each_engine_that_is_installed(monkeypatch):
    def known(name):
        if name == "dask":
            raise PackageNotFoundError(name)
        return "1.2.3"

    monkeypatch.setattr(run, "version", known)
    assert run.versions() == "pandas 1.2.3, polars 1.2.3, duckdb 1.2.3, pyspark 1.2.3, narwhals 1.2.3"
    monkeypatch.undo()
    assert f"pandas {version('pandas')}" in run.headline()


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux tells the memory in a file")
def test_the_memory_is_what_the_system_tells():
    kib = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1])
    assert abs(float(run.memory().split()[0]) - kib / 2**20) < 0.1


def test_a_machine_that_does_not_tell_its_model_is_named_by_its_kind(monkeypatch):
    monkeypatch.setattr(run, "Path", lambda name: Path("/nowhere"))
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert run.processor() == platform.machine()
