"""The figures of plans and delivery, as dicts and as drawn: the numbers and forms in them, the one filter, the links."""

import csv
import gzip
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import vl_convert

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display

YEARS = (2022, 2023, 2024, 2025)
NAMES = [f"plan_matrix {year}" for year in YEARS] + ["choice_bars", "target_squares"]
CHOICES = [None, "IDN", "SGP", "VNM"]
NO_PLAN = "No city of this country had an action plan in 2018."
SCHEMA = Path(__file__).parent / "vega-lite-5.6.1.schema.json.gz"

every_figure = pytest.mark.parametrize("name", NAMES)
every_choice = pytest.mark.parametrize("country", CHOICES)
every_year = pytest.mark.parametrize("year", YEARS)


@pytest.fixture(scope="module")
def names(cities):
    return cities[["city_id", "city", "country", "iso3"]]


@pytest.fixture(scope="module")
def cells(panel, names):
    areas, plans = loaders.load_action_plan_focus_areas(), loaders.load_action_plan_projects()
    return metrics.chosen_and_listed(areas, panel, plans).merge(names)


@pytest.fixture(scope="module")
def sources():
    return loaders.load_sources()


@pytest.fixture(scope="module")
def specs(cells, names, sources, panel):
    as_of = panel["as_of"].max()
    listed = metrics.by_selection(metrics.listed_by_choice, cells)
    charts = {
        **{f"plan_matrix {year}": figures.plan_matrix(cells, sources, year) for year in YEARS},
        "choice_bars": figures.choice_bars(listed, as_of),
        "target_squares": figures.target_squares(loaders.load_action_plan_targets().merge(names), sources, as_of),
    }
    return {name: chart.to_dict() for name, chart in charts.items()}


@cache
def table(name):
    """Return a table of the record by plain Python, each row of a city with its state."""
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{**row, "iso3": row.get("iso3") or homes().get(row.get("city_id"))} for row in rows]


@cache
def homes():
    with (loaders.DATA / "cities.csv").open(encoding="utf-8", newline="") as file:
        return {row["city_id"]: row["iso3"] for row in csv.DictReader(file)}


def chosen(country=None):
    """Return {(city, area): match} of the plans: an official label wins."""
    labels = [r for r in table("action_plan_focus_areas") if r["focus_area"] and country in (None, r["iso3"])]
    pairs = sorted((row["match"], row["city_id"], row["focus_area"]) for row in labels)
    return {(city, area): match for match, city, area in pairs}


def listed(year, country=None):
    """Return Counter of (city, area) of the projects that a report lists for the pilot cities."""
    pilots = {row["city_id"] for row in table("action_plan_cities")}
    rows = [r for r in table("project_reports") if r["report_year"] == str(year) and r["city_id"] in pilots]
    return Counter((r["city_id"], r["focus_area_id"]) for r in rows if country in (None, r["iso3"]))


def nodes(value):
    """Yield every dict within a spec, data left out."""
    if isinstance(value, dict):
        yield value
        value = [inner for key, inner in value.items() if key != "datasets"]
    if isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def with_choice(spec, country):
    return {**spec, "$schema": display.SCHEMA, "params": [{"name": "country", "value": country}]}


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


def drawn(spec, country, layer):
    return [item for name, item in marks(json.dumps(with_choice(spec, country))) if name == layer]


def links(spec):
    """Return (address, alt text) of each mark that is a link, as drawn."""
    return re.findall(r'<a xlink:href="([^"]*)"[^>]*><path aria-label="([^"]*)"', display.to_svg(spec))


def everything(spec, country):
    """Return every mark that can be seen or read."""
    items = [item for _, item in marks(json.dumps(with_choice(spec, country)))]
    return [item for item in items if item.get("text") or item.get("fill") or item.get("stroke")]


# Every figure


@every_figure
def test_the_alt_text_begins_with_the_title_and_has_numbers(specs, name):
    description = specs[name]["description"]
    assert description.startswith(specs[name]["title"]["text"])
    assert re.search(r"\d", description.removeprefix(specs[name]["title"]["text"]))


@every_figure
def test_the_alt_text_has_no_missing_value(specs, name):
    assert not re.search(r"\b(nan|None|NaN|NA|null)\b", specs[name]["description"])


