"""The rows that the linked views draw: one a bar or disc, never one a project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.explorers.cells import Cells
from ascn_analysis.explorers.choice import Choice
from ascn_analysis.figures.maps import NOT_YET
from ascn_analysis.measures.choosing import NOT_GIVEN
from ascn_analysis.metrics import ALL

Row = dict[str, Any]
Options = list[tuple[str, Any]]

NOT_GIVEN_NAME: Final = "not given"
_PLAIN: Final = "#5B87AD"
_STATUS_COLOURS: Final = {"completed": v.INK, "ongoing": "#5B87AD", "planning": "#E3C766"}
_STATUS_ORDER: Final = {status: place for place, status in enumerate(v.STATUS_SETS)}


def options(cells: Cells, projects: pd.DataFrame) -> dict[str, Options]:
    """Name the values of each dimension, in the order in which they are shown.

    Returns
    -------
    dict
        Field of `Choice` to pairs of label and value: countries alphabetical, cities by country, focus areas and
        statuses in the framework's order and then alphabetical, reports from the first to the last.
    """
    areas = list(v.FOCUS_AREA_NAMES)
    countries = _names(projects, "iso3", "country", v.COUNTRY_NAMES)
    places = _names(projects, "city_id", "city", {})
    lands = {city: countries.get(iso3, "") for city, iso3 in _pairs(projects, "city_id", "iso3")}
    names = _names(projects, "focus_area_id", "focus_area", v.FOCUS_AREA_NAMES)
    return {
        "countries": sorted(((countries.get(x, x), x) for x in cells.values("countries")), key=_named_last),
        "cities": sorted(((places.get(x, x), x) for x in cells.values("cities")), key=lambda o: (lands.get(o[1], ""), *_named_last(o))),
        "focus_areas": sorted(((names.get(x, x), x) for x in cells.values("focus_areas")), key=lambda o: (areas.index(o[1]) if o[1] in areas else len(areas), *_named_last(o))),
        "statuses": [(status_label(x), x) for x in sorted(cells.values("statuses"), key=lambda x: (_STATUS_ORDER.get(x, len(_STATUS_ORDER)), x))],
        "reports": [(str(int(year)), int(year)) for year in cells.values("reports") if year != NOT_GIVEN],
    }  # fmt: skip


def _named_last(option: tuple[str, Any]) -> tuple[bool, str]:
    return option[1] == NOT_GIVEN, option[0]


def _names(projects: pd.DataFrame, key: str, name: str, known: Any) -> dict[Any, str]:
    return {**dict(_pairs(projects, key, name)), **known, NOT_GIVEN: NOT_GIVEN_NAME}


def _pairs(projects: pd.DataFrame, key: str, name: str) -> Iterable[tuple[Any, Any]]:
    if key not in projects or name not in projects:
        return []
    pairs = projects[[key, name]].dropna().drop_duplicates(key, keep="last")
    return zip(pairs[key], pairs[name], strict=True)


def status_label(status: str) -> str:
    """Say a status, or the set that the evidence leaves open.

    Examples
    --------
    >>> status_label("ongoing"), status_label("planning|ongoing"), status_label("")
    ('ongoing', 'planning or ongoing', 'not given')
    """
    if set(status.split("|")) == set(v.STATUSES_REPORTED):
        return "any of the three"
    return " or ".join(status.split("|")) or NOT_GIVEN_NAME


def bar_rows(name: str, cells: Cells, offered: Options, choice: Choice, selection: str = ALL) -> list[Row]:
    """Count a dimension for a drawing: every value offered, chosen or not."""
    counts, chosen = cells.counts(name, choice), getattr(choice, name)
    return [
        {"selection": selection, "key": value, "label": label, "n": counts.get(value, 0), "on": chosen is None or value in chosen, "colour": _colour(name, value)}
        for label, value in offered
    ]  # fmt: skip


def _colour(name: str, value: Any) -> str:
    if name == "focus_areas":
        return v.FOCUS_AREA_COLOURS.get(value, v.MUTED)
    return _STATUS_COLOURS.get(value, v.NO_DATA) if name == "statuses" else _PLAIN


def city_rows(cells: Cells, cities: pd.DataFrame, choice: Choice, selection: str = ALL) -> list[Row]:
    """Count the projects of each city that has a place on the map.

    A city that no report up to the chosen one lists was not yet a member, as ``told`` says: it has no number there, and not 0.
    """
    counts, chosen = cells.counts("cities", choice), choice.cities
    waiting = _waiting(cities, choice)
    allowed = cities if choice.countries is None else cities[cities["iso3"].isin(choice.countries)]
    return [
        {
            "selection": selection,
            "key": city.city_id,
            "label": city.city,
            "country": city.country,
            "lat": city.lat,
            "lon": city.lon,
            "n": (n := None if city.city_id in waiting else counts.get(city.city_id, 0)),
            "told": NOT_YET if n is None else str(n),
            "on": chosen is None or city.city_id in chosen,
        }
        for city in allowed.itertuples()
    ]


def _waiting(cities: pd.DataFrame, choice: Choice) -> set[str]:
    """Return the cities that no report up to the last one chosen lists; none where it is not known when a city came."""
    if "first_report" not in cities:
        return set()
    came = cities["first_report"]
    later = came.isna() if choice.reports is None else came.isna() | (came > max(choice.reports))
    return set(cities.loc[later, "city_id"])
