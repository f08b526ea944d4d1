"""Charts of the action plans of 2018 beside what the reports list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import theme
from ascn_analysis.metrics import ALL

_PLANS: Final = "ASCN Smart City Action Plans 2018"
_PLAN_SOURCE: Final = "scaps-2018"
_BLUE: Final = "#0B4F8A"
_PALE: Final = "#CFE0EF"
_ORANGE: Final = "#C8501E"
_CELL: Final = 76  # pixels that a focus area's column is wide
_ROW: Final = 19  # pixels that a city's row is high
_HEADER: Final = "header"  # match of the rows that only name a country
_FORMS: Final = {
    # match: words, shape, fill, stroke, width and dash of the stroke
    "official": ("chosen, label is one of the six names", "circle", _PALE, _BLUE, 2.2, [1, 0]),
    "judged": ("chosen, match of the label is judged", "circle", "white", _BLUE, 1.3, [3, 2]),
    "neither": ("not chosen", "M-0.3,0L0.3,0", "white", v.COAST, 1.3, [1, 0]),
    _HEADER: ("", "M0,0", "white", "white", 0.0, [1, 0]),
}
_MATRIX_COLUMNS: Final = ("row", "iso3", "focus_area", "choice", "n", "planned", "plan_page", "report_page")
_CHOICE_NAMES: Final = {
    "official": "Chosen in 2018, label is one of the six names",
    "judged": "Chosen in 2018, match of the label is judged",
    "not chosen": "Not chosen in 2018",
}
_PARTS: Final = {
    "planned": ("with a project planned in 2018", _BLUE),
    "other": ("with other projects only", _ORANGE),
    "none": ("none listed", "white"),
}
_NO_PLAN: Final = "No city of this country had an action plan in 2018."
_NUMBERED: Final = {"true": "with a quantity to reach", "false": "without"}


def plan_matrix(cells: pd.DataFrame, sources: pd.DataFrame, report: int | None = None) -> alt.LayerChart:
    """Draw which focus areas each pilot city chose in 2018, and in which it has listed projects.

    Parameters
    ----------
    cells
        As `metrics.chosen_and_listed` gives it, with ``city``, ``country`` and ``iso3``.
    sources
        Source documents, for addresses and dates.
    report
        Year of the report; by default the latest in `cells`.

    Returns
    -------
    LayerChart
        Filterable by country. Ring: chosen in 2018, filled where the label is the framework's own, hollow and dashed where its match
        is judged. Dot: at least one project listed. Dash: not chosen. Rings link to the plan, dots to the report.

    Raises
    ------
    SelectionError
        If there is no cell of that report.
    """
    held = sorted(cells["report_year"].unique().tolist())
    year = report or max(held, default=0)
    rows = cells[cells["report_year"] == year]
    if rows.empty:
        raise SelectionError(f"no cell of report {year}; the frame holds {held}")
    known = sources.set_index("source_id")
    addresses = {"plan": known.loc[_PLAN_SOURCE, "url"], "report": known.loc[f"me-{year}", "url"]}
    placed = _place(rows)
    base = _cells(placed, addresses)
    chart = alt.layer(_rings(base), _dots(base, year), _nothing(placed["iso3"])).add_params(theme.country_param())
    sized = chart.properties(width=_CELL * len(v.FOCUS_AREAS), height=alt.Step(_ROW))
    return theme.finish(sized, *_matrix_words(rows, year, str(known.loc[f"me-{year}", "as_of"])))


def _place(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort the cells, say what was chosen, and put a row above each country's cities."""
    areas = list(v.FOCUS_AREA_NAMES)
    placed = rows.assign(
        order=rows["focus_area_id"].map(areas.index),
        focus_area=rows["focus_area_id"].map(v.FOCUS_AREA_NAMES),
        choice=rows["match"].fillna("neither").map({match: words for match, (words, *_) in _FORMS.items()}),
    ).sort_values(["country", "city", "order"], ignore_index=True)
    empty = {"choice": "", "n": 0, "planned": 0, "focus_area": v.FOCUS_AREAS[0].name}
    return theme.with_country_rows(placed).fillna(empty)[list(_MATRIX_COLUMNS)]


def _cells(placed: pd.DataFrame, addresses: Mapping[str, str]) -> alt.Chart:
    """Make what rings and dots share; addresses are put together while drawing, which keeps the data small."""
    links = {f"{name}_url": f"'{address}#page=' + datum.{name}_page" for name, address in addresses.items()}
    pages = {f"{name}_at": f"isValid(datum.{name}_page) ? datum.{name}_page : 'none'" for name in addresses}
    tooltip = {
        "row:N": "City", "focus_area:N": "Focus area", "choice:N": "In 2018", "n:Q": "Projects listed",
        "planned:Q": "Of these, planned in 2018", "plan_at:N": "Page of the plans", "report_at:N": "Page of the report",
    }  # fmt: skip
    base = alt.Chart(placed).transform_filter(theme.SELECTED).transform_calculate(**links, **pages)
    shown = [alt.Tooltip(field, title=title) for field, title in tooltip.items()]
    return base.encode(x=_areas_axis(), y=theme.city_axis(), tooltip=shown)


