"""The network in squares for one country, drawn without a script: legible in grey, in the dark and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from markupsafe import Markup

from ascn_analysis import vocabulary as v
from ascn_analysis.site.country import Country, quantity

_LABEL: Final = 132  # units from the left edge to the first square
_STEP: Final = 14  # units from square to square
_SIDE: Final = 11  # units that a square is wide
_LINE: Final = 16  # units from line to line
_AFTER: Final = 64  # units kept for the count at the end of a line
_MINI: Final = 9  # units from square to square in the small picture

_OWN: Final = f'width="{_SIDE}" height="{_SIDE}" fill="currentColor"'
# An outline is drawn inside its square, so that both kinds are equally wide.
_OTHER: Final = (
    f'width="{_SIDE - 1}" height="{_SIDE - 1}" fill="none" stroke="currentColor" stroke-width="1" stroke-opacity="0.45"'
)


def network(country: Country) -> Markup:
    """Draw every project of the latest report as a square: one line a focus area, the country's own solid and first.

    Returns
    -------
    Markup
        An SVG with a title and a description that holds the numbers; each solid square names its project. It has only
        presentation attributes and takes its colour from the text around it.
    """
    rows = country.record.rows(country.record.latest)
    longest = int(rows["focus_area_id"].value_counts().max())
    width, height = _LABEL + longest * _STEP + _AFTER, _LINE * len(v.FOCUS_AREAS)
    lines = Markup("").join(_line(country, rows, number) for number in range(len(v.FOCUS_AREAS)))
    return Markup('<svg class="squares" viewBox="0 0 {} {}" role="img" aria-labelledby="squares-title squares-desc">'
                  '<title id="squares-title">{}</title><desc id="squares-desc">{}</desc>{}</svg>').format(
        width, height, heading(country), description(country), lines
    )  # fmt: skip


def heading(country: Country) -> str:
    """Return what the picture shows."""
    latest = country.record.latest
    place = "" if country.rows().empty else f"{country.in_text} in "
    return f"The network in squares: {place}the {latest} report"


def reading(country: Country) -> str:
    """Say how to read the picture."""
    total, own = len(country.record.rows(country.record.latest)), len(country.rows())
    if not own:
        return f"One square is one of {total} projects, by focus area. This report has no row of {country.in_text}."
    return f"One square is one of {total} projects, by focus area; the {own} solid ones are of {country.in_text}."


def description(country: Country) -> str:
    """Return the picture's numbers in words."""
    parts = "; ".join(f"{name} {_count(country, mine, everyone)}" for name, mine, everyone in counts(country))
    return f"{reading(country)} {parts}."


def _count(country: Country, mine: int, everyone: int) -> str:
    """Write how many are the country's; a country that is not in the report has no number, not 0."""
    return str(everyone) if country.rows().empty else f"{mine} of {everyone}"


def counts(country: Country) -> list[tuple[str, int, int]]:
    """Return focus area, projects of the country, and projects of the network in the latest report."""
    mine, everyone = country.rows()["focus_area_id"], country.record.rows(country.record.latest)["focus_area_id"]
    return [(area.name, int((mine == area.id).sum()), int((everyone == area.id).sum())) for area in v.FOCUS_AREAS]


def _line(country: Country, rows: Any, number: int) -> Markup:
    area, top = v.FOCUS_AREAS[number], number * _LINE
    inside = rows[rows["focus_area_id"] == area.id]
    own = country.of(inside)
    words = [f"{title} ({city})" for title, city in zip(own["project_printed"], own["city"], strict=True)]
    squares = Markup("").join(_squares(words, len(inside), top))
    label = Markup('<text x="0" y="{}" fill="currentColor" font-size="12">{}</text>').format(top + 12, area.name)
    end = Markup('<text x="{}" y="{}" fill="currentColor" font-size="12">{}</text>').format(
        _LABEL + len(inside) * _STEP + 4, top + 12, _count(country, len(own), len(inside))
    )
    return label + squares + end


def _squares(words: list[str], total: int, top: int) -> Iterator[Markup]:
    for slot in range(total):
        x = _LABEL + slot * _STEP
        if slot < len(words):
            yield Markup('<rect x="{}" y="{}" {}><title>{}</title></rect>').format(
                x, top + 2, Markup(_OWN), words[slot]
            )
        else:
            yield Markup('<rect x="{}" y="{}" {}/>').format(x + 0.5, top + 2.5, Markup(_OTHER))


def mini(country: Country) -> Markup:
    """Draw the country's projects of the latest report as a line of squares; completed ones solid."""
    done = country.rows()["status"].eq("completed").sort_values(ascending=False).tolist()
    words = quantity(len(done), "project", "projects")
    text = f"{words} in the {country.record.latest} report, {sum(done)} of them reported as completed"
    width = max(len(done), 1) * _MINI
    return Markup('<svg class="mini" width="{0}" height="9" viewBox="0 0 {0} 9" role="img" aria-label="{1}">{2}</svg>').format(
        width, text, Markup("").join(_small(done))
    )  # fmt: skip


def _small(done: Iterable[bool]) -> Iterator[Markup]:
    for slot, solid in enumerate(done):
        fill = 'fill="currentColor"' if solid else 'fill="none"'
        yield Markup('<rect x="{}" y="1.5" width="6" height="6" {} stroke="currentColor" stroke-width="1"/>').format(
            slot * _MINI + 1.5, Markup(fill)
        )
