"""The explorers of one figure in JupyterLab for real: what is drawn, in haste, saved, opened again."""

import random
import re
from collections import Counter

import pytest
from lab_driver import ALIVE, folder, one_notebook, violations, visit

from ascn_analysis import metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.explorers.panel import NOTHING

__all__ = ["folder", "visit"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

LANDS = sorted(v.COUNTRY_NAMES, key=v.COUNTRY_NAMES.get)
SOURCES = (
    """import ascn_analysis as ascn
from ascn_analysis import figures, metrics
from ascn_analysis.widgets import FigureExplorer
projects, cities, stated = ascn.load_panel(), ascn.load_cities(), ascn.load_stated_figures()
explorer = FigureExplorer(lambda chosen, _: figures.project_squares(chosen, chosen["report_year"].max()), projects, cities)
explorer""",
    """def growth(chosen, _):
    parts, totals = (metrics.by_selection(metric, chosen) for metric in (metrics.growth_parts, metrics.growth))
    return figures.growth_steps(parts, totals, stated)
follower = FigureExplorer(growth, projects, cities, countries=explorer.countries)
follower""",
)
SQUARES, STEPS = ".ascn-figure >> nth=0", ".ascn-figure >> nth=1"


@pytest.fixture(scope="module")
def opened(visit):
    with visit("figures.ipynb", one_notebook(*SOURCES)) as sheet:
        sheet.run()
        settle(sheet)
        yield sheet


@pytest.fixture
def sheet(opened):
    """Both explorers as they are at first."""
    opened.page.locator('button[title="choose what was chosen at first"]').first.click()
    settle(opened, LANDS)
    opened.page.faults.clear()
    yield opened
    assert opened.page.faults == []


def told(sheet):
    """Return how often each of the explorers has drawn, once none waits to draw."""
    while True:
        *drawn, waiting = sheet.ask("""both = explorer, follower
print(*(own._drawing.state["revision"] for own in both), any(own._pause.waiting for own in both))""").split()
        if waiting == "False":
            return [int(n) for n in drawn]
        sheet.page.wait_for_timeout(20)


def settle(sheet, lands=None):
    """Wait until the kernel has nothing more to draw, and the browser shows what it drew last.

    JupyterLab lets the kernel take in what was clicked beside what it is asked, in no order: so it is asked until the countries are
    the ones chosen.
    """
    while lands is not None and sheet.ask("print(*explorer.countries.value)").split() != in_order(lands):
        sheet.page.wait_for_timeout(20)
    before = None
    while before != (now := told(sheet)):
        before = now
        sheet.page.wait_for_function(
            "told => Array.from(document.querySelectorAll('.ascn-figure'), own => Number(own.dataset.revision)).every((n, i) => n >= told[i])",
            arg=now,
        )
        sheet.page.wait_for_timeout(60)


def in_order(lands):
    return [iso3 for iso3 in LANDS if iso3 in lands]


def choose(sheet, lands):
    sheet.page.locator('button[title="choose none: countries"]').click()
    settle(sheet, [])
    sheet.page.wait_for_function("() => !document.querySelector('.jp-OutputArea-output input[type=checkbox]').checked")
    for iso3 in lands:
        sheet.page.get_by_label(re.compile(rf"^{re.escape(v.COUNTRY_NAMES[iso3])} \(")).click()
    settle(sheet, lands)


def spoken(sheet, figure, marks="path[aria-label*=': ']"):
    """Return what the marks of a figure say."""
    return Counter(sheet.page.locator(f"{figure} >> {marks}").evaluate_all("them => them.map(own => own.ariaLabel)"))


def squares_of(panel, lands):
    """Return what the squares of the countries' latest report have to say."""
    own = metrics.select(panel, countries=lands)
    own = own[own["report_year"] == own["report_year"].max()]
    return Counter(f"{row.project_printed}, {row.city}: {row.focus_area}, {row.status.replace('|', ' or ')}" for row in own.itertuples())  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_random_choice_draws_the_squares_of_its_projects(sheet, panel, seed):
    lands = random.Random(seed).sample(sorted(panel["iso3"].unique()), 3)
    choose(sheet, lands)
    assert spoken(sheet, SQUARES) == squares_of(panel, lands)


def test_a_figure_that_follows_the_same_countries_draws_their_totals(sheet, panel):
    choose(sheet, ["IDN", "THA"])
    totals = metrics.totals(metrics.select(panel, countries=["IDN", "THA"]))["n"]
    words = sheet.page.locator(f"{STEPS} >> .role-mark.mark-text text").all_text_contents()
    assert " ".join(map(str, totals)) in " ".join(words)


def test_none_says_that_nothing_matches_and_a_box_brings_the_figure_back(sheet, panel):
    choose(sheet, [])
    for figure in (SQUARES, STEPS):
        assert sheet.page.locator(figure).inner_text() == NOTHING
        assert sheet.page.locator(f"{figure} >> svg").count() == 0
    choose(sheet, ["SGP"])
    assert spoken(sheet, SQUARES) == squares_of(panel, ["SGP"])


def test_a_square_tells_its_project_under_the_pointer(sheet, panel):
    choose(sheet, ["SGP"])
    square = sheet.page.locator(f"{SQUARES} >> path[aria-label*=': ']").first
    square.hover()
    tip = sheet.page.locator("#ascn-tip")
    tip.wait_for()
    title = square.get_attribute("aria-label").rpartition(", Singapore: ")[0]
    assert tip.inner_text().splitlines()[:2] == [f"Project: {title}", "City: Singapore"]
    choose(sheet, ["BRN"])
    assert tip.is_hidden()


def test_a_hundred_quick_clicks_end_in_the_right_state_draw_few_times_and_leave_nothing_behind(sheet, panel):
    alive, before = sheet.ask(ALIVE), told(sheet)
    sheet.page.evaluate(
        """() => { const boxes = document.querySelectorAll(".jp-OutputArea-output:has(.ascn-figure) input[type=checkbox]");
          for (let i = 0; i < 100; i++) boxes[i % 11].click(); }"""
    )
    on = [iso3 for i, iso3 in enumerate(LANDS) if (100 + 10 - i) // 11 % 2 == 0]
    settle(sheet, on)
    assert spoken(sheet, SQUARES) == squares_of(panel, on)
    assert max(now - then for now, then in zip(told(sheet), before, strict=True)) < 50
    assert sheet.ask(ALIVE) == alive


@pytest.mark.parametrize("width", [1400, 640], ids=["wide", "narrow"])
def test_axe_finds_nothing(sheet, width):
    sheet.page.set_viewport_size({"width": width, "height": 1000})
    choose(sheet, ["MYS", "SGP"])
    found = violations(sheet, ".ascn-figure")
    sheet.shoot(f"9-figure-{width}", ".ascn-figure")
    sheet.page.set_viewport_size({"width": 1400, "height": 1000})
    assert found == []


def test_a_saved_notebook_shows_the_choice_again_holds_the_library_once_and_needs_no_run(visit, folder, panel):
    with visit("saved-figures.ipynb", one_notebook(*SOURCES)) as sheet:
        sheet.run()
        settle(sheet)
        choose(sheet, ["SGP", "BRN"])
        sheet.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
    text = (folder / "saved-figures.ipynb").read_text(encoding="utf-8")
    assert (text.count("University of Washington Interactive Data Lab"), len(text) < 1_000_000) == (1, True)
    with visit("saved-figures.ipynb") as sheet:
        sheet.page.faults.clear()
        sheet.page.wait_for_selector(".ascn-figure[data-revision] svg.marks")
        assert spoken(sheet, SQUARES) == squares_of(panel, ["SGP", "BRN"])
        sheet.page.wait_for_function(
            "() => getComputedStyle(document.querySelector('.ascn-figure'), '::before').content.includes('A saved choice.')"
        )
        signs = """() => Array.from(document.querySelectorAll(".jupyter-widgets-disconnected"), own =>
          [getComputedStyle(own, "::before").display, getComputedStyle(own, "::before").content])
          .filter(([display, content]) => display !== "none" && content !== "none" && !content.includes("A saved choice.")).length"""
        assert sheet.page.evaluate(signs) == 0
        sheet.shoot("9-figure-reopened", ".ascn-figure")
        assert sheet.page.faults == []


def test_a_page_that_is_loaded_again_finds_its_figures_and_its_kernel(visit, panel):
    with visit("again.ipynb", one_notebook(*SOURCES)) as sheet:
        sheet.run()
        settle(sheet)
        sheet.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
        sheet.page.reload()
        sheet.page.wait_for_selector(".ascn-figure[data-revision] svg.marks", timeout=60_000)
        choose(sheet, ["MYS"])
        assert spoken(sheet, SQUARES) == squares_of(panel, ["MYS"])
