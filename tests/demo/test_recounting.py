"""The recount that begins with the evening: it follows the log while it grows, and compares all of it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from sapparot import ledger
from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.demo.recounting import GrowingLog, recounting
from sapparot.verify.worker import Verifier
from tests.publish.evening import Evening
from tests.replay.night import statements


def live(evening: Evening, said: list[tuple[str, bytes]]) -> None:
    """Place statements, judge them and publish, in several steps."""
    verifier, publisher = Verifier(), evening.publisher()
    verifier.start(evening.connection)
    for start in range(0, len(said), 10):
        outbox.put(evening.connection, said[start : start + 10])
        evening.place()
        while verifier.step(evening.connection):
            evening.place()
        evening.step(publisher)
        evening.place()


def test_what_was_followed_while_it_grew_is_the_whole_log(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    evening = Evening(database, tmp_path, [])
    with recounting(database_url, tmp_path / "ended") as begun:
        live(evening, statements(1, 30))
        report = begun.result(1)
    assert report.equal
    assert report.snapshots.compared == evening.latest()["n"] > 1
    assert report.conclusions.compared > 20


def test_a_conclusion_that_does_not_follow_is_found_while_the_log_grows(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    evening = Evening(database, tmp_path, [])
    with recounting(database_url, tmp_path / "ended") as begun:
        live(evening, statements(1, 10))
        outbox.put(database, [("finding", b'{"kind":"finding","v":1}')])
        evening.place()
        report = begun.result(1)
    assert not report.equal and report.conclusions.disagreeing == 1


def test_a_growing_log_is_read_entry_by_entry_up_to_where_it_ends(
    database: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.demo.recounting.PAUSE_SECONDS", 0.01)
    evening = Evening(database, tmp_path, [])
    log, seen = GrowingLog(database_url, tmp_path / "ended"), list[int]()
    reader = threading.Thread(target=lambda: seen.extend(position for position, _, _ in log()))
    reader.start()
    outbox.put(database, statements(1, 5))
    evening.place()
    size = ledger.head(database).size
    deadline = time.monotonic() + 30
    while len(seen) < size and reader.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert reader.is_alive(), "the log may still grow"
    log.end(size - 1)
    reader.join(30)
    assert not reader.is_alive()
    assert seen == list(range(size))


def test_an_evening_that_breaks_off_lets_go_of_its_recount(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(InterruptedError), recounting(database_url, tmp_path / "ended"):
        raise InterruptedError
    assert (tmp_path / "ended").read_text() == "0"
