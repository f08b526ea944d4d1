"""The plans of 2018 beside the lists: worked examples, identities for any plans and lists, and the record by another route."""

import csv
from collections import Counter
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v

AREAS = list(v.FOCUS_AREA_NAMES)
CIVIC, HEALTH, SAFETY, _, BUILT, _ = AREAS
CHOICE = ["city_id", "focus_area", "match", "page", "label_printed", "source_id"]
PROJECT = ["report_year", "project_id", "city_id", "focus_area_id", "list", "page", "project_printed", "source_id"]
PLAN = ["city_id", "project_no", "title_printed", "project_id", "confidence", "support_kinds", "page"]
some = settings(max_examples=25, deadline=None, derandomize=True)

# Ayu names one area twice, officially and not, and has a label that nobody could map; Bima has only such a label.
CHOICES = pd.DataFrame(
    [
        ("ayu", CIVIC, "judged", 4, "City services", "plan"),
        ("ayu", CIVIC, "official", 5, "Civic and Social", "plan"),
        ("ayu", HEALTH, "judged", 6, "Clinics", "plan"),
        ("ayu", None, "judged", 7, "Everything", "plan"),
        ("bima", None, "judged", 8, "Anything", "plan"),
    ],
    columns=CHOICE,
)
PROJECTS = pd.DataFrame(
    [
        (2021, "a1", "ayu", CIVIC, "all", 20, "Desk", "r1"),
        (2021, "a2", "ayu", SAFETY, "all", 21, "Lamps", "r1"),
        (2021, "b1", "bima", BUILT, "all", 22, "Road", "r1"),
        (2021, "c1", "cato", CIVIC, "all", 23, "Not of a plan", "r1"),
        (2022, "a1", "ayu", CIVIC, "completed", 31, "Desk", "r2"),
        (2022, "a3", "ayu", CIVIC, "ongoing_or_planning", 30, "Counter", "r2"),
        (2022, "a4", "ayu", HEALTH, "completed", 32, "Clinic", "r2"),
    ],
    columns=PROJECT,
)
PLANS = pd.DataFrame(
    [
        ("ayu", 1, "Desk", "a1", "sure", "funding|technical", 4),
        ("ayu", 2, "Lamp", "a2", "likely", "technical", 5),
        ("ayu", 3, "Counters", "a3", "sure", None, 5),
        ("bima", 1, "Roads", None, "doubtful", "data", 6),
        ("bima", 2, "Port", None, None, "knowledge|partners", 6),
    ],
    columns=PLAN,
)
MENTIONS = pd.DataFrame(
    [
        (2018, "ayu", "bank", "funding"),  # the plan itself
        (2019, "ayu", "bank", "funding"),
        (2022, "ayu", "bank", "funding"),  # the same partner again
        (2022, "ayu", "firm", "technology"),
        (2022, "ayu", "school", "technical"),
        (2022, "bima", "school", "training"),
        (2022, "bima", "club", "other"),
        (2022, None, "bank", "funding"),  # for the network as a whole
        (2022, "cato", "bank", "funding"),  # not a city of the plans
    ],
    columns=["report_year", "city_id", "partner_id", "kind"],
)
CELLS = metrics.chosen_and_listed(CHOICES, PROJECTS, PLANS)


def cell(year, city, area):
    """Return a cell of the worked example as a dict, missing values as None."""
    keys = ("report_year", "city_id", "focus_area_id")
    found = [row for row in CELLS.to_dict("records") if tuple(row[key] for key in keys) == (year, city, area)]
    return {key: None if pd.isna(value) else value for key, value in found[0].items() if key not in keys}


@cache
def table(name):
    """Return a table of the record by plain Python."""
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def record(panel):
    return metrics.chosen_and_listed(loaders.load_action_plan_focus_areas(), panel, loaders.load_action_plan_projects())


@st.composite
def plans_and_lists(draw):
    """Draw choices of some cities, and projects of these and other cities in some reports."""
    cities = st.sampled_from(["ayu", "bima", "cato"])
    choices = draw(
        st.lists(
            st.tuples(cities, st.sampled_from([*AREAS, None]), st.sampled_from(["official", "judged"])), min_size=1
        )
    )
    names = st.sampled_from(["ongoing_or_planning", "completed"])
    rows = st.tuples(st.sampled_from([2021, 2022]), cities, st.sampled_from(AREAS), names)
    projects = [
        (year, f"p{i}", city, area, name, i, "x", "r")
        for i, (year, city, area, name) in enumerate(draw(st.lists(rows, min_size=1, max_size=12)))
    ]
    linked = draw(st.sets(st.integers(0, len(projects) - 1)))
    plans = pd.DataFrame({"project_id": pd.Series([f"p{i}" for i in sorted(linked)] + [None], dtype="str")})
    frame = pd.DataFrame([(*choice, 1, "x", "plan") for choice in choices], columns=CHOICE)
    return frame.astype({"focus_area": "str"}), pd.DataFrame(projects, columns=PROJECT), plans


