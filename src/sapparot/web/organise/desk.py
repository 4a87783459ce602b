"""What all pages of organisers stand on: the database, the people, the elections, and the frame with the network's colour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.house import Duties
from sapparot.people.house import People
from sapparot.people.persons import Reader
from sapparot.web.framing import Said, framed, template_in
from sapparot.web.guarded import Reply, Visit

DATABASE_SECONDS = 5.0


class Desk:
    """The desk of an organiser."""

    def __init__(self, database: AsyncPool, people: People, duties: Duties) -> None:
        self._database = database
        self.people = people
        self.duties = duties

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection to the database."""
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            yield connection

    async def election(self) -> Election | None:
        """Return the newest election, None when none is defined."""
        try:
            return await self.duties.rolls.election()
        except Problem:
            return None

    async def page(self, visit: Visit, tab: str, values: dict[str, Any], said: Said | None = None) -> Reply:
        """Answer with a page of the organiser's network; what was refused has the status of a bad request."""
        async with self.connection() as connection:
            frame = await framed(connection, visit.who, f"/organise{tab}")
        template = template_in("organise", values.pop("template"))
        return visit.page(template, {**frame, "said": said, **values}, 400 if said and said.bad else 200)


def reader(visit: Visit) -> Reader:
    """Return the visitor as somebody who looks at people of the own network."""
    return Reader(visit.who.person, visit.who.network, "organiser")
