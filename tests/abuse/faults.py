"""Faults: what stood there before is whole, or what is new; the next run needs no help. ``python -m abuse.faults`` tries all."""

import argparse
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from abuse import reports
from ascn_analysis import export, loaders

TESTS = Path(__file__).parent.parent
PATIENCE = 120.0
State = dict[str, str]


def fingerprint(path: Path) -> State:
    """Name each file below a path with its hash."""
    files = [path] if path.is_file() else [each for each in sorted(path.rglob("*")) if each.is_file()]
    return {each.relative_to(path).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


@dataclass
class Place:
    """A folder with an old output, and what the next run is to make of it."""

    folder: Path
    tag: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def marker(self) -> Path:
        return self.folder / "reached"

    def start(self, stage: str, *words: str, most: int | None = None) -> subprocess.Popen[str]:
        """Start ``ascn`` with its work stopped at a stage; `most` is the largest file that it may write."""
        self.marker.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "ASCN_CACHE": str(self.folder / "cache"),
            "ASCN_FAULT": self.tag,
            "PYTHONPATH": str(TESTS),
            "MARKER": str(self.marker),
        }
        limit = None if most is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        command = [sys.executable, "-m", "abuse.work", str(self.marker), stage, *words]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            preexec_fn=limit,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, most: int | None = None) -> tuple[int, list[str]]:
        """Run ``ascn`` to its end; return its status and what it said on the error stream."""
        with self.start("none", *words, most=most) as process:
            _, said = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in said, said
        return process.returncode, said.splitlines()

    def killed(self, stage: str, *words: str) -> None:
        """Kill ``ascn`` at a stage, as the system would: without a word to it."""
        with self.start(stage, *words) as process:
            self.reached(process)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        self.alone()

    def reached(self, process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + PATIENCE
        while not self.marker.exists():
            assert process.poll() is None, f"ended before the stage: {process.stderr.read()}"
            assert time.monotonic() < end, "the stage was not reached"
            time.sleep(0.02)

    def alone(self) -> None:
        """Check that within ten seconds no process of the killed run is left."""
        end = time.monotonic() + 10
        while left := [pid for pid in os.listdir("/proc") if pid.isdigit() and self.owns(int(pid))]:
            assert time.monotonic() < end, f"processes are left: {left}"
            time.sleep(0.05)

    def owns(self, pid: int) -> bool:
        with suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            return (
                pid != os.getpid()
                and state != "Z"
                and f"ASCN_FAULT={self.tag}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
            )
        return False

    def beside(self, *names: str) -> None:
        """Check that nothing but these stands beside the output."""
        known = {"cache", "notebooks", "reached", *names}
        assert {path.name for path in self.folder.iterdir()} <= known, sorted(
            path.name for path in self.folder.iterdir()
        )


# The site


def notebook(path: Path, text: str, code: str = "1 + 1") -> None:
    cells = [
        nbformat.v4.new_markdown_cell(f"# {path.stem}\n\n{text}", id="c-0"),
        nbformat.v4.new_code_cell(code, id="c-1"),
    ]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")


SITE = ("site", "--notebooks", "notebooks")
REACH = "import os, pathlib, time\npathlib.Path(os.environ['MARKER']).touch()\ntime.sleep(120)"
_BUILT: dict[str, Path] = {}


def built(base: Path) -> Path:
    """Build the old site once: a folder with cache, notebooks and site to copy from."""
    if not _BUILT:
        folder = base / "old"
        (folder / "notebooks").mkdir(parents=True)
        notebook(folder / "notebooks" / "01_small.ipynb", "Old words.")
        status, said = Place(folder).run(*SITE)
        assert status == 0, said
        _BUILT["site"] = folder
    return _BUILT["site"]


def site(base: Path, text: str = "New words.", code: str = "1 + 2") -> tuple[Place, State]:
    place = Place(Path(tempfile.mkdtemp(dir=base)))
    shutil.copytree(built(base), place.folder, dirs_exist_ok=True)
    notebook(place.folder / "notebooks" / "01_small.ipynb", text, code)
    return place, fingerprint(place.folder / "_site")


def whole(place: Place, text: str) -> None:
    """Check that the site is whole, and of these words."""
    page = (place.folder / "_site" / "notebooks" / "01_small.html").read_text(encoding="utf-8")
    assert text in page and page.rstrip().endswith("</html>")
    for name in ("index.html", "appendix.html", "notebooks/index.html", "assets/site.js", ".ascn-site"):
        assert (place.folder / "_site" / name).stat().st_size > 100, name


def runs_again(place: Place) -> None:
    """Check that the next run makes the new site and leaves nothing beside it."""
    notebook(place.folder / "notebooks" / "01_small.ipynb", "New words.")
    status, said = place.run(*SITE)
    assert status == 0, said
    whole(place, "New words.")
    place.beside("_site")


def killed_build(stage: str) -> Callable[[Path], None]:
    def fault(base: Path) -> None:
        place, old = site(base, code=REACH if stage == "notebooks" else "1 + 2")
        place.killed(stage, *SITE)
        if stage == "after the swap":
            whole(place, "New words.")
        elif stage != "within the swap":
            assert fingerprint(place.folder / "_site") == old
        runs_again(place)

    return fault


def killed_forks(base: Path) -> None:
    place, old = site(base, code=REACH)
    notebook(place.folder / "notebooks" / "02_other.ipynb", "Other words.", "import time\ntime.sleep(120)")
    place.killed("none", *SITE)
    assert fingerprint(place.folder / "_site") == old
    (place.folder / "notebooks" / "02_other.ipynb").unlink()
    runs_again(place)


def killed_first_build(base: Path) -> None:
    place, _ = site(base)
    shutil.rmtree(place.folder / "_site")
    place.killed("before the swap", *SITE)
    assert not (place.folder / "_site").exists()
    runs_again(place)


def two_builds(base: Path) -> None:
    place, old = site(base)
    with place.start("pages", *SITE) as first:
        place.reached(first)
        status, said = place.run(*SITE)
        assert status == 1 and f"is being written by process {first.pid}, since " in said[-1], said
        assert fingerprint(place.folder / "_site") == old
        first.kill()
        first.communicate()
    place.alone()
    runs_again(place)


def interrupted(base: Path) -> None:
    place, old = site(base)
    with place.start("pages", *SITE) as process:
        place.reached(process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.kill()
        process.communicate()
    place.alone()
    assert fingerprint(place.folder / "_site") == old
    runs_again(place)


def full_disk(base: Path) -> None:
    """The library and the boundaries do not fit: the largest file that may be written is smaller."""
    place, old = site(base)
    status, said = place.run(*SITE, most=200_000)
    assert status == 1 and len(said) == 1 and "File too large" in said[0], said
    assert fingerprint(place.folder / "_site") == old
    place.beside("_site")
    runs_again(place)


def full_tmpfs(base: Path) -> None:
    place, _ = site(base)
    size = sum(path.stat().st_size for path in (place.folder / "_site").rglob("*"))
    with mounted(place.folder / "small", f"size={size * 3 // 2}"):
        shutil.copytree(place.folder / "_site", place.folder / "small" / "_site")
        old = fingerprint(place.folder / "small" / "_site")
        status, said = place.run(*SITE, "--output", "small/_site")
        assert status == 1 and "No space left on device" in said[-1], said
        assert fingerprint(place.folder / "small" / "_site") == old
        assert [path.name for path in (place.folder / "small").iterdir()] == ["_site"]
        subprocess.run(["mount", "-o", "remount,size=9m", str(place.folder / "small")], check=True)
        assert place.run(*SITE, "--output", "small/_site")[0] == 0
        assert fingerprint(place.folder / "small" / "_site") != old


def read_only(base: Path) -> None:
    place, _ = site(base)
    with mounted(place.folder / "small", "size=9m"):
        shutil.copytree(place.folder / "_site", place.folder / "small" / "_site")
        old = fingerprint(place.folder / "small")
        subprocess.run(["mount", "-o", "remount,ro", str(place.folder / "small")], check=True)
        for words in ((*SITE, "--output", "small/_site"), ("export", "--output", "small/x", "events")):
            status, said = place.run(*words)
            assert status == 1 and len(said) == 1 and "Read-only file system" in said[0], said
        assert fingerprint(place.folder / "small") == old
        subprocess.run(["mount", "-o", "remount,rw", str(place.folder / "small")], check=True)
        assert place.run(*SITE, "--output", "small/_site")[0] == 0


class mounted:  # noqa: N801
    """A small file system of its own, for as long as the block lasts; only root can mount one."""

    def __init__(self, where: Path, options: str) -> None:
        self.where, self.options = where, options

    def __enter__(self) -> None:
        self.where.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", str(self.where)], check=True)

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self.where)], check=True)


