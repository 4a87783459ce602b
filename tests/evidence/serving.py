"""Builds the evidence door as the program does; run as a program it serves until it is killed."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from sapparot.base.clock import FixedClock
from sapparot.base.database import pool
from sapparot.base.gate import Gate
from sapparot.base.objects import public_objects, sealed_objects
from sapparot.base.server import make_server
from sapparot.evidence.api import DOOR, EvidenceDoor, Limits
from sapparot.evidence.darkroom import Darkroom
from sapparot.evidence.photographs import Photographs
from sapparot.people import DeviceTokens

NOW = datetime(2023, 5, 14, 11, 42, 10, tzinfo=UTC)
TOKENS = DeviceTokens(b"t" * 32)


def build(database_url: str, data: Path, limits: Limits) -> tuple[Gate, Darkroom]:
    """The door over a database and a data directory, and its darkroom."""
    scratch = data / "incoming"
    scratch.mkdir(exist_ok=True)
    database = pool(database_url, 4)
    darkroom = Darkroom(scratch)
    clock = FixedClock(NOW)
    photographs = Photographs(database, darkroom, (sealed_objects(data), public_objects(data)), clock)
    door = EvidenceDoor(photographs, TOKENS, clock, scratch, limits)
    return Gate(
        {}, {(DOOR.method, DOOR.path): door}, hooks=([database.open], [database.close, darkroom.close])
    ), darkroom


if __name__ == "__main__":
    gate, _ = build(sys.argv[1], Path(sys.argv[2]), Limits(reserve=0))
    uvloop.run(make_server(gate, "127.0.0.1", 0).serve(sockets=[socket.socket(fileno=int(sys.argv[3]))]))
