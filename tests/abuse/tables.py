"""Tables of the record: each file is read exactly as it stands, or refused with one named error."""

import csv
import io
import random
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from abuse import common
from ascn_analysis import loaders, schemas
from ascn_analysis.errors import TableError

NAME, INPUTS = "tables (loaders, `ascn check`)", 1200
Rows = list[list[str]]


def prepare(folder: Path) -> None:
    for name in schemas.TABLES:
        lines = (loaders.DATA / f"{name}.csv").read_bytes().splitlines(keepends=True)
        (folder / f"{name}.csv").write_bytes(b"".join(lines[:6]))
    shutil.copytree(loaders.DATA / "boundaries", folder / "boundaries")
    loaders.check_folder(folder)


def cells(words: tuple[str, ...]) -> Any:
    """Return a kind that puts hostile words into cells, in place of them or within."""

    def change(rows: Rows, rng: random.Random) -> None:
        for _ in range(rng.randint(1, 4)):
            row = rng.choice(rows[1:] or rows)
            i, word = rng.randrange(len(row)), rng.choice(words)
            row[i] = word if rng.random() < 0.6 else row[i] + word

    return change


def long_cell(rows: Rows, rng: random.Random) -> None:
    rng.choice(rows)[0] = rng.choice("a<=\u202e") * rng.choice([131_072, 131_073, 1_000_000])


def header(rows: Rows, rng: random.Random) -> None:
    i = rng.randrange(len(rows[0]))
    rows[0][i] = rng.choice([rng.choice(rows[0]), rows[0][i].upper(), "", " ", rng.choice(common.HOSTILE)])


def shape(rows: Rows, rng: random.Random) -> None:
    row = rng.choice(rows)
    rng.choice(
        [lambda: row.pop(), lambda: row.append("x"), lambda: rows.append([]), lambda: rows.remove(row), row.clear]
    )()


def wide(rows: Rows, rng: random.Random) -> None:
    n = rng.choice([1_000, 20_000, 1_000_000])
    rows[:] = [[f"c{i}" for i in range(n)]] if rng.random() < 0.5 else [["a"] * n]


def tall(rows: Rows, rng: random.Random) -> None:
    rows += [list(rng.choice(rows)) for _ in range(rng.choice([500, 5_000]))]


def mixed(rows: Rows, rng: random.Random) -> None:
    i = rng.randrange(len(rows[0]))
    for row in rows[1:]:
        row[i] = rng.choice(["1", "one", "1.5", "", "true", "2025-01-01"])


def swapped(rows: Rows, rng: random.Random) -> None:
    a, b = rng.choice(rows), rng.choice(rows)
    i, j = rng.randrange(len(a)), rng.randrange(len(b))
    a[i], b[j] = b[j], a[i]


CELLS = {
    "formula injection": cells(common.FORMULAS), "HTML and Markdown": cells(common.MARKUP),
    "look-alike letters": cells(common.LOOK_ALIKES), "right-to-left text": cells(common.RIGHT_TO_LEFT),
    "NaN, inf, odd numbers": cells(common.NUMBERS), "dates out of range": cells(common.DATES),
    "control characters": cells(common.CONTROL), "cells of 1e6 characters": long_cell, "doubled or odd headers": header,
    "rows of another width": shape, "a million columns": wide, "thousands of rows": tall, "mixed types": mixed,
    "cells swapped": swapped,
}  # fmt: skip
KINDS = (*CELLS, *(f"bytes {kind.__name__}" for kind in common.BYTES), "no regular file", "a whole folder")


def damaged(kind: str, data: bytes, rng: random.Random) -> bytes:
    if kind not in CELLS:
        kinds = {f"bytes {each.__name__}": each for each in common.BYTES}
        return kinds.get(kind, rng.choice(common.BYTES))(data, rng)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    CELLS[kind](rows, rng)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    name = rng.choice(list(schemas.TABLES))
    path = folder / f"{name}.csv"
    whole = path.read_bytes()
    try:
        if kind == "no regular file":
            common.instead(path, rng)
        else:
            path.write_bytes(damaged(kind, whole, rng))
        return _folder(folder) if kind == "a whole folder" else _table(name, folder)
    finally:
        common.remove(path)
        path.write_bytes(whole)


def _table(name: str, folder: Path) -> str:
    try:
        frame = loaders.read_table(name, folder)
    except TableError as problem:
        assert problem.file == f"{name}.csv"
        return common.one_line(problem)
    content = (folder / f"{name}.csv").read_bytes().decode("utf-8-sig")
    head, *rows = [row for row in csv.reader(io.StringIO(content, newline="")) if row]
    assert list(frame.columns) == head
    assert len(frame) == len(rows)
    for cells, values in zip(rows, frame.to_numpy(), strict=True):
        assert all(same(cell, value) for cell, value in zip(cells, values, strict=True)), cells
    return common.ACCEPTED


def same(cell: str, value: object) -> bool:
    if pd.isna(value):
        return cell == ""
    return cell == value if isinstance(value, str) else float(cell) == value


def _folder(folder: Path) -> str:
    _, errors = loaders.check_folder(folder)
    # Six lines of each table do not link; only what was damaged changes from input to input.
    return [common.one_line(error) for error in errors][-1] if errors else common.ACCEPTED
