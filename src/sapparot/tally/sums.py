"""Sums over sheets, per layer and level: kept by differences, and computed afresh to check them."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from sapparot.tally.facts import COUNTED_LAYERS, LAYERS, STATES, Difference, Int32s, Int64s
from sapparot.tally.levels import Cells, Level
from sapparot.tally.standings import Change, Standings

NAMED_DIFFERENCES = 20
"""How many differing sums an alarm names one by one."""


class Sums:
    """All sums of one ballot.

    Per level name: `votes` is int64[areas, COUNTED_LAYERS, width] in the columns of `Standings.figures`; `sheets` and
    `eligible` are int64[areas, STATES, LAYERS]. Figures that are not given add nothing.
    """

    def __init__(self, levels: tuple[Level, ...], width: int) -> None:
        self.levels = levels
        self._everywhere = {level.name: level.everywhere for level in levels}
        self.votes: dict[str, Int64s] = {}
        self.sheets: dict[str, Int64s] = {}
        self.eligible: dict[str, Int64s] = {}
        for level in levels:
            areas = len(level.codes)
            self.votes[level.name] = np.zeros((areas, len(COUNTED_LAYERS), width), dtype=np.int64)
            self.sheets[level.name] = np.zeros((areas, len(STATES), len(LAYERS)), dtype=np.int64)
            self.eligible[level.name] = np.zeros((areas, len(STATES), len(LAYERS)), dtype=np.int64)

    def follow(self, change: Change, eligible: Int32s) -> None:
        """Take away what the changed sheets were and add what they are, on every level."""
        after = change.after
        stations = np.concatenate((change.stations, change.stations))
        layer = np.concatenate((change.layer_before, after.layer)).astype(np.int64)
        mark = np.concatenate((change.state_before, after.state)).astype(np.int64) * len(LAYERS) + layer
        sign = np.repeat(np.array((-1, 1), dtype=np.int64), len(change.stations))
        values = np.concatenate((-np.maximum(change.figures_before, 0), np.maximum(after.figures, 0)))
        people = eligible[stations] * sign
        counted = np.flatnonzero(layer > 0)
        values, layer, places_counted = values[counted], layer[counted] - 1, stations[counted]
        for level in self.levels:
            self._mark(level, level.of[stations], mark, (sign, people))
            area = level.of[places_counted]
            self._add(level, area, layer, values)

    def _mark(self, level: Level, area: Int32s, mark: Int64s, amounts: tuple[Int64s, Int64s]) -> None:
        sign, people = amounts
        if not self._everywhere[level.name]:
            inside = np.flatnonzero(area >= 0)
            area, mark, sign, people = area[inside], mark[inside], sign[inside], people[inside]
        key = area.astype(np.int64) * (len(STATES) * len(LAYERS)) + mark
        np.add.at(self.sheets[level.name].reshape(-1), key, sign)
        np.add.at(self.eligible[level.name].reshape(-1), key, people)

    def _add(self, level: Level, area: Int32s, layer: Int64s, values: NDArray[np.integer]) -> None:
        if not self._everywhere[level.name]:
            inside = np.flatnonzero(area >= 0)
            area, layer, values = area[inside], layer[inside], values[inside]
        votes = self.votes[level.name]
        add_rows(votes.reshape(-1, votes.shape[2]), area.astype(np.int64) * len(COUNTED_LAYERS) + layer, values)

    def differences(self, fresh: "Sums", standings: Standings) -> list[Difference]:
        """Name where `self` (running) is not `fresh` (recomputed), at most NAMED_DIFFERENCES of them."""
        found: list[Difference] = []
        for level in self.levels:
            for what in ("votes", "sheets", "eligible"):
                running, recomputed = getattr(self, what)[level.name], getattr(fresh, what)[level.name]
                if not np.array_equal(running, recomputed):
                    found.extend(_named(level, what, (running, recomputed), standings))
        return found[:NAMED_DIFFERENCES]


def add_rows(target: Int64s, keys: Int64s, values: NDArray[np.integer]) -> None:
    """Add `values[i]` to `target[keys[i]]` for all i, exactly, also where keys repeat.

    Sorting and one segmented sum is about ten times as fast as `np.add.at` on rows of seventy columns; keys that stand in order
    already cost no copy of the rows.
    """
    if (keys[1:] >= keys[:-1]).all():
        _add_ordered(target, keys, values)
        return
    order = np.argsort(keys, kind="stable")
    _add_ordered(target, keys[order], values[order])


def _add_ordered(target: Int64s, keys: Int64s, values: NDArray[np.integer]) -> None:
    if not len(keys):
        return
    starts = np.concatenate((np.zeros(1, dtype=np.int64), np.flatnonzero(keys[1:] != keys[:-1]) + 1))
    target[keys[starts]] += np.add.reduceat(values, starts, axis=0, dtype=np.int64)


def recompute(standings: Standings, levels: tuple[Level, ...], cells: Cells) -> Sums:
    """Add up every sheet anew: stations to cells, cells to each level."""
    sums = Sums(levels, standings.width)
    if not cells.count:
        return sums  # no stations are listed yet
    sheets = standings.sheets
    layer = standings.layer[sheets].astype(np.int64)
    mark = standings.state[sheets].astype(np.int64) * len(LAYERS) + layer
    cell = cells.of[sheets].astype(np.int64)
    marks = len(STATES) * len(LAYERS)
    count = np.zeros((cells.count, marks), dtype=np.int64)
    people = np.zeros((cells.count, marks), dtype=np.int64)
    np.add.at(count.reshape(-1), cell * marks + mark, 1)
    np.add.at(people.reshape(-1), cell * marks + mark, standings.eligible[sheets].astype(np.int64))
    votes = np.zeros((cells.count * len(COUNTED_LAYERS), standings.width), dtype=np.int64)
    counted = np.flatnonzero(layer > 0)
    place = cell[counted] * len(COUNTED_LAYERS) + layer[counted] - 1
    order = np.argsort(place, kind="stable")
    rows = standings.figures[sheets[counted[order]]]
    _add_ordered(votes, place[order], np.maximum(rows, 0, out=rows))
    by_cell: Mapping[str, Int64s] = {"votes": votes.reshape(cells.count, -1), "sheets": count, "eligible": people}
    for what, rows_of_cells in by_cell.items():
        # Most columns are of layers and options that hold nothing: they need not be added up on every level.
        used = np.flatnonzero(rows_of_cells.any(axis=0))
        values = rows_of_cells[:, used]
        for level in levels:
            area = cells.level[level.name].astype(np.int64)
            target: Int64s = getattr(sums, what)[level.name].reshape(len(level.codes), -1)
            target[:, used] = _by_area(area, values, len(level.codes))
    return sums


def _by_area(area: Int64s, values: Int64s, areas: int) -> Int64s:
    """Add up the rows of each area; rows in no area (-1) are left out."""
    found = np.zeros((areas, values.shape[1]), dtype=np.int64)
    if (area >= 0).all():
        add_rows(found, area, values)
    else:
        inside = np.flatnonzero(area >= 0)
        add_rows(found, area[inside], values[inside])
    return found


def _named(level: Level, what: str, pair: tuple[Int64s, Int64s], standings: Standings) -> Iterator[Difference]:
    running, recomputed = pair
    for area, first, second in np.argwhere(running != recomputed)[:NAMED_DIFFERENCES].tolist():
        layer = COUNTED_LAYERS[first] if what == "votes" else LAYERS[second]
        column = standings.column_name(second) if what == "votes" else STATES[first]
        yield Difference(
            ballot=standings.ballot,
            level=level.name,
            area=level.codes[area],
            what=what,
            layer=layer,
            column=column,
            running=int(running[area, first, second]),
            recomputed=int(recomputed[area, first, second]),
        )
