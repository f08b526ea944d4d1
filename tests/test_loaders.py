"""The loaders: what they accept, and that each refusal names file, row, column, value and expectation."""

import contextlib
import json
import os
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from ascn_analysis import loaders, schemas
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError, TableError

MAP = "boundaries/asean.topojson"
CELL_WITHOUT = "text without outer spaces, line breaks or control characters"
ROW_2_NUMBER = "2022,all,1,"
OTHER = {"iso3": "AUS", "country": "Australia"}


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """The first four rows of every table, to damage."""
    for path in loaders.DATA.glob("*.csv"):
        (tmp_path / path.name).write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:5]))
    return tmp_path


@cache
def table(name: str) -> pd.DataFrame:
    """Load a committed table, once."""
    return loaders.load_table(name)


def damage(path: Path, old: str | bytes, new: str | bytes) -> None:
    old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def error(load: Callable[..., object], *arguments: object) -> TableError:
    with pytest.raises(TableError) as caught:
        load(*arguments)
    return caught.value


def countries(folder: Path, content: bytes) -> TableError:
    """Write countries.csv and return the error on loading it."""
    (folder / "countries.csv").write_bytes(content)
    return error(loaders.load_countries, folder)


# What is accepted


@pytest.mark.parametrize("name", schemas.TABLES)
def test_every_table_loads_with_the_columns_of_its_schema(name):
    assert len(table(name)) > 0
    assert list(table(name).columns) == list(schemas.TABLES[name].columns)


def test_rows_are_numbered_from_0():
    assert table("cities").index.equals(pd.RangeIndex(38))


def test_a_folder_may_be_given_as_text(start):
    assert len(loaders.load_countries(str(start))) == 4


@pytest.mark.parametrize(
    ("old", "new"), [(b"", b"\xef\xbb\xbf"), (b"\n", b"\r\n")], ids=["byte-order mark", "Windows line ends"]
)
def test_bom_and_crlf_are_accepted_with_equal_content(data_copy, old, new):
    path = data_copy / "stated_figures.csv"
    path.write_bytes(path.read_bytes().replace(old, new, -1 if old else 1))
    pd.testing.assert_frame_equal(loaders.load_stated_figures(data_copy), table("stated_figures"))


@pytest.mark.parametrize("name", schemas.TABLES)
def test_header_only_gives_an_empty_table_of_the_same_types(start, name):
    path = start / f"{name}.csv"
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    empty = loaders.load_table(name, start)
    assert empty.empty
    assert empty.dtypes.equals(table(name).dtypes)


@pytest.mark.parametrize("word", ["NA", "nan", "None", "null", "TRUE", "007", "=1+1"])
def test_words_that_programs_take_for_something_else_stay_text(start, word):
    damage(start / "cities.csv", "Battambang,KHM", f"{word},KHM")
    assert loaders.load_table("cities", start)["city"][1] == word


def test_an_empty_cell_is_missing_and_not_zero():
    years = table("cities")["population_year"]
    assert years.isna().any()
    assert years.min() > 1990


def test_leading_zeros_of_a_code_are_kept():
    assert table("countries").set_index("iso3")["m49"]["BRN"] == "096"


# Files that cannot be read as a table


@pytest.mark.parametrize("name", schemas.TABLES)
def test_a_missing_file_is_named(tmp_path, name):
    problem = error(loaders.load_table, name, tmp_path)
    assert (problem.file, problem.row, problem.problem) == (f"{name}.csv", None, "the file is missing")


def test_a_folder_that_is_a_file_is_named_as_unreadable(start):
    problem = error(loaders.load_countries, start / "README.md")
    assert (problem.file, problem.expected) == ("countries.csv", "a readable CSV file")


def test_latin_1_names_the_line_and_the_byte(start):
    damage(start / "cities.csv", "²".encode(), b"\xb2")
    problem = error(loaders.load_table, "cities", start)
    assert (problem.file, problem.row, problem.expected) == ("cities.csv", 2, "UTF-8")
    assert problem.value.startswith(b"\xb2")


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-16", "UTF-8"), ("utf-16-le", "text"), ("utf-32", "UTF-8"), ("utf-16-be", "text")]
)
def test_other_unicode_encodings_are_refused_on_line_1(start, encoding, expected):
    problem = countries(start, (start / "countries.csv").read_text("utf-8").encode(encoding))
    assert (problem.file, problem.row, problem.expected) == ("countries.csv", 1, expected)


