"""A sequencer that dies between any two durable steps has lost nothing, placed nothing twice and signed nothing smaller."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from sapparot.base import outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, connect
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.ledger import shelf, store, worker
from sapparot.ledger.notes import NoteInvalid, NoteSigner, open_checkpoint
from sapparot.ledger.published import CHECKPOINT_NAME
from sapparot.ledger.rebuilding import compare
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.tiles import Hashes, bundle_path, read_bundle
from sapparot.ledger.worker import Outbox, Sequencer, Source

CLOCK = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))
SIGNER = NoteSigner("example.org/log", b"k" * 32)


class Crash(BaseException):
    """The process is gone: nothing after this line runs, not even what catches errors."""


@pytest.fixture
def public(tmp_path: Path) -> Objects:
    return Objects.at(tmp_path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint for every step, small batches, and no waiting for the disk: these processes die, the machine does not."""
    monkeypatch.setattr("sapparot.base.objects.force", lambda path: None)
    monkeypatch.setattr(worker, "CHECKPOINT_SECONDS", -1.0)
    monkeypatch.setattr(worker, "BATCH", 7)
    monkeypatch.setattr(shelf, "PARTIALS_STAY", 0.0)


def put(connection: Connection, *bodies: bytes) -> None:
    outbox.put(connection, [("test", body) for body in bodies])
    connection.commit()


def placed(connection: Connection) -> list[bytes]:
    connection.rollback()
    return [entry.body for entry in store.read_all(connection, store.head(connection).size)]


def checkpoint(public: Objects) -> int:
    """The size of the public checkpoint, whose root the tiles lead to and whose entries the bundles hold."""
    head = open_checkpoint(public.get(CHECKPOINT_NAME).decode(), SIGNER.verifier_key())
    tiles = Shelf(public)
    assert Hashes(tiles.read, head.size).root() == head.root
    return head.size


def bundled(public: Objects) -> list[bytes]:
    size, bodies = checkpoint(public), list[bytes]()
    while len(bodies) < size:
        width = min(256, size - len(bodies))
        bodies += read_bundle(public.get(f"log/{bundle_path(len(bodies) // 256, width)}"), width)
    return bodies


def life(url: str, public: Objects, sources: list[Source] | None = None) -> None:
    """One sequencer from its start until nothing waits, or until it crashes."""
    with connect(url) as connection:
        sequencer = Sequencer(sources or [Outbox()], SIGNER, public, CLOCK)
        try:
            sequencer.start(connection)
            while sequencer.step(connection):
                continue
        finally:
            sequencer._shelf._threads.shutdown()  # what it has under way ends in this life, not in the next


class Step(NamedTuple):
    """One durable step: the function that takes it and, where only some of its calls do, the name of what they write."""

    owner: object
    function: str
    of: str = ""

    def taken(self, arguments: tuple[object, ...]) -> bool:
        return not self.of or self.of in arguments


STEPS = (
    Step(outbox, "drop"),
    Step(store, "append"),
    Step(psycopg.Connection, "commit"),
    Step(store, "record_checkpoint"),
    Step(NoteSigner, "sign"),
    Step(Objects, "put"),
    Step(Objects, "put", CHECKPOINT_NAME),
    Step(Objects, "sync"),
    Step(Objects, "delete"),
)


