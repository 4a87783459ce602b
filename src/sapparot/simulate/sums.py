"""Whole numbers that add up: shares of a total under limits, and tables with given row and column sums.

Everything that the drawn truth needs rests on two promises kept here: sums are exact, and equal inputs give equal numbers.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sapparot.simulate.problems import SumsImpossible

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

SWEEPS = 60
"""Rounds of proportional fitting at most; the tables met here need fewer than twenty."""
CLOSE = 0.25
"""Fitting stops when every column is this near to its sum, in votes: rounding down then cannot overshoot a whole sum."""


def apportion(total: int, weights: Floats, limits: Ints | None = None) -> Ints:
    """Split ``total`` in proportion to ``weights``, no share above its limit; the shares add up to ``total`` exactly.

    Raises SumsImpossible when the limits together are below ``total``.
    """
    caps = np.full(len(weights), total, np.int64) if limits is None else limits
    if total > caps.sum() or total < 0:
        raise SumsImpossible(f"{total:,} cannot be split under limits that add up to {int(caps.sum()):,}")
    wanted = _under_limits(total, weights, caps)
    shares = np.minimum(np.floor(wanted).astype(np.int64), caps)
    while (missing := int(total - shares.sum())) > 0:
        remainder = np.where(shares < caps, wanted - shares, -np.inf)
        chosen = np.argsort(-remainder, kind="stable")[:missing]
        shares[chosen[shares[chosen] < caps[chosen]]] += 1
    return shares


def _under_limits(total: int, weights: Floats, caps: Ints) -> Floats:
    """Scale the weights up to ``total``, handing what a full share cannot take to the others."""
    wanted = np.zeros(len(weights))
    free = np.ones(len(weights), bool)
    while free.any() and (left := total - caps[~free].sum()) > 0:
        mass = weights[free].sum()
        wanted[free] = left * weights[free] / mass if mass > 0 else left / free.sum()
        full = free & (wanted >= caps)
        if not full.any():
            break
        wanted[full] = caps[full]
        free &= ~full
    return wanted


def table(seed: Floats, rows: Ints, columns: ArrayLike, chance: np.random.Generator) -> Ints:
    """Draw a whole-number table shaped like ``seed`` whose sums are ``rows`` and ``columns`` exactly.

    Iterative proportional fitting (Deming and Stephan 1940) brings the seed to the sums; it is rounded down, and the units
    that are left over are dealt out by a random matching of rows and columns with the right number of each.
    Raises SumsImpossible when rows and columns do not add up to the same, or when a sum has only zeros to fall on.
    """
    wanted_columns = np.asarray(columns, np.int64)
    if rows.sum() != wanted_columns.sum():
        raise SumsImpossible(f"rows add up to {int(rows.sum()):,}, columns to {int(wanted_columns.sum()):,}")
    floor = np.floor(_fitted(seed, rows, wanted_columns)).astype(np.int64)
    row_rest, column_rest = rows - floor.sum(axis=1), wanted_columns - floor.sum(axis=0)
    if (row_rest < 0).any() or (column_rest < 0).any():
        raise SumsImpossible("the seed has too many zeros for these sums")
    units = np.repeat(np.arange(len(wanted_columns)), column_rest)
    chance.shuffle(units)
    cells = np.repeat(np.arange(len(rows)), row_rest) * len(wanted_columns) + units
    dealt = np.bincount(cells, minlength=floor.size).reshape(floor.shape)
    return floor + dealt


def _fitted(seed: Floats, rows: Ints, columns: Ints) -> Floats:
    fitted = seed.astype(np.float64)
    for _ in range(SWEEPS):
        fitted *= _ratio(columns, fitted.sum(axis=0))
        fitted *= _ratio(rows, fitted.sum(axis=1))[:, np.newaxis]
        if np.abs(fitted.sum(axis=0) - columns).max(initial=0) < CLOSE:
            break
    return fitted


def _ratio(wanted: Ints, present: Floats) -> Floats:
    return np.divide(wanted, present, out=np.zeros(len(present)), where=present > 0)
