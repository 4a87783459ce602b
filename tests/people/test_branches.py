"""Links drawn as a tree: each once, whatever chains people make, and the sums are right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sapparot.people.joining import Branch, InviteLink, grown
from sapparot.web.organise.inviting import flat

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def link(number: int) -> InviteLink:
    at = LONG_AGO + timedelta(minutes=number)
    return InviteLink(UUID(int=number), "vote62", None, at, 9, 0, at + timedelta(days=9), False, f"{number}")


def counted(branches: Sequence[Branch]) -> int:
    return sum(line.branch.here for line in flat(branches))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(0, 5)), max_size=30))
def test_each_link_stands_once_and_a_branch_holds_everybody_below_it(drawn: list[tuple[int, int, int]]) -> None:
    """A parent may be anything: unknown, the link itself, or a younger one, after its maker left and came back."""
    sprouts = [
        (link(n), UUID(int=parent), people, min(people, active)) for n, (parent, people, active) in enumerate(drawn)
    ]
    branches = grown(sprouts)
    lines = flat(branches)
    assert sorted(line.branch.link.id for line in lines) == sorted(one[0].id for one in sprouts)
    assert sum(branch.people for branch in branches) == sum(one[2] for one in sprouts)
    for line in lines:
        assert line.branch.people == counted([line.branch])
        assert line.branch.active <= line.branch.people


def test_a_chain_longer_than_any_page_nests_is_still_drawn_whole() -> None:
    sprouts = [(link(n), UUID(int=n - 1) if n else None, 1, 1) for n in range(3000)]
    [root] = grown(sprouts)
    assert root.people == 3000
    assert [line.depth for line in flat([root])] == list(range(3000))
