"""One figure as a widget: the kernel compiles it, the browser draws it in the place of the one before."""

from __future__ import annotations

from typing import Any

import traitlets

from ascn_analysis.explorers.library import Drawn, drawing, script


class Drawing(Drawn):
    """A figure, or words in its place.

    Attributes
    ----------
    state
        ``chart`` (the Vega spec, or None), ``message`` (the words, or empty) and ``revision``, which counts the changes.
    """

    _esm = drawing("figure.js")
    _css = script("views.css")
    state: Any = traitlets.Dict({"chart": None, "message": "", "revision": 0}).tag(sync=True)

    @property
    def empty(self) -> bool:
        """Whether nothing was shown yet."""
        return bool(self.state["revision"] == 0)

    def draw(self, vega: dict[str, Any]) -> None:
        """Show a figure, from its Vega spec."""
        self._show(vega, "")

    def say(self, message: str) -> None:
        """Show words, and no figure."""
        self._show(None, message)

    def _show(self, chart: dict[str, Any] | None, message: str) -> None:
        self.state = {"chart": chart, "message": message, "revision": self.state["revision"] + 1}
