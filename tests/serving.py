"""Applications behind a real HTTP server on a free port of this machine, in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import uvicorn
import uvloop

from sapparot.base.asgi import AsgiApp
from sapparot.base.server import make_server

LONG = 60.0
"""Seconds after which something that should have happened did not; far more than a slow machine needs."""


class Serving(msgspec.Struct, frozen=True):
    """A running server."""

    address: tuple[str, int]
    server: uvicorn.Server
    loop: asyncio.AbstractEventLoop

    @property
    def root(self) -> str:
        """Its address as a URL without a path."""
        return "http://{}:{}".format(*self.address)


@contextmanager
def serving(app: AsgiApp | uvicorn.Server, listening: socket.socket | None = None) -> Iterator[Serving]:
    """Serve until the end of the block. The port is ours from the beginning, so that nobody else can take it, and callers queue at once.

    ``listening``: a socket of the caller, who had to know its port before there was a server.
    """
    server = app if isinstance(app, uvicorn.Server) else make_server(app, "127.0.0.1", 0)
    listening = listening or socket.create_server(("127.0.0.1", 0), backlog=512)
    loops: list[asyncio.AbstractEventLoop] = []
    runs = threading.Event()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        runs.set()
        await server.serve(sockets=[listening])

    thread = threading.Thread(target=lambda: uvloop.run(serve()), daemon=True)
    thread.start()
    assert runs.wait(LONG), "the server does not start"
    try:
        yield Serving(listening.getsockname(), server, loops[0])
    finally:
        server.should_exit = True
        thread.join(LONG)
        assert not thread.is_alive(), "the server does not stop"
