"""The explorers as a reader meets them: JupyterLab on loopback, a real browser, every other network cut off."""

import json
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from lab_driver import ALIVE, CHECKOUT, NARROW, OPEN, SHOTS, WIDE, folder, one_notebook, violations, visit

from ascn_analysis import metrics, notebooks
from ascn_analysis import vocabulary as v
from ascn_analysis.explorers.panel import NOTHING
from ascn_analysis.explorers.rows import status_label
from ascn_analysis.safe import defused

__all__ = ["folder", "visit"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

LATEST = 2025
VIEWS = {"growth": "reports", "focus": "focus_areas", "status": "statuses"}
COLUMN = {"focus_areas": "focus_area_id", "statuses": "status", "cities": "city_id"}
NAMES = {"focus_areas": v.FOCUS_AREA_NAMES, "countries": v.COUNTRY_NAMES}
EXPLORED = [path for path in notebooks.paths() if "ascn_analysis.widgets" in path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def linked(visit):
    source = "from ascn_analysis.widgets import Explorer\nexplorer = Explorer()\nexplorer"
    with visit("linked.ipynb", one_notebook(source, "1")) as sheet:
        sheet.run()
        sheet.settle()
        sheet.shoot("1-start")
        yield sheet


@pytest.fixture
def sheet(linked):
    """The linked explorer as it is at first."""
    linked.page.set_viewport_size(WIDE)
    linked.ask("explorer.table.search('')")
    linked.press("choose what was chosen at first")
    linked.page.faults.clear()
    yield linked
    assert linked.page.faults == []


def counted(panel, name, **choice):
    """Count by one dimension what the metrics give for the rest of a choice; values without a project are left out."""
    kept = metrics.select(panel, **{key: values for key, values in choice.items() if key != name})
    if name == "reports":
        return {str(row.report_year): row.n for row in metrics.totals(kept).itertuples() if row.n}
    n = metrics.shares(kept, by=COLUMN[name]).groupby(COLUMN[name])["n"].sum()
    return {label(name, value): count for value, count in n.items() if count}


def label(name, value):
    return status_label(value) if name == "statuses" else NAMES[name][value]


def shown(sheet):
    """Return what each view draws, the zeros left out."""
    return {name: {key: n for key, n in sheet.drawn(view).items() if n} for view, name in VIEWS.items()}


def expected(panel, **choice):
    return {name: counted(panel, name, **choice) for name in VIEWS.values()}


def rows_of(panel, **choice):
    return metrics.select(panel, **choice)


def said(panel, **choice):
    """Say a choice as the message does."""
    kept, years = rows_of(panel, **choice), choice.get("reports")
    noun, when = ("project", f"{years[0]} report") if years else ("row of projects", "all reports")
    plural = {"project": "projects", "row of projects": "rows of projects"}
    cities = kept["city_id"].nunique()
    return f"{len(kept)} {noun if len(kept) == 1 else plural[noun]} in {cities} {'city' if cities == 1 else 'cities'}, {when}."


# Choosing


def test_the_explorer_opens_on_the_latest_report(sheet, panel):
    sheet.says(said(panel, reports=[LATEST]))
    assert shown(sheet) == expected(panel, reports=[LATEST])


def test_check_boxes_filter_every_view_and_the_table(sheet, panel):
    sheet.press("choose none: countries")
    sheet.toggle("Indonesia", "Viet Nam")
    sheet.toggle("Civic & Social")
    others = [area.id for area in v.FOCUS_AREAS if area.name != "Civic & Social"]
    choice = {"countries": ["IDN", "VNM"], "focus_areas": others, "reports": [LATEST]}
    sheet.says(said(panel, **choice))
    assert shown(sheet) == expected(panel, **choice)
    assert sheet.page.locator(".ascn-table [role=status]").inner_text().endswith(f"of {len(rows_of(panel, **choice))}")
    sheet.shoot("2-filter")


def test_none_says_that_nothing_matches_and_all_brings_everything_back(sheet, panel):
    sheet.press("choose none: statuses")
    sheet.says(NOTHING)
    sheet.press("choose all: statuses")
    sheet.says(said(panel, reports=[LATEST]))


def test_a_cohort_chooses_the_countries_with_a_city_that_joined_then(sheet, cities):
    year = max(cities["joined_year"][cities["joined_year"] < LATEST])
    sheet.press(f"choose the countries with a city that joined in {year}")
    boxes = {name: sheet.box(name).is_checked() for name in v.COUNTRY_NAMES.values()}
    lands = set(cities.loc[cities["joined_year"] == year, "country"])
    assert {name for name, on in boxes.items() if on} == lands


@pytest.mark.parametrize("report", ["2022", "All reports"])
def test_the_report_is_chosen_from_its_list(sheet, panel, report):
    sheet.page.get_by_label("Report", exact=True).select_option(label=report)
    sheet.settle()
    choice = {} if report == "All reports" else {"reports": [int(report)]}
    sheet.says(said(panel, **choice))
    assert shown(sheet) == expected(panel, **choice)


def test_cities_are_chosen_from_their_list(sheet, panel):
    sheet.page.get_by_label("Cities", exact=True).select_option(label=["Singapore", "Phuket"])
    sheet.settle()
    choice = {"cities": ["singapore", "phuket"], "reports": [LATEST]}
    sheet.says(said(panel, **choice))
    assert shown(sheet) == expected(panel, **choice)
    assert set(sheet.chosen("map")) == {"Singapore", "Phuket"}


def test_a_click_on_a_bar_chooses_it_alone_and_again_takes_it_back(sheet, panel):
    sheet.click_bar("Health & Well-Being")
    sheet.says(said(panel, focus_areas=["health-well-being"], reports=[LATEST]))
    assert sheet.chosen("focus") == ["Health & Well-Being"]
    sheet.click_bar("Health & Well-Being")
    sheet.says(said(panel, reports=[LATEST]))


def test_a_click_with_shift_adds_a_bar(sheet, panel):
    sheet.click_bar("Health & Well-Being")
    sheet.click_bar("Safety & Security", modifiers=["Shift"])
    both = ["health-well-being", "safety-security"]
    sheet.says(said(panel, focus_areas=both, reports=[LATEST]))
    assert sheet.chosen("focus") == ["Health & Well-Being", "Safety & Security"]


def test_a_click_on_a_report_chooses_it(sheet, panel):
    sheet.click_bar("2023")
    sheet.says(said(panel, reports=[2023]))
    assert sheet.page.get_by_label("Report", exact=True).evaluate("own => own.selectedOptions[0].label") == "2023"


def test_a_click_on_a_city_chooses_it(sheet, panel):
    sheet.click_bar("Makassar")
    sheet.says(said(panel, cities=["makassar"], reports=[LATEST]))


def centres(sheet):
    """Return city name to the middle of its disc or ring on the screen."""
    return sheet.page.locator('[data-view="map"] path[aria-label]').evaluate_all(
        """discs => Object.fromEntries(discs.map(disc => {
          const box = disc.getBoundingClientRect();
          return [disc.getAttribute("aria-label").split(":")[0], [box.x + box.width / 2, box.y + box.height / 2]];
        }))"""
    )


def drag(sheet, left, top, right, bottom, name=None):
    mouse = sheet.page.mouse
    mouse.move(left, top)
    mouse.down()
    mouse.move((left + right) / 2, (top + bottom) / 2, steps=3)
    mouse.move(right, bottom, steps=3)
    if name:
        sheet.page.screenshot(path=SHOTS / f"explorer-{name}.png")
    mouse.up()
    sheet.settle()


def test_brushing_the_map_chooses_the_cities_in_the_rectangle(sheet, panel, cities):
    frame = sheet.page.locator('[data-view="map"] svg')
    frame.scroll_into_view_if_needed()
    places, box = centres(sheet), frame.bounding_box()
    corner = (box["x"] + 4, box["y"] + 4, box["x"] + 0.45 * box["width"], box["y"] + 0.5 * box["height"])
    drag(sheet, *corner, name="3-brush")
    within = {name for name, (x, y) in places.items() if corner[0] <= x <= corner[2] and corner[1] <= y <= corner[3]}
    ids = cities.loc[cities["city"].isin(within), "city_id"].tolist()
    assert 3 < len(ids) < len(cities) - 3
    sheet.says(said(panel, cities=ids, reports=[LATEST]))
    assert shown(sheet) == expected(panel, cities=ids, reports=[LATEST])
    assert set(sheet.chosen("map")) == within
    sheet.shoot("3-brushed")


def test_brushing_the_empty_sea_chooses_everything_again(sheet, panel):
    sheet.click_bar("Makassar")
    box = sheet.page.locator('[data-view="map"] svg').bounding_box()
    right, top = box["x"] + box["width"] - 6, box["y"] + 10
    drag(sheet, right - 60, top, right, top + 60)
    sheet.says(said(panel, reports=[LATEST]))


def test_reset_goes_back_to_the_first_choice(sheet, panel):
    sheet.click_bar("2022")
    sheet.toggle("Indonesia")
    sheet.click_bar("Safety & Security")
    sheet.press("choose what was chosen at first")
    sheet.says(said(panel, reports=[LATEST]))
    assert all(sheet.box(name).is_checked() for name in v.COUNTRY_NAMES.values())


# What the numbers are


def random_choice(chance):
    """Choose some values of some dimensions; the report always."""
    offered = {
        "countries": list(v.COUNTRY_NAMES),
        "focus_areas": list(v.FOCUS_AREA_NAMES),
        "statuses": ["planning", "ongoing", "completed"],
    }
    some = chance.sample(list(offered), chance.randint(1, 3))
    choice = {
        name: sorted(chance.sample(offered[name], chance.randint(1, 3)), key=offered[name].index) for name in some
    }
    year = chance.choice([None, 2022, 2023, 2024, 2025])
    return choice if year is None else {**choice, "reports": [year]}


@pytest.mark.parametrize("seed", range(20))
def test_a_random_selection_draws_the_numbers_of_the_metrics(sheet, panel, seed):
    choice = random_choice(random.Random(seed))
    for name in ("countries", "focus_areas", "statuses"):
        if name in choice:
            sheet.press(f"choose none: {name.replace('_', ' ')}")
            sheet.toggle(*(label(name, value) for value in choice[name]))
    year = str(choice["reports"][0]) if "reports" in choice else "All reports"
    sheet.page.get_by_label("Report", exact=True).select_option(label=year)
    sheet.settle()
    n = len(rows_of(panel, **choice))
    sheet.says(said(panel, **choice) if n else NOTHING)
    assert shown(sheet) == expected(panel, **choice)
    assert (
        json.loads(sheet.ask("import json; print(json.dumps(explorer.selection.index.tolist()))"))
        == rows_of(panel, **choice).index.tolist()
    )


# The table


def cells(sheet, column):
    return sheet.page.locator(f".ascn-table tbody td:nth-child({column})").all_inner_texts()


def test_the_table_sorts_by_a_column_both_ways(sheet, panel):
    cities = sorted(rows_of(panel, reports=[LATEST])["city"])
    head = sheet.page.locator(".ascn-table th").filter(has_text="City")
    for order, wanted in (("ascending", cities[:10]), ("descending", cities[::-1][:10])):
        head.locator("button").click()
        sheet.page.wait_for_selector(f'.ascn-table th[aria-sort="{order}"]')
        assert cells(sheet, 3) == wanted


def test_the_table_finds_words(sheet, panel):
    sheet.page.get_by_role("searchbox", name="Search").fill("water")
    kept = rows_of(panel, reports=[LATEST])
    texts = (
        kept[["country", "city", "project_printed", "title", "focus_area", "project_id"]]
        .fillna("")
        .agg(" ".join, axis="columns")
    )
    found = int(texts.str.lower().str.contains("water").sum())
    status = sheet.page.locator(".ascn-table [role=status]")
    sheet.page.wait_for_function(
        "() => / found of /.test(document.querySelector('.ascn-table [role=status]').textContent)"
    )
    assert status.inner_text() == f"Rows 1 to {min(found, 10)} of {found} found of {len(kept)}"


def test_the_table_turns_its_pages(sheet, panel):
    n = len(rows_of(panel, reports=[LATEST]))
    first = cells(sheet, 4)
    sheet.page.get_by_role("button", name="Next", exact=True).click()
    sheet.page.get_by_text(f"Rows 11 to 20 of {n}").wait_for()
    assert cells(sheet, 4) != first
    sheet.page.get_by_role("button", name="Previous", exact=True).click()
    sheet.page.get_by_text(f"Rows 1 to 10 of {n}").wait_for()
    assert cells(sheet, 4) == first


def test_the_links_of_the_table_lead_to_pages_of_official_pdfs(sheet):
    links = sheet.page.locator(".ascn-table tbody a")
    told = links.evaluate_all("them => them.map(a => [a.href, a.textContent, a.target, a.rel])")
    assert len(told) == 10
    for address, text, target, rel in told:
        page = re.fullmatch(r"https://asean\.org/\S+\.pdf#page=(\d+)", address)
        assert (text, target, rel) == (f"p. {page[1]}", "_blank", "noopener noreferrer")


# Taking along


def test_the_code_of_a_selection_gives_the_same_rows_in_the_next_cell(sheet, panel):
    sheet.click_bar("Health & Well-Being")
    sheet.page.get_by_role("button", name="Code of this selection").click()
    box = sheet.page.get_by_label("Code", exact=True)
    box.wait_for()
    code = box.input_value()
    sheet.shoot("4-code")
    sheet.page.get_by_role("button", name="Code of this selection").click()
    cell = sheet.page.locator(".jp-Notebook-cell").nth(1)
    cell.locator(".cm-content").click()
    sheet.page.keyboard.press("Control+a")
    sheet.page.keyboard.insert_text(f"{code}\nlen(selection)")
    sheet.page.keyboard.press("Control+Enter")
    wanted = str(len(rows_of(panel, focus_areas=["health-well-being"], reports=[LATEST])))
    cell.locator(".jp-OutputArea-output").get_by_text(wanted, exact=True).wait_for()


def taken(sheet, name):
    """Return name and bytes of what a button lets the browser save."""
    with sheet.page.expect_download() as download:
        sheet.page.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_csv_that_is_saved_is_the_selection(sheet, panel):
    sheet.press("choose none: countries")
    sheet.toggle("Malaysia")
    name, content = taken(sheet, "Save CSV")
    wanted = defused(rows_of(panel, countries=["MYS"], reports=[LATEST])).to_csv(index=False, lineterminator="\n")
    assert (name, content.decode()) == ("projects.csv", wanted)


def test_the_svg_that_is_saved_shows_the_numbers_of_the_selection(sheet, panel):
    sheet.press("choose none: countries")
    sheet.toggle("Malaysia")
    name, content = taken(sheet, "Save SVG")
    words = [text.text for text in ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}text")]
    wanted = expected(panel, countries=["MYS"], reports=[LATEST])
    assert name == "projects.svg"
    assert [str(n) for counts in wanted.values() for n in counts.values() if str(n) not in words] == []


def test_the_svg_that_is_saved_opens_as_a_picture(sheet, folder):
    _, content = taken(sheet, "Save SVG")
    size = sheet.page.evaluate(
        """text => new Promise((done, fail) => { const image = new Image();
          image.onload = () => done([image.naturalWidth, image.naturalHeight]); image.onerror = () => fail("no picture");
          image.src = URL.createObjectURL(new Blob([text], {type: "image/svg+xml"})); })""",
        content.decode(),
    )
    assert min(size) > 300


def test_what_is_saved_is_put_on_the_filmstrip(sheet, panel):
    sheet.press("choose none: countries")
    sheet.toggle("Malaysia")
    (_, table), (_, picture) = taken(sheet, "Save CSV"), taken(sheet, "Save SVG")
    lines = table.decode().splitlines()
    page = sheet.page.context.new_page()
    page.set_viewport_size(WIDE)
    page.set_content(f"<h3>projects.svg</h3>{picture.decode()}<h3>projects.csv</h3><pre id=csv></pre>")
    page.evaluate("text => { document.getElementById('csv').textContent = text; }", "\n".join(lines[:6]))
    assert page.locator("svg").bounding_box()["width"] > 300
    page.screenshot(path=SHOTS / "explorer-4-export.png")
    page.close()
    assert len(lines) == 1 + len(rows_of(panel, countries=["MYS"], reports=[LATEST]))


# In haste, and again


def test_a_hundred_quick_clicks_end_in_the_right_state_and_leave_nothing_behind(sheet, panel):
    alive = sheet.ask(ALIVE)
    names = list(v.COUNTRY_NAMES.items())
    sheet.page.evaluate(
        """() => { const boxes = Array.from(document.querySelectorAll(".jp-OutputArea-output input[type=checkbox]")).slice(0, 11);
          for (let i = 0; i < 100; i++) boxes[i % 11].click(); }"""
    )
    sheet.settle()
    by_name = sorted(names, key=lambda pair: pair[1])
    on = [iso3 for i, (iso3, _) in enumerate(by_name) if (100 + 10 - i) // 11 % 2 == 0]
    sheet.says(said(panel, countries=on, reports=[LATEST]))
    assert [iso3 for iso3, name in by_name if sheet.box(name).is_checked()] == on
    assert shown(sheet) == expected(panel, countries=on, reports=[LATEST])
    assert sheet.ask(ALIVE) == alive


def test_quick_clicks_on_bars_end_as_the_last_one_says(sheet, panel):
    sheet.page.evaluate(
        """() => { for (let i = 0; i < 50; i++) {
          const name = ["Safety & Security", "Civic & Social"][i % 2];
          const bar = document.querySelector(`[data-view="focus"] path[aria-label^="${name}:"]`), box = bar.getBoundingClientRect();
          for (const kind of ["pointerdown", "pointerup"]) bar.dispatchEvent(new PointerEvent(kind,
            {bubbles: true, button: 0, clientX: box.x + 3, clientY: box.y + 3, pointerId: 1}));
        } }"""
    )
    sheet.says(said(panel, focus_areas=["civic-social"], reports=[LATEST]))
    assert sheet.chosen("focus") == ["Civic & Social"]


def test_a_restarted_kernel_that_runs_all_again_leaves_a_working_explorer(sheet, panel):
    sheet.command("notebook:restart-run-all")
    sheet.page.get_by_role("button", name="Confirm Kernel Restart").click()
    sheet.page.wait_for_function("() => !document.querySelector('.ascn-views')")
    sheet.page.wait_for_selector(".ascn-views[data-revision]", timeout=90_000)
    sheet.settle()
    sheet.click_bar("Health & Well-Being")
    sheet.says(said(panel, focus_areas=["health-well-being"], reports=[LATEST]))


def test_two_notebooks_in_one_window_do_not_disturb_each_other(sheet, panel, folder):
    nbformat.write(
        one_notebook("from ascn_analysis.widgets import Explorer\nexplorer = Explorer()\nexplorer"),
        folder / "other.ipynb",
    )
    path = f"{folder.relative_to(CHECKOUT)}/other.ipynb"
    sheet.page.evaluate(OPEN, path)
    sheet.run()
    try:
        visible = sheet.page.locator(".ascn-views:visible")
        visible.locator("path[aria-label^='Health & Well-Being:']").click()
        sheet.ask("1")
        visible.locator("path[aria-label='Civic & Social: 34, not chosen']").wait_for()
        assert visible.locator(".ascn-message").inner_text() == said(
            panel, focus_areas=["health-well-being"], reports=[LATEST]
        )
    finally:
        sheet.page.evaluate("""async () => { const own = jupyterapp.shell.currentWidget;
          await own.context.save(); await own.sessionContext.shutdown(); own.close(); }""")
        sheet.page.wait_for_function("() => jupyterapp.shell.currentWidget?.context.path.endsWith('linked.ipynb')")
    sheet.says(said(panel, reports=[LATEST]))
    sheet.click_bar("Safety & Security")
    sheet.says(said(panel, focus_areas=["safety-security"], reports=[LATEST]))


# For everybody

STOPS = """() => {
  window.area = document.querySelector(".jp-OutputArea-output:has(.ascn-views)");
  window.stops = Array.from(area.querySelectorAll("a[href], button, select, input, textarea, [tabindex]"))
    .filter(own => own.tabIndex >= 0 && !own.disabled && own.checkVisibility({visibilityProperty: true}));
  stops[0].focus();
  return stops.length;
}"""
STOP = """() => {
  const own = document.activeElement, words = own.labels?.length ? own.labels[0].textContent : own.textContent;
  const style = getComputedStyle(own), box = own.getBoundingClientRect();
  return {place: stops.indexOf(own), name: (own.ariaLabel || words || own.title).trim(), seen: box.top >= 0 && box.bottom <= innerHeight};
}"""


@pytest.mark.parametrize(("width", "columns"), [(1400, 2), (560, 1)])
def test_no_country_is_cut_in_a_narrow_window(sheet, width, columns):
    sheet.page.set_viewport_size({"width": width, "height": 900})
    grid = sheet.page.locator(".jp-OutputArea-output:has(.ascn-views) .widget-gridbox").first
    sheet.page.wait_for_function(
        """([grid, columns]) => new Set(Array.from(grid.querySelectorAll("input"), box => box.getBoundingClientRect().left)).size === columns""",
        arg=[grid.element_handle(), columns],
    )
    ends, edge = grid.evaluate(
        """grid => [Array.from(grid.querySelectorAll("label"), label => label.getBoundingClientRect().right),
          grid.closest(".jp-OutputArea-output").getBoundingClientRect().right]"""
    )
    assert max(ends) <= edge


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_at_first(sheet, size):
    sheet.page.set_viewport_size(size)
    assert violations(sheet, ".ascn-views") == []


def test_axe_finds_nothing_with_the_code_open_and_nothing_chosen(sheet):
    button = sheet.page.get_by_role("button", name="Code of this selection")
    button.click()
    sheet.press("choose none: countries")
    sheet.says(NOTHING)
    found = violations(sheet, ".ascn-views")
    button.click()
    assert found == []


def test_the_tab_key_goes_through_all_controls_in_order_and_each_has_a_name(sheet):
    count = sheet.page.evaluate(STOPS)
    met = []
    for _ in range(count):
        met.append(sheet.page.evaluate(STOP))
        sheet.page.keyboard.press("Tab")
    assert [stop["place"] for stop in met] == list(range(count))
    assert [stop for stop in met if not stop["name"] or not stop["seen"]] == []


def test_everything_can_be_chosen_by_keyboard(sheet, panel):
    sheet.box("Brunei Darussalam").focus()
    sheet.page.keyboard.press("Space")
    others = [iso3 for iso3 in v.COUNTRY_NAMES if iso3 != "BRN"]
    sheet.says(said(panel, countries=others, reports=[LATEST]))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_needs_a_scroll_bar_to_the_side(sheet, size):
    sheet.page.set_viewport_size(size)
    assert (
        sheet.page.evaluate(
            """() => Array.from(document.querySelectorAll(".jp-OutputArea-output:has(.ascn-views) *"))
          .filter(own => own.scrollWidth > own.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(own).overflowX))
          .map(own => own.className)"""
        )
        == []
    )
    sheet.shoot(f"7-{size['width']}")


# A list of one's own

HEAD = "Project,Country,City,Year,Focus area,Status\n"
ERRORS = HEAD + (
    "Tram,Viet Nam,Da Nang,2025,Built Infrastructure,ongoing\n"
    "Sensors,<b>Siam</b>,Phuket,2025,Quality Environment,planning\n"
    ",Lao PDR,Vientiane,2025,Quality Environment,ongoing\n"
    "Clinic,Malaysia,Kuching,20x5,Health & Well-Being,completed\n"
)
HOSTILE = [
    "<script>window.hurt = 1</script>",
    "<img src=x onerror='window.hurt = 1'>",
    "=HYPERLINK(1)",
    "مشروع ترام",
    "🚋 Tram & <b>bus</b>",
]
SOUND = HEAD + "".join(
    f"{title},Viet Nam,{city},2025,Built Infrastructure,ongoing\n"
    for title, city in zip(HOSTILE, ["Da Nang", "Da Nang", "<i>Hue</i>", "Hanoi", "Hanoi"], strict=True)
)


@pytest.fixture(scope="module")
def brought(visit):
    source = "from ascn_analysis.widgets import bring_your_own\nown = bring_your_own()\nown"
    with visit("own.ipynb", one_notebook(source), explorer="own.explorer") as sheet:
        sheet.run()
        sheet.page.get_by_label("or its path").wait_for()
        yield sheet


def bring(sheet, folder, how, name, text):
    """Give a list to the widget and have it checked."""
    (folder / name).write_text(text, encoding="utf-8")
    sheet.page.faults.clear()
    if how == "upload":
        with sheet.page.expect_file_chooser() as chooser:
            sheet.page.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(folder / name)
    else:
        sheet.page.get_by_label("or its path").fill(str(folder / name))
        sheet.page.keyboard.press("Enter")
    sheet.page.get_by_text(f"{name}: {text.count(chr(10)) - 1} rows").wait_for()
    sheet.page.get_by_role("button", name="Check this list").click()


@pytest.mark.parametrize("how", ["upload", "path"])
def test_a_list_with_three_errors_is_listed_with_its_rows(brought, folder, how):
    bring(brought, folder, how, f"errors-{how}.csv", ERRORS)
    brought.page.get_by_text(f"errors-{how}.csv: 3 problems").wait_for()
    rows = brought.page.locator(".jp-OutputArea-output table tbody tr")
    assert [row.locator("td").all_inner_texts()[:3] for row in rows.all()] == [
        ["3", "Country", "<b>Siam</b>"],
        ["4", "Project", ""],
        ["5", "Year", "20x5"],
    ]
    brought.shoot("5-own-errors", "input[type=text]")
    assert violations(brought, "input[type=text]") == []
    assert brought.page.faults == []


@pytest.mark.parametrize("how", ["upload", "path"])
def test_a_sound_list_is_explored_and_hostile_text_stays_text(brought, folder, how):
    bring(brought, folder, how, f"sound-{how}.csv", SOUND)
    brought.page.get_by_text(f"sound-{how}.csv: 5 rows without a problem").wait_for()
    brought.page.wait_for_selector(".ascn-views[data-revision]")
    assert cells(brought, 4) == HOSTILE
    assert cells(brought, 3) == ["Da Nang", "Da Nang", "<i>Hue</i>", "Hanoi", "Hanoi"]
    brought.shoot("6-own-loaded", "input[type=text]")
    brought.page.get_by_label("Cities", exact=True).select_option(label=["<i>Hue</i>"])
    brought.says("1 project in 1 city, 2025 report.")
    _, content = taken(brought, "Save CSV")
    assert "'=HYPERLINK(1)" in content.decode()
    assert brought.page.evaluate(
        "[window.hurt, document.querySelectorAll('.jp-OutputArea-output :is(script, img, i:not(.fa))').length]"
    ) == [None, 0]
    assert violations(brought, ".ascn-views") == []
    assert brought.page.faults == []


# The state in the notebook


def test_a_saved_notebook_shows_the_choice_again_without_being_run(visit, panel):
    source = "from ascn_analysis.widgets import Explorer\nexplorer = Explorer()\nexplorer"
    with visit("saved.ipynb", one_notebook(source)) as sheet:
        sheet.run()
        sheet.settle()
        sheet.press("choose none: countries")
        sheet.toggle("Indonesia")
        choice = {"countries": ["IDN"], "reports": [LATEST]}
        sheet.says(said(panel, **choice))
        sheet.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
    with visit("saved.ipynb") as sheet:
        sheet.page.wait_for_selector(".ascn-views[data-revision]")
        assert sheet.message() == said(panel, **choice)
        assert shown(sheet) == expected(panel, **choice)
        assert sheet.box("Indonesia").is_checked()
        assert not sheet.box("Viet Nam").is_checked()
        assert sheet.ask("print('explorer' in globals())") == "False"
        views = sheet.page.locator(".ascn-view")
        assert views.evaluate_all("them => them.map(view => view.dataset.view)") == ["map", "growth", "focus", "status"]
        sheet.page.wait_for_function(
            "() => getComputedStyle(document.querySelector('.ascn-views'), '::before').content.includes('A saved choice.')"
        )
        sheet.shoot("8-reopened")
        sheet.run()
        sheet.settle()
        sheet.says(said(panel, reports=[LATEST]))
        assert sheet.page.faults == []


# The project's own notebooks

LOOKS = """() => Array.from(document.querySelectorAll(".jp-OutputArea-output:has(.jupyter-widgets)"), output =>
  Array.from(output.querySelectorAll("svg.marks"), svg => svg.outerHTML).join())"""


INDONESIA = """document.querySelectorAll(".jp-OutputArea-output label:has(input)").values()
  .filter(label => label.textContent.startsWith("Indonesia")).map(label => label.querySelector("input"))"""


ALWAYS = ("01", "08")
"""One notebook with the explorer of one figure, and the one with all kinds; the others are for `make check-all`."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[] if path.stem[:2] in ALWAYS else [pytest.mark.full], id=path.stem)
        for path in EXPLORED
    ],
)
def test_every_explorer_of_a_notebook_shows_before_and_filters_after_it_is_run(visit, path):
    with visit(path.name, nbformat.read(path, as_version=4)) as sheet:
        page = sheet.page
        page.faults.clear()
        page.wait_for_selector(".jp-OutputArea-output svg.marks")
        assert page.get_by_text(re.compile("Error displaying widget|Loading widget")).count() == 0
        sheet.run()
        assert (
            page.locator(
                "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"
            ).count()
            == 0
        )
        page.wait_for_function("() => document.querySelectorAll('.jp-OutputArea-output:has(.jupyter-widgets)').length")
        page.wait_for_function(
            f"() => ({LOOKS})().filter(Boolean).length === document.querySelectorAll('.jp-OutputArea-output:has(.jupyter-widgets):has(svg)').length"
        )
        before = page.evaluate(LOOKS)
        assert any(before)
        for button in page.locator('button[title="choose none: countries"]').all():
            button.click()
        page.wait_for_function(f"() => !Array.from({INDONESIA}).some(box => box.checked)")
        for box in page.get_by_role("checkbox", name=re.compile("^Indonesia")).all():
            box.click()
        # What has no drawing (the table, the way to bring a list) has its own tests.
        page.wait_for_function(
            f"before => ({LOOKS})().every((look, i) => look !== before[i] || !before[i])", arg=before, timeout=60_000
        )
        assert page.get_by_text(re.compile("Error displaying widget|Loading widget")).count() == 0
        assert page.faults == []
