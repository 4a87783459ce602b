"""What the log says about single sheets, read when somebody asks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

from sapparot import contests, evidence, ledger, people, verify
from sapparot.base.clock import monotonic
from sapparot.base.database import AsyncConnection, AsyncPool, connect
from sapparot.base.objects import Objects
from sapparot.base.text import Text
from sapparot.web.public.trail import (
    OUTSIDE,
    Check,
    LoggedEntry,
    Reporter,
    Trail,
    causes_of,
    photographs_of,
    signed_by,
)

FRESH_SECONDS = 30.0
"""How long the names of networks and the policy in force are believed."""
LOOKED_AT = 4000
"""Newest entries about one sheet among which those that are shown are looked for."""
SHOWN = 40
"""Entries of a kind that are shown of one sheet: one device could send thousands, and every report that is shown is judged again."""
SHOWN_FINDINGS = 10 * SHOWN
TELLINGS = ("report", "reading", "decision", "refused")


class Records(Protocol):
    """Where trails come from."""

    async def trails(self, election: str, sheets: Mapping[str, int | None]) -> list[Trail]:
        """Return the trail of each sheet, by its key, in the same order; one that does not exist has no entries.

        With each sheet goes the position of its last published move, None when there is none: however many entries followed, it
        and the report that caused it are in the trail.
        """
        ...


class Background(Struct, frozen=True):
    """What judging a report needs besides its entries, as it was at `read_at` (monotonic seconds)."""

    ground: verify.Ground
    policy: verify.Policy
    networks: dict[str, Text]
    read_at: float


class _PolicyEntry(Struct, frozen=True):
    policy: verify.Policy


class LogRecords:
    """Trails from the database: positions from verify, entries from the ledger, devices from people."""

    def __init__(self, database: AsyncPool, url: str, public: Objects) -> None:
        self._database = database
        self._url = url
        self._public = public
        self._backgrounds: dict[str, Background] = {}
        self._turn = asyncio.Lock()

    async def trails(self, election: str, sheets: Mapping[str, int | None]) -> list[Trail]:
        """Read the trails; see :class:`Records`."""
        known = await self._background(election)
        roll = known.ground.election
        numbers = {key: number for key in sheets if (number := roll.sheet_number(key)) is not None}
        async with self._database.connection() as connection:
            found = {key: await _about(connection, number, sheets[key]) for key, number in numbers.items()}
            logged = {entry.position: entry for entries, _ in found.values() for entry in entries}
            reporters = await _reporters(connection, logged, known.networks)
            photographs = await evidence.published_of(connection, sorted(photographs_of(logged.values())))
            duties = await _read(connection, await verify.duties_before_async(connection, signed_by(logged.values())))
        checks = await asyncio.to_thread(_checks, known, logged | {entry.position: entry for entry in duties})
        lost = await asyncio.to_thread(self._lost, photographs)
        nothing: tuple[list[LoggedEntry], int] = ([], 0)
        return [
            Trail(key, entries, reporters, photographs, lost, checks, since)
            for key in sheets
            for entries, since in (found.get(key, nothing),)
        ]

    def _lost(self, photographs: Mapping[str, str | None]) -> set[str]:
        there = {f"v1/evidence/{copy}.jpg": copy for copy in photographs.values() if copy}
        return {there[name] for name in self._public.gone(there)}

    async def _background(self, election: str) -> Background:
        async with self._turn:
            known = self._backgrounds.get(election)
            if known is None or monotonic() - known.read_at > FRESH_SECONDS:
                known = await asyncio.to_thread(self._read, election, known)
                self._backgrounds[election] = known
            return known

    def _read(self, election: str, known: Background | None) -> Background:
        with connect(self._url) as connection:
            ground = known.ground if known else verify.Ground(contests.assemble(contests.load(connection, election)))
            announced = verify.in_force(connection)
            policy = msgspec.json.decode(announced, type=_PolicyEntry).policy if announced else verify.Policy()
            names = {network.id: network.name for network in people.networks(connection)}
        return Background(ground, policy, names, monotonic())


async def _about(connection: AsyncConnection, sheet: int, moved: int | None) -> tuple[list[LoggedEntry], int]:
    """Return the entries about a sheet that are shown, in the order of the log, and since which position they are complete."""
    traces = await verify.trail_async(connection, [sheet], LOOKED_AT)
    kept = newest(traces)
    wanted = {trace.position for trace in kept} | ({moved} if moved is not None else set())
    entries = await _read(connection, wanted)
    if causes := causes_of(entries):
        behind = await _read(connection, set(causes) - wanted)
        entries += [entry for entry in behind if entry.position == causes[-1] or entry.kind in OUTSIDE]
    entries.sort(key=lambda entry: entry.position)
    whole = len(kept) == len(traces) < LOOKED_AT
    told = [trace.position for trace in kept if trace.kind in TELLINGS]
    return entries, 0 if whole else min(told or [traces[-1].position])


async def _read(connection: AsyncConnection, positions: Collection[int]) -> list[LoggedEntry]:
    entries = await ledger.get_async(connection, sorted(positions)) if positions else []
    return [LoggedEntry(entry.position, entry.kind, entry.body) for entry in entries]


def newest(traces: Sequence[verify.Trace]) -> list[verify.Trace]:
    """Give the newest entries of each kind, in the order of the log: a flood of one kind must not hide the others."""
    kinds: Counter[str] = Counter()
    kept = []
    for trace in reversed(traces):
        kinds[trace.kind] += 1
        if kinds[trace.kind] <= (SHOWN_FINDINGS if trace.kind == "finding" else SHOWN):
            kept.append(trace)
    return kept[::-1]


async def _reporters(
    connection: AsyncConnection, logged: Mapping[int, LoggedEntry], networks: Mapping[str, Text]
) -> dict[str, Reporter]:
    devices = await people.devices_async(connection, sorted({kid for kid, _ in signed_by(logged.values())}))
    return {
        kid: Reporter(device.network, networks.get(device.network), device.level, device.channel, device.revoked_at)
        for kid, device in devices.items()
    }


def _checks(known: Background, logged: Mapping[int, LoggedEntry]) -> dict[int, list[Check]]:
    entries = [(entry.position, entry.kind, entry.body) for _, entry in sorted(logged.items())]
    return {
        position: [
            Check(judged.outcome, judged.sentence)
            for judged in verify.judge(known.ground, known.policy, entries, position)
        ]
        for position, kind, _ in entries
        if kind in ("report", "reading")
    }
