"""One at a time: who holds a lock is named, and a lock of a dead process keeps nobody out."""

import os
import subprocess
import sys

import pytest

from ascn_analysis import locking
from ascn_analysis.errors import WriteError

HOLD = "import sys, pathlib\nfrom ascn_analysis import locking\nwith locking.held(pathlib.Path(sys.argv[1])):\n print('held', flush=True)\n sys.stdin.read()"


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of a site."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "_site")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_holder_is_named_with_the_time_of_its_start(holder, tmp_path):
    said = rf"_site: is being written by process {holder.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC; wait"
    with pytest.raises(WriteError, match=said), locking.held(tmp_path / "_site"):
        pass


def test_the_lock_of_a_killed_process_is_taken_over(holder, tmp_path):
    holder.kill()
    holder.wait()
    assert (tmp_path / "._site.lock").exists()
    with locking.held(tmp_path / "_site"):
        assert f"process {os.getpid()}," in (tmp_path / "._site.lock").read_text()


def test_nothing_stays_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locking.held(tmp_path / "_site"):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_another_target_has_another_lock(tmp_path):
    with locking.held(tmp_path / "one"), locking.held(tmp_path / "two"):
        assert len(list(tmp_path.iterdir())) == 2
