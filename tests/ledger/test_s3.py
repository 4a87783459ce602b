"""The log in an S3 store: written, continued, tidied, compared and read there as in a directory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sapparot.base import outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection
from sapparot.base.objects import Objects, public_objects
from sapparot.ledger import shelf as shelves
from sapparot.ledger import store, worker
from sapparot.ledger.api import Proofs
from sapparot.ledger.notes import NoteSigner, open_checkpoint
from sapparot.ledger.published import CHECKPOINT_NAME
from sapparot.ledger.rebuilding import compare
from sapparot.ledger.receipts import check
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.tree import leaf_hash
from sapparot.ledger.worker import Outbox, Sequencer
from tests.ledger.trees import bodies

SIGNER = NoteSigner("example.org/log", b"k" * 32)
ENTRIES = bodies(600)


@pytest.fixture
def bucket(bucket: str, tmp_path: Path) -> Objects:
    return public_objects(tmp_path, bucket)


def grow(connection: Connection, public: Objects, to: int) -> None:
    outbox.put(connection, [("test", body) for body in ENTRIES[store.head(connection).size : to]])
    connection.commit()
    sequencer = Sequencer([Outbox()], SIGNER, public, FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC)))
    sequencer.start(connection)
    while sequencer.step(connection):
        continue


def test_a_log_lives_in_a_bucket(database: Connection, bucket: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "PARTIALS_STAY", 0.0)
    monkeypatch.setattr(worker, "CHECKPOINT_SECONDS", -1.0)
    for size in (200, 400, 600):
        grow(database, bucket, size)
    assert open_checkpoint(bucket.get(CHECKPOINT_NAME).decode(), SIGNER.verifier_key()) == store.head(database)
    assert list(compare(database, Shelf(bucket), 600)) == []
    bucket.delete("log/tile/0/001")
    assert [flaw.path for flaw in compare(database, Shelf(bucket), 600)] == ["tile/0/001"]
    receipt = Proofs(bucket).receipt(599)
    assert check(receipt, [VerifierKey.read(SIGNER.verifier_key())], leaf_hash(ENTRIES[599])).size == 600
