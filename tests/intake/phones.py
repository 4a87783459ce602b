"""The doors for devices behind a real HTTP server, and phones that call them."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import threading
import time
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sapparot import app, ledger
from sapparot.base import canonical
from sapparot.base.clock import SystemClock, clock_from
from sapparot.base.database import connect
from sapparot.base.jws import Algorithm, SigningKey
from sapparot.base.objects import public_objects
from sapparot.base.operators import operator_token
from sapparot.base.server import Server, make_server
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.intake import REPORT_TYPE
from sapparot.intake.admission import Admission
from sapparot.ledger.worker import Outbox, Sequencer
from sapparot.people import Invited, Network, add_network, make_invite, networks
from sapparot.people.rules import ASK_TYPE
from sapparot.side import web_side
from tests.serving import LONG
from tests.serving import serving as running

PROBLEM = "application/problem+json"
NETWORK = "vote62"
Found = TypeVar("Found")


def uuid7(moment: float | None = None) -> str:
    """A fresh UUIDv7 (RFC 9562, section 5.7)."""
    milliseconds = int((time.time() if moment is None else moment) * 1000)
    number = (milliseconds << 80) | (7 << 76) | (2 << 62) | secrets.randbits(62) | (secrets.randbits(12) << 64)
    return str(uuid.UUID(int=number))


def payload(**changes: object) -> dict[str, object]:
    """The payload of a report; ``changes`` win, a value of ``...`` leaves the member out."""
    whole: dict[str, object] = {
        "v": 1, "id": uuid7(), "election": "tiny", "sheet": "10-01-100101-003/constituency", "stage": "final",
        "votes": {"1": 212, "2": 35}, "valid": 247, "spoiled": 6, "no_vote": 9, "ballots_cast": 262, "eligible": 611,
        "evidence": [], "observed_at": "2023-05-14T18:42:10+07:00", "seq": 14, "replaces": None, "app": "test/1.0",
    }  # fmt: skip
    return {name: value for name, value in (whole | changes).items() if value is not ...}


class Phone:
    """A device with its own key, and its token once it is enrolled."""

    def __init__(self, alg: Algorithm = "ES256", secret: bytes | None = None) -> None:
        self.key = SigningKey.from_secret(alg, secret or secrets.token_bytes(32))
        self.token = ""

    def report(self, **changes: object) -> bytes:
        """A signed report."""
        return self.sign(canonical.encode(payload(**changes)))

    def sign(self, data: bytes, typ: str = REPORT_TYPE) -> bytes:
        """Any bytes, signed."""
        return self.key.sign(data, typ).encode()

    def ask(self, invite: str) -> bytes:
        """A request to be enrolled."""
        return self.key.sign(canonical.encode({"v": 1, "invite": invite}), ASK_TYPE, embed_key=True).encode()


class Answer(msgspec.Struct, frozen=True):
    """What a server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The answer to each report."""
        assert self.headers["content-type"] == "application/x-ndjson", self.body
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def outcomes(self) -> list[str]:
        """What became of each report: its outcome, or the code of its problem."""
        return [line["problem"]["code"] if "problem" in line else line["outcome"] for line in self.lines]

    @property
    def problem(self) -> dict[str, Any]:
        """The problem of a whole request."""
        assert self.headers["content-type"] == PROBLEM, self.body
        return dict(json.loads(self.body))


def forged(report: bytes) -> bytes:
    """The same report under a signature that does not hold."""
    head, _, _ = report.rpartition(b".")
    return head + b"." + b"A" * 86


class Front:
    """Running doors over one database, and the sequencer behind them, which works when it is told to."""

    def __init__(self, settings: Settings, url: str, port: int) -> None:
        self.settings = settings
        self.url = url
        self.port = port
        self.admission = Admission(SystemClock())

    def call(self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str) -> Answer:
        """Ask once, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named, encode_chunked="transfer-encoding" in named)
        answer = read(connection.getresponse())
        connection.close()
        return answer

    def post(self, phone: Phone, body: bytes | Sequence[bytes], **headers: str) -> Answer:
        """Carry reports to the door."""
        whole = body if isinstance(body, bytes) else b"\n".join(body)
        return self.call("POST", "/v1/reports", whole, authorization=f"Bearer {phone.token}", **headers)

    def socket(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=LONG)

    def invite(self, uses: int = 1, level: int = 1, days: float = 1, area: str | None = None) -> str:
        """An invite code of the network."""
        now = clock_from(self.settings.clock).now()
        with connect(self.url) as connection:
            return make_invite(connection, NETWORK, Invited(level, area), uses, now + timedelta(days=days))

    def enrol(self, phone: Phone, invite: str | None = None) -> Answer:
        """Enrol a phone, under a fresh invite unless one is given; it keeps its token."""
        answer = self.call("POST", "/v1/devices", phone.ask(invite or self.invite()))
        if answer.status == 201:
            phone.token = json.loads(answer.body)["token"]
        return answer

    def phone(self, alg: Algorithm = "ES256") -> Phone:
        """A fresh phone that is enrolled."""
        phone = Phone(alg)
        answer = self.enrol(phone)
        assert answer.status == 201, answer.body
        return phone

    def stranger(self) -> Phone:
        """A phone with a token but without an enrolment that the log knows."""
        phone = Phone()
        phone.token = app.device_tokens(self.settings).issue(phone.key.kid, datetime.now(UTC) + timedelta(days=1))
        return phone

    def sequence(self) -> None:
        """Give everything that waits its place in the log."""
        with connect(self.url) as connection:
            signer, public = app.note_signer(self.settings), public_objects(self.settings.data)
            sequencer = Sequencer([Outbox(), self.admission], signer, public, SystemClock())
            sequencer.start(connection)
            while sequencer.step(connection):
                continue

    def log(self, kind: str) -> list[dict[str, Any]]:
        """The entries of one kind, in order."""
        with connect(self.url) as connection:
            return [canonical.decode(entry.body) for entry in ledger.read(connection, 0, 100_000) if entry.kind == kind]

    def logged(self) -> list[bytes]:
        """The reports in the log, as their phones signed them."""
        return [entry["jws"].encode() for entry in self.log("report")]

    def metric(self, name: str) -> float:
        """The value of a metric with its labels, as ``/metrics`` shows it; 0 when it is not there."""
        told = self.call("GET", "/metrics", authorization=f"Bearer {operator_token(self.settings.data)}")
        for line in told.body.decode().splitlines():
            if line.rpartition(" ")[0] == name:
                return float(line.rpartition(" ")[2])
        return 0.0


