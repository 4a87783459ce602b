"""The published doors behind a real HTTP server."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sapparot.base.asgi import AsgiApp
from sapparot.base.database import pool
from sapparot.base.gate import Gate
from sapparot.base.objects import Objects
from sapparot.base.server import make_server
from sapparot.publish import api, events
from sapparot.publish.events import Board, Events, StreamLimits
from tests.serving import LONG
from tests.serving import serving as running


@contextmanager
def serving(url: str, place: Path, limits: StreamLimits | None = None) -> Iterator[int]:
    """Serve the public store at ``place`` over HTTP; yield the port."""
    database = pool(url, 4)
    board = Board(database, limits)
    files = api.PublicFiles(Objects.at(place), board)
    exact: dict[tuple[str, str], AsgiApp] = {
        ("GET", api.LATEST_DOOR.path): files,
        ("GET", api.KEY_DOOR.path): files,
        ("GET", api.LIST_DOOR.path): api.SnapshotList(database),
        ("GET", events.DOOR.path): Events(board, database),
    }
    prefixes: dict[tuple[str, str], AsgiApp] = {
        ("GET", api.SNAPSHOTS_DOOR.path): files,
        ("GET", api.DEFINITIONS_DOOR.path): files,
    }
    gate = Gate(exact, prefixes, hooks=([database.open, board.open], [database.close, board.close]))
    server = make_server(gate, "127.0.0.1", 0)
    server.config.timeout_graceful_shutdown = 2
    with running(server) as served:
        until(lambda: board.last is not None)
        yield served.address[1]


def until(met: object, seconds: float = LONG) -> None:
    """Wait until ``met()`` is true."""
    assert callable(met)
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def get(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Ask once; return status, headers with names in lower case, and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


class Stream:
    """An open event stream, read event by event."""

    def __init__(self, port: int, path: str = "/v1/events", headers: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
        self._connection.request("GET", path, headers=headers or {})
        self.answer = self._connection.getresponse()

    def line(self) -> bytes:
        """Read one line; empty at the end of the stream."""
        return self.answer.fp.readline() if self.answer.fp else b""

    def event(self) -> dict[str, str]:
        """Read the next event as its fields; comments and ``retry`` are passed over."""
        fields: dict[str, str] = {}
        while line := self.answer.readline():
            text = line.decode().rstrip("\n")
            if not text and "data" in fields:
                return fields
            name, _, value = text.partition(": ")
            if name:
                fields[name] = value
        return fields

    def close(self) -> None:
        """Go away."""
        self._connection.close()
