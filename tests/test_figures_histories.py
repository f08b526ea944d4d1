"""The figures of histories: cohorts, one strip a project, and the forms of a project."""

import csv
import json
import re
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise

import pandas as pd
import pytest

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import forms

YEARS = (2022, 2023, 2024, 2025)
FIGURES = ["cohort_bars", "history_strips"]
CHOICES = [None, "BRN", "IDN", "THA"]
GONE = "no longer listed"
STATES = ["completed", "perhaps completed", "unfinished", GONE]
FIELDS = {
    "cohort_bars": {"selection", "entered", "report_year", "state", "order", "n"},
    "history_strips": {
        "project_id", "iso3", "city", "title", "report_year", "focus_area_id", "form", "what", "mark", "x",
        "title_label", "city_label", "searched",
    },
}  # fmt: skip
PROJECT = {
    "project_id": "p", "title": "Bus", "project_printed": "Bus", "city_id": "ayu", "city": "Ayu", "iso3": "IDN",
    "country": "Indonesia", "focus_area_id": "civic-social", "list": "all", "row_no": 1,
}  # fmt: skip

every_figure = pytest.mark.parametrize("name", FIGURES)
every_choice = pytest.mark.parametrize("country", CHOICES)
every_year = pytest.mark.parametrize("year", YEARS)


@pytest.fixture(scope="module")
def history(panel):
    return metrics.history(panel, loaders.load_project_links())


@pytest.fixture(scope="module")
def specs(panel, history):
    """Every figure of histories as a dict."""
    cohorts = metrics.by_selection(metrics.cohorts, panel)
    charts = {
        "cohort_bars": figures.cohort_bars(cohorts, panel["as_of"].max()),
        "history_strips": figures.history_strips(panel, history),
    }
    return {name: chart.to_dict() for name, chart in charts.items()}


@pytest.fixture(scope="module")
def strips(specs):
    return rows_of(specs["history_strips"])


