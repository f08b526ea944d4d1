"""Who is named as supporting which city, in which area and how; and which documents name anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v
from ascn_analysis.errors import SelectionError
from ascn_analysis.figures import template, theme

_READ: Final = "ASCN action plans 2018, ASCN2019 report, yearly M&E reports"
_HEADER: Final = "header"  # kind of the rows that only name a country
_COUNTRY: Final = "# "  # begins the label of such a row
_NO_MARK: Final = "M0,0"
_WRITTEN: Final[dict[str, Any]] = {"align": "left", "fontSize": 11, "aria": False}

_COLUMN: Final = 27  # pixels that a focus area's column is wide
_NAMES: Final = 385  # pixels for the names of partners, beside the columns
_ROW: Final = 14  # pixels that a row is high
_APART: Final = 0.33  # distance of two marks in a cell, in widths of a column
_KINDS: Final = {
    "funding": ("funding", "circle"),
    "technology": ("technology, supplied or built", "square"),
    "technical": ("technical help, studies, plans", "triangle-up"),
    "training": ("training", "diamond"),
    "agreement": ("agreement", "cross"),
    "developer": ("developer", "triangle-down"),
    "other": ("other, or kind not stated", "M-0.9,-0.35L0.9,-0.35L0.9,0.35L-0.9,0.35Z"),
}
_NO_PROJECT: Final = "none"
_AREAS: Final = {**v.FOCUS_AREA_NAMES, _NO_PROJECT: "no single project"}
_NETWORK: Final = "The network as a whole"
_BLOCKS: Final = [*v.COUNTRY_NAMES.values(), _NETWORK]
_TOLD: Final = {
    "partner": "Partner", "city": "City", "area_name": "Focus area", "kind_name": "Kind", "pages": "Named in",
}  # fmt: skip
_SPOKEN: Final = (
    f"datum.kind === '{_HEADER}' ? datum.city + (datum.note ? ': ' + datum.note : '') : "
    "datum.city + '; ' + datum.partner + '; ' + datum.area_name + '; ' + datum.kind_name + '; ' + datum.pages"
)

_BLUE: Final = "#0B4F8A"
_YEAR: Final = 58  # pixels that a document's column is wide
_WORDS: Final = 225  # pixels for the words beside a city's row
_LINE: Final = 15  # pixels that a city's row is high
_RING: Final = "M0.6,0A0.6,0.6,0,1,1,-0.6,0A0.6,0.6,0,1,1,0.6,0"
_DOCUMENTS: Final = {2018: "2018|plans", 2019: "2019|report"}
_GRID_TOLD: Final = {"city:N": "City", "year:N": "Document of", "told:N": "Partners"}
_GRID_SPOKEN: Final = (
    "datum.city + (datum.year ? ', ' + datum.year + ': ' + datum.told : '') + (datum.words ? '; ' + datum.words : '')"
)
_CELLS: Final = {"named": "partners named, and how many", "silent": "city described, none named"}


def partner_matrix(
    support: pd.DataFrame, documents: pd.DataFrame, partners: pd.DataFrame, cities: pd.DataFrame, sources: pd.DataFrame
) -> alt.LayerChart:
    """Draw who is named for which city, in which focus area, with which kind of support: one row a partner of a city.

    Parameters
    ----------
    support
        As `metrics.named_support` gives it.
    documents
        As `metrics.documents_read` gives it.
    partners, sources
        The tables of those names.
    cities
        Member cities, as `loaders.load_cities` gives them.

    Returns
    -------
    LayerChart
        Filterable by country; the rows of the network as a whole show while none is chosen. Column and colour say the
        focus area, shape says the kind, and a mark links to the first page that names it. Cities without a partner
        named stand beside their country. Countries, cities and partners are in alphabetical order.

    Raises
    ------
    SelectionError
        If no partner is named.
    """
    shown = support[support["city_id"].isna() | support["city_id"].isin(cities["city_id"])]
    if shown.empty:
        raise SelectionError("nothing to draw: no partner is named in the frame")
    read = documents.groupby("city_id").size().to_dict()
    cells = _cells(shown, partners, cities, sources)
    rows = pd.concat([_countries(cells, cities, read), _place(cells, read)]).sort_values("block", kind="stable")
    words = ["row", "kind", "area", "name", "note", "url", *_TOLD]
    chart = _matrix_layers(rows[["iso3", "x", "guide", "documents", *words]].fillna(dict.fromkeys(words, "")))
    as_of = str(sources.loc[sources["source_id"].isin(documents["source_id"]), "as_of"].max())
    return theme.finish(chart.add_params(theme.country_param()), *_matrix_words(cells, cities, read, as_of))


def _cells(support: pd.DataFrame, partners: pd.DataFrame, cities: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return one row a city, partner, area and kind, with the places that name it."""
    rows = support.merge(partners[["partner_id", "partner"]], on="partner_id")
    rows = rows.merge(sources[["source_id", "url"]], on="source_id")
    rows = rows.merge(cities[["city_id", "city", "iso3", "country"]], on="city_id", how="left")
    rows, page = rows.sort_values(["report_year", "page"]), rows["page"].astype("str")
    rows = rows.assign(
        area=rows["focus_area_id"].fillna(_NO_PROJECT),
        pages=rows["report_year"].astype("str") + " p. " + page,
        url=rows["url"] + "#page=" + page,
    ).fillna({"city": _NETWORK, "city_id": "", "country": _NETWORK})
    keys = ["country", "iso3", "city_id", "city", "partner_id", "partner", "area", "kind"]
    rows = rows.drop_duplicates([*keys, "pages"])
    return rows.groupby(keys, dropna=False, as_index=False).agg(pages=("pages", "; ".join), url=("url", "first"))