class Served(Front):
    """Doors that this process serves, in a thread of its own."""

    server: Server


def read(answer: http.client.HTTPResponse) -> Answer:
    """Read an answer to its end."""
    body = answer.read()
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


@contextmanager
def serving(url: str, data: Path, roles: Sequence[str] = ("intake",), **chosen: Any) -> Iterator[Served]:
    """Serve the role ``intake``, or those that are named, over a migrated database."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    settings = Settings(data=data, database_url=url, port=listening.getsockname()[1], **chosen)
    side = web_side(settings, url, roles)
    server = make_server(side.gate(), "127.0.0.1", 0, settings.body_seconds, side.stopping)
    with running(server, listening) as served:
        front = Served(settings, url, served.address[1])
        front.server = server
        with connect(url) as connection:
            if not networks(connection):
                add_network(
                    connection, Network(NETWORK, Text("โหวต62", "Vote62"), app.keyring(settings).make(NETWORK).jwk)
                )
        app.prepare(settings, url)
        yield front


def head(front: Front, phone: Phone, length: int, *more: str, version: str = "1.1") -> bytes:
    """The head of a request that carries reports, for a bare connection."""
    lines = [f"POST /v1/reports HTTP/{version}", "Host: localhost", f"Authorization: Bearer {phone.token}"]
    return "\r\n".join([*lines, f"Content-Length: {length}", *more, "", ""]).encode()


def answers(connection: socket.socket, count: int = 1) -> list[Answer]:
    """Read ``count`` answers from a bare connection."""
    file = connection.makefile("rb")
    found = []
    for _ in range(count):
        status = int(file.readline().split(b" ")[1])
        headers = http.client.parse_headers(file)
        body = file.read(int(headers["content-length"]))
        found.append(Answer(status, {name.lower(): value for name, value in headers.items()}, body))
    return found


def ended(connection: socket.socket) -> bool:
    """Tell whether the server closes the connection, with nothing more to say."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def unpadded(text: str) -> bytes:
    """Read base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def later(work: Callable[[], Found]) -> Callable[[], Found]:
    """Begin ``work`` in a thread; return what waits for its end."""
    found: list[Found] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()

    def wait() -> Found:
        thread.join(LONG)
        assert found, "the work did not end, or failed"
        return found[0]

    return wait


def eventually(met: Callable[[], object], seconds: float = LONG) -> bool:
    """Tell whether ``met()`` becomes true in time."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def run_id() -> str:
    """A name that no other test of this machine uses."""
    return f"{os.getpid()}_{secrets.token_hex(4)}"
