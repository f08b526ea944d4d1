"""The figures of what surrounds the projects: titles, alt text, filters, and nothing drawn that is not in the record."""

import csv
import gzip
import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import vl_convert

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display

FILTERABLE = ["framework_diagram", "challenge_matrix", "challenge_list", "urban_multiples", "city_populations"]
FIGURES = [*FILTERABLE, "event_timeline"]
CHOICES = [None, "IDN", "SGP", "TLS"]  # Singapore is a country and a city; Timor-Leste has no project and no challenge
SCHEMA = Path(__file__).parent / "vega-lite-5.6.1.schema.json.gz"

every_figure = pytest.mark.parametrize("name", FIGURES)
every_filterable = pytest.mark.parametrize("name", FILTERABLE)
every_choice = pytest.mark.parametrize("country", CHOICES)


@pytest.fixture(scope="module")
def sources():
    return loaders.load_sources()


@pytest.fixture(scope="module")
def challenges():
    return loaders.load_challenges()


@pytest.fixture(scope="module")
def specs(panel, cities, sources, challenges):
    """Every figure of the notebook as a dict."""
    as_of = panel["as_of"].max()
    counts = metrics.challenge_counts(challenges, ["city_id", "kind", "about"])
    charts = {
        "framework_diagram": figures.framework_diagram(
            loaders.load_framework(), metrics.by_selection(metrics.shares, panel), as_of
        ),
        "event_timeline": figures.event_timeline(loaders.load_events(), sources, "2026-01"),
        "challenge_matrix": figures.challenge_matrix(counts, cities, as_of),
        "challenge_list": figures.challenge_list(metrics.challenge_catalogue(challenges, cities, sources), as_of),
        "urban_multiples": figures.urban_multiples(loaders.load_urbanisation(), 2018, "2025-07-01"),
        "city_populations": figures.city_populations(cities, "2026-01"),
    }
    return {name: chart.to_dict() for name, chart in charts.items()}


