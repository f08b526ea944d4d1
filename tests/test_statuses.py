"""The measures of status: counts, bounds, completion, and the steps from report to report."""

import csv
from collections import Counter
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v

HOMES = {"ayu": "IDN", "bima": "IDN", "cato": "SGP", "dara": "THA", "eko": "VNM"}
COLUMNS = ["report_year", "project_id", "city_id", "iso3", "status"]
KEYS = ("report_year", "iso3", "year_from", "year_to", "project_id", "status_from", "status_to", "status")
METRICS = {
    "status_counts": metrics.status_counts,
    "status_counts by country": partial(metrics.status_counts, by=["iso3"]),
    "status_bounds by country": partial(metrics.status_bounds, by=["iso3"]),
    "completion": metrics.completion,
    "status_steps": metrics.status_steps,
    "transitions": metrics.transitions,
}
NEW, GONE = "newly listed", "no longer listed"
some = settings(max_examples=15, deadline=None, derandomize=True)
few = settings(some, max_examples=6)
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


@st.composite
def panels(draw, statuses=v.STATUS_SETS):
    """Draw some reports, each with some projects, which may come back."""
    cities = draw(st.lists(st.sampled_from(sorted(HOMES)), min_size=1, max_size=8))
    rows = [
        (year, f"p{i}", cities[i], HOMES[cities[i]], draw(st.sampled_from(statuses)))
        for year in draw(st.sets(st.integers(2019, 2030), min_size=1, max_size=4))
        for i in draw(st.sets(st.integers(0, len(cities) - 1), min_size=1))
    ]
    return pd.DataFrame(draw(st.permutations(rows)), columns=COLUMNS)


