"""The measures: identities that must hold for any panel, and worked examples."""

import csv
import math
from collections import Counter
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise

import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v

HOMES = {
    "ayu": ("IDN", 2018),
    "bima": ("IDN", 2023),
    "cato": ("SGP", 2018),
    "dara": ("THA", 2024),
    "eko": ("VNM", 2018),
}
AREAS = list(v.FOCUS_AREA_NAMES)
COLUMNS = ["report_year", "as_of", "project_id", "city_id", "iso3", "focus_area_id", "list", "joined_year"]
METRICS = {
    "totals": metrics.totals,
    "totals by country": partial(metrics.totals, by=["iso3"]),
    "growth": metrics.growth,
    "per_city": metrics.per_city,
    "shares": metrics.shares,
    "one_project_shift": metrics.one_project_shift,
    "concentration": metrics.concentration,
    "growth_parts": metrics.growth_parts,
}
some = settings(max_examples=15, deadline=None, derandomize=True)
few = settings(some, max_examples=6)
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


@st.composite
def reports(draw, year, cities):
    """Draw the rows of one report: some projects, each once, on one list or on the two others."""
    as_of = f"{year}-{draw(st.integers(1, 12)):02}-{draw(st.integers(1, 28)):02}"
    names = draw(st.sampled_from([["all"], ["ongoing_or_planning", "completed"]]))
    listed = draw(st.sets(st.integers(0, len(cities) - 1), min_size=1))
    return [
        (year, as_of, f"p{i}", cities[i], HOMES[cities[i]][0], draw(st.sampled_from(AREAS)), draw(st.sampled_from(names)),
         HOMES[cities[i]][1])
        for i in sorted(listed)
    ]  # fmt: skip


@st.composite
def panels(draw):
    years = sorted(draw(st.sets(st.integers(2019, 2030), min_size=1, max_size=4)))
    cities = draw(st.lists(st.sampled_from(sorted(HOMES)), min_size=1, max_size=8))
    rows = [row for year in years for row in draw(reports(year, cities))]
    return pd.DataFrame(draw(st.permutations(rows)), columns=COLUMNS)


