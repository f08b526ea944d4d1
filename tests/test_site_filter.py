"""One control drives a page: charts, tables and sentences show the numbers that the metrics give for the country chosen."""

import re
from collections import Counter
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHOICES = ["", *v.COUNTRY_NAMES]
DRAWN = """id => {
  const found = [];
  (function walk(mark) {
    for (const item of mark.items) {
      (item.items || []).forEach(walk);
      if (mark.role === "mark" && mark.marktype !== "group" && item.opacity !== 0) {
        const told = {drawn: mark.marktype, written: item.text};
        for (const key in item.datum) if (typeof item.datum[key] !== "object") told[key] = item.datum[key];
        found.push(told);
      }
    }
  })(ascnSite.views.get(id).scenegraph().root);
  return found;
}"""


@pytest.fixture(scope="module", params=CHOICES, ids=lambda iso3: iso3 or "all")
def iso3(request):
    """Each choice; what is tested with one is tested together, so that a page is set once."""
    return request.param


def of(frame, iso3):
    return frame[frame["iso3"] == iso3] if iso3 else frame


def choose(page, iso3):
    if page.get_attribute("html", "data-shown") == (iso3 or "all"):
        return
    page.select_option("#country", iso3)
    page.wait_for_selector(f'html[data-shown="{iso3 or "all"}"]', state="attached")


def figure(page, words):
    """Return the id of the figure whose title holds some words."""
    return page.evaluate(
        """words => Array.from(document.querySelectorAll("[data-chart]"))
          .find(box => box.closest(".scroll").getAttribute("aria-label").includes(words)).dataset.chart""",
        words,
    )


def drawn(page, words, mark):
    """Return the data of the marks of a kind that a figure shows."""
    return [item for item in page.evaluate(DRAWN, figure(page, words)) if item["drawn"] == mark]


def table(page, words, number=1):
    """Return the rows that the table under a figure shows."""
    name = figure(page, words) + (f"-{number}" if number > 1 else "")
    return page.eval_on_selector(
        f'[data-name="{name}"]',
        """table => { const names = Array.from(table.tHead.rows[0].cells, cell => cell.textContent);
          return Array.from(table.tBodies[0].rows).filter(row => !row.hidden).map(row =>
            Object.fromEntries(names.map((name, i) => [name, row.cells[i].textContent]))); }""",
    )


def said(page, words):
    """Return what stands in the place of the sentence or table that holds some words while all countries are shown."""
    return page.evaluate(
        """words => { const group = Array.from(document.querySelectorAll(".follows"))
            .find(group => group.querySelector("[data-selection=all]").textContent.replace(/\\s+/g, " ").includes(words));
          const shown = Array.from(group.children).filter(part => !part.hidden);
          return shown.map(part => part.textContent).join("#"); }""",
        words,
    )


def numbers(text):
    return [float(number) for number in re.findall(r"(?<![\d-])-?\d+(?:\.\d+)?", text)]


@pytest.fixture(scope="module")
def pages(visit):
    """Return a function that gives a page, opened once."""
    opened = {}

    def page(name):
        if name not in opened:
            opened[name] = visit(name)
            opened[name].own = opened[name].__enter__()
        return opened[name].own

    yield page
    for one in opened.values():
        one.__exit__(None, None, None)


# Growth


@pytest.fixture
def growth(pages, iso3):
    page = pages("notebooks/02_project_growth.html")
    choose(page, iso3)
    return page


def parts_of(panel, iso3, *splits):
    """Return {(report, part): n}."""
    parts = metrics.growth_parts(of(panel, iso3))
    chosen = parts[parts["split"].isin(splits) & (parts["part"] != "previous_total")]
    return {(row.report_year, row.part): row.n for row in chosen.itertuples() if row.n}


def steps_of(panel, iso3):
    lost = {key: n for key, n in parts_of(panel, iso3, "balance").items() if key[1] == "no_longer_listed"}
    return parts_of(panel, iso3, "change") | lost


