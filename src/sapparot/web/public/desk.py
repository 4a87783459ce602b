"""Where the pages read from: the published files, the newest snapshot first, each decoded once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog
from msgspec import Struct
from obstore.exceptions import BaseError as StoreError

from sapparot.base.clock import monotonic
from sapparot.base.objects import Objects
from sapparot.web.public.colours import palette
from sapparot.web.public.mapdraw import Atlas, atlas
from sapparot.web.public.snapshots import (
    AreaFile,
    CoverageFile,
    Definition,
    Edition,
    HeadlineFile,
    PartyFile,
    SeatFile,
    SnapshotMark,
    StationFile,
)
from sapparot.web.public.stations import Site, constituency_of, sites_in

log = structlog.get_logger()

LATEST = "v1/latest.json"
FRESH_SECONDS = 0.25
"""How long the pointer is believed: pages of one moment show one snapshot."""
STATION_FILES = 48
"""Station files kept decoded; a file has a few hundred stations."""

T = TypeVar("T")


class _FullPointer(Struct, frozen=True):
    n: int


class _Pointer(Struct, frozen=True):
    n: int
    last_full: _FullPointer | None = None


class _Marked(Struct, frozen=True):
    """Any light file, for the snapshot that it belongs to."""

    snapshot: SnapshotMark


class Nation(Struct, frozen=True):
    """What stays the same for a whole election: its definition, its map and the colours of its parties."""

    definition: Definition
    atlas: Atlas
    palette: str


class Issue(Struct, frozen=True):
    """The newest snapshot, and the number of the newest one that carries every sheet."""

    edition: Edition
    nation: Nation
    full: int | None
    full_at: datetime | None
    """When that one was taken, while it is not the newest itself."""


class Desk:
    """Reads the public store. Everything that it keeps can be read again."""

    def __init__(self, public: Objects) -> None:
        self._public = public
        self._issue: Issue | None = None
        self._looked_at = float("-inf")
        self._nations: dict[str, Nation] = {}
        self._stations: dict[tuple[int, str], StationFile | None] = {}
        self._sites: dict[str, dict[str, Site]] = {}
        self._turn = asyncio.Lock()
        self._listing = asyncio.Lock()

    async def issue(self) -> Issue | None:
        """Return the newest snapshot, None before the first. While it is read, and while it cannot be, the one before it stands."""
        if self._issue is not None and self._turn.locked():
            return self._issue
        async with self._turn:
            if monotonic() - self._looked_at >= FRESH_SECONDS:
                try:
                    self._issue = await self._newest()
                except StoreError as error:
                    if self._issue is None:
                        raise
                    log.warning(
                        "the newest snapshot cannot be read; pages show the one before", reason=str(error)[:200]
                    )
                self._looked_at = monotonic()
            return self._issue

    async def stations(self, issue: Issue, constituency: str) -> StationFile | None:
        """Return the stations of a constituency from the newest full snapshot, None when there is none."""
        if issue.full is None or constituency not in issue.edition.constituency:
            return None
        key = (issue.full, constituency)
        if key not in self._stations:
            name = f"v1/snapshots/{issue.full}/stations/{constituency}.json"
            found = await self._read(name, StationFile)
            self._stations[key] = found
            while len(self._stations) > STATION_FILES:
                del self._stations[next(iter(self._stations))]
        return self._stations[key]

    async def site(self, issue: Issue, station: str) -> Site | None:
        """Return where a station is listed, None when no full snapshot lists it.

        Most codes begin with that of their constituency. For the others all lists are read once, since a roll never changes.
        """
        guess = constituency_of(issue.nation.definition, station)
        listed = await self.stations(issue, guess.code) if guess else None
        sites = sites_in(listed, guess.code) if guess else ()
        found = next((site for site in sites if site.code == station), None)
        return found or (await self._all_sites(issue)).get(station)

    async def _all_sites(self, issue: Issue) -> dict[str, Site]:
        name = issue.edition.headline.definition
        async with self._listing:
            if issue.full is not None and name not in self._sites:
                found: dict[str, Site] = {}
                for area in issue.edition.constituency:
                    file = await self._read(f"v1/snapshots/{issue.full}/stations/{area}.json", StationFile)
                    found.update((site.code, site) for site in sites_in(file, area))
                self._sites = {name: found}
            return self._sites.get(name, {})

    async def _newest(self) -> Issue | None:
        pointer = await self._read(LATEST, _Pointer)
        if pointer is None:
            return None
        full = pointer.last_full.n if pointer.last_full else None
        if self._issue is not None and (self._issue.edition.mark.n, self._issue.full) == (pointer.n, full):
            return self._issue
        return await self._load(pointer.n, full)

    async def _load(self, n: int, full: int | None) -> Issue | None:
        headline = await self._file(n, "headline.json", HeadlineFile)
        if headline is None:
            return None
        nation = await self._nation(headline.definition)
        areas = await self._file(n, "constituencies.json", AreaFile)
        parties = await self._file(n, "provinces.json", PartyFile)
        seats = await self._file(n, "seats.json", SeatFile)
        coverage = await self._file(n, "coverage.json", CoverageFile)
        # The pointer is set after all files are stored: one that is missing means that the store is being repaired.
        if nation is None or areas is None or parties is None or seats is None or coverage is None:
            return self._issue
        edition = Edition(nation.definition, headline, areas, parties, seats, coverage)
        return Issue(edition, nation, full, None if full is None or full == n else await self._taken(full))

    async def _taken(self, n: int) -> datetime | None:
        if self._issue is not None and self._issue.full == n and self._issue.full_at is not None:
            return self._issue.full_at
        head = await self._file(n, "headline.json", _Marked)
        return None if head is None else head.snapshot.at

    async def _nation(self, sha256: str) -> Nation | None:
        if sha256 not in self._nations:
            definition = await self._read(f"v1/definitions/{sha256}.json", Definition)
            if definition is None:
                return None
            drawn = await asyncio.to_thread(atlas, definition.area, definition.local.scope)
            self._nations = {sha256: Nation(definition, drawn, palette(definition.parties))}
        return self._nations[sha256]

    def _file(self, n: int, name: str, kind: type[T]) -> Awaitable[T | None]:
        return self._read(f"v1/snapshots/{n}/{name}", kind)

    async def _read(self, name: str, kind: type[T]) -> T | None:
        try:
            data = await self._public.get_async(name)
        except FileNotFoundError:
            return None
        return await asyncio.to_thread(msgspec.json.decode, data, type=kind)
