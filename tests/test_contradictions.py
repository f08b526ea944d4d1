"""Contradictions: the arithmetic of printed numbers, each check on a small record with one fault, the real record."""

import io
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import permutations
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_analysis import contradictions as c
from ascn_analysis import loaders

CIVIC, HEALTH, SAFETY = "civic-social", "health-well-being", "safety-security"
QUALITY, BUILT, INDUSTRY = "quality-environment", "built-infrastructure", "industry-innovation"
Said = tuple[int, str, str, str]

# Two cities with two projects each, in two reports and three exhibits that agree with each other.
SMALL = {
    "cities": """city_id,city,iso3,joined_year
alpha,Alpha,BRN,2018
beta,Beta,KHM,2018
gamma,Gamma,LAO,2030""",
    "projects": """project_id,title
a1,Services
a2,Care
b1,Shop
b2,Roads""",
    "project_reports": """report_year,list,city_id,project_id,project_printed,focus_area_id,source_id,page
2022,all,alpha,a1,Services,civic-social,me-2022,9
2022,all,alpha,a2,Care,health-well-being,me-2022,9
2022,all,beta,b1,Shop,civic-social,me-2022,9
2022,all,beta,b2,Roads,built-infrastructure,me-2022,9
2023,ongoing_or_planning,alpha,a1,Services,civic-social,me-2023,9
2023,ongoing_or_planning,alpha,a2,Care,health-well-being,me-2023,9
2023,completed,beta,b1,Shop,civic-social,me-2023,9
2023,ongoing_or_planning,beta,b2,Roads,built-infrastructure,me-2023,9""",
    "exhibit_status": """report_year,city_id,focus_area,status,n,source_id,page
2022,alpha,civic-social,planning,1,me-2022,6
2022,alpha,health-well-being,ongoing,1,me-2022,6
2022,beta,civic-social,ongoing,1,me-2022,6
2022,beta,built-infrastructure,planning,1,me-2022,6
2023,alpha,civic-social,planning,1,me-2023,6
2023,alpha,health-well-being,ongoing,1,me-2023,6
2023,beta,civic-social,completed,1,me-2023,6
2023,beta,built-infrastructure,ongoing,1,me-2023,6""",
    "exhibit_sub_areas": """report_year,iso3,focus_area,sub_area,sub_area_id,n,source_id,page
2022,BRN,civic-social,Services,services,1,me-2022,7
2022,BRN,health-well-being,Care,care,1,me-2022,7
2022,KHM,civic-social,Services,services,1,me-2022,7
2022,KHM,built-infrastructure,Roads,roads,1,me-2022,7
2023,BRN,civic-social,Services,services,1,me-2023,7
2023,BRN,health-well-being,Care,care,1,me-2023,7
2023,KHM,civic-social,Services,services,1,me-2023,7
2023,KHM,built-infrastructure,Roads,roads,1,me-2023,7""",
    "exhibit_country_status": """report_year,iso3,n_projects,status,percent_printed,source_id,page
2022,BRN,2,planning,50,me-2022,7
2022,BRN,2,ongoing,50,me-2022,7
2022,KHM,2,planning,50,me-2022,7
2022,KHM,2,ongoing,50.0,me-2022,7
2023,BRN,2,planning,50,me-2023,7
2023,BRN,2,ongoing,50,me-2023,7
2023,KHM,2,completed,50,me-2023,7
2023,KHM,2,ongoing,50.00,me-2023,7""",
    "exhibit_rings": """report_year,iso3,focus_area,percent_drawn,source_id,page
2022,BRN,civic-social,50.4,me-2022,7
2022,BRN,health-well-being,49.6,me-2022,7
2022,KHM,civic-social,48.9,me-2022,7
2022,KHM,built-infrastructure,51.1,me-2022,7
2023,BRN,civic-social,50.4,me-2023,7
2023,BRN,health-well-being,49.6,me-2023,7
2023,KHM,civic-social,48.9,me-2023,7
2023,KHM,built-infrastructure,51.1,me-2023,7""",
    "sub_areas": """sub_area_id,focus_area_id
services,civic-social
care,health-well-being
roads,built-infrastructure""",
    "highlights": """report_year,focus_area,city_id,source_id,page
2022,civic-social,alpha,me-2022,8
2022,built-infrastructure,beta,me-2022,8
2023,health-well-being,alpha,me-2023,8
2023,civic-social,beta,me-2023,8""",
    "stated_figures": """as_of,measure,breakdown,value,source_id,page
2022-09,projects_total,,4,me-2022,5
2022-09,member_cities,,2,me-2022,5
2022,member_cities,,2,news-2022,
2022-09,focus_area_share,civic-social,50,me-2022,5
2022-09,focus_area_share,health-well-being,25,me-2022,5
2022-09,focus_area_share,built-infrastructure,25,me-2022,5
2022-09,focus_area_icons,civic-social,2,me-2022,4
2022-09,status_share,planning,50,me-2022,5
2022-09,status_share,ongoing,50,me-2022,5
2023-09,projects_total,,4,me-2023,5
2023-09,member_cities,,2,me-2023,5
2023-09,status_count,completed,1,me-2023,5
2018,projects_per_city_planned,,1,scaps-2018,2
2018,cities_per_country_max,,1,concept-note-2018,1""",
    "action_plan_cities": """city_id,population_printed,land_area_printed,density_printed,source_id,page
alpha,"64,409",100.4 km²,641 / km²,scaps-2018,5
beta,1.6 million,"5,782.5 km²",277 / km²,scaps-2018,7
gamma,"97,760","16,875 km²",,scaps-2018,9""",
    "action_plan_projects": """city_id,project_no,source_id,page
alpha,1,scaps-2018,5
beta,1,scaps-2018,7""",
}


