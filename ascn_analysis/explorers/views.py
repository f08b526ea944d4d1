"""The linked views as one widget: the kernel sends counts, the browser draws and tells what was clicked or brushed.

One Vega (the site's own, see `library`) serves all explorers; nothing comes from the network. A drawing is parsed once and then
only filled with rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from ascn_analysis.errors import AscnError
from ascn_analysis.explorers.library import Drawn, drawing, script

Chosen = Callable[[str, str, list[Any], bool], None]
"""Called with the view, the gesture (click or brush), the keys of the marks, and whether they are to be added."""


class Views(Drawn):
    """Drawings that are filled with rows; see `drawings.compiled` and `rows`.

    Parameters
    ----------
    charts
        Vega specs by name, each with an empty set of rows of that name.
    chosen
        Called when a mark is clicked or marks are brushed.
    """

    _esm = drawing("views.js")
    _css = script("views.css")
    charts = traitlets.Dict().tag(sync=True)
    # The order of the views stands apart: a notebook that is saved sorts the keys of its state.
    order: Any = traitlets.List().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, charts: dict[str, Any], chosen: Chosen, state: dict[str, Any]) -> None:
        super().__init__(charts=charts, order=list(charts), state={**state, "revision": 0})
        self._chosen = chosen
        self.on_msg(self._told)

    def show(self, state: dict[str, Any]) -> None:
        """Fill the drawings."""
        self.state = {**state, "revision": self.state["revision"] + 1}

    def _told(self, _: object, content: dict[str, Any], __: object) -> None:
        if content.get("kind") != "choose" or content.get("view") not in self.charts:
            raise AscnError(f"views: message {content!r}; expected a choice in one of {', '.join(self.charts)}")
        self._chosen(content["view"], str(content["gesture"]), list(content["keys"]), bool(content["add"]))
