"""Measure the site: building it, its weight, and how it answers, against stock nbconvert, Altair, Plotly and Folium."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import load
from measures import Measure, measure

from ascn_analysis import figures, loaders, metrics, notebooks
from ascn_analysis.figures import display
from ascn_analysis.safe import json_for_html
from ascn_analysis.site import charts

CHROMIUM = "/usr/bin/chromium"
CLICKS, WARM_UP, VISITS, TURNS = 50, 10, 5, 9


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def site(folder: Path, cache: Path, sources: Path = notebooks.FOLDER) -> None:
    """Build the site in a process of its own."""
    command = [sys.executable, "-m", "ascn_analysis.cli", "site", "--output", str(folder), "--notebooks", str(sources)]
    subprocess.run(command, check=True, env={**os.environ, "ASCN_CACHE": str(cache)}, stdout=subprocess.DEVNULL)


def stock(folder: Path) -> None:
    """Run and convert the notebooks one by one, as a reader would without the site."""
    for path in notebooks.paths():
        command = [
            sys.executable,
            "-m",
            "nbconvert",
            "--execute",
            "--to",
            "html",
            "--output-dir",
            str(folder),
            str(path),
        ]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def builds(work: Path) -> list[Measure]:
    """Compare building the site with stock nbconvert, and rebuilding with building: medians of three turns, each from nothing."""
    turns = [_turn(work, work / f"turn-{i}") for i in range(3)]
    plain, full, again, one = (statistics.median(column) for column in zip(*turns, strict=True))
    return [
        measure("site from scratch / nbconvert --execute one by one", full / plain, "ratio", 0.45),
        measure("site again, nothing changed / from scratch", again / full, "ratio", 0.05),
        measure("site again, one notebook changed / from scratch", one / full, "ratio", 0.25),
    ]


def _turn(work: Path, aside: Path) -> tuple[float, float, float, float]:
    """Return the seconds of stock nbconvert, a build from nothing, one with nothing changed, and one with a notebook changed."""
    sources = Path(shutil.copytree(notebooks.FOLDER, aside / "notebooks"))

    def built() -> float:
        return timed(lambda: site(work / "_site", aside / "cache", sources))

    shutil.rmtree(work / "_site", ignore_errors=True)
    plain, full, again = timed(lambda: stock(work / "stock")), built(), built()
    first = notebooks.paths(sources)[0]
    text = json.loads(first.read_text(encoding="utf-8"))
    next(cell for cell in text["cells"] if cell["cell_type"] == "code")["source"].append("\n# changed")
    first.write_text(json.dumps(text), encoding="utf-8")
    return plain, full, again, built()


def zipped(path: Path) -> float:
    """Return the kilobytes of a file, gzip -9."""
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def weights(folder: Path, plain: Path) -> list[Measure]:
    """Weigh the pages and the shared bundle."""
    pages = {page: zipped(page) for page in folder.rglob("*.html")}
    briefs = [size for page, size in pages.items() if page.parent.name == "countries"]
    heaviest = max(pages, key=lambda page: pages[page])
    return [
        measure(f"heaviest page without the bundle ({heaviest.relative_to(folder)})", pages[heaviest], "kB gzip", 150),
        measure("heaviest brief", max(briefs), "kB gzip", 60),
        measure("shared bundle", zipped(folder / "assets" / "site.js"), "kB gzip", 200),
        measure(
            "heaviest page of stock nbconvert", max(zipped(page) for page in plain.glob("*.html")), "kB gzip", None
        ),
    ]


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium with a profile of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, tempfile.TemporaryDirectory() as profile:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        context = driver.chromium.launch_persistent_context(profile, executable_path=CHROMIUM, args=arguments)
        yield context
        context.close()


CLICK = """iso3 => new Promise(done => {
  const select = document.getElementById("country"), wanted = iso3 || "all", start = performance.now();
  const look = () => document.documentElement.dataset.shown === wanted
    ? requestAnimationFrame(() => done(performance.now() - start)) : setTimeout(look, 1);
  select.value = iso3 || "";
  select.dispatchEvent(new Event("change"));
  look();
})"""


def redraw(folder: Path) -> Measure:
    """Time from choosing a country in the control to the redrawn page of one figure: 50 choices after ten, 95th percentile."""
    with browser() as context:
        page = context.new_page()
        page.goto((folder / "notebooks" / "00_start_here.html").as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        choices = ["", *loaders.load_cities()["iso3"].unique()]
        times = [page.evaluate(CLICK, choices[(i + 1) % len(choices)]) for i in range(WARM_UP + CLICKS)]
    slow = statistics.quantiles(times[WARM_UP:], n=20)[-1]
    return measure("filter to redraw on the site, a page with one figure, p95", slow, "ms", 60)


def map_and_bars() -> tuple[Any, Any]:
    """Return the map and the bars that every tool draws for the comparison."""
    cities, projects = loaders.load_cities(), loaders.load_panel()
    bars = figures.status_bars(metrics.by_selection(metrics.status_counts, projects), projects["as_of"].max())
    return figures.city_map(cities, projects, loaders.load_topology(), loaders.load_topology("insets")), bars


def ours(folder: Path, work: Path) -> Path:
    """Write map and bars as the site shows them: static pictures first, then the shared bundle."""
    return own_page(work / "mine.html", folder, map_and_bars())


def own_page(path: Path, folder: Path, figures_: tuple[Any, ...]) -> Path:
    """Write a page that holds only figures and the site's script."""
    parts = []
    for number, chart in enumerate(figures_):
        drawn = charts.from_bundle(f"b-{number}", display.bundle(chart))
        parts.append(
            f'<div class="scroll" aria-label="figure"><div data-chart="{drawn.id}">{drawn.svg}</div></div>'
            f'<script type="application/json" id="spec-{drawn.id}">{json_for_html(drawn.vega)}</script>'
        )
    script = (folder / "assets" / "site.js").as_uri()
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>figures</title><body data-root="">'
    path.write_text(f'{head}{"".join(parts)}<script src="{script}"></script>', encoding="utf-8")
    return path


