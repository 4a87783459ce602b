"""What the log says about single sheets, read when somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from sapparot import contests, evidence, ledger, people, verify
from sapparot.base.database import AsyncConnection, AsyncPool, connect
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.web.public.trail import LoggedEntry, Reporter, Trail, photographs_of, signers_of


class Records(Protocol):
    """Where trails come from."""

    async def trails(self, election: str, sheets: Sequence[str]) -> list[Trail]:
        """Return the trail of each sheet, by its key, in the same order; one that does not exist has no entries."""
        ...


class LogRecords:
    """Trails from the database: positions from verify, entries from the ledger, devices from people."""

    def __init__(self, database: AsyncPool, url: str) -> None:
        self._database = database
        self._url = url
        self._elections: dict[str, Election] = {}
        self._networks: dict[str, Text] = {}
        self._turn = asyncio.Lock()

    async def trails(self, election: str, sheets: Sequence[str]) -> list[Trail]:
        """Read the trails; see :class:`Records`."""
        roll = await self._roll(election)
        numbers = {number: key for key in sheets if (number := roll.sheet_number(key)) is not None}
        async with self._database.connection() as connection:
            traces = await verify.trail_async(connection, list(numbers))
            entries = await ledger.get_async(connection, sorted({trace.position for trace in traces}))
            logged = {entry.position: LoggedEntry(entry.position, entry.kind, entry.body) for entry in entries}
            reporters = await self._reporters(connection, logged)
            photographs = await _photographs(connection, logged)
        about: dict[str, list[LoggedEntry]] = {key: [] for key in sheets}
        for trace in traces:
            if trace.position in logged:
                about[numbers[trace.sheet]].append(logged[trace.position])
        return [Trail(key, about[key], reporters, photographs) for key in sheets]

    async def _roll(self, election: str) -> Election:
        async with self._turn:
            if election not in self._elections:
                self._elections[election] = await asyncio.to_thread(self._load, election)
            return self._elections[election]

    def _load(self, election: str) -> Election:
        with connect(self._url) as connection:
            return contests.assemble(contests.load(connection, election))

    async def _reporters(self, connection: AsyncConnection, logged: Mapping[int, LoggedEntry]) -> dict[str, Reporter]:
        devices = await people.devices_async(connection, sorted(signers_of(logged.values())))
        if not {device.network for device in devices.values()} <= self._networks.keys():
            self._networks = {network.id: network.name for network in await asyncio.to_thread(self._named)}
        return {
            kid: Reporter(device.network, self._networks.get(device.network), device.level)
            for kid, device in devices.items()
        }

    def _named(self) -> list[people.Network]:
        with connect(self._url) as connection:
            return people.networks(connection)


async def _photographs(connection: AsyncConnection, logged: Mapping[int, LoggedEntry]) -> dict[str, str]:
    found = {}
    for original in sorted(photographs_of(logged.values())):
        kept = await evidence.find(connection, original)
        if kept is not None:
            found[original] = kept.published
    return found
