"""Migrations are applied once and whole; what waits in the outbox is taken once, whatever commits when."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from sapparot.base import outbox
from sapparot.base.clock import monotonic
from sapparot.base.database import Connection, DatabaseUnavailable, MigrationChanged, connect, migrate, pool
from tests.databases import at as database_at
from tests.intake.phones import run_id


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """A database without anything in it."""
    name = f"empty_{run_id()}"
    with connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield database_at(server, name)
    with connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """Two migrations."""
    (tmp_path / "0001_a.pre.sql").write_text("CREATE TABLE one (n integer); INSERT INTO one VALUES (1);")
    (tmp_path / "0002_b.pre.sql").write_text("INSERT INTO one VALUES (2); CREATE TABLE two (n integer);")
    return tmp_path


def numbers(url: str) -> list[int]:
    with connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM one ORDER BY n").fetchall()]


def test_a_server_with_other_habits_serves_as_well(empty: str) -> None:
    with connect(empty, autocommit=True) as admin:
        name = psycopg.sql.Identifier(admin.info.dbname)
        for habit in (
            "datestyle = 'German'",
            "default_transaction_isolation = 'serializable'",
            "timezone = 'Asia/Bangkok'",
        ):
            admin.execute(psycopg.sql.SQL("ALTER DATABASE {} SET " + habit).format(name))
    with connect(empty) as connection:
        row = connection.execute(
            "SELECT timestamptz '2026-02-01 16:00+07', current_setting('transaction_isolation')"
        ).fetchone()
    assert row == (datetime(2026, 2, 1, 9, tzinfo=UTC), "read committed")


def test_migrations_are_applied_in_the_order_of_their_names_and_once(empty: str, steps: Path) -> None:
    assert migrate(empty, steps) == ["0001_a.pre.sql", "0002_b.pre.sql"]
    assert migrate(empty, steps) == []
    (steps / "0003_c.post.sql").write_text("INSERT INTO one VALUES (3)")
    assert migrate(empty, steps) == ["0003_c.post.sql"]
    assert numbers(empty) == [1, 2, 3]


def test_a_migration_that_fails_in_the_middle_leaves_no_trace_and_is_tried_again(empty: str, steps: Path) -> None:
    whole = (steps / "0002_b.pre.sql").read_text()
    (steps / "0002_b.pre.sql").write_text(whole + "; SELECT no_such_function()")
    with pytest.raises(psycopg.Error):
        migrate(empty, steps)
    assert numbers(empty) == [1]
    (steps / "0002_b.pre.sql").write_text(whole)
    assert migrate(empty, steps) == ["0002_b.pre.sql"]
    assert numbers(empty) == [1, 2]


def test_a_process_that_is_killed_in_the_middle_leaves_no_trace(empty: str, steps: Path) -> None:
    whole = (steps / "0002_b.pre.sql").read_text()
    (steps / "0002_b.pre.sql").write_text(whole + "; SELECT pg_sleep(60)")
    program = "import sys; from pathlib import Path; from sapparot.base.database import migrate\n"
    program += "migrate(sys.argv[1], Path(sys.argv[2]))"
    starter = subprocess.Popen([sys.executable, "-c", program, empty, str(steps)])
    with connect(empty, autocommit=True) as watcher:
        sleeping = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
        while not watcher.execute(sleeping).fetchone():
            assert starter.poll() is None
        starter.kill()
        starter.wait()
        watcher.execute(f"SELECT pg_terminate_backend(pid) FROM ({sleeping}) AS found")
    (steps / "0002_b.pre.sql").write_text(whole)
    assert migrate(empty, steps) == ["0002_b.pre.sql"]
    assert numbers(empty) == [1, 2]


def test_a_migration_whose_bytes_changed_is_refused(empty: str, steps: Path) -> None:
    migrate(empty, steps)
    (steps / "0001_a.pre.sql").write_text((steps / "0001_a.pre.sql").read_text() + "\n")
    with pytest.raises(MigrationChanged, match=r"0001_a\.pre\.sql"):
        migrate(empty, steps)


def test_starters_that_come_together_wait_for_each_other(empty: str, steps: Path) -> None:
    (steps / "0001_a.pre.sql").write_text(
        "CREATE TABLE one (n integer); SELECT pg_sleep(0.3); INSERT INTO one VALUES (1);"
    )
    done: list[list[str]] = []
    threads = [threading.Thread(target=lambda: done.append(migrate(empty, steps))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, done)) == [0, 0, 0, 2]
    assert numbers(empty) == [1, 2]


def test_a_database_that_does_not_answer_is_said_to_be_so() -> None:
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        migrate("postgresql://127.0.0.1:1/nothing")


def test_a_database_that_can_only_be_read_is_said_to_be_so(empty: str, steps: Path) -> None:
    with connect(empty, autocommit=True) as admin:
        name = psycopg.sql.Identifier(admin.info.dbname)
        admin.execute(psycopg.sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    with pytest.raises(DatabaseUnavailable, match="can only be read"):
        migrate(empty, steps)


def test_a_session_that_forgets_its_transaction_is_ended_by_the_server(database_url: str) -> None:
    with connect(database_url) as connection:
        row = connection.execute("SELECT current_setting('idle_in_transaction_session_timeout')").fetchone()
        assert row == ("1min",)
        assert connection.execute("SELECT current_setting('timezone')").fetchone() == ("UTC",)


def test_a_pool_has_its_connections_back_soon_after_its_server_is_back(database_url: str) -> None:
    address = socket.create_server(("127.0.0.1", 0))
    away = f"postgresql://127.0.0.1:{address.getsockname()[1]}/nothing"

    async def outage() -> float:
        made = pool(away, 2)
        address.close()
        await made.open()
        for _ in range(
            20
        ):  # somebody asks all the time; the pauses of an eager pool have grown to four seconds by then
            with pytest.raises(PoolTimeout):
                await made.getconn(timeout=0.2)
        made.conninfo = database_url
        began = monotonic()
        async with made.connection(timeout=10) as connection:
            await connection.execute("SELECT 1")
        await made.close()
        return monotonic() - began

    assert asyncio.run(outage()) < 2.0


def place(connection: Connection) -> list[bytes]:
    """Take everything that waits, as the sequencer does."""
    waiting = outbox.take(connection, 100)
    outbox.drop(connection, waiting)
    connection.commit()
    return [entry.body for entry in waiting]


def test_entries_are_taken_in_the_order_of_the_transactions_that_came_one_after_the_other(database: Connection) -> None:
    for number in range(3):
        outbox.put(database, [("test", b"%d a" % number), ("test", b"%d b" % number)])
        database.commit()
    assert place(database) == [b"0 a", b"0 b", b"1 a", b"1 b", b"2 a", b"2 b"]
    assert place(database) == []


def test_an_entry_that_commits_late_is_neither_lost_nor_does_it_hold_up_others(
    database: Connection, database_url: str
) -> None:
    with connect(database_url) as slow:
        outbox.put(slow, [("test", b"slow 1")])
        outbox.put(database, [("test", b"quick")])
        database.commit()
        outbox.put(slow, [("test", b"slow 2")])
        assert place(database) == [b"quick"]
        slow.commit()
    assert place(database) == [b"slow 1", b"slow 2"]


def test_a_transaction_that_stays_open_elsewhere_holds_nothing_up(database: Connection, database_url: str) -> None:
    with connect(database_url) as other:
        other.execute("CREATE TABLE elsewhere ()")  # it has a number and is not over
        outbox.put(database, [("test", b"entry")])
        database.commit()
        assert place(database) == [b"entry"]


def test_work_that_is_rolled_back_leaves_no_entry_and_a_place_that_is_rolled_back_leaves_it_waiting(
    database: Connection,
) -> None:
    outbox.put(database, [("test", b"lost")])
    database.rollback()
    outbox.put(database, [("test", b"kept")])
    database.commit()
    outbox.drop(database, outbox.take(database, 10))
    database.rollback()
    assert place(database) == [b"kept"]


def test_no_more_than_asked_for_are_taken_and_the_rest_stays(database: Connection) -> None:
    outbox.put(database, [("test", b"%03d" % number) for number in range(25)])
    found: list[bytes] = []
    while waiting := outbox.take(database, 10):
        outbox.drop(database, waiting)
        found += [entry.body for entry in waiting]
    assert found == [b"%03d" % number for number in range(25)]


def test_an_entry_that_the_ledger_would_not_take_is_refused_where_it_is_made(database: Connection) -> None:
    outbox.put(database, [("test", bytes(outbox.ENTRY_LIMIT))])
    with pytest.raises(outbox.EntryTooLarge):
        outbox.put(database, [("test", b"fine"), ("test", bytes(outbox.ENTRY_LIMIT + 1))])


def test_a_server_that_forgets_what_it_has_committed_is_refused(empty: str) -> None:
    with connect(empty, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET synchronous_commit = off')
        with pytest.raises(DatabaseUnavailable, match="acknowledged"):
            migrate(empty)
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET synchronous_commit = local')
    migrate(empty)


def test_a_server_older_than_we_know_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sapparot.base.database.OLDEST_SERVER", 99)
    with pytest.raises(DatabaseUnavailable, match="99"):
        migrate(database_url)
