"""Damaged tables: each is either read exactly as it stands or refused with one named error, and nothing else happens."""

import csv
import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_analysis import loaders, schemas
from ascn_analysis.errors import TableError

Rows = list[list[str]]
LOOK_ALIKES = str.maketrans("aceoi10-|,", "асеоі１٠‐｜，")
AWKWARD = (
    *("", " ", "\n", "\r", "\0", "\ufeff", "\u00a0", "\u200b", "\u2028", "\x1b[31m", '"', "'", ",", ";", "\t"),
    *("nan", "NA", "None", "inf", "-1", "0", "007", "1.0", "1e3", "1_0", "+7", "١٢", "９", "99999999999999999999"),
    *("true", "TRUE", "2025-02-30", "x" * 200_000, "é", "e\u0301", "🙂", "\ud800"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first six lines of every table, to damage one at a time, and the boundaries."""
    folder = tmp_path_factory.mktemp("tables")
    for name in schemas.TABLES:
        lines = (loaders.DATA / f"{name}.csv").read_bytes().splitlines(keepends=True)
        (folder / f"{name}.csv").write_bytes(b"".join(lines[:6]))
    shutil.copytree(loaders.DATA / "boundaries", folder / "boundaries")
    return folder


def swap(rows: Rows, rng: random.Random) -> None:
    first, second = rng.choice(rows), rng.choice(rows)
    i, j = rng.randrange(len(first)), rng.randrange(len(second))
    first[i], second[j] = second[j], first[i]


def replace(rows: Rows, rng: random.Random) -> None:
    row = rng.choice(rows)
    row[rng.randrange(len(row))] = rng.choice(AWKWARD)


def insert(rows: Rows, rng: random.Random) -> None:
    row = rng.choice(rows)
    i = rng.randrange(len(row))
    at = rng.randrange(len(row[i]) + 1)
    row[i] = row[i][:at] + rng.choice(AWKWARD) + row[i][at:]


def look_alike(rows: Rows, rng: random.Random) -> None:
    row = rng.choice(rows)
    i = rng.randrange(len(row))
    row[i] = row[i].translate(LOOK_ALIKES)


def drop_row(rows: Rows, rng: random.Random) -> None:
    del rows[rng.randrange(len(rows))]


def double_row(rows: Rows, rng: random.Random) -> None:
    rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))


def rename_column(rows: Rows, rng: random.Random) -> None:
    names = rows[0]
    i = rng.randrange(len(names))
    names[i] = rng.choice([names[i].upper(), f"{names[i]} ", rng.choice(names), rng.choice(AWKWARD)])


def drop_column(rows: Rows, rng: random.Random) -> None:
    i = rng.randrange(len(rows[0]))
    for row in rows:
        del row[i]


def double_column(rows: Rows, rng: random.Random) -> None:
    i = rng.randrange(len(rows[0]))
    for row in rows:
        row.append(row[i])


def drop_cell(rows: Rows, rng: random.Random) -> None:
    row = rng.choice(rows)
    del row[rng.randrange(len(row))]


CHANGES: tuple[Callable[[Rows, random.Random], None], ...] = (
    swap, replace, insert, look_alike, drop_row, double_row, rename_column, drop_column, double_column, drop_cell
)  # fmt: skip


def change_cells(data: bytes, change: Callable[[Rows, random.Random], None], seed: int) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    change(rows, random.Random(seed))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def change_bytes(data: bytes, seed: int) -> bytes:
    rng, damaged = random.Random(seed), bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(damaged))
        new = rng.choice([rng.randbytes(2), bytes(rng.choices(range(32, 127), k=2)), b"\n", b",", b'"', b"\r", b""])
        damaged[at : at + rng.randrange(3)] = new
    return bytes(damaged)


def as_it_stands(data: bytes) -> Rows:
    """The cells of the file, read by another way."""
    text = data.decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


def same(cell: str, value: object) -> bool:
    if pd.isna(value):
        return cell == ""
    return cell == value if isinstance(value, str) else set(cell) <= set("-.0123456789") and float(cell) == value


def read(name: str, folder: Path, data: bytes) -> pd.DataFrame | TableError:
    path = folder / f"{name}.csv"
    whole = path.read_bytes()
    path.write_bytes(data)
    try:
        return loaders.read_table(name, folder)
    except TableError as problem:
        return problem
    finally:
        path.write_bytes(whole)


def read_exactly_or_refused(name: str, folder: Path, data: bytes) -> None:
    """Check that a file is read as it stands, or refused with a named error of one of its lines."""
    result = read(name, folder, data)
    if isinstance(result, TableError):
        assert result.file == f"{name}.csv"
        assert result.problem
        assert result.expected
        assert result.row is None or 1 <= result.row <= data.count(b"\n") + data.count(b"\r") + 1
    else:
        header, *rows = as_it_stands(data)
        assert list(result.columns) == header
        assert len(result) == len(rows)
        assert all(
            same(cell, value)
            for row, values in zip(rows, result.to_numpy(), strict=True)
            for cell, value in zip(row, values, strict=True)
        )


NAMES = st.sampled_from(list(schemas.TABLES))
SEEDS = st.integers(0, 10**9)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@settings(max_examples=25)
@given(name=NAMES, seed=SEEDS)
def test_a_table_with_changed_cells_is_read_as_it_stands_or_refused(folder, change, name, seed):
    data = (folder / f"{name}.csv").read_bytes()
    read_exactly_or_refused(name, folder, change_cells(data, change, seed))


@settings(max_examples=60)
@given(name=NAMES, seed=SEEDS)
def test_a_table_with_changed_bytes_is_read_as_it_stands_or_refused(folder, name, seed):
    data = (folder / f"{name}.csv").read_bytes()
    read_exactly_or_refused(name, folder, change_bytes(data, seed))


@pytest.mark.parametrize("name", schemas.TABLES)
def test_a_table_without_change_is_read_as_it_stands(folder, name):
    data = (folder / f"{name}.csv").read_bytes()
    assert not isinstance(read(name, folder, data), TableError)
    read_exactly_or_refused(name, folder, data)


@settings(max_examples=10)
@given(name=NAMES, seed=SEEDS)
def test_of_a_folder_with_one_damaged_table_all_errors_are_table_errors(folder, name, seed):
    path = folder / f"{name}.csv"
    whole = path.read_bytes()
    path.write_bytes(change_bytes(whole, seed))
    try:
        rows, errors = loaders.check_folder(folder)
    finally:
        path.write_bytes(whole)
    assert all(isinstance(error, TableError) for error in errors)
    assert set(schemas.TABLES) - set(rows) <= {name}


@pytest.mark.parametrize("name", ["countries", "city_names", "project_reports", "known_contradictions"])
@pytest.mark.parametrize("change", [drop_column, double_column, drop_cell], ids=lambda c: c.__name__)
def test_a_table_of_another_shape_is_refused(folder, name, change):
    data = (folder / f"{name}.csv").read_bytes()
    assert isinstance(read(name, folder, change_cells(data, change, 2)), TableError)


@pytest.mark.parametrize("name", ["countries", "city_names", "project_reports", "known_contradictions"])
@pytest.mark.parametrize("change", [str.upper, lambda text: f" {text}", lambda text: text.translate(LOOK_ALIKES)])
def test_a_renamed_column_is_refused(folder, name, change):
    header, rest = (folder / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)
    assert isinstance(read(name, folder, f"{change(header)}\n{rest}".encode()), TableError)


@pytest.mark.parametrize("name", [name for name, table in schemas.TABLES.items() if "focus_area_id" in table.columns])
def test_an_id_in_look_alike_letters_is_refused(folder, name):
    text = (folder / f"{name}.csv").read_text(encoding="utf-8")
    area = next(word for word in ("civic-social", "health-well-being") if word in text)
    changed = text.replace(area, area.translate(LOOK_ALIKES), 1)
    assert isinstance(read(name, folder, changed.encode()), TableError)
