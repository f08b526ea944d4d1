"""Run everything again and compare it, byte for byte, with what is stored: notebooks, tables, what is derived, the site.

The stored notebooks, ``datapackage.json`` and the derived files are the expectation. For the site no hashes are kept, as
a kept list would change with every template and be rewritten by whoever changes one: the site is built twice, in two
folders, under two hash seeds, locales and time zones, and the two are compared; the report gives the hash of the
whole, for comparing two machines.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat

from ascn_analysis import loaders, notebooks, package
from ascn_analysis.errors import AscnError
from ascn_analysis.figures import display
from ascn_analysis.site import run as site_run
from ascn_analysis.writing import write_atomic

Say = Callable[[str], None]
Items = Mapping[str, str]
"""What is compared to its SHA-256, or to the words that say why there is none."""
DERIVED: Final = ("project_reports.csv", "panel.csv", "datapackage.json", "README.md")
SURROUNDINGS: Final = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"},
)
"""Two surroundings in which the site must come out the same."""
_KINDS: Final = {display.VEGALITE_MIME: "figure specs", "image/svg+xml": "figure SVGs"}


@dataclass(frozen=True)
class Check:
    """One thing compared.

    Attributes
    ----------
    group
        The line of the table that it stands on, such as ``03_focus_areas.ipynb, outputs``.
    item
        The thing itself, such as ``cell 5 (id 03-05), output 1, text/plain``.
    expected, got
        SHA-256 of both, or words where there is nothing to hash.
    """

    group: str
    item: str
    expected: str
    got: str

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return self.expected == self.got


def digest(content: str | bytes) -> str:
    """Return the SHA-256 of bytes, or of text as UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def everything(say: Say = print, *, skip_site: bool = False) -> list[Check]:
    """Run every notebook in a fresh kernel, derive everything anew, build the site twice, and compare.

    Parameters
    ----------
    say
        Called with a line on each step.
    skip_site
        Leave the site out.

    Raises
    ------
    AscnError
        If there is no notebook: outside a checkout there is nothing stored to compare with.
    """
    paths = notebooks.paths()
    if not paths:
        raise AscnError(f"no notebook in {notebooks.FOLDER}; run this in a checkout of the repository")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["ASCN_CACHE"] = str(folder / "cache")
        say("[1/4] tables against the hashes of datapackage.json")
        checks = table_checks(loaders.DATA)
        say("[2/4] statuses, panel, descriptor, dictionary and the README's picture, derived anew")
        checks += derived_checks(loaders.DATA, folder / "data") + picture_checks()
        say("[3/4] notebooks, each in a fresh kernel, two at a time")
        checks += asyncio.run(_notebook_checks(paths, say))
        if not skip_site:
            say("[4/4] the site, twice, in two folders and under two hash seeds, locales and time zones")
            checks += site_checks(folder)
    return checks


def compare(group: str, expected: Items, got: Items) -> list[Check]:
    """Compare two sets of named hashes; what only one has is different."""
    names = sorted(expected.keys() | got.keys())
    return [Check(group, name, expected.get(name, "not there"), got.get(name, "not there")) for name in names]


# Tables, and what is derived from them


def table_checks(folder: Path) -> list[Check]:
    """Compare each file of the record with its hash in ``datapackage.json``, and name those that it does not know."""
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    stored = {resource["path"]: resource["hash"].removeprefix("sha256:") for resource in described}
    there = {path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in _data_files(folder)}
    return [check for name in sorted(stored | there) for check in compare(f"data/{name}", *_only(name, stored, there))]


def _data_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.suffix in (".csv", ".topojson")]


def _only(name: str, *items: Items) -> list[Items]:
    return [{"bytes": own[name]} if name in own else {} for own in items]


def derived_checks(folder: Path, aside: Path) -> list[Check]:
    """Make what is derived anew, in a copy of the record at `aside`, and compare it with what is stored."""
    shutil.copytree(folder, aside)
    try:
        package.build(aside)
    except AscnError as problem:
        return [Check("data/, derived anew", "all", "derived", f"{type(problem).__name__}: {problem}")]
    return [
        check
        for name in DERIVED
        for check in compare(
            f"data/{name}, derived anew",
            {"bytes": digest((folder / name).read_bytes())},
            {"bytes": digest((aside / name).read_bytes())},
        )
    ]


