"""Tells the log at which stations the owners of device keys have duties, so that a report from elsewhere can be noticed.

Only once the stations have closed: before, it would tell everybody which stations nobody watches. What the log is told and the note
of it commit together, some people at a time. A crash before the commit leaves these people untold, a crash after it leaves the
entry in the outbox; whoever comes next looks at everybody and tells only what the log was not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sapparot import people
from sapparot.base import outbox
from sapparot.base.clock import monotonic
from sapparot.base.database import Connection
from sapparot.duty.disclosure import store
from sapparot.duty.disclosure.lists import duties_entries, untold

WHOLE_SECONDS = 3600.0
"""How often everybody is looked at; in between only those whose duties changed, and who enrolled a phone."""
PHONES = timedelta(minutes=1)
"""How often it is looked who enrolled a phone: no index helps there, and a phone that is not named yet is only not known."""
OVERLAP = timedelta(minutes=2)
"""How much of the past is looked at again: a change is visible later than its time says, and servers' clocks differ."""
BATCH = 5000
"""People looked at in one transaction."""


class Discloser:
    """Knows in memory only when it looked; a new one looks at everybody first."""

    def __init__(self) -> None:
        self._whole_at = float("-inf")
        self._looked_at: datetime | None = None
        self._phones_at = datetime.min.replace(tzinfo=UTC)

    def look(self, connection: Connection, election: str, now: datetime) -> int:
        """Tell the log what it does not know yet of an election whose stations have closed; return of how many keys."""
        began = monotonic()
        whole_at, phones_at = self._whole_at, self._phones_at
        if self._looked_at is None or began - whole_at >= WHOLE_SECONDS:
            whole_at, phones_at = began, now
            moved = store.everybody(connection, election)
        else:
            moved = store.changed(connection, election, self._looked_at - OVERLAP)
            if now - phones_at >= PHONES:
                moved += people.enrolled_since(connection, phones_at - OVERLAP)
                phones_at = now
        done = sum(_tell(connection, election, moved[at : at + BATCH]) for at in range(0, len(moved), BATCH))
        self._looked_at, self._whole_at, self._phones_at = now, whole_at, phones_at
        return done


def _tell(connection: Connection, election: str, some: Sequence[UUID]) -> int:
    owners = people.standing_keys(connection, some)
    duties = untold(owners, store.held(connection, election, some), store.told(connection, election, owners))
    if duties:
        outbox.put(connection, duties_entries(election, duties))
        store.tell(connection, election, duties)
    connection.commit()
    return len(duties)
