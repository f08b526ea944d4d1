"""Exports: the files of the site, whole or not at all, and nobody else's file is replaced."""

import io
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from ascn_analysis import cli, export, loaders, locking
from ascn_analysis.errors import AscnError, WriteError
from ascn_analysis.schemas import TABLES


def test_every_table_is_written_without_a_name(tmp_path):
    made = export.write(tmp_path / "out")
    assert [path.name for path in made] == [f"{name}.csv" for name in TABLES]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([export.MARK, *(p.name for p in made)])


def test_a_parquet_export_is_the_loaded_table(tmp_path):
    (path,) = export.write(tmp_path, "parquet", ["panel"])
    pd.testing.assert_frame_equal(pd.read_parquet(path), loaders.load_panel())


def test_an_xlsx_export_is_a_workbook(tmp_path):
    (path,) = export.write(tmp_path, "xlsx", ["countries"])
    assert "xl/workbook.xml" in zipfile.ZipFile(path).namelist()


def test_a_zip_export_holds_the_record_byte_for_byte(tmp_path):
    (path,) = export.write(tmp_path, "zip")
    packed = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    assert packed.read("panel.csv") == (loaders.DATA / "panel.csv").read_bytes()


def test_an_export_twice_is_the_same(tmp_path):
    first = {path.name: path.read_bytes() for path in export.write(tmp_path, "parquet", ["cities"])}
    assert {path.name: path.read_bytes() for path in export.write(tmp_path, "parquet", ["cities"])} == first


def test_a_file_of_someone_else_is_not_replaced_unless_forced(tmp_path):
    (tmp_path / "cities.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match=r"cities\.csv: exists and is not as this command wrote it; use --force"):
        export.write(tmp_path, "csv", ["countries", "cities"])
    assert [path.name for path in tmp_path.iterdir()] == ["cities.csv"]
    export.write(tmp_path, "csv", ["cities"], force=True)
    assert (tmp_path / "cities.csv").read_text(encoding="utf-8").startswith("city_id,")


def test_an_export_that_was_changed_by_hand_is_not_replaced(tmp_path):
    (path,) = export.write(tmp_path, "csv", ["cities"])
    path.write_text("changed", encoding="utf-8")
    with pytest.raises(WriteError, match="exists and is not as this command wrote it"):
        export.write(tmp_path, "csv", ["cities"])
    assert path.read_text(encoding="utf-8") == "changed"


def test_an_export_of_older_data_is_replaced(tmp_path, data_copy):
    text = (data_copy / "countries.csv").read_text(encoding="utf-8")
    (data_copy / "countries.csv").write_text(text.replace("Viet Nam", "Vietnam"), encoding="utf-8")
    with pytest.raises(AscnError):
        export.write(tmp_path / "out", "csv", ["countries"], folder=data_copy)
    assert not (tmp_path / "out").exists()
    (data_copy / "events.csv").write_text(
        "".join((data_copy / "events.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8"
    )
    (path,) = export.write(tmp_path / "out", "csv", ["events"], folder=data_copy)
    older = path.read_bytes()
    export.write(tmp_path / "out", "csv", ["events"])
    assert path.read_bytes() != older


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cities.csv").symlink_to(tmp_path / "precious")
    with pytest.raises(WriteError):
        export.write(tmp_path / "out", "csv", ["cities"])
    export.write(tmp_path / "out", "csv", ["cities"], force=True)
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"


def test_what_else_stands_in_the_folder_stays_as_it_is(tmp_path):
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (out / "sub" / "mine.txt").write_text("mine", encoding="utf-8")
    (out / "sub" / "mine.txt").chmod(0o600)
    (out / "link").symlink_to("nowhere")
    before = (out / "sub" / "mine.txt").stat()
    export.write(out, "csv", ["cities"])
    export.write(out, "csv", ["countries"])
    assert sorted(path.name for path in out.iterdir()) == [export.MARK, "cities.csv", "countries.csv", "link", "sub"]
    assert os.readlink(out / "link") == "nowhere"
    after = (out / "sub" / "mine.txt").stat()
    assert (out / "sub" / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_else_stands_there_is_copied_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(os, "link", refused)
    export.write(tmp_path / "out", "csv", ["cities"])
    assert (tmp_path / "out" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_an_export_that_fails_at_the_last_table_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    def failing(path, content, check=None):
        if path.name == "events.csv":
            raise WriteError("events.csv: not written")
        return whole(path, content, check)

    whole = export.write_atomic
    export.write(tmp_path / "out", "csv", ["countries"])
    old = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(export, "write_atomic", failing)
    with pytest.raises(WriteError):
        export.write(tmp_path / "out", "csv", ["cities", "events"])
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == old
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path):
    (tmp_path / ".out.1.ascn-new").mkdir()
    (tmp_path / ".out.1.ascn-new" / "cities.csv").write_text("part", encoding="utf-8")
    export.write(tmp_path / "out", "csv", ["cities"])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    assert export.write(tmp_path / "out", "csv", ["cities"]) == [tmp_path / "out" / "cities.csv"]
    assert os.readlink(tmp_path / "out") == "real"
    assert (tmp_path / "real" / "cities.csv").is_file()


@pytest.mark.parametrize("output", [".", "../here"])
def test_the_working_folder_stays_the_folder_that_it_is(output, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    before = (tmp_path / "here").stat().st_ino
    monkeypatch.chdir(tmp_path / "here")
    export.write(Path(output), "csv", ["cities"])
    assert Path("cities.csv").is_file()
    assert (tmp_path / "here").stat().st_ino == before


def test_two_exports_into_one_folder_are_one_too_many(tmp_path):
    with locking.held(tmp_path / "out"), pytest.raises(WriteError, match="is being written by process"):
        export.write(tmp_path / "out", "csv", ["cities"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["citys"], "no table 'citys'; expected one of countries"),
        (["--format", "zip", "cities"], "name no table with it"),
        (["--data", "nowhere", "cities"], "cities.csv: the file is missing"),
        (["--output", "/dev/null/x", "cities"], "not written"),
    ],
)
def test_a_wrong_export_ends_in_one_line(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["export", *arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_command_names_the_files_it_wrote(tmp_path, capsys):
    assert cli.main(["export", "--format", "parquet", "--output", str(tmp_path), "cities", "events"]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / f"{name}.parquet") for name in ("cities", "events")]
