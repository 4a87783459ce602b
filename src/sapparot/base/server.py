"""The HTTP server: uvicorn with uvloop and httptools, and patience that ends.

uvicorn waits for ever for the head of a request; a phone that stalls, or an attacker who sends a byte a minute, would hold a connection
each. Heads get a time and a size here; bodies get theirs where they are read.
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sapparot.base.asgi import AsgiApp

HEAD_SECONDS = 10.0
HEAD_BYTES = 32 * 1024
KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 30


class BoundedHeads(HttpToolsProtocol):
    """Closes a connection whose request head is late or too large."""

    _head_due: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first head."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head that is not complete."""
        if self._head_due is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_due is not None and self._head_bytes > HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Start to wait for the rest of the next head of a kept connection."""
        super().on_message_begin()
        if self._head_due is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_due = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None


def make_server(app: AsgiApp, host: str, port: int) -> uvicorn.Server:
    """Return a server for ``app``; SIGTERM and SIGINT stop it after the requests in flight are answered."""
    options: dict[str, Any] = {
        "loop": "uvloop",
        "http": BoundedHeads,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
        "backlog": 2048,
    }
    return uvicorn.Server(uvicorn.Config(app, host=host, port=port, **options))
