"""The plan: nobody twice, nothing overfull, never worse than a simple plan, and equal to the optimum where that can be computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapparot.contests import Election
from sapparot.duty.assignments import terrain
from sapparot.duty.assignments.facts import Plan, Terms, Volunteer
from sapparot.duty.assignments.planning import plan
from tests.duty.towns import away, crews, election, holdings, optimum, serves, towns

BLOCKS = st.sampled_from([1, 2, 3, 500])
SAME_PATCH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


def greedy(
    town: Election, crew: Sequence[Volunteer], held: Mapping[str, Sequence[str]], terms: Terms
) -> tuple[int, int]:
    """What somebody would do by hand: one person after the other to the place where it helps most."""
    groups = {code: list(held.get(code, ())) for code in town.stations.codes}
    for volunteer in crew:
        for _ in range(volunteer.places):
            open_ = [
                code
                for code, there in groups.items()
                if volunteer.area in town.areas and serves(town, volunteer, code)
                and len(there) < terms.capacity and len(set(there)) < terms.sources and volunteer.group not in there
            ]  # fmt: skip
            if open_:
                best = min(open_, key=lambda code: (len(groups[code]), away(town, volunteer, code)))
                groups[best].append(volunteer.group)
    sizes = [len(set(there)) for there in groups.values()]
    return sum(size >= 1 for size in sizes), sum(size >= 2 for size in sizes)


def sound(town: Election, crew: Sequence[Volunteer], held: Mapping[str, Sequence[str]], found: Plan) -> None:
    by_id = {volunteer.person: volunteer for volunteer in crew}
    assert len({(one.person, one.station) for one in found.planned}) == len(found.planned)
    for person, times in Counter(one.person for one in found.planned).items():
        assert times <= by_id[person].places
    for station, people in Counter(one.station for one in found.planned).items():
        assert people + len(held.get(station, ())) <= 2
    for one in found.planned:
        assert serves(town, by_id[one.person], one.station)
        assert by_id[one.person].group not in held.get(one.station, ())


@SAME_PATCH
@given(town=towns(), crew=crews(), held=holdings(), block=BLOCKS)
def test_a_plan_covers_as_much_and_as_independently_as_any_plan_can(
    town: Election, crew: list[Volunteer], held: dict[str, list[str]], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {code: groups for code, groups in held.items() if code in town.stations.index}
    monkeypatch.setattr(terrain, "LARGEST_BLOCK", block)
    found = plan(town, crew, held, Terms(seed=block))
    sound(town, crew, held, found)
    covered, independent, metres = optimum(town, crew, held, Terms())
    assert (found.covered, found.independent) == (covered, independent)
    by_hand = greedy(town, crew, held, Terms())
    assert found.covered >= by_hand[0]
    assert found.covered + found.independent >= sum(by_hand)
    if block == 500:
        assert abs(found.metres - metres) <= len(found.planned)  # each distance is rounded once


@given(town=towns(), crew=crews(), seed=st.integers(0, 3))
def test_the_same_seed_gives_the_same_plan_whatever_the_order(town: Election, crew: list[Volunteer], seed: int) -> None:
    terms = Terms(seed=seed)
    assert plan(town, crew, {}, terms) == plan(town, list(reversed(crew)), {}, terms)


@SAME_PATCH
@given(town=towns(), crew=crews(), block=BLOCKS)
def test_planning_again_after_a_plan_finds_nothing_better(
    town: Election, crew: list[Volunteer], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terrain, "LARGEST_BLOCK", block)
    first = plan(town, crew, {}, Terms())
    groups = {volunteer.person: volunteer.group for volunteer in crew}
    held: dict[str, list[str]] = {}
    for one in first.planned:
        held.setdefault(one.station, []).append(groups[one.person])
    used = Counter(one.person for one in first.planned)
    left = [
        Volunteer(each.person, each.group, each.area, each.places - used[each.person])
        for each in crew
        if each.places > used[each.person]
    ]
    assert plan(town, left, held, Terms()).planned == ()


def test_every_area_is_one_run_of_stations_and_blocks_cover_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = (("L", "country", None), ("A", "province", "L"), ("B", "province", "L"), ("A1", "constituency", "A"))
    spots = [
        (f"s{n}", home, 13_000_000, 100_000_000) for n, home in enumerate(["A1", "L", "B", "A", "A1", "B", "L", "A1"])
    ]
    for largest in (1, 2, 3, 8):
        monkeypatch.setattr(terrain, "LARGEST_BLOCK", largest)
        laid = terrain.terrain(election(tree, spots))
        assert sorted(laid.order.tolist()) == list(range(8))
        assert [position for start, end in laid.blocks for position in range(start, end)] == list(range(8))
        assert all(end - start <= largest for start, end in laid.blocks)
        assert {laid.order[at] for at in range(*laid.ranges["A"])} == {0, 3, 4, 7}
        assert {laid.order[at] for at in range(*laid.ranges["A1"])} == {0, 4, 7}


def test_nobody_and_nowhere_make_an_empty_plan() -> None:
    town = election((("L", "country", None),), [("s0", "L", 0, 0)])
    assert plan(town, [], {}, Terms()) == Plan((), 0, 0, 0)
    assert plan(town, [], {"s0": ["red"], "gone": ["blue"]}, Terms()) == Plan((), 1, 0, 0)
