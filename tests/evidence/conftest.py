"""The evidence door behind a real HTTP server and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
import uvloop

from sapparot.base.objects import Objects, public_objects, sealed_objects
from sapparot.base.server import make_server
from sapparot.evidence.api import DOOR
from sapparot.evidence.arrivals import Limits
from sapparot.evidence.darkroom import Darkroom
from tests.evidence.serving import NOW, TOKENS, build


class Station(msgspec.Struct):
    """A running evidence door, what it keeps, and a phone to call it with."""

    url: str
    database_url: str
    public: Objects
    sealed: Objects
    scratch: Path
    darkroom: Darkroom
    sweeping: Callable[[], None]

    def sweep(self) -> None:
        """Sweep now."""
        self.sweeping()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parsed = httpx.URL(self.url)
        return parsed.host, parsed.port or 0

    def put(
        self, photograph: bytes, *, name: str | None = None, phone: str = "phone", **headers: str
    ) -> httpx.Response:
        """Send a photograph under its hash, or under another ``name``."""
        return httpx.put(
            self.url + (name or hashlib.sha256(photograph).hexdigest()),
            content=photograph,
            headers={"authorization": authorization(phone), **headers},
            timeout=60,
            verify=False,  # saves loading certificates that plain HTTP does not need
        )

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(self.address, timeout=10)


def authorization(phone: str = "phone", life: timedelta = timedelta(days=1)) -> str:
    """The Authorization header of a device."""
    return "Bearer " + TOKENS.issue(phone, NOW + life)


@pytest.fixture
def open_station(database_url: str) -> Iterator[Callable[..., Station]]:
    """Opens doors with given limits; all of them close at the end."""
    opened: list[AbstractContextManager[Station]] = []

    def opener(limits: Limits | None = None, data: Path | None = None) -> Station:
        running = _running(database_url, limits or Limits(reserve=0), data)
        opened.append(running)
        return running.__enter__()

    yield opener
    for running in opened:
        running.__exit__(None, None, None)


@pytest.fixture
def station(open_station: Callable[..., Station]) -> Station:
    """A door with the usual limits."""
    return open_station()


@pytest.fixture(scope="module")
def judge() -> Iterator[Callable[[bytes], tuple[int, bytes]]]:
    """Develops one file after the other in a single decoder; how it ended, and the copy."""
    with tempfile.TemporaryDirectory() as directory, asyncio.Runner() as runner:
        darkroom = Darkroom(Path(directory), workers=1)

        def judged(data: bytes) -> tuple[int, bytes]:
            with tempfile.TemporaryFile(dir=directory) as file:
                file.write(data)
                file.flush()
                return runner.run(darkroom.develop(file))

        yield judged
        runner.run(darkroom.close())


@contextmanager
def _running(database_url: str, limits: Limits, place: Path | None) -> Iterator[Station]:
    with tempfile.TemporaryDirectory() as directory:
        data = place or Path(directory)
        gate, darkroom, unfinished = build(database_url, data, limits)
        server = make_server(gate, "127.0.0.1", 0)
        listening = socket.create_server(("127.0.0.1", 0))
        loop: list[asyncio.AbstractEventLoop] = []

        async def serve() -> None:
            loop.append(asyncio.get_running_loop())
            await server.serve(sockets=[listening])

        def sweep() -> None:
            asyncio.run_coroutine_threadsafe(unfinished.sweep(), loop[0]).result(10)

        thread = threading.Thread(target=lambda: uvloop.run(serve()), daemon=True)
        thread.start()
        host, port = listening.getsockname()
        try:
            stores = public_objects(data), sealed_objects(data)
            yield Station(f"http://{host}:{port}{DOOR.path}", database_url, *stores, data / "incoming", darkroom, sweep)
        finally:
            server.should_exit = True
            thread.join()
