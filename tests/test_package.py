"""What is derived in data/: made again it gives the committed bytes, and it is a valid data package of all files."""

import hashlib
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import loaders, package, schemas
from ascn_analysis.errors import TableError

DERIVED = ("panel.csv", "datapackage.json", "README.md")
BESIDE = {"coding/README.md", "README.md", "datapackage.json", "boundaries/make_boundaries.py"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return json.loads((loaders.DATA / "datapackage.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with all of data/ but what is derived, and that made again."""
    folder = tmp_path_factory.mktemp("rebuilt")
    for path in sorted(loaders.DATA.rglob("*.*")):
        if path.name not in DERIVED:
            (folder / path.relative_to(loaders.DATA)).parent.mkdir(exist_ok=True)
            (folder / path.relative_to(loaders.DATA)).write_bytes(path.read_bytes())
    package.build(folder)
    return folder


@pytest.mark.parametrize("name", DERIVED)
def test_made_again_it_has_the_committed_bytes(rebuilt, name):
    assert (rebuilt / name).read_bytes() == (loaders.DATA / name).read_bytes()


def test_a_broken_table_leaves_what_was_derived_before(data_copy):
    path = data_copy / "membership.csv"
    path.write_text(path.read_text("utf-8").replace("\nbattambang,", "\nbattambong,"), encoding="utf-8")
    before = {name: (data_copy / name).read_bytes() for name in DERIVED}
    with pytest.raises(TableError, match=r"membership\.csv, row 3, column city_id"):
        package.build(data_copy)
    assert {name: (data_copy / name).read_bytes() for name in DERIVED} == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_data_package_is_valid_for_frictionless():
    from frictionless import Package

    report = Package(str(loaders.DATA / "datapackage.json")).validate()
    assert report.flatten(["name", "rowNumber", "fieldName", "note"]) == []
    assert report.valid
    assert report.stats["tasks"] == len(list(loaders.DATA.rglob("*.csv"))) + 2


def test_every_file_of_the_record_is_in_the_data_package(described):
    files = {path.relative_to(loaders.DATA).as_posix() for path in loaders.DATA.rglob("*") if path.is_file()}
    assert {resource["path"] for resource in described["resources"]} == files - BESIDE


def test_the_data_package_holds_the_size_and_hash_of_each_file(described):
    for resource in described["resources"]:
        content = (loaders.DATA / resource["path"]).read_bytes()
        found = (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        assert (resource["bytes"], resource["hash"]) == found, resource["path"]


def test_every_column_of_every_table_has_a_description_of_its_own_words(described):
    fields = {
        (resource["name"], field["name"]): field.get("description") or ""
        for resource in described["resources"]
        for field in resource.get("schema", {}).get("fields", [])
    }
    assert len(fields) == sum(len(table.columns) for table in schemas.TABLES.values())
    assert [place for place, words in fields.items() if len(words) < 5] == []


def test_every_file_has_a_description(described):
    assert [resource["path"] for resource in described["resources"] if not resource["description"].strip()] == []


def test_resource_names_are_unique(described):
    names = [resource["name"] for resource in described["resources"]]
    assert sorted(set(names)) == sorted(names)


def test_the_data_package_names_licence_and_what_it_is_not(described):
    assert [licence["name"] for licence in described["licenses"]] == ["CC-BY-4.0"]
    assert "no ASEAN publication" in described["description"]


def test_the_data_package_names_all_sources(described):
    assert {source["title"] for source in described["sources"]} == set(loaders.load_sources()["title"])


@pytest.mark.parametrize("name", schemas.TABLES)
def test_the_dictionary_has_a_section_with_a_line_for_each_column(name):
    section = (loaders.DATA / "README.md").read_text("utf-8").split(f"\n## {name}.csv\n")[1].split("\n## ")[0]
    assert [line.split(" | ")[0] for line in section.splitlines()[5:]] == [
        f"| {c}" for c in schemas.TABLES[name].columns
    ]


def test_the_dictionary_tables_have_four_cells_a_line():
    text = (loaders.DATA / "README.md").read_text("utf-8")
    tables = text.split("\n## Words\n")[1].split("\n## Other files\n")[0]
    lines = [line.replace("\\|", "") for line in tables.splitlines() if line.startswith("|")]
    assert [line for line in lines if line.count("|") != 5] == []


def test_the_links_of_the_panel_lead_to_the_page(panel):
    assert (panel["url"].str.extract(r"#page=(\d+)$")[0].astype("int64") == panel["page"]).all()


def test_the_panel_knows_first_and_last_year_of_each_project(panel):
    years = panel.groupby("project_id")["report_year"]
    assert (years.transform("min") == panel["first_year"]).all()
    assert (years.transform("max") == panel["last_year"]).all()


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20)


@settings(max_examples=60)
@given(cells=st.lists(st.tuples(TEXT, TEXT | st.none()), min_size=1, max_size=4))
def test_cells_with_commas_and_quotes_come_back_from_a_csv(tmp_path_factory, cells):
    frame = pd.DataFrame(cells, columns=["a", "b"], dtype="str")
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    path.write_text(package.to_csv(frame), encoding="utf-8", newline="\n")
    pd.testing.assert_frame_equal(loaders.read_strings(path).reset_index(drop=True), frame)
