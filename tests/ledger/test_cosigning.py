"""Our log asks its cosigners over HTTP: what they sign is published, and none of them holds anything up."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond
from sapparot.base.gate import Gate
from sapparot.base.problems import Problem
from sapparot.ledger import cosigning
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.cosigner import Cosigner
from sapparot.ledger.cosigner_doors import cosigner_doors, gate_of, open_cosigner, read_log_key
from sapparot.ledger.cosigning import CHECKPOINT_NAME, COSIGNED_NAME, POLICY_NAME, Asker, Cosigning, NotCosigned
from sapparot.ledger.kept import KeptNotes, origin_hash
from sapparot.ledger.policyfile import read_policy
from sapparot.ledger.quorum import standing
from sapparot.ledger.signatures import Note
from tests.ledger.cosigned_logs import CLOCK, KEY, LOG_KEY, ORIGIN, SIGNER, AskingLog, cosigner_at
from tests.serving import LONG, serving

HONEST, FORKED = AskingLog(size=600), AskingLog(b"forked", size=600)
PATIENCE = LONG


@contextmanager
def served(app: AsgiApp) -> Iterator[str]:
    """Serve ``app`` on a free port; yields its address."""
    with serving(app) as running:
        yield running.root


def eventually(true: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


def post(address: str, body: bytes) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)
    with closing(connection):
        connection.request("POST", "/add-checkpoint", body)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type") or "", answer.read()


def get(address: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def values(address: str, token: str) -> dict[str, float]:
    """The metrics that an operator reads."""
    asked = Request(f"{address}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urlopen(asked, timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cosigner"


@pytest.fixture
def cosigner(place: Path) -> Cosigner:
    return cosigner_at(place / "logs")


@pytest.fixture
def address(cosigner: Cosigner, place: Path) -> Iterator[str]:
    with served(gate_of(cosigner_doors(cosigner), place)) as address:
        yield address


def answering(status: int, body: bytes) -> AsgiApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, status, body)

    return Gate({("POST", "/add-checkpoint"): app}, {})


def policy_of(*cosigners: tuple[CosigningKey, str], needed: int = 1) -> str:
    lines = [f"log {SIGNER.verifier_key()}\n"]
    lines += [f"witness w{n} {key.verifier_key.text} {url}\n" for n, (key, url) in enumerate(cosigners)]
    names = " ".join(f"w{n}" for n in range(len(cosigners)))
    return "".join(lines) + f"group all-of-them {needed} {names}\nquorum all-of-them\n"


class Published:
    """A sequencer's side: publishes what it is given, as it is given."""

    def __init__(self, policy: str, log: AskingLog = HONEST) -> None:
        self.objects = {f"log/{path}": data for path, data in log.files.items()}
        self.log = log
        self.policy = read_policy(policy.encode())
        self.asking = Cosigning(policy.encode(), LOG_KEY, self.read)
        self.asking.start()

    def read(self, name: str) -> bytes:
        if name.startswith("log/tile/"):
            return self.log.files.read(name.removeprefix("log/"))
        if name not in self.objects:
            raise FileNotFoundError(name)
        return self.objects[name]

    def publish(self, size: int) -> None:
        note = self.log.note(size)
        self.objects[CHECKPOINT_NAME] = note.encode()
        self.asking.tell(note)

    def reached(self, name: str = CHECKPOINT_NAME) -> int:
        """The size of a published checkpoint that has its quorum, else 0."""
        self.objects |= self.asking.take()
        if name not in self.objects:
            return 0
        found = standing(self.objects[name], self.policy)
        return found.head.size if found.reached else 0


def test_what_cosigners_sign_is_published_below_our_own_signature(address: str) -> None:
    log = Published(policy_of((KEY, address)))
    for size in (600, 600):
        log.publish(size)
        eventually(lambda size=size: log.reached() == size)  # type: ignore[misc]
    log.asking.close()
    note = Note.read(log.objects[CHECKPOINT_NAME])
    assert note.signatures[0].claims(LOG_KEY)
    assert log.reached(COSIGNED_NAME) == 600
    assert read_policy(log.objects[POLICY_NAME]) == log.policy


def test_a_cosigner_that_knows_an_older_size_gets_a_proof_from_there(address: str, cosigner: Cosigner) -> None:
    assert post(address, HONEST.request(0, 300))[0] == 200
    log = Published(policy_of((KEY, address)))
    log.publish(600)
    eventually(lambda: log.reached() == 600)
    log.asking.close()
    assert cosigner.head(ORIGIN) == HONEST.head(600)


