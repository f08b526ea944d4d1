"""Country pages: numbers recounted from the CSV files, quotes that say both sides, sheets that hold everything doubtful, one sheet of A4."""

import csv
import gzip
import io
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from browsing import ARGUMENTS
from bs4 import BeautifulSoup

from ascn_analysis import loaders, notebooks
from ascn_analysis import vocabulary as v
from ascn_analysis.site import briefs, making, quotes, squares, verify
from ascn_analysis.site.country import Country, Record

COMMON = {"as_of": "2025-09-30", "version": "0"}
STATES = list(v.COUNTRY_NAMES)
HOSTILE = "=1+1 <script>alert(1)</script> \"'& גן 🏙"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
EIGHT_POINTS = 8 / 0.75  # pixels

every_state = pytest.mark.parametrize("iso3", STATES)


@cache
def read(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


PANEL = read("panel")
CITIES = {row["city_id"]: row for row in read("cities")}
YEARS = sorted({row["report_year"] for row in PANEL})
BEFORE, LATEST = YEARS[-2:]


def rows(iso3, year=LATEST):
    return [row for row in PANEL if row["iso3"] == iso3 and row["report_year"] == year]


def members(iso3):
    return [row for row in CITIES.values() if row["iso3"] == iso3]


def of(table, iso3):
    return [row for row in read(table) if CITIES[row["city_id"]]["iso3"] == iso3]


def text(element):
    return " ".join(element.get_text(" ").split())


def section(soup, name):
    return soup.find("section", attrs={"aria-labelledby": name})


def contradictions(iso3):
    """Known contradictions whose subject begins with the country or one of its cities, found by a pattern."""
    names = "|".join(re.escape(name) for name in [v.COUNTRY_NAMES[iso3], *(row["city"] for row in members(iso3))])
    return [row for row in read("known_contradictions") if re.match(rf"(?:{names})[:,] ", row["subject"])]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "assets").mkdir()
    making.assets(folder / "assets")
    briefs.write(folder, COMMON)
    return folder


@pytest.fixture(scope="module")
def soups(site):
    found = (site / "countries").glob("*.html")
    return {path.stem: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in found}


@pytest.fixture(scope="module")
def record():
    return Record()


@pytest.fixture(scope="module")
def sheets(site):
    """Rows of each sheet as CSV."""
    made = {}
    for iso3 in STATES:
        written = (site / "countries" / f"{iso3}-verify.csv").read_text(encoding="utf-8-sig")
        made[iso3] = list(csv.DictReader(io.StringIO(written)))
    return made


def items(sheets, iso3, letter):
    return [row for row in sheets[iso3] if row["item"].startswith(letter)]


# --- which pages there are ---


def test_every_member_state_has_a_brief_a_sheet_and_a_csv(site):
    expected = {"index.html"} | {f"{iso3}{end}" for iso3 in STATES for end in (".html", "-verify.html", "-verify.csv")}
    assert {path.name for path in (site / "countries").iterdir()} == expected


def test_the_list_of_states_is_in_the_order_of_their_names(soups):
    links = [item.find("a") for item in soups["index"].select(".states > li")]
    assert [(link["href"], link.text) for link in links] == [
        (f"{country.iso3}.html", country.name) for country in v.COUNTRIES
    ]


def test_the_list_draws_each_project_once_and_those_completed_solid(soups):
    cards = soups["index"].select(".states > li")
    drawn = [[rect["fill"] for rect in card.select("rect")] for card in cards]
    counted = [Counter(row["status"] == "completed" for row in rows(iso3)) for iso3 in STATES]
    assert [(len(d), d.count("currentColor")) for d in drawn] == [(sum(c.values()), c[True]) for c in counted]


# --- the numbers of a brief ---


