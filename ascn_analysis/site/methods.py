"""Methods, sources and licences: how the record was made, what the measures mean, and who holds which rights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ascn_analysis import audit, coding, documents, loaders, metrics, package
from ascn_analysis.site import page
from ascn_analysis.site.downloads import citation, size
from ascn_analysis.site.inputs import CHECKOUT

VENDOR: Final = Path(__file__).parent / "vendor" / "vendor.json"
TEXTS: Final = {
    "LICENSE": "which licence applies to what, and the MIT License",
    "CC-BY-4.0.txt": "Creative Commons Attribution 4.0 International",
    "OFL-1.1.txt": "SIL Open Font License 1.1",
    "BSD-3-Clause-vega.txt": "BSD 3-Clause License, Vega",
    "BSD-2-Clause-esprima.txt": "BSD 2-Clause License, Esprima (within Vega)",
    "ISC-d3.txt": "ISC License, D3, internmap and topojson-client",
}
"""Licence texts that come with the site, with what each is."""


def write(site: Path, common: dict[str, Any], folder: Path = loaders.DATA) -> None:
    """Write ``methods.html`` and the licence texts.

    Raises
    ------
    TableError
        If a table is not as its schema says.
    """
    sources = loaders.load_sources(folder)
    text = page.render(
        "methods.html.j2", root="", title="Methods and sources", section="methods.html", n=numbers(folder),
        agreement=agreement(folder), grades=[(grade, _sources(sources, grade)) for grade in ("primary", "secondary")],
        packages=packages(), texts=_texts(site / "licences"), cite=citation(), notice=package.NOTICE,
        description="How the record was made, what its measures mean, its limits, its sources and its licences.",
        **common,
    )  # fmt: skip
    (site / "methods.html").write_text(text, encoding="utf-8")


def numbers(folder: Path = loaders.DATA) -> dict[str, Any]:
    """Compute every number that the page's text names."""
    projects, links = loaders.load_projects(folder), loaders.load_project_links(folder)
    cells, growth = audit.transcription_agreement(folder), metrics.growth(projects)
    joined = {
        name: metrics.relink(projects, links, trusted)["project_id"].nunique()
        for name, trusted in (("sure", ["sure"]), ("any", ["sure", "likely", "doubtful"]))
    }
    return {
        "rows": len(projects),
        "projects": projects["project_id"].nunique(),
        "reports": projects["report_year"].drop_duplicates().tolist(),
        "cities": len(loaders.load_cities(folder)),
        "cells": int(cells["rows"].sum()),
        "equal": int(cells["agree"].sum()),
        "pictures": sum(map(len, documents.from_pictures(folder).values())),
        "basis": projects["status_basis"].value_counts().to_dict(),
        "pairs": len(links),
        "confidence": links["confidence"].value_counts().to_dict(),
        "joined": joined,
        "days": (int(growth["days"].min()), int(growth["days"].max())),
        "contradictions": len(loaders.load_known_contradictions(folder)),
    }


def agreement(folder: Path = loaders.DATA) -> list[dict[str, Any]]:
    """Return the table of agreement between readings as text, empty where kappa does not apply."""
    return [
        {
            "what": row.what,
            "column": row.column,
            "rows": f"{row.rows:,}",
            "both": f"{row.both:,}",
            "agree": f"{row.agree:,}",
            "percent": f"{row.percent:.1f}",
            "kappa": "" if pd.isna(row.kappa) else f"{row.kappa:.3f}",
        }
        for row in coding.agreement(folder).itertuples()
    ]


def packages() -> list[tuple[str, list[str]]]:
    """Return the packages within the site's script by licence, as ``name version``."""
    vendored = json.loads(VENDOR.read_text(encoding="utf-8"))["packages"]
    licences = sorted({entry["licence"] for entry in vendored})
    return [
        (licence, [f"{entry['name']} {entry['version']}" for entry in vendored if entry["licence"] == licence])
        for licence in licences
    ]


def _sources(sources: pd.DataFrame, grade: str) -> list[dict[str, Any]]:
    own = sources[sources["grade"] == grade].astype("object")
    rows = own.where(own.notna(), None).to_dict("records")
    return [{**row, "size": size(row["bytes"]) if row["bytes"] else ""} for row in rows]


def _texts(folder: Path) -> list[tuple[str, str]]:
    """Copy the licence texts into the site."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {name: f"{name.removesuffix('.txt')}.txt" for name in TEXTS}
    for name, target in names.items():
        shutil.copyfile(CHECKOUT / (name if name == "LICENSE" else f"LICENSES/{name}"), folder / target)
    return [(f"licences/{names[name]}", text) for name, text in TEXTS.items()]
