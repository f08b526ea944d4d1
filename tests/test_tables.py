"""Tables for reading: every cell in full and to the letter, nothing where nothing is known, links to the pages."""

from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from pandas.testing import assert_frame_equal

from ascn_analysis import tables

PAGES = pd.DataFrame({"city": ["Ayu", "Bima"], "page": [22, 7], "url": ["https://a.org/x.pdf#page=22", "https://a.org/y_(2)_z.pdf#page=7"]})  # fmt: skip
some = settings(max_examples=60, deadline=None, derandomize=True)


class Cells(HTMLParser):
    """The texts and addresses of a table."""

    def __init__(self):
        super().__init__()
        self.texts, self.links = [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("td", "th"):
            self.texts.append("")
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_data(self, data):
        if self.texts:
            self.texts[-1] += data


def read(frame):
    """Return the texts and addresses of a frame as a page shows it."""
    page = Cells()
    page.feed(markdown2html_mistune(tables.full(frame).data))
    return [text.strip() for text in page.texts], page.links


# Links


def test_each_page_is_a_link_to_it():
    texts, links = read(tables.linked(PAGES)[["city", "page"]])
    assert texts == ["city", "page", "Ayu", "p. 22", "Bima", "p. 7"]
    assert links == PAGES["url"].tolist()


def test_linking_changes_nothing_but_the_page():
    assert_frame_equal(tables.linked(PAGES).drop(columns="page"), PAGES.drop(columns="page"))


def test_linking_does_not_change_the_frame_that_goes_in():
    before = PAGES.copy(deep=True)
    tables.linked(PAGES)
    assert_frame_equal(PAGES, before)


def test_each_row_keeps_its_own_link_whatever_its_index():
    mixed = PAGES.set_axis([5, 5]).iloc[::-1]
    assert read(tables.linked(mixed)[["page"]])[1] == PAGES["url"].tolist()[::-1]


def test_a_frame_without_rows_can_be_linked():
    assert tables.linked(PAGES.iloc[:0]).columns.tolist() == PAGES.columns.tolist()


@pytest.mark.parametrize("column", ["page", "url"])
def test_a_frame_without_pages_or_addresses_cannot_be_linked(column):
    with pytest.raises(KeyError, match=column):
        tables.linked(PAGES.drop(columns=column))


def test_every_row_of_the_record_links_to_its_page(panel):
    texts, links = read(tables.linked(panel)[["page"]])
    assert links == panel["url"].tolist()
    assert texts[1:] == [f"p. {page}" for page in panel["page"]]


# Cells


@some
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=20).map(str.strip))
def test_text_is_shown_to_the_letter(text):
    texts, _ = read(pd.DataFrame({"a": [text, "end"]}))
    assert texts == ["a", " ".join(text.split()), "end"]


@pytest.mark.parametrize(
    "text",
    [
        "a|b",
        "*a*",
        "_a_",
        "`a`",
        "[a](b)",
        "<b>a</b>",
        "&amp;",
        "~~a~~",
        "$a$",
        "a\\|b",
        "\\",
        "# a",
        "1. a",
        "- a",
        "A & B",
    ],
)
def test_signs_of_markdown_and_html_are_shown_to_the_letter(text):
    assert read(pd.DataFrame({"a": [text]}))[0] == ["a", text]


def test_signs_in_the_name_of_a_column_are_shown_to_the_letter():
    assert read(pd.DataFrame({"n|*x*": [1]}))[0] == ["n|*x*", "1"]


def test_the_name_of_a_column_is_written_with_spaces():
    assert read(pd.DataFrame({"report_year": [1]}))[0] == ["report year", "1"]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_nothing_stands_where_nothing_is_known(missing):
    assert read(pd.DataFrame({"a": pd.Series([missing, "x"], dtype="object")}))[0] == ["a", "", "x"]


def test_a_long_cell_is_shown_in_full():
    assert read(pd.DataFrame({"a": ["word " * 100 + "end"]}))[0][1] == "word " * 100 + "end"


def test_a_cell_of_two_lines_stays_in_its_row():
    assert read(pd.DataFrame({"a": ["one\ntwo"], "b": [3]}))[0] == ["a", "b", "one two", "3"]


def test_the_index_is_left_out():
    assert read(pd.DataFrame({"a": [1]}, index=["no"]))[0] == ["a", "1"]


def test_a_frame_without_rows_is_its_head():
    assert read(PAGES.iloc[:0])[0] == ["city", "page", "url"]


def test_titles_of_the_record_are_shown_to_the_letter(panel):
    titles = panel["title"].drop_duplicates()
    assert read(titles.to_frame())[0][1:] == [" ".join(title.split()) for title in titles]
