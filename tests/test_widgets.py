"""The explorer of one figure and the filters: what they choose, what is drawn, and what is stored for readers without a kernel."""

import asyncio

import altair as alt
import ipywidgets as w
import pandas as pd
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import figures, loaders, metrics, widgets
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.explorers import pause
from ascn_analysis.explorers.controls import CheckFilter
from ascn_analysis.explorers.drawing import Drawing
from ascn_analysis.explorers.library import Drawn
from ascn_analysis.explorers.panel import NOTHING
from ascn_analysis.figures import display, theme
from ascn_analysis.measures.selection import whole_only
from ascn_analysis.widgets import Choice, CountryFilter, Explorer, FigureExplorer

VEGALITE = "application/vnd.vegalite.v5+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
AREAS = [area.id for area in v.FOCUS_AREAS]


def tally(chosen, where):
    """Draw a small figure that says how many projects and cities it was given."""
    chart = alt.Chart(chosen[["iso3"]]).mark_bar().encode(x="count()", y="iso3:N").add_params(theme.country_param())
    return theme.finish(chart, "Tally", [], f"{len(chosen)} projects, {len(where)} cities")


def squares(chosen, _):
    return figures.project_squares(chosen, chosen["report_year"].max())


def multiples(chosen, _):
    return figures.focus_multiples(metrics.by_selection(metrics.shares, chosen), "2025-09-30")


@pytest.fixture
def explorer(panel, cities):
    return FigureExplorer(tally, panel, cities)


def within(widget, kind):
    """Yield the widgets of a kind within a widget."""
    if isinstance(widget, kind):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from within(child, kind)


def press(widget, label):
    next(button for button in within(widget, w.Button) if button.description == label).click()


def shown(explorer):
    """Return the figure that the explorer draws, as Vega, and the words in place of one."""
    (drawing,) = within(explorer, Drawing)
    return drawing.state["chart"], drawing.state["message"]


def said(explorer):
    return shown(explorer)[0]["description"]


def sets(explorer):
    """Return the data sets that the explorer draws, by name; what is derived from them is left out."""
    chart, _ = shown(explorer)
    return {part["name"]: part["values"] for part in chart["data"] if "values" in part}


# Check boxes


@pytest.fixture
def boxes():
    return CheckFilter("Letters", [("A", "a"), ("B", "b"), ("C", "c")])


def ticks(control):
    return [box.value for box in within(control, w.Checkbox)]


def test_every_option_is_chosen_at_first(boxes):
    assert (boxes.value, boxes.restriction(), ticks(boxes)) == (("a", "b", "c"), None, [True] * 3)


def test_a_box_takes_its_value_out_and_back(boxes):
    second = list(within(boxes, w.Checkbox))[1]
    second.value = False
    assert boxes.restriction() == ("a", "c")
    second.value = True
    assert boxes.restriction() is None


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), max_size=6))
def test_values_stand_in_the_order_of_the_options_each_once(values):
    control = CheckFilter("Letters", [("A", "a"), ("B", "b"), ("C", "c")])
    control.choose(values)
    assert control.value == tuple(sorted(set(values)))
    assert ticks(control) == [letter in values for letter in "abc"]


def test_none_is_not_the_same_as_no_restriction(boxes):
    press(boxes, "None")
    assert (boxes.value, boxes.restriction(), ticks(boxes)) == ((), (), [False] * 3)


def test_a_change_of_several_boxes_is_told_once(boxes):
    told = []
    boxes.observe(lambda change: told.append(change["new"]), names="value")
    press(boxes, "None")
    press(boxes, "All")
    boxes.choose(["c", "a"])
    assert told == [(), ("a", "b", "c"), ("a", "c")]


@pytest.mark.parametrize("put", [lambda b, x: b.choose(x), lambda b, x: setattr(b, "value", x)])
def test_what_is_no_option_is_named_and_changes_nothing(boxes, put):
    boxes.choose(["b"])
    with pytest.raises(SelectionError, match="Letters: 'd' is no option; expected one of 'a', 'b', 'c'"):
        put(boxes, ["a", "d"])
    assert (boxes.value, ticks(boxes)) == (("b",), [False, True, False])


