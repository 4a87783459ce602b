"""The face of the comparison, for heads and the war room: read from the log when somebody asks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from sapparot import ledger, people, verify
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.comparison import store
from sapparot.duty.comparison.facts import Compared, Explanation
from sapparot.duty.comparison.rules import SIDES, Figures, Side, compared, figures, summed
from sapparot.duty.problems import NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.duty.rolls import Rolls
from sapparot.people.signin.facts import Identity
from sapparot.places import ancestors

AT_ONCE = 10
"""Sheets whose trails are read together: the newest 500 entries about them are looked at."""
OFFICIAL_LEVEL = 2
ALL = 2_000


class Balance:
    """Compares board, form and authority, sheet by sheet."""

    def __init__(self, rolls: Rolls, nearby: Nearby, clock: Clock) -> None:
        self._rolls = rolls
        self._nearby = nearby
        self._clock = clock

    async def compare(self, connection: AsyncConnection, area: str, ballot: str) -> Compared:
        """Compare every sheet of a ballot in an area of at most 2,000 stations; raises :class:`Problem` PLACE_UNKNOWN."""
        election = await self._rolls.election()
        sheets = self._sheets(election, area, ballot)
        found: dict[int, dict[Side, Figures]] = defaultdict(dict)
        for start in range(0, len(sheets), AT_ONCE):
            await self._read(connection, election, sheets[start : start + AT_ONCE], found)
        stations = [election.sheet_key(sheet).rpartition("/")[0] for sheet in sheets]
        known = await store.explanations(connection, election.id, stations)
        rows = []
        for sheet, station in zip(sheets, stations, strict=True):
            row = compared(election.sheet_key(sheet), found[sheet])
            rows.append(replace(row, explanation=known.get((station, ballot))))
        return summed((area, ballot), rows)

    async def explain(self, connection: AsyncConnection, who: Identity, sheet: str, said: Explanation) -> Explanation:
        """Add what a head (of its constituency), or somebody of the war room, says about the differences of a sheet."""
        election = await self._rolls.election()
        station, _, ballot = sheet.rpartition("/")
        if election.sheet_number(sheet) is None:
            raise Problem(PLACE_UNKNOWN)
        home = self._nearby.home(election, station)
        around = [each.code for each in ancestors(election.areas, home)] if home else []
        if not who.has("reviewer", "decider", "lead") and not any(who.heads(code) for code in around):
            raise Problem(NOT_YOUR_AREA)
        kept = replace(said, by=who.person, at=self._clock.now())
        await store.explain(connection, election.id, (station, ballot), kept)
        return kept

    def _sheets(self, election: Election, area: str, ballot: str) -> list[int]:
        ground, position = self._nearby.ground(election), election.ballot_index.get(ballot)
        reach = ground.ranges.get(area)
        if reach is None or position is None or reach[1] - reach[0] > ALL:
            raise Problem(PLACE_UNKNOWN)
        numbers = (int(each) * len(election.ballots) + position for each in ground.order[slice(*reach)])
        return sorted(number for number in numbers if election.sheet_contest[number] >= 0)

    async def _read(
        self,
        connection: AsyncConnection,
        election: Election,
        sheets: Sequence[int],
        found: dict[int, dict[Side, Figures]],
    ) -> None:
        traces = await verify.trail_async(connection, sheets)
        positions = sorted({trace.position for trace in traces if trace.kind == "report"})
        entries = await ledger.get_async(connection, positions)
        letters = [each for each in await asyncio.to_thread(_letters, entries) if each.report.election == election.id]
        devices = await people.devices_async(connection, {each.jws.header.kid for each in letters})
        for letter in letters:  # in the order of the log: the newest of each side holds
            device, side = devices.get(letter.jws.header.kid), SIDES.get(letter.report.stage)
            number = election.sheet_number(letter.report.sheet)
            allowed = device is not None and (side != "official" or device.level >= OFFICIAL_LEVEL)
            if side is not None and number in sheets and number is not None and allowed:
                found[number][side] = _figures(letter.report)


def _figures(report: verify.Report) -> Figures:
    return figures(report.votes, (report.valid, report.spoiled, report.no_vote, report.ballots_cast))


def _letters(entries: Iterable[ledger.Entry]) -> list[verify.Letter]:
    read = []
    for entry in entries:
        try:
            read.append(verify.open_letter(entry.body, verify.REPORT_TYPE))
        except verify.Unreadable:
            continue
    return read
