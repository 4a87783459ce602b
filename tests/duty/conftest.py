"""The small election, defined in the test's own database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sapparot.base.database import Connection
from sapparot.base.shipped import shipped
from sapparot.contests import Election, assemble, define, read_folder, save
from tests.databases import Databases
from tests.intake.phones import Front
from tests.people.arriving import define_small, web_side
from tests.people.cast import Browser, person, signed_in


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


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The whole web side with the small election."""
    with web_side(databases, tmp_path_factory.mktemp("duty"), senders=None) as running:
        define_small(running)
        yield running


@pytest.fixture
def anna(front: Front) -> Browser:
    return signed_in(front, person(front))