def altair_page(_: Path, work: Path) -> Path:
    """Write the map as Altair's own page with everything inline."""
    path = work / "altair.html"
    chart, _bars = map_and_bars()
    chart.save(path, inline=True)
    return path


def plotly_page(_: Path, work: Path) -> Path:
    """Write map and bars with Plotly, its library inline."""
    import plotly.express as px

    cities, projects = loaders.load_cities(), loaders.load_panel()
    dots = px.scatter_geo(cities, lat="lat", lon="lon", hover_name="city", color="cohort", scope="asia")
    bars = px.bar(metrics.status_counts(projects).astype({"report_year": str}), x="report_year", y="n", color="status")
    path = work / "plotly.html"
    path.write_text(
        dots.to_html(include_plotlyjs=True) + bars.to_html(include_plotlyjs=False, full_html=False), encoding="utf-8"
    )
    return path


def folium_page(_: Path, work: Path) -> Path:
    """Write the map with Folium, as it comes."""
    import folium

    chart = folium.Map(location=[5, 112], zoom_start=4)
    for city in loaders.load_cities().itertuples():
        folium.CircleMarker([city.lat, city.lon], radius=4, tooltip=city.city).add_to(chart)
    path = work / "folium.html"
    chart.save(str(path))
    return path


PAINTED = "document.querySelectorAll('svg path, svg circle, canvas').length > 20 || document.querySelectorAll('canvas').length > 0"


def visit(path: Path) -> tuple[float | None, int]:
    """Open a page in a fresh profile; return the milliseconds until its figure shows, and what it asked of the network."""
    asked: list[str] = []
    with browser() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        start = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        for _ in range(400):
            if page.evaluate(PAINTED):
                break
            page.wait_for_timeout(10)
        else:
            return None, len([url for url in asked if url.startswith("http")])
        return 1000 * (time.perf_counter() - start), len([url for url in asked if url.startswith("http")])


