"""An office that takes text messages about the small election."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sapparot.base.database import Connection
from tests.texting.office import GATEWAYS, Line, Office
from tests.verify.cast import small


@pytest.fixture
def office(database_url: str, database: Connection, tmp_path: Path) -> Iterator[Office]:
    with Office(database_url, database, tmp_path, small()).open() as opened:
        yield opened


@pytest.fixture
def line(office: Office) -> Iterator[Line]:
    """LINE's server, as the gateway of the office calls it."""
    kept = Line()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/v2/bot/message/reply"
            assert self.headers["authorization"] == "Bearer line-token"
            if kept.status == 200:
                kept.told.append((body["replyToken"], body["messages"][0]["text"]))
            self.send_response(kept.status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    office.gateways["chat"] = kept.replace(GATEWAYS["chat"])
    yield kept
    server.shutdown()
    thread.join()
