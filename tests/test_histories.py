"""The measures of histories: links, intervals between reports, the one rate, cohorts, renamings, steady cities."""

import csv
import math
from collections import Counter
from datetime import date
from functools import cache
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v

HOMES = {"ayu": "IDN", "bima": "IDN", "cato": "SGP", "dara": "THA"}
AREAS = list(v.FOCUS_AREA_NAMES)
COLUMNS = ["report_year", "as_of", "list", "row_no", "project_id", "project_printed", "city_id", "iso3", "focus_area_id", "status"]  # fmt: skip
ENDS = ["year_from", "list_from", "row_from", "year_to", "list_to", "row_to"]
TRUSTED = ("sure", "likely")
KINDS = st.sampled_from(["same", "renamed"])
CELLS = st.tuples(
    st.sampled_from(["all", "completed"]),
    st.sampled_from("xyz"),
    st.sampled_from(AREAS[:2]),
    st.sampled_from(v.STATUS_SETS),
)
METRICS = {
    "intervals": metrics.intervals,
    "history": metrics.history,
    "cohorts": lambda panel, _: metrics.cohorts(panel),
    "steadiness": lambda panel, _: metrics.steadiness(panel),
}
some = settings(max_examples=15, deadline=None, derandomize=True)
few = settings(some, max_examples=6)
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


@st.composite
def records(draw):
    """Draw a panel in which no project comes back, and its links: the trusted ones, and some doubtful ones."""
    years = sorted(draw(st.sets(st.integers(2019, 2030), min_size=1, max_size=4)))
    spans = draw(st.lists(st.tuples(*[st.integers(0, len(years) - 1)] * 2).map(sorted), min_size=1, max_size=7))
    homes, rows = [draw(st.sampled_from(sorted(HOMES))) for _ in spans], []
    for at, year in enumerate(years):
        as_of, numbers = f"{year}-{draw(st.sampled_from(['03-01', '09-30']))}", Counter()
        for i in (i for i, (first, last) in enumerate(spans) if first <= at <= last):
            name, title, area, status = draw(CELLS)
            numbers[name] += 1
            rows.append((year, as_of, name, numbers[name], f"p{i}", title, homes[i], HOMES[homes[i]], area, status))
    return pd.DataFrame(rows, columns=COLUMNS), draw(links_of(rows))


@st.composite
def links_of(draw, rows):
    """Draw trusted links along the ids, and doubtful ones from projects that leave to projects that come."""
    places, pairs = {}, []
    for row in rows:
        places.setdefault(row[0], {})[row[4]] = (row[0], row[2], row[3])
    for was, now in pairwise(places.values()):
        kept, gone, new = ([*was.keys() & now], [*was.keys() - now], [*now.keys() - was])
        pairs += [(was[i], now[i], draw(KINDS), draw(st.sampled_from(TRUSTED))) for i in sorted(kept)]
        doubts = list(zip(sorted(gone), sorted(new), strict=False))[: draw(st.integers(0, 2))]
        pairs += [(was[i], now[j], draw(KINDS), "doubtful") for i, j in doubts]
    return linked(*pairs)


def linked(*pairs):
    """Build a frame of links from (row, row, kind, confidence)."""
    rows = [(*was, *now, kind, confidence) for was, now, kind, confidence in pairs]
    frame = pd.DataFrame(rows, columns=[*ENDS, "kind", "confidence"])
    return frame.astype({name: "int64" for name in ENDS if "list" not in name} | {"list_from": "str", "list_to": "str"})


def panel_of(*reports):
    """Build a panel from {project: status} or {project: (status, title, area)}, one a year from 2021 on, in one city."""
    rows = []
    for year, report in enumerate(reports, start=2021):
        for number, (project, told) in enumerate(report.items(), start=1):
            status, title, area = told if isinstance(told, tuple) else (told, project, AREAS[0])
            rows.append((year, f"{year}-01-01", "all", number, project, title, "ayu", "IDN", area, status))
    return pd.DataFrame(rows, columns=COLUMNS)


