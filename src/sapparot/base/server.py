"""The HTTP server: uvicorn with uvloop and httptools, and patience that ends.

uvicorn waits for ever for the head of a request; a phone that stalls, or an attacker who sends a byte a minute, would hold a connection
each. Here heads get a time and a size, and bodies a time; how large a body may be is the door's affair.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sapparot.base import canonical
from sapparot.base.asgi import AsgiApp, Scope, header
from sapparot.base.problems import TOO_SLOW, Problem

HEAD_SECONDS = 10.0
HEAD_BYTES = 32 * 1024
BODY_BYTES_PER_SECOND = 4096
"""The slowest body we wait for: a photograph over one bar of signal."""
KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 30
_LATE_BODY = canonical.encode(Problem(TOO_SLOW).body())
_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_LATE_BODY), _LATE_BODY)
)


class Patient(HttpToolsProtocol):
    """A connection that knows until when the message on its way must be complete."""

    body_seconds = 20.0
    _due: float | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first head."""
        super().connection_made(transport)
        self._due = self.loop.time() + HEAD_SECONDS

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head that is not complete."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._due = self.loop.time() + HEAD_SECONDS

    def on_headers_complete(self) -> None:
        """The head is there; the body gets its time, longer when it said that it is large."""
        self._in_head = False
        declared = header(cast("Scope", self.scope), b"content-length") or ""
        size = int(declared) if declared.isdecimal() and len(declared) < 12 else 0
        self._due = self.loop.time() + self.body_seconds + size / BODY_BYTES_PER_SECOND
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is there; what happens now is our own affair."""
        self._due = None
        super().on_message_complete()

    def close_if_late(self, now: float) -> None:
        """Tell a caller whose message is overdue, and close."""
        if self._due is not None and now > self._due and not self.transport.is_closing():
            if self.cycle is None or not self.cycle.response_started:
                self.transport.write(_LATE)
            self.transport.close()


class Server(uvicorn.Server):
    """uvicorn that looks once a second for late callers, and ends streams before it waits for the last answers."""

    stopping: Sequence[Callable[[], Awaitable[None]]] = ()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Run what ends streams, then wait for the requests in flight."""
        for end in self.stopping:
            await end()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Close late connections; called ten times a second."""
        if counter % 10 == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Patient):
                    connection.close_if_late(now)
        return await super().on_tick(counter)


def make_server(
    app: AsgiApp,
    host: str,
    port: int,
    body_seconds: float = 20.0,
    stopping: Sequence[Callable[[], Awaitable[None]]] = (),
) -> Server:
    """Return a server for ``app``; SIGTERM and SIGINT stop it after the requests in flight are answered."""
    protocol = type("PatientProtocol", (Patient,), {"body_seconds": body_seconds})
    options: dict[str, Any] = {
        "loop": "uvloop",
        "http": protocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
        "backlog": 2048,
    }
    server = Server(uvicorn.Config(app, host=host, port=port, **options))
    server.stopping = stopping
    return server
