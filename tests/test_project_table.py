"""The project table: sorting, searching, paging, links, and what it leaves for readers without a kernel."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import loaders
from ascn_analysis.errors import AscnError
from ascn_analysis.explorers.rows import status_label
from ascn_analysis.explorers.table import COLUMNS, PAGE
from ascn_analysis.widgets import ProjectTable

PANEL = loaders.load_panel()
SEARCHED = ("country", "city", "project_printed", "title", "focus_area", "project_id")
TEXTS = [[str(row[name]).casefold() for name in SEARCHED] for row in PANEL.to_dict("records")]
LABELS = list(COLUMNS.values())


@pytest.fixture(scope="module")
def the_table():
    return ProjectTable(PANEL)


@pytest.fixture
def table():
    return ProjectTable(PANEL)


def tell(table, **content):
    """Send what the browser sends."""
    table._handle_custom_msg(content, [])


def column(table, label):
    place = LABELS.index(label)
    return [row[place] for row in table.state["rows"]]


def found(text):
    words = text.casefold().split()
    return [i for i, cells in enumerate(TEXTS) if all(any(word in cell for cell in cells) for word in words)]


# Searching

WORDS = sorted({word for cells in TEXTS for cell in cells for word in cell.split()})
SEARCHES = st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=3).map(" ".join)


@settings(max_examples=200)
@given(SEARCHES)
def test_a_search_is_what_a_plain_filter_gives(the_table, text):
    the_table.search(text)
    assert the_table.selection.index.tolist() == found(text)


@pytest.mark.parametrize("text", ["WATER", "  water  ", "Water"])
def test_a_search_knows_no_case_and_no_outer_spaces(table, text):
    table.search(text)
    assert table.selection.index.tolist() == found("water") != []


@pytest.mark.parametrize("text", [".*", "(", "[a-z]", "\\"])
def test_signs_of_patterns_are_plain_text(table, text):
    table.search(text)
    assert table.selection.index.tolist() == found(text)


def test_words_may_stand_in_different_columns(table):
    table.search("indonesia health")
    assert set(table.selection["country"]) == {"Indonesia"}
    assert table.selection.index.tolist() == found("indonesia health")


def test_an_empty_search_shows_everything_again(table):
    table.search("water")
    table.search("")
    assert table.selection.equals(PANEL)


def test_a_search_that_finds_nothing_says_so(table):
    table.search("no such word anywhere")
    assert (table.state["said"], table.state["rows"]) == ("No project matches.", [])
    assert (table.state["page"], table.state["pages"]) == (1, 1)


# Sorting


@pytest.mark.parametrize("rising", [True, False])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_sort_is_stable(table, name, rising):
    table.sort(name, rising)
    cells = PANEL[name].tolist()
    expected = sorted(range(len(cells)), key=cells.__getitem__, reverse=not rising)
    assert table.selection.index.tolist() == expected


@pytest.mark.parametrize("rising", [True, False])
def test_empty_cells_stand_last(rising):
    table = ProjectTable(PANEL.assign(city=PANEL["city"].where(PANEL.index % 5 != 0)))
    table.sort("city", rising)
    n = int(table.selection["city"].isna().sum())
    assert n == (PANEL.index % 5 == 0).sum()
    assert table.selection["city"].tail(n).isna().all()


def test_a_search_keeps_the_sort(table):
    table.sort("city", False)
    table.search("water")
    cities = table.selection["city"].tolist()
    assert cities == sorted(cities, reverse=True)
    assert len(set(cities)) > 1


def test_an_unknown_column_is_named(table):
    with pytest.raises(AscnError, match="no column 'price'; expected one of report_year, country, city"):
        table.sort("price")


def test_rows_with_one_number_are_sorted_by_place():
    doubled = PANEL.iloc[:6].set_axis([0] * 6)
    table = ProjectTable(doubled)
    table.sort("project_printed")
    assert table.selection["project_printed"].tolist() == sorted(doubled["project_printed"])


# Pages


def test_a_page_has_ten_rows_and_the_last_one_the_rest(table):
    pages = -(-len(PANEL) // PAGE)
    tell(table, kind="page", page=pages)
    assert len(table.state["rows"]) == len(PANEL) - PAGE * (pages - 1)
    assert table.state["said"] == f"Rows {PAGE * (pages - 1) + 1} to {len(PANEL)} of {len(PANEL)}"


def test_the_pages_hold_every_row_once(table):
    seen = []
    for page in range(1, table.state["pages"] + 1):
        tell(table, kind="page", page=page)
        seen += column(table, "Project, as printed")
    assert seen == PANEL["project_printed"].tolist()


@pytest.mark.parametrize(("asked", "given_page"), [(0, 1), (-3, 1), (10_000, -(-len(PANEL) // PAGE))])
def test_a_page_that_is_not_there_gives_the_nearest(table, asked, given_page):
    tell(table, kind="page", page=asked)
    assert table.state["page"] == given_page


@pytest.mark.parametrize("change", [{"kind": "search", "text": "a"}, {"kind": "sort", "key": "city"}])
def test_a_search_or_sort_goes_back_to_the_first_page(table, change):
    tell(table, kind="page", page=3)
    tell(table, **change)
    assert table.state["page"] == 1


def test_a_mask_limits_the_rows_and_a_search_counts_within_it(table):
    mask = (PANEL["iso3"] == "IDN").to_numpy()
    table.show(mask)
    table.search("smart")
    both = [i for i in found("smart") if mask[i]]
    assert table.selection.index.tolist() == both
    assert table.state["said"].endswith(f"of {len(both)} found of {mask.sum()}")


# What the browser gets and sends


def test_a_click_on_a_heading_sorts_up_then_down(table):
    for rising in (True, False, True):
        tell(table, kind="sort", key="city")
        assert table.state["sort"] == ["city", rising]


def test_each_message_draws_once(table):
    tell(table, kind="search", text="water")
    tell(table, kind="sort", key="city")
    tell(table, kind="page", page=1)
    assert table.state["revision"] == 3


def test_a_message_of_another_kind_changes_nothing(table):
    before = table.state
    tell(table, kind="other", text="water")
    assert table.state == before


@settings(max_examples=30)
@given(SEARCHES)
def test_what_goes_to_the_browser_is_json_of_one_page(the_table, text):
    the_table.search(text)
    assert json.loads(json.dumps(the_table.state, allow_nan=False)) == the_table.state
    assert len(the_table.state["rows"]) <= PAGE


def test_a_row_shows_its_cells_in_words(table):
    first = PANEL.iloc[0]
    linked = {"text": f"p. {first['page']}", "href": first["url"]}
    texts = [str(first[name]) for name in COLUMNS if name not in ("status", "page")]
    assert table.state["rows"][0] == [*texts, status_label(first["status"]), linked]


def test_a_page_without_an_address_is_no_link():
    row = PANEL.iloc[:1].assign(url=None)
    assert column(ProjectTable(row), "Page") == [str(row["page"][0])]


def test_missing_cells_are_empty():
    frame = PANEL.iloc[:1].astype({"city": "object"}).assign(city=None, status=None, page=pd.NA)
    table = ProjectTable(frame)
    assert column(table, "City") == column(table, "Status") == column(table, "Page") == [""]


def test_columns_that_a_frame_lacks_are_left_out():
    table = ProjectTable(PANEL[["city", "report_year"]])
    assert [heading["key"] for heading in table.state["columns"]] == ["report_year", "city"]


def test_a_frame_without_rows_is_a_table():
    table = ProjectTable(PANEL.iloc[:0])
    table.search("water")
    table.sort("city")
    assert (table.state["said"], len(table.selection)) == ("No project matches.", 0)


def test_the_frame_is_left_as_it_was(table):
    table.search("water")
    table.sort("city", False)
    assert PANEL.equals(loaders.load_panel())


# What it stores


def stored(table):
    return table._repr_mimebundle_()[0]


def test_the_stored_output_is_the_widget_a_table_and_a_line(table):
    assert set(stored(table)) == {"application/vnd.jupyter.widget-view+json", "text/markdown", "text/plain"}
    assert stored(table)["text/plain"] == f"Rows 1 to {PAGE} of {len(PANEL)}"


def test_the_stored_table_shows_the_cells_of_the_first_page(table):
    lines = stored(table)["text/markdown"].splitlines()
    assert len(lines) == PAGE + 2
    assert lines[0] == "| " + " | ".join(LABELS[:-1]) + " |"
    assert lines[2].endswith(f"| {status_label(PANEL['status'][0])} |")


def test_hostile_text_stays_text_in_the_stored_table():
    title = '<img src=x onerror="alert(1)"> | [link](javascript:alert(1))'
    text = stored(ProjectTable(PANEL.iloc[:1].assign(project_printed=title)))["text/markdown"]
    assert r'\<img src=x onerror="alert(1)"\> \| \[link\](javascript:alert(1))' in text
    assert text.count("\n") == 2


def test_a_million_rows_send_one_page():
    texts = dict.fromkeys(["country", "city", "project_printed", "title", "focus_area", "project_id"], "category")
    many = PANEL.astype(texts).loc[PANEL.index.repeat(2500)]
    table = ProjectTable(many)
    table.search("water")
    assert len(table.selection) == 2500 * len(found("water")) > 50_000
    assert len(table.state["rows"]) == PAGE
    assert len(json.dumps(table.state)) < 10_000
