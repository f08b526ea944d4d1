"""Derived statuses: the record's own, that they never claim more than Exhibit 2 draws, and hand-made cells."""

from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_analysis import loaders, status

INPUT = ["report_year", "list", "city_id", "focus_area_id"]
CITY = ["report_year", "city_id"]
CELL = [*CITY, "focus_area_id"]
CIVIC, HEALTH, BUILT = "civic-social", "health-well-being", "built-infrastructure"
ALL, OTHER, DONE = "all", "ongoing_or_planning", "completed"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return loaders.load_table("project_reports")


@pytest.fixture(scope="module")
def exhibit() -> pd.DataFrame:
    return loaders.load_table("exhibit_status")


@pytest.fixture(scope="module")
def derived(rows: pd.DataFrame, exhibit: pd.DataFrame) -> pd.DataFrame:
    return rows[INPUT].join(status.derive(rows[INPUT], exhibit))


def listed(*rows: tuple[str, str], city: str = "manila", year: int = 2022) -> pd.DataFrame:
    """Appendix rows of one city, as list and focus area."""
    return pd.DataFrame([(year, name, city, area) for name, area in rows], columns=INPUT)


def drawn(*cells: tuple[str, str, int], city: str = "manila", year: int = 2022) -> pd.DataFrame:
    """Cells of Exhibit 2 for one city, as focus area, status and number of icons."""
    columns = ["report_year", "city_id", "focus_area", "status", "n"]
    return pd.DataFrame([(year, city, *cell) for cell in cells], columns=columns)


def statuses(rows: pd.DataFrame, exhibit: pd.DataFrame) -> Sequence[tuple[str, str]]:
    return list(status.derive(rows, exhibit).itertuples(index=False, name=None))


@pytest.mark.parametrize("column", ["status", "status_basis"])
def test_the_record_holds_what_its_lists_and_exhibit_2_give(rows, derived, column):
    differing = rows.loc[rows[column] != derived[column], [*INPUT, column]]
    assert differing.empty


@pytest.mark.parametrize("keys", [CELL, CITY], ids=["cell", "city"])
def test_where_totals_agree_no_status_is_given_to_more_rows_than_the_exhibit_draws(derived, exhibit, keys):
    icons = exhibit.rename(columns={"focus_area": "focus_area_id"})
    agreeing = derived.groupby(keys).size().eq(icons.groupby(keys)["n"].sum())
    single = derived[~derived["status"].str.contains("|", regex=False)].groupby([*keys, "status"]).size()
    excess = single.sub(icons.groupby([*keys, "status"])["n"].sum(), fill_value=0).reset_index(name="excess")
    excess = excess.merge(agreeing[agreeing].index.to_frame(index=False), on=keys)
    assert excess[excess["excess"] > 0].empty
    assert len(excess) > 100


def test_rows_of_the_completed_lists_are_completed_by_list_and_no_other_rows_are(derived):
    by_list = derived["status_basis"] == "list"
    assert (by_list == (derived["list"] == DONE)).all()
    assert set(derived.loc[by_list, "status"]) == {DONE}


@pytest.mark.parametrize("year", [2024, 2025])
def test_where_completed_projects_are_listed_apart_only_planning_or_ongoing_stays_open(derived, year):
    left = derived.loc[(derived["report_year"] == year) & (derived["status_basis"] == "open"), "status"]
    assert set(left) == {"planning|ongoing"}


@pytest.mark.parametrize("name", ["planning", "ongoing", "completed"])
def test_a_cell_with_one_kind_of_icon_gives_each_row_that_status(name):
    rows = listed((ALL, CIVIC), (ALL, CIVIC))
    assert statuses(rows, drawn((CIVIC, name, 2))) == [(name, "exhibit")] * 2


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("planning", "ongoing", "planning|ongoing"),
        ("completed", "planning", "planning|completed"),
        ("completed", "ongoing", "ongoing|completed"),
    ],
)
def test_a_cell_with_two_kinds_of_icons_leaves_both_open(first, second, left):
    rows = listed((ALL, CIVIC), (ALL, CIVIC))
    assert statuses(rows, drawn((CIVIC, first, 1), (CIVIC, second, 1))) == [(left, "open")] * 2


def test_a_cell_with_all_kinds_of_icons_leaves_all_open():
    icons = drawn((CIVIC, "completed", 1), (CIVIC, "ongoing", 1), (CIVIC, "planning", 1))
    assert set(statuses(listed(*[(ALL, CIVIC)] * 3), icons)) == {("planning|ongoing|completed", "open")}


