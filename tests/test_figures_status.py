"""The figures of status: stacks by report, by country and focus area, and the tables of steps."""

import csv
import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import pandas as pd
import pytest

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError

YEARS = (2022, 2023, 2024, 2025)
GROUPS = {"country": list(v.COUNTRY_NAMES.values()), "focus_area": list(v.FOCUS_AREA_NAMES.values())}
FIGURES = ["status_bars", "status_flows", *GROUPS]
CHOICES = [None, "BRN", "IDN", "THA"]
OPEN = "left open by the evidence"
FIELDS = {
    "status_bars": {"selection", "report_year", "kind", "label", "order", "n"},
    "status_flows": {"selection", "year_from", "year_to", "status_from", "status_to", "n", "same"},
    "country": {"iso3", "country", "kind", "label", "order", "n", "note"},
    "focus_area": {"selection", "focus_area", "kind", "label", "order", "n"},
}

every_figure = pytest.mark.parametrize("name", FIGURES)
every_choice = pytest.mark.parametrize("country", CHOICES)
every_group = pytest.mark.parametrize("by", GROUPS)
every_interval = pytest.mark.parametrize(
    ("at", "early", "late"), [(i, *years) for i, years in enumerate(pairwise(YEARS))]
)


@pytest.fixture(scope="module")
def specs(panel):
    """Every figure of status as a dict; those by group under the name of their column."""
    as_of = panel["as_of"].max()
    charts = {
        "status_bars": figures.status_bars(metrics.by_selection(metrics.status_counts, panel), as_of),
        "status_flows": figures.status_flows(metrics.by_selection(metrics.transitions, panel), as_of),
        **{by: figures.status_groups(panel, 2025, by) for by in GROUPS},
    }
    return {name: chart.to_dict() for name, chart in charts.items()}


@cache
def printed():
    with (loaders.DATA / "panel.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(year, country=None):
    """Return the rows of a report, of one country or of all, by plain Python."""
    return [row for row in printed() if row["report_year"] == str(year) and country in (None, row["iso3"])]


def kind(status):
    return OPEN if "|" in status else status


def coarse(status):
    """Return the line or column of the tables of steps on which a status stands."""
    if "|" not in status:
        return status
    return "planning or ongoing" if status == "planning|ongoing" else "perhaps completed"


def steps(early, late, country=None):
    """Return the steps of one interval by plain Python, as a Counter of pairs."""
    was, now = ({row["project_id"]: coarse(row["status"]) for row in listed(year, country)} for year in (early, late))
    return Counter((was.get(i, "newly listed"), now.get(i, "no longer listed")) for i in was.keys() | now.keys())


def told(spec, subject):
    """Return {words: number} of what the alt text tells after a subject."""
    said = re.search(rf"{re.escape(subject)}: ([^;.]*)[;.]", spec["description"]).group(1)
    pairs = re.findall(r"(\d+) ([^,]+?)(?:, | and (?=\d)|$)", said)
    assert len(pairs) == len({words for _, words in pairs})
    return {words: int(n) for n, words in pairs}


def spoken(draw, spec, country, layer, pattern):
    """Return what a pattern finds in the descriptions of a layer's marks."""
    items = [item["description"] for name, item in draw(spec, country=country) if name == layer]
    return Counter(re.search(pattern, words).groups() for words in items)


def columns(spec):
    return {name for rows in spec["datasets"].values() for row in rows for name in row}


def reports(*statuses, home=("ayu", "IDN", "Indonesia")):
    """Build a panel of one project that has these statuses in successive reports; None: not listed."""
    rows = [(year, f"{year}-09-30", "p", *home, status) for year, status in enumerate(statuses, start=2022) if status]
    return pd.DataFrame(rows, columns=["report_year", "as_of", "project_id", "city_id", "iso3", "country", "status"])


def flows(frame):
    return figures.status_flows(metrics.by_selection(metrics.transitions, frame), "2025-09-30").to_dict()


# Every figure


@every_figure
def test_the_filter_is_the_country(specs, name):
    assert [(param["name"], param["value"]) for param in specs[name]["params"]] == [("country", None)]


@every_figure
def test_a_figure_carries_the_columns_that_it_draws_and_no_others(specs, name):
    assert columns(specs[name]) == FIELDS[name]


@every_figure
def test_every_column_is_drawn_or_tells_the_panel(specs, name):
    drawing = json.dumps({key: part for key, part in specs[name].items() if key != "datasets"})
    unused = {
        field
        for field in FIELDS[name] - {"year_from", "year_to"}
        if not re.search(rf'datum\.{field}\b|"{field}"(?!:)', drawing)
    }
    assert unused == set()


@pytest.mark.parametrize("name", ["status_bars", "status_flows"])
def test_a_country_without_projects_leaves_no_mark(specs, draw, name):
    assert draw(specs[name], country="TLS") == []


# By report


@pytest.mark.parametrize("year", YEARS)
def test_the_alt_text_tells_the_statuses_of_each_report(specs, year):
    assert told(specs["status_bars"], str(year)) == Counter(kind(row["status"]) for row in listed(year))


@every_choice
def test_the_stacks_of_a_choice_are_its_projects(specs, draw, country):
    bars = spoken(
        draw, specs["status_bars"], country, "layer_0_marks", r"report: (\d+); projects: (\d+); label: ([^;]+);"
    )
    expected = Counter((str(year), kind(row["status"])) for year in YEARS for row in listed(year, country))
    assert bars == Counter((year, str(n), label) for (year, label), n in expected.items())


@every_choice
def test_the_stacks_of_a_choice_write_the_numbers_that_have_room(specs, draw, country):
    written = [item["text"] for name, item in draw(specs["status_bars"], country=country) if name == "layer_1_marks"]
    counts = Counter((year, kind(row["status"])) for year in YEARS for row in listed(year, country))
    assert Counter(text for text in written if text) == Counter(str(n) for n in counts.values() if n >= 4)


def test_the_open_sets_are_one_part_of_the_stack(specs):
    rows = next(iter(specs["status_bars"]["datasets"].values()))
    keys = Counter((row["selection"], row["report_year"], row["label"]) for row in rows)
    assert set(keys.values()) == {1}


def test_completed_projects_stand_at_the_bottom_and_open_ones_at_the_top(specs):
    rows = next(iter(specs["status_bars"]["datasets"].values()))
    order = dict(sorted((row["order"], row["label"]) for row in rows))
    assert list(order.values()) == ["completed", "ongoing", "planning", OPEN]


def test_what_is_left_open_is_grey(specs):
    scale = specs["status_bars"]["layer"][0]["encoding"]["fill"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))[OPEN] == v.NO_DATA


