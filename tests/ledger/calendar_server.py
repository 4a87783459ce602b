"""A calendar as opentimestamps.org describes it, on a port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sapparot.ledger import opentimestamps as ots

NONCE = b"calendar's own nonce"


class CalendarServer:
    """Promises what it is handed; :meth:`confirm` puts all of it into one block."""

    def __init__(self) -> None:
        self.address = ""
        self.stamps: dict[bytes, ots.Stamp] = {}
        self.asked: list[str] = []
        self.answer: tuple[int, bytes] | None = None
        """What it says instead, whatever it is asked."""

    def promise(self, digest: bytes) -> bytes:
        steps = (ots.Operation(ots.PREPEND, NONCE), ots.Operation(ots.SHA256))
        self.stamps[steps[1](steps[0](digest))] = ots.Stamp()
        return ots.write_stamp(along(steps, ots.Stamp((ots.pending(self.address),))))

    def confirm(self, height: int) -> bytes:
        """Return the root of the transactions in block ``height``, under which everything promised now stands."""
        steps = (ots.Operation(ots.APPEND, b"the neighbours"), ots.Operation(ots.SHA256))
        roots = set()
        for message in self.stamps:
            self.stamps[message] = along(steps, ots.Stamp((ots.bitcoin(height),)))
            roots.add(steps[1](steps[0](message)))
        (root,) = roots
        return root

    def respond(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path}")
        if self.answer:
            return self.answer
        if (method, path) == ("POST", "/digest") and len(body) == 32:
            return 200, self.promise(body)
        if method == "GET" and path.startswith("/timestamp/"):
            stamp = self.stamps.get(bytes.fromhex(path.removeprefix("/timestamp/")), ots.Stamp())
            return (200, ots.write_stamp(stamp)) if stamp != ots.Stamp() else (404, b"Pending confirmation")
        return 400, b"?"


def along(steps: tuple[ots.Operation, ...], end: ots.Stamp) -> ots.Stamp:
    """The stamp that leads over ``steps`` to ``end``."""
    for step in reversed(steps):
        end = ots.Stamp(branches=((step, end),))
    return end


@contextmanager
def calendar() -> Iterator[CalendarServer]:
    """A calendar that listens."""
    server = CalendarServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = server.respond(self.command, self.path, self.rfile.read(self.length()))
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def length(self) -> int:
            return int(self.headers.get("Content-Length") or 0)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.address = f"http://127.0.0.1:{listening.server_address[1]}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            listening.shutdown()
