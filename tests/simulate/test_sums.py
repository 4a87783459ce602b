"""Whole numbers that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.simulate.problems import SumsImpossible
from sapparot.simulate.sums import apportion, table

WEIGHTS = st.lists(st.floats(0, 1000), min_size=1, max_size=30)
COUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=12)


@given(WEIGHTS, st.integers(0, 100_000))
def test_shares_add_up_to_the_total(weights: list[float], total: int) -> None:
    shares = apportion(total, np.array(weights))
    assert shares.sum() == total
    assert (shares >= 0).all()


@given(WEIGHTS, st.data())
def test_no_share_is_above_its_limit(weights: list[float], data: st.DataObject) -> None:
    limits = np.array(data.draw(st.lists(st.integers(0, 100), min_size=len(weights), max_size=len(weights))))
    total = data.draw(st.integers(0, int(limits.sum())))
    shares = apportion(total, np.array(weights), limits)
    assert shares.sum() == total
    assert (shares <= limits).all()


def test_a_total_above_all_limits_is_impossible() -> None:
    with pytest.raises(SumsImpossible, match="11"):
        apportion(11, np.ones(2), np.array([5, 5]))


@given(COUNTS, st.integers(1, 12), st.integers(0, 1000))
def test_a_table_has_exactly_the_sums_asked_for(rows: list[int], width: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    columns = apportion(sum(rows), chance.random(width))
    drawn = table(chance.random((len(rows), width)) + 0.01, np.array(rows), columns, chance)
    assert (drawn.sum(axis=1) == rows).all()
    assert (drawn.sum(axis=0) == columns).all()
    assert (drawn >= 0).all()


def test_a_table_follows_its_seed() -> None:
    seed = np.array([[9.0, 1.0], [1.0, 9.0]])
    drawn = table(seed, np.array([1000, 1000]), np.array([1000, 1000]), np.random.default_rng(1))
    assert drawn[0, 0] > 800 < drawn[1, 1]


def test_rows_and_columns_must_agree() -> None:
    with pytest.raises(SumsImpossible):
        table(np.ones((1, 1)), np.array([2]), np.array([3]), np.random.default_rng(1))


def test_a_seed_without_room_for_the_sums_is_refused() -> None:
    with pytest.raises(SumsImpossible):
        table(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([5, 5]), np.array([1, 9]), np.random.default_rng(1))
