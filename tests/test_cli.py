"""The command `ascn`: what it prints, and its exit status."""

import pytest

from ascn_analysis import __version__, cli


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


@pytest.mark.parametrize("verb", ["lab", "check"])
def test_every_verb_has_help(verb, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([verb, "--help"])
    assert stop.value.code == 0
    assert "usage: ascn " + verb in capsys.readouterr().out