def counted_by_city(**cities):
    """Build a panel from city=[projects of the first report, of the second, ...], written as letters."""
    rows = [
        (year, "2021-01-01", "all", 1, f"{city} {project}", project, city, "IDN", AREAS[0], "ongoing")
        for city, reports in cities.items()
        for year, projects in enumerate(reports, start=2021)
        for project in projects
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def tuples(frame):
    return list(frame.itertuples(index=False, name=None))


def reported(frame):
    """Return {year: {project: status}} in order of year, by plain Python."""
    found = {}
    for row in sorted(frame.to_dict("records"), key=lambda row: int(row["report_year"])):
        found.setdefault(int(row["report_year"]), {})[row["project_id"]] = row["status"]
    return found


def first_reports(frame):
    """Return {project: year of the first report that lists it}."""
    entered = {}
    for year, projects in reported(frame).items():
        entered |= {project: year for project in projects if project not in entered}
    return entered


def known_intervals(frame):
    """Recount the columns of `intervals` that need no links, by plain Python."""
    counts = []
    for (early, was), (late, now) in pairwise(reported(frame).items()):
        risk = [project for project, status in was.items() if status != "completed"]
        perhaps = [project for project in risk if "completed" in was[project]]
        done = [project for project in risk if now.get(project) == "completed"]
        unsure = [p for p in risk if p not in done and "completed" in now.get(p, "")]
        gone = [project for project in risk if project not in now]
        counts.append((early, late, len(was), len(was) - len(risk), len(risk), len(perhaps), len(done), len(set(done) & set(perhaps)),
                       len(risk) - len(done) - len(unsure) - len(gone), len(unsure), len(gone)))  # fmt: skip
    return counts


def alike(answer):
    """Return a dict of columns in which what is missing is None."""
    return {name: [None if pd.isna(value) else value for value in values] for name, values in answer.items()}


@cache
def printed(name="panel"):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def printed_frame():
    return pd.DataFrame(printed())


@pytest.fixture(scope="module")
def links():
    return loaders.load_project_links()


# Every measure


@every_metric
@few
@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(metric, record, random):
    panel, links = record
    order, other = (random.sample(range(len(frame)), len(frame)) for frame in record)
    assert_frame_equal(metric(panel.iloc[order], links.iloc[other]), metric(panel, links), check_exact=True)


@every_metric
@few
@given(records())
def test_the_frames_that_go_in_are_not_changed(metric, record):
    before = [frame.copy(deep=True) for frame in record]
    metric(*record)
    for frame, kept in zip(record, before, strict=True):
        assert_frame_equal(frame, kept)


@every_metric
@few
@given(records())
def test_results_are_sorted_by_their_keys_and_numbered_from_0(metric, record):
    result = metric(*record)
    keys = [k for k in ("report_year", "year_from", "project_id", "state", "city_id") if k in result]
    keys = ["entered", *keys] if "entered" in result else keys
    assert_frame_equal(result, result.sort_values(keys, ignore_index=True))


@every_metric
def test_an_empty_frame_gives_an_empty_frame_with_the_same_columns(metric):
    empty = metric(ALL_FATES.iloc[:0], DOUBT)
    assert (len(empty), list(empty.columns)) == (0, list(metric(ALL_FATES, DOUBT).columns))


@every_metric
def test_further_columns_of_the_frame_do_no_harm(metric):
    names = ["n", "days", "doubtful", "previous_year", "next_year", "entered", "state", "kind", "confidence", "least"]
    more = ALL_FATES.assign(**dict.fromkeys(names, 7))
    assert_frame_equal(metric(more, DOUBT), metric(ALL_FATES, DOUBT))


@every_metric
@few
@given(records())
def test_polars_gives_the_same_answer(metric, record):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    answer = metric(*(in_polars(polars, frame) for frame in record))
    assert alike(answer.to_dict(as_series=False)) == alike(metric(*record).to_dict("list"))


def in_polars(polars, frame):
    whole = dict.fromkeys(frame.select_dtypes("int"), polars.Int64)
    types = {name: whole.get(name, polars.String) for name in frame}
    return polars.DataFrame(frame.to_dict("list"), schema=types)


# Linking anew


@some
@given(records())
def test_the_trusted_links_give_the_same_projects_as_their_ids(record):
    panel, links = record
    pairs = set(zip(panel["project_id"], metrics.relink(panel, links, TRUSTED)["project_id"], strict=True))
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs})


