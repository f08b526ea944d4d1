"""The environment files say the same, and importing the package is cheap."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SCALE_LOCK = (ROOT / "requirements-scale.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", LOCK, re.MULTILINE))
SCALE_LOCKED = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", SCALE_LOCK, re.MULTILINE))

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


@pytest.mark.parametrize("lock", [LOCK, SCALE_LOCK], ids=["requirements", "scale"])
def test_the_lock_names_no_download_address(lock):
    assert "://" not in lock


@pytest.mark.parametrize("lock", [LOCK, SCALE_LOCK], ids=["requirements", "scale"])
def test_every_locked_package_has_a_hash(lock):
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", lock, flags=re.MULTILINE)[1:]
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


def test_looking_whether_the_site_has_changed_imports_nothing_that_draws_writes_or_runs():
    heavy = "altair geopandas ipywidgets pandera jupyter_client nbclient jinja2 vl_convert"
    code = f"import sys, ascn_analysis.site.build; print(*(set('{heavy}'.split()) & set(sys.modules)))"
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


# One list of dependencies, one version, one lock


def requirements():
    """Each requirement of pyproject.toml, as the standard reads it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [Requirement(text) for text in [*project["dependencies"], *(t for own in extras.values() for t in own)]]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda own: own.name)
def test_the_locked_version_is_within_the_bounds_of_pyproject(requirement):
    assert requirement.specifier.contains({**SCALE_LOCKED, **LOCKED}[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", requirements(), ids=lambda own: own.name)
def test_every_requirement_has_a_lowest_version(requirement):
    assert [own.version for own in requirement.specifier if own.operator == ">="] != []


def left_out():
    """Packages that pyproject.toml keeps out of the lock."""
    text = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {Requirement(own).name for own in text["tool"]["uv"]["override-dependencies"]}


def missing_from(lock):
    """What a package of the lock requires here, and the lock does not hold."""
    pinned = {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    installed = {canonicalize_name(own.name): own for own in metadata.distributions()}
    needed = {
        (name, canonicalize_name(required.name))
        for name in pinned & set(installed)
        for required in map(Requirement, installed[name].requires or [])
        if required.marker is None or required.marker.evaluate({"extra": ""})
    }
    return sorted(f"{required} (for {name})" for name, required in needed if required not in pinned | left_out())


def test_the_lock_holds_all_that_its_packages_require():
    assert missing_from(LOCK) == []


@pytest.mark.parametrize("name", ["numpy", "shapely", "tornado", "attrs"])
def test_a_line_that_is_taken_out_of_the_lock_is_named(name):
    without = re.sub(rf"^{name}==.*?(?=^[a-z])", "", LOCK, flags=re.MULTILINE | re.DOTALL)
    assert len(without) < len(LOCK)
    assert [line for line in missing_from(without) if line.startswith(f"{name} (for ")] != []


def changes():
    """The headings of CHANGELOG.md: version, and date or ``unreleased``."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.findall(r"^## (\S+) \((\S+)\)$", text, re.MULTILINE)


def cited(key):
    return re.search(rf"^{key}: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE).group(1)


def test_the_version_is_the_same_everywhere():
    from ascn_analysis import __version__, loaders

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    descriptor = json.loads((loaders.DATA / "datapackage.json").read_text(encoding="utf-8"))
    released = next(version for version, when in changes() if when != "unreleased")
    found = {project["version"], __version__, cited("version"), descriptor["version"], released}
    assert found == {project["version"]}


def test_the_version_is_a_semantic_one():
    assert all(re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version) for version, _ in changes())


def test_the_changes_go_from_the_newest_version_to_the_oldest_and_only_the_newest_is_unreleased():
    versions = [tuple(map(int, version.split("."))) for version, _ in changes()]
    assert versions == sorted(set(versions), reverse=True)
    assert "unreleased" not in [when for _, when in changes()][1:]


def test_the_citation_has_the_date_of_the_version():
    assert cited("date-released") == dict(changes())[cited("version")]


def test_every_licence_of_the_package_has_its_text():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(project["license"].split(" AND "))
    texts = {path.stem for path in (ROOT / "LICENSES").iterdir()} | {"MIT"}
    assert named == {next((n for n in named if text == n or text.startswith(f"{n}-")), text) for text in texts}
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_citation_names_licences_that_the_package_has():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    named = re.findall(r"^  - (\S+)$", text.split("license:")[1].split("authors:")[0], re.MULTILINE)
    assert set(named) <= set(project["license"].split(" AND "))
    assert len(named) == 2


def test_environment_yml_and_the_package_want_the_same_python():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"- python{project['requires-python']}\n" in (ROOT / "environment.yml").read_text(encoding="utf-8")
