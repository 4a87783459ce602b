"""Second and third step of the hexagon map: regions grow on the grid, then exchange cells until they sit well."""

from __future__ import annotations

from math import sqrt

from sapparot.web.public.hexgrid import (
    STEPS,
    Hex,
    Point,
    can_give,
    centre,
    connected,
    enclosed,
    nearest,
    neighbours,
    pieces,
    squared,
    steps_between,
)

OPEN_SIDE = 0.7
"""Cost of a side towards nothing, in squared cell widths of distance from the place."""
BORDER = 0.5
"""Cost of a side towards another region."""
SWEEPS = 12
EDGE_TRIES = 60


class Regions:
    """Which cells each region holds: `cells[i]` of region i, `owner` of each taken cell, `places[i]` where it wants to be."""

    def __init__(self, places: list[Point]) -> None:
        self.places = places
        self.cells: list[set[Hex]] = [set() for _ in places]
        self.owner: dict[Hex, int] = {}

    def take(self, region: int, cell: Hex) -> None:
        """Give a free cell to a region."""
        self.owner[cell] = region
        self.cells[region].add(cell)

    def drop(self, cell: Hex) -> None:
        """Make a cell free."""
        self.cells[self.owner.pop(cell)].discard(cell)

    def restore(self, owner: dict[Hex, int]) -> None:
        """Go back to an earlier state."""
        self.owner = owner
        for cells in self.cells:
            cells.clear()
        for cell, region in owner.items():
            self.cells[region].add(cell)

    def move(self, cell: Hex, region: int) -> None:
        """Hand a taken cell to another region."""
        self.drop(cell)
        self.take(region, cell)

    def cost(self, region: int, cell: Hex) -> float:
        """Give what a cell costs a region: distance from its place, and sides that are borders."""
        sides = 0.0
        for near in neighbours(cell):
            other = self.owner.get(near)
            sides += OPEN_SIDE if other is None else BORDER * (other != region)
        return squared(centre(cell), self.places[region]) / (1 + sqrt(len(self.cells[region]))) + sides

    def around(self, region: int) -> list[Hex]:
        """Give the cells next to a region that are not its own, sorted."""
        own = self.cells[region]
        return sorted({near for cell in own for near in neighbours(cell)} - own)


def grow(places: list[Point], sizes: list[int]) -> Regions | None:
    """Grow every region to its size, the least complete first. None when one can be reached by no chain of exchanges."""
    regions = Regions(places)
    for region in sorted(range(len(places)), key=lambda number: (-sizes[number], number)):
        cell = nearest(places[region])
        if cell in regions.owner:
            cell = _free_near(regions, cell, places[region])
        regions.take(region, cell)
    waiting = {region for region, size in enumerate(sizes) if size > 1}
    while waiting:
        region = min(waiting, key=lambda number: (len(regions.cells[number]) / sizes[number], number))
        if not _take_one(regions, region):
            return None
        if len(regions.cells[region]) == sizes[region]:
            waiting.remove(region)
    return regions


def _free_near(regions: Regions, start: Hex, place: Point) -> Hex:
    seen, ring = {start}, [start]
    while True:
        ring = sorted({near for cell in ring for near in neighbours(cell)} - seen)
        seen.update(ring)
        free = [cell for cell in ring if cell not in regions.owner]
        if free:
            return min(free, key=lambda cell: (squared(centre(cell), place), cell))


def _take_one(regions: Regions, region: int) -> bool:
    free = [cell for cell in regions.around(region) if cell not in regions.owner]
    if free:
        regions.take(region, min(free, key=lambda cell: (regions.cost(region, cell), cell)))
        return True
    return _chain(regions, region)


def _chain(regions: Regions, region: int, goal: Hex | None = None) -> bool:
    """Let a region take a cell of a neighbour, that one of its neighbour, until one finds a free cell (`goal`, when given)."""
    came: dict[int, tuple[int, Hex]] = {}
    front = [region]
    for giver_of in front:
        for cell in regions.around(giver_of):
            other = regions.owner.get(cell)
            if other is None:
                if goal is not None and cell != goal:
                    continue
                return _pass_on(regions, region, giver_of, cell, came)
            if other not in came and other != region and can_give(regions.cells[other], cell):
                came[other] = (giver_of, cell)
                front.append(other)
    return False


def _pass_on(regions: Regions, region: int, last: int, cell: Hex, came: dict[int, tuple[int, Hex]]) -> bool:
    """Carry out a chain from its free end; false when a region would fall apart, which undoes nothing but ends the growth."""
    regions.take(last, cell)
    while last != region:
        taker, given = came[last]
        if not can_give(regions.cells[last], given):
            return False
        regions.move(given, taker)
        last = taker
    return True


def settle(regions: Regions) -> None:
    """Improve until nothing gets better, bring parts that lie apart together, and improve along the seam."""
    _improve(regions)
    if join(regions):
        _improve(regions)


