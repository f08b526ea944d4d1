"""Fresh kernels without the wait: one process imports the libraries, and every kernel is a fork of it.

A kernel that starts from nothing spends more than a second on imports, most of the time of a short notebook. A fork has
the libraries loaded and nothing else: no notebook has run in it, no table is read, no name is set. Where a system cannot
fork, or only one notebook is to run, ordinary kernels do the same.

``python -m ascn_analysis.site.warm`` is the process itself: it reads a kernel's command from each line of its input and
answers with the number of the process that runs it.
"""

from __future__ import annotations

import builtins
import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace, TracebackType
from typing import Any, Final, Self

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from ascn_analysis.errors import NotebookError

LOADED: Final = (
    "altair",
    "ascn_analysis.audit",
    "ascn_analysis.figures",
    "ascn_analysis.loaders",
    "ascn_analysis.metrics",
    "ascn_analysis.selections",
    "ascn_analysis.tables",
    "ascn_analysis.widgets",
    "geopandas",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
)
"""What every kernel has loaded; a name that a notebook does not import is still unknown to it."""


class Nursery:
    """The process that kernels are forked from; use it in a ``with`` statement.

    Raises
    ------
    NotebookError
        If the process ends before it has forked a kernel.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.communicate()

    def manager(self) -> AsyncKernelManager:
        """Return a manager whose kernel is a fork of this process."""
        manager = AsyncKernelManager(kernel_name="python3")
        manager.provisioner = _Forking(kernel_spec=manager.kernel_spec, parent=manager)
        manager.provisioner.nursery = self
        return manager

    def fork(self, command: list[str], options: dict[str, Any]) -> _Forked:
        """Start a kernel."""
        order = {"command": command, "folder": str(options["cwd"]), "environment": options["env"]}
        orders: Any = self._process.stdin
        answers: Any = self._process.stdout
        try:
            orders.write(json.dumps(order) + "\n")
            orders.flush()
            return _Forked(int(answers.readline()))
        except (OSError, ValueError) as problem:
            raise NotebookError(f"no kernel could be started ({problem})") from problem


class _Forked:
    """As much of `subprocess.Popen` as a kernel manager asks of a process that is not its own child."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.01)
        return 0

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Forking(LocalProvisioner):  # type: ignore[misc]
    nursery: Nursery

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        self.process: Any = self.nursery.fork(cmd, kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info


def main() -> None:
    """Load the libraries, then fork a kernel for each line of the input until it ends."""
    # What a kernel imports must not be found in the folder where the build was started.
    del sys.path[0]
    with _as_in_a_notebook():
        for name in LOADED:
            importlib.import_module(name)
    # Nobody waits for a kernel that has ended, and none may stay as a zombie.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    for line in sys.stdin:
        if os.fork() == 0:
            _become_kernel(json.loads(line), parent)


@contextmanager
def _as_in_a_notebook() -> Iterator[None]:
    """Answer libraries that ask, while they are imported, whether a kernel or a terminal will show their output."""
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]


def _end_with(parent: int) -> None:
    """Let the system end this process when its parent ends, in whatever way: nobody else would."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _become_kernel(order: dict[str, Any], parent: int) -> None:
    _end_with(parent)
    os.setsid()
    os.write(1, f"{os.getpid()}\n".encode())
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    from ipykernel import kernelapp

    # As `python -m ipykernel_launcher ...` would; where the system cannot end it, the kernel looks every second whether
    # its parent is still there. The variable for that was read when the library was loaded.
    kernelapp.launch_new_instance([*order["command"][3:], f"--IPKernelApp.parent_handle={parent}"])
    os._exit(0)


if __name__ == "__main__":
    main()
