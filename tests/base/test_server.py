"""The server's patience ends, and a stop is a stop."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psutil
import pytest
import uvicorn
import uvloop
from uvicorn.server import ServerState

from sapparot.base import server as base_server
from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond
from sapparot.base.gate import Gate
from sapparot.base.server import Server, make_server
from tests.intake.phones import answers, ended, eventually
from tests.serving import LONG
from tests.serving import serving as running

LARGE = b"x" * 20_000_000


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, 200, LARGE)


async def early(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers before the body is there."""
    await respond(send, 200, b"early")


async def late(scope: Scope, receive: Receive, send: Send) -> None:
    """Works for a while before it listens to the body."""
    await asyncio.sleep(2.5)
    size = 0
    while (message := await receive()).get("more_body"):
        size += len(message["body"])
    await respond(send, 200, b"%d" % (size + len(message["body"])))


@contextmanager
def serving(app: AsgiApp, body_seconds: float = 20.0) -> Iterator[tuple[tuple[str, int], Server]]:
    """Serve everything below ``/`` with one application."""
    gate = Gate({}, {("GET", "/"): app, ("POST", "/"): app})
    server = make_server(gate, "127.0.0.1", 0, body_seconds)
    with running(server) as served:
        try:
            yield served.address, server
        finally:
            server.force_exit = True


def test_a_caller_that_does_not_read_its_answer_is_cut_and_one_that_reads_slowly_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base_server, "DEAF_SECONDS", 3)
    with serving(large) as (address, server), socket.create_connection(address) as deaf:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.connect(address)
        slow.settimeout(LONG)
        for connection in (deaf, slow):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert eventually(lambda: len(server.server_state.connections) == 2)
        read = 0
        while len(server.server_state.connections) == 2:
            read += len(slow.recv(5_000))
            assert read < len(LARGE), "the deaf one was not cut"
            threading.Event().wait(0.01)
        while read < len(LARGE):
            piece = slow.recv(1_000_000)
            assert piece, "the slow one was cut"
            read += len(piece)
        slow.close()


def test_a_body_that_nobody_wants_any_more_is_read_away_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_server, "WASTED_BYTES", 500_000)
    with serving(early) as (address, _):
        with socket.create_connection(address, timeout=LONG) as modest:
            modest.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n")
            assert answers(modest)[0].body == b"early"
            modest.sendall(b"x" * 300_000 + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answers(modest)[0].body == b"early", "the connection goes on after the body"
        with socket.create_connection(address, timeout=LONG) as wasteful, pytest.raises(OSError):
            wasteful.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n")
            while True:
                wasteful.sendall(b"x" * 100_000)


def test_who_is_not_told_to_send_a_body_is_cut_so_that_nothing_is_mistaken_for_it() -> None:
    with serving(early) as (address, _), socket.create_connection(address, timeout=LONG) as asking:
        asking.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\nExpect: 100-continue\r\n\r\n")
        assert answers(asking)[0].body == b"early"
        assert ended(asking)


def test_a_caller_is_not_late_while_it_is_we_who_do_not_listen() -> None:
    size = 1_000_000
    with serving(late, body_seconds=1.0) as (address, _), socket.create_connection(address, timeout=LONG) as patient:
        patient.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
        assert answers(patient)[0].body == b"%d" % size


def test_a_connection_on_which_nobody_asks_is_closed_without_a_word_that_could_be_taken_for_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base_server, "HEAD_SECONDS", 0.5)
    with serving(late) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        assert caller.recv(99) == b""


def test_a_slow_head_does_not_take_the_answer_to_the_request_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_server, "HEAD_SECONDS", 0.5)
    with serving(late) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
        first, second = answers(caller, 2)
        assert (first.status, second.status) == (200, 408)
        assert ended(caller)


NOT_HTTP = {
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00",
    "no method": b"GRAB / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no address": b"GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "no chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n",
}
LONG_HEAD = b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 300_000


async def listening(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers when the body is there; a caller who has gone gets none."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await respond(send, 200, b"heard")


@pytest.mark.parametrize("words", NOT_HTTP.values(), ids=NOT_HTTP)
@pytest.mark.parametrize("before", [0, 1])
def test_what_is_not_http_is_told_so_as_a_problem(words: bytes, before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_server, "PARTING_SECONDS", 1.0)
    with serving(listening) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        if before:
            caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answers(caller)[0].body == b"heard"
        caller.sendall(words)
        [answer] = answers(caller)
        assert (answer.status, answer.problem["code"]) == (400, "base.bad_request")
        assert answer.headers["connection"] == "close"
        caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert ended(caller), "nothing that follows is taken for a request"


@pytest.mark.parametrize(("words", "status"), [(NOT_HTTP["no method"], 400), (LONG_HEAD, 431)])
def test_who_is_refused_hears_the_answer_to_the_request_before_it_first(words: bytes, status: int) -> None:
    with serving(late) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + words)
        first, second = answers(caller, 2)
        assert (first.status, second.status) == (200, status)
        assert ended(caller)