def test_a_text_is_no_list_of_values(boxes):
    with pytest.raises(traitlets.TraitError):
        boxes.value = "ab"


def test_counts_stand_behind_the_labels(boxes):
    boxes.count({"a": 3, "c": 1})
    assert [box.description for box in within(boxes, w.Checkbox)] == ["A (3)", "B (0)", "C (1)"]


def test_boxes_without_an_option_restrict_nothing():
    assert CheckFilter("None at all", []).restriction() is None


# The country filter


def test_the_country_filter_offers_the_countries_of_the_cities(cities):
    some = CountryFilter(cities[cities["iso3"].isin(["IDN", "BRN"])])
    assert some.options == (("Brunei Darussalam", "BRN"), ("Indonesia", "IDN"))


def test_each_cohort_has_a_button_that_chooses_its_countries(cities):
    control = CountryFilter(cities)
    for year, joined in cities.dropna(subset="joined_year").groupby("joined_year"):
        press(control, f"Joined {year}")
        assert set(control.value) == set(joined["iso3"])


def test_without_years_of_joining_there_are_no_cohorts(cities):
    control = CountryFilter(cities.drop(columns="joined_year"))
    assert [button.description for button in within(control, w.Button)] == ["All", "None"]


def test_a_cohort_never_chooses_a_country_that_is_not_offered(cities):
    control = CountryFilter(cities, [("Brunei Darussalam", "BRN")])
    press(control, f"Joined {cities['joined_year'].min()}")
    assert control.value == ("BRN",)


# The controls of an explorer


def test_everything_is_chosen_at_first(explorer, panel, cities):
    assert explorer.selection.equals(panel)
    assert said(explorer) == f"{len(panel)} projects, {len(cities)} cities"


def test_countries_filter_the_cities_also_those_without_a_project(explorer):
    explorer.countries.value = ["TLS", "SGP"]
    assert explorer.selected_cities["city"].tolist() == ["Singapore", "Dili"]


def test_cities_filter_the_projects_and_the_cities(explorer):
    explorer.cities.value = ["phuket"]
    assert set(explorer.selection["city"]) == set(explorer.selected_cities["city"]) == {"Phuket"}


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_a_report_filters_the_projects(explorer, panel, year):
    explorer.report.label = str(year)
    assert explorer.selection["report_year"].tolist() == [year] * (panel["report_year"] == year).sum()


def test_a_choice_redraws_the_figure(explorer):
    explorer.choice = Choice(countries=("SGP",), reports=(2022,))
    assert said(explorer) == f"{len(explorer.selection)} projects, 1 cities"


@pytest.mark.parametrize("control", ["countries", "focus_areas", "statuses"])
def test_none_shows_the_message(panel, cities, control):
    explorer = FigureExplorer(squares, panel, cities)
    press(getattr(explorer, control), "None")
    assert shown(explorer) == (None, NOTHING)


def test_all_brings_every_country_back_and_leaves_the_other_choices(explorer, panel):
    explorer.report.label = "2022"
    press(explorer.countries, "None")
    press(explorer.countries, "All")
    assert len(explorer.selection) == (panel["report_year"] == 2022).sum()


def test_the_boxes_count_the_projects_under_the_rest_of_the_choice(explorer, panel):
    explorer.choice = Choice(countries=("SGP",), reports=(2025,))
    latest = panel[panel["report_year"] == 2025]
    areas, countries = latest[latest["iso3"] == "SGP"]["focus_area"], latest["country"]
    shown = [box.description for box in within(explorer, w.Checkbox)]
    assert f"Indonesia ({(countries == 'Indonesia').sum()})" in shown
    assert {f"{area} ({n})" for area, n in areas.value_counts().items()} <= set(shown)


def test_a_shared_filter_is_not_counted_by_a_figure(panel, cities):
    shared = CountryFilter(cities)
    FigureExplorer(tally, panel, cities, countries=shared)
    assert [box.description for box in within(shared, w.Checkbox)] == [text for text, _ in shared.options]


