"""Messages leave through the published APIs of gateways, are tried again, and are given up visibly."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest

from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, connect
from sapparot.people.messages import Letter, Messenger, Sender, senders_from
from sapparot.people.messages.facts import Outcome, Waiting
from sapparot.people.messages.rules import again_at
from sapparot.people.messages.senders import SendersInvalid, deliver
from sapparot.people.messages.worker import USE
from tests.people.cast import fresh_number
from tests.people.persons_cast import NOW, Town

LETTER = Letter("+66812345678", "รหัส 123456", "U4af4980629")
MESSAGE = uuid4()
TWILIO = '{"sid":"SM1","status":"queued","to":"+66812345678"}'
TWILIO_BAD = '{"code":21211,"message":"The \'To\' number +66812345678 is not valid","status":400}'
THAIBULK = (
    '{"remaining_credit":9,"phone_number_list":[{"number":"66812345678","message_id":"1","used_credit":1}],'
    '"bad_phone_number_list":[]}'
)
THAIBULK_BAD = (
    '{"remaining_credit":9,"phone_number_list":[],"bad_phone_number_list":[{"number":"66812345678","message":"x"}]}'
)
THAIBULK_ERROR = '{"error":{"code":108,"name":"ERROR_INSUFFICIENT_CREDIT","description":"no credit"}}'


class Gateway:
    """A local server that answers as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""
        self.hold: int | None = None
        """Answer so many, and let the others wait."""


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run a gateway."""
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            while told.hold is not None and len(told.asked) > told.hold:
                time.sleep(0.02)
            status, text = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            self.send_response(status)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def far() -> Iterator[Gateway]:
    with gateway() as running:
        yield running


def sender(tmp_path: Path, name: str, url: str, kind: str = "twilio") -> Sender:
    file = tmp_path / "senders.toml"
    sms = f'[sms]\ngateway="{kind}"\naccount="AC7"\nsecret="s3cret"\nsender="Sapparot"\nurl="{url}"\n'
    file.write_text(sms + f'[line]\ntoken="t0ken"\nurl="{url}"\n')
    return senders_from(name, file)[0]


def test_twilio_is_asked_as_its_api_says(tmp_path: Path, far: Gateway) -> None:
    far.answers = [(201, TWILIO)]
    assert sender(tmp_path, "sms", far.url).send(MESSAGE, LETTER) == Outcome("sms")
    [(path, headers, body)] = far.asked
    assert path == "/2010-04-01/Accounts/AC7/Messages.json"
    assert headers["authorization"] == "Basic " + b64encode(b"AC7:s3cret").decode()
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {"To": ["+66812345678"], "From": ["Sapparot"], "Body": ["รหัส 123456"]}


def test_thaibulksms_is_asked_as_its_api_says(tmp_path: Path, far: Gateway) -> None:
    far.answers = [(201, THAIBULK)]
    assert sender(tmp_path, "sms", far.url, "thaibulksms").send(MESSAGE, LETTER) == Outcome("sms")
    [(path, headers, body)] = far.asked
    assert path == "/sms"
    assert headers["authorization"] == "Basic " + b64encode(b"AC7:s3cret").decode()
    assert parse_qs(body.decode()) == {"msisdn": ["66812345678"], "message": ["รหัส 123456"], "sender": ["Sapparot"]}


def test_line_is_asked_as_its_api_says_under_one_key_in_every_try(tmp_path: Path, far: Gateway) -> None:
    far.answers = [(500, "{}"), (409, '{"message":"The retry key is already accepted"}'), (200, "{}")]
    line = sender(tmp_path, "line", far.url)
    outcomes = [line.send(MESSAGE, LETTER) for _ in range(3)]
    assert [outcome.sender for outcome in outcomes] == [None, "line", "line"]
    assert {headers["x-line-retry-key"] for _, headers, _ in far.asked} == {str(MESSAGE)}
    path, headers, body = far.asked[0]
    assert (path, headers["authorization"]) == ("/v2/bot/message/push", "Bearer t0ken")
    assert json.loads(body) == {"to": "U4af4980629", "messages": [{"type": "text", "text": "รหัส 123456"}]}


@pytest.mark.parametrize(
    ("kind", "status", "text", "final"),
    [
        ("twilio", 400, TWILIO_BAD, True), ("twilio", 401, "{}", True), ("twilio", 429, "{}", False),
        ("twilio", 503, "<html>", False), ("twilio", 302, "", True), ("thaibulksms", 201, THAIBULK_BAD, True),
        ("thaibulksms", 400, THAIBULK_ERROR, True), ("thaibulksms", 500, "", False),
    ],
)  # fmt: skip
def test_a_refusal_says_whether_trying_again_helps_and_names_nobody(
    tmp_path: Path, far: Gateway, kind: str, status: int, text: str, final: bool
) -> None:
    far.answers = [(status, text)]
    outcome = sender(tmp_path, "sms", far.url, kind).send(MESSAGE, LETTER)
    assert (outcome.sender, outcome.final) == (None, final)
    for secret in ("812345678", "123456", "s3cret", "AC7"):
        assert secret not in str(outcome.reason)


def test_a_gateway_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    outcome = sender(tmp_path, "sms", "http://127.0.0.1:9").send(MESSAGE, LETTER)
    assert outcome.sender is None
    assert not outcome.final


def test_line_comes_first_and_sms_reaches_who_has_no_line(tmp_path: Path, far: Gateway) -> None:
    far.answers = [(500, "{}"), (201, TWILIO), (201, TWILIO)]
    sender(tmp_path, "sms", far.url)
    both = senders_from("line,sms", tmp_path / "senders.toml")
    assert deliver(both, MESSAGE, LETTER) == Outcome("sms"), "LINE was down"
    assert deliver(both, MESSAGE, Letter("+66812345678", "x")) == Outcome("sms")
    assert [path.rsplit("/", 1)[1] for path, _, _ in far.asked] == ["push", "Messages.json", "Messages.json"]


@pytest.mark.parametrize(
    "text", ["", "[sms]", "x = ", "[sms]\ngateway='carrier pigeon'\naccount=''\nsecret=''\nsender=''", "\xff"]
)
def test_a_file_that_names_no_account_is_refused_before_anybody_waits_for_a_code(tmp_path: Path, text: str) -> None:
    file = tmp_path / "senders.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SendersInvalid):
        senders_from("sms", file)


def queued(town: Town, until: timedelta = timedelta(minutes=10)) -> UUID:
    person, message = town.person(who=("x y", fresh_number())), uuid4()
    sealed = town.vault.seal(person, LETTER, USE)
    with connect(town.url) as connection:
        connection.execute(
            "INSERT INTO people.messages (id, person, sealed, made_at, until, next_at) VALUES (%s, %s, %s, %s, %s, %s)",
            (message, person, sealed, NOW, NOW + until, NOW),
        )
    return message


def row(connection: Connection, message: UUID) -> tuple[Any, ...]:
    found = connection.execute(
        "SELECT tries, sender, failed_at IS NOT NULL, reason, sealed IS NULL FROM people.messages WHERE id = %s",
        (message,),
    ).fetchone()
    assert found
    return found


def test_a_message_is_tried_again_with_growing_pauses_until_it_is_taken(
    town: Town, tmp_path: Path, far: Gateway
) -> None:
    far.answers = [(503, "{}"), (503, "{}"), (201, TWILIO)]
    message = queued(town)
    messenger = Messenger(town.vault, [sender(tmp_path, "sms", far.url)], town.clock)
    with connect(town.url) as connection:
        assert messenger.step(connection) == 1
        assert messenger.step(connection) == 0, "not at once"
        town.clock.moment = NOW + timedelta(seconds=5)
        assert messenger.step(connection) == 1
        town.clock.moment = NOW + timedelta(seconds=19)
        assert messenger.step(connection) == 0
        town.clock.moment = NOW + timedelta(seconds=20)
        assert messenger.step(connection) == 1
        assert row(connection, message) == (3, "sms", False, None, True), "and what it said is gone"


def test_a_message_that_nobody_takes_becomes_a_dead_letter_with_its_reason(
    town: Town, tmp_path: Path, far: Gateway
) -> None:
    far.answers = [(400, TWILIO_BAD)]
    message = queued(town)
    with connect(town.url) as connection:
        Messenger(town.vault, [sender(tmp_path, "sms", far.url)], town.clock).step(connection)
        assert row(connection, message) == (1, None, True, "sms answered 400 (code 21211)", True)


def test_a_code_that_is_over_is_not_sent_any_more(town: Town, tmp_path: Path, far: Gateway) -> None:
    message = queued(town, timedelta(0))
    with connect(town.url) as connection:
        Messenger(town.vault, [sender(tmp_path, "sms", far.url)], town.clock).step(connection)
        assert row(connection, message)[2:4] == (True, "it was too late to be of use")
    assert far.asked == []


def test_a_messenger_that_died_in_the_middle_costs_a_minute_and_loses_nothing(
    town: Town, tmp_path: Path, far: Gateway
) -> None:
    far.answers = [(201, TWILIO)]
    message = queued(town)
    with connect(town.url) as connection:
        connection.execute(
            "UPDATE people.messages SET next_at = %s", (NOW + timedelta(seconds=60),)
        )  # as after taking it
        messenger = Messenger(town.vault, [sender(tmp_path, "sms", far.url)], town.clock)
        assert messenger.step(connection) == 0
        town.clock.moment = NOW + timedelta(seconds=61)
        assert messenger.step(connection) == 1
        assert row(connection, message)[1] == "sms"


def test_messages_and_codes_are_gone_after_a_day(town: Town) -> None:
    queued(town)
    clock = FixedClock(NOW + timedelta(days=1, seconds=1))
    with connect(town.url) as connection:
        Messenger(town.vault, [], clock).step(connection)
        assert connection.execute("SELECT count(*) FROM people.messages").fetchone() == (0,)


def test_pauses_grow_and_end_with_the_sixth_try() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    pauses = []
    for tries in range(7):
        message = Waiting(MESSAGE, MESSAGE, b"", tries, now + timedelta(days=1))
        then = again_at(message, Outcome(reason="x"), now)
        pauses.append(then and (then - now).total_seconds())
    assert pauses == [5, 15, 45, 135, 405, None, None]