def deadly(
    patch: pytest.MonkeyPatch, step: Step, moment: str, turn: int, die: Callable[[], None] | None = None
) -> threading.Event:
    """Let the process die before or after ``step`` when its turn has come, in whichever thread; no later step is taken then.

    Return the event of its death; ``die`` really ends the process.
    """
    dead, turns = threading.Event(), itertools.count(1)
    die = die or dead.set

    def around(original: Callable[..., object], mine: bool) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            due = mine and step.taken(arguments) and next(turns) == turn
            if due and moment == "before":
                die()
            if dead.is_set():
                raise Crash
            answer = original(*arguments, **named)
            if due:
                die()
            if dead.is_set():
                raise Crash
            return answer

        return call

    for owner, function in {(each.owner, each.function) for each in STEPS}:
        around_it = around(getattr(owner, function), (owner, function) == step[:2])
        patch.setattr(owner, function, around_it)
    return dead


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.function} {step.of}".strip())
def test_death_around_any_durable_step_is_repaired_by_the_next_start(
    database_url: str, public: Objects, step: Step, turn: int, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(database_url) as phone:
        put(phone, *(b"%d" % number for number in range(250)))
        with monkeypatch.context() as patch:
            patch.setattr(worker, "BATCH", 100)
            life(database_url, public)
        put(phone, *(b"%d" % number for number in range(250, 270)))
        signed = checkpoint(public)
        with monkeypatch.context() as patch:
            dead = deadly(patch, step, moment, turn)
            with contextlib.suppress(Crash):
                life(database_url, public)
        assert dead.is_set(), "a step that is never taken proves nothing"
        assert list(store.check(phone)) == []
        assert checkpoint(public) >= signed
        assert checkpoint(public) <= store.head(phone).size
        phone.commit()
        life(database_url, public)
        assert placed(phone) == bundled(public) == [b"%d" % number for number in range(270)]
        assert list(store.check(phone)) == []
        assert list(compare(phone, Shelf(public), 270)) == []
        assert checkpoint(public) == 270


def test_a_long_life_of_sudden_deaths_places_every_entry_once(
    database_url: str, public: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, sizes, sent, deaths = random.Random(62), [0], 0, 0
    sign, signed = NoteSigner.sign, list[str]()

    def noted(self: NoteSigner, text: str) -> str:
        signed.append(text)
        return sign(self, text)

    monkeypatch.setattr(NoteSigner, "sign", noted)
    with connect(database_url) as phone:
        for _ in range(40):
            count = chance.randint(0, 22)
            put(phone, *(b"%d" % number for number in range(sent, sent + count)))
            sent += count
            with monkeypatch.context() as patch:
                step, moment = chance.choice(STEPS), chance.choice(("before", "after"))
                dead = deadly(patch, step, moment, chance.randint(1, 3))
                with contextlib.suppress(Crash):
                    life(database_url, public)
            deaths += dead.is_set()
            if public.exists(CHECKPOINT_NAME):
                sizes.append(checkpoint(public))
        life(database_url, public)
        assert placed(phone) == bundled(public) == [b"%d" % number for number in range(sent)]
        assert list(store.check(phone)) == []
        assert list(compare(phone, Shelf(public), sent)) == []
    assert deaths >= 15 and sizes == sorted(sizes)
    ever = [int(text.split("\n")[1]) for text in signed]
    assert ever == sorted(ever), "no smaller size is ever signed"
    assert len(set(ever)) == len(set(signed)), "no size is ever signed with two roots"


def test_two_sequencers_at_once_do_not_place_anything_twice(database_url: str, public: Objects) -> None:
    """The lock of the leader prevents it; were it broken, the second would fail and the log would not."""
    with connect(database_url) as phone:
        put(phone, *(b"%d" % number for number in range(300)))

        def work() -> None:
            while True:
                try:
                    life(database_url, public)
                except (psycopg.Error, store.LogDamaged):
                    continue
                return

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(placed(phone), key=int) == [b"%d" % number for number in range(300)]
        assert list(store.check(phone)) == []


def test_writers_that_commit_at_the_same_time_all_get_their_place(database_url: str, public: Objects) -> None:
    def write(name: int) -> None:
        chance = random.Random(name)
        with connect(database_url) as connection:
            for turn in range(30):
                outbox.put(connection, [("test", b"%d %d a" % (name, turn)), ("test", b"%d %d b" % (name, turn))])
                if chance.random() < 0.2:
                    connection.rollback()
                    outbox.put(connection, [("test", b"%d %d a" % (name, turn)), ("test", b"%d %d b" % (name, turn))])
                connection.commit()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        life(database_url, public)
    life(database_url, public)
    with connect(database_url) as connection:
        bodies = [body.decode().split() for body in placed(connection)]
    assert len(bodies) == 4 * 30 * 2
    for name in range(4):
        own = [(int(turn), part) for who, turn, part in bodies if who == str(name)]
        assert own == sorted(own), "one writer's entries stand in its own order"


class Late:
    """A second source whose entries rest on those of the first."""

    def __init__(self, entries: list[tuple[str, bytes]], on_take: Callable[[], None] = lambda: None) -> None:
        self.entries = entries
        self.on_take = on_take

    def start(self, connection: Connection) -> None:
        """Nothing to forget."""

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        taken, self.entries = self.entries[:limit], self.entries[limit:]
        if taken:
            self.on_take()
        return taken


def test_what_rests_on_something_waits_until_that_is_placed_however_much_it_is(
    database_url: str, public: Objects
) -> None:
    with connect(database_url) as phone:
        put(phone, *(b"enrolment %d" % number for number in range(50)))
        life(database_url, public, [Outbox(), Late([("test", b"report")])])
        assert placed(phone)[-1] == b"report"
        assert len(placed(phone)) == 51


def test_what_arrives_while_reports_are_taken_is_placed_in_front_of_them(database_url: str, public: Objects) -> None:
    with connect(database_url) as phone:
        arriving = [b"enrolment %d" % number for number in range(20)]
        life(database_url, public, [Outbox(), Late([("test", b"report")], lambda: put(phone, *arriving))])
        assert placed(phone) == [*arriving, b"report"]


@pytest.mark.parametrize("left", ["checkpoint", "cosigned"])
def test_a_log_that_is_behind_its_public_checkpoint_is_not_continued(
    left: str, database_url: str, public: Objects
) -> None:
    with connect(database_url) as phone:
        put(phone, b"a", b"b")
        life(database_url, public)
        if left == "cosigned":
            public.put("log/cosigned", public.get(CHECKPOINT_NAME))
            public.put(CHECKPOINT_NAME, b"torn")
        before = public.get(CHECKPOINT_NAME)
        phone.execute("DELETE FROM ledger.checkpoints WHERE size = 2")
        phone.execute("DELETE FROM ledger.heads WHERE size = 2")
        phone.execute("DELETE FROM ledger.entries")
        put(phone, b"c")
        with pytest.raises(Problem) as told:
            life(database_url, public)
        assert told.value.kind.code == "ledger.log_behind" and "(2 entries)" in told.value.detail.en
        assert public.get(CHECKPOINT_NAME) == before


@pytest.mark.parametrize("note", [b"", b"\xff", b"example.org/log\n5\nAAAA\n", b"torn by a power fail"])
def test_a_checkpoint_file_that_was_torn_is_written_again(database_url: str, public: Objects, note: bytes) -> None:
    with connect(database_url) as phone:
        put(phone, b"a")
        life(database_url, public)
        whole = public.get(CHECKPOINT_NAME)
        public.put(CHECKPOINT_NAME, note)
        life(database_url, public)
        assert public.get(CHECKPOINT_NAME) == whole


@pytest.fixture
def note() -> Iterator[str]:
    yield SIGNER.sign("example.org/log\n2\n" + "A" * 43 + "=\n")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("\n2\n", "\n3\n"), ("\n2\n", "\n02\n"), ("\n2\n", "\n-2\n"), ("\n2\n", "\n\u0662\n"), ("\n2\n", "\n"),
        ("example.org/log\n", "example.com/log\n"), ("AAAA", "AAAB"), ("=\n", "\n"), ("\u2014", "-"), ("\n\n", "\n"),
        ("\u2014 example.org/log", "\u2014 example.com/log"), ("A" * 43 + "=", "AAAA"),
    ],
)  # fmt: skip
def test_a_note_that_was_changed_anywhere_is_not_believed(note: str, was: str, now: str) -> None:
    assert open_checkpoint(note, SIGNER.verifier_key()).size == 2
    assert was in note
    with pytest.raises(NoteInvalid):
        open_checkpoint(note.replace(was, now, 1), SIGNER.verifier_key())


