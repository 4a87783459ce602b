"""Promises: one signature for all reports of a flush, and for each report the path to it.

A signature for every report would be the dearest thing the door does. The reports of one flush make a small Merkle tree (RFC 6962, as
in the log itself); its root is signed once. Everything follows from what is stored, so a report sent again gets the same promise again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.jws import SigningKey
from sapparot.intake.facts import PROMISE_TYPE, Promise, Promised
from sapparot.ledger.tree import leaf_hash, levels, paths

Batch = Mapping[UUID, bytes]
"""The reports of one flush: SHA-256 of the compact JWS by id."""


_number = attrgetter("int")


class PromiseMaker:
    """Signs the promises of one server."""

    def __init__(self, key: SigningKey, log: str, max_delay: int) -> None:
        self._key = key
        self._log = log
        self._max_delay = max_delay

    def make(self, batch: Batch, received_at: datetime) -> dict[UUID, Promised]:
        """Return the promise of each report of a flush."""
        ids = sorted(batch, key=_number)
        rows = levels([leaf_hash(key.bytes + batch[key]) for key in ids])
        promise = Promise(self._log, stamp(received_at), self._max_delay, len(ids), rows[-1][0].hex())
        jws = self._key.sign(canonical.encode(promise), PROMISE_TYPE)
        proofs = paths([[node.hex() for node in row] for row in rows])
        return {key: Promised(jws, index, proof) for index, (key, proof) in enumerate(zip(ids, proofs, strict=True))}

    def entry(self) -> tuple[str, bytes]:
        """Return the log entry that announces the key of the promises."""
        return "promise_key", canonical.encode({"key": self._key.jwk, "kind": "promise_key", "log": self._log, "v": 1})
