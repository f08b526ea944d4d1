"""The descriptor beside the tables: readable, and naming only files of its own folder."""

import json

import pytest

from ascn_analysis import descriptor


def told(folder, *paths):
    (folder / "datapackage.json").write_text(json.dumps({"resources": [{"path": p} for p in paths]}), encoding="utf-8")
    return [error.problem for error in descriptor.errors(folder)]


def test_a_folder_without_a_descriptor_is_sound(tmp_path):
    assert list(descriptor.errors(tmp_path)) == []


def test_a_file_that_is_there_is_sound_and_one_that_is_not_is_told(tmp_path):
    (tmp_path / "a.csv").touch()
    assert told(tmp_path, "a.csv") == []
    assert told(tmp_path, "b.csv") == ["a file is missing"]
    assert list(descriptor.errors(tmp_path, ["b.csv"])) == []


@pytest.mark.parametrize("path", ["../a.csv", "/etc/passwd", "a/../../b", "https://example.org/a.csv", "c:\\a", "a\0"])
def test_a_path_out_of_the_folder_is_told(tmp_path, path):
    assert told(tmp_path, path) == ["a path leads out of the folder"]


def test_a_link_out_of_the_folder_is_told(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.csv").touch()
    (tmp_path / "in" / "a.csv").symlink_to(tmp_path / "outside.csv")
    assert told(tmp_path / "in", "a.csv") == ["a path leads out of the folder"]


def test_a_file_named_twice_is_told(tmp_path):
    (tmp_path / "a.csv").touch()
    assert told(tmp_path, "a.csv", "a.csv") == ["a file is named twice"]


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '"\ud800"', "[]", '{"resources": {}}', "null"])
def test_what_is_no_descriptor_is_one_error(tmp_path, text):
    (tmp_path / "datapackage.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    (error,) = descriptor.errors(tmp_path)
    assert str(error).startswith("datapackage.json")
