"""The site for everybody: by keyboard alone, by screen reader, in the dark, on a phone."""

from itertools import pairwise
from pathlib import Path

import pytest

from ascn_analysis import notebooks

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
GROWTH, HISTORIES = "notebooks/02_project_growth.html", "notebooks/05_project_histories.html"
ANALYSES = [f"notebooks/{path.stem}.html" for path in notebooks.paths()]
LOOKS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
# Axe looks at briefs, cities, projects, data, methods, appendix and contradictions in their own tests.
LOOKED_AT = [
    *(("light", name) for name in ("index.html", "notebooks/index.html", *ANALYSES)),
    *((look, name) for look in ("dark", "phone") for name in ("index.html", GROWTH, HISTORIES)),
    *(("phone", name) for name in ("notebooks/08_country_explorer.html", "paper.html")),
]


# All that is folded; of rows that are all alike, ten of each table.
OPENED = """() => {
  document.querySelectorAll("details").forEach(part => { part.open = true; });
  document.querySelectorAll("tbody > tr:nth-child(n + 11)").forEach(row => row.remove());
}"""


# By keyboard alone

STOPS = """() => {
  window.stops = Array.from(document.querySelectorAll("a[href], button, select, input, summary, [tabindex]"))
    .filter(own => own.tabIndex >= 0 && !own.disabled && own.checkVisibility({visibilityProperty: true}));
  return stops.length;
}"""
STOP = """() => {
  const own = document.activeElement, box = own.getBoundingClientRect(), style = getComputedStyle(own);
  const control = document.querySelector(".control"), above = control && !control.contains(own) ?
    Math.max(0, control.getBoundingClientRect().bottom) : 0;
  return {
    place: stops.indexOf(own),
    ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: Math.min(box.bottom, innerHeight) - Math.max(box.top, own.closest("main, footer") ? above : 0) > 1,
  };
}"""


def walked(page, key):
    """Press a key until every place that can have the focus should have had it, and return what was met."""
    return [(page.keyboard.press(key), page.evaluate(STOP))[1] for _ in range(page.evaluate(STOPS))]


@pytest.mark.parametrize(
    ("name", "query", "look"),
    [
        ("index.html", "", "light"),
        (GROWTH, "", "light"),
        (GROWTH, "", "phone"),
        ("projects.html", "?country=BRN", "light"),
        ("countries/VNM.html", "", "light"),
        ("cities/phnom-penh.html", "", "light"),
    ],
)
def test_the_tab_key_reaches_everything_in_order_is_seen_and_leaves(visit, name, query, look):
    with visit(name, query, **LOOKS[look]) as page:
        met = walked(page, "Tab")
        assert [stop["place"] for stop in met] == list(range(len(met)))
        assert [stop for stop in met if not stop["ringed"]] == []
        assert [stop for stop in met if not stop["seen"]] == []
        page.keyboard.press("Tab")
        assert page.evaluate(STOP)["place"] <= 0


@pytest.mark.parametrize("options", [{}, LOOKS["phone"]], ids=["desk", "phone"])
def test_the_way_back_by_keyboard_is_the_same_and_seen(visit, options):
    with visit(GROWTH, **options) as page:
        met = walked(page, "Shift+Tab")
        assert [stop["place"] for stop in met] == list(range(len(met)))[::-1]
        assert [stop for stop in met if not stop["seen"]] == []


def test_what_can_have_the_focus_is_in_reading_order(visit):
    with visit(GROWTH) as page:
        page.evaluate(STOPS)
        tops = page.evaluate("stops.filter(own => own.closest('main')).map(own => own.getBoundingClientRect().top)")
        assert all(after > before - 30 for before, after in pairwise(tops))


def test_the_first_stop_leads_to_the_content(visit):
    with visit(GROWTH) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        assert page.evaluate("document.activeElement === document.querySelector('main a, main button')")


def test_a_country_is_chosen_by_keyboard_alone(visit):
    with visit(GROWTH) as page:
        while page.evaluate("document.activeElement.id") != "country":
            page.keyboard.press("Tab")
        page.keyboard.type("Viet")
        page.wait_for_selector('html[data-shown="VNM"]', state="attached")
        page.keyboard.press("ArrowUp")
        page.wait_for_selector('html[data-shown="TLS"]', state="attached")
        assert page.evaluate("document.activeElement.id") == "country"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "brief"


def test_a_table_is_opened_by_keyboard_and_entered(visit):
    with visit(GROWTH) as page:
        page.locator("details.data summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("details.data table").first.is_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.querySelector('details.data .scroll')")


def test_the_code_is_shown_and_hidden_by_keyboard(visit):
    with visit(GROWTH) as page:
        for key, shown in (("Space", True), ("Enter", False)):
            page.locator(".code-switch").focus()
            page.keyboard.press(key)
            assert page.locator("details.code pre").first.is_visible() is shown
            assert page.get_attribute(".code-switch", "aria-pressed") == str(shown).lower()


@pytest.mark.parametrize("kind", ["csv", "svg", "png"])
def test_a_file_is_taken_by_keyboard(visit, kind):
    with visit(GROWTH) as page:
        page.locator(f"[data-{kind}]").first.focus()
        with page.expect_download() as taken:
            page.keyboard.press("Enter")
        assert taken.value.suggested_filename.endswith(f".{kind}")


# For a screen reader


@pytest.mark.parametrize(("look", "name"), LOOKED_AT)
def test_axe_finds_nothing(visit, look, name):
    with visit(name, **LOOKS[look]) as page:
        page.evaluate(OPENED)
        page.evaluate(AXE)
        found = page.evaluate(
            """axe.run(document, {preload: false}).then(result => result.violations.map(found =>
              [found.id, found.nodes.length, found.nodes[0].html.slice(0, 200), found.nodes[0].failureSummary]))"""
        )
        assert found == []


def test_axe_finds_nothing_while_a_country_is_chosen(visit):
    with visit(GROWTH, "?country=TLS") as page:
        page.evaluate(AXE)
        assert (
            page.evaluate("axe.run(document, {preload: false}).then(result => result.violations.map(v => v.id))") == []
        )


def test_a_choice_is_told(visit):
    with visit(GROWTH) as page:
        page.select_option("#country", "MYS")
        assert page.get_by_role("status").inner_text().startswith("Shown: Malaysia.")


# On a small screen


@pytest.mark.parametrize(
    "name",
    ["index.html", "notebooks/index.html", *ANALYSES, "countries/index.html", "cities/phnom-penh.html", "data.html"],
)
def test_no_page_is_wider_than_the_smallest_screen(visit, name):
    with visit(name, viewport={"width": 320, "height": 640}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
