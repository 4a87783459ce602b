"""Files that wait, sealed, between being looked through and being brought; and how far each came."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.importing import store
from sapparot.people.importing.facts import Report
from sapparot.people.importing.problems import FILE_GONE
from sapparot.people.persons import Persons, VaultLocked

LASTS = timedelta(days=1)
USE = "import"
RECENT = 10


class Held(msgspec.Struct, frozen=True):
    """A file as it came."""

    data: bytes


class Progress(msgspec.Struct, frozen=True):
    """How far a file came: people in it and rows that were left out, people done, of them new and known."""

    file: str
    at: datetime
    people: int
    flawed: int
    done: int
    added: int
    merged: int
    waits: bool
    """The file is still here: it can be brought, or go on."""

    @property
    def finished(self) -> bool:
        """Whether everybody in the file is done."""
        return not self.waits and self.done >= self.people


class Waiting:
    """Where files of people wait."""

    def __init__(self, persons: Persons) -> None:
        self._persons = persons

    async def keep(self, connection: AsyncConnection, owner: tuple[str, UUID], data: bytes, report: Report) -> str:
        """Keep a file of (network, organiser) that was looked through; return its name. Others that waited too long are gone."""
        network, by = owner
        now = self._persons.clock.now()
        file = hashlib.sha256(data).digest()
        sealed = self._persons.vault.seal(by, Held(data), USE)
        row = store.Kept(network, file, sealed, report.people, report.flaw_count, by, now)
        async with connection.transaction():
            await store.drop_before(connection, now - LASTS)
            await store.keep(connection, row)
        return file.hex()

    async def data(self, connection: AsyncConnection, network: str, name: str) -> tuple[bytes, UUID]:
        """Return a file that waits and who kept it; raises :class:`Problem` for one that is gone."""
        found = await store.kept(connection, network, _file(name))
        if found is None or found.sealed is None:
            raise Problem(FILE_GONE)
        try:
            return self._persons.vault.open(found.by, found.sealed, Held, USE).data, found.by
        except VaultLocked:  # its key was replaced and destroyed meanwhile
            raise Problem(FILE_GONE) from None

    async def done(self, connection: AsyncConnection, network: str, name: str) -> None:
        """Forget the bytes of a file whose people are all there."""
        await store.forget(connection, network, _file(name))

    async def progress(self, connection: AsyncConnection, network: str, name: str) -> Progress:
        """Say how far a file came; raises :class:`Problem` for one that nobody knows."""
        row = await store.progress(connection, network, _file(name))
        if row is None:
            raise Problem(FILE_GONE)
        return Progress(name, *row)

    async def recent(self, connection: AsyncConnection, network: str) -> list[Progress]:
        """Return the newest files of a network."""
        return [Progress(row[0].hex(), *row[1:]) for row in await store.recent(connection, network, RECENT)]


def _file(name: str) -> bytes:
    try:
        return bytes.fromhex(name)
    except ValueError:
        raise Problem(FILE_GONE) from None
