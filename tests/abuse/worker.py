"""Try inputs of doors under limits of the system; a line before and after each tells the runner how far it came."""

import ctypes
import gc
import importlib
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TextIO

MORE = 2 << 30
"""Address space beyond what the libraries take: the memory in use is measured, this only keeps the machine alive."""


def main(arguments: list[str]) -> None:
    """Each argument is door:seed:first:last."""
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for argument in arguments:
        name, seed, first, last = argument.split(":")
        with tempfile.TemporaryDirectory(prefix="abuse-") as folder:
            try_door(name, int(seed), range(int(first), int(last)), Path(folder), said)


def try_door(name: str, seed: int, numbers: range, folder: Path, said: TextIO) -> None:
    door = importlib.import_module(f"abuse.{name}")
    door.prepare(folder)
    gc.collect()
    limit_memory()
    before = listing(folder)
    for number in numbers:
        kind = door.KINDS[number % len(door.KINDS)]
        print("begin", name, number, kind, sep="\t", file=said)
        reset_peak()
        start = time.process_time()
        try:
            became = door.attempt(kind, random.Random(f"{name} {seed} {number}"), folder)
        except BaseException as problem:
            where = " < ".join(
                f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}"
                for f in traceback.extract_tb(problem.__traceback__)[::-1][:6]
            )
            became = f"{type(problem).__name__}: {str(problem)[:300]!r} at {where}"
        left = listing(folder) ^ before
        if left:
            became, before = f"{became}; left something behind: {sorted(left)[:3]}", listing(folder)
        seconds = time.process_time() - start
        print(
            "end",
            name,
            number,
            kind,
            became.replace("\t", " ").replace("\n", " "),
            f"{seconds:.2f}",
            peak(),
            sep="\t",
            file=said,
        )
    getattr(door, "close", lambda: None)()
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def listing(folder: Path) -> set[str]:
    """Name everything in the folder."""
    return {os.path.join(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files)}


def limit_memory() -> None:
    size = int(status("VmSize")) * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size + MORE, resource.RLIM_INFINITY))


def status(field: str) -> str:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))


def reset_peak() -> None:
    """Give back what the generator and earlier inputs left in the allocators, then measure anew."""
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak() -> int:
    """Return the most memory in use since the last reset, in MB, the libraries included."""
    return int(status("VmHWM")) // 1024


if __name__ == "__main__":
    main(sys.argv[1:])
