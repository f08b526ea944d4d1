"""Tampering is noticed: cells of the record, outputs of notebooks, constants of the library, lines of the lock.

`mutants.py` beside this file says what a mutant is and who is asked; all of them are judged by ``make check-all``.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from ascn_analysis import loaders, notebooks, reproduce

HERE = Path(__file__).parent
ROOT = HERE.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def beside(name):
    """Import a module that stands beside this one; tests are no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutants = beside("mutants")
ALL = mutants.make(loaders.DATA)
TABLES = sorted(path.relative_to(loaders.DATA).as_posix() for path in loaders.DATA.rglob("*.csv"))


# Making them


def test_every_table_has_mutants():
    assert sorted({mutant.file for mutant in ALL}) == TABLES


def test_every_column_of_numbers_has_its_first_middle_and_last_row():
    for path in sorted(loaders.DATA.glob("*.csv")):
        header, *body = mutants.read(path)
        for place, column in enumerate(header):
            filled = [line for line, row in enumerate(body, start=2) if row[place]]
            lines = {mutant.line for mutant in ALL if (mutant.file, mutant.column) == (path.name, column)}
            if filled and all(mutants.NUMBER.fullmatch(body[line - 2][place]) for line in filled):
                assert lines == {filled[0], filled[len(filled) // 2], filled[-1]}, (path.name, column)


def test_a_mutant_changes_one_cell_and_no_other_byte(data_copy):
    for mutant in mutants.sample(ALL, 60, seed=3):
        before = (loaders.DATA / mutant.file).read_text("utf-8").splitlines()
        mutants.apply(data_copy, mutant)
        after = (data_copy / mutant.file).read_text("utf-8").splitlines()
        shutil.copyfile(loaders.DATA / mutant.file, data_copy / mutant.file)
        assert sum(old != new for old, new in zip(before, after, strict=True)) == 1, mutant


@pytest.mark.parametrize(
    ("cells", "at", "numeric", "new"),
    [
        (["7", "9"], 1, True, "10"),
        (["0.05"], 0, True, "0.06"),
        (["-1.90"], 0, True, "-1.89"),
        (["a", "b", "c"], 1, False, "c"),
        (["a", "b"], 1, False, "a"),
        (["a", "a"], 0, False, "ax"),
    ],
)
def test_what_a_cell_is_changed_to(cells, at, numeric, new):
    assert mutants.changed(cells, at, numeric=numeric) == new


# Cells of the record


def test_every_mutant_is_caught_by_a_hash_that_names_its_table(data_copy):
    missed = [mutant for mutant in ALL if mutants.by_hash(data_copy, mutant) != f"data/{mutant.file}"]
    assert missed == []


HELD = {
    ("project_reports.csv", "page"): "readings and cross-checks",
    ("exhibit_status.csv", "n"): "audit",
    ("cities.csv", "iso3"): "",
    ("panel.csv", "first_year"): "derived anew",
}
"""Cells that must be noticed though all hashes are made anew, with who notices (or anyone)."""


def test_a_few_are_noticed_though_every_hash_is_made_anew():
    chosen = [next(m for m in ALL if (m.file, m.column) == place) for place in HELD]
    for outcome, guard in zip(mutants.outcomes(chosen, words=["--quick"]), HELD.values(), strict=True):
        assert outcome.guard
        assert guard in (outcome.guard, ""), outcome
        assert outcome.said


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Judge all mutants; the rows of the table."""
    folder = tmp_path_factory.mktemp("mutants")
    command = [sys.executable, str(HERE / "mutants.py"), "--write", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-800:]
    return mutants.read(folder / "mutants.csv")


@pytest.mark.full
@pytest.mark.xdist_group("mutants")
def test_all_mutants_of_all_tables_are_judged_and_caught_by_hash(judged):
    assert {row[0] for row in judged[1:]} == set(TABLES)
    assert [row for row in judged[1:] if row[1] != row[2]] == []


@pytest.mark.full
@pytest.mark.xdist_group("mutants")
def test_the_stored_table_of_mutants_is_that_of_the_record_as_it_stands(judged):
    stored = mutants.read(ROOT / "docs" / "mutants.csv")
    # The last column needs the official PDFs.
    assert [row[:-1] for row in judged] == [row[:-1] for row in stored]


# Outputs of notebooks


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_a_changed_output_of_any_cell_is_named(path, tmp_path):
    stored = path.read_text("utf-8")
    cells = nbformat.reads(stored, as_version=4).cells
    for number, cell in enumerate(cells, start=1):
        if cell.get("outputs"):
            tampered = nbformat.reads(stored, as_version=4)
            output = tampered.cells[number - 1]["outputs"][0]
            if "data" in output:
                mime = sorted(output["data"])[-1]
                output["data"][mime] = f"{output['data'][mime]} "
            else:
                output["text"] += " "
            copy = tmp_path / path.name
            copy.write_text(notebooks.to_text(tampered), encoding="utf-8")
            found = [check.item for check in reproduce.notebook_checks(copy, stored) if not check.same]
            assert found[0].startswith(f"cell {number} (id {cell.id})")


# Constants of the library

CONSTANTS = {
    "a colour": ("vocabulary.py", '"#331189"', '"#331188"', "03_focus_areas.ipynb"),
    "a label": ("vocabulary.py", '"ongoing or planning, not separable"', '"ongoing"', "00_start_here.ipynb"),
    "an order": (
        "vocabulary.py",
        r'(    FocusArea\("safety-security".*\n)(    FocusArea\("quality-environment".*\n)',
        r"\2\1",
        "03_focus_areas.ipynb",
    ),
}
LOOK = "import sys; sys.path.insert(0, 'tests'); import mutants; print(mutants.first_difference(sys.argv[1]))"


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_changed_constant_of_the_library_is_named_by_the_cell_that_shows_it(name, tmp_path):
    file, old, new, notebook = CONSTANTS[name]
    copy = mutants.copy_of_checkout(tmp_path / "copy")
    source = copy / "ascn_analysis" / file
    before = source.read_text("utf-8")
    pattern = old if "\\" in old else re.escape(old)
    source.write_text(re.sub(pattern, new, before, count=1), encoding="utf-8")
    assert source.read_text("utf-8") != before
    surroundings = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, "-c", LOOK, notebook]
    done = subprocess.run(command, cwd=copy, env=surroundings, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{notebook}, cell "), done.stderr[-800:]


# Lines of the lock


def locked_line(name):
    """The line of a package in the lock, with its hashes."""
    return re.search(rf"^{name}==.*?(?=^[a-z])", LOCK, re.MULTILINE | re.DOTALL).group(0)


def install(line, folder):
    """Install one line of the lock as `make setup` does, from the cache."""
    (folder / "line.txt").write_text(line, encoding="utf-8")
    words = ["pip", "install", "--offline", "--no-deps", "--require-hashes", "--target", folder / "there", "-r"]
    command = [sys.executable, "-m", "uv", *map(str, words), str(folder / "line.txt")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda line: re.sub(r"sha256:(\w)", lambda m: f"sha256:{int(m[1], 16) ^ 1:x}", line), "Hash mismatch for `wcwidth=="),
        (lambda line: line.split()[0] + locked_line("traitlets").partition(" ")[2], "Hash mismatch for `wcwidth=="),
        (lambda line: line.split()[0], "must have a hash, but none were provided for: wcwidth=="),
    ],
    ids=["other hashes", "the hashes of another package", "no hash"],
)  # fmt: skip
def test_a_changed_line_of_the_lock_is_refused_for_its_hashes(change, reason, tmp_path):
    line = locked_line("wcwidth")
    if install(line, tmp_path).returncode:
        pytest.skip("the installer's cache does not hold wcwidth, and the test asks no network")
    shutil.rmtree(tmp_path / "there")
    refused = install(change(line), tmp_path)
    assert refused.returncode != 0
    assert reason in " ".join(refused.stderr.split())
    assert not (tmp_path / "there" / "wcwidth").exists()


def test_make_installs_with_hashes_only():
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in rules.splitlines() if re.search(r"pip (sync|install)", line)]
    assert len(installs) >= 4
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []
