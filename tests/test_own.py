"""A list of one's own: read to the letter, mapped by its header, every problem named by its row, measured like the record."""

import csv
import io
import random
import sys
from collections import Counter
from datetime import date
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import loaders, metrics, own, own_files, spelling
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError, TableError

HEADER = "Project title,Country,City,Sector,Year,Status"
GOOD = f"""{HEADER}
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2023,planning
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2024,ongoing
Night bus,Viet Nam,Ha Noi,Built Infrastructure,2023,ongoing
Night bus,Viet Nam,Ha Noi,Built Infrastructure,2024,completed
Open data portal,Viet Nam,Ha Noi,Civic & Social,2024,planning
"""
CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"
MEASURES = (
    metrics.totals, metrics.growth, metrics.growth_parts, metrics.per_city, metrics.changes, metrics.shares,
    metrics.one_project_shift, metrics.status_counts, metrics.status_bounds, metrics.completion, metrics.status_steps,
    metrics.transitions, metrics.cohorts, metrics.steadiness,
)  # fmt: skip


def from_text(text: str, **mapping: str | None) -> own.Checked:
    """Read, guess and check a list, with the guess corrected by `mapping`."""
    frame = own.read_bytes("list.csv", text.encode())
    return own.check(frame, {**own.guess(frame.columns, frame), **mapping})


def rows(*lines: str) -> own.Checked:
    return from_text("\n".join([HEADER, *lines]))


def projects_of(checked: own.Checked) -> pd.DataFrame:
    assert checked.problems == []
    assert checked.projects is not None
    return checked.projects


def places(checked: own.Checked) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.column) for problem in checked.problems]


def only(checked: own.Checked) -> own.Problem:
    assert checked.projects is None
    assert len(checked.problems) == 1, checked.problems
    return checked.problems[0]


def parquet(frame: pd.DataFrame) -> bytes:
    pytest.importorskip("pyarrow")
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


# Files


def test_a_file_of_the_record_is_read_as_the_loaders_read_it():
    path = loaders.DATA / "panel.csv"
    pd.testing.assert_frame_equal(own.read(path), loaders.read_strings(path))


def test_a_path_may_be_text(tmp_path):
    (tmp_path / "list.csv").write_text(GOOD, encoding="utf-8")
    assert len(own.read(str(tmp_path / "list.csv"))) == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [("Project title", "\ufeffProject title"), ("\n", "\r\n"), ("\n", "\r"), (",", ";"), (",", "\t")],
    ids=["byte-order mark", "Windows line ends", "old Mac line ends", "semicolons", "tabs"],
)
def test_another_form_of_csv_is_the_same_list(old, new):
    changed = own.read_bytes("list.csv", GOOD.replace(old, new).encode())
    pd.testing.assert_frame_equal(changed, own.read_bytes("list.csv", GOOD.encode()))


def test_quoted_names_do_not_hide_the_semicolons():
    frame = own.read_bytes("list.csv", b'"Title, in full";"Country"\n"a, b, c";IDN\n')
    assert frame.to_dict("records") == [{"Title, in full": "a, b, c", "Country": "IDN"}]


def test_commas_in_cells_do_not_make_a_list_with_semicolons_one_with_commas():
    frame = own.read_bytes("list.csv", b"Title;Country\nOne, two, three;IDN\n")
    assert list(frame.columns) == ["Title", "Country"]


def test_an_upload_may_be_a_memoryview():
    assert len(own.read_bytes("list.csv", memoryview(GOOD.encode()))) == 5


def test_rows_keep_the_line_on_which_they_begin():
    frame = own.read_bytes("list.csv", b'Title,Year\n"two\nlines",2023\n\nNext,2024\n')
    assert list(frame.index) == [2, 5]


@pytest.mark.parametrize("word", ["NA", "nan", "007", "1e3", " spaced ", "=1+1", "TRUE"])
def test_cells_stay_text_exactly_as_printed(word):
    assert own.read_bytes("list.csv", f"Title,Year\n{word},2023\n".encode())["Title"].tolist() == [word]


def test_empty_cells_are_missing():
    assert own.read_bytes("list.csv", b"Title,Year\n,2023\n")["Title"].isna().all()


def test_a_header_alone_is_an_empty_list():
    frame = own.read_bytes("list.csv", b"Title,Year\n")
    assert (list(frame.columns), len(frame)) == (["Title", "Year"], 0)


