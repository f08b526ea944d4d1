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

CLICK = """i => new Promise(done => {
  const views = document.querySelector(".ascn-views"), before = views.dataset.revision;
  const boxes = document.querySelectorAll(".jp-OutputArea-output:has(.ascn-views) input[type=checkbox]");
  new MutationObserver((_, observer) => {
    if (views.dataset.revision === before) return;
    observer.disconnect();
    done(performance.now() - start);
  }).observe(views, {attributes: true});
  const start = performance.now();
  boxes[i].click();
})"""
READY = """async () => {
  await jupyterapp.restored;
  const session = jupyterapp.shell.currentWidget.sessionContext;
  await session.ready;
  while (session.session?.kernel?.status !== "idle") await new Promise(done => setTimeout(done, 100));
  jupyterapp.commands.execute("notebook:run-all-cells");
}"""


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


def clicks(page: Any, address: str, token: str, path: Path, source: str) -> float:
    """Run a notebook with an explorer; return the 95th percentile of the milliseconds from a click to the redrawn figure."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, path)
    place = path.relative_to(notebooks.FOLDER.parent)
    page.goto(f"{address}/lab/workspaces/{path.stem}/tree/{place}?token={token}")
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=120_000)
    page.evaluate(READY)
    page.wait_for_selector(".ascn-views[data-revision]", timeout=300_000)
    page.wait_for_timeout(1000)
    times = [page.evaluate(CLICK, i % 11) for i in range(WARM_UP + CLICKS)]
    return statistics.quantiles(times[WARM_UP:], n=20)[-1]


def all_measures() -> list[Measure]:
    """Measure the linked explorer of the record and of a list of a million rows; without Chromium nothing is measured."""
    if not Path(CHROMIUM).is_file():
        return []
    kept = notebooks.FOLDER.parent / "_artefacts"
    kept.mkdir(exist_ok=True)
    # JupyterLab opens notebooks below the checkout only.
    with tempfile.TemporaryDirectory(dir=kept, prefix="bench-") as name, lab(Path(name)) as (address, token):
        million(Path(name) / "million.parquet")
        with browser() as context:
            page = context.new_page()
            record = "from ascn_analysis.widgets import Explorer\nExplorer()"
            large = f"from ascn_analysis.widgets import bring_your_own\nbring_your_own('million.parquet', mapping={FIELDS!r})"
            first = clicks(page, address, token, Path(name) / "record.ipynb", record)
            second = clicks(page, address, token, Path(name) / "large.ipynb", large)
    what = "click to redrawn figure, p95 of 50 clicks after ten"
    return [
        measure(f"JupyterLab, {what}", first, "ms", 150),
        measure(f"JupyterLab, a list of one million rows, {what}", second, "ms", 1000),
    ]
