"""A server says that it runs for as long as it lives, also after it lost the database; who is alone keeps others from starting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from sapparot.base import presence
from sapparot.base.clock import SystemClock
from sapparot.base.database import Connection, connect
from sapparot.base.presence import PRESENCE_LOCK, alone, apart, present
from tests.intake.phones import eventually

HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND mode = %s AND granted"


@pytest.fixture
def other(database_url: str) -> Iterator[Connection]:
    with connect(database_url, autocommit=True) as connection:
        yield connection


def holders(connection: Connection) -> list[int]:
    return [pid for (pid,) in connection.execute(HOLDERS, (PRESENCE_LOCK, "ShareLock")).fetchall()]


def test_any_number_of_servers_run_and_nobody_is_alone_until_the_last_has_ended(
    database_url: str, other: Connection
) -> None:
    with present(database_url):
        with present(database_url):
            assert not alone(other)
        assert not alone(other)
    assert alone(other)


def test_a_server_that_lost_the_database_says_again_that_it_runs(
    database_url: str, other: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.05)
    with present(database_url):
        [pid] = holders(other)
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        assert eventually(lambda: holders(other) not in ([], [pid]))
        assert not alone(other)


def test_a_server_starts_when_nobody_is_alone_any_more(database_url: str) -> None:
    started = threading.Event()

    def server() -> None:
        with present(database_url):
            started.set()

    thread = threading.Thread(target=server, daemon=True)
    with connect(database_url, autocommit=True) as one:
        assert alone(one)
        thread.start()
        assert not started.wait(0.3)
    assert started.wait(30)
    thread.join(30)


class Wrong(SystemClock):
    """A clock that is set wrong by so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._by = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._by


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_machine_whose_clock_is_set_wrong_says_so_once(
    database_url: str, other: Connection, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.01)
    assert apart(other, SystemClock()) == 0
    with capture_logs() as said, present(database_url, Wrong(seconds)):
        assert eventually(lambda: bool(said))
        other.execute("SELECT pg_sleep(0.2)")
    [warning] = said
    assert warning["code"] == "base.clock_apart" and abs(warning["ahead_s"] - seconds) < 60
    assert "NTP" in warning["th"] and "NTP" in warning["en"]


def test_machines_whose_clocks_agree_say_nothing(
    database_url: str, other: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.01)
    with capture_logs() as said, present(database_url):
        other.execute("SELECT pg_sleep(0.2)")
    assert said == []
