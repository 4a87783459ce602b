"""The cross-check bites: one altered cell anywhere is a difference."""

import pytest

from sapparot.tally import Tally
from tests.tally.tiny import counting, move


def scene() -> Tally:
    return counting(
        [
            move("A1-x-1/list", "confirmed", {"1": 100, "2": 50}),
            move("A1-x-1/constituency", "reported", {"1": 90}),
            move("B1-9/list", "live", {"3": 5}),
        ]
    )


@pytest.mark.parametrize("ballot", ["constituency", "list"])
@pytest.mark.parametrize("what", ["votes", "sheets", "eligible"])
@pytest.mark.parametrize("level", ["country", "province", "constituency", "subdistrict", "country/kind"])
def test_one_vote_too_many_in_any_sum_is_a_difference(ballot: str, what: str, level: str) -> None:
    tally = scene()
    assert tally.compare() == []
    getattr(tally.result().sums[ballot], what)[level][-1, -1, -1] += 1
    (difference,) = tally.compare()
    assert (difference.ballot, difference.level, difference.what) == (ballot, level, what)
    assert difference.running == difference.recomputed + 1


@pytest.mark.parametrize(("column", "value"), [("figures", 99), ("state", 2), ("layer", 4)])
def test_one_altered_sheet_is_a_difference(column: str, value: int) -> None:
    tally = scene()
    rows = getattr(tally.result().standings["list"], column)
    rows[(0, 0) if rows.ndim == 2 else 0] = value
    assert {difference.level for difference in tally.compare()} >= {"country", "province"}


def test_a_difference_says_where_it_is() -> None:
    tally = scene()
    tally.result().sums["list"].votes["province"][1, 0, 2] -= 1
    (difference,) = tally.compare()
    assert (difference.area, difference.layer, difference.column) == ("B", "live", "option 3")
    assert (difference.running, difference.recomputed) == (4, 5)