def _areas_axis() -> alt.X:
    names = list(v.FOCUS_AREA_NAMES.values())
    lines = json.dumps({name: _two_lines(name) for name in names})
    axis = alt.Axis(
        orient="top",
        labelExpr=f"{lines}[datum.label]",
        labelAngle=0,
        labelFontSize=11,
        labelPadding=18,
        ticks=False,
        domain=False,
    )
    return alt.X("focus_area:N").scale(domain=names).sort(None).title(None).axis(axis)


def _two_lines(name: str) -> list[str]:
    head, tail = name.split("& " if "&" in name else " ", 1)
    return [f"{head}&" if "&" in name else head, tail]


def _rings(base: alt.Chart) -> alt.Chart:
    """Draw the choice of each cell; the first layer, so that it also sets the order of the rows."""
    forms, shapes, fills, strokes, widths, dashes = (list(values) for values in zip(*_FORMS.values(), strict=True))
    legend = alt.Legend(title=None, values=[words for words in forms if words], columns=1, direction="vertical")
    spoken = (
        "datum.choice === '' ? slice(datum.row, 2) : datum.row + ', ' + datum.focus_area + ': ' + datum.choice"
        " + (isValid(datum.plan_page) ? ', plans page ' + datum.plan_page : '')"
    )
    return base.mark_point(size=165, opacity=1, description=alt.expr(spoken)).encode(
        shape=alt.Shape("choice:N").scale(domain=forms, range=shapes).legend(legend),
        fill=alt.Fill("choice:N").scale(domain=forms, range=fills).legend(legend),
        stroke=alt.Stroke("choice:N").scale(domain=forms, range=strokes).legend(legend),
        strokeWidth=alt.StrokeWidth("choice:N").scale(type="ordinal", domain=forms, range=widths).legend(legend),
        strokeDash=alt.StrokeDash("choice:N").scale(domain=forms, range=dashes).legend(legend),
        # A missing address would be drawn as a link to "null".
        href=alt.when("isValid(datum.plan_page)").then(alt.Href("plan_url:N")),
    )


def _dots(base: alt.Chart, year: int) -> alt.Chart:
    """Draw a dot where the report lists a project."""
    words = f"project listed in the {year} report"
    spoken = "datum.row + ', ' + datum.focus_area + ': ' + datum.n + ' listed, report page ' + datum.report_page"
    legend = alt.Legend(title=None, symbolStrokeWidth=0, symbolSize=50)
    listed = base.transform_filter("datum.n > 0").transform_calculate(listed=f"'{words}'")
    return listed.mark_point(filled=True, size=48, opacity=1, description=alt.expr(spoken)).encode(
        color=alt.Color("listed:N").scale(domain=[words], range=[v.INK]).legend(legend), href=alt.Href("report_url:N")
    )


def _matrix_words(rows: pd.DataFrame, year: int, as_of: str) -> tuple[str, list[str], str]:
    counts, cities = rows["case"].value_counts(), rows["city_id"].nunique()
    cases = theme.spell_list(f"{case} {n}" for case, n in counts.sort_index().items())
    judged, listed = int((rows["match"] == "judged").sum()), int(rows["n"].sum())
    title = f"Focus areas chosen in 2018, and projects listed in {year}"
    lines = [
        "One cell is one pilot city and one focus area. Ring: chosen. Dot: a project listed.",
        theme.source_line([_PLANS, f"M&E report {year}, appendix"], as_of),
    ]
    said = (
        f"{title}. {len(rows)} cells of {cities} cities: {cases}. {judged} of the choices are judged from their labels."
    )
    return title, lines, f"{said} {listed} projects are listed in these cities."


def choice_bars(listed: pd.DataFrame, as_of: str) -> alt.ConcatChart:
    """Draw how many focus areas have a listed project, among those chosen in 2018 and among those not chosen.

    Parameters
    ----------
    listed
        ``by_selection(listed_by_choice, cells)``.
    as_of
        Date of the latest report.

    Returns
    -------
    ConcatChart
        Filterable by country. One bar is the areas of one report: with a project planned in 2018, with other projects only, none
        listed. At its end stands how many have a project.

    Raises
    ------
    SelectionError
        If there is no row.
    """
    if listed.empty:
        raise SelectionError("nothing to draw: no cells in the frame")
    parts, ends = _choice_parts(listed)
    panels = [_choice_panel(parts, ends, choice) for choice in _CHOICE_NAMES]
    panels[0] = alt.layer(panels[0], _nothing(ends["selection"])).properties(title=panels[0].title)
    chart = alt.concat(*panels, columns=1, spacing=14).resolve_scale(x="shared").add_params(theme.country_param())
    return theme.finish(chart, *_choice_words(listed, as_of))


