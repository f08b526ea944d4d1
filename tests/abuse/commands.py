"""Arguments of ``ascn``: status 0, 1 or 2, an error in one line, nothing written where it should not be."""

import os
import random
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest import mock

from abuse import common
from ascn_analysis import cli
from ascn_analysis.errors import AscnError

NAME, INPUTS = "arguments of `ascn`", 600
VERBS = ("lab", "site", "check", "audit", "new-report", "export")
OPTIONS = (
    *(
        "--output",
        "--notebooks",
        "--json",
        "--sources",
        "--data",
        "--no-browser",
        "--port",
        "--format",
        "--force",
        "--pdf",
        "--help",
        "--version",
    ),
    *("-h", "--", "-", "--out", "--outp=x", "--output=", "---", "--f", "--data=", "-x"),
)
ODD = ("x" * 5_000, "a" * 300, "\udcff\udcfe", "a\nb", " ", "\u202ex", "-1", "99999999999999999999", "1e3", "\u0661", "~", "*", "$(x)", "%s", "{}", "=1+1", "//", "nul:")  # fmt: skip
KINDS = ("words of any kind", "a verb and anything", "a verb and its own", "paths", "numbers", "tables")


def prepare(folder: Path) -> None:
    for name in ("empty", "full"):
        (folder / name).mkdir()
    (folder / "full" / "file").write_text("mine", encoding="utf-8")
    (folder / "note.pdf").write_bytes(b"%PDF-1.4\n")
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    os.chdir(folder)
    # The longest way through each verb, so that what it imports is there.
    for arguments in (
        ["check", "empty"],
        ["export", "--output", "full/file", "cities"],
        ["site", "--notebooks", "empty"],
    ):
        _run(arguments)


def paths(folder: Path, rng: random.Random) -> str:
    return rng.choice(
        [
            "empty",
            "full",
            "full/file",
            "note.pdf",
            "pipe",
            "loop",
            "nowhere/deep",
            "/dev/null",
            "/proc/self/mem",
            "",
            ".",
            "..",
            *ODD,
        ]
    )


def arguments(kind: str, rng: random.Random, folder: Path) -> list[str]:
    words = [*VERBS, *OPTIONS, *ODD, *common.HOSTILE[:20]]
    some = [rng.choice(words).replace("\0", "") for _ in range(rng.randint(0, 5))]
    if kind == "words of any kind":
        return some
    if kind == "a verb and anything":
        return [rng.choice(VERBS), *some]
    if kind == "numbers":
        number = rng.choice([*common.NUMBERS, "2026", "1900", "0", "-5"])
        return rng.choice(
            [
                ["lab", "--no-browser", "--port", number],
                ["new-report", number, "--pdf", "note.pdf"],
                ["new-report", "--pdf", "note.pdf", "--", number],
            ]
        )
    if kind == "tables":
        names = [
            rng.choice(["cities", "countries", "citys", "../cities", "", "cities.csv", "CITIES", *ODD])
            for _ in range(rng.randint(1, 3))
        ]
        return ["export", "--format", rng.choice(["csv", "zip", "xls", "CSV", ""]), "--output", "full/file", *names]
    path, other = paths(folder, rng), paths(folder, rng)
    own = [
        ["check", path], ["audit", "--data", path], ["audit", "--data", path, "--json"], ["site", "--notebooks", "empty", "--output", path],
        ["site", "--notebooks", path, "--output", "full"], ["export", "--data", path, "--output", other, "cities"],
        ["new-report", "2026", "--pdf", path, "--output", "full/x"], ["new-report", "2026", "--pdf", "note.pdf", "--output", path],
        ["new-report", "2026", "--pdf", path, "--data", other],
    ]  # fmt: skip
    return rng.choice(own) + (some if kind == "a verb and its own" else [])


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    return _run([word.replace("\0", "") for word in arguments(kind, rng, folder)])


def _run(words: list[str]) -> str:
    """Run the command in this process; JupyterLab is not started, and only tables that are there can be exported to a folder."""
    said, errors = StringIO(), StringIO()
    with redirect_stdout(said), redirect_stderr(errors), _no_lab(), _no_copies():
        try:
            status = cli.main(words)
        except SystemExit as ended:
            status = int(ended.code or 0)
    assert status in (0, 1, 2), status
    lines = errors.getvalue().splitlines()
    if status == 0:
        return common.ACCEPTED
    assert lines, f"status {status} without a word"
    if status == 2:
        assert lines[0].startswith("usage: ascn") and ": error: " in errors.getvalue(), errors.getvalue()[:300]
    elif words[:1] != ["check"]:
        common.one_line(lines[-1])
    assert "Traceback" not in errors.getvalue()
    return common.REFUSED


def _no_lab() -> mock._patch:
    return mock.patch("os.execv", side_effect=AscnError("JupyterLab would start now"))


def _no_copies() -> mock._patch:
    """Exports and sites that would really be made are stopped just before."""
    return mock.patch("ascn_analysis.locking.held", side_effect=AscnError("it would be written now"))