REFUSED = [
    (b"", 1, "", "the file is empty"),
    (b"\n\n", 1, "", "the file is empty"),
    (b"Title,\n", 1, "", "a column name is empty or doubled"),
    (b"Title,Title\n", 1, "Title", "a column name is empty or doubled"),
    (b"Title,Year\na,2023\nb\n", 3, "", "the row is not as wide as the header"),
    (b"Title,Year\na,2023\nb,2024,\n", 3, "", "the row is not as wide as the header"),
    (b"Title,Year\na,2023\n\xff,2024\n", 3, "", "the text is not UTF-8"),
    (b"Title,Year\na,2023\nb\0,2024\n", 3, "", "a NUL character"),
    (b'Title,Year\na,2023\n"b,2024\n', 3, "", "not readable as CSV (unexpected end of data)"),
    (b"Title,Year\na,2023\n" + b"x" * 131_073 + b",2024\n", 3, "Title", "a cell is too long"),
]


@pytest.mark.parametrize(("content", "row", "column", "problem"), REFUSED)
def test_a_file_that_is_no_table_is_refused_with_its_line(content, row, column, problem):
    with pytest.raises(TableError) as caught:
        own.read_bytes("mine.csv", content)
    error = caught.value
    found = error.problem.removesuffix(" (field larger than field limit (131072))")
    assert (error.file, error.row) == ("mine.csv", row)
    assert (error.column, found) in [(column, problem), ("", "not readable as CSV")]
    assert error.expected


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("list.xlsx", b"PK\x03\x04 rest", "CSV"), ("list.parquet", b"Title,Year\n", "PAR1"), ("list.csv", b"PAR1 x PAR1", "Parquet")],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_with_a_way_out(name, content, word):
    with pytest.raises(TableError, match=word):
        own.read_bytes(name, content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match=r"none\.csv: the file is missing"):
        own.read(tmp_path / "none.csv")


@pytest.mark.parametrize("path", [".", "a\0b"], ids=["folder", "NUL in the path"])
def test_what_is_no_file_is_refused(tmp_path, path):
    with pytest.raises(TableError):
        own.read(f"{tmp_path}/{path}")


def test_a_file_of_more_than_2_gib_is_refused_without_reading_it(tmp_path):
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(2 * 1024**3 + 1)
    with pytest.raises(TableError, match=r"huge\.csv: the file is too large .*2,147,483,648 bytes"):
        own.read(tmp_path / "huge.csv")


@pytest.mark.parametrize("write", [lambda frame: frame.to_csv(index=False).encode(), parquet], ids=["CSV", "Parquet"])
def test_a_list_of_too_many_rows_is_refused(monkeypatch, write):
    monkeypatch.setattr(own_files, "MAX_ROWS", 20_000)
    own.read_bytes("list", write(pd.DataFrame({"a": range(20_000), "b": 1})))
    with pytest.raises(TableError, match=r"the list is too long .*at most 20,000 rows"):
        own.read_bytes("list", write(pd.DataFrame({"a": range(20_001), "b": 1})))