def peers(folder: Path, work: Path) -> list[Measure]:
    """Compare a page of ours with pages of Altair, Plotly and Folium: what it weighs, asks for, and when it shows."""
    lines, first = [], {}
    made = {
        "ours, map and bars": ours,
        "altair inline, map alone": altair_page,
        "plotly, map and bars": plotly_page,
        "folium, map alone": folium_page,
    }
    for name, make in made.items():
        try:
            path = make(folder, work)
        except ImportError:
            print(f"{name}: not installed, its lines are left out (make peers installs it)")
            continue
        visits = [visit(path) for _ in range(VISITS)]
        times = [time for time, _ in visits if time is not None]
        first[name] = statistics.median(times) if times else None
        extra = zipped(folder / "assets" / "site.js") if name.startswith("ours") else 0.0
        lines.append(measure(f"{name}: page with its library", zipped(path) + extra, "kB gzip", None))
        lines.append(measure(f"{name}: time to first figure (empty: never, offline)", first[name], "ms", None))
        lines.append(measure(f"{name}: requests to the network", max(n for _, n in visits), "requests", None))
    own, other = first.get("ours, map and bars"), first.get("plotly, map and bars")
    shown = "map and bars shown / Plotly's page, for comparison"
    return [*lines, *([measure(shown, own / other, "ratio", None)] if own and other else [])]


READY = """() => new Promise(done => {
  const look = () => CONDITION ? done(performance.now()) : setTimeout(look, 2);
  look();
})"""
OURS = "document.documentElement.dataset.ready"
ALTAIR = "document.querySelector('canvas, svg.marks')"
# Both graphs are drawn and have their bar of tools, which Plotly adds when a graph answers. `plotly_afterplot` would be later, and for the
# map never: its land comes from Plotly's server, which is not asked here. So this is the earliest moment that can be called interactive.
PLOTLY = """Array.from(document.querySelectorAll('.js-plotly-plot'))
  .filter(graph => graph.querySelector('.main-svg') && graph.querySelector('.modebar')).length === 2"""


def time_to(condition: str, path: Path) -> float:
    """Open a page in a fresh profile, and return the milliseconds until a condition holds, as the page itself counts them."""
    with browser() as context:
        page = context.new_page()
        page.goto(path.as_uri(), wait_until="commit")
        elapsed: float = page.evaluate(READY.replace("CONDITION", condition))
    return elapsed


def ratio_of(own: Path, other: Path, condition: str) -> float:
    """Compare the times until a page of ours and another tool's are interactive: medians of visits in turn."""
    visits = [(time_to(OURS, own), time_to(condition, other)) for _ in range(TURNS)]
    mine, others = (statistics.median(times) for times in zip(*visits, strict=True))
    return mine / others


def interactive(work: Path) -> list[Measure]:
    """Compare when pages of ours answer with Altair's own inline page of the same figure, and Plotly's page of map and bars."""
    _map, bars = map_and_bars()
    bars.save(work / "bars.html", inline=True)
    mine = own_page(work / "bar.html", work / "_site", (bars,))
    altair = ratio_of(mine, work / "bars.html", ALTAIR)
    line = measure("interactive, same page in one run / Altair's own inline page", altair, "ratio", 0.9)
    try:
        plotly = ratio_of(ours(work / "_site", work), plotly_page(work, work), PLOTLY)
    except ImportError:
        print("plotly: not installed, its line is left out (make peers installs it)")
        return [line]
    return [line, measure("interactive, map and bars / Plotly's page", plotly, "ratio", 0.3)]


def all_measures() -> list[Measure]:
    """Measure everything about the site, in a folder that is taken away afterwards."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        lines = builds(work)
        print("built; weighing and looking ...", flush=True)
        lines += weights(work / "_site", work / "stock")
        lines += load.all_measures(work / "_site")
        if Path(CHROMIUM).is_file():
            lines += [redraw(work / "_site"), *interactive(work), *peers(work / "_site", work)]
        return lines
