"""Last step of the hexagon map: the constituencies of one region on its cells, each as near as possible to its own side."""

from __future__ import annotations

from math import cos, inf, radians

from sapparot.web.public.hexgrid import Hex, Point, centre, squared


def seat(positions: list[Point | None], cells: list[Hex]) -> list[Hex]:
    """Give each position (latitude, longitude in degrees, or None) one cell; as many cells as positions.

    With all positions known the sum of squared distances is least, both clouds brought to one centre and size;
    otherwise cells are handed out in reading order, which is how constituencies are numbered.
    """
    reading = sorted(cells, key=lambda cell: (cell[1], cell[0]))
    known = [place for place in positions if place is not None]
    if len(known) < 2 or len(known) < len(positions):
        return reading
    middle = sum(lat for lat, _ in known) / len(known)
    places = _normal([(lon * cos(radians(middle)), -lat) for lat, lon in known])
    targets = _normal([centre(cell) for cell in reading])
    chosen = _assign([[squared(place, target) for target in targets] for place in places])
    return [reading[number] for number in chosen]


def _normal(points: list[Point]) -> list[Point]:
    """Move the cloud to its mean and scale each axis to spread 1."""
    count = len(points)
    mean = (sum(x for x, _ in points) / count, sum(y for _, y in points) / count)
    spread = [(sum((point[axis] - mean[axis]) ** 2 for point in points) / count) ** 0.5 or 1.0 for axis in (0, 1)]
    return [((x - mean[0]) / spread[0], (y - mean[1]) / spread[1]) for x, y in points]


def _assign(cost: list[list[float]]) -> list[int]:
    """Give each row its column with the least total (Hungarian method with potentials, Jonker and Volgenant 1987, O(n^3))."""
    size = len(cost)
    row_price, column_price = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of = [0] * (size + 1)  # row_of[0] holds the row being placed; rows and columns are counted from 1
    for row in range(1, size + 1):
        row_of[0] = row
        _place(cost, (row_price, column_price), row_of)
    chosen = [0] * size
    for column in range(1, size + 1):
        chosen[row_of[column] - 1] = column - 1
    return chosen


def _place(cost: list[list[float]], prices: tuple[list[float], list[float]], row_of: list[int]) -> None:
    """Find the shortest augmenting path for the row in `row_of[0]` and carry it out."""
    row_price, column_price = prices
    size = len(cost)
    least, before, done = [inf] * (size + 1), [0] * (size + 1), [False] * (size + 1)
    column = 0
    while row_of[column]:
        done[column] = True
        row = row_of[column]
        open_columns = [number for number in range(1, size + 1) if not done[number]]
        for other in open_columns:
            reduced = cost[row - 1][other - 1] - row_price[row] - column_price[other]
            if reduced < least[other]:
                least[other], before[other] = reduced, column
        following = min(open_columns, key=least.__getitem__)
        step = least[following]
        for other in range(size + 1):
            if done[other]:
                row_price[row_of[other]] += step
                column_price[other] -= step
            else:
                least[other] -= step
        column = following
    while column:
        row_of[column] = row_of[before[column]]
        column = before[column]
