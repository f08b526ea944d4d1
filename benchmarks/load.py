"""Measure the site behind nginx at 1,000 connections, and the same notebook under Voila, reader by reader.

A reader opens the page of one notebook and every file that the page names. Behind nginx these are files; under Voila the page
is the notebook, run by a kernel that stays with the reader. What Voila's page loads later by script, and from a network of
others, is not asked for, which is in Voila's favour.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import pwd
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import psutil
from measures import Measure, measure

from ascn_analysis import notebooks

HERE = Path(__file__).parent
NOTEBOOK = "02_project_growth"
CONNECTIONS, SECONDS, THREADS = 1000, 10, 2
PLACES = ("/usr/sbin", "/usr/local/sbin")
VOILA_READERS = 4
SQUEEZED = {".html", ".css", ".js", ".json", ".csv", ".svg", ".ttf"}
NAMED = re.compile(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)=["']?([^"'\s>]+)""")
TYPEFACE = re.compile(r"""url\(["']?([^"')]+)""")


def missing() -> str:
    """Say what hinders the measurement, or nothing."""
    for program in ("nginx", "wrk"):
        if not _program(program):
            return f"{program} is not installed"
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return f"only {hard} open files are allowed" if 0 <= hard < 2 * CONNECTIONS else ""


def _program(name: str) -> str | None:
    # nginx is often outside the path of those who are not root.
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *PLACES]))


def raise_limit() -> None:
    """Let this process and its children open enough files for all connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CONNECTIONS if hard < 0 else min(4 * CONNECTIONS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted) if soft >= 0 else soft, hard))


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(address: str) -> str:
    """Return the text at an address; whatever is not a 200 is raised."""
    with urllib.request.urlopen(address, timeout=300) as answer:
        return str(answer.read().decode("utf-8", "replace"))


def files_of(page: str, text: str) -> list[str]:
    """Return the addresses on the same server that a page names as scripts, styles, icons and pictures."""
    own = page.split("/", 3)[:3]
    found = [urljoin(page, address) for address in NAMED.findall(text) if not address.startswith("data:")]
    return [address for address in dict.fromkeys(found) if address.split("/", 3)[:3] == own]


def resident(process: psutil.Process) -> float:
    """Return the megabytes in memory of a process and its children; shared pages count in each."""
    total = 0
    for own in (process, *process.children(recursive=True)):
        try:
            total += own.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[psutil.Popen]:
    """Start a server, wait until it listens, and end it and its children."""
    with (folder / "log.txt").open("wb") as log:
        server = psutil.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(server, port, folder / "log.txt")
            yield server
        finally:
            children = server.children(recursive=True) if server.is_running() else []
            server.terminate()
            _gone, left = psutil.wait_procs([server, *children], timeout=20)
            for process in left:
                process.kill()


def _wait(server: psutil.Popen, port: int, log: Path) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise RuntimeError(f"the server stopped: {log.read_text(encoding='utf-8')}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nobody answers: {log.read_text(encoding='utf-8')}")


def squeeze(folder: Path) -> None:
    """Lay the gzip of each text beside it, as a host would."""
    for path in folder.rglob("*"):
        if path.suffix in SQUEEZED:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


@contextmanager
def nginx(site: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve a copy of the site with nginx.conf; give the address and the process."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        shutil.copytree(site, folder / "site")
        squeeze(folder / "site")
        text = (HERE / "nginx.conf").read_text(encoding="utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [str(_program("nginx")), "-e", "stderr", "-p", f"{folder}/", "-c", str(folder / "nginx.conf")]
        # The folder is this user's alone, and nginx started by root hands its work to another user unless told.
        command += ["-g", f"user {pwd.getpwuid(0).pw_name};"] if os.geteuid() == 0 else []
        with running(command, port, folder) as server:
            yield f"http://127.0.0.1:{port}", server


def press(
    address: str, paths: list[str], look: Callable[[], float], connections: int, seconds: int
) -> dict[str, float]:
    """Let wrk ask for paths in turn; return what it counted, and the most that `look` gave meanwhile."""
    command = [str(_program("wrk")), f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout=10s"]
    command += ["-s", str(HERE / "reader.lua"), address, "--", *paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        seen = [look()]
        while client.poll() is None:
            time.sleep(0.25)
            seen.append(look())
        said = client.stdout.read() if client.stdout else ""
    counted: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return {**counted, "memory": max(seen)}


def page_and_files(page: str) -> list[str]:
    """Return the addresses that a reader of a page asks for: the page, what it names, and the typefaces of its styles."""
    files = files_of(page, get(page))
    styles = [own for own in files if own.endswith(".css")]
    return [page, *files, *(urljoin(style, own) for style in styles for own in TYPEFACE.findall(get(style)))]


def static_load(site: Path, connections: int = CONNECTIONS, seconds: int = SECONDS) -> dict[str, float]:
    """Press the page of a notebook and its files; return what was counted, readers per second, memory a reader."""
    with nginx(site) as (address, server):
        asked = page_and_files(f"{address}/notebooks/{NOTEBOOK}.html")
        paths = [own.removeprefix(address) for own in asked if get(own)]
        counted = press(address, paths, lambda: resident(server), connections, seconds)
    per_second = counted["requests"] / counted["seconds"]
    more = {"requests_s": per_second, "readers_s": per_second / len(paths), "each": counted["memory"] / connections}
    return {**counted, **more}


def voila_reader(address: str) -> None:
    """Open the notebook as one reader; raise if it did not run to its end."""
    text = get(f"{address}/")
    if "application/vnd.voila.cell-output+json" not in text or "There was an error when executing cell" in text:
        raise RuntimeError("Voila gave a page without the outputs of the notebook")
    for own in files_of(f"{address}/", text):
        get(own)


def voila_load(notebook: Path, readers: int = VOILA_READERS) -> dict[str, float]:
    """Let one reader open a notebook under Voila, then others at once; all stay. Return those a second, memory a reader."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        shutil.copyfile(notebook, folder / "shown.ipynb")
        command = [sys.executable, "-m", "voila", "shown.ipynb", "--no-browser", f"--port={port}"]
        with running([*command, "--Voila.ip=127.0.0.1"], port, folder) as server:
            address = f"http://127.0.0.1:{port}"
            voila_reader(address)
            start = time.perf_counter()
            with ThreadPoolExecutor(readers) as pool:
                list(pool.map(voila_reader, [address] * readers))
            took = time.perf_counter() - start
            return {"readers_s": readers / took, "each": resident(server) / (readers + 1)}


