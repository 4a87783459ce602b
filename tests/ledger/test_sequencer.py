"""The sequencer gives entries their place once, in order, and signs what stands."""

import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.pq import TransactionStatus

from sapparot.base import outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, connect
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.ledger import store
from sapparot.ledger.notes import NoteInvalid, NoteSigner, open_checkpoint
from sapparot.ledger.published import CHECKPOINT_NAME, VERIFIER_KEY_NAME
from sapparot.ledger.rebuilding import compare
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.worker import Outbox, Sequencer

CLOCK = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))


@pytest.fixture
def public() -> Iterator[Objects]:
    with tempfile.TemporaryDirectory() as directory:
        yield Objects.at(Path(directory))


def sequencer(public: Objects) -> Sequencer:
    return Sequencer([Outbox()], NoteSigner("example.org/log", b"k" * 32), public, CLOCK)


def put(database: Connection, *bodies: bytes) -> None:
    outbox.put(database, [("test", body) for body in bodies])
    database.commit()


def test_entries_stand_in_the_order_in_which_they_were_committed(database: Connection, public: Objects) -> None:
    worker = sequencer(public)
    worker.start(database)
    put(database, b"a", b"b")
    put(database, b"c")
    assert worker.step(database) == 3
    assert [entry.body for entry in store.read(database, 0, 10)] == [b"a", b"b", b"c"]
    assert worker.step(database) == 0


def test_an_entry_of_a_transaction_still_running_waits_without_a_gap(
    database: Connection, database_url: str, public: Objects
) -> None:
    worker = sequencer(public)
    worker.start(database)
    with connect(database_url) as slow:
        outbox.put(slow, [("test", b"slow")])
        put(database, b"quick")
        worker.step(database)
        seen = [entry.body for entry in store.read(database, 0, 10)]
        slow.commit()
    worker.step(database)
    after = [entry.body for entry in store.read(database, 0, 10)]
    assert seen in ([], [b"quick"])
    assert sorted(after) == [b"quick", b"slow"]
    assert after[: len(seen)] == seen


def test_a_sequencer_that_failed_halfway_goes_on_from_what_is_durable(database: Connection, public: Objects) -> None:
    first = sequencer(public)
    first.start(database)
    put(database, b"a")
    first.step(database)
    put(database, b"b")
    store.append(database, first._tree, [("test", b"lost")])
    database.rollback()
    second = sequencer(public)
    second.start(database)
    second.step(database)
    assert [entry.body for entry in store.read(database, 0, 10)] == [b"a", b"b"]
    assert list(store.check(database)) == []


def test_a_second_writer_cannot_take_a_place_that_is_taken(
    database: Connection, database_url: str, public: Objects
) -> None:
    stale = store.load_tree(database)
    worker = sequencer(public)
    worker.start(database)
    put(database, b"a")
    worker.step(database)
    with connect(database_url) as other, pytest.raises(Exception, match="duplicate key"):
        store.append(other, stale, [("test", b"fork")])


def test_the_checkpoint_is_signed_by_the_log_and_by_nobody_else(database: Connection, public: Objects) -> None:
    worker = sequencer(public)
    worker.start(database)
    put(database, b"a")
    worker.step(database)
    note = public.get(CHECKPOINT_NAME).decode()
    signer = NoteSigner("example.org/log", b"k" * 32)
    assert open_checkpoint(note, signer.verifier_key()) == store.head(database)
    with pytest.raises(NoteInvalid):
        open_checkpoint(note, NoteSigner("example.org/log", b"x" * 32).verifier_key())
    with pytest.raises(NoteInvalid):
        open_checkpoint(note.replace("\n1\n", "\n2\n"), signer.verifier_key())


