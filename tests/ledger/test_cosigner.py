"""A cosigner signs what continues the last checkpoint that it signed, and nothing else."""

import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from structlog.testing import capture_logs

from sapparot.base.problems import Problem
from sapparot.ledger.cosignatures import CosigningKey, cosigned_at
from sapparot.ledger.cosigner import Cosigned, Cosigner, Elsewhere
from sapparot.ledger.facts import Head
from sapparot.ledger.kept import KeptNotes
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.signatures import Checkpoint, Note, Signature, VerifierKey, signed_by
from sapparot.ledger.submission import write_submission
from sapparot.ledger.tree import EMPTY_ROOT
from tests.ledger.cosigned_logs import CLOCK, KEY, LOG_KEY, ORIGIN, SIGNER, AskingLog, cosigner_at

HONEST, FORKED = AskingLog(), AskingLog(b"forked")


@pytest.fixture
def cosigner(tmp_path: Path) -> Cosigner:
    return cosigner_at(tmp_path / "logs")


def status(cosigner: Cosigner, body: bytes) -> int:
    try:
        return 200 if isinstance(cosigner.submit(body), Cosigned) else 409
    except Problem as problem:
        return problem.kind.status


def test_a_log_that_grows_is_cosigned_each_time(cosigner: Cosigner) -> None:
    old = 0
    for size in (0, 1, 7, 8, 8, 40):
        answer = cosigner.submit(HONEST.request(old, size))
        assert isinstance(answer, Cosigned)
        note = Note(checkpoint_text(ORIGIN, HONEST.head(size)), (Signature.read(answer.line),))
        assert cosigned_at(note, KEY.verifier_key) == int(CLOCK.now().timestamp())
        old = size


def test_the_note_that_is_served_carries_the_log_and_the_cosigner(cosigner: Cosigner) -> None:
    assert cosigner.latest(ORIGIN) is None
    cosigner.submit(HONEST.request(0, 7))
    note = Note.read(cosigner.latest(ORIGIN) or b"")
    assert signed_by(note, LOG_KEY)
    assert cosigned_at(note, KEY.verifier_key)
    assert Checkpoint.read(note.text).head == HONEST.head(7)


def test_a_cosigner_without_a_note_says_at_its_start_that_it_begins_anew(tmp_path: Path) -> None:
    with capture_logs() as said:
        cosigner_at(tmp_path / "logs").submit(HONEST.request(0, 7))
    assert [(line["log_level"], line["log"]) for line in said] == [("warning", ORIGIN)]
    with capture_logs() as said:
        cosigner_at(tmp_path / "logs")
    assert said == []


def test_a_log_that_asks_from_another_size_is_told_the_right_one(cosigner: Cosigner) -> None:
    assert cosigner.submit(HONEST.request(3, 7)) == Elsewhere(ORIGIN, 0)
    cosigner.submit(HONEST.request(0, 7))
    for old in (0, 3, 8):
        assert cosigner.submit(HONEST.request(old, 9)) == Elsewhere(ORIGIN, 7)
    assert cosigner.submit(HONEST.request(3, 5)) == Elsewhere(ORIGIN, 7)


def test_a_fork_of_the_same_size_with_the_right_key_is_refused_and_kept_as_proof(
    cosigner: Cosigner, tmp_path: Path
) -> None:
    cosigner.submit(HONEST.request(0, 7))
    assert status(cosigner, FORKED.request(7, 7)) == 422
    assert status(cosigner, HONEST.request(7, 7)) == 200
    [proof] = (tmp_path / "logs" / "forks").iterdir()
    ours, theirs = proof.read_bytes().split(b"\n\n\xe2\x80\x94", 1)[0], FORKED.note(7).encode()
    assert b"\n7\n" in ours
    assert theirs in proof.read_bytes()


def test_a_larger_fork_is_refused(cosigner: Cosigner) -> None:
    cosigner.submit(HONEST.request(0, 7))
    assert status(cosigner, FORKED.request(7, 9)) == 422
    assert cosigner.head(ORIGIN) == HONEST.head(7)


