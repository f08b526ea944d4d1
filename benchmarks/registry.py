"""Make a synthetic registry of projects of any size, and count what it holds while it is made.

The registry is invented: a reproducible stand-in for a national list of projects, with the columns that `metrics` needs. A
few cities hold most projects, focus areas are uneven, projects live over several reports, move from planning to
completed, are left out of a report now and then, and are at last no longer listed. The rates are made up and say nothing about any
country. It is written as Parquet files of some 100,000 projects each, so memory stays small.

While a chunk is made, its projects are a matrix (one row a project, one column a report, 0 where it is not listed). `Truth`
is counted from that matrix, before there are any rows to group, sort or join: results of `metrics` are held against it.

Run ``python benchmarks/registry.py 1000000 registry`` to make one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

YEARS: Final = tuple(range(2016, 2026))
AS_OF: Final = tuple(f"{year}-{'09-30' if year % 2 else '08-31'}" for year in YEARS)
AREAS: Final = ("civic-social", "health-well-being", "safety-security", "quality-environment",
                "built-infrastructure", "industry-innovation")  # fmt: skip
STATES: Final = ("", "planning", "ongoing", "completed", "planning|ongoing")
"""What a report can say of a project; the first state is not to be listed."""
SEPARATE_SINCE: Final = 2021
"""The first report that lists completed projects apart."""
CITIES: Final = 400
CHUNK: Final = 100_000

_AREA_WEIGHTS: Final = (0.14, 0.06, 0.10, 0.23, 0.29, 0.18)
_ENTRY_WEIGHTS: Final = (0.25, *np.linspace(0.06, 0.11, len(YEARS) - 1))
_LEAVE: Final = np.array([0, 0.10, 0.08, 0.45])  # from a report to the next, by the state in the first
_START, _FINISH_AT_ONCE, _FINISH = 0.40, 0.03, 0.25
_LEFT_OUT, _LEFT_OPEN = 0.02, 0.06
_PLANNING, _ONGOING, _COMPLETED, _OPEN = 1, 2, 3, 4


@dataclass(frozen=True)
class Truth:
    """What a registry holds, counted as it was made.

    Parameters
    ----------
    areas
        Projects by report and focus area.
    steps
        Projects by pair of consecutive reports, state in the first and state in the second, as `STATES` orders them.
    """

    areas: np.ndarray
    steps: np.ndarray

    def by_area(self) -> dict[tuple[int, str], int]:
        """Return the projects of each report and focus area."""
        return {(y, a): int(self.areas[i, j]) for i, y in enumerate(YEARS) for j, a in enumerate(AREAS)}

    def totals(self) -> dict[int, int]:
        """Return the projects of each report."""
        return {year: int(n) for year, n in zip(YEARS, self.areas.sum(axis=1), strict=True)}

    def balance(self) -> dict[int, tuple[int, int, int]]:
        """Return, for each report but the first, how many entered, continued, and are no longer listed."""
        parts = [(step[0, 1:].sum(), step[1:, 1:].sum(), step[1:, 0].sum()) for step in self.steps]
        return {year: (int(new), int(on), int(gone)) for year, (new, on, gone) in zip(YEARS[1:], parts, strict=True)}

    def transitions(self) -> dict[tuple[int, int, str, str], int]:
        """Return the projects that went from one status to another, by pair of consecutive reports."""
        return {
            (YEARS[i], YEARS[i + 1], STATES[before] or "newly listed", STATES[after] or "no longer listed"): int(n)
            for (i, before, after), n in np.ndenumerate(self.steps)
            if n and (before or after)
        }


def write(folder: Path, rows: int, seed: int = 2018) -> Truth:
    """Write a registry as Parquet files, and what it holds as ``_truth.json`` beside them.

    Parameters
    ----------
    folder
        Folder to make; it must not exist yet.
    rows
        Rows, one per project and report; the registry has exactly as many.
    seed
        The same seed and number of rows give the same registry.
    """
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    rng, truth, written = np.random.default_rng(seed), _empty(), 0
    for chunk in range(rows + 1):
        if written == rows:
            break
        states = _cut(_states(rng, min(CHUNK, rows)), rows - written)
        city, area = _cities(rng, len(states)), _pick(rng, _AREA_WEIGHTS, len(states))
        _count(truth, states, area)
        pq.write_table(_table(rng, states, city, area, chunk * CHUNK), part / f"part-{chunk:04d}.parquet")
        written += int((states > 0).sum())
    document = {"areas": truth.areas.tolist(), "steps": truth.steps.tolist()}
    (part / "_truth.json").write_text(json.dumps(document), encoding="utf-8")
    os.rename(part, folder)
    return truth


def read_truth(folder: Path) -> Truth:
    """Read what `write` counted."""
    document = json.loads((folder / "_truth.json").read_text(encoding="utf-8"))
    return Truth(np.array(document["areas"]), np.array(document["steps"]))


def files(folder: Path) -> str:
    """Return the pattern of the Parquet files of a registry."""
    return str(folder / "*.parquet")


def _empty() -> Truth:
    years, states = len(YEARS), len(STATES)
    return Truth(np.zeros((years, len(AREAS)), np.int64), np.zeros((years - 1, states, states), np.int64))


def _count(truth: Truth, states: np.ndarray, area: np.ndarray) -> None:
    """Add a chunk of projects to what is known of the registry."""
    kinds = len(STATES)
    for i in range(len(YEARS)):
        truth.areas[i] += np.bincount(area[states[:, i] > 0], minlength=len(AREAS))
    for i in range(len(YEARS) - 1):
        pairs = states[:, i].astype(np.int64) * kinds + states[:, i + 1]
        truth.steps[i] += np.bincount(pairs, minlength=kinds * kinds).reshape(kinds, kinds)


def _pick(rng: np.random.Generator, weights: Any, n: int) -> np.ndarray:
    """Draw numbers 0, 1, ... with uneven weights."""
    edges = np.cumsum(np.asarray(weights) / np.sum(weights))
    return np.minimum(np.searchsorted(edges, rng.random(n), side="right"), len(edges) - 1)


def _cities(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw cities by Zipf's law: the k-th has a weight of 1 / k."""
    return _pick(rng, 1 / np.arange(1, CITIES + 1), n)


