"""The pages of cities: what each table says of a city, with its source, and plain words where it says nothing."""

import csv
import gzip
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from browsing import ARGUMENTS
from bs4 import BeautifulSoup

from ascn_analysis import loaders, notebooks
from ascn_analysis import vocabulary as v
from ascn_analysis.figures.maps import count_projects
from ascn_analysis.site import cities, making
from ascn_analysis.site.cite import Cite, Sources
from ascn_analysis.site.locator import locator

COMMON = {"as_of": "2025-09-30", "version": "0"}
HOSTILE = "<img src=x onerror=alert(1)> \"'& גן 🏙"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


@cache
def read(name, folder=loaders.DATA):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CITIES = {row["city_id"]: row for row in read("cities")}
ROWS = read("project_reports")
YEARS = sorted({row["report_year"] for row in ROWS})
LISTED = Counter((row["city_id"], row["report_year"]) for row in ROWS)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    for name in ("assets", "cities"):
        (folder / name).mkdir()
    making.assets(folder / "assets")
    cities.write(folder, COMMON)
    return folder


@pytest.fixture(scope="module")
def soups(site):
    return {
        path.stem: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in (site / "cities").iterdir()
    }


@pytest.fixture(scope="module")
def pages(soups):
    return {name: soup for name, soup in soups.items() if name != "index"}


@pytest.fixture(scope="module")
def sources():
    return Sources(loaders.load_sources())


def text(element):
    return " ".join(element.get_text(" ").split())


def section(soup, name):
    return soup.find("section", attrs={"aria-labelledby": name})


def of(table, city):
    return [row for row in read(table) if row["city_id"] == city]


def spaceless(words):
    return re.sub(r"\s+", "", words)


def test_each_member_city_has_one_page_and_there_is_a_list(soups):
    assert set(soups) == {*CITIES, "index"}


def test_the_list_has_countries_and_their_cities_in_alphabetical_order(soups):
    found = [
        (text(group.select_one("tr.group a")), text(row.th.a))
        for group in soups["index"].select("tbody")
        for row in group.select("tr.member")
    ]
    names = [(v.COUNTRY_NAMES[row["iso3"]], row["city"]) for row in CITIES.values()]
    assert found == sorted(names)


def absence(city, year):
    known = any(LISTED[city, earlier] for earlier in YEARS if earlier <= year)
    return "no row in this report" if known else "not yet a member"


def test_the_list_tells_joining_year_and_projects_of_the_latest_report(soups):
    for row in soups["index"].select("tr.member"):
        city = Path(row.a["href"]).stem
        joined, listed = (text(cell) for cell in row.select("td"))
        assert joined == CITIES[city]["joined_year"]
        n = LISTED[city, YEARS[-1]]
        assert listed.split(" :")[0] == (str(n) if n else absence(city, YEARS[-1]))
        assert len(row.select("svg")) == n


def test_the_statuses_in_the_list_sum_to_the_projects(soups):
    for row in soups["index"].select("tr.member"):
        numbers = [int(number) for number in re.findall(r"\d+", text(row.select("td")[1]))]
        assert sum(numbers[1:]) == (numbers[0] if numbers else 0)


def test_a_page_is_titled_with_its_city(pages):
    assert {name: text(soup.h1) for name, soup in pages.items()} == {
        row["city_id"]: row["city"] for row in CITIES.values()
    }


def test_every_statement_on_joining_stands_with_its_source_and_one_is_marked(pages, sources):
    for city, soup in pages.items():
        told, rows = section(soup, "facts").select(".told li"), of("membership", city)
        assert len(told) == len(rows)
        words = spaceless(" ".join(text(one) for one in told))
        assert all(
            spaceless(row["wording_note"]) in words and spaceless(sources.title(row["source_id"])) in words
            for row in rows
        )
        assert ["Used here" in text(one) for one in told] == [True] + [False] * (len(rows) - 1)


def test_facts_hold_scope_people_and_point(pages):
    for city, soup in pages.items():
        row, facts = CITIES[city], text(section(soup, "facts").dl)
        assert row["scope"] in facts
        assert f"{int(row['population']):,}" in facts
        assert row["population_year"] in facts if row["population_year"] else "the source names no year" in facts
        assert f"{abs(float(row['lat'])):.3f}° {'S' if float(row['lat']) < 0 else 'N'}" in facts


