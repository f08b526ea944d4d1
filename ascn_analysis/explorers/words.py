"""What the linked views say: titles, alt texts with numbers, lines under the figure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from ascn_analysis.explorers.choice import Choice
from ascn_analysis.explorers.rows import Options, Row
from ascn_analysis.figures import theme

_MOST: Final = 12
_LINE: Final = 100  # characters of a line under a title


def when(choice: Choice) -> str:
    """Say which report is counted."""
    return "all reports" if choice.reports is None else f"{theme.spell_list(map(str, choice.reports))} report"


def titles(choice: Choice) -> dict[str, str]:
    """Return a heading for each view, with its unit."""
    what = "rows of projects" if choice.reports is None else "projects"
    at = f"{what}, {when(choice)}"
    return {
        "map": f"By city: the area of a disc is the number of {at}; a small ring stands for none chosen",
        "growth": "By report: projects in each report",
        "focus": f"By focus area: {at}",
        "status": f"By status, as reported: {at}",
    }


def spoken(title: str, drawn: Sequence[Row]) -> str:
    """Say a view with its numbers, the zeros and the tail of a long list left out."""
    some = [row for row in drawn if row["n"]]
    said = ", ".join(f"{row['label']} {row['n']}" for row in some[:_MOST])
    rest = f" and {len(some) - _MOST} more" if len(some) > _MOST else ""
    return f"{title}: {said or 'no data'}{rest}."


def message(choice: Choice, projects: int, cities: int) -> str:
    """Say how much is chosen."""
    one, many = ("project", "projects") if choice.reports else ("row of projects", "rows of projects")
    counted, places = (one if projects == 1 else many), ("city" if cities == 1 else "cities")
    return f"{projects} {counted} in {cities} {places}, {when(choice)}."


def lines(projects: pd.DataFrame, choice: Choice, mapped: bool) -> list[str]:
    """Return the lines under the title of the static figure: reading aid, boundaries, source."""
    told = ["Number of projects. A project counts once in each report that lists it; statuses are self-reported."]
    told += [theme.BOUNDARY_LINE] if mapped else []
    return [*told, source(projects, choice)]


def source(projects: pd.DataFrame, choice: Choice) -> str:
    """Name the source: the reports for the record, else the reader's own list."""
    shown = (
        projects.dropna(subset="report_year")
        if {"source_id", "as_of", "report_year"} <= set(projects)
        else projects.iloc[:0]
    )
    shown = shown if choice.reports is None else shown[shown["report_year"].isin(choice.reports)]
    if not len(shown) or shown["source_id"].isna().all() or shown["as_of"].isna().all():
        return "Source: a list of the reader's own."
    reports = f"{theme.reports(shown['report_year'])}, appendices and Exhibit 2"
    return theme.source_line([reports], str(shown["as_of"].dropna().max()))


def chosen(choice: Choice, options: Mapping[str, Options]) -> list[str]:
    """Say in lines what is chosen of countries, cities, focus areas and statuses; nothing where all are.

    Examples
    --------
    >>> chosen(Choice(countries=("IDN",)), {"countries": [("Indonesia", "IDN"), ("Singapore", "SGP")]})
    ['Shown: Indonesia.']
    >>> chosen(Choice(), {})
    []
    """
    parts = [_named(values, options[name]) for name, values in choice.given().items() if name != "reports"]
    return textwrap.wrap(f"Shown: {'; '.join(parts)}.", _LINE) if parts else []


def _named(values: Sequence[Any], offered: Options) -> str:
    """Name the values, or what is missing where that is shorter."""
    named = [label for label, value in offered if value in values]
    missing = [label for label, value in offered if value not in values]
    return f"all but {theme.spell_list(missing)}" if 0 < len(missing) < len(named) else theme.spell_list(named)


def picked(
    before: tuple[Any, ...] | None, keys: tuple[Any, ...], add: bool, *, brushed: bool = False
) -> tuple[Any, ...] | None:
    """Return what is chosen after a click or a brush.

    A click chooses one value alone, or everything if it was alone already; added, it comes to the others or leaves them.
    A brush chooses what it holds, or everything if it holds nothing.

    Examples
    --------
    >>> picked(None, ("SGP",), add=False)
    ('SGP',)
    >>> picked(("SGP",), ("SGP",), add=False) is None
    True
    >>> picked(("SGP",), ("IDN",), add=True)
    ('SGP', 'IDN')
    """
    if add and before is not None:
        kept = tuple(key for key in before if brushed or key not in keys)
        return (*kept, *(key for key in keys if key not in before)) or None
    return None if not keys or (keys == before and not brushed) else keys
