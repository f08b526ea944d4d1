"""Without the network: no other machine can be reached, this one can, and nothing is claimed that does not hold."""

import subprocess
import sys

import pytest

from ascn_analysis import sealed
from ascn_analysis.errors import AscnError

TALK = """
import socket, subprocess, sys
from ascn_analysis import sealed

words = sealed.ensure()
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname(), timeout=5).close()
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as problem:
    print(words, type(problem).__name__, sep="; ")
if sys.argv[1:] == ["child"]:
    sys.stdout.flush()
    sys.exit(subprocess.call([sys.executable, sys.argv[0]]))
"""


@pytest.fixture
def talk(tmp_path):
    """A program that speaks to this machine, and asks for another; with ``child`` also from a process of its own."""
    path = tmp_path / "talk.py"
    path.write_text(TALK, encoding="utf-8")
    return [sys.executable, str(path)]


def test_a_namespace_has_loopback_and_no_way_out(talk, capfd):
    if not sealed._namespace():
        pytest.skip("this machine allows no network namespace")
    assert sealed.run(talk) == 0
    assert capfd.readouterr().out == f"{sealed.WORDS['namespace']}; OSError\n"


def test_without_a_namespace_sockets_refuse_in_every_process(talk, capfd, monkeypatch):
    monkeypatch.setattr(sealed, "_namespace", list)
    assert sealed.run([*talk, "child"]) == 0
    said = f"{sealed.WORDS['sockets']}; ConnectionRefusedError\n"
    assert capfd.readouterr().out == 2 * said


def test_the_exit_status_is_that_of_the_command():
    assert sealed.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_a_network_that_is_on_is_an_error(monkeypatch):
    monkeypatch.setattr(sealed, "_NOWHERE", ("127.0.0.1", 9))
    monkeypatch.setenv(sealed.VARIABLE, "sockets")
    with pytest.raises(AscnError, match="the network is not off"):
        sealed.ensure()


@pytest.mark.parametrize(
    ("address", "here"),
    [
        (("127.0.0.1", 80), True),
        (("::1", 80, 0, 0), True),
        (("localhost", 80), True),
        ("/run/a.socket", True),
        (("192.0.2.1", 80), False),
        (("example.org", 80), False),
        (("127.0.0.1.example.org", 80), False),
    ],
)
def test_what_is_on_this_machine(address, here):
    assert sealed._is_here(address) is here


def test_the_hook_is_a_module_that_python_finds_by_itself(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(sealed._HOOK, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "the network is off; ('192.0.2.1', 80) was asked" in done.stderr
