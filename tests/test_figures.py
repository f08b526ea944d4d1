"""The figures, as dicts and as drawn: titles, alt text, the one filter, and the numbers in them."""

import csv
import gzip
import hashlib
import json
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import vl_convert

from ascn_analysis import audit, figures, loaders, membership, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display, theme
from ascn_analysis.figures.maps import count_projects

YEARS = (2022, 2023, 2024, 2025)
AS_OF = {2022: "21 September 2022", 2023: "14 August 2023", 2024: "25 September 2024", 2025: "30 September 2025"}
SQUARES = [f"project_squares {year}" for year in YEARS]
FILTERABLE = [
    "city_map", *SQUARES, "membership_steps", "growth_steps", "growth_parts membership", "growth_parts completion",
    "focus_multiples", "status_bars", "status_groups country", "status_groups focus_area", "status_flows", "cohort_bars",
    "history_strips",
]  # fmt: skip
FIGURES = [*FILTERABLE, "stated_dots"]
CHOICES = [None, "IDN", "SGP", "THA"]  # Singapore is a country and a city; Thailand has cities that joined later
SCHEMA = Path(__file__).parent / "vega-lite-5.6.1.schema.json.gz"
SCHEMA_SHA256 = (
    "3e97a24f2d1d6e8351bb3b9da61a8bbb38e242221eaf8f931d92b4caad4d676f"  # of the file in npm's vega-lite 5.6.1
)

every_figure = pytest.mark.parametrize("name", FIGURES)
every_filterable = pytest.mark.parametrize("name", FILTERABLE)
every_choice = pytest.mark.parametrize("country", CHOICES)
every_year = pytest.mark.parametrize("year", YEARS)


@pytest.fixture(scope="module")
def maps(panel, cities):
    """Draw the map of a report."""
    boundaries = [loaders.load_topology(name) for name in ("asean", "insets")]
    return lambda report=None: figures.city_map(cities, panel, *boundaries, report)


@pytest.fixture(scope="module")
def specs(panel, cities, stated, maps):
    """Every figure of the notebooks as a dict."""
    as_of = panel["as_of"].max()
    parts, growth, shares = (
        metrics.by_selection(m, panel) for m in (metrics.growth_parts, metrics.growth, metrics.shares)
    )
    statuses, flows, cohorts = (
        metrics.by_selection(m, panel) for m in (metrics.status_counts, metrics.transitions, metrics.cohorts)
    )
    history = metrics.history(panel, loaders.load_project_links())
    steps = membership.steps(cities, loaders.load_membership(), stated, loaders.load_sources())
    charts = {
        "city_map": maps(),
        **{f"project_squares {year}": figures.project_squares(panel, year) for year in YEARS},
        "membership_steps": figures.membership_steps(steps),
        "growth_steps": figures.growth_steps(parts, growth, stated),
        "growth_parts membership": figures.growth_parts(parts, "membership", as_of),
        "growth_parts completion": figures.growth_parts(parts, "completion", as_of),
        "focus_multiples": figures.focus_multiples(shares, as_of),
        "stated_dots": figures.stated_dots(audit.compare_shares(panel, stated), as_of),
        "status_bars": figures.status_bars(statuses, as_of),
        **{f"status_groups {by}": figures.status_groups(panel, 2025, by) for by in ("country", "focus_area")},
        "status_flows": figures.status_flows(flows, as_of),
        "cohort_bars": figures.cohort_bars(cohorts, as_of),
        "history_strips": figures.history_strips(panel, history),
    }
    return {name: chart.to_dict() for name, chart in charts.items()}


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    return jsonschema.Draft7Validator(schema)


