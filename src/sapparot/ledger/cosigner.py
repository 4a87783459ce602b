"""A cosigner: checks that each checkpoint of a log continues the last one that it cosigned, and then cosigns it (C2SP tlog-witness).

Durable order for one request, and what a crash leaves after each step:

1. The request is checked against the note on the disk. A crash leaves nothing.
2. The checkpoint is cosigned and the note with the cosignature replaces the one on the disk. A crash before leaves the older note, and
   nobody has seen the cosignature; a crash after leaves the newer one, and the log learns its size from the next 409.
3. The cosignature is answered.

Requests about one log go one after the other, from the check to the disk, so two that race never both win. The note on the disk carries
our own cosignature: one that we did not write is not believed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import msgspec
import structlog

from sapparot.base.clock import Clock
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger import problems
from sapparot.ledger.cosignatures import CosigningKey, cosigned_at
from sapparot.ledger.facts import Head
from sapparot.ledger.kept import KeptNotes
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.proofs import ProofInvalid, check_consistency
from sapparot.ledger.signatures import Checkpoint, Note, Signature, VerifierKey, signed_by
from sapparot.ledger.submission import Submission
from sapparot.ledger.tree import EMPTY_ROOT

log = structlog.get_logger()


class Cosigned(msgspec.Struct, frozen=True):
    """The checkpoint continues what we know: our signature line, and the size that we stand by from now on."""

    origin: str
    size: int
    line: str


class Elsewhere(msgspec.Struct, frozen=True):
    """The log does not know where we stand: the size that we cosigned last."""

    origin: str
    size: int


class Cosigner:
    """Cosigns for some logs with one key."""

    def __init__(self, key: CosigningKey, logs: Iterable[VerifierKey], kept: KeptNotes, clock: Clock) -> None:
        """``logs``: the keys of the logs; the name of a key is the origin, and a log may have several keys."""
        self.key = key
        self._logs: dict[str, list[VerifierKey]] = {}
        for log_key in logs:
            self._logs.setdefault(log_key.name, []).append(log_key)
        self._kept = kept
        self._clock = clock
        self._turns = {origin: threading.Lock() for origin in self._logs}
        for origin in self._logs:
            if self.head(origin) is None:
                # A lost note looks the same, and a fork of the log would then be taken for its beginning.
                log.warning(
                    "nothing was cosigned for this log here yet; if that is not so, bring its note back first",
                    log=origin,
                )

    @property
    def origins(self) -> list[str]:
        """The logs that we know."""
        return list(self._logs)

    def submit(self, body: bytes) -> Cosigned | Elsewhere:
        """Answer one ``add-checkpoint``; raises :class:`Problem` of status 400, 403, 404, 422 or 500, ``OSError`` when the disk refuses."""
        try:
            submission = Submission.read(body)
        except NoteInvalid as error:
            raise problems.SUBMISSION_UNREADABLE.about(error) from error
        origin = submission.checkpoint.origin
        signatures = self._signatures(submission)
        if submission.old > submission.checkpoint.head.size:
            raise Problem(problems.SUBMISSION_UNREADABLE, _BACKWARDS)
        with self._turns[origin]:
            return self._continue(submission, signatures)

    def latest(self, origin: str) -> bytes | None:
        """Return the note with our cosignature that we stand by, None when we never cosigned for the log."""
        return self._kept.read(origin)

    def head(self, origin: str) -> Head | None:
        """Return the head that we cosigned last; raises :class:`Problem` when the note on the disk is not one of ours."""
        kept = self._kept.read(origin)
        if kept is None:
            return None
        try:
            note = Note.read(kept)
            checkpoint = Checkpoint.read(note.text)
            ours = cosigned_at(note, self.key.verifier_key) is not None
        except NoteInvalid as error:
            raise problems.STATE_DAMAGED.about(error) from error
        if not ours or checkpoint.origin != origin:
            raise Problem(problems.STATE_DAMAGED)
        return checkpoint.head

    def _signatures(self, submission: Submission) -> list[Signature]:
        """Return the log's own signatures under the checkpoint."""
        keys = self._logs.get(submission.checkpoint.origin)
        if keys is None:
            raise Problem(problems.LOG_UNKNOWN)
        try:
            by = [key for key in keys if signed_by(submission.note, key)]
        except NoteInvalid as error:
            raise problems.NOT_BY_THE_LOG.about(error) from error
        if not by:
            raise Problem(problems.NOT_BY_THE_LOG)
        return [signature for key in by for signature in submission.note.claimed_by(key)[:1]]

    def _continue(self, submission: Submission, signatures: list[Signature]) -> Cosigned | Elsewhere:
        origin, new = submission.checkpoint.origin, submission.checkpoint.head
        last = self.head(origin) or Head(0, EMPTY_ROOT)
        if submission.old != last.size:
            return Elsewhere(origin, last.size)
        if new.size == 0 and new.root != EMPTY_ROOT:
            raise Problem(problems.INCONSISTENT)
        try:
            check_consistency(last, new, submission.proof)
        except ProofInvalid as error:
            if last.size == new.size and last.root != new.root:
                self._tell_of_fork(submission, signatures)
            raise problems.INCONSISTENT.about(error) from error
        cosignature = self.key.cosign(submission.note.text, int(self._clock.now().timestamp()))
        self._kept.replace(origin, submission.note.with_lines([*signatures, cosignature]).encode())
        return Cosigned(origin, new.size, cosignature.line)

    def _tell_of_fork(self, submission: Submission, signatures: list[Signature]) -> None:
        """Keep the proof that the log signed two roots for one size."""
        origin, head = submission.checkpoint.origin, submission.checkpoint.head
        log.error("the log signed two roots for one size", origin=origin, size=head.size)
        before = self._kept.read(origin) or b""
        other = submission.note.with_lines(signatures).encode()
        self._kept.keep_fork(origin, before + b"\n" + other, f"{head.size}-{head.root.hex()[:16]}")


_BACKWARDS = Text("ขนาดเดิมใหญ่กว่าขนาดของหัวบันทึก", "The old size is larger than the checkpoint")
