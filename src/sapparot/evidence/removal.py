"""How a photograph is taken down: its files go, its row and its entry in the log stay, so the log holds as before.

1. it is marked as taken down: from here on no upload keeps these pixels again. A crash leaves the files; the same command goes on;
2. the public copy and the sealed originals of all photographs with that copy are removed, however often.

An upload that was under way meanwhile looks for the mark once more after its own row, and removes what it had put.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime

from sapparot.base.database import Connection
from sapparot.base.objects import Objects
from sapparot.evidence import store
from sapparot.evidence.facts import PhotographKept


def take_down(
    connection: Connection, name: str, stores: tuple[Objects, Objects], now: datetime
) -> list[PhotographKept]:
    """Take down the photograph whose original or published copy has this SHA-256, with every other of the same copy; return them.

    ``stores``: of sealed originals and of public files. Empty when nothing of that name was kept.
    """
    found = store.mark_removed(connection, name, now)
    connection.commit()
    drop_files(found, stores)
    return found


def drop_files(photographs: Iterable[PhotographKept], stores: tuple[Objects, Objects]) -> None:
    """Remove the files of photographs, those that are there."""
    sealed, public = stores
    for one in photographs:
        for place, name in ((public, one.public_name), (sealed, one.sealed_name)):
            with contextlib.suppress(FileNotFoundError):
                place.delete(name)