# Chosen and listed


def test_each_report_city_of_the_plans_and_area_is_a_cell():
    expected = {(y, city, area) for y in (2021, 2022) for city in ("ayu", "bima") for area in AREAS}
    assert set(zip(CELLS["report_year"], CELLS["city_id"], CELLS["focus_area_id"], strict=True)) == expected


def test_no_cell_stands_twice():
    assert not CELLS.duplicated(["report_year", "city_id", "focus_area_id"]).any()


def test_an_official_label_wins_over_a_judged_one_of_the_same_area():
    assert cell(2021, "ayu", CIVIC)["match"] == "official"


def test_a_judged_label_alone_is_a_choice_that_says_so():
    assert (cell(2021, "ayu", HEALTH)["chosen"], cell(2021, "ayu", HEALTH)["match"]) == (True, "judged")


def test_an_area_that_no_label_names_has_no_match():
    assert (cell(2021, "ayu", BUILT)["chosen"], cell(2021, "ayu", BUILT)["match"]) == (False, None)


def test_a_city_with_unmapped_labels_only_has_its_cells_and_chose_none():
    assert not CELLS.loc[CELLS["city_id"] == "bima", "chosen"].any()


def test_the_page_of_the_plan_is_the_first():
    assert cell(2021, "ayu", CIVIC)["plan_page"] == 4


def test_the_page_of_the_report_is_the_first():
    assert cell(2022, "ayu", CIVIC)["report_page"] == 30


def test_projects_of_both_lists_are_listed():
    assert cell(2022, "ayu", CIVIC)["n"] == 2


def test_projects_planned_in_2018_are_told_from_the_others():
    assert (cell(2022, "ayu", CIVIC)["planned"], cell(2022, "ayu", HEALTH)["planned"]) == (2, 0)


def test_completed_projects_are_not_unfinished():
    assert (cell(2022, "ayu", CIVIC)["unfinished"], cell(2022, "ayu", HEALTH)["unfinished"]) == (1, 0)


def test_a_report_with_one_list_does_not_tell_what_is_unfinished():
    assert cell(2021, "ayu", CIVIC)["unfinished"] is None


def test_a_cell_without_a_project_has_none_unfinished():
    assert cell(2021, "ayu", HEALTH)["unfinished"] == 0


@pytest.mark.parametrize(
    ("year", "area", "case"),
    [
        (2021, CIVIC, "chosen, listed"),
        (2021, HEALTH, "chosen, none listed"),
        (2021, SAFETY, "not chosen, listed"),
        (2021, BUILT, "not chosen, none listed"),
        (2022, HEALTH, "chosen, listed"),
        (2022, SAFETY, "not chosen, none listed"),
    ],
)
def test_the_case_of_a_cell(year, area, case):
    assert cell(year, "ayu", area)["case"] == case


def test_a_city_without_a_row_in_a_report_has_none_listed():
    rows = CELLS[(CELLS["city_id"] == "bima") & (CELLS["report_year"] == 2022)]
    assert set(rows["case"]) == {"not chosen, none listed"}


@some
@given(plans_and_lists())
def test_cells_are_reports_times_cities_times_six(drawn):
    choices, projects, plans = drawn
    cells = metrics.chosen_and_listed(choices, projects, plans)
    assert len(cells) == projects["report_year"].nunique() * choices["city_id"].nunique() * 6


@some
@given(plans_and_lists())
def test_every_project_of_a_city_of_the_plans_is_in_one_cell(drawn):
    choices, projects, plans = drawn
    own = projects[projects["city_id"].isin(choices["city_id"])]
    assert metrics.chosen_and_listed(choices, projects, plans)["n"].sum() == len(own)


@some
@given(plans_and_lists())
def test_planned_and_unfinished_projects_are_among_those_listed(drawn):
    cells = metrics.chosen_and_listed(*drawn)
    assert (cells[["planned", "unfinished"]].max(axis=1) <= cells["n"]).all()


