"""The site in a real browser: nothing is asked of the network, nothing complains, and nothing runs that should not."""

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from ascn_analysis import loaders, metrics, notebooks

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHOTS = Path(__file__).parent.parent / "_artefacts"
GROWTH, HISTORIES = "notebooks/02_project_growth.html", "notebooks/05_project_histories.html"
ANALYSES = [f"notebooks/{path.stem}.html" for path in notebooks.paths()]
KINDS = [
    "index.html",
    "notebooks/index.html",
    *ANALYSES,
    *("countries/index.html", "countries/VNM.html", "countries/VNM-verify.html"),
    *("cities/index.html", "cities/phnom-penh.html"),
    *("projects.html", "data.html", "methods.html", "paper.html", "appendix.html", "contradictions.html"),
]
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


def figure(page, words):
    """Return the id of the figure whose title holds some words."""
    return page.evaluate(
        """words => Array.from(document.querySelectorAll("[data-chart]"))
          .find(box => box.closest(".scroll").getAttribute("aria-label").includes(words)).dataset.chart""",
        words,
    )


def choose(page, iso3):
    page.select_option("#country", iso3)
    page.wait_for_selector(f'html[data-shown="{iso3}"]', state="attached")


def taken(page, selector):
    """Return name and bytes of what a click downloads."""
    with page.expect_download() as download:
        page.locator(selector).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# Loading


@pytest.mark.parametrize("by_server", [False, True], ids=["file", "server"])
@pytest.mark.parametrize("name", KINDS)
def test_a_page_comes_to_life_without_a_request_to_elsewhere_or_a_complaint(visit, name, by_server):
    with visit(name, by_server=by_server) as page:
        assert page.locator("[data-live]").count() == page.locator("[data-chart]").count()
        assert page.faults == []


