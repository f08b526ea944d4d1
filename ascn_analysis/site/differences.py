"""What the reports contradict: every finding of the audit, by year, with its pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import audit, contradictions, loaders
from ascn_analysis import vocabulary as v
from ascn_analysis.metrics import ALL
from ascn_analysis.site import page, references

STATES: Final = {"unknown": "Found by the audit, not yet in the table of known contradictions.", "gone": "No longer found by the audit."}  # fmt: skip


def write(site: Path, common: dict[str, Any], folder: Path = loaders.DATA) -> None:
    """Write ``contradictions.html``.

    Raises
    ------
    TableError
        If a table is not as its schema says.
    """
    sources = loaders.load_sources(folder)
    found = located(audit.findings(folder), loaders.load_cities(folder))
    addresses = references.addresses(sources)
    text = page.render(
        "contradictions.html.j2", root="", title="What the reports contradict", section="contradictions.html",
        years=[_year(int(year), part, addresses) for year, part in found.groupby("year")],
        total=len(found), explained=int((found["explanation"] != "").sum()), changed=int((found["change"] != "").sum()),
        counts=_counts(found), tolerance=contradictions.RING_TOLERANCE, reports=_reports(sources),
        description="Every place where the documents contradict each other or themselves, with its pages.",
        **common,
    )  # fmt: skip
    (site / "contradictions.html").write_text(text, encoding="utf-8")


def located(found: pd.DataFrame, cities: pd.DataFrame) -> pd.DataFrame:
    """Say of each finding which country it is about.

    Parameters
    ----------
    found
        As `audit.findings` gives it.
    cities
        Member cities, with ``city`` and ``iso3``.

    Returns
    -------
    DataFrame
        The findings with ``iso3``: that of the country or city at the beginning of the subject, missing for the network.
    """
    places = dict(zip(cities["city"], cities["iso3"], strict=True))
    places |= {name: iso3 for iso3, name in v.COUNTRY_NAMES.items()}
    names = found["subject"].map(lambda subject: re.split("[:,]", subject)[0])
    return found.assign(iso3=names.map(places))


def _year(year: int, found: pd.DataFrame, addresses: dict[str, str]) -> dict[str, Any]:
    own, network = found[found["iso3"].notna()], found[found["iso3"].isna()]
    return {
        "year": year,
        "count": len(found),
        "own": [_row(row, addresses) for row in own.itertuples()],
        "network": [_row(row, addresses) for row in network.itertuples()],
    }


def _row(row: Any, addresses: dict[str, str]) -> dict[str, Any]:
    return {
        "iso3": None if pd.isna(row.iso3) else row.iso3,
        "subject": _begun(row.subject.replace("_", " ")),
        "stated": row.stated,
        "recomputed": row.recomputed,
        "explanation": _begun(row.explanation),
        "change": row.change,
        "state": STATES.get(row.state, ""),
        "pages": references.parts(row.pages, addresses),
    }


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _counts(found: pd.DataFrame) -> list[tuple[str, str]]:
    """Say for the whole network and for each country how many findings there are."""
    network = int(found["iso3"].isna().sum())
    whole = f"{len(found)} contradictions: {len(found) - network} about one country or city, {network} about the network as a whole."
    own = [(iso3, _count(name, int((found["iso3"] == iso3).sum()))) for iso3, name in v.COUNTRY_NAMES.items()]
    return [(ALL, whole), *own]


def _count(country: str, number: int) -> str:
    if number == 0:
        return f"No contradiction was found that is about {country} or one of its cities."
    return (
        f"{number} {'contradiction is' if number == 1 else 'contradictions are'} about {country} or one of its cities."
    )


def _reports(sources: pd.DataFrame) -> list[tuple[str, str]]:
    primary = sources[(sources["grade"] == "primary") & sources["pages"].notna()]
    return list(zip(primary["source_id"], primary["title"], strict=True))