def test_each_change_draws_once(panel, cities):
    calls = []
    explorer = FigureExplorer(lambda chosen, where: calls.append(len(chosen)) or tally(chosen, where), panel, cities)
    explorer.choice = Choice(countries=("SGP",), statuses=("ongoing",), reports=(2024,))
    press(explorer.countries, "All")
    explorer.reset()
    assert len(calls) == 4


def test_the_frames_that_go_in_are_not_changed(explorer, panel, cities):
    explorer.choice = Choice(countries=("IDN",), focus_areas=("civic-social",))
    assert panel.equals(loaders.load_panel())
    assert cities.equals(loaders.load_cities())


@pytest.fixture(scope="module")
def one_explorer(panel, cities):
    return FigureExplorer(tally, panel, cities)


@settings(max_examples=20)
@given(
    st.sets(st.sampled_from(list(v.COUNTRY_NAMES))),
    st.sets(st.sampled_from(AREAS)),
    st.sampled_from(["All reports", "2022", "2025"]),
)
def test_the_selection_is_what_a_plain_filter_gives(one_explorer, panel, countries, areas, report):
    one_explorer.countries.value, one_explorer.focus_areas.value = sorted(countries), sorted(areas)
    one_explorer.report.label = report
    rows = zip(panel["iso3"], panel["focus_area_id"], panel["report_year"], strict=True)
    expected = [
        i for i, (c, a, y) in enumerate(rows) if c in countries and a in areas and report in ("All reports", str(y))
    ]
    names = {}
    exec(one_explorer.code, names)
    assert one_explorer.selection.index.tolist() == expected
    pd.testing.assert_frame_equal(names["selection"], one_explorer.selection)


def test_a_shared_filter_drives_explorers_of_different_figures(panel, cities):
    shared = CountryFilter(cities)
    first = FigureExplorer(tally, panel, cities, countries=shared)
    second = FigureExplorer(squares, panel, cities, countries=shared)
    shared.choose(["BRN"])
    assert set(first.selection["iso3"]) == set(second.selection["iso3"]) == {"BRN"}
    assert said(first) == f"{len(first.selection)} projects, 1 cities"


# What it draws


def test_the_figure_has_the_parameter_without_its_drop_down(explorer):
    assert [signal for signal in shown(explorer)[0]["signals"] if signal["name"] == "country"] == [
        {"name": "country", "value": None}
    ]


def test_what_is_drawn_is_compiled_for_the_browser_and_holds_no_picture(of_squares):
    assert {drawing.comm is not None and tuple(sorted(drawing.state)) for drawing in within(of_squares, Drawing)} == {
        ("chart", "message", "revision")
    }
    assert "$schema" not in shown(of_squares)[0]


@pytest.mark.parametrize("country", ["IDN", "SGP", "THA"])
def test_the_squares_drawn_are_the_projects_chosen(panel, cities, country):
    explorer = FigureExplorer(squares, panel, cities, choice=Choice(countries=(country,)))
    rows = sets(explorer)["rows"]
    expected = panel[(panel["iso3"] == country) & (panel["report_year"] == 2025)]["project_printed"]
    assert sorted(row["project_printed"] for row in rows if row["form"] != "header") == sorted(expected)


def test_two_countries_are_measured_together(panel, cities):
    explorer = FigureExplorer(multiples, panel, cities)
    explorer.countries.value = ["BRN", "SGP"]
    both = panel[panel["iso3"].isin(["BRN", "SGP"]) & (panel["focus_area_id"] == "civic-social")]
    years = both.groupby("report_year").size()
    assert f"Civic & Social {years[2022]} (" in said(explorer)
    assert f") to {years[2025]} (" in said(explorer)


@pytest.mark.parametrize("figure", [squares, multiples])
def test_the_figure_comes_back_after_the_message(panel, cities, figure):
    explorer = FigureExplorer(figure, panel, cities)
    explorer.countries.value = ["TLS"]
    assert shown(explorer) == (None, NOTHING)
    explorer.countries.value = ["TLS", "BRN"]
    assert shown(explorer)[0]["marks"]
    assert shown(explorer)[1] == ""


