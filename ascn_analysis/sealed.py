"""Run a command without the network: in a network namespace of its own, or else with sockets that refuse.

A namespace is the kernel's doing and holds for every program in it. Where the machine does not allow one, each Python
process refuses to connect elsewhere than to this machine; a library that opens sockets of its own is then not held
back, so a report says which of the two it was. Linux makes namespaces with ``unshare`` of util-linux.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ascn_analysis.errors import AscnError

VARIABLE: Final = "ASCN_SEALED"
"""Environment variable that tells a sealed process how it is sealed: ``namespace`` or ``sockets``."""
WORDS: Final = {
    "namespace": "off: a network namespace of its own, with loopback only",
    "sockets": "off: every Python process refuses to connect elsewhere (this machine allows no namespace)",
}
_NOWHERE: Final = ("192.0.2.1", 9)  # an address set aside for documentation (RFC 5737)
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_HOOK: Final = "from ascn_analysis.sealed import refuse_elsewhere\n\nrefuse_elsewhere()\n"


def run(command: Sequence[str]) -> int:
    """Run a command with the network off, and return its exit status."""
    prefix = _namespace()
    if prefix:
        return subprocess.call([*prefix, *command], env={**os.environ, VARIABLE: "namespace"})
    with tempfile.TemporaryDirectory() as folder:
        # Python runs a module of this name at the start of every process, so kernels refuse as well.
        (Path(folder) / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        ways = [folder, str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        surroundings = {VARIABLE: "sockets", "PYTHONPATH": os.pathsep.join(way for way in ways if way)}
        return subprocess.call(list(command), env={**os.environ, **surroundings})


def _namespace() -> list[str]:
    """Return the words that make a namespace here: as root, or as a user who becomes root within it; none if neither may."""
    program = shutil.which("unshare")
    for options in ("-n", "-rn"):
        if program and subprocess.run([program, options, "true"], capture_output=True, check=False).returncode == 0:
            return [program, options]
    return []


def ensure() -> str:
    """Make sure that the network is off in this process, and say how.

    Raises
    ------
    AscnError
        If an address elsewhere can still be reached.
    """
    how = os.environ.get(VARIABLE, "")
    if how == "namespace":
        _raise_loopback()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket asks for a route and sends nothing.
            probe.connect(_NOWHERE)
        except OSError:
            return WORDS.get(how, "off")
    raise AscnError("the network is not off, so nothing is compared; expected no route to another machine")


def _raise_loopback() -> None:
    """Set the loopback interface of a new namespace up; kernels talk over it."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16sH22x", b"lo", 0))
        flags = struct.unpack("16sH22x", asked)[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH22x", b"lo", flags | _UP))


def refuse_elsewhere() -> None:
    """From now on let no socket of this process speak to another machine."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto") and not _is_here(arguments[1]):
            raise ConnectionRefusedError(f"the network is off; {arguments[1]} was asked")

    sys.addaudithook(refuse)


def _is_here(address: Any) -> bool:
    """Say whether an address is of this machine: loopback, or a file."""
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] in ("localhost", "")
