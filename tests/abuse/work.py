"""The work that faults interrupt, in a process of its own: ``python -m abuse.work MARKER STAGE VERB ...``.

At the stage the process says so by making the file MARKER, and waits to be killed. The site is built from the notebooks
and the list of the appendix only: its other pages are written in the same way, and would take half a minute each time.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from ascn_analysis import cli, draft_files, export, writing
from ascn_analysis.site import briefs, build, cities, differences, downloads, home, methods, projects


def main(marker: Path, stage: str, words: list[str]) -> int:
    for module in (downloads, differences, methods, projects, cities, briefs):
        mock.patch.object(module, "write", lambda *_: None).start()
    if stage in STAGES:
        STAGES[stage](lambda: wait(marker))
    return cli.main(words)


def wait(marker: Path) -> None:
    marker.touch()
    time.sleep(120)


def before(holder: Any, name: str, times: int = 1) -> Callable[[Callable[[], None]], object]:
    """Stop before a function is called for the n-th time."""

    def put(stop: Callable[[], None]) -> object:
        whole, calls = getattr(holder, name), []

        def stopped(*values: Any, **named: Any) -> Any:
            calls.append(name)
            if len(calls) == times:
                stop()
            return whole(*values, **named)

        return mock.patch.object(holder, name, stopped).start()

    return put


def without_exchange(stop: Callable[[], None]) -> None:
    """Where the system cannot let folders change places, stop when the old one is away and the new one not there yet."""
    mock.patch.object(writing, "_exchange", lambda *_: False).start()
    mock.patch.object(build, "replace_folder", _two_steps(stop)).start()


def _two_steps(stop: Callable[[], None]) -> Callable[..., None]:
    def replace(aside: Path, target: Path) -> None:
        before(writing.os, "replace", 2)(stop)
        writing.replace_folder(aside, target)

    return replace


STAGES: dict[str, Callable[[Callable[[], None]], object]] = {
    "pages": before(home, "write"),
    "before the swap": before(build, "replace_folder"),
    "after the swap": before(writing.shutil, "rmtree"),
    "within the swap": without_exchange,
    "draft filled": before(draft_files, "_read_back"),
    "draft before the swap": before(draft_files, "replace_folder"),
    "draft after the swap": before(writing.shutil, "rmtree"),
    "first file": before(export, "write_atomic", 2),
    "later file": before(export, "write_atomic", 4),
    "file aside": before(writing.os, "replace", 2),
}

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