@some
@given(records())
def test_without_links_every_row_is_a_project_of_its_own(record):
    panel, links = record
    assert metrics.relink(panel, links, [])["project_id"].is_unique


@some
@given(records(), st.sets(st.sampled_from([*TRUSTED, "doubtful"])))
def test_every_trusted_link_makes_one_project_less(record, trust):
    panel, links = record
    kept = links["confidence"].isin(trust).sum()
    assert metrics.relink(panel, links, trust)["project_id"].nunique() == len(panel) - kept


@some
@given(records(), st.lists(st.sampled_from([*TRUSTED, "doubtful"]), unique=True))
def test_fewer_confidences_never_give_fewer_projects(record, trust):
    sizes = [metrics.relink(*record, trust[:n])["project_id"].nunique() for n in range(len(trust) + 1)]
    assert sizes == sorted(sizes, reverse=True)


@some
@given(records())
def test_linking_anew_changes_nothing_but_the_ids(record):
    panel, links = record
    again = metrics.relink(panel, links, TRUSTED)
    assert_frame_equal(again.drop(columns="project_id"), panel.drop(columns="project_id"))


@some
@given(records(), st.randoms(use_true_random=False))
def test_linking_anew_gives_each_row_its_own_id_whatever_the_order_of_rows(record, random):
    panel, links = record
    shuffled = metrics.relink(panel.iloc[random.sample(range(len(panel)), len(panel))], links, TRUSTED)
    assert_frame_equal(shuffled.sort_index(), metrics.relink(panel, links, TRUSTED))


@some
@given(records())
def test_linking_anew_can_be_done_on_a_part_of_the_frame(record):
    panel, links = record
    part = panel["iso3"] == panel["iso3"].iloc[0]
    assert_frame_equal(metrics.relink(panel[part], links, TRUSTED), metrics.relink(panel, links, TRUSTED)[part])


def test_linking_anew_can_be_done_on_rows_with_the_same_index():
    doubled = ALL_FATES.set_axis([0] * len(ALL_FATES))
    anew = metrics.relink(doubled, DOUBT, ["doubtful"])["project_id"]
    assert anew.tolist() == metrics.relink(ALL_FATES, DOUBT, ["doubtful"])["project_id"].tolist()


def test_a_project_is_named_after_its_first_row():
    panel = panel_of({"a": "ongoing"}, {"x": "ongoing", "a": "ongoing"}, {"a": "ongoing"})
    links = linked(
        ((2021, "all", 1), (2022, "all", 2), "same", "sure"), ((2022, "all", 2), (2023, "all", 1), "same", "sure")
    )
    assert metrics.relink(panel, links, ["sure"])["project_id"].tolist() == [
        "2021 all 1", "2022 all 1", "2021 all 1", "2021 all 1",
    ]  # fmt: skip


@few
@given(records())
def test_linking_anew_does_not_change_the_frames_that_go_in(record):
    before = [frame.copy(deep=True) for frame in record]
    metrics.relink(*record, TRUSTED)
    for frame, kept in zip(record, before, strict=True):
        assert_frame_equal(frame, kept)


@few
@given(records())
def test_polars_links_alike(record):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    anew = metrics.relink(*(in_polars(polars, frame) for frame in record), TRUSTED)
    assert anew["project_id"].to_list() == metrics.relink(*record, TRUSTED)["project_id"].tolist()


def test_the_ids_of_the_record_rest_on_the_sure_and_likely_links(panel, links):
    pairs = set(zip(panel["project_id"], metrics.relink(panel, links, TRUSTED)["project_id"], strict=True))
    assert len(pairs) == panel["project_id"].nunique() == len({new for _, new in pairs})


@pytest.mark.parametrize("trust", [["sure"], ["sure", "likely"], ["sure", "likely", "doubtful"]], ids=len)
def test_every_trusted_link_of_the_record_makes_one_project_less(panel, links, trust):
    kept = sum(row["confidence"] in trust for row in printed("project_links"))
    assert metrics.relink(panel, links, trust)["project_id"].nunique() == len(printed()) - kept


# Intervals: a stands still, b is completed, c was perhaps before, d and g were, e is left open, f and g leave, h comes.

