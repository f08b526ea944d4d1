"""The worked examples of the page for larger registries, as they stand there: on one machine, on Dask, on Spark.

Scheduler, master and workers are real processes that listen on 127.0.0.1 only and end with the test.
"""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest
import registry

from ascn_analysis import metrics

PAGE = Path(__file__).parent.parent / "docs" / "larger-registries.md"
SCRIPTS = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
BIN = Path(sys.executable).parent
START, RUN = 120, 300
"""Seconds after which a process that does not start, or an example that does not end, is a failure."""

pytestmark = pytest.mark.xdist_group("clusters")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small registry in it, as the page asks for."""
    work = tmp_path_factory.mktemp("clusters")
    registry.write(work / "registry", 20_000)
    return work


@pytest.fixture(scope="module")
def module() -> Callable[[str], None]:
    """Return a function that skips the test without an engine; it fails if ASCN_REQUIRE_ALL is 1."""

    def needed(name: str) -> None:
        if importlib.util.find_spec(name) is None:
            (pytest.fail if os.environ.get("ASCN_REQUIRE_ALL") == "1" else pytest.skip)(f"{name} is not installed")

    return needed


@contextmanager
def running(log: Path, command: list[str], ready: str, env: dict[str, str]) -> Iterator[re.Match[str]]:
    """Start a process in a group of its own, wait until it says that it is ready, and end the group afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=env, cwd=log.parent, start_new_session=True)
    try:
        yield said(log, ready, process)
        assert not open_to_others() & sockets(process.pid), f"{log.stem} listens on more than loopback"
    finally:
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)


def said(log: Path, ready: str, process: subprocess.Popen[bytes]) -> re.Match[str]:
    """Wait for words in a log."""
    for _ in range(10 * START):
        if found := re.search(ready, log.read_text(encoding="utf-8")):
            return found
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"{log.name}: not ready\n{log.read_text(encoding='utf-8')[-2000:]}")


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as Linux writes them."""


def open_to_others() -> set[str]:
    """Return the numbers of the sockets that listen on other addresses than loopback (Linux; elsewhere none are seen)."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with suppress(OSError):
            cells = [line.split() for line in table.read_text(encoding="ascii").splitlines()[1:]]
            found |= {c[9] for c in cells if c[3] == "0A" and c[1].split(":")[0] not in LOOPBACK}
    return found


def sockets(group: int) -> set[str]:
    """Return the numbers of the sockets that the processes of a group hold (Linux)."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[2]) == group:
                names = [os.readlink(handle) for handle in (stat.parent / "fd").iterdir()]
                found |= {name[8:-1] for name in names if name.startswith("socket:[")}
    return found


def run_example(name: str, folder: Path, command: list[str], env: dict[str, str]) -> None:
    """Save an example of the page beside the registry and run it there, as the page says."""
    (folder / f"{name}.py").write_text(SCRIPTS[name], encoding="utf-8")
    for written in ("shares.csv", "transitions.csv"):
        (folder / written).unlink(missing_ok=True)
    command = [*command, f"{name}.py"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=RUN, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def assert_as_pandas(folder: Path) -> None:
    """Compare what an example wrote with what the measures give for pandas."""
    rows = pd.read_parquet(folder / "registry")
    for name, wanted in (("shares", metrics.shares(rows)), ("transitions", metrics.transitions(rows))):
        keys = list(wanted.columns[:-1]) if name == "transitions" else ["report_year", "focus_area_id"]
        found = pd.read_csv(folder / f"{name}.csv").sort_values(keys, ignore_index=True)
        pd.testing.assert_frame_equal(found, wanted.sort_values(keys, ignore_index=True), check_dtype=False, rtol=1e-12)


def settings(java: str) -> list[str]:
    """Return what a small job sets beside its master: no page of its own, and few parts."""
    chosen = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4"}
    chosen |= {"spark.driver.extraJavaOptions": java, "spark.executor.extraJavaOptions": java}
    return [word for name, value in chosen.items() for word in ("--conf", f"{name}={value}")]


def test_the_page_has_the_three_examples():
    assert set(SCRIPTS) == {"one_machine", "dask_cluster", "spark_cluster"}


def test_the_example_for_one_machine_gives_what_pandas_gives(folder, module):
    module("duckdb")
    run_example("one_machine", folder, [sys.executable], dict(os.environ))
    assert_as_pandas(folder)


def test_the_example_for_dask_gives_what_pandas_gives_on_a_real_scheduler(folder, module):
    module("distributed")
    local, env = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"], dict(os.environ)
    dask = [sys.executable, "-m", "dask"]
    scheduler = running(
        folder / "scheduler.log",
        [*dask, "scheduler", *local, "--port", "0"],
        r"Scheduler at: *(tcp://127\.0\.0\.1:\d+)",
        env,
    )
    with scheduler as found:
        workers = [*dask, "worker", found[1], *local, "--nworkers", "2", "--nthreads", "1", "--memory-limit", "1GiB"]
        with running(folder / "workers.log", workers, r"(?s)Registered to.*Registered to", env):
            run_example("dask_cluster", folder, [sys.executable], env | {"DASK_SCHEDULER_ADDRESS": found[1]})
    assert "Receive client connection" in (folder / "scheduler.log").read_text(encoding="utf-8")
    assert_as_pandas(folder)


def test_the_example_for_spark_gives_what_pandas_gives_on_a_real_master(folder, module, needs):
    module("pyspark")
    needs("java")
    home = Path(str(importlib.util.find_spec("pyspark").origin)).parent
    # The compiler for long runs costs short ones seconds.
    short = "-XX:TieredStopAtLevel=1"
    python = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYSPARK_PYTHON": sys.executable}
    env = dict(os.environ) | python | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    env["SPARK_DAEMON_JAVA_OPTS"] = f"{short} -Dspark.master.rest.enabled=false"
    start = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    local = ["--host", "127.0.0.1", "--webui-port", "0"]
    at = r"Starting Spark master at (spark://127\.0\.0\.1:\d+)"
    master = [start[0], f"{start[1]}.master.Master", *local, "--port", "0"]
    with running(folder / "master.log", master, at, env) as found:
        worker = [start[0], f"{start[1]}.worker.Worker", *local, "--cores", "2", "--memory", "1g", found[1]]
        with running(folder / "worker.log", worker, "Successfully registered with master", env):
            submit = [str(BIN / "spark-submit"), "--master", found[1], *settings(short)]
            run_example("spark_cluster", folder, submit, env)
    assert "Registered app" in (folder / "master.log").read_text(encoding="utf-8")
    assert_as_pandas(folder)