def _states(rng: np.random.Generator, projects: int) -> np.ndarray:
    """Return what each report says of each project, 0 where it does not list it."""
    said = np.zeros((projects, len(YEARS)), np.int8)
    entry = _pick(rng, _ENTRY_WEIGHTS, projects)
    state, left = np.zeros(projects, np.int8), np.zeros(projects, bool)
    for i in range(len(YEARS)):
        left |= rng.random(projects) < _LEAVE[state]
        state = _moved_on(rng, state)
        new = entry == i
        state[new] = np.where(rng.random(new.sum()) < 0.7, _PLANNING, _ONGOING)
        said[:, i] = np.where(left | (rng.random(projects) < _LEFT_OUT), 0, state)
    unfinished = (said == _PLANNING) | (said == _ONGOING)
    said[unfinished & (rng.random(said.shape) < _LEFT_OPEN)] = _OPEN
    return said


def _moved_on(rng: np.random.Generator, state: np.ndarray) -> np.ndarray:
    """Let a year pass: some that were planned have begun, some that were under way are completed."""
    luck = rng.random(len(state))
    planned, running = state == _PLANNING, state == _ONGOING
    done = (running & (luck < _FINISH)) | (planned & (luck < _FINISH_AT_ONCE))
    begun = planned & ~done & (luck < _START)
    return np.select([done, begun], [_COMPLETED, _ONGOING], state).astype(np.int8)


def _cut(states: np.ndarray, rows: int) -> np.ndarray:
    """Keep the first rows of a chunk, project by project, so that the registry has as many as were asked for."""
    listed = states > 0
    return np.where(listed & (listed.cumsum().reshape(states.shape) > rows), 0, states).astype(np.int8)


def _table(rng: np.random.Generator, states: np.ndarray, city: np.ndarray, area: np.ndarray, first: int) -> pa.Table:
    """Write a chunk as rows: report after report, the projects of a report in no order."""
    order = rng.permutation(len(states))
    year, place = np.nonzero(states[order].T)
    project = order[place]
    state, years = states[project, year], np.array(YEARS)[year]
    numbers = pc.utf8_lpad(pc.cast(pa.array(first + project), pa.string()), 9, "0")
    return pa.table(
        {
            "report_year": pa.array(years, pa.int64()),
            "as_of": _words(AS_OF, year),
            "list": _words(("all", "ongoing_or_planning", "completed"), _lists(years, state)),
            "project_id": pc.binary_join_element_wise("project", numbers, "-"),
            "city_id": _words([f"city-{k:03d}" for k in range(1, CITIES + 1)], city[project]),
            "iso3": _words([_code(k) for k in range(CITIES)], city[project]),
            "joined_year": pa.array(np.where(city[project] < CITIES // 2, 2018, 2021), pa.int64()),
            "focus_area_id": _words(AREAS, area[project]),
            "status": _words(STATES, state),
        }
    )


def _words(words: Any, numbers: np.ndarray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(list(words))).cast(pa.string())


def _code(city: int) -> str:
    """Return the country of a city: one of eleven codes that ISO 3166 leaves to users, so that none is taken for real."""
    return f"XA{'ABCDEFGHIJK'[city % 11]}"


def _lists(years: np.ndarray, state: np.ndarray) -> np.ndarray:
    return np.where(years < SEPARATE_SINCE, 0, np.where(state == _COMPLETED, 2, 1))


def main(arguments: list[str]) -> int:
    """Write a registry of as many rows as asked for."""
    if len(arguments) != 2 or not arguments[0].isdecimal() or Path(arguments[1]).exists():
        print(
            "python benchmarks/registry.py ROWS FOLDER: a number, and a folder that is not there yet", file=sys.stderr
        )
        return 2
    truth = write(Path(arguments[1]), int(arguments[0]))
    print(f"{arguments[1]}: {truth.areas.sum():,} rows, one per project and report, {YEARS[0]} to {YEARS[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
