"""Votes become seats in exact fractions, whatever the votes are."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.contests.allotment import PartySeats, PartyVotes, SeatOutcome, Tie
from sapparot.contests.facts import SeatRule
from sapparot.contests.problems import SeatsRefused
from sapparot.contests.seats import RULES, parliament, quota_text, seats, winners

VOTES = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 10**9)), min_size=1, max_size=8).filter(any)
LIST_SEATS = st.integers(1, 20)


def by_remainders(votes: Sequence[int], list_seats: int, names: Sequence[int | None] | None = None) -> SeatOutcome:
    caps = names or [None] * len(votes)
    rows = [PartyVotes(f"p{i}", count, list_names=cap) for i, (count, cap) in enumerate(zip(votes, caps, strict=True))]
    return seats(SeatRule("th-2566", list_seats), rows)


def listed(outcome: SeatOutcome) -> list[int]:
    return [party.list_seats for party in outcome.parties]


def slowly(votes: Sequence[int], list_seats: int) -> set[tuple[int, ...]]:
    """Every way to give the seats: remainders in every order that keeps larger ones first."""
    total = sum(votes)
    wholes = [count * list_seats // total for count in votes]
    remainders = [count * list_seats % total for count in votes]
    left = list_seats - sum(wholes)
    ways = set()
    for order in permutations(range(len(votes))):
        ranked = [remainders[i] for i in order]
        if ranked == sorted(ranked, reverse=True):
            ways.add(tuple(whole + (i in order[:left]) for i, whole in enumerate(wholes)))
    return ways


@given(VOTES, LIST_SEATS)
def test_every_list_seat_is_given_or_waits_for_a_lot(votes: list[int], list_seats: int) -> None:
    outcome = by_remainders(votes, list_seats)
    assert sum(listed(outcome)) + sum(tie.seats for tie in outcome.ties) == list_seats


@given(VOTES, LIST_SEATS)
def test_a_party_gets_its_quotas_rounded_down_or_up(votes: list[int], list_seats: int) -> None:
    outcome = by_remainders(votes, list_seats)
    for count, given_seats in zip(votes, listed(outcome), strict=True):
        assert count // outcome.quota <= given_seats <= -(-count // outcome.quota)


@given(VOTES, LIST_SEATS)
def test_more_votes_never_mean_fewer_seats(votes: list[int], list_seats: int) -> None:
    pairs = sorted(zip(votes, listed(by_remainders(votes, list_seats)), strict=True))
    assert all(fewer[1] <= more[1] for fewer, more in pairwise(pairs))


@given(VOTES, LIST_SEATS, st.integers(2, 10**12))
def test_multiplying_all_votes_changes_no_seat(votes: list[int], list_seats: int, factor: int) -> None:
    once, often = (by_remainders([count * by for count in votes], list_seats) for by in (1, factor))
    assert listed(once) == listed(often) and once.ties == often.ties


@given(VOTES, LIST_SEATS, st.randoms(use_true_random=False))
def test_the_order_of_parties_changes_no_seat(votes: list[int], list_seats: int, chance: object) -> None:
    order = list(range(len(votes)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    straight, mixed = by_remainders(votes, list_seats), by_remainders([votes[i] for i in order], list_seats)
    assert [listed(straight)[i] for i in order] == listed(mixed)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any), st.integers(1, 9))
def test_a_tie_is_found_exactly_when_the_seats_can_be_given_in_several_ways(votes: list[int], list_seats: int) -> None:
    ways, outcome = slowly(votes, list_seats), by_remainders(votes, list_seats)
    assert bool(outcome.ties) == (len(ways) > 1)
    assert listed(outcome) == [min(column) for column in zip(*ways, strict=True)]
    contested = {f"p{i}" for i, column in enumerate(zip(*ways, strict=True)) if len(set(column)) > 1}
    assert {party for tie in outcome.ties for party in tie.parties} == contested


@given(
    st.lists(st.tuples(st.integers(0, 50), st.none() | st.integers(0, 6)), min_size=1, max_size=6).filter(
        lambda rows: any(row[0] for row in rows)
    ),
    LIST_SEATS,
)
def test_a_list_never_gives_more_members_than_it_has_names(rows: list[tuple[int, int | None]], list_seats: int) -> None:
    votes, names = zip(*rows, strict=True)
    outcome = by_remainders(votes, list_seats, names)
    assert all(cap is None or count <= cap for count, cap in zip(listed(outcome), names, strict=True))
    assert all(votes[i] or not count for i, count in enumerate(listed(outcome)))
    waiting = sum(tie.seats for tie in outcome.ties)
    assert sum(listed(outcome)) + waiting + outcome.unfilled == list_seats
    if outcome.unfilled:
        able = [cap for count, cap in rows if count]
        assert None not in able and sum(cap or 0 for cap in able) == sum(listed(outcome))


def test_seats_of_a_short_list_go_to_the_next_remainders() -> None:
    assert listed(by_remainders([61, 25, 14], 10)) == [6, 3, 1]
    assert listed(by_remainders([61, 25, 14], 10, [2, None, None])) == [2, 5, 3]


def test_seats_without_names_stay_empty() -> None:
    outcome = by_remainders([60, 40], 10, [2, 3])
    assert listed(outcome) == [2, 3] and outcome.unfilled == 5


def test_votes_beyond_floating_point_are_told_apart() -> None:
    huge = 2**53
    assert listed(by_remainders([huge, huge + 1, huge], 1)) == [0, 1, 0]


def test_a_tie_waits_for_the_lot_and_the_lot_settles_it() -> None:
    rule, rows = (
        SeatRule("th-2566", 3),
        [PartyVotes("ก", 5), PartyVotes("ข", 5), PartyVotes("ค", 5), PartyVotes("ง", 5)],
    )
    open_ = seats(rule, rows)
    assert listed(open_) == [0, 0, 0, 0] and open_.ties == (Tie(("ก", "ข", "ค", "ง"), 3),)
    settled = seats(rule, rows, ["ง", "ข", "ก"])
    assert listed(settled) == [1, 1, 0, 1] and settled.ties == ()
    assert listed(seats(rule, rows, ["ง", "ค", "ข", "ก"])) == [0, 1, 1, 1], "the last drawn gets nothing"


@pytest.mark.parametrize(
    ("lots", "said"),
    [(["ก"], "2 seat(s)"), (["จ", "ก"], "จ"), (["ก", "ก"], "ก")],
    ids=["too few", "not tied", "twice"],
)
def test_lots_that_do_not_fit_the_tie_are_refused(lots: list[str], said: str) -> None:
    rows = [PartyVotes("ก", 5), PartyVotes("ข", 5), PartyVotes("ค", 5), PartyVotes("จ", 0)]
    with pytest.raises(SeatsRefused) as caught:
        seats(SeatRule("th-2566", 2), rows, lots)
    assert said in caught.value.detail.en and caught.value.detail.th != caught.value.detail.en


def test_lots_without_a_tie_are_refused() -> None:
    with pytest.raises(SeatsRefused, match="no seat waits"):
        seats(SeatRule("th-2566", 2), [PartyVotes("ก", 5)], ["ก"])


@pytest.mark.parametrize("rule", sorted(RULES))
def test_no_votes_at_all_are_refused(rule: str) -> None:
    with pytest.raises(SeatsRefused, match="no votes"):
        seats(SeatRule(rule, 10), [PartyVotes("ก", 0, 350), PartyVotes("ข", 0)])


def test_an_unknown_rule_is_refused_with_the_names_of_the_known() -> None:
    with pytest.raises(SeatsRefused, match="th-2562, th-2566"):
        seats(SeatRule("xx-1", 10), [PartyVotes("ก", 1)])


def test_an_election_without_list_seats_is_refused() -> None:
    with pytest.raises(SeatsRefused, match="no list seats"):
        seats(SeatRule("th-2566"), [PartyVotes("ก", 1)])


def mixed(*rows: tuple[int, int, int | None], lots: Sequence[str] = ()) -> SeatOutcome:
    parties = [PartyVotes(f"p{i}", votes, won, names) for i, (votes, won, names) in enumerate(rows)]
    return seats(SeatRule("th-2562", 150), parties, lots)


@st.composite
def one_ballot(draw: st.DrawFn) -> list[tuple[int, int, int | None]]:
    votes = draw(st.lists(st.integers(1, 10**7), min_size=2, max_size=8))
    cuts = sorted(draw(st.lists(st.integers(0, 350), min_size=len(votes) - 1, max_size=len(votes) - 1)))
    won = [high - low for low, high in zip([0, *cuts], [*cuts, 350], strict=True)]
    return [(count, seats_won, None) for count, seats_won in zip(votes, won, strict=True)]


@given(one_ballot())
def test_one_ballot_fills_a_house_of_500(rows: list[tuple[int, int, int | None]]) -> None:
    outcome = mixed(*rows)
    waiting = sum(tie.seats for tie in outcome.ties)
    assert sum(party.total for party in outcome.parties) + waiting == 500


@given(one_ballot())
def test_a_party_with_its_share_in_constituencies_gets_no_list_seat(rows: list[tuple[int, int, int | None]]) -> None:
    outcome = mixed(*rows)
    for (votes, won, _), party in zip(rows, outcome.parties, strict=True):
        assert party.list_seats == 0 or won < votes / outcome.quota


def test_without_overhang_every_party_gets_its_share_of_the_house() -> None:
    outcome = mixed((300, 200, None), (200, 150, None))
    assert [party.total for party in outcome.parties] == [300, 200]


def test_overhang_is_taken_from_all_other_parties_in_proportion() -> None:
    outcome = mixed((100, 250, None), (300, 60, None), (100, 40, None))
    # p0 may have 100 and keeps 250; p1 should get 240 and p2 60, together 300, so every share is halved.
    assert listed(outcome) == [0, 120, 30]


def test_votes_of_a_party_without_a_list_do_not_count_towards_the_quota() -> None:
    outcome = mixed((500, 349, None), (500, 1, 0))
    assert outcome.quota == 1 and listed(outcome) == [150, 0]


def test_constituencies_that_are_not_announced_yet_shrink_the_house() -> None:
    outcome = mixed((300, 200, None), (200, 149, None))
    assert sum(listed(outcome)) == 149 and outcome.quota == Fraction(500, 498)


@pytest.mark.parametrize("won", [0, 332, 351])
def test_too_few_or_too_many_constituencies_are_refused(won: int) -> None:
    with pytest.raises(SeatsRefused, match="333 to 350"):
        mixed((300, won, None), (200, 0, None))


def test_between_equal_remainders_the_higher_average_for_a_member_goes_first() -> None:
    # The quota is 2. Both large parties have half a seat left: 599 votes for 299 members, 399 votes for 199.
    outcome = mixed((599, 200, None), (399, 150, None), (2, 0, None))
    assert outcome.quota == 2 and outcome.ties == ()
    assert listed(outcome) == [99, 50, 1]


def test_between_equal_remainders_a_party_without_members_goes_first() -> None:
    outcome = mixed((599, 200, None), (400, 150, None), (1, 0, None))
    assert outcome.quota == 2 and outcome.ties == ()
    assert listed(outcome) == [99, 50, 1]


def test_a_party_with_overhang_gets_no_seat_that_short_lists_leave() -> None:
    outcome = mixed((100, 300, None), (900, 50, 20))
    assert listed(outcome) == [0, 20] and outcome.unfilled == 130


def test_equal_averages_draw_lots() -> None:
    rows = [(499, 175, None), (499, 175, None), (2, 0, None)]
    assert mixed(*rows).ties == (Tie(("p0", "p1"), 1),)
    assert listed(mixed(*rows, lots=["p1"])) == [74, 75, 1]


def test_a_note_says_when_the_four_decimals_of_the_act_seat_other_parties() -> None:
    # Remainders 0.50002 and 0.49998 are both 0.5000 in four decimals; then the average for a member decides.
    outcome = mixed((250_500_020, 215, None), (199_499_980, 100, None), (50_000_000, 35, None))
    assert listed(outcome) == [36, 99, 15]
    assert outcome.note is not None
    assert "p0 35, p1 100" in outcome.note.en and "p0 35, p1 100" in outcome.note.th


def test_a_constituency_is_won_by_the_most_votes() -> None:
    assert winners([10, 30, 20]) == (1,)


def test_equal_leaders_wait_for_a_lot() -> None:
    assert winners([30, 10, 30]) == (0, 2)


def test_nobody_wins_against_those_who_chose_nobody() -> None:
    assert winners([30, 10], no_vote=30) == ()
    assert winners([0, 0]) == ()
    assert winners([]) == ()


def test_a_parliament_keeps_the_order_of_lists_and_adds_parties_without_one() -> None:
    house = parliament(["ค", "ก", "ค"], [PartySeats("ก", 2), PartySeats("ข", 1)])
    assert house == (PartySeats("ก", 2, 1), PartySeats("ข", 1, 0), PartySeats("ค", 0, 2))


@pytest.mark.parametrize(
    ("quota", "text"),
    [
        (Fraction(37_522_746, 100), "375227.46"),
        (Fraction(400_000), "400000"),
        (Fraction(1, 8), "0.125"),
        (Fraction(7, 5), "1.4"),
        (Fraction(35_441_920, 498), "17720960/249"),
    ],
)
def test_a_quota_is_written_exactly(quota: Fraction, text: str) -> None:
    assert quota_text(quota) == text


@given(st.fractions(min_value=0))
def test_a_written_quota_reads_back_as_the_same_number(quota: Fraction) -> None:
    assert Fraction(quota_text(quota)) == quota
