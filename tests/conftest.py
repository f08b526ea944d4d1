"""What more than one file of tests uses: the record, a copy of it to damage, the official PDFs, optional programs."""

import importlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pytest
from browsing import ARGUMENTS
from hypothesis import settings

from ascn_analysis import loaders

# The same examples in every run, and no failure because a machine is busy.
settings.register_profile("ascn", derandomize=True, deadline=None, database=None)
settings.load_profile("ascn")

CHECKOUT = Path(__file__).parent.parent
PDFS = {
    "concept-note-2018": "ascn-concept-note.pdf",
    "framework-2018": "ascn-framework-2018.pdf",
    "scaps-2018": "ascn-consolidated-scaps.pdf",
    "eas-statement-2018": "eas-leaders-statement-asean-smart-cities-2018.pdf",
    "report-2019": "ascn-2019-report.pdf",
    "me-2022": "ascn-monitoring-evaluation-2022.pdf",
    "me-2023": "ascn-monitoring-evaluation-2023.pdf",
    "me-2024": "ascn-monitoring-evaluation-2024.pdf",
    "me-2025": "ascn-monitoring-evaluation-2025.pdf",
}


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """A copy of data/ that a test may damage."""
    return Path(shutil.copytree(loaders.DATA, tmp_path / "data"))


@pytest.fixture(scope="session")
def projects() -> pd.DataFrame:
    return loaders.load_projects()


@pytest.fixture(scope="session")
def cities() -> pd.DataFrame:
    return loaders.load_cities()


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    return loaders.load_panel()


@pytest.fixture(scope="session")
def stated() -> pd.DataFrame:
    return loaders.load_stated_figures()


@pytest.fixture(scope="session")
def sources_folder() -> Path:
    """The folder of official PDFs; never required, because they are not part of the project."""
    folder = Path(os.environ.get("ASCN_SOURCES") or CHECKOUT.parent / "shared" / "sources")
    missing = [name for name in PDFS.values() if not (folder / name).is_file()]
    if missing:
        pytest.skip(f"the official PDFs are not in {folder} (no {missing[0]}); set ASCN_SOURCES to their folder")
    return folder


@pytest.fixture(scope="session")
def pdfs(sources_folder: Path) -> Mapping[str, Path]:
    """Source id to the official PDF."""
    return {source: sources_folder / name for source, name in PDFS.items()}


Piece = tuple[float, float, str]
"""Where a text begins on a page, in points from the left and from the foot, and the text."""


def _pdf(pages: list[list[Piece]]) -> bytes:
    """Write the smallest PDF that shows these texts, in Helvetica of 9 points on pages of 600 by 800."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    tree = f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}/MediaBox[0 0 600 800]>>"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", tree, font]
    for number, pieces in enumerate(pages):
        shown = [(x, y, re.sub(r"([()\\\\])", r"\\\1", text)) for x, y, text in pieces]
        drawn = "".join(f"BT /F 9 Tf {x} {y} Td ({text}) Tj ET\n" for x, y, text in shown)
        page = f"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents {5 + 2 * number} 0 R>>"
        objects += [page, f"<</Length {len(drawn)}>>\nstream\n{drawn}endstream"]
    body = "".join(f"{i} 0 obj\n{content}\nendobj\n" for i, content in enumerate(objects, start=1))
    return f"%PDF-1.4\n{body}trailer\n<</Root 1 0 R>>\n%%EOF\n".encode("cp1252")


def _appendix_pages(heading: str, rows: list[tuple[str, ...]]) -> Iterator[list[Piece]]:
    """Set rows in five columns, titles wrapped, the number beside the middle line; a country stands on the first row of its block."""
    places, top = (60, 92, 185, 285, 470), 740
    head = [(x, top, text) for x, text in zip(places, ("No.", "Country", "City", "Project", "Focus Area"), strict=True)]
    page, y, before = [(60, 770, heading), *head], top - 24.0, ""
    for number, (country, city, title, area) in enumerate(rows, start=1):
        lines = textwrap.wrap(title, 34)
        if y - 12 * len(lines) < 70:
            yield page
            page, y = [*head], top - 24.0
        middle = y - 6 * (len(lines) - 1)
        cells = [
            (str(number), places[0]),
            (country if country != before else "", places[1]),
            (city, places[2]),
            (area, places[4]),
        ]
        page += [(x, middle, text) for text, x in cells if text]
        page += [(places[3], y - 12 * i, line) for i, line in enumerate(lines)]
        y, before = y - 12 * len(lines) - 10, country
    yield page


@pytest.fixture(scope="session")
def draw_report() -> Callable[..., Path]:
    """Return a function that draws a report as PDF: sentences, then lists of rows (country, city, title, focus area) by heading."""

    def drawn(path: Path, sentences: list[str], lists: Mapping[str, list[tuple[str, ...]]]) -> Path:
        pages = [[(60.0, 740.0 - 20 * i, sentence) for i, sentence in enumerate(sentences)]]
        for heading, rows in lists.items():
            pages += _appendix_pages(heading, rows)
        path.write_bytes(_pdf(pages))
        return path

    return drawn


@pytest.fixture(scope="session")
def needs() -> Callable[..., str]:
    """Return a function that gives the path of an optional program, or skips; it fails if ASCN_REQUIRE_ALL is 1."""

    def find(*names: str) -> str:
        found = [path for name in names if (path := shutil.which(name))]
        if not found:
            (pytest.fail if os.environ.get("ASCN_REQUIRE_ALL") == "1" else pytest.skip)(f"{names[0]} is not installed")
        return found[0]

    return find


@pytest.fixture(scope="session")
def chromium(needs: Callable[..., str]) -> str:
    """The path of Chromium: without the desktop's windows around it, where it is installed so, for half of the time."""
    return needs("chromium-headless-shell", "chromium", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def spark(needs: Callable[..., str], library: Callable[[str], Any]) -> Iterator[Any]:
    """One small Spark for all tests that want it, on this machine alone."""
    needs("java")
    library("pyspark")
    from pyspark.sql import SparkSession

    # Small frames: what costs time is the planning and compiling of queries.
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.driver.host": "127.0.0.1",
                "spark.default.parallelism": "1", "spark.log.level": "OFF", "spark.sql.adaptive.enabled": "false",
                "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
                "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1"}  # fmt: skip
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def library() -> Callable[[str], Any]:
    """Return a function that imports an optional library, or skips; it fails if ASCN_REQUIRE_ALL is 1."""

    def find(name: str) -> Any:
        try:
            return importlib.import_module(name)
        except ImportError:
            refuse = pytest.fail if os.environ.get("ASCN_REQUIRE_ALL") == "1" else pytest.skip
            return refuse(f"{name} is not installed; `make scale` installs it")

    return find


