"""The library on the lowest versions that pyproject.toml names, and on the newest that there are; long runs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = [sys.executable, "-m", "uv"]
# What reads, measures and draws. Stored bytes are those of the lock, so that tests of them are left to it.
TESTED = (
    "choosing", "delivery", "descriptor", "explorers", "export", "figures", "histories", "loaders", "metrics", "own", "profiles",
    "project_table", "registries", "schemas", "selections", "status", "statuses", "support", "tables", "widgets",
)  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_the_library_works_on(resolution, tmp_path):
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([*UV, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")], check=True)
    wanted = ["--resolution", resolution, "--no-sources", f"{ROOT}[test,site]"]
    subprocess.run([*UV, "pip", "install", "--quiet", "--python", python, *wanted], check=True)
    tests = [f"tests/test_{name}.py" for name in TESTED]
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-800:]
