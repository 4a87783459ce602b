"""Hexagons: axial coordinates, neighbours, borders, and what a region of cells may give away.

Cells are pointy-top hexagons of area 1 in axial coordinates (q, r), r growing downwards (Red Blob Games, "Hexagonal Grids").
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import sqrt
from typing import TypeAlias

Hex: TypeAlias = tuple[int, int]
Point: TypeAlias = tuple[float, float]

SIDE = sqrt(2 / (3 * sqrt(3)))
"""Length of a side, and distance from the centre to a corner, of a hexagon of area 1."""

STEPS: tuple[Hex, ...] = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
"""The six neighbours, clockwise from the right. Side number i of a hexagon faces STEPS[i]."""

HALF_WIDTH = sqrt(3) / 2
CORNERS: tuple[Point, ...] = (
    (HALF_WIDTH, -0.5),
    (HALF_WIDTH, 0.5),
    (0, 1),
    (-HALF_WIDTH, 0.5),
    (-HALF_WIDTH, -0.5),
    (0, -1),
)
"""Corners of a hexagon with side 1; side number i runs from CORNERS[i] to CORNERS[i + 1]."""


def neighbours(cell: Hex) -> Iterator[Hex]:
    """Give the six cells around a cell, always in the same order."""
    for dq, dr in STEPS:
        yield cell[0] + dq, cell[1] + dr


def centre(cell: Hex) -> Point:
    """Give the centre of a cell; x to the right, y downwards, in units in which a cell has area 1."""
    return SIDE * sqrt(3) * (cell[0] + cell[1] / 2), SIDE * 1.5 * cell[1]


def nearest(point: Point) -> Hex:
    """Give the cell that contains a point (rounding in cube coordinates)."""
    r = point[1] / (SIDE * 1.5)
    q = point[0] / (SIDE * sqrt(3)) - r / 2
    cube = (q, r, -q - r)
    whole = [round(value) for value in cube]
    gaps = [abs(value - near) for value, near in zip(cube, whole, strict=True)]
    worst = gaps.index(max(gaps))
    whole[worst] -= sum(whole)
    return whole[0], whole[1]


def squared(a: Point, b: Point) -> float:
    """Give the squared distance between two points."""
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def connected(cells: Collection[Hex]) -> bool:
    """Tell whether one can walk between any two of the cells without leaving them; no cells are connected."""
    return not cells or len(_reach(next(iter(cells)), set(cells).__contains__)) == len(cells)


def steps_between(a: Hex, b: Hex) -> int:
    """Give the number of steps from one cell to another."""
    q, r = a[0] - b[0], a[1] - b[1]
    return max(abs(q), abs(r), abs(q + r))


def pieces(cells: Collection[Hex]) -> list[set[Hex]]:
    """Give the connected parts of a set of cells, the largest first."""
    left, found = set(cells), []
    while left:
        piece = _reach(min(left), left.__contains__)
        found.append(piece)
        left -= piece
    return sorted(found, key=lambda piece: (-len(piece), min(piece)))


def can_give(cells: set[Hex], cell: Hex) -> bool:
    """Tell whether a region stays in one piece, and stays, when it gives a cell away."""
    around = [near in cells for near in neighbours(cell)]
    # When the cells kept around form one run, the region cannot fall apart here: the usual case, decided without a walk.
    runs = sum(1 for here, before in zip(around, around[-1:] + around[:-1], strict=True) if here and not before)
    return len(cells) > 1 and (runs == 1 or connected(cells - {cell}))


def enclosed(taken: Collection[Hex]) -> list[Hex]:
    """Give the free cells from which no way leads outside, sorted."""
    if not taken:
        return []
    qs, rs = [q for q, _ in taken], [r for _, r in taken]
    left, right, top, bottom = min(qs) - 1, max(qs) + 1, min(rs) - 1, max(rs) + 1

    def free(cell: Hex) -> bool:
        return left <= cell[0] <= right and top <= cell[1] <= bottom and cell not in taken

    outside = _reach((left, top), free)
    box = ((q, r) for q in range(left, right + 1) for r in range(top, bottom + 1))
    return sorted(cell for cell in box if cell not in taken and cell not in outside)


def _reach(start: Hex, open_to: Callable[[Hex], bool]) -> set[Hex]:
    reached, front = {start}, [start]
    while front:
        for near in neighbours(front.pop()):
            if near not in reached and open_to(near):
                reached.add(near)
                front.append(near)
    return reached


def borders(owners: Mapping[Hex, int]) -> Iterator[tuple[Hex, int]]:
    """Give every side (cell, number of the side) between cells of two owners, or of one and nobody, exactly once."""
    for cell in sorted(owners):
        for side, near in enumerate(neighbours(cell)):
            other = owners.get(near)
            if other is None or (other != owners[cell] and cell < near):
                yield cell, side


def bounds(cells: Iterable[Hex]) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom of the drawing of cells, in units of a hexagon's side."""
    points = [(x / SIDE, y / SIDE) for x, y in map(centre, cells)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - HALF_WIDTH, min(ys) - 1, max(xs) + HALF_WIDTH, max(ys) + 1
