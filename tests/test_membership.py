"""When the network grew: which statements and counts are kept, and where they are drawn."""

import pandas as pd
import pytest

from ascn_analysis import loaders, membership


@pytest.fixture(scope="module")
def steps(cities: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    return membership.steps(cities, loaders.load_membership(), stated, loaders.load_sources())


def small(*said: tuple[str, int, str]) -> pd.DataFrame:
    """The steps of a network of three cities (two of 2018, one of 2020), its roster as of 2021-06, and statements."""
    grades = dict.fromkeys((source for _, _, source in said), "secondary") | {"roster": "primary", "report": "primary"}
    return membership.steps(
        pd.DataFrame({"city_id": ["a", "b", "c"], "iso3": ["BRN", "BRN", "KHM"]}),
        pd.DataFrame(
            {"city_id": ["a", "b", "c"], "joined": ["2018", "2018", "2020"], "used": "true", "source_id": "roster"}
        ),
        pd.DataFrame(
            [{"measure": "member_cities", "as_of": day, "value": n, "source_id": source} for day, n, source in said],
            columns=["measure", "as_of", "value", "source_id"],
        ),
        pd.DataFrame(
            [{"source_id": s, "grade": g, "publisher": "P", "title": s, "as_of": "2021-06"} for s, g in grades.items()]
        ),
    )


def network(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(frame.loc[frame["selection"] == "all", list(columns)].itertuples(index=False, name=None))


def test_official_numbers_of_cities_are_26_29_31_35_37_38_in_order(steps):
    official = steps[(steps["selection"] == "all") & steps["basis"].isin(["primary", "roster"])]
    assert official["n"].drop_duplicates().tolist() == [26, 29, 31, 35, 37, 38]
    assert official["n"].is_monotonic_increasing


def test_only_29_and_37_rest_on_the_roster_because_no_primary_document_states_them(steps):
    assert [n for n, basis in network(steps, "n", "basis") if basis == "roster"] == [29, 37]


def test_a_statement_that_contradicts_the_roster_is_kept(steps):
    contradicting = steps[(steps["selection"] == "all") & (steps["n"] == 34)]
    assert contradicting[["as_of", "basis"]].values.tolist() == [["2025", "secondary"]]


def test_every_country_ends_with_its_cities(steps, cities):
    last = steps[steps["selection"] != "all"].groupby("selection")["n"].last()
    assert last.to_dict() == cities["iso3"].value_counts().to_dict()


def test_steps_are_sorted_by_selection_and_day(steps):
    places = list(zip(steps["selection"], steps["day"], steps["n"], strict=True))
    assert places == sorted(places)


def test_every_day_is_a_full_date(steps):
    assert steps["day"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()


def test_every_step_names_its_source(steps):
    assert steps["source"].str.contains(": ").all()


def test_a_roster_year_counts_by_its_last_day():
    assert network(small(), "as_of", "n", "basis") == [("2018-12-31", 2, "roster"), ("2020-12-31", 3, "roster")]


def test_a_roster_year_counts_by_the_day_of_the_roster_where_that_is_earlier(steps):
    assert steps.loc[steps["selection"] == "TLS", ["as_of", "day", "n"]].values.tolist() == [
        ["2026-01", "2026-01-15", 1]
    ]


@pytest.mark.parametrize("day", ["2020", "2020-11", "2020-12-31"])
def test_a_roster_count_is_left_out_where_a_primary_document_states_it_no_later(day):
    assert ("2020-12-31", 3, "roster") not in network(small((day, 3, "report")), "as_of", "n", "basis")


@pytest.mark.parametrize("said", [("2021-03", 3, "report"), ("2020-11", 2, "report"), ("2020-11", 3, "news")])
def test_a_roster_count_stays_beside_a_later_another_or_a_secondary_statement(said):
    assert ("2020-12-31", 3, "roster") in network(small(said), "as_of", "n", "basis")


def test_a_country_keeps_its_roster_counts_whatever_is_said_of_all():
    countries = small(("2018", 2, "report"), ("2020", 3, "report")).query("selection != 'all'")
    assert countries[["selection", "n"]].values.tolist() == [["BRN", 2], ["KHM", 1]]


def test_the_same_statement_on_two_pages_counts_once():
    assert network(small(("2019", 2, "news"), ("2019", 2, "news")), "as_of", "basis").count(("2019", "secondary")) == 1


@pytest.mark.parametrize(
    ("date", "day"), [("2025", "2025-07-02"), ("2025-09", "2025-09-15"), ("2025-09-30", "2025-09-30")]
)
def test_a_date_of_reduced_precision_is_drawn_in_its_middle(date, day):
    assert membership.middle(date) == day
