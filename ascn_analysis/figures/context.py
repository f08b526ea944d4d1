"""Figures of what surrounds the projects: the framework, the timeline, challenges, and urbanisation."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import template, theme
from ascn_analysis.membership import middle
from ascn_analysis.metrics import ALL

_BLUE: Final = "#0B4F8A"
_BOX: Final = "#F3F5F7"


def _need(frame: pd.DataFrame, what: str) -> None:
    if frame.empty:
        raise SelectionError(f"nothing to draw: no {what} in the frame")


def _pixels(field: str, channel: type[alt.X] | type[alt.Y], size: float) -> Any:
    """Place by pixels, from the upper left: for what is laid out here and not on a scale of the data."""
    domain = [0, size] if channel is alt.X else [size, 0]
    return channel(f"{field}:Q").scale(domain=domain, nice=False, zero=False).axis(None)


def _legible(base: alt.Chart, **text: Any) -> list[alt.Chart]:
    """Write a text twice, first as a white edge, so that lines behind it do not cross its letters."""
    edge = base.mark_text(**text | {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round", "aria": False})
    return [edge, base.mark_text(**text, aria=False)]


# The framework

_LEVELS: Final = {
    "outcome": "strategic outcomes",
    "urban-system": "urban systems",
    "focus-area": "focus areas, with the projects listed under each",
    "enabler": "enablers",
}
_GAP: Final = 8  # pixels between two boxes
_TALL: Final = {"focus-area": 84}
_LOW: Final = 44
_HEADING: Final = 32
_NONE_LISTED: Final = "none listed"


def framework_diagram(framework: pd.DataFrame, shares: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """Draw the framework of 2018 as a frame, with the projects of the latest report in its focus areas.

    Parameters
    ----------
    framework
        Elements of the framework, as `loaders.load_framework` gives them.
    shares
        ``by_selection(shares, projects)``; the latest report in it is shown.
    as_of
        Date of that report.

    Returns
    -------
    LayerChart
        Filterable by country: outcomes, urban systems, focus areas and enablers as boxes, from top to bottom. A country without
        a project in the report has "none listed" in each area.

    Raises
    ------
    SelectionError
        If there is no element or no project.
    """
    _need(framework, "element")
    _need(shares, "projects")
    boxes, height = _boxes(framework)
    counts = _area_counts(shares).merge(boxes[["element_id", "middle", "top"]], on="element_id")
    layers = [*_frame_layers(boxes, height), *_count_layers(counts, height)]
    chart = alt.layer(*layers).add_params(theme.country_param()).properties(width=theme.WIDTH, height=height)
    return theme.finish(
        chart, *_framework_words(framework, _area_counts(shares), int(shares["report_year"].max()), as_of)
    )


def _boxes(framework: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Give each element its box, in pixels; the first of a level also carries the level's heading."""
    rows, top = [], 0
    for level, heading in _LEVELS.items():
        elements = framework[framework["level"] == level].sort_values("order")
        width = (theme.WIDTH + _GAP) / max(len(elements), 1) - _GAP
        top += _HEADING
        for place, row in enumerate(elements.itertuples()):
            left = place * (width + _GAP)
            lines = wrap(row.element, max(int(width / 7.2), 6), break_long_words=False)
            rows.append({
                "element_id": row.element_id, "element": row.element, "page": row.page,
                "heading": f"{len(elements)} {heading}" if place == 0 else "", "over": top - 10,
                "name": "\n".join(lines), "lines": len(lines),
                "left": left, "right": left + width, "middle": left + width / 2, "top": top,
                "bottom": top + _TALL.get(level, _LOW),
                "colour": v.FOCUS_AREA_COLOURS.get(row.element_id, v.COAST),
            })  # fmt: skip
        top += _TALL.get(level, _LOW)
    return pd.DataFrame(rows), top


