"""Stated against recomputed: shares, and the two transcriptions."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from ascn_analysis import audit, loaders
from ascn_analysis.errors import TableError

FIRST, SECOND = "civic-social", "safety-security"


def rows(n: int, total: int, year: int = 2022) -> pd.DataFrame:
    """A report of `total` projects, `n` of them in the first focus area."""
    areas = [FIRST] * n + [SECOND] * (total - n)
    return pd.DataFrame({"report_year": year, "project_id": [f"p{i}" for i in range(total)], "focus_area_id": areas})


def said(*shares: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [("focus_area_share", *share) for share in shares], columns=["measure", "as_of", "breakdown", "value"]
    )


def agrees(n: int, total: int, percent: float) -> bool:
    return bool(audit.compare_shares(rows(n, total), said(("2022-09", FIRST, percent)))["agrees"].item())


def test_a_comparison_shows_both_shares_and_what_they_are_made_of():
    compared = audit.compare_shares(rows(1, 8), said(("2022-09-21", FIRST, 13)))
    assert compared.to_dict("records") == [
        {
            "report_year": 2022,
            "focus_area_id": FIRST,
            "n": 1,
            "total": 8,
            "rows_percent": 12.5,
            "stated_percent": 13,
            "agrees": True,
        }
    ]


@pytest.mark.parametrize(
    ("n", "total", "percent"), [(1, 8, 13), (3, 8, 38), (1, 3, 33), (2, 3, 67), (1, 200, 1), (1, 201, 0), (5, 5, 100)]
)
def test_shares_are_rounded_half_up(n, total, percent):
    assert agrees(n, total, percent)


@pytest.mark.parametrize(("n", "total", "percent"), [(1, 8, 12), (1, 8, 12.5), (3, 8, 37), (1, 3, 34), (2, 3, 66)])
def test_another_stated_share_does_not_agree(n, total, percent):
    assert not agrees(n, total, percent)


def test_each_report_is_compared_with_its_own_rows():
    both = pd.concat([rows(1, 4), rows(1, 2, year=2023)])
    compared = audit.compare_shares(both, said(("2022-09", FIRST, 25), ("2023-08", FIRST, 25)))
    assert compared["agrees"].tolist() == [True, False]


def test_a_report_without_rows_is_left_out():
    compared = audit.compare_shares(rows(1, 4), said(("2022-09", FIRST, 25), ("2021", FIRST, 25)))
    assert compared["report_year"].tolist() == [2022]


def test_a_share_stated_twice_alike_is_compared_once():
    assert len(audit.compare_shares(rows(1, 4), said(("2022-09", FIRST, 25), ("2022-09-21", FIRST, 25)))) == 1


def test_two_different_shares_of_one_area_are_refused():
    with pytest.raises(ValueError, match=r"two shares of one area: .*'stated_percent': 26"):
        audit.compare_shares(rows(1, 4), said(("2022-09", FIRST, 25), ("2022-09-21", FIRST, 26)))


def test_other_measures_are_left_aside(stated):
    other = stated[stated["measure"] != "focus_area_share"]
    assert audit.compare_shares(rows(1, 4), other).empty


def test_all_24_shares_that_the_reports_state_are_compared(projects, stated):
    assert len(audit.compare_shares(projects, stated)) == 4 * 6


def test_the_stated_shares_that_contradict_the_rows_are_these_eight(projects, stated):
    compared = audit.compare_shares(projects, stated)
    found = compared.loc[~compared["agrees"], ["report_year", "focus_area_id", "n", "stated_percent"]]
    assert list(found.itertuples(index=False, name=None)) == [
        (2023, "civic-social", 25, 30),
        (2023, "industry-innovation", 8, 8),
        (2024, "civic-social", 28, 27),
        (2024, "industry-innovation", 14, 11),
        (2024, "quality-environment", 20, 18),
        (2024, "safety-security", 12, 12),
        (2025, "built-infrastructure", 32, 25),
        (2025, "quality-environment", 25, 18),
    ]


def transcribe(folder: Path, eye: Sequence[str], program: Sequence[str], settled: Sequence[str] = ()) -> Path:
    """Write two transcriptions, as rows of number, city and title, and the settled columns."""
    (folder / "coding").mkdir()
    for name, lines in (("by_eye", eye), ("by_program", program)):
        text = "".join(f"2022,all,{line}\n" for line in lines)
        (folder / "coding" / f"project_reports_{name}.csv").write_text(f"report_year,list,row_no,city,title\n{text}")
    text = "".join(f"{column}\n" for column in ("column", *settled))
    (folder / "coding" / "project_reports_settled.csv").write_text(text)
    return folder


def test_agreement_counts_equal_cells_and_settled_ones_by_column(tmp_path):
    folder = transcribe(tmp_path, ["1,Ha Noi,Bus", "2,Manila,Tram"], ["1,Ha Noi,Bus", "2,Manila,Tra m"], ["title"])
    assert audit.transcription_agreement(folder).to_dict("records") == [
        {"column": "city", "rows": 2, "agree": 2, "settled": 0},
        {"column": "title", "rows": 2, "agree": 1, "settled": 1},
    ]


def test_agreement_does_not_depend_on_the_order_of_rows(tmp_path):
    folder = transcribe(tmp_path, ["1,Ha Noi,Bus", "2,Manila,Tram"], ["2,Manila,Tram", "1,Ha Noi,Bus"])
    assert audit.transcription_agreement(folder)["agree"].tolist() == [2, 2]


def test_agreement_is_to_the_letter(tmp_path):
    assert audit.transcription_agreement(transcribe(tmp_path, ["1,Ha Noi,Bus"], ["1,Hanoi,bus"]))["agree"].tolist() == [
        0,
        0,
    ]


@pytest.mark.parametrize("doubled", ["by_eye", "by_program"])
def test_a_row_transcribed_twice_is_refused(tmp_path, doubled):
    once, twice = ["1,Ha Noi,Bus"], ["1,Ha Noi,Bus", "1,Ha Noi,Bus"]
    folder = transcribe(tmp_path, *((twice, once) if doubled == "by_eye" else (once, twice)))
    with pytest.raises(
        TableError, match=rf"coding/project_reports_{doubled}\.csv, row 3, column report_year, list, row_no"
    ):
        audit.transcription_agreement(folder)


def test_every_cell_of_the_record_in_which_the_transcriptions_differ_is_settled():
    compared = audit.transcription_agreement()
    assert (compared["rows"] - compared["agree"] == compared["settled"]).all()
    assert compared["settled"].sum() == 6


@pytest.mark.parametrize(("n", "total", "percent"), [(57, 200, 29), (23, 40, 58), (69, 120, 58)])
def test_a_half_that_floating_point_misses_is_rounded_up(n, total, percent):
    assert agrees(n, total, percent)


def test_a_stated_share_of_an_area_without_rows_does_not_get_lost():
    compared = audit.compare_shares(rows(4, 4), said(("2022-09", FIRST, 94), ("2022-09", SECOND, 6)))
    assert SECOND in set(compared["focus_area_id"])


def test_a_row_that_one_reading_misses_does_not_get_lost(tmp_path):
    folder = transcribe(tmp_path, ["1,Ha Noi,Bus", "2,Manila,Tram"], ["1,Ha Noi,Bus"])
    compared = audit.transcription_agreement(folder)
    assert compared["rows"].tolist() == [2, 2]


FOUND_ONCE = '2024,"Malaysia: completed, Exhibit 3 against Exhibit 2",'
MADE_UP = "2024,made up: text against nothing,1,2,nobody knows,me-2024 p. 1\n"


def change_known(folder: Path, old: str, new: str) -> pd.DataFrame:
    """Change known_contradictions.csv of a copy of the record, and audit the copy."""
    path = folder / "known_contradictions.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return audit.findings(folder)


def without(folder: Path, start: str) -> pd.DataFrame:
    """Audit a copy of the record that does not know the contradiction whose line starts like this."""
    lines = (folder / "known_contradictions.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return change_known(folder, next(line for line in lines if line.startswith(start)), "")


@pytest.fixture(scope="module")
def findings() -> pd.DataFrame:
    return audit.findings()


def found(*states: str) -> pd.DataFrame:
    """Findings in these states, all else alike."""
    cells = {
        "subject": "shares: sum",
        "stated": "99 %",
        "recomputed": "100 %",
        "pages": "me-2024 p. 5",
        "change": "none",
    }
    return pd.DataFrame([{"year": 2024, **cells, "explanation": "", "state": state} for state in states])


def test_every_contradiction_of_the_record_is_known(findings):
    assert findings.loc[findings["state"] != "known", "subject"].tolist() == []
    assert len(findings) > 50


def test_findings_have_the_columns_that_are_promised(findings):
    assert tuple(findings.columns) == audit.COLUMNS


def test_findings_stand_by_year_and_subject(findings):
    places = list(zip(findings["year"], findings["subject"], strict=True))
    assert places == sorted(set(places))


def test_pages_and_explanations_of_a_finding_are_those_of_the_known_one(findings):
    known = loaders.load_table("known_contradictions").fillna("")
    both = findings.merge(known, on=["year", "subject"], validate="one_to_one", suffixes=("", "_known"))
    assert both["explanation"].tolist() == both["explanation_known"].tolist()
    assert both["pages"].tolist() == both["pages_known"].tolist()


def test_the_record_is_clean(findings):
    assert audit.is_clean(findings)


def test_a_contradiction_that_is_not_known_is_unknown(data_copy):
    changed = without(data_copy, FOUND_ONCE)
    unknown = changed[changed["state"] == "unknown"]
    assert unknown[["subject", "stated", "recomputed", "explanation"]].values.tolist() == [
        ["Malaysia: completed, Exhibit 3 against Exhibit 2", "6.66 %", "1 of 15 (6.67 %)", ""]
    ]
    assert not audit.is_clean(changed)


def test_a_known_contradiction_that_is_not_found_is_gone(data_copy):
    changed = change_known(data_copy, FOUND_ONCE, MADE_UP + FOUND_ONCE)
    gone = changed[changed["state"] == "gone"]
    assert gone[["subject", "stated", "explanation", "pages", "change"]].values.tolist() == [
        ["made up: text against nothing", "1", "nobody knows", "me-2024 p. 1", ""]
    ]
    assert not audit.is_clean(changed)


def test_a_known_contradiction_with_another_number_is_gone_and_what_is_found_is_unknown(data_copy):
    changed = change_known(data_copy, "6.66 %,", "6.65 %,")
    states = changed.loc[changed["state"] != "known", ["stated", "state"]]
    assert sorted(states.itertuples(index=False, name=None)) == [("6.65 %", "gone"), ("6.66 %", "unknown")]


@pytest.mark.parametrize(
    ("states", "clean"), [(["known"], True), ([], True), (["known", "unknown"], False), (["gone"], False)]
)
def test_only_known_contradictions_are_clean(states, clean):
    assert audit.is_clean(found("known", *states)) is clean


def test_the_text_ends_with_how_many_are_known_unknown_and_gone():
    text = audit.as_text(found("known", "known", "unknown", "gone", "gone", "gone"))
    assert text.splitlines()[-1] == "6 contradictions: 2 known, 1 unknown, 3 gone"


def test_the_text_marks_what_is_unknown_or_gone():
    marks = [line.partition("shares: sum")[2] for line in audit.as_text(found("known", "unknown", "gone")).splitlines()]
    assert [mark for mark in marks if mark] == ["  [UNKNOWN]", "  [GONE]"]


def test_the_text_holds_all_that_a_finding_says():
    text = audit.as_text(found("known").assign(explanation="cut off"))
    for words in ("2024", "shares: sum", "stated: 99 %", "recomputed: 100 %", "change: none", "why: cut off", "p. 5"):
        assert words in text


def test_the_text_leaves_out_what_is_not_known():
    assert "why" not in audit.as_text(found("unknown"))
