"""Methods, sources, appendix rows and contradictions: what the pages say is what the record holds, each with its page."""

import csv
import gzip
import hashlib
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from browsing import ARGUMENTS
from bs4 import BeautifulSoup

from ascn_analysis import audit, coding, loaders, package
from ascn_analysis import vocabulary as v
from ascn_analysis.site import differences, downloads, inputs, listings, making, methods, references

COMMON = {"as_of": "2025-09-30", "version": "0"}
HOSTILE = "=1+1 <script>alert(1)</script> \"quoted\" & 'single' مدينة 🚲"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PAGES = ("methods", "contradictions", "appendix", "data")


def read(name, folder=loaders.DATA):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


SOURCES = {row["source_id"]: row for row in read("sources")}
ROWS = read("project_reports")
KNOWN = read("known_contradictions")
CITIES = {row["city_id"]: row for row in read("cities")}


def write(site, folder=loaders.DATA):
    (site / "assets").mkdir(parents=True)
    making.assets(site / "assets")
    for module in (downloads, differences, listings, methods):
        module.write(site, COMMON, folder)
    return site


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write(tmp_path_factory.mktemp("pages") / "site")


@pytest.fixture(scope="module")
def soups(made):
    return {name: BeautifulSoup((made / f"{name}.html").read_text(encoding="utf-8"), "html.parser") for name in PAGES}


def words(tag):
    return " ".join(tag.get_text().split())


# Sources and licences


def test_every_source_stands_once_with_its_address(soups):
    rows = soups["methods"].select("table.sources tbody tr")
    assert sorted(row["id"] for row in rows) == sorted(f"source-{name}" for name in SOURCES)
    assert {row["id"]: row.th.a["href"] for row in rows} == {f"source-{n}": s["url"] for n, s in SOURCES.items()}


@pytest.mark.parametrize("column", ["title", "publisher", "published", "as_of", "accessed", "sha256", "licence_note"])
def test_every_source_is_told_in_full(soups, column):
    for name, source in SOURCES.items():
        row = soups["methods"].find(id=f"source-{name}")
        assert (source[column] or ("none kept" if column == "sha256" else "unknown")) in row.get_text(), name


def test_sources_stand_under_their_grade(soups):
    for grade in ("primary", "secondary"):
        box = soups["methods"].find(id=grade).find_next("table")
        ids = {row["id"].removeprefix("source-") for row in box.select("tbody tr")}
        assert ids == {name for name, source in SOURCES.items() if source["grade"] == grade}


def test_a_file_is_told_with_pages_and_hash(soups):
    row = soups["methods"].find(id="source-me-2025")
    assert f"{SOURCES['me-2025']['pages']} pages" in row.get_text()


def test_every_licence_text_of_the_repository_comes_with_the_site(made, soups):
    texts = {path.name for path in (inputs.CHECKOUT / "LICENSES").iterdir()} | {"LICENSE"}
    assert set(methods.TEXTS) == texts
    for name in texts:
        folder = inputs.CHECKOUT if name == "LICENSE" else inputs.CHECKOUT / "LICENSES"
        target = made / "licences" / f"{name.removesuffix('.txt')}.txt"
        assert target.read_bytes() == (folder / name).read_bytes()
        assert soups["methods"].find("a", href=f"licences/{target.name}")


def test_every_package_in_the_script_is_named_with_version_and_licence(soups):
    named = {words(term): words(term.find_next("dd")) for term in soups["methods"].select("#licences ~ dl dt")}
    for entry in json.loads(methods.VENDOR.read_text(encoding="utf-8"))["packages"]:
        assert f"{entry['name']} {entry['version']}" in named[f"In the script, {entry['licence']}"]


@pytest.mark.parametrize(
    "sentence",
    [
        "This is no publication of ASEAN, and ASEAN has not endorsed it.",
        "Boundaries are de facto, for orientation only, and no statement on any claim",
        "text that begins with =, +, - or @ has an apostrophe before it",
        "Statuses are self-reported by the cities.",
        "“No longer listed” says only that a report does not list what the one before did",
    ],
)
def test_what_must_be_said_is_said(soups, sentence):
    assert sentence in words(soups["methods"])


# Numbers of the methods


