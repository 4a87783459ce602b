"""A map in which every constituency is one hexagon and every province stays in one piece.

Our own layout, from nothing but the positions of places and the number of constituencies in each group (province):

1. `spread` pushes the groups apart until each has room for its cells, keeping neighbours together (a cartogram of circles
   after Dorling, 1996; neighbours by the Gabriel graph, since there are no boundary files);
2. `grow` lets every group take the free cells nearest to its place, evenly; a group that is walled in gets a cell through a
   chain of neighbours, and when even that fails everything is spread wider and grown again, so that it always ends;
3. `settle` exchanges cells between groups and with the empty surroundings while borders get shorter or places truer, and
   passes enclosed empty cells outwards;
4. `seat` puts the constituencies of a group on its cells by their own positions.

Deterministic: no chance, ties fall to the smaller coordinate, so the same election always has the same map.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from sapparot.web.public.hexgrid import Hex, Point
from sapparot.web.public.hexregions import Regions, grow, settle
from sapparot.web.public.hexseats import seat
from sapparot.web.public.hexspread import spread

WIDER = 1.12
"""How much wider the groups are spread after each failed growth."""


class Spot(Struct, frozen=True):
    """A constituency to be placed; position in microdegrees, None when unknown."""

    code: str
    lat: int | None = None
    lon: int | None = None


class Group(Struct, frozen=True):
    """A province with its constituencies; position in microdegrees, None when unknown."""

    code: str
    spots: tuple[Spot, ...]
    lat: int | None = None
    lon: int | None = None


class HexMap(Struct, frozen=True):
    """`cells` places every constituency by code; `groups` says to which group code each cell belongs."""

    cells: dict[str, Hex]
    groups: dict[Hex, str]


def arrange(groups: Sequence[Group]) -> HexMap:
    """Place every spot on a hexagon of its own, so that each group is contiguous. Groups without spots are left out."""
    groups = [group for group in groups if group.spots]
    places = spread([_position(group) for group in groups], [len(group.spots) for group in groups])
    regions = _grown(places, [len(group.spots) for group in groups])
    settle(regions)
    cells: dict[str, Hex] = {}
    owners: dict[Hex, str] = {}
    for number, group in enumerate(groups):
        chosen = seat([_lat_lon(spot.lat, spot.lon) for spot in group.spots], sorted(regions.cells[number]))
        for spot, cell in zip(group.spots, chosen, strict=True):
            cells[spot.code] = cell
            owners[cell] = group.code
    return HexMap(cells, owners)


def _grown(places: list[Point], sizes: list[int]) -> Regions:
    """Grow the regions, ever wider apart: with room between all places every group finds its cells."""
    scale = 1.0
    while True:
        regions = grow([(x * scale, y * scale) for x, y in places], sizes)
        if regions is not None:
            return regions
        scale *= WIDER


def _lat_lon(lat: int | None, lon: int | None) -> Point | None:
    return None if lat is None or lon is None else (lat / 1_000_000, lon / 1_000_000)


def _position(group: Group) -> Point | None:
    own = _lat_lon(group.lat, group.lon)
    if own is not None:
        return own
    known = [place for spot in group.spots if (place := _lat_lon(spot.lat, spot.lon)) is not None]
    if not known:
        return None
    return sum(lat for lat, _ in known) / len(known), sum(lon for _, lon in known) / len(known)
