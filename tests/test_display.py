"""The MIME bundle of a figure: what is in it, and that it is a function of the data alone."""

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from PIL import ImageFont

from ascn_analysis import audit, figures, loaders, membership, metrics
from ascn_analysis.figures import display, theme

VEGALITE = "application/vnd.vegalite.v5+json"
CHECKOUT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"
NAMES = (
    "city_map", "project_squares 2022", "project_squares 2025", "membership_steps", "growth_steps",
    "growth_parts membership", "growth_parts completion", "focus_multiples", "stated_dots", "status_bars",
    "status_groups country", "status_groups focus_area", "status_flows", "cohort_bars", "history_strips",
)  # fmt: skip
every_figure = pytest.mark.parametrize("name", NAMES)


@cache
def charts():
    """Return every figure of the notebooks; also called in a fresh process, so it loads what it needs itself."""
    panel, cities, stated = loaders.load_panel(), loaders.load_cities(), loaders.load_stated_figures()
    parts, growth, shares = (
        metrics.by_selection(m, panel) for m in (metrics.growth_parts, metrics.growth, metrics.shares)
    )
    steps = membership.steps(cities, loaders.load_membership(), stated, loaders.load_sources())
    statuses, flows, cohorts = (
        metrics.by_selection(m, panel) for m in (metrics.status_counts, metrics.transitions, metrics.cohorts)
    )
    boundaries = [loaders.load_topology(name) for name in ("asean", "insets")]
    drawn = (
        figures.city_map(cities, panel, *boundaries),
        figures.project_squares(panel, 2022),
        figures.project_squares(panel, 2025),
        figures.membership_steps(steps),
        figures.growth_steps(parts, growth, stated),
        figures.growth_parts(parts, "membership", "2025-09-30"),
        figures.growth_parts(parts, "completion", "2025-09-30"),
        figures.focus_multiples(shares, "2025-09-30"),
        figures.stated_dots(audit.compare_shares(panel, stated), "2025-09-30"),
        figures.status_bars(statuses, "2025-09-30"),
        figures.status_groups(panel, 2025, "country"),
        figures.status_groups(panel, 2025, "focus_area"),
        figures.status_flows(flows, "2025-09-30"),
        figures.cohort_bars(cohorts, "2025-09-30"),
        figures.history_strips(panel, metrics.history(panel, loaders.load_project_links())),
    )
    return dict(zip(NAMES, drawn, strict=True))


@cache
def bundles():
    return {name: display.bundle(chart) for name, chart in charts().items()}


def svg_of(name):
    return bundles()[name]["image/svg+xml"]


def digest(bundle):
    """Return a fingerprint of a bundle: the order of keys counts."""
    return hashlib.sha256(repr(bundle).encode()).hexdigest()


