"""Charts of the network's growth and of its spread over the focus areas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import template, theme
from ascn_analysis.membership import middle
from ascn_analysis.metrics import ALL, whole_percent

_BLUE: Final = "#0B4F8A"
_ORANGE: Final = "#C8501E"
_PALE: Final = "#A9BED0"
_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "first_report": ("in the first report", "#D3DEE8"),
    "continued": ("listed before, on no list of completed ones", _PALE),
    "still_completed": ("on the list of completed ones before", "#5B6B7A"),
    "newly_completed": ("first on the list of completed ones", v.INK),
    "newly_listed_completed": ("newly listed, among the completed ones", "#7A2E0E"),
    "newly_listed": ("newly listed", _ORANGE),
    "no_longer_listed": ("no longer listed (below the line)", v.NO_DATA),
    "pilot_cities": ("the 26 pilot cities of 2018", _BLUE),
    "later_members": ("cities that joined later", _ORANGE),
    "not_separable": ("one list, not told apart", v.NO_DATA),
    "unfinished": ("ongoing or planning", _PALE),
    "completed": ("completed", v.INK),
}
_DARK: Final = ("pilot_cities", "later_members", "completed", "newly_completed", "newly_listed", "still_completed")
_SHOWN: Final = ["selection", "focus_area_id", "report_year", "n", "percent", "label"]
_SHARE: Final = "datum.report_year + ': ' + datum.n + ' projects, ' + datum.label"


def _appendices(rows: pd.DataFrame) -> str:
    return f"{theme.reports(rows['report_year'])}, appendices"


def _need(frame: pd.DataFrame, what: str) -> None:
    if frame.empty:
        raise SelectionError(f"nothing to draw: no {what} in the frame")


def _room(days: Iterable[str]) -> str:
    """Return where a time axis ends: the end of the half-year that leaves at least five months after the last day.

    Examples
    --------
    >>> _room(["2025-09-30"]), _room(["2026-01-15", "2022-09-21"]), _room(["2026-09-28"])
    ('2026-06-30', '2026-06-30', '2027-06-30')
    """
    year, month = (int(part) for part in max(days)[:7].split("-"))
    year, month = year + (month + 5 - 1) // 12, (month + 5 - 1) % 12 + 1
    return f"{year}-06-30" if month <= 6 else f"{year}-12-31"


def _time(field: str, until: str) -> alt.X:
    """Make the time axis from the founding year on; in UTC, so that it is the same in every time zone."""
    axis = alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, grid=False)
    scale = alt.Scale(type="utc", domain=["2017-10-01", until], nice=False)
    return alt.X(f"{field}:T").scale(scale).title(None).axis(axis)


def membership_steps(steps: pd.DataFrame) -> alt.LayerChart:
    """Draw the number of member cities over time, each step with its source.

    Parameters
    ----------
    steps
        As `membership.steps` gives it.

    Returns
    -------
    LayerChart
        Filterable by country. Filled points and the line: primary documents and the official roster. Rings: other
        accounts, also where they differ.
    """
    rows = steps.assign(
        kind=steps["basis"].map({"secondary": "news account"}).fillna("official document or roster"),
        label=steps["n"].astype("str") + " · " + steps["as_of"].map(_when),
        by=steps["as_of"].map(_when),
        founding=steps["day"] == steps["day"].min(),
        first=~steps[steps["basis"] != "secondary"]
        .duplicated(["selection", "n"])
        .reindex(steps.index, fill_value=True),
    )
    official = "datum.kind === 'official document or roster'"
    base = alt.Chart(rows).transform_filter(theme.PICKED).encode(x=_time("day", _room(rows["day"])))
    y = alt.Y("n:Q").title("member cities").axis(labelExpr=theme.WHOLE).scale(zero=False, padding=14)
    line = base.transform_filter(official).mark_line(interpolate="step-after", color=_BLUE, strokeWidth=2).encode(y=y)
    points = base.mark_point(size=60, strokeWidth=1.6, stroke=_BLUE, opacity=1).encode(
        y=y,
        fill=alt.Fill("kind:N").scale(domain=["official document or roster", "news account"], range=[_BLUE, "white"]).title(None),
        tooltip=[alt.Tooltip("n:Q", title="Cities"), alt.Tooltip("by:N", title="As of"), alt.Tooltip("source:N", title="Source")],
    )  # fmt: skip
    labelled = base.transform_filter(f"{official} && datum.first").encode(y=y, text="label:N")
    labels = [
        labelled.transform_filter("datum.founding").mark_text(align="left", dx=-4, dy=-12, aria=False),
        labelled.transform_filter("!datum.founding").mark_text(align="right", dx=-9, dy=-12, aria=False),
    ]
    chart = alt.layer(line, points, *labels).add_params(theme.country_param())
    sized = chart.properties(width=theme.WIDTH, height=280)
    return theme.finish(sized, *_membership_words(rows))


def _when(as_of: str) -> str:
    return f"by the end of {as_of[:4]}" if as_of.endswith("-12-31") else theme.spell_date(as_of)


def _membership_words(rows: pd.DataFrame) -> tuple[str, list[str], str]:
    network = rows[rows["selection"] == ALL]
    official = network[network["kind"] != "news account"].drop_duplicates("n")
    others = network[(network["kind"] == "news account") & ~network["n"].isin(official["n"])]
    said = theme.spell_list(f"{row.n} ({row.by})" for row in official.itertuples())
    odd = "".join(f" One news account differs: {row.n} in {row.by}." for row in others.itertuples())
    title = "Member cities of the network"
    lines = [
        "Number of cities. A date known only to the month or year stands in its middle; rings are news accounts.",
        theme.source_line(
            ["ASEAN roster, ASCN reports and the news named in the tooltips"], str(official["as_of"].max())
        ),
    ]
    return title, lines, f"{title}: {said}.{odd}"


def growth_steps(parts: pd.DataFrame, growth: pd.DataFrame, stated: pd.DataFrame) -> alt.LayerChart:
    """Draw the number of projects at each report's date, split into what came, stayed and left.

    Parameters
    ----------
    parts
        ``by_selection(growth_parts, projects)``.
    growth
        ``by_selection(growth, projects)``, for the as-of dates.
    stated
        Stated figures: 2018's planned projects and earlier stated totals are marked as what they are.

    Returns
    -------
    LayerChart
        Filterable by country; the as-of dates are true on the axis.

    Raises
    ------
    SelectionError
        If there is no project.
    """
    _need(growth, "projects")
    dates = growth[["selection", "report_year", "as_of", "n"]].rename(columns={"n": "total"})
    gone = (parts["split"] == "balance") & (parts["part"] == "no_longer_listed")
    rows = _label_parts(parts[(parts["split"] == "change") | gone]).merge(dates, on=["selection", "report_year"])
    earlier = _earlier_figures(stated, dates)
    sets = {
        template.ROWS: _numbered(rows),
        "dates": dates,
        **({"earlier": _earlier_rows(earlier)} if len(earlier) else {}),
    }
    arguments, words = (_room(dates["as_of"]), len(earlier) > 0), _growth_words(rows, dates, earlier)
    return template.filled(_growth_chart, arguments, sets, words, **_names_and_colours(rows))


def _growth_chart(until: str, earlier: bool, names: list[str], colours: list[str]) -> alt.LayerChart:
    x = _time("as_of", until)
    bars = template.named().encode(x=x, **_stack(names, colours), tooltip=_part_tooltip()).mark_bar(size=34)
    base = template.named("dates").encode(x=x, y=alt.Y("total:Q"))
    line = base.mark_line(interpolate="step-after", color=v.MUTED, strokeDash=[3, 3])
    labels = base.mark_text(dy=-8, fontWeight="bold", aria=False).encode(text="total:Q")
    layers = [layer.transform_filter(theme.PICKED) for layer in (line, bars, _numbers(template.named(), x), labels)]
    chart = alt.layer(*layers, *(_earlier(until) if earlier else [])).add_params(theme.country_param())
    return chart.properties(width=theme.WIDTH, height=320)


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(number=rows["n"].abs().astype("str").where((rows["n"] >= 6) | (rows["n"] < 0), ""))


def _numbers(base: alt.Chart, x: alt.X) -> alt.Chart:
    """Write each part's number into it, and below it where it stands under the line; small parts keep the tooltip."""
    light = " || ".join(f"datum.part === '{part}'" for part in _DARK)
    ink = alt.when(light).then(alt.value("white")).otherwise(alt.value(v.INK))
    y = alt.Y("n:Q").stack("zero").bandPosition(0.5)
    shift = alt.expr("datum.n < 0 ? 10 : 0")
    marks = base.mark_text(fontSize=11, dy=shift, aria=False)
    return marks.encode(x=x, y=y, order="order:Q", text="number:N", color=ink)


