"""Pure rules about the tree of areas and about distance."""

from collections.abc import Iterator, Mapping
from math import asin, cos, radians, sin, sqrt

from sapparot.places.facts import Area

UNKNOWN_PLACE = -1
"""Stands in an area column where a station lies in no area of that kind."""

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""


def ancestors(areas: Mapping[str, Area], code: str) -> Iterator[Area]:
    """Give the area itself, then its parent, up to the root. Raises KeyError for a code that is not an area."""
    step: str | None = code
    while step is not None:
        area = areas[step]
        yield area
        step = area.parent


def enclosing(areas: Mapping[str, Area], code: str, kind: str) -> Area | None:
    """Give the nearest area of `kind` that holds `code` (or is it), or None."""
    return next((area for area in ancestors(areas, code) if area.kind == kind), None)


def children(areas: Mapping[str, Area]) -> dict[str | None, list[Area]]:
    """Give the areas directly under each code, in the order of `areas`; the roots are under None."""
    found: dict[str | None, list[Area]] = {}
    for area in areas.values():
        found.setdefault(area.parent, []).append(area)
    return found


def column_of(areas: Mapping[str, Area], codes: list[str], kind: str) -> dict[str, int]:
    """Give, for every area, the position in `codes` of the area of `kind` around it, or UNKNOWN_PLACE.

    Parents must stand before their children in `areas`, so that one pass is enough.
    """
    position = {code: number for number, code in enumerate(codes)}
    column: dict[str, int] = {}
    for area in areas.values():
        inherited = UNKNOWN_PLACE if area.parent is None else column[area.parent]
        column[area.code] = position[area.code] if area.kind == kind else inherited
    return column


def distance_m(here: tuple[int, int], there: tuple[int, int]) -> int:
    """Give the great-circle distance in metres between two points in microdegrees (haversine formula)."""
    lat_a, lon_a = radians(here[0] / 1_000_000), radians(here[1] / 1_000_000)
    lat_b, lon_b = radians(there[0] / 1_000_000), radians(there[1] / 1_000_000)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return round(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half))))
