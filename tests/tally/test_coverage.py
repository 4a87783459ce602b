"""How much is counted, and how far that is from the electorate."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sapparot.tally import coverage, rounded_up, share
from sapparot.tally.coverage import distance
from tests.tally.tiny import STATIONS, counting, move

VOTERS = st.lists(st.integers(0, 10**6), min_size=1, max_size=8)


def test_nothing_counted_has_no_bias() -> None:
    found = coverage(counting([move("A1-x-1/list", "reported", {"1": 1})]).result(), "list")
    assert (found.bias, found.whole.counted_sheets, found.whole.sheets) == (None, 0, len(STATIONS))


def test_counting_one_province_only_is_as_far_off_as_the_other_is_large() -> None:
    things = [move(f"{code}/list", "confirmed", {"1": 1}) for code, *_ in STATIONS if code.startswith("A")]
    found = coverage(counting(things).result(), "list")
    # All counted weight lies in A; B holds 1600 of 3600 eligible voters, so that part would have to move.
    assert found.bias == Fraction(1600, 3600)
    assert [(area.area, area.counted_eligible) for area in found.areas] == [("A", 2000), ("B", 0)]


def test_a_whole_count_has_no_bias_and_every_kind_is_covered() -> None:
    found = coverage(counting([move(f"{code}/list", "settled", {"1": 1}) for code, *_ in STATIONS]).result(), "list")
    assert found.bias == Fraction(0)
    assert found.whole.counted_eligible == 3600
    assert [(kind.area, kind.sheets, kind.counted_sheets) for kind in found.kinds] == [
        ("N/ordinary", 5, 5),
        ("N/advance", 1, 1),
        ("N/overseas", 1, 1),
        ("N/special", 1, 1),
    ]


@given(electorate=VOTERS, parts=st.data())
def test_the_distance_lies_between_none_and_all(electorate: list[int], parts: st.DataObject) -> None:
    counted = [parts.draw(st.integers(0, voters)) for voters in electorate]
    found = distance(counted, electorate)
    assert found is None or 0 <= found < 1
    assert distance(electorate, electorate) in (None, 0)


def test_shares_never_say_that_all_is_counted_when_something_is_missing() -> None:
    assert (share(99_999, 100_000), share(100_000, 100_000), share(0, 0)) == (9_999, 10_000, 0)
    assert rounded_up(Fraction(1, 10**9)) == 1
