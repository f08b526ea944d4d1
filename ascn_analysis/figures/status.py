"""Statuses: how many projects are planned, ongoing and completed, and how they move from report to report."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import template, theme
from ascn_analysis.metrics import ALL, by_selection, status_counts

_PARTS: Final = ", appendices and Exhibit 2"
_KINDS: Final = {
    "completed": ("completed", v.INK),
    "ongoing": ("ongoing", "#5B87AD"),
    "planning": ("planning", "#E3C766"),
    "open": ("left open by the evidence", v.NO_DATA),
}
_FROM: Final = ("newly listed", "planning", "planning or ongoing", "ongoing", "perhaps completed", "completed")
_TO: Final = ("planning", "planning or ongoing", "ongoing", "perhaps completed", "completed", "no longer listed")


def _kinds(counts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add up the open sets, and give each status its label and place in the stack."""
    kind = counts["status"].where(counts["status"].isin(v.STATUSES_REPORTED), "open")
    summed = counts.assign(kind=kind).groupby([*keys, "kind"], as_index=False)["n"].sum()
    order = list(_KINDS)
    return summed.assign(
        label=summed["kind"].map({key: name for key, (name, _) in _KINDS.items()}),
        order=summed["kind"].map(order.index),
    )


def _names_and_colours(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the names and the colours of the kinds that occur."""
    held = set(rows["kind"])
    used = [pair for kind, pair in _KINDS.items() if kind in held]
    return {"names": [name for name, _ in used], "colours": [colour for _, colour in used]}


def _fill(names: list[str], colours: list[str]) -> alt.Fill:
    return alt.Fill("label:N").scale(domain=names, range=colours).title(None)


def _numbers(base: alt.Chart, least: int) -> alt.Chart:
    """Write each part's number into it, white on dark; small parts keep the tooltip."""
    ink = alt.when("datum.kind === 'completed'").then(alt.value("white")).otherwise(alt.value(v.INK))
    return base.mark_text(fontSize=11, aria=False).encode(
        text=alt.when(f"datum.n >= {least}").then(alt.Text("n:Q")).otherwise(alt.value("")), color=ink
    )


def status_bars(counts: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """Draw each report's projects as a stack of statuses.

    Parameters
    ----------
    counts
        ``by_selection(status_counts, projects)``.
    as_of
        Date of the latest report.

    Returns
    -------
    LayerChart
        Filterable by country, with each part's number in it.

    Raises
    ------
    SelectionError
        If there is no project.
    """
    if counts.empty:
        raise SelectionError("nothing to draw: no project in the frame")
    rows = _kinds(counts, ["selection", "report_year"])
    sets, words = {template.ROWS: rows}, _bar_words(rows, as_of)
    return template.filled(_bars, (), sets, words, **_names_and_colours(rows))


def _bars(names: list[str], colours: list[str]) -> alt.LayerChart:
    tooltip = [alt.Tooltip("report_year:O", title="Report"), alt.Tooltip("label:N", title="Status"), alt.Tooltip("n:Q", title="Projects")]  # fmt: skip
    base = template.named().transform_filter(theme.PICKED).encode(
        x=alt.X("report_year:O").title("report").axis(labelAngle=0), order="order:Q"
    )  # fmt: skip
    y = alt.Y("n:Q").stack("zero").title("projects").axis(tickCount=6, labelExpr=theme.WHOLE)
    bars = base.mark_bar(size=70, stroke="white").encode(y=y, fill=_fill(names, colours), tooltip=tooltip)
    numbers = _numbers(base, 4).encode(y=alt.Y("n:Q").stack("zero").bandPosition(0.5))
    return alt.layer(bars, numbers).add_params(theme.country_param()).properties(width=theme.WIDTH, height=300)


def _bar_words(rows: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    network = rows[rows["selection"] == ALL].sort_values(["report_year", "order"])
    said = "; ".join(
        f"{year}: " + theme.spell_list(f"{row.n} {row.label}" for row in part.itertuples())
        for year, part in network.groupby("report_year")
    )
    title = "Projects by self-reported status, report by report"
    lines = [f"Number of projects.{_grey(network)}",
             theme.source_line([theme.reports(rows["report_year"]) + _PARTS], as_of)]  # fmt: skip
    return title, lines, f"{title}. {said}."


def _grey(rows: pd.DataFrame) -> str:
    return " Grey: the lists and Exhibit 2 leave more than one status." if (rows["kind"] == "open").any() else ""


def status_groups(projects: pd.DataFrame, year: int, by: str) -> alt.LayerChart:
    """Draw the statuses of one report for each country or each focus area.

    Parameters
    ----------
    projects
        Projects, one row per project and report; rows of other reports are left out.
    year
        The report.
    by
        The column whose values get a bar: ``"country"`` or ``"focus_area"``.

    Returns
    -------
    LayerChart
        Filterable by country. Countries in alphabetical order with their projects per listed city; a country without a row
        keeps its line and says so. Focus areas in the framework's order.

    Raises
    ------
    SelectionError
        If there is no row of that report.
    """
    latest = projects[projects["report_year"] == year]
    if latest.empty:
        raise SelectionError(
            f"no project of report {year}; the frame holds {sorted(projects['report_year'].unique().tolist())}"
        )
    rows = _group_rows(latest, by)
    order = list((v.COUNTRY_NAMES if by == "country" else v.FOCUS_AREA_NAMES).values())
    notes = _notes(latest) if by == "country" else None
    chart = _group_bars(rows, by, order, notes).add_params(theme.country_param())
    return theme.finish(chart, *_group_words(rows, by, order, year, str(latest["as_of"].iloc[0])))


def _group_rows(latest: pd.DataFrame, by: str) -> pd.DataFrame:
    """Count the statuses of each country; those of each focus area for all countries together and for each alone."""
    if by == "country":
        return _kinds(status_counts(latest, ["iso3", by]), ["iso3", by])
    return _kinds(by_selection(lambda own: status_counts(own, [by]), latest), ["selection", by])


def _notes(latest: pd.DataFrame) -> pd.DataFrame:
    """Say for each country how many projects its listed cities have on average."""
    sizes = latest.groupby("iso3")["city_id"].agg(["size", "nunique"])
    words = {
        iso3: f"{row['size']} in {row['nunique']} {'city' if row['nunique'] == 1 else 'cities'}, {row['size'] / row['nunique']:.1f} per city"
        for iso3, row in sizes.iterrows()
    }
    rows = [(name, iso3, words.get(str(iso3), "no row in this report")) for iso3, name in v.COUNTRY_NAMES.items()]
    return pd.DataFrame(rows, columns=["country", "iso3", "note"])


def _group_bars(rows: pd.DataFrame, by: str, order: list[str], notes: pd.DataFrame | None) -> alt.LayerChart:
    width, picked = theme.WIDTH - 200, theme.PICKED if "selection" in rows else theme.SELECTED
    y = alt.Y(f"{by}:N").sort(order).scale(domain=order).title(None).axis(ticks=False, domain=False, labelPadding=6)
    base = alt.Chart(rows).transform_filter(picked).encode(y=y, order="order:Q")
    x = alt.X("n:Q").stack("zero").title("projects").axis(tickMinStep=1, labelExpr=theme.WHOLE, grid=False)
    tooltip = [alt.Tooltip(f"{by}:N"), alt.Tooltip("label:N", title="Status"), alt.Tooltip("n:Q", title="Projects")]
    bars = base.mark_bar(size=17, stroke="white").encode(x=x, fill=_fill(**_names_and_colours(rows)), tooltip=tooltip)
    numbers = _numbers(base, 2).encode(x=alt.X("n:Q").stack("zero").bandPosition(0.5))
    beside = [] if notes is None else [_beside(notes, y, width + 10)]
    return alt.layer(bars, numbers, *beside).properties(width=width, height=alt.Step(24))


def _beside(notes: pd.DataFrame, y: alt.Y, x: int) -> alt.Chart:
    """Write beside each country's bar how large it is, or that it has none."""
    own = alt.Chart(notes).transform_filter(theme.SELECTED)
    return own.mark_text(align="left", color=v.MUTED, aria=False).encode(y=y, x=alt.value(x), text="note:N")


def _group_words(rows: pd.DataFrame, by: str, order: list[str], year: int, as_of: str) -> tuple[str, list[str], str]:
    network = rows[rows["selection"] == ALL] if "selection" in rows else rows
    summed = network.sort_values([by, "order"]).set_index(by)
    said = "; ".join(
        f"{name}: " + (theme.spell_list(f"{r.n} {r.label}" for r in summed.loc[[name]].itertuples()) if name in summed.index else "no row")
        for name in order
    )  # fmt: skip
    title = f"Status by {by.replace('_', ' ')}, report {year}"
    lines = ["Number of projects, self-reported status. Order: " + ("alphabetical, no rank." if by == "country" else "the framework's."),
             theme.source_line([f"{theme.reports([year])}, appendix and Exhibit 2"], as_of)]  # fmt: skip
    return title, lines, f"{title}. {said}."


def status_flows(transitions: pd.DataFrame, as_of: str) -> alt.HConcatChart:
    """Draw where the projects of each status stand one report later, as one table a pair of reports.

    Parameters
    ----------
    transitions
        ``by_selection(transitions, projects)``.
    as_of
        Date of the latest report.

    Returns
    -------
    HConcatChart
        Filterable by country. Rows: status in the earlier report; columns: in the later one. On the diagonal nothing changed.

    Raises
    ------
    SelectionError
        If there are not two reports.
    """
    if transitions.empty:
        raise SelectionError("nothing to draw: expected projects in at least two consecutive reports")
    rows = _plain(transitions)
    panels = [
        _flow_panel(part, start, end, labelled=bool(start == rows["year_from"].min()))
        for (start, end), part in rows.groupby(["year_from", "year_to"])
    ]
    chart = alt.hconcat(*panels, spacing=14).add_params(theme.country_param())
    return theme.finish(chart, *_flow_words(rows, as_of))


def _plain(transitions: pd.DataFrame) -> pd.DataFrame:
    """Put the open sets into two: planning or ongoing, and those that may be completed."""
    sets = dict.fromkeys(v.STATUS_SETS[3:], "perhaps completed") | {"planning|ongoing": "planning or ongoing"}
    named = transitions.replace({"status_from": sets, "status_to": sets})
    return named.groupby(["selection", "year_from", "year_to", "status_from", "status_to"], as_index=False)["n"].sum()


def _flow_panel(rows: pd.DataFrame, start: int, end: int, *, labelled: bool) -> alt.LayerChart:
    kept = rows.assign(same=rows["status_from"] == rows["status_to"])[
        ["selection", "year_from", "year_to", "status_from", "status_to", "n", "same"]
    ]
    x = alt.X("status_to:N").sort(list(_TO)).scale(domain=list(_TO)).title(None)
    y = alt.Y("status_from:N").sort(list(_FROM)).scale(domain=list(_FROM)).title(None)
    quiet = {"ticks": False, "domain": False, "grid": False}
    base = alt.Chart(kept).transform_filter(theme.PICKED).encode(
        x=x.axis(orient="top", labelAngle=-60, **quiet), y=y.axis(labels=labelled, **quiet)
    )  # fmt: skip
    fill = alt.when("datum.same").then(alt.value(v.LAND)).otherwise(alt.value("#F3C9B5"))
    tooltip = [alt.Tooltip("status_from:N", title=str(start)), alt.Tooltip("status_to:N", title=str(end)),
               alt.Tooltip("n:Q", title="Projects")]  # fmt: skip
    cells = base.mark_rect(stroke="white").encode(fill=fill, tooltip=tooltip)
    numbers = base.mark_text(aria=False, color=v.INK).encode(text="n:Q")
    heading = alt.TitleParams(f"{start} to {end}", fontSize=13, anchor="start", offset=4)
    return alt.layer(cells, numbers).properties(width=alt.Step(24), height=alt.Step(24), title=heading)


def _flow_words(rows: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    network = rows[(rows["selection"] == ALL) & (rows["status_from"] != rows["status_to"])]
    said = "; ".join(
        f"{start} to {end}: "
        + theme.spell_list(f"{r.n} from {r.status_from} to {r.status_to}" for r in part.itertuples())
        for (start, end), part in network.groupby(["year_from", "year_to"])
    )
    title = "Where projects stand one report later"
    lines = ["Number of projects. Rows: status before; columns: status after. Grey: unchanged.",
             "Orange: changed, or known more precisely.", theme.source_line([theme.reports([*rows["year_from"], *rows["year_to"]]) + _PARTS], as_of)]  # fmt: skip
    return title, lines, f"{title}. {said}{'. ' if said else ''}All others kept their status."
