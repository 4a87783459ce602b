"""Sealing again, under the newest key of the vault, what other rooms keep sealed about persons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.persons.vault import Vault

STEP = 500


class Drawer(NamedTuple):
    """A column of sealed data: what lies under an older key, how it is put back, of what kind and for what use it is."""

    otherwise: Callable[[AsyncConnection, bytes, int], Awaitable[dict[UUID, tuple[UUID, bytes]]]]
    put_sealed: Callable[[AsyncConnection, Mapping[UUID, bytes]], Awaitable[None]]
    kind: type[Any]
    use: str


async def reseal(connection: AsyncConnection, vault: Vault, drawer: Drawer) -> int:
    """Seal again what lies under an older key; return how many rows that were."""
    done = 0
    while True:
        async with connection.transaction():
            found = await drawer.otherwise(connection, vault.head, STEP)
            again = {
                key: vault.seal(who, vault.open(who, sealed, drawer.kind, drawer.use), drawer.use)
                for key, (who, sealed) in found.items()
            }
            await drawer.put_sealed(connection, again)
        if not found:
            return done
        done += len(found)
