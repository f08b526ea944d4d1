"""What comes from others is listed, with its reason, its hash and its licence."""

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GUIDE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
SECTIONS = {
    "To read, run and extend": PROJECT["dependencies"],
    "To build the site": PROJECT["optional-dependencies"]["site"],
    "To test": PROJECT["optional-dependencies"]["test"],
    "For larger registries, and to compare": PROJECT["optional-dependencies"]["scale"],
    "To set up": PROJECT["optional-dependencies"]["setup"],
}
WORDS = {
    "BSD-2-Clause": "Redistribution and use in source and binary forms",
    "BSD-3-Clause": "Neither the name of the copyright holder",
    "ISC": "Permission to use, copy, modify, and/or distribute this software",
    "MPL-2.0": "Mozilla Public License Version 2.0",
    "OFL-1.1": "SIL OPEN FONT LICENSE Version 1.1",
}


def section(title):
    """The rows of the table under a heading, as lists of cells."""
    text = GUIDE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return rows[1:]


def name(requirement):
    return re.match(r"[A-Za-z0-9-]+", requirement).group(0)


def blocks(lock):
    """Each package of a lock with the lines that belong to it."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]


# The locks


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_exact_version_with_hashes(lock):
    assert blocks(lock)
    form = re.compile(r"[a-z0-9-]+==\S+( ; [^\n]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n?\Z")
    assert [block.splitlines()[0] for block in blocks(lock) if not form.match(block)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_other_place_to_download_from(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert (
        re.findall(r"://|^-|\s(?:--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)
        == []
    )


def test_the_makefile_installs_from_locks_only_with_their_hashes():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if re.search(r"pip (install|sync)", line) and line.startswith("\t")]
    assert len(installs) >= 4
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []


@pytest.mark.parametrize("package", ["jupyterlab", "duckdb", "plotly"])
def test_versions_that_stand_in_two_locks_are_the_same(package):
    pins = {block.split()[0] for lock in LOCKS for block in blocks(lock) if block.startswith(f"{package}==")}
    assert len(pins) == 1


# The reasons


@pytest.mark.parametrize("title", SECTIONS)
def test_the_list_of_dependencies_is_that_of_pyproject(title):
    assert [row[0] for row in section(title)] == sorted(map(name, SECTIONS[title]))


def test_every_group_of_pyproject_is_in_the_list():
    assert set(PROJECT["optional-dependencies"]) == {"site", "test", "scale", "setup"}


def test_what_only_the_benchmarks_compare_with_is_in_the_list():
    wanted = re.search(r"printf '([^']+)' .*requirements-peers\.lock", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert [row[0] for row in section("Only for `make bench`")] == sorted(map(name, wanted.group(1).split("\\n")[:-1]))


@pytest.mark.parametrize("title", [*SECTIONS, "Only for `make bench`"])
def test_every_dependency_has_a_reason(title):
    assert [row for row in section(title) if len(row) != 2 or len(row[1].split()) < 3] == []


# The licences


def of_others():
    """Files of the repository that others made: what lies in a vendor folder, typefaces, boundaries, archives."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    form = re.compile(r"\.(ttf|otf|woff2?|topojson|gz|zip|whl|jar|wasm)$|\.min\.(js|css)$|/vendor/[^/]+\.(js|css)$")
    return {path for path in tracked if form.search(path)}


def test_every_file_of_others_is_listed():
    assert {row[0] for row in section("Files of others in this repository")} == of_others()


@pytest.mark.parametrize("row", section("Files of others in this repository"), ids=lambda row: f"{row[0]}-{row[2]}")
def test_every_file_of_others_has_its_licence_text(row):
    text = " ".join((ROOT / row[3]).read_text(encoding="utf-8").split())
    assert WORDS[row[2]].casefold() in text.casefold()
    assert '"as is"' in text.casefold(), "the disclaimer is missing"


def test_every_licence_within_the_vendored_script_is_listed():
    head = (ROOT / "ascn_analysis" / "site" / "vendor" / "vega.js").read_text(encoding="utf-8")[:4000]
    listed = {row[2] for row in section("Files of others in this repository") if row[0].endswith("vega.js")}
    assert set(re.findall(r"BSD-\d-Clause|ISC|MIT|Apache-2.0", head.split("*/", 1)[0])) == listed


def test_the_vendored_files_of_the_tests_are_as_listed():
    table = (ROOT / "tests" / "vendor" / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", table, re.MULTILINE))
    assert listed
    for file, digest in listed.items():
        assert hashlib.sha256((ROOT / "tests" / "vendor" / file).read_bytes()).hexdigest() == digest
