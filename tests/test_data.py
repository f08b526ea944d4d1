"""The record itself: its counts, its parts that must agree, its bytes, and the official reports where present."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from ascn_analysis import loaders
from ascn_analysis import vocabulary as v

DATA = loaders.DATA
CSVS = sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*.csv"))
FILES = sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file())
YEARS = (2022, 2023, 2024, 2025)
ROWS = {
    (2022, "all"): 77,
    (2023, "all"): 86,
    (2024, "ongoing_or_planning"): 97,
    (2024, "completed"): 11,
    (2025, "ongoing_or_planning"): 116,
    (2025, "completed"): 18,
}
LINK_KEY = ["year_from", "list_from", "row_from", "year_to", "list_to", "row_to"]
CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"  # e-mail
    r"|\+\d{1,3}[ ().-]*\d{1,4}(?:[ ().-]*\d{2,4}){2,}"  # phone, international
    r"|\(0\d{1,4}\)[ -]?\d{3,}|\b0\d{1,3}[ -]\d{3,4}[ -]?\d{3,4}\b"  # phone, national
    r"|\b(?:tel|fax|phone|mobile|e-?mail)\b *[.:]",
    re.IGNORECASE,
)


def rows(name: str) -> list[dict[str, str]]:
    """Read a CSV file of the record as text, without the package."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns(name: str, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in names) for row in rows(name)]


def key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["report_year"], row["list"], row["row_no"]


@pytest.fixture(scope="module")
def links() -> pd.DataFrame:
    """Links, with the project ids of both rows."""
    ids = {key(row): row["project_id"] for row in rows("project_reports.csv")}
    frame = pd.DataFrame(rows("project_links.csv"))
    return frame.assign(
        id_from=[ids[row] for row in columns("project_links.csv", "year_from", "list_from", "row_from")],
        id_to=[ids[row] for row in columns("project_links.csv", "year_to", "list_to", "row_to")],
    )


# The appendix rows


@pytest.mark.parametrize(
    "column", ["country_printed", "city_printed", "project_printed", "focus_area_printed", "page", "list", "row_no"]
)
def test_every_printed_cell_is_as_the_reader_transcribed_it_by_eye(column):
    cells = columns("project_reports.csv", "report_year", "list", "row_no", column)
    assert cells == columns("coding/project_reports_by_eye.csv", "report_year", "list", "row_no", column)


def test_the_program_read_the_same_but_for_the_settled_cells():
    program = {key(row): row for row in rows("coding/project_reports_by_program.csv")}
    for cell in rows("coding/project_reports_settled.csv"):
        assert program[key(cell)][cell["column"]] == cell["by_program"]
        program[key(cell)][cell["column"]] = cell["settled"]
    assert list(program.values()) == rows("coding/project_reports_by_eye.csv")


def test_each_list_has_its_number_of_rows(projects):
    assert projects.groupby(["report_year", "list"]).size().to_dict() == ROWS


@pytest.mark.parametrize(("year", "name"), ROWS)
def test_row_numbers_run_from_1_without_a_gap(projects, year, name):
    numbers = projects.loc[(projects["report_year"] == year) & (projects["list"] == name), "row_no"]
    assert numbers.tolist() == list(range(1, len(numbers) + 1))


def test_each_report_has_its_number_of_cities(projects):
    assert projects.groupby("report_year")["city_id"].nunique().to_dict() == {2022: 26, 2023: 26, 2024: 31, 2025: 35}


@pytest.mark.parametrize("year", YEARS)
def test_the_rows_of_a_report_are_as_many_as_it_states(projects, stated, year):
    said = stated[(stated["measure"] == "projects_total") & stated["as_of"].str.startswith(str(year))]
    assert set(said["value"]) == {(projects["report_year"] == year).sum()}


def test_every_printed_city_means_the_city_of_its_row():
    means = dict(columns("city_names.csv", "printed", "city_id"))
    assert [row for row in rows("project_reports.csv") if means[row["city_printed"]] != row["city_id"]] == []


