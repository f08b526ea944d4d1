"""Measure four measures on registries of 100,000 to 10 million rows, engine by engine, against plain pandas.

Each engine runs in fresh processes, in turns with the others, on the same synthetic registry (`registry`), and its results are
compared with what that registry holds. The best of all turns counts for seconds, the worst for memory.

Run by ``make bench``; ``python benchmarks/scale.py lines.json`` runs it alone.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import registry
from engines import ENGINES, PLAIN, missing
from measures import Measure, measure

from ascn_analysis.writing import write_atomic

SIZES: Final = (100_000, 1_000_000, 10_000_000)
TURNS: Final = 2
ONCE: Final = ("Spark",)
"""Engines that take one turn only, because starting them takes longer than most others need for everything."""
REPEATS: Final = {100_000: 3, 1_000_000: 2}
"""Runs inside a process, where one is short; the registry of 10 million rows is measured once a turn."""
CLUSTERS: Final = ("Dask", "Spark")
WORKER: Final = Path(__file__).with_name("scale_worker.py")
RESULTS: Final = "files to results"


class Took(NamedTuple):
    """What an engine took for a registry: seconds to start, to read and to compute, and MiB at most."""

    start: float
    read: float
    compute: float
    peak: float
    java: float | None

    @property
    def total(self) -> float:
        """Seconds from files to results, without starting the engine."""
        return self.read + self.compute


Taken = Mapping[tuple[str, int], Took]


def run(engine: str, folder: Path, repeats: int) -> Took:
    """Measure one engine in a process of its own.

    Raises
    ------
    RuntimeError
        If the process fails, as it does when a result is wrong.
    """
    command = [sys.executable, str(WORKER), engine, str(folder), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{engine} on {folder.name} failed:\n{done.stderr}")
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def best(turns: Sequence[Took]) -> Took:
    """Take the least of the seconds and the most of the memory."""
    return Took(
        start=min(took.start for took in turns),
        read=min(took.read for took in turns),
        compute=min(took.compute for took in turns),
        peak=max(took.peak for took in turns),
        java=max((took.java for took in turns if took.java is not None), default=None),
    )


def take(sizes: Sequence[int] = SIZES, turns: int = TURNS) -> dict[tuple[str, int], Took]:
    """Make each registry, and measure every engine that is installed on it, saying what runs."""
    engines = list(_installed())
    taken: dict[tuple[str, int], Took] = {}
    with tempfile.TemporaryDirectory() as work:
        for rows in sizes:
            folder = Path(work) / f"{rows:,} rows"
            registry.write(folder, rows)
            done: dict[str, list[Took]] = {engine: [] for engine in engines}
            for turn in range(turns):
                for engine in (name for name in engines if not (turn and name in ONCE)):
                    done[engine].append(run(engine, folder, REPEATS.get(rows, 1)))
                    seconds = done[engine][-1].total
                    print(f"scale: {engine}, {rows:,} rows, turn {turn + 1} of {turns}: {seconds:.2f} s", flush=True)
            taken |= {(engine, rows): best(done[engine]) for engine in engines}
    return taken


def _installed() -> Iterator[str]:
    for name, engine in ENGINES.items():
        if lacking := missing(engine):
            print(f"scale: {name} is left out, {lacking} is not installed", flush=True)
        else:
            yield name


def exponent(seconds: Mapping[int, float]) -> float:
    """Fit ``seconds = a * rows ** exponent`` by least squares in logarithms."""
    points = [(math.log(rows), math.log(value)) for rows, value in seconds.items()]
    x, y = (sum(column) / len(points) for column in zip(*points, strict=True))
    return float(sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points))


def crossover(ours: Mapping[int, float], theirs: Mapping[int, float]) -> float | None:
    """Find the rows from which one engine stays faster than another, on straight lines between the sizes in logarithms.

    Returns
    -------
    float or None
        The least size measured if it is faster everywhere, None if it is not faster at the greatest.
    """
    gaps = [(math.log(rows), math.log(ours[rows] / theirs[rows])) for rows in sorted(ours)]
    if gaps[-1][1] >= 0:
        return None
    for (x0, gap0), (x1, gap1) in reversed(list(pairwise(gaps))):
        if gap0 >= 0:
            return math.exp(x0 + (x1 - x0) * gap0 / (gap0 - gap1))
    return math.exp(gaps[0][0])


def totals(taken: Taken, engine: str) -> dict[int, float]:
    """Return the seconds from files to results of an engine, by rows."""
    return {rows: took.total for (name, rows), took in taken.items() if name == engine}


def name_of(engine: str, rows: int, what: str) -> str:
    """Name a line of the table; the page for readers finds its numbers by it."""
    return f"{engine}, {rows:,} rows: {what}"


def _ratios(taken: Taken, rows: int) -> Iterator[Measure]:
    plain = taken[PLAIN, rows].compute
    if ("pandas", rows) in taken:
        ours = taken["pandas", rows].compute
        yield measure(f"pandas frames / plain pandas, {rows:,} rows, both without reading", ours / plain, "ratio", 1.15)
    if ("DuckDB", rows) in taken:
        # DuckDB reads while it computes, so that its reading cannot be told apart: plain pandas is charged with its own too.
        ours, whole = taken["DuckDB", rows].total, taken[PLAIN, rows].total
        name = f"DuckDB / plain pandas, {rows:,} rows, both from files to results (0.2: five times faster)"
        yield measure(name, ours / whole, "ratio", 0.2)
        yield measure(f"DuckDB with reading / plain pandas without, {rows:,} rows", ours / plain, "ratio", None)
        yield measure(name_of("DuckDB", rows, "peak memory against 1 GiB"), taken["DuckDB", rows].peak, "MiB", 1024)


def _exponents(taken: Taken) -> Iterator[Measure]:
    for engine in dict.fromkeys(name for name, _ in taken):
        budget = None if engine == PLAIN else 1.1
        yield measure(f"growth exponent of {engine}", exponent(totals(taken, engine)), "seconds over rows", budget)


def _overheads(taken: Taken) -> Iterator[Measure]:
    smallest = min(rows for _, rows in taken)
    for engine in CLUSTERS:
        if (engine, smallest) in taken:
            beyond = taken[engine, smallest].total - taken["pandas", smallest].total
            yield measure(f"{engine} beyond pandas, {smallest:,} rows", beyond, "s", None)
            size = crossover(totals(taken, engine), totals(taken, "pandas"))
            rounded = None if size is None else float(f"{size:.1e}")
            name = f"{engine} is faster than pandas from (empty: not up to {max(rows for _, rows in taken):,} rows)"
            yield measure(name, rounded, "rows", None)
    if ("Spark", smallest) in taken:
        start = min(took.start for (engine, _), took in taken.items() if engine == "Spark")
        yield measure("Spark: start of a session", start, "s", None)


def _details(taken: Taken) -> Iterator[Measure]:
    for (engine, rows), took in taken.items():
        yield measure(name_of(engine, rows, RESULTS), took.total, "s", None)
        yield measure(name_of(engine, rows, "peak memory"), took.peak, "MiB", None)
        if took.java is not None:
            yield measure(name_of(engine, rows, "peak memory of its Java part"), took.java, "MiB", None)


def as_measures(taken: Taken) -> list[Measure]:
    """Put what the engines took into lines of the table, budgets first."""
    largest = max(rows for _, rows in taken)
    return [*_ratios(taken, largest), *_exponents(taken), *_overheads(taken), *_details(taken)]


def all_measures() -> list[Measure]:
    """Measure all engines at all sizes."""
    start = time.perf_counter()
    lines = as_measures(take())
    print(f"scale: {time.perf_counter() - start:.0f} s in all", flush=True)
    return lines


def main(arguments: Sequence[str]) -> None:
    """Measure the engines alone, print the lines, and write them where asked; the table of benchmarks stays as it is."""
    lines = all_measures()
    for line in lines:
        flag = "" if line["holds"] else "  <-- over its budget"
        print(f"{line['name']}: {line['value']} {line['unit']}{flag}")
    if arguments:
        write_atomic(Path(arguments[0]), json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