@every_figure
def test_the_last_line_under_the_title_names_the_source_and_its_date(specs, name):
    assert re.search(r"^Source: .*As of \d+ \w+ 20\d\d\.$", specs[name]["title"]["subtitle"][-1])


@every_figure
def test_jupyterlab_can_draw_a_figure(specs, name):
    schema = jsonschema.Draft7Validator(json.loads(gzip.decompress(SCHEMA.read_bytes())))
    assert [error.message[:200] for error in schema.iter_errors({**specs[name], "$schema": display.SCHEMA})] == []


@every_figure
def test_the_filter_is_one_parameter_named_country_with_all_at_first(specs, name):
    assert [(p["name"], p["value"]) for p in specs[name]["params"]] == [("country", None)]


@every_figure
def test_no_view_has_a_parameter_of_its_own(specs, name):
    assert [node for node in nodes(specs[name]) if "params" in node and node is not specs[name]] == []


@every_figure
def test_a_country_without_a_plan_says_so_and_draws_nothing(specs, name):
    assert [item["text"] for item in everything(specs[name], "TLS")] == [NO_PLAN]


@every_figure
@every_choice
def test_a_country_with_a_plan_does_not_say_that_it_has_none(specs, name, country):
    assert NO_PLAN not in [item.get("text") for item in everything(specs[name], country)]


@every_figure
def test_a_figure_holds_no_column_that_it_does_not_use(specs, name):
    words = json.dumps({key: value for key, value in specs[name].items() if key != "datasets"})
    columns = {column for rows in specs[name]["datasets"].values() for column in rows[0]}
    assert {column for column in columns if not re.search(rf"\b{column}\b", words)} == set()


@every_figure
def test_every_mark_is_spoken_or_left_out_for_readers_of_the_screen(specs, name):
    drawing = [node["mark"] for node in nodes(specs[name]) if isinstance(node.get("mark"), dict)]
    assert [mark for mark in drawing if "description" not in mark and mark.get("aria") is not False] == []


# Rings and dots


def cells_spoken(items, pattern):
    """Return (city, area, what the pattern finds) of the descriptions of marks."""
    found = [
        re.fullmatch(rf"(.+?), ({'|'.join(v.FOCUS_AREA_NAMES.values())}): {pattern}", i["description"]) for i in items
    ]
    return [match.groups() for match in found if match]


@pytest.fixture(scope="module")
def ids(cities):
    areas = {name: key for key, name in v.FOCUS_AREA_NAMES.items()}
    cities_by_name = dict(zip(cities["city"], cities["city_id"], strict=True))
    return lambda city, area: (cities_by_name[city], areas[area])


@every_choice
@pytest.mark.parametrize(
    ("match", "words"),
    [("official", "chosen, label is one of the six names"), ("judged", "chosen, match of the label is judged")],
)
def test_each_choice_has_its_ring(specs, ids, country, match, words):
    rings = cells_spoken(drawn(specs["plan_matrix 2025"], country, "layer_0_marks"), rf"{words}, plans page \d+")
    assert sorted(ids(*ring) for ring in rings) == sorted(key for key, m in chosen(country).items() if m == match)


def test_official_and_judged_rings_differ_in_fill_and_dash(specs):
    rings = drawn(specs["plan_matrix 2025"], None, "layer_0_marks")
    looks = {
        match: {(ring["fill"], tuple(ring["strokeDash"])) for ring in rings if words in ring["description"]}
        for match, words in {"official": "one of the six", "judged": "is judged"}.items()
    }
    assert [len(look) for look in looks.values()] == [1, 1]
    assert all(a != b for a, b in zip(*[next(iter(look)) for look in looks.values()], strict=True))


@every_year
@every_choice
def test_a_dot_stands_where_the_report_lists_a_project(specs, ids, year, country):
    dots = cells_spoken(drawn(specs[f"plan_matrix {year}"], country, "layer_1_marks"), r"(\d+) listed, report page \d+")
    assert {ids(city, area): int(n) for city, area, n in dots} == listed(year, country)


def test_a_dot_stands_in_the_middle_of_its_ring(specs):
    places = [
        {
            (item["description"].split(":")[0]): (item["x"], item["y"])
            for item in drawn(specs["plan_matrix 2025"], None, layer)
        }
        for layer in ("layer_0_marks", "layer_1_marks")
    ]
    assert all(places[0][cell] == place for cell, place in places[1].items())


