"""Change one cell of the record at a time, and see what notices: ``python tests/mutants.py --write docs`` makes the table.

A mutant is caught *by hash* if ``datapackage.json`` no longer fits. Whoever tampers would run ``make data`` as well, so each
mutant is judged again with everything in ``data/`` that is derived made anew. Then these are asked, in this order, and
the first that notices is noted: `ascn check` and `make data` (schemas, and links between tables); deriving anew (the change is gone);
`ascn audit`; the tests of the record against both readings, the settled cells and between tables; the stored
outputs of the notebooks, which are run here cell by cell without pictures (a picture is a function of its spec);
with ``--pdfs``, ``ascn audit --sources``, which looks printed texts up in the official PDFs.

Each worker has a copy of the checkout of its own. It imports what all mutants need once, and judges each in a fork.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
COPIED = ("ascn_analysis", "data", "notebooks", "tests", "docs")
RECORD_TESTS = ("tests/test_data.py", "tests/test_coding.py")
GUARDS = ("schemas and links", "derived anew", "audit", "readings and cross-checks", "notebooks", "official PDFs")
MOST_SECONDS = 300
"""Longest time for one mutant; a fork that hangs is ended."""
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
VEGALITE = "application/vnd.vegalite.v5+json"
UNSEEN = ("image/svg+xml", "application/vnd.jupyter.widget-view+json")


@dataclass(frozen=True)
class Mutant:
    """One changed cell: file under data/, line, column, what it holds and what it is to hold."""

    file: str
    line: int
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class Outcome:
    """A mutant, the first guard that noticed it after everything was made anew (or nothing), and what that guard said."""

    mutant: Mutant
    guard: str
    said: str


# Making mutants


def make(data: Path) -> list[Mutant]:
    """Make the mutants of all tables: first, middle and last row of each column of numbers, the middle row of any other.

    Of the readings in ``coding/`` it is one cell a file, in a column drawn by the file's name. Empty cells are passed over.
    """
    files = sorted(path.relative_to(data).as_posix() for path in data.rglob("*.csv"))
    made = {file: list(_of_table(file, read(data / file))) for file in files}
    return [
        mutant for file, own in made.items() for mutant in ([random.Random(file).choice(own)] if "/" in file else own)
    ]


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def _of_table(file: str, rows: list[list[str]]) -> Iterator[Mutant]:
    header, *body = rows
    for place, column in enumerate(header):
        filled = [number for number, row in enumerate(body) if row[place]]
        cells = [body[number][place] for number in filled]
        numeric = all(NUMBER.fullmatch(cell) for cell in cells)
        wanted = {0, len(filled) // 2, len(filled) - 1} if numeric and "/" not in file else {len(filled) // 2}
        for at in sorted(wanted) if filled else ():
            # The line of the file is one more for the header, and counts from 1.
            yield Mutant(file, filled[at] + 2, column, cells[at], changed(cells, at, numeric=numeric))


def changed(cells: list[str], at: int, *, numeric: bool) -> str:
    """A number plus one in its last digit; else the next other value of the column; else the value with a letter more."""
    if numeric:
        digits = len(cells[at].partition(".")[2])
        return f"{float(cells[at]) + 10**-digits:.{digits}f}"
    later = [cell for cell in [*cells[at:], *cells[:at]] if cell != cells[at]]
    return later[0] if later else cells[at] + "x"


def apply(data: Path, mutant: Mutant) -> None:
    """Write the mutant into the table, and change no other byte."""
    rows = read(data / mutant.file)
    place = rows[0].index(mutant.column)
    assert rows[mutant.line - 1][place] == mutant.old
    rows[mutant.line - 1][place] = mutant.new
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    (data / mutant.file).write_text(text.getvalue(), encoding="utf-8", newline="")


# Judging them, in a copy of the checkout


def work(options: argparse.Namespace) -> None:
    """Judge the mutants that come in, a line each, and print an outcome for each; run within a copy of the checkout."""
    from ascn_analysis import audit, documents

    # Whatever is imported or read here is there in every fork; loaders see by themselves which file has changed since.
    audit.findings()
    for name in ("ascn_analysis.figures", "ascn_analysis.package", "pytest", "hypothesis", "pypdfium2", "geopandas"):
        importlib.import_module(name)
    if options.pdfs:
        documents._texts = remembered(documents._texts)
        documents.check(options.pdfs)
    data = Path("data")
    whole = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    # In a fork as well: a renderer of charts that ran here would have threads, and those do not come along into a fork.
    read_by = {} if options.quick else json.loads(forked(lambda: json.dumps(tables_of_notebooks())))
    for line in sys.stdin:
        mutant = Mutant(**json.loads(line))
        apply(data, mutant)
        guard, said = json.loads(forked(lambda m=mutant: json.dumps(judge(m, whole, read_by, options.pdfs))))
        print(json.dumps({"guard": guard, "said": said}), flush=True)
        for path, content in whole.items():
            if path.read_bytes() != content:
                path.write_bytes(content)


def forked(call) -> str:
    """Return what a function gives, run in a fork."""
    there, here = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(MOST_SECONDS)
        os.close(there)
        try:
            sys.stdout = sys.stderr
            with os.fdopen(here, "w", encoding="utf-8") as answer:
                answer.write(call())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(here)
    with os.fdopen(there, encoding="utf-8") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if not said:
        raise RuntimeError(f"a fork ended without an answer, status {os.waitstatus_to_exitcode(status)}")
    return said


def remembered(texts):
    """Make a function that reads the texts of pages of a PDF keep them, page by page."""
    kept: dict[tuple[Path, int], str] = {}

    def read_pages(pdf: Path, content: bytes, pages: set[int]) -> dict[int, str]:
        if new := {page for page in pages if (pdf, page) not in kept}:
            found = texts(pdf, content, new)
            kept.update({(pdf, page): found.get(page, "") for page in new})
        return {page: kept[pdf, page] for page in pages}

    return read_pages


def judge(
    mutant: Mutant, whole: dict[Path, bytes], read_by: dict[str, list[str]], pdfs: Path | None
) -> tuple[str, str]:
    """Make everything anew as ``make data`` does, then ask one guard after the other."""
    from ascn_analysis import audit, loaders, package
    from ascn_analysis.errors import AscnError

    try:
        package.build(loaders.DATA)
        _, errors = loaders.check_folder(loaders.DATA)
    except AscnError as problem:
        errors = [problem]
    except Exception as problem:  # noticed, but not as it should be: the words say so
        return GUARDS[0], f"traceback, {type(problem).__name__}: {problem}"
    if errors:
        return GUARDS[0], str(errors[0])
    if (path := Path("data") / mutant.file).read_bytes() == whole[path]:
        return GUARDS[1], f"{mutant.file} is as before"
    found = audit.findings()
    if not audit.is_clean(found):
        news = found[found["state"] != "known"].iloc[0]
        return GUARDS[2], f"{news['year']} {news['subject']}: {news['state']}"
    if failed := failed_test():
        return GUARDS[3], failed
    if cell := next(filter(None, map(first_difference, read_by.get(mutant.file, []))), ""):
        return GUARDS[4], cell
    said = not_in_the_documents(pdfs) if pdfs else ""
    return (GUARDS[5], said) if said else ("", "")


def not_in_the_documents(pdfs: Path) -> str:
    """Look every printed text up on its page, and compare the files; return the first that is otherwise."""
    from ascn_analysis import documents
    from ascn_analysis.errors import SourceError

    try:
        looked_up = documents.check(pdfs)
    except SourceError as problem:
        return str(problem)
    other = [f"{own.source_id}: {own.copy}" for own in looked_up if own.copy != "same copy"]
    return next(iter([*other, *(line for own in looked_up for line in own.absent)]), "")


def failed_test() -> str:
    """Run the tests of the record, and return the name of the first that fails."""
    import pytest

    with redirect_stdout(io.StringIO()) as said:
        # Asserts stay as they are written: rewriting them takes longer than running them.
        status = pytest.main(["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", *RECORD_TESTS])
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", said.getvalue(), re.MULTILINE)
    return (found.group(1) if found else f"pytest, status {status}") if status else ""


def tables_of_notebooks() -> dict[str, list[str]]:
    """Run every notebook as it stands, and return which notebooks read each file of data/."""
    from ascn_analysis import loaders

    read_by: dict[str, list[str]] = {}
    opened = loaders._decode
    names = [path.name for path in sorted(Path("notebooks").glob("*.ipynb"))]

    def note(path):
        read_by.setdefault(path.relative_to(loaders.DATA).as_posix(), []).append(names[0])
        return opened(path)

    loaders._decode = note
    while names:
        loaders._read_once.cache_clear()
        assert first_difference(names[0]) == "", names[0]
        names = names[1:]
    loaders._decode = opened
    return {file: list(dict.fromkeys(own)) for file, own in read_by.items()}


def first_difference(name: str) -> str:
    """Run a notebook's cells in this process, and name the first whose outputs are not the stored ones."""
    from ascn_analysis.figures import display

    os.environ[display.LATER] = "1"
    run, cells = cell_runner(), json.loads((Path("notebooks") / name).read_text("utf-8"))["cells"]
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "code" and run("".join(cell["source"])) != [_seen(own) for own in cell["outputs"]]:
            return f"{name}, cell {number} (id {cell['id']})"
    return ""


