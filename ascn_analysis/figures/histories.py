"""The histories of projects: cohorts by the report that they entered with, and one strip a project."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import forms, theme

_PARTS: Final = ", appendices and Exhibit 2"
_STATES: Final = {
    "completed": v.INK,
    "perhaps completed": "#8895A2",
    "unfinished": "#A9BED0",
    "no longer listed": "#E8A98D",
}
_CITY, _CELLS, _STEP, _TITLES = (
    0,
    140,
    27,
    404,
)  # pixels: where cities and cells begin, a cell's width, that of the titles
_BARS, _STEP_OF_BAR = 440, 44  # pixels: all bars of the cohorts together, and the most that one takes
_GONE: Final = "gone"
_CROSS: Final = "M-0.6,-0.6L0.6,0.6M0.6,-0.6L-0.6,0.6"
_FOUND: Final = "search === '' || indexof(datum.searched, lower(search)) >= 0"
_SPOKEN: Final = "datum.title + ', ' + datum.city + ', ' + datum.report_year + ': ' + datum.what"


def cohort_bars(cohorts: pd.DataFrame, as_of: str) -> alt.HConcatChart:
    """Draw what became of the projects that entered the lists with the same report.

    Parameters
    ----------
    cohorts
        ``by_selection(cohorts, projects)``.
    as_of
        Date of the latest report.

    Returns
    -------
    HConcatChart
        Filterable by country. One panel a cohort, one bar a report.

    Raises
    ------
    SelectionError
        If there is no project.
    """
    if cohorts.empty:
        raise SelectionError("nothing to draw: no project in the frame")
    rows = cohorts.assign(order=cohorts["state"].map(list(_STATES).index))
    years = sorted(rows["entered"].unique())
    step = _step(rows)
    words = "first listed {}" if step == _STEP_OF_BAR else "{}"
    panels = [
        _cohort(rows[rows["entered"] == year], words.format(year), step, first=year == years[0]) for year in years
    ]
    chart = alt.hconcat(*panels, spacing=18, bounds="flush").resolve_scale(y="shared").add_params(theme.country_param())
    return theme.finish(chart, *_cohort_words(rows, as_of))


def _cohort(rows: pd.DataFrame, heading: str, step: int, *, first: bool) -> alt.LayerChart:
    base = alt.Chart(rows).transform_filter(theme.PICKED).encode(
        x=alt.X("report_year:O").title(None).axis(labelAngle=0, ticks=False), order="order:Q"
    )  # fmt: skip
    axis = alt.Axis(labelExpr=theme.WHOLE, tickCount=5) if first else None
    y = alt.Y("n:Q").stack("zero").title("projects" if first else None).axis(axis)
    fill = alt.Fill("state:N").scale(domain=list(_STATES), range=list(_STATES.values())).title(None)
    tooltip = [alt.Tooltip("report_year:O", title="Report"), alt.Tooltip("state:N", title="State"), alt.Tooltip("n:Q", title="Projects")]  # fmt: skip
    bars = base.mark_bar(stroke="white").encode(y=y, fill=fill, tooltip=tooltip)
    ink = alt.when("datum.state === 'completed'").then(alt.value("white")).otherwise(alt.value(v.INK))
    shown = alt.when("datum.n >= 5").then(alt.Text("n:Q")).otherwise(alt.value(""))
    numbers = base.mark_text(fontSize=11, aria=False).encode(
        y=alt.Y("n:Q").stack("zero").bandPosition(0.5), text=shown, color=ink
    )
    title = alt.TitleParams(heading, fontSize=12, anchor="start", offset=4)
    return alt.layer(bars, numbers).properties(width=alt.Step(step), height=240, title=title)


def _step(rows: pd.DataFrame) -> int:
    """Return the width of a bar: less where later reports bring more bars."""
    return min(_STEP_OF_BAR, _BARS // len(rows[["entered", "report_year"]].drop_duplicates()))


def _heads(rows: pd.DataFrame) -> str:
    """Say what the heads of the panels are where they are too narrow to say it themselves."""
    return "" if _step(rows) == _STEP_OF_BAR else " Above: the first report that lists them."


def _cohort_words(rows: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    last = rows["report_year"].max()
    network = rows[(rows["selection"] == "all") & (rows["report_year"] == last)].sort_values(["entered", "order"])
    said = "; ".join(
        f"first listed {year}: " + theme.spell_list(f"{r.n} {r.state}" for r in part.itertuples())
        for year, part in network.groupby("entered")
    )
    title = "What became of the projects that entered with the same report"
    lines = ["Number of projects, by report. Perhaps completed: the evidence leaves it open." + _heads(rows),
             theme.source_line([theme.reports(rows["report_year"]) + _PARTS], as_of)]  # fmt: skip
    return title, lines, f"{title}. In {last}, of the projects {said}."


def history_strips(panel: pd.DataFrame, history: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a project: a form for each report that lists it, and its title.

    Parameters
    ----------
    panel
        Projects, as `loaders.load_panel` gives them.
    history
        As `metrics.history` gives it, for the marks of renaming and reclassification.

    Returns
    -------
    LayerChart
        Filterable by country, and by a search for words in title or city (parameter ``search``). Form says the status, as in
        `project_squares`; a cross stands in the first report that no longer lists the project; "r" before a form: renamed,
        "f": filed under another focus area than in the report before.

    Raises
    ------
    SelectionError
        If there is no project.
    """
    if panel.empty:
        raise SelectionError("nothing to draw: no project in the frame")
    rows = _strips(panel, history)
    years = sorted(panel["report_year"].unique().tolist())
    base = alt.Chart(rows).transform_filter(theme.SELECTED).transform_filter(_FOUND).encode(
        y=alt.Y("project_id:N").sort(None).title(None).axis(None)
    )  # fmt: skip
    cells = _cells(base, years, sorted(set(rows["form"]) - {_GONE}, key=list(forms.SHAPES).index))
    titles = _titles(years)
    texts = [
        _text(base, "city_label", _CITY, _CELLS - 22, v.MUTED),
        _text(base, "title_label", titles, _TITLES, v.INK),
    ]
    marks = base.mark_text(align="right", dx=-8, fontSize=10, color=v.MUTED, aria=False).encode(
        x=_x("x", years), text="mark:N"
    )
    search = alt.param(
        name="search", value="", bind=alt.binding(input="search", name="Search ", placeholder="title or city")
    )
    chart = alt.layer(cells, marks, *texts).add_params(theme.country_param(), search)
    return theme.finish(chart.properties(width=titles + _TITLES, height=alt.Step(16)), *_strip_words(panel, rows))


