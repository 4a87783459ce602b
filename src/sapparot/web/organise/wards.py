"""Areas to choose from on a page: the whole election, its provinces, and inside each its constituencies."""

from __future__ import annotations

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.places import Area, ancestors


class Ward(Struct, frozen=True):
    """A province with its constituencies."""

    area: Area
    inside: tuple[Area, ...]


def wards(election: Election | None) -> list[Ward]:
    """Return the provinces of an election with their constituencies, by code."""
    if election is None:
        return []
    inside: dict[str, list[Area]] = {}
    for area in election.areas.values():
        if area.kind == "constituency":
            home = next((one.code for one in ancestors(election.areas, area.code) if one.kind == "province"), "")
            inside.setdefault(home, []).append(area)
    provinces = sorted(
        (area for area in election.areas.values() if area.kind == "province"), key=lambda area: area.code
    )
    return [Ward(area, tuple(sorted(inside.get(area.code, []), key=lambda one: one.code))) for area in provinces]


def names(election: Election | None) -> dict[str, Text]:
    """Return the names of all areas by their codes."""
    return {code: area.name for code, area in election.areas.items()} if election else {}


def trail(election: Election, code: str | None) -> list[Area]:
    """Return the areas around an area, the widest first, and itself; those that people know by name."""
    known = [one for one in ancestors(election.areas, code) if one.kind != "country"] if code else []
    return known[::-1]
