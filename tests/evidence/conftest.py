"""The evidence door behind a real HTTP server and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from sapparot.base.objects import Objects, public_objects, sealed_objects
from sapparot.evidence.api import DOOR
from sapparot.evidence.arrivals import Limits
from sapparot.evidence.darkroom import Darkroom
from tests.evidence.serving import NOW, TOKENS, Lasting, build
from tests.intake.phones import eventually
from tests.serving import LONG, serving


class Station(msgspec.Struct):
    """A running evidence door, what it keeps, and a phone to call it with."""

    url: str
    database_url: str
    public: Objects
    sealed: Objects
    scratch: Path
    darkroom: Darkroom
    sweeping: Callable[[], None]
    taking: Callable[[], int]

    def sweep(self) -> None:
        """Sweep now."""
        self.sweeping()

    def takes(self, count: int) -> bool:
        """Tell whether that many photographs are on their way in, as soon as they are."""
        return eventually(lambda: self.taking() == count)

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
        return socket.create_connection(self.address, timeout=LONG)


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
        gate, darkroom, unfinished = build(database_url, data, limits, Lasting)
        with serving(gate) as running:

            def sweep() -> None:
                asyncio.run_coroutine_threadsafe(unfinished.sweep(), running.loop).result(LONG)

            stores, places = (public_objects(data), sealed_objects(data)), unfinished._arrivals._under_way
            root, scratch = running.root + DOOR.path, data / "incoming"
            yield Station(root, database_url, *stores, scratch, darkroom, sweep, places.total)