def test_a_nul_names_its_line(start):
    damage(start / "cities.csv", "Battambang", "Batt\0mbang")
    problem = error(loaders.load_table, "cities", start)
    assert (problem.file, problem.row, problem.value, problem.expected) == ("cities.csv", 3, "\0", "text")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n", b"\r\n\r\n"], ids=["0 bytes", "BOM", "LF", "CRLF"])
def test_an_empty_file_misses_its_header(start, content):
    problem = countries(start, content)
    assert (problem.row, problem.problem, problem.expected) == (1, "the file is empty", "a header line")


@pytest.mark.parametrize(("row", "cells"), [("KHM,KH,Cambodia", 3), ("KHM,KH,Cambodia,116,", 5), ("KHM", 1)])
def test_a_ragged_row_names_its_line_and_both_widths(start, row, cells):
    damage(start / "countries.csv", "KHM,KH,Cambodia,116", row)
    problem = error(loaders.load_countries, start)
    assert (problem.file, problem.row, problem.value, problem.expected) == ("countries.csv", 3, cells, "4 cells")


def test_a_doubled_header_line_is_no_row(start):
    header = "iso3,iso2,country,m49\n"
    damage(start / "countries.csv", header, header * 2)
    problem = error(loaders.load_countries, start)
    assert (problem.row, problem.column, problem.value) == (2, "iso3", "iso3")


@pytest.mark.parametrize("header", ["iso3,iso3,country,m49", "iso3,,country,m49"])
def test_an_empty_or_doubled_column_name_is_refused(start, header):
    damage(start / "countries.csv", "iso3,iso2,country,m49", header)
    problem = error(loaders.load_countries, start)
    assert (problem.row, problem.column, problem.expected) == (1, header.split(",")[1] or "", "each name once")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('KHM,KH,"Cambodia,116', "unexpected end of data"),
        ('KHM,KH,"Camb"odia,116', "',' expected after '\"'"),
        (f"KHM,KH,{'x' * 131_073},116", "field larger than field limit"),
    ],
    ids=["quote never closed", "text after a closing quote", "cell over the limit"],
)
def test_broken_csv_names_the_line_on_which_the_row_begins(start, row, reason):
    problem = countries(start, b"iso3,iso2,country,m49\nBRN,BN,Brunei Darussalam,096\n" + row.encode() + b"\n")
    assert (problem.file, problem.row, problem.expected) == ("countries.csv", 3, "comma-separated values")
    assert reason in problem.problem


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_misses_the_first_column(start, separator):
    problem = countries(start, (start / "countries.csv").read_bytes().replace(b",", separator.encode()))
    assert (problem.row, problem.column, problem.problem) == (1, "iso3", "a column is missing")


# Columns


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        ("iso3,iso2,country", "m49", "a column is missing"),
        ("iso3,iso2,country,m49,flag", "flag", "a column is not known"),
        ("iso3,iso2,country,M49", "m49", "a column is missing"),
        ("iso2,iso3,country,m49", "", "the columns are out of order"),
    ],
)
def test_wrong_columns_are_named_with_those_expected(start, header, column, reason):
    problem = countries(start, f"{header}\n".encode())
    assert (problem.file, problem.row, problem.column, problem.problem) == ("countries.csv", 1, column, reason)
    assert problem.expected.endswith("iso3, iso2, country, m49")