def test_numbers_on_the_dark_part_are_white(specs, draw):
    inks = {item["fill"] for _, item in draw(specs["status_bars"], country=None) if item.get("text") in ("11", "18")}
    assert inks == {"white"}


def test_stacks_of_nothing_are_refused(panel):
    with pytest.raises(SelectionError, match="no project in the frame"):
        figures.status_bars(metrics.by_selection(metrics.status_counts, panel.iloc[:0]), "2025-09-30")


def test_drawing_stacks_does_not_change_the_counts(panel):
    counts = metrics.by_selection(metrics.status_counts, panel)
    before = counts.copy(deep=True)
    figures.status_bars(counts, "2025-09-30")
    pd.testing.assert_frame_equal(counts, before)


# By country and focus area


@every_group
def test_the_alt_text_tells_the_statuses_of_each_group(specs, by):
    for name in sorted({row[by] for row in listed(2025)}):
        assert told(specs[by], name) == Counter(kind(row["status"]) for row in listed(2025) if row[by] == name)


@every_group
def test_the_groups_stand_in_their_order(specs, by):
    assert specs[by]["layer"][0]["encoding"]["y"]["sort"] == GROUPS[by]


@every_group
@every_choice
def test_the_bars_of_a_choice_are_its_projects(specs, draw, by, country):
    bars = spoken(draw, specs[by], country, "layer_0_marks", rf"projects: (\d+); {by}: ([^;]+); label: ([^;]+);")
    expected = Counter((row[by], kind(row["status"])) for row in listed(2025, country))
    assert bars == Counter((str(n), *key) for key, n in expected.items())


@every_group
@every_choice
def test_the_bars_of_a_choice_write_the_numbers_that_have_room(specs, draw, by, country):
    written = [item["text"] for name, item in draw(specs[by], country=country) if name == "layer_1_marks"]
    counts = Counter((row[by], kind(row["status"])) for row in listed(2025, country))
    assert Counter(text for text in written if text) == Counter(str(n) for n in counts.values() if n >= 2)


@every_choice
def test_beside_each_country_stand_its_projects_per_city(specs, draw, country):
    notes = [item["text"] for name, item in draw(specs["country"], country=country) if name == "layer_2_marks"]
    for iso3 in {row["iso3"] for row in listed(2025, country)}:
        rows = listed(2025, iso3)
        n, cities = len(rows), len({row["city_id"] for row in rows})
        said = f"{n} in {cities} {'city' if cities == 1 else 'cities'}, {n / cities:.1f} per city"
        assert said in notes


def test_a_country_without_a_row_keeps_its_line_and_says_so(specs, draw):
    drawn = [item.get("text") for _, item in draw(specs["country"], country="TLS")]
    assert drawn == ["no row in this report"]


def test_the_alt_text_says_which_country_has_no_row(specs):
    assert re.findall(r"([^:;.]+): no row", specs["country"]["description"]) == [" Timor-Leste"]


def test_only_the_notes_of_a_choice_are_written(specs, draw):
    notes = [item for name, item in draw(specs["country"], country="IDN") if name == "layer_2_marks"]
    assert len(notes) == 1


