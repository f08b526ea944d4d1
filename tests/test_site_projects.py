"""The list of all projects: every row of the appendices, in words, with its page; searchable, and whole without scripts."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from browsing import ARGUMENTS
from bs4 import BeautifulSoup

from ascn_analysis import loaders
from ascn_analysis import vocabulary as v
from ascn_analysis.site import inputs, making, projects

COMMON = {"as_of": "2025-09-30", "version": "0"}
HOSTILE = "<script>alert(1)</script> \"'& גן 🏙 =1+1"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


@cache
def read(name, folder=loaders.DATA):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ROWS = read("project_reports")
CITIES = {row["city_id"]: row for row in read("cities")}
YEARS = sorted({row["report_year"] for row in ROWS})
BY_PROJECT = defaultdict(dict)
for _row in ROWS:
    BY_PROJECT[_row["project_id"]][_row["report_year"]] = _row


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "assets").mkdir()
    making.assets(folder / "assets")
    projects.write(folder, COMMON)
    return folder


@pytest.fixture(scope="module")
def html(site):
    return (site / "projects.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def soup(html):
    return BeautifulSoup(html, "html.parser")


@pytest.fixture(scope="module")
def lines(soup):
    return {row["id"]: row for row in soup.select("#projects tbody tr")}


def text(element):
    return " ".join(element.get_text(" ").split())


def cell(line, label):
    return line.select_one(f'td[data-label="{label}"]')


def test_every_project_has_one_line_with_its_id(soup):
    found = Counter(row["id"] for row in soup.select("#projects tbody tr"))
    assert found == Counter(row["project_id"] for row in read("projects"))


def test_a_line_has_city_country_and_latest_title(lines):
    titles = {row["project_id"]: row for row in read("projects")}
    for project_id, line in lines.items():
        city = CITIES[titles[project_id]["city_id"]]
        assert text(cell(line, "City")) == f"{city['city']} {v.COUNTRY_NAMES[city['iso3']]}"
        assert text(line.th).startswith(titles[project_id]["title"])
        assert line["data-iso3"] == city["iso3"]


def test_the_status_of_every_row_stands_in_words(lines):
    for project_id, line in lines.items():
        for year, row in BY_PROJECT[project_id].items():
            said = text(cell(line, year)).split(" report of ")[0]
            assert re.split(", | or ", said) == row["status"].split("|")


def test_only_completed_stands_in_bold(lines):
    bold = Counter(text(b) for line in lines.values() for b in line.select("td b"))
    assert bold == {"completed": sum(row["status"] == "completed" for row in ROWS)}


def test_every_row_leads_to_its_page_of_the_report(lines):
    urls = {row["source_id"]: row["url"] for row in read("sources")}
    for project_id, line in lines.items():
        for year, row in BY_PROJECT[project_id].items():
            link = cell(line, year).a
            assert link["href"] == f"{urls[row['source_id']]}#page={row['page']}"
            assert text(link) == f"report of {year}, p. {row['page']}"


def test_the_form_of_a_square_is_that_of_the_figures(lines, soup):
    known = {symbol["id"] for symbol in soup.select("symbol")}
    used = {use["href"] for line in lines.values() for use in line.select("use")}
    assert used <= {f"#{name}" for name in known}


def expected_absence(project_id, year):
    city = next(iter(BY_PROJECT[project_id].values()))["city_id"]
    if not any(row["city_id"] == city and row["report_year"] == year for row in ROWS):
        earlier = [row for row in ROWS if row["city_id"] == city and row["report_year"] < year]
        return "no row in this report" if earlier else "not yet a member"
    return "not yet listed" if year < min(BY_PROJECT[project_id]) else "no longer listed"


def test_a_report_that_does_not_list_a_project_says_why(lines):
    for project_id, line in lines.items():
        for year in set(YEARS) - set(BY_PROJECT[project_id]):
            assert text(cell(line, year)) == expected_absence(project_id, year)


def test_a_line_gives_the_first_and_the_last_report(lines):
    for project_id, line in lines.items():
        first, last = min(BY_PROJECT[project_id]), max(BY_PROJECT[project_id])
        span = first if first == last else f"{first} to {last}"
        assert text(cell(line, "Listed")) == span + (" no longer listed" if last < YEARS[-1] else "")


def test_a_title_that_was_printed_otherwise_is_shown_as_printed(lines):
    titles = {row["project_id"]: row["title"] for row in read("projects")}
    for project_id, line in lines.items():
        printed = {row["project_printed"] for row in BY_PROJECT[project_id].values()} - {titles[project_id]}
        shown = {text(part).split(": ", 1)[1] for part in line.th.select(".printed")}
        assert shown == {" ".join(title.split()) for title in printed}


def test_each_judged_renaming_is_told_with_its_evidence(lines):
    links = [row for row in read("project_links") if row["kind"] == "renamed"]
    notes = " ".join(text(line.th) for line in lines.values())
    assert notes.count("Renamed in") == sum(row["confidence"] != "doubtful" for row in links)
    assert all(" ".join(row["evidence"].split()) in notes for row in links)


def test_a_doubtful_pair_is_kept_apart_and_each_names_the_other(lines):
    rows = {(row["report_year"], row["list"], row["row_no"]): row["project_id"] for row in ROWS}
    for link in read("project_links"):
        if link["confidence"] == "doubtful":
            one = rows[link["year_from"], link["list_from"], link["row_from"]]
            other = rows[link["year_to"], link["list_to"], link["row_to"]]
            assert lines[one].th.select_one(f'a[href="#{other}"]')
            assert lines[other].th.select_one(f'a[href="#{one}"]')


def test_a_project_filed_elsewhere_says_so(lines):
    moved = {key for key, rows in BY_PROJECT.items() if len({row["focus_area_id"] for row in rows.values()}) > 1}
    assert {key for key, line in lines.items() if "Filed elsewhere" in text(line.th)} == moved


def test_the_counts_of_the_reports_are_those_of_the_appendices(soup):
    lead = text(soup.select_one("main > p"))
    assert all(f"{n} in {year}" in lead for year, n in Counter(row["report_year"] for row in ROWS).items())


def test_links_within_the_page_lead_somewhere(soup):
    ids = {element["id"] for element in soup.select("[id]")}
    inside = {link["href"][1:] for link in soup.select('a[href^="#"]')}
    assert inside - {""} <= ids


def test_links_to_cities_name_member_cities(soup):
    linked = {Path(link["href"]).stem for link in soup.select('#projects a[href^="cities/"]')}
    assert linked == {row["city_id"] for row in ROWS}


def test_links_to_notebooks_name_notebooks(soup):
    from ascn_analysis import notebooks

    linked = {Path(link["href"]).stem for link in soup.select('main a[href^="notebooks/"]')}
    assert linked <= {path.stem for path in notebooks.paths()}


def test_nothing_runs_or_is_styled_inline(soup):
    assert not soup.select("[style]")
    assert [script.get("src") for script in soup.select("script")] == ["assets/site.js"]
    assert not [name for element in soup.find_all() for name in element.attrs if name.startswith("on")]


def test_the_page_keeps_its_budget(html):
    assert len(gzip.compress(html.encode())) <= 150_000


def test_the_colours_of_the_squares_are_those_of_the_figures():
    css = (inputs.HERE / "assets" / "cities.css").read_text(encoding="utf-8").lower()
    assert all(f".square.{area.id} {{ color: {area.colour.lower()}; }}" in css for area in v.FOCUS_AREAS)


def damaged(folder, table, column, old, new):
    """Replace a text in a column of a copied table."""
    rows = read(table, folder)
    for row in rows:
        row[column] = row[column].replace(old, new)
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_hostile_title_is_shown_as_text(data_copy, tmp_path):
    for column in ("title", "project_printed"):
        damaged(data_copy, "panel", column, "Smart Bin", HOSTILE)
    projects.write(tmp_path, COMMON, data_copy)
    made = BeautifulSoup((tmp_path / "projects.html").read_text(encoding="utf-8"), "html.parser")
    assert HOSTILE in text(made.find(id="kuala-lumpur-smart-bin").th)
    assert len(made.select("script")) == 1


# --- in a browser ---


@pytest.fixture
def open_page(chromium):
    """Return a function that opens a file of a site, and closes all at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=ARGUMENTS)

        def opened(path, query="", width=1200, dark=False):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
            )
            tab = context.new_page()
            tab.faults = []
            tab.on("console", lambda message: tab.faults.append(message.text) if message.type == "error" else None)
            tab.on("pageerror", lambda error: tab.faults.append(str(error)))
            tab.goto(path.as_uri() + query)
            tab.wait_for_selector("html[data-ready]", state="attached")
            return tab

        yield opened
        browser.close()


