"""Files from the kernel to the reader's browser, which may run on another machine."""

from __future__ import annotations

import anywidget

from ascn_analysis.explorers.library import script


class Saver(anywidget.AnyWidget):
    """An invisible widget that lets the browser save texts as files; it must be shown to work."""

    _esm = script("saver.js")

    def save(self, name: str, kind: str, text: str) -> None:
        """Let the browser save a text under a name, with a MIME type."""
        self.send({"kind": "save", "name": name, "type": kind, "text": text})