ALL_FATES = panel_of(
    {"a": "planning", "b": "ongoing", "c": "planning|completed", "d": "completed", "e": "ongoing", "f": "planning", "g": "completed"},
    {"a": "ongoing", "b": "completed", "c": "completed", "d": "completed", "e": "ongoing|completed", "h": "completed"},
)  # fmt: skip
DOUBT = linked(((2021, "all", 6), (2022, "all", 6), "same", "doubtful"))
BY_HAND = {
    "year_from": 2021, "year_to": 2022, "days": 365, "listed": 7, "completed_before": 2, "at_risk": 5,
    "perhaps_completed_before": 1, "newly_completed": 2, "perhaps_completed_earlier": 1, "still_unfinished": 1,
    "status_open": 1, "no_longer_listed": 1, "doubtful": 1,
}  # fmt: skip


@pytest.mark.parametrize(("column", "expected"), BY_HAND.items(), ids=list(BY_HAND))
def test_an_interval_is_as_worked_by_hand(column, expected):
    assert metrics.intervals(ALL_FATES, DOUBT)[column].tolist() == [expected]


def test_an_interval_has_the_columns_that_are_promised():
    assert metrics.intervals(ALL_FATES, DOUBT).columns.tolist() == list(BY_HAND)


def test_a_doubtful_link_of_a_project_that_stays_is_not_counted():
    links = linked(((2021, "all", 1), (2022, "all", 6), "same", "doubtful"))
    assert metrics.intervals(ALL_FATES, links)["doubtful"].tolist() == [0]


def test_a_doubtful_link_of_a_project_that_was_completed_is_not_counted():
    links = linked(((2021, "all", 7), (2022, "all", 6), "same", "doubtful"))
    assert metrics.intervals(ALL_FATES, links)["doubtful"].tolist() == [0]


def test_two_doubtful_links_of_one_project_count_once():
    links = pd.concat([DOUBT, linked(((2021, "all", 6), (2022, "all", 5), "same", "doubtful"))])
    assert metrics.intervals(ALL_FATES, links)["doubtful"].tolist() == [1]


@pytest.mark.parametrize("trust", TRUSTED)
def test_a_link_that_is_not_doubtful_is_not_counted_as_doubtful(trust):
    assert metrics.intervals(ALL_FATES, DOUBT.assign(confidence=trust))["doubtful"].tolist() == [0]


def test_intervals_can_be_counted_without_any_link():
    assert metrics.intervals(ALL_FATES, DOUBT.iloc[:0])["doubtful"].tolist() == [0]


def test_a_project_that_comes_back_was_no_longer_listed_and_is_then_new():
    panel = panel_of({"a": "ongoing", "b": "ongoing"}, {"b": "ongoing"}, {"a": "completed", "b": "ongoing"})
    counted = metrics.intervals(panel, DOUBT.iloc[:0])
    assert tuples(counted[["at_risk", "newly_completed", "no_longer_listed"]]) == [(2, 0, 1), (1, 0, 0)]


def test_days_are_counted_over_a_leap_day():
    panel = panel_of({"a": "ongoing"}, {"a": "ongoing"}).assign(as_of=["2024-02-28", "2024-03-01"])
    assert metrics.intervals(panel, DOUBT)["days"].tolist() == [2]


def test_one_report_alone_has_no_interval():
    assert metrics.intervals(panel_of({"a": "ongoing"}), DOUBT).empty


@some
@given(records())
def test_the_intervals_are_those_of_plain_python(record):
    counted = metrics.intervals(*record).drop(columns=["days", "doubtful"])
    assert tuples(counted) == known_intervals(record[0])


@some
@given(records())
def test_the_listed_are_those_completed_before_and_those_at_risk(record):
    counted = metrics.intervals(*record)
    assert counted["listed"].tolist() == (counted["completed_before"] + counted["at_risk"]).tolist()


@some
@given(records())
def test_those_at_risk_have_one_of_four_fates(record):
    counted = metrics.intervals(*record)
    fates = counted[["newly_completed", "still_unfinished", "status_open", "no_longer_listed"]].sum(axis=1)
    assert counted["at_risk"].tolist() == fates.tolist()


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("perhaps_completed_before", "at_risk"),
        ("perhaps_completed_earlier", "newly_completed"),
        ("perhaps_completed_earlier", "perhaps_completed_before"),
        ("doubtful", "no_longer_listed"),
    ],
)
@some
@given(record=records())
def test_a_part_is_no_more_than_its_whole(part, whole, record):
    counted = metrics.intervals(*record)
    assert (counted[part] <= counted[whole]).all()