@cache
def kernel_like():
    """Return the shell that runs cells in this process; pandas shows as many columns as in a kernel."""
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

    pd.set_option("display.max_columns", 20)
    shell = InteractiveShell.instance(colors="nocolor")
    shell.display_formatter.active_types = shell.display_formatter.format_types
    return shell


def cell_runner():
    """Return a function that runs a cell as a fresh kernel would and gives its outputs; an error is an output as well."""
    from IPython.core.displayhook import CapturingDisplayHook
    from IPython.utils.capture import capture_output

    shell = kernel_like()
    shell.reset(new_session=True)

    def run(source: str) -> list[object]:
        with capture_output() as caught:
            shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=caught._outputs)
            failed = shell.run_cell(source).error_in_exec
        texts = [caught.stdout] if caught.stdout else []
        return [repr(failed)] if failed else [*texts, *(_seen({"data": own.data}) for own in caught.outputs)]

    return run


def _seen(output: dict) -> object:
    """What is compared of an output: text, or its forms but for pictures and live widgets."""
    if "data" not in output:
        return "".join(output.get("text", []))
    forms = {mime: "".join(own) if isinstance(own, list) else own for mime, own in output["data"].items()}
    return json.loads(json.dumps({mime: own for mime, own in forms.items() if mime not in UNSEEN}))


