"""Make what is derived in ``data/``: statuses, panel.csv, datapackage.json and the data dictionary (README.md).

What people know (titles, licences, caveats) is written by hand here and in `schemas`; what machines can infer
(types, sizes, hashes, row counts) is inferred. Run by ``make data``; a test holds the files to what this makes.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from ascn_analysis import __version__, audit, coding, loaders, metrics, status
from ascn_analysis.schemas import TABLES, Table
from ascn_analysis.writing import write_atomic

CC_BY = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
NOTICE = (
    "Compiled from public documents. The underlying documents are ASEAN's or their publishers'; this is no ASEAN publication. "
    "Maps: boundaries are de facto, for orientation only, and no statement on any claim."
)
_TYPES = {"int64": "integer", "Int64": "integer", "float64": "number"}
_OTHER_FILES = {
    "boundaries/asean.topojson": "Land areas of the eleven member states, simplified from Natural Earth 1:50m; de facto, for orientation only",
    "boundaries/insets.topojson": "Land at 1:10m for two inset maps: Klang Valley, and Singapore with Johor Bahru",
}
_READINGS = {
    "by_eye": "as a reader saw it in pictures of the pages",
    "by_program": "as a program read it",
    "reader_1": "as one reader judged it",
    "reader_2": "as a second, independent reader judged it",
    "settled": "where the two readings differ, what holds, and why",
}


def _other_files(folder: Path) -> dict[str, str]:
    """Return the files that are no tables, with what each is; those of ``coding/`` are named by rule."""
    described = dict(_OTHER_FILES)
    for path in sorted((folder / "coding").glob("*.csv")):
        reading = next(name for name in _READINGS if path.stem.endswith(name))
        thing = path.stem.removesuffix(reading).strip("_").replace("_", " ")
        described[f"coding/{path.name}"] = f"{thing[0].upper()}{thing[1:]}: {_READINGS[reading]}"
    return described


def with_statuses(folder: Path) -> pd.DataFrame:
    """Return project_reports.csv with ``status`` and ``status_basis`` derived anew from the lists and Exhibit 2."""
    rows = loaders.load_table("project_reports", folder)
    derived = status.derive(rows, loaders.load_table("exhibit_status", folder))
    return rows.assign(status=derived["status"], status_basis=derived["status_basis"])


def make_panel(folder: Path) -> pd.DataFrame:
    """Build the flat table of `loaders.load_panel` from the tables it is derived from."""
    projects = loaders.load_projects(folder)
    cities = loaders.load_cities(folder).set_index("city_id")
    urls = loaders.load_sources(folder).set_index("source_id")["url"]
    years = projects.groupby("project_id")["report_year"]
    panel = projects.assign(
        lat=projects["city_id"].map(cities["lat"]),
        lon=projects["city_id"].map(cities["lon"]),
        change=metrics.changes(projects)["change"],
        first_year=years.transform("min"),
        last_year=years.transform("max"),
        url=projects["source_id"].map(urls) + "#page=" + projects["page"].astype("str"),
    )
    return panel[list(TABLES["panel"].columns)]


def to_csv(frame: pd.DataFrame) -> str:
    """Write a frame as the record writes CSV: UTF-8, LF, comma, header, empty for unknown."""
    return frame.to_csv(index=False, lineterminator="\n")


def make_datapackage(folder: Path) -> dict[str, Any]:
    """Describe every file of the record as a Frictionless Data Package, version 2."""
    files = [_resource(folder, table) for table in TABLES.values()]
    files += [_file(folder, path, description) for path, description in _other_files(folder).items()]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "ascn-analysis",
        "title": "The open record of the ASEAN Smart Cities Network",
        "description": NOTICE,
        "version": __version__,
        "licenses": [CC_BY],
        "contributors": [{"title": "The ascn-analysis maintainers", "roles": ["creator"]}],
        "keywords": ["ASEAN", "smart cities", "urban policy"],
        "sources": [
            {"title": row.title, **({"path": row.url} if isinstance(row.url, str) else {})}
            for row in loaders.load_sources(folder).itertuples()
        ],
        "resources": files,
    }


def _resource(folder: Path, table: Table) -> dict[str, Any]:
    described = _file(folder, f"{table.name}.csv", f"One row is {table.row}. {table.note}".strip())
    described |= {"name": table.name, "rows": len(loaders.load_table(table.name, folder)), "schema": _schema(table)}
    return described


def _file(folder: Path, path: str, description: str) -> dict[str, Any]:
    data = (folder / path).read_bytes()
    kind = {"type": "table", "mediatype": "text/csv"} if path.endswith(".csv") else {"mediatype": "application/json"}
    return {
        "name": path.rsplit(".", 1)[0].replace("/", "-").replace("_", "-"),
        "path": path,
        "description": description,
        "format": path.rsplit(".", 1)[1],
        **kind,
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }


def _schema(table: Table) -> dict[str, Any]:
    keys = [
        {"fields": [column], "reference": {"resource": owner, "fields": [key]}}
        for column, (owner, key) in table.links.items()
    ]
    fields = [_field(name, column) for name, column in table.columns.items()]
    # A key in which a cell may be unknown cannot be a primary key of the standard.
    complete = not any(table.columns[name].nullable for name in table.key)
    return (
        {"fields": fields}
        | ({"primaryKey": list(table.key)} if complete else {})
        | ({"foreignKeys": keys} if keys else {})
    )


def _field(name: str, column: Any) -> dict[str, Any]:
    described = {"name": name, "type": _TYPES.get(str(column.dtype), "string"), "description": column.description}
    return described | ({} if column.nullable else {"constraints": {"required": True}})


def make_dictionary(folder: Path) -> str:
    """Write the data dictionary as Markdown."""
    head = f"""# Data dictionary

