"""Servers of other people are asked with a bound on bytes and time, are not followed elsewhere, and secrets in addresses stay unsaid."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sapparot.base.outside import Answer, Unanswered, ask

END = b"\r\nConnection: close\r\n\r\n"


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that treats every caller in its own way."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(65536)
                    try:
                        answer(caller)
                    except OSError:
                        continue  # the caller had enough

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def sends(data: bytes) -> Callable[[socket.socket], None]:
    return lambda caller: caller.sendall(data)


def drips(caller: socket.socket) -> None:
    """Send a byte now and then, for ever."""
    caller.sendall(b"HTTP/1.1 200 OK" + END)
    while True:
        caller.sendall(b".")
        threading.Event().wait(0.05)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_every_status_is_an_answer(status: int) -> None:
    with server(sends(f"HTTP/1.1 {status} So\r\nContent-Length: 3".encode() + END + b"yes")) as address:
        assert ask(f"{address}/x", b"body", most=3, seconds=5) == Answer(status, b"yes")


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    reached = threading.Event()
    with server(lambda caller: reached.set()) as elsewhere:
        move = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/\r\nContent-Length: 0".encode() + END
        with server(sends(move)) as address:
            assert ask(address, most=10, seconds=5).status == 302
    assert not reached.is_set()


@pytest.mark.parametrize("length", [b"\r\nContent-Length: 11", b""], ids=["announced", "not-announced"])
def test_too_many_bytes_are_no_answer(length: bytes) -> None:
    with (
        server(sends(b"HTTP/1.1 200 OK" + length + END + b"x" * 11)) as address,
        pytest.raises(Unanswered, match="more than 10 bytes"),
    ):
        ask(address, most=10, seconds=5)


def test_a_server_that_sends_drop_by_drop_is_left() -> None:
    with server(drips) as address, pytest.raises(Unanswered, match="too long"):
        ask(address, most=10_000, seconds=0.5)


def waits(caller: socket.socket) -> None:
    """Say nothing for a while."""
    threading.Event().wait(1)


def test_a_server_that_says_nothing_is_left() -> None:
    with server(waits) as address, pytest.raises(Unanswered, match="timed out"):
        ask(address, most=10, seconds=0.3)


@pytest.mark.parametrize(
    "sent", [b"", b"hello\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked" + END + b"zz\r\n"]
)
def test_what_is_not_http_is_no_answer(sent: bytes) -> None:
    with server(sends(sent)) as address, pytest.raises(Unanswered, match=r"127\.0\.0\.1"):
        ask(address, most=10, seconds=5)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/hidden", "http://user:hidden@127.0.0.1:1/", "http:///hidden", "hidden",
        "http://127.0.0.1:port/hidden", "http://[::1/hidden", "http://127.0.0.1:1/hidden", "http://127.0.0.1:1/hidden path\n",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_asked_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(Unanswered) as refused:
        ask(address, most=10, seconds=5)
    assert "hidden" not in str(refused.value) and "passwd" not in str(refused.value)


def packed(body: bytes, coding: str = "gzip") -> Callable[[socket.socket], None]:
    head = f"HTTP/1.1 200 So\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}".encode()
    return sends(head + END + body)


def test_a_body_that_comes_as_gzip_is_unpacked() -> None:
    body = bytes(range(256)) * 2000
    with server(packed(gzip.compress(body))) as address:
        assert ask(address, most=len(body), seconds=5) == Answer(200, body)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (packed(gzip.compress(bytes(50_000_000))), "more than 1000000 bytes"),
        (packed(gzip.compress(bytes(1000))[:-5]), "cannot be unpacked"),
        (packed(gzip.compress(bytes(1000)) + b"more"), "cannot be unpacked"),
        (packed(b"no gzip"), "cannot be unpacked"),
        (packed(b"x", "br"), "comes as br"),
    ],
)
def test_a_packed_body_is_unpacked_within_bounds(answer: Callable[[socket.socket], None], why: str) -> None:
    with server(answer) as address, pytest.raises(Unanswered, match=why):
        ask(address, most=1_000_000, seconds=5)
