"""Writing: readers see the old content or the new, and nothing is left lying about."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis.errors import WriteError
from ascn_analysis.writing import write_atomic


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")
    return path


def refuse(*_: object) -> None:
    raise OSError("disk full")


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def only(path: Path) -> bool:
    """Say whether the file stands alone in its folder, with its old content."""
    return list(path.parent.iterdir()) == [path] and path.read_bytes() == b"old"


def test_the_new_content_takes_the_place_of_the_old(old):
    assert write_atomic(old, b"new") == old
    assert old.read_bytes() == b"new"


def test_a_new_file_is_made(tmp_path):
    write_atomic(str(tmp_path / "new.csv"), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_text_is_written_as_utf_8_without_changing_line_ends(old):
    write_atomic(old, "²\nViệt\r\n")
    assert old.read_bytes() == b"\xc2\xb2\nVi\xe1\xbb\x87t\r\n"


def test_the_check_sees_the_new_content_while_the_old_still_stands(old):
    seen = []
    write_atomic(old, b"new", check=lambda aside: seen.append((aside.read_bytes(), old.read_bytes())))
    assert seen == [(b"new", b"old")]


def test_a_failed_check_leaves_the_old_file_alone(old):
    with pytest.raises(WriteError, match=r"table\.csv: not written, the old file stands \(disk full\)"):
        write_atomic(old, b"new", check=refuse)
    assert only(old)


@pytest.mark.parametrize("name", ["replace", "fdopen", "fsync"])
def test_a_failed_step_leaves_the_old_file_alone(old, monkeypatch, name):
    monkeypatch.setattr(os, name, refuse)
    with pytest.raises(WriteError, match="disk full"):
        write_atomic(old, b"new")
    assert only(old)


def test_a_failed_change_of_mode_leaves_the_old_file_alone(old, monkeypatch):
    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(WriteError):
        write_atomic(old, b"new")
    assert only(old)


def test_a_missing_folder_is_a_write_error_and_stays_missing(tmp_path):
    with pytest.raises(WriteError, match=r"^new\.csv: not written"):
        write_atomic(tmp_path / "nowhere" / "new.csv", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_file_is_a_write_error(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteError):
        write_atomic(tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_of_the_old_file_is_kept(old, mode):
    old.chmod(mode)
    write_atomic(old, b"new")
    assert old.stat().st_mode & 0o777 == mode


def test_a_new_file_may_be_read_by_all(tmp_path):
    assert write_atomic(tmp_path / "new.csv", b"new").stat().st_mode & 0o777 == 0o644


@settings(max_examples=40)
@given(content=st.binary(max_size=2000))
def test_any_bytes_come_back(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes"
    assert write_atomic(path, content).read_bytes() == content


@settings(max_examples=40)
@given(content=st.text(max_size=200))
def test_any_text_comes_back(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "text"
    assert write_atomic(path, content).read_bytes().decode("utf-8") == content


def test_an_interrupted_check_leaves_no_temporary_file(old):
    with pytest.raises(KeyboardInterrupt):
        write_atomic(old, b"new", check=interrupt)
    assert only(old)


def test_text_that_utf_8_cannot_hold_is_a_write_error(old):
    with pytest.raises(WriteError):
        write_atomic(old, "\ud800")


def test_a_folder_that_cannot_be_synced_is_no_failed_write(old, monkeypatch):
    sync = os.fsync
    monkeypatch.setattr(
        "ascn_analysis.writing.os.fsync", lambda f: refuse() if stat.S_ISDIR(os.fstat(f).st_mode) else sync(f)
    )
    write_atomic(old, b"new")
    assert old.read_bytes() == b"new"
