"""The environment files say the same, and importing the package is cheap."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", LOCK, re.MULTILINE))

SCALE = (ROOT / "requirements-scale.lock").read_text(encoding="utf-8")


def direct_dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *extras["site"], *extras["test"]]
    return {re.match(r"[A-Za-z0-9-]+", requirement).group(0).lower() for requirement in listed}


def test_environment_yml_has_the_direct_dependencies_at_the_locked_versions():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    named = dict(re.findall(r"^ +- ([a-z][a-z0-9-]*)={1,2}([0-9][^ \n]*)$", text, re.MULTILINE))
    assert named == {name: LOCKED[name] for name in direct_dependencies()}


def test_the_lock_names_no_download_address():
    assert "://" not in LOCK


def test_every_locked_package_has_a_hash():
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_of_the_engines_has_the_extra_and_agrees_with_the_lock():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    locked = set(re.findall(r"^([A-Za-z0-9_.-]+==[^ \\]+)", SCALE, re.MULTILINE))
    names = {pin.partition("==")[0] for pin in locked}
    assert {re.match(r"[a-z]+", wanted).group(0) for wanted in extras["scale"]} <= names
    assert {pin for pin in locked if pin.partition("==")[0] in LOCKED} <= set(
        re.findall(r"^([A-Za-z0-9_.-]+==[^ \\]+)", LOCK, re.MULTILINE)
    )


def test_the_lock_of_the_engines_is_hashed_and_names_no_download_address():
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", SCALE, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in SCALE


@pytest.mark.parametrize("name", ["uv", "hatchling"])
def test_the_installer_and_the_build_backend_are_locked(name):
    assert name in LOCKED


def test_importing_the_package_imports_nothing_heavy():
    heavy = "altair geopandas ipywidgets pandera jupyterlab pandas numpy vl_convert"
    code = f"import sys, ascn_analysis; print(*(set('{heavy}'.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_an_unknown_attribute_is_an_attribute_error():
    import ascn_analysis

    with pytest.raises(AttributeError, match="load_nothing"):
        _ = ascn_analysis.load_nothing


def test_every_public_name_is_there():
    import ascn_analysis

    assert all(getattr(ascn_analysis, name) is not None for name in ascn_analysis.__all__)


def test_make_help_lists_the_two_commands():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"lab", "test"} <= set(re.findall(r"make ([a-z]+) ", done.stdout))


def test_no_tracked_text_names_a_path_of_this_machine():
    done = subprocess.run(
        ["git", "grep", "-nIF", "-e", f"{ROOT}/", "-e", f"{Path.home()}/", "--", ".", ":!*.lock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
