"""Where the parliament differs from the truth, the sheets of which the headline claims nothing explain it, or it stays unexplained."""

from __future__ import annotations

from sapparot.contests import SeatRule
from sapparot.demo.summary import explanation
from sapparot.simulate.deviations import Explained, LeadersExplained, ListExplained, explain
from sapparot.simulate.judge import SeatsOf, read_sheets
from tests.simulate.conftest import Night
from tests.simulate.test_judge import HEADLINE, Change, sheets_csv

RULE = SeatRule("th-2566", 4)
TRUE = {"mango": (1, 2), "river": (2, 1), "kite": (0, 1)}
"""Constituency and list seats of the small election. In 01-02 river is 43 votes before mango, at station 22 alone 44."""
FLIPPED = {"mango": (2, 2), "river": (1, 1)}
CONSTITUENCY, LIST = 2 * 22, 2 * 22 + 1
"""The two sheets of station 22."""


def told(small: Night, changes: dict[int, Change], **ours: tuple[int, int]) -> Explained:
    sheets = read_sheets(sheets_csv(small.truth, changes), small.truth, HEADLINE)
    parliament = [SeatsOf(party, won, lists, won + lists) for party, (won, lists) in (TRUE | ours).items()]
    return explain(sheets, small.truth, small.published, RULE, parliament)


def uncounted(row: dict[str, object]) -> None:
    row.update(state="reported", layer="reported")


def disputed(row: dict[str, object]) -> None:
    """It keeps the figures that it had before, which are not true."""
    row.update({"state": "disputed", "1": 300})


def wrong(row: dict[str, object]) -> None:
    row.update({"1": 300})


def many(row: dict[str, object]) -> None:
    row.update({"4": 900})


def test_where_nothing_differs_there_is_nothing_to_explain(small: Night) -> None:
    found = told(small, {0: uncounted, 3: uncounted})
    assert found == Explained((), None, seats_follow=True, explained=True)
    assert explanation(found) == []


def test_a_sheet_that_is_not_counted_explains_a_leader_whom_its_true_votes_unseat(small: Night) -> None:
    found = told(small, {CONSTITUENCY: uncounted, 0: uncounted}, **FLIPPED)
    key = small.truth.sheet_key(CONSTITUENCY)
    assert found.leaders == (LeadersExplained("01-02", ("mango",), ("river",), (), (key,), explained=True),)
    assert found.explained and found.list is None
    (every, verdict), (area, why) = explanation(found)
    assert every == "every deviation explained" and verdict.startswith("yes") and area == "  01-02"
    assert why == f"mango leads, in truth river; uncounted {key}: their true votes close the gap"


def test_a_disputed_sheet_explains_by_the_old_figures_that_it_keeps(small: Night) -> None:
    found = told(small, {CONSTITUENCY: disputed}, **FLIPPED)
    key = small.truth.sheet_key(CONSTITUENCY)
    assert found.leaders == (LeadersExplained("01-02", ("mango",), ("river",), (key,), (), explained=True),)


def test_a_leader_whom_a_wrong_sheet_seats_is_not_explained_by_another_that_is_not_counted(small: Night) -> None:
    other = 2 * 21
    found = told(small, {CONSTITUENCY: wrong, other: uncounted}, **FLIPPED)
    key = small.truth.sheet_key(other)
    assert found.leaders == (LeadersExplained("01-02", ("mango",), ("river",), (), (key,), explained=False),)
    assert found.seats_follow and not found.explained
    rows = dict(explanation(found))
    assert rows["every deviation explained"] == "NO"
    assert "NOT explained" in rows["  01-02"] and key in rows["  01-02"]


def test_list_seats_are_explained_by_the_true_votes_of_the_sheets_that_the_list_lacks(small: Night) -> None:
    def old(row: dict[str, object]) -> None:
        many(row)
        row.update(state="disputed")

    found = told(small, {LIST: old, 1: uncounted}, mango=(1, 1), lantern=(0, 1))
    assert found.list == ListExplained({"lantern": 1, "mango": 1}, {"lantern": 0, "mango": 2}, 1, 1, explained=True)
    assert found.explained and "close the gap" in dict(explanation(found))["  list"]


def test_list_seats_that_a_wrong_sheet_gave_are_not_explained(small: Night) -> None:
    found = told(small, {LIST: many, 1: uncounted}, mango=(1, 1), lantern=(0, 1))
    assert found.list == ListExplained({"lantern": 1, "mango": 1}, {"lantern": 0, "mango": 2}, 0, 1, explained=False)
    assert not found.explained and "NOT explained" in dict(explanation(found))["  list"]


def test_seats_that_do_not_follow_from_the_sheets_are_not_explained_by_any(small: Night) -> None:
    found = told(small, {0: uncounted}, mango=(1, 3))
    assert found == Explained((), None, seats_follow=False, explained=False)
    assert dict(explanation(found))["every deviation explained"] == "NO"


def test_a_result_without_any_sheet_lacks_everything_and_says_so(small: Night) -> None:
    def empty(row: dict[str, object]) -> None:
        row.update(dict.fromkeys(row.keys() - {"ballot", "station"}, ""), state="empty", layer="none")

    nothing = {party: (0, 0) for party in TRUE}
    found = told(small, dict.fromkeys(range(120), empty), **nothing)
    assert [one.ours for one in found.leaders] == [(), (), ()] and found.list and found.list.uncounted == 60
    assert "nobody leads" in dict(explanation(found))["  01-01"]
    assert "and 17 more" in dict(explanation(found))["  01-01"]
