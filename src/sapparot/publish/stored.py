"""What needs the database: the newest snapshot, and the log as a source of the recount. The recount itself needs none."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sapparot import ledger
from sapparot.base.database import connect
from sapparot.publish.store import last as last_snapshot
from sapparot.tally import Entry

__all__ = ["StoredLog", "last_snapshot"]


class StoredLog(Struct, frozen=True):
    """The log in a database, readable by another process too."""

    url: str

    def __call__(self) -> Iterator[Entry]:
        """Yield every entry in order."""
        with connect(self.url) as connection:
            for entry in ledger.read_all(connection, ledger.head(connection).size):
                yield entry.position, entry.kind, entry.body
