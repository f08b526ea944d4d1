"""Building the site: whole or not at all, nothing again that has not changed, every page within its rules."""

import gzip
import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from ascn_analysis import loaders, notebooks, safe
from ascn_analysis import vocabulary as v
from ascn_analysis.errors import AscnError, NotebookError
from ascn_analysis.site import build, charts, html, inputs, making, run, story

NASTY = "=1+1 <script>alert(1)</script> \"quoted\" 'single' \u202eright to left\u202c 🏙 *star* [link](javascript:alert(1)) `code` | pipe"


def write_notebook(folder, name, *sources):
    cells = [nbformat.v4.new_markdown_cell(f"# {name}\n\nWhat it tells.", id="c-0")]
    cells += [nbformat.v4.new_code_cell(source, id=f"c-{i}") for i, source in enumerate(sources, start=1)]
    path = folder / f"{name}.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of notebooks, and a cache of its own."""
    monkeypatch.setenv("ASCN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


def pages(site):
    return sorted(site.rglob("*.html"))


# Running


def test_an_unchanged_notebook_is_not_run_again(folder):
    path = write_notebook(folder, "01_small", "1 + 1")
    said = []
    for _ in range(2):
        run.executed({path: run.stored(path, loaders.DATA)}, said.append)
    assert [line.split()[0] for line in said] == ["[####################]", "unchanged"]


def test_a_changed_cell_is_run_again_and_the_old_run_is_dropped(folder):
    path = write_notebook(folder, "01_small", "1 + 1")
    run.executed({path: run.stored(path, loaders.DATA)}, lambda _: None)
    path = write_notebook(folder, "01_small", "1 + 2")
    made = run.executed({path: run.stored(path, loaders.DATA)}, lambda _: None)
    assert made[path].cells[1].outputs[0].data["text/plain"] == "3"
    assert len(list(run.cache_folder().iterdir())) == 1


def test_outputs_in_the_file_do_not_change_the_key(folder):
    path = write_notebook(folder, "01_small", "1 + 1")
    before = run.key(path, notebooks.read(path), loaders.DATA)
    notebooks.store(path)
    assert run.key(path, notebooks.read(path), loaders.DATA) == before


def test_changed_data_change_the_key(folder, data_copy):
    path = write_notebook(folder, "01_small", "1 + 1")
    before = run.key(path, notebooks.read(path), loaders.DATA)
    (data_copy / "countries.csv").write_text("iso3\n", encoding="utf-8")
    assert run.key(path, notebooks.read(path), data_copy) != before


def test_a_failing_cell_is_named_with_its_line(folder):
    path = write_notebook(folder, "01_broken", "zero = 0\n1 / zero")
    with pytest.raises(NotebookError, match=r"01_broken\.ipynb, cell 2 \(id c-1\), line 2: ZeroDivisionError"):
        run.executed({path: run.stored(path, loaders.DATA)}, lambda _: None)


# Whole or not at all


def test_a_failing_cell_leaves_the_old_site_whole(folder, tmp_path):
    site = tmp_path / "_site"
    site.mkdir()
    (site / build.MARK).touch()
    (site / "index.html").write_text("old", encoding="utf-8")
    write_notebook(folder, "01_broken", "1 / 0")
    with pytest.raises(NotebookError):
        build.build(site, folder, say=lambda _: None)
    assert (site / "index.html").read_text(encoding="utf-8") == "old"


def test_an_error_while_pages_are_written_leaves_the_old_site_and_nothing_aside(folder, tmp_path, monkeypatch):
    site = tmp_path / "_site"
    site.mkdir()
    (site / build.MARK).touch()
    write_notebook(folder, "01_small", "1 + 1")

    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(making.home, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        build.build(site, folder, say=lambda _: None)
    assert [path.name for path in site.iterdir()] == [build.MARK]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_site", "cache", "notebooks"]


def test_a_folder_of_someone_else_is_not_replaced(folder, tmp_path):
    write_notebook(folder, "01_small", "1 + 1")
    other = tmp_path / "thesis"
    other.mkdir()
    with pytest.raises(AscnError, match="not a site made by this program"):
        build.build(other, folder, say=lambda _: None)


def test_a_folder_without_notebooks_is_an_error(tmp_path):
    with pytest.raises(AscnError, match="no notebook in"):
        build.build(tmp_path / "_site", tmp_path, say=lambda _: None)


# Text of the record


@pytest.fixture(scope="module")
def hostile():
    """A cell whose outputs hold a hostile title in Markdown, in a table and in a figure."""
    import altair as alt
    import pandas as pd

    from ascn_analysis import figures, tables

    frame = pd.DataFrame({"title": [NASTY], "n": [1]})
    chart = alt.Chart(frame).mark_point().encode(x="n:Q", tooltip="title:N")
    chart = figures.theme.finish(chart, NASTY, [NASTY], NASTY)
    return {"markdown": tables.markdown(frame), "bundle": figures.display.bundle(chart)}


def test_a_hostile_title_is_text_in_a_table(hostile):
    cell = BeautifulSoup(html.from_markdown(hostile["markdown"]), "html.parser").select_one("tbody td")
    assert cell.get_text() == NASTY
    assert not cell.find_all(True)


def test_html_in_markdown_is_shown_not_used():
    soup = BeautifulSoup(html.from_markdown("<script>alert(1)</script> <img src=x onerror=alert(1)>"), "html.parser")
    assert soup.script is None
    assert soup.img is None
    assert "<script>alert(1)</script>" in soup.get_text()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<script>alert(1)</script><p>words</p>", "<p>words</p>"),
        ("<svg onload=alert(1)></svg><td>cell</td>", "<td>cell</td>"),
        ('<p onclick="x()" id="y" title="z">words</p>', '<p title="z">words</p>'),
        ('<a href=" javascript:x()">words</a>', "<a>words</a>"),
        ('<a href="../data.html#panel">words</a>', '<a href="../data.html#panel">words</a>'),
        ("<!-- note --><iframe src=x></iframe>words", "words"),
        ("<style>p {}</style><table><tr><td>1</td></tr></table>", "<table><tr><td>1</td></tr></table>"),
    ],
)
def test_of_the_html_of_an_output_only_words_and_tables_are_kept(text, kept):
    assert html.harmless(text) == kept