def test_what_the_log_did_not_sign_is_refused(cosigner: Cosigner) -> None:
    other = NoteSigner(ORIGIN, b"x" * 32)
    assert status(cosigner, HONEST.request(0, 7, other)) == 403
    forged = HONEST.request(0, 7)[:-20] + b"AAAAAAAAAAAAAAAAAA=\n"
    assert status(cosigner, forged) in (400, 403)
    identity = Signature(ORIGIN, LOG_KEY.identity, bytes(64)).line.encode() + b"\n"
    assert status(cosigner, HONEST.request(0, 7) + identity) == 403
    stranger = Signature("stranger.example", b"abcd", bytes(64)).line.encode() + b"\n"
    assert status(cosigner, HONEST.request(0, 7) + stranger) == 200


def test_a_log_that_is_not_known_is_not_cosigned(cosigner: Cosigner) -> None:
    assert status(cosigner, HONEST.request(0, 7, NoteSigner("example.org/other", b"l" * 32))) == 404


def test_a_log_may_change_its_key(tmp_path: Path) -> None:
    new = NoteSigner(ORIGIN, b"n" * 32)
    both = Cosigner(KEY, [LOG_KEY, VerifierKey.read(new.verifier_key())], KeptNotes(tmp_path), CLOCK)
    assert status(both, HONEST.request(0, 7)) == 200
    assert status(both, HONEST.request(7, 9, new)) == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 400),
        (b"old 0\n\n", 400),
        (HONEST.request(0, 7).replace(b"old 0", b"old 00"), 400),
        (HONEST.request(0, 7).replace(b"old 0", b"old -1"), 400),
        (HONEST.request(0, 7).replace(b"old 0", "old \u0660".encode()), 400),
        (HONEST.request(0, 7).replace(b"old 0", b"old 8"), 400),
        (HONEST.request(0, 7).replace(b"old 0", b"size 0"), 400),
        (HONEST.request(0, 7).replace(b"old 0", b"old 0\r"), 400),
        (HONEST.request(0, 7).replace(b"old 0\n", b"old 0\n" + (b64encode(bytes(32)) + b"\n") * 64), 400),
        (HONEST.request(0, 7).replace(b"old 0\n", b"old 0\n" + b64encode(bytes(31)) + b"\n"), 400),
        (HONEST.request(0, 7).replace(b"old 0\n", b"old 0\nwords\n"), 400),
        (HONEST.request(0, 7).replace(b"old 0\n", b"old 0\n" + b64encode(bytes(32)) + b"\n"), 422),
        (write_submission(0, [], SIGNER.sign(checkpoint_text(ORIGIN, Head(0, bytes(32))))), 422),
        (write_submission(0, [], SIGNER.sign(checkpoint_text(ORIGIN, Head(0, EMPTY_ROOT)))), 200),
        (HONEST.request(0, 7)[:-1], 400),
        (b"\xff" * 100, 400),
    ],
)
def test_each_flaw_of_a_request_has_its_answer(cosigner: Cosigner, body: bytes, expected: int) -> None:
    assert status(cosigner, body) == expected
    assert (cosigner.latest(ORIGIN) is None) == (expected != 200)


def test_a_proof_that_is_short_long_or_altered_is_refused(cosigner: Cosigner) -> None:
    cosigner.submit(HONEST.request(0, 7))
    lines = HONEST.request(7, 40).split(b"\n")
    end = lines.index(b"")
    for proof in (lines[1 : end - 1], [*lines[1:end], b64encode(bytes(32))], [b64encode(bytes(32)), *lines[2:end]], []):
        assert status(cosigner, b"\n".join([b"old 7", *proof, *lines[end:]])) == 422
    assert status(cosigner, b"\n".join(lines)) == 200


def test_what_was_cosigned_is_known_after_a_restart(tmp_path: Path) -> None:
    first = cosigner_at(tmp_path)
    first.submit(HONEST.request(0, 7))
    first._kept.close()
    again = cosigner_at(tmp_path)
    assert again.head(ORIGIN) == HONEST.head(7)
    assert status(again, FORKED.request(7, 7)) == 422