def test_the_projects_of_a_page_are_those_of_the_appendices(pages):
    for city, soup in pages.items():
        found = [row.get("id") for row in section(soup, "projects").select("tbody tr")]
        assert sorted(found) == sorted({row["project_id"] for row in ROWS if row["city_id"] == city})


def test_the_statuses_of_a_page_are_those_of_the_appendices(pages):
    for row in ROWS:
        line = pages[row["city_id"]].find(id=row["project_id"])
        said = text(line.select_one(f'td[data-label="{row["report_year"]}"]')).split(" report of ")[0]
        assert re.split(", | or ", said) == row["status"].split("|")


def test_the_pages_call_those_cities_not_yet_members_that_the_map_does(pages, panel):
    for year in YEARS:
        noted = count_projects(loaders.load_cities(), panel, int(year))
        told = {
            city for city, soup in pages.items() if not LISTED[city, year] and absent(soup, year) == "not yet a member"
        }
        assert told == set(noted.loc[noted["note"] == "not yet a member", "city_id"])


def absent(soup, year):
    """Return what the page of a city says in place of the projects of a report."""
    foot = section(soup, "projects").select_one(f'tfoot td[data-label="{year}"]')
    items = (text(item).split(": ") for item in section(soup, "projects").select("li"))
    return text(foot) if foot else next(why for report, why in items if year in report)


def test_a_page_says_how_many_projects_each_report_lists_or_why_none(pages):
    for city, soup in pages.items():
        expected = [str(LISTED[city, year] or absence(city, year)) for year in YEARS]
        foot = section(soup, "projects").select("tfoot td[data-label]")
        told = [text(cell) for cell in foot] or [
            text(item).split(": ")[1] for item in section(soup, "projects").select("li")
        ]
        assert told == expected


def test_the_plan_of_a_pilot_city_is_told_in_full(pages):
    for row in read("action_plan_cities"):
        words = text(section(pages[row["city_id"]], "plan"))
        assert row["vision_summary"] in words
        for table, column in (("focus_areas", "label_printed"), ("projects", "title_printed"), ("targets", "summary")):
            rows = of(f"action_plan_{table}", row["city_id"])
            assert rows
            assert all(" ".join(one[column].split()) in words for one in rows)


def test_a_planned_project_leads_to_the_project_that_it_became(pages):
    linked = {row["project_id"] for row in read("action_plan_projects") if row["project_id"]}
    found = {
        link["href"].split("#")[1]
        for soup in pages.values()
        for link in section(soup, "plan").select('a[href^="../projects.html#"]')
    }
    assert found == linked


def test_a_chosen_area_that_is_not_listed_is_called_so(pages):
    for row in read("action_plan_focus_areas"):
        items = section(pages[row["city_id"]], "plan").select("ul")[0].select("li")
        words = text(items[int(row["item_no"]) - 1])
        n = sum(
            one["city_id"] == row["city_id"]
            and one["focus_area_id"] == row["focus_area"]
            and one["report_year"] == YEARS[-1]
            for one in ROWS
        )
        expected = (f"lists {n} project" if n else "Chosen, none listed") if row["focus_area"] else "left open"
        assert expected in words


def test_a_city_that_joined_later_has_no_plan_of_2018(pages):
    later = {city for city, soup in pages.items() if "joined later and has none" in text(section(soup, "plan"))}
    assert later == {city for city, row in CITIES.items() if row["joined_year"] != "2018"}


def documents_of(city):
    planned = bool(of("action_plan_cities", city))
    return 2 * planned + sum(LISTED[city, year] > 0 for year in YEARS)


def test_the_partners_of_a_page_are_those_that_the_documents_name(pages):
    names = {row["partner_id"]: row["partner"] for row in read("partners")}
    for city, soup in pages.items():
        told = Counter(text(one.b) for one in section(soup, "partners").select(".told li"))
        assert told == Counter(names[row["partner_id"]] for row in of("partner_mentions", city))


