"""Stated against recomputed: shares, and the two transcriptions."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from ascn_analysis import audit

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
    with pytest.raises(pd.errors.MergeError):
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