@some
@given(plans_and_lists(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn, random):
    mixed = [frame.iloc[random.sample(range(len(frame)), len(frame))] for frame in drawn]
    assert_frame_equal(metrics.chosen_and_listed(*mixed), metrics.chosen_and_listed(*drawn))


def test_the_frames_that_go_in_are_not_changed():
    before = [frame.copy(deep=True) for frame in (CHOICES, PROJECTS, PLANS)]
    metrics.chosen_and_listed(CHOICES, PROJECTS, PLANS)
    for frame, copy in zip((CHOICES, PROJECTS, PLANS), before, strict=True):
        assert_frame_equal(frame, copy)


def test_the_cells_of_the_record_are_those_of_its_files(record):
    chosen = {(row["city_id"], row["focus_area"]) for row in table("action_plan_focus_areas") if row["focus_area"]}
    listed = Counter((int(r["report_year"]), r["city_id"], r["focus_area_id"]) for r in table("project_reports"))
    keys = zip(record["report_year"], record["city_id"], record["focus_area_id"], strict=True)
    expected = [((city, area) in chosen, listed[year, city, area]) for year, city, area in keys]
    assert list(zip(record["chosen"], record["n"], strict=True)) == expected


def test_every_pilot_city_of_the_record_has_a_row_in_each_report(record):
    assert (record.groupby(["report_year", "city_id"])["n"].sum() > 0).all()


# Rows behind the cells


def test_the_rows_behind_are_all_labels_and_the_rows_of_the_cities_of_the_plans():
    rows = metrics.chosen_and_listed_rows(CHOICES, PROJECTS)
    assert Counter(rows["printed"]) == Counter(
        [*CHOICES["label_printed"], *PROJECTS.loc[PROJECTS["city_id"] != "cato", "project_printed"]]
    )


def test_labels_stand_under_2018_and_rows_under_their_report():
    rows = metrics.chosen_and_listed_rows(CHOICES, PROJECTS)
    assert Counter(rows["year"]) == {2018: 5, 2021: 3, 2022: 3}


def test_the_rows_behind_carry_match_or_list():
    rows = metrics.chosen_and_listed_rows(CHOICES, PROJECTS)
    assert set(rows.loc[rows["year"] == 2018, "basis"]) == {"official", "judged"}
    assert set(rows.loc[rows["year"] == 2022, "basis"]) == {"completed", "ongoing_or_planning"}


def test_the_rows_behind_the_record_are_as_many_as_its_cells_count(record, panel):
    rows = metrics.chosen_and_listed_rows(loaders.load_action_plan_focus_areas(), panel)
    assert (rows["year"] > 2018).sum() == record["n"].sum()


# Counts


def test_the_counts_of_the_cases_by_hand():
    counts = metrics.delivery_counts(CELLS)
    assert list(counts.itertuples(index=False, name=None)) == [
        (2021, "chosen, listed", 1, 1),
        (2021, "chosen, none listed", 1, 0),
        (2021, "not chosen, listed", 2, 2),
        (2021, "not chosen, none listed", 8, 0),
        (2022, "chosen, listed", 2, 3),
        (2022, "not chosen, none listed", 10, 0),
    ]


def test_the_choices_by_hand():
    counts = metrics.listed_by_choice(CELLS)
    assert list(counts.itertuples(index=False, name=None)) == [
        # report, choice, n, listed, planned, other
        (2021, "judged", 1, 0, 0, 0),
        (2021, "not chosen", 10, 2, 1, 1),
        (2021, "official", 1, 1, 1, 0),
        (2022, "judged", 1, 1, 0, 1),
        (2022, "not chosen", 10, 0, 0, 0),
        (2022, "official", 1, 1, 1, 0),
    ]


def test_official_and_judged_choices_can_be_taken_together():
    counts = metrics.listed_by_choice(CELLS, apart=False)
    assert list(counts[["choice", "n", "listed"]].itertuples(index=False, name=None)) == [
        ("chosen", 2, 1), ("not chosen", 10, 2), ("chosen", 2, 2), ("not chosen", 10, 0),
    ]  # fmt: skip


@some
@given(plans_and_lists())
def test_the_cases_of_a_report_sum_to_six_areas_a_city(drawn):
    counts = metrics.delivery_counts(metrics.chosen_and_listed(*drawn))
    assert set(counts.groupby("report_year")["n"].sum()) == {6 * drawn[0]["city_id"].nunique()}


@some
@given(plans_and_lists())
def test_an_area_with_a_project_has_a_planned_one_or_another(drawn):
    counts = metrics.listed_by_choice(metrics.chosen_and_listed(*drawn))
    assert (counts["listed"] <= counts["planned"] + counts["other"]).all()
    assert (counts[["planned", "other"]].max(axis=1) <= counts["listed"]).all()


@some
@given(plans_and_lists())
def test_cases_and_choices_count_the_same_cells(drawn):
    cells = metrics.chosen_and_listed(*drawn)
    cases = metrics.delivery_counts(cells)
    listed = cases[cases["case"].isin([metrics.CASES[0], metrics.CASES[2]])]["n"].sum()
    assert metrics.listed_by_choice(cells)["listed"].sum() == listed


def test_the_cases_of_the_record_sum_to_156_cells_a_report(record):
    assert set(metrics.delivery_counts(record).groupby("report_year")["n"].sum()) == {26 * 6}


def test_the_areas_with_a_project_that_was_not_planned_by_another_route(record):
    planned = {row["project_id"] for row in table("action_plan_projects")} - {""}
    chosen = {(row["city_id"], row["focus_area"]) for row in table("action_plan_focus_areas") if row["focus_area"]}
    pilots = {row["city_id"] for row in table("action_plan_cities")}
    found = {
        (row["city_id"], row["focus_area_id"])
        for row in table("project_reports")
        if row["report_year"] == "2025" and row["project_id"] not in planned and row["city_id"] in pilots
    }
    counts = metrics.listed_by_choice(record, apart=False).set_index(["report_year", "choice"])["other"]
    assert (counts[2025, "chosen"], counts[2025, "not chosen"]) == (len(found & chosen), len(found - chosen))


# Planned projects


def test_what_became_of_each_planned_project_by_hand():
    planned = metrics.planned_projects(PLANS, PROJECTS)
    assert list(planned[["city_id", "project_no", "outcome"]].itertuples(index=False, name=None)) == [
        ("ayu", 1, "listed, completed"),
        ("ayu", 2, "no longer listed"),
        ("ayu", 3, "listed, unfinished"),
        ("bima", 1, "doubtful link, kept apart"),
        ("bima", 2, "not found in the lists"),
    ]


def test_the_reports_that_list_a_planned_project_are_counted():
    planned = metrics.planned_projects(PLANS, PROJECTS).set_index("title_printed")
    assert planned.loc["Desk", ["first_year", "last_year", "reports"]].tolist() == [2021, 2022, 2]


def test_a_project_without_a_link_has_no_year():
    planned = metrics.planned_projects(PLANS, PROJECTS)
    assert planned.loc[planned["project_id"].isna(), ["first_year", "last_year", "reports"]].isna().all(axis=None)


def test_one_list_only_does_not_tell_unfinished_from_completed():
    planned = metrics.planned_projects(PLANS, PROJECTS[PROJECTS["report_year"] == 2021])
    assert planned["outcome"].tolist()[:2] == ["listed, not told apart"] * 2


def test_every_planned_project_of_the_record_has_one_outcome(panel):
    planned = metrics.planned_projects(loaders.load_action_plan_projects(), panel)
    last = {r["project_id"]: r["list"] for r in table("project_reports") if r["report_year"] == "2025"}
    ever = {r["project_id"] for r in table("project_reports")}
    words = {"ongoing_or_planning": "listed, unfinished", "completed": "listed, completed"}
    unlinked = {"doubtful": "doubtful link, kept apart", "": "not found in the lists"}
    expected = [
        words[last[p]] if p in last else "no longer listed" if p in ever else unlinked[row["confidence"]]
        for row in table("action_plan_projects")
        for p in [row["project_id"]]
    ]
    assert Counter(planned["outcome"]) == Counter(expected)


# Targets

TARGETS = pd.DataFrame(
    {
        "deadline_year": pd.array([2020, 2025, 2025, 2030, None], dtype="Int64"),
        "has_number": ["true", "true", "false", "true", "false"],
    }
)


def test_targets_by_year_as_seen_from_a_day():
    due = metrics.targets_by_deadline(TARGETS, "2025-09-30")
    assert [(row.state, row.has_number, row.n) for row in due.itertuples()] == [
        ("passed", "true", 1),
        ("runs to the end of the year", "false", 1),
        ("runs to the end of the year", "true", 1),
        ("to come", "true", 1),
        ("none named", "false", 1),
    ]


def test_a_year_has_passed_only_when_the_next_has_begun():
    states = {day: set(metrics.targets_by_deadline(TARGETS, day)["state"]) for day in ("2029-12-31", "2031-01-01")}
    assert "to come" in states["2029-12-31"]
    assert states["2031-01-01"] == {"passed", "none named"}


def test_targets_without_a_year_stand_last_with_an_empty_year():
    due = metrics.targets_by_deadline(TARGETS, "2025-09-30")
    assert due["deadline_year"].isna().tolist() == [False] * 4 + [True]


def test_the_targets_of_the_record_by_another_route():
    due = metrics.targets_by_deadline(loaders.load_action_plan_targets(), "2025-09-30")
    counted = {(str(row.deadline_year), row.has_number): row.n for row in due.itertuples()}
    expected = Counter((row["deadline_year"] or "<NA>", row["has_number"]) for row in table("action_plan_targets"))
    assert counted == expected


# Support


def known(frame):
    """Return {(city, kind): (asked, named)} with None where missing."""
    rows = frame.astype("object").where(frame.notna(), None)
    return {(row.city_id, row.kind): (row.asked, row.named) for row in rows.itertuples()}


def test_support_asked_and_named_by_hand():
    assert known(metrics.support_asked_and_named(PLANS, MENTIONS)) == {
        ("ayu", "funding"): (1, 1),
        ("ayu", "technical"): (2, 2),
        ("bima", "data"): (1, None),
        ("bima", "knowledge"): (1, 1),
        ("bima", "other"): (None, 1),
        ("bima", "partners"): (1, None),
    }


def test_documents_before_the_first_year_are_left_out():
    found = known(metrics.support_asked_and_named(PLANS, MENTIONS, since=2023))
    assert {named for _, named in found.values()} == {None}


def test_every_kind_of_mention_that_is_matched_answers_a_kind_of_support():
    assert set(metrics.SUPPORT_OF_MENTION.values()) <= set(v.SUPPORT_KINDS)
    assert set(metrics.SUPPORT_OF_MENTION) <= set(v.MENTION_KINDS)


def test_the_support_of_the_record_by_another_route():
    plans, mentions = loaders.load_action_plan_projects(), loaders.load_partner_mentions()
    asked = Counter(
        (row["city_id"], kind)
        for row in table("action_plan_projects")
        for kind in row["support_kinds"].split("|")
        if kind
    )
    cities = {row["city_id"] for row in table("action_plan_projects")}
    partners = {
        (row["city_id"], metrics.SUPPORT_OF_MENTION.get(row["kind"], row["kind"]), row["partner_id"])
        for row in table("partner_mentions")
        if row["city_id"] in cities and row["report_year"] > "2018"
    }
    named = Counter((city, kind) for city, kind, _ in partners)
    expected = {key: (asked.get(key), named.get(key)) for key in {*asked, *named}}
    assert known(metrics.support_asked_and_named(plans, mentions)) == expected


# Every measure

MEASURES = {
    "chosen_and_listed": lambda: metrics.chosen_and_listed(CHOICES.iloc[:0], PROJECTS, PLANS),
    "delivery_counts": lambda: metrics.delivery_counts(CELLS.iloc[:0]),
    "listed_by_choice": lambda: metrics.listed_by_choice(CELLS.iloc[:0]),
    "planned_projects": lambda: metrics.planned_projects(PLANS.iloc[:0], PROJECTS),
    "targets_by_deadline": lambda: metrics.targets_by_deadline(TARGETS.iloc[:0], "2025-09-30"),
    "support_asked_and_named": lambda: metrics.support_asked_and_named(PLANS.iloc[:0], MENTIONS),
}
FULL = {
    "chosen_and_listed": lambda: CELLS,
    "delivery_counts": lambda: metrics.delivery_counts(CELLS),
    "listed_by_choice": lambda: metrics.listed_by_choice(CELLS),
    "planned_projects": lambda: metrics.planned_projects(PLANS, PROJECTS),
    "targets_by_deadline": lambda: metrics.targets_by_deadline(TARGETS, "2025-09-30"),
    "support_asked_and_named": lambda: metrics.support_asked_and_named(PLANS, MENTIONS),
}


@pytest.mark.parametrize("name", MEASURES)
def test_nothing_gives_an_empty_frame_with_the_same_columns(name):
    empty = MEASURES[name]()
    assert (len(empty), list(empty.columns)) == (0, list(FULL[name]().columns))