def test_every_printed_country_is_the_country_of_its_city(projects):
    assert (projects["country_printed"] == projects["country"]).all()


def test_every_printed_focus_area_is_the_focus_area_of_its_row(projects):
    assert (projects["focus_area_printed"].str.lower() == projects["focus_area"].str.lower()).all()


def test_every_city_of_the_roster_has_its_own_name_among_the_spellings():
    assert set(columns("cities.csv", "city", "city_id")) <= set(columns("city_names.csv", "printed", "city_id"))


def test_a_spelling_and_the_name_of_its_city_hold_one_another():
    names = {city: name.replace(" ", "").lower() for city, name in columns("cities.csv", "city_id", "city")}
    spellings = [
        (text.replace(" ", "").lower(), names[city]) for text, city in columns("city_names.csv", "printed", "city_id")
    ]
    assert [(text, name) for text, name in spellings if text not in name and name not in text] == []


def test_printed_titles_have_no_double_spaces():
    titles = [row["project_printed"] for row in rows("project_reports.csv")]
    assert [title for title in titles if "  " in title] == []


def test_every_row_cites_the_report_of_its_year(projects):
    assert (projects["source_id"] == "me-" + projects["report_year"].astype("str")).all()


def test_projects_of_the_list_of_completed_ones_are_completed(projects):
    completed = projects[projects["list"] == "completed"]
    assert set(zip(completed["status"], completed["status_basis"], strict=True)) == {("completed", "list")}


def test_projects_of_the_other_list_are_not_completed(projects):
    assert not projects.loc[projects["list"] == "ongoing_or_planning", "status"].str.contains("completed").any()


# Projects and links


def test_a_project_stays_in_one_city():
    cities_of = Counter(project for project, _ in set(columns("project_reports.csv", "project_id", "city_id")))
    assert cities_of.most_common(1)[0][1] == 1


def test_projects_csv_holds_the_projects_of_the_rows_and_their_cities():
    assert set(columns("projects.csv", "project_id", "city_id")) == set(
        columns("project_reports.csv", "project_id", "city_id")
    )


def test_a_project_stands_once_in_a_report():
    counted = Counter(columns("project_reports.csv", "report_year", "project_id"))
    assert counted.most_common(1)[0][1] == 1


def test_the_title_of_a_project_is_its_latest():
    latest = dict(columns("project_reports.csv", "project_id", "project_printed"))
    assert dict(columns("projects.csv", "project_id", "title")) == latest


@pytest.mark.parametrize("confidence", ["sure", "likely"])
def test_pairs_that_are_sure_or_likely_share_a_project_id(links, confidence):
    pairs = links[links["confidence"] == confidence]
    assert len(pairs) > 0
    assert pairs.loc[pairs["id_from"] != pairs["id_to"], LINK_KEY].values.tolist() == []


def test_doubtful_pairs_stay_apart(links):
    pairs = links[links["confidence"] == "doubtful"]
    assert len(pairs) > 0
    assert (pairs["id_from"] != pairs["id_to"]).all()


def test_links_join_consecutive_reports(links):
    assert set(zip(links["year_from"], links["year_to"], strict=True)) == {
        ("2022", "2023"),
        ("2023", "2024"),
        ("2024", "2025"),
    }


def test_a_row_is_linked_to_one_row_of_the_report_before(links):
    joined = links[links["confidence"] != "doubtful"]
    assert not joined.duplicated(["year_to", "list_to", "row_to"]).any()


def test_every_project_id_shared_by_consecutive_reports_has_a_link(links):
    listed = {(project, int(year)) for year, project in columns("project_reports.csv", "report_year", "project_id")}
    joined = links[links["confidence"] != "doubtful"]
    linked = {(project, int(year)) for project, year in zip(joined["id_from"], joined["year_from"], strict=True)}
    assert linked == {(project, year) for project, year in listed if (project, year + 1) in listed}