def dying_kernel(base: Path) -> None:
    place, old = site(base, code="import os\nos._exit(1)")
    status, said = place.run(*SITE)
    assert status == 1 and "01_small.ipynb" in said[-1], said
    assert fingerprint(place.folder / "_site") == old
    place.alone()
    runs_again(place)


def jumping_clock(year: int) -> Callable[[Path], None]:
    def fault(base: Path) -> None:
        place, _ = site(base)
        moment = (year - 1970) * 31_557_600
        for path in place.folder.rglob("*"):
            os.utime(path, (moment, moment))
        runs_again(place)
        built_then = fingerprint(place.folder / "_site")
        for path in (place.folder / "_site").rglob("*"):
            os.utime(path, (moment, moment))
        assert place.run(*SITE)[0] == 0
        assert fingerprint(place.folder / "_site") == built_then

    return fault


def cut_cache(base: Path) -> None:
    place, _ = site(base)
    assert place.run(*SITE)[0] == 0
    (run,) = (place.folder / "cache" / "notebooks").iterdir()
    run.write_bytes(run.read_bytes()[:200])
    shutil.rmtree(place.folder / "_site")
    runs_again(place)


def cut_site(base: Path) -> None:
    place, _ = site(base)
    (place.folder / "_site" / "appendix.html").write_bytes(b"<html>")
    (place.folder / "_site" / "index.html").unlink()
    runs_again(place)


