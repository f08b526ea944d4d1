"""Notebooks on their way into the site: a page that shows their text and runs nothing, or one named error.

A stored run stands in for the kernel: what is tried is how notebooks and their outputs are read and shown.
"""

import json
import os
import random
import warnings
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from abuse import common
from ascn_analysis import __version__, loaders, notebooks
from ascn_analysis.site import inputs, run, state, story

NAME, INPUTS = "notebooks (site build)", 500
COMMON = {"as_of": "2025-09-30", "version": __version__}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(**data: Any) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {name.replace("_", "/"): value for name, value in data.items()},
    }


def notebook(
    title: str = "# A title\n\nWhat it tells.",
    text: str = "Words.",
    code: str = "1 + 1",
    outputs: list[Any] | None = None,
) -> dict[str, Any]:
    cells = [
        {"cell_type": "markdown", "id": "c-0", "metadata": {}, "source": title},
        {"cell_type": "markdown", "id": "c-1", "metadata": {}, "source": text},
        {
            "cell_type": "code",
            "id": "c-2",
            "metadata": {},
            "source": code,
            "execution_count": 1,
            "outputs": outputs or [],
        },
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def prepare(folder: Path) -> None:
    os.environ["ASCN_CACHE"] = str(folder / "cache")
    (folder / "notebooks").mkdir()
    run.cache_folder()
    (folder / "notebooks" / "01_small.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")
    _page(folder / "notebooks" / "01_small.ipynb")
    for path in (folder / "notebooks" / "01_small.ipynb", *run.cache_folder().iterdir()):
        path.unlink()


def words(rng: random.Random) -> Any:
    one, two, three = (rng.choice(common.HOSTILE) for _ in range(3))
    return notebook(f"# {one}\n\n{two}", f"{one} {two}\n\n{three}", rng.choice(["1", f"# {one}", f"'''{three}'''"]))


def outputs(rng: random.Random) -> Any:
    one = rng.choice(common.MARKUP)
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": []}, "mark": "point"}
    made = [
        stream(one), stream("\x1b[31m" * 500), shown(text_plain=one), shown(text_html=one, text_plain=one), shown(text_markdown=one * 20),
        {**shown(), "data": {"image/svg+xml": f"<svg>{one}</svg>", "text/plain": one}}, {**shown(), "data": {"application/javascript": one}},
        {**shown(), "data": {"image/png": one}}, {**shown(), "data": {"application/vnd.vegalite.v5+json": rng.choice([{}, [], None, one, spec])}},
        {"output_type": "error", "ename": one, "evalue": one, "traceback": [one]},
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/html": f"<table><tr><td>{one}</td></tr></table>"}},
    ]  # fmt: skip
    return notebook(outputs=rng.sample(made, rng.randint(1, 3)))


def long(rng: random.Random) -> Any:
    word = rng.choice(["x", "<", "*", "[", "`", "_", "> ", "\n", "| ", "&", "(", "![", "1. ", "~", "\\"])
    return notebook(text=word * rng.choice([1_000, 100_000, 1_000_000 // len(word)]))


def structure(rng: random.Random) -> Any:
    return common.changed(notebook(outputs=[stream("x"), shown(text_plain="x")]), rng)


def other(rng: random.Random) -> Any:
    whole = notebook()
    return rng.choice(
        [{}, [], None, 1, "x", {"cells": []}, {**whole, "cells": []}, {**whole, "nbformat": 3}, {**whole, "nbformat": 2}, {**whole, "nbformat": 99},
         {**whole, "nbformat_minor": 99}, {**whole, "cells": whole["cells"] * 2}, {**whole, "cells": whole["cells"][2:]}, {**whole, "cells": [{}]},
         {**whole, "metadata": {"kernelspec": {"name": "bash", "display_name": "x"}}}, {**whole, "cells": [{"cell_type": "raw", "id": "r", "metadata": {}, "source": "<b>"}]}]
    )  # fmt: skip


JSON = {
    "hostile words": words,
    "hostile outputs": outputs,
    "cells of 1e6 characters": long,
    "values of any kind": structure,
    "another thing": other,
}
KINDS = common.kinds(JSON)


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    path = folder / "notebooks" / "01_small.ipynb"
    common.put(path, kind, JSON, notebook(), rng)
    try:
        return common.outcome(lambda: _page(path))
    finally:
        common.remove(path)
        for kept in run.cache_folder().iterdir():
            kept.unlink()


def _page(path: Path) -> None:
    """Do what the site's build does with a notebook, with its own outputs for a run."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = {path: notebooks.read(path)}
        targets, places = run.targets(read, loaders.DATA), inputs.neighbours(read)
        state.wanted(targets, places)
        kept = notebooks.normalise(read[path])
        targets[path].write_text(notebooks.to_text(kept), encoding="utf-8")
        made = run.executed(targets, lambda _: None)
        page = story.render(story.from_notebook(path, made[path]), places[path], **COMMON)
    harmless(page)


def harmless(page: str) -> None:
    """Check that nothing of the notebook became a script, a handler, a style or an address that runs something."""
    soup = BeautifulSoup(page, "html.parser")
    assert {tag.get("type") for tag in soup.find_all("script") if not tag.get("src")} <= {"application/json"}, (
        "a script"
    )
    assert {tag["src"] for tag in soup.find_all("script", src=True)} <= {"../assets/site.js"}, "a script of elsewhere"
    assert not soup.find_all(["style", "iframe", "object", "embed"]), "a tag that does something"
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")], f"a handler: {tag}"[:300]
        assert not str(tag.get("href", "")).strip().lower().startswith(("javascript:", "data:", "vbscript:")), f"{tag}"[
            :300
        ]
