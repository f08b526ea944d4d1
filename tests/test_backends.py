"""Every public measure gives the answer of pandas on every engine, and a frame of the kind that went in."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache

import narwhals as nw
import pandas as pd
import pytest

from ascn_analysis import loaders, metrics
from ascn_analysis.errors import AscnError

# narwhals 2.29 says that Dask will need the package narwhals-dask, which the package index does not have yet.
pytestmark = pytest.mark.filterwarnings("ignore:Dask support is moving out of Narwhals:FutureWarning")

AS_OF = "2025-08-31"
ENGINES = ["pandas", "pyarrow", "polars", "lazy polars", "duckdb", "dask",
           pytest.param("pyspark", marks=pytest.mark.xdist_group("spark"))]  # fmt: skip
NO_FRAMES = {"whole_percent"}
"""Functions of numbers alone."""

CALLS = {
    "by_selection": lambda r: metrics.by_selection(metrics.totals, r["part"]),
    "challenge_catalogue": lambda r: metrics.challenge_catalogue(r["challenges"], r["cities"], r["sources"]),
    "challenge_counts": lambda r: metrics.challenge_counts(r["challenges"]),
    "changes": lambda r: metrics.changes(r["projects"]),
    "chosen_and_listed": lambda r: metrics.chosen_and_listed(r["choices"], r["projects"], r["planned"]),
    "chosen_and_listed_rows": lambda r: metrics.chosen_and_listed_rows(r["choices"], r["projects"]),
    "cohorts": lambda r: metrics.cohorts(r["projects"]),
    "completion": lambda r: metrics.completion(r["projects"]),
    "completion_rate": lambda r: metrics.completion_rate(r["intervals"]),
    "concentration": lambda r: metrics.concentration(r["projects"]),
    "delivery_counts": lambda r: metrics.delivery_counts(r["cells"]),
    "documents_read": lambda r: metrics.documents_read(r["plans"], r["projects"]),
    "event_gaps": lambda r: metrics.event_gaps(r["events"]),
    "growth": lambda r: metrics.growth(r["projects"]),
    "growth_parts": lambda r: metrics.growth_parts(r["projects"]),
    "highlights_with_partner": lambda r: metrics.highlights_with_partner(r["highlights"], r["support"]),
    "history": lambda r: metrics.history(r["projects"], r["links"]),
    "intervals": lambda r: metrics.intervals(r["projects"], r["links"]),
    "joinings": lambda r: metrics.joinings(r["membership"], r["cities"], r["sources"]),
    "listed_by_choice": lambda r: metrics.listed_by_choice(r["cells"]),
    "named_again": lambda r: metrics.named_again(r["mentions"], r["documents"]),
    "named_by_document": lambda r: metrics.named_by_document(r["mentions"], r["documents"]),
    "named_support": lambda r: metrics.named_support(r["mentions"], r["projects"]),
    "one_project_shift": lambda r: metrics.one_project_shift(r["projects"]),
    "per_city": lambda r: metrics.per_city(r["projects"]),
    "planned_projects": lambda r: metrics.planned_projects(r["planned"], r["projects"]),
    "profiles.cities": lambda r: metrics.profiles.cities(
        *(r[name] for name in ("cities", "projects", "icons", "cells", "targets", "planned", "documents", "mentions", "challenges"))
    ),
    "profiles.countries": lambda r: metrics.profiles.countries(r["profiles"]),
    "relink": lambda r: metrics.relink(r["projects"], r["links"], ["sure", "doubtful"]),
    "shares": lambda r: metrics.shares(r["projects"], by="iso3"),
    "status_bounds": lambda r: metrics.status_bounds(r["projects"], by=["iso3"]),
    "status_counts": lambda r: metrics.status_counts(r["projects"]),
    "status_steps": lambda r: metrics.status_steps(r["projects"]),
    "steadiness": lambda r: metrics.steadiness(r["projects"]),
    "select": lambda r: metrics.select(r["projects"], countries=["IDN", ""], statuses=["ongoing"], reports=[2023, 2025]),
    "support_asked_and_named": lambda r: metrics.support_asked_and_named(r["planned"], r["mentions"]),
    "support_bounds": lambda r: metrics.support_bounds(r["settled"]),
    "targets_by_deadline": lambda r: metrics.targets_by_deadline(r["targets"], AS_OF),
    "totals": lambda r: metrics.totals(r["projects"], by=["focus_area_id"]),
    "transitions": lambda r: metrics.transitions(r["projects"]),
    "urban_growth": lambda r: metrics.urban_growth(r["urbanisation"], 2018, 2025),
}  # fmt: skip
"""Each measure, called on the record as the notebooks do."""


def in_arrow(frame):
    import pyarrow

    return pyarrow.Table.from_pandas(frame, preserve_index=False)


def in_polars(frame):
    import polars

    return polars.from_arrow(in_arrow(frame))


def in_duckdb(frame):
    import duckdb

    return duckdb.from_arrow(in_arrow(frame))


def in_dask(frame):
    import dask.dataframe

    return dask.dataframe.from_pandas(frame, npartitions=2)


@pytest.fixture(scope="session", params=ENGINES)
def constructor(request, library) -> Callable[[pd.DataFrame], object]:
    """Return a function that gives a pandas frame to an engine."""
    engine = request.param
    library(engine.removeprefix("lazy "))
    if engine == "pyspark":
        session = request.getfixturevalue("spark")
        return lambda frame: session.createDataFrame(in_arrow(frame))
    return {
        "pandas": lambda frame: frame, "pyarrow": in_arrow, "polars": in_polars, "duckdb": in_duckdb, "dask": in_dask,
        "lazy polars": lambda frame: in_polars(frame).lazy(),
    }[engine]  # fmt: skip


@cache
def record() -> Mapping[str, pd.DataFrame]:
    """Return the frames that measures take, and those that one measure takes from another."""
    names = {"planned": "action_plan_projects", "plans": "action_plan_cities", "choices": "action_plan_focus_areas",
             "targets": "action_plan_targets", "links": "project_links", "mentions": "partner_mentions"}  # fmt: skip
    plain = [
        "projects",
        "cities",
        "sources",
        "challenges",
        "events",
        "membership",
        "urbanisation",
        "icons",
        "highlights",
    ]
    frames = {name: getattr(loaders, f"load_{names.get(name, name)}")() for name in [*plain, *names]}
    frames["settled"] = pd.read_csv(loaders.DATA / "coding" / "partner_mentions_settled.csv", dtype="str")
    derived = {
        "documents": "documents_read", "support": "named_support", "cells": "chosen_and_listed", "intervals": "intervals",
        "profiles": "profiles.cities",
    }  # fmt: skip
    frames["part"] = frames["projects"][frames["projects"]["iso3"].isin(["IDN", "SGP"])]
    for name, measure in derived.items():
        frames[name] = CALLS[measure](frames)
    return frames


class Converted(dict):
    """The record in an engine, each frame converted when it is first asked for."""

    def __init__(self, convert):
        self.convert = convert

    def __missing__(self, name):
        self[name] = self.convert(record()[name])
        return self[name]


@pytest.fixture(scope="session")
def converted(constructor):
    return Converted(constructor)


def plain(result):
    """Return column names and sorted rows, in words that all engines share: 1 is 1.0, missing is None."""
    if isinstance(result, dict):
        return sorted(result), [tuple(round(result[name], 9) for name in sorted(result))]
    frame = nw.from_native(result)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows = [tuple(map(cell, row)) for row in frame.rows()]
    return frame.columns, sorted(rows, key=repr)


def cell(value):
    if value is None or value is pd.NA or value != value:
        return None
    return (
        value if isinstance(value, str) else bool(value) if str(value) in ("True", "False") else round(float(value), 9)
    )


@cache
def expected(measure):
    return plain(CALLS[measure](record()))


def test_no_measure_is_forgotten():
    public = {name for name in metrics.__all__ if inspect.isfunction(getattr(metrics, name))}
    profiles = {
        f"profiles.{name}"
        for name, value in vars(metrics.profiles).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert set(CALLS) == (public | profiles) - NO_FRAMES


@pytest.mark.parametrize("measure", CALLS)
def test_the_answer_is_that_of_pandas(measure, converted):
    assert plain(CALLS[measure](converted)) == expected(measure)


@pytest.mark.parametrize("measure", ["shares", "growth", "transitions", "relink", "joinings", "by_selection"])
def test_the_result_is_the_kind_of_frame_that_went_in(measure, converted):
    assert type(CALLS[measure](converted)) is type(converted["projects"])


@pytest.mark.parametrize("measure", ["growth_parts", "transitions", "named_support"])
def test_whole_numbers_of_32_bits_are_taken(measure, constructor):
    def short(frame):
        return frame.assign(report_year=frame["report_year"].astype("int32"))

    frames = {name: constructor(short(record()[name])) for name in ("projects", "mentions")}
    assert plain(CALLS[measure](frames)) == expected(measure)


@pytest.mark.parametrize("measure", ["totals", "transitions", "completion", "steadiness"])
def test_a_frame_without_rows_gives_a_frame_without_rows(measure, constructor):
    none = constructor(record()["projects"].iloc[:0])
    assert plain(CALLS[measure]({"projects": none})) == (expected(measure)[0], [])


def test_frames_of_two_engines_are_refused_by_name(constructor):
    links, panel = record()["links"], constructor(record()["projects"])
    other = in_arrow(links) if isinstance(panel, pd.DataFrame) else links
    with pytest.raises(
        AscnError, match=r"frame is a .* frame and links a (pandas|pyarrow) frame; expected frames of one"
    ):
        metrics.history(panel, other)
