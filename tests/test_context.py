"""The measures of what surrounds the projects, against miniatures worked by hand; and the table of the framework."""

import csv
from collections import Counter
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.figures.context import _spell_span

CITIES = pd.DataFrame(
    [
        ("b-town", "B-Town", "KHM", "Cambodia"),
        ("a-town", "A-Town", "KHM", "Cambodia"),
        ("c-town", "C-Town", "BRN", "Brunei Darussalam"),
    ],
    columns=["city_id", "city", "iso3", "country"],
)
SOURCES = pd.DataFrame(
    [
        ("plan", "The plan", "https://x.org/plan.pdf", "2018"),
        ("page", "A page", "https://x.org/page/", "2024-05"),
    ],
    columns=["source_id", "title", "url", "as_of"],
)
CHALLENGES = pd.DataFrame(
    [
        (2019, None, "other", "urban-problem", "Floods", "page", 1),
        (2018, "b-town", "funding", "implementation", "No money", "plan", 3),
        (2018, "a-town", "skills", "implementation", "No staff", "plan", 2),
        (2018, "a-town", "funding", "implementation", "Late money", "plan", 2),
        (2018, "c-town", "funding", "implementation", "Dear bricks", "plan", 9),
    ],
    columns=["year", "city_id", "kind", "about", "summary", "source_id", "page"],
)
LEVELS = {"outcome": 3, "urban-system": 2, "focus-area": 6, "enabler": 2}


def read(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def events_of(*rows):
    frame = pd.DataFrame(rows, columns=["date", "kind", "event"])
    return frame.assign(place=None)


def membership_of(**joined):
    rows = [(city.replace("_", "-"), day, "true", "page") for city, day in joined.items()]
    return pd.DataFrame(rows, columns=["city_id", "joined", "used", "source_id"])


def catalogue():
    return metrics.challenge_catalogue(CHALLENGES, CITIES, SOURCES)


# The framework


def test_the_framework_has_three_outcomes_two_systems_six_areas_and_two_enablers():
    assert Counter(row["level"] for row in read("framework")) == LEVELS


def test_the_elements_of_a_level_are_numbered_from_1():
    for level, n in LEVELS.items():
        assert [row["order"] for row in read("framework") if row["level"] == level] == [str(i + 1) for i in range(n)]


def test_the_focus_areas_of_the_framework_have_the_ids_and_the_order_of_the_vocabulary():
    areas = [row["element_id"] for row in read("framework") if row["level"] == "focus-area"]
    assert areas == list(v.FOCUS_AREA_NAMES)


def test_a_focus_area_cites_the_same_page_in_both_tables():
    pages = {row["element_id"]: row["page"] for row in read("framework")}
    assert all(pages[row["focus_area_id"]] == row["page"] for row in read("focus_areas"))


def test_the_framework_is_loaded_with_its_numbers_as_numbers():
    frame = loaders.load_framework()
    assert (len(frame), frame["order"].dtype, frame["page"].dtype) == (13, "int64", "int64")


# Challenges


def test_challenges_are_counted_by_kind_and_what_they_are_about():
    counted = metrics.challenge_counts(CHALLENGES)
    assert counted.values.tolist() == [
        ["funding", "implementation", 3], ["other", "urban-problem", 1], ["skills", "implementation", 1],
    ]  # fmt: skip


def test_statements_on_the_network_are_counted_under_no_city():
    counted = metrics.challenge_counts(CHALLENGES, ["city_id"])
    assert counted.loc[counted["city_id"].isna(), "n"].tolist() == [1]


@given(st.lists(st.sampled_from(range(len(CHALLENGES))), max_size=12))
def test_counts_by_kind_sum_to_the_statements(places):
    rows = CHALLENGES.iloc[places]
    assert metrics.challenge_counts(rows)["n"].sum() == len(rows)


def test_the_record_has_the_statements_of_its_file():
    counted = metrics.challenge_counts(loaders.load_challenges())
    found = {(row.kind, row.about): row.n for row in counted.itertuples()}
    assert found == Counter((row["kind"], row["about"]) for row in read("challenges"))


def test_the_catalogue_stands_by_country_and_city_with_the_network_last():
    assert catalogue()["city"].fillna("network").tolist() == ["C-Town", "A-Town", "A-Town", "B-Town", "network"]


def test_statements_of_a_page_stand_by_kind():
    assert catalogue().query("city == 'A-Town'")["kind"].tolist() == ["funding", "skills"]


def test_a_statement_in_a_pdf_links_to_its_page():
    assert catalogue()["url"].tolist()[0] == "https://x.org/plan.pdf#page=9"


def test_a_statement_on_a_web_page_links_to_the_page_alone():
    assert catalogue()["url"].tolist()[-1] == "https://x.org/page/"


def test_the_catalogue_keeps_every_statement_of_the_record(cities):
    rows = metrics.challenge_catalogue(loaders.load_challenges(), cities, loaders.load_sources())
    assert Counter(rows["summary"]) == Counter(row["summary"] for row in read("challenges"))


def test_the_statements_that_go_in_are_not_changed():
    before = CHALLENGES.copy(deep=True)
    catalogue()
    assert_frame_equal(CHALLENGES, before)


# Events


def test_the_days_between_two_events_are_counted():
    gaps = metrics.event_gaps(events_of(("2024-03-01", "summit", "b"), ("2024-02-28", "summit", "a")))
    assert gaps["days"].fillna(-1).tolist() == [-1, 2]


def test_an_event_without_a_full_date_has_no_gap():
    gaps = metrics.event_gaps(
        events_of(("2020", "summit", "a"), ("2020-05", "summit", "b"), ("2020-05-06", "summit", "c"))
    )
    assert gaps["event"].tolist() == ["c"]


@given(st.lists(st.dates(date(2018, 1, 1), date(2030, 1, 1)), min_size=1, max_size=8, unique=True))
def test_the_gaps_add_up_to_the_whole_span(days):
    events = events_of(*((day.isoformat(), "summit", "x") for day in days))
    assert metrics.event_gaps(events)["days"].sum() == (max(days) - min(days)).days


def test_the_gaps_of_the_annual_meetings_are_those_of_the_calendar():
    events = loaders.load_events()
    gaps = metrics.event_gaps(events[events["kind"] == "annual-meeting"])["days"].dropna()
    days = sorted(date.fromisoformat(row["date"]) for row in read("events") if row["kind"] == "annual-meeting")
    assert gaps.tolist() == [(late - early).days for early, late in pairwise(days)]


def test_cities_that_join_in_one_year_are_one_event():
    told = metrics.joinings(membership_of(b_town="2023", a_town="2023"), CITIES, SOURCES)
    assert told[["date", "event"]].values.tolist() == [["2023", "A-Town and B-Town join, by the roster"]]


def test_a_single_city_joins_alone():
    told = metrics.joinings(membership_of(c_town="2020-04-01"), CITIES, SOURCES)
    assert told["event"].tolist() == ["C-Town joins, by the roster"]


def test_in_the_running_year_a_city_joins_by_the_date_of_the_roster():
    assert metrics.joinings(membership_of(c_town="2024"), CITIES, SOURCES)["date"].tolist() == ["2024-05"]


def test_statements_that_the_roster_does_not_use_are_no_joinings():
    said = membership_of(a_town="2023", b_town="2024").assign(used=["true", "false"])
    assert metrics.joinings(said, CITIES, SOURCES)["date"].tolist() == ["2023"]


def test_many_cities_that_join_at_once_are_counted(cities):
    told = metrics.joinings(loaders.load_membership(), cities, loaders.load_sources())
    pilots = sum(row["joined_year"] == "2018" for row in read("cities"))
    assert told["event"].iloc[0] == f"{pilots} cities join, by the roster"


def test_every_later_city_is_named_in_a_joining(cities):
    told = " ".join(metrics.joinings(loaders.load_membership(), cities, loaders.load_sources())["event"])
    assert [row["city"] for row in read("cities") if row["joined_year"] != "2018" and row["city"] not in told] == []


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2019-06-06", "", "6 Jun 2019"),
        ("2019-06-06", "2019-06-07", "6–7 Jun 2019"),
        ("2019-06-30", "2019-07-01", "30 Jun–1 Jul 2019"),
        ("2019-12-31", "2020-01-01", "31 Dec 2019–1 Jan 2020"),
        ("2023-02", "2023-06", "Feb–Jun 2023"),
        ("2025", "", "2025"),
    ],
)
def test_a_span_of_days_is_spelled_shortly(start, end, words):
    assert _spell_span(start, end) == words