def test_a_project_that_is_no_longer_listed_does_not_come_back_under_its_id(projects):
    years = projects.groupby("project_id")["report_year"].agg(["min", "max", "size"])
    assert (years["max"] - years["min"] + 1 == years["size"]).all()


def test_rows_of_one_city_with_one_title_in_consecutive_reports_are_linked_as_the_same(links):
    said = {tuple(row[:6]): row[6:] for row in links[[*LINK_KEY, "kind", "confidence"]].values.tolist()}
    where = {
        (row["report_year"], row["city_id"], row["project_printed"]): key(row) for row in rows("project_reports.csv")
    }
    pairs = [(k, where.get((str(int(y) + 1), city, title))) for (y, city, title), k in where.items()]
    assert [pair for pair in pairs if pair[1] and said.get(pair[0] + pair[1]) != ["same", "sure"]] == []


def test_pairs_of_kind_renamed_have_two_titles(links):
    titles = {key(row): row["project_printed"] for row in rows("project_reports.csv")}
    renamed = [tuple(row) for row in links.loc[links["kind"] == "renamed", LINK_KEY].values]
    assert [pair for pair in renamed if titles[pair[:3]] == titles[pair[3:]]] == []


def test_a_link_holds_the_lower_confidence_of_its_two_readers():
    order = ("doubtful", "likely", "sure")
    readers = [columns(f"coding/project_links_reader_{n}.csv", *LINK_KEY, "confidence") for n in (1, 2)]
    lower = [(*a[:-1], min(a[-1], b[-1], key=order.index)) for a, b in zip(*readers, strict=True)]
    assert lower == columns("project_links.csv", *LINK_KEY, "confidence")


def test_the_settled_links_are_those_that_the_readers_judged_differently():
    first, second = (
        {row[:-1]: row[-1] for row in columns(f"coding/project_links_reader_{n}.csv", *LINK_KEY, "confidence")}
        for n in (1, 2)
    )
    unequal = [(*pair, first[pair], second[pair]) for pair in first if first[pair] != second[pair]]
    assert unequal == columns("coding/project_links_settled.csv", *LINK_KEY, "reader_1", "reader_2")


# Cities, membership, vocabulary


def test_each_city_follows_exactly_one_statement_on_when_it_joined():
    used = Counter(city for city, used in columns("membership.csv", "city_id", "used") if used == "true")
    assert used == Counter(city for (city,) in columns("cities.csv", "city_id"))


def test_the_year_of_joining_is_that_of_the_statement_used():
    used = {row["city_id"]: row["joined"][:4] for row in rows("membership.csv") if row["used"] == "true"}
    assert dict(columns("cities.csv", "city_id", "joined_year")) == used


def test_no_city_is_listed_before_the_year_in_which_it_joined(projects):
    assert (projects["report_year"] >= projects["joined_year"]).all()


def test_countries_csv_is_the_vocabulary():
    assert columns("countries.csv", "iso3", "iso2", "country", "m49") == [
        (country.iso3, country.iso2, country.name, country.m49) for country in v.COUNTRIES
    ]


def test_focus_areas_csv_is_the_vocabulary():
    assert dict(columns("focus_areas.csv", "focus_area_id", "focus_area")) == v.FOCUS_AREA_NAMES
    assert [area for (area,) in columns("focus_areas.csv", "focus_area_id")] == list(v.FOCUS_AREA_NAMES)


def test_a_sub_area_cites_the_report_that_first_names_it():
    assert [row for row in rows("sub_areas.csv") if row["source_id"] != f"me-{row['first_report']}"] == []


def test_no_population_stands_without_its_source():
    assert [
        row["city_id"] for row in rows("cities.csv") if bool(row["population"]) != bool(row["population_source_id"])
    ] == []


