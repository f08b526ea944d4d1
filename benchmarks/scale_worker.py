"""Run the four measures once or more on one engine, in a process of its own, and print what it took as JSON.

Called by `scale`. The results are compared with what the registry holds; if one differs, the process fails.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import expected
import plain
import registry
from engines import ENGINES, PLAIN, session

from ascn_analysis import metrics


def clocked(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that an action takes, and what it gives."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def collected(result: Any) -> Any:
    """Bring a result into memory as a pandas frame; lazy engines work only now."""
    import narwhals as nw

    frame = nw.from_native(result)
    return frame.to_pandas() if isinstance(frame, nw.DataFrame) else frame.collect("pandas").to_native()


def peak(process: str = "self") -> float:
    """Return the most memory that a process has held, in MiB.

    Linux counts what the parent held into `getrusage` of a child, so its own high-water mark is read where there is one.
    """
    status = Path(f"/proc/{process}/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1024**2


def java() -> str:
    """Return the number of the process in which Spark's Java part runs."""
    return str(session().sparkContext._gateway.proc.pid)


def run(name: str, folder: Path, repeats: int) -> dict[str, float | None]:
    """Read and measure, and say the seconds of starting, reading and the fastest run, and the peaks of memory."""
    spark = name == "Spark"
    for module in ENGINES[name].modules:
        importlib.import_module(module)
    start = clocked(session)[0] if spark else 0.0
    read, frame = clocked(lambda: ENGINES[name].read(folder))
    source = plain if name == PLAIN else metrics
    fastest = float("inf")
    for _ in range(repeats):
        seconds, results = clocked(lambda: {m: collected(getattr(source, m)(frame)) for m in expected.KEYS})
        fastest = min(fastest, seconds)
    took = {"start": start, "read": read, "compute": fastest, "peak": peak(), "java": peak(java()) if spark else None}
    expected.check(results, registry.read_truth(folder), name)
    if spark:
        session().stop()
    return took


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
