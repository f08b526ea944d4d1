"""The explorer: what it selects, what it draws, and what it stores for readers without a kernel."""

from datetime import timedelta

import altair as alt
import ipywidgets as w
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display, theme
from ascn_analysis.widgets import Explorer

VEGALITE = "application/vnd.vegalite.v5+json"
MESSAGE = "Nothing matches this choice. Choose at least one country and one focus area, or press All."
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
    return Explorer(tally, panel, cities)


def within(widget, kind):
    """Yield the widgets of a kind within a widget."""
    if isinstance(widget, kind):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from within(child, kind)


def press(explorer, label):
    next(button for button in within(explorer, w.Button) if button.description == label).click()


def output(explorer):
    """Return the one output that the explorer shows."""
    (shown,) = next(within(explorer, w.Output)).outputs
    return shown


def said(explorer):
    return output(explorer)["data"]["text/plain"]


# The controls


def test_everything_is_chosen_at_first(explorer, panel, cities):
    assert explorer.selection.equals(panel)
    assert said(explorer) == f"{len(panel)} projects, {len(cities)} cities"


def test_the_countries_stand_in_the_order_of_their_asean_names(explorer):
    assert [name for name, _ in explorer.countries.options] == sorted(v.COUNTRY_NAMES.values())


def test_the_focus_areas_stand_under_their_names(explorer):
    assert explorer.focus_areas.options == tuple((area.name, area.id) for area in v.FOCUS_AREAS)


def test_the_reports_are_offered_after_all_of_them(explorer):
    labels = [label for label, _ in explorer.report.options]
    assert (labels, explorer.report.label) == (["All reports", "2025", "2024", "2023", "2022"], "All reports")


def test_every_control_says_what_it_is(explorer):
    controls = [*within(explorer, w.SelectMultiple), *within(explorer, w.Dropdown), *within(explorer, w.Button)]
    assert [c.description for c in controls] == ["Countries", "Focus areas", "Report", "All", "None"]


def test_countries_filter_the_projects(explorer):
    explorer.countries.value = ["IDN", "VNM"]
    assert set(explorer.selection["iso3"]) == {"IDN", "VNM"}


def test_countries_filter_the_cities(explorer, cities):
    explorer.countries.value = ["TLS", "SGP"]
    assert explorer.selected_cities["city"].tolist() == ["Singapore", "Dili"]


def test_focus_areas_filter_the_projects(explorer):
    explorer.focus_areas.value = ["civic-social"]
    assert set(explorer.selection["focus_area_id"]) == {"civic-social"}


@pytest.mark.parametrize(("year", "n"), [(2022, 77), (2023, 86), (2024, 108), (2025, 134)])
def test_a_report_filters_the_projects(explorer, year, n):
    explorer.report.label = str(year)
    assert explorer.selection["report_year"].tolist() == [year] * n


def test_a_choice_redraws_the_figure(explorer):
    explorer.countries.value = ["SGP"]
    explorer.report.label = "2022"
    assert said(explorer) == f"{len(explorer.selection)} projects, 1 cities"


def test_none_shows_the_message(explorer):
    press(explorer, "None")
    assert output(explorer)["data"] == {"text/plain": MESSAGE}


def test_no_focus_area_shows_the_message(explorer):
    explorer.focus_areas.value = []
    assert output(explorer)["data"] == {"text/plain": MESSAGE}


def test_all_brings_every_country_back_after_none(explorer, panel, cities):
    press(explorer, "None")
    press(explorer, "All")
    assert said(explorer) == f"{len(panel)} projects, {len(cities)} cities"


def test_all_leaves_the_other_choices(explorer):
    explorer.report.label = "2022"
    press(explorer, "None")
    press(explorer, "All")
    assert len(explorer.selection) == 77


def test_the_frames_that_go_in_are_not_changed(explorer, panel, cities):
    explorer.countries.value = ["IDN"]
    assert panel.equals(loaders.load_panel())
    assert cities.equals(loaders.load_cities())


def test_only_countries_with_a_member_city_are_offered(panel, cities):
    some = Explorer(tally, panel, cities[cities["iso3"].isin(["IDN", "BRN"])])
    assert [iso3 for _, iso3 in some.countries.options] == ["BRN", "IDN"]


