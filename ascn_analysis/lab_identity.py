"""Whom JupyterLab answers: who has the token or the password, even where a configuration says that neither is wanted."""

from __future__ import annotations

import secrets
from typing import Any

from jupyter_server.auth.identity import PasswordIdentityProvider
from traitlets import observe


class TokenIdentityProvider(PasswordIdentityProvider):
    """The server's own way to sign in, except that an empty token without a password counts as none configured.

    An empty token is how a configuration turns all authentication off. Here the token of the environment holds then, or a
    random one. A token or a password that is set works as ever.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._never_open()

    # The server may set the token again, from older names of the setting.
    @observe("token")
    def _never_open(self, _: object = None) -> None:
        if not self.auth_enabled:
            token = self._token_default()
            self.token_generated = self.token_generated or not token
            self.token = token or secrets.token_hex(24)
