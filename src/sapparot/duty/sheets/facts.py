"""A station as a phone keeps it (docs/formats/sheets.md)."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from sapparot.base.text import Text


class AreaNamed(Struct, frozen=True):
    """An area around the station."""

    code: str
    kind: str
    name: Text


class PlaceListed(Struct, frozen=True):
    """An area inside the one that was asked for; ``parent`` is the area directly around it."""

    code: str
    kind: str
    name: Text
    parent: str | None


class PlacesListed(Struct, frozen=True):
    """Areas to choose from by name: ``around`` is the area itself and those around it, the smallest first, without the country.

    ``inside``: the areas directly in it, and what lies in the constituencies among them, because people know their district by name.
    """

    election: str
    around: tuple[AreaNamed, ...]
    inside: tuple[PlaceListed, ...]
    v: int = 1


class OptionListed(Struct, frozen=True):
    """A line of the ballot paper; ``party``, ``short`` and ``color`` are None for an option without a party."""

    number: int
    name: Text
    party: str | None
    short: Text | None
    color: str | None


class FormListed(Struct, frozen=True):
    """An official paper of the ballot and how many pages a volunteer photographs."""

    code: str
    pages: int
    name: Text | None


class SheetListed(Struct, frozen=True):
    """One ballot at the station, its options in ballot order."""

    sheet: str
    ballot: str
    name: Text
    options: tuple[OptionListed, ...]
    forms: tuple[FormListed, ...]


class StationListed(Struct, frozen=True):
    """The station; ``lat`` and ``lon`` in microdegrees, None when unknown."""

    code: str
    kind: str
    eligible: int
    lat: int | None
    lon: int | None


class StationSheets(Struct, frozen=True):
    """Everything that a phone needs of one station."""

    election: str
    name: Text
    date: date
    opens_at: str
    closes_at: str
    station: StationListed
    areas: tuple[AreaNamed, ...]
    sheets: tuple[SheetListed, ...]
    v: int = 1