def test_the_six_answers_over_http(address: str) -> None:
    assert post(address, HONEST.request(0, 300))[:2] == (200, "text/plain; charset=utf-8")
    assert post(address, HONEST.request(0, 600)) == (409, "text/x.tlog.size", b"300\n")
    assert post(address, FORKED.request(300, 300))[0] == 422
    assert post(address, HONEST.request(300, 600).replace(b"old", b"new"))[0] == 400
    assert post(address, HONEST.request(300, 600).replace(ORIGIN.encode(), b"example.org/other"))[0] == 404
    assert post(address, HONEST.request(300, 600).replace(b"\n600\n", b"\n599\n"))[0] == 403
    assert post(address, b"x" * 200_000)[0] == 413
    assert get(address, "/add-checkpoint")[0] == 405


def test_the_newest_note_and_the_key_are_served_and_metrics_only_to_operators(
    address: str, cosigner: Cosigner, place: Path
) -> None:
    path = f"/{origin_hash(ORIGIN)}/checkpoint"
    assert get(address, path)[0] == 404
    post(address, HONEST.request(0, 300))
    assert get(address, path) == (200, cosigner.latest(ORIGIN))
    assert get(address, "/cosigner.vkey") == (200, KEY.verifier_key.text.encode() + b"\n")
    assert get(address, "/healthz")[0] == 200
    assert get(address, "/metrics")[0] == 401
    token = (place / "secrets" / "operator.token").read_text().strip()
    before = values(address, token)
    assert before[f'sapparot_cosigner_size{{log="{ORIGIN}"}}'] == 300
    assert before[f'sapparot_cosigner_time_seconds{{log="{ORIGIN}"}}'] > 1_700_000_000
    post(address, HONEST.request(0, 600))
    after, refused = values(address, token), 'sapparot_cosigner_answers_total{status="409"}'
    assert after[refused] == before.get(refused, 0) + 1


def test_one_caller_has_a_budget(address: str) -> None:
    answers = [get(address, "/cosigner.vkey")[0] for _ in range(620)]
    assert set(answers) == {200, 429}


def test_many_requests_at_once_have_one_winner(address: str, cosigner: Cosigner) -> None:
    post(address, HONEST.request(0, 300))
    answers: list[int] = []
    bodies = [log.request(300, 301 + n) for n in range(8) for log in (HONEST, FORKED)]
    threads = [threading.Thread(target=lambda body=body: answers.append(post(address, body)[0])) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) == 1
    assert set(answers) == {200, 409} or set(answers) == {200, 409, 422}


def test_a_cosigner_that_fails_for_a_moment_is_asked_again(
    cosigner: Cosigner, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosigning, "SHORTEST_PAUSE", 0.01)
    sound, answers = gate_of(cosigner_doors(cosigner), place), iter([500, 503, 429])

    async def flaky(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (status := next(answers, None)):
            return await respond(send, status, b"")
        await sound(scope, receive, send)

    with served(flaky) as address:
        log = Published(policy_of((KEY, address)))
        log.publish(600)
        eventually(lambda: log.reached() == 600)
        log.asking.close()
    assert next(answers, None) is None and cosigner.head(ORIGIN) == HONEST.head(600)


def test_a_slow_cosigner_and_a_dead_one_hold_nothing_up(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosigning, "ANSWER_SECONDS", 15.0)
    monkeypatch.setattr(cosigning, "ROUND_SECONDS", 0.3)
    others = [CosigningKey(f"other{n}.example", bytes([n]) * 32) for n in range(2)]
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        deaf = f"http://127.0.0.1:{silent.getsockname()[1]}"
        log = Published(policy_of((KEY, address), (others[0], deaf), (others[1], "http://127.0.0.1:9")))
        began = time.monotonic()
        for size in (300, 400, 500, 600):
            log.publish(size)
            log.asking.take()
        assert time.monotonic() - began < cosigning.ANSWER_SECONDS
        eventually(lambda: log.reached() == 600)
        log.asking.close()


def test_two_of_two_sign_the_same_checkpoint_while_the_log_grows(address: str, tmp_path: Path) -> None:
    second = Cosigner(CosigningKey("second.example", b"2" * 32), [LOG_KEY], KeptNotes(tmp_path / "second"), CLOCK)
    with served(gate_of(cosigner_doors(second), tmp_path)) as other:
        log = Published(policy_of((KEY, address), (second.key, other), needed=2), HONEST)
        for size in range(300, 601, 10):
            log.publish(size)
            if size == 450:
                eventually(lambda: log.reached(COSIGNED_NAME))
            time.sleep(0.02)
        eventually(lambda: log.reached(COSIGNED_NAME) == 600)
        log.asking.close()


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", "invalid"),
        (200, b"\xff\xfe", "invalid"),
        (200, b"words\n", "invalid"),
        (200, KEY.cosign("another text\n", 5).line.encode() + b"\n", "invalid"),
        (
            200,
            CosigningKey("other.example", b"o" * 32).cosign(HONEST.note(600).split("\n\n")[0] + "\n", 5).line.encode(),
            "invalid",
        ),
        (200, b"x" * 1_000_000, "none"),
        (409, b"", "invalid"),
        (409, b"-5\n", "invalid"),
        (409, b"99999999999999999999999\n", "invalid"),
        (409, b"601\n", "ahead"),
        (409, b"5\n", "409"),
        (422, b"", "422"),
        (404, b"", "404"),
        (302, b"", "302"),
        (500, b"", "500"),
    ],
)
def test_a_hostile_answer_is_no_cosignature(status: int, body: bytes, outcome: str) -> None:
    with served(answering(status, body)) as address:
        [cosigner] = read_policy(policy_of((KEY, address)).encode()).cosigners
        with pytest.raises(NotCosigned) as refused:
            Asker(cosigner, HONEST.files.read).cosign(Note.read(HONEST.note(600).encode()))
    assert refused.value.outcome == outcome


