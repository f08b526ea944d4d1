"""Damaged and hostile inputs over every door: accepted with equal content or refused by name, within limits of the system.

`abuse/` holds a generator for each door and the runner, which tries inputs in processes of their own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STORED = TESTS.parent / "docs" / "abuse.md"
WITHOUT_BROWSER = ("tables", "boundaries", "descriptors", "lists", "reports", "books", "commands")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are those of Linux")


def run(*arguments, **environment):
    command = [sys.executable, "-m", "abuse", *arguments]
    done = subprocess.run(
        command, cwd=TESTS, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_sample_of_damaged_inputs_is_accepted_or_refused_by_name():
    doors = [word for name in WITHOUT_BROWSER for word in ("--door", name)]
    assert "| all | 210 |" in run("--inputs", "30", *doors)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_sample_of_odd_addresses_shows_a_country_or_all(site, chromium):
    assert "| all | 14 |" in run("--inputs", "14", "--door", "addresses", ASCN_SITE=str(site))


@pytest.mark.full
@pytest.mark.browser
def test_all_damaged_inputs_are_accepted_or_refused_as_the_stored_table_says(chromium, tmp_path):
    run("--write", str(tmp_path / "abuse.md"))
    assert (tmp_path / "abuse.md").read_text(encoding="utf-8") == STORED.read_text(encoding="utf-8")


def test_the_stored_table_tells_of_five_thousand_inputs_and_no_failure():
    rows = [line.split("|")[1:-1] for line in STORED.read_text(encoding="utf-8").splitlines()[7:]]
    tried = {name.strip(): [int(number.replace(",", "")) for number in numbers] for name, *numbers in rows}
    assert tried["all"][0] >= 5_000
    assert all(accepted + refused == number and failed == 0 for number, accepted, refused, failed in tried.values())
