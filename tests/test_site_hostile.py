"""A notebook whose text is hostile, built and opened: shown to the letter everywhere, and nothing of it runs."""

import csv
import io
from pathlib import Path

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NASTY = (
    "=1+1 <script>alert(1)</script><img src=x onerror=alert(2)> </script> \"quoted\" 'single' "
    "\u202eright to left\u202c 🏙 *star* [link](javascript:alert(3)) `code` | pipe ${alert(4)} {{ 7 * 7 }} &lt;b&gt;"
)
PAGE = "notebooks/02_hostile.html"
FIGURE = f"""\
import altair as alt, pandas as pd
from ascn_analysis import figures, tables
from ascn_analysis.selections import by_country
title = {NASTY!r}
rows = pd.DataFrame({{"iso3": ["IDN", "MYS"], "title": [title, "-2+3 " + title], "n": [-1, 2]}})
chart = alt.Chart(rows).transform_filter(figures.theme.SELECTED).mark_point(filled=True, size=400)
chart = chart.encode(x="n:Q", y=alt.Y("title:N").axis(None), tooltip=["title:N", "n:Q"]).add_params(figures.theme.country_param())
figures.theme.finish(chart, title, [title, "Source: " + title], title + " and words of sufficient length")"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, site):
    """A site of one hostile notebook."""
    from ascn_analysis.site import build

    notebooks = tmp_path_factory.mktemp("hostile")
    cells = [
        nbformat.v4.new_markdown_cell(f"# {NASTY}\n\n{NASTY}\n\n![picture](https://example.org/x.png)", id="02-00"),
        nbformat.v4.new_code_cell(FIGURE, id="02-01"),
        nbformat.v4.new_code_cell("tables.full(rows)", id="02-02"),
        nbformat.v4.new_code_cell("by_country(lambda own: own[['iso3', 'title']], rows)", id="02-03"),
        nbformat.v4.new_code_cell("print(title)", id="02-04"),
    ]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    (notebooks / "02_hostile.ipynb").write_text(text, encoding="utf-8")
    return build.build(tmp_path_factory.mktemp("hostile-site") / "_site", notebooks, say=lambda _: None)


@pytest.fixture(scope="module")
def hostile(folder, visit):
    with visit(PAGE, folder=folder) as page:
        yield page


def spaced(text):
    return " ".join(text.split())


def test_nothing_of_it_runs_or_becomes_an_element(hostile):
    assert hostile.locator("main script:not([type='application/json'])").count() == 0
    assert hostile.locator("main img[src=x]").count() == 0
    assert hostile.locator("main a[href^=javascript]").count() == 0
    assert [fault for fault in hostile.faults if "example.org" not in fault] == []


def test_a_picture_from_elsewhere_is_not_asked_for(hostile):
    assert [fault for fault in hostile.faults if fault.startswith("asked")] == []


def test_the_title_of_the_page_is_the_text(hostile):
    assert NASTY in hostile.title() or spaced(NASTY) in hostile.title()


def test_the_figure_is_named_described_and_sourced_with_the_text(hostile):
    assert hostile.locator("figure.chart > .scroll").get_attribute("aria-label") == NASTY
    assert hostile.locator(".picture > [role=graphics-document]").get_attribute("aria-label").startswith(NASTY)
    assert spaced(hostile.locator("figcaption .source").text_content()).endswith(spaced(NASTY))


def test_the_figure_draws_the_text(hostile):
    assert NASTY in hostile.locator(".picture svg text").all_text_contents()


def test_the_tooltip_shows_the_text(hostile):
    hostile.locator(".picture path[aria-roledescription=point]").first.hover()
    assert hostile.locator("#tip").text_content().startswith(f"title: {NASTY}\nn: ")
    assert hostile.locator("#tip *").count() == 0


def test_the_table_under_the_figure_shows_the_text(hostile):
    cells = hostile.locator("details.data td").all_text_contents()
    assert NASTY in cells
    assert f"-2+3 {NASTY}" in cells


def test_the_tables_in_the_text_show_the_text(hostile):
    cells = [spaced(cell) for cell in hostile.locator(".words td, .follows td").all_text_contents()]
    assert cells.count(spaced(NASTY)) >= 3


def test_what_a_cell_prints_is_shown_to_the_letter(hostile):
    assert hostile.locator("pre[tabindex]").text_content().strip() == NASTY


def test_the_code_is_shown_to_the_letter(hostile):
    assert f"title = {NASTY!r}" in hostile.locator("details.code pre").first.text_content()


def test_the_csv_made_in_the_page_is_no_formula(hostile):
    with hostile.expect_download() as download:
        hostile.click("[data-csv]")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert [(row["title"], row["n"]) for row in rows] == [(f"'{NASTY}", "-1"), (f"'-2+3 {NASTY}", "2")]


def test_the_csv_without_scripts_is_the_same(hostile, folder):
    with hostile.expect_download() as download:
        hostile.click("[data-csv]")
    assert Path(download.value.path()).read_bytes() == (folder / "figures" / "02-01.csv").read_bytes()


def test_the_picture_that_is_taken_along_runs_nothing(visit, folder):
    with visit("figures/02-01.svg", folder=folder) as page:
        assert page.locator("script, foreignObject, image").count() == 0
        assert page.faults == []


def test_the_list_of_analyses_and_the_first_page_show_the_text(visit, folder):
    for name in ("notebooks/index.html", "index.html"):
        with visit(name, folder=folder) as page:
            assert spaced(page.locator(".cards a").inner_text()) == spaced(NASTY)
            assert page.locator("main script, main img").count() == 0
            assert page.faults == []


def test_the_text_follows_the_control(hostile):
    hostile.select_option("#country", "MYS")
    hostile.wait_for_selector('html[data-shown="MYS"]', state="attached")
    assert hostile.locator("details.data tbody tr:not([hidden])").count() == 1
    assert f"-2+3 {spaced(NASTY)}" in spaced(hostile.locator(".follows > :not([hidden])").text_content())
