"""Work that waits until the reader pauses: of a hundred quick clicks the last one is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

SECONDS: Final = 0.005
"""Clicks that wait in the kernel's queue follow each other faster; a person does not notice it."""


class Pause:
    """Do something once, as soon as it was not asked for again for a moment; at once where no event loop runs.

    Parameters
    ----------
    action
        What is to be done.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether the action was asked for and is still to be done."""
        return self._timer is not None

    def ask(self) -> None:
        """Ask for the action."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self._act)
        except RuntimeError:
            self._act()

    def _act(self) -> None:
        self._timer = None
        self._action()
