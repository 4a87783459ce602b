"""The seat rules and the bounds of lists, written a second time from docs/formats alone, give what ours give."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sapparot.contests.allotment import PartyVotes
from sapparot.contests.bounds import list_bounds
from sapparot.contests.facts import SeatRule
from sapparot.contests.problems import SeatsRefused
from sapparot.contests.seats import RULES, quota_text, seats
from tests.second import seats as second
from tests.second.bounds import bounds

NAMES = st.sampled_from([None, None, None, 0, 1, 2, 5, 40])
VOTES = st.one_of(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2_000_000))
LISTS = st.lists(st.tuples(VOTES, NAMES), min_size=0, max_size=9)
LIST_SEATS = st.one_of(st.integers(0, 12), st.just(150))


def agreed(rule: str, parties: list[second.Party], list_seats: int, lots: list[int]) -> second.Given | None:
    """Give seats with both; they give the same, or refuse for the same reason."""
    ours = [PartyVotes(party.code, party.votes, party.won, party.names) for party in parties]
    try:
        here = seats(SeatRule(rule, list_seats), ours, [parties[at].code for at in lots])
    except SeatsRefused as error:
        with pytest.raises(second.Refused) as refused:
            second.given_by(rule, parties, list_seats)
        assert refused.value.args == (error.detail.th, error.detail.en)
        return None
    there = second.RULES[rule](parties, list_seats, lots)
    assert [party.list_seats for party in here.parties] == there.seats
    assert (here.quota, here.unfilled) == (there.quota, there.unfilled)
    assert (here.note and {"th": here.note.th, "en": here.note.en}) == there.note
    assert [(tie.parties, tie.seats) for tie in here.ties] == [
        (tuple(parties[at].code for at in tied), places) for tied, places in there.ties
    ]
    return there


def drawn(rule: str, parties: list[second.Party], list_seats: int, chance: Random) -> None:
    """Give seats; where lots must be drawn, draw them and give seats again."""
    given = agreed(rule, parties, list_seats, [])
    if given and given.ties:
        tied, places = given.ties[0]
        again = agreed(rule, parties, list_seats, chance.sample(tied, places))
        assert again is not None and not again.ties


@settings(max_examples=200, deadline=None)
@given(LISTS, LIST_SEATS, st.randoms(use_true_random=False))
def test_both_give_list_seats_by_quota_alike(
    lists: list[tuple[int, int | None]], list_seats: int, chance: Random
) -> None:
    drawn(
        "th-2566",
        [second.Party(f"p{at}", votes, 0, names) for at, (votes, names) in enumerate(lists)],
        list_seats,
        chance,
    )


@settings(max_examples=80, deadline=None)
@given(LISTS, LIST_SEATS, st.randoms(use_true_random=False))
def test_both_give_seats_that_make_up_for_constituencies_alike(
    lists: list[tuple[int, int | None]], list_seats: int, chance: Random
) -> None:
    assume(lists)
    won = [0] * len(lists)
    for at in chance.choices(
        range(len(lists)), [votes + 1 for votes, _ in lists], k=chance.choice([9, 333, 349, 350, 351])
    ):
        won[at] += 1
    if chance.random() < 0.3:
        won = [won.pop(), *won]
    rows = zip(lists, won, strict=True)
    drawn(
        "th-2562",
        [second.Party(f"p{at}", votes, seats, names) for at, ((votes, names), seats) in enumerate(rows)],
        list_seats,
        chance,
    )


def test_the_note_of_four_decimals_is_the_same() -> None:
    brought = [(250_500_020, 215), (199_499_980, 100), (50_000_000, 35)]
    given = agreed("th-2562", [second.Party(f"p{at}", votes, won) for at, (votes, won) in enumerate(brought)], 150, [])
    assert given and given.note


@settings(max_examples=200, deadline=None)
@given(LISTS, st.one_of(st.integers(0, 9), st.integers(0, 300_000)), LIST_SEATS)
def test_both_bound_lists_alike(lists: list[tuple[int, int | None]], outstanding: int, list_seats: int) -> None:
    votes, names = [votes for votes, _ in lists], [names for _, names in lists]
    ours = list_bounds(votes, outstanding, list_seats, names)
    assert [*zip(ours.low, ours.high, strict=True)] == bounds(votes, outstanding, list_seats, names)


@given(st.fractions(min_value=0))
def test_both_write_exact_numbers_alike(number: Fraction) -> None:
    assert second.written(number) == quota_text(number)
    assert second.written(number / 10**7) == quota_text(number / 10**7)


def test_both_know_the_same_rules() -> None:
    assert RULES.keys() == second.RULES.keys()
    agreed("th-9999", [], 1, [])