def test_a_city_without_a_named_partner_says_in_how_many_documents(pages):
    for city, soup in pages.items():
        n = documents_of(city)
        if n and not of("partner_mentions", city):
            assert f"not named in the {n} document{'s' if n > 1 else ''} read" in text(section(soup, "partners"))


def test_a_city_that_no_document_describes_says_so(pages):
    silent = {
        city
        for city, soup in pages.items()
        if "None of the documents read describes the city" in text(section(soup, "partners"))
    }
    assert silent == {city for city in CITIES if not documents_of(city)}


def test_the_challenges_of_a_page_are_those_of_the_table(pages):
    for city, soup in pages.items():
        told = text(section(soup, "challenges"))
        rows = of("challenges", city)
        assert len(section(soup, "challenges").select(".told li")) == len(rows)
        assert all(" ".join(row["summary"].split()) in told for row in rows)


def test_the_highlights_of_a_page_are_those_of_the_table(pages):
    for city, soup in pages.items():
        told = [text(item).split(",")[0] for item in section(soup, "highlights").select("li")]
        rows = of("highlights", city)
        assert told == [f"{row['report_year']}: {v.FOCUS_AREA_NAMES[row['focus_area']]}" for row in rows]


def test_the_contradictions_of_a_page_name_the_city(pages):
    for city, soup in pages.items():
        told = [text(head) for head in section(soup, "contradictions").select("h3")]
        named = [row for row in read("known_contradictions") if CITIES[city]["city"] in row["subject"]]
        assert told == [f"{row['year']}. {row['subject']}" for row in named]


def test_every_city_leads_to_its_country(pages):
    for city, soup in pages.items():
        hrefs = {link["href"] for link in soup.select("main a[href]")}
        iso3 = CITIES[city]["iso3"]
        assert {f"../countries/{iso3}.html", f"../notebooks/02_project_growth.html?country={iso3}"} <= hrefs


def test_links_within_the_site_lead_to_pages_that_are_made(soups):
    known = {
        "../contradictions.html",
        "../methods.html",
        "../projects.html",
        "index.html",
        *(f"{city}.html" for city in CITIES),
    }
    known |= {f"../countries/{iso3}.html" for iso3 in v.COUNTRY_NAMES}
    known |= {f"../notebooks/{path.stem}.html" for path in notebooks.paths()}
    for soup in soups.values():
        hrefs = [link["href"] for link in soup.select("main a[href]")]
        inside = {re.split("[?#]", href)[0] for href in hrefs if not href.startswith(("#", "https://", "http://"))}
        assert inside <= known


def test_links_within_a_page_lead_somewhere(soups):
    for soup in soups.values():
        ids = [element["id"] for element in soup.select("[id]")]
        assert len(ids) == len(set(ids))
        assert {link["href"][1:] for link in soup.select('a[href^="#"]')} <= set(ids)


def test_links_to_projects_name_projects(pages):
    known = {row["project_id"] for row in read("projects")}
    linked = {
        link["href"].split("#")[1] for soup in pages.values() for link in soup.select('a[href^="../projects.html#"]')
    }
    assert linked == known


def test_a_city_page_needs_no_script(pages):
    assert not [name for name, soup in pages.items() if soup.select("script")]


def test_nothing_is_styled_or_run_inline(soups):
    for soup in soups.values():
        assert not soup.select("[style]")
        assert not [name for element in soup.find_all() for name in element.attrs if name.startswith("on")]


