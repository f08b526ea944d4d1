"""Printed texts on the pages that rows cite, in small PDFs written here; the official ones are asked in test_cli."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from ascn_analysis import cli, documents, loaders
from ascn_analysis.errors import SourceError

FILE = "ascn-concept-note.pdf"
ADDRESS = "https://asean.org/wp-content/uploads/2019/02/ASCN-Concept-Note.pdf"
CITED = {
    1: "up to three cities from each AMS, including capitals",
    4: "up to three cities (including its",
    6: "in all ten AMS",
}


def write_pdf(path: Path, pages: Sequence[str]) -> bytes:
    """Write a PDF with one line of text a page, and return its bytes."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 595 842] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for text in pages:
        escaped = text.replace("(", r"\(").replace(")", r"\)")
        content = f"BT /F1 12 Tf 40 700 Td ({escaped}) Tj ET"
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {len(objects) + 2} 0 R >>")
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    body = "".join(f"{number} 0 obj\n{text}\nendobj\n" for number, text in enumerate(objects, start=1))
    data = f"%PDF-1.4\n{body}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n%%EOF\n".encode()
    path.write_bytes(data)
    return data


def only_source(data: Path, sha256: str = "0" * 64) -> None:
    """Leave the concept note as the one document of a copy of the record, with another hash."""
    path = data / "sources.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    cells = next(line for line in lines if f",{FILE}," in line).split(f",{FILE},")
    path.write_text(f"{header}\n{cells[0]},{FILE},{sha256}{cells[1][64:]}\n", encoding="utf-8")


def pages(**changed: str) -> Sequence[str]:
    """The pages of a concept note that holds what the record cites, some of them changed (``p4=...``)."""
    texts = CITED | {int(key[1:]): text for key, text in changed.items()}
    return [texts.get(number, "nothing") for number in range(1, 8)]


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """An empty folder for PDFs."""
    (tmp_path / "pdfs").mkdir()
    return tmp_path / "pdfs"


def absent(folder: Path, data: Path, texts: Sequence[str]) -> Sequence[str]:
    """What is not found in a concept note with these pages."""
    write_pdf(folder / FILE, texts)
    only_source(data)
    (outcome,) = documents.check(folder, data)
    return outcome.absent


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Waste-Wise Cities", "Waste - Wise  Cities for Sustainability"),
        ("Smart Nation", "the SMART\nNation initiative"),
        ("E-Payments", "E\u2010Payments"),
        ("7,400 / km²", "Density: 7,400/km²"),
        ("Civic & Social", "Civic and more\nSocial"),
        ("Bus Rapid Transit", "Bus Clean\nRapid Water\nTransit Plan"),
        ("Đà Nẵng", "in ĐÀ NẴNG today"),
        ("2.94 %", "2.94%"),
    ],
    ids=["hyphen", "case and line break", "other hyphen", "unit", "ampersand", "mixed columns", "letters", "percent"],
)
def test_a_text_stands_on_a_page_that_holds_its_letters(text, page):
    assert documents.stands(text, page)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("2.94 %", "2.60 %"),
        ("Smart Nation", "Smart City"),
        ("Bus Rapid Transit", "Bus Transit"),
        ("Đà Nẵng", "Da Nang"),
        ("projects", ""),
    ],
    ids=["digits", "word", "missing word", "accents", "empty page"],
)
def test_a_text_does_not_stand_on_a_page_that_lacks_one_of_its_words(text, page):
    assert not documents.stands(text, page)


def test_a_missing_pdf_is_named_with_its_address(note, data_copy):
    only_source(data_copy)
    with pytest.raises(SourceError) as caught:
        documents.check(note, data_copy)
    assert f"missing {FILE} (from {ADDRESS})" in str(caught.value)


def test_all_missing_pdfs_are_named_at_once(note):
    with pytest.raises(SourceError) as caught:
        documents.check(note)
    files = loaders.load_sources()["file"].dropna()
    assert [file for file in files if file not in str(caught.value)] == []


@pytest.mark.parametrize("content", [b"", b"no PDF", b"%PDF-1.4\n", b"%PDF-1.4\n1 0 obj\n<<"])
def test_a_file_that_is_no_pdf_is_named(note, data_copy, content):
    (note / FILE).write_bytes(content)
    only_source(data_copy)
    with pytest.raises(SourceError, match=rf"{FILE}: not readable as PDF"):
        documents.check(note, data_copy)