# Urbanisation


def grown(*rows):
    frame = pd.DataFrame(rows, columns=["iso3", "year", "population", "urban_share_percent"])
    return metrics.urban_growth(frame, 2018, 2024)


def test_urban_people_are_population_times_share():
    assert grown(("BRN", 2018, 1000, 40.0), ("BRN", 2024, 1200, 50.0))[["urban_since", "urban_until", "added"]].values.tolist() == [[400, 600, 200]]  # fmt: skip


def test_the_parts_are_what_each_change_brings_at_the_mean_of_the_other():
    parts = grown(("BRN", 2018, 1000, 40.0), ("BRN", 2024, 1200, 50.0))[["from_population", "from_share"]]
    assert parts.values.tolist() == [[pytest.approx(200 * 0.45), pytest.approx(0.10 * 1100)]]


def test_the_change_of_the_share_is_in_points():
    assert grown(("BRN", 2018, 1000, 40.0), ("BRN", 2024, 1200, 50.0))["points"].tolist() == [pytest.approx(10)]


def test_a_country_that_lacks_a_year_is_left_out():
    rows = grown(("BRN", 2018, 1000, 40.0), ("KHM", 2018, 1000, 40.0), ("KHM", 2024, 1000, 40.0))
    assert rows["iso3"].tolist() == ["KHM"]


people = st.integers(1, 3 * 10**8)
share = st.floats(0, 100)


@given(people, people, share, share)
def test_the_two_parts_sum_to_the_people_added(before, after, low, high):
    row = grown(("BRN", 2018, before, low), ("BRN", 2024, after, high)).iloc[0]
    assert row["from_population"] + row["from_share"] == pytest.approx(row["added"], abs=1e-3)


def test_the_growth_of_the_record_is_that_of_its_file():
    added = metrics.urban_growth(loaders.load_urbanisation(), 2018, 2024)["added"].sum()
    urban = dict.fromkeys(("2018", "2024"), 0.0)
    for row in read("urbanisation"):
        if row["year"] in urban:
            urban[row["year"]] += int(row["population"]) * float(row["urban_share_percent"]) / 100
    assert added == pytest.approx(urban["2024"] - urban["2018"])
