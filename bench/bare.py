"""The floor of an evening: what nobody could do without for the same reports, written as plainly as the same libraries allow.

Each report is signed once, sent through HTTP to bare uvicorn in a body with those that left together, decoded, checked once, hashed once
as a leaf, copied once into one table of a durable PostgreSQL before the answer, and written once into a bundle of entries. Once, because
whoever has checked a signature may say so to its own other parts; auditors check again on machines of their own. There are no devices,
rules, sums, snapshots, pages, receipts, or places in an order that a second process could rely on.

`python -m bench.bare evening FILE FOLDER` lives through what bench/nation.py recorded of a demo, which runs and measures it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import urllib.request
from hashlib import sha256
from pathlib import Path

import msgspec
import psycopg
import uvloop

from bench import rawload
from sapparot.base.asgi import Receive, Scope, Send
from sapparot.base.clock import monotonic
from sapparot.base.database import AsyncConnection, connect
from sapparot.base.embedded import Embedded
from sapparot.base.groupcommit import GroupCommit
from sapparot.base.jws import Algorithm, SigningKey, parse
from sapparot.base.server import make_server

CONNECTIONS = 256
WIDTH = 256
"""Entries of a bundle."""
START_SECONDS = 120.0
REPORT_TYPE = "sapparot-report+jwt"
ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "EdDSA")
KEYS: dict[str, SigningKey] = {name: SigningKey.from_secret(name, b"f" * 32) for name in ALGORITHMS}
_decoder = msgspec.json.Decoder()
_recording = msgspec.msgpack.Decoder(list[list[tuple[str, bytes]]])


class Bare:
    """The server: an ASGI application that keeps what is signed."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._connection: AsyncConnection
        self._keys = {name: key.public() for name, key in KEYS.items()}
        self._commits: GroupCommit[tuple[bytes, bytes], bool] = GroupCommit(
            self._flush, max_waiting=10**6, max_batch=1000
        )
        self._position = 0
        self._bundle: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        rows = [self._row(line) for line in body.split(b"\n") if line]
        if rows:
            await self._commits.submit(rows)
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    def _row(self, line: bytes) -> tuple[bytes, bytes]:
        jws = parse(line)
        _decoder.decode(jws.payload)
        if not self._keys[jws.header.alg].verify(jws):
            raise ValueError("not signed")
        return line, sha256(b"\x00" + line).digest()

    async def _flush(self, rows: list[tuple[bytes, bytes]]) -> list[bool]:
        statement = "COPY entries (position, body, leaf_hash) FROM STDIN (FORMAT BINARY)"
        async with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(["int8", "bytea", "bytea"])
            for number, row in enumerate(rows, self._position):
                await copy.write_row((number, *row))
        self._position += len(rows)
        self._bundle += [line for line, _ in rows]
        while len(self._bundle) >= WIDTH:
            whole, self._bundle = self._bundle[:WIDTH], self._bundle[WIDTH:]
            data = b"".join(part for line in whole for part in (len(line).to_bytes(2, "big"), line))
            (self._folder / f"{self._position - len(self._bundle)}.bundle").write_bytes(data)
        return [True] * len(rows)


class _Requests:
    """Bodies that are signed when their turn comes."""

    def __init__(self, bodies: list[list[tuple[str, bytes]]]) -> None:
        self._bodies = iter(bodies)

    def __iter__(self) -> _Requests:
        return self

    def __next__(self) -> bytes:
        lines = [KEYS[algorithm].sign(payload, REPORT_TYPE).encode() for algorithm, payload in next(self._bodies)]
        return rawload.post("/v1/reports", b"\n".join(lines), "t" * 100)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"no server answers on port {port}")


def evening(file: Path, folder: Path, port: int) -> None:
    """Start a database and the server, and send everything."""
    bodies = _recording.decode(file.read_bytes())
    with Embedded(folder) as database:
        with connect(database.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE entries (position bigint PRIMARY KEY, body bytea, leaf_hash bytea)")
            connection.execute("ALTER TABLE entries ALTER COLUMN body SET STORAGE EXTERNAL")
        command = [sys.executable, "-m", "bench.bare", "serve", database.url, str(folder), "--port", str(port)]
        server = subprocess.Popen(command)
        try:
            _wait(port, server)
            _, statuses = uvloop.run(rawload.run(port, _Requests(bodies), CONNECTIONS))
        finally:
            server.terminate()
            server.wait()
        with connect(database.url) as connection:
            row = connection.execute("SELECT count(*) FROM entries").fetchone()
    if set(statuses) != {b"202"} or row is None or row[0] != sum(map(len, bodies)):
        raise SystemExit(f"the floor gave way: {statuses}, {row}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("evening", "serve"))
    parser.add_argument("source", help="evening: a recording; serve: the URL of the database")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=8312)
    chosen = parser.parse_args()
    if chosen.what == "serve":
        make_server(Bare(chosen.source, chosen.folder), "127.0.0.1", chosen.port).run()
    else:
        evening(Path(chosen.source), chosen.folder, chosen.port)


if __name__ == "__main__":
    main()