# Drafts, exports, single files


def killed_draft(stage: str) -> Callable[[Path], None]:
    def fault(base: Path) -> None:
        place = Place(Path(tempfile.mkdtemp(dir=base)))
        report = place.folder / "report.pdf"
        words = ("new-report", "2026", "--pdf", "report.pdf", "--output", "draft", "--force")
        report.write_bytes(reports.pdf([reports.drawn(reports.ROWS)]))
        assert place.run(*words)[0] == 0
        old = fingerprint(place.folder / "draft")
        report.write_bytes(reports.pdf([reports.drawn(reports.ROWS[:2])]))
        place.killed(stage, *words)
        left = fingerprint(place.folder / "draft")
        assert place.run(*words)[0] == 0
        new = fingerprint(place.folder / "draft")
        assert left in (old, new) and old != new
        place.beside("draft", "report.pdf")

    return fault


def older_data(folder: Path) -> Path:
    """Copy the record without the last row of two tables, so that an export of it is an older, different one."""
    data = Path(shutil.copytree(loaders.DATA, folder / "cache" / "older"))
    for name in ("events", "searches"):
        lines = (data / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (data / f"{name}.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    return data


def killed_export(stage: str) -> Callable[[Path], None]:
    def fault(base: Path) -> None:
        place = Place(Path(tempfile.mkdtemp(dir=base)))
        words = ("export", "--output", "out", "events", "countries", "searches")
        assert place.run(*words, "--data", str(older_data(place.folder)))[0] == 0
        (place.folder / "out" / "mine.txt").write_text("mine", encoding="utf-8")
        old = fingerprint(place.folder / "out")
        place.killed(stage, *words)
        left = fingerprint(place.folder / "out")
        assert place.run(*words)[0] == 0
        new = fingerprint(place.folder / "out")
        assert left in (old, new), left
        assert set(old) == set(new) and {name for name in new if old[name] != new[name]} == {
            "events.csv",
            "searches.csv",
            export.MARK,
        }
        place.beside("out")

    return fault


def full_export(base: Path) -> None:
    place = Place(Path(tempfile.mkdtemp(dir=base)))
    assert place.run("export", "--output", "out", "countries")[0] == 0
    old = fingerprint(place.folder / "out")
    status, said = place.run("export", "--output", "out", "countries", "panel", most=20_000)
    assert status == 1 and len(said) == 1 and "panel.csv: not written" in said[0], said
    left = fingerprint(place.folder / "out")
    assert left["countries.csv"] == old["countries.csv"] and set(left) == set(old)
    assert place.run("export", "--output", "out", "countries", "panel")[0] == 0
    place.beside("out")


FAULTS: dict[str, Callable[[Path], None]] = {
    "site: killed while a notebook runs": killed_build("notebooks"),
    "site: killed while two forked kernels run": killed_forks,
    "site: killed while pages are written": killed_build("pages"),
    "site: killed between writing and the swap": killed_build("before the swap"),
    "site: killed within the swap (folders cannot change places)": killed_build("within the swap"),
    "site: killed after the swap": killed_build("after the swap"),
    "site: killed before the first one stood": killed_first_build,
    "site: interrupted, then killed": interrupted,
    "site: two builds at once, and a lock of a dead process": two_builds,
    "site: a kernel dies in a cell": dying_kernel,
    "site: largest file too large": full_disk,
    "site: disk full (tmpfs)": full_tmpfs,
    "site, export: read-only folder (tmpfs)": read_only,
    "site: files and cache of the year 2100": jumping_clock(2100),
    "site: files and cache of the year 1971": jumping_clock(1971),
    "site: a stored run cut off": cut_cache,
    "site: pages cut off and missing": cut_site,
    "new-report: killed when the draft is filled": killed_draft("draft filled"),
    "new-report: killed between writing and the swap": killed_draft("draft before the swap"),
    "new-report: killed after the swap": killed_draft("draft after the swap"),
    "export: killed before the first table": killed_export("first file"),
    "export: killed between tables": killed_export("later file"),
    "export: killed with a file aside": killed_export("file aside"),
    "export: largest file too large": full_export,
}
NEED_ROOT = ("site: disk full (tmpfs)", "site, export: read-only folder (tmpfs)")


def possible(name: str) -> bool:
    return name not in NEED_ROOT or (os.geteuid() == 0 and shutil.which("mount") is not None)


def table(results: dict[str, str]) -> str:
    as_of = loaders.load_projects()["as_of"].max()
    lines = [
        "# Faults\n",
        f"*Generated by `make check-all` (`python -m abuse.faults` in `tests/`), data as of {as_of}.*\n",
        "After each fault the earlier output is whole or the new one is, never a mixture; no process is left; the next run "
        "succeeds without help and leaves nothing beside its output.\n",
        "| fault | survived |",
        "|---|---|",
        *(f"| {name} | {result or 'yes'} |" for name, result in results.items()),
    ]
    return "\n".join(lines) + "\n"


def attempt(name: str, base: Path) -> str:
    try:
        FAULTS[name](base)
    except Exception:
        return traceback.format_exc(limit=-3)
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m abuse.faults", description=__doc__)
    parser.add_argument("--fault", action="append", help="part of the name of a fault (default: all)")
    parser.add_argument("--write", type=Path, help="file for the table, written if all were survived")
    options = parser.parse_args()
    chosen = [name for name in FAULTS if possible(name) and any(part in name for part in options.fault or [""])]
    with tempfile.TemporaryDirectory(prefix="faults-") as base:
        results = {}
        for name in chosen:
            results[name] = attempt(name, Path(base))
            print(f"{'FAILED' if results[name] else 'survived'} {name}", file=sys.stderr, flush=True)
    failed = {name: said for name, said in results.items() if said}
    print(table({name: "no" if said else "yes" for name, said in results.items()}))
    for name, said in failed.items():
        print(f"FAILED {name}\n{said}")
    if options.write and not failed:
        from ascn_analysis.writing import write_atomic

        write_atomic(options.write, table(results))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