def told_parts(rows):
    return {(int(row["report_year"]), row["part"]): int(row["n"]) for row in rows}


def test_the_bars_of_growth_are_the_parts_of_the_metrics(growth, panel, iso3):
    assert told_parts(drawn(growth, "what came, what stayed", "rect")) == steps_of(panel, iso3)


def test_the_numbers_over_the_bars_are_the_totals(growth, panel, iso3):
    written = [
        item for item in drawn(growth, "what came, what stayed", "text") if "part" not in item and "total" in item
    ]
    totals = metrics.totals(of(panel, iso3))
    assert [item["written"] for item in written] == [str(n) for n in totals["n"]]
    assert [item["report_year"] for item in written] == totals["report_year"].to_list()


def test_the_table_under_the_bars_of_growth_holds_the_same_parts(growth, panel, iso3):
    assert told_parts(table(growth, "what came, what stayed")) == steps_of(panel, iso3)


def test_the_stated_figures_of_the_network_go_with_a_choice(growth, iso3):
    shown = (
        len(drawn(growth, "what came, what stayed", "symbol")) > 0,
        len(table(growth, "what came, what stayed", 2)),
    )
    assert shown == ((False, 0) if iso3 else (True, 2))


@pytest.mark.parametrize(
    ("words", "split"),
    [("pilot cities and of cities that joined", "membership"), ("list that they stand on", "completion")],
)
def test_the_other_figures_of_growth_draw_and_tell_the_parts_of_the_metrics(growth, panel, iso3, words, split):
    expected = parts_of(panel, iso3, split)
    assert told_parts(drawn(growth, words, "rect")) == expected
    assert told_parts(table(growth, words)) == expected


def test_the_table_of_growth_in_the_text_is_that_of_the_metrics(growth, panel, iso3):
    expected = metrics.growth(of(panel, iso3))
    told = said(growth, "annualised percent")
    for row in expected.itertuples():
        assert f"{row.as_of}\n{row.n}\n" in told
    assert bool(numbers(told)) == (len(expected) > 0)


def test_the_sentence_on_different_projects_counts_those_of_the_country(growth, panel, iso3):
    own = of(panel, iso3)
    latest = own[own["report_year"] == panel["report_year"].max()]
    counts = [own["project_id"].nunique(), len(latest)] if len(own) else []
    assert numbers(said(growth, "Different projects over all reports"))[:2] == counts


def test_the_projects_per_city_in_the_text_are_those_of_the_metrics(growth, panel, iso3):
    told = said(growth, "cities per city")
    for row in metrics.per_city(of(panel, iso3)).itertuples():
        assert [row.report_year, row.n, row.cities, round(row.per_city, 2)] == numbers(
            re.search(rf"{row.report_year}\s[\d.\s]+?\.\d+", told)[0]
        )


def test_a_country_without_projects_is_said_to_have_none(pages, panel):
    page = pages("notebooks/02_project_growth.html")
    empty = set(v.COUNTRY_NAMES) - set(panel["iso3"])
    for iso3 in empty:
        choose(page, iso3)
        assert said(page, "annualised percent").strip() == f"{v.COUNTRY_NAMES[iso3]}: nothing is listed."
        assert drawn(page, "what came, what stayed", "rect") == []
        assert page.locator(".empty").first.text_content() == "Nothing is listed for this choice."
    assert empty


@pytest.fixture(scope="module")
def icons():
    return loaders.load_icons()


# The other pages


def test_the_key_numbers_of_the_first_page_are_those_of_the_record(pages, panel, cities, iso3):
    page, own = pages("index.html"), of(panel, iso3)
    choose(page, iso3)
    told = numbers(said(page, "member cities"))
    totals = [number for row in metrics.totals(own).itertuples() for number in (row.n, row.report_year)]
    assert told[0] == len(of(cities, iso3))
    assert told[1 : 1 + len(totals)] == totals