@cache
def printed():
    with (loaders.DATA / "panel.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def projects_of(country=None):
    """Return {project: {year: row}} of one country or of all, by plain Python."""
    found = defaultdict(dict)
    for row in printed():
        if country in (None, row["iso3"]):
            found[row["project_id"]][int(row["report_year"])] = row
    return found


def gone(country=None):
    """Return (project, first report that no longer lists it) by plain Python."""
    after = dict(pairwise(YEARS))
    return {(project, after[max(rows)]) for project, rows in projects_of(country).items() if max(rows) in after}


def known_states(country=None):
    """Return the numbers of (entered, report, state) by plain Python."""
    states = Counter()
    for rows in projects_of(country).values():
        for year in (year for year in YEARS if year >= min(rows)):
            status = rows[year]["status"] if year in rows else None
            unsure = "perhaps completed" if status and "completed" in status else "unfinished"
            states[min(rows), year, GONE if status is None else status if status == "completed" else unsure] += 1
    return states


def rows_of(spec):
    (rows,) = spec["datasets"].values()
    return rows


def layer_of(draw, spec, layer, **values):
    return [item for name, item in draw(spec, **values) if name == layer]


def one_project(*statuses, **cells):
    """Build a panel of one project with these statuses in successive reports from 2022 on; None: not listed."""
    told = {year: status for year, status in enumerate(statuses, start=2022) if status}
    rows = [
        {**PROJECT, "report_year": y, "as_of": f"{y}-09-30", "status": status, **cells} for y, status in told.items()
    ]
    return pd.DataFrame(rows).assign(first_year=min(told), last_year=max(told))


def strips_of(panel):
    return figures.history_strips(panel, metrics.history(panel, loaders.load_project_links().iloc[:0])).to_dict()


# Every figure


@every_figure
def test_a_figure_carries_the_columns_that_it_draws_and_no_others(specs, name):
    columns = {column for rows in specs[name]["datasets"].values() for row in rows for column in row}
    assert columns == FIELDS[name]


@every_figure
def test_every_column_is_drawn_or_tells_the_panel(specs, name):
    drawing = json.dumps({key: part for key, part in specs[name].items() if key != "datasets"})
    unused = {
        field for field in FIELDS[name] - {"entered"} if not re.search(rf'datum\.{field}\b|"{field}"(?!:)', drawing)
    }
    assert unused == set()


@every_figure
def test_a_country_without_projects_leaves_no_mark(specs, draw, name):
    assert draw(specs[name], country="TLS") == []


# Cohorts


def test_the_cohorts_can_be_filtered_by_country_only(specs):
    assert [(param["name"], param["value"]) for param in specs["cohort_bars"]["params"]] == [("country", None)]


def test_there_is_one_panel_for_each_report(specs):
    headings = [panel["title"]["text"] for panel in specs["cohort_bars"]["hconcat"]]
    assert headings == [f"first listed {year}" for year in YEARS]


@every_choice
@every_year
def test_the_bars_of_a_choice_are_its_projects(specs, draw, year, country):
    bars = layer_of(draw, specs["cohort_bars"], f"concat_{YEARS.index(year)}_layer_0_marks", country=country)
    pattern = r"Report: (\d+); State: ([^;]+); Projects: (\d+)"
    expected = {(str(late), s, str(n)) for (early, late, s), n in known_states(country).items() if early == year}
    assert Counter(re.search(pattern, bar["description"]).groups() for bar in bars) == Counter(expected)


@every_choice
@every_year
def test_the_bars_of_a_choice_write_the_numbers_that_have_room(specs, draw, year, country):
    items = layer_of(draw, specs["cohort_bars"], f"concat_{YEARS.index(year)}_layer_1_marks", country=country)
    counts = [n for (early, _, _), n in known_states(country).items() if early == year]
    assert Counter(item["text"] for item in items if item["text"]) == Counter(str(n) for n in counts if n >= 5)


@every_year
def test_the_alt_text_tells_what_became_of_each_cohort(specs, year):
    said = re.search(rf"first listed {year}: ([^;.]*)[;.]", specs["cohort_bars"]["description"]).group(1)
    told = Counter(re.findall(r"(\d+) ([^,]+?)(?:, | and (?=\d)|$)", said))
    known = known_states()
    assert told == Counter((str(known[year, YEARS[-1], s]), s) for s in STATES if known[year, YEARS[-1], s])


def test_the_panels_of_cohorts_share_one_scale(specs):
    assert specs["cohort_bars"]["resolve"] == {"scale": {"y": "shared"}}


def test_the_states_have_their_order_from_the_bottom(specs):
    order = {row["order"]: row["state"] for rows in specs["cohort_bars"]["datasets"].values() for row in rows}
    assert [order[i] for i in sorted(order)] == STATES


def test_the_first_panel_alone_has_the_axis_of_projects(specs):
    axes = [panel["layer"][0]["encoding"]["y"]["axis"] for panel in specs["cohort_bars"]["hconcat"]]
    assert [axis is not None for axis in axes] == [True, False, False, False]


def test_cohorts_of_nothing_are_refused(panel):
    with pytest.raises(SelectionError, match="no project in the frame"):
        figures.cohort_bars(metrics.by_selection(metrics.cohorts, panel.iloc[:0]), "2025-09-30")


# Strips


def test_the_strips_can_be_filtered_by_country_and_searched(specs):
    params = [(param["name"], param["value"]) for param in specs["history_strips"]["params"]]
    assert params == [("country", None), ("search", "")]


def test_the_search_is_a_field_to_write_in(specs):
    assert specs["history_strips"]["params"][1]["bind"]["input"] == "search"


def test_there_is_a_form_for_each_row_and_a_cross_for_each_project_that_left(strips):
    forms = Counter((row["project_id"], row["report_year"]) for row in strips)
    rows = {(project, year) for project, rows in projects_of().items() for year in rows}
    assert forms == Counter([*rows, *gone()])


def test_a_cross_stands_only_in_the_first_report_after_the_last(strips):
    crosses = {(row["project_id"], row["report_year"]) for row in strips if row["form"] == "gone"}
    assert crosses == gone()


def test_a_form_stands_in_the_column_of_its_report(strips):
    places = {row["report_year"]: row["x"] for row in strips}
    assert {(row["report_year"], row["x"]) for row in strips} == set(places.items())
    assert sorted(places.values()) == [places[year] for year in YEARS]


def test_the_columns_are_named_after_the_reports(specs, strips):
    axis = specs["history_strips"]["layer"][0]["encoding"]["x"]["axis"]
    names = dict(re.findall(r"(\d+):'(\d+)'", axis["labelExpr"]))
    assert names == {str(row["x"]): str(row["report_year"]) for row in strips}
    assert axis["values"] == sorted(int(place) for place in names)


def test_each_strip_is_named_once(strips):
    named = Counter(row["project_id"] for row in strips if row["title_label"] or row["city_label"])
    assert named == Counter(projects_of().keys())


def test_a_strip_has_the_name_of_its_project_and_city(strips):
    names = {row["project_id"]: (row["title_label"], row["city_label"]) for row in strips if row["title_label"]}
    assert names == {
        project: (row["title"], row["city"]) for project, rows in projects_of().items() for row in rows.values()
    }


def test_the_strips_stand_by_country_and_city(strips):
    order = list(dict.fromkeys(row["project_id"] for row in strips))
    homes = {project: next(iter(rows.values())) for project, rows in projects_of().items()}
    assert order == sorted(order, key=lambda project: (homes[project]["country"], homes[project]["city"], project))


def test_a_form_tells_the_status_of_its_row(strips):
    found = {(row["project_id"], row["report_year"]): row["what"] for row in strips if row["form"] != "gone"}
    known = {
        (project, year): row["status"].replace("|", " or ")
        for project, rows in projects_of().items()
        for year, row in rows.items()
    }
    assert found == known


def test_a_form_has_the_colour_of_its_focus_area(strips):
    found = {(row["project_id"], row["report_year"]): row["focus_area_id"] for row in strips if row["form"] != "gone"}
    known = {(p, year): row["focus_area_id"] for p, rows in projects_of().items() for year, row in rows.items()}
    assert found == known


@pytest.mark.parametrize(("letter", "column"), [("r", "renamed"), ("f", "reclassified")])
def test_a_letter_stands_where_the_history_has_a_mark(strips, history, letter, column):
    found = {(row["report_year"], row["project_id"]) for row in strips if letter in row["mark"]}
    kept = history.loc[history[column], ["report_year", "project_id"]]
    assert found == set(kept.itertuples(index=False, name=None))


def test_no_cross_has_a_letter(strips):
    assert {row["mark"] for row in strips if row["form"] == "gone"} == {""}


@every_choice
def test_the_strips_of_a_choice_are_its_projects(specs, draw, country):
    items = layer_of(draw, specs["history_strips"], "layer_3_marks", country=country)
    expected = Counter(next(iter(rows.values()))["title"] for rows in projects_of(country).values())
    assert Counter(item["text"] for item in items if item["text"]) == expected


@every_choice
def test_the_forms_of_a_choice_say_project_city_report_and_status(specs, draw, country):
    said = Counter(
        item["description"] for item in layer_of(draw, specs["history_strips"], "layer_0_marks", country=country)
    )
    known = [
        f"{row['title']}, {row['city']}, {year}: {row['status'].replace('|', ' or ')}"
        for rows in projects_of(country).values()
        for year, row in rows.items()
    ]
    found = projects_of()
    left = [(list(found[project].values())[-1], year) for project, year in gone(country)]
    crosses = [f"{row['title']}, {row['city']}, {year}: {GONE}" for row, year in left]
    assert said == Counter([*known, *crosses])


@pytest.mark.parametrize("search", ["Bus", "bus", "JAKARTA", "viet nam", "(", "no such word"])
def test_a_search_finds_words_of_title_city_and_country_in_any_case(specs, draw, search):
    items = layer_of(draw, specs["history_strips"], "layer_3_marks", search=search)
    rows = [next(iter(rows.values())) for rows in projects_of().values()]
    expected = [
        row["title"] for row in rows if search.lower() in f"{row['title']} {row['city']} {row['country']}".lower()
    ]
    assert Counter(item["text"] for item in items if item["text"]) == Counter(expected)


def test_a_search_is_made_within_the_country(specs, draw):
    items = layer_of(draw, specs["history_strips"], "layer_3_marks", search="smart", country="IDN")
    rows = [next(iter(rows.values())) for rows in projects_of("IDN").values()]
    expected = Counter(row["title"] for row in rows if "smart" in f"{row['title']} {row['city']}".lower())
    assert Counter(item["text"] for item in items if item["text"]) == expected


def test_the_alt_text_of_the_strips_counts_the_projects(specs):
    found = projects_of()
    whole = sum(len(rows) == len(YEARS) for rows in found.values())
    said = f"{len(found)} projects: {whole} in all reports, {len(gone())} no longer listed;"
    assert said in specs["history_strips"]["description"]


def test_the_alt_text_of_the_strips_counts_the_marks(specs, history):
    said = f"{history['renamed'].sum()} renamings and {history['reclassified'].sum()} changes of focus area."
    assert specs["history_strips"]["description"].endswith(said)


def test_the_alt_text_of_a_part_counts_the_marks_of_that_part(panel, history):
    part = panel[panel["iso3"] == "MYS"]
    marked = history[history["project_id"].isin(part["project_id"])]
    said = f"{marked['renamed'].sum()} renamings and {marked['reclassified'].sum()} changes of focus area."
    assert figures.history_strips(part, history).to_dict()["description"].endswith(said)


def test_a_project_of_the_last_report_has_no_cross():
    assert [row["form"] for row in rows_of(strips_of(one_project("planning", "completed")))] == [
        "planning",
        "completed",
    ]


def test_a_project_has_one_cross_however_many_reports_leave_it_out():
    both = pd.concat([one_project("planning"), one_project(*["ongoing"] * 4, project_id="q")])
    crosses = [(row["project_id"], row["report_year"]) for row in rows_of(strips_of(both)) if row["form"] == "gone"]
    assert crosses == [("p", 2023)]


def test_a_project_that_comes_back_has_no_cross_in_between():
    both = pd.concat([one_project("planning", None, "ongoing"), one_project(*["ongoing"] * 3, project_id="q")])
    assert [row for row in rows_of(strips_of(both)) if row["form"] == "gone"] == []


def test_one_report_alone_can_be_drawn():
    assert len(rows_of(strips_of(one_project("ongoing")))) == 1


def test_the_legend_names_the_forms_that_are_drawn_and_no_others():
    both = pd.concat([one_project("planning"), one_project(None, "completed", project_id="q")])
    legend = strips_of(both)["layer"][0]["encoding"]["shape"]["legend"]
    assert legend["values"] == ["planning", "completed"]


def test_drawing_strips_does_not_change_the_frames(panel, history):
    before = [frame.copy(deep=True) for frame in (panel, history)]
    figures.history_strips(panel, history)
    for frame, kept in zip((panel, history), before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


def test_strips_do_not_hang_on_the_order_of_rows(panel, history, specs):
    mixed = (frame.sample(frac=1, random_state=7) for frame in (panel, history))
    assert figures.history_strips(*mixed).to_dict() == specs["history_strips"]


def test_strips_of_nothing_are_refused(panel, history):
    with pytest.raises(SelectionError, match="no project in the frame"):
        figures.history_strips(panel.iloc[:0], history)


# Forms


@pytest.mark.parametrize("status", v.STATUSES_REPORTED)
def test_a_sure_status_has_its_own_form(status):
    assert forms.form(pd.Series([status])).tolist() == [status]


@pytest.mark.parametrize("status", [s for s in v.STATUS_SETS if "|" in s])
def test_an_open_set_has_the_form_of_planning_or_ongoing_or_the_one_form_of_all_others(status):
    expected = "planning|ongoing" if status == "planning|ongoing" else "planning|ongoing|completed"
    assert forms.form(pd.Series([status])).tolist() == [expected]


def test_forms_keep_the_index_of_the_statuses():
    assert forms.form(pd.Series(["planning", "ongoing|completed"], index=[5, 3])).index.tolist() == [5, 3]


def test_no_two_forms_look_alike():
    assert len({(forms.SHAPES[name], forms.FILLS[name]) for name in forms.SHAPES}) == len(forms.SHAPES)


def test_no_two_outlines_of_forms_are_alike():
    assert len(set(forms.SHAPES.values())) == len(forms.SHAPES)


def test_every_form_has_a_fill_and_a_name():
    assert forms.SHAPES.keys() == forms.FILLS.keys() == v.STATUS_NAMES.keys()


def test_only_the_form_of_completed_is_solid():
    assert [name for name, fill in forms.FILLS.items() if fill == 1] == ["completed"]


def test_the_legend_gives_each_form_the_name_of_the_vocabulary():
    names = dict(re.findall(r"'([^']+)':'([^']+)'", forms.legend(["planning"]).to_dict()["labelExpr"]))
    assert names == v.STATUS_NAMES


def test_the_colours_are_those_of_the_focus_areas():
    scale = forms.area_colours().to_dict()
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == v.FOCUS_AREA_COLOURS