def picture_checks() -> list[Check]:
    """Draw the README's picture anew."""
    stored = digest(notebooks.PICTURE.read_bytes())
    return compare("docs/overview.svg, drawn anew", {"bytes": stored}, {"bytes": digest(notebooks.picture())})


# Notebooks


async def _notebook_checks(paths: list[Path], say: Say) -> list[Check]:
    """Run all notebooks, two at a time, and keep each run for the site."""
    free, done = asyncio.Semaphore(site_run.AT_ONCE), iter(range(1, len(paths) + 1))

    async def one(path: Path) -> list[Check]:
        try:
            text = notebooks.to_text(await notebooks.execute_async(path, free))
            checks = notebook_checks(path, text)
            write_atomic(site_run.stored(path, loaders.DATA), text)
        except AscnError as problem:
            checks = [Check(f"{path.name}, outputs", "the run", "runs to its end", str(problem))]
        different = sum(not check.same for check in checks)
        say(f"  {next(done)}/{len(paths)} {path.name}: {f'{different} different' if different else 'same'}")
        return checks

    made = await asyncio.gather(*(one(path) for path in paths))
    return [check for checks in made for check in checks]


def notebook_checks(path: Path, text: str) -> list[Check]:
    """Compare a notebook as stored with the text of a fresh run of it: each output, each figure, the file."""
    stored = path.read_text(encoding="utf-8")
    old, new = (output_hashes(nbformat.reads(each, as_version=4)) for each in (stored, text))
    checks = [
        check
        for kind in ("outputs", *_KINDS.values())
        if old[kind] or new[kind]
        for check in compare(f"{path.name}, {kind}", old[kind], new[kind])
    ]
    return checks + compare(f"{path.name}, file", {"bytes": digest(path.read_bytes())}, {"bytes": digest(text)})


def output_hashes(notebook: Any) -> dict[str, dict[str, str]]:
    """Hash every output of a notebook.

    Returns
    -------
    dict
        ``outputs``, ``figure specs`` and ``figure SVGs``, each from the place of an output to its SHA-256.
    """
    found: dict[str, dict[str, str]] = {"outputs": {}, **{kind: {} for kind in _KINDS.values()}}
    for number, cell in enumerate(notebook.cells, start=1):
        for place, output in enumerate(cell.get("outputs", []), start=1):
            where = f"cell {number} (id {cell.id}), output {place}"
            for mime, content in _contents(output):
                found[_KINDS.get(mime, "outputs")][f"{where}, {mime}"] = digest(content)
    return found


def _contents(output: Any) -> Iterator[tuple[str, str]]:
    """Yield each form of an output; what is none of its forms (count, metadata, name of a stream) comes as one more."""
    forms, rest = output.get("data", {}), {key: value for key, value in output.items() if key != "data"}
    for mime, content in forms.items():
        yield mime, content if isinstance(content, str) else json.dumps(content, sort_keys=True, ensure_ascii=False)
    yield output.output_type, json.dumps(rest, sort_keys=True, ensure_ascii=False)


# The site


def site_checks(folder: Path) -> list[Check]:
    """Build the site twice under `folder` and compare every file; the first build is what is expected of the second."""
    sites = [folder / str(number) / "_site" for number, _ in enumerate(SURROUNDINGS)]
    with ThreadPoolExecutor(2) as pool:
        faults = [fault for fault in pool.map(_build, sites, SURROUNDINGS) if fault]
    if faults:
        return [Check("site", "the build", "builds", faults[0])]
    first, second = (_file_hashes(site) for site in sites)
    return [
        check
        for group, wanted in (("site, pages", True), ("site, other files", False))
        for check in compare(group, *({n: h for n, h in own.items() if n.endswith(".html") is wanted} for own in (first, second)))
    ]  # fmt: skip


def _build(site: Path, surroundings: Mapping[str, str]) -> str:
    """Build the site in another process; return what went wrong, in words, or nothing."""
    site.parent.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "ascn_analysis.cli", "site", "--output", str(site)],
        cwd=site.parent,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no word"])[-1]


def _file_hashes(site: Path) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): digest(path.read_bytes())
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }
