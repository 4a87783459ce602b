"""The face of coverage for pages and doors: coverage, gaps and missing people, for who may know."""

from __future__ import annotations

import asyncio

from sapparot.base.clock import monotonic
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.assignments import store
from sapparot.duty.assignments.facts import Job
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.checkins import store as checkins
from sapparot.duty.coverage.board import Board
from sapparot.duty.coverage.closeness import Margins
from sapparot.duty.coverage.facts import Covered, Gap, Missing
from sapparot.duty.problems import NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import refused
from sapparot.places import ancestors

FRESH_SECONDS = 5.0
"""How long a board of the whole election is believed: a hundred people look at it at the same time."""
MOST_BOARDS = 30


class Survey:
    """Coverage of the election. Sums over all networks say nothing of persons; who is missing is told to their own network alone."""

    def __init__(self, roster: Roster, nearby: Nearby, margins: Margins) -> None:
        self._roster = roster
        self._nearby = nearby
        self._margins = margins
        self._boards: dict[tuple[str, Job, str | None], tuple[Board | None, float]] = {}

    async def covered(
        self, connection: AsyncConnection, area: str | None, job: Job, network: str | None = None
    ) -> Covered:
        """Return the coverage of an area, or the whole election; ``network``: whose own stations are counted as ``own``."""
        election = await self._election(area)
        return (await self._board(connection, election, job, network)).covered(area)

    async def networks(self, connection: AsyncConnection, area: str | None, job: Job) -> dict[str, int]:
        """Return at how many stations of an area people of each network accepted."""
        board = await self._board(connection, await self._election(area), job, None)
        return await asyncio.to_thread(board.networks, area)

    async def gaps(self, connection: AsyncConnection, area: str | None, job: Job, limit: int = 100) -> list[Gap]:
        """Return stations that need somebody, those that matter most first."""
        election = await self._election(area)
        board = await self._board(connection, election, job, None)
        return board.gaps(area, await self._margins.now(), limit)

    async def missing(self, connection: AsyncConnection, who: Identity, area: str | None) -> list[Missing]:
        """Return who has not checked in: people of the caller's network, in an area (heads: their constituency)."""
        election = await self._election(area)
        self.check(election, who, area)
        found = []
        for duty in await store.of_election(connection, election.id, who.network):
            if duty.missed_at is not None and (area is None or self._roster.within(election, duty.place, area)):
                found.append(Missing(duty.id, duty.person, duty.network, duty.place, duty.job, duty.missed_at))
        return found

    def check(self, election: Election, who: Identity, area: str | None) -> None:
        """Raise :class:`Problem` unless the caller is an organiser, of the centre, or head of a constituency around the area."""
        if who.has("organiser", "centre", "lead"):
            return
        around = {each.code for each in ancestors(election.areas, area)} if area else set()
        if not any(who.heads(code) for code in around):
            raise refused(who, NOT_YOUR_AREA)

    async def _election(self, area: str | None) -> Election:
        election = await self._roster.rolls.election()
        if area is not None and area not in election.areas:
            raise Problem(PLACE_UNKNOWN)
        return election

    async def _board(self, connection: AsyncConnection, election: Election, job: Job, network: str | None) -> Board:
        key = (election.id, job, network)
        board, read_at = self._boards.get(key, (None, float("-inf")))
        if board is None or monotonic() - read_at > FRESH_SECONDS:
            board = Board(election, self._nearby.ground(election), job, self._roster.interests)
            arrived = await checkins.stations(connection, election.id)
            manned = await store.manned(connection, election.id, job)
            await asyncio.to_thread(board.fill, manned, arrived, network)
            self._boards = dict(list(self._boards.items())[-MOST_BOARDS:]) | {key: (board, monotonic())}
        return board
