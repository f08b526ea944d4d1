"""The linked explorer, from the kernel's side: what it selects, counts, says, exports and stores; no browser."""

import gzip
import html
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import ipywidgets as w
import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError, SelectionError, WriteError
from ascn_analysis.explorers import rows as drawn_rows
from ascn_analysis.explorers.cells import Cells
from ascn_analysis.explorers.panel import NOTHING
from ascn_analysis.explorers.words import message, picked, spoken
from ascn_analysis.measures.choosing import COLUMNS, NOT_GIVEN
from ascn_analysis.widgets import Choice, CountryFilter, Explorer, Origin

VEGALITE = "application/vnd.vegalite.v5+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
SCHEMA = Path(__file__).parent / "vega-lite-5.6.1.schema.json.gz"
PANEL, CITIES = loaders.load_panel(), loaders.load_cities()
LATEST = Choice(reports=(2025,))
DIMENSIONS = {"map": "cities", "growth": "reports", "focus": "focus_areas", "status": "statuses"}
RECORDS = PANEL[list(COLUMNS.values())].to_dict("records")


@pytest.fixture(scope="module")
def the_explorer():
    """One explorer for the file: to make one compiles four drawings."""
    return Explorer()


@pytest.fixture
def explorer(the_explorer):
    the_explorer.reset()
    the_explorer.table.search("")
    return the_explorer


@pytest.fixture(scope="module")
def stored(the_explorer):
    the_explorer.reset()
    return the_explorer._repr_mimebundle_()


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft7Validator(json.loads(gzip.decompress(SCHEMA.read_bytes())))


def within(widget, kind):
    """Yield the widgets of a kind within a widget."""
    if isinstance(widget, kind):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from within(child, kind)


def views(explorer):
    (found,) = [child for child in explorer.children if hasattr(child, "charts")]
    return found


def state(explorer):
    return views(explorer).state


def revision(explorer):
    return state(explorer)["revision"]


def shown(explorer, name):
    """Return what a view shows, as label to number."""
    return {row["label"]: row["n"] for row in state(explorer)["views"][name]["rows"]}


def press(explorer, label, among=None):
    next(button for button in within(among or explorer, w.Button) if button.description == label).click()


def tell(explorer, view, gesture, keys, add=False):
    """Send what the browser sends."""
    content = {"kind": "choose", "view": view, "gesture": gesture, "keys": list(keys), "add": add}
    views(explorer)._handle_custom_msg(content, [])


def plain(chosen, besides=None):
    """Return the places of the rows that fit a choice, row by row."""
    asked = [(COLUMNS[name], values) for name, values in chosen.given().items() if name != besides]
    return [i for i, row in enumerate(RECORDS) if all(row[column] in values for column, values in asked)]


def some_of(values, least=0):
    values = list(values)
    return st.none() | st.lists(st.sampled_from(values), min_size=least, unique=True).map(tuple)


CHOICES = st.builds(
    Choice,
    countries=some_of(v.COUNTRY_NAMES),
    cities=some_of(sorted(PANEL["city_id"].unique()), least=1),
    focus_areas=some_of(v.FOCUS_AREA_NAMES),
    statuses=some_of(sorted(PANEL["status"].unique())),
    reports=st.sampled_from([None, (2022,), (2023,), (2024,), (2025,)]),
)


# The choice


@settings(max_examples=200)
@given(CHOICES)
def test_a_selection_is_what_select_and_a_plain_filter_give(the_explorer, chosen):
    the_explorer.choice = chosen
    assert the_explorer.selection.index.tolist() == plain(chosen)
    pd.testing.assert_frame_equal(the_explorer.selection, metrics.select(PANEL, **chosen.given()))


@settings(max_examples=40)
@given(CHOICES)
def test_the_code_gives_the_selection_again(the_explorer, chosen):
    the_explorer.choice, names = chosen, {}
    exec(the_explorer.code, names)
    pd.testing.assert_frame_equal(names["selection"], the_explorer.selection)


@settings(max_examples=40)
@given(CHOICES)
def test_a_choice_that_is_read_and_set_again_changes_nothing(the_explorer, chosen):
    the_explorer.choice = chosen
    read, before = the_explorer.choice, the_explorer.selection
    the_explorer.choice = read
    assert the_explorer.choice == read
    assert the_explorer.selection.equals(before)


def test_everything_of_the_latest_report_is_chosen_at_first(explorer):
    assert explorer.choice == LATEST
    assert len(explorer.selection) == Counter(row["report_year"] for row in RECORDS)[2025]


def test_all_values_of_a_kind_are_the_same_as_no_restriction(explorer):
    explorer.choice = Choice(countries=tuple(v.COUNTRY_NAMES), focus_areas=tuple(v.FOCUS_AREA_NAMES))
    assert explorer.choice == Choice()


def test_a_choice_is_kept_in_the_order_of_the_controls(explorer):
    explorer.choice = Choice(countries=("SGP", "BRN", "SGP"), reports=(2024,))
    assert explorer.choice == Choice(countries=("BRN", "SGP"), reports=(2024,))


