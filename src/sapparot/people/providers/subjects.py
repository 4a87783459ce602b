"""What the provider through which messages go calls people: for the senders alone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sapparot.base.database import Connection
from sapparot.people.persons import Vault, VaultLocked
from sapparot.people.providers.facts import LINKED, Subject
from sapparot.people.providers.store import subjects


def at_line(connection: Connection, vault: Vault, persons: Sequence[UUID]) -> dict[UUID, str]:
    """Return the ids at LINE of those among ``persons`` who linked it; one that does not open is as if it were not linked."""
    found: dict[UUID, str] = {}
    for person, sealed in subjects(connection, persons).items():
        try:
            found[person] = vault.open(person, sealed, Subject, LINKED).sub
        except VaultLocked:
            continue
    return found
