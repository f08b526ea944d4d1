"""One renderer for four readers: JupyterLab, GitHub and print, the terminal, and the screen reader.

The MIME bundle of a figure holds the Vega-Lite spec (native and interactive in JupyterLab and VS Code, offline and
also in an untrusted notebook), a static SVG (GitHub, nbconvert, print) and the alt text (terminal, diff). There is no
``text/html``: JupyterLab would prefer it and strip the SVG. Everything in a bundle is a function of the data.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache, lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

import altair as alt

from ascn_analysis.figures.theme import FONT_FOLDER

LATER: Final = "ASCN_PICTURES_LATER"
"""Environment variable that is set where static pictures are drawn after the run, and not by the kernel."""

VEGALITE_MIME: Final = "application/vnd.vegalite.v5+json"
SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
COMPILER: Final = "5.8"
"""The oldest Vega-Lite that vl-convert carries, next to JupyterLab's 5.6: static and live figures agree."""

_CLIP_ID = re.compile(r"\b(clip|gradient)_?(\d+)\b")
_COORDINATES = re.compile(r' (?:d|transform)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")


def bundle(chart: Any) -> dict[str, Any]:
    """Return the MIME bundle of a chart.

    Raises
    ------
    ValueError
        If the chart has no description: a figure without alt text is not finished.
    """
    return spec_bundle(chart.to_dict())


def spec_bundle(spec: dict[str, Any], *, static: bool = True) -> dict[str, Any]:
    """Return the MIME bundle of a Vega-Lite spec; see `bundle`. Without `static` there is no SVG in it."""
    if not spec.get("description"):
        raise ValueError("the figure has no description (its alt text); finish it with figures.theme.finish")
    spec = {**spec, "$schema": SCHEMA}
    picture = {"image/svg+xml": to_svg(spec)} if static and LATER not in os.environ else {}
    return {VEGALITE_MIME: spec, **picture, "text/plain": spec["description"]}


def unbind(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a spec without its drop-down: the parameter stays, another control sets it."""
    params = [{k: x for k, x in param.items() if k != "bind"} for param in spec.get("params", [])]
    return {**spec, "params": params} if params else spec


def metadata(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of a bundle: draw as SVG (each mark keeps its alt text and link), and the picture's alt text."""
    return {
        VEGALITE_MIME: {"embed_options": {"renderer": "svg", "actions": False}},
        "image/svg+xml": {"alt": spec["description"]},
    }


def to_svg(spec: dict[str, Any]) -> str:
    """Render a spec as static SVG, with the bundled font's metrics and the same bytes on every run."""
    return _describe(_number_ids(_round(_drawn(json.dumps(spec)))), spec)


@lru_cache(maxsize=8)
def _drawn(spec: str) -> str:
    """Draw a spec once, though a figure and the twin of its explorer ask for the same picture."""
    svg: str = converter().vegalite_to_svg(spec, vl_version=COMPILER)
    return svg


def _describe(svg: str, spec: dict[str, Any]) -> str:
    """Give the picture its alt text, and let it shrink with the page."""
    words = f"<desc>{escape(spec.get('description', ''))}</desc>"
    return svg.replace("<svg ", '<svg role="img" style="max-width:100%;height:auto" ', 1).replace(">", f">{words}", 1)


def to_png(chart: Any, scale: float = 2.0) -> bytes:
    """Render a chart as PNG, to look at it or to put it on a slide."""
    png: bytes = converter().vegalite_to_png({**chart.to_dict(), "$schema": SCHEMA}, vl_version=COMPILER, scale=scale)
    return png


def to_vega(spec: dict[str, Any]) -> dict[str, Any]:
    """Compile a spec to Vega, for a browser with the vendored Vega (6.4)."""
    vega: dict[str, Any] = converter().vegalite_to_vega({**spec, "$schema": SCHEMA}, vl_version=COMPILER)
    del vega["$schema"]
    _limit_mitres(vega)
    return vega


def _limit_mitres(group: dict[str, Any]) -> None:
    """Let the browser's Vega (6.4) measure outlined symbols as the one that made the static picture (6.2) does.

    Since 6.3 a corner is thought to reach two widths of the outline, not one; figures would grow by some pixels when they come to
    life. No corner of a symbol is so pointed that the limit shows.
    """
    for legend in group.get("legends", []):
        _limit_mitre(legend.setdefault("encode", {}).setdefault("symbols", {}))
    for mark in group.get("marks", []):
        if mark["type"] in ("symbol", "shape"):
            _limit_mitre(mark["encode"])
        _limit_mitres(mark)


def _limit_mitre(encode: dict[str, Any]) -> None:
    encode["update"] = {**encode.get("update", {}), "strokeMiterLimit": {"value": 2}}


@cache
def converter() -> Any:
    """Return the converter, with the bundled font known to it."""
    import vl_convert

    vl_convert.register_font_directory(str(FONT_FOLDER))
    return vl_convert


def _round(svg: str) -> str:
    """Cut coordinates to a hundredth of a pixel: half the bytes, the same picture."""
    return _COORDINATES.sub(lambda found: _LONG.sub(lambda n: f"{float(n.group(0)):.2f}", found.group(0)), svg)


def _number_ids(svg: str) -> str:
    """Renumber clip paths from 1, because the converter counts on over all the figures of a process."""
    numbers: dict[str, str] = {}

    def renumber(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(0), f"{match.group(1)}{len(numbers) + 1}")

    return _CLIP_ID.sub(renumber, svg)


def register() -> None:
    """Make every Altair chart show itself through `bundle`; called on import of a figure module."""

    def render(spec: dict[str, Any], **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # A reader's own chart need not have an alt text; ours do, and `bundle` refuses one without.
        described = {"description": "a chart without alt text", **spec}
        return spec_bundle(described), metadata(described)

    alt.renderers.register("ascn", render)
    alt.renderers.enable("ascn")