def test_a_link_that_would_run_a_script_is_no_address():
    soup = BeautifulSoup(html.from_markdown("[press](javascript:alert(1))"), "html.parser")
    assert not soup.a["href"].startswith("javascript")


def test_a_hostile_title_does_not_leave_the_spec_of_a_figure(hostile):
    chart = charts.from_bundle("01-01", hostile["bundle"])
    text = story.view(chart)["vega_json"]
    assert "<" not in text
    assert any(NASTY in json.dumps(row, ensure_ascii=False).replace('\\"', '"') for row in json.loads(text)["data"])


def test_a_title_that_begins_like_a_formula_is_defused_in_the_csv_of_a_figure(hostile):
    chart = charts.from_bundle("01-01", hostile["bundle"])
    assert charts.to_csv(chart.tables[0]).splitlines()[1].startswith("\"'=1+1")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(text):
    assert safe.defuse(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, 1.5, "Smart Bin", "", None])
def test_numbers_and_plain_text_stay(value):
    assert safe.defuse(value) == value


# The pages


@pytest.fixture(scope="module")
def soups(site):
    """Each page by its path, read once for all tests."""
    return {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in pages(site)}


def test_there_is_a_page_for_every_notebook(site):
    assert {page.stem for page in (site / "notebooks").glob("[0-9]*.html")} == {p.stem for p in notebooks.paths()}


def test_every_page_states_the_policy_before_anything_is_loaded(site):
    for page in pages(site):
        head = page.read_text(encoding="utf-8").split("<link", 1)[0]
        assert (
            'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;self&#39;'
            in head
        ), page


def test_no_page_allows_or_holds_inline_script_or_style(soups):
    for page, soup in soups.items():
        assert "unsafe" not in soup.find("meta", attrs={"http-equiv": True})["content"]
        assert {script.get("type") for script in soup.find_all("script") if not script.get("src")} <= {
            "application/json"
        }
        assert not soup.find_all(style=True), page
        assert not soup.find_all("style"), page
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)], page


def test_nothing_is_loaded_from_elsewhere(soups):
    for page, soup in soups.items():
        loaded = [tag.get("src") or tag.get("href") for tag in soup.find_all(["script", "link", "img", "iframe"])]
        assert not [address for address in loaded if address and re.match(r"[a-z]+:|//", address)], page


def test_every_link_within_the_site_leads_somewhere(site, soups):
    broken = set()
    for page, soup in soups.items():
        for link in soup.find_all("a", href=True):
            address = link["href"].split("#")[0].split("?")[0]
            if address and not re.match(r"[a-z]+:", address) and not (page.parent / address).exists():
                broken.add(f"{page.relative_to(site)} -> {address}")
    assert not broken


def test_every_figure_is_in_the_html_itself_with_its_description(soups):
    for page, soup in soups.items():
        for figure in soup.select("figure.chart"):
            assert figure.select_one(".picture > svg"), page
            assert len(figure.select_one("figcaption details p").get_text()) > 40, page
            assert figure.select_one(".source").get_text().strip(), page


def test_every_figure_has_its_data_as_table_and_file(soups):
    for page, soup in soups.items():
        for figure in soup.select("figure.chart"):
            assert figure.select("details.data table tbody tr"), page
            for link in figure.select(".take a"):
                assert (page.parent / link["href"]).stat().st_size > 0


def test_without_scripts_a_page_shows_what_stands_for_all(site, soups):
    for page in (site / "notebooks").glob("[0-9]*.html"):
        for group in soups[page].select(".follows"):
            shown = [
                part["data-selection"]
                for part in group.find_all(attrs={"data-selection": True})
                if not part.has_attr("hidden")
            ]
            assert shown == ["all"], page


def test_a_sentence_that_follows_the_control_has_an_answer_for_every_country(site, soups):
    for page in (site / "notebooks").glob("[0-9]*.html"):
        for group in soups[page].select(".follows"):
            keys = [part["data-selection"] for part in group.find_all(attrs={"data-selection": True})]
            assert keys == ["all", *v.COUNTRY_NAMES], page


def test_no_page_is_over_its_budget(site):
    heavy = {page.name: len(gzip.compress(page.read_bytes(), 9)) for page in pages(site)}
    assert max(heavy.values()) <= 150_000, max(heavy, key=heavy.get)


def test_the_shared_bundle_is_within_its_budget(site):
    assert len(gzip.compress((site / "assets" / "site.js").read_bytes(), 9)) <= 200_000


def test_the_bundle_holds_the_vendored_library_as_listed():
    import hashlib

    vendor = inputs.HERE / "vendor"
    listed = json.loads((vendor / "vendor.json").read_text(encoding="utf-8"))
    assert hashlib.sha256((vendor / listed["file"]).read_bytes()).hexdigest() == listed["sha256"]


def test_no_machine_path_stands_in_the_site(site):
    here = str(inputs.HERE.parent.parent)
    assert not [page for page in pages(site) if here in page.read_text(encoding="utf-8")]
