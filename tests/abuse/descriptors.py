"""datapackage.json beside tables: sound, or named errors; no path leads out of the folder."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

from abuse import common
from ascn_analysis import descriptor, loaders

NAME, INPUTS = "datapackage.json", 500
GOOD: Any = {}
PATHS = (
    *(
        "../secret.csv",
        "/etc/passwd",
        "a/../../x",
        "link.csv",
        "https://example.org/x",
        "C:\\x",
        "",
        ".",
        "..",
        "boundaries",
        "\0",
    ),
    *(
        "x" * 100_000,
        "a/" * 5_000 + "x",
        "panel.csv/x",
        "panel.csv ",
        "\uff50anel.csv",
        "\ud800",
        "loop/loop",
        "//x",
        "~",
    ),
)


def prepare(folder: Path) -> None:
    shutil.copytree(loaders.DATA, folder, dirs_exist_ok=True)
    GOOD.update(json.loads((folder / descriptor.NAME).read_text(encoding="utf-8")))
    (folder / "link.csv").symlink_to("/etc/hostname")
    (folder / "loop").symlink_to("loop")
    assert list(descriptor.errors(folder)) == []
    (folder / descriptor.NAME).unlink()


def paths(rng: random.Random) -> Any:
    files = json.loads(json.dumps(GOOD["resources"]))
    rng.choice(files)["path"] = rng.choice([*PATHS, None, 3, [], {}, ["panel.csv"], rng.choice(files)["path"]])
    return {**GOOD, "resources": files}


def resources(rng: random.Random) -> Any:
    return {**GOOD, "resources": common.changed(GOOD["resources"], rng)}


def anything(rng: random.Random) -> Any:
    return common.changed(GOOD, rng)


def many(rng: random.Random) -> Any:
    n = rng.choice([2_000, 20_000])
    return {"resources": [{"path": f"{i}.csv"} for i in range(n)] if rng.random() < 0.5 else [None] * n}


def other(rng: random.Random) -> Any:
    return rng.choice(
        [None, 1, "x", [], {}, {"resources": None}, {"resources": {}}, {"resources": "x"}, {"resources": [[]]}]
    )


JSON = {
    "paths": paths,
    "resources": resources,
    "values of any kind": anything,
    "very many": many,
    "another thing": other,
}
KINDS = common.kinds(JSON)


def attempt(kind: str, rng: random.Random, folder: Path) -> str:
    path = folder / descriptor.NAME
    common.put(path, kind, JSON, GOOD, rng)
    try:
        told = [common.one_line(error) for error in descriptor.errors(folder)]
        return common.REFUSED if told else common.ACCEPTED
    finally:
        common.remove(path)
