"""Slips and lies do to the sums what mistakes.py says."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.simulate.evening import Slip
from sapparot.simulate.mistakes import (
    SLIPS,
    Counted,
    lie,
    missing_figure,
    shifted_rows,
    slipped,
    swapped_digits,
    typo,
)

VOTES = st.lists(st.integers(0, 999), min_size=2, max_size=70)
SALT = st.integers(0, 2**32 - 1)


def sheet(votes: list[int]) -> Counted:
    """A sheet whose votes add up to its valid ballots."""
    return Counted(tuple(votes), sum(votes), 7, 3)


def added(counted: Counted) -> int:
    """The sum of the votes that are given."""
    return sum(count for count in counted.votes if count is not None)


@given(VOTES, SALT)
def test_shifted_rows_keep_the_sum_and_the_figures(votes: list[int], salt: int) -> None:
    shifted = shifted_rows(sheet(votes), Random(salt))
    assert added(shifted) == shifted.valid
    assert sorted(count for count in shifted.votes if count is not None) == sorted(votes)


@given(VOTES, SALT)
def test_swapped_digits_break_the_sum_by_a_multiple_of_nine(votes: list[int], salt: int) -> None:
    swapped = swapped_digits(sheet(votes), Random(salt))
    difference = added(swapped) - swapped.valid
    assert difference % 9 == 0
    able = any(len(set(str(count))) > 1 for count in votes)
    assert (difference != 0) == able


@given(VOTES, SALT)
def test_a_typo_changes_one_figure(votes: list[int], salt: int) -> None:
    wrong = typo(sheet(votes), Random(salt))
    changed = [(old, new) for old, new in zip(votes, wrong.votes, strict=True) if old != new]
    assert len(changed) == 1
    assert added(wrong) != wrong.valid


@given(VOTES, SALT)
def test_a_missing_figure_keeps_the_sum_only_when_it_was_zero(votes: list[int], salt: int) -> None:
    lacking = missing_figure(sheet(votes), Random(salt))
    assert lacking.votes.count(None) == 1
    assert (added(lacking) == lacking.valid) == (votes[lacking.votes.index(None)] == 0)


@given(VOTES, SALT, st.integers(0, 69))
def test_a_lie_keeps_the_sum(votes: list[int], salt: int, favourite: int) -> None:
    order = sorted(range(len(votes)), key=lambda row: -votes[row])
    lied = lie(sheet(votes), order, favourite % len(votes), salt)
    assert added(lied) == lied.valid
    assert min(count for count in lied.votes if count is not None) >= 0
    assert (lied.votes[favourite % len(votes)] or 0) >= votes[favourite % len(votes)]


@given(VOTES, SALT, st.integers(0, 1000), st.integers(0, 1000))
def test_a_liars_progress_never_falls(votes: list[int], salt: int, one: int, two: int) -> None:
    order = sorted(range(len(votes)), key=lambda row: -votes[row])
    early, late = (sheet([count * share // 1000 for count in votes]) for share in sorted((one, two)))
    before, after = lie(early, order, None, salt), lie(late, order, None, salt)
    assert all((a or 0) <= (b or 0) for a, b in zip(before.votes, after.votes, strict=True))


def test_nobody_can_lie_about_a_single_option() -> None:
    assert lie(sheet([5]), [0], None, 1) == sheet([5])


@pytest.mark.parametrize("slip", list(SLIPS))
def test_a_slip_is_the_same_again(slip: Slip) -> None:
    counted = sheet([120, 45, 0, 7])
    assert slipped(counted, slip, 99) == slipped(counted, slip, 99) != counted