@pytest.fixture(scope="session")
def draw() -> Callable[..., list[tuple[str, dict[str, Any]]]]:
    """Return a function that renders a spec, with parameters set, and gives (layer, item) of each mark that shows data."""
    import vl_convert

    from ascn_analysis.figures import display

    def walk(node: dict[str, Any], layer: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in node.get("items", []):
            if "marktype" in item or node.get("marktype") == "group" or "marktype" not in node:
                yield from walk(item, item["name"] if item.get("role") == "mark" else "")
            elif layer:
                yield layer, item

    @cache
    def render(spec: str) -> list[tuple[str, dict[str, Any]]]:
        scene = vl_convert.vegalite_to_scenegraph(json.loads(spec), vl_version=display.COMPILER)
        return list(walk(scene["scenegraph"], ""))

    def drawn(spec: Mapping[str, Any], **values: object) -> list[tuple[str, dict[str, Any]]]:
        params = [{"name": p["name"], "value": values.get(p["name"], p["value"])} for p in spec["params"]]
        return render(json.dumps({**spec, "$schema": display.SCHEMA, "params": params}))

    return drawn


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once for all workers; stored notebooks stand in for a run (other tests run them)."""
    from ascn_analysis import notebooks
    from ascn_analysis.site import build, run

    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    folder, done = shared / "_site", shared / "_site.done"
    try:
        (shared / "_site.lock").mkdir()
    except FileExistsError:
        for _ in range(1200):
            if done.exists():
                return folder
            time.sleep(0.1)
        pytest.fail("the worker that builds the site did not finish")
    os.environ["ASCN_CACHE"] = str(shared / "cache")
    for path in notebooks.paths():
        shutil.copyfile(path, run.stored(path, loaders.DATA))
    build.build(folder, say=lambda _: None)
    done.touch()
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder from loopback, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def visit(chromium: str, site: Path) -> Iterator[Callable[..., AbstractContextManager[Any]]]:
    """Return a function that opens a page of the site, by file or from loopback, with all other network cut off.

    The page comes with `faults`: what the console complained of, errors, failed requests, dialogs, requests to elsewhere.
    """
    from playwright.sync_api import sync_playwright

    with served(site) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)

        @contextmanager
        def opened(
            name: str,
            query: str = "",
            *,
            folder: Path = site,
            by_server: bool = False,
            before: str = "",
            **options: Any,
        ) -> Iterator[Any]:
            context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
            page, faults = context.new_page(), list[str]()
            page.faults = faults

            def only_own(route: Any) -> None:
                if route.request.url.startswith(address):
                    route.continue_()
                else:
                    faults.append(f"asked {route.request.url}")
                    route.abort()

            def answer(dialog: Any) -> None:
                faults.append(f"dialog {dialog.message}")
                dialog.dismiss()

            context.route(re.compile("^https?:"), only_own)
            page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("requestfailed", lambda request: faults.append(f"failed {request.url}"))
            page.on("dialog", answer)
            if before:
                page.add_init_script(before)
            try:
                page.goto((f"{address}/{name}" if by_server else (folder / name).as_uri()) + query)
                if options.get("java_script_enabled", True) and page.query_selector("script[src]"):
                    page.wait_for_selector("html[data-ready]", state="attached")
                yield page
            finally:
                context.close()

        yield opened
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Start JupyterLab as `make lab` does, with settings of its own, and give its address and token.

    The front end shows itself to scripts as `jupyterapp`, so that tests can use its commands.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port, token = probe.getsockname()[1], secrets.token_hex(16)
    own = tmp_path_factory.mktemp("jupyter")
    (own / "jupyter_lab_config.py").write_text("c.LabApp.expose_app_in_browser = True\n", encoding="utf-8")
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    places = {folder: str(own if folder == "JUPYTER_CONFIG_DIR" else own / folder) for folder in folders}
    command = [sys.executable, "-m", "ascn_analysis.cli", "lab", "--no-browser", "--port", str(port)]
    settings = {**os.environ, **places, "JUPYTER_TOKEN": token}
    server = subprocess.Popen(command, cwd=CHECKOUT, env=settings, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token={token}", server)
        yield f"http://127.0.0.1:{port}", token
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(address: str, server: "subprocess.Popen[bytes]", seconds: int = 60) -> None:
    for _ in range(seconds * 5):
        assert server.poll() is None, "JupyterLab stopped"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("JupyterLab did not answer")