def test_parquet_without_pyarrow_names_the_way_out(monkeypatch):
    content = parquet(pd.DataFrame({"a": ["b"]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(AscnError, match=r"list\.parquet: .*pip install pyarrow, or save the list as CSV"):
        own.read_bytes("list.parquet", content)


def test_parquet_of_text_equals_csv():
    frame = own.read_bytes("list.csv", GOOD.replace("Ha Noi", "").encode())
    again = own.read_bytes("list.parquet", parquet(frame.reset_index(drop=True).fillna("")))
    assert list(again.index) == [1, 2, 3, 4, 5]
    pd.testing.assert_frame_equal(again.reset_index(drop=True), frame.reset_index(drop=True))


def test_a_typed_parquet_file_gives_the_same_projects_as_csv():
    frame = own.read_bytes("list.csv", GOOD.encode()).reset_index(drop=True)
    frame["As of"] = frame["Year"] + "-09-30"
    text = from_text(frame.to_csv(index=False))
    typed = frame.assign(
        Year=frame["Year"].astype("float64"),
        Country=frame["Country"].astype("category"),
        **{"As of": pd.to_datetime(frame["As of"]).dt.date},
    )
    table = own.read_bytes("list.parquet", parquet(typed))
    found = projects_of(own.check(table, own.guess(table.columns, table)))
    pd.testing.assert_frame_equal(found.drop(columns="row_no"), projects_of(text).drop(columns="row_no"))


# Which column is what


def test_our_own_panel_is_recognised(panel):
    fields = {name: name for name in own.FIELDS} | {"country": "iso3"}
    assert own.guess(panel.columns) == fields
    assert own.guess(panel.columns, panel) == fields


# Without the cells, "date" is taken for the year.
WORDS = [
    (name, word) for name, field in own.FIELDS.items() for word in field.words if (name, word) != ("as_of", "date")
]


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_every_word_is_recognised_however_it_is_spelled(name, word):
    for spelled in (word.upper(), word.replace(" ", "_"), word.title().replace(" ", ""), f" {word} "):
        assert {field for field, column in own.guess([spelled]).items() if column} == {name}


@pytest.mark.parametrize(
    "column", ["Budget", "Project cost", "City population", "Contact", "first_year", "", "  ", "№"]
)
def test_a_column_of_something_else_is_not_taken(column):
    assert set(own.guess([column]).values()) == {None}


def test_no_column_is_used_twice():
    assert [own.guess(["Date", "Year"])[name] for name in ("report_year", "as_of")] == ["Year", "Date"]


def test_a_column_of_full_dates_is_not_taken_for_the_year():
    frame = pd.DataFrame({"Date": ["2024-09-25", "2025-09-30"]})
    found = own.guess(frame.columns, frame)
    assert (found["as_of"], found["report_year"]) == ("Date", None)


def test_of_two_columns_the_one_that_looks_right_is_taken():
    frame = pd.DataFrame({"Phase": ["1", "2"], "Stage": ["planning", "ongoing"], "Country code": ["360", "704"], "State": ["IDN", "VNM"]})  # fmt: skip
    found = own.guess(frame.columns, frame)
    assert (found["status"], found["country"]) == ("Stage", "State")


# A good list


def test_a_good_list_has_the_columns_of_the_record(projects):
    found = projects_of(from_text(GOOD))
    assert set(found.columns) == {*projects.columns, "url"}
    alike = [name for name in projects if name not in ("page", "joined_year")]
    assert found[alike].dtypes.equals(projects[alike].dtypes)


def test_a_good_list_is_counted_as_by_hand():
    found = projects_of(from_text(GOOD))
    assert metrics.totals(found)["n"].tolist() == [2, 3]
    assert metrics.totals(found, by=["iso3"])["n"].tolist() == [1, 1, 1, 2]
    assert metrics.per_city(found)["per_city"].tolist() == [1, 1.5]
    assert found["city_id"].unique().tolist() == ["banyuwangi", "ha-noi"]
    assert found["focus_area_id"].unique().tolist() == ["quality-environment", "built-infrastructure", "civic-social"]


def test_a_good_list_is_followed_over_the_years():
    steps = metrics.transitions(projects_of(from_text(GOOD)))
    assert list(zip(steps["status_from"], steps["status_to"], steps["n"], strict=True)) == [
        ("newly listed", "planning", 1),
        ("ongoing", "completed", 1),
        ("planning", "ongoing", 1),
    ]


def test_the_list_follows_the_status_where_there_are_no_lists():
    found = rows("a,IDN,Bandung,,2024,planning", "b,IDN,Bandung,,2024,Completed", "c,IDN,Bandung,,2024,")
    assert projects_of(found)["list"].tolist() == ["ongoing_or_planning", "completed", "all"]


def test_the_status_follows_the_list_where_there_is_none():
    found = projects_of(
        from_text("Title,City,Year,List\na,X,2024,all\nb,X,2024,completed\nc,X,2024,Ongoing or planning\n")
    )
    assert found["status"].tolist() == [own.OPEN, "completed", "planning|ongoing"]
    assert found["status_basis"].tolist() == ["open", "list", "open"]


def test_titles_are_kept_to_the_letter():
    titles = [
        "=1+1",
        "مدينة ذكية",
        "עיר \u200fחכמה",
        "👩‍👩‍👧 family centre",
        "  <b>Smart</b> | city  ",
        '"quoted", too',
        "NA project",
    ]
    text = io.StringIO()
    csv.writer(text).writerows([HEADER.split(","), *([title, "IDN", "Bandung", "", "2024", ""] for title in titles)])
    found = projects_of(from_text(text.getvalue()))
    assert found["project_printed"].tolist() == titles
    assert found["title"].tolist() == [title.strip() for title in titles]


def test_a_title_is_that_of_the_latest_year():
    found = projects_of(from_text("ID,Title,City,Year\n1,New,X,2024\n1,Old,X,2023\n"))
    assert found["title"].tolist() == ["New", "New"]
    assert found["project_printed"].tolist() == ["New", "Old"]


def test_without_ids_projects_are_the_same_if_country_city_and_title_are():
    found = projects_of(
        from_text("Title,Country,City,Year\na ,IDN,X,2023\na,Indonesia,X,2024\na,IDN,Y,2024\nA,IDN,X,2024\n")
    )
    assert found["project_id"].tolist() == ["project-0000001", "project-0000001", "project-0000002", "project-0000003"]


# Countries


@pytest.mark.parametrize("name", ["IDN", "idn", "Indonesia", "INDONESIA", " Indonesia ", "Republic of Indonesia"])
def test_a_known_country_is_taken(name):
    found = projects_of(rows(f"a,{name},Bandung,,2024,"))
    assert found[["iso3", "country"]].to_numpy().tolist() == [["IDN", "Indonesia"]]


def test_a_name_other_than_aseans_is_told():
    notes = rows("a,Vietnam,Hue,,2024,", "b,Timor-Leste,Dili,,2024,on-going").notes
    assert "Read in the column 'Country': 'Vietnam' as Viet Nam (rows: 1)." in notes
    assert "Read in the column 'Status': 'on-going' as ongoing (rows: 1)." in notes


def test_any_country_passes_by_its_code_and_the_map_says_what_it_cannot_draw():
    checked = rows("a,KEN,Nairobi,,2024,", "b,IDN,Bandung,,2024,")
    assert projects_of(checked)["country"].tolist() == ["KEN", "Indonesia"]
    assert any("cannot draw KEN" in note for note in checked.notes)


def test_a_name_that_the_caller_knows_is_taken_and_shown():
    frame = own.read_bytes("list.csv", f"{HEADER}\na,japan,Tsukuba,,2024,\nb,JPN,Kyoto,,2024,\n".encode())
    found = own.check(frame, own.guess(frame.columns), countries={"Japan": "JPN"})
    assert projects_of(found)[["iso3", "country"]].to_numpy().tolist() == [["JPN", "Japan"], ["JPN", "Japan"]]


@pytest.mark.parametrize("countries", [{"Japan": "JP"}, {"Japan": "Japan"}, {"Indonesia": "MYS"}, {"VNM": "IDN"}])
def test_a_name_that_the_caller_gets_wrong_is_refused(countries):
    frame = own.read_bytes("list.csv", GOOD.encode())
    with pytest.raises(AscnError, match="countries"):
        own.check(frame, own.guess(frame.columns), countries=countries)


@pytest.mark.parametrize(("printed", "meant"), [("Indonesa", "Indonesia"), ("Việt Nam", "Viet Nam"), ("Phillipines", "Philippines"), ("SG", "SGP")])  # fmt: skip
def test_an_unknown_country_is_named_with_the_nearest_spelling(printed, meant):
    problem = only(rows(f"a,{printed},X,,2024,"))
    assert (problem.row, problem.column, problem.value) == (2, "Country", printed)
    assert problem.expected.startswith(f"perhaps {meant}; otherwise a country's ISO code")


def test_a_country_unlike_all_others_gets_no_offer():
    assert not only(rows("a,Wakanda,X,,2024,")).expected.startswith("perhaps")


def test_a_look_alike_letter_in_a_country_is_named():
    problem = only(rows(f"a,Indonesi{CYRILLIC_A},X,,2024,"))
    assert "U+0430 CYRILLIC SMALL LETTER A looks like a" in problem.text
    assert problem.expected.startswith("perhaps Indonesia;")


def test_a_letter_that_cannot_be_seen_in_a_country_is_named():
    assert "U+200B ZERO WIDTH SPACE cannot be seen" in only(rows("a,Indonesia\u200b,X,,2024,")).text


# Cities and focus areas


def test_a_look_alike_letter_in_a_city_is_named():
    problem = only(rows("a,IDN,Jakarta,,2024,", f"b,IDN,J{CYRILLIC_A}karta,,2024,"))
    assert (problem.row, problem.column) == (3, "City")
    assert problem.expected.startswith("perhaps Jakarta;")


@pytest.mark.parametrize(
    "city", ["Москва", "กรุงเทพ", "北京", "Đà Nẵng", "Nakhon Si Thammarat", "São Paulo", "ភ្នំពេញ", "🏙"]
)
def test_a_city_in_any_script_is_taken_as_printed(city):
    found = projects_of(rows(f"a,IDN,{city},,2024,"))
    assert found["city"].tolist() == [city]
    assert found["city_id"].notna().all()


def test_cities_of_one_name_in_two_countries_are_two():
    found = projects_of(rows("a,CRI,San José,,2024,", "b,PHL,San Jose,,2024,", "c,PHL,San José,,2024,"))
    assert found["city_id"].tolist() == ["san-jose-cri", "san-jose-phl", "san-jose-phl-2"]


def test_cities_that_differ_in_accents_only_are_kept_apart_and_told():
    notes = rows("a,VNM,Hà Nội,,2024,", "b,VNM,Ha Noi,,2024,").notes
    assert "Kept apart, though they differ in case, accents or signs only: Ha Noi, Hà Nội." in notes


@pytest.mark.parametrize("area", v.FOCUS_AREAS, ids=lambda area: area.id)
def test_official_focus_areas_are_taken_by_name_and_id(area):
    words = [area.id, area.name, area.name.upper(), area.name.replace("&", "and")]
    checked = rows(*(f"{i},IDN,X,{word},2024," for i, word in enumerate(words)))
    assert projects_of(checked)[["focus_area_id", "focus_area"]].drop_duplicates().to_numpy().tolist() == [
        [area.id, area.name]
    ]
    assert (checked.own_areas, checked.categories) == (False, 6)


def test_own_focus_areas_are_kept_and_flagged():
    checked = rows("a,IDN,X,Transport,2024,", "b,IDN,X,Water & Waste,2024,", "c,IDN,X,Civic & Social,2024,")
    found = projects_of(checked)
    assert found["focus_area_id"].tolist() == ["transport", "water-waste", "civic-social"]
    assert found["focus_area"].tolist() == ["Transport", "Water & Waste", "Civic & Social"]
    assert (checked.own_areas, checked.categories) == (True, 3)


def test_a_focus_area_that_is_not_given_says_so():
    checked = rows("a,IDN,X,Civic & Social,2024,", "b,IDN,X,,2024,", "c,IDN,X,Not given,2024,")
    found = projects_of(checked)
    assert found["focus_area_id"].tolist() == ["civic-social", own.NOT_GIVEN_ID, own.NOT_GIVEN_ID]
    assert found["focus_area"].tolist()[1] == own.NOT_GIVEN
    assert checked.own_areas is False


def test_all_six_areas_and_none_given_can_be_measured_with_the_categories_told():
    lines = [f"{area.id},IDN,X,{area.id},2024," for area in v.FOCUS_AREAS]
    checked = rows(*lines, "b,IDN,X,,2024,")
    assert checked.categories == 7
    assert metrics.concentration(projects_of(checked), categories=checked.categories)["evenness"].round(9).tolist() == [
        1
    ]


def test_a_near_miss_of_an_official_area_beside_official_ones_is_a_problem():
    problem = only(rows("a,IDN,X,Civic & Social,2024,", "b,IDN,X,Civic & Socail,2024,"))
    assert (problem.row, problem.column) == (3, "Sector")
    assert problem.expected.startswith("perhaps Civic & Social;")


# Problems


def test_three_errors_are_listed_with_their_rows():
    checked = from_text(GOOD.replace("Indonesia,Banyuwangi,Quality Environment,2024", "Indonesa,Banyuwangi,Quality Environment,2024")
                        .replace("Built Infrastructure,2023", "Built Infrastructure,2O23").replace("2024,completed", "2024,cancelled"))  # fmt: skip
    assert checked.projects is None
    assert places(checked) == [(3, "Country"), (4, "Year"), (5, "Status")]
    assert [problem.value for problem in checked.problems] == ["Indonesa", "2O23", "cancelled"]
    assert checked.problems[1].text == (
        "row 4, column Year: not a whole number (value '2O23'); expected a whole number from 1900 to 2100, such as 2024"
    )


@pytest.mark.parametrize(
    "year", ["2024.5", "2024.0", "MMXXIV", "２０２４", "٢٠٢٤", "24", "1899", "2101", "-2024", "2024-25", "2_024", "1e3"]
)
def test_what_is_no_year_is_a_problem(year):
    problem = only(rows(f"a,IDN,X,,{year},"))
    assert (problem.row, problem.column, problem.value) == (2, "Year", year)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "NaN", "NULL", "<NA>", "#N/A"])
@pytest.mark.parametrize("column", range(6))
def test_a_word_that_programs_write_for_nothing_is_a_problem(word, column):
    cells = ["a", "IDN", "X", "Transport", "2024", "ongoing"]
    cells[column] = word
    assert places(rows(",".join(cells))) == [(2, HEADER.split(",")[column])]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2024.5])