def test_the_map_shows_the_cities_of_the_country(pages, cities, iso3):
    page = pages("index.html")
    choose(page, iso3)
    dots = {item["city"] for item in drawn(page, "Member cities", "symbol") if "lat" in item}
    assert dots == {row["city"] for row in table(page, "Member cities")} == set(of(cities, iso3)["city"])


def test_the_focus_areas_are_those_of_the_metrics(pages, panel, iso3):
    page = pages("notebooks/03_focus_areas.html")
    choose(page, iso3)
    shares = metrics.shares(of(panel, iso3))
    expected = {(row.report_year, row.focus_area_id): (row.n, round(100 * row.share, 1)) for row in shares.itertuples()}
    for rows in (drawn(page, "six focus areas", "symbol"), table(page, "six focus areas")):
        told = {(int(row["report_year"]), row["focus_area_id"]): (int(row["n"]), float(row["percent"])) for row in rows}
        assert {key: value for key, value in told.items() if value[0]} == expected


def test_the_squares_are_the_projects_of_the_latest_report(pages, panel, iso3):
    page = pages("notebooks/03_focus_areas.html")
    choose(page, iso3)
    latest = of(panel[panel["report_year"] == panel["report_year"].max()], iso3)
    for rows in (drawn(page, "Every project of the", "symbol"), table(page, "Every project of the")):
        assert Counter(row["project_printed"] for row in rows if "project_printed" in row) == Counter(
            latest["project_printed"]
        )


def test_the_statuses_are_those_of_the_metrics(pages, icons, iso3):
    page = pages("notebooks/04_implementation_status.html")
    choose(page, iso3)
    expected = Counter()
    for row in metrics.status_counts(of(icons, iso3)).itertuples():
        expected[row.report_year, row.status] += row.n
    for rows in (drawn(page, "status, report by report", "rect"), table(page, "status, report by report")):
        assert {(int(row["report_year"]), row["kind"]): int(row["n"]) for row in rows} == expected


def test_the_table_of_completed_projects_in_the_text_has_the_numbers_of_the_metrics(pages, panel, icons, iso3):
    page = pages("notebooks/04_implementation_status.html")
    choose(page, iso3)
    told = said(page, "report listed ever listed").split()
    for row in metrics.completion(of(panel, iso3)).itertuples():
        at = told.index(str(row.report_year))
        assert told[at + 1 : at + 3] == [str(row.listed), str(row.ever_listed)]
        drawn_done = of(icons, iso3).query("report_year == @row.report_year and status == 'completed'")
        assert numbers(told[at + 3]) == [len(drawn_done)]
    assert bool(numbers(" ".join(told))) == (len(of(panel, iso3)) > 0)


def test_the_cohorts_are_those_of_the_metrics(pages, panel, iso3):
    page = pages("notebooks/05_project_histories.html")
    choose(page, iso3)
    cohorts = metrics.cohorts(of(panel, iso3))
    expected = {(row.entered, row.report_year, row.state): row.n for row in cohorts.itertuples() if row.n}
    for rows in (drawn(page, "entered with the same report", "rect"), table(page, "entered with the same report")):
        told = {(int(row["entered"]), int(row["report_year"]), row["state"]): int(row["n"]) for row in rows}
        assert told == expected


def test_the_histories_are_those_of_the_country_s_projects(pages, panel, iso3):
    page = pages("notebooks/05_project_histories.html")
    choose(page, iso3)
    expected = Counter(zip(of(panel, iso3)["project_id"], of(panel, iso3)["report_year"], strict=True))
    found = [
        {(row["project_id"], int(row["report_year"])) for row in rows if "project_id" in row}
        for rows in (drawn(page, "One line a project", "symbol"), table(page, "One line a project"))
    ]
    assert found[0] == found[1] >= set(expected)
    assert {project for project, _ in found[0]} == set(of(panel, iso3)["project_id"])


