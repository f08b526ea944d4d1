"""Pages of documents, as the audit writes them, turned into links to the pages of the official PDFs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import pandas as pd

ROSTER: Final = "the network's roster"
ROSTER_SOURCE: Final = "asean-network-page"
_PAGES: Final = re.compile(r"(?P<id>[a-z0-9]+(?:-[a-z0-9]+)+)(?: p\. (?P<pages>\d+(?:, \d+)*))?")


class Part(NamedTuple):
    """A piece of a reference: text, and the address it leads to, if any."""

    text: str
    url: str = ""


def page_url(url: str, page: int) -> str:
    """Return the address of a page of a PDF file, 1-based."""
    return f"{url}#page={page}"


def parts(reference: str, sources: Mapping[str, str]) -> list[Part]:
    """Split a reference such as ``Exhibit 2 me-2024 p. 6; the network's roster`` into text and links.

    Parameters
    ----------
    reference
        As `audit.findings` gives it in ``pages``.
    sources
        Source id to the address of the document.

    Returns
    -------
    list of Part
        The texts joined are the reference. A source leads to its entry among the sources, a page to the official page; what
        names no known source stays text.
    """
    return list(_merged(_parts(reference.replace(ROSTER, ROSTER_SOURCE), sources)))


def _parts(reference: str, sources: Mapping[str, str]) -> Iterator[Part]:
    end = 0
    for found in _PAGES.finditer(reference):
        if found["id"] not in sources:
            continue
        yield Part(reference[end : found.start()])
        yield Part(ROSTER if found["id"] == ROSTER_SOURCE else found["id"], f"methods.html#source-{found['id']}")
        for number, page in enumerate((found["pages"] or "").split(", ") if found["pages"] else ()):
            yield Part(", " if number else " ")
            yield Part(f"p. {page}", page_url(sources[found["id"]], int(page)))
        end = found.end()
    yield Part(reference[end:])


def _merged(found: Iterator[Part]) -> Iterator[Part]:
    return (part for part in found if part.text)


def addresses(sources: pd.DataFrame) -> dict[str, str]:
    """Return source id to address, of the sources that have one."""
    known = sources.dropna(subset=["url"])
    return dict(zip(known["source_id"], known["url"], strict=True))
