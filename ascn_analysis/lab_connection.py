"""How the kernel's messages reach the browser under `ascn lab`: at once."""

from __future__ import annotations

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The server's own connection to a kernel, whose messages do not wait for each other.

    A click is answered by several small messages. By default the operating system holds the second back until the browser
    has acknowledged the first, for which it takes its time: 40 ms between the click and the redrawn figure.
    """

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]  # as in the class above it
        """Connect, and send small messages at once."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
