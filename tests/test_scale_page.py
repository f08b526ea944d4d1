"""The page for larger registries says what the benchmarks measured, and nothing that is older."""

import json
import re
from itertools import pairwise

import pytest
import scale
import scale_figure
import scale_page

LATEST = scale_figure.PICTURE.with_name("latest.json")
SIZES = (1_000, 10_000, 100_000)


@pytest.fixture(scope="module")
def measured():
    """Lines as a run would give them, with invented seconds."""
    seconds = {"plain pandas": 1.0, "pandas": 1.1, "DuckDB": 0.25, "Dask": 0.9, "Spark": 3.0}
    java = {"Spark": 777.0}
    taken = {
        (name, rows): scale.Took(4.4, 0.0, s * rows / 1_000, 222.0, java.get(name))
        for name, s in seconds.items()
        for rows in SIZES
    }
    return scale.as_measures(taken)


@pytest.fixture(scope="module")
def page():
    return scale_page.PAGE.read_text(encoding="utf-8")


def test_the_page_is_the_one_made_from_the_latest_benchmarks(page):
    assert scale_page.filled(page, json.loads(LATEST.read_text("utf-8"))) == page


def test_there_is_a_picture_exactly_when_engines_were_measured():
    measured = len(scale_figure.seconds(json.loads(LATEST.read_text("utf-8")))) > 0
    assert scale_figure.PICTURE.is_file() == measured


def test_without_measures_the_page_says_so(page):
    assert scale_page.NOTHING in scale_page.filled(page, [])


def test_filling_twice_changes_nothing(page, measured):
    once = scale_page.filled(page, measured)
    assert scale_page.filled(once, measured) == once


def test_a_page_without_its_marks_is_refused(measured):
    with pytest.raises(ValueError, match="0 measured parts"):
        scale_page.filled("# A page", measured)


def test_each_engine_has_its_seconds_at_each_size(page, measured):
    text = scale_page.filled(page, measured)
    assert "| DuckDB | 0.25 | 2.50 | 25.00 | 222 |" in text
    assert "| Spark | 3.00 | 30.00 | 300.00 | 222 and 777 for Java |" in text


def test_it_says_from_which_size_a_cluster_engine_pays(page, measured):
    text = scale_page.filled(page, measured)
    assert "Dask on one machine is faster than pandas at all sizes. For 1,000 rows it takes 0.2 s less" in text
    assert "Spark on one machine is not faster than pandas up to 100,000 rows." in text
    assert "starting takes 4.4 s more" in text


def test_no_number_of_seconds_stands_in_the_hand_written_part(page):
    written = re.sub(r"<!-- measured: begin.*<!-- measured: end -->", "", page, flags=re.DOTALL)
    assert re.findall(r"\d[\d.,]* ?(?:s|seconds|MiB|GiB|MB|times)\b", written) == []


def test_the_figure_has_a_name_at_the_end_of_each_line_and_an_alt_text(measured, tmp_path):
    scale_figure.write(measured, tmp_path / "scale.svg")
    drawn = (tmp_path / "scale.svg").read_text("utf-8")
    assert all(f">{name}</text>" in drawn for name in ("plain pandas", "pandas", "DuckDB", "Dask", "Spark"))
    assert "<desc>Lines of seconds" in drawn


def test_names_in_the_figure_lie_apart(measured):
    labels = scale_figure._labels(scale_figure.seconds(measured), (0.2, 400.0))
    at = labels["at"].tolist()
    assert min(high / low for low, high in pairwise(at)) > 1.2
    assert max(at) <= 400.0 * (1 + 1e-9)


def test_without_engines_there_is_no_figure(tmp_path):
    scale_figure.write([], tmp_path / "scale.svg")
    assert list(tmp_path.iterdir()) == []
