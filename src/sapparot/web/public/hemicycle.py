"""Seats in a half circle: where each dot stands, for any number of seats."""

from __future__ import annotations

from math import cos, floor, pi, sin

from msgspec import Struct

INNER = 0.42
"""Radius of the innermost row as a share of the outermost."""


class Hall(Struct, frozen=True):
    """Places from left to right; x and y in units of the outer radius, centre at (0, 0), y upwards; `dot` is the diameter of a dot."""

    places: tuple[tuple[float, float], ...]
    dot: float


def hall(seats: int) -> Hall:
    """Set out seats in concentric rows at even distances, ordered by angle so that a party forms a wedge."""
    rows = _rows(seats)
    radii = [INNER + (1 - INNER) * row / max(rows - 1, 1) for row in range(rows)] if rows > 1 else [1.0]
    counts = _shares(seats, radii)
    places: list[tuple[float, float, float]] = []
    for radius, count in zip(radii, counts, strict=True):
        for seat in range(count):
            angle = pi * (1 - (seat + 0.5) / count)
            places.append((-angle, radius * cos(angle), radius * sin(angle)))
    places.sort(key=lambda place: (round(place[0], 9), -place[2]))
    gap = min(
        (1 - INNER) / max(rows - 1, 1),
        *(pi * radius / max(count, 1) for radius, count in zip(radii, counts, strict=True)),
    )
    return Hall(tuple((round(x, 4), round(y, 4)) for _, x, y in places), round(gap * 0.82, 4))


def _rows(seats: int) -> int:
    """Choose the number of rows with which seats in a row stand as far apart as rows do."""
    rows = 1
    while rows < seats and _capacity(rows + 1) <= seats:
        rows += 1
    return rows


def _capacity(rows: int) -> float:
    return pi * (1 + INNER) / 2 * rows * (rows - 1) / (1 - INNER)


def _shares(seats: int, radii: list[float]) -> list[int]:
    """Divide seats over rows in proportion to their length, by largest remainders, outer rows first at ties."""
    whole = sum(radii)
    exact = [seats * radius / whole for radius in radii]
    counts = [floor(value) for value in exact]
    order = sorted(range(len(radii)), key=lambda row: (counts[row] - exact[row], -row))
    for row in order[: seats - sum(counts)]:
        counts[row] += 1
    return counts
