"""Names as readers see them: look-alike letters, the nearest known spelling, and ids made of names."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

Name = tuple[str, str]
"""A country (or nothing) and a name in it."""

LONGEST: Final = 60
"""Characters up to which a text can be a slip for a known name."""

_LETTERS: Final = str.maketrans(
    "АВЕКМНОРСТУХІЈЅ" + "аеорсухіјѕԁһӏк" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "αικνορυχ" + "օոսհɑɡ",
    "ABEKMHOPCTYXIJS" + "aeopcyxijsdhlk" + "ABEZHIKMNOPTYX" + "aikvopux" + "onuhag",
)  # Cyrillic, Greek, Armenian and phonetic letters that look like Latin ones
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_BARRED: Final = str.maketrans("đĐøØłŁ", "dDoOlL")  # letters that Unicode does not take apart


def key(text: str) -> str:
    """Return a text without differences of case and white space."""
    return " ".join(text.split()).casefold()


def seen(text: str) -> str:
    """Return a text as a reader may take it: look-alikes as Latin letters, nothing invisible.

    Examples
    --------
    >>> seen("Indonesi\N{CYRILLIC SMALL LETTER A}")
    'Indonesia'
    """
    return text if text.isascii() else "".join(map(_latin, text))


def _latin(letter: str) -> str:
    wide = "\uff01" <= letter <= "\uff5e" or "\U0001d400" <= letter <= "\U0001d7ff"
    if letter in _INVISIBLE:
        return ""
    return unicodedata.normalize("NFKC", letter) if wide else letter.translate(_LETTERS)


def odd(text: str) -> str:
    """Name the characters of a text that look like others or cannot be seen; empty where there are none."""
    said = []
    for letter in dict.fromkeys(text[:LONGEST]):
        if (like := seen(letter)) != letter:
            name = f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
            said.append(f"{name} looks like {like}" if like else f"{name} cannot be seen")
    return "; ".join(said)


def plain(text: str) -> str:
    """Return the beginning of a text without look-alikes, accents, case and doubled spaces, to compare spellings."""
    letters = unicodedata.normalize("NFKD", seen(text[: 2 * LONGEST]).translate(_BARRED))
    return key("".join(letter for letter in letters if not unicodedata.combining(letter)))


@lru_cache(maxsize=4096)
def nearest(text: str, known: tuple[str, ...]) -> str | None:
    """Return the known name that is nearest to a text, or None if none is near."""
    if len(text) > LONGEST:
        return None
    names = _plain_names(known)
    found = difflib.get_close_matches(plain(text), names, n=1, cutoff=0.65)
    return names[found[0]] if found else None


@lru_cache(maxsize=16)
def _plain_names(known: tuple[str, ...]) -> dict[str, str]:
    return {plain(name): name for name in reversed(known)}


def impostors(names: Iterable[Name]) -> set[Name]:
    """Find names that are taken for others: with look-alikes among Latin letters, or beside the same name without."""
    spelled, found = set(names), set()
    for country, text in spelled:
        if not text.isascii() and (looks := seen(text)) != text:
            mixed = looks.isascii() and any(letter.isascii() and letter.isalnum() for letter in text)
            if mixed or (country, looks) in spelled:
                found.add((country, text))
    return found


def slug(text: str) -> str:
    """Make an id of a name; in another script than the Latin one its letters are kept.

    Examples
    --------
    >>> slug("Đà Nẵng"), slug("Bandar Seri Begawan"), slug("Київ")
    ('da-nang', 'bandar-seri-begawan', 'київ')
    """
    letters = unicodedata.normalize("NFKD", text.translate(_BARRED)).casefold()
    latin = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    kept = latin if latin.isascii() else unicodedata.normalize("NFC", text).casefold()
    words = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in kept)
    return "-".join(words.split()) or "unnamed"


def ids(names: Iterable[Name], reserved: Iterable[str] = ()) -> dict[Name, str]:
    """Give each name an id of its own: its slug, with the country or a number where others share it.

    Parameters
    ----------
    names
        In any order; the same names always get the same ids.
    reserved
        Ids that are taken.
    """
    slugs = {name: slug(name[1]) for name in sorted(set(names))}
    countries = Counter(base for base, _ in {(base, country) for (country, _), base in slugs.items()})
    used, tried, found = set(reserved), Counter[str](), {}
    for (country, text), base in slugs.items():
        base = f"{base}-{country.casefold()}" if countries[base] > 1 and country else base
        new = base
        while new in used:
            tried[base] += 1
            new = f"{base}-{tried[base] + 1}"
        used.add(new)
        found[country, text] = new
    return found