def test_rows_stand_by_country_and_city_in_alphabetical_order(specs, cities):
    pilots = cities[cities["joined_year"] == 2018].sort_values(["country", "city"])
    expected = []
    for country, rows in pilots.groupby("country"):
        expected += [country, *rows["city"]]
    heights = {}
    for item in drawn(specs["plan_matrix 2025"], None, "layer_0_marks"):
        areas = "|".join(v.FOCUS_AREA_NAMES.values())
        label = re.sub(rf", ({areas}):.*$", "", item["description"])
        heights.setdefault(item["y"], label)
    assert [heights[y] for y in sorted(heights)] == expected


def test_columns_stand_in_the_order_of_the_framework(specs):
    places = {}
    for item in drawn(specs["plan_matrix 2025"], None, "layer_0_marks"):
        if ": " in item["description"]:
            places[item["x"]] = item["description"].split(":")[0].split(", ", 1)[1]
    assert [places[x] for x in sorted(places)] == list(v.FOCUS_AREA_NAMES.values())


@pytest.mark.parametrize(("words", "source"), [("plans", "scaps-2018"), ("report", "me-2024")])
def test_marks_lead_to_the_page_that_they_speak_of(specs, sources, words, source):
    address = sources.set_index("source_id").loc[source, "url"]
    paged = [(link, re.search(rf"{words} page (\d+)$", spoken)) for link, spoken in links(specs["plan_matrix 2024"])]
    pairs = [(link, f"{address}#page={page.group(1)}") for link, page in paged if page]
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert len(pairs) == len(chosen() if words == "plans" else listed(2024))


def test_only_rings_and_dots_are_links(specs):
    assert len(links(specs["plan_matrix 2024"])) == len(chosen()) + len(listed(2024))


@every_year
def test_the_alt_text_of_the_matrix_counts_the_cases(specs, year):
    rings, dots = set(chosen()), set(listed(year))
    counts = {
        "chosen, listed": len(rings & dots), "chosen, none listed": len(rings - dots),
        "not chosen, listed": len(dots - rings), "not chosen, none listed": 26 * 6 - len(rings | dots),
    }  # fmt: skip
    assert all(f"{case} {n}" in specs[f"plan_matrix {year}"]["description"] for case, n in counts.items())


@every_year
def test_the_alt_text_of_the_matrix_counts_judged_choices_and_projects(specs, year):
    judged = Counter(chosen().values())["judged"]
    assert f"{judged} of the choices are judged" in specs[f"plan_matrix {year}"]["description"]
    assert f"{listed(year).total()} projects are listed" in specs[f"plan_matrix {year}"]["description"]


def test_the_matrix_is_of_the_latest_report_unless_told(cells, sources, specs):
    assert figures.plan_matrix(cells, sources).to_dict()["title"] == specs["plan_matrix 2025"]["title"]


def test_a_matrix_of_an_unknown_report_is_refused_with_those_that_are_there(cells, sources):
    with pytest.raises(SelectionError, match=r"no cell of report 2019; the frame holds \[2022, 2023, 2024, 2025\]"):
        figures.plan_matrix(cells, sources, 2019)


def test_a_matrix_of_nothing_is_refused(cells, sources):
    with pytest.raises(SelectionError, match="no cell of report"):
        figures.plan_matrix(cells.iloc[:0], sources)


# Chosen and not chosen

CHOICE_NAMES = ["official", "judged", "not chosen"]


def sides(year, country=None):
    """Return {choice: (areas with a project, areas)} by plain Python."""
    cities = {row["city_id"] for row in table("action_plan_cities") if country in (None, row["iso3"])}
    rings, dots = chosen(country), set(listed(year, country))
    groups = {choice: {key for key, match in rings.items() if match == choice} for choice in CHOICE_NAMES[:2]}
    groups["not chosen"] = {(city, area) for city in cities for area in v.FOCUS_AREA_NAMES} - set(rings)
    return {choice: (len(group & dots), len(group)) for choice, group in groups.items()}


