"""What planning a nation costs: 100,000 people to 95,137 stations, against a floor that only looks once at every place each could take.

The plan is compared with what a hand would do: one person after the other to the nearest station that helps most.
Run: make bench ARGS="planning [--people 100000] [--scale 1.0]"
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np

from sapparot.base.shipped import shipped
from sapparot.contests import Election, assemble, define, read_folder
from sapparot.duty.assignments.facts import Terms, Volunteer
from sapparot.duty.assignments.planning import plan
from sapparot.duty.assignments.terrain import metres, terrain
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.people import read_networks

SOURCE = shipped("data") / "elections" / "th-2566"
WIDTHS = (("subdistrict", 55), ("constituency", 35), ("province", 8), ("country", 2))
"""How wide the areas are in which people can serve, in percent."""


def nation(scale: float) -> Election:
    """The election of 2566 with drawn stations."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        draw_nation(NationPlan(source=SOURCE, folder=there / "e", truth=there / "t", scale=scale))
        return assemble(body for _, body in define(read_folder(there / "e")))


def recruits(election: Election, count: int, seed: int) -> list[Volunteer]:
    """People where voters are, in networks of the sizes that the demo knows."""
    chance = random.Random(seed)
    networks = read_networks(SOURCE)
    roll = election.stations
    spots = chance.choices(range(len(roll)), weights=roll.eligible.tolist(), k=count)
    widths = chance.choices([kind for kind, _ in WIDTHS], weights=[share for _, share in WIDTHS], k=count)
    found = []
    for number, (spot, kind) in enumerate(zip(spots, widths, strict=True)):
        area = roll.area_codes[kind][int(roll.columns[kind][spot])]
        province = roll.area_codes["province"][int(roll.province[spot])]
        able = [network for network in networks if network.works_in(province)]
        network = chance.choices(able, weights=[each.share for each in able])[0]
        found.append(Volunteer(UUID(int=number), network.group, area))
    return found


def by_hand(election: Election, people: Sequence[Volunteer]) -> tuple[int, int, int]:
    """Covered stations, stations with two groups, metres: everybody in turn to the best place that is left."""
    laid = terrain(election)
    groups: list[set[str]] = [set() for _ in range(len(laid))]
    size = np.zeros(len(laid), dtype=np.int64)
    total = 0
    for person in people:
        start, end = laid.ranges[person.area]
        area = election.areas[person.area]
        away = (
            np.zeros(end - start) if end - start > 500 else metres(laid, (start, end), (area.lat or 0, area.lon or 0))
        )
        for at in (start + np.argsort(size[start:end] * 10**9 + away)).tolist():
            if size[at] == 2:
                break
            if person.group not in groups[at]:
                groups[at].add(person.group)
                size[at] += 1
                total += int(away[at - start])
                break
    return int((size >= 1).sum()), int((size == 2).sum()), total


def floor(election: Election, people: Sequence[Volunteer]) -> int:
    """Look once at every place that anybody could take."""
    laid, seen = terrain(election), 0
    for person in people:
        area = election.areas[person.area]
        seen += len(metres(laid, laid.ranges[person.area], (area.lat or 0, area.lon or 0)))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    election = nation(given.scale)
    people = recruits(election, given.people, 1)
    print(f"{len(people):,} people, {len(election.stations):,} stations, {len(election.areas):,} areas")
    begin, used = time.perf_counter(), time.process_time()
    found = plan(election, people, {}, Terms())
    spent, used = time.perf_counter() - begin, time.process_time() - used
    begin = time.process_time()
    seen = floor(election, people)
    least = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"plan: {spent:.1f} s ({used:.1f} s of the processor), {peak} MiB")
    print(f"floor: {least:.1f} s to look at {seen:,} places once; the plan takes {used / least:.2f} times that")
    hand = by_hand(election, people)
    for name, (covered, independent, total) in (
        ("plan", (found.covered, found.independent, found.metres)),
        ("by hand", hand),
    ):
        placed = covered + independent
        print(f"{name}: {covered:,} covered, {independent:,} independent, {total / max(1, placed):,.0f} m on average")
    assert found.covered >= hand[0] and found.covered + found.independent >= hand[0] + hand[1]
    assert spent < 60, "a national plan takes more than a minute"


if __name__ == "__main__":
    main()
