"""Measure what the budgets speak of, as ratios inside one run, and write benchmarks/latest.json, latest.md and what follows from them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import lab_measures
import scale
import scale_figure
import scale_page
import setup_measures
import site_measures
from measures import Measure, measure

from ascn_analysis import notebooks
from ascn_analysis.writing import write_atomic

FOLDER = Path(__file__).parent
ROUNDS = 9
ENGINES = ("pandas", "polars", "duckdb", "dask", "pyspark", "narwhals")


def seconds(code: str) -> float:
    """Time a fresh interpreter that runs some code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def import_ratio() -> Measure:
    """Compare importing the package with importing pandas, in turns; medians."""
    pairs = [(seconds("import ascn_analysis"), seconds("import pandas")) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return measure("import ascn_analysis / import pandas", ours / theirs, "ratio", 1.1)


def load_ratio() -> Measure:
    """Compare loading the panel with its checks to importing pandas alone, in turns; medians."""
    code = "from ascn_analysis import load_panel; load_panel()"
    pairs = [(seconds(code), seconds("import pandas")) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return measure("load_panel() with all checks / import pandas", ours / theirs, "ratio", 4.0)


def largest_notebook() -> Measure:
    """Weigh the largest stored notebook."""
    size = max(path.stat().st_size for path in notebooks.paths())
    return measure("largest notebook with its outputs", size / 1e6, "MB", 1.0)


def processor() -> str:
    """Return the model of the processor: as Linux writes it, or else as Python does, or else the kind of machine."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory() -> str:
    """Return the memory of the machine, in GiB, or that the system does not tell."""
    with suppress(AttributeError, OSError, ValueError):
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB of memory"
    return "memory unknown"


def versions() -> str:
    """Name the engines that are installed, with their versions."""
    found = []
    for name in ENGINES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


def headline() -> str:
    """Say when, on which machine and with which versions was measured."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    machine = f"{processor()}, {os.cpu_count()} cores, {memory()}"
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, {system}, {machine}; {versions()}; ratios of medians of {ROUNDS} turns in one run."


def as_markdown(measures: list[Measure], head: str) -> str:
    """Write the table."""
    lines = ["# Benchmarks", "", head, "", "| what | value | unit | budget | holds |", "|---|---|---|---|---|"]
    lines += [
        f"| {m['name']} | {'' if m['value'] is None else m['value']} | {m['unit']} | {_limit(m)} |" for m in measures
    ]
    return "\n".join(lines) + "\n"


def _limit(m: Measure) -> str:
    return "for comparison |" if m["budget"] is None else f"{m['budget']} | {'yes' if m['holds'] else 'NO'}"


def main() -> None:
    """Measure everything, saying what runs, and write both files."""
    measures: list[Measure] = []
    for take in (import_ratio, load_ratio, largest_notebook):
        print(f"measuring {take.__name__} ...", flush=True)
        measures.append(take())
    print("measuring the set-up, which downloads all packages twice ...", flush=True)
    measures += setup_measures.all_measures()
    print("measuring the site (some minutes) ...", flush=True)
    measures += site_measures.all_measures()
    print("measuring JupyterLab ...", flush=True)
    measures += lab_measures.all_measures()
    print("measuring engines on up to 10 million rows (some minutes) ...", flush=True)
    measures += scale.all_measures()
    head = headline()
    write_atomic(FOLDER / "latest.json", json.dumps(measures, indent=1) + "\n")
    write_atomic(FOLDER / "latest.md", as_markdown(measures, head))
    scale_figure.write(measures)
    scale_page.write(measures)
    print(as_markdown(measures, head))


if __name__ == "__main__":
    main()