def test_headings_are_in_order(soups):
    for soup in soups.values():
        levels = [int(head.name[1]) for head in soup.select("h1, h2, h3, h4")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_pages_keep_their_budget(site):
    assert max(len(gzip.compress(path.read_bytes())) for path in (site / "cities").iterdir()) <= 60_000


@pytest.mark.parametrize(
    ("table", "column", "old"),
    [
        ("cities", "scope", "The city of Makassar"),
        ("panel", "project_printed", "Tourism Alleys"),
        ("panel", "title", "Tourism Alleys"),
        ("challenges", "summary", "No strategic policy"),
        ("membership", "wording_note", "named among"),
        ("partners", "partner", "Makassar"),
    ],
)
def test_hostile_text_is_shown_as_text(data_copy, tmp_path, table, column, old):
    rows = read(table, data_copy)
    for row in rows:
        row[column] = row[column].replace(old, HOSTILE)
    with (data_copy / f"{table}.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "cities").mkdir()
    cities.write(tmp_path, COMMON, data_copy)
    made = BeautifulSoup((tmp_path / "cities" / "makassar.html").read_text(encoding="utf-8"), "html.parser")
    assert HOSTILE in text(made)
    assert not made.select("img, script")


# --- sources and maps ---


def test_the_pages_of_a_contradiction_lead_to_the_documents(pages, sources):
    for city, soup in pages.items():
        named = [row for row in read("known_contradictions") if CITIES[city]["city"] in row["subject"]]
        for row, told in zip(named, section(soup, "contradictions").select("dl"), strict=True):
            assert spaceless(text(told.select("dd")[-1])) == spaceless(row["pages"].replace(", ", ", p. "))
            expected = {
                sources.url(source, page)
                for source, numbers in re.findall(r"(\S+) p\. (\d+(?:, \d+)*)", row["pages"])
                for page in numbers.split(", ")
            }
            assert {link["href"] for link in told.select('a[href*="#page="]')} == expected


def test_a_source_without_an_address_has_no_link():
    frame = pd.DataFrame({"source_id": ["a"], "title": ["A speech"], "url": [None], "grade": ["secondary"]})
    assert Sources(frame).cite("a", 3) == Cite("A speech, p. 3", None)


def test_a_map_holds_every_member_city_of_its_country():
    frame, shapes = loaders.load_cities(), loaders.load_boundaries().set_index("iso3")["geometry"]
    members = frame["iso3"].value_counts()
    for row in frame.to_dict("records"):
        made = locator(row, frame, shapes[row["iso3"]])
        if made:
            assert len(made["others"]) == members[row["iso3"]] - 1
            dots = [(made["x"], made["y"]), *made["others"]]
            assert all(0 <= x <= made["width"] and 0 <= y <= made["height"] for x, y in dots)


def test_only_the_city_state_has_no_map(pages):
    assert {name for name, soup in pages.items() if not soup.select(".locator")} == {"singapore"}


def test_a_map_keeps_north_up_and_east_right(pages):
    def dot(city):
        own = pages[city].select_one(".locator .own")
        return float(own["cx"]), float(own["cy"])

    assert dot("da-nang")[1] > dot("ha-noi")[1]
    assert dot("kuching")[0] > dot("johor-bahru")[0]


# --- in a browser ---


@pytest.fixture
def open_page(chromium):
    """Return a function that opens a page, and closes all at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=ARGUMENTS)

        def opened(path, width=1200, dark=False):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
            )
            tab = context.new_page()
            tab.faults = []
            tab.on("console", lambda message: tab.faults.append(message.text) if message.type == "error" else None)
            tab.on("pageerror", lambda error: tab.faults.append(str(error)))
            tab.goto(path.as_uri())
            return tab

        yield opened
        browser.close()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("name", ["index", "phnom-penh", "dili"])
@pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (375, False)])
def test_axe_finds_nothing_on_a_page_of_cities(site, open_page, name, width, dark):
    tab = open_page(site / "cities" / f"{name}.html", width, dark)
    faults = list(tab.faults)
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run().then(result => result.violations.map(v => [v.id, v.nodes[0].html]))")
    assert found == []
    assert faults == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [320, 700, 1000])
def test_the_pages_of_cities_fit_the_window(site, open_page, width):
    for name in ("index", "phnom-penh", "ho-chi-minh-city", "singapore"):
        assert (
            open_page(site / "cities" / f"{name}.html", width).evaluate("document.documentElement.scrollWidth") <= width
        )


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_search_for_a_country_leaves_its_cities_and_its_heading(site, open_page):
    tab = open_page(site / "cities" / "index.html")
    tab.wait_for_selector("html[data-ready]", state="attached")
    tab.fill("#find", "thailand")
    thai = sorted(row["city"] for row in CITIES.values() if row["iso3"] == "THA")
    assert tab.text_content("#count") == f"{len(thai)} of {len(CITIES)}"
    assert tab.locator("#cities tr.member:visible th a").all_inner_texts() == thai
    assert tab.locator("#cities tr.group:visible").count() == 1
