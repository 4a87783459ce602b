"""The plan of an election: the best place for everybody who has none.

What is aimed at, in this order: as many stations as possible with somebody; as many as possible with people of two independent groups (the
policy says who is independent of whom); people near to where they live. The first two are reached exactly. Nearness is exact within each
block of stations, and so for the whole plan when nobody can serve in an area wider than a block; people of wide areas are shared out to
blocks by a largest flow first, and then count as equally near to everything.

The plan is a function of its arguments: the seed alone decides between people who are alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from sapparot.contests import Election
from sapparot.contests.facts import Int32s
from sapparot.duty.assignments.facts import Plan, Planned, Terms, Volunteer
from sapparot.duty.assignments.matching import Site, Team, match
from sapparot.duty.assignments.spreading import Crowd, spread
from sapparot.duty.assignments.terrain import Range, metres, terrain

Held = Mapping[str, Sequence[str]]
"""Groups of the people who have a duty at a station, one for each person, by the station's code."""
Place = tuple[int, int, int]
"""Position of a station, group, metres."""


class _Party(Struct, frozen=True, eq=False):
    """People who are alike: one group, one area. ``people`` holds a person as often as they can take on stations."""

    group: int
    reach: Range
    home: tuple[int, int] | None
    people: list[Volunteer]


def plan(election: Election, volunteers: Iterable[Volunteer], held: Held, terms: Terms) -> Plan:
    """Find the best place for everybody; who can serve in no area of the election gets none."""
    return _Planning(election, held, terms).plan(sorted(volunteers, key=lambda one: _draw(terms.seed, one)))


def _draw(seed: int, volunteer: Volunteer) -> bytes:
    return hashlib.sha256(b"%d %s" % (seed, volunteer.person.bytes)).digest()


class _Planning:
    def __init__(self, election: Election, held: Held, terms: Terms) -> None:
        self._election = election
        self._terms = terms
        self._held = held
        self._ground = terrain(election)
        self._groups: dict[str, int] = {}
        self._away: dict[tuple[Range, tuple[int, int]], Int32s] = {}
        self._block_of = np.repeat(
            np.arange(len(self._ground.blocks)), [end - start for start, end in self._ground.blocks]
        )

    def plan(self, volunteers: Sequence[Volunteer]) -> Plan:
        parties = self._parties(volunteers)
        site = self._site()
        blocks = self._blocks(parties, site)
        planned: list[Planned] = []
        present = site.present.copy()
        codes, order = self._election.stations.codes, self._ground.order
        for block, inside in zip(self._ground.blocks, blocks, strict=True):
            for volunteer, (at, group, away) in self._matched(block, inside, site):
                planned.append(Planned(volunteer.person, codes[order[at]], away))
                present[at, group] = True
        groups = present.sum(axis=1)
        planned.sort(key=lambda one: (one.station, one.person))
        total = sum(one.metres for one in planned)
        return Plan(tuple(planned), int((groups >= 1).sum()), int((groups >= 2).sum()), total)

    def _parties(self, volunteers: Sequence[Volunteer]) -> list[_Party]:
        found: dict[tuple[str, str], _Party] = {}
        for volunteer in volunteers:
            reach = self._ground.ranges.get(volunteer.area)
            if reach is None or reach[0] == reach[1]:
                continue
            group = self._groups.setdefault(volunteer.group, len(self._groups))
            area = self._election.areas[volunteer.area]
            home = None if area.lat is None or area.lon is None else (area.lat, area.lon)
            party = found.setdefault((volunteer.group, volunteer.area), _Party(group, reach, home, []))
            party.people.extend([volunteer] * volunteer.places)
        return list(found.values())

    def _site(self) -> Site:
        """What stands before: groups that are at each station, and how many people more it takes."""
        for groups in self._held.values():
            for group in groups:
                self._groups.setdefault(group, len(self._groups))
        size = len(self._ground)
        present = np.zeros((size, max(1, len(self._groups))), dtype=np.bool_)
        room = np.full(size, self._terms.capacity, dtype=np.int32)
        position = np.empty(size, dtype=np.int32)
        position[self._ground.order] = np.arange(size, dtype=np.int32)
        for code, groups in self._held.items():
            number = self._election.stations.index.get(code)
            if number is not None:
                room[position[number]] -= len(groups)
                present[position[number], [self._groups[group] for group in groups]] = True
        slots = np.clip(np.minimum(room, self._terms.sources - present.sum(axis=1)), 0, None).astype(np.int32)
        return Site(slots, present, self._terms.sources)

    def _blocks(self, parties: Sequence[_Party], site: Site) -> list[list[_Party]]:
        """Give each block the people who can serve there and nowhere else, and its share of the others."""
        blocks: list[list[_Party]] = [[] for _ in self._ground.blocks]
        wide = False
        for party in parties:
            first, last = self._block_of[party.reach[0]], self._block_of[party.reach[1] - 1]
            wide = wide or first != last
            if first == last:
                blocks[first].append(party)
        if wide:
            crowds = [Crowd(party.group, len(party.people), party.reach) for party in parties]
            for party, stations in zip(parties, spread(site, crowds), strict=True):
                if self._block_of[party.reach[0]] != self._block_of[party.reach[1] - 1]:
                    self._share(party, stations, blocks)
        return blocks

    def _share(self, party: _Party, stations: Int32s, blocks: list[list[_Party]]) -> None:
        numbers, counts = np.unique(self._block_of[stations], return_counts=True)
        first = 0
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            start, end = self._ground.blocks[number]
            reach = (max(start, party.reach[0]), min(end, party.reach[1]))
            blocks[number].append(_Party(party.group, reach, None, party.people[first : first + count]))
            first += count

    def _matched(self, block: Range, parties: Sequence[_Party], site: Site) -> list[tuple[Volunteer, Place]]:
        start, end = block
        here = Site(site.slots[start:end], site.present[start:end], site.sources)
        teams = [self._team(party, start) for party in parties]
        waiting = [iter(party.people) for party in parties]
        seated: list[tuple[Volunteer, Place]] = []
        for number, at in match(here, teams) if teams else []:
            team = teams[number]
            away = int(team.metres[at - team.reach[0]])
            seated.append((next(waiting[number]), (start + at, team.group, away)))
        return seated

    def _metres(self, reach: Range, home: tuple[int, int]) -> Int32s:
        """Give the distances of a range from a place; those of an area are the same for every group."""
        found = self._away.get((reach, home))
        if found is None:
            found = self._away[reach, home] = metres(self._ground, reach, home)
        return found

    def _team(self, party: _Party, start: int) -> Team:
        first, end = party.reach
        reach = np.arange(first - start, end - start, dtype=np.int32)
        away = np.zeros(len(reach), dtype=np.int32)
        if party.home is not None:
            away = self._metres(party.reach, party.home)
        return Team(party.group, len(party.people), reach, away)