def _area_counts(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the projects in each focus area of the latest report, for all and for each country, also those without."""
    latest = shares[shares["report_year"] == shares["report_year"].max()]
    areas = pd.DataFrame({"element_id": list(v.FOCUS_AREA_NAMES)})
    grid = pd.DataFrame({"selection": [ALL, *v.COUNTRY_NAMES]}).merge(areas, how="cross")
    counts = latest.rename(columns={"focus_area_id": "element_id"})[["selection", "element_id", "n"]]
    rows = grid.merge(counts, how="left", on=["selection", "element_id"])
    listed = rows["selection"].isin(latest["selection"])
    number = rows["n"].fillna(0).astype("int64").astype("str").where(listed, "")
    return rows[["selection", "element_id"]].assign(number=number, note=listed.map({True: "", False: _NONE_LISTED}))


def _frame_layers(boxes: pd.DataFrame, height: int) -> list[alt.Chart]:
    base = alt.Chart(boxes.drop(columns="element_id"))
    edges = {"x": _pixels("left", alt.X, theme.WIDTH), "x2": "right:Q", "y": _pixels("top", alt.Y, height)}
    colour = alt.Fill("colour:N").scale(None)
    return [
        base.mark_rect(fill=_BOX, description=alt.expr("datum.element")).encode(
            **edges, y2="bottom:Q", tooltip=[alt.Tooltip("element:N", title="Element"), alt.Tooltip("page:Q", title="PDF page")]
        ),
        base.transform_calculate(band="datum.top + 4").mark_rect(aria=False).encode(**edges, y2="band:Q", fill=colour),
        base.mark_text(align="left", fontWeight="bold", color=v.MUTED, aria=False).encode(
            x=_pixels("left", alt.X, theme.WIDTH), y=_pixels("over", alt.Y, height), text="heading:N"
        ),
        base.transform_calculate(low="datum.top + (datum.lines > 1 ? 17 : 24)").mark_text(
            lineBreak="\n", lineHeight=15, baseline="middle", fontSize=12.5, aria=False
        ).encode(x=_pixels("middle", alt.X, theme.WIDTH), y=_pixels("low", alt.Y, height), text="name:N"),
    ]  # fmt: skip


def _count_layers(counts: pd.DataFrame, height: int) -> list[alt.Chart]:
    base = (
        alt.Chart(counts)
        .transform_filter(theme.PICKED)
        .transform_calculate(low="datum.top + 66")
        .encode(x=_pixels("middle", alt.X, theme.WIDTH), y=_pixels("low", alt.Y, height))
    )
    return [
        base.mark_text(fontSize=20, fontWeight="bold", aria=False).encode(text="number:N"),
        base.mark_text(fontSize=11, color=v.MUTED, aria=False).encode(text="note:N"),
    ]


def _framework_words(
    framework: pd.DataFrame, counts: pd.DataFrame, year: int, as_of: str
) -> tuple[str, list[str], str]:
    said = [
        f"{heading.split(',')[0].capitalize()}: {theme.spell_list(elements['element'])}"
        for level, heading in _LEVELS.items()
        if len(elements := framework[framework["level"] == level].sort_values("order"))
    ]
    network = counts[counts["selection"] == ALL].set_index("element_id")["number"]
    numbers = theme.spell_list(f"{name} {network[area]}" for area, name in v.FOCUS_AREA_NAMES.items())
    title = "The framework of 2018, and the projects filed under it"
    lines = [
        f"Projects of the {year} report, whose appendix files each under one focus area and no other element.",
        theme.source_line(["ASEAN Smart Cities Framework", f"ASCN M&E report {year}"], as_of),
    ]
    return title, lines, f"{title}. {'; '.join(said)}. Projects listed in the {year} report: {numbers}."


# The timeline

_KINDS: Final = {
    "summit": "summit",
    "annual-meeting": "annual meeting",
    "meeting": "other meeting",
    "document": "document",
    "membership": "membership",
    "programme": "programme",
    "agreement": "agreement",
}
_LANE: Final = 18  # pixels of a lane
_LINE: Final = 14  # pixels of a line of text
_BETWEEN: Final = 5  # pixels between two events
_YEAR: Final = 24  # pixels of the line that names a year
_LETTERS: Final = 58  # of a line of an event
_LABELS: Final = 104  # pixels left of the lanes, for their names; the lines begin there too
_DATES, _KIND_AT, _TEXTS = 16, 110, 204  # pixels from there to the dates, the kinds and the words
_EVENT: Final = ["date", "end_date", "kind", "event", "place", "source_id", "page"]
_MONTHS: Final = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def event_timeline(events: pd.DataFrame, sources: pd.DataFrame, as_of: str) -> alt.VConcatChart:
    """Draw the events true to time in lanes by kind, and below them one line an event, in order of date.

    Parameters
    ----------
    events
        Events with ``date``, ``kind``, ``event`` and ``source_id``; ``end_date`` and ``place`` where known.
    sources
        Sources, for titles and addresses; each event links to its own.
    as_of
        Date of the latest statement.

    Returns
    -------
    VConcatChart
        Rings: the date is known only to the month or year and stands in its middle. Not filterable: events have no country.

    Raises
    ------
    SelectionError
        If there is no event.
    """
    _need(events, "event")
    rows, height = _placed_events(events, sources)
    drawn = alt.Chart(rows.drop(columns=["date", "kind"]))
    chart = alt.vconcat(_lanes(drawn, rows), _lines(drawn, height), spacing=22)
    return theme.finish(chart, *_timeline_words(rows, as_of))


def _placed_events(events: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Give each event the pixels of its line; a year is named above its first event."""
    rows = _told(events, sources).sort_values(["day", "date", "event"], ignore_index=True)
    lines = rows["event"].map(lambda words: wrap(words, _LETTERS, break_on_hyphens=False))
    year = rows["date"].str[:4]
    begins = year != year.shift()
    heights = lines.map(len) * _LINE + _BETWEEN + begins * _YEAR
    placed = rows.assign(
        label=lines.map("\n".join), year=year.where(begins, ""), y=heights.cumsum() - lines.map(len) * _LINE
    )
    return placed, int(heights.sum())


def _told(events: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add to each event its day, its date in words, its lane, and the title and address of its source."""
    rows, known = events.reindex(columns=_EVENT), sources.set_index("source_id")
    ends, places = (rows[name].astype("object").fillna("") for name in ("end_date", "place"))
    page = rows["page"].map(lambda n: "" if pd.isna(n) else f"#page={int(n)}")
    return rows[["date", "kind", "event"]].assign(
        day=rows["date"].map(middle),
        when=[_spell_span(start, end) for start, end in zip(rows["date"], ends, strict=True)],
        precise=rows["date"].str.len() == len("2018-04-28"),
        lane=rows["kind"].map(_KINDS),
        place=places,
        source=rows["source_id"].map(known["title"]),
        url=rows["source_id"].map(known["url"]).fillna("") + page,
    )


def _spell_span(start: str, end: str) -> str:
    """Spell a date or a span shortly.

    Examples
    --------
    >>> _spell_span("2019-06-06", "2019-06-07"), _spell_span("2023-02", "2023-06"), _spell_span("2025", "")
    ('6–7 Jun 2019', 'Feb–Jun 2023', '2025')
    """
    first, last = _short(start), _short(end or start)
    shared = next((i for i in range(len(first)) if first[i:] == last[i:]), len(first))
    head = " ".join(first[:shared])
    return f"{head}–{' '.join(last)}" if head else " ".join(last)


def _short(day: str) -> list[str]:
    """Return day, month and year, as far as they are known."""
    year, *rest = day.split("-")
    return [*(str(int(number)) for number in rest[1:]), *(_MONTHS[int(number)] for number in rest[:1]), year]


def _marks(base: alt.Chart, spoken: dict[str, Any], **encoding: Any) -> alt.Chart:
    """Draw filled circles for dates known to the day, rings for the others."""
    known = alt.when("datum.precise").then(alt.value(_BLUE)).otherwise(alt.value("white"))
    tooltip = [alt.Tooltip("event:N", title="Event"), alt.Tooltip("when:N", title="Date"),
               alt.Tooltip("place:N", title="Place"), alt.Tooltip("source:N", title="Source")]  # fmt: skip
    marks = base.mark_point(size=46, stroke=_BLUE, strokeWidth=1.5, opacity=1, **spoken)
    return marks.encode(fill=known, tooltip=tooltip, **encoding)


def _lanes(drawn: alt.Chart, rows: pd.DataFrame) -> alt.Chart:
    lanes = [name for name in _KINDS.values() if name in set(rows["lane"])]
    first, last = rows["day"].min()[:4], rows["day"].max()[:4]
    x = alt.X("day:T").scale(type="utc", domain=[f"{first}-01-01", f"{int(last)}-07-01"], nice=False).title(None)
    y = alt.Y("lane:N").sort(lanes).title(None).axis(ticks=False, domain=False, grid=True)
    years = alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, grid=False)
    spoken = {"description": alt.expr("datum.when + ': ' + datum.event")}
    chart = _marks(drawn, spoken, x=x.axis(years), y=y)
    return chart.properties(width=theme.WIDTH - _LABELS, height=alt.Step(_LANE))


def _lines(drawn: alt.Chart, height: int) -> alt.LayerChart:
    base = drawn.encode(y=_pixels("y", alt.Y, height))
    text = {"align": "left", "aria": False, "lineBreak": "\n", "lineHeight": _LINE, "fontSize": 11.5}
    head = {"align": "left", "aria": False, "dy": -_YEAR + 6}
    return alt.layer(
        base.transform_filter("datum.year !== ''")
        .mark_text(**head, fontSize=13, fontWeight="bold")
        .encode(x=alt.value(-_LABELS), text="year:N"),
        _marks(base, {"aria": False}, x=alt.value(5 - _LABELS)),
        base.mark_text(**text, color=v.MUTED).encode(x=alt.value(_DATES - _LABELS), text="when:N"),
        base.mark_text(**text, color=v.MUTED).encode(x=alt.value(_KIND_AT - _LABELS), text="lane:N"),
        base.mark_text(**text).encode(x=alt.value(_TEXTS - _LABELS), text="label:N", href="url:N"),
    ).properties(width=theme.WIDTH - _LABELS, height=height)


def _timeline_words(rows: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    counts = rows["kind"].map(_KINDS).value_counts().reindex(list(_KINDS.values())).dropna().astype("int64")
    rough = int((~rows["precise"]).sum())
    title = f"The network in {len(rows)} dated events"
    lines = [
        "Above, true to time; below, one line an event. Rings: known to the month or year only, drawn in its middle.",
        theme.source_line(["the documents and pages that each event links to"], as_of),
    ]
    said = theme.spell_list(f"{name} {n}" for name, n in counts.items())
    span = f"from {theme.spell_date(rows['date'].iloc[0])} to {theme.spell_date(rows['date'].iloc[-1])}"
    return title, lines, f"{title}, {span}. By kind: {said}. {rough} dates are known to the month or year only."


# Challenges

_COLUMNS: Final = {
    "governance": "governance",
    "funding": "funding",
    "standards-and-data": "standards\nand data",
    "skills": "skills",
    "technology": "technology",
    "other": "other",
    "urban-problem": "problems\nof the city",
}
_NETWORK: Final = "The network as a whole"
_NOT_NAMED: Final = "none named in the documents read"
_CELL: Final = 60


def challenge_matrix(counts: pd.DataFrame, cities: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """Write the number of challenges that documents name, by city and kind.

    Parameters
    ----------
    counts
        ``challenge_counts(challenges, ["city_id", "kind", "about"])``.
    cities
        Member cities.
    as_of
        Date of the latest document read.

    Returns
    -------
    LayerChart
        Filterable by country. Six columns for obstacles to the work, by kind; one for problems of the city. Numbers only, no
        shade and no total by year: a catalogue, not a measurement.

    Raises
    ------
    SelectionError
        If there is no challenge.
    """
    _need(counts, "challenge")
    rows = _matrix_rows(counts, cities)
    return template.filled(_matrix, (), {template.ROWS: rows}, _matrix_words(counts, cities, as_of))


def _matrix() -> alt.LayerChart:
    base = template.named().transform_filter(theme.SELECTED).encode(y=theme.city_axis())
    x = alt.X("x:Q").scale(domain=[0, len(_COLUMNS) + 0.2], nice=False).axis(_column_axis())
    spoken = alt.expr(
        "datum.label ? datum.row + ': ' + datum.spoken + ', ' + datum.label : (datum.note ? datum.row + ': ' + datum.note : slice(datum.row, 2))"
    )
    shown = alt.when("datum.label !== ''").then(alt.value(1)).otherwise(alt.value(0))
    boxes = base.mark_point(shape="square", size=190, filled=True, color="#E3E9EF", description=spoken).encode(
        x=x, opacity=shown
    )
    # The first layer holds every row and so gives the order of the axis; the others may leave rows out.
    numbers = base.transform_filter("datum.label !== ''").mark_text(aria=False).encode(x=x, text="label:N")
    noted = base.transform_filter("datum.note !== ''")
    notes = _legible(noted.encode(x=x, text="note:N"), align="left", dx=8, fontSize=11, color=v.MUTED)
    chart = alt.layer(boxes, numbers, *notes).add_params(theme.country_param())
    return chart.properties(width=_CELL * len(_COLUMNS), height=alt.Step(16))


def _column(rows: pd.DataFrame) -> pd.Series:
    return rows["kind"].where(rows["about"] == "implementation", "urban-problem")


def _matrix_rows(counts: pd.DataFrame, cities: pd.DataFrame) -> pd.DataFrame:
    """Return one row a filled cell, one for each city without any, one that names each country; the network first."""
    names = list(_COLUMNS)
    cells = (
        counts.assign(column=_column(counts)).groupby(["city_id", "column"], dropna=False, as_index=False)["n"].sum()
    )
    cells = cells.assign(
        x=cells["column"].map(names.index) + (cells["column"] == "urban-problem") * 0.2 + 0.5,
        label=cells["n"].astype("str"),
        spoken=cells["column"].str.replace("-", " "),
        note="",
    )
    homes = cities[["city_id", "city", "iso3", "country"]]
    placed = homes.merge(cells, how="left", on="city_id").fillna(
        {"x": 0.0, "label": "", "spoken": "", "note": _NOT_NAMED}
    )
    placed = theme.with_country_rows(placed.sort_values(["country", "city", "x"]))
    whole = cells[cells["city_id"].isna()].assign(row=_NETWORK)
    rows = pd.concat([whole, placed]).fillna({"x": 0.0, "label": "", "spoken": "", "note": ""})
    return rows[["row", "iso3", "x", "label", "spoken", "note"]].reset_index(drop=True)


def _column_axis() -> alt.Axis:
    places = [i + 0.5 + (name == "urban-problem") * 0.2 for i, name in enumerate(_COLUMNS)]
    words = "[" + ",".join("'" + name.replace("\n", "|") + "'" for name in _COLUMNS.values()) + "]"
    return alt.Axis(
        orient="top", values=places, labelExpr=f"split({words}[floor(datum.value)], '|')", title=None, labelFontSize=11,
        labelOverlap=False, labelPadding=18, ticks=False, domain=False, grid=False,
    )  # fmt: skip


def _matrix_words(counts: pd.DataFrame, cities: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    per_column = (
        counts.assign(column=_column(counts)).groupby("column")["n"].sum().reindex(list(_COLUMNS), fill_value=0)
    )
    spelled = [f"{name.replace('-', ' ')} {n}" for name, n in per_column.items() if name != "urban-problem"]
    problems, total = int(per_column["urban-problem"]), int(counts["n"].sum())
    silent = cities[~cities["city_id"].isin(counts["city_id"])].sort_values("city")["city"]
    title = "Challenges that the documents name, by city and kind"
    lines = [
        "Number of statements: obstacles to the work by kind, and problems of the city. Not a ranking.",
        theme.source_line(["concept note, action plans, ASCN reports"], as_of),
    ]
    said = f"{total} statements: {total - problems} on obstacles to the work ({theme.spell_list(spelled)}) and {problems} on problems of the city."
    none = f" Cities without one: {theme.spell_list(silent)}." if len(silent) else ""
    return title, lines, f"{title}. {said}{none}"


_SHOWN: Final = 15
_ENTRY: Final = 38  # pixels of an entry
_DOCUMENTS: Final = {
    "me": "M&E report", "report": "ASCN2019 report", "scaps": "action plans", "eas-statement": "East Asia Summit statement",
    "concept-note": "concept note",
}  # fmt: skip
_ABOUT: Final = {"implementation": "obstacle to the work", "urban-problem": "problem of the city"}


def challenge_list(catalogue: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """List the challenges that match a search, each with its city, kind, year and page.

    Parameters
    ----------
    catalogue
        As `metrics.challenge_catalogue` gives it.
    as_of
        Date of the latest document read.

    Returns
    -------
    LayerChart
        Filterable by country and by the text parameter ``search`` (any part of city, country, kind, year or summary); works without
        a kernel. Shows the first entries that match; each links to its page.

    Raises
    ------
    SelectionError
        If there is no challenge.
    """
    _need(catalogue, "challenge")
    height = _ENTRY * _SHOWN + 16
    entries = alt.Chart(_entries(catalogue)).transform_calculate(match=f"({theme.SELECTED}) && ({_FOUND}) ? 1 : 0")
    left, up = alt.value(0), alt.value(4)
    counted = entries.transform_aggregate(n="sum(match)").transform_calculate(said=_SAID)
    said = counted.mark_text(align="left", fontWeight="bold", aria=False).encode(x=left, y=up, text="said:N")
    listed = (
        entries.transform_filter("datum.match")
        .transform_window(slot="row_number()")
        .transform_filter(f"datum.slot <= {_SHOWN}")
        .transform_calculate(
            top=f"datum.slot * {_ENTRY} - 6", below=f"datum.slot * {_ENTRY} + 10", url=_address(catalogue)
        )
        .encode(x=left, href="url:N")
    )
    heads = listed.mark_text(align="left", fontSize=11, color=v.MUTED, aria=False)
    texts = listed.mark_text(align="left", fontSize=12.5, description=alt.expr("datum.head + ': ' + datum.summary"))
    chart = alt.layer(
        heads.encode(y=_pixels("top", alt.Y, height), text="head:N"),
        texts.encode(y=_pixels("below", alt.Y, height), text="summary:N"),
        said,
    ).add_params(theme.country_param(), _search_param())
    return theme.finish(chart.properties(width=theme.WIDTH, height=height), *_list_words(catalogue, as_of))


_FOUND: Final = (
    "search === null || search === '' || indexof(lower(datum.head + ' ' + datum.summary), lower(search)) >= 0"
)
_SAID: Final = (
    "datum.n === 0 ? 'Nothing matches.' : datum.n + (datum.n === 1 ? ' statement matches' : ' statements match')"
    f" + (datum.n > {_SHOWN} ? '; the first {_SHOWN} are shown' : '')"
)


def _search_param() -> alt.Parameter:
    return alt.param(
        name="search", value="", bind=alt.binding(input="search", name="Search ", placeholder="data, budget, 2023 ...")
    )


def _entries(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Write the line above each summary: year, city and country, kind, what it is about, and the page."""
    where = (catalogue["city"] + ", " + catalogue["country"]).fillna(_NETWORK)
    parts = [
        catalogue["year"].astype("str"), where, catalogue["kind"].str.replace("-", " "), catalogue["about"].map(_ABOUT),
        catalogue["source_id"].str.replace("-[0-9]+$", "", regex=True).replace(_DOCUMENTS) + ", p. " + catalogue["page"].astype("str"),
    ]  # fmt: skip
    head = parts[0].str.cat(parts[1:], sep=" · ")
    return catalogue[["iso3", "summary", "source_id", "page"]].assign(head=head)


def _address(catalogue: pd.DataFrame) -> str:
    """Write the expression for the address of a page: each document's address once, instead of once a row."""
    starts = catalogue["url"].str.replace("#page=[0-9]+$", "#page=", regex=True)
    start = f"{json.dumps(dict(zip(catalogue['source_id'], starts, strict=True)))}[datum.source_id]"
    return f"{start} + (indexof({start}, '#page=') > 0 ? datum.page : '')"


def _list_words(catalogue: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    title = f"A catalogue of {len(catalogue)} statements"
    lines = [
        f"In our own words, by country and city; the first {_SHOWN} that match. Each line opens its page.",
        theme.source_line(["concept note, action plans, ASCN reports"], as_of),
    ]
    kinds = theme.spell_list(
        f"{kind.replace('-', ' ')} {n}" for kind, n in catalogue["kind"].value_counts().sort_index().items()
    )
    return title, lines, f"{title} on challenges, searchable by any word. By kind: {kinds}."


# Urbanisation


def urban_multiples(urbanisation: pd.DataFrame, since: int, as_of: str) -> alt.FacetChart:
    """Draw the urban share of each country's population as small charts on one scale.

    Parameters
    ----------
    urbanisation
        One row a country and year, with ``urban_share_percent``.
    since
        The year of the network's founding, marked by a line.
    as_of
        Date of the release of the figures.

    Returns
    -------
    FacetChart
        Alphabetical by ASEAN's names; the first and the last value are written. A chosen country is dark, the others pale.

    Raises
    ------
    SelectionError
        If there is no figure.
    """
    known = urbanisation.dropna(subset="urban_share_percent").sort_values(["iso3", "year"])
    _need(known, "urban share")
    rows = known[["iso3", "year", "urban_share_percent"]].assign(country=known["iso3"].map(v.COUNTRY_NAMES))
    countries = [name for name in v.COUNTRY_NAMES.values() if name in set(rows["country"])]
    panel = alt.layer(*_urban_layers(rows, since)).properties(width=122, height=110)
    heading = alt.Facet("country:N").sort(countries).header(labelAnchor="start", labelPadding=2)
    facets = panel.facet(facet=heading, columns=4).resolve_axis(x="independent")
    chart = facets.properties(spacing={"row": 14, "column": 16}).add_params(theme.country_param())
    return theme.finish(chart, *_urban_words(rows, countries, since, as_of))


def _urban_layers(rows: pd.DataFrame, since: int) -> list[alt.Chart]:
    first, last = int(rows["year"].min()), int(rows["year"].max())
    decades = alt.Axis(values=list(range(first - first % -10, last + 1, 10)), format="d", grid=False, labelFontSize=11)
    tens = alt.Axis(values=[0, 50, 100], labelFontSize=11)
    x = alt.X("year:Q").scale(domain=[first - 3, last + 3], nice=False, zero=False).title(None).axis(decades)
    y = alt.Y("urban_share_percent:Q").scale(domain=[0, 130], nice=False).title(None).axis(tens)
    shade = alt.when(theme.SELECTED).then(alt.value(1)).otherwise(alt.value(0.2))
    base = alt.Chart(rows)
    ends = base.transform_filter(f"datum.year === {first} || datum.year === {last}").encode(x=x, y=y, opacity=shade)
    founded = base.transform_aggregate(since="min(year)", groupby=["country"]).transform_calculate(since=str(since))
    spoken = alt.expr(
        "datum.country + ' ' + datum.year + ': ' + format(datum.urban_share_percent, '.1f') + ' per cent urban'"
    )
    tooltip = [alt.Tooltip("country:N", title="Country"), alt.Tooltip("year:Q", title="Year"),
               alt.Tooltip("urban_share_percent:Q", title="Urban, %", format=".1f")]  # fmt: skip
    return [
        founded.mark_rule(color=v.COAST, strokeDash=[2, 3], aria=False).encode(x=alt.X("since:Q")),
        base.mark_line(color=_BLUE, strokeWidth=2, aria=False).encode(
            x=x, y=y, opacity=shade, tooltip=tooltip, detail="iso3:N"
        ),
        ends.mark_point(filled=True, color=_BLUE, size=36, description=spoken).encode(tooltip=tooltip),
        ends.mark_text(dy=-11, fontWeight="bold", aria=False).encode(
            text=alt.Text("urban_share_percent:Q", format=".0f")
        ),
    ]


def _urban_words(rows: pd.DataFrame, countries: list[str], since: int, as_of: str) -> tuple[str, list[str], str]:
    first, last = int(rows["year"].min()), int(rows["year"].max())
    values = rows[rows["year"].isin([first, last])].groupby("country")["urban_share_percent"]
    told = values.agg(lambda shares: " to ".join(f"{share:.0f}" for share in shares))
    said = theme.spell_list(f"{name} {told[name]}" for name in countries if name in told)
    title = "The share of people who live in urban areas"
    lines = [
        f"Per cent of the population, {first} and {last} written; dashed: {since}. Definitions of urban are national.",
        theme.source_line(["World Bank, World Development Indicators"], as_of),
    ]
    return title, lines, f"{title}, per cent, {first} to {last}: {said}."


_PRIMARY: Final = "the city's action plan of 2018"
_SECONDARY: Final = "another account, year in brackets"


def city_populations(cities: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """Draw the population that a source gives for each member city, by country and in alphabetical order.

    Parameters
    ----------
    cities
        Member cities, as `loaders.load_cities` gives them.
    as_of
        Date of the roster.

    Returns
    -------
    LayerChart
        Filterable by country, on a logarithmic scale. Filled: the action plan of 2018, without a year of counting. Rings: other
        accounts, with their year. What is counted differs and stands in the tooltip.

    Raises
    ------
    SelectionError
        If no city has a population.
    """
    _need(cities.dropna(subset="population"), "population")
    rows = _population_rows(cities)
    base = alt.Chart(rows).transform_filter(theme.SELECTED).encode(y=theme.city_axis())
    axis = alt.Axis(orient="top", values=[1e5, 1e6, 1e7], format=",d", grid=True)
    x = (
        alt.X("at:Q")
        .scale(type="log", domain=[5e4, 4e7], nice=False)
        .title("people (each step: ten times as many)")
        .axis(axis)
    )
    shown = alt.when("datum.label !== ''").then(alt.value(1)).otherwise(alt.value(0))
    spoken = alt.expr("datum.label ? datum.row + ': ' + datum.label + ', ' + datum.counts : slice(datum.row, 2)")
    dots = base.mark_point(size=50, stroke=_BLUE, strokeWidth=1.5, description=spoken).encode(
        x=x,
        opacity=shown,
        fill=alt.Fill("kind:N").scale(domain=[_PRIMARY, _SECONDARY], range=[_BLUE, "white"]).legend(title=None, symbolStrokeColor=_BLUE, symbolOpacity=1),
        tooltip=[alt.Tooltip("row:N", title="City"), alt.Tooltip("label:N", title="People"), alt.Tooltip("counts:N", title="Counted")],
    )  # fmt: skip
    labelled = base.transform_filter("datum.label !== ''")
    numbers = _legible(labelled.encode(x=x, text="label:N"), align="left", dx=8, fontSize=11)
    chart = alt.layer(dots, *numbers).add_params(theme.country_param()).properties(width=400, height=alt.Step(15))
    return theme.finish(chart, *_population_words(cities, as_of))


def _population_rows(cities: pd.DataFrame) -> pd.DataFrame:
    ordered = cities.sort_values(["country", "city"])
    people = ordered["population"].map(lambda n: "" if pd.isna(n) else f"{n:,}")
    year = ordered["population_year"].map(lambda y: "" if pd.isna(y) else f" ({y})")
    kind = (ordered["population_source_id"] == "scaps-2018").map({True: _PRIMARY, False: _SECONDARY})
    kind = kind.where(ordered["population"].notna(), "")
    told = ordered[["city", "country", "iso3"]].assign(
        at=ordered["population"].astype("float64"),
        people=ordered["population"].astype("Int64"),
        label=people + year,
        kind=kind,
        counts=ordered["population_counts"].fillna(""),
    )
    rows = theme.with_country_rows(told).fillna({"at": 5e4, "label": "", "kind": _PRIMARY, "counts": ""})
    return rows[["row", "iso3", "at", "people", "label", "kind", "counts"]]


def _population_words(cities: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    known = cities.dropna(subset="population")
    plans = int((known["population_source_id"] == "scaps-2018").sum())
    least, most = known.loc[known["population"].idxmin()], known.loc[known["population"].idxmax()]
    title = "Population of the member cities, as sources give it"
    lines = [
        "Cities, districts, regencies, regions and a whole country: not comparable from city to city.",
        theme.source_line(["action plans of 2018, and the accounts named in cities.csv"], as_of),
    ]
    said = (
        f"{len(known)} of {len(cities)} member cities: {plans} from the action plans of 2018, {len(known) - plans} from other accounts. "
        f"From {least['population']:,} ({least['city']}) to {most['population']:,} ({most['city']}); what is counted differs."
    )
    return title, lines, f"{title}. {said}"
