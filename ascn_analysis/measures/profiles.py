"""One row a city or a country with everything that the record counts of it; the notebooks and the site share them.

Counts of different kinds stand side by side and are not to be added or ranked: a city has as many rows as it reports,
as many partners as the documents happen to name, and as many challenges as they tell. Missing is not zero: a city that a
report does not list has no number there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from ascn_analysis.measures import frames
from ascn_analysis.vocabulary import STATUSES_REPORTED


def cities(
    cities: Any,
    projects: Any,
    icons: Any,
    choices: Any,
    targets: Any,
    planned: Any,
    documents: Any,
    mentions: Any,
    challenges: Any,
) -> Any:
    """Count what the record holds of each member city.

    Parameters
    ----------
    cities
        Member cities, as `loaders.load_cities` gives them.
    projects
        Projects, one row per project and report.
    icons
        Icons of Exhibit 2, as `loaders.load_icons` gives them: they count the statuses of a city, also where it stays open which
        of its projects has which.
    choices
        Focus areas chosen in 2018, as `metrics.chosen_and_listed` gives them.
    targets, planned
        Targets and planned projects of the action plans of 2018.
    documents
        Documents that describe each city, as `metrics.documents_read` gives them.
    mentions, challenges
        Mentions of partners, and challenges; those without a city count for none.

    Returns
    -------
    Frame
        One row a city, alphabetical by country and city: ``city_id``, ``city``, ``iso3``, ``country``, ``joined_year``, ``cohort``;
        ``n_<year>`` (projects in each report, missing where it does not list the city); ``planning``, ``ongoing``,
        ``completed`` (icons in the latest report, missing as above); ``focus_areas`` (different ones listed in it);
        ``chosen`` and ``chosen_listed`` (areas chosen in 2018; of these, listed in it), ``targets``, ``planned_projects``
        (missing for cities that joined later); ``documents`` (N read that describe the city), ``partners`` (different ones named
        in them) and ``challenges`` (missing where N is 0).
    """
    keys = ["city_id", "city", "iso3", "country", "joined_year", "cohort"]
    members, listed, drawn, chosen, aims, plans, read_in, named, told = frames.together(
        cities=cities, projects=projects, icons=icons, choices=choices, targets=targets, planned=planned,
        documents=documents, mentions=mentions, challenges=challenges,
    )  # fmt: skip
    rows, years = members.select(keys), _years(listed)
    last = max(years, default=frames.NO_REPORT)
    read = frames.count(read_in, ["city_id"], "documents")
    plan = chosen.filter((nw.col("report_year") == last) & nw.col("chosen"))
    parts = [
        *_by_report(listed, "city_id", years),
        *_by_status(drawn.filter(nw.col("report_year") == last), "city_id"),
        _different(listed.filter(nw.col("report_year") == last), "city_id", "focus_area_id", "focus_areas"),
        frames.count(plan, ["city_id"], "chosen"),
        _total(plan.with_columns((nw.col("n") > 0).cast(nw.Int64).alias("chosen_listed")), "city_id", "chosen_listed"),
        *(frames.count(frame, ["city_id"], name) for frame, name in ((aims, "targets"), (plans, "planned_projects"))),
        _filled(rows, read, "documents"),
        _filled(read, _different(_with_city(named), "city_id", "partner_id", "partners"), "partners"),
        _filled(read, frames.count(_with_city(told), ["city_id"], "challenges"), "challenges"),
    ]  # fmt: skip
    return frames.native(_joined(rows, parts, "city_id"), ["country", "city"])


def countries(cities: Any) -> Any:
    """Add up the profiles of cities by country.

    Parameters
    ----------
    cities
        As `cities` gives it.

    Returns
    -------
    Frame
        One row a country with a member city, alphabetical: ``iso3``, ``country``, ``cities`` (members), ``cities_listed`` (with a row
        in the latest report), and the sums of ``n_<year>``, the statuses, ``targets``, ``planned_projects`` and ``challenges``
        (missing where no city of the country has a number), and ``per_city`` (projects of the latest report per city listed in it).

    Notes
    -----
    Focus areas and partners are left out: the cities of a country share them.
    """
    rows = frames.rows(cities)
    years = [name for name in rows.collect_schema().names() if name.startswith("n_")]
    names = [*years, *STATUSES_REPORTED, "targets", "planned_projects", "challenges"]
    sums = [nw.col(name).sum() for name in names]
    known = [(~nw.col(name).is_null()).cast(nw.Int64).alias(f"{name}_known") for name in names]
    counted = [nw.col(f"{name}_known").sum() for name in names]
    summed = rows.with_columns(*known).group_by("iso3", "country").agg(nw.len().alias("cities"), *sums, *counted)
    nothing = {name: nw.when(nw.col(f"{name}_known") > 0).then(nw.col(name)).alias(name) for name in names}
    listed = summed.with_columns(nw.col(f"{years[-1]}_known").alias("cities_listed"), *nothing.values())
    shared = listed.with_columns((nw.col(years[-1]) / nw.col("cities_listed")).alias("per_city"))
    return frames.native(shared.select("iso3", "country", "cities", "cities_listed", *names, "per_city"), ["country"])


def _years(listed: Any) -> list[int]:
    return sorted(year for (year,) in frames.tuples(listed.select("report_year").unique()))


def _by_report(listed: Any, key: str, years: Sequence[int]) -> list[Any]:
    return [frames.count(listed.filter(nw.col("report_year") == year), [key], f"n_{year}") for year in years]


def _by_status(latest: Any, key: str) -> list[Any]:
    """Count each status, 0 where the report draws the city with none of it."""
    flags = [(nw.col("status") == name).cast(nw.Int64).alias(name) for name in STATUSES_REPORTED]
    marked = latest.with_columns(*flags)
    return [_total(marked, key, name) for name in STATUSES_REPORTED]


def _total(rows: Any, key: str, name: str) -> Any:
    return rows.group_by(key).agg(nw.col(name).sum())


def _different(rows: Any, key: str, column: str, name: str) -> Any:
    return frames.count(rows.select(key, column).unique(), [key], name)


def _with_city(frame: Any) -> Any:
    return frame.filter(~nw.col("city_id").is_null())


def _filled(rows: Any, counts: Any, name: str) -> Any:
    """Give each of the cities a number: here nothing counted is a true 0."""
    joined = rows.select("city_id").join(counts, on="city_id", how="left")
    return joined.with_columns(nw.col(name).fill_null(0).cast(nw.Int64))


def _joined(rows: Any, parts: Sequence[Any], key: str) -> Any:
    for part in parts:
        rows = rows.join(part, on=key, how="left")
    return rows
