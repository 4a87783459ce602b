"""A definition is stored whole, once, and the same in every process."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection, connect
from sapparot.base.problems import Problem
from sapparot.contests import OTHER_DEFINITION, OTHER_ELECTION, DefinitionError, assemble, defined, load, save

Entries = list[tuple[str, bytes]]


@pytest.fixture
def second(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


def waiting(connection: Connection) -> list[bytes]:
    return [entry.body for entry in outbox.take(connection, 1000)]


def test_an_election_is_loaded_as_it_was_saved(database: Connection, small_entries: Entries) -> None:
    assert save(database, small_entries)
    database.commit()
    assert defined(database) == ["small"]
    assert load(database, "small") == [body for _, body in small_entries]
    assert len(assemble(load(database, "small")).stations) == 60


def test_a_saved_election_waits_for_the_ledger_in_its_order(database: Connection, small_entries: Entries) -> None:
    save(database, small_entries)
    database.commit()
    assert waiting(database) == [body for _, body in small_entries]


def test_saving_the_same_election_again_changes_nothing(database: Connection, small_entries: Entries) -> None:
    save(database, small_entries)
    database.commit()
    assert not save(database, small_entries)
    database.commit()
    assert len(waiting(database)) == len(small_entries)


def test_a_different_election_of_the_same_id_is_refused(database: Connection, small_entries: Entries) -> None:
    save(database, small_entries)
    database.commit()
    other = [(kind, body.replace(b"Example election", b"Another election")) for kind, body in small_entries]
    with pytest.raises(Problem) as refused:
        save(database, other)
    assert refused.value.kind is OTHER_DEFINITION
    database.rollback()
    assert load(database, "small") == [body for _, body in small_entries]


def test_a_second_election_which_the_log_would_never_count_is_refused(
    database: Connection, small_entries: Entries
) -> None:
    save(database, small_entries)
    database.commit()
    with pytest.raises(Problem) as refused:
        save(database, [(kind, body.replace(b'"small"', b'"other"')) for kind, body in small_entries])
    assert refused.value.kind is OTHER_ELECTION
    for said in (refused.value.detail.th, refused.value.detail.en):
        assert "small" in said and "other" in said
    database.rollback()
    assert defined(database) == ["small"]
    assert len(waiting(database)) == len(small_entries)


def test_an_election_that_was_not_committed_leaves_no_trace(database: Connection, small_entries: Entries) -> None:
    save(database, small_entries)
    database.rollback()
    assert defined(database) == []
    assert load(database, "small") == []
    assert waiting(database) == []


def test_half_an_election_is_refused(database: Connection, small_entries: Entries) -> None:
    with pytest.raises(DefinitionError):
        save(database, small_entries[:-1])
    assert defined(database) == []


def test_of_two_imports_at_once_one_defines_and_the_other_finds_it_done(
    database: Connection, second: Connection, small_entries: Entries
) -> None:
    assert save(database, small_entries)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(save, second, small_entries)
        database.commit()
        assert late.result(timeout=30) is False
    second.commit()
    assert len(waiting(database)) == len(small_entries)