def test_focus_areas_have_no_notes(specs, draw):
    assert {name for name, _ in draw(specs["focus_area"], country=None)} == {"layer_0_marks", "layer_1_marks"}


@every_group
def test_the_title_names_the_report_that_is_drawn(panel, by):
    assert figures.status_groups(panel, 2023, by).to_dict()["title"]["text"].endswith("report 2023")


@every_group
def test_the_source_line_has_the_date_of_the_report_that_is_drawn(panel, by):
    assert figures.status_groups(panel, 2023, by).to_dict()["title"]["subtitle"][-1].endswith("As of 14 August 2023.")


@every_group
def test_a_report_that_is_not_there_is_refused_with_those_that_are(panel, by):
    with pytest.raises(SelectionError, match=r"no project of report 2021; the frame holds \[2022, 2023, 2024, 2025\]"):
        figures.status_groups(panel, 2021, by)


# From report to report


def test_there_is_one_table_for_each_interval_in_order(specs):
    headings = [table["title"]["text"] for table in specs["status_flows"]["hconcat"]]
    assert headings == [f"{early} to {late}" for early, late in pairwise(YEARS)]


@every_choice
@every_interval
def test_the_cells_of_a_choice_are_its_steps(specs, draw, country, at, early, late):
    pattern = rf"{early}: ([^;]+); {late}: ([^;]+); .*Projects: (\d+)"
    cells = spoken(draw, specs["status_flows"], country, f"concat_{at}_layer_0_marks", pattern)
    assert cells == Counter((*step, str(n)) for step, n in steps(early, late, country).items())


@every_choice
@every_interval
def test_the_numbers_of_a_choice_are_its_steps(specs, draw, country, at, early, late):
    layer = f"concat_{at}_layer_1_marks"
    written = [item["text"] for name, item in draw(specs["status_flows"], country=country) if name == layer]
    assert Counter(written) == Counter(str(n) for n in steps(early, late, country).values())


@every_interval
def test_what_changed_is_orange_and_what_did_not_is_grey(specs, draw, at, early, late):
    inks = Counter(item["fill"] for name, item in draw(specs["status_flows"]) if name == f"concat_{at}_layer_0_marks")
    same = sum(was == now for was, now in steps(early, late))
    assert inks == {v.LAND: same, "#F3C9B5": len(steps(early, late)) - same}


@every_interval
def test_the_alt_text_tells_every_change(specs, at, early, late):
    expected = {f"from {was} to {now}": n for (was, now), n in steps(early, late).items() if was != now}
    assert told(specs["status_flows"], f"{early} to {late}") == expected


def test_only_the_first_table_names_its_lines(specs):
    axes = [table["layer"][0]["encoding"]["y"]["axis"]["labels"] for table in specs["status_flows"]["hconcat"]]
    assert axes == [True, False, False]


@pytest.mark.parametrize(("channel", "end"), [("y", "from"), ("x", "to")])
def test_every_status_of_the_record_has_its_place_in_the_tables(specs, channel, end):
    domain = specs["status_flows"]["hconcat"][0]["layer"][0]["encoding"][channel]["scale"]["domain"]
    rows = [row for part in specs["status_flows"]["datasets"].values() for row in part]
    assert {row[f"status_{end}"] for row in rows} <= set(domain)


@pytest.mark.parametrize("held", v.STATUS_SETS)
def test_every_set_of_statuses_has_its_place_in_the_tables(held):
    spec = flows(reports(held, held))
    domain = spec["hconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert {row["status_to"] for rows in spec["datasets"].values() for row in rows} == {coarse(held)} <= set(domain)


def test_the_tables_stand_in_order_where_the_first_country_is_listed_later():
    late = reports(None, None, "planning", "ongoing", home=("bsb", "BRN", "Brunei Darussalam"))
    early = reports("planning", "planning", "ongoing", "ongoing").assign(project_id="q")
    headings = [table["title"]["text"] for table in flows(pd.concat([early, late]))["hconcat"]]
    assert headings == ["2022 to 2023", "2023 to 2024", "2024 to 2025"]


def test_a_country_that_a_report_leaves_out_has_no_cell_in_the_interval_of_others(draw):
    gap = reports("planning", None, "ongoing", home=("bsb", "BRN", "Brunei Darussalam"))
    spec = flows(pd.concat([reports("planning", "planning", "planning").assign(project_id="q"), gap]))
    cells = [item["description"] for _, item in draw(spec, country="BRN") if "description" in item]
    assert [re.match(r"2022: planning; (\d+): ongoing;", cell).group(1) for cell in cells] == ["2024"]


def test_the_alt_text_of_no_change_says_that_all_kept_their_status():
    said = flows(reports("ongoing", "ongoing"))["description"]
    assert said == "Where projects stand one report later. All others kept their status."


def test_steps_from_one_report_alone_are_refused():
    with pytest.raises(SelectionError, match="at least two consecutive reports"):
        flows(reports("ongoing"))
