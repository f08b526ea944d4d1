"""The words of the field, once: member states, focus areas, statuses and lists, with their order and colours.

Countries stand in alphabetical order of ASEAN's names and are never ranked. Focus areas stand in the order of the
ASEAN Smart Cities Framework (2018, paragraphs 13-18). The six colours keep a CIEDE76 distance of at least 25
under simulated deuteranopia, protanopia and tritanopia and a contrast of at least 3:1 on white; position or a
label always says the same thing as colour.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Country(NamedTuple):
    """A member state of ASEAN, under ASEAN's own name."""

    iso3: str
    iso2: str
    name: str
    m49: str


class FocusArea(NamedTuple):
    """One of the six focus areas of the ASEAN Smart Cities Framework."""

    id: str
    name: str
    colour: str


class Status(NamedTuple):
    """What a project is reported as; statuses are self-reported by the cities."""

    id: str
    name: str


COUNTRIES: Final = (
    Country("BRN", "BN", "Brunei Darussalam", "096"),
    Country("KHM", "KH", "Cambodia", "116"),
    Country("IDN", "ID", "Indonesia", "360"),
    Country("LAO", "LA", "Lao PDR", "418"),
    Country("MYS", "MY", "Malaysia", "458"),
    Country("MMR", "MM", "Myanmar", "104"),
    Country("PHL", "PH", "Philippines", "608"),
    Country("SGP", "SG", "Singapore", "702"),
    Country("THA", "TH", "Thailand", "764"),
    Country("TLS", "TL", "Timor-Leste", "626"),
    Country("VNM", "VN", "Viet Nam", "704"),
)

FOCUS_AREAS: Final = (
    FocusArea("civic-social", "Civic & Social", "#331189"),
    FocusArea("health-well-being", "Health & Well-Being", "#A03E8D"),
    FocusArea("safety-security", "Safety & Security", "#9D1600"),
    FocusArea("quality-environment", "Quality Environment", "#0C6A4C"),
    FocusArea("built-infrastructure", "Built Infrastructure", "#AF8B00"),
    FocusArea("industry-innovation", "Industry & Innovation", "#339BD8"),
)

STATUSES: Final = (
    Status("planning", "planning"),
    Status("ongoing", "ongoing"),
    Status("completed", "completed"),
    Status("planning|ongoing", "ongoing or planning, not separable"),
    Status("planning|ongoing|completed", "left open in another way"),
)

STATUS_SETS: Final = (
    "planning",
    "ongoing",
    "completed",
    "planning|ongoing",
    "planning|completed",
    "ongoing|completed",
    "planning|ongoing|completed",
)
STATUSES_REPORTED: Final = ("planning", "ongoing", "completed")
SUPPORT_KINDS: Final = ("technical", "funding", "partners", "knowledge", "data", "political")
MENTION_KINDS: Final = ("funding", "technology", "technical", "training", "agreement", "developer", "other")
PARTNER_SECTORS: Final = (
    "government",
    "development bank",
    "united nations",
    "fund",
    "firm",
    "university",
    "ngo",
    "city",
    "other",
)
CHALLENGE_KINDS: Final = ("governance", "funding", "standards-and-data", "skills", "technology", "other")
EVENT_KINDS: Final = ("summit", "annual-meeting", "meeting", "document", "membership", "programme", "agreement")
TOPICS: Final = ("cost", "outcome", "beneficiaries", "reach", "inclusion", "verification")
LISTS: Final = ("all", "ongoing_or_planning", "completed")
STATUS_BASES: Final = ("list", "exhibit", "open")
CHANGES: Final = (
    "first_report",
    "newly_listed",
    "newly_listed_completed",
    "continued",
    "newly_completed",
    "still_completed",
)
ADMIN_LEVELS: Final = {
    "city-state": "the city is the country",
    "capital-region": "a first-level unit made for the capital or seat of government",
    "province-level-city": "another municipality that is itself a first-level unit",
    "city": "a city or town with its own government below the first level",
    "regency": "an Indonesian kabupaten, towns and countryside",
    "province": "named after a town, but its projects act in the province",
    "other": "no single legal unit; the name stands for a project area",
}

INK: Final = "#1F2933"
MUTED: Final = "#52606D"
NO_DATA: Final = "#BFC5CC"
LAND: Final = "#E4E7EB"
COAST: Final = "#9AA5B1"

COUNTRY_NAMES: Final = {c.iso3: c.name for c in COUNTRIES}
FOCUS_AREA_NAMES: Final = {a.id: a.name for a in FOCUS_AREAS}
FOCUS_AREA_COLOURS: Final = {a.id: a.colour for a in FOCUS_AREAS}
STATUS_NAMES: Final = {s.id: s.name for s in STATUSES}


def cohort(joined_year: int) -> str:
    """Return the cohort of joining: the 26 pilot cities of 2018, then one cohort a year.

    Examples
    --------
    >>> cohort(2018), cohort(2024)
    ('2018 pilot', '2024')
    """
    return "2018 pilot" if joined_year == 2018 else str(joined_year)