def test_the_agreement_table_is_that_of_the_readings(soups):
    box = soups["methods"].find(id="agreement").find_next("table")
    shown = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in box.select("tbody tr")]
    expected = coding.agreement()
    assert [row[:2] for row in shown] == expected[["what", "column"]].to_numpy().tolist()
    assert [float(row[5]) for row in shown] == expected["percent"].tolist()
    assert [row[6] for row in shown] == [f"{k:.3f}" if k == k else "" for k in expected["kappa"]]


def test_the_numbers_of_the_methods_are_counted_from_the_files():
    numbers = methods.numbers()
    assert numbers["rows"] == len(ROWS)
    assert numbers["projects"] == len(read("projects"))
    assert numbers["basis"] == dict(Counter(row["status_basis"] for row in ROWS))
    assert numbers["confidence"] == dict(Counter(row["confidence"] for row in read("project_links")))
    assert numbers["contradictions"] == len(KNOWN)


def test_fewer_trusted_links_give_more_projects():
    joined, projects = methods.numbers()["joined"], methods.numbers()["projects"]
    assert joined["any"] <= projects <= joined["sure"]


def test_the_text_names_the_numbers(soups):
    text, numbers = words(soups["methods"]), methods.numbers()
    assert f"{numbers['basis']['open']} rows). Nothing else is inferred" in text
    assert f"{numbers['confidence']['sure']} pairs are sure, {numbers['confidence']['likely']} likely" in text
    assert f"{numbers['days'][0]} to {numbers['days'][1]} days apart" in text


# Appendix rows


def rows_shown(soup):
    return soup.select("table.appendix-rows tbody tr")


def test_every_appendix_row_is_shown_as_printed_in_print_order(soups):
    shown = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in rows_shown(soups["appendix"])]
    assert shown == [[*(row[name] for name in listings.COLUMNS), f"p. {row['page']}"] for row in ROWS]


def test_every_cell_of_an_appendix_row_leads_to_its_page(soups):
    for row, own in zip(rows_shown(soups["appendix"]), ROWS, strict=True):
        address = f"{SOURCES[own['source_id']]['url']}#page={own['page']}"
        assert [cell.a["href"] for cell in row.find_all(["td", "th"])] == [address] * 6


def test_the_keyboard_stops_once_a_row(soups):
    for row in rows_shown(soups["appendix"]):
        assert [link.parent.name for link in row.find_all("a") if link.get("tabindex") != "-1"] == ["th"]


def test_every_appendix_row_follows_its_country(soups):
    marked = [row["data-iso3"] for row in rows_shown(soups["appendix"])]
    assert marked == [CITIES[row["city_id"]]["iso3"] for row in ROWS]


def test_the_appendix_tells_how_many_rows_each_country_has(soups):
    counts = Counter((CITIES[row["city_id"]]["iso3"], row["report_year"]) for row in ROWS)
    for iso3, name in v.COUNTRY_NAMES.items():
        own = ", ".join(f"{counts[iso3, year]} in {year}" for year in ("2022", "2023", "2024", "2025") if counts[iso3, year])  # fmt: skip
        text = soups["appendix"].select_one(f'[data-selection="{iso3}"]').get_text()
        assert text == f"{name}: {own or 'no row in these reports'}."


# Contradictions


def findings_shown(soup):
    return soup.select("table.findings tbody tr")


def test_every_known_contradiction_is_shown_with_both_sides(soups):
    shown = Counter(tuple(words(c) for c in row.find_all(["th", "td"])[:3]) for row in findings_shown(soups["contradictions"]))  # fmt: skip
    known = Counter((row["subject"].replace("_", " "), row["stated"], row["recomputed"]) for row in KNOWN)
    assert {(key[0][:1].lower(), key[0][1:], *key[1:]): n for key, n in shown.items()} == {
        (key[0][:1].lower(), key[0][1:], *key[1:]): n for key, n in known.items()
    }


def test_contradictions_stand_under_their_year(soups):
    years = Counter(
        row.find_previous("h2")["id"].removeprefix("year-") for row in findings_shown(soups["contradictions"])
    )
    assert years == Counter(row["year"] for row in KNOWN)


