"""The log over HTTP: its files under their caching rules, receipts made from them, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from sapparot.base import outbox
from sapparot.base.asgi import AsgiApp, Message
from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, Connection, pool
from sapparot.base.doors import Door
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.ledger.api import FIND_DOOR, PROOF_DOOR, FindDoor, LogFiles, ProofDoor, ReceiptDoor
from sapparot.ledger.notes import NoteSigner
from sapparot.ledger.problems import LEAF_UNKNOWN
from sapparot.ledger.receipts import Receipt, check
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.store import append, load_tree
from sapparot.ledger.tree import leaf_hash
from sapparot.ledger.worker import Outbox, Sequencer
from tests.ledger.trees import bodies

SIGNER = NoteSigner("example.org/log", b"k" * 32)
KEY = VerifierKey.read(SIGNER.verifier_key())
CLOCK = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))
NAMED = Door("GET", "/named/", "anyone", per_minute=60)


class Said(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


async def ask(app: AsgiApp, path: str, method: str = "GET") -> Said:
    """Call an application once, without a server."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "client": ("192.0.2.1", 1)}
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Said(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.fixture
def public(tmp_path: Path, database: Connection) -> Objects:
    """A log of 300 entries with its checkpoint, and three entries that no checkpoint covers yet."""
    public = Objects.at(tmp_path)
    sequencer = Sequencer([Outbox()], SIGNER, public, CLOCK)
    sequencer.start(database)
    outbox.put(database, [("test", body) for body in bodies(300)])
    database.commit()
    sequencer.step(database)
    append(database, load_tree(database), [("test", b"late %d" % number) for number in range(3)])
    database.commit()
    return public


Get = Callable[[str], Said]


@pytest.fixture
def get(public: Objects, database_url: str) -> Iterator[Get]:
    async def named(connection: AsyncConnection, name: str) -> bytes:
        if name == "stranger":
            raise Problem(LEAF_UNKNOWN)
        return name.replace("-", " ").encode()

    async def one(path: str, method: str) -> Said:
        async with pool(database_url, 2) as database:
            doors: dict[str, AsgiApp] = {
                "/log/": LogFiles(public),
                PROOF_DOOR.path: ProofDoor(public),
                FIND_DOOR.path: FindDoor(database),
                NAMED.path: ReceiptDoor(NAMED, public, database, named),
            }
            [app] = [app for prefix, app in doors.items() if path.startswith(prefix)]
            return await ask(app, path, method)

    yield lambda path: asyncio.run(one(path.removeprefix("HEAD "), "HEAD" if path.startswith("HEAD ") else "GET"))


FOR_EVER = "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/log/checkpoint", "text/plain; charset=utf-8", "public, max-age=1"),
        ("/log/log.vkey", "text/plain; charset=utf-8", "public, max-age=1"),
        ("/log/tile/0/000", "application/octet-stream", FOR_EVER),
        ("/log/tile/0/001.p/44", "application/octet-stream", FOR_EVER),
        ("/log/tile/1/000.p/1", "application/octet-stream", FOR_EVER),
        ("/log/tile/entries/000", "application/octet-stream", FOR_EVER),
    ],
)
def test_every_file_of_the_log_is_served_as_it_stands(
    path: str, kind: str, cache: str, get: Get, public: Objects
) -> None:
    said = get(path)
    assert (said.status, said.body) == (200, public.get(path.removeprefix("/")))
    assert (said.headers["content-type"], said.headers["cache-control"]) == (kind, cache)
    assert said.headers["access-control-allow-origin"] == "*"
    assert get(f"HEAD {path}") == Said(200, said.headers, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/log/", "/log/tile/0/002", "/log/tile/0/1", "/log/tile/00/000", "/log/tile/64/000", "/log/tile/0/000.p/256",
        "/log/tile/0/000.p/0", "/log/tile/0/../../checkpoint", "/log/../v1/secret", "/log/secret", "/log/checkpoint/x",
        "/log/anchors/../checkpoint", "/log/tile/entries/x000/000", "/log/tile/0/000\n",
        f"/log/anchors/{'1' * 5000}",
    ],
)  # fmt: skip
def test_what_is_no_file_of_the_log_is_not_looked_for(path: str, get: Get, public: Objects) -> None:
    public.put("log/secret", b"secret")
    public.put("v1/secret", b"secret")
    said = get(path)
    assert (said.status, said.code, said.headers["cache-control"]) == (404, "ledger.no_such_file", "no-store")


def test_the_receipt_of_a_position_shows_its_entry(get: Get) -> None:
    said = get("/v1/proof/77")
    receipt = Receipt.parse(said.body.decode())
    assert (said.status, said.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert check(receipt, [KEY], leaf_hash(b"entry 77")).size == 300
    assert (receipt.index, receipt.extra) == (77, None)


def test_a_receipt_leads_to_the_cosigned_checkpoint_when_that_covers_the_entry(get: Get, public: Objects) -> None:
    cosigned = public.get("log/checkpoint").decode() + "\u2014 cosigner.example AAAAAAAAAAA=\n"
    public.put("log/cosigned", cosigned.encode())
    assert Receipt.parse(get("/v1/proof/0").body.decode()).checkpoint == cosigned


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/proof/300", 425, "ledger.not_covered"), ("/v1/proof/9223372036854775807", 425, "ledger.not_covered"),
        ("/v1/proof/", 400, "ledger.not_a_position"), ("/v1/proof/-1", 400, "ledger.not_a_position"),
        ("/v1/proof/01", 400, "ledger.not_a_position"), ("/v1/proof/\u0661", 400, "ledger.not_a_position"),
        ("/v1/proof/99999999999999999999", 400, "ledger.not_a_position"),
        ("/v1/find/ab", 400, "ledger.not_a_leaf_hash"), (f"/v1/find/{'AB' * 32}", 400, "ledger.not_a_leaf_hash"),
        (f"/v1/find/{'ab' * 32}", 404, "ledger.leaf_unknown"),
        ("/named/stranger", 404, "ledger.leaf_unknown"), ("/named/nowhere-yet", 425, "ledger.not_covered"),
        ("/named/late-1", 425, "ledger.not_covered"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_answered_with_its_reason(path: str, status: int, code: str, get: Get) -> None:
    said = get(path)
    assert (said.status, said.code, said.headers["cache-control"]) == (status, code, "no-store")
    assert ("retry-after" in said.headers) == (status == 425)


def test_an_entry_is_found_by_its_leaf_hash(get: Get) -> None:
    leaf = leaf_hash(b"entry 123").hex()
    assert json.loads(get(f"/v1/find/{leaf}").body) == {"index": 123, "leaf": leaf, "v": 1}


def test_the_receipt_of_a_name_brings_the_entry_with_it(get: Get) -> None:
    receipt = Receipt.parse(get("/named/entry-5").body.decode())
    assert (receipt.index, receipt.extra) == (5, b"entry 5")
    check(receipt, [KEY], leaf_hash(receipt.extra or b""))


def test_nothing_is_shown_while_there_is_no_checkpoint(tmp_path: Path) -> None:
    said = asyncio.run(ask(ProofDoor(Objects.at(tmp_path / "empty")), "/v1/proof/0"))
    assert (said.status, said.code) == (425, "ledger.not_covered")


def test_a_tile_that_is_gone_is_a_problem_and_no_wrong_receipt(public: Objects, get: Get) -> None:
    public.delete("log/tile/0/000")
    said = get("/v1/proof/77")
    assert (said.status, said.code) == (503, "ledger.unavailable")
