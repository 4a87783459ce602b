"""Our log asks its cosigners (client of C2SP tlog-witness), beside the sequencer and never in its way.

Each cosigner has a thread of its own. The sequencer tells what it published and takes, whenever it likes, what is to be published beside
or in place of it; neither waits for anybody. A round is one checkpoint that every cosigner is asked for, so that all of them sign the
same one; it ends when all have answered, failed or used up :data:`ROUND_SECONDS`, and the next round is for the newest checkpoint.
A cosigner that is slow, lies or is gone costs its own cosignature and nothing else: time and bytes are bounded, each line is verified
before anybody sees it, and who failed is asked again later and later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from obstore.exceptions import BaseError
from prometheus_client import Counter, Gauge

from sapparot.base.clock import monotonic
from sapparot.base.outside import Answer, Unanswered, ask
from sapparot.base.problems import Problem
from sapparot.ledger.cosignatures import cosigned_at
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.policyfile import read_policy
from sapparot.ledger.problems import OTHER_LOGS
from sapparot.ledger.proofs import consistency
from sapparot.ledger.quorum import NONE, Cosigner, standing
from sapparot.ledger.signatures import NOTE_BYTES, Checkpoint, Note, Signature, VerifierKey, plain_number
from sapparot.ledger.submission import write_submission
from sapparot.ledger.tiles import Hashes, TileInvalid

log = structlog.get_logger()

COSIGNED_NAME = "log/cosigned"
"""The newest checkpoint that reached the quorum."""
POLICY_NAME = "log/policy"
"""Whom we ask and what we call a quorum; readers have a policy of their own."""
CHECKPOINT_NAME = "log/checkpoint"
ANSWER_SECONDS = 10.0
ROUND_SECONDS = 5.0
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
_CONFLICTS = 3
"""How often one cosigner may correct us about one checkpoint."""

ASKED = Counter("sapparot_cosigners_asked", "Answers of our cosigners", ["cosigner", "outcome"])
COSIGNED = Gauge("sapparot_cosigned_size", "Size of the checkpoint that each cosigner signed last", ["cosigner"])
QUORUM = Gauge("sapparot_quorum_size", "Size of the newest checkpoint with quorum")


class NotCosigned(Exception):
    """The cosigner gave no cosignature; ``pause`` is the shortest time to leave it alone."""

    def __init__(self, outcome: str, why: str, pause: float = SHORTEST_PAUSE) -> None:
        self.outcome = outcome
        self.pause = pause
        super().__init__(why)


class Asker:
    """Asks one cosigner, and remembers which size it cosigned last."""

    def __init__(self, cosigner: Cosigner, read: Callable[[str], bytes]) -> None:
        """``read`` returns a file of our log, such as a tile, by its path; raises ``FileNotFoundError``."""
        self.cosigner = cosigner
        self._read = read
        self._size = 0

    def cosign(self, note: Note) -> Signature:
        """Return the cosigner's signature of ``note``; raises :class:`NotCosigned`."""
        checkpoint = Checkpoint.read(note.text)
        for _ in range(_CONFLICTS):
            answer = self._submit(note, checkpoint.head.size)
            if answer.status == 200:
                signature = self._signature(answer.body, note)
                self._size = checkpoint.head.size
                return signature
            if answer.status != 409:
                passing = answer.status == 429 or answer.status >= 500  # it may well sign the next time
                pause = SHORTEST_PAUSE if passing else LONGEST_PAUSE
                raise NotCosigned(str(answer.status), f"answered {answer.status}", pause)
            self._size = _size(answer.body)
            if self._size > checkpoint.head.size:
                raise NotCosigned(
                    "ahead", f"claims to have cosigned size {self._size}, we ask for {checkpoint.head.size}"
                )
        raise NotCosigned("409", "names another size each time", LONGEST_PAUSE)

    def _submit(self, note: Note, size: int) -> Answer:
        url = (self.cosigner.url or "").rstrip("/") + "/add-checkpoint"
        old = min(self._size, size)
        try:
            proof = consistency(Hashes(self._read, size), old, size)
            body = write_submission(old, proof, note.with_lines(note.signatures))
            return ask(url, body, {"Content-Type": "text/plain"}, most=NOTE_BYTES, seconds=ANSWER_SECONDS)
        except Unanswered as error:
            raise NotCosigned("none", str(error)) from error
        except (
            OSError,
            BaseError,
            TileInvalid,
        ) as error:  # tiles that were replaced meanwhile, or a store out of reach
            raise NotCosigned("tiles", f"no proof from size {old} to {size}: {error}") from error

    def _signature(self, body: bytes, note: Note) -> Signature:
        key = self.cosigner.key
        try:
            lines = body.decode().splitlines()
            for signature in map(Signature.read, lines):
                if signature.claims(key) and cosigned_at(Note(note.text, (signature,)), key) is not None:
                    return signature
        except (NoteInvalid, UnicodeDecodeError) as error:
            raise NotCosigned("invalid", f"its cosignature does not verify: {error}", LONGEST_PAUSE) from error
        raise NotCosigned("invalid", "its answer holds no cosignature by its key", LONGEST_PAUSE)


