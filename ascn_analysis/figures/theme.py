"""What all figures share: font, colours, the country parameter, and the finish of title, source line and alt text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import altair as alt
import pandas as pd

from ascn_analysis import vocabulary as v

FONT: Final = "ASCN Sans, sans-serif"
FONT_FOLDER: Final = Path(__file__).parent.parent / "assets"
WIDTH: Final = 560
ALL_COUNTRIES: Final = "All countries"
BOUNDARY_LINE: Final = (
    "Boundaries are de facto and for orientation only (Natural Earth); they imply no position on any claim."
)

_COUNTRY: Final = "# "  # begins the label of a row that names a country: Singapore is a country and a city

WHOLE: Final = "datum.value === floor(datum.value) ? format(abs(datum.value), 'd') : ''"
"""Vega expression for axis labels: whole numbers only, without a sign."""

SELECTED: Final = "country === null || datum.iso3 === country"
"""Vega expression: keep rows of the chosen country, or all."""

PICKED: Final = "datum.selection === (country === null ? 'all' : country)"
"""Vega expression: keep the rows measured for the chosen country, or for all together."""


def country_param() -> alt.Parameter:
    """Make the one filter of every figure: ``country``, an iso3 or null for all, bound to a drop-down."""
    options = [None, *v.COUNTRY_NAMES]
    labels = [ALL_COUNTRIES, *v.COUNTRY_NAMES.values()]
    return alt.param(
        name="country", value=None, bind=alt.binding_select(options=options, labels=labels, name="Country ")
    )


def finish(chart: Any, title: str, lines: Iterable[str], description: str) -> Any:
    """Give a figure its title, the lines under it (units, reading aid, source with as-of date), alt text and theme.

    Parameters
    ----------
    chart
        Any Altair chart.
    title
        The subject of the finding.
    lines
        Units and reading aid first, the source line last.
    description
        Alt text: what the figure shows, with its numbers.
    """
    heading = alt.TitleParams(title, subtitle=list(lines))
    return chart.properties(title=heading, description=description).configure(**config())


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration of all figures; it keeps to what version 5.6 knows."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 12, "titleFontSize": 12}
    quiet = {"labelColor": v.INK, "titleColor": v.MUTED, "titleFontWeight": "normal"}
    return {
        "background": "white",
        "font": FONT,
        "padding": 8,
        "view": {"stroke": None},
        "axis": {**text, **quiet, "domainColor": v.COAST, "tickColor": v.COAST, "gridColor": v.LAND, "labelLimit": 240},
        "legend": {
            **text,
            **quiet,
            "orient": "bottom",
            "symbolSize": 110,
            "labelLimit": 260,
            "direction": "horizontal",
        },
        "header": {**text, "labelColor": v.INK, "labelFontWeight": "bold", "title": None},
        "title": _title_config(),
        "text": {"font": FONT, "fontSize": 12, "color": v.INK},
    }


def _title_config() -> dict[str, Any]:
    return {
        "font": FONT,
        "fontSize": 16,
        "color": v.INK,
        "anchor": "start",
        "frame": "bounds",
        "offset": 12,
        "subtitleFont": FONT,
        "subtitleFontSize": 12,
        "subtitleColor": v.MUTED,
        "subtitleLineHeight": 16,
        "subtitlePadding": 6,
    }


def with_country_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Put a row that only names the country before each country's rows, for `city_axis`.

    Parameters
    ----------
    rows
        Has ``country``, ``iso3`` and ``city``; sorted by them.

    Returns
    -------
    DataFrame
        The rows and the added ones, with ``row``: the label of the line that they stand on.
    """
    named = rows.assign(row=rows["city"])
    headers = rows.drop_duplicates("country")[["country", "iso3"]]
    headers = headers.assign(row=_COUNTRY + headers["country"])
    return pd.concat([headers, named]).sort_values("country", kind="stable", ignore_index=True)


def city_axis() -> alt.Y:
    """Make the axis of cities in data order, with the countries' names in bold between them."""
    is_country = f"slice(datum.value, 0, {len(_COUNTRY)}) === '{_COUNTRY}'"
    axis = alt.Axis(
        labelExpr=f"{is_country} ? slice(datum.value, {len(_COUNTRY)}) : datum.value",
        labelFontWeight=alt.when(is_country).then(alt.value("bold")).otherwise(alt.value("normal")),
        gridOpacity=alt.when(is_country).then(alt.value(0)).otherwise(alt.value(1)),
        grid=True,
        ticks=False,
        domain=False,
        labelPadding=6,
    )
    return alt.Y("row:N").sort(None).title(None).axis(axis)


def source_line(sources: Iterable[str], as_of: str) -> str:
    """Write the last line under a title.

    Examples
    --------
    >>> source_line(["ASCN M&E reports 2022-2025, appendices"], "2025-09-30")
    'Source: ASCN M&E reports 2022-2025, appendices. As of 30 September 2025.'
    """
    return f"Source: {'; '.join(sources)}. As of {spell_date(as_of)}."


def reports(years: Iterable[int]) -> str:
    """Name the Monitoring & Evaluation reports that a figure rests on.

    Examples
    --------
    >>> reports([2022, 2025, 2023]), reports([2025, 2025])
    ('ASCN M&E reports 2022-2025', 'ASCN M&E report 2025')
    """
    held = sorted({int(year) for year in years})
    return f"ASCN M&E reports {held[0]}-{held[-1]}" if len(held) > 1 else f"ASCN M&E report {held[0]}"


def spell_date(day: str) -> str:
    """Spell an ISO date of any precision in words, the same in every locale.

    Examples
    --------
    >>> spell_date("2025-09-30"), spell_date("2025-09"), spell_date("2025")
    ('30 September 2025', 'September 2025', '2025')
    """
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    year, *rest = day.split("-")
    words = [year] if not rest else [months[int(rest[0]) - 1], year]
    return " ".join([str(int(rest[1])), *words] if len(rest) == 2 else words)


def spell_list(words: Iterable[str]) -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> spell_list(["a", "b", "c"])
    'a, b and c'
    """
    *head, last = list(words)
    return f"{', '.join(head)} and {last}" if head else last