def test_chosen_and_listed_areas_are_those_of_the_metrics(pages, panel, cities, iso3):
    page = pages("notebooks/06_plans_and_delivery.html")
    choose(page, iso3)
    plans = loaders.load_action_plan_focus_areas(), panel, loaders.load_action_plan_projects()
    cells = of(metrics.chosen_and_listed(*plans).merge(cities[["city_id", "iso3"]]), iso3)
    expected = Counter(
        (row.report_year, f"{row.listed} of {row.n}") for row in metrics.listed_by_choice(cells).itertuples()
    )
    for rows in (table(page, "chosen in 2018 and not chosen", 2), drawn(page, "chosen in 2018 and not chosen", "text")):
        told = Counter((int(row["report_year"]), row["label"]) for row in rows if " of " in row.get("label", ""))
        assert told == expected


def test_the_partners_of_the_country_s_cities_are_those_of_the_metrics(pages, panel, cities, iso3):
    page = pages("notebooks/07_partners.html")
    choose(page, iso3)
    named = metrics.named_support(loaders.load_partner_mentions(), panel).merge(
        loaders.load_partners(), on="partner_id"
    )
    named = named.merge(cities[["city_id", "city", "iso3"]], how="left", on="city_id").fillna(
        {"city": "The network as a whole"}
    )
    expected = set(zip(of(named, iso3)["city"], of(named, iso3)["partner"], strict=True))
    for rows in (table(page, "Who is named as supporting"), drawn(page, "Who is named as supporting", "symbol")):
        assert {(row["city"], row["partner"]) for row in rows if row["kind"] != "header"} == expected


def test_the_list_of_projects_shows_those_of_the_country(pages, panel, iso3):
    page, projects = pages("projects.html"), of(panel, iso3)["project_id"].nunique()
    choose(page, iso3)
    assert page.locator("#projects tbody tr:visible").count() == projects
    assert page.text_content("#count") == f"{projects} of {panel['project_id'].nunique()}"


# Where the choice is kept


@pytest.mark.parametrize("by_server", [False, True], ids=["file", "server"])
def test_an_address_with_a_country_shows_it(visit, panel, by_server):
    with visit("notebooks/02_project_growth.html", "?country=VNM", by_server=by_server) as page:
        assert page.input_value("#country") == "VNM"
        assert page.text_content(".notice").startswith("Shown: Viet Nam.")
        assert told_parts(drawn(page, "what came, what stayed", "rect")) == steps_of(panel, "VNM")
        assert page.faults == []


@pytest.mark.parametrize("query", ["?country=XYZ", "?country=vnm", "?country=%3Cb%3E", "?country=all"])
def test_an_address_with_an_unknown_country_shows_all_and_says_so(visit, panel, query):
    with visit("notebooks/02_project_growth.html", query) as page:
        assert page.input_value("#country") == ""
        assert (
            page.text_content(".notice")
            == "The address asks for a country that is not known here; all countries are shown."
        )
        assert told_parts(drawn(page, "what came, what stayed", "rect")) == steps_of(panel, "")
        assert page.faults == []


def test_an_address_without_a_country_says_nothing(visit):
    for query in ("", "?country="):
        with visit("notebooks/11_what_this_record_cannot_tell.html", query) as page:
            assert page.text_content(".notice") == ""


@pytest.mark.parametrize("by_server", [False, True], ids=["file", "server"])
def test_the_choice_stands_in_the_address_and_follows_back_and_forward(visit, panel, by_server):
    with visit("notebooks/02_project_growth.html", by_server=by_server) as page:
        for iso3 in ("IDN", "MYS"):
            choose(page, iso3)
            assert page.url.endswith(f"02_project_growth.html?country={iso3}")
        for move, iso3 in (
            (page.go_back, "IDN"),
            (page.go_back, ""),
            (page.go_forward, "IDN"),
            (page.go_forward, "MYS"),
        ):
            move()
            page.wait_for_selector(f'html[data-shown="{iso3 or "all"}"]', state="attached")
            assert page.input_value("#country") == iso3
            assert told_parts(drawn(page, "what came, what stayed", "rect")) == steps_of(panel, iso3)
        choose(page, "")
        assert page.url.endswith("02_project_growth.html")
        assert page.faults == []


