"""The downloads: each table in three formats, the whole package as one archive, and the page that describes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ascn_analysis import loaders, package
from ascn_analysis.schemas import TABLES, Table
from ascn_analysis.site import formats, page
from ascn_analysis.site.inputs import CHECKOUT

ARCHIVE: Final = "ascn-data.zip"
CHECKSUMS: Final = "SHA256SUMS.txt"
ENDINGS: Final = ("csv", "xlsx", "parquet")
GROUPS: Final = {
    "Start here": ("panel",),
    "Projects in the yearly reports": ("projects", "project_reports", "project_links", "highlights", "searches"),
    "Member states and cities": ("countries", "cities", "city_names", "membership", "urbanisation", "events"),
    "The framework": ("framework", "focus_areas", "sub_areas"),
    "What the reports draw and state": (
        "exhibit_status", "exhibit_sub_areas", "exhibit_country_status", "exhibit_rings", "stated_figures",
    ),
    "The action plans of 2018": (
        "action_plan_cities", "action_plan_focus_areas", "action_plan_targets", "action_plan_projects",
    ),
    "Partners and challenges": ("partners", "partner_mentions", "challenges"),
    "Checking": ("known_contradictions", "sources"),
}  # fmt: skip
"""Headings of the page, and the tables under each; a table that is in none stands under a heading of its own."""
_COUNT: Final = re.compile(r" \(\d+\)$|; \d+(?=\)$)")
"""The number of rows at the end of what a row is: the page counts anew."""


@dataclass(frozen=True)
class Download:
    """A file of the site that a reader takes along."""

    name: str
    size: str
    sha256: str

    @property
    def ending(self) -> str:
        """The format, as the page names it."""
        return {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet", "zip": "ZIP"}[self.name.rsplit(".", 1)[1]]


def write(site: Path, common: dict[str, Any], folder: Path = loaders.DATA) -> None:
    """Write ``data/`` and ``data.html``.

    Parameters
    ----------
    site
        The site's folder.
    common
        What all pages share: ``as_of`` and ``version``.
    folder
        The tables.

    Raises
    ------
    TableError
        If a table is not as its schema says.
    """
    target = site / "data"
    target.mkdir(parents=True, exist_ok=True)
    tables = {name: _table(target, table, folder) for name, table in TABLES.items()}
    packed = contents(folder)
    archive = _save(target, ARCHIVE, formats.to_zip(packed))
    (target / "CITATION.cff").write_bytes((CHECKOUT / "CITATION.cff").read_bytes())
    everything = [archive, *(file for table in tables.values() for file in table["files"])]
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(everything, key=lambda file: file.name))
    (target / CHECKSUMS).write_text(sums, encoding="utf-8")
    text = page.render(
        "data.html.j2", root="", title="Data", section="data.html", groups=_groups(tables), archive=archive,
        packed=len(packed), cite=citation(), notice=package.NOTICE, checksums=CHECKSUMS,
        description="Every table of the record as CSV, XLSX and Parquet, and all of it as one archive.",
        **common,
    )  # fmt: skip
    (site / "data.html").write_text(text, encoding="utf-8")


def content(table: Table, ending: str, folder: Path = loaders.DATA) -> bytes:
    """Return a table as a file.

    Parameters
    ----------
    table
        The table.
    ending
        One of `ENDINGS`.
    folder
        The tables.

    Raises
    ------
    TableError
        If the table is not as its schema says.
    """
    frame = loaders.load_table(table.name, folder)
    if ending == "csv":
        return formats.to_csv(table, folder)
    about = _about(table, len(frame))
    return formats.to_xlsx(frame, table, about, released()) if ending == "xlsx" else formats.to_parquet(frame, about)


def _table(target: Path, table: Table, folder: Path) -> dict[str, Any]:
    frame = loaders.load_table(table.name, folder)
    return {
        "name": table.name,
        "row": _COUNT.sub("", table.row),
        "note": table.note.replace("`", ""),
        "rows": len(frame),
        "key": table.key,
        "columns": list(_columns(table)),
        "files": [_save(target, f"{table.name}.{ending}", content(table, ending, folder)) for ending in ENDINGS],
    }


def _about(table: Table, rows: int) -> list[tuple[str, str]]:
    return [
        ("Table", table.name),
        ("Rows", f"{rows}; one row is {_COUNT.sub('', table.row)}"),
        ("Caveat", table.note.replace("`", "") or "none"),
        ("Source", package.NOTICE),
        ("Licence of the compilation", f"{package.CC_BY['title']}, {package.CC_BY['path']}"),
        ("Citation", citation()),
        ("Cells", "Empty means unknown. In CSV and XLSX a text that begins with = + - @ has an apostrophe before it."),
    ]


def _columns(table: Table) -> Iterator[dict[str, str]]:
    for name, column in table.columns.items():
        owner = table.links.get(name)
        within = f" (in {owner[0]})" if owner else ""
        yield {
            "name": name,
            "kind": formats.kind(table, name),
            "empty": "may be unknown" if column.nullable else "always given",
            "meaning": f"{column.description}{within}",
        }


def _groups(tables: dict[str, dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    grouped = [(heading, [tables[name] for name in names]) for heading, names in GROUPS.items()]
    placed = {name for names in GROUPS.values() for name in names}
    rest = [table for name, table in tables.items() if name not in placed]
    return [*grouped, *([("Further tables", rest)] if rest else [])]


def _save(folder: Path, name: str, content: bytes) -> Download:
    (folder / name).write_bytes(content)
    return Download(name, size(len(content)), hashlib.sha256(content).hexdigest())


def contents(folder: Path = loaders.DATA) -> dict[str, bytes]:
    """Return the files of the archive: the record as it stands in ``data/``, with licence and citation.

    Returns
    -------
    dict
        Path within the archive to content, byte for byte as in the checkout.
    """
    wanted = [*folder.glob("*.csv"), *folder.glob("coding/*.csv"), *folder.glob("boundaries/*.topojson")]
    wanted += [folder / name for name in ("datapackage.json", "README.md", "coding/README.md")]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in wanted}
    around = [CHECKOUT / name for name in ("LICENSE", "CITATION.cff", "LICENSES/CC-BY-4.0.txt")]
    return files | {path.relative_to(CHECKOUT).as_posix(): path.read_bytes() for path in around}


def size(number: int) -> str:
    """Write a number of bytes for people, in units of a thousand.

    Examples
    --------
    >>> size(257), size(11_952), size(1_740_000)
    ('257 B', '12 kB', '1.7 MB')
    """
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.0f} kB" if number < 999_500 else f"{number / 1e6:.1f} MB"


def citation() -> str:
    """Say in one sentence how to cite the record, from CITATION.cff."""
    return (
        f"{_cited('- name')} ({released().year}). {_cited('title')}. Version {_cited('version')}. "
        f"{package.CC_BY['title']}."
    )


def released() -> datetime:
    """Return the date of the version, from CITATION.cff."""
    return datetime.fromisoformat(_cited("date-released"))


def _cited(key: str) -> str:
    text = (CHECKOUT / "CITATION.cff").read_text(encoding="utf-8")
    found = re.search(rf'^ *{re.escape(key)}: "?([^"\n]+)"?$', text, re.MULTILINE)
    if found is None:
        raise ValueError(f"CITATION.cff has no {key}")
    return found.group(1)
