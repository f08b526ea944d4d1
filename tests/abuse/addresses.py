"""Addresses of a built page in Chromium: shown for a country or for all, nothing asked elsewhere, nothing run."""

import os
import random
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

from browsing import ARGUMENTS
from playwright.sync_api import sync_playwright

from abuse import common
from ascn_analysis import loaders
from ascn_analysis import vocabulary as v

NAME, INPUTS = "addresses of pages (Chromium)", 300
PAGES = (
    "notebooks/02_project_growth.html",
    "projects.html",
    "index.html",
    "countries/VNM.html",
    "cities/phnom-penh.html",
    "data.html",
)
NAMES = ("country", "Country", "country[]", "__proto__", "constructor", "hasOwnProperty", "toString", "all", "")
KINDS = (
    "countries of any spelling",
    "hostile words",
    "several questions",
    "odd encoding",
    "odd anchors",
    "long",
    "known countries",
)
OPEN: dict[str, Any] = {}


def prepare(folder: Path) -> None:
    """Open the site at ``ASCN_SITE``, or build one from the stored notebooks."""
    site = Path(os.environ["ASCN_SITE"]) if "ASCN_SITE" in os.environ else build(folder)
    OPEN["site"], OPEN["driver"] = site, sync_playwright().start()
    found = next(
        path
        for path in (shutil.which("chromium-headless-shell"), shutil.which("chromium"), "/usr/bin/chromium")
        if path
    )
    OPEN["browser"] = OPEN["driver"].chromium.launch(executable_path=found, args=ARGUMENTS)
    page = OPEN["page"] = OPEN["browser"].new_page()
    page.on("dialog", lambda dialog: (faults().append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: faults().append(str(error)))
    page.on("console", lambda said: said.type in ("error", "warning") and faults().append(said.text))
    page.on(
        "request",
        lambda asked: asked.url.startswith(("file:", "blob:", "data:")) or faults().append(f"asked {asked.url}"),
    )


def build(folder: Path) -> Path:
    from ascn_analysis import notebooks
    from ascn_analysis.site import build, run

    os.environ["ASCN_CACHE"] = str(folder / "cache")
    for path in notebooks.paths():
        shutil.copyfile(path, run.stored(path, loaders.DATA))
    return build.build(folder / "_site", say=lambda _: None)


def faults() -> list[str]:
    return OPEN.setdefault("faults", [])


def close() -> None:
    OPEN["browser"].close()
    OPEN["driver"].stop()


def address(kind: str, rng: random.Random) -> str:
    word = rng.choice(common.HOSTILE).replace("\ud800", "")
    if kind == "countries of any spelling":
        iso3 = rng.choice(list(v.COUNTRY_NAMES))
        return "?country=" + quote(
            rng.choice(
                [
                    iso3.lower(),
                    f" {iso3}",
                    f"{iso3} ",
                    v.COUNTRY_NAMES[iso3],
                    f"{iso3},{iso3}",
                    f"'{iso3}",
                    "all",
                    "",
                    "KEN",
                    rng.choice(common.LOOK_ALIKES),
                ]
            )
        )
    if kind == "hostile words":
        return f"?country={quote(word)}#{quote(word)}"
    if kind == "several questions":
        return "?" + "&".join(
            f"{rng.choice(NAMES)}={quote(rng.choice([word, 'VNM', 'IDN']))}" for _ in range(rng.randint(2, 30))
        )
    if kind == "odd encoding":
        return rng.choice(
            [
                "?country=%",
                "?country=%ff%fe",
                "?country=%00VNM",
                "?country=%ED%A0%80",
                "??country=VNM",
                "?country",
                "?country=VNM%0A",
                "?%63ountry=VNM",
                "?country=%E2%80%AEVNM",
                "?&&&=",
                "?country=+VNM",
            ]
        )
    if kind == "odd anchors":
        return "#" + rng.choice(
            [
                quote(word),
                "%",
                "__proto__",
                "top",
                "country",
                '"><script>alert(1)</script>',
                "x" * 2_000,
                "figure-1",
                "javascript:alert(1)",
            ]
        )
    if kind == "long":
        return "?country=" + "V" * rng.choice([1_000, 20_000]) + rng.choice(["", "#" + "x" * 20_000])
    return f"?country={rng.choice(list(v.COUNTRY_NAMES))}"


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    page, asked = OPEN["page"], address(kind, rng)
    faults().clear()
    page.goto("about:blank")
    page.goto((OPEN["site"] / rng.choice(PAGES)).as_uri() + asked, timeout=30_000)
    if page.query_selector("script[src]"):
        page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)
    assert faults() == [], faults()
    assert page.query_selector("main") and page.evaluate("document.scripts.length") <= 80
    select = page.query_selector("#country")
    if select is None:
        return common.ACCEPTED
    page.wait_for_selector("html[data-shown]", state="attached", timeout=30_000)
    shown, chosen = page.evaluate("[document.documentElement.dataset.shown, document.getElementById('country').value]")
    assert shown in ("all", *v.COUNTRY_NAMES) and chosen == ("" if shown == "all" else shown), (shown, chosen)
    told = page.text_content(".control .notice") or ""
    if "not known here" in told:
        assert shown == "all"
        return common.REFUSED
    if kind == "known countries":
        assert asked.endswith(shown), (asked, shown)
    return common.ACCEPTED