def _place(cells: pd.DataFrame, read: Mapping[str, int]) -> pd.DataFrame:
    """Give each mark its slot in the cell, and each row its label; the name stands beside the row's first mark."""
    rows = cells.assign(
        block=cells["country"].map(_BLOCKS.index),
        order=cells["area"].map(list(_AREAS).index),
        rank=cells["kind"].map(list(_KINDS).index),
        area_name=cells["area"].map(_AREAS),
        kind_name=cells["kind"].map({kind: name for kind, (name, _) in _KINDS.items()}),
    ).sort_values(["block", "city", "partner_id", "order", "rank"], ignore_index=True)
    cell = rows.groupby(["city", "partner", "order"])["kind"]
    label = rows["city"] + rows["city_id"].map(lambda city: f" ({read.get(city, 0)})" if city else "")
    begins = (rows["partner"] == rows.groupby("city")["partner"].transform("first")) & (rows["city_id"] != "")
    first = ~rows.duplicated(["city", "partner"])
    return rows.assign(
        x=rows["order"] + 0.5 + _APART * (cell.cumcount() - (cell.transform("size") - 1) / 2),
        row=label.where(begins, "") + "|" + rows["city"] + "|" + rows["partner"],
        name=rows["partner"].where(first, ""),
        documents=rows["city_id"].map(lambda city: read.get(city, 0) if city else pd.NA).astype("Int64"),
        guide=first * len(_AREAS),
    )


def _countries(cells: pd.DataFrame, cities: pd.DataFrame, read: Mapping[str, int]) -> pd.DataFrame:
    """Return a row that names each country and its cities without a partner named, and one for the network."""
    network = cells.loc[cells["country"] == _NETWORK, ["country", "iso3"]]
    heads = pd.concat([cities[["country", "iso3"]], network]).drop_duplicates("country")
    silent = cities[~cities["city_id"].isin(cells["city_id"])].sort_values("city")
    notes = [_note(silent[silent["country"] == country], read) for country in heads["country"]]
    return heads.assign(
        block=heads["country"].map(_BLOCKS.index),
        row=_COUNTRY + heads["country"],
        kind=_HEADER,
        note=notes,
        city=heads["country"],
        x=0.0,
        guide=0,
    )