def test_a_reason_that_is_not_known_is_said_to_be_so(soups):
    unknown = [row for row in findings_shown(soups["contradictions"]) if "The reason is not known." in row.get_text()]
    assert len(unknown) == sum(not row["explanation"] for row in KNOWN)


def test_the_smallest_change_stands_where_the_audit_found_one(soups):
    shown = [row for row in findings_shown(soups["contradictions"]) if "Smallest change:" in row.get_text()]
    assert len(shown) == (audit.findings()["change"] != "").sum()


def test_the_pages_of_a_contradiction_lead_to_the_official_pages(soups):
    shown = {words(row.th).lower() + row.find_previous("h2")["id"][5:]: row for row in findings_shown(soups["contradictions"])}  # fmt: skip
    for known in KNOWN:
        cell = shown[known["subject"].replace("_", " ").lower() + known["year"]].find_all("td")[-1]
        named = re.findall(r"([a-z0-9-]+) p\. (\d+(?:, \d+)*)", known["pages"])
        wanted = [f"{SOURCES[name]['url']}#page={page}" for name, pages in named for page in pages.split(", ")]
        assert [link["href"] for link in cell.find_all("a") if "#page=" in link["href"]] == wanted
        assert words(cell).replace(", p. ", ", ") == known["pages"]


def test_a_contradiction_that_begins_with_a_place_follows_its_country(soups):
    places = {city["city"]: city["iso3"] for city in CITIES.values()}
    places |= {name: iso3 for iso3, name in v.COUNTRY_NAMES.items()}
    marked = Counter(row.get("data-iso3") for row in findings_shown(soups["contradictions"]))
    assert marked == Counter(places.get(re.split("[:,]", row["subject"])[0]) for row in KNOWN)


def test_each_country_is_told_its_number_of_contradictions(soups):
    marked = Counter(row.get("data-iso3") for row in findings_shown(soups["contradictions"]))
    for iso3, name in v.COUNTRY_NAMES.items():
        text = soups["contradictions"].select_one(f'[data-selection="{iso3}"]').get_text()
        assert text.startswith(f"{marked[iso3]} " if marked[iso3] else "No contradiction was found"), name


def test_what_does_not_follow_the_control_is_marked(soups):
    for row in findings_shown(soups["contradictions"]):
        assert row.has_attr("data-iso3") != bool(row.find_parent(class_="network"))


