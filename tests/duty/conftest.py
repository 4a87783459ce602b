"""The small election, defined in the test's own database."""

from __future__ import annotations

import pytest

from sapparot.base.database import Connection
from sapparot.base.shipped import shipped
from sapparot.contests import Election, assemble, define, read_folder, save


@pytest.fixture(scope="session")
def small_entries() -> list[tuple[str, bytes]]:
    return define(read_folder(shipped("data") / "elections" / "small"))


@pytest.fixture(scope="session")
def small(small_entries: list[tuple[str, bytes]]) -> Election:
    return assemble(body for _, body in small_entries)


@pytest.fixture
def defined(database: Connection, small_entries: list[tuple[str, bytes]]) -> Connection:
    save(database, small_entries)
    database.commit()
    return database
