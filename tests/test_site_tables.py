"""The tables under the figures, which say what is drawn and nothing else; links from one notebook to the repository."""

import pytest
from bs4 import BeautifulSoup

from ascn_analysis.site import charts, html, story


def panel(name, title=None, **more):
    return {"data": {"name": name}, **({"title": title} if title else {}), **more}


def tables(datasets, *panels, **more):
    """Return the tables of a figure of these panels."""
    return charts._tables({"title": {"text": "The figure"}, "datasets": datasets, "vconcat": list(panels), **more})


def test_panels_of_the_same_columns_are_one_table():
    found = tables({"a": [{"year": 1, "n": 2}], "b": [{"year": 2, "n": 2}]}, panel("a", "One"), panel("b", "Two"))
    assert found == [[{"year": 1, "n": 2}, {"year": 2, "n": 2}]]


def test_panels_that_hold_the_same_row_are_told_apart_by_their_titles():
    rows = [{"year": 1, "n": 2}]
    found = tables(
        {"a": rows, "b": [*rows, {"year": 2, "n": 1}], "c": [{"year": 2, "n": 1}, {"year": 3, "n": 0}]},
        *map(panel, "abc", "xyz"),
    )
    assert found == [
        [
            {"panel": "y", "year": 1, "n": 2},
            {"panel": "y", "year": 2, "n": 1},
            {"panel": "z", "year": 2, "n": 1},
            {"panel": "z", "year": 3, "n": 0},
        ]
    ]


def test_a_panel_that_shows_a_part_of_another_one_larger_says_nothing_of_its_own():
    rows = [{"city": "A", "lat": 1.5}, {"city": "B", "lat": 2.5}]
    assert tables({"map": rows, "inset": rows[1:]}, panel("map"), panel("inset", "Inset")) == [rows]


def test_a_layer_that_repeats_a_table_with_fewer_columns_is_left_out():
    rows = [{"year": 1, "n": 2, "label": "2"}]
    assert tables({"bars": [{"year": 1, "n": 2}], "labels": rows}, panel("bars"), panel("labels")) == [rows]


def test_rows_that_only_name_a_country_are_left_out():
    rows = [{"row": "# Indonesia", "city": None, "n": None}, {"row": "Jakarta", "city": "Jakarta", "n": 3}]
    assert tables({"a": rows}, panel("a")) == [[{"city": "Jakarta", "n": 3}]]


def test_a_row_of_a_country_that_has_something_to_say_stays():
    rows = [{"row": "# Indonesia", "city": "Indonesia", "note": "not named: Jakarta (6)"}]
    assert tables({"a": rows}, panel("a")) == [[{"city": "Indonesia", "note": "not named: Jakarta (6)"}]]


def test_a_row_is_named_by_the_line_that_it_stands_on():
    assert tables({"a": [{"row": "Jakarta", "n": 3}]}, panel("a")) == [[{"city": "Jakarta", "n": 3}]]


def test_whole_numbers_are_written_without_a_decimal_point():
    found = tables({"a": [{"page": 32.0, "share": 0.5}, {"page": None, "share": 1.0}]}, panel("a"))
    assert [[str(x) for x in row.values()] for row in found[0]] == [["32", "0.5"], ["None", "1.0"]]


def test_what_is_drawn_only_while_no_country_is_chosen_says_so():
    only = panel("a", transform=[{"filter": "country === null"}])
    assert tables({"a": [{"day": "2018", "value": 53}]}, only) == [[{"day": "2018", "value": 53, "selection": "all"}]]


@pytest.mark.parametrize(
    ("row", "owner"), [({"iso3": "IDN"}, "IDN"), ({"iso3": None}, ""), ({"iso3": ""}, None), ({"n": 1}, None)]
)
def test_a_row_goes_with_its_country(row, owner):
    assert story._owner(row) == owner


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("02_project_growth.ipynb", "02_project_growth.html"),
        ("02_project_growth.ipynb#The-totals", "02_project_growth.html"),
        ("../data/README.md", "../data.html"),
        ("https://asean.org/x.pdf#page=2", "https://asean.org/x.pdf#page=2"),
        ("#here", "#here"),
    ],
)
def test_a_link_in_a_notebook_leads_to_a_page_of_the_site(address, page):
    link = BeautifulSoup(html.from_markdown(f"See [the *place*]({address})."), "html.parser").a
    assert (link["href"], link.get_text()) == (page, "the place")


@pytest.mark.parametrize("address", ["../CONTRIBUTING.md", "../ascn_analysis/metrics.py", "/etc/passwd"])
def test_a_file_that_the_site_does_not_have_is_only_named(address):
    made = BeautifulSoup(html.from_markdown(f"See [the *place*]({address})."), "html.parser")
    assert made.a is None
    assert made.get_text().strip() == "See the place."
