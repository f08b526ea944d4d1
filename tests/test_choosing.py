"""metrics.select: the rows of a choice, against plain filters in Python."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import loaders, metrics
from ascn_analysis.errors import SelectionError
from ascn_analysis.measures.choosing import COLUMNS, NOT_GIVEN

PANEL = loaders.load_panel()
# The same rows with a third of each column missing, each column another third.
GAPS = PANEL.assign(
    **{
        column: PANEL[column].where((PANEL.index + shift) % 3 != 0)
        for shift, column in enumerate(["iso3", "city_id", "focus_area_id", "status"])
    }
)


def records(frame):
    """Return the cells that can be chosen by, row by row; missing ones as NOT_GIVEN."""
    return [{k: NOT_GIVEN if pd.isna(x) else x for k, x in row.items()} for row in frame[list(COLUMNS.values())].to_dict("records")]  # fmt: skip


ROWS, ROWS_WITH_GAPS = records(PANEL), records(GAPS)


def plain(frame, cells, given):
    """Filter row by row."""
    asked = [(COLUMNS[name], values) for name, values in given.items() if values is not None]
    return frame.iloc[[i for i, row in enumerate(cells) if all(row[column] in values for column, values in asked)]]


def lists(name):
    """Some values that occur, and some of what does not."""
    known = sorted(PANEL[COLUMNS[name]].unique())
    others = [1999] if name == "reports" else [NOT_GIVEN, "no-such-value"]
    return st.none() | st.lists(st.sampled_from([*known, *others]), max_size=len(known), unique=True)


CHOICES = st.fixed_dictionaries({}, optional={name: lists(name) for name in COLUMNS})


@settings(max_examples=100)
@given(CHOICES)
def test_a_selection_is_what_a_plain_filter_gives(chosen):
    pd.testing.assert_frame_equal(metrics.select(PANEL, **chosen), plain(PANEL, ROWS, chosen))


@settings(max_examples=100)
@given(CHOICES)
def test_rows_without_a_value_are_chosen_by_empty_text_only(chosen):
    pd.testing.assert_frame_equal(metrics.select(GAPS, **chosen), plain(GAPS, ROWS_WITH_GAPS, chosen))


@settings(max_examples=50)
@given(CHOICES)
def test_selecting_again_changes_nothing(chosen):
    once = metrics.select(GAPS, **chosen)
    pd.testing.assert_frame_equal(metrics.select(once, **chosen), once)


@settings(max_examples=50)
@given(CHOICES)
def test_parts_of_a_choice_may_be_taken_one_after_the_other(chosen):
    apart = GAPS
    for name, values in chosen.items():
        apart = metrics.select(apart, **{name: values})
    pd.testing.assert_frame_equal(apart, metrics.select(GAPS, **chosen))


@pytest.mark.parametrize("name", COLUMNS)
def test_the_values_of_a_dimension_share_the_rows_out(name):
    values = [*GAPS[COLUMNS[name]].dropna().unique(), NOT_GIVEN]
    parts = [metrics.select(GAPS, **{name: [value]}) for value in (values[:-1] if name == "reports" else values)]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), GAPS)


@pytest.mark.parametrize("name", COLUMNS)
def test_none_keeps_every_row_also_those_without_a_value(name):
    pd.testing.assert_frame_equal(metrics.select(GAPS, **{name: None}), GAPS)


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_list_keeps_no_row_and_every_column(name):
    pd.testing.assert_frame_equal(metrics.select(GAPS, **{name: []}), GAPS.iloc[:0])


def test_empty_text_in_a_cell_is_no_value_either():
    frame = pd.DataFrame({"city_id": ["dili", "", None]})
    assert metrics.select(frame, cities=[NOT_GIVEN]).index.tolist() == [1, 2]


def test_a_set_of_statuses_is_a_value_of_its_own():
    frame = pd.DataFrame({"status": ["planning", "planning|ongoing", "ongoing"]})
    assert metrics.select(frame, statuses=["planning"]).index.tolist() == [0]
    assert metrics.select(frame, statuses=["planning|ongoing"]).index.tolist() == [1]


@pytest.mark.parametrize("values", [("SGP", "IDN"), {"SGP", "IDN"}, pd.Series(["IDN", "SGP"]), iter(["SGP", "IDN"])])
def test_values_may_come_in_any_container(values):
    assert set(metrics.select(PANEL, countries=values)["iso3"]) == {"IDN", "SGP"}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_text_is_not_taken_for_a_list_of_letters(name):
    with pytest.raises(SelectionError, match=r"select: .* 'SGP'; expected a list of values, such as \['SGP'\]"):
        metrics.select(PANEL, **{name: "SGP"})


def test_a_value_of_a_column_that_is_not_there_is_an_error():
    with pytest.raises(SelectionError, match=r"statuses \['ongoing'\]; the projects have no column 'status'"):
        metrics.select(PANEL.drop(columns="status"), statuses=["ongoing", NOT_GIVEN])


@pytest.mark.parametrize(("values", "kept"), [([NOT_GIVEN], len(PANEL)), ([], 0)])
def test_a_column_that_is_not_there_is_one_that_no_row_gives(values, kept):
    assert len(metrics.select(PANEL.drop(columns="status"), statuses=values)) == kept


def test_without_a_choice_no_column_is_needed():
    frame = pd.DataFrame({"anything": [1, 2]})
    pd.testing.assert_frame_equal(metrics.select(frame), frame)


def test_rows_keep_their_order_and_their_numbers():
    shuffled = PANEL.sample(frac=1, random_state=1)
    chosen = metrics.select(shuffled, countries=["IDN"])
    assert chosen.index.tolist() == [i for i in shuffled.index if PANEL["iso3"][i] == "IDN"]


def test_the_frame_that_goes_in_stays_as_it_was():
    before = GAPS.copy()
    metrics.select(GAPS, countries=["IDN"], statuses=[NOT_GIVEN])
    pd.testing.assert_frame_equal(GAPS, before)


def test_a_frame_of_another_kind_comes_back_as_that_kind():
    pyarrow = pytest.importorskip("pyarrow")
    columns = list(COLUMNS.values())
    chosen = {"countries": ["SGP", NOT_GIVEN], "reports": [2024], "statuses": []}
    for names in (["countries"], ["countries", "reports"], ["statuses"]):
        part = {name: chosen[name] for name in names}
        table = metrics.select(pyarrow.Table.from_pandas(GAPS[columns], preserve_index=False), **part)
        assert isinstance(table, pyarrow.Table)
        expected = pyarrow.Table.from_pandas(plain(GAPS[columns], ROWS_WITH_GAPS, part), preserve_index=False)
        assert table.to_pylist() == expected.to_pylist()
