"""Forked kernels: as fresh as ordinary ones, and gone when their notebook is done."""

import os

import nbformat
import pytest

from ascn_analysis import loaders, notebooks
from ascn_analysis.errors import NotebookError
from ascn_analysis.site import run, warm

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")

TABLE = "import ascn_analysis as ascn\nascn.load_cities()"


def notebook(folder, name, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"c-{i}") for i, source in enumerate(sources, start=1)]
    path = folder / f"{name}.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    return path


ASKED = {
    "names": "sorted(name for name in dir() if name in ('secret', 'pandas', 'ascn_analysis', 'ascn'))",
    "tables": "from ascn_analysis import loaders\nloaders._read_once.cache_info().currsize",
    "folder": "import os\nos.getcwd()",
    "process": "os.getpid()",
    "frame": TABLE,
    "secret": "secret = 1\nsecret",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Ask the same of two notebooks that run side by side in forked kernels; the answers of each, and their folder."""
    folder = tmp_path_factory.mktemp("warm")
    paths = [notebook(folder, name, *ASKED.values()) for name in ("01_one", "02_other")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASCN_CACHE", str(folder / "cache"))
        made = run.executed({path: run.stored(path, loaders.DATA) for path in paths}, lambda _: None)
    texts = [[cell.outputs[-1].data["text/plain"] for cell in made[path].cells] for path in paths]
    return [dict(zip(ASKED, each, strict=True)) for each in texts], folder


def test_no_name_is_known_before_it_is_imported_or_set(answers):
    assert [said["names"] for said in answers[0]] == ["[]", "[]"]


def test_no_table_is_read_before_the_first_cell(answers):
    assert [said["tables"] for said in answers[0]] == ["0", "0"]


def test_a_kernel_works_in_the_folder_of_its_notebook(answers):
    told, folder = answers
    assert [said["folder"] for said in told] == [repr(str(folder))] * 2


def test_each_notebook_has_a_kernel_of_its_own(answers):
    assert len({said["process"] for said in answers[0]}) == 2


def test_no_kernel_is_left(answers):
    for said in answers[0]:
        with pytest.raises(ProcessLookupError):
            os.kill(int(said["process"]), 0)


def test_a_frame_is_printed_as_an_ordinary_kernel_prints_it(answers, tmp_path):
    alone = notebooks.execute(notebook(tmp_path, "09_alone", TABLE))
    assert answers[0][0]["frame"] == alone.cells[-1].outputs[-1].data["text/plain"]


def test_a_kernel_that_dies_is_an_error_that_names_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("ASCN_CACHE", str(tmp_path / "cache"))
    paths = [notebook(tmp_path, "01_dies", "import os\nos._exit(1)"), notebook(tmp_path, "02_small", "1")]
    with pytest.raises(NotebookError, match=r"01_dies\.ipynb"):
        run.executed({path: run.stored(path, loaders.DATA) for path in paths}, lambda _: None)


def test_a_nursery_that_ended_says_that_no_kernel_could_be_started(tmp_path):
    with warm.Nursery() as nursery:
        nursery._process.kill()
        nursery._process.wait()
        with pytest.raises(NotebookError, match="no kernel could be started"):
            nursery.fork(["python", "-m", "ipykernel_launcher"], {"cwd": tmp_path, "env": {}})
