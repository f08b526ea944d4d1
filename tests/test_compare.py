"""compare: two countries or cities side by side, with the numbers of the metrics and one scale."""

import gzip
import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from ascn_analysis import loaders, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import display
from ascn_analysis.widgets import compare

SCHEMA = Path(__file__).parent / "vega-lite-5.6.1.schema.json.gz"
PANEL = loaders.load_panel()
PAIRS = [
    ("Indonesia", "Viet Nam", {"countries": ["IDN"]}, {"countries": ["VNM"]}),
    ("Phuket", "Da Nang", {"cities": ["phuket"]}, {"cities": ["da-nang"]}),
    ("Cambodia", "Johor Bahru", {"countries": ["KHM"]}, {"cities": ["johor-bahru"]}),
]


def drawn(chart):
    """Return the spec, and label to number of each set of rows, zeros left out."""
    spec = chart.to_dict()
    return spec, {name: {row["key"]: row["n"] for row in rows if row["n"]} for name, rows in spec["datasets"].items()}


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: f"{pair[0]} and {pair[1]}")
def pair(request):
    a, b, *chosen = request.param
    return (a, b), chosen, *drawn(compare(a, b))


def test_both_sides_show_the_numbers_of_the_metrics(pair):
    _, chosen, _, counts = pair
    for side, given in enumerate(chosen, start=1):
        projects = metrics.select(PANEL, **given)
        latest = metrics.select(projects, reports=[2025])
        assert counts[f"growth_{side}"] == {row.report_year: row.n for row in metrics.totals(projects).itertuples()}
        assert counts[f"focus_{side}"] == latest["focus_area_id"].value_counts().to_dict()
        assert counts[f"status_{side}"] == latest["status"].value_counts().to_dict()


def ends(node):
    """Yield the name of the rows and the end of the axis of each drawing within a spec."""
    for part in ("hconcat", "vconcat"):
        for child in node.get(part, []):
            yield from ends(child)
    for layer in node.get("layer", []):
        encoding = layer["encoding"]
        for channel in ("x", "y"):
            if "domainMax" in (encoding[channel].get("scale") or {}):
                yield layer.get("data", node.get("data"))["name"], encoding[channel]["scale"]["domainMax"]


def test_both_sides_have_the_same_scale_and_no_bar_is_longer(pair):
    _, _, spec, counts = pair
    found = dict(ends(spec))
    assert set(found) == {f"{view}_{side}" for view in ("growth", "focus", "status") for side in (1, 2)}
    for view in ("growth", "focus", "status"):
        most = max(n for side in (1, 2) for n in counts[f"{view}_{side}"].values())
        assert found[f"{view}_1"] == found[f"{view}_2"] >= most


def test_both_sides_have_the_same_bars_in_the_same_order(pair):
    _, _, spec, _ = pair
    for view in ("growth", "focus", "status"):
        first, second = ([row["key"] for row in spec["datasets"][f"{view}_{side}"]] for side in (1, 2))
        assert first == second


def test_the_alt_text_names_both_and_carries_the_numbers(pair):
    names, _, spec, _ = pair
    assert spec["description"].startswith(f"{names[0]} and {names[1]}, 2025 report. ")
    for side, name in enumerate(names, start=1):
        said = ", ".join(f"{row['label']} {row['n']}" for row in spec["datasets"][f"focus_{side}"] if row["n"])
        assert f"{name}, by focus area: {said}." in spec["description"]


def test_the_spec_is_valid_for_jupyterlab(pair):
    validator = jsonschema.Draft7Validator(json.loads(gzip.decompress(SCHEMA.read_bytes())))
    assert [error.message for error in validator.iter_errors({**pair[2], "$schema": display.SCHEMA})] == []


def test_no_row_is_carried_that_is_not_drawn(pair):
    sets = pair[2]["datasets"]
    assert {name.partition("_")[0] for name in sets} == {"growth", "focus", "status"}
    assert len(sets["growth_1"]) == PANEL["report_year"].nunique()
    assert len(sets["focus_1"]) == len(v.FOCUS_AREAS)
    empty = {row["key"] for row in sets["status_1"] if not row["n"]} & {row["key"] for row in sets["status_2"] if not row["n"]}  # fmt: skip
    assert empty <= set(v.STATUSES_REPORTED)