class Cosigning:
    """Every cosigner of a policy, each with a thread, and what they have signed."""

    def __init__(self, policy: bytes, log_key: VerifierKey, read: Callable[[str], bytes]) -> None:
        """``read`` returns the bytes of a public object by its name, such as ``log/checkpoint``; raises ``FileNotFoundError``.

        ``policy`` is the policy file. Raises :class:`Problem` when it cannot be read, or names other logs only: whoever reads with it would
        believe none of our checkpoints.
        """
        self._policy = read_policy(policy)
        if self._policy.logs and log_key not in [one.key for one in self._policy.logs]:
            raise Problem(OTHER_LOGS)
        self._log_key = log_key
        self._changed = threading.Condition()
        self._newest: Note | None = None
        self._asked: Note | None = None
        self._asked_at = 0.0
        self._signatures: dict[str, Signature] = {}
        self._ready: dict[str, bytes] = {POLICY_NAME: policy}
        self._busy: set[str] = set()
        self._closed = False
        self._quorum_size = self._published_size(read)
        askers = [
            Asker(cosigner, lambda path: read(f"log/{path}")) for cosigner in self._policy.cosigners if cosigner.url
        ]
        self._threads = [threading.Thread(target=self._work, args=(asker,), daemon=True) for asker in askers]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ask nobody from now on; what is under way has a second, and then ends by itself."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(1.0)

    def tell(self, note: str) -> None:
        """The log published ``note``, signed by itself alone; also when it published the same one before."""
        read = Note.read(note.encode())
        with self._changed:
            self._newest = read
            self._ready.pop(CHECKPOINT_NAME, None)
            self._prepare()
            self._changed.notify_all()

    def take(self) -> dict[str, bytes]:
        """Return what is to be published now, by name; each is returned once."""
        with self._changed:
            ready, self._ready = self._ready, {}
            return ready

    def _work(self, asker: Asker) -> None:
        done, pause = "", SHORTEST_PAUSE
        while (note := self._next(asker.cosigner.name, done)) is not None:
            name = asker.cosigner.name
            try:
                signature = asker.cosign(note)
            except NotCosigned as error:
                ASKED.labels(name, error.outcome).inc()
                log.warning("no cosignature", cosigner=name, reason=str(error))
                pause = max(error.pause, min(2 * pause, LONGEST_PAUSE))
                self._rest(name, pause)
            else:
                ASKED.labels(name, "cosigned").inc()
                done, pause = note.text, SHORTEST_PAUSE
                self._deliver(name, note, signature)

    def _next(self, name: str, done: str) -> Note | None:
        """Wait for a checkpoint that the cosigner has not signed; None when there is nothing more to do."""
        with self._changed:
            self._busy.discard(name)
            while not self._closed:
                self._begin_round()
                if self._asked and self._asked.text != done:
                    self._busy.add(name)
                    return self._asked
                self._changed.wait(ROUND_SECONDS)
            return None

    def _begin_round(self) -> None:
        late = monotonic() - self._asked_at > ROUND_SECONDS
        fresh = self._newest and (self._asked is None or self._newest.text != self._asked.text)
        if fresh and (late or not self._busy):
            self._asked = self._newest
            self._asked_at = monotonic()
            self._signatures = {}
            self._changed.notify_all()

    def _rest(self, name: str, seconds: float) -> None:
        until = monotonic() + seconds
        with self._changed:
            self._busy.discard(name)
            self._changed.notify_all()
            while not self._closed and (left := until - monotonic()) > 0:
                self._changed.wait(left)

    def _deliver(self, name: str, note: Note, signature: Signature) -> None:
        COSIGNED.labels(name).set(Checkpoint.read(note.text).head.size)
        with self._changed:
            if self._asked and self._asked.text == note.text:
                self._signatures[name] = signature
                self._prepare()

    def _prepare(self) -> None:
        """Make ready what this round has brought so far."""
        if self._asked is None or not self._signatures:
            return
        names = [cosigner.name for cosigner in self._policy.cosigners if cosigner.name in self._signatures]
        lines = [*self._asked.signatures, *(self._signatures[name] for name in names)]
        whole = self._asked.with_lines(lines).encode()
        if self._newest and self._newest.text == self._asked.text:
            self._ready[CHECKPOINT_NAME] = whole
        size = Checkpoint.read(self._asked.text).head.size
        if self._policy.quorum != NONE and self._policy.reached(names) and size >= self._quorum_size:
            self._quorum_size = size
            self._ready[COSIGNED_NAME] = whole
            QUORUM.set(size)

    def _published_size(self, read: Callable[[str], bytes]) -> int:
        """Return the size of the published checkpoint with quorum, so that none before it takes its place."""
        try:
            found = standing(read(COSIGNED_NAME), self._policy, [self._log_key])
        except (OSError, NoteInvalid):
            return 0
        return found.head.size if found.reached else 0


def _size(body: bytes) -> int:
    try:
        return plain_number(body[:32].decode().removesuffix("\n"))
    except (NoteInvalid, UnicodeDecodeError) as error:
        raise NotCosigned("invalid", "answered 409 without a size", LONGEST_PAUSE) from error
