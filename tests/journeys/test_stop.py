"""The program loses its database and gets it back; asked to stop, it answers who is still speaking and leaves everything in order."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.kill import Program, directory, free_port
from sapparot import app, ledger
from sapparot.base.database import connect
from sapparot.base.embedded import Embedded
from sapparot.base.lodging import find_lodging
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.ledger.notes import open_checkpoint
from sapparot.people import Network, add_network
from tests.databases import reached
from tests.intake.phones import NETWORK, Front, Phone, answers, ended, eventually, head

pytestmark = pytest.mark.slow


@pytest.fixture
def program() -> Iterator[Program]:
    """A running program with its own database."""
    with directory() as data:
        running = Program(data, free_port())
        running.start()
        yield running
        running.kill("both")


@pytest.fixture
def front(program: Program) -> Front:
    """Its doors, with a network that invites."""
    settings = Settings(data=program.data)
    with connect(program.url) as connection:
        add_network(connection, Network(NETWORK, Text("โหวต62", "Vote62"), app.keyring(settings).make(NETWORK).jwk))
    return Front(settings, program.url, program.port)


def stored(url: str) -> int:
    with connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM intake.received").fetchone()
    return int(row[0]) if row else 0


def state_of(data: Path) -> str:
    """What PostgreSQL itself says about its cluster."""
    lodging = find_lodging(data / "postgres")
    command = [str(lodging.binaries() / "pg_controldata"), str(lodging.home / "cluster")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C"}).stdout
    return next(
        line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("Database cluster state")
    )


def test_a_database_that_is_killed_comes_back_under_the_running_program(program: Program, front: Front) -> None:
    phone = front.phone()
    program.kill("database")
    report = phone.report()
    answer = front.post(phone, report)
    while answer.status == 503:
        assert answer.headers["retry-after"] == "2"
        answer = front.post(phone, report)
    assert answer.outcomes in (["accepted"], ["duplicate"])
    # Perhaps by a backend that outlived its server for a moment.
    assert eventually(lambda: reached(program.url))
    assert eventually(lambda: front.call("GET", "/readyz").status == 200)
    other, invite = Phone(), front.invite()
    while (answer := front.enrol(other, invite)).status == 503:  # what was said to be ready may be a second old
        assert "retry-after" in answer.headers
    assert other.token
    assert eventually(lambda: report in front.logged(), 30)


def test_asked_to_stop_it_answers_who_is_still_speaking_and_closes_the_database_in_order(
    program: Program, front: Front
) -> None:
    phones = [front.phone() for _ in range(4)]
    reports = [phone.report() for phone in phones]
    speaking = [front.socket() for _ in phones]
    for connection, phone, report in zip(speaking, phones, reports, strict=True):
        connection.sendall(head(front, phone, len(report), "Expect: 100-continue"))
        assert connection.recv(99) == b"HTTP/1.1 100 Continue\r\n\r\n", "it listens to this one"
        connection.sendall(report[:100])
    idle = http.client.HTTPConnection("127.0.0.1", program.port, timeout=20)
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    program.ask_to_stop()
    assert eventually(lambda: _refused(program.port))
    assert idle.sock is not None
    assert ended(idle.sock)
    for connection, report in zip(speaking, reports, strict=True):
        connection.sendall(report[100:])
    for connection in speaking:
        [answer] = answers(connection)
        assert answer.outcomes == ["accepted"]
        assert answer.headers["connection"] == "close"
    assert program.stop() == 0
    assert state_of(program.data) == "shut down"
    with Embedded(program.data) as again:
        assert stored(again.url) == len(reports)


def test_asked_to_stop_it_leaves_every_entry_of_the_log_under_its_checkpoint(program: Program, front: Front) -> None:
    phone = front.phone()
    reports = [phone.report() for _ in range(5)]
    for report in reports:
        assert front.post(phone, report).outcomes == ["accepted"]
    assert program.stop() == 0
    with Embedded(program.data) as again, connect(again.url) as connection:
        stored = ledger.head(connection)
    assert stored.size >= len(reports)
    key = app.note_signer(Settings(data=program.data)).verifier_key()
    assert open_checkpoint((program.data / "public/log/checkpoint").read_text(), key) == stored
    assert program.command("verify").returncode == 0


def test_asked_to_stop_it_does_not_wait_for_a_page_that_listens_for_ever(program: Program) -> None:
    listener = http.client.HTTPConnection("127.0.0.1", program.port, timeout=20)
    listener.request("GET", "/v1/events")
    assert listener.getresponse().status == 200
    began = time.monotonic()
    assert program.stop() == 0
    assert time.monotonic() - began < 15


def _refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