def panel_of(*reports):
    """Build a panel from {project: (focus area, list)}, one a year from 2021 on, all in one pilot city."""
    rows = [
        (year, f"{year}-01-01", project, "ayu", "IDN", area, name, 2018)
        for year, report in enumerate(reports, start=2021)
        for project, (area, name) in report.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def counted(*areas):
    """Build one report with so many projects in each of the first focus areas."""
    names = [area for area, n in zip(AREAS, areas, strict=False) for _ in range(n)]
    return panel_of({f"p{i}": (area, "all") for i, area in enumerate(names)})


def with_columns(frame, *keys):
    """Return a result as a plain dict from its key columns to its last column."""
    return {tuple(row[key] for key in keys): row[frame.columns[-1]] for row in frame.to_dict("records")}


def ids(frame):
    """Return the set of project ids of each report, in order of year, by plain Python."""
    listed = {}
    for year, project in sorted(zip(frame["report_year"].tolist(), frame["project_id"].tolist(), strict=True)):
        listed.setdefault(year, set()).add(project)
    return listed


def neighbours(frame):
    """Return (year, ids of the report before, ids of this report) for each report but the first."""
    return [(late, was, now) for (_, was), (late, now) in pairwise(ids(frame).items())]


def part(frame, split, name):
    """Return {year: n} of one part of one split."""
    parts = metrics.growth_parts(frame).to_dict("records")
    return {row["report_year"]: row["n"] for row in parts if (row["split"], row["part"]) == (split, name)}


@cache
def printed():
    with (loaders.DATA / "project_reports.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Every measure


@every_metric
@few
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(metric, panel, random):
    order = random.sample(range(len(panel)), len(panel))
    assert_frame_equal(metric(panel.iloc[order]), metric(panel), check_exact=True)


@every_metric
@few
@given(panels())
def test_the_frame_that_goes_in_is_not_changed(metric, panel):
    before = panel.copy(deep=True)
    metric(panel)
    assert_frame_equal(panel, before)


@every_metric
@few
@given(panels())
def test_results_are_sorted_and_numbered_from_0(metric, panel):
    result = metric(panel)
    keys = [c for c in ("report_year", "split", "part", "iso3", "focus_area_id") if c in result]
    assert_frame_equal(result, result.sort_values(keys, ignore_index=True))


@every_metric
def test_an_empty_frame_gives_an_empty_frame_with_the_same_columns(metric):
    panel = counted(2, 1)
    empty = metric(panel.iloc[:0])
    assert (len(empty), list(empty.columns)) == (0, list(metric(panel).columns))


@every_metric
def test_further_columns_of_the_frame_do_no_harm(metric):
    more = dict.fromkeys(["n", "total", "part", "before", "cities", "share", "days"], 7)
    assert_frame_equal(metric(counted(2, 1).assign(**more)), metric(counted(2, 1)))


@pytest.mark.parametrize("column", ["previous_year", "next_year", "list_before"])
def test_the_parts_of_growth_do_not_hang_on_the_names_of_further_columns(projects, column):
    assert_frame_equal(metrics.growth_parts(projects.assign(**{column: 7})), metrics.growth_parts(projects))


# With and without pyarrow


@pytest.mark.parametrize("measure", [metrics.growth, metrics.growth_parts])
@some
@given(panels())
def test_a_frame_that_goes_through_arrow_gives_what_pandas_gives(measure, panel):
    assert_frame_equal(measure(panel), measure.__wrapped__(panel))


@pytest.mark.parametrize("measure", [metrics.growth, metrics.growth_parts])
def test_text_of_pandas_goes_through_arrow(measure, panel, monkeypatch):
    seen = []
    monkeypatch.setattr(nw.DataFrame, "to_arrow", lambda rows: seen.append(rows.columns) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        measure(panel)
    assert len(seen) == 1


@pytest.mark.parametrize("measure", [metrics.growth, metrics.growth_parts])
def test_columns_that_arrow_would_give_back_as_others_stay_in_pandas(measure, panel):
    assert measure(panel.astype({"report_year": "Int64"}))["report_year"].dtype == "Int64"


# Totals


@some
@given(panels())
def test_totals_are_the_numbers_of_rows(panel):
    expected = Counter((row["report_year"],) for row in panel.to_dict("records"))
    assert with_columns(metrics.totals(panel), "report_year") == expected


@some
@given(panels())
def test_totals_by_two_columns_leave_no_group_out_and_add_none(panel):
    keys = ("report_year", "iso3", "list")
    expected = Counter(tuple(row[key] for key in keys) for row in panel.to_dict("records"))
    assert with_columns(metrics.totals(panel, by=["iso3", "list"]), *keys) == expected


@some
@given(panels(), st.sampled_from(["IDN", "SGP", "THA", "VNM", "TLS"]))
def test_filtering_by_country_then_counting_is_counting_then_filtering(panel, iso3):
    by_country = metrics.totals(panel, by=["iso3"])
    after = by_country[by_country["iso3"] == iso3].drop(columns="iso3").reset_index(drop=True)
    assert_frame_equal(metrics.totals(panel[panel["iso3"] == iso3]), after)


@some
@given(panels())
def test_projects_per_city_divides_by_the_cities_that_the_report_lists(panel):
    rows = panel.to_dict("records")
    cities = {y: len({r["city_id"] for r in rows if r["report_year"] == y}) for y in ids(panel)}
    expected = {(y,): pytest.approx(len(projects) / cities[y]) for y, projects in ids(panel).items()}
    assert with_columns(metrics.per_city(panel), "report_year") == expected


# Growth


@some
@given(panels())
def test_change_is_this_total_minus_the_one_before(panel):
    sizes = [len(projects) for projects in ids(panel).values()]
    assert metrics.growth(panel)["change"].tolist()[1:] == [n1 - n0 for n0, n1 in pairwise(sizes)]


@some
@given(panels())
def test_percent_is_change_per_hundred_projects_before(panel):
    sizes = [len(projects) for projects in ids(panel).values()]
    expected = [float(Fraction(100 * (n1 - n0), n0)) for n0, n1 in pairwise(sizes)]
    assert metrics.growth(panel)["percent"].tolist()[1:] == pytest.approx(expected)


@some
@given(panels())
def test_the_first_report_has_no_growth(panel):
    first = metrics.growth(panel).iloc[0]
    assert first[["change", "percent", "days", "annualised_percent"]].isna().all()


@some
@given(panels())
def test_annualised_growth_compounds_back_to_growth(panel):
    grown = metrics.growth(panel).iloc[1:]
    back = [(1 + a / 100) ** (d / 365.25) for a, d in zip(grown["annualised_percent"], grown["days"], strict=True)]
    assert back == pytest.approx((1 + grown["percent"] / 100).tolist())


def test_annualised_growth_is_growth_when_a_year_has_passed(monkeypatch):
    monkeypatch.setattr("ascn_analysis.measures.growth.DAYS_A_YEAR", 365)
    grown = metrics.growth(pd.concat([counted(4), counted(5).assign(report_year=2022, as_of="2022-01-01")]))
    assert grown["annualised_percent"].iloc[1] == pytest.approx(25) == pytest.approx(grown["percent"].iloc[1])


def test_sixteenfold_in_four_years_is_a_doubling_every_year():
    grown = metrics.growth(pd.concat([counted(1), counted(16).assign(report_year=2025, as_of="2025-01-01")]))
    assert grown["annualised_percent"].iloc[1] == pytest.approx(100)


def test_days_are_counted_over_a_leap_day():
    leap = pd.concat([counted(1).assign(as_of="2024-02-28"), counted(1).assign(report_year=2024, as_of="2024-03-01")])
    assert metrics.growth(leap)["days"].iloc[1] == 2


# Shares


@pytest.mark.parametrize("by", ["focus_area_id", "iso3", "city_id", "list"])
@some
@given(panels())
def test_shares_sum_to_1_within_each_report(by, panel):
    sums = metrics.shares(panel, by=by).groupby("report_year")["share"].sum()
    assert sums.to_dict() == {year: pytest.approx(1) for year in ids(panel)}


@some
@given(panels())
def test_shares_within_country_and_report_sum_to_1(panel):
    sums = metrics.shares(panel, within=["report_year", "iso3"]).groupby(["report_year", "iso3"])["share"].sum()
    assert sums.tolist() == pytest.approx([1] * len(panel.drop_duplicates(["report_year", "iso3"])))


@some
@given(panels())
def test_a_share_is_the_group_over_the_report(panel):
    sizes = {year: len(projects) for year, projects in ids(panel).items()}
    pairs = Counter((row["report_year"], row["focus_area_id"]) for row in panel.to_dict("records"))
    expected = {(year, area): float(Fraction(n, sizes[year])) for (year, area), n in pairs.items()}
    assert with_columns(metrics.shares(panel), "report_year", "focus_area_id") == expected


@some
@given(panels())
def test_one_project_moves_a_share_down_by_one_in_the_total(panel):
    moved = metrics.one_project_shift(panel)
    assert (moved["share"] - moved["share_one_less"]).tolist() == pytest.approx((1 / moved["total"]).tolist())


@some
@given(panels())
def test_one_project_moves_a_share_up_by_one_in_the_total_unless_it_holds_all(panel):
    moved = metrics.one_project_shift(panel)
    expected = [0 if n == total else 1 / total for n, total in zip(moved["n"], moved["total"], strict=True)]
    assert (moved["share_one_more"] - moved["share"]).tolist() == pytest.approx(expected)


@some
@given(panels())
def test_a_share_with_one_project_moved_stays_within_0_and_1(panel):
    moved = metrics.one_project_shift(panel)[["share_one_less", "share", "share_one_more"]]
    assert moved.min(axis=None) >= 0
    assert moved.max(axis=None) <= 1


# Concentration


@some
@given(panels())
def test_hhi_lies_between_an_even_spread_over_its_groups_and_1(panel):
    measured = metrics.concentration(panel)
    lowest = [1 / n - 1e-12 for n in measured["groups"]]
    assert all(low <= hhi <= 1 + 1e-12 for low, hhi in zip(lowest, measured["hhi"], strict=True))


@some
@given(panels())
def test_evenness_lies_between_0_and_1(panel):
    assert metrics.concentration(panel)["evenness"].between(0, 1 + 1e-12).all()


@some
@given(panels())
def test_hhi_is_1_if_and_only_if_there_is_one_group(panel):
    measured = metrics.concentration(panel)
    assert (measured["groups"] == 1).tolist() == [math.isclose(hhi, 1) for hhi in measured["hhi"]]


@some
@given(panels())
def test_hhi_is_the_chance_that_two_draws_fall_in_one_group(panel):
    rows = panel[panel["report_year"] == panel["report_year"].min()]["focus_area_id"].tolist()
    chance = Fraction(sum(a == b for a in rows for b in rows), len(rows) ** 2)
    assert metrics.concentration(panel)["hhi"].iloc[0] == pytest.approx(float(chance))


@some
@given(panels())
def test_concentration_counts_projects_and_groups(panel):
    rows = panel.to_dict("records")
    areas = {year: len({r["focus_area_id"] for r in rows if r["report_year"] == year}) for year in ids(panel)}
    measured = metrics.concentration(panel)[["total", "groups"]].to_records(index=False).tolist()
    assert measured == [(len(projects), areas[year]) for year, projects in ids(panel).items()]


@pytest.mark.parametrize("groups", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("each", [1, 7])
def test_equal_shares_give_evenness_1_and_as_many_effective_groups(groups, each):
    measured = metrics.concentration(counted(*[each] * groups), categories=groups).iloc[0]
    assert measured["evenness"] == pytest.approx(1)
    assert measured["effective_groups"] == pytest.approx(groups)


def test_one_group_alone_is_not_even_at_all():
    assert metrics.concentration(counted(5))["evenness"].tolist() == [0]


def test_the_concentration_of_two_one_and_one_projects_is_as_worked_by_hand():
    measured = metrics.concentration(counted(2, 1, 1)).iloc[0]
    assert measured["hhi"] == pytest.approx(0.25 + 0.0625 + 0.0625)
    assert measured["effective_groups"] == pytest.approx(8 / 3)
    assert measured["evenness"] == pytest.approx(0.58027918)  # 1.5 ln 2 / ln 6


def test_the_concentration_of_the_first_report_is_as_worked_by_hand(projects):
    squares = 22**2 + 5**2 + 10**2 + 17**2 + 19**2 + 4**2
    assert metrics.concentration(projects)["hhi"].iloc[0] == pytest.approx(squares / 77**2)


@pytest.mark.parametrize("categories", [1, 0, -6])
def test_evenness_over_less_than_two_categories_is_refused(categories):
    with pytest.raises(ValueError, match=f"categories is {categories}; expected at least 2"):
        metrics.concentration(counted(1), categories=categories)


# The parts of growth


@few
@given(panels())
def test_every_split_of_growth_sums_to_the_total(panel):
    sums = metrics.growth_parts(panel).groupby(["split", "report_year"])["n"].sum().to_dict()
    splits = ("membership", "completion", "change", "balance")
    assert sums == {(s, year): len(projects) for s in splits for year, projects in ids(panel).items()}


@few
@given(panels())
def test_the_balance_starts_from_the_report_before(panel):
    expected = {year: len(was) for year, was, _ in neighbours(panel)}
    assert part(panel, "balance", "previous_total") == expected


@few
@given(panels())
def test_newly_listed_are_the_ids_that_the_report_before_lacks(panel):
    expected = {year: len(now - was) for year, was, now in neighbours(panel) if now - was}
    assert part(panel, "balance", "newly_listed") == expected


@few
@given(panels())
def test_no_longer_listed_are_the_ids_that_this_report_lacks(panel):
    expected = {year: -len(was - now) for year, was, now in neighbours(panel) if was - now}
    assert part(panel, "balance", "no_longer_listed") == expected


@few
@given(panels())
def test_the_first_report_is_a_part_of_its_own(panel):
    year, projects = next(iter(ids(panel).items()))
    assert part(panel, "change", "first_report") == {year: len(projects)}


@few
@given(panels())
def test_pilot_cities_are_those_that_joined_in_2018(panel):
    pilots = Counter(row["report_year"] for row in panel.to_dict("records") if HOMES[row["city_id"]][1] == 2018)
    assert part(panel, "membership", "pilot_cities") == pilots


@pytest.mark.parametrize(
    ("name", "on_list"),
    [("not_separable", "all"), ("unfinished", "ongoing_or_planning"), ("completed", "completed")],
)
@few
@given(panel=panels())
def test_completion_follows_the_list(name, on_list, panel):
    rows = Counter(row["report_year"] for row in panel.to_dict("records") if row["list"] == on_list)
    assert part(panel, "completion", name) == rows


FATES = [
    ("all", "all", "continued"),
    ("all", "ongoing_or_planning", "continued"),
    ("all", "completed", "newly_completed"),
    ("ongoing_or_planning", "ongoing_or_planning", "continued"),
    ("ongoing_or_planning", "completed", "newly_completed"),
    ("completed", "completed", "still_completed"),
    ("completed", "ongoing_or_planning", "continued"),
    (None, "all", "newly_listed"),
    (None, "ongoing_or_planning", "newly_listed"),
    (None, "completed", "newly_listed_completed"),
]


@pytest.mark.parametrize(("before", "now", "fate"), FATES)
def test_what_became_of_a_project(before, now, fate):
    first = {"other": (AREAS[0], "all")} | ({"p": (AREAS[0], before)} if before else {})
    changed = metrics.changes(panel_of(first, {"p": (AREAS[1], now)}))
    assert changed["change"].iloc[-1] == fate


def test_a_project_that_comes_back_is_newly_listed():
    one, other = {"p": (AREAS[0], "all")}, {"q": (AREAS[0], "all")}
    assert metrics.changes(panel_of(one, other, one))["change"].tolist() == ["first_report", *["newly_listed"] * 2]


@some
@given(panels())
def test_every_row_gets_one_of_the_known_changes(panel):
    assert set(metrics.changes(panel)["change"]) <= set(v.CHANGES)


@some
@given(panels())
def test_changes_keep_the_rows_and_their_order(panel):
    kept = metrics.changes(panel).drop(columns="change").reset_index(drop=True)
    assert_frame_equal(kept, panel)


@some
@given(panels())
def test_changes_do_not_change_the_frame_that_goes_in(panel):
    before = panel.copy(deep=True)
    metrics.changes(panel)
    assert_frame_equal(panel, before)


@some
@given(panels())
def test_the_change_split_counts_the_changes_of_the_rows(panel):
    rows = Counter(zip(panel["report_year"], metrics.changes(panel)["change"], strict=True))
    parts = metrics.growth_parts(panel).query("split == 'change'").drop(columns="split")
    assert with_columns(parts, "report_year", "part") == rows


def test_an_empty_frame_has_no_changes():
    assert metrics.changes(counted(1).iloc[:0]).columns.tolist() == [*COLUMNS, "change"]


def test_changes_can_be_measured_on_the_published_panel(panel):
    assert metrics.changes(panel)["change"].tolist() == panel["change"].tolist()


# Selections


@every_metric
@few
@given(panels())
def test_the_selection_all_is_the_measure_of_the_whole_frame(metric, panel):
    stacked = metrics.by_selection(metric, panel)
    alone = stacked[stacked["selection"] == "all"].drop(columns="selection").reset_index(drop=True)
    assert_frame_equal(alone, metric(panel), check_dtype=False)


@every_metric
@few
@given(panels(), st.data())
def test_a_selection_is_the_measure_of_the_filtered_frame(metric, panel, data):
    iso3 = data.draw(st.sampled_from(sorted(set(panel["iso3"]))))
    stacked = metrics.by_selection(metric, panel)
    alone = stacked[stacked["selection"] == iso3].drop(columns="selection").reset_index(drop=True)
    assert_frame_equal(alone, metric(panel[panel["iso3"] == iso3]), check_dtype=False)


@some
@given(panels())
def test_selections_are_all_first_and_then_each_country_in_order(panel):
    named = metrics.by_selection(metrics.totals, panel)["selection"]
    assert list(dict.fromkeys(named)) == ["all", *sorted(set(panel["iso3"]))]


def test_another_column_can_select():
    stacked = metrics.by_selection(metrics.totals, counted(2, 1), column="focus_area_id")
    assert with_columns(stacked, "selection") == {("all",): 3, (AREAS[0],): 2, (AREAS[1],): 1}


def test_an_empty_frame_has_no_selection():
    assert metrics.by_selection(metrics.growth_parts, counted(1).iloc[:0]).empty


@some
@given(panels())
def test_the_totals_of_the_countries_sum_to_the_total_of_all(panel):
    stacked = metrics.by_selection(metrics.totals, panel)
    countries = stacked[stacked["selection"] != "all"].groupby("report_year")["n"].sum().to_dict()
    assert countries == stacked[stacked["selection"] == "all"].set_index("report_year")["n"].to_dict()


# The record


def test_the_four_reports_list_77_86_108_and_134_projects(projects):
    assert with_columns(metrics.totals(projects), "report_year") == {
        (2022,): 77,
        (2023,): 86,
        (2024,): 108,
        (2025,): 134,
    }


@pytest.mark.parametrize(("year", "before", "new", "gone"), [(2023, 77, 10, 1), (2024, 86, 25, 3), (2025, 108, 29, 3)])
def test_the_balance_of_the_record_is_as_known(projects, year, before, new, gone):
    balance = [part(projects, "balance", name)[year] for name in ("previous_total", "newly_listed", "no_longer_listed")]
    assert balance == [before, new, -gone]


@pytest.mark.parametrize(("year", "pilots", "later"), [(2024, 96, 12), (2025, 106, 28)])
def test_pilot_cities_and_later_members_are_as_known(projects, year, pilots, later):
    split = [part(projects, "membership", name)[year] for name in ("pilot_cities", "later_members")]
    assert split == [pilots, later]


@pytest.mark.parametrize(("year", "completed"), [(2024, 11), (2025, 18)])
def test_completed_projects_are_as_known(projects, year, completed):
    assert part(projects, "completion", "completed")[year] == completed


def test_the_shares_of_the_record_are_those_of_the_printed_rows(projects):
    sizes = Counter(row["report_year"] for row in printed())
    areas = Counter((row["report_year"], row["focus_area_id"]) for row in printed())
    expected = {(int(year), area): n / sizes[year] for (year, area), n in areas.items()}
    assert with_columns(metrics.shares(projects), "report_year", "focus_area_id") == pytest.approx(expected)


def test_the_intervals_between_the_reports_are_as_the_documentation_says(projects):
    days = metrics.growth(projects)["days"].dropna().astype(int).tolist()
    assert days == [327, 408, 370]
    assert all(str(n) in metrics.growth.__doc__ for n in (min(days), max(days)))


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_a_project_stands_once_in_a_report(year):
    listed = [row["project_id"] for row in printed() if row["report_year"] == str(year)]
    assert len(set(listed)) == len(listed)


def test_more_groups_than_categories_are_refused(projects):
    with pytest.raises(ValueError, match="categories"):
        metrics.concentration(projects, by="city_id", categories=6)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_evenness_over_the_member_cities_stays_within_1(projects, year):
    listed = projects[projects["report_year"] == year]
    assert metrics.concentration(listed, by="city_id", categories=38)["evenness"].between(0.5, 1).all()
