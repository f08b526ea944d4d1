"""The arithmetic of the scale benchmark, and one small run of it; how fast engines are is never tested."""

import json
import subprocess
import sys

import engines
import pytest
import registry
import scale
from hypothesis import given
from hypothesis import strategies as st

SIZES = (1_000, 10_000, 100_000)


def took(seconds, peak=100.0, java=None):
    return scale.Took(start=1.0, read=0.0, compute=seconds, peak=peak, java=java)


def straight(first, slope):
    return {rows: first * (rows / SIZES[0]) ** slope for rows in SIZES}


@given(first=st.floats(1e-3, 1e3), slope=st.floats(-1, 2))
def test_the_exponent_of_a_power_law_is_its_power(first, slope):
    assert scale.exponent(straight(first, slope)) == pytest.approx(slope, abs=1e-9)


@given(size=st.floats(1_100, 90_000), slope=st.floats(0.1, 0.9))
def test_two_power_laws_cross_where_they_are_equal(size, slope):
    theirs = straight(1.0, 1.0)
    ours = straight((size / SIZES[0]) ** (1 - slope), slope)
    assert scale.crossover(ours, theirs) == pytest.approx(size, rel=1e-6)


def test_an_engine_that_is_never_faster_has_no_crossover():
    assert scale.crossover(straight(2.0, 1.0), straight(1.0, 1.0)) is None


def test_an_engine_that_is_always_faster_is_so_from_the_least_size():
    assert scale.crossover(straight(0.5, 1.0), straight(1.0, 1.0)) == pytest.approx(SIZES[0])


def test_the_crossover_is_the_last_one():
    ours = dict(zip(SIZES, (0.5, 2.0, 0.5), strict=True))
    assert 10_000 < scale.crossover(ours, dict.fromkeys(SIZES, 1.0)) < 100_000


def test_the_best_of_the_turns_has_the_least_seconds_and_the_most_memory():
    turns = [scale.Took(3, 2, 1, 10, 5), scale.Took(2, 3, 4, 20, 4)]
    assert scale.best(turns) == scale.Took(2, 2, 1, 20, 5)


def test_an_engine_without_java_has_no_memory_of_java():
    assert scale.best([took(1.0), took(2.0)]).java is None


@pytest.fixture
def taken():
    seconds = {"plain pandas": 1.0, "pandas": 1.1, "DuckDB": 0.25, "Dask": 0.9, "Spark": 3.0}
    return {(name, rows): took(s * rows / 1_000) for name, s in seconds.items() for rows in SIZES}


def test_budgets_are_flagged(taken):
    holds = {line["name"]: line["holds"] for line in scale.as_measures(taken) if line["budget"] is not None}
    assert {name: holds[name] for name in holds if "plain pandas" in name} == {
        "pandas frames / plain pandas, 100,000 rows, both without reading": True,
        "DuckDB / plain pandas, 100,000 rows, both from files to results (0.2: five times faster)": False,
    }
    assert holds["growth exponent of DuckDB"]


def test_memory_over_a_gibibyte_is_flagged(taken):
    taken["DuckDB", SIZES[-1]] = took(1.0, peak=1025.0)
    lines = {line["name"]: line["holds"] for line in scale.as_measures(taken)}
    assert not lines["DuckDB, 100,000 rows: peak memory against 1 GiB"]


def test_clusters_have_a_crossover_or_none(taken):
    values = {
        line["name"]: line["value"] for line in scale.as_measures(taken) if "is faster than pandas" in line["name"]
    }
    assert list(values.values()) == [SIZES[0], None]


def test_names_of_lines_are_unique(taken):
    names = [line["name"] for line in scale.as_measures(taken)]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "registry"
    registry.write(folder, 5_000)
    return folder


def test_an_engine_is_measured_in_a_process_of_its_own(small):
    measured = scale.run("plain pandas", small, 1)
    assert min(measured.read, measured.compute) > 0
    assert 50 < measured.peak < 2_000
    assert measured.java is None


def test_a_result_that_the_registry_does_not_hold_stops_the_run(small, tmp_path):
    truth = json.loads((small / "_truth.json").read_text("utf-8"))
    truth["steps"][0][1][2] += 1
    for path in small.glob("*.parquet"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "_truth.json").write_text(json.dumps(truth), encoding="utf-8")
    with pytest.raises(RuntimeError, match="plain pandas, transitions: not what the registry holds"):
        scale.run("plain pandas", tmp_path, 1)


def test_memory_of_the_parent_is_not_counted():
    held = bytearray(600 * 2**20)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    code = "import scale_worker; print(scale_worker.peak())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=scale.WORKER.parent, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 500


def test_what_an_engine_lacks_is_named():
    lacking = engines.Engine("none", ("no_such_module.part", "json"), lambda folder: None)
    assert engines.missing(lacking) == "no_such_module.part"
