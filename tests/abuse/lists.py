"""A user's own list as CSV or Parquet: taken to the letter, or every problem named; also through the widget."""

import csv
import datetime
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abuse import common, tables
from ascn_analysis import own
from ascn_analysis.errors import AscnError
from ascn_analysis.explorers import bring

NAME, INPUTS = "own lists (CSV, Parquet, the widget)", 1000
GOOD = """Project title,Country,City,Focus area,Report year,Status
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2023,planning
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2024,ongoing
Night bus,Viet Nam,Ha Noi,Built Infrastructure,2023,ongoing
Night bus,Viet Nam,Ha Noi,Built Infrastructure,2024,completed
Open data portal,Viet Nam,Ha Noi,Civic & Social,2024,planning
"""
BOMBS: dict[str, bytes] = {}


def prepare(folder: Path) -> None:
    BOMBS.update({name: make() for name, make in _BOMBS.items()})
    _take("list.csv", GOOD.encode())
    _widget(GOOD.encode())


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def _repeated(value: str, rows: int, columns: int = 1) -> bytes:
    column = (
        pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([value])).cast(pa.string())
        if len(value) < 50
        else None
    )
    if column is not None:
        return parquet({f"c{i}": column for i in range(columns)})
    file = io.BytesIO()
    with pq.ParquetWriter(file, pa.schema([("c", pa.string())])) as writer:
        for _ in range(rows // 200):
            writer.write_table(pa.table({"c": [value] * 200}))
    return file.getvalue()


_BOMBS: dict[str, Callable[[], bytes]] = {
    "a long cell repeated": lambda: _repeated("x" * 100_000, 4_000),
    "many rows, many columns": lambda: _repeated("x", 400_000, 40),
    "zeros": lambda: parquet({f"c{i}": pa.array([0] * 400_000) for i in range(60)}, compression="zstd"),
    "nothing": lambda: parquet({"c": pa.nulls(6_000_000)}),
    "many columns": lambda: parquet({f"c{i}": pa.nulls(1) for i in range(5_000)}),
    "one long cell": lambda: parquet({"c": ["x" * 30_000_000]}, compression="zstd"),
    "nested": lambda: parquet({"c": [["x" * 1000] * 20_000]}),
}  # fmt: skip
ODD: tuple[Callable[[random.Random], Any], ...] = (
    lambda rng: pa.array([float("nan"), float("inf"), -0.0]),
    lambda rng: pa.array([10**18, -1, 0]),
    lambda rng: pa.array([b"\xff\xfe", b"", None], pa.binary()),
    lambda rng: pa.array([[1], [], None]),
    lambda rng: pa.array([{"a": 1}, None, {}]),
    lambda rng: pa.array([datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]),
    lambda rng: pa.array([2**52, -(2**52), 0], pa.timestamp("s")),
    lambda rng: pa.array([2**40, 0, 1], pa.duration("s")),
    lambda rng: pa.array([True, None, False]),
    lambda rng: pa.array(["a", "b", None]).dictionary_encode(),
    lambda rng: pa.array([rng.choice(common.HOSTILE).replace("\ud800", "") for _ in range(3)]),
    lambda rng: pa.array([2023, 2024, 2025], pa.int16()),
    lambda rng: pa.array(["2023", "2024", "MMXXV"]),
    lambda rng: pa.nulls(3),
    lambda rng: pa.array([2**63, 2**64 - 1, 0], pa.uint64()),
    lambda rng: pa.array([0, 1, 86_399], pa.time32("s")),
)  # fmt: skip
NAMES = (
    "Project title",
    "Country",
    "City",
    "Focus area",
    "Report year",
    "Status",
    "Project title",
    "",
    " ",
    "\u202eeltiT",
)


def typed(rng: random.Random) -> bytes:
    names = rng.sample(NAMES, rng.randint(1, 7))
    arrays = [rng.choice(ODD)(rng) for _ in names]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names), file)
    return file.getvalue()


def good_parquet() -> bytes:
    return parquet({name: list(column) for name, column in pd.read_csv(io.StringIO(GOOD), dtype=str).items()})


CELLS = tables.CELLS
KINDS = (
    *CELLS, *(f"CSV bytes {kind.__name__}" for kind in common.BYTES), *(f"Parquet bytes {kind.__name__}" for kind in common.BYTES),
    "Parquet of odd types", "Parquet of odd types, twice", "Parquet that unpacks to far more", "names of countries", "no regular file", "the widget",
)  # fmt: skip


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    if kind == "no regular file":
        path = folder / rng.choice(["list.csv", "list.parquet", "a\nb.csv"])
        common.instead(path, rng)
        try:
            return common.outcome(lambda: own.read(path))
        finally:
            common.remove(path)
    if kind == "the widget":
        return _widget(content(rng.choice(KINDS[:-2]), rng))
    return _take(rng.choice(["list.csv", "list.parquet", "\u202evsc.tsil"]), content(kind, rng))


def content(kind: str, rng: random.Random) -> bytes:
    if kind in CELLS:
        return tables.damaged(kind, GOOD.encode(), rng)
    if kind.startswith(("CSV", "Parquet bytes")):
        whole = GOOD.encode() if kind.startswith("CSV") else good_parquet()
        return next(each for each in common.BYTES if kind.endswith(each.__name__))(whole, rng)
    if kind == "names of countries":
        word = rng.choice([*common.LOOK_ALIKES, *common.RIGHT_TO_LEFT, *common.MARKUP])
        return GOOD.replace("Indonesia", '"' + word.replace('"', '""') + '"').encode("utf-8", "replace")
    return BOMBS[rng.choice(list(BOMBS))] if "far more" in kind else typed(rng)


def _take(name: str, data: bytes) -> str:
    try:
        frame = own.read_bytes(name, data)
        equal(frame, data)
        checked = own.check(frame, own.guess(frame.columns, frame))
    except AscnError as problem:
        return common.one_line(problem)
    for problem in checked.problems:
        common.one_line(problem.text)
    if checked.projects is None:
        assert checked.problems
        return common.REFUSED
    title = own.guess(frame.columns, frame)["title"]
    assert sorted(map(str, checked.projects["project_printed"].dropna())) == sorted(map(str, frame[title].dropna()))
    return common.ACCEPTED


def equal(frame: pd.DataFrame, data: bytes) -> None:
    """Compare what was read with what another reader finds in the same bytes."""
    if data.startswith(b"PAR1"):
        found = pq.read_table(io.BytesIO(data))
        assert frame.shape == found.shape
        for name, column in zip(frame.columns, found.columns, strict=True):
            if pa.types.is_string(column.type):
                assert frame[name].fillna("").tolist() == [value or "" for value in column.to_pylist()]
        return
    rows = {sign: _rows(data, sign) for sign in ",;\t"}
    _, *body = next(found for found in rows.values() if found and found[0] == list(frame.columns))
    assert frame.fillna("").to_numpy().tolist() == body if body else frame.empty


def _rows(data: bytes, sign: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=sign) if row]


def _widget(data: bytes) -> str:
    widget = bring.bring_your_own()
    widget.upload.value = ({"name": "list.csv", "type": "", "size": len(data), "content": memoryview(data), "last_modified": datetime.datetime.now(datetime.UTC)},)  # fmt: skip
    widget.check()
    said = widget._said.value + "".join(getattr(part, "value", "") for part in widget._result.children)
    assert not any(mark in said for mark in ("<script", "<img", "<svg", "<style")), said[:300]
    return common.ACCEPTED if widget.projects is not None else common.REFUSED
