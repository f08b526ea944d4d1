"""The downloads: equal to the record in every format, safe to open in a spreadsheet, described, the same bytes each time."""

import csv
import hashlib
import io
import json
import re
import time
import zipfile
from xml.etree import ElementTree

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from ascn_analysis import loaders, package
from ascn_analysis.schemas import TABLES
from ascn_analysis.site import downloads, formats, inputs

COMMON = {"as_of": "2025-09-30", "version": "0"}
HOSTILE = "=HYPERLINK(\"x\") <script>alert(1)</script> 'quoted' مدينة 🚲"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NUMBERS = ("int64", "Int64", "float64")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    downloads.write(site, COMMON)
    return site


@pytest.fixture(scope="module")
def soup(made):
    return BeautifulSoup((made / "data.html").read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def damaged(data_copy, tmp_path):
    """A site of a record in which a title and a note begin like formulas."""
    for name, column in (("projects", "title"), ("stated_figures", "note")):
        frame = loaders.read_strings(data_copy / f"{name}.csv")
        frame.iloc[0, frame.columns.get_loc(column)] = HOSTILE
        (data_copy / f"{name}.csv").write_text(package.to_csv(frame), encoding="utf-8")
    downloads.write(tmp_path / "site", COMMON, data_copy)
    return tmp_path / "site"


def cells(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def workbook(path):
    """Return the cells of the first sheet, as (column, row) to (type, text), and the whole XML."""
    with zipfile.ZipFile(path) as parts:
        shared = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
        texts = ["".join(t.text or "" for t in item.iter(f"{SHEET}t")) for item in shared]
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
    found = {}
    for cell in ElementTree.fromstring(xml).iter(f"{SHEET}c"):
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r")).groups()
        place = sum((ord(letter) - 64) * 26**i for i, letter in enumerate(reversed(column))) - 1
        value = cell.findtext(f"{SHEET}v")
        found[place, int(row) - 1] = ("text", texts[int(value)]) if cell.get("t") == "s" else ("number", value)
    return found, xml


# CSV


@pytest.mark.parametrize("name", TABLES)
def test_csv_is_the_record_to_the_letter_but_for_text_that_begins_like_a_formula(made, name):
    printed, written = (cells(path.read_bytes()) for path in (loaders.DATA / f"{name}.csv", made / f"data/{name}.csv"))
    number = [str(column.dtype) in NUMBERS for column in TABLES[name].columns.values()]
    signs = tuple("=+-@\t\r")
    expected = [[f"'{x}" if x.startswith(signs) and not number[i] else x for i, x in enumerate(row)] for row in printed]
    assert written == expected


def test_csv_defuses_a_title_that_begins_like_a_formula(damaged):
    assert cells((damaged / "data/projects.csv").read_bytes())[1][2] == f"'{HOSTILE}"


def test_csv_leaves_negative_numbers_alone(made):
    rows = csv.DictReader(io.StringIO((made / "data/cities.csv").read_text(encoding="utf-8")))
    assert [row["lat"] for row in rows if row["lat"].startswith("-")]


def test_csv_keeps_whole_numbers_as_printed_in_columns_of_decimals(made):
    rows = csv.DictReader(io.StringIO((made / "data/stated_figures.csv").read_text(encoding="utf-8")))
    assert not [row["value"] for row in rows if row["value"].endswith(".0")]


# Parquet


@pytest.mark.parametrize("name", TABLES)
def test_parquet_is_exactly_the_loaded_table(made, name):
    pd.testing.assert_frame_equal(pd.read_parquet(made / f"data/{name}.parquet"), loaders.load_table(name))


def test_parquet_keeps_a_title_as_printed(damaged):
    assert pd.read_parquet(damaged / "data/projects.parquet")["title"].iloc[0] == HOSTILE


def test_parquet_tells_licence_and_source(made):
    import pyarrow.parquet as pq

    about = json.loads(pq.read_schema(made / "data/cities.parquet").metadata[b"about"])
    assert "creativecommons.org/licenses/by/4.0" in about["Licence of the compilation"]
    assert about["Source"] == package.NOTICE


# XLSX


@pytest.mark.parametrize("name", TABLES)
def test_xlsx_holds_the_table_with_numbers_as_numbers_and_text_as_text(made, name):
    found, _ = workbook(made / f"data/{name}.xlsx")
    frame, kept = loaders.load_table(name), {}
    for place, column in enumerate(frame.columns):
        kept[place, 0] = ("text", column)
        for row, value in enumerate(frame[column], start=1):
            if not pd.isna(value):
                number = str(TABLES[name].columns[column].dtype) in NUMBERS
                kept[place, row] = ("number", float(value)) if number else ("text", value)
    read = {at: (kind, float(value) if kind == "number" else value) for at, (kind, value) in found.items()}
    assert read == {at: (kind, f"'{x}" if kind == "text" and x[0] in "=+-@" else x) for at, (kind, x) in kept.items()}


def test_xlsx_holds_no_formula_and_no_link_for_a_title_that_begins_like_one(damaged):
    found, xml = workbook(damaged / "data/projects.xlsx")
    assert found[2, 1] == ("text", f"'{HOSTILE}")
    assert "<f>" not in xml
    assert "hyperlink" not in xml


def test_xlsx_freezes_its_header(made):
    assert '<pane ySplit="1" topLeftCell="A2"' in workbook(made / "data/panel.xlsx")[1]


def test_xlsx_has_a_second_sheet_that_tells_source_licence_and_columns(made):
    with zipfile.ZipFile(made / "data/cities.xlsx") as parts:
        names = re.findall(r'<sheet name="([^"]+)"', parts.read("xl/workbook.xml").decode())
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert names == ["cities", "about"]
    assert all(word in texts for word in ("creativecommons.org", "this is no ASEAN publication", "GeoNames id"))


# The archive


def test_the_archive_is_the_record_byte_for_byte(made):
    with zipfile.ZipFile(made / "data/ascn-data.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for name, content in held.items():
        folder = loaders.DATA if (loaders.DATA / name).is_file() else inputs.CHECKOUT
        assert content == (folder / name).read_bytes(), name


def test_the_archive_holds_every_file_that_its_description_names_with_its_hash(made):
    with zipfile.ZipFile(made / "data/ascn-data.zip") as archive:
        described = json.loads(archive.read("datapackage.json"))["resources"]
        hashes = {f["path"]: f"sha256:{hashlib.sha256(archive.read(f['path'])).hexdigest()}" for f in described}
    assert hashes == {resource["path"]: resource["hash"] for resource in described}


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "LICENSES/CC-BY-4.0.txt", "CITATION.cff", "coding/README.md"])
def test_the_archive_holds_licence_citation_and_dictionary(made, name):
    with zipfile.ZipFile(made / "data/ascn-data.zip") as archive:
        assert name in archive.namelist()


def test_the_archive_is_sorted_and_carries_no_date_of_its_making(made):
    with zipfile.ZipFile(made / "data/ascn-data.zip") as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


# The same each time


def test_a_second_build_gives_the_same_bytes(made, tmp_path):
    time.sleep(1.1)  # dates in files count in seconds
    downloads.write(tmp_path, COMMON)
    files = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
    assert [path for path in files if (tmp_path / path).read_bytes() != (made / path).read_bytes()] == []


def test_a_workbook_is_dated_by_the_version_not_by_the_clock(made):
    with zipfile.ZipFile(made / "data/cities.xlsx") as parts:
        core = parts.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[0-9:]+Z", core)) == {downloads.released().strftime("%Y-%m-%dT%H:%M:%SZ")}


# The page


def test_every_table_stands_on_the_page_once(soup):
    assert sorted(section.h4.get_text() for section in soup.select("section.dataset")) == sorted(TABLES)


def test_no_table_is_without_a_group():
    assert sorted(name for names in downloads.GROUPS.values() for name in names) == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_the_page_tells_rows_columns_and_their_meaning(soup, name):
    section = soup.find(id=f"table-{name}").find_parent("section")
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert section.p.get_text().startswith(f"{len(rows):,} rows; one row is ")
    assert [cell.get_text() for cell in section.select("tbody th")] == header
    meanings = [cell.get_text() for cell in section.select('td[data-label="Meaning"]')]
    assert all(m.startswith(c.description) for m, c in zip(meanings, TABLES[name].columns.values(), strict=True))


def test_each_file_of_the_page_is_there_with_the_size_and_hash_that_the_page_tells(made, soup):
    links = soup.select(".files a")
    assert len(links) == 3 * len(TABLES)
    for link in links:
        content = (made / link["href"]).read_bytes()
        assert link.find_next(class_="size").get_text() == downloads.size(len(content))
        assert hashlib.sha256(content).hexdigest() in link.find_parent("section").select_one(".hashes").get_text()


def test_the_list_of_checksums_holds(made):
    lines = (made / "data/SHA256SUMS.txt").read_text(encoding="utf-8").splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    assert sums == {name: hashlib.sha256((made / "data" / name).read_bytes()).hexdigest() for name in sums}
    assert len(sums) == 3 * len(TABLES) + 1


def test_the_page_names_licence_citation_and_the_rule_of_the_apostrophe(soup):
    text = " ".join(soup.get_text().split())
    assert soup.select_one('a[rel="license"]')["href"] == "https://creativecommons.org/licenses/by/4.0/"
    assert downloads.citation() in text
    assert "this is no ASEAN publication" in text
    assert "has an apostrophe before it. Numbers never get one" in text


def test_the_citation_follows_the_file():
    text = (inputs.CHECKOUT / "CITATION.cff").read_text(encoding="utf-8")
    assert all(part in text for part in ("The ascn-analysis maintainers", "0.1.0", str(downloads.released().date())))
    assert downloads.citation().startswith(
        f"The ascn-analysis maintainers ({downloads.released().year}). ascn-analysis"
    )


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB")]
)
def test_sizes_are_rounded_for_people(number, text):
    assert downloads.size(number) == text


def test_links_have_texts_that_tell_them_apart(soup):
    texts = [" ".join(link.get_text().split()) for link in soup.select(".files a")]
    assert len(set(texts)) == len(texts)


def test_a_type_is_said_in_words():
    assert [formats.kind(TABLES["cities"], name) for name in ("city", "lat", "population")] == [
        "text", "number", "whole number",
    ]  # fmt: skip