@pytest.mark.parametrize(
    ("start", "link"),
    [
        ("index.html", "header nav a >> text=Analyses"),
        ("index.html", "main section a >> nth=0"),
        ("notebooks/index.html", ".cards a >> nth=1"),
        ("notebooks/02_project_growth.html", "a[rel=next]"),
        ("notebooks/02_project_growth.html", "header a.name"),
        ("projects.html", "header nav a >> text=Contradictions"),
    ],
)
def test_links_to_other_pages_keep_the_choice(visit, start, link):
    with visit(start, "?country=MYS") as page:
        page.click(link)
        page.wait_for_selector("html[data-ready]", state="attached")
        assert page.url.endswith("?country=MYS")
        assert page.locator("#country").count() == 0 or page.input_value("#country") == "MYS"
        assert page.faults == []


# Where the words looked for are kept

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)> & + % # \u202e🏙'
FOUND = "#projects tbody tr:visible"
HISTORIES = "notebooks/05_project_histories.html"


def holding(panel, word, iso3=""):
    """Return the projects whose latest row has a word in title or city."""
    rows = of(panel, iso3).sort_values("report_year").drop_duplicates("project_id", keep="last")
    return set(rows.loc[(rows["title"] + " " + rows["city"]).str.contains(word, case=False), "project_id"])


@pytest.mark.parametrize("by_server", [False, True], ids=["file", "server"])
def test_words_looked_for_stand_in_the_address_and_survive_a_reload(visit, by_server):
    with visit("projects.html", by_server=by_server) as page:
        page.fill("#find", "smart water")
        count = page.locator(FOUND).count()
        page.wait_for_url("**/projects.html?q=smart+water")  # the browser knows it a little later than the page
        page.wait_for_load_state("networkidle")  # a reload would break off what is still being fetched
        page.reload()
        page.wait_for_selector("html[data-ready]", state="attached")
        assert (page.input_value("#find"), page.locator(FOUND).count()) == ("smart water", count)
        assert page.faults == []


def test_words_looked_for_are_there_again_on_the_way_back(visit):
    with visit("projects.html") as page:
        page.fill("#find", "phuket")
        page.wait_for_url("**/projects.html?q=phuket")
        count = page.locator(FOUND).count()
        page.locator("#projects a[href^=cities]:visible").first.click()
        page.wait_for_url("**/cities/*.html")
        page.go_back()
        page.wait_for_selector("html[data-ready]", state="attached")
        assert (page.input_value("#find"), page.locator(FOUND).count()) == ("phuket", count)


def test_words_looked_for_and_the_country_go_back_together(visit):
    with visit("projects.html") as page:
        page.fill("#find", "smart")
        count = page.locator(FOUND).count()
        choose(page, "THA")
        page.fill("#find", "phuket")
        page.wait_for_url("**/projects.html?q=phuket&country=THA")
        page.go_back()
        page.wait_for_selector('html[data-shown="all"]', state="attached")
        assert (page.input_value("#find"), page.locator(FOUND).count()) == ("smart", count)


def test_no_words_leave_nothing_in_the_address(visit):
    with visit("projects.html", "?q=water") as page:
        page.fill("#find", "")
        assert page.evaluate("location.search") == ""


def test_a_link_with_words_opens_the_list_with_them(visit, panel):
    with visit("projects.html", "?q=water&country=VNM") as page:
        shown = page.eval_on_selector_all(
            "#projects tbody tr", "rows => rows.filter(row => row.checkVisibility()).map(row => row.id)"
        )
        assert set(shown) >= holding(panel, "water", "VNM") > set()
        assert len(shown) < len(set(of(panel, "VNM")["project_id"]))
        assert page.text_content("#count").startswith(f"{len(shown)} of ")