def test_the_bars_are_drawn_with_their_numbers(pair, draw):
    _, _, spec, counts = pair
    texts = [item["text"] for _, item in draw({**spec, "params": []}) if "text" in item]
    zeros = sum(row["n"] == 0 for rows in spec["datasets"].values() for row in rows)
    expected = [str(n) for part in counts.values() for n in part.values()] + ["0"] * zeros
    assert sorted(map(str, texts)) == sorted(expected)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_a_report_chooses_focus_areas_and_statuses_and_leaves_the_growth(year):
    spec, counts = drawn(compare("IDN", "VNM", report=year))
    chosen = metrics.select(PANEL, countries=["IDN"])
    assert sum(counts["focus_1"].values()) == sum(counts["status_1"].values()) == (chosen["report_year"] == year).sum()
    assert sum(counts["growth_1"].values()) == len(chosen)
    assert [row["key"] for row in spec["datasets"]["growth_1"] if row["on"]] == [year]


@pytest.mark.parametrize("name", ["Viet Nam", "VIET NAM", "vnm", "VNM", " viet  nam "])
def test_a_country_may_be_spelled_in_any_case_or_by_its_code(name):
    assert compare(name, "Phuket").to_dict() == compare("Viet Nam", "phuket").to_dict()


def test_singapore_is_the_country():
    spec, _ = drawn(compare("singapore", "Thailand"))
    assert spec["description"].startswith("Singapore and Thailand")


def test_the_sides_are_as_they_are_named():
    (_, first), (_, second) = drawn(compare("THA", "IDN")), drawn(compare("IDN", "THA"))
    assert {name: part for name, part in first.items() if name.endswith("1")} == {
        name.replace("2", "1"): part for name, part in second.items() if name.endswith("2")
    }


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(SelectionError, match=r"'Atlantis' is no country or city here; expected one of .*Bandar Seri"):
        compare("Indonesia", "Atlantis")


def test_a_country_without_projects_is_not_known_here():
    with pytest.raises(SelectionError, match="'Timor-Leste' is no country or city here"):
        compare("Timor-Leste", "Indonesia")


@pytest.mark.parametrize(("a", "b"), [("IDN", "Indonesia"), ("phuket", "Phuket"), ("Singapore", "SGP")])
def test_one_place_twice_is_refused(a, b):
    with pytest.raises(SelectionError, match="are the same; expected two different"):
        compare(a, b)


@pytest.mark.parametrize("report", [1999, "2025"])
def test_a_report_that_is_not_there_is_refused(report):
    with pytest.raises(SelectionError, match=f"report {report!r}; expected one of 2022, 2023, 2024, 2025"):
        compare("IDN", "VNM", report=report)


def test_an_empty_frame_is_refused():
    with pytest.raises(SelectionError, match="the frame has no project with a report year; expected at least one"):
        compare("IDN", "VNM", PANEL.iloc[:0])


def test_a_frame_without_years_is_refused():
    with pytest.raises(SelectionError, match="no project with a report year"):
        compare("IDN", "VNM", PANEL.drop(columns="report_year"))


def test_a_side_without_projects_in_the_report_is_drawn_empty():
    some = PANEL[(PANEL["iso3"] == "IDN") | (PANEL["report_year"] == 2022)]
    spec, counts = drawn(compare("IDN", "VNM", some))
    assert counts["focus_2"] == {}
    assert "Viet Nam, by focus area: no data." in spec["description"]


def test_own_places_and_areas_are_compared():
    own = pd.DataFrame(
        {
            "report_year": [2024, 2024, 2024],
            "iso3": ["KEN", "UGA", "UGA"],
            "country": ["Kenya", "Uganda", "Uganda"],
            "focus_area_id": ["water", "water", "art"],
            "focus_area": ["Water", "Water", "Art"],
        }
    )
    spec, counts = drawn(compare("kenya", "UGA", own))
    assert (counts["focus_1"], counts["focus_2"]) == ({"water": 1}, {"water": 1, "art": 1})
    assert "Kenya, by focus area: Water 1." in spec["description"]
    assert "a list of the reader's own" in json.dumps(spec["title"])


def test_the_frame_is_left_as_it_was():
    compare("IDN", "VNM", PANEL)
    assert PANEL.equals(loaders.load_panel())


def test_the_same_chart_comes_out_again():
    assert compare("IDN", "VNM").to_dict() == compare("IDN", "VNM").to_dict()