def test_lines_of_other_keys_beside_the_right_one_are_left_out() -> None:
    text = HONEST.note(600).split("\n\n")[0] + "\n"
    other = CosigningKey("other.example", b"o" * 32).cosign(text, 5)
    right = KEY.cosign(text, 6)
    with served(answering(200, f"{other.line}\n{right.line}\n".encode())) as address:
        [cosigner] = read_policy(policy_of((KEY, address)).encode()).cosigners
        assert Asker(cosigner, HONEST.files.read).cosign(Note.read(HONEST.note(600).encode())) == right


def test_a_checkpoint_with_quorum_is_not_replaced_by_an_older_one_after_a_restart(address: str) -> None:
    policy = policy_of((KEY, address))
    log = Published(policy)
    log.publish(600)
    eventually(lambda: log.reached(COSIGNED_NAME) == 600)
    log.asking.close()
    again = Cosigning(policy.encode(), LOG_KEY, log.read)
    assert again._quorum_size == 600


def test_a_policy_of_other_logs_is_refused() -> None:
    other = policy_of((KEY, "http://x")).replace(
        SIGNER.verifier_key(), "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    )
    with pytest.raises(Problem, match="other_logs"):
        Published(other)


KILLED = """
import os, signal, sys
from pathlib import Path
from sapparot.base import disk
from sapparot.ledger import kept
from tests.ledger.cosigned_logs import AskingLog, cosigner_at

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

cosigner = cosigner_at(Path(sys.argv[1]))
cosigner.submit(AskingLog(size=600).request(0, 300))
when = sys.argv[2]
if when == "before anything is written":
    kept.write_whole = die
elif when == "before the rename":
    Path.replace = die
elif when == "after the rename":
    disk.force = die
else:
    replace = cosigner._kept.replace
    cosigner._kept.replace = lambda *args: (replace(*args), die())
cosigner.submit(AskingLog(size=600).request(300, 600))
"""


@pytest.mark.parametrize(
    ("when", "size"),
    [
        ("before anything is written", 300),
        ("before the rename", 300),
        ("after the rename", 600),
        ("between the disk and the answer", 600),
    ],
)
def test_a_cosigner_that_is_killed_knows_its_last_size_and_still_refuses_the_fork(
    tmp_path: Path, when: str, size: int
) -> None:
    root = Path(__file__).parents[2]
    child = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path, when], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert child.returncode == -signal.SIGKILL
    again = cosigner_at(tmp_path)
    assert again.head(ORIGIN) == HONEST.head(size)
    for fork in (FORKED.request(size, size), FORKED.request(size, 600)):
        with pytest.raises(Problem, match="inconsistent"):
            again.submit(fork)
    again.submit(HONEST.request(size, 600))
    assert again.head(ORIGIN) == HONEST.head(600)


def test_a_cosigner_keeps_its_key_and_its_name(tmp_path: Path) -> None:
    first = open_cosigner(tmp_path, "a.example", [LOG_KEY], CLOCK)
    first._kept.close()
    again = open_cosigner(tmp_path, "a.example", [LOG_KEY], CLOCK)
    again._kept.close()
    assert first.key.verifier_key == again.key.verifier_key
    with pytest.raises(Problem, match="other_name"):
        open_cosigner(tmp_path, "b.example", [LOG_KEY], CLOCK)


def test_a_log_key_is_read_from_text_or_file(tmp_path: Path) -> None:
    (tmp_path / "log.vkey").write_text(SIGNER.verifier_key() + "\n")
    assert read_log_key(SIGNER.verifier_key()) == read_log_key(str(tmp_path / "log.vkey")) == LOG_KEY
    for wrong in ("words", str(tmp_path), KEY.verifier_key.text):
        with pytest.raises(Problem, match="key_unusable"):
            read_log_key(wrong)
