"""The draft of the next report: what it fills, what it leaves empty and asks for, and that it stands whole or not at all."""

import builtins
import os
import signal
import subprocess
import sys
import time
from functools import cache

import pandas as pd
import pytest

from ascn_analysis import cli, draft, draft_files, draft_text, loaders, report_pdf, schemas
from ascn_analysis.errors import AscnError, SourceError, WriteError

PRINTED = list(draft.PRINTED)
LAST = int(loaders.load_table("project_reports")["report_year"].max())
NEXT = LAST + 1
HEAD = f"ASCN Monitoring and Evaluation Report {NEXT} (As of 30 September {NEXT})"
LONG = "Integrated Command and Control Centre for the Whole of the City and Its River, Second Phase"


@pytest.fixture(scope="module")
def latest():
    rows = loaders.load_table("project_reports")
    return rows[rows["report_year"] == rows["report_year"].max()]


@pytest.fixture(scope="module")
def printed(latest):
    """The latest appendix once more, with one title changed, one long title, one new spelling and one odd label."""
    rows = [tuple(row) for row in latest[latest["list"] == "ongoing_or_planning"][PRINTED].itertuples(index=False)]
    country, city, title, area = rows[0]
    rows[0] = (country, city, f"{title} II", area)
    rows[1] = (*rows[1][:2], LONG, rows[1][3])
    rows[2] = (*rows[2][:3], "Civic + Social")
    rows[-1] = (rows[-1][0], "Ha-Noi", *rows[-1][2:])
    return {"A. List of ongoing projects": rows, "B. List of completed projects": rows[5:20]}


@pytest.fixture(scope="module")
def pdf(tmp_path_factory, draw_report, printed):
    n = sum(map(len, printed.values()))
    said = [
        HEAD,
        f"In {NEXT} the ASCN has a total of {n} smart city projects.",
        "It grew to 39 cities.",
        "Exhibit 2: the snapshot",
    ]
    return draw_report(tmp_path_factory.mktemp("pdf") / "report.pdf", said, printed)


@pytest.fixture(scope="module")
def made(pdf):
    return draft.make(NEXT, pdf)


@pytest.fixture(scope="module")
def text(made):
    return draft_text.write(made)


# What is filled


def test_every_row_is_read_also_wrapped_and_over_page_breaks(made, printed):
    expected = [row for rows in printed.values() for row in rows]
    assert [tuple(row) for row in made.rows[PRINTED].itertuples(index=False)] == expected
    assert made.rows["page"].nunique() > 4


def test_the_columns_are_those_of_the_table(made):
    assert list(made.rows.columns) == list(schemas.TABLES["project_reports"].columns)


def test_a_city_and_a_label_that_are_not_known_stay_empty(made):
    assert made.rows.loc[made.rows["city_id"].isna(), "city_printed"].unique().tolist() == ["Ha-Noi"]
    assert made.rows.loc[made.rows["focus_area_id"].isna(), "focus_area_printed"].unique().tolist() == [
        "Civic + Social"
    ]


def test_a_project_is_named_only_where_city_and_title_agree_once(made, latest):
    known = latest.set_index(["city_id", "project_printed"])["project_id"]
    named = made.rows.dropna(subset="project_id")
    assert len(named) > 50
    assert [known[key] for key in zip(named["city_id"], named["project_printed"], strict=True)] == named[
        "project_id"
    ].tolist()
    doubled = made.rows.duplicated(["city_printed", "project_printed"], keep=False)
    assert made.rows.loc[doubled, "project_id"].isna().all()


def test_a_status_is_what_the_list_alone_leaves(made):
    told = made.rows.groupby("list")["status"].unique().map(list).to_dict()
    assert told == {"ongoing_or_planning": ["planning|ongoing"], "completed": ["completed"]}


def test_the_source_row_describes_the_file(made, pdf):
    row = draft.tables(made)["sources.csv"].iloc[0]
    assert (row["source_id"], row["as_of"], row["bytes"], row["pages"]) == (
        f"me-{NEXT}", f"{NEXT}-09-30", pdf.stat().st_size, len(made.report.texts),
    )  # fmt: skip
    assert row[["published", "url", "accessed", "licence_note"]].isna().all()


def test_links_join_exactly_the_named_rows(made):
    links = draft.tables(made)["project_links.csv"]
    assert len(links) == made.rows["project_id"].notna().sum()
    assert set(links["kind"] + links["confidence"]) == {"samesure"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("city and title agree, 2022 to 2025", "city and title agree, 2022 to 2026"),
        ("listed in one report", "city and title agree, 2025 to 2026"),
        ("2024 to 2025 renamed (sure): p.9", "2024 to 2025 renamed (sure): p.9; city and title agree, 2025 to 2026"),
    ],
)
def test_the_note_of_a_project_is_brought_up_to_date(before, after):
    assert draft._note(before, 2025, 2026) == after