@some
@given(records())
def test_doubtful_are_the_doubtful_links_of_projects_at_risk(record):
    panel, links = record
    risk = {place for place, status in zip(tuples(panel[["report_year", "list", "row_no"]]), panel["status"], strict=True)
            if status != "completed"}  # fmt: skip
    doubts = tuples(links.loc[links["confidence"] == "doubtful", ENDS[:3]])
    expected = Counter(year for year, *rest in doubts if (year, *rest) in risk)
    counted = metrics.intervals(panel, links)
    assert {year: n for year, n in tuples(counted[["year_from", "doubtful"]]) if n} == expected


@some
@given(records())
def test_days_are_those_between_the_dates_of_the_reports(record):
    days = {row["report_year"]: date.fromisoformat(row["as_of"]) for row in record[0].to_dict("records")}
    expected = [(late - early).days for early, late in pairwise(days[year] for year in sorted(days))]
    assert metrics.intervals(*record)["days"].tolist() == expected


def test_trusting_the_doubtful_links_leaves_no_doubt(panel, links):
    anew = metrics.relink(panel, links, [*TRUSTED, "doubtful"])
    assert metrics.intervals(anew, links)["doubtful"].sum() == 0


def test_the_intervals_of_the_record_are_those_of_the_printed_rows(panel, links):
    counted = metrics.intervals(panel, links).drop(columns=["days", "doubtful"])
    assert tuples(counted) == known_intervals(printed_frame())


@pytest.mark.parametrize("late", [2024, 2025])
def test_the_completions_of_the_record_are_the_rows_that_the_completed_lists_gained(panel, links, late):
    done = [row for row in printed() if row["report_year"] == str(late) and row["list"] == "completed"]
    before = {row["project_id"]: row["status"] for row in printed() if row["report_year"] == str(late - 1)}
    gained = [row for row in done if before.get(row["project_id"], "completed") != "completed"]
    counted = metrics.intervals(panel, links).set_index("year_to")
    assert counted["newly_completed"][late] == len(gained)


def test_the_doubtful_links_of_the_record_are_all_counted(panel, links):
    doubts = Counter(int(row["year_from"]) for row in printed("project_links") if row["confidence"] == "doubtful")
    counted = metrics.intervals(panel, links)
    assert {year: n for year, n in tuples(counted[["year_from", "doubtful"]]) if n} == doubts


# One rate


def at_risk(*intervals):
    """Build intervals from (at risk, days, newly completed)."""
    return pd.DataFrame(intervals, columns=["at_risk", "days", "newly_completed"])


def exact(d):
    """Return the exact 95 % interval of a Poisson count by bisection."""

    def chance_of_at_most(n, mean):
        return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n + 1))

    def solve(n, chance):
        low, high = 1e-9, 10.0 * d + 20
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if chance_of_at_most(n, middle) > chance else (low, middle)
        return low

    return solve(d - 1, 0.975), solve(d, 0.025)


def test_the_rate_is_completions_per_hundred_project_years():
    rate = metrics.completion_rate(at_risk((50, 730.5, 6), (100, 365.25, 4)))
    assert rate["completions"] == 10
    assert rate["project_years"] == pytest.approx(200)
    assert rate["rate"] == pytest.approx(5)


def test_the_bisection_of_this_test_gives_the_interval_that_tables_print_for_fifteen():
    assert [round(end, 2) for end in exact(15)] == [8.40, 24.74]


@pytest.mark.parametrize("d", [5, 10, 15, 20, 50, 97])
@pytest.mark.parametrize(("end", "name"), [(0, "low"), (1, "high")])
def test_the_interval_is_the_exact_one_within_the_error_of_the_approximation(d, end, name):
    rate = metrics.completion_rate(at_risk((100, 365.25, d)))
    assert rate[name] == pytest.approx(exact(d)[end], rel=0.02)


def test_fifteen_completions_give_the_interval_that_tables_print():
    rate = metrics.completion_rate(at_risk((100, 365.25, 15)))
    assert (rate["low"], rate["high"]) == (pytest.approx(8.40, abs=0.02), pytest.approx(24.74, abs=0.02))


