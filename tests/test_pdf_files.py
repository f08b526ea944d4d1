"""PDF files before they are read: what is no report is refused before it takes time or memory."""

import zlib

import pytest

from ascn_analysis import appendix, pdf_files
from ascn_analysis.errors import SourceError


def pdf(content: bytes, packed: str = "", pages: int = 1) -> bytes:
    kids = " ".join(["4 0 R"] * pages)
    tree = f"<</Type/Pages/Kids[{kids}]/Count {pages}/MediaBox[0 0 600 800]>>"
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    page = "<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents 5 0 R>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", tree.encode(), font.encode(), page.encode()]
    objects.append(f"<</Length {len(content)}{packed}>>\nstream\n".encode() + content + b"\nendstream")
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (i, each) for i, each in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + body + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


WORDS = b"BT /F 9 Tf 60 700 Td (Words) Tj ET"
BOMB = zlib.compress(b" " * 50_000_000, 9)
REFUSED = {
    "no PDF": (b"PK\x03\x04", "it is no PDF"),
    "a stream that unpacks to far more": (pdf(BOMB, "/Filter/FlateDecode"), "unpacks to far more"),
    "a stream packed twice": (pdf(zlib.compress(BOMB), "/Filter[/FlateDecode/FlateDecode]"), "unpacks to far more"),
    "a long stream": (pdf(WORDS + b" " * 2_000_000), "holds or unpacks to far more"),
    "very many pages": (pdf(WORDS, pages=500), "500 pages; expected a report of at most 300"),
    "a very long cell": (
        pdf(WORDS.replace(b"Words", b"x" * 50_000)),
        "far more|page 1 has",
    ),
    "blanks without end": (pdf(WORDS.replace(b"Words", b" " * 100_000)), "holds or unpacks to far more"),
    "rows without end": (pdf(WORDS, "/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 99999999>>"), "far more"),
    "no pages": (b"%PDF-1.4\n", "not readable as PDF"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_report_is_refused_by_name(tmp_path, name):
    content, said = REFUSED[name]
    (tmp_path / "report.pdf").write_bytes(content)
    with pytest.raises(SourceError, match=said):
        appendix.read_appendix(tmp_path / "report.pdf")


@pytest.mark.parametrize("packed", [False, True])
def test_a_small_pdf_is_read_whole(tmp_path, packed):
    content = pdf(zlib.compress(WORDS), "/Filter/FlateDecode") if packed else pdf(WORDS)
    (tmp_path / "report.pdf").write_bytes(content)
    assert pdf_files.read(tmp_path / "report.pdf") == content


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"report\.pdf: cannot be read \(No such file or directory\)"):
        pdf_files.read(tmp_path / "report.pdf")


def test_every_official_report_is_within_the_limits(pdfs):
    assert all(pdf_files.read(path).startswith(b"%PDF") for path in pdfs.values())
