"""What a site is made from beside the data: this folder, the checkout's own files, and the notebooks in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

HERE: Final = Path(__file__).parent
CHECKOUT: Final = HERE.parent.parent
MUTANTS: Final = CHECKOUT / "docs" / "mutants.csv"
"""The table of mutants, where the checkout has one."""


class Places(NamedTuple):
    """The analyses before and after one: (address, title), or none."""

    before: tuple[str, str] | None
    after: tuple[str, str] | None


def neighbours(read: dict[Path, Any]) -> dict[Path, Places]:
    """Return for each notebook the ones before and after it, by their first headings as they stand in the files."""
    named = [None, *((f"{path.stem}.html", _title(path, notebook)) for path, notebook in read.items()), None]
    return {path: Places(named[i], named[i + 2]) for i, path in enumerate(read)}


def _title(path: Path, notebook: Any) -> str:
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), path.stem)
    return first.partition("\n")[0].lstrip("# ").strip()