def _note(silent: pd.DataFrame, read: Mapping[str, int]) -> str:
    """Name the cities for which no partner is named, with their number of documents, and those that none describes."""
    pairs = list(zip(silent["city"], silent["city_id"], strict=True))
    said = ", ".join(f"{city} ({read[key]})" for city, key in pairs if key in read)
    unread = ", ".join(city for city, key in pairs if key not in read)
    return "; ".join([f"not named: {said}"] * bool(said) + [f"not described: {unread}"] * bool(unread))


def _matrix_layers(rows: pd.DataFrame) -> alt.LayerChart:
    columns = _COLUMN * len(_AREAS)
    base = alt.Chart(rows).transform_filter(theme.SELECTED).encode(y=_label_axis())
    names = base.mark_text(**_WRITTEN).encode(x=alt.value(columns + 6), text="name:N")
    notes = base.mark_text(**_WRITTEN, color=v.MUTED).encode(x=alt.value(2), text="note:N")
    chart = alt.layer(_guides(base), _matrix_marks(base), names, notes)
    return chart.properties(width=columns + _NAMES, height=alt.Step(_ROW))


def _matrix_marks(base: alt.Chart) -> alt.Chart:
    shapes = {**{kind: shape for kind, (_, shape) in _KINDS.items()}, _HEADER: _NO_MARK}
    colours = {**v.FOCUS_AREA_COLOURS, _NO_PROJECT: v.INK, "": v.INK}
    shape = alt.Shape("kind:N").scale(domain=list(shapes), range=list(shapes.values())).legend(_kind_legend())
    colour = alt.Fill("area:N").scale(domain=list(colours), range=list(colours.values())).legend(None)
    tooltip = [alt.Tooltip(field, title=title) for field, title in _TOLD.items()]
    marks = base.mark_point(size=62, strokeWidth=0, opacity=1, description=alt.expr(_SPOKEN))
    return marks.encode(x=_area_axis(), shape=shape, fill=colour, tooltip=tooltip, href="url:N")


def _guides(base: alt.Chart) -> alt.Chart:
    """Lead the eye along a row, but not through the words beside it, as a grid line would."""
    return base.mark_bar(size=1, color=v.LAND, aria=False).encode(x=alt.X("guide:Q").stack(None))


def _kind_legend() -> alt.Legend:
    names = ",".join(f"'{kind}':'{name}'" for kind, (name, _) in _KINDS.items())
    return alt.Legend(
        title="Kind of support named",
        values=list(_KINDS),
        labelExpr="{" + names + "}[datum.label]",
        symbolFillColor=v.INK,
        symbolStrokeWidth=0,
        columns=2,
        direction="vertical",
    )


def _area_axis() -> alt.X:
    """Make the axis of the six areas; the scale goes on to the right, where the names stand."""
    names = "[" + ",".join(f"'{name}'" for name in _AREAS.values()) + "]"
    axis = alt.Axis(
        orient="top",
        values=[i + 0.5 for i in range(len(_AREAS))],
        labelExpr=f"{names}[floor(datum.value)]",
        labelAngle=-40,
        labelAlign="left",
        labelFontSize=11,
        labelOverlap=False,
        labelPadding=4,
        ticks=False,
        domain=False,
        grid=True,
    )
    width = len(_AREAS) + _NAMES / _COLUMN
    return alt.X("x:Q").scale(domain=[0, width], nice=False, zero=False).title(None).axis(axis)


def _label_axis() -> alt.Y:
    """Make the axis of cities in data order: countries in bold, a city once, beside its first partner."""
    is_country = f"slice(datum.value, 0, {len(_COUNTRY)}) === '{_COUNTRY}'"
    axis = alt.Axis(
        labelExpr=f"{is_country} ? slice(datum.value, {len(_COUNTRY)}) : split(datum.value, '|')[0]",
        labelFontWeight=alt.when(is_country).then(alt.value("bold")).otherwise(alt.value("normal")),
        labelOverlap=False,
        labelPadding=6,
        ticks=False,
        domain=False,
        grid=False,
    )
    return alt.Y("row:N").sort(None).title(None).axis(axis)