def test_no_completion_gives_a_rate_of_0_from_0_to_about_three():
    rate = metrics.completion_rate(at_risk((100, 365.25, 0)))
    assert (rate["rate"], rate["low"]) == (0, 0)
    assert rate["high"] == pytest.approx(-math.log(0.025), rel=0.01)


@some
@given(st.lists(st.tuples(st.integers(20, 200), st.integers(200, 500), st.integers(0, 19)), min_size=1, max_size=4))
def test_the_interval_holds_the_rate(rows):
    rate = metrics.completion_rate(at_risk(*rows))
    assert 0 <= rate["low"] <= rate["rate"] <= rate["high"]


@some
@given(
    st.lists(st.tuples(st.integers(20, 200), st.integers(200, 500), st.integers(0, 19)), min_size=1, max_size=4),
    st.integers(2, 5),
)
def test_the_same_completions_in_so_many_times_the_years_are_as_many_times_rarer(rows, times):
    rate = metrics.completion_rate(at_risk(*rows))
    longer = metrics.completion_rate(at_risk(*((risk, times * days, done) for risk, days, done in rows)))
    for name in ("rate", "low", "high"):
        assert longer[name] * times == pytest.approx(rate[name])


@pytest.mark.parametrize("rows", [[(19, 365, 3)], [(50, 365, 3), (19, 365, 3)], [(0, 365, 0)]])
def test_with_fewer_than_twenty_at_risk_in_an_interval_there_is_no_rate(rows):
    with pytest.raises(ValueError, match=rf"^{rows[-1][0]} projects at risk in an interval; expected at least 20$"):
        metrics.completion_rate(at_risk(*rows))


def test_without_intervals_there_is_no_rate():
    with pytest.raises(ValueError, match="0 projects at risk in an interval; expected at least 20"):
        metrics.completion_rate(at_risk())


def test_with_twenty_at_risk_there_is_a_rate():
    assert metrics.completion_rate(at_risk((20, 365.25, 1)))["rate"] == pytest.approx(5)


def test_the_rate_of_the_record_is_that_of_the_printed_rows(panel, links):
    days = {int(row["report_year"]): date.fromisoformat(row["as_of"]) for row in printed()}
    known = known_intervals(printed_frame())
    years = sum(risk * (days[late] - days[early]).days for early, late, _, _, risk, *_ in known) / 365.25
    rate = metrics.completion_rate(metrics.intervals(panel, links))
    assert rate["rate"] == pytest.approx(100 * sum(row[6] for row in known) / years)


# Cohorts


def test_the_cohorts_are_as_worked_by_hand():
    panel = panel_of(
        {"a": "planning", "b": "ongoing", "c": "completed"},
        {"a": "ongoing", "c": "completed", "d": "planning|completed"},
        {"a": "completed", "c": "completed", "d": "planning|ongoing", "b": "ongoing"},
    )
    assert tuples(metrics.cohorts(panel)) == [
        (2021, 2021, "completed", 1), (2021, 2021, "unfinished", 2),
        (2021, 2022, "completed", 1), (2021, 2022, "no longer listed", 1), (2021, 2022, "unfinished", 1),
        (2021, 2023, "completed", 2), (2021, 2023, "unfinished", 1),
        (2022, 2022, "perhaps completed", 1), (2022, 2023, "unfinished", 1),
    ]  # fmt: skip


def known_cohorts(frame):
    """Recount the cohorts by plain Python."""
    states = Counter()
    for year, now in reported(frame).items():
        for project, entered in first_reports(frame).items():
            status = now.get(project)
            sure = "completed" if status == "completed" else "unfinished"
            state = "perhaps completed" if status and "completed" in status and "|" in status else sure
            if entered <= year:
                states[entered, year, state if status else "no longer listed"] += 1
    return states


@some
@given(records())
def test_the_cohorts_are_those_of_plain_python(record):
    counted = metrics.cohorts(record[0])
    assert {tuple(key): n for *key, n in tuples(counted)} == known_cohorts(record[0])


@some
@given(records())
def test_the_states_of_a_cohort_sum_to_its_size_in_every_report(record):
    sizes = Counter(first_reports(record[0]).values())
    sums = metrics.cohorts(record[0]).groupby(["entered", "report_year"])["n"].sum()
    assert [(entered, n) for (entered, _), n in sums.items()] == [(e, sizes[e]) for e, _ in sums.index]