def test_numbers_that_are_no_years_are_problems(value):
    frame = pd.DataFrame({"Title": ["a", "b"], "City": "X", "Year": [2024.0, value]}, index=[2, 3])
    assert places(own.check(frame, own.guess(frame.columns))) == [(3, "Year")]


@pytest.mark.parametrize("title", ["", "   ", "\u00a0"])
def test_an_empty_title_is_a_problem(title):
    assert (only(rows(f"{title},IDN,X,,2024,")).row, only(rows(f"{title},IDN,X,,2024,")).column) == (2, "Project title")


@pytest.mark.parametrize("sign", ["\x01", "\t", "\x7f", "\x9b", "\u2028", "\u202e", "\n"])
def test_a_control_character_is_a_problem(sign):
    problem = only(rows(f'"a{sign}b",IDN,X,,2024,'))
    assert (problem.row, problem.column) == (2, "Project title")
    assert sign not in problem.text


def test_a_row_without_country_and_city_is_a_problem():
    assert only(rows("a,,,,2024,")).expected == "a country or a city"


@pytest.mark.parametrize("line", ["a,IDN,,,2024,", "a,,Bandung,,2024,"])
def test_country_or_city_is_enough(line):
    assert len(projects_of(rows(line))) == 1


@pytest.mark.parametrize(
    "status", ["implementation", "implemented", "active", "on hold", "planning, ongoing", "0ngoing"]
)
def test_a_status_that_is_not_sure_is_a_problem(status):
    problem = only(rows(f'a,IDN,X,,2024,"{status}"'))
    assert "one of planning, ongoing, completed" in problem.expected