# Cells


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "expected"),
    [
        ("cities", ",BRN,", ",XXX,", (2, "iso3", "XXX"), "one of BRN, KHM, IDN"),
        ("cities", ",BRN,", ",brn,", (2, "iso3", "brn"), "one of BRN, KHM, IDN"),
        ("project_reports", ",civic-social,", ",civic,", (2, "focus_area_id", "civic"), "one of civic-social, health"),
        ("sources", ",2018-03-23,", ",23/3/2018,", (2, "as_of", "23/3/2018"), "an ISO 8601 date such as 2025"),
        ("sources", ",2018-03-23,", ",2018-02-30,", (2, "as_of", "2018-02-30"), "an ISO 8601 date such as 2025"),
        ("sources", ",primary\n", ",main\n", (2, "grade", "main"), "one of primary, secondary"),
        ("project_reports", ROW_2_NUMBER, "2022,all,1000,", (2, "row_no", "1000"), "a whole number from 1 to 999"),
        ("project_reports", ROW_2_NUMBER, "1999,all,1,", (2, "report_year", "1999"), "a whole number from 2018"),
        ("project_reports", ROW_2_NUMBER, "2022,all,one,", (2, "row_no", "one"), "a whole number"),
        ("project_reports", ROW_2_NUMBER, "2022,all,1.5,", (2, "row_no", "1.5"), "a whole number"),
        ("project_reports", ROW_2_NUMBER, f"2022,all,{'9' * 30},", (2, "row_no", "9" * 30), "a whole number"),
        ("cities", ",64409,", ",many,", (2, "population", "many"), "a whole number"),
        ("cities", ",64409,", ',"64,409",', (2, "population", "64,409"), "a whole number"),
        ("cities", ",64409,", ",0,", (2, "population", "0"), "a whole number from 1 to"),
        ("cities", ",4.89035,", ",48.9035,", (2, "lat", "48.9035"), "a number from -11 to 29"),
        ("cities", ",4.89035,", ",north,", (2, "lat", "north"), "a number"),
        ("cities", ",4.89035,", ',"4,89",', (2, "lat", "4,89"), "a number"),
        ("cities", ",4.89035,", ",inf,", (2, "lat", "inf"), "a number, plainly written"),
        ("cities", ",114.94006,", ",4.89035,", (2, "lon", "4.89035"), "a number from 92 to 142"),
        ("cities", ",Battambang,", ",Battambang ,", (3, "city", "Battambang "), CELL_WITHOUT),
        ("cities", ",Battambang,", ",\u00a0Battambang,", (3, "city", "\u00a0Battambang"), CELL_WITHOUT),
        ("cities", ",Battambang,", ',"Battam\nbang",', (3, "city", "Battam\nbang"), CELL_WITHOUT),
        ("cities", ",Battambang,", ",Battam\u2028bang,", (3, "city", "Battam\u2028bang"), CELL_WITHOUT),
        ("cities", "battambang,B", "Battam bang,B", (3, "city_id", "Battam bang"), "a lower-case id such as"),
        ("membership", ",true,", ",yes,", (2, "used", "yes"), "one of true, false"),
        ("sources", ",https://asean.org/wp", ",asean.org/wp", (2, "url", None), "a web address"),
        ("cities", ",Battambang,", ",,", (3, "city", ""), "a value, because unknown is not allowed here"),
        ("cities", ",4.89035,", ",,", (2, "lat", ""), "a value, because unknown is not allowed here"),
        ("project_reports", ROW_2_NUMBER, "2022,all,,", (2, "row_no", ""), "a value, because unknown is not allowed"),
    ],
)
def test_a_wrong_cell_is_named_by_file_row_column_value_and_expectation(start, name, old, new, place, expected):
    damage(start / f"{name}.csv", old, new)
    problem = error(loaders.load_table, name, start)
    assert (problem.file, problem.row, problem.column) == (f"{name}.csv", *place[:2])
    assert problem.value == place[2] or place[2] is None
    assert problem.expected.startswith(expected)


def test_the_message_says_all_that_the_error_knows(start):
    damage(start / "cities.csv", ",BRN,", ",XXX,")
    message = str(error(loaders.load_table, "cities", start))
    assert message.startswith(
        "cities.csv, row 2, column iso3: a value is not as expected (value 'XXX'); expected one of"
    )


def test_rows_behind_a_blank_line_keep_their_line_number(start):
    damage(start / "cities.csv", "\nbattambang,", "\n\nbattambang,")
    damage(start / "cities.csv", ",KHM,", ",XXX,")
    assert error(loaders.load_table, "cities", start).row == 4


def test_rows_behind_a_cell_of_two_lines_keep_their_line_number(start):
    damage(start / "countries.csv", "Brunei Darussalam", '"Brunei\nDarussalam"')
    damage(start / "countries.csv", "KHM,KH,Cambodia,116", "KHM,KH,Cambodia")
    assert error(loaders.load_countries, start).row == 4


def test_the_first_wrong_row_is_named_whatever_is_wrong_with_it(start):
    damage(start / "project_reports.csv", "2022,all,3,", "2022,all,three,")
    damage(start / "project_reports.csv", "2022,all,2,", "2022,every,2,")
    problem = error(loaders.load_table, "project_reports", start)
    assert (problem.row, problem.column) == (3, "list")


