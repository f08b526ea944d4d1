"""Profiles of cities and countries: a worked example, sums, what stays missing, and the record by another route."""

import csv
from collections import Counter, defaultdict

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics

some = settings(max_examples=25, deadline=None, derandomize=True)

# Ayu is listed twice, Bima only at first, Cato joined since and is listed nowhere.
CITIES = pd.DataFrame(
    [
        ("cato", "Cato", "BBB", "Beta", 2022, "2022"),
        ("bima", "Bima", "AAA", "Alpha", 2018, "2018 pilot"),
        ("ayu", "Ayu", "AAA", "Alpha", 2018, "2018 pilot"),
    ],
    columns=["city_id", "city", "iso3", "country", "joined_year", "cohort"],
)
PROJECTS = pd.DataFrame(
    [
        (2021, "a1", "ayu", "civic-social", "ongoing"),
        (2021, "b1", "bima", "civic-social", "planning"),
        (2022, "a1", "ayu", "civic-social", "completed"),
        (2022, "a2", "ayu", "civic-social", "planning|ongoing"),
        (2022, "a3", "ayu", "safety-security", "ongoing"),
    ],
    columns=["report_year", "project_id", "city_id", "focus_area_id", "status"],
)
# As `metrics.chosen_and_listed` gives it: in the latest report Ayu has one chosen area with and one without a project.
CHOICES = pd.DataFrame(
    [
        (2021, "ayu", "civic-social", True, 1),
        (2021, "ayu", "health-well-being", True, 1),
        (2022, "ayu", "civic-social", True, 2),
        (2022, "ayu", "health-well-being", True, 0),
        (2022, "ayu", "safety-security", False, 1),
        (2022, "bima", "civic-social", True, 0),
    ],
    columns=["report_year", "city_id", "focus_area_id", "chosen", "n"],
)
TARGETS = pd.DataFrame({"city_id": ["ayu", "ayu", "bima"]})
PLANNED = pd.DataFrame({"city_id": ["ayu", "bima", "bima"]})
DOCUMENTS = pd.DataFrame({"city_id": ["ayu", "ayu", "ayu", "bima"]})
MENTIONS = pd.DataFrame({"city_id": ["ayu", "ayu", "ayu", None], "partner_id": ["bank", "bank", "school", "fund"]})
CHALLENGES = pd.DataFrame({"city_id": ["bima", "bima", None]})
ICONS = pd.DataFrame(
    [
        (2021, "ayu", "ongoing"),
        (2021, "bima", "planning"),
        (2022, "ayu", "completed"),
        (2022, "ayu", "ongoing"),
        (2022, "ayu", "ongoing"),
    ],
    columns=["report_year", "city_id", "status"],
)
FRAMES = (CITIES, PROJECTS, ICONS, CHOICES, TARGETS, PLANNED, DOCUMENTS, MENTIONS, CHALLENGES)
PROFILES = metrics.profiles.cities(*FRAMES)
WHAT = ["n_2021", "n_2022", "planning", "ongoing", "completed", "focus_areas",
        "chosen", "chosen_listed", "targets", "planned_projects", "documents", "partners", "challenges"]  # fmt: skip


def values(frame, column, key):
    """Return what a profile says, as a dict with None for what is missing."""
    row = frame[frame[column] == key].iloc[0]
    return {name: None if pd.isna(row[name]) else row[name] for name in frame.columns}


@pytest.mark.parametrize(
    ("city", "expected"),
    [
        ("ayu", [1, 3, 0, 2, 1, 2, 2, 1, 2, 1, 3, 2, 0]),
        ("bima", [1, None, None, None, None, None, 1, 0, 1, 2, 1, 0, 2]),
        ("cato", [None, None, None, None, None, None, None, None, None, None, 0, None, None]),
    ],
)
def test_a_city_has_the_counts_of_the_worked_example(city, expected):
    assert [values(PROFILES, "city_id", city)[name] for name in WHAT] == expected


def test_cities_stand_in_alphabetical_order_of_country_and_city():
    assert PROFILES["city"].tolist() == ["Ayu", "Bima", "Cato"]


def test_a_country_adds_up_its_cities():
    alpha = values(metrics.profiles.countries(PROFILES), "iso3", "AAA")
    expected = {
        "cities": 2,
        "cities_listed": 1,
        "n_2021": 2,
        "n_2022": 3,
        "completed": 1,
        "targets": 3,
        "challenges": 2,
    }
    assert {name: alpha[name] for name in expected} == expected


def test_projects_per_city_leave_out_cities_that_the_report_does_not_list():
    assert values(metrics.profiles.countries(PROFILES), "iso3", "AAA")["per_city"] == 3


def test_a_country_without_a_listed_city_has_no_number():
    beta = values(metrics.profiles.countries(PROFILES), "iso3", "BBB")
    names = ["n_2021", "n_2022", "planning", "ongoing", "completed", "targets", "planned_projects", "per_city"]
    assert [beta[name] for name in names] == [None] * len(names)


def test_a_country_counts_its_members_also_where_none_is_listed():
    beta = values(metrics.profiles.countries(PROFILES), "iso3", "BBB")
    assert (beta["cities"], beta["cities_listed"], beta["challenges"]) == (1, 0, None)