@pytest.mark.parametrize(("city", "code"), [("singapore", ""), ("kuala-lumpur", "MY-14"), ("putrajaya", "MY-16")])
def test_subdivision_codes_that_are_easily_mistaken(city, code):
    assert dict(columns("cities.csv", "city_id", "iso_3166_2"))[city] == code


def test_subdivision_codes_begin_with_the_code_of_their_country():
    iso2 = dict(columns("countries.csv", "iso3", "iso2"))
    codes = [(code, iso2[iso3]) for iso3, code in columns("cities.csv", "iso3", "iso_3166_2") if code]
    assert [code for code, country in codes if code[:2] != country] == []


# Sources and stated figures


@pytest.mark.parametrize(
    "name", [name for name in CSVS if "source_id" in (DATA / name).read_text("utf-8").split("\n")[0]]
)
def test_every_source_named_exists(name):
    known = {source for (source,) in columns("sources.csv", "source_id")}
    named = {row[column] for row in rows(name) for column in row if column.endswith("source_id")}
    assert named - known <= {""}


def test_no_page_lies_beyond_the_end_of_its_document():
    pages = {source: int(n) for source, n in columns("sources.csv", "source_id", "pages") if n}
    tables = [rows(name) for name in CSVS if "source_id,page" in (DATA / name).read_text("utf-8")]
    cited = {(row["source_id"], int(row["page"])) for table in tables for row in table if row["page"]}
    assert {(source, page) for source, page in cited if page > pages[source]} == set()


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("read_from", ["text", "picture"])
def test_the_stated_focus_shares_of_a_report_sum_to_100(stated, year, read_from):
    shares = stated[(stated["measure"] == "focus_area_share") & (stated["source_id"] == f"me-{year}")]
    shares = shares[shares["read_from"] == read_from].set_index("breakdown")["value"]
    assert set(shares.index) == set(v.FOCUS_AREA_NAMES)
    assert shares.sum() == 100


def test_only_the_status_shares_of_2022_do_not_sum_to_100_and_a_note_says_so(stated):
    shares = stated[stated["measure"] == "status_share"]
    off = shares.groupby("source_id").filter(lambda part: abs(part["value"].sum() - 100) > 0.05)
    assert set(off["source_id"]) == {"me-2022"}
    assert off["note"].str.contains("do not add to 100").any()


@pytest.mark.parametrize("year", [2024, 2025])
def test_the_stated_status_counts_sum_to_the_rows(stated, projects, year):
    counts = stated[(stated["measure"] == "status_count") & (stated["source_id"] == f"me-{year}")]
    assert counts["value"].sum() == (projects["report_year"] == year).sum()


@pytest.mark.parametrize("year", [2024, 2025])
def test_the_stated_count_of_completed_projects_is_the_length_of_their_list(stated, year):
    counts = stated[(stated["measure"] == "status_count") & (stated["source_id"] == f"me-{year}")]
    assert counts.set_index("breakdown")["value"]["completed"] == ROWS[(year, "completed")]


def test_a_printed_figure_shows_its_value(stated):
    words = {2: "two", 3: "three", 6: "six", 10: "ten"}
    shown = stated[stated["printed"].notna() & (stated["basis"] == "stated")]
    texts = zip(shown["printed"].str.lower(), shown["value"], strict=True)
    assert [text for text, value in texts if f"{value:g}" not in text and words.get(value, "?") not in text] == []


# Bytes


@pytest.mark.parametrize("name", CSVS)
def test_a_csv_is_utf_8_with_lf_and_no_bom_and_ends_with_one_line_end(name):
    text = (DATA / name).read_bytes().decode("utf-8")
    assert ("\r" in text, "\n\n" in text) == (False, False)
    assert re.fullmatch(r"[^\ufeff].*[^\n]\n", text, re.DOTALL)


