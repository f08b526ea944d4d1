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


def tried(text):
    """Return the numbers of each door: tried, accepted, named error, failures."""
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")][2:]
    return {name.strip(): [int(number.replace(",", "")) for number in numbers] for name, *numbers in rows}


@pytest.mark.full
@pytest.mark.browser
def test_all_damaged_inputs_are_accepted_or_refused(chromium, tmp_path):
    run("--write", str(tmp_path / "abuse.md"))
    made, stored = (tried(path.read_text(encoding="utf-8")) for path in (tmp_path / "abuse.md", STORED))
    # What a system says of odd paths may differ: how many were tried does not.
    assert {name: numbers[0] for name, numbers in made.items()} == {
        name: numbers[0] for name, numbers in stored.items()
    }


def test_the_stored_table_tells_of_five_thousand_inputs_and_no_failure():
    numbers = tried(STORED.read_text(encoding="utf-8"))
    assert numbers["all"][0] >= 5_000
    assert all(accepted + refused == whole and failed == 0 for whole, accepted, refused, failed in numbers.values())