@cache
def read(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def homes():
    """City id to the row of cities.csv."""
    return {row["city_id"]: row for row in read("cities")}


def named(country):
    """Return the challenges of a country, or all, by plain Python."""
    return [row for row in read("challenges") if not country or homes().get(row["city_id"], {}).get("iso3") == country]


def nodes(value):
    if isinstance(value, dict):
        yield value
        value = [inner for key, inner in value.items() if key != "datasets"]
    if isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@cache
def rendered(spec):
    return vl_convert.vegalite_to_scenegraph(json.loads(spec), vl_version=display.COMPILER)["scenegraph"]


def set_params(spec, chosen):
    """Return a spec with its parameters set instead of bound."""
    params = [{"name": p["name"], "value": chosen.get(p["name"], p["value"])} for p in spec.get("params", [])]
    return {**spec, "$schema": display.SCHEMA, **({"params": params} if params else {})}


def drawn(spec, **chosen):
    """Return the marks that show data, with the parameters set."""

    def walk(node, inside):
        for item in node.get("items", []):
            if "marktype" in item or node.get("marktype") == "group" or "marktype" not in node:
                yield from walk(item, item.get("role") == "mark" if "marktype" in item else inside)
            elif inside:
                yield item

    return list(walk(rendered(json.dumps(set_params(spec, chosen))), False))


def texts(spec, **chosen):
    found = [item["text"] for item in drawn(spec, **chosen) if item.get("text")]
    return [str(text).replace("\n", " ") for text in found]


def links(spec, **chosen):
    """Return the addresses that the marks lead to."""
    svg = display.to_svg(set_params(spec, chosen))
    return {address.replace("&amp;", "&") for address in re.findall(r'xlink:href="([^"]+)"', svg)}


def spoken(spec, **chosen):
    return [item["description"] for item in drawn(spec, **chosen) if item.get("description")]


# Every figure


@every_figure
def test_the_alt_text_begins_with_the_title_and_has_numbers(specs, name):
    spec = specs[name]
    assert spec["description"].startswith(spec["title"]["text"])
    assert re.search(r"\d", spec["description"])


@every_figure
def test_the_alt_text_has_no_missing_value(specs, name):
    assert not re.search(r"\b(nan|None|NaN|NA|null)\b|<NA>", specs[name]["description"])


@every_figure
def test_the_last_line_under_the_title_names_the_source_and_its_date(specs, name):
    assert re.fullmatch(r"Source: .+\. As of (\d+ )?\w+ 20\d\d\.", specs[name]["title"]["subtitle"][-1])


@every_figure
def test_jupyterlab_can_draw_a_figure(specs, name):
    schema = jsonschema.Draft7Validator(json.loads(gzip.decompress(SCHEMA.read_bytes())))
    found = [error.message[:200] for error in schema.iter_errors({**specs[name], "$schema": display.SCHEMA})]
    assert found == []


@every_figure
def test_a_figure_holds_no_data_that_it_does_not_draw(specs, name):
    used = {node["data"]["name"] for node in nodes(specs[name]) if "name" in node.get("data", {})}
    assert used == set(specs[name]["datasets"])


@every_figure
def test_no_mark_speaks_of_null(specs, name):
    assert [words for words in spoken(specs[name]) if "null" in words or "undefined" in words] == []


@every_figure
def test_every_text_is_spoken_for_or_out_of_the_way(specs, name):
    marks = [node["mark"] for node in nodes(specs[name]) if isinstance(node.get("mark"), dict)]
    assert [m for m in marks if m["type"] == "text" and m.get("aria") is not False and "description" not in m] == []


@every_filterable
def test_the_country_is_a_parameter_with_all_at_first(specs, name):
    assert [p["value"] for p in specs[name]["params"] if p["name"] == "country"] == [None]


@every_filterable
def test_a_country_without_projects_and_challenges_does_not_break_a_figure(specs, name):
    assert drawn(specs[name], country="TLS")


def test_events_have_no_country_to_choose(specs):
    assert "params" not in specs["event_timeline"]


# The framework


def test_every_element_of_the_framework_stands_in_a_box(specs):
    elements = {row["element"] for row in read("framework")}
    assert elements <= set(texts(specs["framework_diagram"])) & set(spoken(specs["framework_diagram"]))


def test_the_boxes_of_a_level_stand_side_by_side_within_the_width(specs):
    boxes = [row for rows in specs["framework_diagram"]["datasets"].values() for row in rows if "left" in row]
    assert (min(row["left"] for row in boxes), max(row["right"] for row in boxes)) == (0, 560)
    beside = [(a, b) for a in boxes for b in boxes if a["top"] == b["top"] and a["left"] < b["left"]]
    assert [pair for pair in beside if pair[0]["right"] >= pair[1]["left"]] == []


@every_choice
def test_the_areas_hold_the_projects_of_the_latest_report(specs, country):
    latest = [row for row in read("panel") if row["report_year"] == "2025" and country in (None, row["iso3"])]
    counts = Counter(row["focus_area_id"] for row in latest)
    numbers = [text for text in texts(specs["framework_diagram"], country=country) if text.isdigit()]
    assert numbers == [str(counts[area]) for area in v.FOCUS_AREA_NAMES if latest]


def test_a_country_without_projects_has_none_listed_and_no_0(specs):
    written = texts(specs["framework_diagram"], country="TLS")
    assert (written.count("none listed"), written.count("0")) == (6, 0)


def test_the_alt_text_of_the_framework_counts_the_projects_of_each_area(specs):
    counts = Counter(row["focus_area_id"] for row in read("panel") if row["report_year"] == "2025")
    assert all(f"{area.name} {counts[area.id]}" in specs["framework_diagram"]["description"] for area in v.FOCUS_AREAS)


# The timeline


def timeline_rows(spec):
    (rows,) = spec["datasets"].values()
    return rows


def test_the_timeline_has_every_event_once(specs):
    assert Counter(row["event"] for row in timeline_rows(specs["event_timeline"])) == Counter(
        row["event"] for row in read("events")
    )


def test_every_event_is_written_in_full(specs):
    assert {row["event"] for row in read("events")} <= set(texts(specs["event_timeline"]))


def test_events_stand_in_order_of_date(specs):
    rows = timeline_rows(specs["event_timeline"])
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)


def test_no_line_of_the_timeline_covers_another(specs):
    rows = timeline_rows(specs["event_timeline"])
    below = [late["y"] - early["y"] - 14 * (early["label"].count("\n") + 1) for early, late in pairwise(rows)]
    assert min(below) >= 0


def test_dates_known_to_the_day_are_filled_and_the_others_are_rings(specs):
    known = {row["event"]: len(row["date"]) == 10 for row in read("events")}
    fills = [
        (item["description"].split(": ", 1)[1], item["fill"] != "white")
        for item in drawn(specs["event_timeline"])
        if item.get("description")
    ]
    assert dict(fills) == known


def test_a_date_known_to_the_year_stands_in_its_middle(sources):
    event = pd.DataFrame([{"date": "2025", "kind": "document", "event": "x", "source_id": "me-2025"}])
    (row,) = timeline_rows(figures.event_timeline(event, sources, "2026-01").to_dict())
    assert (row["day"], row["precise"], row["when"]) == ("2025-07-02", False, "2025")


