"""The report of a reproduction: one table, the machine and the versions; as text, as Markdown and as JSON."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ascn_analysis import __version__, loaders
from ascn_analysis.reproduce import Check, digest
from ascn_analysis.writing import write_atomic

CHECKOUT: Final = Path(__file__).parent.parent
LOCK: Final = "requirements.lock"
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_SHOWN: Final = 16  # hexadecimal digits of a hash that tell two apart in a table


@dataclass(frozen=True)
class Line:
    """A line of the table: all checks of one group, with a hash over them."""

    what: str
    things: int
    expected: str
    got: str
    different: int


def lines(checks: Iterable[Check]) -> list[Line]:
    """Sum checks up, a line a group, in the order in which they come."""
    grouped = ((what, list(own)) for what, own in groupby(checks, key=lambda check: check.group))
    return [
        Line(
            what,
            len(own),
            _over([(check.item, check.expected) for check in own]),
            _over([(check.item, check.got) for check in own]),
            sum(not check.same for check in own),
        )
        for what, own in grouped
    ]


def _over(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the hash of one thing as it is, of several as the hash over names and hashes."""
    return pairs[0][1] if len(pairs) == 1 else digest("".join(f"{item} {value}\n" for item, value in pairs))


def surroundings(network: str) -> dict[str, Any]:
    """Say on what, with what and from what the comparison was made."""
    lock = CHECKOUT / LOCK
    return {
        "ascn-analysis": __version__,
        "data as of": str(loaders.load_projects()["as_of"].max()),
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "working tree": "unknown" if _git("rev-parse", "HEAD") == "" else _changes(),
        "network": network,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "requirements.lock": digest(lock.read_bytes()) if lock.is_file() else "not there",
        "other than in the lock": unlike(lock.read_text(encoding="utf-8")) if lock.is_file() else [],
        "packages": dict(sorted(_installed().items())),
    }


def _changes() -> str:
    changed = _git("status", "--porcelain").splitlines()
    return f"{len(changed)} files changed since the commit" if changed else "as committed"


def _git(*words: str) -> str:
    """Ask git; an empty answer where there is no git or no repository."""
    try:
        done = subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _installed() -> dict[str, str]:
    return {_plain(own.name): own.version for own in importlib.metadata.distributions()}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def unlike(lock: str) -> list[str]:
    """Name each installed package whose version is not the one of the lock."""
    pins = {_plain(name): version for name, version in _PIN.findall(lock)}
    return [
        f"{name} {version} (lock: {pins[name]})"
        for name, version in sorted(_installed().items())
        if name in pins and version != pins[name]
    ]


def as_text(checks: Sequence[Check], about: dict[str, Any]) -> str:
    """Write the table for a terminal, then each difference by name, and a closing sentence."""
    rows = lines(checks)
    width = max(len(row.what) for row in rows)
    head = f"{'what':<{width}}  things  {'expected':<{_SHOWN}}  {'got':<{_SHOWN}}  same"
    table = [
        f"{row.what:<{width}}  {row.things:>6}  {_short(row.expected):<{_SHOWN}}  {_short(row.got):<{_SHOWN}}  "
        + (f"NO, {row.different}" if row.different else "yes")
        for row in rows
    ]
    return "\n".join([head, *table, "", *_differences(checks), verdict(checks, about)])


def _short(value: str) -> str:
    return value[:_SHOWN]


def _differences(checks: Iterable[Check]) -> list[str]:
    return [
        f"different: {check.group}: {check.item}: expected {check.expected}, got {check.got}"
        for check in checks
        if not check.same
    ]


def verdict(checks: Sequence[Check], about: dict[str, Any]) -> str:
    """Close with one sentence that can be quoted."""
    different = sum(not check.same for check in checks)
    which = f"{len(checks)} things compared, network {about['network']}"
    return f"{which}: {f'{different} different' if different else 'all the same, to the byte'}"


def as_markdown(checks: Sequence[Check], about: dict[str, Any]) -> str:
    """Write the report as Markdown."""
    facts = [f"- {name}: {_spell(value)}" for name, value in about.items() if name != "packages"]
    table = [
        f"| {row.what} | {row.things} | `{_short(row.expected)}` | `{_short(row.got)}` | {'**no**' if row.different else 'yes'} |"
        for row in lines(checks)
    ]
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    parts = [
        "# Reproduction",
        f"{verdict(checks, about)}.",
        "\n".join(facts),
        "Hashes are SHA-256, cut to 16 digits; of several things, over their names and hashes. For the site, “expected” is the first of two builds.",
        "\n".join(["| what | things | expected | got | same |", "|---|---|---|---|---|", *table]),
        "\n".join(["## Differences", "", *([f"- {line}" for line in _differences(checks)] or ["None."])]),
        f"## Packages\n\n{packages}.",
    ]
    return "\n\n".join(parts) + "\n"


def _spell(value: Any) -> str:
    return (", ".join(value) or "none") if isinstance(value, list) else str(value)


def write(folder: Path, checks: Sequence[Check], about: dict[str, Any]) -> list[Path]:
    """Write ``reproduce.md`` and ``reproduce.json`` (every single thing compared, in full) into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "same": all(check.same for check in checks),
        "about": about,
        "lines": [asdict(line) for line in lines(checks)],
        "checks": [asdict(check) | {"same": check.same} for check in checks],
    }
    return [
        write_atomic(folder / "reproduce.md", as_markdown(checks, about)),
        write_atomic(folder / "reproduce.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n"),
    ]
