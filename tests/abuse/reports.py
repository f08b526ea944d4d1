"""Reports as PDF: the appendix as printed, or one named error; also a folder of documents, and the draft of a new report."""

import random
import re
import shutil
import zlib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from abuse import common
from ascn_analysis import appendix, cli, documents, loaders

NAME, INPUTS = "reports as PDF (appendix, documents, `ascn new-report`)", 600
PLACES = (60, 92, 185, 285, 470)
HEAD = ("No.", "Country", "City", "Project", "Focus Area")
ROWS = [
    ("1", "Indonesia", "Banyuwangi", "Smart Kampung", "Civic & Social"),
    ("2", "", "Makassar", "Home Care", "Health & Well-Being"),
    ("3", "Viet Nam", "Ha Noi", "Night Bus", "Built Infrastructure"),
]
FILE = "note.pdf"
BOMBS: dict[str, bytes] = {}


def prepare(folder: Path) -> None:
    (folder / "data").mkdir()
    shutil.copytree(loaders.DATA, folder / "data", dirs_exist_ok=True)
    sources = folder / "data" / "sources.csv"
    lines = sources.read_text(encoding="utf-8").splitlines(keepends=True)
    files = [row for row in loaders.load_sources().itertuples() if isinstance(row.file, str)]
    kept = next(row for row in files if row.source_id.startswith("me-"))
    sources.write_text(
        "".join(
            [lines[0], *(line.replace(kept.file, FILE) for line in lines if line.startswith(f"{kept.source_id},"))]
        ),
        encoding="utf-8",
    )
    (folder / "out").mkdir()
    zeros = zlib.compress(b" " * 400_000_000, 9)
    BOMBS.update(
        {"once": zeros, "twice": zlib.compress(zeros, 9), "text": zlib.compress(b"BT (a) Tj ET " * 8_000_000, 9)}
    )
    (folder / FILE).write_bytes(pdf([drawn(ROWS)]))
    assert len(appendix.read_appendix(folder / FILE)) == 3
    documents.check(folder, folder / "data")
    (folder / FILE).unlink()


def escaped(text: str) -> str:
    return re.sub(r"([()\\])", r"\\\1", text)


def drawn(rows: list[tuple[str, ...]], font: str = "/F 9 Tf") -> bytes:
    lines = [HEAD, *rows]
    shown = [
        (x, 740 - 24 * i, cell) for i, row in enumerate(lines) for x, cell in zip(PLACES, row, strict=True) if cell
    ]
    return "".join(f"BT {font} {x} {y} Td ({escaped(text)}) Tj ET\n" for x, y, text in shown).encode(
        "cp1252", "replace"
    )


