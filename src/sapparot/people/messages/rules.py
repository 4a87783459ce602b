"""When a message is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sapparot.people.messages.facts import Outcome, Waiting

MOST_TRIES = 6
FIRST_PAUSE = timedelta(seconds=5)


def again_at(message: Waiting, outcome: Outcome, now: datetime) -> datetime | None:
    """Return when a message that was not taken is tried again: after 5, 15, 45 seconds and so on; None when it is given up."""
    if outcome.final or message.tries + 1 >= MOST_TRIES:
        return None
    then = now + FIRST_PAUSE * 3**message.tries
    return then if then < message.until else None
