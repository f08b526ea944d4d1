"""What was looked for in the reports: the counts of searches.csv come out again from the PDFs."""

import re

import pypdfium2
import pytest

from ascn_analysis import loaders
from ascn_analysis import vocabulary as v

SEARCHES = loaders.load_searches()
each = pytest.mark.parametrize("search", list(SEARCHES.itertuples()), ids=lambda s: f"{s.topic} {s.report_year}")


def pages_with_hits(pdf, pattern):
    """Return the page of every place that the pattern finds in the text layer, white space joined."""
    texts = [re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(pdf)]
    return [number for number, text in enumerate(texts, start=1) for _ in re.finditer(pattern, text)]


@each
def test_the_report_answers_as_stored(search, pdfs):
    pages = pages_with_hits(pdfs[search.source_id], search.pattern)
    stored = [] if search.pages != search.pages else [int(page) for page in search.pages.split("|")]
    assert (len(pages), sorted(set(pages))) == (search.hits, stored)


@each
def test_what_was_found_is_described_and_only_that(search):
    assert (search.about == search.about) == (search.hits > 0)


def test_every_topic_is_asked_of_every_report():
    years = loaders.load_projects()["report_year"].unique()
    asked = set(zip(SEARCHES["topic"], SEARCHES["report_year"], strict=True))
    assert asked == {(topic, year) for topic in v.TOPICS for year in years}


def test_one_topic_is_searched_by_one_pattern():
    assert (SEARCHES.groupby("topic")["pattern"].nunique() == 1).all()