def test_a_contradiction_that_is_not_in_the_table_is_shown_and_said_to_be_new(data_copy, tmp_path):
    kept = [row for row in KNOWN if row["subject"] != "Manila: projects of the action plan"]
    with (data_copy / "known_contradictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(KNOWN[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    differences.write(tmp_path, COMMON, data_copy)
    assert differences.STATES["unknown"] in (tmp_path / "contradictions.html").read_text(encoding="utf-8")


# References


@pytest.mark.parametrize(
    ("reference", "links"),
    [
        ("Exhibit 2 me-2024 p. 6", ["methods.html#source-me-2024", "u#page=6"]),
        ("me-2024 p. 5, 9", ["methods.html#source-me-2024", "u#page=5", "u#page=9"]),
        ("the network's roster", ["methods.html#source-asean-network-page"]),
        ("no-such-source p. 3", []),
        ("", []),
    ],
)
def test_a_reference_becomes_links(reference, links):
    parts = references.parts(reference, {"me-2024": "u", "asean-network-page": "u"})
    assert [part.url for part in parts if part.url] == links
    assert "".join(part.text for part in parts).replace(", p. ", ", ") == reference


def test_every_reference_of_the_audit_names_known_sources():
    for reference in {row["pages"] for row in KNOWN}:
        for part in references.parts(reference, references.addresses(loaders.load_sources())):
            assert part.url or not re.search(r"[a-z]-\d{4}|p\. \d", part.text), reference


# Every page


@pytest.mark.parametrize("name", PAGES)
def test_links_within_these_pages_lead_to_a_place_that_is_there(made, soups, name):
    for link in soups[name].select("main a[href]"):
        address, _, place = link["href"].partition("#")
        if not re.match("[a-z]+:", address) and not address.startswith(("notebooks/", "countries/")):
            assert not address or (made / address).is_file(), address
            target = soups[address.removesuffix(".html") or name] if place else None
            assert not place or target.find(id=place), link["href"]


@pytest.mark.parametrize("name", PAGES)
def test_an_id_stands_once_on_a_page(soups, name):
    ids = [tag["id"] for tag in soups[name].find_all(id=True)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", PAGES)
def test_headings_go_down_one_level_at_a_time(soups, name):
    levels = [int(tag.name[1]) for tag in soups[name].find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_and_holds_no_inline_style_or_script(made, soups, name):
    assert len(gzip.compress((made / f"{name}.html").read_bytes(), 9)) < 40_000
    assert not soups[name].find_all(style=True)
    assert all(script.get("src") for script in soups[name].find_all("script"))


def test_the_same_record_gives_the_same_pages(made, tmp_path):
    other = write(tmp_path / "site")
    for name in PAGES:
        first, second = (hashlib.sha256((site / f"{name}.html").read_bytes()).digest() for site in (made, other))
        assert first == second, name


def test_hostile_text_of_the_record_is_text_on_the_pages(data_copy, tmp_path):
    for name, column in (
        ("project_reports", "project_printed"),
        ("known_contradictions", "explanation"),
        ("sources", "title"),
    ):
        frame = loaders.read_strings(data_copy / f"{name}.csv")
        frame.iloc[0, frame.columns.get_loc(column)] = HOSTILE
        (data_copy / f"{name}.csv").write_text(package.to_csv(frame), encoding="utf-8")
    for module in (differences, listings, methods):
        module.write(tmp_path, COMMON, data_copy)
    for page in ("appendix", "contradictions", "methods"):
        soup = BeautifulSoup((tmp_path / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        assert HOSTILE in soup.get_text(), page
        assert all(script.get("src") for script in soup.find_all("script")), page


# In the browser


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser, made):
    """Open a page of these by file, with the network off; complaints of the console fail the test."""
    said, contexts = [], []

    def visit(name, query="", **options):
        context = browser.new_context(offline=True, bypass_csp=options.pop("bypass_csp", False), **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        # A download ends its request early, which counts as a failure.
        page.on("requestfailed", lambda request: None if request.url.endswith(".zip") else said.append(request.url))
        page.goto(f"{(made / name).as_uri()}.html{query}")
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert said == []


BROWSER = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LOOKS = {
    "light": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 700}, "color_scheme": "light"},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [pytest.param(name, marks=BROWSER) for name in PAGES])
def test_axe_finds_nothing(opened, name, look):
    page = opened(name, bypass_csp=True, **LOOKS[look])
    page.evaluate("document.querySelectorAll('details').forEach(function (d) { d.open = true; })")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "axe.run(document, {preload: false}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html.slice(0, 200)))"
    )
    assert found == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=BROWSER) for name in PAGES])
def test_nothing_is_wider_than_a_phone(opened, name):
    page = opened(name, **LOOKS["phone"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("name", "shown"), [("appendix", rows_shown), ("contradictions", findings_shown)])
def test_a_country_in_the_address_leaves_its_rows(opened, soups, name, shown):
    selector = {"appendix": "table.appendix-rows", "contradictions": "table.findings"}[name]
    for iso3 in ("IDN", "TLS", "VNM"):
        page = opened(name, f"?country={iso3}")
        left = page.locator(f"{selector} tbody tr[data-iso3]:visible").count()
        assert left == sum(row.get("data-iso3") == iso3 for row in shown(soups[name]))


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_search_of_the_appendix_leaves_the_rows_that_hold_the_words(opened):
    page = opened("appendix")
    page.fill("#search", "banyuwangi waste")
    wanted = sum(all(w in " ".join(row.values()).lower() for w in ("banyuwangi", "waste")) for row in ROWS)
    assert page.locator("table.appendix-rows tbody tr:visible").count() == wanted > 0


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_archive_can_be_taken_from_the_page(opened, made, tmp_path):
    page = opened("data")
    with page.expect_download() as taken:
        page.click("a.download")
    taken.value.save_as(tmp_path / "taken.zip")
    assert (tmp_path / "taken.zip").read_bytes() == (made / "data/ascn-data.zip").read_bytes()