@pytest.mark.parametrize(("word", "status"), own.STATUS_SYNONYMS.items())
def test_a_synonym_of_a_status_is_taken(word, status):
    assert projects_of(rows(f"a,IDN,X,,2024,{word.upper()}"))["status"].tolist() == [status]


def test_a_project_that_stands_twice_in_a_year_is_a_problem():
    problem = only(rows("a,IDN,X,,2024,", "a,IDN,X,,2023,", "a ,Indonesia,X,,2024,"))
    assert (problem.row, problem.column) == (4, "Project title")
    assert problem.expected == "one row for each project and year; row 2 is the first"


def test_an_id_that_stands_twice_in_a_year_is_a_problem():
    problem = only(from_text("ID,Title,City,Year\n1,a,X,2024\n1,b,X,2024\n"))
    assert (problem.row, problem.column) == (3, "ID")


def test_an_id_that_changes_its_city_is_a_problem():
    problem = only(from_text("ID,Title,City,Year\n1,a,X,2023\n1,b,Y,2024\n"))
    assert "another place in row 2" in problem.text


def test_an_empty_id_is_a_problem():
    assert only(from_text("ID,Title,City,Year\n1,a,X,2023\n,b,Y,2024\n")).row == 3


@pytest.mark.parametrize("day", ["2024-9-1", "2024-02-30", "30/9/2024", "2024", "soon"])
def test_what_is_no_date_is_a_problem(day):
    problem = only(from_text(f"Title,City,Year,As of\na,X,2023,2023-09-01\nb,X,2024,{day}\n"))
    assert (problem.row, problem.column) == (3, "As of")