# Workers


def outcomes(mutants: list[Mutant], workers: int = 1, words: Sequence[str] = (), say=lambda _: None) -> list[Outcome]:
    """Judge mutants in copies of the checkout; ``words`` go to the workers.

    ``--quick`` leaves the notebooks out, and with them the run that tells which of them reads which table.
    """
    shares = [mutants[start::workers] for start in range(workers)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        copies = [copy_of_checkout(Path(folder) / str(number)) for number in range(workers)]
        judged = pool.map(lambda pair: list(_judged(*pair, words, say)), zip(copies, shares, strict=True))
        found = {outcome.mutant: outcome for share in judged for outcome in share}
    return [found[mutant] for mutant in mutants]


def copy_of_checkout(target: Path) -> Path:
    """Copy what a worker needs."""
    target.mkdir()
    for name in COPIED:
        shutil.copytree(CHECKOUT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "vendor_cache"))
    for path in CHECKOUT.iterdir():
        if path.is_file():
            shutil.copyfile(path, target / path.name)
    return target


def _judged(copy: Path, share: list[Mutant], words: Sequence[str], say) -> Iterator[Outcome]:
    command = [sys.executable, "tests/mutants.py", "--worker", *words]
    # Without the official PDFs: a clone has none.
    surroundings = {"PYTHONPATH": str(copy), "ASCN_SOURCES": str(copy / "none"), "ASCN_REQUIRE_ALL": ""}
    whole = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command, cwd=copy, env={**whole, **surroundings}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        for mutant in share:
            worker.stdin.write(json.dumps(asdict(mutant)) + "\n")
            worker.stdin.flush()
            answer = json.loads(worker.stdout.readline())
            say(f"{mutant.file}, line {mutant.line}, {mutant.column}: {answer['guard'] or 'not noticed'}")
            yield Outcome(mutant, **answer)
        worker.stdin.close()


# The table