# What is asked for


def test_both_numbers_of_rows_are_shown(text, made):
    assert f"Rows read from the appendix: {len(made.rows)} (" in text
    assert f"Total stated by the report: {len(made.rows)} (p. 1" in text
    assert "They agree." in text


def test_a_total_that_differs_is_to_decide(tmp_path, draw_report, printed):
    pdf = draw_report(tmp_path / "a.pdf", [HEAD, "a total of 12 smart city projects"], printed)
    made = draft.make(NEXT, pdf)
    assert not draft_text.counts_agree(made)
    assert "Total stated by the report: 12 (p. 1" in (text := draft_text.write(made))
    assert "**To decide: they do not all agree.**" in text


def test_a_report_without_a_stated_total_says_so(tmp_path, draw_report, printed):
    made = draft.make(NEXT, draw_report(tmp_path / "a.pdf", [HEAD], printed))
    assert "**none found in its text; look for it.**" in draft_text.write(made)


def test_a_renamed_project_stands_with_its_nearest_former_title(text, latest):
    line = next(line for line in text.splitlines() if " II | " in line)
    assert f"{latest.iloc[0]['project_printed']} (0." in line.replace("\\", "")
    assert latest.iloc[0]["project_id"] in line


def test_new_spellings_and_labels_are_asked_for(text):
    assert "“Ha-Noi” (Viet Nam, p." in text
    assert "is no known spelling. Nearest: Ha" in text
    assert "label “Civic + Social” is not known. Nearest: Civic & Social." in text


def test_a_row_that_stands_twice_is_named(text, printed):
    assert f"{printed['B. List of completed projects'][0][2]!r} stands more than once" in text


def test_every_kind_of_decision_has_its_section(text):
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    for word in (
        "Counts",
        "Identity",
        "no row matches",
        "Cities",
        "Focus areas",
        "Exhibits",
        "Stated figures",
        "membership",
    ):
        assert sum(word in heading for heading in headings) == 1, word


# The folder


def run(*arguments):
    return cli.main(["new-report", *map(str, arguments)])


def test_the_verb_writes_every_table_and_the_list(pdf, tmp_path, capsys):
    assert run(NEXT, "--pdf", pdf, "--output", tmp_path / "d") == 0
    said = capsys.readouterr()
    assert (tmp_path / "d" / "decide.md").read_text(encoding="utf-8").strip() in said.out
    assert "[1/2]" in said.err
    for name, frame in draft.tables(draft.make(NEXT, pdf)).items():
        assert len(loaders.read_strings(tmp_path / "d" / name)) == len(frame), name


def test_a_draft_is_replaced_only_by_force(pdf, tmp_path, capsys):
    target = tmp_path / "d"
    run(NEXT, "--pdf", pdf, "--output", target)
    (target / "sources.csv").write_text("mine", encoding="utf-8")
    assert run(NEXT, "--pdf", pdf, "--output", target) == 1
    assert "a draft stands there; use --force" in capsys.readouterr().err
    assert (target / "sources.csv").read_text(encoding="utf-8") == "mine"
    assert run(NEXT, "--pdf", pdf, "--output", target, "--force") == 0
    assert (target / "sources.csv").read_text(encoding="utf-8") != "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_a_folder_of_others_is_never_replaced(pdf, tmp_path, capsys):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "letter.txt").write_text("mine", encoding="utf-8")
    assert run(NEXT, "--pdf", pdf, "--output", tmp_path / "d", "--force") == 1
    assert "is no draft made by this program" in capsys.readouterr().err
    assert (tmp_path / "d" / "letter.txt").exists()


def test_a_draft_never_stands_among_the_tables(pdf, capsys):
    assert run(NEXT, "--pdf", pdf, "--output", loaders.DATA / "draft") == 1
    assert "lies in the folder of tables" in capsys.readouterr().err


def test_a_draft_that_does_not_read_back_is_not_given_its_name(made, tmp_path, monkeypatch):
    monkeypatch.setattr(
        draft_files, "write_atomic", lambda path, text: path.write_text(text[: len(text) // 2], encoding="utf-8")
    )
    with pytest.raises(AscnError):
        draft_files.write(made, tmp_path / "d")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.02, 0.06, 0.12])
def test_killed_while_writing_no_part_stands_under_the_name(pdf, tmp_path, seconds):
    code = (
        "import pathlib, sys; from ascn_analysis import draft, draft_files\n"
        f"made = draft.make({NEXT}, pathlib.Path(sys.argv[1])); print('ready', flush=True)\n"
        "for _ in range(1000): draft_files.write(made, pathlib.Path(sys.argv[2]), force=True)"
    )
    target = tmp_path / "d"
    process = subprocess.Popen([sys.executable, "-c", code, str(pdf), str(target)], stdout=subprocess.PIPE, text=True)
    with process:
        process.stdout.readline()
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
    if target.exists():
        assert {path.name for path in target.iterdir()} >= {
            "decide.md",
            "project_reports.csv",
            "sources.csv",
            ".ascn-draft",
        }
        assert (target / "decide.md").read_text(encoding="utf-8").endswith("`challenges.csv`.\n")