def test_a_state_that_we_did_not_write_is_not_believed(tmp_path: Path) -> None:
    first = cosigner_at(tmp_path)
    first.submit(HONEST.request(0, 7))
    first._kept.close()
    [place] = [path for path in tmp_path.iterdir() if path.is_dir()]
    for forged in (HONEST.note(9).encode(), (place / "checkpoint").read_bytes().replace(b"\n7\n", b"\n6\n"), b""):
        (place / "checkpoint").write_bytes(forged)
        kept = KeptNotes(tmp_path)
        with pytest.raises(Problem, match="state_damaged"):
            Cosigner(KEY, [LOG_KEY], kept, CLOCK)
        kept.close()


def test_one_directory_has_one_process(tmp_path: Path) -> None:
    kept = KeptNotes(tmp_path)
    with pytest.raises(Problem, match="directory_taken"):
        KeptNotes(tmp_path)
    kept.close()
    KeptNotes(tmp_path).close()


def test_a_disk_that_refuses_leaves_the_older_note(cosigner: Cosigner, monkeypatch: pytest.MonkeyPatch) -> None:
    cosigner.submit(HONEST.request(0, 7))
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            cosigner.submit(HONEST.request(7, 9))
    assert cosigner.head(ORIGIN) == HONEST.head(7)
    assert status(cosigner, HONEST.request(7, 9)) == 200


def test_two_requests_that_race_never_both_win(cosigner: Cosigner) -> None:
    cosigner.submit(HONEST.request(0, 7))
    sizes = [8, 9, 10, 11, 12, 13, 14, 15]
    start = threading.Barrier(2 * len(sizes))

    def submit(body: bytes) -> int:
        start.wait()
        return status(cosigner, body)

    bodies = [
        log.request(7, size) if log is HONEST else FORKED.request(7, size) for size in sizes for log in (HONEST, FORKED)
    ]
    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(submit, bodies))
    assert answers.count(200) == 1
    assert set(answers) <= {200, 409, 422}
    won = sizes[answers.index(200) // 2]
    assert cosigner.head(ORIGIN) == HONEST.head(won)


def test_a_key_whose_name_is_no_name_cannot_be_made() -> None:
    for name in ("", "two words", "plus+plus", "line\nline"):
        with pytest.raises(ValueError, match="name"):
            CosigningKey(name, bytes(32))


class AnyOrder(RuleBasedStateMachine):
    """Logs, honest and forked, ask in any order, and the cosigner restarts when it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.cosigner = cosigner_at(Path(self.directory.name))
        self.roots: dict[int, bytes] = {}
        self.sizes = [0]

    @rule(forked=st.booleans(), old=st.integers(0, 12), size=st.integers(0, 12))
    def ask(self, forked: bool, old: int, size: int) -> None:
        self._submit(FORKED if forked else HONEST, old, size)

    @rule(forked=st.booleans(), more=st.integers(0, 3))
    def ask_from_the_right_size(self, forked: bool, more: int) -> None:
        self._submit(FORKED if forked else HONEST, self.sizes[-1], self.sizes[-1] + more)

    @rule(forked=st.booleans(), claimed=st.integers(0, 12), proven=st.integers(0, 12), size=st.integers(0, 12))
    def ask_with_a_proof_from_elsewhere(self, forked: bool, claimed: int, proven: int, size: int) -> None:
        log = FORKED if forked else HONEST
        body = log.request(min(proven, size), size)
        self._answer(log, size, b"old %d" % claimed + body[body.index(b"\n") :])

    @rule()
    def restart(self) -> None:
        self.cosigner._kept.close()
        self.cosigner = cosigner_at(Path(self.directory.name))

    def _submit(self, log: AskingLog, old: int, size: int) -> None:
        self._answer(log, size, log.request(old, size))

    def _answer(self, log: AskingLog, size: int, body: bytes) -> None:
        if status(self.cosigner, body) != 200:
            return
        assert self.roots.setdefault(size, log.head(size).root) == log.head(size).root
        self.sizes.append(size)

    @invariant()
    def sizes_never_fall(self) -> None:
        assert self.sizes == sorted(self.sizes)

    @invariant()
    def every_root_is_of_one_history(self) -> None:
        assert any(all(log.head(size).root == root for size, root in self.roots.items()) for log in (HONEST, FORKED))

    def teardown(self) -> None:
        self.cosigner._kept.close()
        self.directory.cleanup()


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestNeverTwoRootsForOneSize = AnyOrder.TestCase