def join(regions: Regions) -> bool:
    """Shift parts that touch nothing until they touch; true when there were any.

    Neighbours were spread to touching distance, so a gap comes from rounding to the grid and means nothing.
    """
    apart = False
    while len(parts := pieces(regions.owner)) > 1:
        part, apart = parts[-1], True
        rest = regions.owner.keys() - part
        here, there = min(((a, b) for a in part for b in rest), key=lambda pair: (steps_between(*pair), pair))
        # One step on a shortest way: nothing else is nearer than the pair, so no cell is hit before the two meet.
        ahead = min(STEPS, key=lambda step: (steps_between((here[0] + step[0], here[1] + step[1]), there), step))
        _shift(regions, part, ahead)
    return apart


def _shift(regions: Regions, part: set[Hex], step: Hex) -> None:
    moved = {regions.owner[cell] for cell in part}
    regions.restore(
        {(q + step[0], r + step[1]) if (q, r) in part else (q, r): owner for (q, r), owner in regions.owner.items()}
    )
    x, y = centre(step)
    for region in moved:
        regions.places[region] = (regions.places[region][0] + x, regions.places[region][1] + y)


def _improve(regions: Regions) -> None:
    """Relocate, exchange, and pass enclosed empty cells outwards, while anything changes."""
    for _ in range(SWEEPS):
        changed = _relocate_all(regions)
        changed |= _exchange_all(regions)
        changed |= _fill(regions)
        if not changed:
            return


def _relocate_all(regions: Regions) -> bool:
    changed = False
    for region in range(len(regions.cells)):
        while _relocate(regions, region):
            changed = True
    return changed


def _relocate(regions: Regions, region: int) -> bool:
    """Move the cell that gains most from its place to a free cell beside the region; false when none gains."""
    best: tuple[float, Hex, Hex] | None = None
    for cell in sorted(regions.cells[region]):
        if not can_give(regions.cells[region], cell):
            continue
        before = _strain(regions, region, cell)
        regions.drop(cell)
        for free in regions.around(region):
            if free == cell or free in regions.owner:
                continue
            gain = before - _strain(regions, region, free)
            if gain > 1e-9 and (best is None or (-gain, cell, free) < best):
                best = (-gain, cell, free)
        regions.take(region, cell)
    if best is None:
        return False
    regions.drop(best[1])
    regions.take(region, best[2])
    return True


def _strain(regions: Regions, region: int, cell: Hex) -> float:
    """Cost of a cell counted from both sides: what it costs its region, and what it spares the neighbours."""
    touching = sum(1 for near in neighbours(cell) if near in regions.owner)
    return regions.cost(region, cell) - OPEN_SIDE * touching


def _exchange_all(regions: Regions) -> bool:
    changed = False
    for region in range(len(regions.cells)):
        for cell in regions.around(region):
            other = regions.owner.get(cell)
            if other is not None and other > region and _exchange(regions, region, other, cell):
                changed = True
    return changed


def _exchange(regions: Regions, region: int, other: int, cell: Hex) -> bool:
    """Take `cell` from `other` for the own cell that makes the best trade; false when no trade is better for both together."""
    if regions.owner.get(cell) != other or len(regions.cells[other]) == 0:
        return False
    best: tuple[float, Hex] | None = None
    for given in sorted(regions.cells[region]):
        if not any(regions.owner.get(near) == other for near in neighbours(given)):
            continue
        gain = _trade(regions, region, other, (cell, given))
        if gain > 1e-9 and (best is None or (-gain, given) < best):
            best = (-gain, given)
    if best is None:
        return False
    regions.move(cell, region)
    regions.move(best[1], other)
    return True


def _trade(regions: Regions, region: int, other: int, pair: tuple[Hex, Hex]) -> float:
    """Give the gain of swapping two cells between two regions; 0 when one would fall apart."""
    taken, given = pair
    before = _both(regions, pair)
    regions.move(taken, region)
    regions.move(given, other)
    gain = before - _both(regions, pair)
    whole = connected(regions.cells[region]) and connected(regions.cells[other])
    regions.move(taken, other)
    regions.move(given, region)
    return gain if whole else 0.0


def _both(regions: Regions, pair: tuple[Hex, Hex]) -> float:
    around = {near for cell in pair for near in neighbours(cell)} | set(pair)
    return sum(regions.cost(owner, cell) for cell in sorted(around) if (owner := regions.owner.get(cell)) is not None)


def _fill(regions: Regions) -> bool:
    changed = False
    for hole in enclosed(regions.owner):
        changed |= hole not in regions.owner and _close(regions, hole)
    return changed


def _close(regions: Regions, hole: Hex) -> bool:
    """Fill an enclosed empty cell: a region at the edge gives up a cell and gets one back through a chain that ends here."""
    middle = centre(hole)
    for cell in sorted(_edge(regions), key=lambda cell: (squared(centre(cell), middle), cell))[:EDGE_TRIES]:
        region = regions.owner[cell]
        if not can_give(regions.cells[region], cell):
            continue
        before = dict(regions.owner)
        regions.drop(cell)
        if _chain(regions, region, hole):
            return True
        regions.restore(before)
    return False


def _edge(regions: Regions) -> list[Hex]:
    """Give the taken cells beside the outside."""
    inside = set(enclosed(regions.owner))
    return [
        cell
        for cell in regions.owner
        if any(near not in regions.owner and near not in inside for near in neighbours(cell))
    ]