def test_a_head_without_end_is_refused_in_words_that_arrive() -> None:
    with serving(early) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(2000):
            caller.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
        [answer] = answers(caller)
        assert (answer.status, answer.problem["code"], answer.problem["limit"]) == (431, "base.head_too_large", 32768)
        assert ended(caller)


@pytest.mark.parametrize("size", [32_767, 32_768, 32_769, 60_000])
@pytest.mark.parametrize("reads", [1, 7])
def test_the_largest_head_is_the_same_however_it_arrives(size: int, reads: int) -> None:
    line = b"GET / HTTP/1.1\r\nHost: x\r\nX: "
    head = line + b"x" * (size - len(line) - 4) + b"\r\n\r\n"
    before = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    with serving(listening) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        piece = -(-len(head) // reads)
        caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        caller.sendall(before)
        for start in range(0, len(head), piece):
            caller.sendall(head[start : start + piece])
        assert [answer.status for answer in answers(caller, 2)] == [200, 200 if size <= 32_768 else 431]


@pytest.mark.parametrize(
    "endless", [b"0\r\nX: " + b"x" * 990_000, b"5;" + b"x" * 990_000, b"0\r\n" + b"X: y\r\n" * 160_000]
)
def test_what_is_not_body_is_bounded_behind_the_head_too(endless: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    with serving(listening) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        caller.sendall(head)
        caller.sendall(endless)
        assert answers(caller)[0].status == 431


def test_fields_behind_a_body_are_not_taken_for_fields_of_the_head() -> None:
    heard: list[Scope] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        await listening(scope, receive, send)
        heard.append(scope)

    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    with serving(noting) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        caller.sendall(head + b"0\r\nAuthorization: Bearer x\r\n\r\n")
        assert answers(caller)[0].body == b"heard"
        assert eventually(lambda: len(heard) == 1)
    assert [name for name, _ in heard[0]["headers"]] == [b"host", b"transfer-encoding"]


def test_a_broken_body_after_its_answer_ends_without_a_word_that_could_be_taken_for_another_answer() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(early) as (address, _), socket.create_connection(address, timeout=LONG) as caller:
        caller.sendall(head)
        assert answers(caller)[0].body == b"early"
        caller.sendall(b"x\r\n")
        assert ended(caller)


class Wire(asyncio.Transport):
    """Notes what is sent at once."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.sent.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.sent[-1:] == [b"closed"]

    def close(self) -> None:
        self.sent.append(b"closed")


def test_head_and_body_leave_at_once_much_leaves_early_and_nothing_is_left_behind_at_the_end() -> None:
    wire, much = Wire(), b"x" * (base_server.GATHERED_BYTES + 1)

    async def answer() -> None:
        gathering = base_server.Gathering(wire, asyncio.get_running_loop())
        gathering.write(b"head")
        gathering.write(b"body")
        assert not wire.sent
        await asyncio.sleep(0)
        assert wire.sent == [b"headbody"]
        gathering.write(much)
        assert wire.sent[1:] == [much], "whoever sends much feels at once that nobody reads it"
        gathering.write(b"last")
        gathering.close()
        gathering.write(b"too late")
        await asyncio.sleep(0)
        assert wire.sent[2:] == [b"last", b"closed"]

    asyncio.run(answer())


def test_who_stops_speaking_in_the_turn_of_the_answer_still_reads_it() -> None:
    class Hasty(base_server.Patient):
        """Answers a turn later, as an application does, and finds in that turn that the caller stopped speaking."""

        def data_received(self, data: bytes) -> None:
            self.loop.call_soon(self.answer)

        def answer(self) -> None:
            self.transport.write(b"head")
            self.transport.write(b"body")
            here.shutdown(socket.SHUT_WR)

    async def ask() -> bytes:
        loop = asyncio.get_running_loop()
        config = uvicorn.Config(Gate({}, {}), log_config=None)
        await loop.create_connection(lambda: Hasty(config, ServerState(), {}, loop), sock=there)
        await loop.sock_sendall(here, b"?")
        return await loop.sock_recv(here, 99)

    here, there = socket.socketpair()
    for side in (here, there):
        side.setblocking(False)
    with here, there:
        assert uvloop.run(ask()) == b"headbody"


def test_the_process_may_open_as_many_files_as_the_machine_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    make_server(Gate({}, {}), "127.0.0.1", 0)
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert now >= min(hard if hard != resource.RLIM_INFINITY else 10**9, base_server.CONNECTIONS)
    assert now >= soft


PROGRAM = """
import sys
from sapparot.base.gate import Gate
from sapparot.base.server import make_server
make_server(Gate({}, {}), "127.0.0.1", 0).run()
print("afterwards", flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_after_a_signal_the_program_goes_on_to_stop_the_rest_in_order(sign: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert eventually(lambda: _listens(process.pid))
    process.send_signal(sign)
    said, _ = process.communicate(timeout=30)
    assert (said, process.returncode) == ("afterwards\n", 0)


def _listens(pid: int) -> bool:
    return any(one.status == psutil.CONN_LISTEN for one in psutil.Process(pid).net_connections())
