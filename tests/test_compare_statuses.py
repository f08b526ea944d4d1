"""Statuses as the reports state them against what their own rows leave possible."""

import csv
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import audit, loaders
from ascn_analysis import vocabulary as v

some = settings(max_examples=25, deadline=None, derandomize=True)
COUNT, SHARE = ("status_count", "projects"), ("status_share", "percent")


def rows(*statuses, year=2022):
    ids = [f"p{i}" for i in range(len(statuses))]
    return pd.DataFrame({"report_year": year, "project_id": ids, "status": list(statuses)})


def said(kind, value, status="completed", as_of="2022-09-21"):
    measure, unit = kind
    return pd.DataFrame(
        [(as_of, measure, status, float(value), unit)], columns=["as_of", "measure", "breakdown", "value", "unit"]
    )


def possible(projects, stated):
    return audit.compare_statuses(projects, stated)["projects"].tolist()


@cache
def printed(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FIVE = rows("completed", "completed", "planning|completed", "ongoing", "planning")


def test_a_comparison_shows_what_is_stated_what_the_rows_leave_and_what_gives_it():
    assert audit.compare_statuses(FIVE, said(SHARE, 60)).to_dict("records") == [
        {
            "report_year": 2022,
            "status": "completed",
            "value": 60.0,
            "unit": "percent",
            "least": 2,
            "most": 3,
            "total": 5,
            "projects": "3",
        }
    ]


@pytest.mark.parametrize(("value", "projects"), [(1, ""), (2, "2"), (3, "3"), (4, "")])
def test_a_stated_count_is_possible_between_the_least_and_the_most(value, projects):
    assert possible(FIVE, said(COUNT, value)) == [projects]


@pytest.mark.parametrize(("value", "projects"), [(40, "2"), (60, "3"), (20, ""), (80, ""), (50, "")])
def test_a_stated_share_is_possible_between_the_least_and_the_most(value, projects):
    assert possible(FIVE, said(SHARE, value)) == [projects]


def test_several_numbers_that_give_the_printed_share_are_all_named():
    many = rows(*["completed"] * 100, *["ongoing|completed"] * 2, *["ongoing"] * 98)
    assert possible(many, said(SHARE, 50)) == ["100"]
    assert possible(rows(*["completed"] * 100, *["ongoing|completed"] * 2, *["ongoing"] * 198), said(SHARE, 34)) == [
        "101 or 102"
    ]


@pytest.mark.parametrize(("value", "projects"), [(12.5, "1"), (13, "1"), (12, "")])
def test_a_share_is_compared_as_it_is_printed_halves_up(value, projects):
    assert possible(rows("completed", *["ongoing"] * 7), said(SHARE, value)) == [projects]


def test_a_count_is_no_share():
    hundred = rows(*["completed"] * 50, *["ongoing"] * 50, *["planning"] * 100)
    assert possible(hundred, said(COUNT, 25)) == [""]
    assert possible(hundred, said(SHARE, 25)) == ["50"]


def test_a_status_that_no_row_has_can_be_stated_as_none():
    assert possible(rows("ongoing"), said(COUNT, 0)) == ["0"]


def test_each_report_is_compared_with_its_own_rows():
    both = pd.concat([rows("completed", "ongoing"), rows("completed", "completed", year=2023)])
    stated = pd.concat([said(SHARE, 50), said(SHARE, 50, as_of="2023-08")])
    assert possible(both, stated) == ["1", ""]


def test_a_report_without_rows_is_left_out():
    assert audit.compare_statuses(FIVE, said(SHARE, 60, as_of="2021")).empty


def test_other_measures_are_left_aside(stated):
    other = stated[~stated["measure"].isin([COUNT[0], SHARE[0]])]
    assert audit.compare_statuses(FIVE, other).empty


def test_rows_stand_by_report_unit_and_status(projects, stated):
    compared = audit.compare_statuses(projects, stated)
    keys = ["report_year", "unit", "status"]
    pd.testing.assert_frame_equal(compared, compared.sort_values(keys, ignore_index=True))


def test_the_order_of_rows_does_not_matter(projects, stated):
    mixed = (frame.sample(frac=1, random_state=5) for frame in (projects, stated))
    pd.testing.assert_frame_equal(audit.compare_statuses(*mixed), audit.compare_statuses(projects, stated))


def test_comparing_does_not_change_the_frames(projects, stated):
    before = [frame.copy(deep=True) for frame in (projects, stated)]
    audit.compare_statuses(projects, stated)
    for frame, kept in zip((projects, stated), before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


@some
@given(
    st.lists(st.sampled_from(v.STATUS_SETS), min_size=1, max_size=20), st.sampled_from(v.STATUSES_REPORTED), st.data()
)
def test_a_number_within_the_bounds_is_always_found_again_from_its_share(statuses, status, data):
    least, most = statuses.count(status), sum(status in held.split("|") for held in statuses)
    n, total = data.draw(st.integers(least, most)), len(statuses)
    share = (Decimal(100 * n) / total).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert possible(rows(*statuses), said(SHARE, share, status)) == [str(n)]


def test_every_status_that_the_reports_state_is_compared(projects, stated):
    expected = Counter(
        (int(row["as_of"][:4]), row["unit"], row["breakdown"])
        for row in printed("stated_figures")
        if row["measure"] in (COUNT[0], SHARE[0])
    )
    compared = audit.compare_statuses(projects, stated)
    assert Counter(zip(compared["report_year"], compared["unit"], compared["status"], strict=True)) == expected


def test_the_bounds_of_the_record_are_those_of_the_printed_rows(projects, stated):
    for row in audit.compare_statuses(projects, stated).itertuples():
        held = [r["status"] for r in printed("project_reports") if r["report_year"] == str(row.report_year)]
        assert row.least == held.count(row.status)
        assert row.most == sum(row.status in status.split("|") for status in held)
        assert row.total == len(held)


def test_the_possible_numbers_of_the_record_are_those_that_give_the_printed_figure(projects, stated):
    for row in audit.compare_statuses(projects, stated).itertuples():
        value = Decimal(f"{row.value:g}")
        shares = {
            n: (Decimal(100 * n) / row.total).quantize(value, ROUND_HALF_UP) for n in range(row.least, row.most + 1)
        }
        expected = [n for n, share in shares.items() if value == (n if row.unit == "projects" else share)]
        assert row.projects == " or ".join(map(str, expected))