def all_measures(site: Path) -> list[Measure]:
    """Return the lines about load; none, saying why, where nginx or wrk is missing."""
    if reason := missing():
        print(f"load on the site is not measured: {reason}")
        return []
    raise_limit()
    ours = static_load(site)
    if importlib.util.find_spec("voila") is None:
        print("Voila is not installed, its lines are left out (make scale installs it)")
        return site_lines(ours)
    return [*site_lines(ours), *voila_lines(ours, voila_load(notebooks.FOLDER / f"{NOTEBOOK}.ipynb"))]


def site_lines(ours: dict[str, float]) -> list[Measure]:
    """Return the lines about the site."""
    head = f"site behind nginx, {CONNECTIONS} connections for {SECONDS} s"
    return [
        measure(f"{head}: requests", ours["requests_s"], "per second", None),
        measure(f"{head}: errors", ours["errors"], "errors", 0),
        measure(f"{head}: 99th percentile of an answer", ours["p99_ms"], "ms", None),
        measure(f"{head}: readers of a notebook's page with its files", ours["readers_s"], "per second", None),
        measure(f"{head}: memory of nginx a reader", 1000 * ours["each"], "kB", None),
    ]


def voila_lines(ours: dict[str, float], theirs: dict[str, float]) -> list[Measure]:
    """Return the lines about Voila; the ratios are in thousandths, because they are small."""
    head = f"the same notebook under Voila, {VOILA_READERS} readers at once"
    speed, memory = theirs["readers_s"] / ours["readers_s"], ours["each"] / theirs["each"]
    return [
        measure(f"{head}: readers", theirs["readers_s"], "per second", None),
        measure(f"{head}: memory of server and kernels a reader", theirs["each"], "MB", None),
        measure("readers served under Voila / on the site", 1000 * speed, "thousandths", 10),
        measure("memory a reader, on the site / under Voila", 1000 * memory, "thousandths", 10),
    ]
