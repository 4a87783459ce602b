"""``POST /v1/me/check-ins``: a phone says when and where its owner arrived, at once or much later."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from litestar.params import JSONBody

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint, invalid
from sapparot.duty.checkins import store
from sapparot.duty.checkins.facts import CheckIn, CheckIns, Noted
from sapparot.duty.checkins.rules import flags
from sapparot.duty.problems import ELECTION_UNKNOWN
from sapparot.duty.rolls import Rolls
from sapparot.people.signin.api import Asked, identity_of

DOOR = Door("POST", "/v1/me/check-ins", "person", body_limit=30_000, per_minute=120)


class Answer(msgspec.Struct, frozen=True):
    """What became of each check-in, in the order of the question."""

    check_ins: list[Noted]


class CheckInDoors:
    """The door of check-ins."""

    def __init__(self, database: AsyncPool, rolls: Rolls, clock: Clock) -> None:
        self._database = database
        self._rolls = rolls
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        return [Endpoint(DOOR, self.note, problems=(ELECTION_UNKNOWN,))]

    async def note(self, request: Asked, data: JSONBody[CheckIns]) -> Answer:
        """Note check-ins; each carries an id of its own, so sending them again changes nothing. What is odd is flagged, not refused."""
        who, now = identity_of(request), self._clock.now()
        election = await self._rolls.election()
        said = [_aware(one) for one in data.check_ins]
        noted: list[Noted | None] = [None] * len(said)
        async with self._database.connection(timeout=5) as connection, connection.transaction():
            assigned = await store.assigned(connection, election.id, who.person)
            # By id: a batch that comes twice at once, in another order, would wait for itself.
            for place, one in sorted(enumerate(said), key=lambda each: each[1].id):
                if one.station not in election.stations.index:
                    noted[place] = Noted(one.id, "unknown")
                    continue
                odd = flags(election, one, now, assigned=one.station in assigned)
                fresh = await store.note(connection, election.id, who.person, (one, odd), now)
                noted[place] = Noted(one.id, "noted" if fresh else "duplicate", odd)
        return Answer([one for one in noted if one is not None])


def _aware(one: CheckIn) -> CheckIn:
    if one.at.tzinfo is None or not datetime(1970, 1, 2, tzinfo=UTC) < one.at < datetime(9999, 1, 1, tzinfo=UTC):
        raise invalid([("at", "write a moment with its offset from UTC")])
    return one
