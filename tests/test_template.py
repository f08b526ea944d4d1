"""Figures that are built once: from a template they are, to the last character, what the figure function draws."""

import altair as alt
import pandas as pd
import pytest

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.figures import display, template, theme

AS_OF = "2025-09-30"
CHOICES = {"all": tuple(v.COUNTRY_NAMES), "two": ("IDN", "SGP"), "one": ("BRN",), "without a project": ("TLS", "LAO")}


@pytest.fixture(scope="module")
def drawings(panel, cities):
    """Return each templated figure as a function of the chosen countries."""
    stated, mentions, icons = loaders.load_stated_figures(), loaders.load_partner_mentions(), loaders.load_icons()
    land, insets = loaders.load_topology(), loaders.load_topology("insets")
    documents = metrics.documents_read(loaders.load_action_plan_cities(), panel, mentions)
    challenges = loaders.load_challenges().merge(cities[["city_id", "iso3"]], how="left")

    def of(frame, chosen):
        return frame[frame["iso3"].isin(chosen)]

    def partners(chosen):
        where = of(cities, chosen)
        named, read = (frame[frame["city_id"].isin(where["city_id"])] for frame in (mentions, documents))
        return figures.partners_by_document(
            metrics.named_by_document(named, read), metrics.named_again(named, read), where, AS_OF
        )

    def growth(chosen):
        parts, totals = (metrics.by_selection(m, of(panel, chosen)) for m in (metrics.growth_parts, metrics.growth))
        return figures.growth_steps(parts, totals, stated)

    def named(chosen):
        counts = metrics.challenge_counts(of(challenges, chosen), ["city_id", "kind", "about"])
        return figures.challenge_matrix(counts, of(cities, chosen), AS_OF)

    return {
        "city_map": lambda c: figures.city_map(of(cities, c), of(panel, c), land, insets, (2025, AS_OF)),
        "growth_steps": growth,
        "focus_multiples": lambda c: figures.focus_multiples(metrics.by_selection(metrics.shares, of(panel, c)), AS_OF),
        "status_bars": lambda c: figures.status_bars(metrics.by_selection(metrics.status_counts, of(icons, c)), AS_OF),
        "project_squares": lambda c: figures.project_squares(of(panel, c), 2025),
        "partners_by_document": partners,
        "challenge_matrix": named,
    }


NAMES = (
    "city_map",
    "growth_steps",
    "focus_multiples",
    "status_bars",
    "project_squares",
    "partners_by_document",
    "challenge_matrix",
)
SOME = [(name, choice) for name in NAMES for choice in CHOICES if choice != "without a project"]


@pytest.mark.parametrize(("name", "choice"), [*SOME, ("city_map", "without a project")])
def test_from_its_template_a_figure_has_the_spec_of_the_chart(drawings, name, choice):
    with template.live():
        live = drawings[name](CHOICES[choice])
    assert isinstance(live, template.Filled)
    assert live.to_dict() == drawings[name](CHOICES[choice]).to_dict()


@pytest.mark.parametrize(("name", "choice"), [*SOME, ("city_map", "without a project")])
def test_from_its_template_a_figure_compiles_to_what_the_chart_compiles_to(drawings, name, choice):
    with template.live():
        live = drawings[name](CHOICES[choice])
    spec = drawings[name](CHOICES[choice]).to_dict()
    assert template.to_vega(live) == display.to_vega(display.unbind(spec))


@pytest.fixture
def small():
    """Return a function that fills a small drawing, with the list of the colours for which it was built."""
    built = []

    def build(colour):
        built.append(colour)
        return template.named().mark_bar(color=colour).encode(x="n:Q").add_params(theme.country_param())

    def fill(colour, rows=3, title="Title"):
        return template.filled(build, (colour,), {template.ROWS: pd.DataFrame({"n": range(rows)})}, (title, [], "alt"))

    return fill, built


def test_other_rows_and_words_build_nothing_anew(small):
    fill, built = small
    with template.live():
        drawn = [fill("red", rows, f"{rows} rows").to_vega() for rows in (1, 2, 5)]
    assert built == ["red"]
    assert [(len(vega["data"][0]["values"]), vega["title"]["text"]) for vega in drawn] == [
        (1, "1 rows"),
        (2, "2 rows"),
        (5, "5 rows"),
    ]


def test_another_argument_is_another_drawing(small):
    fill, built = small
    with template.live():
        fills = [fill(colour).to_vega()["marks"][0]["encode"]["update"]["fill"] for colour in ("red", "blue", "red")]
    assert built == ["red", "blue"]
    assert fills == [{"value": "red"}, {"value": "blue"}, {"value": "red"}]


@pytest.fixture
def listed():
    """Return a function that fills a drawing whose legend comes as lists, with the list of what it was built with."""
    built = []

    def build(names, colours):
        built.append(names)
        legend = alt.Legend(values=names)
        return template.named().mark_bar().encode(x="n:Q", fill=alt.Fill("part:N").scale(domain=names, range=colours).legend(legend))  # fmt: skip

    def fill(names, colours):
        rows = {template.ROWS: pd.DataFrame({"n": range(len(names)), "part": names})}
        return template.filled(build, (), rows, ("Title", ["list 'names'"], "alt"), names=names, colours=colours)

    return fill, built


LEGENDS = [(["a", "b"], ["red", "blue"]), (["c"], ["green"]), ([], [])]


def test_other_lists_build_nothing_anew(listed):
    fill, built = listed
    with template.live():
        for legend in LEGENDS:
            fill(*legend).to_vega()
    assert len(built) == 1


@pytest.mark.parametrize("legend", LEGENDS, ids=["two", "one", "none"])
def test_with_its_lists_a_figure_has_the_spec_of_the_chart(listed, legend):
    fill, _ = listed
    with template.live():
        live = fill(*legend)
    chart = fill(*legend)
    assert live.to_dict() == chart.to_dict()
    assert template.to_vega(live) == display.to_vega(display.unbind(chart.to_dict()))


def test_a_live_figure_goes_on_as_a_chart(small):
    fill, _ = small
    with template.live():
        wide = fill("red").properties(width=123)
    assert isinstance(wide, alt.Chart)
    assert wide.to_dict()["width"] == 123


def test_a_figure_that_was_changed_is_compiled_as_it_is(small):
    fill, _ = small
    with template.live():
        assert template.to_vega(fill("red").properties(width=123))["width"] == 123


def test_outside_of_a_live_redraw_a_figure_is_a_chart(small):
    fill, _ = small
    with pytest.raises(RuntimeError), template.live():
        raise RuntimeError
    assert isinstance(fill("red"), alt.Chart)


def test_what_is_filled_does_not_stay_in_the_template(small):
    fill, _ = small
    with template.live():
        fill("red", rows=4).to_vega()["data"][0]["values"].append({"n": -1})
        assert fill("red", rows=4).to_vega()["data"][0]["values"] == [{"n": n} for n in range(4)]
