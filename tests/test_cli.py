"""The command `ascn`: what it prints, and its exit status."""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ascn_analysis import __version__, cli, loaders


def test_version_tells_the_date_of_the_data(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"ascn-analysis {__version__}, data as of 2025-09-30\n"


def test_wrong_usage_exits_with_2():
    with pytest.raises(SystemExit) as stop:
        cli.main(["chekc"])
    assert stop.value.code == 2


def test_check_passes_on_the_shipped_data(data_copy):
    assert cli.main(["check", str(data_copy)]) == 0


def test_check_names_the_fault_without_a_traceback(data_copy, capsys):
    path = data_copy / "countries.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Viet Nam", "Vietnam"), encoding="utf-8")
    assert cli.main(["check", str(data_copy)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("ascn: countries.csv, row 12, column country: ")
    assert "'Vietnam'" in error


def test_check_of_a_missing_folder_is_one_line(tmp_path, capsys):
    assert cli.main(["check", str(tmp_path / "nowhere")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("verb", ["lab", "check", "audit", "reproduce"])
def test_every_verb_has_help(verb, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([verb, "--help"])
    assert stop.value.code == 0
    assert "usage: ascn " + verb in capsys.readouterr().out


FIELDS = {"year", "subject", "stated", "recomputed", "explanation", "pages"}
NOTE = "ascn-concept-note.pdf"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def only_the_concept_note(data: Path) -> None:
    """Leave one document in the sources of a copy of the record."""
    header, *lines = (data / "sources.csv").read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if NOTE in line)
    (data / "sources.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")


def forget_a_contradiction(data: Path) -> None:
    """Take the line of Manila's third project out of the known contradictions of a copy of the record."""
    path = data / "known_contradictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "projects of the action plan" not in line), encoding="utf-8")


@pytest.fixture
def three_errors(data_copy: Path) -> Path:
    """A copy of the record with an error in each of three tables."""
    change(data_copy / "countries.csv", "Viet Nam", "Vietnam")
    change(data_copy / "sub_areas.csv", "\ntourism,", "\nTourism,")
    change(data_copy / "events.csv", "\n2018-04-28,", "\n2018-04-31,")
    return data_copy


def test_check_lists_all_errors_at_once_each_with_its_row(three_errors, capsys):
    assert cli.main(["check", str(three_errors)]) == 1
    assert sorted(line.split(": ")[1] for line in capsys.readouterr().err.splitlines()) == [
        "countries.csv, row 12, column country",
        "events.csv, row 4, column date",
        "sub_areas.csv, row 2, column sub_area_id",
    ]


def test_check_counts_the_errors_and_the_rows_of_each_table(three_errors, capsys):
    cli.main(["check", str(three_errors)])
    *tables, last = capsys.readouterr().out.splitlines()
    assert last == "3 errors"
    assert "countries.csv: 11 rows" in tables


def test_check_finds_an_error_behind_a_table_that_is_missing(three_errors, capsys):
    (three_errors / "cities.csv").unlink()
    assert cli.main(["check", str(three_errors)]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 4
    assert any(line.startswith("ascn: cities.csv: the file is missing") for line in errors)


def test_audit_of_the_shipped_data_exits_with_0_and_counts(capsys):
    assert cli.main(["audit"]) == 0
    known = len(loaders.load_table("known_contradictions"))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"{known} contradictions: {known} known, 0 unknown, 0 gone"


def test_audit_with_an_unknown_contradiction_exits_with_1_and_marks_it(data_copy, capsys):
    forget_a_contradiction(data_copy)
    assert cli.main(["audit", "--data", str(data_copy)]) == 1
    marked = [line for line in capsys.readouterr().out.splitlines() if line.endswith("[UNKNOWN]")]
    assert marked == ["2018  Manila: projects of the action plan  [UNKNOWN]"]


def test_audit_as_json_is_an_object_with_all_findings(data_copy, capsys):
    forget_a_contradiction(data_copy)
    assert cli.main(["audit", "--json", "--data", str(data_copy)]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["findings"]
    assert len(printed["findings"]) == len(loaders.load_table("known_contradictions"))
    assert all(finding.keys() >= FIELDS for finding in printed["findings"])


def test_audit_of_a_broken_table_is_one_line(data_copy, capsys):
    change(data_copy / "cities.csv", "\nmanila,", "\nMANILA,")
    assert cli.main(["audit", "--data", str(data_copy)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ascn: cities.csv, row ")


def test_audit_without_the_pdfs_says_in_one_line_which_are_missing_and_where_they_are(tmp_path, capsys):
    assert cli.main(["audit", "--sources", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    sources = loaders.load_sources().dropna(subset="file")
    for source in sources.itertuples():
        assert f"{source.file} (from {source.url})" in line


def test_audit_with_one_pdf_missing_names_no_other(tmp_path, capsys):
    first, *others = loaders.load_sources()["file"].dropna()
    for name in others:
        (tmp_path / name).touch()
    assert cli.main(["audit", "--sources", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert first in error
    assert not any(name in error for name in others)


def test_audit_with_the_official_pdfs_finds_the_same_copies_and_every_text(sources_folder):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        status = cli.main(["audit", "--sources", str(sources_folder)])
    lines = said.getvalue().splitlines()
    files = loaders.load_sources()["file"].count()
    assert status == 0, [line for line in lines if line.startswith("  ")]
    assert sum(": same copy; " in line for line in lines) == files
    assert "[9/9] ascn-monitoring-evaluation-2025.pdf" in lines


@pytest.fixture
def another_copy(tmp_path: Path, data_copy: Path, sources_folder: Path) -> Path:
    """A folder with one official PDF, a byte longer, where it is the one document of the copy of the record."""
    only_the_concept_note(data_copy)
    (tmp_path / "pdfs").mkdir()
    content = (sources_folder / NOTE).read_bytes()
    (tmp_path / "pdfs" / NOTE).write_bytes(content + b"\n")
    return tmp_path / "pdfs"


def test_audit_says_that_a_pdf_is_another_copy_and_still_looks_texts_up(another_copy, data_copy, capsys):
    assert cli.main(["audit", "--data", str(data_copy), "--sources", str(another_copy)]) == 0
    assert "concept-note-2018: another copy; 3 of 3 printed texts on their page" in capsys.readouterr().err.splitlines()


def test_audit_of_another_copy_that_lacks_a_text_exits_with_1_and_names_it(another_copy, data_copy, capsys):
    cited = "concept-note-2018,6,text,stated,in all"
    change(data_copy / "stated_figures.csv", f"{cited} ten AMS", f"{cited} eleven AMS")
    assert cli.main(["audit", "--data", str(data_copy), "--sources", str(another_copy)]) == 1
    error = capsys.readouterr().err
    assert "another copy; 2 of 3 printed texts on their page" in error
    assert "not on its page: stated_figures.csv row " in error
    assert "page 6: 'in all eleven AMS'" in error


def test_audit_of_a_pdf_that_cannot_be_read_ends_in_one_line(another_copy, data_copy, capsys):
    (another_copy / NOTE).write_text("no PDF")
    assert cli.main(["audit", "--data", str(data_copy), "--sources", str(another_copy)]) == 1
    progress, line = capsys.readouterr().err.splitlines()
    assert progress == f"[1/1] {NOTE}"
    assert "not readable as PDF" in line


def test_a_reader_who_stops_reading_causes_no_traceback():
    command = f"{sys.executable} -m ascn_analysis.cli audit | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("2018  ")
