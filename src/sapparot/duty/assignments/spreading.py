"""How many of the people who can serve in a wide area each block should get: exact, by a largest flow.

Who can serve anywhere in a province, or in the country, has no home that we know of, so all of them are equally near to every station:
only covering and independence count, and both are largest together (see ``matching``). The flow is found in rounds: in the first every
station takes one person, in the next a second one of another group. In each round those with the narrowest area go first, straight to
stations that are free; then augmenting paths move people on until nobody can reach a free station any more. From where none was reached,
none will be: such teams are not asked again in the round.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from sapparot.contests.facts import Int32s
from sapparot.duty.assignments.matching import Site
from sapparot.duty.assignments.terrain import Range

NOBODY = -1


class Crowd(Struct, frozen=True):
    """People of one group who can serve at any station of a range."""

    group: int
    size: int
    reach: Range


def spread(site: Site, crowds: Sequence[Crowd]) -> list[Int32s]:
    """Return for each crowd the stations, by position, that its people are given."""
    flow = _Flow(site, crowds)
    for level in range(1, site.sources + 1):
        flow.fill(level)
    return [flow.stations(number) for number in range(len(crowds))]


class _Flow:
    """Who stands where: ``there[station, slot]`` is the number of a crowd."""

    def __init__(self, site: Site, crowds: Sequence[Crowd]) -> None:
        self._crowds = crowds
        self._slots = site.slots
        self._taken = site.present.copy()
        self._filled = np.zeros(len(site.slots), dtype=np.int32)
        self._before = site.present.sum(axis=1).astype(np.int32)
        self.there = np.full((len(site.slots), site.sources), NOBODY, dtype=np.int32)
        self._group = np.array([*(crowd.group for crowd in crowds), -1], dtype=np.int32)
        self._left = [crowd.size for crowd in crowds]
        self._narrow_first = sorted(range(len(crowds)), key=self._width)
        self._level = 0
        self._free = np.zeros(len(site.slots), dtype=np.bool_)

    def fill(self, level: int) -> None:
        """Place as many people as possible when every station takes people of ``level`` groups."""
        self._level = level
        self._free = (self._before + self._filled < level) & (self._filled < self._slots)
        for number in self._narrow_first:
            self._go_straight(number)
        dead: set[int] = set()
        for number in self._narrow_first:
            while self._left[number] and number not in dead:
                if not self._augment(number, dead):
                    break

    def stations(self, number: int) -> Int32s:
        """Give the stations where people of a crowd stand."""
        start, end = self._crowds[number].reach
        return (start + np.flatnonzero((self.there[start:end] == number).any(axis=1))).astype(np.int32)

    def _width(self, number: int) -> int:
        start, end = self._crowds[number].reach
        return end - start

    def _open(self, number: int) -> Int32s:
        """Free stations where this crowd's group is not yet."""
        crowd = self._crowds[number]
        start, end = crowd.reach
        found = np.flatnonzero(self._free[start:end] & ~self._taken[start:end, crowd.group])
        return (start + found).astype(np.int32)

    def _go_straight(self, number: int) -> None:
        stations = self._open(number)[: self._left[number]]
        if not len(stations):
            return
        self.there[stations, self._filled[stations]] = number
        self._filled[stations] += 1
        self._taken[stations, self._crowds[number].group] = True
        self._close(stations)
        self._left[number] -= len(stations)

    def _close(self, stations: Int32s) -> None:
        full = self._before[stations] + self._filled[stations] >= self._level
        self._free[stations] = ~full & (self._filled[stations] < self._slots[stations])

    def _augment(self, number: int, dead: set[int]) -> bool:
        """Find a way, over people who move on, to a free station; when there is none, note all that were asked as dead."""
        came: dict[int, tuple[int, int]] = {number: (NOBODY, NOBODY)}
        waiting = deque([number])
        while waiting:
            crowd = waiting.popleft()
            stations = self._open(crowd)
            if len(stations):
                self._move(came, crowd, int(stations[0]))
                self._left[number] -= 1
                return True
            for other, station in self._displaced(crowd):
                if other not in came and other not in dead:
                    came[other] = (crowd, station)
                    waiting.append(other)
        dead.update(came)
        return False

    def _displaced(self, number: int) -> list[tuple[int, int]]:
        """Whom somebody of this crowd could replace: (crowd, station), one station for each crowd."""
        crowd = self._crowds[number]
        part = slice(*crowd.reach)
        there = self.there[part]
        taken = self._taken[part, crowd.group]
        same = self._group[there] == crowd.group
        rows, slots = np.nonzero((there != NOBODY) & np.where(taken[:, None], same, True))
        others, first = np.unique(there[rows, slots], return_index=True)
        return list(zip(others.tolist(), (crowd.reach[0] + rows[first]).tolist(), strict=True))

    def _move(self, came: dict[int, tuple[int, int]], last: int, station: int) -> None:
        """Walk the way back: the last crowd takes the free station, each before it the place that the next one left."""
        slot = int(self._filled[station])
        self._filled[station] += 1
        self._close(np.array([station]))
        while True:
            self.there[station, slot] = last
            self._taken[station, self._group[last]] = True
            before, left = came[last]
            if before == NOBODY:
                return
            slot = int(np.flatnonzero(self.there[left] == last)[0])
            self._taken[left, self._group[last]] = False
            last, station = before, left