def plain(title="One bar", description="One bar of 1."):
    chart = alt.Chart(pd.DataFrame({"a": ["x"], "n": [1]})).mark_bar().encode(x="n:Q", y="a:N")
    return theme.finish(chart.add_params(theme.country_param()), title, ["Source: a test."], description)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Fingerprints of all bundles from a fresh process with other settings of the machine."""
    other = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "km_KH.UTF-8"}
    script = "import runpy, sys; t = runpy.run_path(sys.argv[1]); [print(n + '=' + t['digest'](b)) for n, b in t['bundles']().items()]"
    home = str(tmp_path_factory.mktemp("home"))
    done = subprocess.run(
        [sys.executable, "-c", script, __file__],
        env={**os.environ, **other, "HOME": home},
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    )
    return dict(line.split("=") for line in done.stdout.splitlines())


# What is in a bundle


@every_figure
def test_a_bundle_has_a_spec_a_picture_and_a_text_and_no_html(name):
    assert set(bundles()[name]) == {VEGALITE, "image/svg+xml", "text/plain"}


@every_figure
def test_the_spec_says_that_it_is_vega_lite_5(name):
    assert bundles()[name][VEGALITE]["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"


@every_figure
def test_the_text_is_the_description(name):
    assert bundles()[name]["text/plain"] == charts()[name].to_dict()["description"]


@every_figure
def test_the_spec_keeps_its_drop_down(name):
    binds = [param["bind"]["input"] for param in bundles()[name][VEGALITE].get("params", [])]
    assert binds == {"stated_dots": [], "history_strips": ["select", "search"]}.get(name, ["select"])


@every_figure
def test_the_spec_is_the_chart_itself(name):
    spec = {**bundles()[name][VEGALITE], "$schema": None}
    assert spec == {**charts()[name].to_dict(), "$schema": None}


def test_a_chart_at_the_end_of_a_cell_shows_the_bundle():
    data, metadata = plain()._repr_mimebundle_()
    assert data == display.bundle(plain())
    assert metadata[VEGALITE] == {"embed_options": {"renderer": "svg", "actions": False}}


def test_the_picture_of_a_chart_has_its_alt_text_for_readers_of_the_page():
    _, metadata = plain()._repr_mimebundle_()
    assert metadata["image/svg+xml"] == {"alt": plain().to_dict()["description"]}


def test_the_picture_carries_its_description_and_shrinks_with_the_page():
    svg = display.bundle(plain())["image/svg+xml"]
    assert "<desc>One bar of 1.</desc>" in svg
    assert svg.startswith('<svg role="img" style="max-width:100%;height:auto"')


def test_a_live_bundle_has_no_picture():
    assert set(display.spec_bundle(plain().to_dict(), static=False)) == {VEGALITE, "text/plain"}


@pytest.mark.parametrize("description", ["", None])
def test_a_chart_without_alt_text_is_refused(description):
    spec = {**plain().to_dict(), "description": description}
    with pytest.raises(ValueError, match="no description"):
        display.spec_bundle(spec)


def test_a_chart_that_was_never_finished_is_refused():
    with pytest.raises(ValueError, match=r"finish it with figures\.theme\.finish"):
        display.bundle(alt.Chart(pd.DataFrame({"a": [1]})).mark_bar())


def test_making_a_bundle_does_not_change_the_spec():
    spec = plain().to_dict()
    display.spec_bundle(spec)
    assert spec == plain().to_dict()


def test_unbind_takes_the_drop_down_away_and_nothing_else():
    spec = plain().to_dict()
    spec["params"] = [{key: x for key, x in param.items() if key != "bind"} for param in spec["params"]]
    assert display.unbind(plain().to_dict()) == spec


def test_unbind_leaves_the_spec_that_goes_in_as_it_is():
    spec = plain().to_dict()
    display.unbind(spec)
    assert "bind" in spec["params"][0]


def test_unbind_leaves_a_spec_without_parameters_as_it_is():
    assert display.unbind({"mark": "bar"}) == {"mark": "bar"}


# The picture


@every_figure
def test_the_picture_is_well_formed(name):
    assert ET.fromstring(svg_of(name)).tag == f"{SVG}svg"


@every_figure
def test_the_picture_shows_the_title_and_the_source(name):
    shown = " ".join("".join(text.itertext()) for text in ET.fromstring(svg_of(name)).iter(f"{SVG}text"))
    assert charts()[name].to_dict()["title"]["text"] in shown
    assert "Source: " in shown


@every_figure
def test_nothing_but_a_link_has_an_address_in_the_picture(name):
    with_address = {
        node.tag for node in ET.fromstring(svg_of(name)).iter() if any("href" in key for key in node.attrib)
    }
    assert with_address == ({f"{SVG}a"} if name.startswith("project_squares") else set())


@pytest.mark.parametrize("name", ["project_squares 2022", "project_squares 2025"])
def test_every_link_of_the_squares_goes_to_a_page_of_a_report(name):
    links = [
        value for node in ET.fromstring(svg_of(name)).iter(f"{SVG}a") for key, value in node.items() if "href" in key
    ]
    assert [link for link in links if not re.fullmatch(r"https://asean\.org/.*\.pdf#page=\d+", link)] == []


@every_figure
def test_every_clip_path_that_is_used_is_there_once(name):
    ids = re.findall(r'\bid="([^"]+)"', svg_of(name))
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", svg_of(name))) <= set(ids)


@every_figure
def test_the_picture_names_only_the_bundled_font(name):
    families = re.findall(r'font-family="([^"]*)"', svg_of(name))
    assert {family.removesuffix(", sans-serif") for family in families} == {"ASCN Sans"}


@every_figure
def test_the_bundled_fonts_hold_every_character_of_the_picture(name):
    words = {c for text in ET.fromstring(svg_of(name)).iter(f"{SVG}text") for c in "".join(text.itertext())}
    fonts = [ImageFont.truetype(path, 40) for path in theme.FONT_FOLDER.glob("*.ttf")]
    absent = [{c for c in words if bytes(f.getmask(c)) == bytes(f.getmask("\uffff"))} for f in fonts]
    assert absent == [set(), set()]


def test_text_is_measured_with_the_bundled_font():
    font = ImageFont.truetype(theme.FONT_FOLDER / "ASCNSans-Regular.ttf", 12)
    left = float(re.search(r"translate\((\d+),", svg_of("project_squares 2025")).group(1))
    padding = 8 + 6  # of the figure, and of the labels
    assert left == pytest.approx(padding + font.getlength("Bandar Seri Begawan"), abs=1)


@pytest.mark.parametrize(("weight", "style"), [("Regular", "normal"), ("Bold", "bold")])
def test_a_long_label_is_as_wide_as_the_bundled_font_draws_it(weight, style):
    font = ImageFont.truetype(theme.FONT_FOLDER / f"ASCNSans-{weight}.ttf", 12)
    axis = alt.Axis(labelFontWeight=style, labelLimit=1000, labelPadding=0, ticks=False, domain=False, title=None)
    words = "Wider than other Words: WWWWWWWWWW iiiiii"
    chart = alt.Chart(pd.DataFrame({"a": [words]})).mark_bar().encode(y=alt.Y("a:N", axis=axis)).properties(width=100)
    svg = display.to_svg(theme.finish(chart, "", [], "").to_dict() | {"title": None, "padding": 0})
    assert float(re.search(r'width="([\d.]+)"', svg).group(1)) == pytest.approx(100 + font.getlength(words), abs=2)


@every_figure
def test_the_picture_is_the_same_a_second_time(name):
    assert display.to_svg(bundles()[name][VEGALITE]) == svg_of(name)


def test_a_picture_does_not_hang_on_those_drawn_before():
    first = display.bundle(charts()["city_map"])["image/svg+xml"]
    display.bundle(plain())
    assert display.bundle(charts()["city_map"])["image/svg+xml"] == first


@every_figure
def test_a_bundle_is_the_same_in_a_fresh_process_on_another_machine(elsewhere, name):
    assert elsewhere[name] == digest(bundles()[name])


@every_figure
def test_a_bundle_has_no_clock_and_no_path_in_it(name):
    assert not re.search(r"\d{2}:\d{2}:\d{2}|/(?:home|work|tmp)/", repr(bundles()[name]))


def test_a_picture_can_be_drawn_as_png():
    assert display.to_png(plain()).startswith(b"\x89PNG\r\n")
