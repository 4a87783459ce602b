"""The best places for the volunteers of one block: exact, by one assignment problem.

What is wanted is a flow of least cost: from each volunteer to a knot (station, group) that lets one through, because a second person of
the same group adds no independence, and from there to the slots of the station. A slot is worth more the fewer groups are there already:
with two wanted, the first 2 M and the second M, where M is more than all distances together can be. So covered stations come first, then
independence, then nearness. Covering and independence never compete: a flow that is largest when every station takes one person can be
extended to one that is largest when it takes two, and nobody leaves a station while it is (augmenting paths end at a station, they never
lead out of it). Hence M and 2 M are enough to put one before the other.

The flow becomes an assignment problem by giving each knot a row (who comes in) and a column (where it leads to): the row takes its own
column when the knot is not used. It is solved by LAPJVsp (Jonker and Volgenant 1987, in SciPy), which is exact. All numbers are whole and
far below 2**53, so floating point does not round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sapparot.contests.facts import Int32s

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Team(Struct, frozen=True, eq=False):
    """People of one group who can serve at the same stations: the places of the block they can reach, and how far each is."""

    group: int
    size: int
    reach: Int32s
    metres: Int32s


class Site(Struct, frozen=True, eq=False):
    """The n stations of a block: slots that are worth filling, groups that are there already (n by groups), groups wanted."""

    slots: Int32s
    present: Bools
    sources: int


def match(site: Site, teams: Sequence[Team]) -> list[tuple[int, int]]:
    """Return (team, station) for everybody who is given a place; both are positions in the arguments."""
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching  # only who makes a plan pays for loading it

    knots = _Knots(site, teams)
    if not knots.count or not knots.people:
        return []
    rows, columns = min_weight_full_bipartite_matching(knots.matrix())
    taken = columns[np.argsort(rows)][: knots.count]
    used = np.flatnonzero(taken >= knots.count)
    members = knots.team_of[taken[used] - knots.count]
    return sorted(zip(members.tolist(), knots.station[used].tolist(), strict=True))


class _Knots:
    """Rows and columns: first the knots, then people (columns) or slots (rows), then a column for each slot that stays empty."""

    def __init__(self, site: Site, teams: Sequence[Team]) -> None:
        self._site = site
        self._teams = teams
        wanted = np.zeros(site.present.shape, dtype=np.bool_)
        for team in teams:
            wanted[team.reach, team.group] = True
        wanted &= ~site.present & (site.slots > 0)[:, None]
        self.station, self._group = np.nonzero(wanted)
        self.count = len(self.station)
        self._number = np.full(wanted.shape, -1, dtype=np.int64)
        self._number[wanted] = np.arange(self.count)
        # Nobody needs more people of one team than there are stations for them.
        sizes = [min(team.size, int(wanted[team.reach, team.group].sum())) for team in teams]
        self.team_of = np.repeat(np.arange(len(teams)), sizes)
        self._sizes = sizes
        self.people = len(self.team_of)

    def matrix(self) -> csr_matrix:
        """Return the weights; all are above zero, since a zero would mean that there is no edge."""
        from scipy.sparse import csr_matrix

        farthest = max(int(team.metres.max(initial=0)) for team in self._teams)
        worth = self.people * (farthest + 1) + 1
        parts = [self._unused(), *self._people(), *self._slots(worth)]
        rows, columns, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
        slots = int(self._site.slots.sum())
        shape = (self.count + slots, self.count + self.people + slots)
        return csr_matrix((weights.astype(np.float64), (rows, columns)), shape=shape)

    def _unused(self) -> tuple[Ints, Ints, Ints]:
        knots = np.arange(self.count)
        return knots, knots, np.ones(self.count, dtype=np.int64)

    def _people(self) -> list[tuple[Ints, Ints, Ints]]:
        parts, first = [], self.count
        for team, size in zip(self._teams, self._sizes, strict=True):
            knots = self._number[team.reach, team.group]
            open_ = knots >= 0
            knots, away = knots[open_], team.metres[open_].astype(np.int64) + 1
            people = np.arange(first, first + size)
            parts.append((np.tile(knots, size), np.repeat(people, len(knots)), np.tile(away, size)))
            first += size
        return parts

    def _slots(self, worth: int) -> list[tuple[Ints, Ints, Ints]]:
        """A slot takes somebody through any knot of its station, or stays empty at the price of everything that it is worth."""
        site = self._site
        before = site.present.sum(axis=1)
        first = np.cumsum(site.slots) - site.slots
        dearest = (site.sources + 1) * worth
        parts, knots = [], np.arange(self.count)
        for turn in range(int(site.slots.max(initial=0))):
            here = turn < site.slots[self.station]
            value = (site.sources - before[self.station[here]] - turn) * worth
            rows = self.count + first[self.station[here]] + turn
            parts.append((rows.astype(np.int64), knots[here], dearest - value))
        slots = np.arange(int(site.slots.sum()))
        empty = np.full(len(slots), dearest, dtype=np.int64)
        parts.append((self.count + slots, self.count + self.people + slots, empty))
        return parts