def pdf(
    contents: list[bytes],
    *,
    packed: str = "",
    page: str = "",
    tree: str = "",
    more: tuple[bytes, ...] = (),
    trailer: str = "",
) -> bytes:
    """Write a small PDF; the keywords put hostile things in its places."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        (tree or f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}/MediaBox[0 0 600 800]>>").encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for i, content in enumerate(contents):
        objects += [
            f"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents {5 + 2 * i} 0 R{page}>>".encode(),
            f"<</Length {len(content)}{packed}>>\nstream\n".encode() + content + b"\nendstream",
        ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (i, each) for i, each in enumerate([*objects, *more], start=1))
    return b"%PDF-1.4\n" + body + f"trailer\n<</Root 1 0 R{trailer}>>\n%%EOF\n".encode()


def bomb(rng: random.Random) -> bytes:
    name = rng.choice(list(BOMBS))
    filters = {
        "once": "/Filter/FlateDecode",
        "twice": "/Filter[/FlateDecode/FlateDecode]",
        "text": "/Filter /FlateDecode",
    }
    return pdf([BOMBS[name]] * rng.randint(1, 3), packed=filters[name])


def hostile_cells(rng: random.Random) -> bytes:
    words = [word.replace("\0", "") for word in (*common.FORMULAS, *common.MARKUP, *common.NUMBERS, *common.DATES)]
    rows = [(n, *(rng.choice([cell, rng.choice(words)]) for cell in cells)) for n, *cells in ROWS]
    return pdf([drawn(rows)])


def long_cells(rng: random.Random) -> bytes:
    n = rng.choice([1_000, 100_000, 1_000_000])
    return pdf([drawn([(*ROWS[0][:3], rng.choice("x<= ") * n, ROWS[0][4]), *ROWS[1:]])])


def row_numbers(rng: random.Random) -> bytes:
    rows = [(rng.choice(["1", "2", "3", "0", "-1", "999", "1.", "\u00b2", "x", ""]), *cells) for _, *cells in ROWS]
    return pdf([drawn(rows[: rng.randint(0, 3)])] * rng.randint(1, 3))


def places(rng: random.Random) -> bytes:
    odd = ["0 0", "-1 -1", "1e9 1e9", "nan nan", "99999999999999999999 0", "x y", "", "1e-300 7", "60 740"]
    text = drawn(ROWS).decode("cp1252")
    return pdf(
        [re.sub(r"\d+ \d+ Td", lambda found: f"{rng.choice([found[0][:-3], rng.choice(odd)])} Td", text).encode()]
    )


def fonts(rng: random.Random) -> bytes:
    return pdf(
        [drawn(ROWS, rng.choice(["/F 0 Tf", "/F 1e30 Tf", "/G 9 Tf", "/F -9 Tf", "9 Tf", "/F /F Tf", "/F 1e-30 Tf"]))]
    )


def boxes(rng: random.Random) -> bytes:
    box = rng.choice(
        [
            "[0 0 0 0]",
            "[0 0 1e30 1e30]",
            "[]",
            "[1 2]",
            "null",
            "[/a /b /c /d]",
            "[600 800 0 0]",
            "[nan nan nan nan]",
            "2 0 R",
        ]
    )
    return pdf(
        [drawn(ROWS)],
        page=f"/MediaBox{box}" + rng.choice(["", "/Rotate 90", "/Rotate 7", "/Rotate/x", "/UserUnit 1e9"]),
    )


def trees(rng: random.Random) -> bytes:
    tree = rng.choice(
        ["<</Type/Pages/Kids[2 0 R]/Count 1>>", "<</Type/Pages/Kids[4 0 R 2 0 R 4 0 R]/Count 999999999>>", "<</Type/Pages/Count -1>>",
         f"<</Type/Pages/Kids[{'4 0 R ' * 3000}]/Count 3000/MediaBox[0 0 600 800]>>", "<</Kids 2 0 R>>", "[" * 50_000, "<<" * 5_000,
         "null", "2 0 R", "<</Type/Pages/Kids[99 0 R 1 0 R]/Count 2>>", "(" * 100_000, "<</Type/Pages/Kids[4 0 R]/Parent 2 0 R/Count 1>>"]
    )  # fmt: skip
    return pdf([drawn(ROWS)], tree=tree)


def ends(rng: random.Random) -> bytes:
    trailer = rng.choice(
        ["/Prev 0", "/Prev 99999999999", "/Prev 9/XRefStm 9", "/Encrypt<</Filter/Standard/V 5/R 6>>", "/Encrypt 3 0 R", "/Size -1",
         "/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -1>>/ID[(x)(x)]", "/Root 2 0 R", "/Root null", "/Info 2 0 R", "/Info<</Title(\\000)>>"]
    )  # fmt: skip
    return pdf([drawn(ROWS)], trailer=trailer) + (b"startxref\n0\n%%EOF\n" if rng.random() < 0.5 else b"")


def operators(rng: random.Random) -> bytes:
    odd = [
        b"q " * 20_000,
        b"Q " * 5_000,
        b"BT " * 3_000,
        b"/X Do\n",
        b"[" * 20_000,
        b"(" * 50_000,
        b"<" * 9,
        b"1 0 0 1 0 0 cm " * 9_000,
        b"BI ID x",
        b"\0" * 99,
        b"BDC " * 99,
    ]
    return pdf([rng.choice(odd) + drawn(ROWS), drawn(ROWS) + rng.choice(odd)][: rng.randint(1, 2)])


def filters(rng: random.Random) -> bytes:
    names = ["/Filter/LZWDecode", "/Filter/ASCIIHexDecode", "/Filter/Nothing", "/Filter[]", "/Filter 2 0 R", "/Filter/CCITTFaxDecode", "/Filter/RunLengthDecode",
             "/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 99999999>>", "/Filter/JBIG2Decode", "/Filter[/ASCII85Decode/FlateDecode]", "/Filter/FlateDecode"]  # fmt: skip
    return pdf([rng.choice([drawn(ROWS), zlib.compress(drawn(ROWS)), rng.randbytes(300)])], packed=rng.choice(names))


MADE: dict[str, Callable[[random.Random], bytes]] = {
    "pages that unpack to far more": bomb, "formulas, HTML, numbers in cells": hostile_cells, "cells of 1e6 characters": long_cells,
    "row numbers": row_numbers, "places of words": places, "fonts": fonts, "boxes": boxes, "page trees": trees, "ends": ends,
    "operators": operators, "filters": filters,
}  # fmt: skip
KINDS = (*MADE, *(f"bytes {kind.__name__}" for kind in common.BYTES), "no regular file")


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    path = folder / FILE
    if kind == "no regular file":
        common.instead(path, rng)
    elif kind in MADE:
        path.write_bytes(MADE[kind](rng))
    else:
        path.write_bytes(next(each for each in common.BYTES if kind.endswith(each.__name__))(pdf([drawn(ROWS)]), rng))
    try:
        return rng.choice([_appendix, _appendix, _documents, _draft])(folder)
    finally:
        common.remove(path)


def _appendix(folder: Path) -> str:
    return common.outcome(lambda: _rows(folder / FILE))


def _rows(path: Path) -> None:
    frame = appendix.read_appendix(path)
    assert len(frame) and frame["row_no"].tolist() == list(range(1, len(frame) + 1))


def _documents(folder: Path) -> str:
    return common.outcome(lambda: documents.check(folder, folder / "data"))


def _draft(folder: Path) -> str:
    """Run the command; a draft that is written is removed again, and nothing else may stay."""
    said, errors = StringIO(), StringIO()
    output = folder / "out" / "draft"
    with redirect_stdout(said), redirect_stderr(errors):
        status = cli.main(["new-report", "2026", "--pdf", str(folder / FILE), "--output", str(output)])
    if status == 0:
        assert (output / "project_reports.csv").is_file()
        shutil.rmtree(output)
        return common.ACCEPTED
    assert status == 1 and not output.exists()
    return common.one_line(errors.getvalue().splitlines()[-1])
