"""What is known about areas and stations. Coordinates are WGS 84 in whole microdegrees."""

from msgspec import Struct

from sapparot.base.text import Text


class Area(Struct, frozen=True):
    """A node of the tree of places.

    `kind` is a word such as country, province, constituency, district or subdistrict; a country may bring its own.
    `registered` (people) and `stations` are what the authority announced for the area; None where it announced nothing.
    """

    code: str
    kind: str
    parent: str | None
    name: Text
    lat: int | None = None
    lon: int | None = None
    registered: int | None = None
    stations: int | None = None


class Station(Struct, frozen=True, array_like=True):
    """A polling station, written as a list because a country has a hundred thousand of them.

    `eligible` people may vote there. `kind` is ordinary, advance, overseas or special.
    `area` is the node it stands in; None means the area of the entry that lists it.
    """

    code: str
    eligible: int
    kind: str = "ordinary"
    lat: int | None = None
    lon: int | None = None
    area: str | None = None
