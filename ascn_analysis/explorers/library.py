"""The chart library of the explorers, once a kernel: Vega, as the site has it.

A notebook that is saved with its widgets holds the state of every widget; the library would weigh 0.4 MB in each. As a widget of its
own, which the others name, it is there once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import anywidget
import ipywidgets as w
import traitlets

_HERE: Final = Path(__file__).parent
_VEGA: Final = _HERE.parent / "site" / "vendor" / "vega.js"


class Library(w.Widget):  # type: ignore[misc]
    """Vega as the text of a module, for the widgets that draw; it has nothing to show."""

    script = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(script=f"{_VEGA.read_text(encoding='utf-8')}\nexport default ascnVega;\n")


_made: list[Library] = []


def library() -> Library:
    """Return the library of this kernel; a new one where the old one was closed, as `Widget.close_all` does."""
    if not _made or _made[0].comm is None:
        _made[:] = [Library()]
    return _made[0]


@cache
def script(name: str) -> str:
    """Read a script or style sheet of the explorers."""
    return (_HERE / name).read_text(encoding="utf-8")


def drawing(name: str) -> str:
    """Read the script of a widget that draws, after what all of them share."""
    return f"{script('element.js')}\n{script('chart.js')}\n{script(name)}"


class Drawn(anywidget.AnyWidget):
    """A widget that draws with the library; a subclass brings the script."""

    library = traitlets.Instance(Library).tag(sync=True, **w.widget_serialization)

    @traitlets.default("library")
    def _shared(self) -> Library:
        return library()
