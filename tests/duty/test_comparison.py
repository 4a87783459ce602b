"""Board, form and authority side by side."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, pool
from sapparot.base.problems import Problem
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.comparison.balance import Balance
from sapparot.duty.comparison.facts import Explanation
from sapparot.duty.comparison.rules import compared, figures, summed
from tests.duty.crew import add_networks, roster, volunteer

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATION = "01-01-010111-001"
votes = st.dictionaries(st.sampled_from(["1", "2", "10", "valid"]), st.integers(0, 500))


@given(votes)
def test_sides_that_agree_have_no_differences(same: dict[str, int]) -> None:
    assert compared("s/list", {"board": same, "form": same, "official": same}).differences == ()
    assert compared("s/list", {"form": same}).differences == ()


@given(votes, votes)
def test_every_figure_that_form_and_authority_give_differently_is_named(
    form: dict[str, int], theirs: dict[str, int]
) -> None:
    row = compared("s/list", {"form": form, "official": theirs})
    wanted = {name for name in form.keys() & theirs.keys() if form[name] != theirs[name]}
    assert {each.figure for each in row.differences} == wanted
    assert summed(("a", "list"), [row]).both == 1


def test_a_board_that_was_not_counted_to_the_end_differs_from_nothing_one_that_has_more_does() -> None:
    assert compared("s/list", {"board": {"1": 5}, "form": {"1": 9}}).differences == ()
    [found] = compared("s/list", {"board": {"1": 12, "2": 1}, "form": {"1": 9, "2": 4}}).differences
    assert (found.figure, found.board, found.form, found.official) == ("1", 12, 9, None)


def test_figures_of_a_report_are_its_votes_and_the_totals_that_it_gives() -> None:
    assert figures({"1": 3}, (3, 0, None, None)) == {"1": 3, "valid": 3, "spoiled": 0}


def test_a_difference_has_an_owner_a_reason_and_a_state_and_keeps_its_history(
    defined: Connection, database_url: str
) -> None:
    add_networks(defined)
    book = roster(database_url, FixedClock(NOW))
    balance = Balance(book.rolls, Nearby(book), FixedClock(NOW))
    head = volunteer(defined, level=2, roles=(("head", "01-01"),))
    other = volunteer(defined, level=2, roles=(("head", "01-02"),))
    said = Explanation("open", head.person, "ตรวจแบบอีกครั้ง", UUID(int=0), NOW)

    async def day() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            empty = await balance.compare(connection, "01-01", "constituency")
            assert (empty.sheets, empty.forms, empty.both, empty.differing) == (20, 0, 0, ())
            first = await balance.explain(connection, head, f"{STATION}/list", said)
            assert first.by == head.person
            await balance.explain(
                connection, head, f"{STATION}/list", Explanation("theirs", None, "x", UUID(int=0), NOW)
            )
            for who, sheet, code in (
                (other, f"{STATION}/list", "duty.not_your_area"),
                (volunteer(defined), f"{STATION}/list", "duty.not_your_area"),
                (head, f"{STATION}/nothing", "duty.place_unknown"),
            ):
                with pytest.raises(Problem) as refused:
                    await balance.explain(connection, who, sheet, said)
                assert refused.value.kind.code == code
            with pytest.raises(Problem):
                await balance.compare(connection, "99", "list")

    asyncio.run(day())
    found = defined.execute("SELECT state FROM duty.explanations ORDER BY id").fetchall()
    assert found == [("open",), ("theirs",)]
