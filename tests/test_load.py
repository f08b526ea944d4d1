"""The benchmark of load counts what it says; how much is served is never tested."""

import time

import load
import nbformat
import pytest


@pytest.fixture(scope="module")
def programs(needs):
    """nginx and wrk."""
    return needs("nginx", "/usr/sbin/nginx"), needs("wrk")


@pytest.fixture
def folder(tmp_path):
    """A site of one page with a style, a picture and a typeface."""
    (tmp_path / "notebooks").mkdir()
    page = '<link rel="stylesheet" href="../own.css"><script defer src="../own.js"></script><img src=../own.svg>'
    (tmp_path / "notebooks" / f"{load.NOTEBOOK}.html").write_text(page, encoding="utf-8")
    (tmp_path / "own.css").write_text('@font-face { src: url("own.ttf"); }', encoding="utf-8")
    for name in ("own.js", "own.svg", "own.ttf"):
        (tmp_path / name).write_text("own " * 100, encoding="utf-8")
    return tmp_path


def notebook(path, *cells):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    return path


def test_the_files_of_a_page_are_those_of_the_same_server_and_each_once():
    text = """<link href="a.css"><script src='/b.js'></script><img alt="" src=c.png><img src="c.png"><a href="d.html">
              <script src="https://elsewhere.example/e.js"></script><link href="data:;base64,=">"""
    found = load.files_of("http://127.0.0.1:80/x/", text)
    assert found == [f"http://127.0.0.1:80{path}" for path in ("/x/a.css", "/b.js", "/x/c.png")]


def test_where_nginx_is_missing_there_are_no_lines_and_the_reason_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(load, "PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load.all_measures(tmp_path) == []
    assert "nginx is not installed" in capsys.readouterr().out


def test_a_reader_asks_for_the_page_its_files_and_the_typefaces(programs, folder):
    with load.nginx(folder) as (address, _):
        asked = load.page_and_files(f"{address}/notebooks/{load.NOTEBOOK}.html")
        names = [own.rsplit("/", 1)[1] for own in asked]
    assert names == [f"{load.NOTEBOOK}.html", "own.css", "own.js", "own.svg", "own.ttf"]


def test_readers_are_a_fifth_of_the_requests_for_five_files_and_nothing_fails(programs, folder):
    counted = load.static_load(folder, connections=20, seconds=1)
    assert counted["errors"] == 0
    assert counted["readers_s"] == pytest.approx(counted["requests_s"] / 5)
    assert counted["each"] > 0


def test_an_answer_that_is_no_file_counts_as_an_error(programs, folder):
    with load.nginx(folder) as (address, _):
        counted = load.press(address, ["/own.js", "/nothing.js"], lambda: 0.0, connections=4, seconds=1)
    assert 0 < counted["errors"] < counted["requests"]


def test_nothing_is_left_running(programs, folder):
    with load.nginx(folder) as (_, server):
        for _ in range(100):  # nginx answers at its port a moment before it has workers
            if workers := server.children():
                break
            time.sleep(0.05)
        assert workers
    assert not server.is_running()
    assert not [worker for worker in workers if worker.is_running()]


def test_a_reader_under_voila_is_served_and_weighs_a_server_and_a_kernel(library, tmp_path):
    library("voila")
    counted = load.voila_load(notebook(tmp_path / "own.ipynb", "1 + 1"), readers=1)
    assert counted["readers_s"] > 0
    assert counted["each"] > 20


def test_a_notebook_that_fails_under_voila_is_not_counted(library, tmp_path):
    library("voila")
    with pytest.raises(RuntimeError, match="without the outputs"):
        load.voila_load(notebook(tmp_path / "own.ipynb", "'shown'", "1 / 0"), readers=1)


def test_the_ratios_are_thousandths_of_the_other():
    ours, theirs = {"readers_s": 2000.0, "each": 0.02}, {"readers_s": 0.5, "each": 400.0}
    speed, memory = load.voila_lines(ours, theirs)[-2:]
    assert (speed["value"], memory["value"]) == (0.25, 0.05)


def test_a_single_error_breaks_the_budget():
    counted = {"requests_s": 6.0, "errors": 1, "p99_ms": 1.0, "readers_s": 2.0, "each": 0.5}
    assert [line["name"].split(": ")[1] for line in load.site_lines(counted) if not line["holds"]] == ["errors"]