@pytest.mark.parametrize("name", schemas.TABLES)
def test_a_doubled_key_names_the_second_row_and_the_key(start, name):
    path = start / f"{name}.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[1]]))
    problem = error(loaders.load_table, name, start)
    assert (problem.file, problem.row, problem.expected) == (f"{name}.csv", len(lines) + 1, "each key once")
    assert problem.column == ", ".join(schemas.TABLES[name].key)


@settings(max_examples=150)
@given(
    place=st.floats(0, 1), cut=st.integers(0, 12), insert=st.binary(max_size=6) | st.sampled_from([b'"', b"\n", b","])
)
def test_any_damage_to_a_file_is_harmless_or_a_table_error(tmp_path_factory, place, cut, insert):
    content = (loaders.DATA / "countries.csv").read_bytes()
    at = int(place * len(content))
    path = tmp_path_factory.mktemp("damaged") / "countries.csv"
    path.write_bytes(content[:at] + insert + content[at + cut :])
    with contextlib.suppress(TableError):
        assert set(loaders.load_countries(path.parent)["iso3"]) <= set(v.COUNTRY_NAMES)


# Links between tables

LINKS = [(name, column) for name, table in schemas.TABLES.items() for column in table.links]


@pytest.mark.parametrize(("name", "column"), LINKS)
def test_an_unknown_id_is_named_with_the_table_that_should_hold_it(name, column):
    owner, _ = schemas.TABLES[name].links[column]
    damaged = loaders.read_table(name)
    damaged.loc[5, column] = "nowhere"
    problem = error(loaders.check_links, {owner: table(owner), name: damaged})
    assert (problem.file, problem.row, problem.column, problem.value) == (f"{name}.csv", 5, column, "nowhere")
    assert problem.expected == f"an id of {owner}.csv"


def test_an_empty_cell_is_no_unknown_id():
    cities = table("cities").copy()
    cities.loc[3, "population_source_id"] = None
    loaders.check_links({"sources": table("sources"), "cities": cities})


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("projects", ",battambang,", ",battambong,", (7, "city_id", "battambong")),
        ("project_reports", ",me-2022,", ",me-2021,", (2, "source_id", "me-2021")),
        ("project_reports", "-digital-identity,", "-digital-id,", (4, "project_id", "bandar-seri-begawan-digital-id")),
        ("project_reports", ",Bandar Seri ", ",Bandar Sri ", (2, "city_printed", "Bandar Sri Begawan")),
    ],
)
def test_load_projects_refuses_an_unknown_id(data_copy, name, old, new, place):
    damage(data_copy / f"{name}.csv", old, new)
    problem = error(loaders.load_projects, data_copy)
    assert (problem.file, problem.row, problem.column, problem.value) == (f"{name}.csv", *place)


def test_load_cities_refuses_an_unknown_source(data_copy):
    damage(data_copy / "cities.csv", ",scaps-2018,", ",scaps-2017,")
    problem = error(loaders.load_cities, data_copy)
    assert (problem.row, problem.column, problem.value) == (2, "population_source_id", "scaps-2017")


# What the loaders add


def test_load_projects_gives_405_rows_with_a_unique_key(projects):
    assert len(projects) == 405
    assert not projects.duplicated(["report_year", "list", "row_no"]).any()


def test_load_projects_leaves_no_cell_missing(projects):
    assert projects.notna().all(axis=None)


def test_load_projects_adds_the_day_that_each_report_speaks_of(projects):
    days = dict(zip(projects["report_year"], projects["as_of"], strict=True))
    assert days == {2022: "2022-09-21", 2023: "2023-08-14", 2024: "2024-09-25", 2025: "2025-09-30"}


def test_load_panel_equals_load_projects_in_every_column_that_both_have(panel, projects):
    shared = [column for column in panel.columns if column in projects.columns]
    assert len(shared) == 19
    pd.testing.assert_frame_equal(panel[shared], projects[shared])


@pytest.mark.parametrize("column", ["lat", "lon", "city", "iso3", "country", "joined_year", "cohort"])
def test_load_panel_equals_load_cities_in_what_it_says_of_cities(panel, cities, column):
    assert (panel["city_id"].map(cities.set_index("city_id")[column]) == panel[column]).all()