@some
@given(records())
def test_a_cohort_is_followed_from_its_own_report_to_the_last(record):
    years = sorted(set(record[0]["report_year"]))
    entered = set(first_reports(record[0]).values())
    counted = metrics.cohorts(record[0])
    pairs = set(zip(counted["entered"], counted["report_year"], strict=True))
    assert pairs == {(early, late) for early in entered for late in years if early <= late}


@some
@given(records())
def test_nothing_is_no_longer_listed_in_the_report_that_it_enters_with(record):
    counted = metrics.cohorts(record[0])
    assert "no longer listed" not in set(counted.loc[counted["entered"] == counted["report_year"], "state"])


def test_the_cohorts_of_the_record_are_those_of_the_printed_rows(panel):
    counted = metrics.cohorts(panel)
    assert {tuple(key): n for *key, n in tuples(counted)} == known_cohorts(printed_frame())


def test_the_cohorts_of_the_countries_sum_to_those_of_the_network(panel):
    stacked = metrics.by_selection(metrics.cohorts, panel)
    keys = ["entered", "report_year", "state"]
    countries = stacked[stacked["selection"] != metrics.ALL].groupby(keys, as_index=False)["n"].sum()
    assert_frame_equal(countries, metrics.cohorts(panel))


# Renamed, and filed elsewhere

RENAMED = panel_of(
    {"a": ("ongoing", "Bus", AREAS[0]), "b": ("ongoing", "Tram", AREAS[1]), "c": ("ongoing", "Park", AREAS[0])},
    {"a": ("ongoing", "E-bus", AREAS[0]), "b": ("ongoing", "Tram", AREAS[2]), "d": ("ongoing", "Parks", AREAS[3])},
)
RENAMING = linked(
    ((2021, "all", 1), (2022, "all", 1), "renamed", "likely"),
    ((2021, "all", 2), (2022, "all", 2), "same", "sure"),
    ((2021, "all", 3), (2022, "all", 3), "renamed", "doubtful"),
)
MARKS = {
    "project_printed": ["E-bus", "Tram", "Parks"],
    "printed_before": ["Bus", "Tram", None],
    "focus_area_id": [AREAS[0], AREAS[2], AREAS[3]],
    "area_before": [AREAS[0], AREAS[1], None],
    "confidence": ["likely", "sure", None],
    "renamed": [True, False, False],
    "reclassified": [False, True, False],
}


@pytest.mark.parametrize(("column", "expected"), MARKS.items(), ids=list(MARKS))
def test_what_happened_to_a_name_is_as_worked_by_hand(column, expected):
    history = metrics.history(RENAMED, RENAMING)
    assert alike(history[history["report_year"] == 2022][[column]].to_dict("list"))[column] == expected


def test_a_project_that_comes_back_has_no_name_before():
    panel = panel_of({"a": "ongoing", "b": "ongoing"}, {"b": "ongoing"}, {"a": "ongoing", "b": "ongoing"})
    history = metrics.history(panel, RENAMING.iloc[:0])
    assert history[history["project_id"] == "a"]["printed_before"].isna().all()


@some
@given(records())
def test_the_history_has_one_row_for_every_row(record):
    keys = ["report_year", "project_id"]
    history = metrics.history(*record)
    assert tuples(history[keys]) == sorted(tuples(record[0][keys]))


@some
@given(records())
def test_every_trusted_renaming_is_marked_once(record):
    links = record[1][record[1]["confidence"] != "doubtful"]
    assert metrics.history(*record)["renamed"].sum() == (links["kind"] == "renamed").sum()


@some
@given(records())
def test_the_confidences_are_those_of_the_trusted_links(record):
    expected = Counter(name for name in record[1]["confidence"] if name != "doubtful")
    assert Counter(metrics.history(*record)["confidence"].dropna()) == expected


@some
@given(records())
def test_the_names_and_areas_before_are_those_of_the_report_before(record):
    rows = {(row["report_year"], row["project_id"]): row for row in record[0].to_dict("records")}
    before = dict(map(reversed, pairwise(sorted(set(record[0]["report_year"])))))
    for row in alike_rows(metrics.history(*record)):
        was = rows.get((before.get(row["report_year"]), row["project_id"]), {})
        assert (row["printed_before"], row["area_before"]) == (was.get("project_printed"), was.get("focus_area_id"))