def test_asked_to_stop_it_signs_everything_that_waits(database: Connection, public: Objects) -> None:
    worker = sequencer(public)
    worker.start(database)
    put(database, b"a")
    worker.step(database)
    put(database, b"b")
    worker.step(database)
    key = NoteSigner("example.org/log", b"k" * 32).verifier_key()
    assert open_checkpoint(public.get(CHECKPOINT_NAME).decode(), key).size == 1, "too soon after the last"
    put(database, b"c")
    worker.finish(database)
    assert open_checkpoint(public.get(CHECKPOINT_NAME).decode(), key) == store.head(database)
    assert store.head(database).size == 3 and not list(compare(database, Shelf(public), 3))


def test_no_transaction_waits_for_the_store_which_may_be_slow(
    database: Connection, public: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, TransactionStatus]] = []
    for name in ("put", "get", "names", "sync"):
        real = getattr(public, name)

        def seen(*given: object, name: str = name, real: Callable[..., object] = real) -> object:
            if threading.current_thread() is threading.main_thread():  # others write beside the work
                asked.append((name, database.info.transaction_status))
            return real(*given)

        monkeypatch.setattr(public, name, seen)
    for start in range(0, 600, 300):
        put(database, *(b"%d" % entry for entry in range(start, start + 300)))
        worker = sequencer(public)
        worker.start(database)
        worker.step(database)
        put(database, *(b"%d" % entry for entry in range(start, start + 300)))
        worker.finish(database)
    assert asked and not [one for one in asked if one[1] != TransactionStatus.IDLE]


def test_what_was_written_before_a_death_is_forced_onto_the_disk_before_it_is_signed(
    database: Connection, public: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: set[str] = set()
    monkeypatch.setattr(public, "sync", forced.update)
    put(database, *(b"%d" % entry for entry in range(600)))
    first = sequencer(public)
    first.start(database)
    with monkeypatch.context() as patch:
        patch.setattr(first, "_sign", lambda _: None)  # it dies before
        first.step(database)
    deque(written.result() for _, written in first._shelf._writing)
    second = sequencer(public)
    second.start(database)
    second.finish(database)
    assert open_checkpoint(public.get(CHECKPOINT_NAME).decode(), second._signer.verifier_key()).size == 600
    assert set(public.names("log/tile/")) <= forced


def test_a_smaller_size_is_never_signed_again(database: Connection, public: Objects) -> None:
    worker = sequencer(public)
    worker.start(database)
    put(database, b"a")
    worker.step(database)
    head = store.head(database)
    put(database, b"b")
    worker._signed_at = -10.0
    worker.step(database)
    with pytest.raises(store.LogDamaged):
        store.record_checkpoint(database, head, CLOCK.now())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger.entries SET body = 'x' WHERE position = 1",
        "DELETE FROM ledger.entries WHERE position = 1",
        "UPDATE ledger.heads SET root = sha256('x') WHERE size = 3",
        "DELETE FROM ledger.entries WHERE position = 2",
    ],
)
def test_every_damage_to_the_stored_log_is_found(database: Connection, public: Objects, damage: str) -> None:
    worker = sequencer(public)
    worker.start(database)
    put(database, b"a", b"b", b"c")
    worker.step(database)
    assert list(store.check(database)) == []
    database.execute(damage)
    assert list(store.check(database))


def test_a_log_that_has_begun_goes_on_under_no_other_key_and_under_no_other_name(
    database: Connection, public: Objects
) -> None:
    put(database, b"a")
    worker = sequencer(public)
    worker.start(database)
    worker.step(database)
    before = {name: public.get(name) for name in (CHECKPOINT_NAME, VERIFIER_KEY_NAME)}
    for other in (NoteSigner("example.org/log", b"o" * 32), NoteSigner("example.org/other", b"k" * 32)):
        with pytest.raises(Problem, match="put the first one back") as refused:
            Sequencer([Outbox()], other, public, CLOCK).start(database)
        assert refused.value.kind.code == "ledger.other_log_key"
        assert {name: public.get(name) for name in before} == before
    for damaged in (b"\xff", b"example.org/log+00000000+AAAA\n"):
        public.put(VERIFIER_KEY_NAME, damaged)
        sequencer(public).start(database)
        assert public.get(VERIFIER_KEY_NAME) == before[VERIFIER_KEY_NAME]
