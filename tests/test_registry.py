"""The synthetic registry holds what it says it holds, and the benchmark notices a result that is wrong."""

import json

import expected
import pandas as pd
import pyarrow.parquet as pq
import pytest
import registry

from ascn_analysis import metrics

ROWS = 20_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "registry"
    return folder, registry.write(folder, ROWS)


@pytest.fixture(scope="module")
def rows(made):
    return pd.concat([pd.read_parquet(path) for path in sorted(made[0].glob("*.parquet"))], ignore_index=True)


@pytest.fixture
def results(rows):
    return {name: getattr(metrics, name)(rows) for name in expected.KEYS}


def test_it_has_exactly_the_rows_asked_for(rows):
    assert len(rows) == ROWS


def test_a_project_stands_once_in_a_report(rows):
    assert not rows.duplicated(["report_year", "project_id"]).any()


def test_a_project_keeps_city_country_and_area(rows):
    assert rows.groupby("project_id")[["city_id", "iso3", "joined_year", "focus_area_id"]].nunique().max().max() == 1


def test_the_same_seed_gives_the_same_bytes(made, tmp_path):
    registry.write(tmp_path / "again", ROWS)
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == {
        path.name: path.read_bytes() for path in made[0].iterdir()
    }


def test_another_seed_gives_another_registry(made, tmp_path):
    assert registry.write(tmp_path / "other", ROWS, seed=1).transitions() != made[1].transitions()


def test_chunks_share_no_project_and_their_counts_add_up(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "CHUNK", 1000)
    truth = registry.write(tmp_path / "chunks", ROWS)
    parts = [set(pq.read_table(path)["project_id"].to_pylist()) for path in sorted(tmp_path.glob("chunks/*.parquet"))]
    assert len(parts) > 3
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert truth.areas.sum() == ROWS


def test_the_counts_are_those_of_the_rows(made, rows):
    counted = rows.groupby(["report_year", "focus_area_id"]).size()
    assert counted.to_dict() == made[1].by_area()


def test_entered_continued_and_no_longer_listed_are_those_of_the_rows(made, rows):
    listed = [set(ids) for _, ids in rows.groupby("report_year")["project_id"]]
    pairs = zip(registry.YEARS[1:], listed, listed[1:], strict=False)
    assert made[1].balance() == {y: (len(b - a), len(a & b), len(a - b)) for y, a, b in pairs}


def test_the_steps_are_those_of_the_rows(made, rows):
    said = rows.set_index(["project_id", "report_year"])["status"].unstack()
    found = {}
    for a, b in zip(registry.YEARS, registry.YEARS[1:], strict=False):
        pairs = pd.DataFrame({"a": said[a].fillna("newly listed"), "b": said[b].fillna("no longer listed")})
        pairs = pairs[said[a].notna() | said[b].notna()]
        found |= {(a, b, *pair): n for pair, n in pairs.value_counts().items()}
    assert found == made[1].transitions()


def test_what_was_counted_is_read_back(made):
    again = registry.read_truth(made[0])
    assert (again.by_area(), again.transitions()) == (made[1].by_area(), made[1].transitions())


def test_a_tenth_of_the_cities_holds_more_than_half_of_the_projects(rows):
    projects = rows.drop_duplicates("project_id")["city_id"].value_counts()
    assert projects.head(registry.CITIES // 10).sum() > projects.sum() / 2


def test_areas_are_uneven(rows):
    counted = rows["focus_area_id"].value_counts()
    assert counted.max() > 3 * counted.min()


def test_projects_live_over_several_reports_and_statuses_move_on(made, rows):
    assert rows.groupby("project_id").size().mean() > 2
    moves = {(before, after) for _, _, before, after in made[1].transitions()}
    assert {("planning", "ongoing"), ("ongoing", "completed"), ("completed", "no longer listed")} <= moves
    assert ("completed", "planning") not in moves


def test_some_projects_are_left_out_of_a_report_and_come_back(rows):
    years = rows.groupby("project_id")["report_year"].agg(["min", "max", "size"])
    assert (years["max"] - years["min"] + 1 > years["size"]).any()


def test_completed_projects_stand_apart_only_since_a_report(rows):
    apart = rows.loc[rows["list"] == "completed"]
    assert apart["report_year"].min() == registry.SEPARATE_SINCE
    assert set(apart["status"]) == {"completed"}
    assert set(rows.loc[rows["report_year"] < registry.SEPARATE_SINCE, "list"]) == {"all"}


def test_a_folder_that_is_there_is_not_written_over(tmp_path, capsys):
    assert registry.main(["10", str(tmp_path)]) == 2
    assert "a folder that is not there yet" in capsys.readouterr().err


def test_the_command_writes_a_registry(tmp_path, capsys):
    assert registry.main(["500", str(tmp_path / "small")]) == 0
    assert "500 rows" in capsys.readouterr().out
    assert json.loads((tmp_path / "small" / "_truth.json").read_text("utf-8")).keys() == {"areas", "steps"}


def test_the_measures_find_what_the_registry_holds(made, results):
    expected.check(results, made[1], "pandas")


def test_growth_parts_find_the_balance_of_the_registry(made, rows):
    parts = metrics.growth_parts(rows).set_index(["split", "report_year", "part"])["n"]["balance"]
    found = {}
    for year in registry.YEARS[1:]:
        new, gone = parts[year, "newly_listed"], -parts[year, "no_longer_listed"]
        found[year] = (new, parts[year, "previous_total"] - gone, gone)
    assert found == made[1].balance()


@pytest.mark.parametrize(
    ("name", "column"),
    [("shares", "n"), ("growth", "annualised_percent"), ("concentration", "hhi"), ("transitions", "n")],
)
def test_a_wrong_number_is_noticed(made, results, name, column):
    wrong = results[name].copy()
    wrong[column] = wrong[column] * (1 + 1e-5) if wrong[column].dtype == "float64" else wrong[column] + 1
    with pytest.raises(expected.WrongResultError, match=f"an engine, {name}"):
        expected.check({**results, name: wrong}, made[1], "an engine")


def test_a_missing_row_is_noticed(made, results):
    with pytest.raises(expected.WrongResultError, match="transitions"):
        expected.check({**results, "transitions": results["transitions"].iloc[1:]}, made[1], "an engine")


def test_a_missing_column_is_noticed(made, results):
    with pytest.raises(expected.WrongResultError, match="share"):
        expected.check({**results, "shares": results["shares"].drop(columns="share")}, made[1], "an engine")