@pytest.fixture(scope="module")
def one_explorer(panel, cities):
    return Explorer(tally, panel, cities)


@settings(max_examples=30, deadline=timedelta(seconds=5), derandomize=True)
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
    assert one_explorer.selection.index.tolist() == expected


# What it draws


def test_the_drawn_spec_has_the_parameter_without_its_drop_down(explorer):
    assert output(explorer)["data"][VEGALITE]["params"] == [{"name": "country", "value": None}]


def test_the_drawn_spec_is_live_only(explorer):
    assert set(output(explorer)["data"]) == {VEGALITE, "text/plain"}


def test_the_drawn_spec_is_shown_as_svg_without_a_menu(explorer):
    assert output(explorer)["metadata"][display.VEGALITE_MIME] == {
        "embed_options": {"renderer": "svg", "actions": False}
    }


@pytest.mark.parametrize("country", ["IDN", "SGP", "THA"])
def test_the_squares_drawn_are_the_projects_chosen(panel, cities, country):
    explorer = Explorer(squares, panel, cities)
    explorer.countries.value = [country]
    (rows,) = output(explorer)["data"][VEGALITE]["datasets"].values()
    expected = panel[(panel["iso3"] == country) & (panel["report_year"] == 2025)]["project_printed"]
    assert sorted(row["project_printed"] for row in rows if row["form"] != "header") == sorted(expected)


def test_two_countries_are_measured_together(panel, cities):
    explorer = Explorer(multiples, panel, cities)
    explorer.countries.value = ["BRN", "SGP"]
    both = panel[panel["iso3"].isin(["BRN", "SGP"]) & (panel["focus_area_id"] == "civic-social")]
    years = both.groupby("report_year").size()
    assert f"Civic & Social {years[2022]} (" in said(explorer)
    assert f") to {years[2025]} (" in said(explorer)


@pytest.mark.parametrize("figure", [squares, multiples])
def test_a_choice_without_projects_shows_the_message(panel, cities, figure):
    explorer = Explorer(figure, panel, cities)
    explorer.countries.value = ["TLS"]
    assert output(explorer)["data"] == {"text/plain": MESSAGE}


def test_the_figure_comes_back_after_the_message(panel, cities):
    explorer = Explorer(squares, panel, cities)
    explorer.countries.value = ["TLS"]
    explorer.countries.value = ["TLS", "BRN"]
    assert set(output(explorer)["data"]) == {VEGALITE, "text/plain"}


def raising(error):
    """Return a figure that fails as soon as one country is missing."""

    def figure(chosen, where):
        if chosen["iso3"].nunique() < 10:
            raise error
        return tally(chosen, where)

    return figure


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyError("city"), RuntimeError("broken")])
def test_an_error_of_the_figure_is_not_swallowed(panel, cities, error):
    explorer = Explorer(raising(error), panel, cities)
    with pytest.raises(type(error)):
        explorer.countries.value = ["IDN"]


def test_a_selection_error_of_the_figure_shows_the_message(panel, cities):
    explorer = Explorer(raising(SelectionError("nothing")), panel, cities)
    explorer.countries.value = ["IDN"]
    assert output(explorer)["data"] == {"text/plain": MESSAGE}


# What it stores


@pytest.fixture
def stored(panel, cities):
    return Explorer(squares, panel, cities)._repr_mimebundle_()


def test_the_stored_output_is_the_widget_and_its_static_twin(stored):
    assert set(stored) == {"application/vnd.jupyter.widget-view+json", VEGALITE, "image/svg+xml", "text/plain"}


def test_the_static_twin_is_the_bundle_of_the_figure_of_everything(stored, panel, cities):
    assert {key: stored[key] for key in stored if "widget" not in key} == display.bundle(squares(panel, cities))


def test_the_static_twin_shows_everything_after_a_choice(panel, cities):
    explorer = Explorer(squares, panel, cities)
    explorer.countries.value = ["BRN"]
    assert explorer._repr_mimebundle_()["text/plain"] == squares(panel, cities).to_dict()["description"]


def test_the_static_twin_keeps_its_drop_down(stored):
    assert "bind" in stored[VEGALITE]["params"][0]
