"""Sums over stations and areas, and the order of gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.assignments.facts import Job, Manned
from sapparot.duty.assignments.terrain import Range, Terrain
from sapparot.duty.coverage.facts import AreaCovered, Covered, Gap
from sapparot.places import children
from sapparot.verify import Interests

Int64s = NDArray[np.int64]
Sums = dict[str, Int64s]
STANDS = ("accepted", "done")
_COLUMNS = (
    "stations",
    "eligible",
    "covered",
    "covered_eligible",
    "independent",
    "offered",
    "arrived",
    "missing",
    "own",
)


class Board:
    """What stands at every station for one job, in the order of the terrain."""

    def __init__(self, election: Election, ground: Terrain, job: Job, interests: Interests) -> None:
        self._election = election
        self._ground = ground
        self._job = job
        self._interests = interests
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._places: dict[str, set[str]] = defaultdict(set)
        self._offers: dict[str, int] = defaultdict(int)
        self._flags: dict[str, set[str]] = {"arrived": set(), "missing": set(), "own": set()}
        self._count = np.zeros(len(ground), dtype=np.int64)
        self._summed: Sums = {}

    def fill(self, manned: Sequence[Manned], arrived: Collection[str], network: str | None) -> Board:
        """Take in the duties that stand, the stations with check-ins, and the network whose own stations are counted."""
        self._flags["arrived"] = set(arrived)
        for held in manned:
            if held.state in STANDS:
                group = self._interests.group(held.network)
                self._places[held.network].update(held.places)
                for place in held.places:
                    self._groups[place].add(group)
                if held.network == network:
                    self._flags["own"].update(held.places)
            elif held.state == "offered":
                for place in held.places:
                    self._offers[place] += 1
            if held.missed:
                self._flags["missing"].update(held.places)
        self._summed = self._sums()
        return self

    def covered(self, area: str | None) -> Covered:
        """Sum up an area, or the whole election, and the areas directly inside it."""
        sums = self._summed
        below = children(self._election.areas).get(area, [])
        if area is None and len(below) == 1:
            below = children(self._election.areas).get(below[0].code, [])
        inside = [self._row(sums, each.code, each.name, self._ground.ranges[each.code]) for each in below]
        name = self._election.areas[area].name if area else self._election.name
        reach = self._ground.ranges[area] if area else (0, len(self._ground))
        rows = tuple(row for row in inside if row.stations)
        return Covered(self._job, self._row(sums, area, name, reach), rows)

    def networks(self, area: str | None) -> dict[str, int]:
        """Return at how many stations of an area, or of the whole election, people of each network accepted; the most first."""
        start, end = self._ground.ranges[area] if area else (0, len(self._ground))
        inside = {self._election.stations.codes[number] for number in self._ground.order[start:end].tolist()}
        counts = {network: len(places & inside) for network, places in self._places.items()}
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def gaps(self, area: str | None, margins: Mapping[str, int], limit: int) -> list[Gap]:
        """List the stations of an area that need somebody, those that matter most first."""
        start, end = self._ground.ranges[area] if area else (0, len(self._ground))
        short = start + np.flatnonzero(self._count[start:end] < 2)
        numbers, weights = self._ground.order[short], self._weights(short, margins)
        if len(weights) > limit:
            least = np.partition(weights, len(weights) - limit)[len(weights) - limit]
            numbers, weights = numbers[weights >= least], weights[weights >= least]
        codes = self._election.stations.codes
        found = sorted(
            zip(weights.tolist(), numbers.tolist(), strict=True), key=lambda pair: (-pair[0], codes[pair[1]])
        )
        return [self._gap(number, weight, margins) for weight, number in found[:limit]]

    def _weights(self, positions: Int64s, margins: Mapping[str, int]) -> Int64s:
        """Voters who are not watched, fewer when the contest is decided clearly; twice when nobody is there at all."""
        roll, numbers = self._election.stations, self._ground.order[positions]
        eligible = roll.eligible[numbers].astype(np.int64)
        known = [margins.get(code, -1) for code in roll.area_codes.get("constituency", ())]
        margin = np.array([*known, -1], dtype=np.int64)[roll.constituency[numbers]]
        close = np.where(margin < 0, eligible, eligible * eligible // np.maximum(1, eligible + margin))
        weights: Int64s = close * np.where(self._count[positions] == 0, 2, 1)
        return weights

    def _gap(self, number: int, weight: int, margins: Mapping[str, int]) -> Gap:
        roll = self._election.stations
        code, constituency = roll.codes[number], self._constituency(number)
        why: Literal["nobody", "one_group"] = "one_group" if self._groups.get(code) else "nobody"
        area = self._election.areas.get(constituency or "")
        margin = margins.get(constituency or "")
        name = area.name if area else Text("", "")
        return Gap(code, name, constituency, int(roll.eligible[number]), why, self._offers.get(code, 0), margin, weight)

    def _constituency(self, number: int) -> str | None:
        roll = self._election.stations
        position = int(roll.constituency[number])
        return roll.area_codes["constituency"][position] if position >= 0 else None

    def _sums(self) -> Sums:
        """Running sums over the terrain, so that each area is one subtraction."""
        codes = [self._election.stations.codes[number] for number in self._ground.order.tolist()]
        eligible = self._election.stations.eligible[self._ground.order].astype(np.int64)
        groups = np.array([len(self._groups.get(code, ())) for code in codes], dtype=np.int64)
        offered = np.array([self._offers.get(code, 0) > 0 for code in codes], dtype=np.int64)
        self._count = groups
        covered = (groups >= 1).astype(np.int64)
        columns = {
            "stations": np.ones(len(codes), dtype=np.int64), "eligible": eligible, "covered": covered,
            "covered_eligible": covered * eligible, "independent": (groups >= 2).astype(np.int64),
            "offered": offered * (1 - covered),
        }  # fmt: skip
        for name, places in self._flags.items():
            columns[name] = np.array([code in places for code in codes], dtype=np.int64)
        return {name: np.concatenate(([0], np.cumsum(column))) for name, column in columns.items()}

    def _row(self, sums: Sums, area: str | None, name: Text, reach: Range) -> AreaCovered:
        figures = [int(sums[column][reach[1]] - sums[column][reach[0]]) for column in _COLUMNS]
        return AreaCovered(area, name, *figures)