def test_load_cities_adds_the_first_report_that_lists_each_city(cities):
    years = cities.groupby("first_report", dropna=False).size().to_dict()
    assert {year: n for year, n in years.items() if pd.notna(year)} == {2022: 26, 2024: 5, 2025: 4}
    assert set(cities.loc[cities["first_report"].isna(), "city_id"]) == {"dili", "denpasar", "semarang"}


def test_load_cities_adds_the_cohort_of_joining(cities):
    sizes = cities["cohort"].value_counts().to_dict()
    assert sizes == {"2018 pilot": 26, "2023": 3, "2024": 2, "2025": 6, "2026": 1}


def test_load_cities_adds_aseans_names_of_the_countries(cities):
    assert {"Lao PDR", "Viet Nam", "Brunei Darussalam"} <= set(cities["country"])


def test_loaders_give_a_new_frame_each_time():
    changed = loaders.load_countries()
    changed["country"] = "changed"
    assert loaders.load_countries()["country"][0] == "Brunei Darussalam"


# Boundaries


@pytest.fixture(scope="module")
def states() -> gpd.GeoDataFrame:
    return loaders.load_boundaries().set_index("iso3")


def test_boundaries_hold_the_eleven_members_in_alphabetical_order(states):
    assert states["country"].tolist() == [country.name for country in v.COUNTRIES]
    assert states.index.tolist() == [country.iso3 for country in v.COUNTRIES]


def test_boundaries_are_valid_geometries_in_degrees(states):
    assert states.geometry.is_valid.all()
    assert states.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("file", "layer"), [("asean", "asean"), ("insets", "klang_valley"), ("insets", "singapore_strait")]
)
def test_exterior_rings_run_clockwise_so_that_vega_does_not_flood_the_map(file, layer):
    topology = loaders.load_topology(file)
    arcs = [list(zip(*(accumulate(axis) for axis in zip(*arc, strict=True)), strict=True)) for arc in topology["arcs"]]
    for state in topology["objects"][layer]["geometries"]:
        for polygon in state["arcs"] if state["type"] == "MultiPolygon" else [state["arcs"]]:
            exterior = [point for i in polygon[0] for point in (arcs[i] if i >= 0 else arcs[~i][::-1])]
            assert not shapely.is_ccw(shapely.LinearRing(exterior)), state["id"]


def test_exterior_rings_run_clockwise_as_geopandas_reads_them(states):
    exteriors = shapely.get_exterior_ring(shapely.get_parts(states.geometry))
    assert not shapely.is_ccw(exteriors).any()


@pytest.mark.parametrize(("name", "most"), [("asean", 60_000), ("insets", 25_000)])
def test_boundary_files_stay_small(name, most):
    assert (loaders.DATA / "boundaries" / f"{name}.topojson").stat().st_size <= most


@pytest.mark.parametrize(("iso3", "least", "most"), [("SGP", 400, 760), ("BRN", 5_200, 6_000), ("TLS", 14_500, 15_500)])
def test_the_smallest_members_are_drawn_in_their_true_size(states, iso3, least, most):
    assert least < states.to_crs("ESRI:54034").geometry[iso3].area / 1e6 < most


def test_brunei_has_two_parts(states):
    assert len(shapely.get_parts(states.geometry["BRN"])) == 2


@pytest.mark.parametrize(
    ("iso3", "place", "lon", "lat"),
    [
        ("TLS", "Oecusse", 124.35, -9.3),
        ("TLS", "inland of Dili", 125.6, -8.7),
        ("IDN", "inland of Kupang", 123.75, -10.15),
        ("IDN", "Kefamenanu, between Oecusse and the rest of Timor-Leste", 124.48, -9.45),
        ("IDN", "Atambua", 124.89, -9.11),
        ("MYS", "Limbang, between the parts of Brunei", 115.0, 4.7),
    ],
)
def test_exclaves_and_their_neighbours_belong_to_the_right_state(states, iso3, place, lon, lat):
    assert states.index[states.contains(shapely.Point(lon, lat))].tolist() == [iso3], place


def test_oecusse_and_dili_lie_in_different_parts_of_timor_leste(states):
    parts = shapely.get_parts(states.geometry["TLS"])
    oecusse, dili = shapely.Point(124.35, -9.3), shapely.Point(125.6, -8.7)
    assert not any(part.contains(oecusse) and part.contains(dili) for part in parts)


