"""Small elections and volunteers for the planner, and the exact optimum by another way: an integer programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from sapparot.base.text import Text
from sapparot.contests import Ballot, Contest, Election, Option, SeatRule, StationRoll
from sapparot.duty.assignments.facts import Terms, Volunteer
from sapparot.places import Area, column_of, distance_m

Row = NDArray[np.float64]
GROUPS = ("red", "blue", "green")
NAME = Text("เมือง", "town")


def election(tree: Sequence[tuple[str, str, str | None]], stations: Sequence[tuple[str, str, int, int]]) -> Election:
    """An election of (code, kind, parent) areas, parents first, and (code, area, lat, lon) stations."""
    areas = {
        code: Area(code, kind, parent, NAME, 13_000_000 + 9_000 * number, 100_000_000 + 7_000 * (number % 3))
        for number, (code, kind, parent) in enumerate(tree)
    }
    by_kind: dict[str, list[str]] = {}
    for area in areas.values():
        by_kind.setdefault(area.kind, []).append(area.code)
    columns = {
        kind: np.array([column_of(areas, codes, kind)[home] for _, home, _, _ in stations], dtype=np.int32)
        for kind, codes in by_kind.items()
    }
    codes = [code for code, _, _, _ in stations]
    roll = StationRoll(
        codes, {code: number for number, code in enumerate(codes)}, np.full(len(codes), 500, np.int32),
        ["ordinary"] * len(codes), np.array([lat for _, _, lat, _ in stations], np.int32),
        np.array([lon for _, _, _, lon in stations], np.int32), columns, by_kind,
    )  # fmt: skip
    root = tree[0][0]
    contest = Contest("list", root, (Option(1, None, NAME),))
    day = datetime(2026, 3, 1, 10, tzinfo=UTC)
    return Election(
        "town", NAME, date(2026, 3, 1), day.replace(hour=1), day, SeatRule("th-2566"), (Ballot("list", "country", NAME),),
        (), {}, areas, {("list", root): contest}, roll, (contest,), np.zeros(len(codes), np.int32), {"list": 0},
    )  # fmt: skip


TREE = (
    ("L", "country", None), ("P", "province", "L"), ("Q", "province", "L"), ("P1", "constituency", "P"),
    ("P2", "constituency", "P"), ("Q1", "constituency", "Q"), ("P11", "subdistrict", "P1"), ("Q11", "subdistrict", "Q1"),
)  # fmt: skip


@st.composite
def towns(draw: st.DrawFn, most: int = 7) -> Election:
    homes = draw(st.lists(st.sampled_from([code for code, _, _ in TREE]), min_size=1, max_size=most))
    spots = st.tuples(st.integers(12_900_000, 13_100_000), st.integers(99_950_000, 100_050_000))
    return election(TREE, [(f"s{number}", home, *draw(spots)) for number, home in enumerate(homes)])


@st.composite
def crews(draw: st.DrawFn, most: int = 8, places: int = 2) -> list[Volunteer]:
    areas = st.sampled_from([*(code for code, _, _ in TREE), "nowhere"])
    one = st.tuples(st.sampled_from(GROUPS), areas, st.integers(1, places))
    return [Volunteer(UUID(int=number + 1), *each) for number, each in enumerate(draw(st.lists(one, max_size=most)))]


@st.composite
def holdings(draw: st.DrawFn) -> dict[str, list[str]]:
    some = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2)
    return draw(st.dictionaries(st.sampled_from(["s0", "s1", "s2"]), some, max_size=2))


def serves(town: Election, volunteer: Volunteer, station: str) -> bool:
    number = town.stations.index[station]
    homes = {
        town.stations.area_codes[kind][column[number]]
        for kind, column in town.stations.columns.items()
        if column[number] >= 0
    }
    return volunteer.area in homes


def away(town: Election, volunteer: Volunteer, station: str) -> int:
    area, number = town.areas[volunteer.area], town.stations.index[station]
    assert area.lat is not None and area.lon is not None
    return distance_m((area.lat, area.lon), (int(town.stations.lat[number]), int(town.stations.lon[number])))


Pairs = list[tuple[int, str]]


def optimum(
    town: Election, crew: Sequence[Volunteer], held: Mapping[str, Sequence[str]], terms: Terms
) -> tuple[int, int, int]:
    """Covered stations, stations with two groups, and metres of the best plan: an integer programme over (person, station)."""
    codes = town.stations.codes
    pairs = [
        (one, code)
        for one in range(len(crew))
        for code in codes
        if crew[one].area in town.areas and serves(town, crew[one], code)
        and crew[one].group not in held.get(code, ())
    ]  # fmt: skip
    slots = [turn for _ in codes for turn in range(terms.sources)]
    cost = [float(away(town, crew[one], code)) for one, code in pairs]
    cost += [-float((terms.sources - turn) * 10**7) for turn in slots]
    chosen = _solved(cost, *_limits(pairs, (crew, codes, held, terms), len(cost)))
    groups = {code: set(held.get(code, ())) for code in codes}
    total = 0
    for (one, code), taken in zip(pairs, chosen, strict=False):
        if taken:
            groups[code].add(crew[one].group)
            total += away(town, crew[one], code)
    return sum(len(each) >= 1 for each in groups.values()), sum(len(each) >= 2 for each in groups.values()), total


def _limits(
    pairs: Pairs,
    given: tuple[Sequence[Volunteer], Sequence[str], Mapping[str, Sequence[str]], Terms],
    width: int,
) -> tuple[list[Row], list[float]]:
    """Nobody twice, no group twice, no station overfull, and no slot filled without somebody."""
    crew, codes, held, terms = given
    rows: list[Row] = []
    upper: list[float] = []

    def at_most(cells: Mapping[int, float], bound: float) -> None:
        row = np.zeros(width)
        for cell, value in cells.items():
            row[cell] = value
        rows.append(row)
        upper.append(bound)

    for one, volunteer in enumerate(crew):
        at_most({n: 1.0 for n, pair in enumerate(pairs) if pair[0] == one}, volunteer.places)
    for number, code in enumerate(codes):
        there = {n: 1.0 for n, pair in enumerate(pairs) if pair[1] == code}
        for group in GROUPS:
            at_most({n: 1.0 for n in there if crew[pairs[n][0]].group == group}, 1)
        at_most(there, max(0, terms.capacity - len(held.get(code, ()))))
        first = len(pairs) + number * terms.sources
        filled = dict.fromkeys(range(first, first + terms.sources), 1.0)
        at_most(filled | dict.fromkeys(there, -1.0), len(set(held.get(code, ()))))
    return rows, upper


def _solved(cost: list[float], rows: list[Row], upper: list[float]) -> list[int]:
    limits = LinearConstraint(np.array(rows), -np.inf, upper)
    whole = np.ones(len(cost), dtype=np.int64)
    found = milp(cost, integrality=whole, bounds=Bounds(0, 1), constraints=limits, options={"mip_rel_gap": 0})
    assert found.success
    return [round(value) for value in found.x]