def raising(error):
    """Return a figure that fails as soon as one country is missing."""

    def figure(chosen, where):
        if chosen["iso3"].nunique() < 10:
            raise error
        return tally(chosen, where)

    return figure


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyError("city"), RuntimeError("broken")])
def test_an_error_of_the_figure_is_not_swallowed(panel, cities, error):
    explorer = FigureExplorer(raising(error), panel, cities)
    with pytest.raises(type(error)):
        explorer.countries.value = ["IDN"]
    assert shown(explorer) == (None, f"The figure cannot be drawn ({type(error).__name__}: {error}).")


# In haste


def choose_in_turn(explorer, choices, seconds):
    """Choose countries as a running kernel does, each so many seconds after the one before."""

    async def choose():
        for iso3 in choices:
            explorer.countries.value = [iso3]
            await asyncio.sleep(seconds)
        await asyncio.sleep(2 * pause.SECONDS)

    asyncio.run(choose())


@pytest.mark.parametrize(("seconds", "drawn"), [(0, 1), (0.6, 3)], ids=["in haste", "one by one"])
def test_of_clicks_that_follow_each_other_in_haste_only_the_last_is_drawn(panel, cities, monkeypatch, seconds, drawn):
    monkeypatch.setattr(pause, "SECONDS", 0.5)
    calls = []
    explorer = FigureExplorer(lambda chosen, where: calls.append(set(chosen["iso3"])) or tally(chosen, where), panel, cities)  # fmt: skip
    choose_in_turn(explorer, ["IDN", "SGP", "BRN"], seconds)
    assert (len(calls) - 1, calls[-1]) == (drawn, {"BRN"})


def test_a_selection_error_of_the_figure_shows_the_message(panel, cities):
    explorer = FigureExplorer(raising(SelectionError("nothing")), panel, cities)
    explorer.countries.value = ["IDN"]
    assert shown(explorer) == (None, NOTHING)


# The chart library


def libraries(*explorers):
    return {drawn.library for explorer in explorers for drawn in within(explorer, Drawn)}


def test_all_explorers_of_a_kernel_share_one_library(explorer, panel, cities):
    assert len(libraries(explorer, FigureExplorer(squares, panel, cities), Explorer())) == 1


def test_where_every_widget_was_closed_the_next_explorer_has_a_new_library(explorer, panel, cities):
    (old,) = libraries(explorer)
    old.close()
    (new,) = libraries(FigureExplorer(squares, panel, cities))
    assert new is not old
    assert new.script.endswith("export default ascnVega;\n")


# What it exports and stores


def saved(explorer, monkeypatch):
    (saver,) = [child for child in explorer.children if type(child).__name__ == "Saver"]
    sent = []
    monkeypatch.setattr(type(saver), "send", lambda _, content, buffers=None: sent.append(content))
    press(explorer, "Save SVG")
    return [content["name"] for content in sent]


def test_a_figure_of_cities_without_a_project_can_be_saved(panel, cities, monkeypatch):
    def places(_, where):
        return theme.finish(alt.Chart(where[["city"]]).mark_point().encode(x="city:N"), "Places", [], f"{len(where)}")

    explorer = FigureExplorer(places, panel, cities, choice=Choice(countries=("TLS",)))
    assert len(explorer.selection) == 0
    assert saved(explorer, monkeypatch) == ["projects.svg"]


def test_where_the_figure_has_nothing_to_draw_nothing_is_saved(panel, cities, monkeypatch):
    explorer = FigureExplorer(squares, panel, cities, choice=Choice(countries=("TLS",)))
    assert saved(explorer, monkeypatch) == []


def twin(explorer):
    return {kind: part for kind, part in explorer._repr_mimebundle_().items() if kind != WIDGET}


@pytest.fixture(scope="module")
def of_squares(panel, cities):
    return FigureExplorer(squares, panel, cities)


def test_the_stored_output_is_the_widget_and_its_static_twin(of_squares, panel, cities):
    assert set(of_squares._repr_mimebundle_()) == {WIDGET, VEGALITE, "image/svg+xml", "text/plain"}
    assert twin(of_squares) == display.bundle(squares(panel, cities))


