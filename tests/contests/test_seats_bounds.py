"""Bounds hold for every way in which outstanding voters can vote, checked against all of them on small cases."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.contests.allotment import PartyVotes
from sapparot.contests.bounds import decided, list_bounds
from sapparot.contests.facts import SeatRule
from sapparot.contests.seats import seats, winners

VOTES_2023 = Path(__file__).parent.parent / "elections/th-2566/2023-05-14.csv"


def ways(options: int, outstanding: int) -> Iterator[tuple[int, ...]]:
    """Every way in which outstanding voters can vote for options or not vote."""
    return (way for way in product(range(outstanding + 1), repeat=options) if sum(way) <= outstanding)


def reachable(votes: list[int], outstanding: int, list_seats: int, names: list[int | None]) -> list[tuple[int, int]]:
    """The fewest and most seats of each list over all ways of voting, ties falling either way; no votes, no seats."""
    ends = [(list_seats, 0)] * len(votes)
    for way in ways(len(votes), outstanding):
        final = [count + more for count, more in zip(votes, way, strict=True)]
        found = _ends(final, list_seats, names) if any(final) else [(0, 0)] * len(votes)
        ends = [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(ends, found, strict=True)]
    return ends


def _ends(votes: list[int], list_seats: int, names: list[int | None]) -> list[tuple[int, int]]:
    rows = [PartyVotes(str(i), count, 0, cap) for i, (count, cap) in enumerate(zip(votes, names, strict=True))]
    outcome = seats(SeatRule("th-2566", list_seats), rows)
    tied = {party for tie in outcome.ties for party in tie.parties}
    return [(row.list_seats, row.list_seats + (row.party in tied)) for row in outcome.parties]


SMALL = st.tuples(st.lists(st.integers(0, 12), min_size=1, max_size=4), st.integers(0, 5), st.integers(1, 8))


@settings(max_examples=150, deadline=None)
@given(SMALL)
def test_bounds_of_lists_hold_every_reachable_outcome_and_the_upper_is_reached(
    case: tuple[list[int], int, int],
) -> None:
    votes, outstanding, list_seats = case
    bounds = list_bounds(votes, outstanding, list_seats)
    ends = reachable(votes, outstanding, list_seats, [None] * len(votes))
    for i, (low, high) in enumerate(ends):
        assert bounds.low[i] <= low
        assert bounds.high[i] == high
    assert bounds.fixed + bounds.open == list_seats and bounds.open >= 0


@settings(max_examples=100, deadline=None)
@given(SMALL, st.lists(st.none() | st.integers(0, 4), min_size=4, max_size=4))
def test_bounds_of_short_lists_hold_every_reachable_outcome(
    case: tuple[list[int], int, int], caps: list[int | None]
) -> None:
    votes, outstanding, list_seats = case
    names = caps[: len(votes)]
    bounds = list_bounds(votes, outstanding, list_seats, names)
    for i, (low, high) in enumerate(reachable(votes, outstanding, list_seats, names)):
        assert bounds.low[i] <= low <= high <= bounds.high[i]


def test_lower_bounds_are_nearly_always_reached() -> None:
    """Measured over many small cases of three lists: a bound misses the truth by one seat at most, in one of 100."""
    missed = several = 0
    for votes in product(range(0, 19, 6), (1, 5, 9), (2, 7)):
        for outstanding, list_seats in product((1, 3, 5), (2, 3, 7)):
            bounds = list_bounds(votes, outstanding, list_seats)
            for i, (low, high) in enumerate(reachable(list(votes), outstanding, list_seats, [None] * 3)):
                assert low - 1 <= bounds.low[i] <= low and bounds.high[i] == high
                missed += bounds.low[i] < low
                several += 1
    assert missed / several < 0.01


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any), st.integers(1, 100))
def test_with_nobody_outstanding_the_bounds_meet_unless_a_lot_is_open(votes: list[int], list_seats: int) -> None:
    outcome = seats(SeatRule("th-2566", list_seats), [PartyVotes(str(i), count) for i, count in enumerate(votes)])
    tied = {party for tie in outcome.ties for party in tie.parties}
    bounds = list_bounds(votes, 0, list_seats)
    assert bounds.low == tuple(party.list_seats for party in outcome.parties)
    assert bounds.high == tuple(party.list_seats + (party.party in tied) for party in outcome.parties)


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=8),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(1, 100),
)
def test_bounds_only_narrow_when_fewer_voters_are_outstanding(
    votes: list[int], outstanding: int, fewer: int, list_seats: int
) -> None:
    wide, narrow = (
        list_bounds(votes, outstanding, list_seats),
        list_bounds(votes, max(0, outstanding - fewer), list_seats),
    )
    assert all(a <= b for a, b in zip(wide.low, narrow.low, strict=True))
    assert all(a >= b for a, b in zip(wide.high, narrow.high, strict=True))


def test_nothing_is_fixed_before_the_first_vote() -> None:
    bounds = list_bounds([0, 0, 0], 100, 10)
    assert (bounds.low, bounds.high, bounds.fixed, bounds.open) == ((0, 0, 0), (10, 10, 10), 0, 10)
    assert list_bounds([0, 0], 0, 10).high == (0, 0)


def test_a_single_list_has_all_seats_with_its_first_vote() -> None:
    assert list_bounds([1], 100, 10).low == (10,)
    assert list_bounds([0], 100, 10).low == (0,)


def test_the_lists_of_2023_are_bounded_within_twenty_milliseconds() -> None:
    with VOTES_2023.open(encoding="utf-8", newline="") as file:
        votes = [int(row["votes"]) for row in csv.DictReader(file)]
    started = time.perf_counter()
    bounds = list_bounds(votes, 2_000_000, 100)
    assert time.perf_counter() - started < 0.2, "ten times the budget, for a busy machine"
    assert 0 < bounds.open < 40


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 8), max_size=4), st.integers(0, 4), st.integers(0, 8))
def test_a_constituency_is_decided_exactly_when_one_option_wins_every_way(
    votes: list[int], outstanding: int, no_vote: int
) -> None:
    finals = {
        winners([count + more for count, more in zip(votes, way, strict=False)], no_vote + way[-1])
        for way in ways(len(votes) + 1, outstanding)
    }
    leader = decided(votes, outstanding, no_vote)
    assert (leader is not None) == (len(finals) == 1 and len(next(iter(finals))) == 1)
    if leader is not None:
        assert finals == {(leader,)}


@pytest.mark.parametrize(("outstanding", "leader"), [(9, 1), (10, None), (11, None)])
def test_a_lead_equal_to_the_outstanding_voters_is_not_decided(outstanding: int, leader: int | None) -> None:
    assert decided([20, 30, 5], outstanding) == leader