def test_the_shore_at_kupang_is_nearest_to_indonesia(states):
    degrees = {iso3: shape.distance(shapely.Point(123.6, -10.17)) for iso3, shape in states.geometry.items()}
    assert min(degrees, key=degrees.get) == "IDN"


def change_map(folder: Path, change: Callable[[dict], object]) -> None:
    topology = json.loads((folder / MAP).read_text("utf-8"))
    change(topology)
    (folder / MAP).write_text(json.dumps(topology), encoding="utf-8")


@pytest.mark.parametrize("load", [loaders.load_boundaries, lambda folder: loaders.load_topology("asean", folder)])
@pytest.mark.parametrize(
    "content",
    [b"", b'{"type":"Topology"', b"[]", b'{"type":"FeatureCollection"}', b'{"type":"\xff"}', b"[" * 100_000],
    ids=["empty", "cut off", "a list", "GeoJSON", "not UTF-8", "nested too deeply"],
)
def test_what_is_no_topojson_gives_a_table_error(data_copy, load, content):
    (data_copy / MAP).write_bytes(content)
    problem = error(load, data_copy)
    assert (problem.file, problem.row) == ("asean.topojson", None)
    assert problem.expected in ("a TopoJSON file", "an object of type Topology")


@pytest.mark.parametrize("name", ["asean", "insets", "nowhere"])
def test_a_missing_boundary_file_is_named(tmp_path, name):
    assert error(loaders.load_topology, name, tmp_path).file == f"{name}.topojson"


def test_states_are_sorted_whatever_their_order_in_the_file(data_copy, states):
    change_map(data_copy, lambda topology: topology["objects"]["asean"]["geometries"].reverse())
    assert loaders.load_boundaries(data_copy)["iso3"].tolist() == list(states.index)


def test_a_missing_state_is_named(data_copy):
    change_map(data_copy, lambda topology: topology["objects"]["asean"]["geometries"].pop())
    problem = error(loaders.load_boundaries, data_copy)
    assert (problem.column, problem.value, problem.expected) == ("iso3", "VNM", "all eleven member states")


# Gazetteer traps


def test_cauayan_city_lies_on_luzon_and_not_in_negros(cities):
    assert cities.set_index("city_id").loc["cauayan-city", "lat"] > 16


def test_kuching_is_not_another_place_of_that_name(cities):
    lat, lon = cities.set_index("city_id").loc["kuching", ["lat", "lon"]]
    assert Geod(ellps="WGS84").inv(lon, lat, 110.34, 1.55)[2] < 10_000


def test_the_point_of_seberang_perai_says_that_it_is_a_proxy(cities):
    assert "proxy" in cities.set_index("city_id").loc["seberang-perai", "point_note"]


def test_every_city_lies_in_its_own_country(cities, states):
    for city in cities.itertuples():
        assert states.geometry[city.iso3].distance(shapely.Point(city.lon, city.lat)) <= 0.1, city.city_id


# Faults that the package once had


def test_a_key_doubled_in_another_spelling_is_a_table_error(start):
    damage(start / "project_reports.csv", "\n2022,all,2,", "\n2022,all,01,")
    assert error(loaders.load_table, "project_reports", start).row == 3


@pytest.mark.parametrize("number", ["64_409", " 64409", "+64409", "٦٤٤٠٩", '"64409\n"', "064409"])
def test_a_number_in_an_unusual_spelling_is_refused(start, number):
    damage(start / "cities.csv", ",64409,", f",{number},")
    assert error(loaders.load_table, "cities", start).column == "population"


def test_nan_in_a_number_column_says_that_a_number_is_expected(start):
    damage(start / "cities.csv", ",4.89035,", ",nan,")
    assert error(loaders.load_table, "cities", start).expected.startswith("a number")


@pytest.mark.parametrize(
    ("name", "old", "new", "column"),
    [
        ("sources", ",2018-03-23,", ",٢٠١٨-03-23,", "as_of"),
        ("countries", ",096", ",٠٩٦", "m49"),
        ("sources", "Concept-Note.pdf", "Concept\tNote.pdf", "url"),
    ],
)
def test_a_cell_that_only_looks_right_is_refused(start, name, old, new, column):
    damage(start / f"{name}.csv", old, new)
    assert error(loaders.load_table, name, start).column == column


def test_an_unknown_table_is_an_error_of_the_package():
    with pytest.raises(AscnError, match="nowhere"):
        loaders.load_table("nowhere")