@pytest.mark.parametrize("day", ["2024-09-02", ""])
def test_a_second_date_of_a_report_year_is_a_problem(day):
    problem = only(from_text(f"Title,City,Year,As of\na,X,2024,2024-09-01\nb,X,2024,{day}\n"))
    assert "2024-09-01 as in row 2" in problem.expected


def test_growth_uses_the_dates_that_are_given():
    found = projects_of(
        from_text("Title,City,Year,As of\na,X,2023,2023-09-01\na,X,2024,2024-09-01\nb,X,2024,2024-09-01\n")
    )
    assert metrics.growth(found)["days"].tolist()[1] == (date(2024, 9, 1) - date(2023, 9, 1)).days


def test_a_status_that_contradicts_the_list_is_a_problem():
    problem = only(from_text("Title,City,Year,Status,List\na,X,2024,planning,completed\nb,X,2024,ongoing,all\n"))
    assert (problem.row, problem.column) == (2, "Status")


def test_what_the_list_as_a_whole_lacks_is_said_without_a_row():
    checked = from_text("Budget,Remarks\n1,b\n")
    assert places(checked) == [(None, "project title"), (None, "report year"), (None, "country or city")]


def test_a_list_without_rows_is_a_problem():
    assert only(from_text(f"{HEADER}\n")).text == "the list has no rows; expected at least one row"


def test_problems_beyond_a_thousand_are_counted():
    checked = rows(*(f"{i},Atlantis,X,,{i},active" for i in range(700)))
    assert (len(checked.problems), checked.more) == (1000, 1100)
    assert places(checked)[:4] == [(2, "Country"), (2, "Year"), (2, "Status"), (3, "Country")]


def test_rows_without_numbers_are_counted_from_1():
    frame = pd.DataFrame({"Title": ["a", None], "City": "X", "Year": "2024"}, index=["p", "q"])
    assert only(own.check(frame, own.guess(frame.columns))).row == 2


@pytest.mark.parametrize("mapping", [{"title": "No such"}, {"titel": "Title"}, {"title": "Title", "city": "Title"}])
def test_a_mapping_that_does_not_fit_is_refused(mapping):
    with pytest.raises(AscnError, match="mapping"):
        own.check(pd.DataFrame({"Title": ["a"]}), mapping)


@pytest.mark.parametrize("cell", [[1], b"a", object(), "\ud800", pd.Timedelta(1), 1j])
def test_cells_of_another_kind_are_refused_with_their_column(cell):
    frame = pd.DataFrame({"Title": pd.Series([cell], dtype="object"), "City": "X", "Year": "2024"})
    with pytest.raises(AscnError, match="column 'Title'"):
        own.check(frame, {"title": "Title", "city": "City", "report_year": "Year"})


