"""The elections in memory: duties are about their stations, and every process that deals with duties reads them once.

What is lost with the process is read again; a definition never changes once it stands, so what was read stays true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sapparot import contests
from sapparot.base.clock import monotonic
from sapparot.base.database import Connection, connect
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.problems import ELECTION_UNKNOWN
from sapparot.duty.sheets.rules import CONSTITUENCY
from sapparot.places import Area

FRESH_SECONDS = 5.0
"""How long the list of elections is believed."""


class Rolls:
    """Elections by their id; the one that is meant when nobody names any is the one with the latest day."""

    def __init__(self, url: str = "") -> None:
        """``url``: of the database, for who has no connection of its own."""
        self._url = url
        self._elections: dict[str, Election] = {}
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def election(self, name: str | None = None) -> Election:
        """Return an election, the latest when ``name`` is None; raises :class:`Problem` when there is none."""
        if name is None or name not in self._elections:
            async with self._turn:
                if monotonic() - self._looked_at >= FRESH_SECONDS:
                    await asyncio.to_thread(self._look)
        return self._known(name)

    def at_once(self, connection: Connection, name: str | None = None) -> Election:
        """The same for who has a connection and no event loop."""
        if name is None or name not in self._elections:
            self._read(connection)
        return self._known(name)

    async def constituency(self, code: str) -> bool:
        """Tell whether a code is that of a constituency, as far as an election is there to say so."""
        areas = await self._areas()
        if code not in areas:
            return not areas
        return areas[code].kind == CONSTITUENCY or all(area.kind != CONSTITUENCY for area in areas.values())

    async def area(self, code: str) -> bool:
        """The same of any area."""
        areas = await self._areas()
        return not areas or code in areas

    async def _areas(self) -> Mapping[str, Area]:
        try:
            return (await self.election()).areas
        except Problem:
            return {}

    def _known(self, name: str | None) -> Election:
        if name is not None and name in self._elections:
            return self._elections[name]
        if name is not None or not self._elections:
            raise Problem(ELECTION_UNKNOWN)
        return max(self._elections.values(), key=lambda election: (election.date, election.id))

    def _look(self) -> None:
        with connect(self._url) as connection:
            self._read(connection)
        self._looked_at = monotonic()

    def _read(self, connection: Connection) -> None:
        for name in contests.defined(connection):
            if name not in self._elections:
                self._elections[name] = contests.assemble(contests.load(connection, name))
