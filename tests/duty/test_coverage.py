"""Coverage adds up, gaps come in the order in which they matter."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.contests import Election
from sapparot.duty.assignments.facts import Manned, State
from sapparot.duty.assignments.terrain import terrain
from sapparot.duty.coverage.board import Board
from sapparot.duty.coverage.closeness import margins
from tests.duty.crew import interests

STATION = "01-01-010111-001"
T = TypeVar("T")


def duty(place: str, network: str, state: State = "accepted") -> Manned:
    return Manned(network, state, False, [place])


@given(
    st.lists(
        st.tuples(st.integers(0, 59), st.sampled_from(["ilaw", "sao", "pao"]), st.sampled_from(["accepted", "offered"]))
    )
)
def test_what_areas_inside_cover_adds_up_to_the_whole(small: Election, held: list[tuple[int, str, State]]) -> None:
    codes = small.stations.codes
    duties = [duty(codes[at], network, state) for at, network, state in held]
    board = Board(small, terrain(small), "final", interests()).fill(duties, {codes[0]}, "ilaw")
    whole = board.covered(None)
    assert [row.area for row in whole.inside] == ["01", "02"]
    for column in ("stations", "eligible", "covered", "covered_eligible", "independent", "offered", "arrived", "own"):
        assert getattr(whole.whole, column) == sum(getattr(row, column) for row in whole.inside)
    there = {one.places[0] for one in duties if one.state == "accepted"}
    assert (whole.whole.covered, whole.whole.stations) == (len(there), 60)
    for area in (None, "01", "01-01"):
        inside = {place for place in codes if area is None or place.startswith(area)}
        each = {one.network: len({two.places[0] for two in duties if two.state == "accepted" and two.network == one.network} & inside)
                for one in duties if one.state == "accepted"}  # fmt: skip
        assert board.networks(area) == each
    gaps = board.gaps(None, {}, 1000)
    assert {gap.station for gap in gaps if gap.why == "nobody"} == set(codes) - there
    assert [gap.weight for gap in gaps] == sorted((gap.weight for gap in gaps), reverse=True)
    assert len(gaps) == 60 - whole.whole.independent


def test_a_gap_matters_more_where_the_contest_is_close_and_where_nobody_is(small: Election) -> None:
    board = Board(small, terrain(small), "final", interests()).fill([duty(STATION, "ilaw")], (), None)
    weights = {gap.station: gap for gap in board.gaps(None, {"01-01": 5000, "01-02": 0}, 1000)}
    alike = [gap for gap in weights.values() if gap.eligible == 561 or gap.eligible == 564]
    assert weights[STATION].why == "one_group"
    assert weights[STATION].weight == 686 * 686 // 5686
    assert weights["01-02-010121-002"].weight == 2 * 680
    assert weights["02-01-020111-001"].margin is None and weights["02-01-020111-001"].weight == 2 * 708
    assert {gap.constituency for gap in alike} == {"01-01", "02-01"}


def test_officials_of_two_networks_are_one_group(small: Election) -> None:
    board = Board(small, terrain(small), "final", interests())
    same = board.fill([duty(STATION, "sao"), duty(STATION, "pao")], (), None).covered("01-01-010111")
    assert (same.whole.covered, same.whole.independent, same.inside) == (1, 0, ())


def test_margins_are_read_from_the_published_constituencies() -> None:
    ballot = {"columns": ["unlisted", "valid", "spoiled", "no_vote", "ballots_cast", 1, 2, 3]}
    areas = [
        {"area": "a", "ballots": {"constituency": {**ballot, "votes": {
            "live": [0, 9, 0, 0, 9, 1, 2, 6], "confirmed": [0, 9, 0, 0, 9, 7, 1, 1]}}}},
        {"area": "b", "ballots": {"constituency": {**ballot, "votes": {"live": [0, 0, 0, 0, 0, 0, 0, 0]}}}},
        {"area": "c", "ballots": {"constituency": {**ballot, "votes": {}}, "list": {"votes": {"live": [1] * 9}}}},
    ]  # fmt: skip
    assert margins(canonical.encode({"v": 1, "areas": areas})) == {"a": 1}
