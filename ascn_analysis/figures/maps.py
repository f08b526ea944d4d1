"""The locator map: where the member cities lie, with insets where dots would cover each other."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import template, theme

_SHAPES: Final = {"2018 pilot": "circle", "2023": "square", "2024": "triangle-up", "2025": "diamond", "2026": "cross"}
_INSET_WIDTH: Final = 200
_COLOURS: Final = {"2018 pilot": "#0B4F8A", "2023": "#C8501E", "2024": "#7A2E0E", "2025": "#8A6D00", "2026": "#A03E8D"}
_LATER: Final = (
    ("triangle-down", "#1B6B5A"),
    ("triangle-right", "#52606D"),
    ("triangle-left", "#B0305C"),
    ("stroke", "#1F2933"),
)
NOT_YET: Final = "not yet a member"
_DOTS: Final = "cities"
_COUNTS: Final = "counts"
_SPOKEN: Final = "datum.city + ', ' + datum.country + ', joined ' + datum.joined_year"
_COUNTED: Final = "datum.city ? datum.city + ': ' + (datum.label || datum.note) : datum.country"
Box = tuple[float, float, float, float]  # west, south, east, north, degrees

REGION: Final[Box] = (91.8, -11.4, 141.4, 28.8)
"""The eleven member states."""
_INSETS: Final[dict[str, tuple[str, Box]]] = {
    "klang_valley": ("Kuala Lumpur and Putrajaya", (101.3, 2.7, 102.0, 3.4)),
    "singapore_strait": ("Singapore and Johor Bahru", (103.5, 1.15, 104.1, 1.65)),
}


def city_map(
    cities: pd.DataFrame,
    projects: pd.DataFrame,
    topology: dict[str, Any],
    insets: dict[str, Any],
    report: tuple[int, str] | None = None,
) -> alt.VConcatChart:
    """Draw the member cities as equal dots over light boundaries, and their project counts as dots beside their names.

    Parameters
    ----------
    cities
        Member cities, as `loaders.load_cities` gives them.
    projects
        Projects, one row per project and report.
    topology, insets
        Boundaries, as `loaders.load_topology` gives them.
    report
        Year and as-of date of the report that is counted; by default the latest in `projects`.

    Returns
    -------
    VConcatChart
        Filterable by country. The shape of a dot is the cohort of joining. A city that joined after the report is
        "not yet a member" in it, never 0.

    Raises
    ------
    SelectionError
        If there is no city to draw, or neither a project nor a report.

    Notes
    -----
    Boundaries are de facto and for orientation only; a dot is a standing point of the city, not its extent.
    """
    if cities.empty or (projects.empty and report is None):
        raise SelectionError("nothing to draw: expected at least one city, and a project or a report")
    year, as_of = report or _latest(projects)
    counted = count_projects(cities, projects, year)
    dots = _dot_rows(counted)
    details = {_cities_of(name): dots[_inside(dots, box)] for name, (_, box) in _INSETS.items()}
    sets = {_DOTS: dots, **details, _COUNTS: _count_rows(counted), **datasets(topology, insets)}
    return template.filled(_map_chart, (tuple(_marks(counted["cohort"])), year), sets, _words(counted, year, as_of))


def _map_chart(cohorts: tuple[str, ...], year: int) -> alt.VConcatChart:
    details = alt.hconcat(*(_inset(name, cohorts) for name in _INSETS), spacing=24)
    chart = alt.vconcat(_region(cohorts), details, _counts(cohorts, year), spacing=20)
    return chart.resolve_scale(shape="independent", color="independent").add_params(theme.country_param())


def _cities_of(inset: str) -> str:
    return f"{inset}_{_DOTS}"


def _inside(cities: pd.DataFrame, box: Box) -> pd.Series:
    west, south, east, north = box
    return cities["lon"].between(west, east) & cities["lat"].between(south, north)


def _latest(projects: pd.DataFrame) -> tuple[int, str]:
    last = projects.loc[projects["report_year"].idxmax()]
    return int(last["report_year"]), str(last["as_of"])


def count_projects(cities: pd.DataFrame, projects: pd.DataFrame, year: int) -> pd.DataFrame:
    """Add to each city its number of projects in a report, missing where it has none.

    Returns
    -------
    DataFrame
        The cities, alphabetical by country and city, plus ``n`` (projects, missing where there is none) and ``note``:
        ``"not yet a member"`` where no report up to this one lists the city, ``"none shown"`` where it is listed but
        `projects` holds none of it, else empty.
    """
    n = cities["city_id"].map(projects[projects["report_year"] == year].groupby("city_id").size())
    waiting = cities["first_report"].fillna(year + 1) > year
    note = pd.Series("", index=cities.index).where(n.notna(), "none shown").where(~waiting, NOT_YET)
    return cities.assign(n=n.astype("Int64"), note=note).sort_values(["country", "city"], ignore_index=True)


def land(name: str) -> alt.Chart:
    """Draw an object of the boundaries; `datasets` says what its name stands for."""
    data = alt.NamedData(name=name, format=alt.TopoDataFormat(feature=name, type="topojson"))
    chosen = "country !== null && datum.properties.iso3 === country"
    fill = alt.when(chosen).then(alt.value("#CBD5DF")).otherwise(alt.value(v.LAND))
    return alt.Chart(data).mark_geoshape(stroke=v.COAST, strokeWidth=0.5, aria=False).encode(fill=fill)


def datasets(*topologies: dict[str, Any]) -> dict[str, str]:
    """Name each object of the topologies as a data set of its own: Vega-Lite refuses one set under two formats.

    As text, which Vega reads as well: a notebook would give every coordinate a line of its own.
    """
    alone = {name: {**t, "objects": {name: shape}} for t in topologies for name, shape in t["objects"].items()}
    return {name: json.dumps(topology, separators=(",", ":")) for name, topology in alone.items()}


def mercator(box: Box, width: int) -> tuple[alt.Projection, int]:
    """Fit a Mercator projection to a box by arithmetic, and return it with the height that the box then takes.

    Vega's own fitting also looks at the dots, which a filter takes away.
    """
    west, south, east, north = (math.radians(degrees) for degrees in box)
    low, high = (math.log(math.tan(math.pi / 4 + latitude / 2)) for latitude in (south, north))
    scale = width / (east - west)
    centre = [(box[0] + box[2]) / 2, math.degrees(2 * math.atan(math.exp((low + high) / 2)) - math.pi / 2)]
    height = round(scale * (high - low))
    return alt.Projection(type="mercator", scale=scale, center=centre, translate=[width / 2, height / 2]), height


def _marks(cohorts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return shape and colour of each cohort; cohorts that come later take further ones, in turn."""
    known = {name: (shape, _COLOURS[name]) for name, shape in _SHAPES.items()}
    later = sorted(set(cohorts) - set(known))
    return known | {name: _LATER[i % len(_LATER)] for i, name in enumerate(later)}