*Generated by `make data` from `ascn_analysis/schemas.py`; edit there.*

{NOTICE} Compilation: CC BY 4.0. Coordinates: GeoNames, CC BY 4.0. Boundaries: Natural Earth, public domain.

CSV, UTF-8, LF, comma, one header line, ISO 8601 dates (also 2025 or 2025-09), empty = unknown, one fact a row.
`page` is the 1-based page of the PDF file. Printed text stays exactly as printed, in its own column.
A number read from a picture says so (`read_from`). Every table is checked on loading.

## How the rows were made

The appendix rows were transcribed twice, independently: by a program from the text layer, by a reader from pictures of
the pages. They are compared in `coding/`: {_agreement(folder)}

Exhibits were read by eye and by a program on colour, shape and position; plans, partners, challenges and links by two
independent readers after the rules in [`coding/README.md`](coding/README.md). This is how far they agreed before settling:

{_agreement_table(folder)}

## Words

"No longer listed" says only that a report does not list a project that the one before did. Statuses are self-reported by cities.
"""
    return head + "".join(_table_section(folder, table) for table in TABLES.values()) + _files_section(folder)


def _agreement(folder: Path) -> str:
    compared = audit.transcription_agreement(folder)
    cells, same = compared["rows"].sum(), compared["agree"].sum()
    return f"{same:,} of {cells:,} cells agree in {compared['rows'].max()} rows; the rest is settled cell by cell."


def _agreement_table(folder: Path) -> str:
    lines = [
        "| what | column | rows | found by both | of these equal | per cent | Cohen's kappa |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in coding.agreement(folder).itertuples():
        chance = "" if pd.isna(row.kappa) else f"{row.kappa:.3f}"
        lines.append(
            f"| {row.what} | {row.column} | {row.rows} | {row.both} | {row.agree} | {row.percent} | {chance} |"
        )
    return "\n".join(lines)


def _table_section(folder: Path, table: Table) -> str:
    rows = len(loaders.load_table(table.name, folder))
    lines = [
        f"\n## {table.name}.csv\n",
        f"{rows} rows; one row is {table.row}. Key: {', '.join(table.key)}. {table.note}".strip(),
        "",
    ]
    lines += ["| column | type | empty | meaning |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {_TYPES.get(str(c.dtype), 'text')} | {'yes' if c.nullable else 'no'} | {_meaning(table, name)} |"
        for name, c in table.columns.items()
    ]
    return "\n".join(lines) + "\n"


def _meaning(table: Table, name: str) -> str:
    link = table.links.get(name)
    return table.columns[name].description.replace("|", "\\|") + (f" (in {link[0]}.csv)" if link else "")


def _files_section(folder: Path) -> str:
    lines = ["\n## Other files\n", "| file | what it is |", "|---|---|"]
    return "\n".join(lines + [f"| {path} | {text} |" for path, text in _other_files(folder).items()]) + "\n"


def _check_panel(path: Path) -> None:
    loaders.check_frame(loaders.read_strings(path), TABLES["panel"])


def build(folder: Path = loaders.DATA) -> None:
    """Write the derived statuses, panel.csv, datapackage.json and README.md, each aside and then renamed."""
    write_atomic(folder / "project_reports.csv", to_csv(with_statuses(folder)))
    loaders.check_links({name: loaders.read_table(name, folder) for name in TABLES if name != "panel"})
    write_atomic(folder / "panel.csv", to_csv(make_panel(folder)), check=_check_panel)
    write_atomic(folder / "datapackage.json", json.dumps(make_datapackage(folder), indent=1, ensure_ascii=False) + "\n")
    write_atomic(folder / "README.md", make_dictionary(folder))


if __name__ == "__main__":
    build()
