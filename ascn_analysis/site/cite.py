"""Sources as a page names them: title, page, and the address that opens the document at that page."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from ascn_analysis.site.references import page_url


class Cite(NamedTuple):
    """A piece of text that may lead to an address."""

    text: str
    url: str | None


class Sources:
    """The documents of the record, by id.

    Parameters
    ----------
    frame
        Sources, as `loaders.load_sources` gives them.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._rows = {row["source_id"]: row for row in frame.to_dict("records")}

    def title(self, source_id: str) -> str:
        """Return the title of a document."""
        return str(self._rows[source_id]["title"])

    def grade(self, source_id: str) -> str:
        """Return whether a source is a primary document or a secondary account."""
        return str(self._rows[source_id]["grade"])

    def url(self, source_id: str, page: Any = None) -> str | None:
        """Return the address of a document, or of a page of its PDF file; ``None`` where no address is known."""
        url = self._rows[source_id]["url"]
        if pd.isna(url):
            return None
        return str(url) if page is None or pd.isna(page) else page_url(str(url), int(page))

    def cite(self, source_id: str, page: Any = None) -> Cite:
        """Name a document and, where there is one, its page."""
        title = self.title(source_id)
        text = title if page is None or pd.isna(page) else f"{title}, p. {int(page)}"
        return Cite(text, self.url(source_id, page))

    def page(self, source_id: str, page: Any) -> Cite:
        """Name a page of a document that the text around names."""
        return Cite(f"p. {int(page)}", self.url(source_id, page))