@pytest.fixture
def small() -> dict[str, pd.DataFrame]:
    """A record without a contradiction, to damage."""
    text = {"percent_printed": "str", "as_of": "str"}
    return {name: pd.read_csv(io.StringIO(lines), dtype=text) for name, lines in SMALL.items()}


@pytest.fixture(scope="module")
def found() -> Sequence[c.Finding]:
    """What the audit finds in the real record, without knowing what is known."""
    return c.find({name: loaders.load_table(name) for name in c.TABLES})


def plant(record: dict[str, pd.DataFrame], table: str, where: dict[str, Any], column: str, value: Any) -> None:
    """Change one cell, of the one row that has the values of `where`."""
    frame = record[table]
    row = frame.index[(frame[list(where)] == pd.Series(where)).all(axis=1)]
    assert len(row) == 1
    frame.loc[row, column] = value


def said(check: Callable[..., Any], record: dict[str, pd.DataFrame]) -> Sequence[Said]:
    return [(f.year, f.subject, f.stated, f.recomputed) for f in check(record)]


def places(subject: str, stated: str, recomputed: str) -> Sequence[Said]:
    """The same finding against all three places that show the projects of the report of 2022."""
    return [
        (2022, f"{subject} against {place}", stated, recomputed) for place in ("appendix", "Exhibit 2", "Exhibit 3")
    ]


def figure(measure: str, breakdown: str | None = None, year: int = 2022) -> tuple[str, dict[str, Any], str]:
    where = {"as_of": f"{year}-09", "measure": measure} | ({"breakdown": breakdown} if breakdown else {})
    return "stated_figures", where, "value"


