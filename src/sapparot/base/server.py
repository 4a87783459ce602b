"""The HTTP server: uvicorn with uvloop and httptools, and patience that ends.

uvicorn waits for ever for the head of a request; a phone that stalls, or an attacker who sends a byte a minute, would hold a connection
each. Here heads get a time and a size, bodies a pace, and answers a caller that reads them; how large a body may be is the door's affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import resource
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sapparot.base import canonical
from sapparot.base.asgi import RETRY_SECONDS, AsgiApp
from sapparot.base.problems import BAD_REQUEST, BUSY, CANNOT_LISTEN, HEAD_TOO_LARGE, TOO_SLOW, CannotGoOn, Problem

HEAD_SECONDS = 10.0
HEAD_BYTES = 32 * 1024
"""Of a request without its body; as many may stand between two pieces of a body, or behind the last."""
LINE_BYTES = len("  HTTP/1.1\r\n\r\n")
"""Of a head without method, address and fields."""
FIELD_BYTES = len(": \r\n")
BODY_BYTES_PER_SECOND = 4096
"""The slowest body we wait for: a photograph over one bar of signal."""
KEEP_ALIVE_SECONDS = 75
AHEAD = 100
"""Requests that one connection may send ahead of their answers."""
WASTED_BYTES = 32 * 1024 * 1024
"""Bytes that we read after the answer to them: who is still sending would not hear a refusal from a connection that is cut."""
PARTING_SECONDS = 5.0
"""How long we read on after saying why a connection ends."""
GATHERED_BYTES = 64 * 1024
"""Bytes of answers that wait for the end of a turn of the loop."""
DEAF_SECONDS = 30
"""How long a caller may leave its answer unread."""
DRAIN_SECONDS = 30
CONNECTIONS = 20_000
"""Connections of one process; some tens of kB each."""
SPARE_FILES = 256
"""Open files that are not connections of callers."""


_OFFER = re.compile(rb"^upgrade:", re.IGNORECASE | re.MULTILINE)


def _refusal(status: bytes, problem: Problem) -> bytes:
    body = canonical.encode(problem.body())
    again = b"retry-after: %b\r\n" % RETRY_SECONDS if problem.kind.status in (408, 503) else b""
    head = b"HTTP/1.1 %b\r\nconnection: close\r\n%bcontent-type: application/problem+json\r\n"
    return head % (status, again) + b"content-length: %d\r\n\r\n%b" % (len(body), body)


_LATE = _refusal(b"408 Request Timeout", Problem(TOO_SLOW))
_CROWDED = _refusal(b"503 Service Unavailable", Problem(BUSY))
_BROKEN = _refusal(b"400 Bad Request", Problem(BAD_REQUEST))
_LONG = _refusal(b"431 Request Header Fields Too Large", Problem(HEAD_TOO_LARGE, limit=HEAD_BYTES))


class CannotListen(CannotGoOn, RuntimeError, kind=CANNOT_LISTEN):
    """Somebody else listens at the address and port, or this machine has no such address."""


class Gathering:
    """A transport that sends what is written in one turn of the loop at once.

    uvicorn writes head and body of an answer one after the other, and uvloop sends each of them: two packets, which wake who reads twice.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []
        self._size = 0
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        """Whatever does not write is the transport's own affair."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send ``data`` with what else is written now; much of it at once, so that its weight is felt."""
        if not self._written:
            self._loop.call_soon(self.flush)
        self._written.append(data)
        self._size += len(data)
        if self._size > GATHERED_BYTES:
            self.flush()

    def close(self) -> None:
        """Close after what was written."""
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        """Send what was written."""
        written, self._written, self._size = self._written, [], 0
        if written and not self._transport.is_closing():
            self._transport.writelines(written)


