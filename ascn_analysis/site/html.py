"""Markdown and tables of notebooks as HTML that follows the country control."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from ascn_analysis import loaders
from ascn_analysis import vocabulary as v

_HEADING: Final = re.compile(r"^h[1-5]$")
_LINK: Final = re.compile(r'<a href="([^"]*)"(.*?)</a>', re.DOTALL)
_OUTSIDE: Final = re.compile(r"[a-z]+:|#", re.IGNORECASE)
_SAFE_ADDRESS: Final = re.compile(r"(https?:|mailto:|#|[\w./-]+(?:[?#]|$))", re.IGNORECASE)
_SHOWN: Final = frozenset(
    ("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "h1", "h2",
     "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody",
     "td", "tfoot", "th", "thead", "tr", "u", "ul")
)  # fmt: skip
_KEPT: Final = frozenset(
    (
        "border",
        "class",
        "colspan",
        "dir",
        "halign",
        "href",
        "lang",
        "rowspan",
        "scope",
        "start",
        "style",
        "title",
        "valign",
    )
)
"""Tags and attributes that an output may bring; a table's styles tell which cells are numbers, and are then dropped."""
_OF_REPOSITORY: Final = (
    (re.compile(r"^(\d\d_\w+)\.ipynb(#.*)?$"), r"\1.html"),
    (re.compile(r"^\.\./data/README\.md(#.*)?$"), "../data.html"),
)
"""Files of the repository that notebooks link to, and the pages that stand for them."""


@cache
def _markdown() -> Any:
    import mistune

    # Raw HTML in the text is shown, not used; addresses that would run a script are dropped by the library.
    return mistune.create_markdown(escape=True, hard_wrap=False, plugins=["table", "strikethrough"])


def from_markdown(text: str) -> str:
    """Turn Markdown into HTML.

    HTML in it is shown as text, and links within the repository lead to pages of the site. A preformatted text, which scrolls by
    itself, can be reached by keyboard.
    """
    made = str(_markdown()(text)).replace("<pre>", '<pre tabindex="0">')
    return table_rows(_LINK.sub(_place, made))


def _place(link: re.Match[str]) -> str:
    """Lead to the page that stands for a file of the repository; a file without a page is only named."""
    address, rest = link.groups()
    if _OUTSIDE.match(address):
        return link[0]
    for file, page in _OF_REPOSITORY:
        if found := file.match(address):
            return f'<a href="{found.expand(page)}"{rest}</a>'
    return rest.partition(">")[2]


def harmless(html: str) -> str:
    """Keep of an output's HTML what shows words and tables: nothing that runs, loads or dresses the page."""
    soup = BeautifulSoup(html, "html.parser")
    for note in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        note.extract()
    for tag in soup.find_all(True):
        if tag.name not in _SHOWN:
            tag.decompose()
            continue
        tag.attrs = {name: value for name, value in tag.attrs.items() if name in _KEPT}
        if not _SAFE_ADDRESS.match(str(tag.get("href", "#"))):
            del tag["href"]
    return str(soup)


def table_rows(html: str) -> str:
    """Prepare the tables of a piece of HTML.

    Each table stands in a box that scrolls by itself and can be reached by keyboard; inline styles are dropped; rows that belong to
    one country are marked with it, so that the country control can leave them out.
    """
    if "<table" not in html:
        return html
    soup = BeautifulSoup(html, "html.parser")
    for style in soup.find_all("style"):
        style.decompose()
    for table in soup.find_all("table"):
        _prepare(soup, table)
    return str(soup)


def _prepare(soup: BeautifulSoup, table: Tag) -> None:
    for name in ("border", "class"):
        del table[name]
    for cell in table.find_all(["th", "td"]):
        right = "right" in str(cell.get("style", ""))
        for name in ("style", "valign"):
            del cell[name]
        if right:
            cell["class"] = "number"
    for row in table.find_all("tr"):
        del row["style"]
    _drop_numbering(table)
    _mark_scopes(table)
    _mark_countries(table)
    box = soup.new_tag("div", attrs={"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "Table"})
    table.wrap(box)


def _drop_numbering(table: Tag) -> None:
    """Leave out a first column that only numbers the rows, and write column names with spaces."""
    rows = table.select("tbody > tr")
    firsts = [row.find(["th", "td"], recursive=False) for row in rows]
    if firsts and [cell.get_text(strip=True) for cell in firsts if cell] == [str(i) for i in range(len(rows))]:
        for row in table.find_all("tr"):
            if cell := row.find(["th", "td"], recursive=False):
                cell.decompose()
    for head in table.select("thead th"):
        if head.string:
            head.string = head.string.replace("_", " ")


def _mark_scopes(table: Tag) -> None:
    for head in table.select("thead th"):
        head["scope"] = "col"
        if not head.get_text(strip=True):
            # An empty header cell has nothing to say to a screen reader.
            head.name = "td"
            del head["scope"]
    for head in table.select("tbody th"):
        head["scope"] = "row"


def _mark_countries(table: Tag) -> None:
    """Mark each row with its country, found by a column of countries or of cities."""
    heads = [cell.get_text(strip=True).lower() for cell in table.select("thead tr:last-of-type > *")]
    first = [cell.get_text(strip=True).lower() for cell in table.select("thead tr:first-of-type > *")]
    places = {name: i for i, name in reversed(list(enumerate(heads)))}
    places |= {
        name: i
        for i, name in reversed(list(enumerate(first)))
        if name in ("country", "city", "iso3") and name not in places
    }
    column = next((places[name] for name in ("iso3", "country", "city") if name in places), None)
    if column is None:
        return
    known = _countries()
    for row in table.select("tbody > tr"):
        cells = row.find_all(["th", "td"], recursive=False)
        iso3 = known.get(cells[column].get_text(strip=True)) if column < len(cells) else None
        if iso3:
            row["data-iso3"] = iso3


@cache
def _countries() -> dict[str, str]:
    cities = loaders.load_cities()
    names = {name: iso3 for iso3, name in v.COUNTRY_NAMES.items()} | {iso3: iso3 for iso3 in v.COUNTRY_NAMES}
    # Singapore is a country and a city: both names lead to the same country.
    return dict(zip(cities["city"], cities["iso3"], strict=True)) | names


def anchors(html: str) -> tuple[str, list[tuple[str, str]]]:
    """Give each second-level heading an id.

    Returns
    -------
    tuple
        The HTML, and (id, text) of each second-level heading in order.
    """
    soup = BeautifulSoup(html, "html.parser")
    found = []
    for heading in soup.find_all("h2"):
        slug = re.sub(r"[^a-z0-9]+", "-", heading.get_text().lower()).strip("-")
        heading["id"] = slug
        found.append((slug, heading.get_text()))
    return str(soup), found


def code(source: str) -> str:
    """Colour Python source, without inline styles."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=False, cssclass="source")))
