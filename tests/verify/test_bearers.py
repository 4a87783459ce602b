"""Where the log speaks of a key: recorded with the cursor, found by thumbprint, silent about everything else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sapparot.base import canonical
from sapparot.base.database import Connection, pool
from sapparot.base.jws import SigningKey
from sapparot.verify import api
from sapparot.verify.api import KeyEntries
from sapparot.verify.bearers import bearers
from sapparot.verify.worker import Verifier
from tests.verify.cast import STATION, Evening, kid
from tests.verify.test_worker import logged


def test_every_key_of_an_evening_is_found_where_the_log_speaks_of_it(database: Connection) -> None:
    evening = Evening()
    evening.put("duties", {"election": "small", "duties": {kid("somchai"): [STATION], kid("malee"): [], "none": []}})
    evening.report("somchai")
    logged(database, evening)
    verifier = Verifier()
    verifier.start(database)
    verifier.step(database)
    rows = database.execute(
        'SELECT kid, position, kind FROM verify.bearers ORDER BY position, kid COLLATE "C"'
    ).fetchall()
    wanted = [(named, at, kind) for at, kind, body in evening.entries for named in bearers(kind, body)]
    assert rows == sorted(wanted, key=lambda row: (row[1], row[0]))
    assert {kind for _, _, kind in rows} >= {"network", "enrolment", "duties"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("report", b'{"jws":"a.b.c"}'),
        ("enrolment", b"{"),
        ("enrolment", b'{"jws":"a.b.c"}'),
        ("network", b'{"key":{}}'),
        ("network", b'{"key":{"kty":"EC"}}'),
        ("promise_key", b"\xff"),
        ("duties", b'{"election":"small","duties":[]}'),
        ("duties", b'{"election":"small","duties":{"somebody":[]}}'),
    ],
)
def test_an_entry_that_names_no_key_is_passed_over(kind: str, body: bytes) -> None:
    assert bearers(kind, body) == []


def test_a_thumbprint_that_is_none_is_not_recorded() -> None:
    key = SigningKey.from_secret("EdDSA", bytes(32))
    for name in ("", "\x00" * 43, "x" * 44):
        jws = key.sign(canonical.encode({"kid": name}), "sapparot-enrolment+jwt")
        assert bearers("enrolment", canonical.encode({"jws": jws})) == []


async def _asked(url: str, paths: list[str]) -> list[tuple[int, Any]]:
    answers: list[tuple[int, Any]] = []
    async with pool(url, 1) as database:
        door = KeyEntries(database)
        for path in paths:
            sent: list[Any] = []

            async def send(message: Any, sent: list[Any] = sent) -> None:
                sent.append(message)

            async def receive() -> Any:
                return {"type": "http.request"}

            await door(
                {"type": "http", "method": "GET", "path": path, "headers": [], "client": ("1", 1)}, receive, send
            )
            assert (b"access-control-allow-origin", b"*") in sent[0]["headers"]
            answers.append((sent[0]["status"], canonical.decode(sent[1]["body"])))
    return answers


def test_the_door_gives_kinds_and_positions_of_what_is_said_of_the_key_itself(
    database: Connection, database_url: str
) -> None:
    key = SigningKey.from_secret("EdDSA", bytes(32)).kid
    database.execute(
        "INSERT INTO verify.bearers VALUES (%s, 7, 'revocation'), (%s, 4, 'enrolment'), (%s, 5, 'duties')", (key,) * 3
    )
    database.commit()
    paths = [f"{api.DOOR.path}{name}" for name in (key, "x" * 43, "short", "../secrets", f"{key}/", "ก" * 43)]
    found, *others = asyncio.run(_asked(database_url, paths))
    assert found == (
        200,
        {"v": 1, "entries": [{"kind": "enrolment", "position": 4}, {"kind": "revocation", "position": 7}]},
    )
    assert {(status, body["code"]) for status, body in others} == {(404, "verify.key_unknown")}