def _scales(cohorts: Iterable[str]) -> tuple[alt.Scale, alt.Scale]:
    """Return the scales of shape and colour of the cohorts."""
    marks = _marks(cohorts)
    shapes, colours = zip(*marks.values(), strict=True)
    return alt.Scale(domain=list(marks), range=list(shapes)), alt.Scale(domain=list(marks), range=list(colours))


def _dot_rows(cities: pd.DataFrame) -> pd.DataFrame:
    columns = ["city", "country", "iso3", "lat", "lon", "cohort", "joined_year", "scope"]
    return cities[columns].assign(projects=cities["n"].astype("str").where(cities["n"].notna(), cities["note"]))


def _dots(name: str, cohorts: Iterable[str], legend: alt.Legend | None = None) -> alt.Chart:
    shapes, colours = _scales(cohorts)
    return (
        template.named(name)
        .mark_point(filled=True, size=55, opacity=1, stroke="white", strokeWidth=0.8, description=alt.expr(_SPOKEN))
        .transform_filter(theme.SELECTED)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            shape=alt.Shape("cohort:N").scale(shapes).legend(legend),
            color=alt.Color("cohort:N").scale(colours).legend(legend),
            tooltip=[
                alt.Tooltip("city:N", title="City"),
                alt.Tooltip("country:N", title="Country"),
                alt.Tooltip("joined_year:O", title="Joined"),
                alt.Tooltip("projects:N", title="Projects, latest report"),
                alt.Tooltip("scope:N", title="What the reports mean"),
            ],
        )
    )