def _label_parts(parts: pd.DataFrame) -> pd.DataFrame:
    order = list(_PARTS)
    named = parts.assign(label=parts["part"].map({k: name for k, (name, _) in _PARTS.items()}))
    return named.assign(order=parts["part"].map(order.index))


def _names_and_colours(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the names and the colours of the parts that occur."""
    held = set(rows["part"])
    used = [_PARTS[part] for part in _PARTS if part in held]
    return {"names": [name for name, _ in used], "colours": [colour for _, colour in used]}


def _stack(names: list[str], colours: list[str]) -> dict[str, Any]:
    legend = alt.Legend(title=None, columns=2, direction="vertical", values=names)
    return {
        "y": alt.Y("n:Q").stack("zero").title("projects").axis(tickCount=6, labelExpr=theme.WHOLE),
        "fill": alt.Fill("label:N").scale(domain=names, range=colours).legend(legend),
        "order": alt.Order("order:Q"),
    }


def _part_tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("report_year:O", title="Report"),
        alt.Tooltip("label:N", title="Part"),
        alt.Tooltip("n:Q", title="Projects"),
    ]


def _earlier_figures(stated: pd.DataFrame, dates: pd.DataFrame) -> pd.DataFrame:
    """Return the figures before the first report drawn: planned in 2018, stated without a list (all accounts)."""
    planned = stated["measure"] == "projects_planned"
    before = (stated["measure"] == "projects_total") & (stated["as_of"].str[:4] < str(dates["report_year"].min()))
    accounts: dict[tuple[str, str], list[float]] = {}
    for row in stated[planned | before].itertuples():
        accounts.setdefault((row.measure, middle(row.as_of)), []).append(row.value)
    rows = [
        (*key, max(values), " or ".join(f"{x:.0f}" for x in sorted(values))) for key, values in sorted(accounts.items())
    ]
    return pd.DataFrame(rows, columns=["measure", "day", "value", "said"])


def _earlier_rows(figures: pd.DataFrame) -> pd.DataFrame:
    words = figures["measure"].map({"projects_planned": "planned (2018 plans)", "projects_total": "stated, no list"})
    return figures.assign(words=figures["said"] + " " + words)[["day", "measure", "value", "words"]]


def _earlier(until: str) -> list[alt.Chart]:
    base = template.named("earlier").transform_filter("country === null")
    marks = base.mark_point(shape="diamond", size=90, stroke=v.INK, fill="white", opacity=1, strokeWidth=1.5)
    side = alt.expr("datum.measure === 'projects_planned' ? 'left' : 'right'")
    labels = base.mark_text(align=side, dy=-14, aria=False)
    x = _time("day", until)
    return [marks.encode(x=x, y="value:Q", tooltip="words:N"), labels.encode(x=x, y="value:Q", text="words:N")]


def _growth_words(rows: pd.DataFrame, dates: pd.DataFrame, earlier: pd.DataFrame) -> tuple[str, list[str], str]:
    network, totals = rows[rows["selection"] == ALL], dates[dates["selection"] == ALL]
    counts = theme.spell_list(f"{row.total} ({theme.spell_date(row.as_of)})" for row in totals.itertuples())
    per_part = network.groupby("part")["n"].sum().abs()
    listed = ["newly_listed", "newly_listed_completed"]
    came, left = int(per_part.reindex(listed, fill_value=0).sum()), int(per_part.get("no_longer_listed", 0))
    before = [f"{said} in {day[:4]}" for said, day in zip(earlier["said"], earlier["day"], strict=True)]
    title = "Projects by report: what came, what stayed, what left"
    lines = [
        "Number of projects at each report's date. Diamonds: planned in 2018, and stated for 2021 without a list.",
        theme.source_line(
            [f"{theme.reports(dates['report_year'])}, appendices", "diamonds from stated_figures.csv"],
            str(totals["as_of"].max()),
        ),
    ]
    alt_text = f"{title}. Totals {counts}. After the first report {came} were newly listed and {left} no longer listed."
    other = f" Earlier figures of another kind: {theme.spell_list(before)}." if before else ""
    return title, lines, alt_text + other


def growth_parts(parts: pd.DataFrame, split: str, as_of: str) -> alt.LayerChart:
    """Draw each report's total as a stack of the parts of one split.

    Parameters
    ----------
    parts
        ``by_selection(growth_parts, projects)``.
    split
        ``"membership"`` (pilot cities against later members) or ``"completion"`` (unfinished against completed).
    as_of
        Date of the latest report.

    Returns
    -------
    LayerChart
        Filterable by country, with each part's number in it.

    Raises
    ------
    SelectionError
        If the split is not in the frame.
    """
    rows = _label_parts(parts[parts["split"] == split])
    if rows.empty:
        raise SelectionError(f"no split {split!r}; the frame holds {sorted(parts['split'].unique())}")
    encoding = _stack(**_names_and_colours(rows))
    numbered = alt.Chart(_numbered(rows)).transform_filter(theme.PICKED)
    x = alt.X("report_year:O").title("report").axis(labelAngle=0)
    bars = numbered.mark_bar(size=70).encode(x=x, **encoding, tooltip=_part_tooltip())
    numbers = _numbers(numbered, alt.X("report_year:O"))
    chart = alt.layer(bars, numbers).add_params(theme.country_param()).properties(width=theme.WIDTH, height=280)
    return theme.finish(chart, *_split_words(rows, split, as_of))


def _split_words(rows: pd.DataFrame, split: str, as_of: str) -> tuple[str, list[str], str]:
    network = rows[rows["selection"] == ALL]
    said = "; ".join(
        f"{year}: " + theme.spell_list(f"{row.label} {row.n}" for row in part.itertuples())
        for year, part in network.groupby("report_year")
    )
    title = {
        "membership": "Projects of the 26 pilot cities and of cities that joined later",
        "completion": "Projects by the list that they stand on",
    }[split]
    lines = ["Number of projects, by report.", theme.source_line([_appendices(rows)], as_of)]
    return title, lines, f"{title}. {said}."


def focus_multiples(shares: pd.DataFrame, as_of: str) -> alt.ConcatChart:
    """Draw the number and share of projects in each focus area as six small charts on one scale.

    Parameters
    ----------
    shares
        ``by_selection(shares, projects)``.
    as_of
        Date of the latest report.

    Returns
    -------
    ConcatChart
        Filterable by country. Above each point the number of projects, below it the share. A country with projects
        in a report but none in an area has a true 0 there; one without projects has no point.

    Raises
    ------
    SelectionError
        If there is no project.
    """
    _need(shares, "projects")
    rows = _complete(shares)
    return template.filled(_focus_chart, (), {template.ROWS: rows[_SHOWN]}, _focus_words(rows, as_of))


def _focus_chart() -> alt.ConcatChart:
    panels = [_panel(area) for area in v.FOCUS_AREAS]
    return (
        alt.concat(*panels, columns=3, spacing={"row": 52, "column": 14}, bounds="flush")
        .resolve_scale(y="shared")
        .add_params(theme.country_param())
    )


def _complete(shares: pd.DataFrame) -> pd.DataFrame:
    """Add the areas without a project to every selection and report that has one; area by area, as they are drawn."""
    held = shares[["selection", "report_year", "total"]].drop_duplicates()
    grid = pd.DataFrame({"focus_area_id": list(v.FOCUS_AREA_NAMES)}).merge(held, how="cross")
    counts = shares.drop(columns="total")
    full = grid.merge(counts, how="left", on=["selection", "report_year", "focus_area_id"])
    filled = full.fillna({"n": 0, "share": 0.0}).astype({"n": "int64"})
    whole = whole_percent(filled["n"], filled["total"])
    return filled.assign(percent=(100 * filled["share"]).round(1), label=whole.astype("str") + " %")


def _panel(area: v.FocusArea) -> alt.LayerChart:
    own = f"datum.focus_area_id === '{area.id}'"
    base = template.named().transform_filter(theme.PICKED).transform_filter(own).encode(
        x=alt.X("report_year:O").title(None).axis(labelAngle=0, ticks=False, domain=True, labelFontSize=11),
        y=alt.Y("n:Q").title(None).scale(zero=True, nice=True).axis(labels=False, ticks=False, domain=False, tickCount=4),
        tooltip=[alt.Tooltip("report_year:O", title="Report"), alt.Tooltip("n:Q", title="Projects"), alt.Tooltip("percent:Q", title="Share, %")],
    )  # fmt: skip
    line = base.mark_line(color=area.colour, strokeWidth=2)
    points = base.mark_point(filled=True, size=45, color=area.colour, opacity=1, description=alt.expr(_SHARE))
    numbers = base.mark_text(dy=-25, fontWeight="bold", aria=False).encode(text="n:Q")
    percents = base.mark_text(dy=-12, fontSize=11, color=v.MUTED, aria=False).encode(text="label:N")
    room = (
        base.mark_point(opacity=0, aria=False)
        .transform_calculate(top="1.25 * datum.n")
        .encode(y="top:Q", tooltip=alt.value(None))
    )
    heading = alt.TitleParams(area.name, fontSize=13, color=area.colour, anchor="start", offset=6)
    return alt.layer(line, points, numbers, percents, room).properties(width=172, height=150, title=heading)


def _focus_words(rows: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    network = rows[rows["selection"] == ALL].set_index(["focus_area_id", "report_year"])
    first, last = min(rows["report_year"]), max(rows["report_year"])
    said = "; ".join(
        f"{name} {network.loc[(key, first), 'n']} ({network.loc[(key, first), 'label']}) to "
        f"{network.loc[(key, last), 'n']} ({network.loc[(key, last), 'label']})"
        for key, name in v.FOCUS_AREA_NAMES.items()
    )
    title = "Projects in the six focus areas"
    lines = [
        "Number of projects, and under it the share of the projects shown.",
        theme.source_line([_appendices(rows)], as_of),
    ]
    return title, lines, f"{title}, {first} to {last}. {said}."


def stated_dots(compared: pd.DataFrame, as_of: str) -> alt.ConcatChart:
    """Draw the share that each report prints for each focus area beside the share of its own rows.

    Parameters
    ----------
    compared
        As `audit.compare_shares` gives it.
    as_of
        Date of the latest report.

    Returns
    -------
    ConcatChart
        One panel a report: dot = share of the appendix rows, ring = share as printed; pairs that differ after rounding
        are labelled. Not filterable: shares are printed for the whole network only.
    """
    rows = compared.assign(
        focus_area=compared["focus_area_id"].map(v.FOCUS_AREA_NAMES),
        right=compared[["rows_percent", "stated_percent"]].max(axis=1),
        label=compared.apply(
            lambda r: "" if r["agrees"] else f"{r['rows_percent']:.1f}, printed {r['stated_percent']:.0f}", axis=1
        ),
    )
    years = sorted(rows["report_year"].unique())
    most = 5 * math.ceil(max(35, rows["right"].max() + 5) / 5)
    panels = [
        _pair_panel(rows[rows["report_year"] == year], int(year), most, labelled=i % 2 == 0)
        for i, year in enumerate(years)
    ]
    chart = alt.concat(*panels, columns=2, spacing=16)
    differing = rows[~rows["agrees"]]
    named = "; ".join(
        f"{r.report_year} {r.focus_area} {r.rows_percent:.1f} by rows, {r.stated_percent:.0f} printed"
        for r in differing.itertuples()
    )
    title = "Focus-area shares: as printed, and by the reports' own rows"
    lines = ["Per cent of projects. Dot: appendix rows. Ring: printed. Labelled where they differ after rounding.",
             theme.source_line([_appendices(rows) + " and Exhibit 1"], as_of)]  # fmt: skip
    return theme.finish(chart, title, lines, f"{title}. {len(differing)} of {len(rows)} pairs differ: {named}.")


def _pair_panel(rows: pd.DataFrame, year: int, most: int, *, labelled: bool) -> alt.LayerChart:
    names = alt.Axis(ticks=False, domain=False, labels=labelled, grid=True)
    columns = ["report_year", "focus_area", "rows_percent", "stated_percent", "right", "label"]
    base = alt.Chart(rows[columns]).encode(
        y=alt.Y("focus_area:N").sort(list(v.FOCUS_AREA_NAMES.values())).title(None).axis(names)
    )
    x = alt.X("rows_percent:Q").scale(domain=[0, most]).title(None).axis(tickCount=4, grid=False)
    ring = alt.X("stated_percent:Q").scale(domain=[0, most])
    dots = base.mark_point(filled=True, size=55, color=_BLUE, opacity=1).encode(x=x)
    rings = base.mark_point(size=110, stroke=_ORANGE, strokeWidth=1.8, opacity=1).encode(x=ring)
    labels = base.mark_text(align="left", dx=10, fontSize=11).encode(
        x=alt.X("right:Q").scale(domain=[0, most]), text="label:N"
    )
    heading = alt.TitleParams(str(year), fontSize=13, anchor="start", offset=4)
    return alt.layer(rings, dots, labels).properties(width=230, height=140, title=heading)
