"""Killed, interrupted, full, read-only, twice at once: the old output is whole or the new one is; the next run needs no help.

`abuse/faults.py` holds the faults; each is tried in processes of their own, which may not outlive it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STORED = TESTS.parent / "docs" / "faults.md"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")


def run(*arguments):
    command = [sys.executable, "-m", "abuse.faults", *arguments]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("fault", ["site: killed while a notebook runs", "export: killed between tables"])
def test_a_fault_is_survived(fault):
    assert f"| {fault} | yes |" in run("--fault", fault)


@pytest.mark.full
def test_every_fault_is_survived_as_the_stored_table_says(tmp_path):
    told = run("--write", str(tmp_path / "faults.md"))
    made, stored = ((path / "faults.md").read_text(encoding="utf-8") for path in (tmp_path, STORED.parent))
    # Two faults need a file system that only root can mount; there the table is shorter.
    assert set(made.splitlines()) <= set(stored.splitlines()), told
    assert len(stored.splitlines()) - len(made.splitlines()) in (0, 2)