def test_an_event_links_to_the_page_that_tells_it(specs):
    found = {row["event"]: row["url"] for row in timeline_rows(specs["event_timeline"])}
    addresses = {row["source_id"]: row["url"] for row in read("sources")}
    assert found == {
        row["event"]: addresses[row["source_id"]] + (f"#page={row['page']}" if row["page"] else "")
        for row in read("events")
    }


def test_the_alt_text_of_the_timeline_counts_events_and_rough_dates(specs):
    rough = sum(len(row["date"]) < 10 for row in read("events"))
    said = specs["event_timeline"]["description"]
    assert f"in {len(read('events'))} dated events" in said
    assert f"{rough} dates are known to the month or year only" in said


# Challenges

KINDS = {kind: kind.replace("-", " ") for kind in v.CHALLENGE_KINDS}


@every_choice
def test_a_cell_of_the_matrix_counts_the_statements_of_a_city_and_kind(specs, country):
    told = [re.fullmatch(r"(.+): (.+), (\d+)", words) for words in spoken(specs["challenge_matrix"], country=country)]
    cells = {(m.group(1), m.group(2)): int(m.group(3)) for m in told if m}
    assert cells == Counter(
        (
            homes()[row["city_id"]]["city"] if row["city_id"] else "The network as a whole",
            KINDS[row["kind"]] if row["about"] == "implementation" else "urban problem",
        )
        for row in named(country)
    )


@every_choice
def test_the_matrix_writes_each_number(specs, country):
    numbers = [int(text) for text in texts(specs["challenge_matrix"], country=country) if text.isdigit()]
    assert sum(numbers) == len(named(country))


def test_a_city_of_which_none_is_named_says_so(specs):
    told = {words.split(": ")[0] for words in spoken(specs["challenge_matrix"]) if "none named" in words}
    assert told == {row["city"] for row in homes().values()} - {
        homes()[row["city_id"]]["city"] for row in read("challenges") if row["city_id"]
    }


def test_the_rows_of_the_matrix_stand_by_country_and_city_with_the_network_first(specs):
    (rows,) = specs["challenge_matrix"]["datasets"].values()
    order = list(dict.fromkeys(row["row"] for row in rows))
    cities = sorted((v.COUNTRY_NAMES[row["iso3"]], row["city"]) for row in homes().values())
    expected = [name for country in sorted(v.COUNTRY_NAMES.values())
                for name in (f"# {country}", *(city for where, city in cities if where == country))]  # fmt: skip
    assert order == ["The network as a whole", *expected]


def test_no_year_is_drawn_in_the_matrix(specs):
    (rows,) = specs["challenge_matrix"]["datasets"].values()
    assert all("year" not in row for row in rows)


def test_the_alt_text_of_the_matrix_splits_all_statements(specs):
    about = Counter(row["about"] for row in read("challenges"))
    said = specs["challenge_matrix"]["description"]
    assert f"{about.total()} statements: {about['implementation']} on obstacles to the work" in said
    assert f"and {about['urban-problem']} on problems of the city" in said


def test_the_list_shows_the_first_statements_and_says_how_many_match(specs):
    written = texts(specs["challenge_list"])
    assert f"{len(read('challenges'))} statements match; the first 15 are shown" in written
    assert len(spoken(specs["challenge_list"])) == 15


@every_choice
def test_the_list_counts_the_statements_of_a_choice(specs, country):
    n = len(named(country))
    (said,) = [text for text in texts(specs["challenge_list"], country=country) if "match" in text]
    assert said.split(" ")[0] == (str(n) if n else "Nothing")


@pytest.mark.parametrize("word", ["budget", "BUDGET", "Ha Noi", "2024"])
def test_the_search_finds_what_holds_the_word(specs, word):
    (said,) = [text for text in texts(specs["challenge_list"], search=word) if "match" in text]
    (rows,) = specs["challenge_list"]["datasets"].values()
    found = [row for row in rows if word.lower() in f"{row['head']} {row['summary']}".lower()]
    assert int(said.split(" ")[0]) == len(found) > 0


def test_a_search_for_nothing_that_is_there_says_so(specs):
    assert texts(specs["challenge_list"], search="zzz") == ["Nothing matches."]


@pytest.mark.parametrize("search", [None, ""])
def test_an_empty_search_finds_everything(specs, search):
    assert f"{len(read('challenges'))} statements match" in texts(specs["challenge_list"], search=search)[-1]


def test_search_and_country_work_together(specs):
    found = [text for text in texts(specs["challenge_list"], country="IDN", search="platform") if "match" in text]
    told = [row for row in named("IDN") if "platform" in row["summary"].lower()]
    assert found == [f"{len(told)} statements match"]


