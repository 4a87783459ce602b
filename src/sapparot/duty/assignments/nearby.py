"""Open stations nearby: where somebody can still help."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from msgspec import Struct

from sapparot.base.clock import monotonic
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.contests.facts import Int32s
from sapparot.duty.assignments import store
from sapparot.duty.assignments.facts import Duty, Job, Manned
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.assignments.terrain import Range, Terrain, metres, terrain
from sapparot.duty.problems import PLACE_UNKNOWN
from sapparot.duty.sheets.rules import narrowest, place_of
from sapparot.people.signin.facts import Identity

SHOWN = 50
LOOKED_AT = 400
"""Stations among which open ones are looked for: the nearest, or those with the fewest people."""
FRESH_SECONDS = 5.0
"""How long it is believed where people stand when the emptiest stations of a wide area are chosen; these are then read anew."""


class OpenStation(Struct, frozen=True):
    """A station with room for the job.

    ``people`` have it there already, of ``groups`` different groups; ``adds`` says whether the caller would add a group; ``metres`` is
    None without a place to measure from, or when nobody knows where the station is.
    """

    code: str
    area: Text
    lat: int | None
    lon: int | None
    metres: int | None
    eligible: int
    people: int
    groups: int
    adds: bool


class OpenStations(Struct, frozen=True):
    """Stations with room: nearest first, or else those without anybody first."""

    job: Job
    capacity: int
    stations: list[OpenStation]


class Nearby:
    """Finds open stations."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._grounds: dict[str, Terrain] = {}
        self._ranks: dict[str, Int32s] = {}
        self._people: dict[tuple[str, Job], tuple[Int32s, float]] = {}
        self._reading = asyncio.Lock()

    async def find(
        self,
        connection: AsyncConnection,
        who: Identity,
        where: tuple[tuple[int, int] | None, str | None],
        job: Job,
    ) -> OpenStations:
        """Return open stations near a place in microdegrees, in an area, or both; raises :class:`Problem` for an unknown area."""
        election = await self.roster.rolls.election()
        near, reach = where[0], self._reach(election, where[1])
        if near is None:
            candidates = await self._emptiest(connection, election, reach, job)
        else:
            candidates = self._nearest(election, reach, near)
        codes = [election.stations.codes[number] for number, _ in candidates]
        here: dict[str, list[Duty]] = defaultdict(list)
        for duty in await store.at_places(connection, election.id, codes):
            if duty.job == job:
                here[duty.place].append(duty)
        mine = self.roster.interests.group(who.network)
        capacity = self.roster.terms.capacity
        found = []
        for (number, away), code in zip(candidates, codes, strict=True):
            groups = {self.roster.interests.group(duty.network) for duty in here[code]}
            if len(here[code]) < capacity and not _holds(here[code], who.person):
                counts = (len(here[code]), len(groups), mine not in groups)
                found.append(_station(election, number, away, counts))
        if near is None:
            found.sort(key=lambda station: (station.people, -station.eligible, station.code))
        return OpenStations(job, capacity, found[:SHOWN])

    def _reach(self, election: Election, area: str | None) -> Range:
        ground = self.ground(election)
        reach = (0, len(ground)) if area is None else ground.ranges.get(area)
        if reach is None:
            raise Problem(PLACE_UNKNOWN)
        return reach

    def _nearest(self, election: Election, reach: Range, near: tuple[int, int]) -> list[tuple[int, int | None]]:
        """Give numbers of stations with their distances."""
        ground = self.ground(election)
        numbers = ground.order[slice(*reach)]
        known = (ground.lat[slice(*reach)] != 0) | (ground.lon[slice(*reach)] != 0)
        away = np.where(known, metres(ground, reach, near), np.iinfo(np.int32).max)
        nearest = np.argsort(away, kind="stable")[:LOOKED_AT]
        return [(int(numbers[at]), int(away[at]) if known[at] else None) for at in nearest.tolist()]

    async def _emptiest(
        self, connection: AsyncConnection, election: Election, reach: Range, job: Job
    ) -> list[tuple[int, int | None]]:
        """Give numbers of the stations with the fewest people, the larger ones first among equals."""
        numbers = self.ground(election).order[slice(*reach)]
        if len(numbers) > LOOKED_AT:
            people = await self._people_now(connection, election, job)
            weight = people[numbers].astype(np.int64) * len(people) + self._rank(election)[numbers]
            numbers = numbers[np.argpartition(weight, LOOKED_AT)[:LOOKED_AT]]
        return [(number, None) for number in numbers.tolist()]

    async def _people_now(self, connection: AsyncConnection, election: Election, job: Job) -> Int32s:
        """Give how many people stand at each station for a job, by the numbers of the stations."""
        people = self._known_people(election, job)
        if people is not None:
            return people
        async with self._reading:  # whoever asks meanwhile gets what the first one reads
            people = self._known_people(election, job)
            if people is None:
                manned = await store.manned(connection, election.id, job)
                people = await asyncio.to_thread(_counted, election, manned)
                self._people[election.id, job] = (people, monotonic())
        return people

    def _known_people(self, election: Election, job: Job) -> Int32s | None:
        people, read_at = self._people.get((election.id, job), (None, float("-inf")))
        return people if monotonic() - read_at <= FRESH_SECONDS else None

    def _rank(self, election: Election) -> Int32s:
        """Give the place of each station in the order from the largest to the smallest."""
        if election.id not in self._ranks:
            codes, eligible = election.stations.codes, election.stations.eligible.tolist()
            order = sorted(range(len(codes)), key=lambda number: (-eligible[number], codes[number]))
            rank = np.empty(len(codes), dtype=np.int32)
            rank[order] = np.arange(len(codes), dtype=np.int32)
            self._ranks[election.id] = rank
        return self._ranks[election.id]

    def home(self, election: Election, place: str) -> str | None:
        """Return the smallest area around a place."""
        return self.roster.area_of(election, place)

    def ground(self, election: Election) -> Terrain:
        """Return the stations of an election laid out by area."""
        if election.id not in self._grounds:
            self._grounds[election.id] = terrain(election)
        return self._grounds[election.id]


def _counted(election: Election, manned: Sequence[Manned]) -> Int32s:
    index = election.stations.index
    places = [index[place] for held in manned for place in held.places if place in index]
    return np.bincount(np.array(places, dtype=np.int64), minlength=len(index)).astype(np.int32)


def _holds(duties: list[Duty], person: UUID) -> bool:
    return any(duty.person == person for duty in duties)


def _station(election: Election, number: int, away: int | None, counts: tuple[int, int, bool]) -> OpenStation:
    lat, lon = place_of(election, number) or (None, None)
    home = narrowest(election, number)
    area = election.areas[home].name if home else Text("", "")
    roll = election.stations
    return OpenStation(roll.codes[number], area, lat, lon, away, int(roll.eligible[number]), *counts)
