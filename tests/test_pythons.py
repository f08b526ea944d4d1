"""The same bytes under every Python that the project runs on: a fresh environment from the lock for each; a long run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = [sys.executable, "-m", "uv"]


def interpreter(version):
    """The path of a Python of this version; what is found is asked, as a name on the path may lead to another."""
    named = [shutil.which(f"python{version}"), *sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for candidate in filter(None, named):
        code = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        done = subprocess.run([str(candidate), "-c", code], capture_output=True, text=True, check=False)
        if done.stdout.startswith(f"{version} "):
            return done.stdout.split(maxsplit=1)[1].strip()
    return (pytest.fail if os.environ.get("ASCN_REQUIRE_ALL") == "1" else pytest.skip)(f"no Python {version} here")


@pytest.mark.full
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_everything_is_the_same_under_another_python(version, tmp_path):
    python, source = str(tmp_path / "venv" / "bin" / "python"), interpreter(version)
    locked = ["--python", python, "--require-hashes", str(ROOT / "requirements.lock")]
    subprocess.run([*UV, "venv", "--quiet", "--python", source, str(tmp_path / "venv")], check=True)
    subprocess.run([*UV, "pip", "sync", "--quiet", *locked], check=True)
    # Run from the checkout and not installed: nothing is written into it.
    done = subprocess.run(
        [python, "-m", "ascn_analysis.cli", "reproduce", "--skip-site", "--report", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-800:]
    assert f"CPython {version}." in (tmp_path / "reproduce.md").read_text(encoding="utf-8")