def _matrix_words(
    cells: pd.DataFrame, cities: pd.DataFrame, read: Mapping[str, int], as_of: str
) -> tuple[str, list[str], str]:
    pairs = cells[cells["city_id"] != ""]
    network, silent = cells[cells["city_id"] == ""], cities[~cities["city_id"].isin(cells["city_id"])]
    unread = len(silent) - int(silent["city_id"].isin(list(read)).sum())
    title = "Who is named as supporting which city, in which area, and how"
    lines = [
        "A row is a partner of a city. In brackets: documents that describe the city. Not named does not mean none.",
        theme.source_line([_READ], as_of),
    ]
    areas = theme.spell_list(f"{name} {_pairs(pairs[pairs['area'] == area])}" for area, name in _AREAS.items())
    kinds = theme.spell_list(f"{name} {_pairs(pairs[pairs['kind'] == kind])}" for kind, (name, _) in _KINDS.items())
    alt_text = (
        f"{title}. {pairs['partner'].nunique()} partners are named for {pairs['city'].nunique()} of {len(cities)} cities: "
        f"{_pairs(pairs)} pairs of city and partner. By area: {areas}. By kind: {kinds}. A pair can have several. "
        f"For {len(silent) - unread} cities that are described no partner is named; {unread} are not described. "
        f"{network['partner'].nunique()} partners are named for the network as a whole."
    )
    return title, lines, alt_text


def _pairs(cells: pd.DataFrame) -> int:
    return len(cells[["city", "partner"]].drop_duplicates())


def partners_by_document(named: pd.DataFrame, pairs: pd.DataFrame, cities: pd.DataFrame, as_of: str) -> alt.LayerChart:
    """Draw how many partners each document names for each member city.

    Parameters
    ----------
    named
        As `metrics.named_by_document` gives it.
    pairs
        As `metrics.named_again` gives it, for the number of different partners of a city.
    cities
        Member cities, as `loaders.load_cities` gives them.
    as_of
        Date of the latest document.

    Returns
    -------
    LayerChart
        Filterable by country. A number: so many partners named. A ring: the document describes the city and names none.
        Nothing: it does not describe the city. Beside each city its N. Countries and cities are in alphabetical order.

    Raises
    ------
    SelectionError
        If no document describes a city.
    """
    named = named[named["city_id"].isin(cities["city_id"])]
    if named.empty:
        raise SelectionError("nothing to draw: no document describes a city")
    years = sorted(named["report_year"].unique().tolist())
    rows = _grid(named, pairs, cities, years)
    return template.filled(_by_document, (tuple(years),), {template.ROWS: rows}, _grid_words(named, cities, as_of))


def _by_document(years: tuple[int, ...]) -> alt.LayerChart:
    columns, x = _YEAR * len(years), _document_axis(years)
    base = template.named().transform_filter(theme.SELECTED).encode(y=_label_axis())
    numbers = base.mark_text(fontSize=11, fontWeight="bold", color="white", aria=False).encode(x=x, text="number:N")
    words = base.mark_text(**_WRITTEN, color=v.MUTED).encode(x=alt.value(columns + 8), text="words:N")
    chart = alt.layer(_guides(base), _grid_marks(base, x), numbers, words).add_params(theme.country_param())
    return chart.properties(width=columns + _WORDS, height=alt.Step(_LINE))


