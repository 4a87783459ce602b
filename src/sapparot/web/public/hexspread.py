"""First step of the hexagon map: places on a plane, far enough apart that each has room for its cells."""

from __future__ import annotations

from math import cos, pi, radians
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sapparot.web.public.hexgrid import Point

Floats: TypeAlias = NDArray[np.float64]

ROUNDS = 1500
TIGHT = 0.95
"""Distance of neighbours as a share of their radii together: round regions on a grid of hexagons nestle."""
PULL = 0.4
"""Share of the way to where its neighbours want it that a place goes in one round."""
PUSH = 0.6
"""Share of an overlap with others that is undone in one round."""
GOLDEN_ANGLE = pi * (3 - 5**0.5)


def spread(positions: list[Point | None], sizes: list[int]) -> list[Point]:
    """Give each place a point (x right, y down; a cell has area 1) with room for `sizes[i]` cells around it.

    `positions` are latitude and longitude in degrees; places without one are set in a row below the rest.
    Neighbours stay near and directions hold as far as sizes allow.
    """
    if not positions:
        return []
    radius = np.sqrt(np.array(sizes, np.float64) / pi)
    points = _scaled(_projected(positions), radius)
    linked = _gabriel(points)
    away = _directions(points)
    room = TIGHT * (radius[:, None] + radius[None, :])
    for _ in range(ROUNDS):
        points = points + _moves(points, room, linked, away)
    return [(float(x), float(y)) for x, y in points - points.mean(axis=0)]


def _projected(positions: list[Point | None]) -> Floats:
    """Project to a plane (equirectangular at the middle latitude); unknown places go below, in a row."""
    known = [place for place in positions if place is not None] or [(0.0, 0.0)]
    middle = sum(lat for lat, _ in known) / len(known)
    west, south = min(lon for _, lon in known), min(lat for lat, _ in known)
    points, unknown = [], 0
    for number, place in enumerate(positions):
        if place is None:
            unknown += 1
            place = (south - 1, west + unknown)
        # A hair's breadth apart in a spiral, so that two places on one point can be told apart and pushed away.
        nudge = 1e-6 * (number + 1)
        points.append(
            (
                place[1] * cos(radians(middle)) + nudge * float(np.cos(number * GOLDEN_ANGLE)),
                -place[0] + nudge * float(np.sin(number * GOLDEN_ANGLE)),
            )
        )
    return np.array(points, np.float64)


def _scaled(points: Floats, radius: Floats) -> Floats:
    """Scale the plane so that the typical distance between neighbours is the room that they need."""
    gaps = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    if len(points) == 1:
        return points * 0
    near = np.sort(gaps, axis=1)[:, 1 : 1 + min(4, len(points) - 1)].mean()
    scaled: Floats = points * (2 * radius.mean() / max(float(near), 1e-9))
    return scaled


def _gabriel(points: Floats) -> NDArray[np.bool_]:
    """Give the neighbours: pairs whose circle (the pair on its diameter) holds no third place."""
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    linked = np.ones_like(squares, dtype=np.bool_)
    for third in range(len(points)):
        empty = squares <= squares[:, third, None] + squares[None, third, :]
        empty[third], empty[:, third] = True, True
        linked &= empty
    np.fill_diagonal(linked, False)
    return linked


def _directions(points: Floats) -> Floats:
    """Give the unit vector from place j to place i in the real geography."""
    difference = points[:, None] - points[None]
    length = np.sqrt((difference**2).sum(axis=2))[..., None]
    unit: Floats = np.divide(difference, length, out=np.zeros_like(difference), where=length > 0)
    return unit


def _moves(points: Floats, room: Floats, linked: NDArray[np.bool_], away: Floats) -> Floats:
    """Give the step of each place: neighbours to their distance in their geographic direction, all others out of overlaps."""
    difference = points[:, None] - points[None]
    length = np.sqrt((difference**2).sum(axis=2))
    unit = np.divide(difference, length[..., None], out=np.zeros_like(difference), where=length[..., None] > 0)
    wanted = away * room[..., None] - difference
    degree = np.maximum(linked.sum(axis=1), 1)[:, None]
    pull = (wanted * linked[..., None]).sum(axis=1) / degree
    short = np.where(linked, 0, np.maximum(room - length, 0))
    np.fill_diagonal(short, 0)
    crowd = np.maximum((short > 0).sum(axis=1), 1)[:, None]
    push = (unit * short[..., None]).sum(axis=1) / crowd
    return np.asarray(PULL * pull + PUSH * push)
