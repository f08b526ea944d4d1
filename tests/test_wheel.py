"""The wheel: built without network, it holds the record, and works in an empty folder with no repository near."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ascn_analysis import loaders, notebooks

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def run(wheel, tmp_path_factory):
    """Return a function that runs Python in an empty folder, with the wheel installed and nothing of the checkout."""
    target, empty = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("empty")
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--target", target]
    subprocess.run([*install, wheel], capture_output=True, check=True)
    surroundings = {**os.environ, "PYTHONPATH": str(target), "ASCN_CACHE": str(empty / ".cache")}

    def call(*words):
        command = [sys.executable, *map(str, words)]
        return subprocess.run(command, cwd=empty, env=surroundings, capture_output=True, text=True, check=False)

    call.target = target
    return call


def test_the_wheel_holds_every_file_of_the_record_to_the_byte(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {
            name.removeprefix("ascn_analysis/data/"): hashlib.sha256(archive.read(name)).digest()
            for name in archive.namelist()
            if name.startswith("ascn_analysis/data/")
        }
    files = [path for path in loaders.DATA.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    there = {p.relative_to(loaders.DATA).as_posix(): hashlib.sha256(p.read_bytes()).digest() for p in files}
    assert held == there


def test_the_wheel_holds_every_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {Path(name).name for name in archive.namelist() if "/licenses/" in name}
    assert held == {"LICENSE", *(path.name for path in (ROOT / "LICENSES").iterdir())}


def test_the_same_tree_gives_the_same_wheel(wheel, tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_loaders_and_metrics_work_and_come_from_the_wheel(run):
    code = """if True:
        import ascn_analysis as ascn
        from ascn_analysis import metrics

        assert len(ascn.load_panel()) == len(ascn.load_projects()) == metrics.growth(ascn.load_projects())["n"].sum()
        assert len(ascn.load_boundaries()) == len(ascn.load_countries())
        print(ascn.__file__)"""
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(run.target)


def test_a_figure_is_drawn_to_the_byte(run):
    done = run("-c", "from ascn_analysis import notebooks; print(notebooks.picture(), end='')")
    assert done.returncode == 0, done.stderr
    assert done.stdout == notebooks.PICTURE.read_text("utf-8")


def test_the_version_is_told(run):
    assert run(run.target / "bin" / "ascn", "--version").stdout.startswith("ascn-analysis ")


def test_the_record_within_passes_the_check(run):
    done = run("-m", "ascn_analysis.cli", "check", run.target / "ascn_analysis" / "data")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "all tables are as their schemas say"


def test_the_audit_is_clean(run):
    done = run("-m", "ascn_analysis.cli", "audit")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("verb", ["lab", "site", "reproduce"])
def test_what_needs_notebooks_says_so_in_one_line(run, verb):
    done = run("-m", "ascn_analysis.cli", verb)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ascn: no notebook in ")
    assert line.endswith("run this in a checkout of the repository")


def test_the_site_of_other_notebooks_says_that_it_needs_a_checkout(run):
    done = run("-m", "ascn_analysis.cli", "site", "--notebooks", notebooks.FOLDER)
    assert done.returncode == 1
    assert done.stderr == (
        "ascn: the installed package has no CITATION.cff for the site to carry; run this in a checkout\n"
    )