def test_the_static_twin_keeps_its_drop_down(of_squares):
    assert "bind" in twin(of_squares)[VEGALITE]["params"][0]


def test_the_static_twin_shows_the_first_choice_after_another(of_squares):
    before = twin(of_squares)
    of_squares.countries.value = ["BRN"]
    assert twin(of_squares) == before


@pytest.mark.parametrize("countries", [("SGP", "IDN"), ("IDN", "SGP", "IDN"), tuple(reversed(v.COUNTRY_NAMES))])
def test_the_static_twin_does_not_depend_on_the_order_of_the_first_choice(panel, cities, countries):
    explorer = FigureExplorer(tally, panel, cities, choice=Choice(countries=countries))
    n = panel["iso3"].isin(countries).sum()
    assert twin(explorer)["text/plain"].startswith(f"{n} projects")


def test_a_first_choice_without_a_figure_is_stored_in_words(panel, cities):
    explorer = FigureExplorer(squares, panel, cities, choice=Choice(countries=("TLS",)))
    assert twin(explorer) == {"text/plain": NOTHING}


def test_an_empty_frame_shows_the_message(panel, cities):
    explorer = FigureExplorer(squares, panel.iloc[:0], cities.iloc[:0])
    assert shown(explorer) == (None, NOTHING)


def test_every_name_of_the_door_is_there_and_described():
    for name in widgets.__all__:
        assert getattr(widgets, name) is not None
    assert sorted(widgets.__all__) == widgets.__all__


# A live figure measures all of the chosen projects together, and no country alone


def growth_of(chosen, _):
    parts, totals = (metrics.by_selection(metric, chosen) for metric in (metrics.growth_parts, metrics.growth))
    return figures.growth_steps(parts, totals, loaders.load_stated_figures())


def measured(sets):
    """Return the data sets that were measured by selection."""
    return {name: rows for name, rows in sets.items() if rows and "selection" in rows[0]}


def of_all(sets):
    return {name: [row for row in rows if row["selection"] == "all"] for name, rows in measured(sets).items()}


@pytest.mark.parametrize("figure", [growth_of, multiples])
def test_a_live_figure_has_the_rows_of_all_as_the_full_figure_and_no_others(panel, cities, figure):
    explorer = FigureExplorer(figure, panel, cities)
    explorer.countries.value = ["IDN", "SGP"]
    full = explorer.figure().to_dict()
    assert measured(sets(explorer)) == of_all(full["datasets"]) != measured(full["datasets"])
    assert said(explorer) == full["description"]


def test_the_static_twin_keeps_every_country_after_a_live_redraw(panel, cities):
    explorer = FigureExplorer(multiples, panel, cities)
    explorer.countries.value = ["IDN"]
    explorer.reset()
    assert twin(explorer) == display.bundle(multiples(panel, cities))


def test_a_figure_without_the_country_filter_keeps_every_row(panel, cities):
    def lines(chosen, _):
        rows = metrics.by_selection(metrics.totals, chosen)
        return theme.finish(alt.Chart(rows).mark_line().encode(x="report_year", y="n", color="selection"), "Lines", [], "Lines")  # fmt: skip

    explorer = FigureExplorer(lines, panel, cities)
    explorer.countries.value = ["IDN", "SGP"]
    (rows,) = sets(explorer).values()
    assert {row["selection"] for row in rows} == {"all", "IDN", "SGP"}


def test_outside_of_a_live_redraw_every_country_is_measured(panel, cities):
    explorer = FigureExplorer(multiples, panel, cities)
    explorer.countries.value = ["IDN"]
    with pytest.raises(RuntimeError), whole_only():
        raise RuntimeError
    assert set(metrics.by_selection(metrics.totals, panel)["selection"]) == {"all", *panel["iso3"]}


def test_another_column_is_measured_value_by_value_also_for_a_live_figure(panel):
    with whole_only():
        areas = metrics.by_selection(metrics.totals, panel, column="focus_area_id")
        countries = metrics.by_selection(metrics.totals, panel)
    assert (set(areas["selection"]), set(countries["selection"])) == ({"all", *AREAS}, {"all"})
