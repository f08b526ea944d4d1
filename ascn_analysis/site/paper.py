"""The data paper: what the record is, how it was made and checked, and what it cannot bear; every number is computed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from ascn_analysis import audit, contradictions, loaders, metrics, package
from ascn_analysis.schemas import TABLES
from ascn_analysis.site import methods, page
from ascn_analysis.site.downloads import citation, released
from ascn_analysis.site.inputs import MUTANTS


def write(site: Path, common: dict[str, Any], folder: Path = loaders.DATA, mutants: Path = MUTANTS) -> None:
    """Write ``paper.html``.

    Raises
    ------
    TableError
        If a table is not as its schema says.
    """
    text = page.render(
        "paper.html.j2", root="", title="Data paper", section="paper.html", n=methods.numbers(folder),
        tables=tables(folder), sources=sources(folder), checks=validation(folder), agreement=methods.agreement(folder),
        span=agreement_span(methods.agreement(folder)), mutants=noticed(mutants), cite=citation(),
        notice=package.NOTICE, released=released().date().isoformat(),
        description="The record as a data paper: contents, methods, validation, agreement of readings, limits and use.",
        **common,
    )  # fmt: skip
    (site / "paper.html").write_text(text, encoding="utf-8")


def tables(folder: Path = loaders.DATA) -> list[dict[str, Any]]:
    """Return each table with what a row is, its rows and its columns."""
    return [
        {
            "name": name,
            "row": table.row.partition(" (")[0],
            "rows": f"{len(loaders.load_table(name, folder)):,}",
            "columns": len(table.columns),
        }
        for name, table in TABLES.items()
    ]


def sources(folder: Path = loaders.DATA) -> dict[str, int]:
    """Count the sources: all, primary, secondary, kept as files with a hash, and the pages of these files."""
    frame = loaders.load_sources(folder)
    return {
        "all": len(frame),
        **{grade: int((frame["grade"] == grade).sum()) for grade in ("primary", "secondary")},
        "files": int(frame["sha256"].notna().sum()),
        "pages": int(frame["pages"].sum()),
    }


def validation(folder: Path = loaders.DATA) -> dict[str, Any]:
    """Count what the audit recomputes: kinds of checks, stated figures, shares and statuses that agree, contradictions."""
    projects, stated = loaders.load_projects(folder), loaders.load_stated_figures(folder)
    shares = audit.compare_shares(projects, stated)
    statuses = audit.compare_statuses(projects, stated)
    found = audit.findings(folder)
    return {
        "kinds": len(contradictions.CHECKS),
        "stated": len(stated),
        "shares": len(shares),
        "shares_agree": int(shares["agrees"].sum()),
        "statuses": len(statuses),
        "statuses_agree": int((statuses["projects"] != "").sum()),
        "found": len(found),
        "unknown": int((found["state"] != "known").sum()),
        "years": [(str(year), n) for year, n in found.groupby("year").size().items()],
        "totals": metrics.growth(projects)["n"].tolist(),
    }


def agreement_span(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return the lowest and highest per cent and kappa of a table of agreement, as they are printed there."""
    percent = sorted((row["percent"] for row in rows), key=float)
    kappas = sorted((row["kappa"] for row in rows if row["kappa"]), key=float)
    return {"low": percent[0], "high": percent[-1], "kappa_low": kappas[0], "kappa_high": kappas[-1]}


def noticed(path: Path = MUTANTS) -> dict[str, Any] | None:
    """Sum up the table of mutants; none if the checkout has no such table."""
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = [name for name in rows[0] if name != "table"]
    total = {name: sum(int(row[name]) for row in rows) for name in names}
    guards = names[names.index("made anew") + 1 :]
    return {
        "tables": len(rows),
        "mutants": total["mutants"],
        "by_hash": total["by hash"],
        "made_anew": total["made anew"],
        "guards": [(guard, total[guard]) for guard in guards],
        "left": total["mutants"] - sum(total[guard] for guard in guards),
    }