def alike_rows(frame):
    """Return the rows as dicts in which what is missing is None."""
    return [{k: None if pd.isna(x) else x for k, x in row.items()} for row in frame.to_dict("records")]


@some
@given(records())
def test_reclassified_are_the_rows_with_another_area_than_before(record):
    rows = alike_rows(metrics.history(*record))
    expected = [row["area_before"] not in (None, row["focus_area_id"]) for row in rows]
    assert [row["reclassified"] for row in rows] == expected


@some
@given(records())
def test_nothing_is_renamed_or_reclassified_that_the_report_before_does_not_list(record):
    history = metrics.history(*record)
    new = history[history["printed_before"].isna()]
    assert not new[["renamed", "reclassified"]].any(axis=None)


def test_the_renamings_of_the_record_are_the_renamed_links(panel, links):
    kept = [row for row in printed("project_links") if row["confidence"] != "doubtful" and row["kind"] == "renamed"]
    renamed = metrics.history(panel, links).query("renamed")
    assert Counter(renamed["report_year"]) == Counter(int(row["year_to"]) for row in kept)


def test_the_changes_of_area_in_the_record_are_those_of_the_printed_rows(panel, links):
    areas = {(int(row["report_year"]), row["project_id"]): row["focus_area_id"] for row in printed()}
    expected = sorted(key for key, area in areas.items() if areas.get((key[0] - 1, key[1]), area) != area)
    history = metrics.history(panel, links)
    assert tuples(history.loc[history["reclassified"], ["report_year", "project_id"]]) == expected


# Steady cities

CITIES = counted_by_city(ayu=["ab", "ab", "ab"], bima=["ab", "bc"], cato=["a", "abc", "ab"], dara=["abc"])
STEADY = {
    "reports": [3, 2, 3, 1],
    "least": [2, 2, 1, 3],
    "most": [2, 2, 3, 3],
    "projects": [2, 3, 3, 3],
    "constant": [True, True, False, True],
    "same_projects": [True, False, False, True],
}


@pytest.mark.parametrize(("column", "expected"), STEADY.items(), ids=list(STEADY))
def test_the_steadiness_of_cities_is_as_worked_by_hand(column, expected):
    assert metrics.steadiness(CITIES)[column].tolist() == expected


@some
@given(records())
def test_the_steadiness_of_cities_is_that_of_plain_python(record):
    found = {row["city_id"]: row for row in metrics.steadiness(record[0]).to_dict("records")}
    assert found.keys() == set(record[0]["city_id"])
    for city, row in found.items():
        sets = _sets_of(record[0], city)
        sizes = [len(projects) for projects in sets]
        assert (row["reports"], row["least"], row["most"]) == (len(sets), min(sizes), max(sizes))
        assert row["same_projects"] == all(projects == sets[0] for projects in sets)


def _sets_of(frame, city):
    """Return the projects of a city in each report that lists it."""
    sets = {}
    for row in frame[frame["city_id"] == city].to_dict("records"):
        sets.setdefault(row["report_year"], set()).add(row["project_id"])
    return list(sets.values())


@some
@given(records())
def test_the_same_projects_are_a_constant_number(record):
    found = metrics.steadiness(record[0])
    assert (found["constant"] | ~found["same_projects"]).all()


def test_the_steady_cities_of_the_record_are_those_of_the_printed_rows(panel):
    sizes = Counter((row["city_id"], row["report_year"]) for row in printed())
    by_city = {}
    for (city, _), n in sizes.items():
        by_city.setdefault(city, set()).add(n)
    found = metrics.steadiness(panel)
    assert set(found.loc[found["constant"], "city_id"]) == {city for city, ns in by_city.items() if len(ns) == 1}


def test_the_cities_of_the_record_that_always_list_the_same_are_those_of_the_printed_rows(panel):
    found = metrics.steadiness(panel)
    expected = {c for c in found["city_id"] if len({frozenset(s) for s in _sets_of(printed_frame(), c)}) == 1}
    assert set(found.loc[found["same_projects"], "city_id"]) == expected