def panel_of(*reports):
    """Build a panel from {project: status}, one a year from 2021 on, all in one city."""
    rows = [
        (year, project, "ayu", "IDN", status)
        for year, report in enumerate(reports, start=2021)
        for project, status in report.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


# "d" is left out once and comes back; "b" is no longer listed after its completion.
BY_HAND = panel_of(
    {"a": "planning", "b": "planning|ongoing", "c": "completed", "d": "ongoing"},
    {"a": "ongoing", "b": "completed", "c": "completed", "e": "planning|completed"},
    {"a": "completed", "c": "completed", "d": "ongoing|completed", "e": "ongoing"},
)


def tuples(frame):
    return list(frame.itertuples(index=False, name=None))


def reported(frame):
    """Return {year: {project: status}} in order of year, by plain Python."""
    listed = {}
    for row in sorted(frame.to_dict("records"), key=lambda row: int(row["report_year"])):
        listed.setdefault(int(row["report_year"]), {})[row["project_id"]] = row["status"]
    return listed


def known_steps(frame):
    """Return the steps of status by plain Python, as a set."""
    return {
        (early, late, project, was.get(project, NEW), now.get(project, GONE))
        for (early, was), (late, now) in pairwise(reported(frame).items())
        for project in was.keys() | now.keys()
    }


@cache
def printed():
    with (loaders.DATA / "panel.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def printed_frame():
    return pd.DataFrame(printed())


# Every measure


@every_metric
@few
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(metric, panel, random):
    order = random.sample(range(len(panel)), len(panel))
    assert_frame_equal(metric(panel.iloc[order]), metric(panel), check_exact=True)


@every_metric
@few
@given(panels())
def test_the_frame_that_goes_in_is_not_changed(metric, panel):
    before = panel.copy(deep=True)
    metric(panel)
    assert_frame_equal(panel, before)


@every_metric
@few
@given(panels())
def test_results_are_sorted_by_their_keys_and_numbered_from_0(metric, panel):
    result = metric(panel)
    keys = [key for key in KEYS if key in result]
    assert_frame_equal(result, result.sort_values(keys, ignore_index=True))


@every_metric
def test_an_empty_frame_gives_an_empty_frame_with_the_same_columns(metric):
    empty = metric(BY_HAND.iloc[:0])
    assert (len(empty), list(empty.columns)) == (0, list(metric(BY_HAND).columns))


@every_metric
def test_further_columns_of_the_frame_do_no_harm(metric):
    names = ["n", "total", "least", "most", "listed", "entered", "previous_year", "next_year", "status_to", "year_from"]
    assert_frame_equal(metric(BY_HAND.assign(**dict.fromkeys(names, 7))), metric(BY_HAND))


@every_metric
@few
@given(panels())
def test_polars_gives_the_same_answer(metric, panel):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    answer = metric(polars.DataFrame(panel.to_dict("list")))
    assert answer.to_dict(as_series=False) == metric(panel).to_dict("list")


# Counts


def test_the_counts_are_as_worked_by_hand():
    assert tuples(metrics.status_counts(BY_HAND)) == [
        (2021, "completed", 1), (2021, "ongoing", 1), (2021, "planning", 1), (2021, "planning|ongoing", 1),
        (2022, "completed", 2), (2022, "ongoing", 1), (2022, "planning|completed", 1),
        (2023, "completed", 2), (2023, "ongoing", 1), (2023, "ongoing|completed", 1),
    ]  # fmt: skip


@some
@given(panels())
def test_the_counts_are_those_of_the_rows(panel):
    expected = Counter((row["report_year"], row["iso3"], row["status"]) for row in panel.to_dict("records"))
    counted = metrics.status_counts(panel, by=["iso3"])
    assert {tuple(key): n for *key, n in tuples(counted)} == expected


def test_the_counts_of_the_record_are_those_of_the_printed_rows(panel):
    expected = Counter((int(row["report_year"]), row["status"]) for row in printed())
    assert {(year, status): n for year, status, n in tuples(metrics.status_counts(panel))} == expected


# Bounds


def test_the_bounds_are_as_worked_by_hand():
    bounds = metrics.status_bounds(BY_HAND)
    assert tuples(bounds[bounds["report_year"] == 2022]) == [
        (2022, "completed", 2, 3, 4),
        (2022, "ongoing", 1, 1, 4),
        (2022, "planning", 0, 1, 4),
    ]


@some
@given(panels())
def test_every_report_has_bounds_for_every_status(panel):
    bounds = metrics.status_bounds(panel)
    expected = {(year, status) for year in reported(panel) for status in v.STATUSES_REPORTED}
    assert set(zip(bounds["report_year"], bounds["status"], strict=True)) == expected
    assert len(bounds) == len(expected)


@some
@given(panels())
def test_the_bounds_are_the_rows_that_have_a_status_for_sure_and_those_that_may_have_it(panel):
    expected = {
        (year, status): (
            sum(held == status for held in listed.values()),
            sum(status in held.split("|") for held in listed.values()),
            len(listed),
        )
        for year, listed in reported(panel).items()
        for status in v.STATUSES_REPORTED
    }
    found = {(year, status): tuple(numbers) for year, status, *numbers in tuples(metrics.status_bounds(panel))}
    assert found == expected


@some
@given(panels())
def test_the_least_is_no_more_than_the_most_and_the_most_no_more_than_the_total(panel):
    bounds = metrics.status_bounds(panel, by=["iso3"])
    assert (bounds["least"] <= bounds["most"]).all()
    assert (bounds["most"] <= bounds["total"]).all()


@some
@given(panels())
def test_the_total_lies_between_the_sums_of_the_least_and_of_the_most(panel):
    sums = metrics.status_bounds(panel).groupby("report_year").agg({"least": "sum", "most": "sum", "total": "first"})
    assert (sums["least"] <= sums["total"]).all()
    assert (sums["total"] <= sums["most"]).all()


@some
@given(panels(statuses=v.STATUSES_REPORTED))
def test_without_open_sets_least_and_most_are_one_number_and_sum_to_the_total(panel):
    bounds = metrics.status_bounds(panel)
    sums = bounds.groupby("report_year").agg({"least": "sum", "total": "first"})
    assert bounds["least"].tolist() == bounds["most"].tolist()
    assert sums["least"].tolist() == sums["total"].tolist()


@some
@given(panels())
def test_the_bounds_of_the_countries_sum_to_those_of_the_network(panel):
    numbers = ["least", "most", "total"]
    sums = metrics.status_bounds(panel, by=["iso3"]).groupby(["report_year", "status"])[numbers].sum()
    assert_frame_equal(sums.reset_index(), metrics.status_bounds(panel))


def test_the_bounds_of_the_record_are_those_of_the_printed_rows(panel):
    bounds = metrics.status_bounds(panel)
    done = bounds[bounds["status"] == "completed"]
    expected = [
        (year, sum(s == "completed" for s in listed.values()), sum("completed" in s for s in listed.values()))
        for year, listed in reported(printed_frame()).items()
    ]
    assert tuples(done[["report_year", "least", "most"]]) == expected


# Completion


def test_completion_is_as_worked_by_hand():
    assert tuples(metrics.completion(BY_HAND)) == [
        (2021, 4, 4, 1, 1, 1 / 4, 1 / 4, 1 / 4, 1 / 4),
        (2022, 4, 5, 2, 3, 2 / 4, 3 / 4, 2 / 5, 3 / 5),
        (2023, 4, 5, 2, 3, 2 / 4, 3 / 4, 2 / 5, 3 / 5),
    ]


@some
@given(panels())
def test_ever_listed_are_the_different_projects_up_to_each_report(panel):
    expected, known = [], set()
    for listed in reported(panel).values():
        known |= listed.keys()
        expected.append(len(known))
    assert metrics.completion(panel)["ever_listed"].tolist() == expected


@some
@given(panels())
def test_ever_listed_never_falls(panel):
    assert metrics.completion(panel)["ever_listed"].is_monotonic_increasing


@some
@given(panels())
def test_as_many_are_ever_listed_as_listed_or_more(panel):
    measured = metrics.completion(panel)
    assert (measured["ever_listed"] >= measured["listed"]).all()


@some
@given(panels())
def test_the_four_shares_are_fractions_of_their_denominators(panel):
    for row in metrics.completion(panel).to_dict("records"):
        for end in ("least", "most"):
            assert row[f"share_{end}"] == float(Fraction(row[end], row["listed"]))
            assert row[f"share_of_ever_{end}"] == float(Fraction(row[end], row["ever_listed"]))


@some
@given(panels())
def test_completion_takes_its_numbers_from_the_bounds(panel):
    bounds = metrics.status_bounds(panel)
    done = bounds[bounds["status"] == "completed"]
    measured = metrics.completion(panel)[["report_year", "least", "most", "listed"]]
    assert tuples(measured) == tuples(done[["report_year", "least", "most", "total"]])


def test_ever_listed_is_a_whole_number_where_a_report_has_no_new_project():
    assert metrics.completion(panel_of({"a": "planning"}, {"a": "ongoing"}))["ever_listed"].dtype == "int64"


def test_completion_says_that_it_is_no_success_rate():
    assert "None of these is a success rate" in metrics.completion.__doc__


def test_the_completion_of_the_record_is_that_of_the_printed_rows(panel):
    end = metrics.completion(panel).iloc[-1]
    done = sum(row["report_year"] == "2025" and row["status"] == "completed" for row in printed())
    listed = sum(row["report_year"] == "2025" for row in printed())
    assert end["share_least"] == pytest.approx(done / listed)
    assert end["share_of_ever_least"] == pytest.approx(done / len({row["project_id"] for row in printed()}))


# Steps


def test_the_steps_are_as_worked_by_hand():
    assert tuples(metrics.status_steps(BY_HAND)) == [
        (2021, 2022, "a", "planning", "ongoing"),
        (2021, 2022, "b", "planning|ongoing", "completed"),
        (2021, 2022, "c", "completed", "completed"),
        (2021, 2022, "d", "ongoing", GONE),
        (2021, 2022, "e", NEW, "planning|completed"),
        (2022, 2023, "a", "ongoing", "completed"),
        (2022, 2023, "b", "completed", GONE),
        (2022, 2023, "c", "completed", "completed"),
        (2022, 2023, "d", NEW, "ongoing|completed"),
        (2022, 2023, "e", "planning|completed", "ongoing"),
    ]


@some
@given(panels())
def test_the_steps_are_those_of_plain_python(panel):
    steps = tuples(metrics.status_steps(panel))
    assert set(steps) == known_steps(panel)
    assert len(steps) == len(set(steps))


@some
@given(panels())
def test_steps_from_a_status_are_the_projects_of_the_report_before(panel):
    steps = metrics.status_steps(panel)
    sizes = {year: len(listed) for year, listed in list(reported(panel).items())[:-1]}
    assert steps[steps["status_from"] != NEW].groupby("year_from").size().to_dict() == sizes


@some
@given(panels())
def test_steps_to_a_status_are_the_projects_of_the_report_after(panel):
    steps = metrics.status_steps(panel)
    sizes = {year: len(listed) for year, listed in list(reported(panel).items())[1:]}
    assert steps[steps["status_to"] != GONE].groupby("year_to").size().to_dict() == sizes


@some
@given(panels())
def test_nothing_is_newly_listed_and_no_longer_listed_at_once(panel):
    steps = metrics.status_steps(panel)
    assert steps[(steps["status_from"] == NEW) & (steps["status_to"] == GONE)].empty


def test_one_report_alone_has_no_steps():
    assert metrics.status_steps(panel_of({"a": "planning"})).empty


def test_steps_go_from_a_report_to_the_next_there_is():
    years = BY_HAND.replace({"report_year": {2022: 2026, 2023: 2029}})
    steps = metrics.status_steps(years)
    assert set(zip(steps["year_from"], steps["year_to"], strict=True)) == {(2021, 2026), (2026, 2029)}


def test_the_transitions_are_as_worked_by_hand():
    counted = metrics.transitions(panel_of({"a": "planning", "b": "planning"}, {"a": "ongoing", "b": "ongoing"}))
    assert tuples(counted) == [(2021, 2022, "planning", "ongoing", 2)]


@some
@given(panels())
def test_the_transitions_count_the_steps(panel):
    expected = Counter((early, late, was, now) for early, late, _, was, now in known_steps(panel))
    assert {tuple(key): n for *key, n in tuples(metrics.transitions(panel))} == expected


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_the_transitions_of_the_record_are_those_of_the_printed_rows(panel, year):
    steps = known_steps(printed_frame())
    expected = Counter((was, now) for early, _, _, was, now in steps if early == year)
    counted = metrics.transitions(panel)
    found = tuples(counted.loc[counted["year_from"] == year, ["status_from", "status_to", "n"]])
    assert {(was, now): n for was, now, n in found} == expected


def test_the_steps_of_the_record_agree_with_the_parts_of_growth(panel):
    counted = metrics.transitions(panel)
    new = counted[counted["status_from"] == NEW].groupby("year_to")["n"].sum()
    gone = -counted[counted["status_to"] == GONE].groupby("year_to")["n"].sum()
    parts = metrics.growth_parts(panel).query("split == 'balance'").set_index(["part", "report_year"])["n"]
    assert new.to_dict() == parts["newly_listed"].to_dict()
    assert gone.to_dict() == parts["no_longer_listed"].to_dict()


def test_the_transitions_of_the_countries_sum_to_those_of_the_network(panel):
    keys = ["year_from", "year_to", "status_from", "status_to"]
    stacked = metrics.by_selection(metrics.transitions, panel)
    countries = stacked[stacked["selection"] != metrics.ALL].groupby(keys, as_index=False)["n"].sum()
    assert_frame_equal(countries, metrics.transitions(panel))
