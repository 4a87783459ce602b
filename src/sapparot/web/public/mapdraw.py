"""The hexagon map of one election as drawing instructions: what never changes during the evening, made once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from sapparot.places import Area
from sapparot.web.public.hexgrid import CORNERS, SIDE, Hex, borders, bounds, centre
from sapparot.web.public.hexmap import Group, HexMap, Spot, arrange

SCALE = 10
"""Length of a hexagon's side in the drawing."""
MARGIN = 3
NARROWEST = 180
"""Width of a drawing at least: a few hexagons stand in its middle with lines as fine as those of a whole country."""
ELSEWHERE = "elsewhere"

Points = dict[str, tuple[float, float]]


class Drawing(Struct, frozen=True):
    """`box` is the SVG view box; `spots` the centre of every constituency; `outline` the borders of groups as one path."""

    box: str
    hexagon: str
    spots: Points
    outline: str


class Atlas(Struct, frozen=True):
    """The country, and which group (province) each constituency belongs to."""

    country: Drawing
    layout: HexMap

    def around(self, codes: Collection[str]) -> Drawing:
        """Give the drawing of some constituencies alone, in their places."""
        cells = {code: self.layout.cells[code] for code in codes if code in self.layout.cells}
        return _draw(cells, dict.fromkeys(cells.values(), 0))


def atlas(areas: Mapping[str, Area], level: str) -> Atlas:
    """Lay out the areas of `level` (the constituencies), grouped by the area around each."""
    groups: dict[str, list[Area]] = {}
    for area in areas.values():
        if area.kind == level:
            groups.setdefault(area.parent or ELSEWHERE, []).append(area)
    layout = arrange([_group(areas.get(code), code, members) for code, members in groups.items()])
    numbers = {code: number for number, code in enumerate(groups)}
    owners = {cell: numbers[code] for cell, code in layout.groups.items()}
    return Atlas(_draw(layout.cells, owners), layout)


def _group(around: Area | None, code: str, members: Iterable[Area]) -> Group:
    spots = tuple(Spot(area.code, area.lat, area.lon) for area in members)
    return Group(code, spots) if around is None else Group(code, spots, around.lat, around.lon)


def _draw(cells: dict[str, Hex], owners: dict[Hex, int]) -> Drawing:
    if not cells:
        return Drawing("0 0 1 1", "", {}, "")
    left, top, right, bottom = (value * SCALE for value in bounds(cells.values()))
    width = max(right - left + 2 * MARGIN, NARROWEST)
    box = f"{(left + right - width) / 2:.0f} {top - MARGIN:.0f} {width:.0f} {bottom - top + 2 * MARGIN:.0f}"
    spots = {code: _point(cell) for code, cell in cells.items()}
    return Drawing(box, "M" + "L".join(_corner((0, 0), corner) for corner in range(6)) + "z", spots, _outline(owners))


def _point(cell: Hex) -> tuple[float, float]:
    x, y = centre(cell)
    return round(x / SIDE * SCALE, 1), round(y / SIDE * SCALE, 1)


def _corner(at: tuple[float, float], corner: int) -> str:
    x, y = CORNERS[corner % 6]
    return f"{round(at[0] + x * SCALE, 1):g} {round(at[1] + y * SCALE, 1):g}"


def _outline(owners: dict[Hex, int]) -> str:
    """Join the borders into one path, runs of sides as one stroke where the next side begins where the last ended."""
    sides = [(_corner(_point(cell), side), _corner(_point(cell), side + 1)) for cell, side in borders(owners)]
    onward: dict[str, list[str]] = {}
    for start, end in sides:
        onward.setdefault(start, []).append(end)
    path = []
    for start, _ in sides:
        if not onward.get(start):
            continue
        path.append(f"M{start}")
        while onward.get(start):
            start = onward[start].pop()
            path.append(f"L{start}")
    return "".join(path)