def test_a_document_that_holds_every_cited_text_lacks_none(note, data_copy):
    assert absent(note, data_copy, pages()) == ()


def test_as_many_texts_are_looked_up_as_rows_cite_the_document_by_text(note, data_copy):
    write_pdf(note / FILE, pages())
    only_source(data_copy)
    (outcome,) = documents.check(note, data_copy)
    stated = loaders.load_stated_figures().dropna(subset="printed")
    assert outcome.rows == ((stated["source_id"] == "concept-note-2018") & (stated["read_from"] == "text")).sum()


@pytest.mark.parametrize("page", CITED)
def test_an_absent_text_is_named_by_table_row_column_and_page(note, data_copy, page):
    (line,) = absent(note, data_copy, pages(**{f"p{page}": "another text"}))
    stated = loaders.read_table("stated_figures")
    row = stated.index[(stated["source_id"] == "concept-note-2018") & (stated["printed"] == CITED[page])].item()
    assert line == f"stated_figures.csv row {row}, printed, page {page}: {CITED[page]!r}"


@pytest.mark.parametrize(("text", "status"), [(CITED[6], 0), ("another text", 1)])
def test_the_audit_fails_if_a_text_is_absent_from_its_page(note, data_copy, text, status):
    write_pdf(note / FILE, pages(p6=text))
    only_source(data_copy)
    assert cli.main(["audit", "--data", str(data_copy), "--sources", str(note)]) == status


def test_a_text_that_stands_on_another_page_only_is_absent(note, data_copy):
    moved = pages(p6="another text", p7=CITED[6])
    assert [line.split(": ")[0].split(", ")[-1] for line in absent(note, data_copy, moved)] == ["page 6"]


def test_a_page_beyond_the_end_of_the_document_makes_its_text_absent(note, data_copy):
    assert len(absent(note, data_copy, pages()[:5])) == 1


@pytest.mark.parametrize(("more", "copy"), [(b"", "same copy"), (b"\n", "another copy")])
def test_the_hash_tells_the_copy_that_was_read_from_another(note, data_copy, more, copy):
    data = write_pdf(note / FILE, pages())
    only_source(data_copy, hashlib.sha256(data).hexdigest())
    (note / FILE).write_bytes(data + more)
    (outcome,) = documents.check(note, data_copy)
    assert (outcome.copy, outcome.absent) == (copy, ())


def test_a_line_of_progress_names_each_document(note, data_copy):
    write_pdf(note / FILE, pages())
    only_source(data_copy)
    said = []
    documents.check(note, data_copy, say=said.append)
    assert said == [f"[1/1] {FILE}"]


def test_rows_that_only_a_picture_supports_are_counted_by_table():
    assert {name: len(lines) for name, lines in documents.from_pictures().items()} == {
        "exhibit_status": 328,
        "exhibit_sub_areas": 217,
        "exhibit_country_status": 87,
        "exhibit_rings": 157,
        "stated_figures": 33,
    }


def test_rows_that_only_a_picture_supports_are_named_by_their_lines_of_the_file(data_copy):
    path = data_copy / "stated_figures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "\n\n", 1), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    found = documents.from_pictures(data_copy)["stated_figures"]
    assert found == [number for number, line in enumerate(lines, start=1) if ",picture," in line]


@pytest.mark.parametrize(
    ("lines", "spelt"), [([], ""), ([7], "7"), ([2, 3], "2-3"), ([2, 3, 4, 9], "2-4, 9"), ([2, 4, 6, 7], "2, 4, 6-7")]
)
def test_line_numbers_are_spelt_as_ranges(lines, spelt):
    assert documents.spell_lines(lines) == spelt


def test_a_figure_read_from_a_picture_is_counted_and_not_looked_up(note, data_copy):
    before = documents.from_pictures(data_copy)["stated_figures"]
    path = data_copy / "stated_figures.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("concept-note-2018,6,text", "concept-note-2018,6,picture"), encoding="utf-8")
    assert len(documents.from_pictures(data_copy)["stated_figures"]) == len(before) + 1
    assert absent(note, data_copy, pages(p6="another text")) == ()
