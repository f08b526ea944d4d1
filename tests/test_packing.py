"""Histories as numbers: many reports, missing statuses, and rows that stand twice."""

from collections import Counter
from itertools import pairwise

import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import metrics
from ascn_analysis.errors import AscnError
from ascn_analysis.measures.packing import Digits, repeats, spans

COLUMNS = ["report_year", "project_id", "status"]
KEYS = ["year_from", "year_to", "status_from", "status_to"]


def counted(steps):
    return Counter(steps[KEYS].itertuples(index=False, name=None))


def as_counter(transitions):
    return {key: n for *key, n in transitions.itertuples(index=False, name=None) for key in [tuple(key)]}


@st.composite
def panels(draw):
    """Draw up to 60 reports of a few projects: more than one number holds."""
    years = draw(st.sets(st.integers(1970, 2060), max_size=60))
    rows = [
        (year, project, draw(st.sampled_from(["planning", "ongoing", "completed", "planning|ongoing"])))
        for year in years
        for project in draw(st.sets(st.sampled_from(["a", "b", "c"])))
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"report_year": "int64", "project_id": "str", "status": "str"})


@settings(max_examples=25)
@given(panels())
def test_the_transitions_count_the_steps_over_any_number_of_reports(panel):
    assert as_counter(metrics.transitions(panel)) == counted(metrics.status_steps(panel))


@given(st.integers(0, 50))
def test_a_number_of_all_digits_is_exact_as_a_float(statuses):
    digits = Digits(tuple(map(str, range(statuses))))
    assert digits.base**digits.places <= 2**53


@given(st.sets(st.integers(2000, 2100), min_size=2), st.integers(2, 20))
def test_every_pair_of_consecutive_reports_is_in_one_stretch(years, places):
    ordered = sorted(years)
    pairs = [pair for span in spans(years, places) for pair in pairwise(span)]
    assert pairs == list(pairwise(ordered))
    assert max(map(len, spans(years, places))) <= places


def test_a_missing_status_stays_missing_in_steps_and_transitions():
    panel = pd.DataFrame([(2024, "a", None), (2025, "a", "ongoing"), (2026, "a", None)], columns=COLUMNS)
    steps = metrics.status_steps(panel)
    assert steps[["status_from", "status_to"]].isna().values.tolist() == [[True, False], [False, True]]
    assert metrics.transitions(panel)[["status_from", "status_to"]].isna().values.tolist() in (
        [[True, False], [False, True]],
        [[False, True], [True, False]],
    )


@pytest.mark.parametrize("times", [2, 3, 8])
@pytest.mark.parametrize("status", ["completed", "planning"])
def test_a_project_that_a_report_lists_twice_is_refused(times, status):
    panel = pd.DataFrame([(2024, "a", status)] * times + [(2025, "a", "planning")], columns=COLUMNS)
    with pytest.raises(AscnError, match=f"of {times + 1} repeat a project within its report"):
        metrics.transitions(panel)


@given(st.lists(st.tuples(st.integers(1970, 2060), st.sampled_from("abc")), max_size=40))
def test_a_repeated_row_is_found_over_any_number_of_reports(keys):
    rows = nw.from_native(pd.DataFrame(keys, columns=["report_year", "project_id"]))
    assert repeats(rows, sorted({year for year, _ in keys})) == (len(set(keys)) < len(keys))
