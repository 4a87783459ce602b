"""A log, a sequencer and a public store, on which a publisher can be tried."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sapparot.base import outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection
from sapparot.base.jws import SigningKey
from sapparot.base.objects import Objects
from sapparot.ledger.notes import NoteSigner
from sapparot.ledger.worker import Outbox, Sequencer
from sapparot.publish.facts import Pace
from sapparot.publish.worker import Publisher
from tests.tally.tiny import DEFINED

CLOCK = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))
KEY = SigningKey.from_secret("EdDSA", b"p" * 32)
AT_ONCE = Pace(light=0.0, full=3600.0, pause=3600.0, check=0.0)


class Evening:
    """A log, a sequencer and a public store."""

    def __init__(
        self, connection: Connection, place: Path, first: Sequence[tuple[int, str, bytes]] = tuple(DEFINED)
    ) -> None:
        """`first`: the entries that the log begins with."""
        self.connection = connection
        self.public = Objects.at(place)
        self.sequencer = Sequencer([Outbox()], NoteSigner("example.org/log", b"k" * 32), self.public, CLOCK)
        self.sequencer.start(connection)
        outbox.put(connection, [(kind, body) for _, kind, body in first])
        self.place()

    def say(self, *things: dict[str, Any]) -> None:
        outbox.put(self.connection, [(thing["kind"], json.dumps(thing).encode()) for thing in things])
        self.place()

    def place(self) -> None:
        self.connection.commit()
        while self.sequencer.step(self.connection):
            pass

    def publisher(self, pace: Pace = AT_ONCE) -> Publisher:
        made = Publisher(self.public, KEY, CLOCK, pace)
        made.start(self.connection)
        self.connection.commit()
        return made

    def step(self, publisher: Publisher) -> None:
        publisher._look_at = float("-inf")
        publisher.step(self.connection)

    def latest(self) -> Any:
        return json.loads(self.public.get("v1/latest.json"))

    def file(self, name: str, n: int | None = None) -> Any:
        return json.loads(self.public.get(f"v1/snapshots/{n or self.latest()['n']}/{name}"))
