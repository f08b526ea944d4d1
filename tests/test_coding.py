"""Two readings of the same things: Cohen's kappa, what agreed, and that every difference is settled."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_analysis import audit, coding, loaders
from ascn_analysis.errors import TableError

ROW = ["report_year", "list", "row_no"]
PAIR = ["year_from", "list_from", "row_from", "year_to", "list_to", "row_to"]
LABEL = ["report_year", "iso3", "focus_area", "sub_area_printed"]
PERCENT = ["report_year", "iso3", "status"]
PLANNED = ["city_id", "project_no"]
PICTURES = ("by_eye", "by_program")
READERS = ("reader_1", "reader_2")

# What was read twice: keys of its rows, the two readings, and the one column in which they could differ.
SETTLED = {
    "project_links": (PAIR, READERS, "confidence"),
    "action_plan_links": (PLANNED, READERS, "confidence"),
}

# Pictures in which the reader and the program saw the same throughout: nothing had to be settled.
ALIKE = {"exhibit_sub_areas": (LABEL, "n"), "exhibit_country_status": (PERCENT, "percent_printed")}

# What stands in the record as it was read: keys of its rows, the two readings, and the columns that both give.
AS_READ = {
    "project_links": (PAIR, READERS, ["kind", "confidence"]),
    "action_plan_cities": (
        ["city_id"],
        READERS,
        ["land_area_printed", "population_printed", "density_printed", "page"],
    ),
    "action_plan_focus_areas": (["city_id", "item_no"], READERS, ["label_printed", "focus_area", "match", "page"]),
    "action_plan_targets": (["city_id", "target_no"], READERS, ["focus_area", "has_number", "deadline_year", "page"]),
    "action_plan_projects": (PLANNED, READERS, ["title_printed", "support_kinds", "page"]),
    "exhibit_status": (["report_year", "city_id", "focus_area", "status"], PICTURES, ["n", "page"]),
    "exhibit_sub_areas": (LABEL, PICTURES, ["n", "page"]),
    "exhibit_country_status": (PERCENT, PICTURES, ["n_projects", "percent_printed", "page"]),
}
# A population is printed as a number or in millions.
MILLIONS = re.compile(r"([0-9.]+) million")


def reading(name: str) -> pd.DataFrame:
    return loaders.read_strings(loaders.DATA / "coding" / f"{name}.csv").fillna("")


def both(name: str, keys: list[str], readings: tuple[str, str]) -> pd.DataFrame:
    """Two readings beside each other, with empty cells where only the other one found the row."""
    first, second = (reading(f"{name}_{which}") for which in readings)
    return first.merge(second, on=keys, how="outer", suffixes=[f" {which}" for which in readings]).fillna("")


def published(name: str) -> pd.DataFrame:
    return (
        loaders.read_strings(loaders.DATA / f"{name}.csv").fillna("").rename(columns={"sub_area": "sub_area_printed"})
    )


@pytest.fixture(scope="module")
def agreement() -> pd.DataFrame:
    return coding.agreement()


def pairs(**times: int) -> tuple[list[str], list[str]]:
    """Two readings from how often each pair of letters occurs: ``ab=3`` is three times a against b."""
    first = [pair[0] for pair, n in times.items() for _ in range(n)]
    second = [pair[1] for pair, n in times.items() for _ in range(n)]
    return first, second


@pytest.mark.parametrize(
    ("times", "kappa"),
    [
        ({"yy": 20, "yn": 5, "ny": 10, "nn": 15}, 0.4),
        ({"yy": 45, "yn": 15, "ny": 25, "nn": 15}, 3 / 23),
        ({"yy": 25, "yn": 35, "ny": 5, "nn": 35}, 7 / 27),
        ({"yy": 1, "yn": 1, "ny": 1, "nn": 1}, 0),
        ({"yn": 1, "ny": 1}, -1),
        ({"aa": 1, "bb": 2, "cc": 3}, 1),
        ({"ab": 4}, 0),
    ],
)
def test_kappa_is_what_it_is_by_hand(times, kappa):
    assert coding.kappa(*pairs(**times)) == pytest.approx(kappa)


def test_kappa_is_not_defined_where_both_readings_are_one_value():
    assert math.isnan(coding.kappa(*pairs(yy=9)))


def test_readings_of_different_length_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        coding.kappa(["a", "b"], ["a"])


READINGS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30)


@given(READINGS)
def test_kappa_lies_between_minus_1_and_1(seen):
    kappa = coding.kappa([a for a, _ in seen], [b for _, b in seen])
    assert math.isnan(kappa) or -1 - 1e-12 <= kappa <= 1 + 1e-12


@given(READINGS)
def test_kappa_is_1_only_where_both_readings_are_equal_throughout(seen):
    kappa = coding.kappa([a for a, _ in seen], [b for _, b in seen])
    assert (kappa == pytest.approx(1, nan_ok=False)) == (all(a == b for a, b in seen) and not math.isnan(kappa))


@given(READINGS)
def test_kappa_does_not_ask_which_reader_is_the_first(seen):
    first, second = [a for a, _ in seen], [b for _, b in seen]
    assert coding.kappa(first, second) == pytest.approx(coding.kappa(second, first), nan_ok=True)


def test_the_agreement_of_readings_has_these_columns(agreement):
    assert list(agreement.columns) == ["what", "column", "rows", "both", "agree", "percent", "kappa"]


def test_nothing_is_found_by_both_that_is_not_found_by_one(agreement):
    assert (agreement["both"] <= agreement["rows"]).all()
    assert (agreement["both"] < agreement["rows"]).any()


def test_no_more_cells_agree_than_both_found(agreement):
    assert (agreement["agree"] <= agreement["both"]).all()


def test_kappa_is_given_only_for_what_was_judged(agreement):
    exhibits = ["Exhibit 2", "Exhibit 3, labels", "Exhibit 3, percentages"]
    printed = agreement["what"].isin(["appendix rows", "land area, people and density of the plans", *exhibits])
    assert (agreement["kappa"].isna() == printed).all()


def test_a_row_that_one_reader_missed_counts_among_the_rows_only(tmp_path):
    (tmp_path / "coding").mkdir()
    for which, lines in (("1", "k1,a,x\nk2,b,x\n"), ("2", "k2,b,y\n")):
        (tmp_path / "coding" / f"r_{which}.csv").write_text(f"key,kind,other\n{lines}")
    readings = coding.Readings("things", "r_1", "r_2", ("key",), ("kind", "other"), judged=False)
    counts = [(row["rows"], row["both"], row["agree"]) for row in coding._compare(tmp_path, readings)]
    assert counts == [(2, 1, 1), (2, 1, 0)]


def test_all_328_cells_of_exhibit_2_were_read_alike(agreement):
    row = agreement.set_index("what").loc["Exhibit 2"]
    assert (row["rows"], row["both"], row["agree"]) == (328, 328, 328)


@pytest.mark.parametrize("name", SETTLED)
def test_the_settled_rows_are_exactly_those_in_which_the_readings_differ(name):
    keys, readings, column = SETTLED[name]
    seen = both(name, keys, readings)
    differing = seen[seen[f"{column} {readings[0]}"] != seen[f"{column} {readings[1]}"]]
    settled = reading(f"{name}_settled")
    assert sorted(settled[keys].itertuples(index=False)) == sorted(differing[keys].itertuples(index=False))
    assert not settled.empty


@pytest.mark.parametrize("name", SETTLED)
def test_a_settled_row_repeats_what_the_two_readings_saw(name):
    keys, readings, column = SETTLED[name]
    beside = reading(f"{name}_settled").merge(both(name, keys, readings), on=keys, validate="one_to_one")
    for which in readings:
        assert (beside[which] == beside[f"{column} {which}"]).all()


@pytest.mark.parametrize("name", [*SETTLED, "project_reports"])
def test_a_settled_row_holds_what_one_of_the_readings_saw_and_says_why(name):
    settled = reading(f"{name}_settled")
    one, two = PICTURES if "by_eye" in settled else READERS
    assert ((settled["settled"] == settled[one]) | (settled["settled"] == settled[two])).all()
    assert (settled["why"] != "").all()


def test_the_settled_cells_of_the_appendices_are_exactly_those_in_which_the_readings_differ():
    seen = both("project_reports", ROW, PICTURES)
    columns = [column for column in reading("project_reports_by_eye") if column not in ROW]
    differing = {
        (*row[ROW], column, row[f"{column} by_program"], row[f"{column} by_eye"])
        for _, row in seen.iterrows()
        for column in columns
        if row[f"{column} by_program"] != row[f"{column} by_eye"]
    }
    settled = reading("project_reports_settled")[[*ROW, "column", "by_program", "by_eye"]]
    assert sorted(settled.itertuples(index=False, name=None)) == sorted(differing)


@pytest.mark.parametrize(
    ("name", "keys", "column", "as_read"),
    [
        ("project_links", PAIR, "confidence", PAIR),
    ],
)
def test_the_record_holds_what_was_settled(name, keys, column, as_read):
    table = loaders.read_strings(loaders.DATA / f"{name}.csv").set_index(keys)[column]
    settled = reading(f"{name}_settled").set_index(as_read)["settled"]
    assert table.loc[settled.index].tolist() == settled.tolist()


@pytest.mark.parametrize("name", ALIKE)
def test_both_readings_of_exhibit_3_are_alike(name):
    keys, column = ALIKE[name]
    seen = both(name, keys, PICTURES)
    assert (seen[f"{column} by_eye"] == seen[f"{column} by_program"]).all()


# The record holds what was read


@pytest.mark.parametrize("name", AS_READ)
def test_the_record_has_exactly_the_rows_that_were_read(name):
    keys, readings, _ = AS_READ[name]
    rows = [sorted(frame[keys].itertuples(index=False, name=None)) for frame in (
        published(name), *(reading(f"{name}_{which}") for which in readings)
    )]  # fmt: skip
    assert rows[0] == rows[1] == rows[2]


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name, (*_, columns) in AS_READ.items() for column in columns]
)
def test_a_cell_of_the_record_is_what_both_readers_saw_or_where_they_differ_one_of_them_or_empty(name, column):
    keys, readings, _ = AS_READ[name]
    seen = both(name, keys, readings).set_index(keys)
    for key, held in published(name).set_index(keys)[column].items():
        one, other = (seen.loc[key, f"{column} {which}"] for which in readings)
        assert held == one if one == other else held in (one, other, ""), key


@pytest.mark.parametrize("column", ["project_id", "kind", "confidence"])
def test_a_planned_project_is_linked_as_was_settled(column):
    seen = both("action_plan_links", PLANNED, READERS).set_index(PLANNED)
    settled = reading("action_plan_links_settled").set_index(PLANNED)["settled"]
    for key, row in published("action_plan_projects").set_index(PLANNED).iterrows():
        one, other = (seen.loc[key, f"{column} {which}"] for which in READERS)
        confidence = settled.get(key, seen.loc[key, "confidence reader_1"])
        wanted = {"confidence": {confidence}, "kind": {one, other}, "project_id": {one, other}}[column]
        # Doubtful pairs stay apart.
        wanted = {""} if column == "project_id" and confidence not in ("sure", "likely") else wanted
        assert (row[column] or "none") in {value or "none" for value in wanted}, key


@pytest.mark.parametrize(
    ("printed", "column"),
    [
        ("land_area_printed", "land_area_km2"),
        ("population_printed", "population"),
        ("density_printed", "density_per_km2"),
    ],
)
def test_the_numbers_of_the_plans_are_those_that_are_printed(printed, column):
    for row in published("action_plan_cities").itertuples():
        text = getattr(row, printed).replace(",", "")
        millions = MILLIONS.fullmatch(text)
        number = round(float(millions[1]) * 1e6) if millions else text.partition(" ")[0].partition("/")[0]
        assert getattr(row, column) == str(number), row.city_id


def test_the_challenges_are_those_that_were_kept_in_settling():
    columns = ["source_id", "page", "city_id", "kind", "summary"]
    settled = reading("challenges_settled").assign(kind=lambda own: own["settled"])
    kept = settled[~settled["settled"].isin(["dropped", "merged"])]
    assert sorted(published("challenges")[columns].values.tolist()) == sorted(kept[columns].values.tolist())


def test_the_mentions_of_partners_are_those_that_were_kept_in_settling():
    columns = ["source_id", "page", "city_id", "partner", "kind"]
    named = published("partner_mentions").merge(published("partners")[["partner_id", "partner"]], on="partner_id")
    settled = reading("partner_mentions_settled").assign(kind=lambda own: own["settled"])
    kept = settled[settled["settled"] != "dropped"]
    assert sorted(named[columns].values.tolist()) == sorted(kept[columns].values.tolist())


@pytest.mark.parametrize("name", ["project_reports_by_eye", "project_links_reader_2"])
def test_a_row_that_a_reading_holds_twice_is_named(data_copy, name):
    path = data_copy / "coding" / f"{name}.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    with pytest.raises(TableError, match=rf"coding/{name}\.csv, row \d+, column .*: a key stands twice"):
        coding.agreement(data_copy)


def test_the_comparison_of_transcriptions_names_a_row_that_stands_twice(data_copy):
    path = data_copy / "coding" / "project_reports_by_program.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    with pytest.raises(TableError, match=r"coding/project_reports_by_program\.csv, row \d+"):
        audit.transcription_agreement(data_copy)
