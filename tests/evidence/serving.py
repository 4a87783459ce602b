"""Builds the evidence door as the program does; run as a program it serves until it is killed."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import uvloop

from sapparot.base.clock import FixedClock
from sapparot.base.database import pool
from sapparot.base.gate import Gate
from sapparot.base.objects import public_objects, sealed_objects
from sapparot.base.server import make_server
from sapparot.evidence.api import DOOR, EvidenceDoor
from sapparot.evidence.arrivals import Arrivals, Limits
from sapparot.evidence.darkroom import Darkroom, _Worker
from sapparot.evidence.photographs import Photographs
from sapparot.evidence.unfinished import Unfinished
from sapparot.evidence.uploads import DOORS, UploadsDoor
from sapparot.people import DeviceTokens

NOW = datetime(2023, 5, 14, 11, 42, 10, tzinfo=UTC)
CLOCK = FixedClock(NOW)
TOKENS = DeviceTokens(b"t" * 32)


class Lasting(Darkroom):
    """A darkroom whose decoders go on to the next one: starting one takes as long as most tests. Those that were lost are replaced."""

    _rested: ClassVar[list[_Worker]] = []

    def __init__(self, scratch: Path) -> None:
        super().__init__(scratch, workers=0)
        self._all = [self._rested.pop() if self._rested else _Worker() for _ in range(2)]
        for worker in self._all:
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """Let the decoders rest; who is still at work is ended."""
        while not self._free.empty():
            worker = self._free.get_nowait()
            self._all.remove(worker)
            self._rested.append(worker)
        await super().close()


def build(
    database_url: str, data: Path, limits: Limits, room: Callable[[Path], Darkroom] = Darkroom
) -> tuple[Gate, Darkroom, Unfinished]:
    """The doors over a database and a data directory, their darkroom, and what keeps pieces."""
    scratch = data / "incoming"
    scratch.mkdir(exist_ok=True)
    database = pool(database_url, 4)
    darkroom = room(scratch)
    stores = sealed_objects(data), public_objects(data)
    photographs = Photographs(database, darkroom, stores, CLOCK)
    arrivals = Arrivals(scratch, limits)
    whole = EvidenceDoor(photographs, TOKENS, CLOCK, arrivals)
    unfinished = Unfinished(database, photographs, stores[0], CLOCK, arrivals)
    doors = {(door.method, door.path): UploadsDoor(unfinished, TOKENS, CLOCK, arrivals) for door in DOORS}
    exact = {key: app for key, app in doors.items() if not key[1].endswith("/")}
    prefixes = {key: app for key, app in doors.items() if key[1].endswith("/")} | {(DOOR.method, DOOR.path): whole}
    hooks = ([database.open, unfinished.open], [database.close, darkroom.close, unfinished.close])
    return Gate(exact, prefixes, hooks=hooks), darkroom, unfinished


if __name__ == "__main__":
    gate, *_ = build(sys.argv[1], Path(sys.argv[2]), Limits(reserve=0))
    uvloop.run(make_server(gate, "127.0.0.1", 0).serve(sockets=[socket.socket(fileno=int(sys.argv[3]))]))
