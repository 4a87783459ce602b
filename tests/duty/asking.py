"""Calls an application once, without a server."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sapparot.base.asgi import AsgiApp, Message


class Said(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def ask(app: AsgiApp, path: str, headers: dict[str, str] | None = None, query: str = "") -> Said:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    lines = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {
        "type": "http", "method": "GET", "path": path, "headers": lines, "client": ("192.0.2.1", 1),
        "query_string": query.encode(),
    }  # fmt: skip
    await app(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Said(sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:]))