@every_state
def test_the_key_numbers_are_those_of_the_rows(soups, iso3):
    own = rows(iso3)
    latest = max(row["report_year"] for row in PANEL)
    own_cities, status = {row["city_id"] for row in own}, Counter()
    with (loaders.DATA / "exhibit_status.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["report_year"] == str(latest) and row["city_id"] in own_cities:
                status[row["status"]] += int(row["n"])
    expected = [len(members(iso3))]
    if own:
        shown = [status[name] for name in ("completed", "ongoing", "planning")]
        per_city = f"{len(own) / len({row['city_id'] for row in own}):.1f}"
        areas = len({row["focus_area_id"] for row in own})
        expected += [len(own), *shown, per_city, areas]
    assert [b.text for b in soups[iso3].select(".numbers b")] == [str(n) for n in expected]


@every_state
def test_the_table_of_cities_counts_every_report(soups, iso3):
    counted = Counter((row["city_id"], row["report_year"]) for row in PANEL)
    done = Counter(row["city_id"] for row in rows(iso3) if row["status"] == "completed")
    expected = []
    for city in sorted(members(iso3), key=lambda row: row["city"]):
        numbers = [str(counted[city["city_id"], year] or "–") for year in YEARS]
        last = "–" if numbers[-1] == "–" else str(done[city["city_id"]])
        expected.append([city["city"], city["joined_year"], *numbers, last])
    table = [[text(cell) for cell in row.find_all(["th", "td"])] for row in soups[iso3].select("tbody tr:not(.sum)")]
    assert table == expected


@every_state
def test_the_sums_of_a_country_are_those_of_its_rows(soups, iso3):
    total = soups[iso3].select_one("tr.sum")
    if len(members(iso3)) == 1:
        assert total is None
    else:
        done = sum(row["status"] == "completed" for row in rows(iso3))
        expected = [str(len(rows(iso3, year))) for year in YEARS]
        assert [cell.text for cell in total.select("td.number")] == [*expected, str(done)]


def test_a_state_without_a_row_is_said_to_have_none_and_gets_no_zero(soups):
    brief = soups["TLS"]
    assert f"No row in the {LATEST} report" in text(brief)
    assert not re.search(r"\b0\b", text(brief.find("article")))


# --- the squares ---


@every_state
def test_one_square_is_one_project_and_the_country_s_own_are_solid(soups, iso3):
    drawn = Counter(rect["fill"] for rect in soups[iso3].select("svg.squares rect"))
    whole = sum(row["report_year"] == LATEST for row in PANEL)
    assert (drawn["currentColor"], drawn["none"]) == (len(rows(iso3)), whole - len(rows(iso3)))


@every_state
def test_the_squares_are_described_with_their_numbers(soups, iso3):
    svg = soups[iso3].select_one("svg.squares")
    named = {part["id"]: part.text for part in svg.find_all(["title", "desc"], recursive=False)}
    assert svg["role"] == "img"
    assert svg["aria-labelledby"].split() == list(named)
    areas = Counter(row["focus_area_id"] for row in PANEL if row["report_year"] == LATEST)
    own = Counter(row["focus_area_id"] for row in rows(iso3))
    for area in v.FOCUS_AREAS:
        count = f"{own[area.id]} of {areas[area.id]}" if own else str(areas[area.id])
        assert f"{area.name} {count}" in named["squares-desc"]


@every_state
def test_each_solid_square_names_its_project(soups, iso3):
    named = [title.text for title in soups[iso3].select("svg.squares rect title")]
    assert sorted(named) == sorted(f"{row['project_printed']} ({row['city']})" for row in rows(iso3))


# --- what changed ---


def changes(soup):
    """Label to (number, words)."""
    made = {}
    for change in section(soup, "changed").select(".changes div"):
        label, number = text(change.dt).rstrip(".").rsplit(": ", 1)
        made[label] = (int(number), text(change.dd))
    return made


@every_state
def test_newly_listed_projects_are_those_that_the_report_before_lacks(soups, iso3):
    known = {row["project_id"] for row in rows(iso3, BEFORE)}
    new = [row["project_printed"] for row in rows(iso3) if row["project_id"] not in known]
    number, words = changes(soups[iso3]).get("Newly listed", (0, ""))
    assert number == len(new)
    assert all(title in words for title in new)


@every_state
def test_newly_completed_projects_are_those_that_moved_to_the_list_of_completed_ones(soups, iso3):
    unfinished = {row["project_id"] for row in rows(iso3, BEFORE) if row["list"] != "completed"}
    done = [r["project_printed"] for r in rows(iso3) if r["list"] == "completed" and r["project_id"] in unfinished]
    number, words = changes(soups[iso3]).get("Newly completed", (0, ""))
    assert number == len(done)
    assert all(title in words for title in done)


@every_state
def test_projects_no_longer_listed_are_those_that_the_latest_report_lacks(soups, iso3):
    known = {row["project_id"] for row in rows(iso3)}
    gone = [row["project_printed"] for row in rows(iso3, BEFORE) if row["project_id"] not in known]
    number, words = changes(soups[iso3]).get("No longer listed", (0, ""))
    assert number == len(gone)
    assert all(title in words for title in gone)


@every_state
def test_renamed_projects_are_those_of_the_judged_links(soups, iso3):
    own = {(row["list"], row["row_no"]) for row in rows(iso3)}
    links = [row for row in read("project_links") if row["year_to"] == LATEST and row["kind"] == "renamed"]
    renamed = [r for r in links if (r["list_to"], r["row_to"]) in own and r["confidence"] != "doubtful"]
    assert changes(soups[iso3]).get("Renamed (judged)", (0, ""))[0] == len(renamed)


@every_state
def test_projects_filed_elsewhere_are_those_whose_focus_area_differs(soups, iso3):
    before = {row["project_id"]: row["focus_area_id"] for row in rows(iso3, BEFORE)}
    moved = [r for r in rows(iso3) if before.get(r["project_id"], r["focus_area_id"]) != r["focus_area_id"]]
    assert changes(soups[iso3]).get("Filed under another focus area", (0, ""))[0] == len(moved)


@every_state
def test_the_projects_that_stay_are_counted(soups, iso3):
    both = {row["project_id"] for row in rows(iso3)} & {row["project_id"] for row in rows(iso3, BEFORE)}
    said = re.search(r"; (\d+) of (\d+) projects in both", text(section(soups[iso3], "changed")))
    assert (said and [int(n) for n in said.groups()]) == ([len(both), len(rows(iso3))] if both else None)


# --- safe to quote ---


def differing(iso3):
    """Subjects of which Exhibit 3 differs from the rows or from Exhibit 2, found from the CSV files alone."""
    total, own = len(rows(iso3)), rows(iso3)
    exhibit = [r for r in read("exhibit_country_status") if (r["report_year"], r["iso3"]) == (LATEST, iso3)]
    printed = {row["status"]: Decimal(row["percent_printed"]) for row in exhibit}
    drawn = Counter()
    for row in of("exhibit_status", iso3):
        drawn[row["status"]] += int(row["n"]) * (row["report_year"] == LATEST)
    drawn["completed"] = sum(row["list"] == "completed" for row in own)

    def rounded(n, like):
        return (Decimal(100 * n) / total).quantize(like, ROUND_HALF_UP)

    wrong = {s for s in v.STATUSES_REPORTED if printed.get(s, 0) != rounded(drawn[s], printed.get(s, Decimal(1)))}
    labels = Counter()
    for row in read("exhibit_sub_areas"):
        labels[row["focus_area"]] += int(row["n"]) * ((row["report_year"], row["iso3"]) == (LATEST, iso3))
    found = {"Completed"} if "completed" in wrong else set()
    found |= {"Ongoing and in planning"} if wrong - {"completed"} else set()
    return found | ({"Focus areas"} if +labels != Counter(row["focus_area_id"] for row in own) else set())


def spoken(soup):
    """Subject without its year to (basis, sentence, whole item)."""
    made = {}
    for item in soup.select(".quotes > li"):
        basis = text(item.select_one(".basis"))
        made[basis.split(".")[0].split(",")[0]] = (basis, text(item.select_one(".sentence")), item)
    return made


@pytest.mark.parametrize("iso3", [iso3 for iso3 in STATES if rows(iso3)])
def test_what_differs_is_said_to_differ_and_nothing_else(soups, iso3):
    said = {subject for subject, (basis, _, _) in spoken(soups[iso3]).items() if basis.endswith(": differ .")}
    assert said == differing(iso3)


def test_at_least_one_printed_figure_differs():
    assert any(differing(iso3) for iso3 in STATES if rows(iso3))


@pytest.mark.parametrize("iso3", [iso3 for iso3 in STATES if rows(iso3)])
def test_where_two_figures_differ_the_sentence_says_both_and_the_reason_stands_below(soups, iso3):
    for basis, sentence, item in spoken(soups[iso3]).values():
        if basis.endswith(": differ ."):
            assert "; Exhibit 3 of the" in sentence
            reasons = [row["explanation"] for row in contradictions(iso3) if row["year"] == LATEST]
            assert any(reason[1:] in text(item.select_one(".small")) for reason in reasons)


@every_state
def test_every_sentence_ends_with_links_to_where_it_stands(soups, iso3):
    for _, sentence, item in spoken(soups[iso3]).values():
        assert sentence.endswith((" ).", ")."))
        links = [a["href"] for a in item.select(".sentence a")]
        assert links
        assert all(re.fullmatch(r"https://asean\.org/\S+?(?:\.pdf#page=\d+|/)", link) for link in links)


@every_state
def test_each_brief_has_three_to_six_sentences_or_the_one_that_there_is(soups, iso3):
    n = len(soups[iso3].select(".quotes > li"))
    assert 3 <= n <= 6 if rows(iso3) else n == 1


@pytest.mark.parametrize("iso3", [iso3 for iso3 in STATES if rows(iso3)])
def test_the_totals_of_all_reports_are_quoted(soups, iso3):
    counts = [str(len(rows(iso3, year))) for year in YEARS]
    sentences = [sentence for _, sentence, _ in spoken(soups[iso3]).values()]
    told = f"{', '.join(counts[:-1])} and {counts[-1]} projects"
    assert any(told in sentence for sentence in sentences)


@every_state
def test_every_member_city_is_quoted_with_its_year(soups, iso3):
    sentence = spoken(soups[iso3])["Member cities"][1]
    for city in members(iso3):
        assert city["city"] in sentence
        assert f"({city['joined_year']})" in sentence


def test_a_share_is_rounded_half_up():
    assert (quotes.percent(1, 8, 0), quotes.percent(1, 16, 1)) == (Decimal("13"), Decimal("6.3"))


@pytest.mark.parametrize(
    ("printed", "n", "total", "agree"),
    [("14", 4, 29, True), ("23", 4, 17, False), ("6.67", 1, 15, True), ("6.66", 1, 15, False), (None, 0, 6, True), (None, 1, 6, False)],
)  # fmt: skip
def test_a_printed_share_agrees_where_it_is_the_rounded_one(printed, n, total, agree):
    assert quotes.agrees(printed, n, total) is agree


@every_state
def test_what_is_not_printed_is_not_said_to_agree_in_a_quote(soups, iso3):
    for basis, _, _ in spoken(soups[iso3]).values():
        assert not re.search(r"Printed (no|none)\b.*: agree \.$", basis)


@pytest.mark.parametrize("iso3", [iso3 for iso3 in STATES if rows(iso3)])
def test_the_quoted_totals_of_all_reports_link_every_page_with_a_row(soups, iso3):
    (item,) = [item for basis, _, item in spoken(soups[iso3]).values() if f"{YEARS[0]} to {YEARS[-1]}" in basis]
    pages = {int(row["page"]) for year in YEARS for row in rows(iso3, year)}
    assert pages <= {int(a["href"].rpartition("=")[2]) for a in item.select(".sentence a")}


# --- please verify ---


@every_state
def test_the_sheet_holds_every_row_of_the_latest_report_with_its_page(sheets, iso3):
    found = Counter((row["city"], row["subject"]) for row in items(sheets, iso3, "P"))
    assert found == Counter((row["city"], row["project_printed"]) for row in rows(iso3))
    pages = {row["source_addresses"].split()[0] for row in items(sheets, iso3, "P")}
    assert pages == {row["url"] for row in rows(iso3)}


@every_state
def test_the_sheet_says_what_each_status_rests_on(sheets, iso3):
    said = Counter()
    for row in items(sheets, iso3, "P"):
        is_open, derived = "(left open)" in row["record_says"], "Exhibit 2" in row["rests_on"]
        said["open" if is_open else "exhibit" if derived else "list"] += 1
    assert said == Counter(row["status_basis"] for row in rows(iso3))


@every_state
def test_the_sheet_holds_every_link_that_is_not_sure_with_both_titles(sheets, iso3):
    titles = {(r["report_year"], r["list"], r["row_no"]): r for r in PANEL if r["iso3"] == iso3}
    expected = []
    for link in read("project_links"):
        before = titles.get((link["year_from"], link["list_from"], link["row_from"]))
        after = titles.get((link["year_to"], link["list_to"], link["row_to"]))
        if link["confidence"] != "sure" and before:
            expected.append((before["project_printed"], after["project_printed"], link["confidence"], link["evidence"]))
    found = items(sheets, iso3, "L")
    assert len(found) == len(expected)
    for first, second, confidence, evidence in expected:
        assert any(
            f"‘{first}’" in r["subject"] and f"‘{second}’" in r["subject"]
            and confidence in r["record_says"] and r["rests_on"] == evidence for r in found
        )  # fmt: skip


@every_state
@pytest.mark.parametrize(("letter", "table"), [("A", "action_plan_projects"), ("F", "action_plan_focus_areas")])
def test_the_sheet_holds_the_plans_of_2018(sheets, iso3, letter, table):
    column = "title_printed" if letter == "A" else "label_printed"
    expected = [row[column] for row in of(table, iso3) if row.get("match") != "official"]
    assert [row["subject"] for row in items(sheets, iso3, letter)] == expected


@every_state
def test_the_sheet_holds_every_contradiction_that_names_the_country_or_its_cities(sheets, iso3):
    expected = {f"{row['year']}, {row['subject']}" for row in contradictions(iso3)}
    assert {row["subject"] for row in items(sheets, iso3, "C")} == expected


@every_state
def test_the_sheet_holds_every_member_city_with_what_its_name_stands_for(sheets, iso3):
    found = {row["city"]: row["record_says"] for row in items(sheets, iso3, "M")}
    assert set(found) == {row["city"] for row in members(iso3)}
    assert all(row["scope"] in found[row["city"]] for row in members(iso3))


@every_state
def test_the_sheet_holds_every_project_no_longer_listed(sheets, iso3):
    gone = []
    for first, then in pairwise(YEARS):
        known = {row["project_id"] for row in rows(iso3, then)}
        gone += [row["project_printed"] for row in rows(iso3, first) if row["project_id"] not in known]
    assert sorted(row["subject"] for row in items(sheets, iso3, "N")) == sorted(gone)


@every_state
def test_the_page_and_the_csv_of_a_sheet_hold_the_same_rows(soups, sheets, iso3):
    page = [
        (row["id"], text(row.find("td")).split(" ")[0]) for row in soups[f"{iso3}-verify"].select(".sheet tbody tr")
    ]
    assert page == [(row["item"], row["subject"].split(" ")[0]) for row in sheets[iso3]]


@every_state
def test_the_fields_to_fill_in_are_empty(soups, sheets, iso3):
    assert list(sheets[iso3][0]) == list(verify.COLUMNS)
    assert not any(row[name] for row in sheets[iso3] for name in verify.COLUMNS[-3:])
    cells = soups[f"{iso3}-verify"].select("td.fill")
    assert len(cells) == 2 * len(sheets[iso3])
    assert not any(cell.text for cell in cells)


@every_state
def test_open_statuses_are_asked_for_first(soups, iso3):
    unsure = {row["project_printed"] for row in rows(iso3) if row["status_basis"] == "open"}
    asked = [text(item) for item in section(soups[iso3], "verify").select(".questions li")]
    assert len(asked) <= 3
    assert all(any(f"‘{title}’" in question for question in asked) for title in unsure)


@every_state
def test_a_brief_counts_what_its_sheet_holds(soups, sheets, iso3):
    words = text(section(soups[iso3], "verify"))
    for letter, noun in (("C", "contradiction"), ("A", "project"), ("L", "link"), ("M", "member cit")):
        n = len(items(sheets, iso3, letter))
        assert bool(re.search(rf"\b{n} {noun}", words)) == bool(n)


def test_a_sheet_asks_for_no_personal_data_and_says_where_to_send_it(soups):
    how = text(section(soups["KHM-verify"], "how"))
    assert "No personal data are asked for" in how
    assert "issue in the project's public repository" in how


# --- links, safety, size ---


def test_every_link_inside_the_site_leads_to_a_page_that_the_site_has(site, soups):
    stems = {path.stem for path in notebooks.paths(notebooks.FOLDER)}
    own = {path.name for path in (site / "countries").iterdir()}
    top = {f"../{name}.html" for name in ("index", "projects", "data", "contradictions", "methods", "paper")}
    top |= {f"../{name}/index.html" for name in ("notebooks", "countries", "cities")}
    top |= {f"../cities/{city}.html" for city in CITIES} | {f"../notebooks/{stem}.html" for stem in stems}
    for soup in soups.values():
        for link in soup.select("a[href]"):
            address = link["href"].partition("#")[0].partition("?")[0]
            assert not address or address.startswith("https://") or address in own | top


def test_links_to_items_of_a_sheet_find_them(soups):
    for iso3 in STATES:
        ids = {row["id"] for row in soups[f"{iso3}-verify"].select("[id]")}
        wanted = {a["href"].partition("#")[2] for a in soups[iso3].select(".questions a")}
        assert wanted <= ids


@every_state
def test_a_brief_leads_to_its_cities_and_to_the_analyses_of_its_country(soups, iso3):
    links = {a["href"] for a in soups[iso3].select("a[href]")}
    assert {f"../cities/{row['city_id']}.html" for row in members(iso3)} <= links
    assert {f"../notebooks/{stem}.html?country={iso3}" for stem, _ in briefs.ANALYSES} <= links


def test_no_page_has_a_script_or_a_style_of_its_own(soups):
    for soup in soups.values():
        assert soup.select("script, style, [style]") == []


def test_ids_are_given_once_a_page(soups):
    for soup in soups.values():
        ids = [element["id"] for element in soup.select("[id]")]
        assert len(ids) == len(set(ids))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The pages of a record with a title, a plan and a reason that try to be something else."""
    folder = tmp_path_factory.mktemp("hostile")
    for path in loaders.DATA.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    for name, column in (("panel", "project_printed"), ("action_plan_projects", "title_printed")):
        table = read(name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows({**row, column: HOSTILE} if "siem-reap" in row["city_id"] else row for row in table)
    (folder / "site").mkdir()
    briefs.write(folder / "site", COMMON, folder)
    return folder / "site" / "countries"


@pytest.mark.parametrize("name", ["KHM", "KHM-verify"])
def test_a_hostile_title_is_shown_to_the_letter(hostile, name):
    soup = BeautifulSoup((hostile / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.select("script") == []
    assert HOSTILE in soup.get_text()


def test_a_hostile_title_stands_in_the_picture_as_text(hostile):
    soup = BeautifulSoup((hostile / "KHM.html").read_text(encoding="utf-8"), "html.parser")
    assert f"{HOSTILE} (Siem Reap)" in [title.text for title in soup.select("svg rect title")]


def test_a_hostile_title_is_no_formula_in_the_csv(hostile):
    written = (hostile / "KHM-verify.csv").read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert f"'{HOSTILE}" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_pages_keep_to_their_budget(site):
    for path in (site / "countries").glob("*.html"):
        limit = 150_000 if path.stem.endswith("verify") or path.stem == "index" else 60_000
        assert len(gzip.compress(path.read_bytes())) < limit


def test_writing_twice_gives_the_same_bytes(site, tmp_path):
    briefs.write(tmp_path, COMMON)
    for path in (site / "countries").iterdir():
        assert (tmp_path / "countries" / path.name).read_bytes() == path.read_bytes()


def test_the_record_knows_nothing_of_a_country_that_is_not_its_own(record):
    own = Country(record, "SGP")
    assert set(own.cities["iso3"]) == {"SGP"}
    assert set(own.rows()["iso3"]) == {"SGP"}


def test_the_article_of_a_country_stands_within_a_sentence_only(record):
    assert "the Philippines" in squares.reading(Country(record, "PHL"))
    assert Country(record, "PHL").name == "Philippines"


# --- in a browser ---


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page, closing the one before; faults of the page are collected."""

    def opened(path, width=1200, dark=False):
        for context in browser.contexts:
            context.close()
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        tab = context.new_page()
        tab.faults = []
        tab.on("console", lambda message: tab.faults.append(message.text) if message.type == "error" else None)
        tab.on("requestfailed", lambda request: tab.faults.append(request.url))
        tab.goto(path.as_uri())
        return tab

    return opened


in_browser = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def printed(tab):
    return pypdfium2.PdfDocument(tab.pdf(format="A4"))


class TestInABrowser:
    pytestmark = in_browser

    def test_every_brief_prints_on_one_sheet(self, site, open_page):
        pages = {iso3: len(printed(open_page(site / "countries" / f"{iso3}.html"))) for iso3 in STATES}
        assert pages == dict.fromkeys(STATES, 1)

    def test_every_brief_leaves_room_for_a_printer_with_wider_margins(self, site, open_page):
        for iso3 in STATES:
            tab = open_page(site / "countries" / f"{iso3}.html", 711)
            tab.emulate_media(media="print")
            height = tab.evaluate("document.body.getBoundingClientRect().height")
            assert height <= (277 - 5) / 25.4 * 96  # the sheet without its margins, and five millimetres less

    def test_nothing_is_printed_smaller_than_eight_points(self, site, open_page):
        for name in [*STATES, "MYS-verify"]:
            tab = open_page(site / "countries" / f"{name}.html", 711)
            tab.emulate_media(media="print")
            sizes = tab.evaluate(
                """() => {
                    const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                    while (walk.nextNode()) {
                        const own = walk.currentNode.parentElement;
                        if (!walk.currentNode.data.trim() || !own.getClientRects().length) continue;
                        const svg = own.closest("svg"), size = parseFloat(getComputedStyle(own).fontSize);
                        found.push(size * (svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1));
                    }
                    return found;
                }"""
            )
            assert min(sizes) >= EIGHT_POINTS - 0.01

    def test_a_brief_is_printed_dark_on_white_also_from_a_dark_screen(self, site, open_page):
        picture = printed(open_page(site / "countries" / "IDN.html", dark=True))[0].render(scale=1).to_pil()
        grey = picture.convert("L")
        assert grey.getpixel((5, 5)) == 255
        assert grey.getextrema()[0] < 40

    def test_a_printed_brief_has_no_colour(self, site, open_page):
        picture = printed(open_page(site / "countries" / "MYS.html"))[0].render(scale=1).to_pil().convert("HSV")
        assert picture.getchannel("S").getextrema()[1] < 60  # what the edges of letters leave

    def test_a_sheet_prints_whole_on_as_many_pages_as_it_needs(self, site, open_page, sheets):
        document = printed(open_page(site / "countries" / "VNM-verify.html"))
        words = "".join(page.get_textpage().get_text_range() for page in document)
        assert len(document) > 1
        assert all(re.search(rf"\b{row['item']}\b", words) for row in sheets["VNM"])

    @pytest.mark.parametrize("name", ["index", "MYS", "TLS", "THA-verify"])
    @pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (375, False)])
    def test_axe_finds_nothing(self, site, open_page, name, width, dark):
        tab = open_page(site / "countries" / f"{name}.html", width, dark)
        faults = list(tab.faults)
        tab.evaluate(AXE.read_text(encoding="utf-8"))
        found = tab.evaluate("axe.run().then(result => result.violations.map(v => [v.id, v.nodes[0].html]))")
        assert found == []
        assert faults == []

    @pytest.mark.parametrize("width", [900, 1040, 1200])
    def test_no_part_of_a_brief_is_cut_on_a_screen(self, site, open_page, width):
        cut = {}
        for iso3 in STATES:
            tab = open_page(site / "countries" / f"{iso3}.html", width)
            tab.evaluate("document.fonts.ready.then(() => true)")
            cut[iso3] = tab.evaluate(
                """Array.from(document.querySelectorAll(".scroll")).filter(box => box.scrollWidth > box.clientWidth)
                  .map(box => box.ariaLabel)"""
            )
        assert {iso3: boxes for iso3, boxes in cut.items() if boxes} == {}

    def test_no_column_of_the_cities_is_cut_on_a_phone(self, site, open_page):
        cut = """() => { const table = document.querySelector(".scroll table");
          return table && table.offsetWidth > table.parentElement.clientWidth; }"""
        for iso3 in STATES:
            tab = open_page(site / "countries" / f"{iso3}.html", 390)
            tab.evaluate("document.fonts.ready.then(() => true)")
            assert not tab.evaluate(cut), iso3

    @pytest.mark.parametrize("width", [320, 375, 900])
    def test_pages_fit_the_window(self, site, open_page, width):
        for name in ("index", "MYS", "THA", "MYS-verify"):
            tab = open_page(site / "countries" / f"{name}.html", width)
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
