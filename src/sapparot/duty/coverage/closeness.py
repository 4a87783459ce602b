"""How close the contests are, from the newest published snapshot: a station matters more where few votes decide."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from sapparot.base.clock import monotonic
from sapparot.base.objects import Objects

FRESH_SECONDS = 10.0
SUMMED = ("live", "reported", "confirmed", "settled")
FIGURES = 5
"""Columns before the options: unlisted, valid, spoiled, no_vote, ballots_cast (docs/formats/snapshots.md)."""


class _Pointer(Struct, frozen=True):
    n: int


class _Ballot(Struct, frozen=True):
    columns: tuple[str | int, ...] | None = None
    votes: dict[str, tuple[int, ...]] = {}


class _Area(Struct, frozen=True):
    area: str
    ballots: dict[str, _Ballot]


class _Constituencies(Struct, frozen=True):
    areas: tuple[_Area, ...]


class Margins:
    """Votes between first and second by constituency, as far as they are counted."""

    def __init__(self, public: Objects) -> None:
        self._public = public
        self._known: dict[str, int] = {}
        self._n = 0
        self._looked_at = float("-inf")

    async def now(self) -> dict[str, int]:
        """Return the margins of the newest snapshot; empty before the first."""
        if monotonic() - self._looked_at < FRESH_SECONDS:
            return self._known
        self._looked_at = monotonic()
        try:
            pointer = msgspec.json.decode(await self._public.get_async("v1/latest.json"), type=_Pointer)
            if pointer.n != self._n:
                data = await self._public.get_async(f"v1/snapshots/{pointer.n}/constituencies.json")
                self._known, self._n = margins(data), pointer.n
        except FileNotFoundError:
            return self._known  # nothing is published yet, or the snapshot was thinned out between the two reads
        return self._known


def margins(data: bytes) -> dict[str, int]:
    """Read margins out of ``constituencies.json``; a constituency without votes has none."""
    found: dict[str, int] = {}
    for area in msgspec.json.decode(data, type=_Constituencies).areas:
        for ballot in area.ballots.values():
            rows = [ballot.votes[layer][FIGURES:] for layer in SUMMED if layer in ballot.votes]
            if ballot.columns is None or not rows:
                continue
            totals = sorted((sum(column) for column in zip(*rows, strict=True)), reverse=True)
            if totals and totals[0]:
                found[area.area] = totals[0] - (totals[1] if len(totals) > 1 else 0)
    return found