def texts(spec, country, prefix):
    found = [(name, item) for name, item in marks(json.dumps(with_choice(spec, country))) if item.get("text")]
    return [item["text"] for name, item in found if name.startswith(prefix)]


@every_choice
@pytest.mark.parametrize("choice", CHOICE_NAMES)
def test_a_bar_ends_with_the_areas_that_have_a_project_of_all(specs, country, choice):
    i = CHOICE_NAMES.index(choice)
    written = [text for text in texts(specs["choice_bars"], country, f"concat_{i}_") if not text.isdigit()]
    pairs = [sides(year, country)[choice] for year in YEARS]
    assert written == [f"{part} of {whole}" if whole else "no such area" for part, whole in pairs]


@every_choice
@pytest.mark.parametrize("choice", CHOICE_NAMES)
def test_the_parts_of_a_bar_add_up_to_its_areas(specs, country, choice):
    i, sums = CHOICE_NAMES.index(choice), Counter()
    for name, item in marks(json.dumps(with_choice(specs["choice_bars"], country))):
        found = re.fullmatch(r"(\d+), areas .*: (\d+)", item.get("description", ""))
        if name.startswith(f"concat_{i}_") and found:
            sums[int(found.group(1))] += int(found.group(2))
    assert [sums[year] for year in YEARS] == [sides(year, country)[choice][1] for year in YEARS]


def test_the_alt_text_of_the_bars_holds_the_numbers_of_each_report(specs):
    said = [f"{part} of {whole} in {year}" for year in YEARS for part, whole in sides(year).values()]
    assert [words for words in said if words not in specs["choice_bars"]["description"]] == []


def test_bars_of_nothing_are_refused(cells):
    with pytest.raises(SelectionError, match="no cells"):
        figures.choice_bars(metrics.by_selection(metrics.listed_by_choice, cells.iloc[:0]), "2025-09-30")


# Targets


def targets(country=None):
    return [row for row in table("action_plan_targets") if country in (None, row["iso3"])]


@every_choice
def test_each_target_has_its_square(specs, country):
    squares = drawn(specs["target_squares"], country, "layer_0_marks")
    told = Counter(
        re.search(r", (.+), (with a quantity to reach|without)$", i["description"]).group(2) for i in squares
    )
    counts = Counter(row["has_number"] for row in targets(country))
    assert told == +Counter({"with a quantity to reach": counts["true"], "without": counts["false"]})


@every_choice
def test_squares_of_a_year_stand_side_by_side_from_the_left(specs, country):
    rows = {}
    for item in drawn(specs["target_squares"], country, "layer_0_marks"):
        rows.setdefault(item["y"], []).append(item["x"])
    steps = {round(b - a, 6) for xs in rows.values() for a, b in zip(sorted(xs), sorted(xs)[1:], strict=False)}
    assert len(steps) == 1
    assert len({min(xs) for xs in rows.values()}) == 1


@every_choice
def test_the_number_of_targets_of_a_year_is_written_beside_them(specs, country):
    written = [item["text"] for item in drawn(specs["target_squares"], country, "layer_1_marks")]
    expected = Counter(row["deadline_year"] for row in targets(country)).values()
    assert Counter(map(int, written)) == Counter(expected)


def test_the_alt_text_of_the_targets_counts_each_year(specs):
    said = dict(re.findall(r"(20\d\d), [a-z ]+: (\d+)", specs["target_squares"]["description"]))
    counts = Counter(row["deadline_year"] for row in targets())
    assert {year: int(n) for year, n in said.items()} == {year: n for year, n in counts.items() if year}
    assert f"no year named: {counts['']}" in specs["target_squares"]["description"]


def test_the_year_of_the_latest_report_has_not_passed(specs):
    assert "2025, runs to its end" in specs["target_squares"]["description"]


def test_squares_lead_to_their_page_of_the_plans(specs, sources):
    address = sources.set_index("source_id").loc["scaps-2018", "url"]
    found = Counter(link for link, _ in links(specs["target_squares"]))
    assert found == Counter(f"{address}#page={row['page']}" for row in targets())


def test_squares_of_nothing_are_refused(names, sources):
    nothing = loaders.load_action_plan_targets().merge(names).iloc[:0]
    with pytest.raises(SelectionError, match="no targets"):
        figures.target_squares(nothing, sources, "2025-09-30")