PLANTED = {
    "stated total": (c.totals, *figure("projects_total"), 5, places("projects: text", "5", "4")),
    "stated share": (
        c.shares, *figure("focus_area_share", CIVIC), 51, places("share of Civic & Social: text", "51 %", "2 of 4 (50.00 %)")
    ),
    "icons of Exhibit 1": (
        c.icons_of_exhibit_1, *figure("focus_area_icons", CIVIC), 3, places("Civic & Social: icons of Exhibit 1", "3", "2")
    ),
    "stated share of a status": (
        c.statuses, *figure("status_share", "planning"), 51,
        [(2022, "share planning: text against Exhibit 2", "51 %", "2 of 4 (50.00 %)")],
    ),
    "sum of the stated shares of statuses": (
        c.statuses, *figure("status_share", "planning"), 52,
        [
            (2022, "share planning: text against Exhibit 2", "52 %", "2 of 4 (50.00 %)"),
            (2022, "shares of the statuses in the text: sum", "102 %", "100 %"),
        ],
    ),
    "stated number of a status": (
        c.statuses, *figure("status_count", "completed", 2023), 2,
        [(2023, "completed: number in the text against Exhibit 2", "2", "1")],
    ),
    "two statements of one measure": (
        c.stated_twice, "stated_figures", {"source_id": "news-2022"}, "value", 3,
        [(2022, "member_cities: documents against each other", "2 (me-2022)", "3 (news-2022)")],
    ),
    "focus area of an icon": (
        c.cities_of_exhibit_2, "exhibit_status", {"report_year": 2022, "focus_area": BUILT}, "focus_area", QUALITY,
        [(2022, "Beta: focus areas, appendix against Exhibit 2", "Built Infrastructure 1", "Quality Environment 1")],
    ),
    "completed icon": (
        c.cities_of_exhibit_2, "exhibit_status", {"status": "completed"}, "status", "ongoing",
        [(2023, "Beta: completed, list against Exhibit 2", "1", "0")],
    ),
    "status of an icon": (
        c.percentages_of_exhibit_3, "exhibit_status", {"report_year": 2023, "status": "planning"}, "status", "ongoing",
        [
            (2023, "Brunei Darussalam: planning, Exhibit 3 against Exhibit 2", "50 %", "0 of 2 (0.00 %)"),
            (2023, "Brunei Darussalam: ongoing, Exhibit 3 against Exhibit 2", "50 %", "2 of 2 (100.00 %)"),
        ],
    ),
    "percentage of Exhibit 3": (
        c.percentages_of_exhibit_3, "exhibit_country_status", {"percent_printed": "50.00"}, "percent_printed", "49.99",
        [(2023, "Cambodia: ongoing, Exhibit 3 against Exhibit 2", "49.99 %", "1 of 2 (50.00 %)")],
    ),
    "sum of the percentages of Exhibit 3": (
        c.percentages_of_exhibit_3, "exhibit_country_status", {"percent_printed": "50.0"}, "percent_printed", "52.0",
        [
            (2022, "Cambodia: ongoing, Exhibit 3 against Exhibit 2", "52.0 %", "1 of 2 (50.00 %)"),
            (2022, "Cambodia: percentages of Exhibit 3: sum", "102.0 %", "100 %"),
        ],
    ),
    "number of a label of Exhibit 3": (
        c.countries_of_exhibit_3, "exhibit_sub_areas", {"report_year": 2022, "sub_area": "Roads"}, "focus_area", QUALITY,
        [
            (2022, f"Cambodia: focus areas, Exhibit 3 against {other}", "Quality Environment 1", "Built Infrastructure 1")
            for other in ("appendix", "Exhibit 2")
        ],
    ),
    "sector of a ring of Exhibit 3": (
        c.rings_of_exhibit_3, "exhibit_rings", {"report_year": 2022, "percent_drawn": 51.1}, "percent_drawn", 66.0,
        [(2022, "Cambodia: labels of Exhibit 3 against its ring", "Built Infrastructure 50.0 %", "Built Infrastructure 66.0 %")],
    ),
    "number of projects of Exhibit 3": (
        c.countries_of_exhibit_3, "exhibit_country_status", {"percent_printed": "50.0"}, "n_projects", 3,
        [(2022, "Cambodia: projects of Exhibit 3 against its labels", "2, 3", "2")],
    ),
    "focus area of a label of Exhibit 3": (
        c.sub_areas, "exhibit_sub_areas", {"report_year": 2022, "sub_area": "Roads"}, "focus_area", QUALITY,
        [(2022, "Cambodia: Roads, Exhibit 3 against Exhibit 1", "Quality Environment", "Built Infrastructure")],
    ),
    "highlight in another focus area": (
        c.highlighted_cities, "highlights", {"report_year": 2022, "city_id": "alpha"}, "focus_area", SAFETY,
        [(2022, "Alpha: highlighted in the text against appendix", "Safety & Security", "Civic & Social 1, Health & Well-Being 1")],
    ),
    "highlight of a city without a row": (
        c.highlighted_cities, "highlights", {"report_year": 2022, "city_id": "beta"}, "city_id", "gamma",
        [
            (2022, "Gamma: highlighted in the text against appendix", "Built Infrastructure", "nothing more"),
            (2022, "Beta: highlighted once, as the text says", "1", "0"),
        ],
    ),
    "project filed elsewhere": (
        c.refiled_projects, "project_reports", {"report_year": 2023, "project_id": "b2"}, "focus_area_id", QUALITY,
        [(2023, "Beta, Roads: focus area, 2022 against 2023", "Built Infrastructure", "Quality Environment")],
    ),
    "stated number of members": (
        c.member_cities, *figure("member_cities", year=2023), 3,
        [
            (2023, "member cities: me-2023 against the roster", "3", "2"),
            (2023, "member cities: me-2023 against its appendix", "3", "2"),
        ],
    ),
    "city of the roster without a row": (
        c.member_cities, "cities", {"city_id": "gamma"}, "joined_year", 2023,
        [
            (2023, "member cities: me-2023 against the roster", "2", "3"),
            (2023, "cities with a row against the roster of that year", "2", "3"),
        ],
    ),
    "density of a plan": (
        c.plan_densities, "action_plan_cities", {"city_id": "alpha"}, "density_printed", "643 / km²",
        [
            (
                2018, "Alpha: density of the action plan against population and area", "643 / km²",
                "641.2 to 641.8 / km2 (population 64,409, area 100.4 km²)",
            )
        ],
    ),
    "second project of a plan": (
        c.plan_projects, "action_plan_projects", {"city_id": "beta"}, "city_id", "alpha",
        [(2018, "Alpha: projects of the action plan", "1", "2")],
    ),
    "limit of pilot cities a state": (
        c.plan_projects, "stated_figures", {"measure": "cities_per_country_max"}, "value", 0,
        [
            (2018, f"{state}: pilot cities against the number a state", "up to 0", "1")
            for state in ("Brunei Darussalam", "Cambodia")
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANTED.values(), ids=PLANTED)
def test_a_check_finds_exactly_the_contradiction_that_was_planted(small, case):
    check, table, where, column, value, expected = case
    plant(small, table, where, column, value)
    assert said(check, small) == expected


@pytest.mark.parametrize("check", c.CHECKS)
def test_a_check_finds_nothing_in_a_record_without_contradictions(small, check):
    assert list(check(small)) == []


def test_every_check_of_the_audit_is_tried_with_a_planted_contradiction():
    assert {case[0] for case in PLANTED.values()} == set(c.CHECKS)


@pytest.mark.parametrize("case", PLANTED.values(), ids=PLANTED)
def test_what_a_check_finds_the_audit_finds_too(small, case):
    _, table, where, column, value, expected = case
    plant(small, table, where, column, value)
    assert set(expected) <= set(said(c.find, small))


def test_findings_stand_in_the_order_of_years_and_subjects(small):
    for table, where, column, value in ((*figure("projects_total", year=2023), 5), (*figure("projects_total"), 6)):
        plant(small, table, where, column, value)
    order = [(finding.year, finding.subject) for finding in c.find(small)]
    assert order == sorted(order)
    assert {year for year, _ in order} == {2022, 2023}


def test_a_finding_names_the_page_of_the_statement_and_those_of_what_contradicts_it(small):
    plant(small, *figure("projects_total"), 5)
    assert [finding.pages for finding in c.totals(small)] == [
        "me-2022 p. 5; appendix me-2022 p. 9",
        "me-2022 p. 5; Exhibit 2 me-2022 p. 6",
        "me-2022 p. 5; Exhibit 3 me-2022 p. 7",
    ]


def test_a_missing_percentage_is_found_where_the_exhibit_draws_an_icon(small):
    percents = small["exhibit_country_status"]
    small["exhibit_country_status"] = percents[percents["percent_printed"] != "50.0"]
    first, *_ = said(c.percentages_of_exhibit_3, small)
    assert first == (2022, "Cambodia: ongoing, Exhibit 3 against Exhibit 2", "no percentage", "1 of 2 (50.00 %)")


def test_a_city_highlighted_twice_is_found(small):
    twice = small["highlights"].iloc[[0]].assign(focus_area=HEALTH)
    small["highlights"] = pd.concat([small["highlights"], twice])
    assert said(c.highlighted_cities, small) == [(2022, "Alpha: highlighted once, as the text says", "1", "2")]


def test_a_third_project_of_a_plan_is_found_with_its_page(small):
    more = pd.DataFrame([("beta", 2, "scaps-2018", 8)], columns=["city_id", "project_no", "source_id", "page"])
    small["action_plan_projects"] = pd.concat([small["action_plan_projects"], more])
    (finding,) = c.plan_projects(small)
    assert (finding.recomputed, finding.pages) == ("2", "scaps-2018 p. 2; scaps-2018 p. 7, 8")


def test_different_numbers_of_members_in_different_months_are_no_contradiction(small):
    plant(small, "stated_figures", {"source_id": "news-2022"}, "value", 3)
    plant(small, "stated_figures", {"source_id": "news-2022"}, "as_of", "2022-11")
    assert list(c.stated_twice(small)) == []


def test_what_a_report_states_of_another_year_is_not_compared_with_its_rows(small):
    plant(small, *figure("projects_total"), 5)
    plant(small, "stated_figures", {"value": 5}, "as_of", "2021")
    assert list(c.totals(small)) == []


@pytest.mark.parametrize(
    ("printed", "n", "total"),
    [
        ("13", 1, 8), ("38", 3, 8), ("29", 57, 200), ("2.6", 2, 77), ("2.60", 2, 77), ("66.67", 2, 3), ("6.67", 1, 15),
        ("0", 0, 5), ("100", 5, 5), ("0", 1, 201), ("12.50", 1, 8),
    ],
)  # fmt: skip
def test_a_percentage_fits_if_it_is_rounded_half_up_to_its_own_decimals(printed, n, total):
    assert c.fits(Decimal(printed), n, total)


@pytest.mark.parametrize(
    ("printed", "n", "total"),
    [("12", 1, 8), ("37", 3, 8), ("2.94", 2, 77), ("6.66", 1, 15), ("23", 4, 17), ("12.4", 1, 8), ("0", 0, 0), ("100", 0, 0)],
)  # fmt: skip
def test_a_percentage_that_is_cut_off_wrong_or_of_nothing_does_not_fit(printed, n, total):
    assert not c.fits(Decimal(printed), n, total)


@given(total=st.integers(1, 300), n=st.integers(0, 300), decimals=st.integers(0, 2))
def test_exactly_one_printed_percentage_fits_and_it_is_as_near_as_its_decimals_allow(total, n, decimals):
    n, steps = min(n, total), 10**decimals
    fitting = [k for k in range(100 * steps + 1) if c.fits(Decimal(k).scaleb(-decimals), n, total)]
    assert len(fitting) == 1
    assert 2 * abs(fitting[0] * total - 100 * steps * n) <= total


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("64,409", 64408.5, 64409.5),
        ("10.1 million", 10_050_000, 10_150_000),
        ("1.0 million", 950_000, 1_050_000),
        ("100.4 km²", 100.35, 100.45),
        ("39.0 km²", 38.95, 39.05),
        ("115 km²", 114.5, 115.5),
        ("7,400 / km²", 7350, 7450),
        ("16,875 km²  (Province)", 16874.5, 16875.5),
        ("680,000", 675_000, 685_000),
        ("4040.4 / km²", 4040.35, 4040.45),
    ],
)
def test_a_printed_number_stands_for_half_a_unit_of_its_last_digit_around_it(text, low, high):
    assert c._interval(text) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize("density", ["640 / km²", "641 / km²", "641.5 / km²", "600 / km²"])
