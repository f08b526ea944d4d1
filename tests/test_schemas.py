"""The schemas: what each kind of column accepts, and that the tables fit together."""

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaError, SchemaErrors

from ascn_analysis import schemas
from ascn_analysis import vocabulary as v

TABLES = schemas.TABLES
REFUSED = (SchemaError, SchemaErrors)
KINDS = {
    "text": schemas.text("t"),
    "slug": schemas.slug("s"),
    "choice": schemas.choice("c", ("ab", "cd")),
    "day": schemas.day("d"),
    "pattern": schemas.pattern("p", "[a-z]+", "small letters"),
    "whole": schemas.whole("w", 1, 9),
    "number": schemas.number("n", -1.5, 1.5),
    "flag": schemas.flag("f"),
}


def validate(column: pa.Column, *values: str | None) -> pd.Series:
    frame = pd.DataFrame({"x": pd.Series(list(values), dtype="str")})
    return pa.DataFrameSchema({"x": column}).validate(frame)["x"]


@pytest.mark.parametrize("date", ["2025", "2025-09", "2025-09-30", "2024-02-29", "0001", "9999-12-31"])
def test_dates_of_full_and_reduced_precision_are_dates(date):
    assert schemas.is_date(date)


@pytest.mark.parametrize(
    "text", ["", "25", "2025-9", "2025-13", "2025-00", "2025-02-30", "2023-02-29", "0000", "today"]
)
def test_texts_that_name_no_day_are_no_dates(text):
    assert not schemas.is_date(text)


@pytest.mark.parametrize(
    "text", ["30/9/2025", "20250930", "2025-09-30T00:00", "2025-09-30\n", " 2025", "2025-", "-2025", "2025--30"]
)
def test_days_written_in_another_way_are_no_dates(text):
    assert not schemas.is_date(text)


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day):
    assert schemas.is_date(day.isoformat())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "Zürich, “x”"),
        ("text", "a  b"),
        ("slug", "a"),
        ("slug", "ha-noi-2"),
        ("choice", "cd"),
        ("day", "2025-09"),
        ("pattern", "abc"),
        ("whole", "1"),
        ("whole", "9"),
        ("number", "-1.5"),
        ("number", "1.5"),
        ("flag", "true"),
        ("flag", "false"),
    ],
)
def test_a_column_accepts(kind, value):
    assert str(validate(KINDS[kind], value)[0]) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", " a"),
        ("text", "a\t"),
        ("text", "a\nb"),
        ("text", "a\x7f"),
        ("text", "\ufeffa"),
        ("text", " "),
        ("slug", "A"),
        ("slug", "a--b"),
        ("slug", "-a"),
        ("slug", "a-"),
        ("slug", "a_b"),
        ("slug", "hà-nội"),
        ("slug", "a\n"),
        ("choice", "a"),
        ("choice", "AB"),
        ("choice", "ab, cd"),
        ("day", "2025-9"),
        ("pattern", "abc1"),
        ("pattern", "abc\n"),
        ("whole", "0"),
        ("whole", "10"),
        ("whole", "1.5"),
        ("whole", "one"),
        ("number", "1.51"),
        ("number", "-1.51"),
        ("number", "inf"),
        ("number", "x"),
        ("flag", "True"),
        ("flag", "1"),
    ],
)
def test_a_column_refuses(kind, value):
    with pytest.raises(REFUSED):
        validate(KINDS[kind], value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_refuses_an_empty_cell_unless_told_otherwise(kind):
    with pytest.raises(REFUSED):
        validate(KINDS[kind], None)


@pytest.mark.parametrize(
    "column",
    [
        schemas.text("t", empty=True),
        schemas.slug("s", empty=True),
        schemas.choice("c", "a", empty=True),
        schemas.day("d", empty=True),
        schemas.pattern("p", "a", "an a", empty=True),
        schemas.whole("w", 1, 9, empty=True),
        schemas.number("n", 1, 9, empty=True),
    ],
    ids=lambda column: column.description,
)
def test_a_column_that_may_be_empty_keeps_an_empty_cell_missing(column):
    assert validate(column, None).isna().all()


def test_whole_numbers_stay_whole_beside_an_empty_cell():
    assert validate(schemas.whole("w", 1, 9, empty=True), "3", None).tolist() == [3, pd.NA]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_key_is_made_of_columns_of_its_table(table):
    assert table.key
    assert set(table.key) <= set(table.columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_link_leads_from_a_column_to_the_key_of_a_table(table):
    assert set(table.links) <= set(table.columns)
    assert all(TABLES[owner].key == (key,) for owner, key in table.links.values())


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("sources", "panel")])
def test_every_source_id_links_to_the_sources(name):
    named = {column for column in TABLES[name].columns if column.endswith("source_id")}
    assert named <= set(TABLES[name].links)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_says_what_a_row_is(table):
    assert table.row.startswith(("a ", "an "))


def test_a_schema_knows_its_table_by_name():
    assert [table.schema.name for table in TABLES.values()] == list(TABLES)


@pytest.mark.parametrize("columns", [["printed", "city_id", "x"], ["city_id", "printed"], ["printed"]])
def test_a_schema_refuses_columns_that_are_more_fewer_or_in_another_order(columns):
    with pytest.raises(REFUSED):
        TABLES["city_names"].schema.validate(pd.DataFrame(columns=columns, dtype="str"))


@pytest.mark.parametrize("status", v.STATUS_NAMES)
def test_every_status_of_the_vocabulary_is_accepted(status):
    assert validate(TABLES["project_reports"].columns["status"], status)[0] == status


@pytest.mark.parametrize("status", ["done", "completed|planning", "planning|", "|completed", "ongoing|ongoing", ""])
def test_a_status_outside_the_order_of_work_is_refused(status):
    with pytest.raises(REFUSED):
        validate(TABLES["project_reports"].columns["status"], status)