def test_a_line_that_names_our_key_and_is_not_by_it_spoils_the_note_and_a_strangers_does_not(note: str) -> None:
    text, _, line = note.rpartition("\n\n")
    other = SIGNER.sign("another text\n").rpartition("\n\n")[2]
    stranger = NoteSigner("example.org/log", b"o" * 32).sign("another text\n").rpartition("\n\n")[2]
    assert open_checkpoint(f"{text}\n\n{stranger}{line}", SIGNER.verifier_key()).size == 2
    for lines in (line + other, other + line, other):
        with pytest.raises(NoteInvalid, match="is not by it"):
            open_checkpoint(f"{text}\n\n{lines}", SIGNER.verifier_key())


@pytest.mark.parametrize(
    "text", ["example.org/log\n02\nAAAA\n", "example.org/log\n2\nAAAA\n", "example.org/log\n2\n", "x\n"]
)
def test_a_text_that_is_no_checkpoint_is_not_believed_even_when_it_is_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        open_checkpoint(SIGNER.sign(text), SIGNER.verifier_key())


@pytest.mark.parametrize("key", ["", "x", "example.org/log", "example.org/log+00000000+AAAA", "a+b+c+d"])
def test_a_key_that_is_none_verifies_nothing(note: str, key: str) -> None:
    with pytest.raises(NoteInvalid):
        open_checkpoint(note, key)
