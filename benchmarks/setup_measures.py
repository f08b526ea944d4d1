"""Measure setting everything up from the lock with empty caches, against pip with the same lock."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measures import Measure, measure

PYTHON = os.path.realpath(sys.executable)
CHECKOUT = Path(__file__).parent.parent


def seconds(*commands: list[str], environment: dict[str, str]) -> float:
    """Time commands that run one after the other in the checkout."""
    start = time.perf_counter()
    for command in commands:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd=CHECKOUT, env={**os.environ, **environment}, **quiet)
    return time.perf_counter() - start


def all_measures() -> list[Measure]:
    """Compare ``make setup`` with a virtual environment into which pip installs the same lock."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        empty = {"UV_CACHE_DIR": str(Path(folder) / "cache"), "PIP_NO_CACHE_DIR": "1"}
        made = seconds(["make", "--silent", "setup", f"VENV={ours}", f"PYTHON={PYTHON}"], environment=empty)
        pip = [
            str(theirs / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]
        plain = seconds(
            [PYTHON, "-m", "venv", str(theirs)],
            [*pip, "--require-hashes", "--requirement", "requirements.lock"],
            environment=empty,
        )
    return [
        measure("set-up from the lock with empty caches / pip with the same lock", made / plain, "ratio", 0.15),
        measure("set-up from the lock with empty caches", made, "s", None),
    ]