def test_an_entry_opens_the_page_that_names_it(specs, challenges, cities, sources):
    found = links(specs["challenge_list"], search="East Asia Summit")
    catalogue = metrics.challenge_catalogue(challenges, cities, sources)
    assert found == set(catalogue.loc[catalogue["source_id"] == "eas-statement-2018", "url"])


def test_an_entry_of_a_pdf_opens_at_its_page(specs, challenges, cities, sources):
    found = links(specs["challenge_list"], country="BRN")
    catalogue = metrics.challenge_catalogue(challenges, cities, sources)
    assert found == set(catalogue.loc[catalogue["iso3"] == "BRN", "url"])


# Urbanisation


def ends(row):
    return row["year"] in ("2000", "2024")


def test_a_panel_for_each_country_in_alphabetical_order(specs):
    assert specs["urban_multiples"]["facet"]["sort"] == sorted(v.COUNTRY_NAMES.values())


def test_the_first_and_last_share_of_each_country_are_written(specs):
    expected = Counter(f"{float(row['urban_share_percent']):.0f}" for row in read("urbanisation") if ends(row))
    assert Counter(texts(specs["urban_multiples"])) == expected


def test_only_the_chosen_country_is_dark(specs):
    dark = [item["description"] for item in drawn(specs["urban_multiples"], country="VNM")
            if item.get("description") and item.get("opacity") == 1]  # fmt: skip
    assert {words.split(" 20")[0] for words in dark} == {"Viet Nam"}


def test_the_panels_draw_the_shares_of_the_record(specs):
    (rows,) = specs["urban_multiples"]["datasets"].values()
    drawn_shares = {(row["iso3"], row["year"]): row["urban_share_percent"] for row in rows}
    assert drawn_shares == {
        (row["iso3"], int(row["year"])): float(row["urban_share_percent"]) for row in read("urbanisation")
    }


def test_the_alt_text_of_the_shares_tells_first_and_last(specs):
    said = specs["urban_multiples"]["description"]
    pairs = {}
    for row in read("urbanisation"):
        if ends(row):
            pairs.setdefault(row["iso3"], []).append(f"{float(row['urban_share_percent']):.0f}")
    assert all(f"{v.COUNTRY_NAMES[iso3]} {low} to {high}" in said for iso3, (low, high) in pairs.items())


# Populations


@every_choice
def test_the_population_of_each_city_is_written_with_its_year(specs, country):
    expected = Counter(
        f"{int(row['population']):,}" + (f" ({row['population_year']})" if row["population_year"] else "")
        for row in homes().values()
        if country in (None, row["iso3"])
    )
    # Each number is written twice, the first time as a white edge.
    assert Counter(texts(specs["city_populations"], country=country)) == Counter(
        {k: 2 * n for k, n in expected.items()}
    )


def test_figures_of_the_action_plans_are_filled_and_others_are_rings(specs):
    plans = {row["city"] for row in homes().values() if row["population_source_id"] == "scaps-2018"}
    filled = {item["description"].split(": ")[0] for item in drawn(specs["city_populations"])
              if ": " in item.get("description", "") and item["fill"] != "white" and item["opacity"]}  # fmt: skip
    assert filled == plans


def test_a_population_says_what_it_counts(specs):
    said = spoken(specs["city_populations"])
    assert all(any(row["population_counts"] in words for words in said) for row in homes().values())


def test_a_city_without_a_population_has_no_number(cities):
    unknown = cities.assign(population=cities["population"].where(cities["city_id"] != "manila"))
    spec = figures.city_populations(unknown, "2026-01").to_dict()
    assert [words for words in spoken(spec) if words.startswith("Manila")] == []
    assert "37 of 38 member cities" in spec["description"]


# Nothing to draw


def test_figures_of_nothing_are_refused(panel, cities, sources, challenges):
    framework, shares = loaders.load_framework(), metrics.by_selection(metrics.shares, panel)
    counts = metrics.challenge_counts(challenges, ["city_id", "kind", "about"])
    calls = [
        lambda: figures.framework_diagram(framework.iloc[:0], shares, "2025-09-30"),
        lambda: figures.framework_diagram(framework, shares.iloc[:0], "2025-09-30"),
        lambda: figures.event_timeline(loaders.load_events().iloc[:0], sources, "2026-01"),
        lambda: figures.challenge_matrix(counts.iloc[:0], cities, "2025-09-30"),
        lambda: figures.challenge_list(metrics.challenge_catalogue(challenges.iloc[:0], cities, sources), "2025-09-30"),
        lambda: figures.urban_multiples(loaders.load_urbanisation().iloc[:0], 2018, "2025-07-01"),
        lambda: figures.city_populations(cities.assign(population=pd.NA), "2026-01"),
    ]
    for call in calls:
        with pytest.raises(SelectionError, match="nothing to draw"):
            call()