def test_a_link_with_hostile_words_shows_them_as_words(visit):
    with visit("projects.html", "?" + urlencode({"q": NASTY})) as page:
        assert page.input_value("#find") == NASTY
        assert page.text_content("#count").startswith("0 of ")
        assert page.locator("main script, main img").count() == 0
        assert page.faults == []


def test_a_link_with_words_for_a_figure_opens_it_with_them(visit, panel):
    with visit(HISTORIES) as page:
        name = figure(page, "One line a project")
        page.fill(f'[data-signal="{name}"]', "waste")
        kept = page.evaluate("location.search")
    with visit(HISTORIES, kept) as page:
        assert page.input_value(f'[data-signal="{name}"]') == "waste"
        found = {item["project_id"] for item in drawn(page, "One line a project", "symbol")}
        told = page.locator(f'[data-name="{name}"] tbody tr:not(.unfound)').count()
        assert found == holding(panel, "waste") > set()
        assert told == len(drawn(page, "One line a project", "symbol"))


def test_a_picture_of_a_figure_tells_hostile_words_as_words(visit):
    with visit(HISTORIES, "?" + urlencode({"q-05-21": NASTY})) as page:
        with page.expect_download() as download:
            page.click('[data-svg="05-21"]')
        root = ElementTree.parse(download.value.path()).getroot()
        assert [element.text for element in root.iter() if (element.text or "").startswith("Shown")][
            -1
        ] == f"Shown: “{NASTY[:40]}”"
        assert page.faults == []


def test_a_page_leads_to_the_brief_of_the_country(visit):
    with visit("notebooks/02_project_growth.html", "?country=MYS") as page:
        page.click(".control .brief")
        assert page.url.endswith("countries/MYS.html")


@pytest.mark.parametrize("name", ["index.html", "notebooks/03_focus_areas.html", "projects.html"])
def test_a_printed_page_names_the_country_chosen_and_a_screen_does_so_once(pages, name):
    page, line = pages(name), "() => document.querySelector('body > .choice').innerText"
    seen = "() => document.querySelector('body > .choice').checkVisibility()"
    for iso3, told in (("VNM", "Shown: Viet Nam"), ("", "")):
        choose(page, iso3)
        assert not page.evaluate(seen)
        page.emulate_media(media="print")
        assert (page.evaluate(seen), page.evaluate(line)) == (bool(told), told)
        page.emulate_media(media="screen")


def test_what_stands_for_all_countries_is_marked_while_one_is_chosen(pages):
    page = pages("notebooks/03_focus_areas.html")
    mark = """() => Array.from(document.querySelectorAll("main .network"), own =>
      getComputedStyle(own, "::before").content).filter(content => content !== "none")"""
    choose(page, "IDN")
    assert set(page.evaluate(mark)) == {'"All countries"'}
    choose(page, "")
    assert page.evaluate(mark) == []


def test_a_hundred_quick_changes_end_in_the_last_one(visit, panel):
    with visit("notebooks/02_project_growth.html") as page:
        page.evaluate(
            """choices => { const select = document.getElementById("country");
              choices.forEach(iso3 => { select.value = iso3; select.dispatchEvent(new Event("change")); }); }""",
            [CHOICES[i % len(CHOICES)] for i in range(99)] + ["THA"],
        )
        page.evaluate("Promise.all(Array.from(ascnSite.views.values(), view => view.runAsync())).then(() => true)")
        page.wait_for_selector('html[data-shown="THA"]', state="attached")
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.dataset.shown") == page.input_value("#country") == "THA"
        assert page.url.endswith("?country=THA")
        assert told_parts(drawn(page, "what came, what stayed", "rect")) == steps_of(panel, "THA")
        assert told_parts(table(page, "what came, what stayed")) == steps_of(panel, "THA")
        assert page.faults == []


def test_no_page_complained(pages):
    assert pages("notebooks/02_project_growth.html").faults == []
    assert pages("index.html").faults == []