def _grid(named: pd.DataFrame, pairs: pd.DataFrame, cities: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Return one row a city and document, and one for a city that none describes; words stand beside the first."""
    rows = cities[["country", "iso3", "city_id", "city"]].merge(named, on="city_id", how="left")
    rows = rows.sort_values(["country", "city", "report_year"], ignore_index=True)
    cells = [_cell(partners, year, years) for partners, year in zip(rows["partners"], rows["report_year"], strict=True)]
    rows = pd.concat([rows, pd.DataFrame(cells, columns=["cell", "x", "year", "number", "told"])], axis=1)
    read, found = named.groupby("city_id").size(), pairs.groupby("city_id").size()
    words = rows["city_id"].map(lambda city: _beside(int(found.get(city, 0)), int(read.get(city, 0))))
    first = ~rows.duplicated("city_id")
    rows = rows.assign(words=words.where(first, ""), guide=first * len(years))
    placed = theme.with_country_rows(rows).fillna({"cell": _HEADER, "x": 0.0, "guide": 0})
    placed["city"] = placed["city"].fillna(placed["country"])
    drawn = ["city", "cell", "year", "number", "told", "words"]
    return placed[["row", "iso3", "x", "guide", *drawn]].fillna(dict.fromkeys(drawn, ""))


def _cell(partners: float, year: float, years: Sequence[int]) -> tuple[str, float, str, str, str]:
    """Return form, place, year, number and words of a cell; of a city that no document describes, an empty one."""
    if pd.isna(year):
        return _HEADER, 0.0, "", "", ""
    form, number = ("named", f"{partners:.0f}") if partners > 0 else ("silent", "")
    return form, years.index(int(year)) + 0.5, f"{year:.0f}", number, f"{number} named" if number else "none named"


def _beside(found: int, read: int) -> str:
    """Say in words what the documents name for a city, with their number."""
    documents = "1 document" if read == 1 else f"{read} documents"
    if read == 0:
        return "in none of the documents read"
    if found == 0:
        return f"not named in the {documents} read"
    return f"{found} {'partner' if found == 1 else 'partners'} in {documents}"


def _grid_marks(base: alt.Chart, x: alt.X) -> alt.Chart:
    """Draw a disc where a partner is named and a small ring where the city is described and none is."""
    names = ",".join(f"'{cell}':'{name}'" for cell, name in _CELLS.items())
    legend = alt.Legend(title=None, values=list(_CELLS), labelExpr="{" + names + "}[datum.label]")
    ranges = {
        "shape": ["circle", _RING, _NO_MARK],
        "fill": [_BLUE, "white", "white"],
        "stroke": [_BLUE, v.COAST, "white"],
    }
    scales = {name: alt.Scale(domain=[*_CELLS, _HEADER], range=values) for name, values in ranges.items()}
    tooltip = [alt.Tooltip(field, title=title) for field, title in _GRID_TOLD.items()]
    return base.mark_point(size=150, strokeWidth=1.2, opacity=1, description=alt.expr(_GRID_SPOKEN)).encode(
        x=x,
        shape=alt.Shape("cell:N").scale(scales["shape"]).legend(legend),
        fill=alt.Fill("cell:N").scale(scales["fill"]).legend(legend),
        stroke=alt.Stroke("cell:N").scale(scales["stroke"]).legend(legend),
        tooltip=tooltip,
    )


def _document_axis(years: Sequence[int]) -> alt.X:
    """Make the axis of the documents; the scale goes on to the right, where the words stand."""
    names = "[" + ",".join(f"'{_DOCUMENTS.get(year, f'{year}|report')}'" for year in years) + "]"
    axis = alt.Axis(
        orient="top",
        values=[i + 0.5 for i in range(len(years))],
        labelExpr=f"split({names}[floor(datum.value)], '|')",
        labelFontSize=11,
        labelPadding=14,
        ticks=False,
        domain=False,
        grid=False,
    )
    return alt.X("x:Q").scale(domain=[0, len(years) + _WORDS / _YEAR], nice=False).title(None).axis(axis)


def _grid_words(named: pd.DataFrame, cities: pd.DataFrame, as_of: str) -> tuple[str, list[str], str]:
    by_year = named.assign(some=named["partners"] > 0).groupby("report_year")["some"].agg(["sum", "size"])
    said = theme.spell_list(f"{row['sum']} of {row['size']} in {year}" for year, row in by_year.iterrows())
    by_city = named.groupby("city_id")["partners"].sum()
    unread = len(cities) - len(by_city)
    title = "Partners named for each member city, by document"
    lines = [
        "Number of different partners that a document names for the city. Not named does not mean none.",
        theme.source_line([_READ], as_of),
    ]
    alt_text = (
        f"{title}. A partner is named for {(by_city > 0).sum()} of {len(cities)} cities; for {(by_city == 0).sum()} "
        f"that the documents describe none is named, and {unread} are not described. "
        f"Cities with a partner named, of the cities described: {said}."
    )
    return title, lines, alt_text