@pytest.mark.parametrize("name", FILES)
def test_no_file_holds_an_e_mail_address_or_a_phone_number(name):
    assert CONTACT.findall((DATA / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "contact",
    [
        "a.b@asean.org",
        "+62 21 7243372",
        "+84-24-3825 3536",
        "+66 (0) 2141 6747",
        "(02) 8925 0330",
        "021 724 3372",
        "Tel: ",
    ],
)
def test_the_search_for_contacts_knows_how_they_are_written(contact):
    assert CONTACT.search(f"Ask the focal point ({contact})")


# The official documents


@pytest.fixture(scope="module")
def documents(pdfs: Mapping[str, Path]) -> dict[str, pypdfium2.PdfDocument]:
    return {source: pypdfium2.PdfDocument(path) for source, path in pdfs.items()}


def known(column: str) -> dict[str, str]:
    return {source: value for source, value in columns("sources.csv", "source_id", column) if value}


def test_the_documents_have_the_hashes_of_the_record(pdfs):
    assert known("sha256") == {source: hashlib.sha256(path.read_bytes()).hexdigest() for source, path in pdfs.items()}


def test_the_documents_have_the_sizes_of_the_record(pdfs):
    assert known("bytes") == {source: str(path.stat().st_size) for source, path in pdfs.items()}


def test_the_documents_have_the_page_counts_of_the_record(documents):
    assert known("pages") == {source: str(len(document)) for source, document in documents.items()}


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_every_figure_read_from_text_stands_on_its_page(documents, stated):
    said = stated[(stated["read_from"] == "text") & stated["printed"].notna()]
    assert len(said) >= 69
    for row in said.itertuples():
        page = documents[row.source_id][int(row.page) - 1].get_textpage().get_text_range()
        assert words_of(row.printed) in words_of(page), (row.source_id, row.page)


def test_every_word_of_every_title_stands_on_its_page(documents, projects):
    for row in projects.itertuples():
        page = documents[row.source_id][int(row.page) - 1].get_textpage().get_text_range()
        assert set(row.project_printed.split()) <= set(page.split()), (row.report_year, row.list, row.row_no)


OWN_WORDS = {
    "cities": ("scope", "population_counts", "point_note"),
    "membership": ("wording_note",),
    "project_links": ("evidence",),
    "stated_figures": ("note",),
    "action_plan_cities": ("vision_summary", "note"),
    "action_plan_targets": ("summary",),
    "action_plan_projects": ("evidence",),
    "partner_mentions": ("note",),
    "challenges": ("summary",),
    "events": ("event",),
    "known_contradictions": ("explanation",),
}
RUN = 6  # words in a row; shorter runs are names and titles
NAMES = (  # of documents, events and projects, which have no other words
    "East Asia Summit Leaders Statement on ASEAN Smart Cities",
    *(f"Monitoring and Evaluation Report {year} as of" for year in range(2022, 2026)),
    "ASCN Conference on Smart Solutions for Solving Urban Issues",
    "the Smart City Plan of Pahonyothin",
    "Ha Noi Transport Operation and Surveillance Centre",
    "35 cities as of September 2025",
)


def bare_words(text):
    return re.findall(r"[^\W_]+", text.casefold())


def runs(words):
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def test_what_is_told_in_our_own_words_copies_no_run_of_six_words(pdfs):
    printed = set().union(*(runs(bare_words(" ".join(all_pages(path)))) for path in pdfs.values()))
    titles = {tuple(bare_words(title)) for title in loaders.load_table("project_reports")["project_printed"]}
    titles |= {tuple(bare_words(title)) for title in loaders.load_table("action_plan_projects")["title_printed"]}
    titles |= {tuple(bare_words(name)) for name in NAMES}
    in_titles = set().union(*(runs(list(title)) for title in titles))
    copied = [
        (name, column, " ".join(run))
        for name, columns in OWN_WORDS.items()
        for column in columns
        for text in loaders.load_table(name)[column].dropna()
        for run in runs(bare_words(text)) & printed - in_titles
    ]
    assert copied == []


def all_pages(path):
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
