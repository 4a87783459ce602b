"""The stations of an election in an order in which every area is one run of neighbours.

Areas are a tree, so walking it gives each area a range of positions; a volunteer who can serve in an area can stand at any position
of its range. Ranges are nested or apart, never across each other: the plan rests on that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct

from sapparot.contests import Election
from sapparot.contests.facts import Int32s
from sapparot.places import EARTH_RADIUS_M, UNKNOWN_PLACE, Area, ancestors, children

LARGEST_BLOCK = 500
"""Stations that are matched in one piece; a constituency of Thailand has about 240."""

Range = tuple[int, int]
"""Positions from the first up to, not including, the second."""
Below = Mapping[str | None, Sequence[Area]]
"""The areas directly inside each area."""


class Terrain(Struct, frozen=True, eq=False):
    """Positions of stations: ``order[position]`` is a station's number on the roll; ``ranges`` by area; ``blocks`` follow each other."""

    order: Int32s
    ranges: dict[str, Range]
    blocks: tuple[Range, ...]
    lat: Int32s
    lon: Int32s

    def __len__(self) -> int:
        """Count the stations."""
        return len(self.order)


@lru_cache(maxsize=2)
def terrain(election: Election) -> Terrain:
    """Lay out the stations of an election; the layout of the last ones is kept, since a definition never changes."""
    homes = narrowest_areas(election)
    own: dict[str | None, list[int]] = {}
    for number, home in enumerate(homes):
        own.setdefault(home, []).append(number)
    order: list[int] = list(own.get(None, ()))
    ranges: dict[str, Range] = {}
    below = children(election.areas)
    for leaving, code in _walk(below):
        if leaving:
            ranges[code] = (ranges[code][0], len(order))
        else:
            ranges[code] = (len(order), 0)
            order += own.get(code, ())
    positions = np.array(order, dtype=np.int32)
    roll, blocks = election.stations, tuple(_blocks(None, (0, len(order)), below, ranges))
    return Terrain(positions, ranges, blocks, roll.lat[positions], roll.lon[positions])


def narrowest_areas(election: Election) -> list[str | None]:
    """Give the code of the smallest area around each station."""
    roll = election.stations
    depth = {code: sum(1 for _ in ancestors(election.areas, code)) for code in election.areas}
    found: list[str | None] = [None] * len(roll)
    deepest = np.zeros(len(roll), dtype=np.int32)
    for kind, column in roll.columns.items():
        codes = roll.area_codes[kind]
        deep = np.array([*(depth[code] for code in codes), 0], dtype=np.int32)[column]
        for number in np.flatnonzero((column != UNKNOWN_PLACE) & (deep > deepest)).tolist():
            found[number] = codes[column[number]]
        deepest = np.maximum(deepest, deep)
    return found


def metres(terrain: Terrain, positions: Range, place: tuple[int, int]) -> Int32s:
    """Give the distance of each station of a range from a place in microdegrees; 0 where nobody knows the station's place."""
    lat = np.radians(terrain.lat[slice(*positions)] / 1e6)
    lon = np.radians(terrain.lon[slice(*positions)] / 1e6)
    here, there = np.radians(place[0] / 1e6), np.radians(place[1] / 1e6)
    half = np.sin((lat - here) / 2) ** 2 + np.cos(lat) * np.cos(here) * np.sin((lon - there) / 2) ** 2
    away = np.rint(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(half)))).astype(np.int32)
    known = (terrain.lat[slice(*positions)] != 0) | (terrain.lon[slice(*positions)] != 0)
    return np.where(known, away, 0).astype(np.int32)


def _walk(below: Below) -> Iterator[tuple[bool, str]]:
    """Give every area when it is entered and again when it is left, parents around their children."""
    waiting = [(False, area.code) for area in reversed(below.get(None, []))]
    while waiting:
        leaving, code = waiting.pop()
        yield leaving, code
        if not leaving:
            waiting.append((True, code))
            waiting += [(False, area.code) for area in reversed(below.get(code, []))]


def _blocks(code: str | None, whole: Range, below: Below, ranges: dict[str, Range]) -> Iterator[Range]:
    """Cut the range of an area into blocks along the areas inside it, as large as one piece may be."""
    at, end = whole
    if end - at <= LARGEST_BLOCK:
        yield from [whole] * (end > at)
        return
    for area in below.get(code, []):
        part = ranges[area.code]
        yield from _chunks(at, part[0])
        yield from _blocks(area.code, part, below, ranges)
        at = part[1]
    yield from _chunks(at, end)


def _chunks(start: int, end: int) -> Iterator[Range]:
    for at in range(start, end, LARGEST_BLOCK):
        yield at, min(at + LARGEST_BLOCK, end)
