"""The kernel's messages reach the browser at once."""

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from ascn_analysis import cli
from ascn_analysis.lab_connection import PromptConnection


def test_a_connection_does_not_hold_small_messages_back(monkeypatch):
    asked = []
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    monkeypatch.setattr(KernelWebsocketHandler, "set_nodelay", lambda _, value: asked.append(value))
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda _: asked.append("connected"))
    connection = PromptConnection.__new__(PromptConnection)
    connection.set_trait("websocket_handler", handler)
    connection.connect()
    assert asked == [True, "connected"]


def test_jupyterlab_is_started_with_that_connection(monkeypatch):
    started = []

    def start(program, command):
        started.extend(command)
        raise SystemExit

    monkeypatch.setattr(cli.os, "execv", start)
    with pytest.raises(SystemExit):
        cli.main(["lab", "--no-browser"])
    place = f"{PromptConnection.__module__}.{PromptConnection.__qualname__}"
    assert f"--ServerApp.kernel_websocket_connection_class={place}" in started
