"""The stored notebooks: their form, and that running them again gives the same bytes."""

import json

import nbformat
import pytest

from ascn_analysis import notebooks
from ascn_analysis.errors import NotebookError

PATHS = notebooks.paths()
IDS = [path.stem for path in PATHS]
each = pytest.mark.parametrize("path", PATHS, ids=IDS)


def cells(path, kind):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def test_the_four_stories_are_there():
    assert IDS[:4] == ["00_start_here", "01_member_cities", "02_project_growth", "03_focus_areas"]


# Nbval runs all of them again and compares each output; to the byte, as they are stored, a few: stories with a filter, with
# tables and with explorers. `make check-all` and `make reproduce` do so with all.
ALWAYS = ("02", "06", "08")


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[] if path.stem[:2] in ALWAYS else [pytest.mark.full], id=path.stem) for path in PATHS],
)
def test_running_again_gives_the_same_bytes(path):
    assert notebooks.to_text(notebooks.execute(path)) == path.read_text(encoding="utf-8")


@each
def test_every_code_cell_shows_something(path):
    assert all(cell["outputs"] for cell in cells(path, "code"))


@each
def test_code_cells_are_short(path):
    assert max(len(source(cell).splitlines()) for cell in cells(path, "code")) <= 7


@each
def test_there_is_a_section_uncertainty(path):
    assert any(source(cell).startswith("## Uncertainty") for cell in cells(path, "markdown"))


@pytest.mark.parametrize("path", PATHS[:4], ids=IDS[:4])
def test_there_is_an_explorer_with_a_static_twin(path):
    last = [cell for cell in cells(path, "code") if "Explorer(" in source(cell)][-1]
    assert {"application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"} <= set(last["outputs"][0]["data"])


@each
def test_nothing_that_depends_on_the_run_is_stored(path):
    text = path.read_text(encoding="utf-8")
    assert not any(
        word in text for word in ("widget-view", "widget-state", '"version": "3.', 'execution": {', "object at 0x")
    )


@each
def test_a_notebook_with_its_outputs_is_at_most_a_megabyte(path):
    assert path.stat().st_size <= 1_000_000


@each
def test_prose_in_source_holds_no_figure_of_the_record(path):
    prose = " ".join(source(cell) for cell in cells(path, "markdown"))
    totals = {"77", "86", "108", "134", "141", "405"}
    assert not totals & set(prose.replace(",", " ").replace(".", " ").split())


def test_a_failing_cell_is_named(tmp_path):
    broken = json.loads(PATHS[0].read_text(encoding="utf-8"))
    broken["cells"] = [cell for cell in broken["cells"] if cell["cell_type"] == "code"][:1]
    broken["cells"][0]["source"] = "zero = 0\n1 / zero"
    path = tmp_path / "00_broken.ipynb"
    path.write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(NotebookError, match=r"00_broken\.ipynb, cell 1 \(id 00-03\), line 2: ZeroDivisionError"):
        notebooks.store(path)
    assert "1 / zero" in path.read_text(encoding="utf-8")


def test_the_picture_of_the_readme_is_current():
    assert notebooks.picture() == notebooks.PICTURE.read_text(encoding="utf-8")


# Notebooks of others


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "null", '{"cells": 1}', "[" * 100_000, '{"nbformat": 99, "cells": []}', '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}'],
)  # fmt: skip
def test_what_is_no_notebook_is_an_error_that_names_the_file(tmp_path, text):
    (tmp_path / "01_other.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(NotebookError, match=r"^01_other\.ipynb: is no notebook"):
        notebooks.read(tmp_path / "01_other.ipynb")


def test_a_cell_of_a_million_characters_is_refused(tmp_path):
    cells = [nbformat.v4.new_markdown_cell("x" * 1_000_000)]
    (tmp_path / "01_long.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    with pytest.raises(NotebookError, match="a cell of more than 100,000 characters"):
        notebooks.read(tmp_path / "01_long.ipynb")


def test_a_kernel_that_does_not_answer_is_an_error_that_names_the_notebook(monkeypatch):
    async def silent(*_, **__):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr("nbclient.NotebookClient.async_execute", silent)
    with pytest.raises(NotebookError, match=rf"{IDS[0]}\.ipynb, no single cell: RuntimeError: Kernel didn't respond"):
        notebooks.execute(PATHS[0])
