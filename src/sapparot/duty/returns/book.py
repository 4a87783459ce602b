"""The book of returns: what the log says of each sheet of an area, remembered and read on as the log grows.

It remembers positions, not figures, and is made again from the log when it is lost. At the first look at an area the newest reports of
each sheet are read, and more of a sheet that has many; from then on only what is new. A hundred heads who look in the same moment cost
one reading.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from sapparot import ledger, people, verify
from sapparot.base.clock import monotonic
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.problems import PLACE_UNKNOWN
from sapparot.duty.returns.facts import NOTHING, Return
from sapparot.duty.returns.rules import Move, heard, moved, read_move, told

MOST_STATIONS = 2_000
"""Stations of an area whose returns are shown together; a constituency of Thailand has about 240."""
FIRST, LATER = 60, 4_000
"""Newest reports of a sheet that are read at first, and of one that has as many as that: a flood must not hide the others' finals."""
FLOODED = 40
"""Sheets of an area of which so many more are read; who floods more costs its own constituency those finals, not everybody the page."""
AT_ONCE = 2_000
"""Entries that are read and opened together."""
FRESH_SECONDS = 2.0
KEPT = 128
"""Areas that are remembered, a few hundred kilobytes each."""


class _Page(Struct):
    sheets: tuple[int, ...]
    lock: asyncio.Lock
    returns: dict[int, Return]
    until: int = -1
    read_at: float = float("-inf")


class Book:
    """What came of the sheets of areas."""

    def __init__(self, nearby: Nearby) -> None:
        self._nearby = nearby
        self._pages: dict[tuple[str, str], _Page] = {}

    def stations(self, election: Election, area: str) -> list[int]:
        """Return the stations of an area as numbers on the roll, by code; raises :class:`Problem` for one that is none, or too large."""
        ground = self._nearby.ground(election)
        reach = ground.ranges.get(area)
        if reach is None or reach[1] - reach[0] > MOST_STATIONS:
            raise Problem(PLACE_UNKNOWN)
        codes = election.stations.codes
        return sorted((int(each) for each in ground.order[slice(*reach)]), key=lambda number: codes[number])

    async def of(self, connection: AsyncConnection, election: Election, area: str) -> dict[int, Return]:
        """Return what came of every sheet of an area by its number, below zero what the authority says of the whole area."""
        page = self._page(election, area)
        async with page.lock:
            if monotonic() - page.read_at > FRESH_SECONDS:
                await self._read(connection, election, page)
                page.read_at = monotonic()
        return page.returns

    def _page(self, election: Election, area: str) -> _Page:
        key = (election.id, area)
        page = self._pages.pop(key, None)
        if page is None:
            count = len(election.ballots)
            numbers = [number * count + ballot for number in self.stations(election, area) for ballot in range(count)]
            whole = (election.area_sheet(f"{area}/{ballot.code}") for ballot in election.ballots)
            sheets = [number for number in numbers if election.sheet_contest[number] >= 0]
            page = _Page((*sheets, *(number for number in whole if number is not None)), asyncio.Lock(), {})
        self._pages[key] = page  # the last that was looked at stands last
        while len(self._pages) > KEPT:
            del self._pages[next(iter(self._pages))]
        return page

    async def _read(self, connection: AsyncConnection, election: Election, page: _Page) -> None:
        if page.until < 0:
            traces = await verify.newest_async(connection, page.sheets, FIRST)
            seen = Counter(trace.sheet for trace in traces if trace.kind == "report")
            if many := [sheet for sheet, count in seen.items() if count >= FIRST]:
                more = await verify.newest_async(connection, many[:FLOODED], LATER)
                traces = sorted({*traces, *more}, key=lambda trace: trace.position)
            await self._take(connection, election, page, traces)
            return
        while traces := await verify.since_async(connection, page.sheets, page.until, AT_ONCE):
            await self._take(connection, election, page, traces)
            if len(traces) < AT_ONCE:
                return

    async def _take(
        self, connection: AsyncConnection, election: Election, page: _Page, traces: Sequence[verify.Trace]
    ) -> None:
        about = {trace.position: trace.sheet for trace in traces}
        positions = sorted(about)
        for start in range(0, len(positions), AT_ONCE):
            entries = await ledger.get_async(connection, positions[start : start + AT_ONCE])
            letters, moves = await asyncio.to_thread(_opened, entries)
            kids = sorted({letter.jws.header.kid for _, letter in letters})
            devices = await people.devices_async(connection, kids)
            for position, letter in letters:
                device = devices.get(letter.jws.header.kid)
                if device is not None and letter.report.election == election.id:
                    _hear(page, about[position], (position, letter), device)
            for position, move in moves:
                sheet = about[position]
                page.returns[sheet] = moved(page.returns.get(sheet, NOTHING), position, move)
            page.until = positions[start : start + AT_ONCE][-1]


def _hear(page: _Page, sheet: int, letter: tuple[int, verify.Letter], device: people.Device) -> None:
    position, said = letter
    held = page.returns.get(sheet, NOTHING)
    page.returns[sheet] = heard(held, said.report.stage, told(position, said, device.network), device.level)


def _opened(entries: Iterable[ledger.Entry]) -> tuple[list[tuple[int, verify.Letter]], list[tuple[int, Move]]]:
    """Open reports and moves; what cannot be read is left out, verify has said so in a finding."""
    letters: list[tuple[int, verify.Letter]] = []
    moves: list[tuple[int, Move]] = []
    for entry in entries:
        if entry.kind == "report":
            try:
                letters.append((entry.position, verify.open_letter(entry.body, verify.REPORT_TYPE)))
            except verify.Unreadable:
                continue
        elif (move := read_move(entry.body)) is not None:
            moves.append((entry.position, move))
    return letters, moves