class Patient(HttpToolsProtocol):
    """A connection that knows until when the message on its way must be complete."""

    body_seconds = 20.0
    most = CONNECTIONS
    _due: float | None = None
    _head_bytes = 0
    _in_head = True
    _expected = True
    _wasted = 0
    _parting = b""
    _unsent = 0
    _read_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first head, unless there are too many connections already."""
        self._gathering = Gathering(transport, self.loop)
        super().connection_made(self._gathering)  # type: ignore[arg-type]
        self._read_at = self.loop.time()
        self._due = self._read_at + HEAD_SECONDS
        if len(self.connections) > self.most:
            self.transport.write(_CROWDED)
            self.transport.close()

    def eof_received(self) -> None:
        """Send what was written in this turn before the connection closes itself: who asks may stop speaking and still read."""
        self._gathering.flush()

    def data_received(self, data: bytes) -> None:
        """Count what is neither a whole head nor body; nothing is read as HTTP after what could not be."""
        if self._parting:
            self._waste(len(data))
            return
        self._head_bytes += len(data)
        super().data_received(_without_offer(data) if self._in_head or self._due is None else data)
        if self._due is not None and self._head_bytes > HEAD_BYTES:
            self._part(_LONG)

    def send_400_response(self, msg: str) -> None:
        """Say that what came is not HTTP."""
        self._part(_BROKEN)

    def _part(self, words: bytes) -> None:
        """End with these words, once the requests before are answered; without any when they could be taken for a part of an answer."""
        if self._parting:
            return
        self._parting, self._due = words, None
        if self._in_head:
            self._say_parting()
        elif self.cycle.response_started or self.pipeline:
            self.transport.close()
        else:
            self.cycle.disconnected = True  # nobody waits for the rest of this body, nor for its answer
            self.cycle.message_event.set()
            self._say_parting()

    def _say_parting(self) -> None:
        if self.cycle is None or self.cycle.response_complete or self.cycle.disconnected:
            self.transport.write(self._parting)
            self.flow.resume_reading()
            self._due = self.loop.time() + PARTING_SECONDS

    def _waste(self, size: int) -> None:
        self._wasted += size
        if self._wasted > WASTED_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._due = self.loop.time() + HEAD_SECONDS

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head is there; what stands behind a body in pieces, as in a head, is for nobody here."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there; the body gets its time."""
        fields = sum(len(name) + len(value) + FIELD_BYTES for name, value in self.headers)
        if len(self.parser.get_method()) + len(self.url) + fields + LINE_BYTES > HEAD_BYTES:
            self._part(_LONG)
            raise ValueError("the parser reads no further")
        super().on_headers_complete()
        self._in_head = False
        self._head_bytes = 0
        self._due = self.loop.time() + self.body_seconds
        self._wasted = 0
        self._expected = not self.expect_100_continue
        if len(self.pipeline) > AHEAD:
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        """A piece of the body is there; it earns the time for the next one, or is thrown away when the answer is given already."""
        if self._due is not None:
            self._due += len(body) / BODY_BYTES_PER_SECOND
        self._expected, self._head_bytes = True, 0
        if self.cycle.response_complete:
            self._waste(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is there; what happens now is our own affair."""
        self._due = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is given; who asked whether to send a body and is not told to may send something else next, so it is cut off."""
        super().on_response_complete()
        if self._parting:
            self._say_parting()
        elif self._due is not None and not self._expected and self.cycle.response_complete:
            self.transport.close()

    def close_if_late(self, now: float) -> None:
        """Tell a caller whose message is overdue, and close; called once a second."""
        if self._due is None or now <= self._due or self.transport.is_closing():
            return
        if self._parting:
            self.transport.close()
        elif self.flow.read_paused:  # it is we who do not listen
            self._due = now + self.body_seconds
        elif self._in_head and not self._head_bytes and self.cycle is None:
            self.transport.close()  # nobody asked anything: words now could be taken for the answer to what is just on its way
        elif self._in_head:
            self._give_up(answering=self.cycle is not None and not self.cycle.response_complete)
        elif self.cycle.response_started:
            self.transport.close()
        else:
            self._give_up(answering=False)

    def _give_up(self, *, answering: bool) -> None:
        if not answering:  # else the caller still waits for the answer to an earlier request
            self.transport.write(_LATE)
            self.transport.close()

    def close_if_deaf(self, now: float) -> None:
        """Cut a caller that does not read its answer; called once a second."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._read_at = now
        elif now - self._read_at > DEAF_SECONDS:
            self.transport.abort()
        self._unsent = unsent


def _without_offer(data: bytes) -> bytes:
    """Hide an offer to speak another protocol: the parser would take the body that follows for words in that protocol.

    Java's HttpClient and ``curl --http2`` make such an offer with every plain request, and go on in HTTP/1.1 when nobody accepts.
    """
    end = data.find(b"\r\n\r\n")
    head = data if end < 0 else data[:end]
    return _OFFER.sub(b"x-offer:", head) + data[len(head) :] if b"upgrade" in head.lower() else data


class Server(uvicorn.Server):
    """uvicorn that looks once a second for late callers, ends streams before it waits for the last answers, and returns when it is done."""

    stopping: Sequence[Callable[[], Awaitable[None]]] = ()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Run what ends streams, then wait for the requests in flight."""
        for end in self.stopping:
            await end()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT, then return: uvicorn would end the process, before workers and database stop in order."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sign: signal.signal(sign, self.handle_exit) for sign in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)

    async def on_tick(self, counter: int) -> bool:
        """Close late and deaf connections; called ten times a second."""
        if counter % 10 == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Patient):
                    connection.close_if_late(now)
                    connection.close_if_deaf(now)
        return await super().on_tick(counter)


def make_server(
    app: AsgiApp,
    host: str,
    port: int,
    body_seconds: float = 20.0,
    stopping: Sequence[Callable[[], Awaitable[None]]] = (),
) -> Server:
    """Return a server for ``app``; SIGTERM and SIGINT stop it after the requests in flight are answered.

    Raises :class:`CannotListen`.
    """
    refuse_taken(host, port)
    most = min(CONNECTIONS, _allow_open_files(CONNECTIONS + SPARE_FILES) - SPARE_FILES)
    protocol = type("PatientProtocol", (Patient,), {"body_seconds": body_seconds, "most": most})
    options: dict[str, Any] = {
        "loop": "uvloop",
        "http": protocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
        "backlog": 2048,
    }
    server = Server(uvicorn.Config(app, host=host, port=port, **options))
    server.stopping = stopping
    return server


def refuse_taken(host: str, port: int, named: str = "--port") -> None:
    """Raise :class:`CannotListen` when nobody can listen here, or somebody does: phones would report to a stranger.

    ``named``: where another port is named.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(place)
    except OSError as error:
        raise CannotListen(
            f"เปิดรอรับที่ {host} พอร์ต {port} ไม่ได้ ({error.strerror}) ถ้ามีโปรแกรมอื่นใช้อยู่ ให้เลือกพอร์ตอื่นด้วย {named}",
            f"nobody can listen on port {port} of {host} ({error.strerror}); where it is taken, name another with {named}",
        ) from error


def _allow_open_files(wanted: int) -> int:
    """Let this process open up to ``wanted`` files, and return how many it may: the usual 1,024 would be the night's first wall."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft
