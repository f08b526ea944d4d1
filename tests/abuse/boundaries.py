"""Boundaries: the eleven states with valid shapes, or one named error."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

from abuse import common
from ascn_analysis import loaders
from ascn_analysis import vocabulary as v

NAME, INPUTS = "boundaries (TopoJSON)", 600
GOOD: Any = {}


def prepare(folder: Path) -> None:
    shutil.copytree(loaders.DATA / "boundaries", folder / "boundaries")
    GOOD.update(json.loads((folder / "boundaries" / "asean.topojson").read_text(encoding="utf-8")))
    loaders.load_boundaries(folder)
    (folder / "boundaries" / "asean.topojson").unlink()


def values(tree: Any, rng: random.Random) -> Any:
    return common.changed(tree, rng)


def states(tree: Any, rng: random.Random) -> Any:
    return {**tree, "objects": common.changed(tree["objects"], rng)}


def names(tree: Any, rng: random.Random) -> Any:
    tree = json.loads(json.dumps(tree))
    state = rng.choice(tree["objects"]["asean"]["geometries"])
    state["properties"][rng.choice(["iso3", "country"])] = rng.choice(common.HOSTILE)
    return tree


def arcs(tree: Any, rng: random.Random) -> Any:
    tree = json.loads(json.dumps(tree))
    where = rng.randrange(len(tree["arcs"]))
    tree["arcs"][where] = rng.choice(
        [[], [[0, 0]], [[10**9, 10**9]] * 3, [[0, 0]] * 5, "x", [[None, 1]], [["a", "b"]], [[1]], [[1e308, 1e308]] * 4, None,
         [[1, 2, 3, 4]] * 4, tree["arcs"][where][::-1], [[0, 0], [1, 1]] * 100_000]
    )  # fmt: skip
    return tree


def numbers(tree: Any, rng: random.Random) -> Any:
    tree = json.loads(json.dumps(tree))
    state = rng.choice(tree["objects"]["asean"]["geometries"])
    state["arcs"] = rng.choice(
        [[], [[]], [[[]]], [[[10**9]]], [[[-1]]], [[["a"]]], None, 7, [[[0.5]]], [[[True]]], [[[0] * 100_000]]]
    )
    return tree


def scale(tree: Any, rng: random.Random) -> Any:
    wrong = [0, -1, 1e308, float("nan"), float("inf"), "x", None]
    part = rng.choice(["scale", "translate"])
    return {
        **tree,
        "transform": {**tree["transform"], part: rng.choice([[rng.choice(wrong)] * 2, [], [1], 3, None, {}])},
    }


def kinds(tree: Any, rng: random.Random) -> Any:
    tree = json.loads(json.dumps(tree))
    state = rng.choice(tree["objects"]["asean"]["geometries"])
    state["type"] = rng.choice(
        ["Point", "LineString", "GeometryCollection", "", None, "multipolygon", "Sphere", 3, [], "\u0420olygon"]
    )
    return tree


JSON = {
    "values of any kind": values, "objects": states, "names of states": names, "arcs": arcs, "numbers of arcs": numbers,
    "scale": scale, "kinds of shapes": kinds,
}  # fmt: skip
KINDS = (*JSON, *(f"bytes {kind.__name__}" for kind in common.BYTES), "deep JSON", "no regular file")


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    path = folder / "boundaries" / "asean.topojson"
    whole = json.dumps(GOOD).encode()
    if kind in JSON:
        path.write_bytes(json.dumps(JSON[kind](GOOD, rng)).encode("utf-8", "surrogatepass"))
    elif kind == "deep JSON":
        path.write_bytes(common.deep(rng))
    elif kind == "no regular file":
        common.instead(path, rng)
    else:
        path.write_bytes(next(each for each in common.BYTES if kind.endswith(each.__name__))(whole, rng))
    try:
        return common.outcome(lambda: _load(folder))
    finally:
        common.remove(path)


def _load(folder: Path) -> None:
    frame = loaders.load_boundaries(folder)
    assert dict(zip(frame["iso3"], frame["country"], strict=True)) == dict(v.COUNTRY_NAMES)
    assert frame.geometry.is_valid.all() and not frame.geometry.is_empty.any()
