"""Doors for operators: they open to the token that stands in the data directory, and to nobody else."""

from __future__ import annotations

import hmac
from collections.abc import Container, Mapping
from pathlib import Path

from sapparot.base.asgi import AsgiApp, Paced, Receive, Scope, Send, header, respond_problem
from sapparot.base.doors import Door
from sapparot.base.keys import secret_file
from sapparot.base.problems import OPERATORS_ONLY, Problem


def operator_token(data: Path) -> str:
    """Return the token, made on first use: the text of the file ``secrets/operator.token`` (Prometheus: ``credentials_file``)."""
    return secret_file(data / "secrets" / "operator.token").hex()


def kept(doors: Mapping[Door, AsgiApp], token: str, unpaced: Container[Door] = ()) -> dict[Door, AsgiApp]:
    """Put before each application the pace of its door, but where it keeps that itself, and before those for operators the token."""
    paced = {door: app if door in unpaced else Paced(app, door.per_minute) for door, app in doors.items()}
    return {door: ForOperators(app, token) if door.who == "operator" else app for door, app in paced.items()}


class ForOperators:
    """Leads to an application whoever brings ``Authorization: Bearer <token>``."""

    def __init__(self, app: AsgiApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; 401 without the token."""
        given = (header(scope, b"authorization") or "").encode()
        if hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
        else:
            await respond_problem(send, Problem(OPERATORS_ONLY), [(b"www-authenticate", b"Bearer")])
