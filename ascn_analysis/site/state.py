"""What a site was made from: kept in the site itself, so that the next build makes only what has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ascn_analysis import __version__, loaders
from ascn_analysis.site import run
from ascn_analysis.site.inputs import HERE, MUTANTS, Places

MARK: Final = ".ascn-site"
"""The file that tells a folder made by this program from any other, which is never replaced."""

_OF_NOTEBOOKS: Final = ("notebooks", "figures")


@dataclass(frozen=True)
class State:
    """What a site was made from.

    Attributes
    ----------
    record
        Key of all that does not depend on a notebook: data, library, templates.
    notebooks
        Key of each notebook's page by its stem, with its neighbours' titles, which the page names.
    """

    record: str
    notebooks: dict[str, str]


Old = tuple[Path, State] | None
"""The site that stands: its folder, and what it was made from."""


def wanted(targets: dict[Path, Path], places: dict[Path, Places]) -> State:
    """Return the state of a site made now from notebooks whose runs are kept there, in this order."""
    code = _code()
    mutants = MUTANTS.read_text(encoding="utf-8") if MUTANTS.is_file() else ""
    record = hashlib.sha256(f"{__version__} {code} {run.surroundings(loaders.DATA)} {mutants}".encode()).hexdigest()
    keys = {path.stem: f"{target.name} {code} {places[path]}" for path, target in targets.items()}
    return State(record, {stem: hashlib.sha256(key.encode()).hexdigest() for stem, key in keys.items()})


@cache
def _code() -> str:
    """Return the hash of this folder: modules, templates, assets and the vendored library."""
    files = [path for path in sorted(HERE.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()


def found(site: Path) -> State | None:
    """Return the state of the site that stands there; none if there is none, or if a file of it is missing or cut."""
    try:
        stored = json.loads((site / MARK).read_text(encoding="utf-8"))
        if stored["files"] != _files(site):
            return None
        return State(stored["record"], stored["notebooks"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(site: Path, state: State) -> None:
    """Write down what the site was made from, with the size of each of its files."""
    text = json.dumps({**asdict(state), "files": _files(site)}, indent=0, sort_keys=True)
    (site / MARK).write_text(text + "\n", encoding="utf-8")


def _files(site: Path) -> dict[str, int]:
    paths = (path for path in sorted(site.rglob("*")) if path.is_file() and path.name != MARK)
    return {path.relative_to(site).as_posix(): path.stat().st_size for path in paths}


def copy_record(old: Path, site: Path) -> None:
    """Take over every file that does not come from a notebook, but the pages that name all of them."""
    for path in old.iterdir():
        if path.is_dir() and path.name not in _OF_NOTEBOOKS:
            shutil.copytree(path, site / path.name, dirs_exist_ok=True)
        elif path.is_file() and path.name not in (MARK, "index.html"):
            shutil.copyfile(path, site / path.name)


def copy_story(old: Path, site: Path, stem: str) -> None:
    """Take over the page of a notebook, the notebook, and the files of its figures."""
    number = stem.partition("_")[0]
    for path in [*(old / "notebooks").glob(f"{stem}.*"), *(old / "figures").glob(f"{number}-*")]:
        shutil.copyfile(path, site / path.parent.name / path.name)