REFUSED = [
    (Choice(countries=("XXX",)), "Countries: 'XXX' is no option"),
    (Choice(countries="SGP"), "Countries: 'S' is no option"),
    (Choice(cities=("atlantis",)), "explorer: cities 'atlantis'"),
    (Choice(focus_areas=("Civic & Social",)), "Focus areas: 'Civic & Social' is no option"),
    (Choice(statuses=("cancelled",)), "Statuses: 'cancelled' is no option"),
    (Choice(reports=(1999,)), "explorer: reports 1999; expected one of 2022, 2023, 2024, 2025"),
    (Choice(reports=(2024, 2025)), r"explorer: reports \(2024, 2025\); expected one report"),
    (Choice(cities=()), r"explorer: cities \(\); expected at least one, or None for all"),
    (Choice(reports=()), r"explorer: reports \(\); expected at least one, or None for all"),
]


@pytest.mark.parametrize(("chosen", "words"), REFUSED)
def test_a_choice_that_cannot_be_taken_is_named_and_changes_nothing(explorer, chosen, words):
    explorer.choice = Choice(countries=("IDN",), reports=(2024,))
    before, drawn = explorer.choice, state(explorer)
    with pytest.raises(AscnError, match=words):
        explorer.choice = replace(chosen, countries=chosen.countries or ("SGP",))
    assert explorer.choice == before
    assert state(explorer) == drawn


def test_reset_goes_back_to_the_first_choice(explorer):
    before = {**state(explorer), "revision": 0}
    explorer.choice = Choice(countries=("SGP",), statuses=("ongoing",))
    press(explorer, "Reset")
    assert explorer.choice == LATEST
    assert {**state(explorer), "revision": 0} == before


def test_the_code_is_shown_as_it_is_given(explorer):
    explorer.choice = Choice(countries=("SGP",))
    (shown_code,) = [box.value for box in within(explorer, w.Textarea)]
    assert shown_code == explorer.code == (
        "from ascn_analysis import load_panel, metrics\nselection = metrics.select(load_panel(), countries=['SGP'])"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["load_panel", "load_projects", "load_icons"])
def test_the_frames_of_the_record_are_recognised(name):
    names = {}
    exec(Choice(countries=("SGP",)).code(Origin.of(getattr(loaders, name)())), names)
    expected = metrics.select(getattr(loaders, name)(), countries=["SGP"])
    pd.testing.assert_frame_equal(pd.DataFrame(names["selection"]), pd.DataFrame(expected))


def test_any_other_frame_is_called_projects():
    names = {"projects": PANEL.iloc[:100]}
    code = Choice(countries=("KHM",)).code(Origin.of(names["projects"]))
    exec(code, names)
    pd.testing.assert_frame_equal(names["selection"], metrics.select(PANEL.iloc[:100], countries=["KHM"]))


# Counts


@settings(max_examples=40)
@given(CHOICES)
def test_each_view_counts_what_the_other_kinds_leave(the_explorer, chosen):
    the_explorer.choice = chosen
    for view, name in DIMENSIONS.items():
        expected = Counter(RECORDS[i][COLUMNS[name]] for i in plain(chosen, besides=name))
        drawn = {row["key"]: row["n"] for row in state(the_explorer)["views"][view]["rows"] if row["n"]}
        assert drawn == expected


@settings(max_examples=40)
@given(CHOICES)
def test_each_control_tells_the_same_counts(the_explorer, chosen):
    the_explorer.choice = chosen
    for name in ("countries", "focus_areas", "statuses"):
        control = getattr(the_explorer, name)
        counts = Counter(RECORDS[i][COLUMNS[name]] for i in plain(chosen, besides=name))
        expected = [f"{label} ({counts[value]})" for label, value in control.options]
        assert [box.description for box in within(control, w.Checkbox)] == expected


@settings(max_examples=40)
@given(CHOICES)
def test_the_message_tells_how_much_is_chosen(the_explorer, chosen):
    the_explorer.choice = chosen
    places = {RECORDS[i]["city_id"] for i in plain(chosen)}
    said = state(the_explorer)["message"]
    assert said == (message(chosen, len(plain(chosen)), len(places)) if places else NOTHING)
    assert state(the_explorer)["nothing"] == (not places)


GAPS = PANEL.assign(
    **{
        column: PANEL[column].where((PANEL.index + shift) % 3 != 0)
        for shift, column in enumerate(["iso3", "city_id", "focus_area_id", "status", "report_year"])
    }
)
CATEGORIES = GAPS.astype(dict.fromkeys(["iso3", "city_id", "focus_area_id", "status"], "category"))
FRAMES = {"whole": PANEL, "with gaps": GAPS, "of categories": CATEGORIES, "whole years": GAPS.astype({"report_year": "Int64"})}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("kind", FRAMES)
def test_cells_count_each_row_once(kind, name):
    counted = FRAMES[kind][COLUMNS[name]].astype(object).where(FRAMES[kind][COLUMNS[name]].notna(), NOT_GIVEN)
    assert Cells(FRAMES[kind]).counts(name, Choice()) == Counter(counted)


