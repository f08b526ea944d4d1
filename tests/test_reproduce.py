"""Reproduction: whatever differs is named, the report says on what and how, and the exit status tells."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from ascn_analysis import cli, loaders, notebooks, reproduce, reproduce_report, sealed
from ascn_analysis.reproduce import Check, digest

SAME = Check("data/a.csv", "bytes", digest("a"), digest("a"))
OTHER = Check("data/b.csv", "bytes", digest("b"), digest("c"))
ABOUT = {"commit": "0", "network": "off", "other than in the lock": [], "packages": {"pandas": "3"}}
SMALL = notebooks.paths()[-1]


def different(checks):
    return [(check.group, check.item) for check in checks if not check.same]


# Tables and what is derived


def test_the_record_has_the_hashes_of_its_descriptor():
    checks = reproduce.table_checks(loaders.DATA)
    assert different(checks) == []
    assert len(checks) == len(list(loaders.DATA.rglob("*.csv"))) + len(list(loaders.DATA.rglob("*.topojson")))


def test_a_changed_table_is_named(data_copy):
    path = data_copy / "partners.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert different(reproduce.table_checks(data_copy)) == [("data/partners.csv", "bytes")]


def test_a_table_that_is_gone_is_named(data_copy):
    (data_copy / "partners.csv").unlink()
    assert different(reproduce.table_checks(data_copy)) == [("data/partners.csv", "bytes")]


def test_a_table_that_the_descriptor_does_not_know_is_named(data_copy):
    (data_copy / "coding" / "more.csv").write_text("a\n1\n", encoding="utf-8")
    assert different(reproduce.table_checks(data_copy)) == [("data/coding/more.csv", "bytes")]


def test_a_changed_panel_is_found_by_deriving_it_anew(data_copy, tmp_path):
    path = data_copy / "panel.csv"
    path.write_text(path.read_text("utf-8").replace(",newly_listed,", ",listed_before,"), encoding="utf-8")
    found = different(reproduce.derived_checks(data_copy, tmp_path / "aside"))
    assert ("data/panel.csv, derived anew", "bytes") in found


def test_a_table_from_which_nothing_can_be_derived_is_told_in_words(data_copy, tmp_path):
    (data_copy / "cities.csv").unlink()
    (check,) = reproduce.derived_checks(data_copy, tmp_path / "aside")
    assert check.got.startswith("TableError: cities.csv")
    assert not check.same


# Notebooks


@pytest.fixture
def tampered(tmp_path):
    """Return a function that changes the first output of a kind in a copy of a notebook, and gives its path and cell."""

    def tamper(path, mime, change):
        notebook = nbformat.read(path, as_version=4)
        for number, cell in enumerate(notebook.cells, start=1):
            for output in cell.get("outputs", []):
                if mime in output.get("data", {}):
                    output["data"][mime] = change(output["data"][mime])
                    copy = tmp_path / path.name
                    copy.write_text(notebooks.to_text(notebook), encoding="utf-8")
                    return copy, f"cell {number} (id {cell.id})"
        raise AssertionError(f"no {mime} in {path.name}")

    return tamper


@pytest.mark.parametrize(
    ("mime", "kind", "change"),
    [
        ("text/plain", "outputs", lambda text: text + "0"),
        ("image/svg+xml", "figure SVGs", lambda text: text.replace("1", "2", 1)),
        ("application/vnd.vegalite.v5+json", "figure specs", lambda spec: {**spec, "width": 1}),
    ],
)
def test_a_changed_output_is_named_by_its_cell(tampered, mime, kind, change):
    path = notebooks.paths()[2]
    copy, cell = tampered(path, mime, change)
    found = different(reproduce.notebook_checks(copy, path.read_text("utf-8")))
    assert [group for group, _ in found] == [f"{path.name}, {kind}", f"{path.name}, file"]
    assert found[0][1].startswith(cell)
    assert found[0][1].endswith(mime)


def test_a_changed_cell_alone_makes_the_file_differ(tmp_path):
    copy = tmp_path / SMALL.name
    copy.write_text(SMALL.read_text("utf-8").replace("# What", "# How", 1), encoding="utf-8")
    found = different(reproduce.notebook_checks(copy, SMALL.read_text("utf-8")))
    assert found == [(f"{SMALL.name}, file", "bytes")]


def test_every_figure_of_a_notebook_is_compared():
    for path in notebooks.paths():
        text = path.read_text("utf-8")
        hashes = reproduce.output_hashes(nbformat.reads(text, as_version=4))
        assert len(hashes["figure specs"]) == len(hashes["figure SVGs"]) == text.count('"image/svg+xml": [')


def test_a_notebook_that_fails_is_a_difference_and_the_others_are_still_compared(tmp_path, monkeypatch):
    monkeypatch.setenv("ASCN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(notebooks, "execute_async", fail_or_give_the_stored)
    paths = [notebooks.paths()[0], SMALL]
    checks = reproduce.asyncio.run(reproduce._notebook_checks(paths, lambda _: None))
    assert different(checks) == [(f"{paths[0].name}, outputs", "the run")]
    assert any(check.group.startswith(SMALL.name) for check in checks)


async def fail_or_give_the_stored(path, _):
    if path != SMALL:
        raise notebooks.NotebookError(f"{path.name}, cell 1: no")
    return nbformat.read(path, as_version=4)


ELSEWHERE = """
import sys
from ascn_analysis import notebooks