def test_a_density_within_what_its_digits_can_stand_for_is_no_contradiction(small, density):
    plant(small, "action_plan_cities", {"city_id": "alpha"}, "density_printed", density)
    assert list(c.plan_densities(small)) == []


def sums(*percents: str) -> Sequence[str]:
    printed = {str(i): (Decimal(percent), "p. 1") for i, percent in enumerate(percents)}
    return [finding.stated for finding in c._sum_to_100(2022, "shares", printed)]


@pytest.mark.parametrize(
    "percents", [("33", "33", "33"), ("50.5", "49.5"), ("33.3", "33.3", "33.3"), ("66.67", "33.34"), ("100",), ()]
)
def test_percentages_that_rounding_brings_away_from_100_are_no_contradiction(percents):
    assert sums(*percents) == []


@pytest.mark.parametrize(
    ("percents", "total"),
    [
        (("33", "33", "32"), "98 %"),
        (("33.3", "33.3", "33.2"), "99.8 %"),
        (("18.18", "79.22", "2.94"), "100.34 %"),
        (("90",), "90 %"),
    ],
)
def test_percentages_whose_sum_rounding_cannot_explain_are_found(percents, total):
    assert sums(*percents) == [total]


@pytest.mark.parametrize(
    ("counts", "wanted", "change"),
    [
        ({CIVIC: 2, HEALTH: 1, BUILT: 1}, (75, 0, 25), "move 1 of 4: from Health & Well-Being 1 to Civic & Social 1"),
        (
            {CIVIC: 4},
            (0, 50, 50),
            "move 4 of 4: from Civic & Social 4 to Health & Well-Being 2, Built Infrastructure 2",
        ),
        ({CIVIC: 2, HEALTH: 1, BUILT: 1}, (50, 25, 24), "no whole numbers of 4 give all the printed shares"),
        ({CIVIC: 2, HEALTH: 1, BUILT: 1}, (75, 25, 25), "no whole numbers of 4 give all the printed shares"),
    ],
)
def test_the_smallest_change_of_rows_is_named(counts, wanted, change):
    printed = dict(zip((CIVIC, HEALTH, BUILT), map(Decimal, wanted), strict=True))
    assert c._moves(Counter(counts), printed) == change


