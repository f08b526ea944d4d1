"""The data paper: every number that it names comes from the tables, and it claims no more than was computed."""

import csv
import re

import pytest
from bs4 import BeautifulSoup

from ascn_analysis import audit, coding, loaders, schemas
from ascn_analysis.site import downloads, paper

COMMON = {"as_of": "2025-09-30", "version": "0"}
COLUMNS = ("table", "mutants", "by hash", "made anew", "schemas and links", "notebooks", "official PDFs")


def soup(folder, data=loaders.DATA, mutants=None):
    paper.write(folder, COMMON, data, mutants or folder / "none.csv")
    return BeautifulSoup((folder / "paper.html").read_text(encoding="utf-8"), "html.parser")


def words(tag):
    return " ".join(tag.get_text().split())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return soup(tmp_path_factory.mktemp("paper"))


def section(page, name):
    """The words from one heading to the next."""
    heading, found = page.find("h2", id=name), []
    for tag in heading.find_next_siblings():
        if tag.name == "h2":
            break
        found.append(words(tag))
    return " ".join(found)


def test_every_table_stands_with_its_rows_and_columns(page):
    rows = page.find(attrs={"aria-label": "Tables of the record"}).select("tbody tr")
    found = {row.th.get_text(): [cell.get_text() for cell in row.select(".number")] for row in rows}
    assert found == {
        name: [f"{len(loaders.load_table(name)):,}", str(len(table.columns))] for name, table in schemas.TABLES.items()
    }


def test_every_table_leads_to_its_place_on_the_page_of_downloads(page, tmp_path):
    (tmp_path / "data").mkdir()
    downloads.write(tmp_path, COMMON)
    ids = set(re.findall(r'id="([^"]+)"', (tmp_path / "data.html").read_text(encoding="utf-8")))
    links = [link["href"] for link in page.select("table a") if link["href"].startswith("data.html#")]
    assert {link.partition("#")[2] for link in links} - ids == set()
    assert len(links) == len(schemas.TABLES)


def test_the_agreement_of_readings_is_in_full(page):
    rows = page.find(attrs={"aria-label": "Agreement of independent readings"}).select("tbody tr")
    wanted = coding.agreement()
    assert [row.th.get_text() for row in rows] == wanted["what"].tolist()
    assert [row.select("td")[-2].get_text() for row in rows] == [f"{value:.1f}" for value in wanted["percent"]]


def test_the_span_of_agreement_is_that_of_the_table(page):
    found = coding.agreement()
    text = section(page, "agreement")
    assert f"between {found['percent'].min():.1f} and {found['percent'].max():.1f} per cent" in text
    assert f"columns between {found['kappa'].min():.3f} and {found['kappa'].max():.3f}" in text


def test_the_contradictions_are_those_of_the_audit(page):
    found = audit.findings()
    text = section(page, "validation")
    assert f"It finds {len(found)} contradictions" in text
    for year, own in found.groupby("year"):
        assert re.search(rf"\b{year}: {len(own)}\b", text)


def test_a_contradiction_that_is_not_known_is_counted(data_copy):
    path = data_copy / "known_contradictions.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "projects of the action plan" not in line), encoding="utf-8")
    assert paper.validation()["unknown"] == 0
    assert paper.validation(data_copy)["unknown"] == 1


def test_the_shares_that_agree_are_those_that_come_out_again():
    checks, found = (
        paper.validation(),
        audit.compare_shares(loaders.load_projects(), loaders.load_stated_figures()),
    )
    assert checks["shares_agree"] == len(found[found["rows_percent"].sub(found["stated_percent"]).abs() <= 0.5])
    assert checks["shares"] == len(found) > checks["shares_agree"]


def test_sources_are_counted_by_grade():
    with (loaders.DATA / "sources.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = paper.sources()
    assert found["all"] == len(rows) == found["primary"] + found["secondary"]
    assert found["files"] == sum(bool(row["sha256"]) for row in rows)
    assert found["pages"] == sum(int(row["pages"]) for row in rows if row["pages"])


def mutants_table(path):
    rows = [("a.csv", 4, 4, 3, 1, 2, 1), ("b.csv", 6, 6, 1, 1, 0, 2)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def test_without_a_table_of_mutants_nothing_is_said_of_them(page):
    assert page.find(id="mutants") is None


def test_mutants_are_counted_from_their_table(tmp_path):
    text = words(soup(tmp_path, mutants=mutants_table(tmp_path / "mutants.csv")).find(id="mutants"))
    assert "10 cells in 2 files. 10 changes no longer fitted" in text
    assert "4 were still noticed within the repository" in text
    assert "schemas and links 2, notebooks 2, official PDFs 3. 3 were noticed by none of them" in text


def test_the_page_is_in_the_navigation_and_marks_itself(page):
    (link,) = page.select("header nav a[aria-current=page]")
    assert link["href"] == "paper.html"


def test_every_jump_on_the_page_lands(page):
    targets = [link["href"][1:] for link in page.select("nav.jump a")]
    assert targets == [heading["id"] for heading in page.select("h2")]


def test_it_says_what_it_is_not(page):
    assert "no ASEAN publication" in words(page)
