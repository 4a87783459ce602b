"""The tally as a fold: running sums, recomputed sums, batches, and what cannot be used."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.tally import LAYERS, NOT_GIVEN, STATES, Entry, NoElection, Tally
from tests.tally.tiny import DEFINED, STATIONS, counting, move

CODES = tuple(code for code, *_ in STATIONS)
NUMBERS = ("1", "2", "3", "10", "21", "99")
COUNTS = st.none() | st.integers(0, 3000)
FIGURES = st.none() | st.fixed_dictionaries(
    {
        "votes": st.dictionaries(st.sampled_from(NUMBERS), st.integers(0, 900)),
        "valid": COUNTS,
        "spoiled": COUNTS,
        "no_vote": COUNTS,
        "ballots_cast": COUNTS,
    }
)
MOVE = st.fixed_dictionaries(
    {
        "kind": st.just("move"),
        "v": st.just(1),
        "sheet": st.builds(
            lambda code, ballot: f"{code}/{ballot}", st.sampled_from(CODES), st.sampled_from(("constituency", "list"))
        ),
        "was": st.just("empty"),
        "state": st.sampled_from(STATES),
        "layer": st.sampled_from(LAYERS),
        "figures": FIGURES,
        "cause": st.just(0),
        "reason": st.sampled_from(("first_final", "agreement")),
        "sources": st.integers(0, 9),
    }
)
MOVES = st.lists(MOVE, max_size=30)


def same(one: Tally, other: Tally) -> bool:
    for ballot, sums in one.result().sums.items():
        theirs = other.result().sums[ballot]
        for level in sums.votes:
            for what in ("votes", "sheets", "eligible"):
                if not np.array_equal(getattr(sums, what)[level], getattr(theirs, what)[level]):
                    return False
        mine, yours = one.result().standings[ballot], other.result().standings[ballot]
        for column in ("figures", "state", "layer", "position", "sources"):
            if not np.array_equal(getattr(mine, column), getattr(yours, column)):
                return False
        if mine.reason != yours.reason:
            return False
    return one.unread == other.unread


@given(things=MOVES)
def test_running_sums_equal_recomputed_sums_after_any_moves(things: list[Any]) -> None:
    assert counting(things).compare() == []


@given(things=MOVES, cuts=st.lists(st.integers(0, 30), max_size=5))
def test_batches_may_be_cut_anywhere(things: list[Any], cuts: list[int]) -> None:
    assert same(counting(things), counting(things, [min(cut, len(things)) for cut in cuts]))


@given(things=MOVES, order=st.randoms(use_true_random=False))
def test_sheets_may_come_in_any_order_between_them(things: list[Any], order: Any) -> None:
    last = list({thing["sheet"]: thing for thing in things}.values())
    mixed = list(last)
    order.shuffle(mixed)
    one, other = counting(last).recompute(), counting(mixed).result().sums
    for ballot, sums in one.items():
        for level, votes in sums.votes.items():
            assert np.array_equal(votes, other[ballot].votes[level])


@given(things=MOVES)
def test_sums_of_lower_areas_equal_upper_ones(things: list[Any]) -> None:
    result = counting(things).result()
    for ballot in ("constituency", "list"):
        by_level = {level: result.votes(ballot, level).sum(axis=0) for level in ("country", "province", "constituency")}
        assert np.array_equal(by_level["country"], by_level["province"])
        assert np.array_equal(by_level["country"], by_level["constituency"])
        parties = result.by_party(ballot, "country")[0]
        for level in ("province", "constituency", "constituency/kind", "country/kind"):
            assert np.array_equal(parties, result.by_party(ballot, level).sum(axis=0))
        kinds = result.sheets(ballot, "constituency/kind").reshape(3, 4, len(STATES), len(LAYERS)).sum(axis=1)
        assert np.array_equal(kinds, result.sheets(ballot, "constituency"))


def test_a_station_outside_all_subdistricts_counts_in_its_constituency() -> None:
    result = counting([move("B1-9/constituency", "reported", {"2": 40})]).result()
    assert result.votes("constituency", "constituency")[2, LAYERS.index("reported") - 1, 0] == 40
    assert result.votes("constituency", "subdistrict").sum() == 0


def test_a_sheet_counts_in_exactly_one_layer() -> None:
    votes = {str(number): 10 for number in (1, 2, 10)}
    tally = counting([move("A1-x-1/constituency", state, votes) for state in ("live", "reported", "confirmed")])
    sheets = tally.result().sheets("constituency", "country")[0]
    assert sheets[STATES.index("confirmed"), LAYERS.index("confirmed")] == 1
    assert sheets.sum() == len(CODES)
    assert tally.result().votes("constituency", "country")[0].sum(axis=1).tolist() == [0, 0, 30 + 30 + 2 + 3 + 35, 0]


def test_the_headline_takes_the_layers_that_the_policy_allows() -> None:
    things = [
        move("A1-x-1/list", "reported", {"1": 7}),
        move("A1-x-2/list", "confirmed", {"1": 11}),
        move("A2-x-1/list", "settled", {"1": 13}),
    ]
    assert counting(things).result().headline_votes("list", "country")[0, 0] == 24
    policy = {"kind": "policy", "v": 1, "policy": {"headline": ["reported", "confirmed", "settled"]}}
    assert counting([*things, policy]).result().headline_votes("list", "country")[0, 0] == 31


def test_votes_for_numbers_that_do_not_stand_are_kept_apart() -> None:
    result = counting([move("A2-x-1/constituency", "reported", {"1": 5, "2": 4, "77": 3})]).result()
    row = result.standings["constituency"].figures[CODES.index("A2-x-1")].tolist()
    assert row == [5, NOT_GIVEN, NOT_GIVEN, 7, 12, 2, 3, 17]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"layer": "confirmed", "figures": None}, "without figures"),
        ({"state": "certain"}, "Invalid enum value"),
        ({"figures": {"votes": {"1": -1}}}, "Expected `int` >= 0"),
        ({"figures": {"votes": {"1": 2**70}}}, "Expected `int`"),
    ],
)
def test_a_move_that_cannot_be_used_takes_its_sheet_out_and_is_named(broken: dict[str, Any], why: str) -> None:
    good = move("A1-x-1/constituency", "confirmed", {"1": 5})
    tally = counting([good, good | broken])
    assert tally.result().votes("constituency", "country").sum() == 0
    assert tally.compare() == []
    (unread,) = tally.unread
    assert (unread.sheet, why in unread.why) == ("A1-x-1/constituency", True)


def test_moves_of_unknown_sheets_and_unreadable_entries_are_named() -> None:
    tally = counting([move("A9-x-1/list", "live", {}), {"kind": "move"}, {"kind": "policy"}, {"kind": "areas"}])
    assert [unread.sheet for unread in tally.unread] == ["A9-x-1/list", None, None, None]


def test_a_move_that_cannot_be_used_twice_over_is_named_once() -> None:
    (unread,) = counting([move("A9-x-1/list", "certain", {})]).unread
    assert unread.sheet == "A9-x-1/list"


def test_a_move_that_cannot_be_used_leaves_its_sheet_empty() -> None:
    for broken in ({"figures": None}, {"sources": -1}):
        tally = counting([move("A1-x-1/constituency", "confirmed", {"1": 5}) | broken])
        board = tally.result().standings["constituency"]
        at = CODES.index("A1-x-1")
        assert (STATES[board.state[at]], board.reason[at], board.sources[at], board.position[at]) == (
            "empty",
            "unread",
            0,
            5,
        )


def test_moves_before_the_election_count_nothing() -> None:
    tally = Tally()
    tally.apply_many([(0, "move", canonical.encode(move("A1-x-1/list", "live", {})))])
    assert [unread.position for unread in tally.unread] == [0]
    with pytest.raises(NoElection):
        tally.result()


def later(start: int, change: tuple[bytes, bytes]) -> list[Entry]:
    """The definition again, with a change, from a position on."""
    return [(start + position, kind, body.replace(*change)) for position, kind, body in DEFINED]


def test_a_correction_takes_the_place_of_the_election_until_something_rests_on_it() -> None:
    tally = counting([])
    assert "A1-x-1" in tally.result().election.stations.index and "report" in tally.kinds
    tally.apply_many(later(100, (b"A1-x-1", b"A1-x-9")))
    assert "A1-x-9" in tally.result().election.stations.index and tally.unread == []
    tally.apply_many([(200, "report", b"whatever it holds"), *later(201, (b"A1-x-1", b"A1-x-8"))])
    assert "A1-x-9" in tally.result().election.stations.index and "report" not in tally.kinds
    assert [unread.why for unread in tally.unread] == ["this log counts another election already"]


def test_a_second_election_in_the_log_is_refused() -> None:
    tally = counting([])
    tally.apply_many([(100 + position, kind, body.replace(b"tiny", b"late")) for position, kind, body in DEFINED])
    assert [unread.why for unread in tally.unread] == ["this log counts another election already"]