def fewest_moves(start: tuple[int, ...], wanted: Sequence[Decimal]) -> int:
    """Move one row after the other, in every way, until all shares come out."""
    seen, edge, moved = {start}, {start}, 0
    while not any(all(c.fits(p, n, sum(start)) for p, n in zip(wanted, state, strict=True)) for state in edge):
        pairs = list(permutations(range(len(start)), 2))
        steps = {
            tuple(n - (k == i) + (k == j) for k, n in enumerate(state)) for state in edge for i, j in pairs if state[i]
        }
        edge, moved = steps - seen, moved + 1
        seen |= edge
    return moved


@given(
    start=st.lists(st.integers(3, 150), min_size=3, max_size=3),
    moves=st.lists(st.permutations(range(3)), max_size=3),
)
def test_no_way_of_moving_rows_is_shorter_than_the_change_named(start, moves):
    target, total, areas = list(start), sum(start), (CIVIC, HEALTH, BUILT)
    for less, more, _ in moves:
        target[less], target[more] = target[less] - 1, target[more] + 1
    wanted = [Decimal((200 * n + total) // (2 * total)) for n in target]
    change = c._moves(Counter(dict(zip(areas, start, strict=True))), dict(zip(areas, wanted, strict=True)))
    assert change.startswith(f"move {fewest_moves(tuple(start), wanted)} of {total}: ")


@pytest.mark.parametrize(
    ("printed", "n", "total", "nearest"),
    [
        ("2.94", 2, 77, "nearest that gives it: 2 of 68"),
        ("50", 1, 4, "nearest that gives it: 2 of the 4"),
        ("25", 3, 8, "nearest that gives it: 2 of the 8"),
        ("23", 4, 17, "nearest that gives it: 3 of 13"),
        ("6.66", 1, 15, "no number near gives it"),
        ("50", 0, 0, "nearest that gives it: 1 of 2"),
    ],
)
def test_the_nearest_numbers_that_give_a_percentage_are_named(printed, n, total, nearest):
    assert c._nearest(Decimal(printed), n, total) == nearest


def rows_titled(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["project_printed", "focus_area_id"])


@pytest.mark.parametrize(
    ("rows", "drawn", "change"),
    [
        ([("Bus", BUILT), ("Care", HEALTH)], {QUALITY: 1, HEALTH: 1}, "file Bus under Quality Environment"),
        ([("Bus", BUILT), ("Tram", BUILT)], {BUILT: 1, SAFETY: 1}, "file Bus or Tram under Safety & Security"),
        ([("Bus", BUILT)], {BUILT: 1, INDUSTRY: 2}, "2 more and 0 fewer"),
        ([("Bus", BUILT), ("Care", HEALTH)], {HEALTH: 1}, "0 more and 1 fewer"),
    ],
)
def test_the_row_that_would_have_to_be_filed_elsewhere_is_named(rows, drawn, change):
    frame = rows_titled(*rows)
    assert c._refile(Counter(frame["focus_area_id"]), Counter(drawn), frame) == change


def test_each_contradiction_of_the_record_has_its_own_year_and_subject(found):
    names = [(finding.year, finding.subject) for finding in found]
    assert len(set(names)) == len(names)


def test_the_audit_finds_exactly_the_known_contradictions(found):
    known = loaders.load_table("known_contradictions")[["year", "subject", "stated", "recomputed"]]
    assert {(f.year, f.subject, f.stated, f.recomputed) for f in found} == set(known.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("year", "words"),
    [
        (2022, ["shares of the statuses", "100.34"]),
        (2022, ["share completed", "2.94 %", "2 of 77"]),
        (2023, ["share of Civic & Social", "text against appendix", "30 %"]),
        (2023, ["share of Industry & Innovation", "text against appendix", "8 %"]),
        (2023, ["Singapore", "appendix against Exhibit 2", "Industry & Innovation", "E-Payments"]),
        (2023, ["Singapore", "Exhibit 3 against appendix", "Civic & Social", "Industry & Innovation"]),
        (2023, ["Mandalay", "Exhibit 2", "Health & Well-Being 1"]),
        (2024, ["share of Civic & Social", "text against appendix", "27 %"]),
        (2024, ["share of Safety & Security", "text against appendix", "12 %"]),
        (2024, ["share of Quality Environment", "text against appendix", "18 %"]),
        (2024, ["share of Industry & Innovation", "text against appendix", "11 %"]),
        (2024, ["Sumedang", "appendix against Exhibit 2"]),
        (2024, ["Indonesia", "Exhibit 3 against appendix"]),
        (2024, ["Rayong", "appendix against Exhibit 2"]),
        (2024, ["Thailand", "Exhibit 3 against appendix"]),
        (2024, ["Malaysia", "6.66 %", "1 of 15"]),
        (2025, ["share of Quality Environment", "text against appendix", "18 %"]),
        (2025, ["share of Built Infrastructure", "text against appendix", "25 %"]),
        (2025, ["Vientiane", "appendix against Exhibit 2"]),
        (2025, ["Lao PDR", "Exhibit 3 against appendix"]),
        (2025, ["Chiang Mai", "Exhibit 2", "Health & Well-Being 1"]),
        (2025, ["Philippines", "ongoing", "100 %", "7 of 8"]),
        (2025, ["Philippines", "planning", "no percentage", "1 of 8"]),
        (2025, ["Cambodia", "23 %", "4 of 17"]),
        (2025, ["member cities", "against the roster", "35", "37"]),
        (2018, ["Manila", "projects of the action plan", "3"]),
        (2018, ["Manila", "density", "45.7"]),
        (2018, ["Malaysia", "pilot cities", "up to 3", "4"]),
    ],
    ids=lambda value: value if isinstance(value, int) else ", ".join(value),
)
def test_what_another_reading_of_the_documents_named_is_found(found, year, words):
    lines = [f"{f.subject} {f.stated} {f.recomputed} {f.change}" for f in found if f.year == year]
    assert any(all(word in line for word in words) for line in lines)
