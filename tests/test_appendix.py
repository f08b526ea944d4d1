"""Reading an appendix: small hand-made PDFs, and the official reports where they are present."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from ascn_analysis import loaders
from ascn_analysis.appendix import read_appendix
from ascn_analysis.errors import SourceError

PLACES = (70, 110, 190, 280, 430)
HEADER = ("No.", "Country", "City", "Project", "Focus Area")
Row = tuple[str, ...]


def write_pdf(path: Path, pages: Sequence[Sequence[Row]]) -> Path:
    """Write a PDF: a row of one text stands alone on its line, a row of five in the columns of an appendix."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}/MediaBox[0 0 600 800]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, rows in enumerate(pages):
        drawn = "".join(
            f"BT /F 9 Tf {x} {700 - 40 * line} Td ({text}) Tj ET\n"
            for line, row in enumerate(rows)
            for x, text in zip(PLACES, row, strict=False)
        )
        page = f"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents {5 + 2 * number} 0 R>>"
        objects += [page, f"<</Length {len(drawn)}>>\nstream\n{drawn}endstream"]
    body = "".join(f"{i} 0 obj\n{content}\nendobj\n" for i, content in enumerate(objects, start=1))
    path.write_text(f"%PDF-1.4\n{body}trailer\n<</Root 1 0 R>>\n%%EOF\n", encoding="ascii")
    return path


def row(number: int | str, country: str = "", city: str = "Ha Noi", project: str = "Smart Bus") -> Row:
    return (str(number), country, city, project, "Built Infrastructure")


def test_a_row_is_read_into_its_columns(tmp_path):
    pdf = write_pdf(tmp_path / "a.pdf", [[("An introduction",)], [HEADER, row(1, "Viet Nam"), row(2)]])
    assert read_appendix(pdf).iloc[0].to_dict() == {
        "list": "all",
        "row_no": 1,
        "country_printed": "Viet Nam",
        "city_printed": "Ha Noi",
        "project_printed": "Smart Bus",
        "focus_area_printed": "Built Infrastructure",
        "page": 2,
    }


def test_the_country_is_carried_down_also_over_a_page_break(tmp_path):
    pages = [[HEADER, row(1, "Viet Nam"), row(2)], [HEADER, row(3), row(4, "Thailand"), row(5)]]
    countries = read_appendix(write_pdf(tmp_path / "a.pdf", pages))["country_printed"].tolist()
    assert countries == ["Viet Nam"] * 3 + ["Thailand"] * 2


def test_pages_are_counted_in_the_file(tmp_path):
    pages = [[HEADER, row(1, "Viet Nam"), row(2)], [("A picture",)], [HEADER, row(3), row(4)]]
    assert read_appendix(write_pdf(tmp_path / "a.pdf", pages))["page"].tolist() == [1, 1, 3, 3]


def test_lists_are_told_apart_by_their_headings_and_go_on_over_pages(tmp_path):
    pages = [
        [("A. List of ongoing projects",), HEADER, row(1, "Viet Nam"), row(2)],
        [HEADER, row(3), row(4)],
        [("B. List of completed projects",), HEADER, row(1, "Viet Nam"), row(2)],
    ]
    lists = read_appendix(write_pdf(tmp_path / "a.pdf", pages))["list"].tolist()
    assert lists == ["ongoing_or_planning"] * 4 + ["completed"] * 2


def test_a_line_belongs_to_the_number_nearest_to_it(tmp_path):
    lines = [row(1, "Viet Nam", project="Smart"), ("", "", "", "Bus"), ("", "", "", "Green"), row(2, project="Port")]
    titles = read_appendix(write_pdf(tmp_path / "a.pdf", [[HEADER, *lines]]))["project_printed"].tolist()
    assert titles == ["Smart Bus", "Green Port"]


def test_a_number_with_a_full_stop_is_the_same_number(tmp_path):
    pages = [[HEADER, row("1.", "Viet Nam"), row("2.")]]
    assert read_appendix(write_pdf(tmp_path / "a.pdf", pages))["row_no"].tolist() == [1, 2]


def test_the_printed_page_number_at_the_foot_is_no_row(tmp_path):
    pages = [[HEADER, row(1, "Viet Nam"), row(2), *[()] * 14, ("22",)]]
    assert read_appendix(write_pdf(tmp_path / "a.pdf", pages))["row_no"].tolist() == [1, 2]


def test_a_report_without_an_appendix_says_what_was_looked_for(tmp_path):
    pdf = write_pdf(tmp_path / "a.pdf", [[("No appendix here",)]])
    with pytest.raises(SourceError, match=r"a\.pdf: no appendix table found .*'No\. Country City Project Focus Area'"):
        read_appendix(pdf)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((1, 2, 4), "row number 4 where 3 was expected"),
        ((2, 3, 4), "row number 2 where 1 was expected"),
        ((1, 1, 2), "row number 1 where 2 was expected"),
    ],
)
def test_a_gap_in_the_row_numbers_is_named(tmp_path, numbers, message):
    pdf = write_pdf(tmp_path / "a.pdf", [[HEADER, *(row(number, "Viet Nam") for number in numbers)]])
    with pytest.raises(SourceError, match=f"list all: {message}"):
        read_appendix(pdf)


@pytest.mark.parametrize("content", [None, b"", b"%PDF-1.4 cut off"], ids=["missing", "empty", "cut off"])
def test_a_pdf_that_cannot_be_read_is_a_source_error(tmp_path, content):
    if content is not None:
        (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(SourceError):
        read_appendix(tmp_path / "a.pdf")


# The official reports


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_a_report_gives_the_committed_reading_by_the_program_to_the_letter(pdfs, year):
    committed = loaders.read_strings(loaders.DATA / "coding" / "project_reports_by_program.csv")
    committed = committed[committed["report_year"] == str(year)].drop(columns="report_year").reset_index(drop=True)
    pd.testing.assert_frame_equal(read_appendix(pdfs[f"me-{year}"]).astype("str"), committed)