# Errors, each in one line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"", "is no PDF"),
        (b"PK\x03\x04 a spreadsheet", "is no PDF (it begins with"),
        (b"%PDF-1.4 cut off", "not readable as PDF"),
    ],
    ids=["missing", "empty", "another kind", "cut off"],
)
def test_what_is_no_pdf_is_told_in_one_line(tmp_path, capsys, content, message):
    if content is not None:
        (tmp_path / "a.pdf").write_bytes(content)
    assert run(NEXT, "--pdf", tmp_path / "a.pdf", "--output", tmp_path / "d") == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("ascn: ")
    assert message in error
    assert not (tmp_path / "d").exists()


def test_a_report_without_an_appendix_is_an_error(tmp_path, draw_report):
    with pytest.raises(SourceError, match="no appendix table found"):
        draft.make(NEXT, draw_report(tmp_path / "a.pdf", [HEAD], {}))


def test_an_encrypted_report_is_an_error(tmp_path, pdf):
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"0" * 64, b"1" * 64)
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdf.read_bytes().replace(b"/Root 1 0 R", b"/Root 1 0 R" + lock))
    with pytest.raises(SourceError, match="is encrypted; expected a PDF file that opens without a password"):
        draft.make(NEXT, path)


@pytest.mark.parametrize("year", [2021, 2101, -1])
def test_a_year_out_of_range_is_an_error(pdf, year, capsys):
    assert run(f"{year}", "--pdf", pdf) == 1 if year > 0 else True
    with pytest.raises(SourceError, match="out of range; expected a year from 2022 to 2100"):
        draft.make(year, pdf)


def test_another_year_than_the_pages_print_is_an_error(pdf):
    with pytest.raises(SourceError, match=rf"headed .Report {NEXT} .as of {NEXT}-09-30..; expected {NEXT + 1}"):
        draft.make(NEXT + 1, pdf)


def test_a_year_that_the_record_holds_needs_a_place_of_its_own(pdf, capsys):
    assert run(LAST, "--pdf", pdf) == 1
    assert (
        f"the record holds the report of {LAST}; to read it again, name a folder with --output"
        in capsys.readouterr().err
    )


def test_without_the_reader_the_error_says_what_to_install(pdf, monkeypatch):
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name == "pdfplumber":
            raise ImportError(name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SourceError, match=r'pip install "ascn-analysis\[test\]"'):
        report_pdf.read(pdf)


def test_a_folder_that_cannot_be_written_is_an_error(made, tmp_path):
    with pytest.raises(WriteError, match="there is no folder"):
        draft_files.write(made, tmp_path / "nowhere" / "d")


# The official reports


@pytest.fixture(scope="module")
def official(pdfs):
    """A function that gives the draft of an official report, made once."""
    return cache(lambda year: draft.make(year, pdfs[f"me-{year}"]))


def stored(name, year, columns):
    rows = loaders.load_table(name)
    return rows.loc[rows["source_id"] == f"me-{year}", columns].reset_index(drop=True)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_an_official_report_gives_its_rows_to_the_letter(official, year):
    made = official(year)
    sure = [name for name in made.rows.columns if name not in ("project_id", "status", "status_basis")]
    pd.testing.assert_frame_equal(made.rows[sure], stored("project_reports", year, sure), check_dtype=False)
    named = made.rows["project_id"].notna()
    expected = stored("project_reports", year, ["project_id"])["project_id"]
    assert made.rows.loc[named, "project_id"].tolist() == expected[named].tolist()
    assert draft_text.counts_agree(made)
    assert "Every row passed the checks of its texts." in draft_text.write(made)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_an_official_report_gives_its_searches_and_what_its_file_tells_of_the_source(official, year):
    made = draft.tables(official(year))
    known = {
        "searches": ["topic", "pattern", "hits", "pages"],
        "sources": ["title", "as_of", "file", "sha256", "bytes", "pages"],
    }
    for name, columns in known.items():
        found = made[f"{name}.csv"][columns].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, stored(name, year, columns), check_dtype=False)


def test_a_covered_blank_alone_tells_the_draft_from_the_committed_reading(official):
    committed = loaders.read_strings(loaders.DATA / "coding" / "project_reports_by_program.csv")
    kept = committed[committed["report_year"] == "2025"].reset_index(drop=True)
    again = draft.tables(official(2025))["coding/project_reports_by_program.csv"].astype("str")
    places = (kept != again).to_numpy().nonzero()
    assert {(kept.iat[r, c], again.iat[r, c]) for r, c in zip(*places, strict=True)} == {("Vie t Nam", "Viet Nam")}
