"""The explorers outside of JupyterLab: Notebook 7, and a page of Voila; no network but the server's own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest
from browsing import ARGUMENTS

from ascn_analysis import metrics
from ascn_analysis.explorers.panel import NOTHING

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

TOKEN = "only-on-loopback"
CELLS = (
    "from ascn_analysis.widgets import Explorer\nexplorer = Explorer()\nexplorer",
    """import ascn_analysis as ascn
from ascn_analysis import figures
from ascn_analysis.widgets import FigureExplorer
draw = lambda chosen, _: figures.project_squares(chosen, chosen["report_year"].max())
FigureExplorer(draw, ascn.load_panel(), ascn.load_cities(), countries=explorer.countries)""",
)
PLACES = {
    "notebook": ("/notebooks/explored.ipynb", [f"--IdentityProvider.token={TOKEN}", "--allow-root", "--ip=127.0.0.1"]),
    "voila": ("/voila/render/explored.ipynb", [f"--token={TOKEN}", "--Voila.ip=127.0.0.1"]),
}
RUN = """async () => {
  await jupyterapp.restored;
  const own = jupyterapp.shell.currentWidget.sessionContext;
  await own.ready;
  while (own.session?.kernel?.status !== "idle") await new Promise(done => setTimeout(done, 50));
  jupyterapp.commands.execute("notebook:run-all-cells");
}"""


@contextmanager
def served(name, folder):
    """Serve a folder with one of the places; give the address of the notebook."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "jupyter_notebook_config.py").write_text(
        "c.JupyterNotebookApp.expose_app_in_browser = True\n", encoding="utf-8"
    )
    own = dict.fromkeys(("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"), str(folder))  # fmt: skip
    place, options = PLACES[name]
    command = [sys.executable, "-m", name, "--no-browser", f"--port={port}", *options]
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        wait(f"http://127.0.0.1:{port}/", server)
        yield f"http://127.0.0.1:{port}{place}?token={TOKEN}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait(address, server):
    for _ in range(300):
        assert server.poll() is None, "the server stopped"
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not answer")


@pytest.fixture(scope="module", params=PLACES)
def page(request, library, chromium, tmp_path_factory):
    """Both kinds of explorer, run, in a page of each place; it keeps `faults`."""
    from playwright.sync_api import sync_playwright

    library(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    cells = [nbformat.v4.new_code_cell(source, id=f"c-{i}") for i, source in enumerate(CELLS)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "explored.ipynb")
    with served(request.param, folder) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)  # fmt: skip
        page = browser.new_page()
        page.faults = []
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(("http://127.0.0.1", "data:", "blob:")) else route.abort())  # fmt: skip
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(address)
        if request.param == "notebook":
            page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=60_000)
            page.evaluate(RUN)
        page.wait_for_selector(".ascn-figure[data-revision] svg.marks", timeout=90_000)
        page.faults.clear()  # what the place itself says while it starts
        yield page
        browser.close()


def test_a_choice_is_shown_by_both_explorers_as_the_metrics_give_it(page, panel):
    page.get_by_title("choose none: countries").click()
    page.locator(".ascn-figure").get_by_text(NOTHING).wait_for()
    page.get_by_label("Indonesia (").click()
    page.locator(".ascn-figure svg.marks").wait_for()
    own = metrics.select(panel, countries=["IDN"], reports=[2025])
    said = f"{len(own)} projects in {own['city_id'].nunique()} cities, 2025 report."
    page.locator(".ascn-message").get_by_text(said).wait_for()
    assert page.locator(".ascn-figure path[aria-label*=': ']").count() == len(own)
    assert page.faults == []


def test_the_choice_is_saved_as_a_file(page):
    with page.expect_download() as taken:
        page.get_by_role("button", name="Save CSV").first.click()
    assert taken.value.suggested_filename == "projects.csv"