def shown(tab):
    return tab.locator("#projects tbody tr:visible").count()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_search_and_country_together_choose_the_lines(site, open_page):
    tab = open_page(site / "projects.html", "?country=THA")
    thai = {key for key, rows in BY_PROJECT.items() if CITIES[next(iter(rows.values()))["city_id"]]["iso3"] == "THA"}
    assert tab.text_content("#count") == f"{len(thai)} of {len(BY_PROJECT)}"
    tab.fill("#find", "phuket platform")
    assert tab.text_content("#count") == f"{shown(tab)} of {len(BY_PROJECT)}"
    assert 0 < shown(tab) < len(thai)
    tab.select_option("#country", "")
    tab.fill("#find", "")
    assert (
        tab.text_content("#count") == f"{shown(tab)} of {len(BY_PROJECT)}" == f"{len(BY_PROJECT)} of {len(BY_PROJECT)}"
    )
    assert tab.faults == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_search_without_a_hit_says_so(site, open_page):
    tab = open_page(site / "projects.html")
    tab.fill("#find", "nothing is called so")
    assert tab.text_content("#count").startswith("0 of")
    assert tab.locator(".empty").is_visible()
    tab.fill("#find", "")
    assert not tab.locator(".empty").is_visible()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_link_to_a_project_shows_it_below_the_sticky_header(site, open_page):
    tab = open_page(site / "projects.html", "#phnom-penh-build4people")
    line, head = (
        tab.locator(place).bounding_box() for place in ("#phnom-penh-build4people", "#projects thead th >> nth=0")
    )
    assert head["y"] >= 0
    assert head["y"] + head["height"] <= line["y"] + 1
    assert line["y"] < 900


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [320, 375, 800, 960, 1000, 1200, 1920])
def test_the_list_fits_the_window(site, open_page, width):
    tab = open_page(site / "projects.html", width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (375, False)])
def test_axe_finds_nothing_on_the_list(site, open_page, width, dark):
    tab = open_page(site / "projects.html", "#phnom-penh-build4people", width, dark)
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run().then(result => result.violations.map(v => [v.id, v.nodes[0].html]))")
    assert found == []