@pytest.mark.parametrize("kind", FRAMES)
def test_cells_tell_each_row_what_select_tells(kind):
    frame, chosen = FRAMES[kind], Choice(countries=("IDN", NOT_GIVEN), statuses=("ongoing", NOT_GIVEN), reports=(2024,))
    assert frame[Cells(frame).mask(chosen)].equals(metrics.select(frame, **chosen.given()))


def test_cells_take_empty_text_for_no_value():
    frame = PANEL.assign(city_id=PANEL["city_id"].where(PANEL["iso3"] != "SGP", ""))
    mask = Cells(frame).mask(Choice(cities=(NOT_GIVEN,)))
    assert frame[mask].equals(metrics.select(frame, cities=[NOT_GIVEN]))
    assert mask.sum() == (PANEL["iso3"] == "SGP").sum()


def test_cells_do_not_count_rows_without_a_city_as_one_city():
    assert Cells(GAPS).distinct("cities", Choice()) == GAPS["city_id"].nunique()


# Clicks and brushes


def test_a_click_chooses_one_value_and_a_second_one_all(explorer):
    tell(explorer, "focus", "click", ["civic-social"])
    assert explorer.choice == replace(LATEST, focus_areas=("civic-social",))
    tell(explorer, "focus", "click", ["civic-social"])
    assert explorer.choice == LATEST


def test_a_click_elsewhere_moves_the_choice(explorer):
    tell(explorer, "status", "click", ["ongoing"])
    tell(explorer, "status", "click", ["completed"])
    assert explorer.choice.statuses == ("completed",)


def test_a_click_with_shift_adds_and_takes_away(explorer):
    tell(explorer, "focus", "click", ["civic-social"])
    tell(explorer, "focus", "click", ["safety-security"], add=True)
    assert explorer.choice.focus_areas == ("civic-social", "safety-security")
    tell(explorer, "focus", "click", ["civic-social"], add=True)
    assert explorer.choice.focus_areas == ("safety-security",)
    tell(explorer, "focus", "click", ["safety-security"], add=True)
    assert explorer.choice.focus_areas is None


def test_a_click_on_a_report_chooses_that_one(explorer):
    tell(explorer, "growth", "click", [2023])
    assert explorer.choice.reports == (2023,)
    assert explorer.report.label == "2023"


def test_a_report_added_by_shift_takes_the_place_of_the_other(explorer):
    tell(explorer, "growth", "click", [2022], add=True)
    assert explorer.choice.reports == (2022,)


def test_a_brush_over_the_map_chooses_its_cities(explorer):
    tell(explorer, "map", "brush", ["singapore", "johor-bahru", "dili"])
    assert set(explorer.selection["city_id"]) == {"singapore", "johor-bahru"}
    assert set(explorer.cities.value) == {"singapore", "johor-bahru"}


def test_a_second_brush_with_shift_adds_its_cities(explorer):
    tell(explorer, "map", "brush", ["singapore", "johor-bahru"])
    tell(explorer, "map", "brush", ["johor-bahru", "phuket"], add=True)
    assert set(explorer.choice.cities) == {"singapore", "johor-bahru", "phuket"}


def test_an_empty_brush_chooses_every_city(explorer):
    tell(explorer, "map", "brush", ["singapore"])
    tell(explorer, "map", "brush", [])
    assert explorer.choice == LATEST


@pytest.mark.parametrize("gesture", ["click", "brush"])
def test_a_city_that_no_row_names_is_not_taken_for_all(explorer, gesture):
    (without,) = set(CITIES["city_id"][CITIES["iso3"] == "TLS"])
    tell(explorer, "map", "click", ["singapore"])
    tell(explorer, "map", gesture, [without])
    assert explorer.choice.cities == ("singapore",)


def test_keys_that_no_row_has_choose_nothing(explorer):
    tell(explorer, "focus", "click", ["<script>"])
    assert explorer.choice == LATEST


BAD = [{"kind": "other"}, {"kind": "choose", "view": "secret"}, {}]


@pytest.mark.parametrize("content", BAD)
def test_a_message_of_another_kind_is_refused(explorer, content):
    with pytest.raises(AscnError, match="expected a choice in one of map, growth, focus, status"):
        views(explorer)._told(None, content, None)
    assert explorer.choice == LATEST


VALUES = ("a", "b", "c", "d")
KEYS = st.lists(st.sampled_from(VALUES), unique=True).map(tuple)


@given(st.none() | KEYS, KEYS, st.booleans())
def test_a_brush_holds_what_it_covers_and_adds_to_what_was(before, keys, add):
    after = picked(before, keys, add, brushed=True)
    expected = set(keys) | set(before or () if add and before is not None else ())
    assert set(after or ()) == expected
    assert after is None or len(after) == len(set(after))