def _strips(panel: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Place the forms of each project, add the cross after its last report, and write its names once."""
    marked = panel.merge(
        history[["report_year", "project_id", "renamed", "reclassified"]], on=["report_year", "project_id"]
    )
    letters = marked["renamed"].map({True: "r", False: ""}) + marked["reclassified"].map({True: "f", False: ""})
    kept = marked.assign(
        form=forms.form(marked["status"]), what=marked["status"].str.replace("|", " or "), mark=letters
    )
    rows = pd.concat([kept, _gone(kept)]).sort_values(
        ["country", "city", "project_id", "report_year"], ignore_index=True
    )
    years = sorted(panel["report_year"].unique())
    first = ~rows["project_id"].duplicated()
    return rows.assign(
        x=_CELLS + _STEP * rows["report_year"].map(years.index),
        title_label=rows["title"].where(first, ""),
        city_label=rows["city"].where(first, ""),
        searched=(rows["title"] + " " + rows["city"] + " " + rows["country"]).str.lower(),
    )[["project_id", "iso3", "city", "title", "report_year", "focus_area_id", "form", "what", "mark", "x", "title_label", "city_label", "searched"]]  # fmt: skip


def _gone(rows: pd.DataFrame) -> pd.DataFrame:
    years = sorted(rows["report_year"].unique())
    last = rows[(rows["report_year"] == rows["last_year"]) & (rows["last_year"] < years[-1])]
    nexts = last["last_year"].map(dict(pairwise(years))).astype("int64")
    return last.assign(report_year=nexts, form=_GONE, what="no longer listed", mark="")


def _x(field: str, years: list[int]) -> alt.X:
    places = [_CELLS + _STEP * i for i in range(len(years))]
    words = "{" + ",".join(f"{place}:'{year}'" for place, year in zip(places, years, strict=True)) + "}[datum.value]"
    axis = alt.Axis(
        orient="top", values=places, labelExpr=words, labelFontSize=10, ticks=False, domain=False, grid=False
    )
    return alt.X(f"{field}:Q").scale(domain=[0, _titles(years) + _TITLES], nice=False).title(None).axis(axis)


def _cells(base: alt.Chart, years: list[int], used: list[str]) -> alt.Chart:
    domain = [*forms.SHAPES, _GONE]
    opacity = alt.FillOpacity("form:N").scale(type="ordinal", domain=domain, range=[*forms.FILLS.values(), 0.0])
    gone = f"datum.form === '{_GONE}'"
    colour = alt.when(gone).then(alt.value(v.MUTED)).otherwise(
        alt.Stroke("focus_area_id:N").scale(forms.area_colours()).legend(None)
    )  # fmt: skip
    tooltip = [alt.Tooltip("title:N", title="Project"), alt.Tooltip("city:N", title="City"),
               alt.Tooltip("report_year:O", title="Report"), alt.Tooltip("what:N", title="Status")]  # fmt: skip
    return base.mark_point(size=90, strokeWidth=1.3, opacity=1, description=alt.expr(_SPOKEN)).encode(
        x=_x("x", years),
        shape=alt.Shape("form:N")
        .scale(domain=domain, range=[*forms.SHAPES.values(), _CROSS])
        .legend(forms.legend(used)),
        fillOpacity=opacity.legend(None),
        fill=alt.Fill("focus_area_id:N").scale(forms.area_colours()).legend(None),
        stroke=colour,
        tooltip=tooltip,
    )


def _titles(years: list[int]) -> int:
    """Return where the titles begin: right of the cells."""
    return _CELLS + _STEP * len(years) + 8


def _text(base: alt.Chart, field: str, x: int, limit: int, ink: str) -> alt.Chart:
    return base.mark_text(align="left", limit=limit, fontSize=11, color=ink, aria=False).encode(
        x=alt.value(x), text=f"{field}:N"
    )


def _strip_words(panel: pd.DataFrame, rows: pd.DataFrame) -> tuple[str, list[str], str]:
    projects = panel.drop_duplicates("project_id")
    last = panel["report_year"].max()
    all_reports = (panel.groupby("project_id").size() == panel["report_year"].nunique()).sum()
    gone = (projects["last_year"] < last).sum()
    title = "One line a project: its status in each report"
    lines = ["Form: status. Colour: focus area. Cross: no longer listed. r: renamed; f: filed under another area.",
             theme.source_line([theme.reports(panel["report_year"]) + _PARTS], str(panel["as_of"].max()))]  # fmt: skip
    said: dict[str, Any] = {
        "renamings": rows["mark"].str.contains("r").sum(),
        "changes of focus area": rows["mark"].str.contains("f").sum(),
    }
    marks = theme.spell_list(f"{n} {name}" for name, n in said.items())
    alt_text = f"{title}. {len(projects)} projects: {all_reports} in all reports, {gone} no longer listed; {marks}."
    return title, lines, alt_text
