"""A whole log with a database, its sequencer and cosigners over HTTP: growing, losing a cosigner, restarting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.base.objects import Objects
from sapparot.ledger import worker as sequencing
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.cosigner import Cosigner
from sapparot.ledger.cosigner_doors import cosigner_doors, gate_of
from sapparot.ledger.cosigning import COSIGNED_NAME, Cosigning
from sapparot.ledger.kept import KeptNotes
from sapparot.ledger.notes import open_checkpoint
from sapparot.ledger.policyfile import read_policy
from sapparot.ledger.published import CHECKPOINT_NAME
from sapparot.ledger.quorum import Standing, standing
from sapparot.ledger.worker import Outbox, Sequencer
from tests.ledger.cosigned_logs import CLOCK, LOG_KEY, SIGNER
from tests.ledger.test_cosigning import PATIENCE, policy_of, served

KEYS = [CosigningKey(f"c{n}.example", bytes([n]) * 32) for n in range(3)]


class Running:
    """The sequencer of a log that asks cosigners."""

    def __init__(self, database: Connection, public: Objects, policy: str) -> None:
        self.database, self.public, self.policy = database, public, read_policy(policy.encode())
        self.asking = Cosigning(policy.encode(), LOG_KEY, public.get)
        self.asking.start()
        self.sequencer = Sequencer([Outbox()], SIGNER, public, CLOCK)
        self.sequencer.cosigners = self.asking
        self.sequencer.start(database)
        database.commit()

    def put(self, count: int) -> None:
        outbox.put(self.database, [("test", b'{"n":%d}' % number) for number in range(count)])
        self.database.commit()

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        self.step()
        while not true():
            assert time.monotonic() < end, "waited too long"
            self.step()
            time.sleep(0.01)

    def step(self) -> None:
        self.sequencer.step(self.database)
        self.database.commit()

    def standing(self, name: str = CHECKPOINT_NAME) -> Standing:
        return standing(self.public.get(name), self.policy)

    def size(self) -> int:
        return open_checkpoint(self.public.get(CHECKPOINT_NAME).decode(), SIGNER.verifier_key()).size

    def with_quorum(self, size: int) -> bool:
        found = self.standing()
        return found.reached and found.head.size == size


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sequencing, "CHECKPOINT_SECONDS", 0.05)
    yield


@pytest.fixture
def public(tmp_path: Path) -> Objects:
    return Objects.at(tmp_path / "public")


def cosigner(place: Path, number: int) -> Cosigner:
    return Cosigner(KEYS[number], [LOG_KEY], KeptNotes(place / str(number)), CLOCK)


def test_a_log_grows_with_quorum_and_goes_on_without(database: Connection, public: Objects, tmp_path: Path) -> None:
    cosigners = [cosigner(tmp_path, number) for number in range(2)]
    with served(gate_of(cosigner_doors(cosigners[0]), tmp_path)) as first:
        with served(gate_of(cosigner_doors(cosigners[1]), tmp_path)) as second:
            log = Running(database, public, policy_of((KEYS[0], first), (KEYS[1], second), needed=2))
            for size in (300, 600, 900):
                log.put(300)
                log.until(lambda size=size: log.with_quorum(size))  # type: ignore[misc]
        log.put(300)
        log.until(lambda: log.size() == 1200 and log.standing().cosigned)
        assert not log.standing().reached
        assert log.standing(COSIGNED_NAME).head.size == 900
        log.asking.close()


def test_a_log_that_starts_again_gets_its_signatures_back(
    database: Connection, public: Objects, tmp_path: Path
) -> None:
    with served(gate_of(cosigner_doors(cosigner(tmp_path, 0)), tmp_path)) as address:
        policy = policy_of((KEYS[0], address))
        log = Running(database, public, policy)
        log.put(300)
        log.until(lambda: log.with_quorum(300))
        log.sequencer.start(database)
        log.until(lambda: log.with_quorum(300))
        log.asking.close()
        again = Running(database, public, policy)
        again.until(lambda: again.with_quorum(300))
        again.asking.close()