def test_the_frame_is_left_as_it_was():
    frame = own.read_bytes("list.csv", GOOD.encode())
    before = frame.copy(deep=True)
    own.check(frame, own.guess(frame.columns, frame))
    pd.testing.assert_frame_equal(frame, before)


# The measures run on it


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
@pytest.mark.parametrize(
    "text", ["Title,City,Year\na,X,2023\na,X,2024\nb,X,2024\n", "Title,Country,Year\na,KEN,2023\nb,IDN,2024\n", GOOD]
)
def test_every_measure_takes_a_list_that_tells_little(measure, text):
    assert len(measure(projects_of(from_text(text)))) > 0


def test_a_project_without_status_is_not_taken_for_one_no_longer_listed():
    found = metrics.cohorts(projects_of(from_text("Title,City,Year\na,X,2023\na,X,2024\n")))
    assert set(found["state"]) == {"perhaps completed"}


# Properties

SYNONYMS = st.fixed_dictionaries({name: st.sampled_from(field.words) for name, field in own.FIELDS.items()})
SPELLINGS = st.sampled_from([str.upper, str.title, str.lower, lambda w: w.replace(" ", "_"), lambda w: f" {w}", lambda w: w.title().replace(" ", "")])  # fmt: skip


MEASURES = {
    **{measure.__name__: measure for measure in (metrics.totals, metrics.shares, metrics.status_counts, metrics.growth, metrics.transitions)},
    **{f"totals by {by}": partial(metrics.totals, by=[by]) for by in ("iso3", "city_id")},
}  # fmt: skip


@pytest.fixture(scope="module")
def measured(projects):
    """What the measures give for the record."""
    return {name: measure(projects) for name, measure in MEASURES.items()}