def table(found: Iterable[Outcome], hashed: dict[Mutant, str]) -> list[dict[str, object]]:
    """Count, a row a table: mutants, caught by hash, caught after everything was made anew, and by which guard."""
    rows = []
    for file in sorted({outcome.mutant.file for outcome in found}):
        own = [outcome for outcome in found if outcome.mutant.file == file]
        guards = Counter(outcome.guard for outcome in own)
        rows.append(
            {
                "table": file,
                "mutants": len(own),
                "by hash": sum(bool(hashed[outcome.mutant]) for outcome in own),
                "made anew": len(own) - guards[""] - guards[GUARDS[5]],
                **{guard: guards[guard] for guard in GUARDS},
            }
        )
    return rows


def by_hash(data: Path, mutant: Mutant) -> str:
    """Apply a mutant, return the name of the table whose hash no longer fits (or nothing), and put the table back."""
    from ascn_analysis import reproduce

    before = (data / mutant.file).read_bytes()
    apply(data, mutant)
    different = [check.group for check in reproduce.table_checks(data) if not check.same]
    (data / mutant.file).write_bytes(before)
    return ", ".join(different)


def as_markdown(rows: list[dict[str, object]], found: list[Outcome], descriptor: str, whole: int) -> str:
    names = list(rows[0])
    total = {name: sum(row[name] for row in rows) for name in names[1:]}
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    lines += [f"| {' | '.join(str(value) for value in row.values())} |" for row in rows]
    lines += [f"| **all** | {' | '.join(f'**{value}**' for value in total.values())} |"]
    left = [outcome.mutant for outcome in found if not outcome.guard]
    return "\n".join(
        [
            "# Mutants",
            "",
            "*Generated by `make mutants` (`tests/mutants.py`, which says what each column means); not edited by hand.*",
            "",
            f"One cell of the record is changed at a time. {total['by hash']} of {total['mutants']} changes no longer fit the hashes of",
            "`datapackage.json`. A tamperer would make the hashes anew, with `make data`; then "
            f"{total['made anew']} of {total['mutants']} are still noticed",
            "within the repository, by the guard that is the first to notice, and "
            f"{total[GUARDS[5]]} more by whoever has the official PDFs (`ascn audit --sources`).",
            "The rest, listed below, would pass: nothing else in the repository repeats these cells, so they rest on the commit,",
            "on the release, and on a reader who looks at the page that the row cites.",
            "",
            f"{total['mutants']} of the {whole} mutants that `make check-all` makes. Record with the descriptor of SHA-256 `{descriptor}`.",
            "",
            *lines,
            "",
            "## Not noticed once everything is made anew",
            "",
            *[
                f"- {file}: {', '.join(f'{m.column} (line {m.line})' for m in left if m.file == file)}"
                for file in dict.fromkeys(mutant.file for mutant in left)
            ],
            "",
        ]
    )


def sample(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """Draw some mutants, the same for the same seed: one of each table, then a second of each, until there are enough."""
    drawn, turn = random.Random(seed), Counter[str]()
    order = [(drawn.random(), mutant) for mutant in mutants]
    ranked = []
    for _, mutant in sorted(order, key=lambda pair: pair[0]):
        ranked.append((turn[mutant.file], "/" in mutant.file, len(ranked), mutant))
        turn[mutant.file] += 1
    return [mutant for *_, mutant in sorted(ranked, key=lambda own: own[:3])[:number]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", type=Path, metavar="DIR", help="write mutants.md and mutants.csv there")
    parser.add_argument("--sample", type=int, metavar="N", help="judge N mutants only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--pdfs", type=Path, metavar="DIR", help="folder of the official PDFs, to ask them as well")
    parser.add_argument("--quick", action="store_true", help="leave the notebooks out")
    options = parser.parse_args()
    if options.worker:
        return work(options)
    from ascn_analysis import loaders, reproduce

    whole = make(loaders.DATA)
    mutants = sample(whole, options.sample, options.seed) if options.sample else whole
    words = [
        *(["--quick"] if options.quick else []),
        *(["--pdfs", str(options.pdfs.resolve())] if options.pdfs else []),
    ]
    found = outcomes(mutants, options.workers, words, say=lambda line: print(line, flush=True))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(shutil.copytree(loaders.DATA, Path(folder) / "data"))
        rows = table(found, {mutant: by_hash(data, mutant) for mutant in mutants})
    text = as_markdown(rows, found, reproduce.digest((loaders.DATA / "datapackage.json").read_bytes()), len(whole))
    print(text)
    if options.write:
        (options.write / "mutants.md").write_text(text, encoding="utf-8")
        with (options.write / "mutants.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return None


if __name__ == "__main__":
    main()