def test_where_a_cell_differs_but_the_city_agrees_on_one_kind_the_city_decides():
    rows = listed((ALL, CIVIC), (ALL, HEALTH))
    assert statuses(rows, drawn((CIVIC, "ongoing", 1), (BUILT, "ongoing", 1))) == [("ongoing", "exhibit")] * 2


def test_where_a_cell_differs_and_the_city_agrees_on_two_kinds_both_stay_open():
    rows = listed((ALL, CIVIC), (ALL, HEALTH))
    found = statuses(rows, drawn((CIVIC, "ongoing", 1), (BUILT, "planning", 1)))
    assert found == [("ongoing", "exhibit"), ("planning|ongoing", "open")]


def test_a_cell_that_agrees_is_asked_before_its_city():
    rows = listed((ALL, CIVIC), (ALL, HEALTH))
    found = statuses(rows, drawn((CIVIC, "ongoing", 1), (HEALTH, "planning", 1)))
    assert found == [("ongoing", "exhibit"), ("planning", "exhibit")]


@pytest.mark.parametrize("n", [1, 3])
def test_where_neither_cell_nor_city_agrees_the_full_set_stays_open(n):
    rows = listed((ALL, CIVIC), (ALL, CIVIC))
    assert statuses(rows, drawn((CIVIC, "ongoing", n))) == [("planning|ongoing|completed", "open")] * 2


@pytest.mark.parametrize(("name", "left"), [(ALL, "planning|ongoing|completed"), (OTHER, "planning|ongoing")])
def test_a_row_without_an_exhibit_is_as_open_as_its_list(name, left):
    assert statuses(listed((name, CIVIC)), drawn()) == [(left, "open")]


def test_a_row_of_the_completed_list_is_completed_whatever_the_exhibit_draws():
    assert statuses(listed((DONE, CIVIC)), drawn((CIVIC, "planning", 1))) == [(DONE, "list")]


def test_beside_a_completed_row_the_other_row_has_the_other_icon():
    rows = listed((OTHER, CIVIC), (DONE, CIVIC))
    found = statuses(rows, drawn((CIVIC, "ongoing", 1), (CIVIC, "completed", 1)))
    assert found == [("ongoing", "exhibit"), (DONE, "list")]


def test_a_cell_of_as_many_icons_but_another_number_of_completed_ones_is_not_asked():
    rows = listed((OTHER, CIVIC), (DONE, CIVIC))
    assert statuses(rows, drawn((CIVIC, "ongoing", 2)))[0] == ("planning|ongoing", "open")


@pytest.mark.parametrize("elsewhere", [{"city": "jakarta"}, {"year": 2023}], ids=["city", "year"])
def test_icons_of_another_city_or_report_say_nothing(elsewhere):
    assert statuses(listed((ALL, CIVIC)), drawn((CIVIC, "ongoing", 1), **elsewhere))[0][1] == "open"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_does_not_matter(rows, exhibit, derived, seed):
    found = status.derive(rows[INPUT].sample(frac=1, random_state=seed), exhibit.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(found.sort_index(), derived[["status", "status_basis"]])


def test_the_index_of_the_rows_is_kept():
    rows = listed((ALL, CIVIC), (ALL, HEALTH)).set_axis([7, 3])
    found = status.derive(rows, drawn((CIVIC, "ongoing", 1), (HEALTH, "planning", 1)))
    assert found["status"].to_dict() == {7: "ongoing", 3: "planning"}


def test_the_frames_given_are_not_changed(rows, exhibit):
    given_rows, given_exhibit = rows.copy(), exhibit.copy()
    status.derive(given_rows, given_exhibit)
    pd.testing.assert_frame_equal(given_rows, rows)
    pd.testing.assert_frame_equal(given_exhibit, exhibit)


TRUTH = st.tuples(
    st.sampled_from(["manila", "jakarta"]),
    st.sampled_from([CIVIC, HEALTH]),
    st.sampled_from(["planning", "ongoing", "completed"]),
)


@given(truth=st.lists(TRUTH, min_size=1, max_size=8), apart=st.booleans())
def test_a_true_status_is_never_ruled_out(truth, apart):
    names = [{True: DONE, False: OTHER}[kind == "completed"] if apart else ALL for _, _, kind in truth]
    rows = pd.DataFrame(
        [(2024, name, city, area) for name, (city, area, _) in zip(names, truth, strict=True)], columns=INPUT
    )
    exhibit = pd.DataFrame(
        [(2024, *row, 1) for row in truth], columns=["report_year", "city_id", "focus_area", "status", "n"]
    )
    found = status.derive(rows, exhibit)["status"]
    assert all(kind in left.split("|") for left, (_, _, kind) in zip(found, truth, strict=True))