for path in notebooks.paths()[-3::2]:
    assert notebooks.to_text(notebooks.execute(path)) == path.read_text(encoding="utf-8"), path.name
    print(path.name)
"""


def test_two_notebooks_are_the_same_in_another_locale_time_zone_folder_and_hash_seed(tmp_path):
    other = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4294967295"}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        cwd=tmp_path,
        env={**os.environ, **other},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
    assert len(done.stdout.split()) == 2


# The site


@pytest.fixture
def builds(monkeypatch):
    """Return a function that lets the two builds write a page of these words."""

    def use(*words):
        left = dict(zip([f"{number}" for number, _ in enumerate(words)], words, strict=True))

        def build(site, _):
            site.mkdir(parents=True)
            (site / "index.html").write_text(left[site.parent.name], encoding="utf-8")
            (site / "site.css").write_text("", encoding="utf-8")
            return ""

        monkeypatch.setattr(reproduce, "_build", build)

    return use


def test_a_page_that_differs_between_the_two_builds_is_named(builds, tmp_path):
    builds("one", "two")
    assert different(reproduce.site_checks(tmp_path)) == [("site, pages", "index.html")]


def test_two_equal_builds_are_the_same(builds, tmp_path):
    builds("one", "one")
    checks = reproduce.site_checks(tmp_path)
    assert different(checks) == []
    assert {check.group for check in checks} == {"site, pages", "site, other files"}


def test_a_site_that_does_not_build_is_told_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "SURROUNDINGS", ({"PYTHONPATH": str(tmp_path)},))
    (tmp_path / "ascn_analysis.py").write_text("raise SystemExit('not today')\n", encoding="utf-8")
    assert reproduce.site_checks(tmp_path) == [Check("site", "the build", "builds", "not today")]


# The report


def test_the_table_has_a_line_a_group_and_names_each_difference():
    text = reproduce_report.as_text([SAME, OTHER], ABOUT)
    assert f"different: data/b.csv: bytes: expected {OTHER.expected}, got {OTHER.got}" in text
    assert text.splitlines()[-1] == "2 things compared, network off: 1 different"
    assert [line.split()[-1] for line in text.splitlines()[1:2]] == ["yes"]


def test_a_group_has_the_hash_over_its_things():
    more = Check(SAME.group, "more", digest("x"), digest("y"))
    (line,) = reproduce_report.lines([SAME, more])
    assert (line.things, line.different) == (2, 1)
    assert line.expected == digest(f"bytes {digest('a')}\nmore {digest('x')}\n") != line.got


def test_the_report_holds_every_check_in_full(tmp_path):
    markdown, data = reproduce_report.write(tmp_path / "report", [SAME, OTHER], ABOUT)
    content = json.loads(data.read_text("utf-8"))
    assert content["same"] is False
    assert [check["expected"] for check in content["checks"]] == [SAME.expected, OTHER.expected]
    assert "| data/b.csv | 1 |" in markdown.read_text("utf-8")


def test_the_surroundings_are_those_of_this_run():
    about = reproduce_report.surroundings("off")
    lock = (Path(__file__).parent.parent / "requirements.lock").read_bytes()
    assert about["requirements.lock"] == digest(lock)
    assert about["packages"]["pandas"] == __import__("pandas").__version__
    assert about["python"].split()[-1] == sys.version.split()[0]


def test_a_package_that_is_not_as_locked_is_named():
    (said,) = reproduce_report.unlike("pandas==0.1 \\\n    --hash=sha256:0\nnot-there==1\n")
    assert said.startswith("pandas ")
    assert said.endswith("(lock: 0.1)")


@pytest.fixture
def pretended(monkeypatch):
    """Return a function that lets the command find these checks, as if sealed."""

    def use(*checks):
        monkeypatch.setenv(sealed.VARIABLE, "sockets")
        monkeypatch.setattr(sealed, "ensure", lambda: "off")
        monkeypatch.setattr(reproduce, "everything", lambda say, skip_site: list(checks))

    return use


@pytest.mark.parametrize(("checks", "status"), [([SAME], 0), ([SAME, OTHER], 1)])
def test_the_exit_status_tells(pretended, checks, status, capsys):
    pretended(*checks)
    assert cli.main(["reproduce"]) == status
    assert capsys.readouterr().out.startswith("network off\n")


def test_the_command_starts_itself_again_without_the_network(monkeypatch):
    monkeypatch.delenv(sealed.VARIABLE, raising=False)
    asked = []
    monkeypatch.setattr(sealed, "run", lambda command: asked.append(command) or 3)
    assert cli.main(["reproduce", "--skip-site", "--report", "there"]) == 3
    assert asked[0][-4:] == ["reproduce", "--report", "there", "--skip-site"]


def test_outside_a_checkout_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(notebooks, "paths", list)
    with pytest.raises(reproduce.AscnError, match="run this in a checkout"):
        reproduce.everything()