def test_the_frames_are_not_changed():
    before = [frame.copy() for frame in FRAMES]
    metrics.profiles.countries(metrics.profiles.cities(*FRAMES))
    for old, new in zip(before, FRAMES, strict=True):
        assert_frame_equal(old, new)


@st.composite
def panels(draw):
    """Return projects of the three cities in two reports, at least one in the later one."""
    row = st.tuples(st.sampled_from([2021, 2022]), st.sampled_from(["ayu", "bima", "cato"]), st.sampled_from(["planning", "ongoing", "completed", "planning|ongoing"]))  # fmt: skip
    rows = [
        *draw(st.lists(row, max_size=12)),
        (2021, "ayu", "ongoing"),
        (2022, draw(st.sampled_from(["ayu", "cato"])), "completed"),
    ]
    return pd.DataFrame(
        [(year, f"p{i}", city, "civic-social", status) for i, (year, city, status) in enumerate(rows)], columns=PROJECTS.columns
    )  # fmt: skip


@some
@given(panels())
def test_the_countries_hold_every_project_of_the_cities(panel):
    made = metrics.profiles.countries(metrics.profiles.cities(CITIES, panel, *FRAMES[2:]))
    listed = panel["report_year"].value_counts()
    assert {year: made[f"n_{year}"].sum() for year in listed.index} == listed.to_dict()


@some
@given(panels())
def test_the_statuses_of_a_city_sum_to_its_icons(panel):
    icons = panel.assign(status=panel["status"].str.split("|").str[0])
    made = metrics.profiles.cities(CITIES, panel, icons, *FRAMES[3:])
    listed = made[made["n_2022"].notna()]
    assert listed[["planning", "ongoing", "completed"]].sum(axis=1).tolist() == listed["n_2022"].tolist()


@some
@given(panels())
def test_a_city_that_no_row_lists_has_no_number_rather_than_zero(panel):
    made = metrics.profiles.cities(CITIES, panel, *FRAMES[2:])
    rows = set(zip(panel["city_id"], panel["report_year"], strict=True))
    for year in (2021, 2022):
        missing = set(made.loc[made[f"n_{year}"].isna(), "city_id"])
        assert missing == {city for city in made["city_id"] if (city, year) not in rows}


@some
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random):
    mixed = [frame.iloc[random.sample(range(len(frame)), len(frame))] for frame in FRAMES]
    assert_frame_equal(metrics.profiles.cities(*mixed), PROFILES)


def test_polars_gives_the_same_answer():
    polars = pytest.importorskip("polars", reason="polars is not installed")
    made = metrics.profiles.cities(*(in_polars(polars, frame) for frame in FRAMES))
    for answer, expected in (
        (made, PROFILES),
        (metrics.profiles.countries(made), metrics.profiles.countries(PROFILES)),
    ):
        rows = [[None if pd.isna(x) else x for x in row] for row in expected.itertuples(index=False)]
        assert [list(row) for row in answer.rows()] == rows


def in_polars(polars, frame):
    """Return a frame as Polars, missing as null."""
    return polars.DataFrame(
        [{k: None if pd.isna(x) else x for k, x in row.items()} for row in frame.to_dict("records")]
    )


# --- the record, by another route ---


def read(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def record():
    panel, plans = loaders.load_panel(), loaders.load_action_plan_projects()
    return metrics.profiles.cities(
        loaders.load_cities(),
        panel,
        loaders.load_icons(),
        metrics.chosen_and_listed(loaders.load_action_plan_focus_areas(), panel, plans),
        loaders.load_action_plan_targets(),
        plans,
        metrics.documents_read(loaders.load_action_plan_cities(), panel),
        loaders.load_partner_mentions(),
        loaders.load_challenges(),
    )


def test_each_member_city_of_the_record_has_one_profile(record):
    assert sorted(record["city_id"]) == sorted(row["city_id"] for row in read("cities"))


def test_the_projects_of_the_record_are_the_rows_of_the_appendices(record):
    rows = Counter((row["city_id"], row["report_year"]) for row in read("project_reports"))
    years = sorted({year for _, year in rows})
    found = {(row["city_id"], year): row[f"n_{year}"] for row in record.to_dict("records") for year in years}
    assert {key: n for key, n in found.items() if pd.notna(n)} == rows


@pytest.mark.parametrize("table", ["action_plan_targets", "action_plan_projects", "challenges"])
def test_the_record_is_counted_as_in_its_table(record, table):
    column = {"action_plan_targets": "targets", "action_plan_projects": "planned_projects"}.get(table, table)
    counts = Counter(row["city_id"] for row in read(table) if row["city_id"])
    found = dict(zip(record["city_id"], record[column], strict=True))
    assert {city: n for city, n in found.items() if pd.notna(n) and n} == counts


def test_the_partners_of_the_record_are_counted_once(record):
    named = defaultdict(set)
    for row in read("partner_mentions"):
        named[row["city_id"]].add(row["partner_id"])
    described = record[record["documents"] > 0]
    found = dict(zip(described["city_id"], described["partners"], strict=True))
    assert found == {city: len(named[city]) for city in found}


def test_a_city_that_no_document_describes_has_no_number_of_partners_or_challenges(record):
    silent = record[record["documents"] == 0]
    assert set(silent["city_id"]) == {"denpasar", "semarang", "dili"}
    assert silent[["partners", "challenges"]].isna().all(axis=None)