@cache
def printed():
    """Return the appendix rows by plain Python, each with the names of its city and country."""

    def read(name):
        with (loaders.DATA / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    homes = {row["city_id"]: row for row in read("cities.csv")}
    kept = {i: {"city": row["city"], "iso3": row["iso3"], "joined": row["joined_year"]} for i, row in homes.items()}
    return [{**row, **kept[row["city_id"]]} for row in read("project_reports.csv")]


def listed(year, country=None):
    """Return the appendix rows of a report, of one country or of all."""
    rows = [row for row in printed() if row["report_year"] == str(year)]
    return [row for row in rows if country in (None, row["iso3"])]


def nodes(value):
    """Yield every dict within a spec, data left out."""
    if isinstance(value, dict):
        yield value
        value = [inner for key, inner in value.items() if key != "datasets"]
    if isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def rows_of(spec, view):
    """Return the data of a view, which a layer in it may name."""
    return spec["datasets"][next(node["data"]["name"] for node in nodes(view) if "data" in node)]


def squares_of(spec):
    """Return the rows that are squares: all but those that name a country."""
    return [row for row in rows_of(spec, spec) if row["form"] != "header"]


def marks_of(spec):
    return {node["mark"]["type"] for node in nodes(spec) if isinstance(node.get("mark"), dict)}


def chosen(spec, country):
    """Return a spec with its drop-down replaced by a choice."""
    params = [{"name": "country", "value": country} if p["name"] == "country" else p for p in spec["params"]]
    return {**spec, "$schema": display.SCHEMA, "params": params}


@cache
def marks(spec):
    """Render a spec, written as JSON, and return (name of the layer, item) of each mark that shows data."""

    def walk(node, layer):
        for item in node.get("items", []):
            if "marktype" in item or node.get("marktype") == "group" or "marktype" not in node:
                yield from walk(item, item.get("name") if item.get("role") == "mark" else None)
            elif layer:
                yield layer, item

    scene = vl_convert.vegalite_to_scenegraph(json.loads(spec), vl_version=display.COMPILER)
    return list(walk(scene["scenegraph"], None))


def drawn(spec, country):
    """Return the marks of a spec for a choice."""
    return marks(json.dumps(chosen(spec, country)))


def texts(spec, country, layer):
    return [item.get("text", "") for name, item in drawn(spec, country) if name == layer]


def spoken(spec, country, layer, pattern):
    """Return what a pattern finds in the descriptions of a layer's marks."""
    found = [re.search(pattern, item["description"]) for name, item in drawn(spec, country) if name == layer]
    return [match.groups() for match in found if match]


def percent(n, total):
    """Return the nearest whole per cent, halves up."""
    return int(Fraction(100 * n, total) + Fraction(1, 2))


# Every figure


@every_figure
def test_a_figure_has_a_title(specs, name):
    assert specs[name]["title"]["text"].strip()


@every_figure
def test_the_alt_text_has_a_number(specs, name):
    assert re.search(r"\d", specs[name]["description"])


@every_figure
def test_the_alt_text_begins_with_the_title(specs, name):
    assert specs[name]["description"].startswith(specs[name]["title"]["text"])


@every_figure
def test_the_alt_text_has_no_missing_value(specs, name):
    assert not re.search(r"\b(nan|None|NaN|NA|null)\b", specs[name]["description"])


@every_figure
def test_a_line_under_the_title_names_the_source_and_its_date(specs, name):
    sources = [line for line in specs[name]["title"]["subtitle"][-2:] if line.startswith("Source:")]
    assert [bool(re.search(r"As of (\d+ \w+ |\w+ )20\d\d\.$", line)) for line in sources] == [True]


@every_figure
def test_jupyterlab_can_draw_a_figure(specs, validator, name):
    errors = [
        f"{list(error.absolute_path)}: {error.message[:200]}"
        for error in validator.iter_errors({**specs[name], "$schema": display.SCHEMA})
    ]
    assert errors == []


def test_the_schema_is_the_one_that_jupyterlab_brings():
    assert hashlib.sha256(gzip.decompress(SCHEMA.read_bytes())).hexdigest() == SCHEMA_SHA256


def test_the_schema_refuses_what_vega_lite_5_6_does_not_know(specs, validator):
    spec = specs["growth_parts completion"]
    assert not validator.is_valid({**spec, "layer": [{**spec["layer"][0], "mark": "pie"}]})


@every_figure
def test_no_figure_uses_pies_or_areas(specs, name):
    assert marks_of(specs[name]) <= {"geoshape", "point", "text", "line", "bar", "rect"}


@every_figure
def test_the_only_font_is_the_bundled_one(specs, name):
    fonts = {x for node in nodes(specs[name]) for key, x in node.items() if key.lower().endswith("font")}
    assert {font.removesuffix(", sans-serif") for font in fonts} == {"ASCN Sans"}


@every_figure
def test_no_width_hangs_on_the_page(specs, name):
    assert "container" not in [node.get("width") for node in nodes(specs[name])]


@every_figure
def test_a_figure_holds_no_data_that_it_does_not_draw(specs, name):
    used = {node["data"]["name"] for node in nodes(specs[name]) if "name" in node.get("data", {})}
    assert used == set(specs[name]["datasets"])


# The one filter


@every_filterable
def test_the_filter_is_one_parameter_named_country_with_all_at_first(specs, name):
    params = [(p["name"], p["value"]) for p in specs[name]["params"]]
    assert params == [("country", None), *([("search", "")] if name == "history_strips" else [])]


@every_filterable
def test_the_filter_is_a_variable_and_no_selection(specs, name):
    assert set(specs[name]["params"][0]) == {"name", "value", "bind"}


@every_filterable
def test_the_options_are_all_and_the_countries_in_order_of_their_asean_names(specs, name):
    by_name = sorted(v.COUNTRY_NAMES, key=lambda iso3: v.COUNTRY_NAMES[iso3])
    assert specs[name]["params"][0]["bind"]["options"] == [None, *by_name]


@every_filterable
def test_the_labels_of_the_options_are_asean_names_in_alphabetical_order(specs, name):
    first, *names = specs[name]["params"][0]["bind"]["labels"]
    assert (first, names) == ("All countries", sorted(v.COUNTRY_NAMES.values()))


@every_figure
def test_no_view_has_a_parameter_of_its_own(specs, name):
    assert [node for node in nodes(specs[name]) if "params" in node and node is not specs[name]] == []


def test_shares_as_printed_cannot_be_filtered(specs):
    assert "params" not in specs["stated_dots"]


@pytest.mark.parametrize(
    "name", [name for name in FILTERABLE if name.split()[0] not in ("city_map", "membership_steps", "status_groups")]
)
def test_a_country_without_projects_leaves_no_mark(specs, name):
    assert [item for _, item in drawn(specs[name], "TLS") if item.get("text") or item.get("fill")] == []


# One square is one project


@every_year
def test_a_square_for_each_project(specs, year):
    keys = ("project_printed", "city", "focus_area_id", "status")
    squares = Counter(tuple(row[key] for key in keys) for row in squares_of(specs[f"project_squares {year}"]))
    assert squares == Counter(tuple(row[key] for key in keys) for row in listed(year))


@every_year
def test_a_square_stands_in_the_column_of_its_focus_area(specs, year):
    areas = [area.id for area in v.FOCUS_AREAS]
    columns = [(row["focus_area_id"], areas[int(row["x"])]) for row in squares_of(specs[f"project_squares {year}"])]
    assert [pair for pair in columns if pair[0] != pair[1]] == []


@every_year
def test_no_square_covers_another(specs, year):
    places = Counter((row["row"], round(row["x"], 6)) for row in squares_of(specs[f"project_squares {year}"]))
    assert max(places.values()) == 1


@every_year
def test_squares_stand_apart_and_within_their_column(specs, year):
    spec = specs[f"project_squares {year}"]
    side = spec["mark"]["size"] ** 0.5 / (spec["width"] / 6)  # in columns
    last = max(row["x"] - int(row["x"]) for row in squares_of(spec))
    assert last + side / 2 <= 1


@every_year
@pytest.mark.parametrize("channel", ["fill", "stroke"])
def test_the_colours_of_the_squares_are_the_six_areas(specs, year, channel):
    scale = specs[f"project_squares {year}"]["encoding"][channel]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == v.FOCUS_AREA_COLOURS


@every_year
def test_a_square_links_to_its_page(specs, year):
    spec = specs[f"project_squares {year}"]
    assert spec["encoding"]["href"]["field"] == "url"
    assert all(row["url"].endswith(f".pdf#page={row['page']:.0f}") for row in squares_of(spec))


def test_squares_without_addresses_have_no_link(projects):
    assert "href" not in figures.project_squares(projects, 2025).to_dict()["encoding"]


@every_year
def test_rows_stand_by_country_and_city_in_alphabetical_order(specs, year):
    rows = [(row["country"], row["city"] or "") for row in rows_of(*[specs[f"project_squares {year}"]] * 2)]
    assert rows == sorted(rows)


@every_year
def test_each_country_is_named_once_above_its_cities(specs, year):
    rows = rows_of(*[specs[f"project_squares {year}"]] * 2)
    names = [row["row"] for row in rows if row["form"] == "header"]
    assert names == sorted({f"# {v.COUNTRY_NAMES[row['iso3']]}" for row in listed(year)})


@every_year
def test_the_words_on_the_squares_count_projects_and_cities(specs, year):
    said = f"{len(listed(year))} projects in {len({row['city_id'] for row in listed(year)})} cities"
    spec = specs[f"project_squares {year}"]
    assert said in spec["description"]


@every_year
def test_the_words_above_the_squares_hold_no_number_that_a_filter_would_make_wrong(specs, year):
    above = specs[f"project_squares {year}"]["title"]["subtitle"][0]
    assert not any(sign.isdigit() for sign in above)


@every_year
def test_the_alt_text_of_the_squares_counts_each_focus_area(specs, year):
    counts = Counter(row["focus_area_id"] for row in listed(year))
    said = [f"{area.name} {counts[area.id]}" for area in v.FOCUS_AREAS]
    spec = specs[f"project_squares {year}"]
    assert f"as of {AS_OF[year]}: {', '.join(said[:-1])} and {said[-1]}." in spec["description"]


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_the_alt_text_of_the_squares_counts_the_statuses(specs, panel, year):
    completed = int(((panel["report_year"] == year) & (panel["status"] == "completed")).sum())
    assert f"completed {completed}" in specs[f"project_squares {year}"]["description"]


def test_a_country_without_completed_projects_is_not_said_to_have_a_single_list(panel):
    chart = figures.project_squares(panel[panel["iso3"] == "PHL"], 2025)
    assert "single list" not in chart.to_dict()["description"]


def test_squares_of_a_city_with_many_projects_in_one_area_stay_in_its_column(panel):
    first = panel[panel["report_year"] == 2025].iloc[:1]
    crowd = first.loc[first.index.repeat(8)].assign(row_no=range(8))
    assert {int(row["x"]) for row in squares_of(figures.project_squares(crowd, 2025).to_dict())} == {0}


@every_choice
@every_year
def test_the_squares_of_a_choice_are_its_projects_by_focus_area(specs, year, country):
    fills = [item.get("fill") for name, item in drawn(specs[f"project_squares {year}"], country) if name == "marks"]
    expected = Counter(v.FOCUS_AREA_COLOURS[row["focus_area_id"]] for row in listed(year, country))
    assert Counter(fill for fill in fills if fill) == expected


@every_choice
def test_the_squares_of_a_choice_say_the_names_of_its_projects(specs, country):
    said = spoken(specs["project_squares 2025"], country, "marks", r"^(.+), (.+): .+, .+$")
    projects = Counter((row["project_printed"], row["city"]) for row in listed(2025, country))
    assert Counter(pair for pair in said if pair[1] != "null") == projects


@pytest.mark.parametrize("name", [*SQUARES, "city_map"])
def test_no_mark_speaks_of_null_or_with_a_number_sign(specs, name):
    said = [item.get("description", "") for _, item in drawn(specs[name], None)]
    assert [words for words in said if "null" in words or "# " in words] == []


def test_a_report_that_is_not_there_is_refused_with_those_that_are(panel):
    with pytest.raises(SelectionError, match=r"no project of report 2021; the frame holds \[2022, 2023, 2024, 2025\]"):
        figures.project_squares(panel, 2021)


# The map


def region(spec):
    return spec["vconcat"][0]["layer"][1]


def counts_of(spec):
    """Return the rows of the map's counts: all but those that name a country."""
    return [row for row in rows_of(spec, spec["vconcat"][2]) if not row["row"].startswith("# ")]


def test_the_map_has_a_dot_for_each_of_the_38_cities(specs, cities):
    dots = [row["city"] for row in rows_of(specs["city_map"], region(specs["city_map"]))]
    assert (len(dots), set(dots)) == (38, set(cities["city"]))


def test_a_dot_stands_where_its_city_lies(specs, cities):
    dots = {row["city"]: (row["lon"], row["lat"]) for row in rows_of(specs["city_map"], region(specs["city_map"]))}
    assert dots == {row.city: (row.lon, row.lat) for row in cities.itertuples()}


@every_figure
def test_no_mark_has_a_size_that_tells_a_number(specs, name):
    assert [node["encoding"]["size"] for node in nodes(specs[name]) if "size" in node.get("encoding", {})] == []


@pytest.mark.parametrize("country", [*CHOICES, "TLS"])
def test_the_map_draws_the_cities_of_a_choice_with_equal_dots(specs, cities, country):
    dots = [item["size"] for name, item in drawn(specs["city_map"], country) if name == "concat_0_layer_1_marks"]
    assert dots == [dots[0]] * sum(country in (None, iso3) for iso3 in cities["iso3"])


@pytest.mark.parametrize(("inset", "names"), [(0, {"Kuala Lumpur", "Putrajaya"}), (1, {"Johor Bahru", "Singapore"})])
def test_an_inset_holds_the_cities_of_its_title(specs, inset, names):
    view = specs["city_map"]["vconcat"][1]["hconcat"][inset]
    assert {row["city"] for row in rows_of(specs["city_map"], view["layer"][1])} == names
    assert all(name in view["title"]["text"] for name in names)


def test_the_boundary_line_stands_under_the_title_and_in_the_alt_text(specs):
    assert specs["city_map"]["title"]["subtitle"][-1] == theme.BOUNDARY_LINE
    assert theme.BOUNDARY_LINE in specs["city_map"]["description"]


def test_the_boundary_line_claims_nothing():
    assert all(words in theme.BOUNDARY_LINE for words in ("de facto", "orientation only", "no position on any claim"))


@every_year
def test_a_city_that_no_report_lists_yet_is_not_yet_a_member(panel, cities, year):
    noted = count_projects(cities, panel, year)
    known = {row["city_id"] for row in printed() if int(row["report_year"]) <= year}
    assert set(noted.loc[noted["note"] == "not yet a member", "city_id"]) == set(cities["city_id"]) - known


@every_year
def test_a_city_that_is_not_yet_a_member_has_no_number(maps, year):
    rows = counts_of(maps((year, f"{year}-09-30")).to_dict())
    assert {row["n"] for row in rows if row["note"] == "not yet a member"} == {None}


@every_year
def test_the_numbers_on_the_map_are_the_projects_of_the_report(maps, year):
    rows = counts_of(maps((year, f"{year}-09-30")).to_dict())
    assert {row["city"]: row["n"] for row in rows if row["n"] is not None} == Counter(r["city"] for r in listed(year))


def test_no_city_is_drawn_with_0_projects(specs):
    assert [row["row"] for row in counts_of(specs["city_map"]) if row["n"] == 0 or row["label"] == "0"] == []


@every_choice
def test_the_map_speaks_the_projects_of_each_city_of_a_choice(specs, country):
    said = dict(spoken(specs["city_map"], country, "concat_2_layer_0_marks", r"^([^#].*): (\d+)$"))
    assert said == {city: str(n) for city, n in Counter(row["city"] for row in listed(2025, country)).items()}


@every_choice
def test_the_map_writes_the_projects_of_each_city_of_a_choice(specs, country):
    written = [text for text in texts(specs["city_map"], country, "concat_2_layer_1_marks") if text]
    assert Counter(written) == Counter(str(n) for n in Counter(row["city"] for row in listed(2025, country)).values())


@pytest.mark.parametrize(("country", "waiting"), [(None, 3), ("IDN", 2), ("TLS", 1), ("THA", 0)])
def test_the_map_writes_not_yet_a_member_beside_cities_without_a_report(specs, country, waiting):
    notes = texts(specs["city_map"], country, "concat_2_layer_2_marks")
    assert [note for note in notes if note] == ["not yet a member"] * waiting


def test_no_city_that_is_not_yet_a_member_is_spoken_of_with_0(specs):
    said = [item.get("description", "") for _, item in drawn(specs["city_map"], "TLS")]
    assert [words for words in said if ": 0;" in words] == []


def test_the_alt_text_of_the_map_counts_the_cities_of_each_country(specs, cities):
    counts = Counter(v.COUNTRY_NAMES[iso3] for iso3 in cities["iso3"])
    assert all(
        f"{name} {counts[name]}" in specs["city_map"]["description"] for name in sorted(v.COUNTRY_NAMES.values())
    )


def test_the_alt_text_of_the_map_counts_the_cities_of_each_cohort(specs, cities):
    years = Counter(cities["joined_year"])
    said = (
        f"2018 pilot {years[2018]}, 2023 {years[2023]}, 2024 {years[2024]}, 2025 {years[2025]} and 2026 {years[2026]}."
    )
    assert f"By cohort: {said}" in specs["city_map"]["description"]


def test_the_alt_text_of_the_map_tells_the_spread_over_the_cities(specs):
    per_city = Counter(row["city"] for row in listed(2025)).values()
    said = f"In the 2025 report {len(per_city)} cities have {min(per_city)} to {max(per_city)} projects each."
    assert said in specs["city_map"]["description"]


def test_a_map_of_no_city_is_refused(panel, cities):
    with pytest.raises(SelectionError, match="expected at least one city"):
        figures.city_map(cities.iloc[:0], panel, {}, {})


def test_a_map_without_projects_needs_a_report(panel, cities):
    with pytest.raises(SelectionError, match="a project or a report"):
        figures.city_map(cities, panel.iloc[:0], {}, {})


# Member cities over time


def test_the_steps_of_membership_end_with_every_city_of_the_roster(specs, cities):
    assert f"{len(cities)} (January 2026)." in specs["membership_steps"]["description"]


@pytest.mark.parametrize("country", ["IDN", "SGP", "THA", "TLS"])
def test_the_steps_of_a_country_are_its_cities_by_year_of_joining(specs, cities, country):
    layers = ("layer_2_marks", "layer_3_marks")
    written = [text for layer in layers for text in texts(specs["membership_steps"], country, layer)]
    years = sorted(cities.loc[cities["iso3"] == country, "joined_year"])
    expected = sorted({sum(other <= year for other in years) for year in years})
    assert sorted(int(text.split(" · ")[0]) for text in written) == expected


def test_a_news_account_that_differs_is_kept_as_a_ring(specs):
    rows = rows_of(specs["membership_steps"], specs["membership_steps"])
    odd = {row["n"] for row in rows if row["kind"] == "news account"} - {26, 29, 31, 35, 37, 38}
    assert odd == {34}


# Growth


def names_of(*years):
    return [{row["project_id"] for row in listed(year)} for year in years]


def test_the_alt_text_of_growth_tells_the_totals_at_their_dates(specs):
    said = [f"{len(listed(year))} ({AS_OF[year]})" for year in YEARS]
    assert f"Totals {', '.join(said[:-1])} and {said[-1]}." in specs["growth_steps"]["description"]


def test_the_alt_text_of_growth_tells_how_many_came_and_left(specs):
    pairs = [names_of(early, late) for early, late in pairwise(YEARS)]
    came, left = sum(len(now - was) for was, now in pairs), sum(len(was - now) for was, now in pairs)
    assert f"{came} were newly listed and {left} no longer listed" in specs["growth_steps"]["description"]


@every_choice
def test_growth_writes_the_totals_of_a_choice(specs, country):
    written = texts(specs["growth_steps"], country, "layer_3_marks")
    assert written == [str(len(listed(year, country))) for year in YEARS]


@every_choice
def test_growth_draws_the_parts_of_a_choice(specs, panel, country):
    frame = panel if country is None else panel[panel["iso3"] == country]
    bars = spoken(specs["growth_steps"], country, "layer_1_marks", r"as_of: (\d+); projects: (\S+);")
    parts = metrics.growth_parts(frame)
    used = parts[(parts["split"] == "change") | (parts["part"] == "no_longer_listed")]
    assert Counter((int(y), int(n.replace("−", "-"))) for y, n in bars) == Counter(
        zip(used["report_year"], used["n"], strict=True)
    )


@every_choice
def test_the_bars_of_growth_add_up_to_the_totals_of_a_choice(specs, country):
    sums = Counter()
    for year, n in spoken(specs["growth_steps"], country, "layer_1_marks", r"as_of: (\d+); projects: (\d+);"):
        sums[int(year)] += int(n)
    assert sums == {year: len(listed(year, country)) for year in YEARS}


def test_figures_of_another_kind_are_shown_for_the_network_only(specs):
    assert sorted(texts(specs["growth_steps"], None, "layer_5_marks")) == [
        "53 planned (2018 plans)", "64 or 65 stated, no list",
    ]  # fmt: skip
    assert texts(specs["growth_steps"], "IDN", "layer_5_marks") == []


def test_growth_of_nothing_is_refused(panel, stated):
    nothing = [metrics.by_selection(m, panel.iloc[:0]) for m in (metrics.growth_parts, metrics.growth)]
    with pytest.raises(SelectionError, match="no projects in the frame"):
        figures.growth_steps(*nothing, stated)


def test_growth_can_be_drawn_without_figures_of_another_kind(panel, stated):
    parts, growth = (metrics.by_selection(m, panel) for m in (metrics.growth_parts, metrics.growth))
    chart = figures.growth_steps(parts, growth, stated[stated["measure"] == "member_cities"])
    assert "134 (30 September 2025)" in chart.to_dict()["description"]


SPLITS = {
    "membership": lambda row: "pilot" if row["joined"] == "2018" else "later",
    "completion": lambda row: row["list"],
}


@pytest.mark.parametrize("split", SPLITS)
@every_choice
def test_a_split_draws_the_projects_of_a_choice(specs, split, country):
    bars = spoken(specs[f"growth_parts {split}"], country, "layer_0_marks", r"report: (\d+); projects: (\d+);")
    counts = Counter((year, SPLITS[split](row)) for year in YEARS for row in listed(year, country))
    assert Counter((int(y), int(n)) for y, n in bars) == Counter((year, n) for (year, _), n in counts.items())


@pytest.mark.parametrize("split", SPLITS)
@every_choice
def test_a_split_writes_the_numbers_of_parts_that_have_room(specs, split, country):
    written = texts(specs[f"growth_parts {split}"], country, "layer_1_marks")
    counts = Counter((year, SPLITS[split](row)) for year in YEARS for row in listed(year, country))
    assert Counter(text for text in written if text) == Counter(str(n) for n in counts.values() if n >= 6)


@pytest.mark.parametrize("split", SPLITS)
def test_the_alt_text_of_a_split_holds_each_number(specs, split):
    counts = Counter((year, SPLITS[split](row)) for year in YEARS for row in listed(year))
    said = dict(re.findall(r"(20\d\d): ([^;]+?)[;.]", specs[f"growth_parts {split}"]["description"]))
    assert all(re.search(rf"\b{n}\b", said[str(year)]) for (year, _), n in counts.items())


def test_a_split_that_is_not_there_is_refused_with_those_that_are(panel):
    with pytest.raises(SelectionError, match=r"no split 'size'; the frame holds .*balance.*membership"):
        figures.growth_parts(metrics.by_selection(metrics.growth_parts, panel), "size", "2025-09-30")


# Focus areas


def test_there_is_a_panel_for_each_focus_area_in_its_colour(specs):
    panels = [(panel["title"]["text"], panel["title"]["color"]) for panel in specs["focus_multiples"]["concat"]]
    assert panels == [(area.name, area.colour) for area in v.FOCUS_AREAS]


def test_the_lines_and_points_of_a_panel_have_its_colour(specs):
    layers = [[layer["mark"]["color"] for layer in panel["layer"][:2]] for panel in specs["focus_multiples"]["concat"]]
    assert layers == [[area.colour] * 2 for area in v.FOCUS_AREAS]


def test_the_six_panels_share_one_scale(specs):
    assert specs["focus_multiples"]["resolve"] == {"scale": {"y": "shared"}}


@every_choice
@pytest.mark.parametrize("area", v.FOCUS_AREAS, ids=lambda area: area.id)
def test_a_panel_writes_the_projects_of_a_choice(specs, area, country):
    written = texts(specs["focus_multiples"], country, f"concat_{v.FOCUS_AREAS.index(area)}_layer_2_marks")
    counts = [sum(row["focus_area_id"] == area.id for row in listed(year, country)) for year in YEARS]
    assert written == [str(n) for n in counts]


def test_a_panel_writes_the_nearest_whole_per_cent(specs):
    rows = specs["focus_multiples"]["datasets"]["rows"]
    shown = {(r["focus_area_id"], r["report_year"]): r["label"] for r in rows if r["selection"] == "all"}
    counts = Counter((row["focus_area_id"], int(row["report_year"])) for row in printed())
    nearest = {(area, year): f"{percent(n, len(listed(year)))} %" for (area, year), n in counts.items()}
    assert shown == nearest


def test_each_panel_draws_the_rows_of_its_own_area(specs):
    filters = [
        [{step["filter"] for step in layer["transform"] if "filter" in step} for layer in panel["layer"]]
        for panel in specs["focus_multiples"]["concat"]
    ]
    own = [{f"datum.focus_area_id === '{area.id}'", theme.PICKED} for area in v.FOCUS_AREAS]
    assert filters == [[area] * 5 for area in own]


def test_the_alt_text_of_the_panels_tells_the_first_and_last_number(specs):
    counts = Counter((row["focus_area_id"], row["report_year"]) for row in printed())
    said = [
        f"{area.name} {counts[area.id, '2022']} ({percent(counts[area.id, '2022'], 77)} %) "
        f"to {counts[area.id, '2025']} ({percent(counts[area.id, '2025'], 134)} %)"
        for area in v.FOCUS_AREAS
    ]
    assert f"2022 to 2025. {'; '.join(said)}." in specs["focus_multiples"]["description"]


def test_panels_of_nothing_are_refused(panel):
    with pytest.raises(SelectionError, match="no projects in the frame"):
        figures.focus_multiples(metrics.by_selection(metrics.shares, panel.iloc[:0]), "2025-09-30")


# As printed and by the rows


def shares_as_printed(stated):
    """Return {(year, area): (share of the rows as a fraction of 100, share as printed)}."""
    said = stated[stated["measure"] == "focus_area_share"]
    values = {(int(row.as_of[:4]), row.breakdown): int(row.value) for row in said.itertuples()}
    counts = Counter((int(row["report_year"]), row["focus_area_id"]) for row in printed())
    return {key: (Fraction(100 * counts[key], len(listed(key[0]))), value) for key, value in values.items()}


def test_the_alt_text_counts_the_shares_that_differ(specs, stated):
    pairs = shares_as_printed(stated).values()
    differing = sum(int(rows + Fraction(1, 2)) != value for rows, value in pairs)
    assert f" {differing} of {len(pairs)} pairs differ:" in specs["stated_dots"]["description"]


def test_shares_that_differ_are_labelled_with_both_numbers(specs, stated):
    panels = range(len(specs["stated_dots"]["concat"]))
    written = [
        text
        for i in panels
        for text in texts({**specs["stated_dots"], "params": []}, None, f"concat_{i}_layer_2_marks")
    ]
    pairs = shares_as_printed(stated).values()
    expected = [f"{float(rows):.1f}, printed {value}" for rows, value in pairs if int(rows + Fraction(1, 2)) != value]
    assert sorted(text for text in written if text) == sorted(expected)


def test_each_share_as_printed_has_its_ring(specs, stated):
    rows = [row for panel in specs["stated_dots"]["concat"] for row in rows_of(specs["stated_dots"], panel)]
    expected = Counter(value for _, value in shares_as_printed(stated).values())
    assert Counter(row["stated_percent"] for row in rows) == expected


# Colours

SIGHT = {  # Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]


def linear(colour):
    """Return the linear RGB of a colour written as #RRGGBB."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def cielab(rgb):
    xyz = np.array(TO_XYZ) @ rgb / (0.95047, 1, 1.08883)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("area", v.FOCUS_AREAS, ids=lambda area: area.id)
def test_the_colour_of_a_focus_area_stands_out_on_white(area):
    luminance = linear(area.colour) @ TO_XYZ[1]
    assert 1.05 / (luminance + 0.05) >= 3


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("pair", list(combinations(v.FOCUS_AREAS, 2)), ids=lambda pair: f"{pair[0].id}, {pair[1].id}")
def test_two_focus_areas_are_told_apart(sight, pair):
    one, other = (cielab(np.clip(SIGHT[sight] @ linear(area.colour), 0, 1)) for area in pair)
    assert np.linalg.norm(one - other) >= 25
