"""What the joining page shows of a network: its terms, and what it asks people to agree to now."""

from __future__ import annotations

from sapparot.base.database import AsyncPool
from sapparot.people.terms import terms, texts
from sapparot.web.volunteer.facts import Invitation, Question

DATABASE_SECONDS = 5.0


class Invitations:
    """Looks networks up."""

    def __init__(self, database: AsyncPool) -> None:
        self._database = database

    async def __call__(self, network: str) -> Invitation | None:
        """Return the network that is named; None when there is none, or when it takes part no more."""
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            found = await terms(connection, network) if network.isprintable() else None
            if found is None or found.state != "active":
                return None
            asked = await texts(connection, network)
        questions = tuple(Question(one.purpose, one.version, one.text, one.required) for one in asked)
        return Invitation(found.id, found.name, found.colour, found.welcome, found.open, questions)
