"""A network at a glance: how many take part, how they come in, and how far its people cover each province."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.people.census import Census
from sapparot.places import ancestors, enclosing

NOWHERE = Text("ยังไม่บอกพื้นที่", "No area given yet")
SHOWN = 100


class Line(Struct, frozen=True):
    """A province: the network's people who can serve there beside its stations, and the stations where one of them stands."""

    code: str
    name: Text
    people: int
    stations: int
    covered: int

    @property
    def missing(self) -> int:
        """Stations without anybody of the network."""
        return self.stations - self.covered


def provinces(election: Election | None, census: Census, covered: Mapping[str, int]) -> list[Line]:
    """Return the provinces with people of the network, and all others, those with the most people first.

    ``covered``: stations with somebody of the network, by province.
    """
    if election is None:
        return []
    people: Counter[str] = Counter()
    for area, count in census.areas.items():
        people[province_of(election, area)] += count
    stations = stations_by_province(election)
    named = [
        Line(code, election.areas[code].name, people[code], stations[code], covered.get(code, 0)) for code in stations
    ]
    lines = sorted(named, key=lambda line: (-line.people, -line.stations, line.code))
    elsewhere = people[""]
    return lines[:SHOWN] + ([Line("", NOWHERE, elsewhere, 0, 0)] if elsewhere else [])


def placing(election: Election | None) -> list[str]:
    """Return the areas in which a head finds who serves there: constituencies and what lies in them; all, where there are none."""
    areas = election.areas if election else {}
    kinds = {area.kind for area in areas.values()}
    return [code for code in areas if "constituency" not in kinds or enclosing(areas, code, "constituency") is not None]


def nowhere(election: Election | None, census: Census) -> int:
    """Count the people who are here, or on their way, and whom no head finds, since nobody knows where they can serve."""
    found = set(placing(election))
    return sum(count for area, count in census.areas.items() if area not in found) if election else 0


def province_of(election: Election, area: str) -> str:
    """Return the code of the province around an area, empty for what is none."""
    if area not in election.areas:
        return ""
    return next((one.code for one in ancestors(election.areas, area) if one.kind == "province"), "")


def stations_by_province(election: Election) -> Counter[str]:
    """Count the stations of each province."""
    codes = election.stations.area_codes.get("province", [])
    column = election.stations.province
    found: Counter[str] = Counter({code: 0 for code in codes})
    for position in column.tolist():
        if position >= 0:
            found[codes[position]] += 1
    return found
