"""Open stations nearby: where somebody can still help."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import numpy as np
from msgspec import Struct

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.assignments import store
from sapparot.duty.assignments.facts import Duty, Job
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.assignments.terrain import Terrain, metres, terrain
from sapparot.duty.problems import PLACE_UNKNOWN
from sapparot.duty.sheets.rules import narrowest, place_of
from sapparot.people.signin.facts import Identity

SHOWN = 50
LOOKED_AT = 400
"""Nearest stations among which open ones are looked for."""


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

    async def find(
        self,
        connection: AsyncConnection,
        who: Identity,
        where: tuple[tuple[int, int] | None, str | None],
        job: Job,
    ) -> OpenStations:
        """Return open stations near a place in microdegrees, in an area, or both; raises :class:`Problem` for an unknown area."""
        election = await self.roster.rolls.election()
        candidates = self._candidates(election, *where)
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
        if where[0] is None:
            found.sort(key=lambda station: (station.people, -station.eligible, station.code))
        return OpenStations(job, capacity, found[:SHOWN])

    def _candidates(
        self, election: Election, near: tuple[int, int] | None, area: str | None
    ) -> list[tuple[int, int | None]]:
        """Give numbers of stations with their distances."""
        ground = self.ground(election)
        reach = (0, len(ground)) if area is None else ground.ranges.get(area)
        if reach is None:
            raise Problem(PLACE_UNKNOWN)
        numbers = ground.order[slice(*reach)]
        if near is None:
            return [(int(number), None) for number in numbers[:20_000]]
        known = (ground.lat[slice(*reach)] != 0) | (ground.lon[slice(*reach)] != 0)
        away = np.where(known, metres(ground, reach, near), np.iinfo(np.int32).max)
        nearest = np.argsort(away, kind="stable")[:LOOKED_AT]
        return [(int(numbers[at]), int(away[at]) if known[at] else None) for at in nearest.tolist()]

    def home(self, election: Election, place: str) -> str | None:
        """Return the smallest area around a place."""
        return self.roster.area_of(election, place)

    def ground(self, election: Election) -> Terrain:
        """Return the stations of an election laid out by area."""
        if election.id not in self._grounds:
            self._grounds[election.id] = terrain(election)
        return self._grounds[election.id]


def _holds(duties: list[Duty], person: UUID) -> bool:
    return any(duty.person == person for duty in duties)


def _station(election: Election, number: int, away: int | None, counts: tuple[int, int, bool]) -> OpenStation:
    lat, lon = place_of(election, number) or (None, None)
    home = narrowest(election, number)
    area = election.areas[home].name if home else Text("", "")
    roll = election.stations
    return OpenStation(roll.codes[number], area, lat, lon, away, int(roll.eligible[number]), *counts)
