"""The watch of a head: every station of the constituency, who of the own network guards it, and what it has sent.

What stations sent is public; who guards them is told to their own network, by ids, and of other networks as network and jobs.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from sapparot import evidence
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.assignments import store
from sapparot.duty.assignments.facts import ON_SITE, Duty, Job
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.checkins import store as checkins
from sapparot.duty.problems import NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.duty.returns.book import Book
from sapparot.duty.returns.facts import NOTHING, Elsewhere, Return, Returns, SheetReturn, StationReturn
from sapparot.duty.returns.rules import counted, sheet_return, shots_in
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import refused
from sapparot.places import ancestors

Arrived = Collection[str]
STANDS = ("accepted", "done")


class Guards(NamedTuple):
    """Who guards a station, as one network sees it, and whether somebody has come."""

    network: str
    duties: list[Duty]
    arrived: bool

    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Return the people of other networks, without names and in an order that tells nothing."""
        jobs: dict[tuple[str, UUID], list[Job]] = defaultdict(list)
        for duty in self.duties:
            if duty.network != self.network:
                jobs[duty.network, duty.person].append(duty.job)
        found = (Elsewhere(network, tuple(each)) for (network, _), each in jobs.items())
        return tuple(sorted(found, key=lambda one: (one.network, one.jobs)))


class Watch:
    """What heads see of their stations."""

    def __init__(self, roster: Roster, book: Book) -> None:
        self._roster = roster
        self.book = book

    async def of(self, connection: AsyncConnection, who: Identity, area: str, station: str | None = None) -> Returns:
        """Return the stations of an area, or one of them; raises :class:`Problem` for who may not see it."""
        election = await self.admit(who, area)
        numbers = self.book.stations(election, area)
        if station is not None:
            numbers = [number for number in numbers if election.stations.codes[number] == station]
            if not numbers:
                raise Problem(PLACE_UNKNOWN)
        codes = [election.stations.codes[number] for number in numbers]
        found = await self.book.of(connection, election, area)
        copies = await evidence.published_of(connection, shots_in(found.values()))
        there = {name for name, copy in copies.items() if copy is not None}
        duties: dict[str, list[Duty]] = defaultdict(list)
        for duty in await store.at_places(connection, election.id, codes):
            duties[duty.place].append(duty)
        arrived = {one.station for one in await checkins.present(connection, election.id, codes) if _counts(one.flags)}
        rows = await asyncio.to_thread(
            lambda: tuple(
                self._station(election, number, Guards(who.network, duties[code], code in arrived), (found, there))
                for number, code in zip(numbers, codes, strict=True)
            )
        )
        return Returns(area, election.areas[area].name, counted(rows), rows)

    async def strangers(self, connection: AsyncConnection, who: Identity, station: str) -> list[Duty]:
        """Return what other networks' people accepted at a station of an area that :meth:`of` let the caller see; ids stay in here."""
        election = await self._roster.rolls.election()
        there = await store.at_places(connection, election.id, [station])
        return [duty for duty in there if duty.network != who.network and duty.state in STANDS]

    async def admit(self, who: Identity, area: str) -> Election:
        """Return the election; raises :class:`Problem` unless the caller is organiser, centre, war room, or head around the area."""
        election = await self._roster.rolls.election()
        leads = who.has("organiser", "centre", "reviewer", "decider", "lead")
        around = [each.code for each in ancestors(election.areas, area)] if area in election.areas else []
        if not leads and not any(who.heads(code) for code in around or [area]):
            raise refused(who, NOT_YOUR_AREA)
        if not around:
            raise Problem(PLACE_UNKNOWN)
        return election

    def _station(
        self,
        election: Election,
        number: int,
        guards: Guards,
        told: tuple[dict[int, Return], Arrived],
    ) -> StationReturn:
        network, duties = guards.network, guards.duties
        code = election.stations.codes[number]
        home = self._roster.area_of(election, code)
        own = tuple(duty for duty in duties if duty.network == network)
        standing = [duty for duty in duties if duty.state in STANDS and duty.job in ON_SITE]
        return StationReturn(
            code=code,
            kind=election.stations.kind[number],
            area=election.areas[home].name if home else Text("", ""),
            eligible=int(election.stations.eligible[number]),
            own=own,
            others=len({duty.person for duty in duties if duty.network != network}),
            elsewhere=guards.elsewhere(),
            groups=len({self._roster.interests.group(duty.network) for duty in standing}),
            arrived=guards.arrived,
            missing=any(duty.missed_at is not None for duty in own),
            sheets=self._sheets(election, number, network, told),
        )

    def _sheets(
        self, election: Election, number: int, network: str, told: tuple[dict[int, Return], Arrived]
    ) -> tuple[SheetReturn, ...]:
        found, there = told
        count = len(election.ballots)
        sheets = range(number * count, (number + 1) * count)
        return tuple(
            sheet_return(election.sheet_key(sheet), found.get(sheet, NOTHING), network, there)
            for sheet in sheets
            if election.sheet_contest[sheet] >= 0
        )


def _counts(flags: Iterable[str]) -> bool:
    return not {"not_assigned", "early"} & set(flags)