def test_an_unknown_id_behind_a_blank_line_is_named_by_its_line(data_copy):
    damage(data_copy / "projects.csv", "\n", "\n\n")
    damage(data_copy / "projects.csv", ",battambang,", ",battambong,")
    assert error(loaders.load_projects, data_copy).row == 8


def test_of_two_wrong_cells_in_a_row_the_first_is_named(start):
    damage(start / "cities.csv", "battambang,B", "Battam_bang,B")
    damage(start / "cities.csv", ",161030,", ",many,")
    assert error(loaders.load_table, "cities", start).column == "city_id"


@pytest.mark.parametrize(
    "change",
    [
        lambda topology: topology.pop("arcs"),
        lambda topology: topology.pop("objects"),
        lambda topology: topology["objects"].update(other=topology["objects"].pop("asean")),
        lambda topology: [state.pop("properties") for state in topology["objects"]["asean"]["geometries"]],
        lambda topology: topology["objects"]["asean"]["geometries"].append(
            topology["objects"]["asean"]["geometries"][0]
        ),
        lambda topology: topology.update(arcs=topology["arcs"][:9]),
    ],
    ids=["no arcs", "no objects", "no object asean", "no properties", "a state twice", "arcs cut off"],
)
def test_damage_inside_a_topojson_is_a_table_error(data_copy, change):
    change_map(data_copy, change)
    assert error(loaders.load_boundaries, data_copy).file == "asean.topojson"


# Known faults: each is a bug of the package, reported, with the behaviour that is wanted


@pytest.mark.parametrize(
    "change",
    [
        lambda topology, state: state["properties"].pop("country"),
        lambda topology, state: state["properties"].update(country="Brunei"),
        lambda topology, state: topology["objects"]["asean"]["geometries"].append(state | {"properties": OTHER}),
        lambda topology, state: topology.pop("transform"),
        lambda topology, state: state.update(type="Polygon"),
        lambda topology, state: state.update(arcs=[]),
        lambda topology, state: state.update(arcs="abc"),
    ],
    ids=["no name", "another name", "a twelfth state", "no transform", "wrong type", "no land", "text for arcs"],
)
def test_a_topojson_that_holds_no_eleven_valid_shapes_is_a_table_error(data_copy, change):
    change_map(data_copy, lambda topology: change(topology, topology["objects"]["asean"]["geometries"][0]))
    assert error(loaders.load_boundaries, data_copy).file == "asean.topojson"


# Boundaries that would hang or lose a state (found by the generators of abuse/)


@pytest.mark.parametrize(
    ("arcs", "said"),
    [
        ([], "a state has no shape|a shape is empty"),
        ([[[0] * 100_000]], "shapes are too long"),
        ([[[0, 0, 0]]], "shapes are too long"),
    ],
)
def test_odd_arcs_of_a_state_are_a_named_error_at_once(data_copy, arcs, said):
    path = data_copy / "boundaries" / "asean.topojson"
    topology = json.loads(path.read_text(encoding="utf-8"))
    topology["objects"]["asean"]["geometries"][3]["arcs"] = arcs
    path.write_text(json.dumps(topology), encoding="utf-8")
    with pytest.raises(TableError, match=said):
        loaders.load_boundaries(data_copy)


@pytest.mark.parametrize("kind", ["Point", "GeometryCollection", "Sphere", None])
def test_a_state_that_is_no_area_is_a_named_error(data_copy, kind):
    path = data_copy / "boundaries" / "asean.topojson"
    topology = json.loads(path.read_text(encoding="utf-8"))
    topology["objects"]["asean"]["geometries"][3]["type"] = kind
    path.write_text(json.dumps(topology), encoding="utf-8")
    with pytest.raises(TableError, match="a state is no area"):
        loaders.load_boundaries(data_copy)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_in_the_place_of_a_table_is_refused_without_waiting(data_copy):
    (data_copy / "cities.csv").unlink()
    os.mkfifo(data_copy / "cities.csv")
    with pytest.raises(TableError, match=r"cities\.csv: cannot be read \(not a regular file\)"):
        loaders.load_table("cities", data_copy)


def test_a_table_with_a_million_columns_is_refused(data_copy):
    (data_copy / "cities.csv").write_text(",".join(map(str, range(1_000_000))), encoding="utf-8")
    with pytest.raises(TableError, match="too many columns"):
        loaders.load_table("cities", data_copy)