@pytest.mark.parametrize("name", ["index.html", GROWTH, HISTORIES, "notebooks/06_plans_and_delivery.html"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_nothing_moves_when_figures_come_to_life(visit, name, options):
    watch = """window.moved = 0;
      new PerformanceObserver(list => list.getEntries().forEach(entry => { moved += entry.value; }))
        .observe({type: "layout-shift", buffered: true});"""
    with visit(name, before=watch, **options) as page:
        page.wait_for_timeout(200)
        assert page.evaluate("moved") < 0.02


@pytest.mark.parametrize("name", ["index.html", *ANALYSES])
def test_a_figure_that_comes_to_life_keeps_its_size(visit, name):
    sizes = """() => Array.from(document.querySelectorAll(".picture"), box =>
      [box.getBoundingClientRect().height, box.querySelector("svg").getBoundingClientRect().width])"""
    found = {}
    for scripts in (False, True):
        with visit(name, java_script_enabled=scripts) as page:
            for width in (1200, 390):
                page.set_viewport_size({"width": width, "height": 900})
                found[scripts, width] = page.evaluate(sizes)
    for width in (1200, 390):
        assert found[True, width] == [pytest.approx(size, abs=4) for size in found[False, width]]


@pytest.mark.parametrize("edge", ["left", "right"])
def test_on_a_phone_a_shade_tells_on_which_side_a_figure_goes_on(visit, edge):
    with visit("index.html", viewport={"width": 390, "height": 844}) as page:
        box = page.locator("figure.chart > .scroll").first
        shades = {}
        for place in ("left", "right"):
            box.evaluate("(box, place) => box.scrollTo(place === 'left' ? 0 : box.scrollWidth, 0)", place)
            with Image.open(io.BytesIO(box.screenshot())) as picture:
                grey = picture.convert("L")
                at = 4 if edge == "left" else grey.width - 5
                shades[place] = [grey.getpixel((at, y)) for y in range(300, 330)]
    assert min(shades[edge]) > 250
    assert max(shades["left" if edge == "right" else "right"]) < 245


def test_a_figure_that_is_alive_has_the_description_of_the_picture(visit):
    with visit(GROWTH) as page:
        spoken = page.eval_on_selector_all(".picture > [role=graphics-document]", "them => them.map(e => e.ariaLabel)")
        written = page.locator("figcaption details:first-child p").all_text_contents()
    assert spoken == written


def test_the_description_of_a_figure_follows_the_country(visit):
    with visit("notebooks/03_focus_areas.html", "?country=IDN") as page:
        labels = page.eval_on_selector_all(
            "figure.chart", "them => them.map(e => e.querySelector('[role=graphics-document]').ariaLabel)"
        )
        network = page.eval_on_selector_all("figure.chart", "them => them.map(e => e.classList.contains('network'))")
    assert [": Indonesia. The numbers stand in the data" in label for label in labels] == [
        not whole for whole in network
    ]


# Taking things along


@pytest.fixture
def growth(visit):
    with visit(GROWTH) as page:
        yield page


def shown_table(page, name):
    return page.eval_on_selector(
        f'[data-name="{name}"]',
        """table => Array.from(table.rows).filter(row => !row.hidden && !row.classList.contains("unfound"))
          .map(row => Array.from(row.cells, cell => cell.textContent))""",
    )


def test_the_csv_of_a_figure_is_the_table_shown(growth):
    name = figure(growth, "what came, what stayed")
    choose(growth, "IDN")
    file, content = taken(growth, f'[data-csv="{name}"]')
    assert file == f"ascn-{name}-IDN.csv"
    assert list(csv.reader(io.StringIO(content.decode()))) == shown_table(growth, name)


def test_a_figure_of_all_countries_keeps_its_data_while_one_is_chosen(visit, site):
    with visit("notebooks/08_country_explorer.html", "?country=VNM") as page:
        names = page.eval_on_selector_all("figure.network table", "them => them.map(table => table.dataset.name)")
        for name in names:
            file, content = taken(page, f'[data-csv="{name}"]')
            assert file == f"ascn-{name}.csv"
            assert content.decode() == (site / "figures" / file.removeprefix("ascn-")).read_text(encoding="utf-8")
            assert shown_table(page, name) == list(csv.reader(io.StringIO(content.decode())))
            shown = page.text_content(f'details:has([data-name="{name}"]) .rows')
            assert int(shown) == len(shown_table(page, name)) - 1 > 0
    assert names


def test_the_csv_of_a_figure_holds_the_numbers_of_the_metrics(growth, panel):
    choose(growth, "IDN")
    _, content = taken(growth, f'[data-csv="{figure(growth, "what came, what stayed")}"]')
    told = {(int(row["report_year"]), row["part"]): int(row["n"]) for row in rows(content.decode())}
    parts = metrics.growth_parts(panel[panel["iso3"] == "IDN"]).query("split == 'change' or part == 'no_longer_listed'")
    assert told == {(row.report_year, row.part): row.n for row in parts.itertuples() if row.n}


@pytest.mark.parametrize("name", ["index.html", *ANALYSES])
def test_the_csv_of_all_countries_is_the_file_that_is_there_without_scripts(visit, site, name):
    keep = "window.made = []; URL.createObjectURL = blob => { made.push(blob); return 'blob:none'; };"
    with visit(name, before=keep + "HTMLAnchorElement.prototype.click = () => {};") as page:
        for number, link in enumerate(page.locator("[data-csv]").all()):
            link.dispatch_event("click")
            stored = (site / "figures" / f"{link.get_attribute('data-csv')}.csv").read_text(encoding="utf-8")
            assert page.evaluate("number => made[number].text()", number) == stored


def test_the_svg_of_a_figure_is_a_picture_of_what_is_shown(growth):
    name = figure(growth, "what came, what stayed")
    choose(growth, "IDN")
    file, content = taken(growth, f'[data-svg="{name}"]')
    root = ElementTree.fromstring(content)
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert (file, root.tag) == (f"ascn-{name}-IDN.svg", "{http://www.w3.org/2000/svg}svg")
    assert [
        str(n) for n in metrics.totals(loaders.load_panel().query("iso3 == 'IDN'"))["n"] if str(n) not in words
    ] == []


def test_the_png_of_a_figure_is_a_picture_of_twice_its_size(growth):
    name = figure(growth, "what came, what stayed")
    file, content = taken(growth, f'[data-png="{name}"]')
    size = growth.eval_on_selector(
        f'[data-chart="{name}"] svg', "svg => [svg.width.baseVal.value, svg.height.baseVal.value]"
    )
    with Image.open(io.BytesIO(content)) as picture:
        assert (file, picture.format) == (f"ascn-{name}.png", "PNG")
        assert picture.size == tuple(2 * length for length in size)
        assert len(set(picture.convert("L").resize((60, 60)).get_flattened_data())) > 10


SVG = "{http://www.w3.org/2000/svg}"


def saved(page, name):
    """Return the SVG that a page saves of a figure, its texts, and its description."""
    root = ElementTree.fromstring(taken(page, f'[data-svg="{name}"]')[1])
    return root, [element.text for element in root.iter(f"{SVG}text")], root.find(f"{SVG}desc").text


def test_a_saved_picture_of_a_country_names_it_in_words_and_in_its_description(growth):
    name = figure(growth, "what came, what stayed")
    choose(growth, "VNM")
    _, words, told = saved(growth, name)
    assert "Shown: Viet Nam" in words
    assert told == "Shown: Viet Nam. Projects by report: what came, what stayed, what left."


def test_a_saved_picture_of_all_countries_names_none_and_keeps_its_description(growth):
    name = figure(growth, "what came, what stayed")
    _, words, told = saved(growth, name)
    assert [text for text in words if text and text.startswith("Shown")] == []
    assert told == growth.text_content(f"#figure-{name} figcaption details p")


def test_a_saved_picture_of_what_stands_for_all_countries_names_none(visit):
    with visit("notebooks/09_reported_vs_recomputed.html", "?country=VNM") as page:
        name = figure(page, "as printed")
        _, words, told = saved(page, name)
    assert not any("Viet Nam" in text for text in [*words, told] if text)


def test_the_line_of_a_saved_picture_stands_above_all_else_flush_with_the_title_and_in_its_font(growth):
    name = figure(growth, "what came, what stayed")
    choose(growth, "VNM")
    root, *_ = saved(growth, name)
    line = next(element for element in root.iter(f"{SVG}text") if element.text == "Shown: Viet Nam")
    title = next(
        element for element in root.iter(f"{SVG}text") if (element.text or "").startswith("Projects by report")
    )
    edge = growth.evaluate(
        """id => { const svg = document.querySelector(`[data-chart="${id}"] svg`), titles = svg.querySelectorAll(".role-title-text text");
          return titles[titles.length - 1].getBoundingClientRect().left - svg.getBoundingClientRect().left; }""",
        name,
    )
    assert float(line.get("x")) == pytest.approx(edge, abs=0.1)
    assert (line.get("font-family"), line.get("fill")) == (title.get("font-family"), title.get("fill"))
    assert int(root.get("viewBox").split()[1]) < float(line.get("y")) < 0


def test_saving_a_picture_leaves_the_one_on_the_page_as_it_is(growth):
    name = figure(growth, "what came, what stayed")
    choose(growth, "VNM")
    before = growth.inner_html(f'[data-chart="{name}"]')
    saved(growth, name)
    taken(growth, f'[data-png="{name}"]')
    assert growth.inner_html(f'[data-chart="{name}"]') == before


def test_the_png_of_a_country_is_higher_by_the_line_that_names_it(growth):
    name = figure(growth, "what came, what stayed")
    choose(growth, "VNM")
    file, content = taken(growth, f'[data-png="{name}"]')
    height = growth.eval_on_selector(f'[data-chart="{name}"] svg', "svg => svg.height.baseVal.value")
    with Image.open(io.BytesIO(content)) as picture:
        assert (file, picture.height) == (f"ascn-{name}-VNM.png", 2 * (height + 22))
        assert min(picture.convert("L").crop((0, 0, 400, 44)).get_flattened_data()) < 100


def test_a_saved_picture_tells_the_words_looked_for(visit):
    with visit(HISTORIES) as page:
        name = figure(page, "One line a project")
        page.fill(f'[data-signal="{name}"]', "Waste")
        assert "Shown: “Waste”" in saved(page, name)[1]


def test_the_search_of_the_histories_leaves_the_projects_that_hold_the_words(visit, panel):
    latest = panel.sort_values("report_year").drop_duplicates("project_id", keep="last")
    words = (latest["title"] + " " + latest["city"] + " " + latest["country"]).str.lower()
    wanted = set(latest.loc[words.str.contains("waste", regex=False), "project_id"])
    with visit(HISTORIES) as page:
        name = figure(page, "One line a project")
        page.fill(f'[data-signal="{name}"]', "Waste")
        page.wait_for_timeout(200)
        drawn = page.evaluate("id => ascnSite.views.get(id).data('data_0').map(row => row.project_id)", name)
        column = shown_table(page, name)[0].index("project_id")
        told = {row[column] for row in shown_table(page, name)[1:]}
    assert wanted
    assert set(drawn) == told == wanted


# Without scripts


@pytest.fixture(scope="module")
def still(visit):
    with visit(GROWTH, java_script_enabled=False, by_server=True) as page:
        yield page


def test_without_scripts_every_figure_is_seen(still):
    for picture in still.locator(".picture > svg").all():
        assert picture.is_visible()
        assert picture.bounding_box()["height"] > 100
    assert still.locator(".picture > svg").count() == still.locator("figure.chart").count() > 0


def test_without_scripts_every_table_can_be_opened(still):
    for part in still.locator("details.data").all():
        part.locator("summary").click()
        assert part.locator("tbody tr:visible").count() == int(part.locator(".rows").inner_text())


def test_without_scripts_a_table_shows_all_countries_only(still):
    name = figure(still, "what came, what stayed")
    head, *body = shown_table(still, name)
    assert {row[head.index("selection")] for row in body} == {"all"}


def test_without_scripts_what_needs_them_is_hidden_and_said(still):
    assert still.locator("[data-needs-script]:visible").count() == 0
    assert still.locator("noscript p").is_visible()


def test_without_scripts_the_code_can_be_opened(still):
    assert still.locator("details.code > summary").first.is_visible()


def test_without_scripts_the_csv_of_a_figure_is_the_file_for_all(still, site):
    name = figure(still, "what came, what stayed")
    file, content = taken(still, f'[data-csv="{name}"]')
    assert file == f"{name}.csv"
    assert content == (site / "figures" / file).read_bytes()
    assert {row["selection"] for row in rows(content.decode())} == {"all"}


# The content security policy

LATER = (
    "new Promise(done => setTimeout(() => {{ try {{ done(String({0})); }} catch (error) {{ done(error.name); }} }}))"
)
TRIED = {
    "eval": (LATER.format("eval('1 + 1')"), "EvalError", "script-src eval"),
    "function": (LATER.format("new Function('return 2')()"), "EvalError", "script-src eval"),
    "foreign script": (
        """new Promise(done => { const script = document.createElement("script"); script.src = "https://example.org/x.js";
           script.onload = () => done("ran"); script.onerror = () => done("refused"); document.head.append(script); })""",
        "refused",
        "script-src-elem https://example.org/x.js",
    ),
    "inline script": (
        """(() => { const script = document.createElement("script"); script.textContent = "window.ran = 'ran'";
           document.head.append(script); return window.ran || "refused"; })()""",
        "refused",
        "script-src-elem inline",
    ),
    "handler": (
        """(() => { const own = document.createElement("b"); own.setAttribute("onclick", "window.ran = 'ran'");
           document.body.append(own); own.click(); return window.ran || "refused"; })()""",
        "refused",
        "script-src-attr inline",
    ),
    "style attribute": (
        """(() => { document.body.setAttribute("style", "margin: 99px");
           return getComputedStyle(document.body).margin === "99px" ? "styled" : "refused"; })()""",
        "refused",
        "style-src-attr inline",
    ),
    "style element": (
        """(() => { const style = document.createElement("style"); style.textContent = "body { margin: 99px }";
           document.head.append(style); return getComputedStyle(document.body).margin === "99px" ? "styled" : "refused"; })()""",
        "refused",
        "style-src-elem inline",
    ),
    "request": (
        "fetch('https://example.org/x').then(() => 'asked', () => 'refused')",
        "refused",
        "connect-src https://example.org/x",
    ),
    "picture": (
        """new Promise(done => { const image = new Image(); image.src = "https://example.org/x.png";
           image.onload = () => done("shown"); image.onerror = () => done("refused"); })""",
        "refused",
        "img-src https://example.org/x.png",
    ),
}
REFUSED = """window.refused = []; addEventListener("securitypolicyviolation", event =>
  refused.push(event.effectiveDirective + " " + event.blockedURI));"""


@pytest.fixture(scope="module", params=[False, True], ids=["file", "server"])
def tried(visit, request):
    with visit("notebooks/11_what_this_record_cannot_tell.html", before=REFUSED, by_server=request.param) as page:
        yield page


@pytest.mark.parametrize("attempt", TRIED)
def test_the_policy_refuses(tried, attempt):
    action, outcome, report = TRIED[attempt]
    assert tried.evaluate(action) == outcome
    tried.wait_for_timeout(50)
    assert report in tried.evaluate("refused")
    assert [fault for fault in tried.faults if fault.startswith("asked")] == []


def test_figures_need_nothing_that_the_policy_refuses(visit):
    with visit(GROWTH, before=REFUSED) as page:
        choose(page, "IDN")
        page.locator(".picture path[aria-roledescription=bar]").first.hover(position={"x": 4, "y": 4})
        assert page.locator("#tip").is_visible()
        assert page.evaluate("refused") == []


# For the eye


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["index.html", "countries/VNM.html", "cities/phnom-penh.html", GROWTH])
def test_a_picture_of_the_page_is_kept_for_a_look(visit, name, options):
    SHOTS.mkdir(exist_ok=True)
    kind = "phone" if options else "desk"
    with visit(name, **options) as page:
        file = SHOTS / f"site-{re.sub('[^a-z0-9]+', '-', name.removesuffix('.html').lower())}-{kind}.png"
        page.screenshot(path=file, full_page=True)
        assert page.faults == []
    assert file.stat().st_size > 20_000