@given(KEYS.filter(bool), st.sampled_from(VALUES))
def test_a_click_with_shift_made_twice_changes_nothing(before, key):
    once = picked(before, (key,), add=True)
    assert once is None or set(picked(once, (key,), add=True)) == set(before)


# Redraws


CHANGES = {
    "a choice of every kind": lambda e: setattr(e, "choice", Choice(("SGP",), ("singapore",), ("civic-social",), ("ongoing",), (2024,))),
    "a box": lambda e: setattr(next(within(e.countries, w.Checkbox)), "value", False),
    "countries from Python": lambda e: setattr(e.countries, "value", ("SGP", "IDN")),
    "None": lambda e: press(e, "None", e.countries),
    "no focus area": lambda e: press(e, "None", e.focus_areas),
    "cities": lambda e: setattr(e.cities, "value", ("singapore", "phuket")),
    "the report": lambda e: setattr(e.report, "label", "2022"),
    "a click": lambda e: tell(e, "status", "click", ["ongoing"]),
    "a brush": lambda e: tell(e, "map", "brush", ["singapore", "phuket"]),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_draws_once(explorer, change):
    before, tables = revision(explorer), explorer.table.state["revision"]
    CHANGES[change](explorer)
    assert (revision(explorer) - before, explorer.table.state["revision"] - tables) == (1, 1)


def test_all_after_none_and_reset_draw_once_each(explorer):
    press(explorer, "None", explorer.countries)
    before = revision(explorer)
    press(explorer, "All", explorer.countries)
    assert revision(explorer) == before + 1
    explorer.choice = Choice(countries=("SGP",), reports=(2022,))
    explorer.reset()
    assert revision(explorer) == before + 3


def test_a_cohort_draws_once(explorer):
    cohort = CITIES[CITIES["joined_year"] > CITIES["joined_year"].min()]["joined_year"].min()
    before = revision(explorer)
    press(explorer, f"Joined {cohort}", explorer.countries)
    assert revision(explorer) == before + 1
    assert set(explorer.choice.countries) == set(CITIES["iso3"][CITIES["joined_year"] == cohort])


def test_the_same_value_again_draws_nothing(explorer):
    explorer.countries.choose(["SGP"])
    before = revision(explorer)
    explorer.countries.choose(["SGP"])
    assert revision(explorer) == before


def test_a_hundred_changes_make_no_new_widget(explorer):
    changes = list(CHANGES.values())
    before = len(w.widget._instances)
    for turn in range(100):
        changes[turn % len(changes)](explorer)
        explorer.table.search("water" if turn % 2 else "")
    assert len(w.widget._instances) == before


# Two explorers, one country filter


@pytest.fixture(scope="module")
def pair():
    shared = CountryFilter(CITIES)
    return shared, Explorer(countries=shared), Explorer(PANEL.iloc[:120], countries=shared, choice=Choice())


def test_a_shared_filter_drives_two_explorers(pair):
    shared, first, second = pair
    before = revision(first), revision(second)
    shared.choose(["KHM", "SGP"])
    assert set(first.selection["iso3"]) == set(second.selection["iso3"]) == {"KHM", "SGP"}
    assert (revision(first), revision(second)) == (before[0] + 1, before[1] + 1)


def test_a_choice_in_one_is_that_of_both_only_for_countries(pair):
    _, first, second = pair
    first.choice = Choice(countries=("KHM",), reports=(2024,))
    assert (second.choice.countries, second.choice.reports) == (("KHM",), None)


def test_beside_a_shared_filter_there_are_no_further_check_boxes(pair):
    _, first, _ = pair
    assert list(within(first, w.Checkbox)) == []


def test_a_new_explorer_leaves_what_is_chosen_in_a_shared_filter():
    shared = CountryFilter(CITIES)
    shared.choose(["SGP"])
    assert set(Explorer(countries=shared).selection["iso3"]) == {"SGP"}
    assert shared.value == ("SGP",)


def test_a_choice_that_names_countries_is_taken_by_a_shared_filter():
    shared = CountryFilter(CITIES)
    Explorer(countries=shared, choice=Choice(countries=("IDN",)))
    assert shared.value == ("IDN",)


# What is shown


def test_when_nothing_is_left_the_explorer_says_so(explorer):
    explorer.choice = Choice(countries=("SGP",), cities=("phuket",))
    assert (state(explorer)["message"], state(explorer)["nothing"]) == (NOTHING, True)
    assert explorer.table.state["said"] == "No project matches."
    assert len(explorer.selection) == 0


def test_views_that_have_nothing_to_show_are_marked(explorer):
    assert not any(view["empty"] for view in state(explorer)["views"].values())
    explorer.choice = Choice(countries=(), reports=(2025,))
    assert all(view["empty"] for view in state(explorer)["views"].values())
    assert all(view["alt"].endswith(": no data.") for view in state(explorer)["views"].values())


def test_one_project_in_one_city_is_said_in_the_singular():
    assert message(LATEST, 1, 1) == "1 project in 1 city, 2025 report."
    assert message(Choice(), 1, 1) == "1 row of projects in 1 city, all reports."


@settings(max_examples=20)
@given(CHOICES)
def test_what_goes_to_the_browser_is_json(the_explorer, chosen):
    the_explorer.choice = chosen
    for sent in (state(the_explorer), the_explorer.table.state):
        assert json.loads(json.dumps(sent, allow_nan=False)) == sent


def test_the_drawings_are_json_without_rows(explorer):
    charts = views(explorer).charts
    assert json.loads(json.dumps(charts, allow_nan=False)) == charts
    assert set(charts) == set(DIMENSIONS)
    for name, chart in charts.items():
        (own,) = [data for data in chart["data"] if data["name"] == name]
        assert own.get("values", []) == []


@settings(max_examples=20)
@given(CHOICES)
def test_a_view_has_one_row_a_mark(the_explorer, chosen):
    the_explorer.choice = chosen
    offered = {name: [value for _, value in options] for name, options in the_explorer._options.items()}
    places = CITIES if chosen.countries is None else CITIES[CITIES["iso3"].isin(chosen.countries)]
    keys = {name: [row["key"] for row in view["rows"]] for name, view in state(the_explorer)["views"].items()}
    expected = {name: offered[dimension] for name, dimension in DIMENSIONS.items() if name != "map"}
    assert keys == {**expected, "map": places["city_id"].tolist()}


@settings(max_examples=20)
@given(CHOICES)
def test_marks_are_pale_where_they_are_not_chosen(the_explorer, chosen):
    the_explorer.choice = chosen
    for name, dimension in DIMENSIONS.items():
        values = getattr(chosen, dimension)
        for row in state(the_explorer)["views"][name]["rows"]:
            assert row["on"] == (values is None or row["key"] in values)


@settings(max_examples=20)
@given(CHOICES)
def test_alt_texts_carry_the_numbers(the_explorer, chosen):
    the_explorer.choice = chosen
    for view in state(the_explorer)["views"].values():
        counted = [f"{row['label']} {row['n']}" for row in view["rows"] if row["n"]]
        rest = f" and {len(counted) - 12} more" if len(counted) > 12 else ""
        assert view["alt"] == f"{view['title']}: {', '.join(counted[:12]) or 'no data'}{rest}."


def test_countries_stand_in_the_order_of_their_asean_names(explorer):
    assert [name for name, _ in explorer.countries.options] == sorted(v.COUNTRY_NAMES.values())


def test_focus_areas_statuses_and_reports_stand_in_the_records_order(explorer):
    assert [value for _, value in explorer.focus_areas.options] == [area.id for area in v.FOCUS_AREAS]
    statuses = [value for _, value in explorer.statuses.options]
    assert statuses == [status for status in v.STATUS_SETS if status in set(PANEL["status"])]
    assert [label for label, _ in explorer.report.options] == ["All reports", "2025", "2024", "2023", "2022"]


def test_every_control_says_what_it_is(explorer):
    controls = [*within(explorer, w.SelectMultiple), *within(explorer, w.Dropdown), *within(explorer, w.Button)]
    assert all(control.description for control in controls)
    assert all(button.tooltip for button in within(explorer, w.Button))


def test_the_source_names_the_reports_that_are_counted(explorer):
    explorer.choice = Choice(reports=(2024,))
    assert "M&E report 2024, appendices" in state(explorer)["foot"]
    explorer.choice = Choice()
    assert "M&E reports 2022-2025, appendices" in state(explorer)["foot"]


def test_the_frames_that_go_in_are_not_changed(explorer):
    explorer.choice = Choice(countries=("IDN",), statuses=("ongoing",))
    assert PANEL.equals(loaders.load_panel())
    assert CITIES.equals(loaders.load_cities())


# Exports


def test_a_csv_holds_the_selection_and_reads_back(explorer, tmp_path):
    explorer.choice = Choice(countries=("SGP", "VNM"), reports=(2024,))
    path = explorer.export(tmp_path / "chosen.csv")
    safe = [c for c in explorer.selection.columns if not explorer.selection[c].astype("str").str.match(r"[=+\-@\t\r]").any()]  # fmt: skip
    read = loaders.read_strings(path)
    assert len(read) == len(explorer.selection) > 0
    typed = explorer.selection.reset_index(drop=True)[safe].astype("str")
    pd.testing.assert_frame_equal(read[safe].reset_index(drop=True).astype("str"), typed)


def test_a_csv_of_nothing_is_a_header(explorer, tmp_path):
    explorer.choice = Choice(countries=())
    path = explorer.export(tmp_path / "nothing.csv")
    assert path.read_text(encoding="utf-8") == ",".join(PANEL.columns) + "\n"


def test_a_formula_in_a_cell_gets_an_apostrophe_and_the_selection_stays(tmp_path):
    title = '=HYPERLINK("https://example.org","see")'
    explorer = Explorer(PANEL.iloc[:3].assign(project_printed=[title, "@SUM(1)", "plain"]), choice=Choice())
    cells = pd.read_csv(explorer.export(tmp_path / "chosen.csv"))["project_printed"].tolist()
    assert cells == [f"'{title}", "'@SUM(1)", "plain"]
    assert explorer.selection["project_printed"].tolist()[0] == title


def test_an_svg_holds_the_numbers_of_the_choice(explorer, tmp_path):
    explorer.choice = Choice(countries=("SGP",), reports=(2025,))
    svg = explorer.export(tmp_path / "chosen.SVG").read_text(encoding="utf-8")
    desc = html.unescape(re.search("<desc>(.*?)</desc>", svg).group(1))
    n = len(explorer.selection)
    assert f"{n} projects in 1 city, 2025 report" in desc
    assert f"2025 {n}" in desc


@pytest.mark.parametrize("name", ["chosen.xlsx", "chosen", "csv", "chosen.csv.gz"])
def test_another_ending_is_refused(explorer, tmp_path, name):
    with pytest.raises(AscnError, match=r"expected \.csv or \.svg"):
        explorer.export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


SHOWN = {
    "Indonesia": {"countries": ("IDN",)},
    "all but Indonesia and Viet Nam": {"countries": tuple(iso3 for iso3 in v.COUNTRY_NAMES if iso3 not in ("IDN", "VNM"))},
    "Singapore and Phuket; ongoing": {"cities": ("singapore", "phuket"), "statuses": ("ongoing",)},
}  # fmt: skip


@pytest.mark.parametrize(("told", "choice"), list(SHOWN.items()))
def test_an_svg_says_what_was_chosen_in_the_picture_and_in_its_alt_text(explorer, tmp_path, told, choice):
    explorer.choice = Choice(**choice, reports=(2025,))
    svg = explorer.export(tmp_path / "chosen.svg").read_text(encoding="utf-8")
    assert re.search("<desc>(.*?)</desc>", svg).group(1).startswith(f"Shown: {told}. ")
    assert f"<tspan>Shown: {told}.</tspan>" in svg


def test_an_svg_of_everything_says_nothing_of_a_choice(explorer, tmp_path):
    assert "Shown:" not in explorer.export(tmp_path / "all.svg").read_text(encoding="utf-8")


def test_an_svg_of_nothing_is_refused_and_the_older_file_stays(explorer, tmp_path):
    (tmp_path / "chosen.svg").write_text("older", encoding="utf-8")
    explorer.choice = Choice(countries=())
    with pytest.raises(SelectionError, match="nothing to draw"):
        explorer.export(tmp_path / "chosen.svg")
    assert (tmp_path / "chosen.svg").read_text(encoding="utf-8") == "older"


def test_a_folder_that_is_not_there_or_no_folder_is_a_clear_error(explorer, tmp_path):
    (tmp_path / "file").write_text("older", encoding="utf-8")
    for path in (tmp_path / "missing" / "chosen.csv", tmp_path / "file" / "chosen.csv"):
        with pytest.raises(WriteError, match=r"chosen\.csv: not written"):
            explorer.export(path)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "older"


@pytest.fixture
def saved(explorer, monkeypatch):
    """What is sent to the browser to be saved."""
    (saver,) = [child for child in explorer.children if type(child).__name__ == "Saver"]
    sent = []
    monkeypatch.setattr(type(saver), "send", lambda _, content, buffers=None: sent.append(content))
    return sent


def test_the_buttons_save_what_export_writes(explorer, saved, tmp_path):
    explorer.choice = Choice(countries=("BRN",))
    press(explorer, "Save CSV")
    press(explorer, "Save SVG")
    texts = [explorer.export(tmp_path / name).read_text(encoding="utf-8") for name in ("a.csv", "a.svg")]
    assert [content["text"] for content in saved] == texts
    assert [content["name"] for content in saved] == ["projects.csv", "projects.svg"]


def test_where_nothing_is_chosen_no_figure_is_saved(explorer, saved):
    explorer.choice = Choice(countries=())
    press(explorer, "Save SVG")
    assert saved == []


# What is stored


def test_the_stored_output_is_the_widget_a_spec_a_picture_and_a_text(stored):
    assert set(stored) == {WIDGET, VEGALITE, "image/svg+xml", "text/plain"}


def test_the_stored_spec_is_valid_for_jupyterlab(stored, validator):
    assert [error.message for error in validator.iter_errors(stored[VEGALITE])] == []


def test_the_stored_text_is_that_of_the_spec_and_the_picture(stored):
    assert stored["text/plain"] == stored[VEGALITE]["description"]
    assert html.unescape(re.search("<desc>(.*?)</desc>", stored["image/svg+xml"]).group(1)) == stored["text/plain"]


def test_the_stored_text_tells_the_numbers_of_the_first_choice(stored):
    latest = [row for row in RECORDS if row["report_year"] == 2025]
    assert f"{len(latest)} projects in {len({row['city_id'] for row in latest})} cities" in stored["text/plain"]
    for area, n in Counter(row["focus_area_id"] for row in latest).items():
        assert f"{v.FOCUS_AREA_NAMES[area]} {n}" in stored["text/plain"]


def test_the_stored_spec_keeps_its_drop_down(stored):
    (param,) = [param for param in stored[VEGALITE]["params"] if param["name"] == "country"]
    assert param["bind"]["options"] == [None, *v.COUNTRY_NAMES]


def of_country(iso3):
    return PANEL if iso3 == metrics.ALL else metrics.select(PANEL, countries=[iso3])


@pytest.mark.parametrize("iso3", [metrics.ALL, *v.COUNTRY_NAMES])
def test_the_rows_stored_for_a_country_are_those_of_the_metrics(stored, iso3):
    sets = stored[VEGALITE]["datasets"]
    drawn = {name: {row["key"]: row["n"] for row in sets[name] if row["selection"] == iso3 and row["n"]} for name in DIMENSIONS}  # fmt: skip
    chosen = of_country(iso3)
    totals, latest = metrics.totals(chosen), metrics.select(chosen, reports=[2025])
    shares = metrics.shares(chosen)
    assert drawn["growth"] == {row.report_year: row.n for row in totals.itertuples() if row.n}
    assert drawn["focus"] == {row.focus_area_id: row.n for row in shares.itertuples() if row.report_year == 2025 and row.n}  # fmt: skip
    assert drawn["status"] == latest["status"].value_counts().to_dict()
    assert drawn["map"] == latest["city_id"].value_counts().to_dict()


def test_nothing_is_stored_that_is_not_drawn(stored):
    sets = stored[VEGALITE]["datasets"]
    selections = 1 + PANEL["iso3"].nunique()
    offered = {"growth": 4, "focus": len(v.FOCUS_AREAS), "status": PANEL["status"].nunique()}
    assert {name: len(sets[name]) for name in offered} == {name: n * selections for name, n in offered.items()}
    assert len(sets["map"]) == len(CITIES) + CITIES["iso3"].isin(PANEL["iso3"]).sum()
    columns = {"selection", "key", "label", "n", "on", "colour"}
    assert all(set(row) == columns for name in offered for row in sets[name])


def test_the_stored_output_does_not_follow_a_later_choice(explorer, stored):
    explorer.choice = Choice(countries=("BRN",), reports=(2022,))
    later = explorer._repr_mimebundle_()
    assert {key: later[key] for key in later if key != WIDGET} == {key: stored[key] for key in stored if key != WIDGET}


@settings(max_examples=8)
@given(CHOICES)
def test_the_figure_of_a_choice_draws_the_rows_of_the_views(the_explorer, chosen):
    the_explorer.choice = chosen
    if not len(the_explorer.selection):
        with pytest.raises(SelectionError):
            the_explorer.figure()
        return
    spec = the_explorer.figure().to_dict(validate=False)
    for name, view in state(the_explorer)["views"].items():
        assert spec["datasets"].get(name, []) == view["rows"]
    assert f"{len(the_explorer.selection)} " in spec["description"]


# Frames of other shapes


def test_an_empty_frame_is_explored_in_words(validator):
    explorer = Explorer(PANEL.iloc[:0])
    assert (state(explorer)["message"], len(explorer.selection)) == (NOTHING, 0)
    bundle = explorer._repr_mimebundle_()
    assert [error.message for error in validator.iter_errors(bundle[VEGALITE])] == []
    assert "no data" in state(explorer)["views"]["map"]["alt"]


def test_a_frame_of_one_row_is_explored():
    explorer = Explorer(PANEL.iloc[:1])
    assert len(explorer.selection) == 1
    assert state(explorer)["message"] == f"1 project in 1 city, {PANEL['report_year'][0]} report."
    assert shown(explorer, "growth") == {str(PANEL["report_year"][0]): 1}


@pytest.fixture(scope="module")
def gaps():
    return Explorer(GAPS, choice=Choice())


def test_missing_values_can_be_chosen_by_name(gaps):
    for name, options in (("countries", gaps.countries.options), ("statuses", gaps.statuses.options)):
        assert options[-1] == ("not given", NOT_GIVEN)
        gaps.choice = Choice(**{name: (NOT_GIVEN,)})
        assert gaps.selection[COLUMNS[name]].isna().all()
        pd.testing.assert_frame_equal(gaps.selection, GAPS[GAPS[COLUMNS[name]].isna()])


def test_rows_without_a_report_stand_in_all_reports_only(gaps):
    gaps.choice = Choice()
    assert len(gaps.selection) == len(GAPS)
    assert shown(gaps, "growth") == {str(year): n for year, n in Counter(GAPS["report_year"].dropna().astype(int)).items()}  # fmt: skip


def test_code_selects_missing_values_again(gaps):
    gaps.choice = Choice(countries=("SGP", NOT_GIVEN), statuses=(NOT_GIVEN,), reports=(2024,))
    names = {"projects": GAPS}
    exec(gaps.code, names)
    pd.testing.assert_frame_equal(names["selection"], gaps.selection)
    assert len(gaps.selection)


@pytest.mark.parametrize("column", ["iso3", "status", "report_year", "as_of"])
def test_a_frame_that_lacks_a_column_is_explored(column):
    frame = PANEL.drop(columns=column)
    explorer = Explorer(frame, choice=Choice())
    assert len(explorer.selection) == len(frame)
    assert f"{len(frame)} rows of projects" in explorer.figure().to_dict(validate=False)["description"]
    press(explorer, "None", explorer.statuses)
    names = {"projects": frame}
    exec(explorer.code, names)
    assert len(names["selection"]) == len(explorer.selection) == 0


OWN = pd.DataFrame(
    {
        "report_year": [2023, 2024, 2024],
        "iso3": ["KEN", "KEN", "SGP"],
        "country": ["Kenya", "Kenya", "Singapore"],
        "city_id": ["nairobi", "kisumu", "singapore"],
        "city": ["Nairobi", "Kisumu", "Singapore"],
        "focus_area_id": ["water", "art", "art"],
        "focus_area": ["Water & Air", "Art <b>", "Art <b>"],
        "status": ["ongoing", None, "completed"],
        "project_printed": ["A", "B", "C"],
    }
)


@pytest.fixture(scope="module")
def own_areas():
    return Explorer(OWN, choice=Choice())


def test_own_focus_areas_are_shown_under_their_names(own_areas):
    own_areas.choice = Choice()
    assert shown(own_areas, "focus") == {"Art <b>": 2, "Water & Air": 1}
    assert {row["colour"] for row in state(own_areas)["views"]["focus"]["rows"]} == {v.MUTED}


def test_own_countries_stand_among_aseans(own_areas):
    names = [name for name, _ in own_areas.countries.options]
    assert names == sorted([*v.COUNTRY_NAMES.values(), "Kenya"])
    own_areas.choice = Choice(countries=("KEN",))
    assert own_areas.selection["city"].tolist() == ["Nairobi", "Kisumu"]


def test_a_list_of_ones_own_names_no_source_of_the_record(own_areas):
    own_areas.choice = Choice()
    assert "a list of the reader's own" in state(own_areas)["foot"]


def told(explorer):
    """Return what the map says of each city, and its number."""
    return {row["key"]: (row["told"], row["n"]) for row in explorer._state()["views"]["map"]["rows"]}


def test_a_city_that_no_report_lists_yet_is_no_member_yet_and_has_no_number(explorer, cities):
    for year in (2022, 2025):
        explorer.choice = Choice(reports=(year,))
        later = cities.loc[cities["first_report"].isna() | (cities["first_report"] > year), "city_id"]
        assert {city for city, (said, n) in told(explorer).items() if n is None} == set(later)
        assert {told(explorer)[city] for city in later} == {("not yet a member", None)}


def test_a_member_without_a_project_of_the_choice_has_0(explorer):
    explorer.choice = Choice(reports=(2025,), focus_areas=("safety-security",))
    assert told(explorer)["singapore"] == ("0", 0)


def test_in_a_list_of_ones_own_a_city_without_a_project_has_0(panel, cities):
    own = Explorer(panel[panel["city"] != "Phuket"], cities.drop(columns="first_report"))
    assert told(own)["phuket"] == ("0", 0)


def test_cities_without_a_place_leave_no_map(validator):
    explorer = Explorer(OWN, CITIES.drop(columns=["lat", "lon"]), choice=Choice())
    assert set(state(explorer)["views"]) == set(views(explorer).charts) == {"growth", "focus", "status"}
    spec = explorer._repr_mimebundle_()[VEGALITE]
    assert [error.message for error in validator.iter_errors(spec)] == []


def test_the_scale_of_the_map_is_the_same_for_every_choice(explorer):
    most = max(Counter((row["city_id"], row["report_year"]) for row in RECORDS).values())
    (scale,) = [scale for scale in views(explorer).charts["map"]["scales"] if scale["name"] == "size"]
    assert scale["domain"] == [0, most]


def test_zeros_and_the_tail_of_a_long_list_are_left_out_of_the_alt_text():
    some = [{"label": f"c{i}", "n": i} for i in range(15)]
    assert spoken("T", some) == "T: " + ", ".join(f"c{i} {i}" for i in range(1, 13)) + " and 2 more."


def test_the_twin_is_a_function_of_the_data(stored):
    assert Explorer()._repr_mimebundle_()[VEGALITE] == stored[VEGALITE]


def test_a_million_rows_draw_as_few_marks():
    keys = dict.fromkeys(["iso3", "city_id", "focus_area_id", "status"], "category")
    many = PANEL[list(COLUMNS.values())].astype(keys).loc[PANEL.index.repeat(2500)]
    cells = Cells(many)
    drawn = drawn_rows.bar_rows("focus_areas", cells, drawn_rows.options(cells, PANEL)["focus_areas"], LATEST)
    assert len(many) > 1_000_000
    expected = Counter(row["focus_area_id"] for row in RECORDS if row["report_year"] == 2025)
    assert {row["key"]: row["n"] for row in drawn} == {area: n * 2500 for area, n in expected.items()}