def _region(cohorts: Iterable[str]) -> alt.LayerChart:
    projection, height = mercator(REGION, theme.WIDTH)
    legend = alt.Legend(title="Joined", orient="top-right", direction="vertical")
    chart = alt.layer(land("asean"), _dots(_DOTS, cohorts, legend))
    return chart.properties(width=theme.WIDTH, height=height, projection=projection)


def _inset(name: str, cohorts: Iterable[str]) -> alt.LayerChart:
    heading, box = _INSETS[name]
    names = (
        template.named(_cities_of(name))
        .mark_text(align="left", dx=8, fontSize=11, aria=False)
        .transform_filter(theme.SELECTED)
        .encode(longitude="lon:Q", latitude="lat:Q", text="city:N")
    )
    projection, height = mercator(box, _INSET_WIDTH)
    title = alt.TitleParams(heading, fontSize=12, anchor="start", offset=4)
    chart = alt.layer(land(name), _dots(_cities_of(name), cohorts), names)
    view = alt.ViewConfig(stroke=v.COAST)
    return chart.properties(width=_INSET_WIDTH, height=height, projection=projection, title=title, view=view)


def _count_rows(cities: pd.DataFrame) -> pd.DataFrame:
    rows = theme.with_country_rows(cities[["city", "country", "iso3", "cohort", "n", "note"]])
    return rows.assign(
        at=rows["n"].fillna(0), note=rows["note"].fillna(""), label=rows["n"].astype("str").where(rows["n"].notna(), "")
    )


def _counts(cohorts: Iterable[str], year: int) -> alt.LayerChart:
    base = template.named(_COUNTS).transform_filter(theme.SELECTED).encode(y=theme.city_axis())
    axis = alt.Axis(orient="top", labelExpr=theme.WHOLE, grid=False)
    x = alt.X("at:Q").scale(domainMin=0).title(f"projects in the {year} report").axis(axis)
    shapes, colours = _scales(cohorts)
    listed = alt.when("isValid(datum.n)").then(alt.value(1)).otherwise(alt.value(0))
    dots = base.mark_point(filled=True, size=55, description=alt.expr(_COUNTED)).encode(
        x=x,
        opacity=listed,
        shape=alt.Shape("cohort:N").scale(shapes).legend(None),
        color=alt.Color("cohort:N").scale(colours).legend(None),
    )
    numbers = base.mark_text(align="left", dx=8, aria=False).encode(x=x, text="label:N")
    notes = base.mark_text(align="left", dx=4, color=v.MUTED, fontSize=11, aria=False).encode(x=x, text="note:N")
    return alt.layer(dots, numbers, notes).properties(width=380, height=alt.Step(15))


def _spread(n: pd.Series, year: int) -> str:
    if n.empty:
        return ""
    return f"In the {year} report {len(n)} cities have {int(n.min())} to {int(n.max())} projects each."


def _words(cities: pd.DataFrame, year: int, as_of: str) -> tuple[str, list[str], str]:
    cohorts = cities["cohort"].value_counts().reindex(list(_marks(cities["cohort"])), fill_value=0)
    states = cities.groupby("country").size()
    waiting = cities.loc[cities["note"] == NOT_YET, "city"]
    title = f"Member cities, and their projects in the {year} report"
    lines = [
        "Dots of equal size; their shape tells the year of joining. Countries in alphabetical order.",
        theme.source_line([f"ASEAN roster, ASCN M&E report {year}, GeoNames"], as_of),
        theme.BOUNDARY_LINE,
    ]
    spoken = [
        f"{title}. {len(cities)} {'city' if len(cities) == 1 else 'cities'}. By country: {theme.spell_list(f'{name} {n}' for name, n in states.items())}.",
        f"By cohort: {theme.spell_list(f'{name} {n}' for name, n in cohorts.items())}.",
        _spread(cities["n"].dropna(), year),
        f"Not yet members in it: {theme.spell_list(waiting)}." if len(waiting) else "",
        theme.BOUNDARY_LINE,
    ]
    return title, lines, " ".join(part for part in spoken if part)
