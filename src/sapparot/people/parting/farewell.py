"""How persons and networks end.

What they reported stays in the log and counts as before; what ends is the right to report more. Devices are revoked by entries that
their network's key signs, in the same transaction as everything else that ends with a person. A network is ended in steps: first its
doors close, in one transaction, then its people and devices end, some hundred at a time. A crash between two steps leaves a closed
network with people in it; the keeper goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection
from sapparot.base.jws import SigningKey
from sapparot.people.facts import Device
from sapparot.people.parting import store
from sapparot.people.parting.facts import Ended
from sapparot.people.rules import revocation_entry

Forget = Callable[[AsyncConnection, Sequence[UUID]], Awaitable[None]]
"""Another slice erases what it keeps about persons, or frees what they held, in the same transaction."""
STEP = 500
REASON = "ended"
"""What the public log says of a device whose person or network ended: nothing about why."""


class Farewell:
    """Ends persons and networks."""

    def __init__(
        self,
        keys: dict[str, SigningKey],
        forget: Sequence[Forget] = (),
        free: Sequence[Forget] = (),
        lose: Sequence[Forget] = (),
    ) -> None:
        """``keys``: of the networks; what other slices do when persons are erased, when they end, and when their phones are lost."""
        self._keys = keys
        self._forget = forget
        self._free = free
        self._lose = lose

    async def end(
        self,
        connection: AsyncConnection,
        ids: Sequence[UUID],
        state: Literal["left", "expelled"],
        by: UUID | None,
        now: datetime,
    ) -> Ended:
        """End persons, their sessions, roles, invites and devices, in one transaction."""
        async with connection.transaction():
            ended = await store.end(connection, ids, state, now)
            await store.close(connection, ended, by, now)
            for free in self._free:
                await free(connection, ended)
            revoked = await store.revoke_of_persons(connection, ended, now)
            await self._announce(connection, revoked, now)
        return Ended(len(ended), len(revoked))

    async def erase(self, connection: AsyncConnection, ids: Sequence[UUID], now: datetime, *, revoke: bool) -> Ended:
        """Erase who persons are, in one transaction; without ``revoke`` their devices stand on, and nobody knows whose they were."""
        async with connection.transaction():
            await store.lock(connection, ids)  # a device that is being enrolled stands before or not at all
            await store.close(connection, ids, None, now)
            revoked = await store.revoke_of_persons(connection, ids, now) if revoke else []
            for forget in self._forget:
                await forget(connection, ids)
            erased = await store.erase(connection, ids, now)
            await self._announce(connection, revoked, now)
        return Ended(len(erased), len(revoked))

    async def lower(self, connection: AsyncConnection, person: UUID, level: int, now: datetime) -> int:
        """Revoke the devices of a person that may do more than ``level`` allows, in the caller's transaction; return how many."""
        revoked = await store.revoke_above(connection, person, level, now)
        await self._announce(connection, revoked, now)
        return len(revoked)

    async def sign_out(self, connection: AsyncConnection, person: UUID, but: bytes = b"") -> None:
        """End the sessions of a person whose phone is lost, but the one with the hash ``but``, in the caller's transaction."""
        await store.sign_out(connection, person, but)

    async def lost(self, connection: AsyncConnection, person: UUID, now: datetime) -> int:
        """End all by which a person comes in and reports but its telephone number, in the caller's transaction; say how many devices."""
        await store.end_ways(connection, [person])
        return await self.phones(connection, person, now)

    async def phones(self, connection: AsyncConnection, person: UUID, now: datetime) -> int:
        """Revoke every phone of a person and part it from its chat account, in the caller's transaction; say how many devices.

        The key of text messages stands: it follows from the person and its network, so revoked it were gone for ever.
        """
        revoked = await self.lower(connection, person, 0, now)
        for lose in self._lose:
            await lose(connection, [person])
        return revoked

    async def revoke(self, connection: AsyncConnection, kid: str, since: datetime, reason: str = REASON) -> bool:
        """Revoke a device, in the caller's transaction; return whether it stood at ``since``. The log says the reason: it names nobody.

        What it reported from ``since`` on counts no more.
        """
        revoked = await store.revoke_one(connection, kid, since)
        await self._announce(connection, revoked, since, reason)
        return bool(revoked)

    async def end_network(
        self, connection: AsyncConnection, network: str, state: Literal["left", "expelled"], now: datetime
    ) -> Ended:
        """Close a network, then end its people and devices; doing it again goes on where it was interrupted."""
        async with connection.transaction():
            await store.end_network(connection, network, state, now)
        ended = Ended(0, 0)
        while members := await store.members(connection, network, STEP):
            ended = ended.and_(await self.end(connection, members, "left", None, now))
        while True:
            async with connection.transaction():
                revoked = await store.revoke_of_network(connection, network, STEP, now)
                await self._announce(connection, revoked, now)
            ended = ended.and_(Ended(0, len(revoked)))
            if not revoked:
                return ended

    async def _announce(
        self, connection: AsyncConnection, revoked: Sequence[Device], now: datetime, reason: str = REASON
    ) -> None:
        if revoked:
            await outbox.put_async(connection, await asyncio.to_thread(self._entries, revoked, now, reason))

    def _entries(self, revoked: Sequence[Device], now: datetime, reason: str) -> list[tuple[str, bytes]]:
        return [revocation_entry(device, now, reason, self._keys[device.network]) for device in revoked]
