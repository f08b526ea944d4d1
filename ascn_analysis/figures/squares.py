"""The signature chart: one square is one project."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import forms, template, theme

_CELL: Final = 76  # pixels that a focus area's column is wide
_ROW: Final = 15  # pixels that a city's row is high
_HEADER: Final = "header"  # form of the rows that only name a country
_COLUMNS: Final = (
    "x", "row", "city", "country", "iso3", "focus_area", "focus_area_id",
    "project_printed", "form", "status", "status_name", "page", "url",
)  # fmt: skip
_SPOKEN: Final = (
    f"datum.form === '{_HEADER}' ? datum.country : "
    "datum.project_printed + ', ' + datum.city + ': ' + datum.focus_area + ', ' + datum.status_name"
)


def project_squares(projects: pd.DataFrame, year: int) -> alt.Chart:
    """Draw one report with one square a project: rows are cities, columns the six focus areas.

    Parameters
    ----------
    projects
        Projects as `loaders.load_projects` or `loaders.load_panel` gives them; rows of other reports are left out.
        With a column ``url`` each square links to its page of the report.
    year
        The report.

    Returns
    -------
    Chart
        Filterable by country. Form says the status: outline = planning, hatch = ongoing, solid = completed, one stroke =
        ongoing or planning, a dash = left open in another way. Every square has a tooltip.

    Raises
    ------
    SelectionError
        If there is no row of that report.
    """
    rows = projects[projects["report_year"] == year]
    if rows.empty:
        raise SelectionError(
            f"no project of report {year}; the frame holds {sorted(projects['report_year'].unique().tolist())}"
        )
    placed = _place(rows)
    placed = placed[[column for column in _COLUMNS if column in placed]]
    used = tuple(form for form in forms.SHAPES if (placed["form"] == form).any())
    return template.filled(_chart, (used, "url" in placed), {template.ROWS: placed}, _words(rows, year))


def _chart(used: tuple[str, ...], linked: bool) -> alt.Chart:
    chart = _marks(used, linked).transform_filter(theme.SELECTED).add_params(theme.country_param())
    return chart.properties(width=_CELL * len(v.FOCUS_AREAS), height=alt.Step(_ROW))


def _place(rows: pd.DataFrame) -> pd.DataFrame:
    """Give each square its slot within the cell of city and focus area, below a row that names the country."""
    areas = list(v.FOCUS_AREA_NAMES)
    placed = rows.assign(order=rows["focus_area_id"].map(areas.index).astype("int64"))
    placed = placed.sort_values(["country", "city", "order", "list", "row_no"], ignore_index=True)
    slot = placed.groupby(["city", "focus_area_id"]).cumcount()
    squares = placed.assign(
        x=placed["order"] + 0.11 + _distance(int(slot.max())) * slot,
        form=forms.form(placed["status"]),
        status_name=placed["status"].str.replace("|", " or "),
    )
    return theme.with_country_rows(squares).fillna({"form": _HEADER, "x": 0.0, "url": ""})


def _distance(last: int) -> float:
    """Return the distance of two squares in a cell, in widths of a column: less where more than six must fit."""
    return min(0.16, 0.8 / max(last, 1))


def _areas_axis() -> alt.X:
    names = [_two_lines(name) for name in v.FOCUS_AREA_NAMES.values()]
    words = "[" + ",".join(f"'{name}'" for name in names) + "]"
    axis = alt.Axis(
        orient="top",
        values=[i + 0.5 for i in range(len(names))],
        labelExpr=f"split({words}[floor(datum.value)], '|')",
        labelFontSize=11,
        labelOverlap=False,
        labelPadding=18,
        ticks=False,
        domain=False,
        grid=False,
    )
    return alt.X("x:Q").scale(domain=[0, len(names)], nice=False).title(None).axis(axis)


def _two_lines(name: str) -> str:
    return name.replace("& ", "&|") if "&" in name else name.replace(" ", "|", 1)


def _marks(used: tuple[str, ...], linked: bool) -> alt.Chart:
    domain = [*forms.SHAPES, _HEADER]
    shape = alt.Shape("form:N").scale(domain=domain, range=[*forms.SHAPES.values(), "M0,0"])
    fill = alt.FillOpacity("form:N").scale(type="ordinal", domain=domain, range=[*forms.FILLS.values(), 0.0])
    return (
        template.named()
        .mark_point(size=90, strokeWidth=1.3, opacity=1, description=alt.expr(_SPOKEN))
        .encode(
            x=_areas_axis(),
            y=theme.city_axis(),
            shape=shape.legend(forms.legend(list(used))),
            fillOpacity=fill.legend(None),
            fill=alt.Fill("focus_area_id:N").scale(forms.area_colours()).legend(None),
            stroke=alt.Stroke("focus_area_id:N").scale(forms.area_colours()).legend(None),
            tooltip=_tooltip(),
            **({"href": alt.Href("url:N")} if linked else {}),
        )
    )


def _tooltip() -> list[alt.Tooltip]:
    fields = {
        "project_printed:N": "Project", "city:N": "City", "country:N": "Country", "focus_area:N": "Focus area",
        "status_name:N": "Status", "page:Q": "PDF page",
    }  # fmt: skip
    return [alt.Tooltip(field, title=title) for field, title in fields.items()]


def _words(rows: pd.DataFrame, year: int) -> tuple[str, list[str], str]:
    as_of = str(rows["as_of"].iloc[0])
    total, cities = len(rows), rows["city_id"].nunique()
    counts = rows["focus_area"].value_counts().reindex(list(v.FOCUS_AREA_NAMES.values()), fill_value=0)
    areas = theme.spell_list(f"{name} {n}" for name, n in counts.items())
    title = f"Every project of the {year} report, by city and focus area"
    lines = [
        "One square is one project. Form tells the self-reported status.",
        theme.source_line([f"ASCN M&E report {year}, appendix and Exhibit 2"], as_of),
    ]
    statuses = rows["status"].str.replace("|", " or ").value_counts()
    told = theme.spell_list(f"{name} {n}" for name, n in statuses.items())
    alt_text = f"{title}. {total} projects in {cities} {_cities(cities)}, as of {theme.spell_date(as_of)}: {areas}. Status: {told}."
    return title, lines, alt_text


def _cities(n: int) -> str:
    return "city" if n == 1 else "cities"
