"""Tells the log at which stations the owners of device keys have duties, so that a report from elsewhere can be noticed.

Only once the stations have closed: before, it would tell everybody which stations nobody watches. What the log is told and the note
of it commit together, some people at a time. A crash before the commit leaves these people untold, a crash after it leaves the
entry in the outbox; whoever comes next looks at everybody and tells only what the log was not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sapparot import people
from sapparot.base import outbox
from sapparot.base.clock import monotonic
from sapparot.base.database import Connection
from sapparot.duty.disclosure import store
from sapparot.duty.disclosure.lists import duties_entries, untold

WHOLE_SECONDS = 300.0
"""How often everybody is looked at, for phones that were enrolled since; in between only those whose duties changed."""
OVERLAP = timedelta(minutes=2)
"""How much of the past is looked at again: a change is visible later than its time says, and servers' clocks differ."""
BATCH = 5000
"""People looked at in one transaction."""


class Discloser:
    """Knows in memory only when it looked; a new one looks at everybody first."""

    def __init__(self) -> None:
        self._whole_at = float("-inf")
        self._looked_at: datetime | None = None

    def look(self, connection: Connection, election: str, now: datetime) -> int:
        """Tell the log what it does not know yet of an election whose stations have closed; return of how many keys."""
        began = monotonic()
        if whole := self._looked_at is None or began - self._whole_at >= WHOLE_SECONDS:
            moved = store.everybody(connection, election)
        else:
            moved = store.changed(connection, election, self._looked_at - OVERLAP)
        done = sum(_tell(connection, election, moved[at : at + BATCH]) for at in range(0, len(moved), BATCH))
        self._looked_at = now
        if whole:
            self._whole_at = began
        return done


def _tell(connection: Connection, election: str, some: Sequence[UUID]) -> int:
    owners = people.standing_keys(connection, some)
    duties = untold(owners, store.held(connection, election, some), store.told(connection, election, owners))
    if duties:
        outbox.put(connection, duties_entries(election, duties))
        store.tell(connection, election, duties)
    connection.commit()
    return len(duties)