def _choice_parts(listed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the parts of every bar, and what stands at its end, also where a selection has no such area."""
    keys = ["selection", "report_year", "choice"]
    grid = listed[keys[:2]].drop_duplicates().merge(pd.DataFrame({"choice": list(_CHOICE_NAMES)}), how="cross")
    rows = grid.merge(listed, on=keys, how="left").fillna(0).astype(dict.fromkeys(["n", "listed", "planned"], "int64"))
    rows = rows.assign(other=rows["listed"] - rows["planned"], none=rows["n"] - rows["listed"])
    label = (rows["listed"].astype("str") + " of " + rows["n"].astype("str")).where(rows["n"] > 0, "no such area")
    parts = rows.melt(id_vars=keys, value_vars=list(_PARTS), var_name="part", value_name="cells")
    parts = parts[parts["cells"] > 0]
    names, order = {part: name for part, (name, _) in _PARTS.items()}, list(_PARTS)
    parts = parts.assign(name=parts["part"].map(names), order=parts["part"].map(order.index).astype("int64"))
    return parts.drop(columns="part"), rows.assign(label=label)[[*keys, "n", "label"]]


def _choice_panel(parts: pd.DataFrame, ends: pd.DataFrame, choice: str) -> alt.LayerChart:
    parts, ends = (frame[frame["choice"] == choice].drop(columns="choice") for frame in (parts, ends))
    y = alt.Y("report_year:O").scale(domain=sorted(ends["report_year"].unique())).title(None)
    y = y.axis(ticks=False, domain=False, grid=False)
    x = alt.X("cells:Q").stack("zero").title(None)
    base = alt.Chart(parts).transform_filter(theme.PICKED).encode(y=y, order=alt.Order("order:Q"))
    spoken = alt.expr("datum.report_year + ', areas ' + datum.name + ': ' + datum.cells")
    bars = base.mark_bar(size=14, stroke=_BLUE, strokeWidth=0.8, description=spoken).encode(
        x=x.axis(None), fill=_part_fill(), tooltip=_part_tooltip()
    )
    inside = base.transform_filter(f"datum.order < {len(_PARTS) - 1}").mark_text(fontSize=11, color="white", aria=False)
    end = alt.Chart(ends).transform_filter(theme.PICKED).mark_text(align="left", dx=6, aria=False)
    layers = [bars, inside.encode(x=x.bandPosition(0.5), text="cells:Q"), end.encode(y=y, x="n:Q", text="label:N")]
    heading = alt.TitleParams(_CHOICE_NAMES[choice], fontSize=13, anchor="start", offset=4)
    return alt.layer(*layers).properties(width=theme.WIDTH - 70, height=80, title=heading)


def _part_tooltip() -> list[alt.Tooltip]:
    fields = {"report_year:O": "Report", "name:N": "Areas", "cells:Q": "Number"}
    return [alt.Tooltip(field, title=title) for field, title in fields.items()]


def _nothing(present: pd.Series) -> alt.Chart:
    """Say so in words where the chosen country has no plan."""
    countries = json.dumps(sorted(set(present.dropna()) - {ALL}))
    words = alt.Chart(pd.DataFrame({"words": [_NO_PLAN]}))
    none = words.transform_filter(f"country !== null && indexof({countries}, country) < 0")
    text = none.mark_text(align="left", color=v.MUTED, description=alt.expr("datum.words"))
    return text.encode(x=alt.value(6), y=alt.value(9), text="words:N")


def _part_fill() -> alt.Fill:
    names, colours = zip(*_PARTS.values(), strict=True)
    legend = alt.Legend(title="Focus areas of cities", symbolStrokeColor=_BLUE, symbolType="square")
    return alt.Fill("name:N").scale(domain=list(names), range=list(colours)).legend(legend)


def _choice_words(listed: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    network = listed[listed["selection"] == ALL]
    rows = network.assign(
        said=[
            f"{row.listed} of {row.n} in {row.report_year}, {row.planned} with a planned one"
            for row in network.itertuples()
        ]
    )
    said = ". ".join(
        f"{name}: {'; '.join(rows.loc[rows['choice'] == choice, 'said'])}" for choice, name in _CHOICE_NAMES.items()
    )
    title = "Focus areas with a listed project, chosen in 2018 and not chosen"
    lines = [
        "Number of areas (city by focus area), by report. At the end of a bar: areas with a project, of all.",
        theme.source_line([_PLANS, f"{theme.reports(listed['report_year'])}, appendices"], as_of),
    ]
    return title, lines, f"{title}. {said}."


def target_squares(targets: pd.DataFrame, sources: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """Draw each target of the plans as a square in the row of the year that it names.

    Parameters
    ----------
    targets
        Targets of the plans, with ``city``, ``country`` and ``iso3``.
    sources
        Source documents, for the address of the plans.
    as_of
        Date to look from, such as that of the latest report.

    Returns
    -------
    LayerChart
        Filterable by country. Solid: with a quantity to reach; outline: without. Every square links to the page of the plan.

    Raises
    ------
    SelectionError
        If there is no target.
    """
    if targets.empty:
        raise SelectionError("nothing to draw: no targets in the frame")
    plans = sources.set_index("source_id").loc[_PLAN_SOURCE]
    rows = targets.assign(
        deadline=targets["deadline_year"].map(lambda year: _deadline(year, int(as_of[:4]))),
        kind=targets["has_number"].map(_NUMBERED),
    ).sort_values(["deadline", "has_number", "country", "city", "target_no"], ascending=[True, False, True, True, True])
    chart = alt.layer(*_target_layers(rows, str(plans["url"]))).add_params(theme.country_param())
    sized = chart.properties(width=theme.WIDTH - 30, height=alt.Step(22))
    return theme.finish(sized, *_target_words(rows, as_of, str(plans["as_of"])))


def _deadline(year: Any, now: int) -> str:
    if pd.isna(year):
        return "no year named"
    state = "passed" if year < now else "to come" if year > now else "runs to its end"
    return f"{year:.0f}, {state}"


def _target_layers(rows: pd.DataFrame, address: str) -> list[alt.Chart]:
    order = sorted(rows["deadline"].unique())
    y = alt.Y("deadline:N").scale(domain=order).title(None).axis(ticks=False, domain=False, grid=False)
    places = alt.Scale(domain=[0, int(rows["deadline"].value_counts().max()) + 3])
    columns = ["deadline", "kind", "city", "iso3", "summary", "page"]
    chosen = alt.Chart(rows[columns].reset_index(drop=True)).transform_filter(theme.SELECTED)
    placed = chosen.transform_window(slot="row_number()", groupby=["deadline"])
    placed = placed.transform_calculate(url=f"'{address}#page=' + datum.page")
    spoken = alt.expr("datum.city + ', ' + datum.deadline + ': ' + datum.summary + ', ' + datum.kind")
    marks = placed.mark_point(shape="square", size=30, stroke=_BLUE, strokeWidth=1.2, opacity=1, description=spoken)
    squares = marks.encode(
        x=alt.X("slot:Q").scale(places).axis(None),
        y=y,
        fill=_number_fill(),
        href=alt.Href("url:N"),
        tooltip=_target_tooltip(),
    )
    counts = alt.Chart(_deadlines(rows)).transform_filter(theme.PICKED).mark_text(align="left", dx=9, aria=False)
    ends = alt.X("n:Q").scale(places).axis(None)
    return [squares, counts.encode(x=ends, y=y, text="n:Q"), _nothing(rows["iso3"])]


def _deadlines(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the targets by the year that they name, for all countries together and for each alone."""
    own = pd.concat([rows.assign(selection=ALL), rows.assign(selection=rows["iso3"])])
    return own.groupby(["selection", "deadline"], as_index=False).size().rename(columns={"size": "n"})


def _number_fill() -> alt.Fill:
    scale = alt.Scale(domain=list(_NUMBERED.values()), range=[_BLUE, "white"])
    return alt.Fill("kind:N").scale(scale).legend(title="One square is one target", symbolType="square")


def _target_tooltip() -> list[alt.Tooltip]:
    fields = {
        "city": "City", "summary": "Target, in our words", "deadline": "By", "kind": "Quantity",
        "page": "PDF page",
    }  # fmt: skip
    return [alt.Tooltip(field, title=title) for field, title in fields.items()]


def _target_words(rows: pd.DataFrame, as_of: str, plans: str) -> tuple[str, list[str], str]:
    counts, numbered = rows["deadline"].value_counts().sort_index(), int((rows["has_number"] == "true").sum())
    said = "; ".join(f"{deadline}: {n}" for deadline, n in counts.items())
    title = "Targets of the action plans, by the year that they name"
    lines = [
        f"Seen from {theme.spell_date(as_of)}. A year that has passed does not say whether the target was reached.",
        theme.source_line([_PLANS], plans),
    ]
    return title, lines, f"{title}. {len(rows)} targets, {numbered} with a quantity. {said}."
