"""What the doors share: hostile words, ways to damage bytes and JSON, and what counts as a named error."""

import copy
import csv
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ascn_analysis.errors import AscnError

csv.field_size_limit(10_000_000)
ACCEPTED, REFUSED = "accepted", "named error"

FORMULAS = ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1")
MARKUP = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "]]>"),
    *("[x](javascript:alert(1))", "![x](http://example.org/x.png)", "{{7*7}}", "{% x %}", "&#60;script>", "| a | b |", "`x`"),
    *("# heading", "\u0000<b>", "<svg/onload=alert(1)>", "$x$", "\\[x\\]", "<!--", "<style>*{display:none}</style>"),
)  # fmt: skip
LOOK_ALIKES = (
    *("Vi\u0435t Nam", "\u0406ndonesia", "\uff33ingapore", "Thai\u200bland", "Lao PDR\u00a0", "Philippine\u0455"),
    *("Ma\u04cfaysia", "Brunei\u2010Darussalam", "Cambodi\u0430", "Timor\u2013Leste", "Vie\u0302\u0323t Nam", "MYANMAR\ufe0f"),
)  # fmt: skip
RIGHT_TO_LEFT = (
    "\u202eaisenodnI",
    "\u0627\u0644\u0641\u0644\u0628\u064a\u0646",
    "\u2067x\u2069",
    "\u05e2\u05d9\u05e8",
    "a\u200fb",
)
NUMBERS = (
    *("nan", "NaN", "inf", "-inf", "Infinity", "1e309", "1e-400", "-1", "0", "007", "1.0", "1e3", "1_0", "+7", "0x10"),
    *("\u0661\u0662", "\uff19", "\u00b2", "9" * 400, "1,5", "1 000", "--1", "True", "None"),
)
DATES = (
    "2025-02-30",
    "9999-99-99",
    "0000-00-00",
    "-4712-01-01",
    "99999-01-01",
    "2025-W01",
    "31/12/2025",
    "1e9",
    "20250101",
)
CONTROL = (
    "\0",
    "\x1b[31m",
    "\x07",
    "\u2028",
    "\ufeff",
    "\ud800",
    "\U0010ffff",
    "\ufffe",
    "e\u0301",
    "\n",
    "\r\n",
    '"',
    "'",
    ";",
    ",",
)
HOSTILE = (*FORMULAS, *MARKUP, *LOOK_ALIKES, *RIGHT_TO_LEFT, *NUMBERS, *DATES, *CONTROL)

Kind = Callable[..., Any]


def one_line(problem: object) -> str:
    """Check that an error is said in one line that fits a screen or two, and return what became of the input."""
    text = str(problem)
    assert text.strip(), "an error without words"
    assert len(text.splitlines()) == 1, f"an error of several lines: {text[:300]!r}"
    assert len(text) < 3000, f"an error of {len(text)} characters"
    assert "memory" not in text and "malloc" not in text, text
    return REFUSED


def outcome(step: Callable[[], object]) -> str:
    """Say whether a step accepts its input or raises a named error; any other error is a failure."""
    try:
        step()
    except AscnError as problem:
        return one_line(problem)
    return ACCEPTED


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def spliced(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:a] + data[b:] if rng.random() < 0.5 else data[:b] + data[a:]


def nul(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\0" * rng.choice([1, 3, 1000]) + data[at:]


def other_encoding(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    name = rng.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "shift-jis", "cp037"])
    return text.encode(name, "replace")


def noise(data: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.choice([0, 1, 100, 10_000]))


BYTES: tuple[Kind, ...] = (truncated, flipped, spliced, nul, other_encoding, noise)


def instead(path: Path, rng: random.Random) -> None:
    """Put something in the place of a file that is no regular file, or leads elsewhere."""
    path.unlink(missing_ok=True)
    what = rng.choice(["pipe", "device", "loop", "folder", "nowhere", "random", "outside"])
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        aim = {
            "device": "/dev/zero",
            "loop": path.name,
            "nowhere": "nowhere",
            "random": "/dev/urandom",
            "outside": "/etc/hostname",
        }
        path.symlink_to(aim[what])


def kinds(made: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of all ways in which `put` damages a JSON file."""
    return (*made, *(f"bytes {kind.__name__}" for kind in BYTES), "deep JSON", "no regular file")


def put(path: Path, kind: str, made: dict[str, Callable[[random.Random], Any]], whole: Any, rng: random.Random) -> None:
    """Write a JSON file that is damaged in one of the ways that all such doors share, or in one of the door's own."""
    if kind in made:
        path.write_bytes(json.dumps(made[kind](rng)).encode())
    elif kind == "deep JSON":
        path.write_bytes(deep(rng))
    elif kind == "no regular file":
        instead(path, rng)
    else:
        damage = next(each for each in BYTES if kind.endswith(each.__name__))
        path.write_bytes(damage(json.dumps(whole).encode(), rng))


def remove(path: Path) -> None:
    """Remove whatever stands at a path."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def nodes(tree: Any, limit: int = 4000) -> list[tuple[Any, Any]]:
    """List the places (container, key) of a JSON value, breadth first."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting and len(found) < limit:
        here = waiting.pop(0)
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            found.append((here, key))
            waiting.append(here[key])
    return found


JUNK = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\0",
    "\ud800",
    [],
    {},
    [[]],
    {"a": []},
    *HOSTILE[:20],
)


def changed(tree: Any, rng: random.Random, words: tuple[Any, ...] = JUNK) -> Any:
    """Change one to three places of a JSON value: another value, gone, or doubled."""
    tree = copy.deepcopy(tree)
    for _ in range(rng.randint(1, 3)):
        places = nodes(tree)
        if not places:
            break
        holder, key = rng.choice(places)
        how = rng.random()
        if how < 0.7:
            holder[key] = rng.choice(words)
        elif how < 0.85 or not isinstance(holder, list):
            del holder[key]
        else:
            holder.insert(key, holder[key])
    return tree


def deep(rng: random.Random) -> bytes:
    """JSON so deep that a reader which recurses runs out of stack."""
    n = rng.choice([900, 5_000, 200_000])
    return rng.choice([b"[" * n + b"]" * n, b'{"a":' * n + b"1" + b"}" * n, b"[" * n])
