"""Measure JupyterLab: from a click in an explorer to the redrawn figure, on the record and on a list of a million rows."""

from __future__ import annotations

import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
from measures import Measure, measure
from site_measures import CHROMIUM, CLICKS, WARM_UP, browser

from ascn_analysis import loaders, notebooks

ROWS = 1_000_000
FIELDS = {"title": "project", "country": "country", "city": "city", "focus_area": "area", "report_year": "year", "status": "status"}  # fmt: skip

# Chooses a country; gives the milliseconds until the first drawing says that it shows the choice, and until all do.
CLICK = """([i, boxes, drawings]) => new Promise((done, fail) => {
  const own = Array.from(document.querySelectorAll(drawings)), before = own.map(drawing => drawing.dataset.revision);
  const start = performance.now();
  let first = null;
  const look = () => {
    const drawn = own.map((drawing, k) => drawing.dataset.revision !== before[k]), passed = performance.now() - start;
    if (first === null && drawn[0]) first = passed;
    if (drawn.every(Boolean)) done([first, passed]);
    else if (passed > 10000) fail("not drawn");
    else setTimeout(look, 1);
  };
  document.querySelectorAll(boxes)[i].click();
  look();
})"""
READY = """async () => {
  await jupyterapp.restored;
  const session = jupyterapp.shell.currentWidget.sessionContext;
  await session.ready;
  while (session.session?.kernel?.status !== "idle") await new Promise(done => setTimeout(done, 100));
  jupyterapp.commands.execute("notebook:run-all-cells");
}"""
DONE = """() => jupyterapp.shell.currentWidget.content.widgets.every(
  cell => cell.model.type !== "code" || /[0-9]/.test(cell.prompt))"""


def million(path: Path) -> None:
    """Write a list of a million rows, each a row of the record under a title of its own."""
    panel = loaders.load_panel()
    rows = panel.iloc[np.arange(ROWS) % len(panel)].reset_index(drop=True)
    titles = rows["project_printed"] + " " + pd.Series(np.arange(ROWS)).astype(str)
    columns = {"country": "country", "city": "city", "focus_area": "area", "report_year": "year", "status": "status"}
    rows[list(columns)].rename(columns=columns).assign(project=titles).to_parquet(path)


@contextmanager
def lab(work: Path) -> Iterator[tuple[str, str]]:
    """Start JupyterLab as `make lab` does, with settings of its own; give its address and token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port, token = probe.getsockname()[1], secrets.token_hex(16)
    (work / "jupyter_lab_config.py").write_text("c.LabApp.expose_app_in_browser = True\n", encoding="utf-8")
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    command = [sys.executable, "-m", "ascn_analysis.cli", "lab", "--no-browser", "--port", str(port)]
    settings = {**os.environ, **dict.fromkeys(folders, str(work)), "JUPYTER_TOKEN": token}
    server = subprocess.Popen(command, env=settings, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api?token={token}")
        yield address, token
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(address: str) -> None:
    """Wait until a server answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("JupyterLab did not answer")


def explored(path: Path, *sources: str) -> Path:
    """Write a notebook of these cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, path)
    return path


def own(work: Path, begin: str) -> Path:
    """Copy the project's notebook whose name begins so, without outputs."""
    (path,) = (path for path in notebooks.paths() if path.name.startswith(begin))
    notebook = notebooks.read(path)
    return explored(work / path.name, *(cell.source for cell in notebook.cells if cell.cell_type == "code"))


def run(page: Any, address: str, token: str, path: Path) -> None:
    """Open a notebook, and run it until its explorers are drawn."""
    place = path.relative_to(notebooks.FOLDER.parent)
    page.goto(f"{address}/lab/workspaces/{path.stem}/tree/{place}?token={token}")
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=120_000)
    page.evaluate(READY)
    page.wait_for_selector(":is(.ascn-views, .ascn-figure)[data-revision]", timeout=300_000)
    page.wait_for_function(DONE, timeout=300_000)
    page.wait_for_timeout(1000)


def clicks(page: Any, controls: str, drawings: str) -> tuple[float, float]:
    """Return the milliseconds from a click on a country to the first redrawn figure and to all: 95th percentile of 50 after ten.

    Each click waits until all is drawn that the one before changed.
    """
    boxes = f".jp-OutputArea-output:has({controls}) input[type=checkbox]"
    times = [page.evaluate(CLICK, [i % 11, boxes, drawings]) for i in range(WARM_UP + CLICKS)]
    first, every = (statistics.quantiles(part, n=20)[-1] for part in zip(*times[WARM_UP:], strict=True))
    return first, every


WHAT = "click to redrawn figure, p95 of 50 clicks after ten"
ONE = {"01": "map", "02": "growth", "03": "focus areas", "04": "statuses"}
"""Notebooks with an explorer of one figure, and what it draws."""


def of_one_figure(page: Any, address: str, token: str, work: Path) -> list[Measure]:
    """Measure the explorers of one figure, each in its notebook."""
    lines = []
    for begin, drawn in ONE.items():
        run(page, address, token, own(work, begin))
        slow, _ = clicks(page, ".ascn-figure", ".ascn-figure")
        lines.append(measure(f"JupyterLab, {drawn} (notebook {begin}), {WHAT}", slow, "ms", 150))
    return lines


def linked(page: Any, address: str, token: str, work: Path) -> list[Measure]:
    """Measure the linked explorer: of the record, with the figures that follow it in notebook 08, and of a million rows."""
    run(page, address, token, explored(work / "record.ipynb", "from ascn_analysis.widgets import Explorer\nExplorer()"))
    alone, _ = clicks(page, ".ascn-views", ".ascn-views")
    run(page, address, token, own(work, "08"))
    views, every = clicks(page, ".ascn-views", ":is(.ascn-views, .ascn-figure)")
    million(work / "million.parquet")
    large = f"from ascn_analysis.widgets import bring_your_own\nbring_your_own('million.parquet', mapping={FIELDS!r})"
    run(page, address, token, explored(work / "large.ipynb", large))
    return [
        measure(f"JupyterLab, {WHAT}", alone, "ms", 150),
        measure(f"JupyterLab, linked views (notebook 08, four figures follow), {WHAT}", views, "ms", 150),
        measure("JupyterLab, click to all five figures of notebook 08 redrawn, p95 of 50 clicks after ten", every, "ms", None),
        measure(f"JupyterLab, a list of one million rows, {WHAT}", clicks(page, ".ascn-views", ".ascn-views")[0], "ms", 1000),
    ]  # fmt: skip


def all_measures() -> list[Measure]:
    """Measure every kind of explorer in JupyterLab; without Chromium nothing is measured."""
    if not Path(CHROMIUM).is_file():
        return []
    kept = notebooks.FOLDER.parent / "_artefacts"
    kept.mkdir(exist_ok=True)
    # JupyterLab opens notebooks below the checkout only.
    with (
        tempfile.TemporaryDirectory(dir=kept, prefix="bench-") as name,
        lab(Path(name)) as (address, token),
        browser() as context,
    ):
        page = context.new_page()
        return [
            *of_one_figure(page, address, token, Path(name)),
            *linked(page, address, token, Path(name)),
        ]
