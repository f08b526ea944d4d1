"""The figures of named support, as dicts and as drawn: who, which city, which area, how, and in how many documents."""

import csv
import gzip
import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import vl_convert

from ascn_analysis import figures, loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display, theme

SCHEMA = Path(__file__).parent / "vega-lite-5.6.1.schema.json.gz"
FIGURES = ["matrix", "grid"]
every_figure = pytest.mark.parametrize("name", FIGURES)
every_choice = pytest.mark.parametrize("country", [None, "IDN", "SGP", "TLS", "KHM"])


@pytest.fixture(scope="module")
def frames(panel, cities):
    mentions = loaders.load_partner_mentions()
    documents = metrics.documents_read(loaders.load_action_plan_cities(), panel)
    support = metrics.named_support(mentions, panel)
    return {
        "matrix": [support, documents, loaders.load_partners(), cities, loaders.load_sources()],
        "grid": [metrics.named_by_document(mentions, documents), metrics.named_again(mentions, documents), cities],
    }


@pytest.fixture(scope="module")
def specs(frames):
    return {
        "matrix": figures.partner_matrix(*frames["matrix"]).to_dict(),
        "grid": figures.partners_by_document(*frames["grid"], "2025-09-30").to_dict(),
    }


@cache
def read(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(table, key, value):
    return {row[key]: row[value] for row in read(table)}


def homes(country=None):
    """Return the ids of the cities of a country, or of all."""
    return {row["city_id"] for row in read("cities") if country in (None, row["iso3"])}


def mentions(country=None):
    """Return the mentions for the cities of a country; without one also those of the network as a whole."""
    return [r for r in read("partner_mentions") if r["city_id"] in homes(country) or (not r["city_id"] and not country)]


def described():
    """Return city id to the documents that describe it, by plain Python."""
    found = defaultdict(set)
    for row in read("action_plan_cities"):
        found[row["city_id"]] |= {"scaps-2018", "report-2019"}
    for row in read("project_reports"):
        found[row["city_id"]].add(row["source_id"])
    return found


def rows_of(spec):
    [rows] = spec["datasets"].values()
    return rows


def marks_of(spec):
    return [row for row in rows_of(spec) if row.get("kind", row.get("cell")) != "header"]


def drawn(spec, country):
    """Return (name of the layer, item) of each mark for a choice."""
    params = [{"name": "country", "value": country} if p["name"] == "country" else p for p in spec["params"]]
    return scene(json.dumps({**spec, "$schema": display.SCHEMA, "params": params}))


@cache
def scene(spec):
    def walk(node, layer):
        for item in node.get("items", []):
            if "marktype" in item or node.get("marktype") == "group" or "marktype" not in node:
                yield from walk(item, item.get("name") if item.get("role") == "mark" else None)
            elif layer:
                yield layer, item

    return list(
        walk(vl_convert.vegalite_to_scenegraph(json.loads(spec), vl_version=display.COMPILER)["scenegraph"], None)
    )


def spoken(spec, country, layer):
    return [item["description"] for name, item in drawn(spec, country) if name == layer]


def texts(spec, country, layer):
    return [item["text"] for name, item in drawn(spec, country) if name == layer and item.get("text")]


# Both


@every_figure
def test_jupyterlab_can_draw_a_figure(specs, name):
    validator = jsonschema.Draft7Validator(json.loads(gzip.decompress(SCHEMA.read_bytes())))
    assert [error.message[:200] for error in validator.iter_errors({**specs[name], "$schema": display.SCHEMA})] == []


@every_figure
def test_the_filter_is_one_parameter_named_country_with_all_at_first(specs, name):
    assert [(p["name"], p["value"]) for p in specs[name]["params"]] == [("country", None)]


@every_figure
def test_the_alt_text_begins_with_the_title(specs, name):
    assert specs[name]["description"].startswith(specs[name]["title"]["text"])


@every_figure
def test_the_last_line_names_the_source_and_its_date(specs, name):
    assert re.search(r"^Source: .*As of 30 September 2025\.$", specs[name]["title"]["subtitle"][-1])


@every_figure
def test_a_line_says_that_silence_is_not_absence(specs, name):
    assert "Not named does not mean none." in specs[name]["title"]["subtitle"][0]


@every_figure
def test_no_mark_says_no_partner(specs, name):
    assert not re.search(r"no partners?\b(?! is named)", json.dumps(specs[name]), re.IGNORECASE)


@every_figure
@every_choice
def test_no_mark_speaks_of_null(specs, name, country):
    said = [str(item.get("description", "")) for _, item in drawn(specs[name], country)]
    assert [words for words in said if re.search(r"null|undefined|NaN|# ", words)] == []


@every_figure
def test_every_layer_speaks_or_is_hidden_from_screen_readers(specs, name):
    marks = [layer["mark"] for layer in specs[name]["layer"]]
    assert all(mark.get("aria") is False or mark["description"]["expr"] for mark in marks)


@every_figure
def test_countries_stand_in_the_order_of_their_asean_names(specs, name):
    heads = [row["row"][2:] for row in rows_of(specs[name]) if row["row"].startswith("# ")]
    assert [head for head in heads if head in v.COUNTRY_NAMES.values()] == list(v.COUNTRY_NAMES.values())


@every_figure
def test_no_label_is_cut_off_at_the_axis(specs, name):
    assert theme.config()["axis"]["labelLimit"] >= 240
    assert max(len(row["row"].split("|")[0]) for row in rows_of(specs[name])) <= 30


# The matrix


def test_a_mark_for_each_city_partner_area_and_kind(specs, frames):
    support = frames["matrix"][0]
    keys = ["city_id", "partner_id", "focus_area_id", "kind"]
    expected = {tuple(row) for row in support[keys].fillna("").itertuples(index=False)}
    city, partner = names("cities", "city_id", "city"), names("partners", "partner_id", "partner")
    area = {**v.FOCUS_AREA_NAMES, "": "no single project"}
    said = sorted((city.get(c, "The network as a whole"), partner[p], area[a], kind) for c, p, a, kind in expected)
    assert sorted((r["city"], r["partner"], r["area_name"], r["kind"]) for r in marks_of(specs["matrix"])) == said


@every_choice
def test_the_names_of_a_choice_are_the_partners_of_its_cities(specs, country):
    partner = names("partners", "partner_id", "partner")
    pairs = {(row["city_id"], row["partner_id"]) for row in mentions(country)}
    assert sorted(texts(specs["matrix"], country, "layer_2_marks")) == sorted(partner[p] for _, p in pairs)


@every_choice
def test_a_mark_says_each_page_that_names_it(specs, country):
    said = re.findall(r"(\d{4}) p\. (\d+)", " ".join(spoken(specs["matrix"], country, "layer_1_marks")))
    assert set(said) == {(row["report_year"], row["page"]) for row in mentions(country)}


def test_a_mark_links_to_the_first_page_that_names_it(specs):
    for row in marks_of(specs["matrix"]):
        year, page = re.match(r"(\d{4}) p\. (\d+)", row["pages"]).groups()
        assert row["url"].endswith(f".pdf#page={page}"), (row["partner"], year)


def test_a_page_stands_once_in_a_mark(specs):
    pages = [row["pages"].split("; ") for row in marks_of(specs["matrix"])]
    assert [found for found in pages if len(found) != len(set(found))] == []


def test_a_mark_stands_in_the_column_of_its_area(specs):
    columns = [*v.FOCUS_AREA_NAMES.values(), "no single project"]
    assert all(columns[int(row["x"])] == row["area_name"] for row in marks_of(specs["matrix"]))


def test_no_mark_covers_another(specs):
    places = [(row["row"], row["x"]) for row in marks_of(specs["matrix"])]
    assert len(places) == len(set(places))


def test_partners_of_a_city_stand_in_alphabetical_order(specs):
    found = defaultdict(list)
    for row in marks_of(specs["matrix"]):
        found[row["city"]].append(row["partner"].casefold())
    assert [city for city, partners in found.items() if partners != sorted(partners)] == []


def test_a_city_stands_once_with_its_number_of_documents(specs):
    labels = [row["row"].split("|")[0] for row in marks_of(specs["matrix"]) if row["name"]]
    city, read_of = names("cities", "city_id", "city"), described()
    expected = {f"{city[i]} ({len(read_of[i])})" for i in {r["city_id"] for r in read("partner_mentions")} if i}
    assert sorted(label for label in labels if label) == sorted(expected)


@every_choice
def test_the_cities_without_a_partner_named_stand_beside_their_country(specs, country):
    named, read_of = {row["city_id"] for row in read("partner_mentions")}, described()
    notes = " ".join(texts(specs["matrix"], country, "layer_3_marks"))
    cities = [row for row in read("cities") if country in (None, row["iso3"])]
    assert [row["city"] for row in cities if (row["city"] in notes) == (row["city_id"] in named)] == []
    silent = [row for row in cities if row["city_id"] not in named and row["city_id"] in read_of]
    assert all(f"{row['city']} ({len(read_of[row['city_id']])})" in notes for row in silent)


def test_a_city_in_no_document_is_not_described_rather_than_not_named(specs):
    assert texts(specs["matrix"], "TLS", "layer_3_marks") == ["not described: Dili"]


def test_the_network_as_a_whole_shows_only_without_a_choice(specs):
    heads = [
        any("The network as a whole" in words for words in spoken(specs["matrix"], c, "layer_1_marks"))
        for c in (None, "THA")
    ]
    assert heads == [True, False]


def test_shape_tells_the_kind_and_every_kind_has_a_shape_of_its_own(specs):
    scale = specs["matrix"]["layer"][1]["encoding"]["shape"]["scale"]
    shapes = dict(zip(scale["domain"], scale["range"], strict=True))
    assert len({shapes[kind] for kind in v.MENTION_KINDS}) == len(v.MENTION_KINDS)


def test_the_alt_text_of_the_matrix_counts_the_pairs(specs):
    rows = [row for row in read("partner_mentions") if row["city_id"]]
    partners, cities = ({row[key] for row in rows} for key in ("partner_id", "city_id"))
    pairs = {(row["city_id"], row["partner_id"]) for row in rows}
    said = f"{len(partners)} partners are named for {len(cities)} of {len(read('cities'))} cities: {len(pairs)} pairs"
    assert said in specs["matrix"]["description"]


def test_the_alt_text_of_the_matrix_counts_each_kind(specs):
    pairs = defaultdict(set)
    for row in read("partner_mentions"):
        if row["city_id"]:
            pairs[row["kind"]].add((row["city_id"], row["partner_id"]))
    found = re.search(r"By kind: (.+?)\. A pair", specs["matrix"]["description"]).group(1)
    assert [int(n) for n in re.findall(r"\d+", found)] == [len(pairs[kind]) for kind in v.MENTION_KINDS]


def test_a_matrix_of_some_cities_does_not_give_the_others_to_the_network(frames):
    support, documents, partners, cities, sources = frames["matrix"]
    spec = figures.partner_matrix(support, documents, partners, cities[cities["iso3"] == "VNM"], sources).to_dict()
    network = {row["partner_id"] for row in read("partner_mentions") if not row["city_id"]}
    partner = names("partners", "partner_id", "partner")
    rows = [row["partner"] for row in marks_of(spec) if row["city"] == "The network as a whole"]
    assert set(rows) == {partner[i] for i in network}


def test_a_matrix_of_nothing_is_refused(frames):
    support, *others = frames["matrix"]
    with pytest.raises(SelectionError, match="no partner is named"):
        figures.partner_matrix(support.iloc[:0], *others)


# The grid


@every_choice
def test_the_grid_speaks_the_partners_of_each_city_and_document(specs, country):
    said = [
        re.match(r"(.+), (\d{4}): (\d+|none) named", words) for words in spoken(specs["grid"], country, "layer_1_marks")
    ]
    found = {match.groups()[:2]: match.group(3) for match in said if match}
    city, year = names("cities", "city_id", "city"), names("partner_mentions", "source_id", "report_year")
    named = defaultdict(set)
    for row in read("partner_mentions"):
        named[row["city_id"], row["source_id"]].add(row["partner_id"])
    expected = {
        (city[i], year[document]): str(len(named[i, document]) or "none")
        for i in homes(country)
        for document in described().get(i, ())
    }
    assert found == expected


@every_choice
def test_the_grid_writes_the_number_where_a_partner_is_named(specs, country):
    named = defaultdict(set)
    for row in mentions(country):
        if row["city_id"]:
            named[row["city_id"], row["source_id"]].add(row["partner_id"])
    written = texts(specs["grid"], country, "layer_2_marks")
    assert sorted(written) == sorted(str(len(found)) for found in named.values())


@every_choice
def test_the_grid_says_n_beside_every_city(specs, country):
    def beside(city):
        n, found = (
            len(described().get(city, ())),
            {r["partner_id"] for r in read("partner_mentions") if r["city_id"] == city},
        )
        documents = "1 document" if n == 1 else f"{n} documents"
        partners = "1 partner" if len(found) == 1 else f"{len(found)} partners"
        silent = f"not named in the {documents} read" if n else "in none of the documents read"
        return f"{partners} in {documents}" if found else silent

    assert sorted(texts(specs["grid"], country, "layer_3_marks")) == sorted(beside(city) for city in homes(country))


def test_no_city_is_drawn_with_0_partners(specs):
    assert [row["city"] for row in rows_of(specs["grid"]) if row["number"] == "0"] == []


def test_the_alt_text_of_the_grid_counts_cities_by_document(specs):
    year, read_of = names("partner_mentions", "source_id", "report_year"), described()
    named = defaultdict(set)
    for row in read("partner_mentions"):
        if row["city_id"]:
            named[row["source_id"]].add(row["city_id"])
    for document, cities in named.items():
        said = f"{len(cities)} of {sum(document in found for found in read_of.values())} in {year[document]}"
        assert said in specs["grid"]["description"]


def test_a_grid_of_no_document_is_refused(frames):
    named, pairs, cities = frames["grid"]
    with pytest.raises(SelectionError, match="no document describes a city"):
        figures.partners_by_document(named.iloc[:0], pairs, cities, "2025-09-30")