@pytest.mark.parametrize("country", ["iso3", "country"])
@settings(max_examples=40)
@given(words=SYNONYMS, spell=SPELLINGS, seed=st.integers(0, 10**6), delimiter=st.sampled_from(",;\t"))
def test_our_own_panel_under_other_column_names_has_the_same_metrics(country, words, spell, seed, delimiter, measured):
    columns = {**{name: name for name in own.FIELDS}, "country": country}
    renamed = {columns[name]: spell(word) for name, word in words.items()}
    if len({name.strip().casefold() for name in renamed.values()}) < len(renamed):
        return
    raw = loaders.read_strings(loaders.DATA / "panel.csv")[list(renamed)].rename(columns=renamed)
    raw = raw.sample(frac=1, random_state=seed)[random.Random(seed).sample(list(raw.columns), raw.shape[1])]
    frame = own.read_bytes("panel.csv", raw.to_csv(index=False, sep=delimiter).encode())
    mapping = own.guess(frame.columns, frame)
    assert mapping == {name: renamed[column] for name, column in columns.items()}
    found = projects_of(own.check(frame, mapping))
    for name, measure in MEASURES.items():
        pd.testing.assert_frame_equal(measure(found), measured[name])


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_in_a_hundred_thousand_rows_every_planted_error_is_found_and_none_else(seed):
    rng = np.random.default_rng(seed)
    n = 100_000
    frame = pd.DataFrame(
        {
            "Title": [f"Project {i // 4}" for i in range(n)],
            "Country": rng.choice(list(v.COUNTRY_NAMES.values()), n // 4).repeat(4),
            "Year": np.tile(["2021", "2022", "2023", "2024"], n // 4),
            "Status": rng.choice(["planning", "ongoing", "completed"], n),
        },
        index=pd.Index(range(2, n + 2), name="line"),
        dtype="str",
    )
    mapping = own.guess(frame.columns)
    totals = metrics.status_counts(projects_of(own.check(frame, mapping)))
    assert {(str(year), status): n for year, status, n in totals.itertuples(index=False)} == Counter(
        zip(frame["Year"], frame["Status"], strict=True)
    )
    wrong = {"Title": "", "Country": "Vietman", "Year": "2O24", "Status": "done?"}
    planted = sorted((int(line), str(rng.choice(list(wrong)))) for line in rng.choice(frame.index, 900, replace=False))
    for line, column in planted:
        frame.loc[line, column] = wrong[column]
    assert places(own.check(frame, mapping)) == planted


AWKWARD = st.sampled_from(
    [
        *("", " ", "nan", "inf", "2024", "2O24", "-1", "99999999999999999999", "1e400", "１", "2024-09-30", "x" * 200),
        *("IDN", "Indonesia", f"Indonesi{CYRILLIC_A}", "planning", "completed", "planning|ongoing", "|", "all"),
        *("Civic & Social", "Civic & Socail", "=1+1", "ID", "İ", "ß", "🙂", "مدينة"),
        *("\n", '"', ",", ";", "\t", "\r", "\x00", "\ufeff", "\u202e"),
    ]
)
NAMES = st.sampled_from([word for field in own.FIELDS.values() for word in field.words] + ["Budget", "", "İd", "\n"])


@settings(max_examples=150)
@given(
    header=st.lists(NAMES, min_size=1, max_size=7),
    cells=st.lists(st.lists(AWKWARD, max_size=7), max_size=8),
    quoted=st.booleans(),
)
def test_awkward_lists_are_checked_or_refused(header, cells, quoted):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(
        [header, *((row + [""] * 7)[: len(header)] for row in cells)]
    )
    checked_or_refused(text.getvalue().encode())


@settings(max_examples=150)
@given(seed=st.integers(0, 10**9))
def test_damaged_bytes_are_checked_or_refused(seed):
    rng, damaged = random.Random(seed), bytearray(GOOD.encode())
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(damaged))
        damaged[at : at + rng.randrange(3)] = rng.choice([rng.randbytes(2), b"\n", b",", b'"', b"\r", b";", b"\0", b""])
    checked_or_refused(bytes(damaged))


@settings(max_examples=60)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_checked_or_refused(content):
    checked_or_refused(content)


def checked_or_refused(content: bytes) -> None:
    """Check that reading and checking either works or raises an error of ours."""
    try:
        frame = own.read_bytes("list.csv", content)
        result = own.check(frame, own.guess(frame.columns, frame))
    except AscnError:
        return
    assert (result.projects is None) == bool(result.problems)
    assert all(problem.text.isprintable() for problem in result.problems)
    assert all(problem.row is None or problem.row in frame.index for problem in result.problems)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_a_damaged_parquet_file_is_read_or_refused(seed):
    rng, damaged = random.Random(seed), bytearray(parquet(own.read_bytes("list.csv", GOOD.encode())))
    for _ in range(rng.randint(1, 4)):
        damaged[rng.randrange(4, len(damaged) - 4)] = rng.randrange(256)
    checked_or_refused(bytes(damaged))


OBJECTS = st.one_of(
    st.none(), st.text(max_size=5), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.decimals(),
    st.binary(max_size=3), st.lists(st.integers(), max_size=2), AWKWARD,
)  # fmt: skip


@settings(max_examples=150)
@given(data=st.lists(st.lists(OBJECTS, min_size=4, max_size=4), max_size=6), fields=st.permutations(list(own.FIELDS)))
def test_frames_of_any_cells_are_checked_or_refused(data, fields):
    frame = pd.DataFrame(data, columns=list("abcd"), dtype="object")
    try:
        result = own.check(frame, dict(zip(fields, "abcd", strict=False)))
    except AscnError:
        return
    assert (result.projects is None) == bool(result.problems)


# Spelling


@given(names=st.lists(st.tuples(st.sampled_from(["", "IDN", "PHL"]), st.text(max_size=6)), max_size=12))
def test_every_name_has_an_id_of_its_own(names):
    found = spelling.ids(names, reserved=["a"])
    assert len(set(found.values())) == len(set(names)) == len(found)
    assert "a" not in found.values()


def test_ids_do_not_depend_on_the_order():
    names = [("", "Ha Noi"), ("", "Hà Nội"), ("", "ha-noi")]
    assert spelling.ids(names) == spelling.ids(reversed(names))


@given(text=st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_letters_look_like_themselves(text):
    assert spelling.seen(text) == text


def test_ids_of_our_cities_are_those_of_the_record(cities):
    assert [spelling.slug(city) for city in cities["city"]] == cities["city_id"].tolist()


def unpacking(kind: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "one long cell again and again": {"c": ["x" * 100_000] * 2_000},
        "columns of zeros": {f"c{i}": pa.array([0] * 200_000) for i in range(60)},
        "very many columns": {f"c{i}": [1] for i in range(2_000)},
        "lists": {"c": [["x"]]},
    }
    file = io.BytesIO()
    pq.write_table(pa.table(columns[kind]), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("one long cell again and again", "unpacks to far more than it holds"),
        ("columns of zeros", "unpacks to far more than it holds"),
        ("very many columns", "too many columns"),
        ("lists", "a column is nested"),
    ],
)
def test_a_parquet_file_that_unpacks_to_far_more_is_refused(kind, said):
    with pytest.raises(TableError, match=said):
        own.read_bytes("list.parquet", unpacking(kind))


def test_a_list_without_countries_can_be_explored():
    from ascn_analysis import widgets

    widget = widgets.bring_your_own()
    text = GOOD.replace("Country,", "Land,").replace("Indonesia", "x").replace("Viet Nam", "x")
    widget._take("list.csv", own.read_bytes("list.csv", text.encode()), None)
    widget.mapping["country"].value = "(no column)"
    assert widget.check().projects is not None
    assert widget.explorer is not None
