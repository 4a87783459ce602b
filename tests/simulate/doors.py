"""Doors that keep what they are given in memory and misbehave on request, behind a real HTTP server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import uvicorn

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, read_body, respond
from sapparot.base.jws import MalformedJws, SigningKey, parse
from tests.serving import serving as running

KEY = SigningKey.from_secret("EdDSA", bytes(32))
RECEIVED_AT = "2023-05-14T11:00:00.000000Z"


class Trouble(msgspec.Struct):
    """Every so-manieth report request goes wrong in this way; 0 means never."""

    busy: int = 0
    """Answered 503 with Retry-After, nothing is kept."""
    dropped_before: int = 0
    """The connection is cut, nothing is kept."""
    dropped_after: int = 0
    """What came is kept, then the connection is cut."""
    closing: int = 0
    """Answered with ``Connection: close``."""
    silent_devices: bool = False
    """No device is enrolled."""


class Doors:
    """The doors and what they hold."""

    def __init__(self, trouble: Trouble | None = None) -> None:
        self.trouble = trouble or Trouble()
        self.devices: dict[str, str] = {}
        self.reports: dict[str, bytes] = {}
        self.photographs: dict[str, bytes] = {}
        self.seen: Counter[str] = Counter()
        self.bodies: list[int] = []
        promise = canonical.encode({"received_at": RECEIVED_AT})
        self._promise = {"jws": KEY.sign(promise, "sapparot-promise+jwt"), "index": 0, "path": []}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await read_body(scope, receive, 10_000_000)
        method, path = scope["method"], scope["path"]
        self.seen[f"{method} {path.rpartition('/')[0] if method == 'PUT' else path}"] += 1
        if path == "/v1/devices":
            await self._enrol(body, send)
        elif path == "/v1/reports":
            await self._report(body, scope, send)
        elif method == "PUT":
            self.photographs[path.rpartition("/")[2]] = body
            await respond(send, 201, b"{}")
        else:
            await respond(send, 404, b"{}")

    async def _enrol(self, body: bytes, send: Send) -> None:
        if self.trouble.silent_devices:
            await respond(send, 403, b'{"code":"people.invite_unknown"}')
            return
        kid = parse(body).header.kid
        self.devices[f"token-{kid}"] = kid
        await respond(send, 201, canonical.encode({"kid": kid, "token": f"token-{kid}"}))

    async def _report(self, body: bytes, scope: Scope, send: Send) -> None:
        turn = self.seen["POST /v1/reports"]
        if self._turn(self.trouble.busy, turn):
            await respond(send, 503, b"{}", headers=[(b"retry-after", b"0")])
            return
        if self._turn(self.trouble.dropped_before, turn):
            await cut(send)
            return
        token = dict(scope["headers"])[b"authorization"].decode().removeprefix("Bearer ")
        answers = [self._keep(line, token) for line in body.split(b"\n")]
        self.bodies.append(len(answers))
        if self._turn(self.trouble.dropped_after, turn):
            await cut(send)
            return
        headers = [(b"connection", b"close")] if self._turn(self.trouble.closing, turn) else []
        await respond(send, 202, b"\n".join(map(canonical.encode, answers)) + b"\n", headers=headers)

    def _keep(self, line: bytes, token: str) -> dict[str, object]:
        assert token in self.devices
        try:
            identity = str(canonical.decode(parse(line).payload)["id"])
        except MalformedJws:
            return {"outcome": "refused", "problem": {}}
        held = self.reports.setdefault(identity, line)
        if held != line:
            return {"id": identity, "outcome": "conflict", "problem": {}}
        outcome = "accepted" if held is line else "duplicate"
        return {"id": identity, "outcome": outcome, "promise": self._promise}

    @staticmethod
    def _turn(every: int, turn: int) -> bool:
        return every > 0 and turn % every == 0


async def cut(send: Send) -> None:
    """Begin an answer and leave it there: the server then closes the connection."""
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"999")]})


@contextmanager
def serving(doors: Doors) -> Iterator[str]:
    """Serve the doors; yield their URL."""
    config = uvicorn.Config(doors, log_level="critical", lifespan="off", access_log=False)
    with running(uvicorn.Server(config)) as served:
        yield served.root
