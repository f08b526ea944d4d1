"""The first page: the network in five figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ascn_analysis import loaders, metrics
from ascn_analysis.errors import AscnError
from ascn_analysis.selections import by_country
from ascn_analysis.site import html, page, story
from ascn_analysis.site.charts import Chart
from ascn_analysis.site.story import Story

FIVE: Final = (
    ("01_member_cities", "Member cities, and their projects", "Where the members are"),
    ("02_project_growth", "what came, what stayed, what left", "How the lists grew"),
    ("03_focus_areas", "Projects in the six focus areas", "What the projects are about"),
    ("04_implementation_status", "self-reported status, report by report", "How far they are"),
    ("05_project_histories", "entered with the same report", "What became of them"),
)
"""Notebook, words of the figure's title, and the question it answers here."""


def write(site: Path, stories: list[Story], common: dict[str, Any]) -> None:
    """Write ``index.html``."""
    named = {made.stem: made for made in stories}
    parts = [_part(named, stem, words, heading) for stem, words, heading in FIVE if stem in named]
    numbers = [(key, html.from_markdown(text)) for key, text in _numbers().texts.items()]
    text = page.render(
        "home.html.j2", root="", title="The network in five figures", section="", numbers=numbers, parts=parts, stories=stories,
        description="The member cities and projects of the ASEAN Smart Cities Network, from the official reports, row by row.",
        **common,
    )  # fmt: skip
    (site / "index.html").write_text(text, encoding="utf-8")


def _part(named: dict[str, Story], stem: str, words: str, heading: str) -> dict[str, Any]:
    return {"heading": heading, "story": named[stem], "chart": story.view(_figure(named[stem], words))}


def _figure(own: Story, words: str) -> Chart:
    for chart in own.figures:
        if words in chart.title:
            return chart
    raise AscnError(f"{own.stem} has no figure whose title holds {words!r}; the home page shows it")


def _numbers() -> Any:
    """Say the key numbers, for all and for each country."""

    def numbers(cities: Any, projects: Any) -> str:
        members = f"**{len(cities)}** member {'city' if len(cities) == 1 else 'cities'}"
        if projects.empty:
            return f"{members}; none is listed in a report yet."
        totals = metrics.totals(projects)
        counts = ", ".join(f"{row.n} in {row.report_year}" for row in totals.itertuples())
        done = metrics.completion(projects).iloc[-1]
        return f"{members}. Projects listed: {counts}. Reported completed in {done.report_year:.0f}: **{done.least:.0f}** of {done.listed:.0f}."

    return by_country(numbers, loaders.load_cities(), loaders.load_panel())
