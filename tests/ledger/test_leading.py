"""A leader that stood still for a while takes nothing back of what its successor did."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from obstore.exceptions import GenericError

from sapparot.base import pointers
from sapparot.base.database import connect
from sapparot.base.objects import Objects
from sapparot.ledger import store, worker
from sapparot.ledger.notes import NoteSigner
from sapparot.ledger.published import CHECKPOINT_NAME, COSIGNED_NAME
from sapparot.ledger.worker import Alone, Outbox, Sequencer
from tests.ledger.test_crashes import CLOCK, SIGNER, checkpoint, life, put


@pytest.fixture
def public(tmp_path: Path) -> Objects:
    return Objects.at(tmp_path)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CHECKPOINT_SECONDS", -1.0)


@pytest.mark.parametrize("asleep", ["while it signs", "before it shows cosignatures"])
def test_a_leader_that_slept_puts_nothing_older_over_what_its_successor_published(
    database_url: str, public: Objects, asleep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lost the lead while it stood still: a paused machine, a lost connection. What it put would be a smaller size after a larger."""
    newer, sign = list[bytes](), NoteSigner.sign

    class Late(Alone):
        def take(self) -> dict[str, bytes]:
            return {COSIGNED_NAME: older(), CHECKPOINT_NAME: older()}

    def older() -> bytes:
        if not newer:
            newer.append(b"")
            put(phone, *(b"%d" % number for number in range(10, 30)))
            life(database_url, public)
            newer[0] = public.get(CHECKPOINT_NAME)
        return b"older"

    def slow(self: NoteSigner, text: str) -> str:
        older()
        return sign(self, text)

    with connect(database_url) as phone, connect(database_url) as mine:
        put(phone, *(b"%d" % number for number in range(10)))
        sleeper = Sequencer([Outbox()], SIGNER, public, CLOCK)
        sleeper.start(mine)
        if asleep == "while it signs":
            monkeypatch.setattr(NoteSigner, "sign", slow)
        else:
            sleeper.cosigners = Late()
        with pytest.raises(store.LogDamaged, match="larger than 10"):
            sleeper.step(mine)
        assert public.get(CHECKPOINT_NAME) == newer[0]
        assert checkpoint(public) == 30 and not public.exists(COSIGNED_NAME)


def test_a_leader_whose_connection_ended_while_it_slept_publishes_nothing(
    database_url: str, public: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(database_url) as phone, connect(database_url) as mine:
        put(phone, b"a")
        sleeper = Sequencer([Outbox()], SIGNER, public, CLOCK)
        sleeper.start(mine)
        sign = NoteSigner.sign

        def slow(self: NoteSigner, text: str) -> str:
            phone.execute("SELECT pg_terminate_backend(%s, 10000)", (mine.info.backend_pid,))
            return sign(self, text)

        monkeypatch.setattr(NoteSigner, "sign", slow)
        with pytest.raises(psycopg.OperationalError):
            sleeper.step(mine)
        assert not public.exists(CHECKPOINT_NAME)


@pytest.mark.parametrize("leads", ["since before", "since a moment ago"])
def test_an_older_checkpoint_that_lands_late_is_replaced_though_nothing_new_comes(
    database_url: str, public: Objects, leads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointers, "LOOK_SECONDS", 0.0)
    with connect(database_url) as connection:
        put(connection, b"a")
        leader = Sequencer([Outbox()], SIGNER, public, CLOCK)
        leader.start(connection)
        leader.step(connection)
        older = public.get(CHECKPOINT_NAME)
        put(connection, b"b")
        leader.step(connection)
        newer = public.get(CHECKPOINT_NAME)
        if leads == "since a moment ago":
            leader = Sequencer([Outbox()], SIGNER, public, CLOCK)
            leader.start(connection)
        public.put(CHECKPOINT_NAME, older)
        leader.step(connection)
        assert public.get(CHECKPOINT_NAME) == newer != older


def test_a_store_that_cannot_be_read_at_the_moment_stops_no_leader(
    database_url: str, public: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointers, "LOOK_SECONDS", 0.0)
    with connect(database_url) as connection:
        put(connection, b"a")
        leader = Sequencer([Outbox()], SIGNER, public, CLOCK)
        leader.start(connection)
        leader.step(connection)

        def away(name: str) -> bytes:
            raise GenericError

        monkeypatch.setattr(public, "get", away)
        put(connection, b"b")
        leader.step(connection)
    monkeypatch.undo()
    assert checkpoint(public) == 2
