"""Every door that is open to anyone holds a caller to its pace and says so; each has a pace of its own, and HEAD spends it too."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Iterator

import pytest

from sapparot.base import asgi, metrics
from sapparot.base.asgi import Budget, Message
from sapparot.base.database import pool
from sapparot.base.doors import Door
from sapparot.base.operators import operator_token
from sapparot.base.problems import MEDIA_TYPE
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import doors_noted, web_side
from tests.serving import LONG

FEW = 3
MACHINES = re.compile(r"/(v1|log)/|/(metrics|healthz|readyz)$")
"""Doors that answer in JSON or plain text; the others are pages, and say it as a page."""
House = tuple[Front, list[Door]]


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The whole web side, where every budget is a few requests and no time passes, and its doors for callers without a session."""
    full = Budget.__init__
    with pytest.MonkeyPatch.context() as patch, doors_noted() as known:
        patch.setattr(asgi, "monotonic", lambda: 1000.0)
        patch.setattr(Budget, "__init__", lambda self, *_: full(self, FEW))
        with web_side(databases, tmp_path_factory.mktemp("pace")) as front:
            yield front, [door for door in known if door.who in ("anyone", "here", "operator")]


def ask(front: Front, door: Door, method: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask once as a page of the same host would; of a stream that goes on, only the head is read."""
    path = re.sub(r"\{\w+\}", NETWORK, door.path) + "x" * (door.path.endswith("/") and door.path != "/")
    headers = {"sec-fetch-site": "same-origin", "authorization": f"Bearer {operator_token(front.settings.data)}"}
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=LONG)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read() if answer.status == 429 else b""
    connection.close()
    return answer.status, answer.headers, body


def faults(front: Front, door: Door) -> list[str]:
    """What is wrong with how a door holds a caller to its pace."""
    methods = ["HEAD" if door.method == "GET" else door.method, *[door.method] * (FEW - 1)]
    early = [status for status, *_ in (ask(front, door, method) for method in methods) if status == 429]
    if early:
        return ["refuses a caller within its pace"]
    if door.method == "GET" and ask(front, door, "HEAD")[0] != 429:
        return ["HEAD is not refused"]
    status, headers, body = ask(front, door, door.method)
    if status != 429:
        return [f"answers {status} beyond its pace"]
    if not MACHINES.match(door.path):
        said = "Too many" if door.path.startswith("/en") else "ถี่เกิน"
        return [] if headers["content-type"].startswith("text/html") and said in body.decode() else [body.decode()]
    told = (headers["content-type"], headers["retry-after"], json.loads(body)["code"])
    if headers["access-control-allow-origin"] and headers["access-control-expose-headers"] != "retry-after":
        return ["hides from pages of other origins when to try again"]
    return [] if told == (MEDIA_TYPE, "2", "base.too_many") else [str(told)]


def test_who_comes_too_often_hears_so_at_every_door(house: House) -> None:
    front, doors = house
    wrong = [f"{door.method} {door.path}: {fault}" for door in doors for fault in faults(front, door)]
    assert wrong == []
    assert {
        "/v1/events",
        "/v1/snapshots/",
        "/v1/devices",
        "/v1/sheets/",
        "/v1/keys/",
        "/log/",
        "/readyz",
        "/metrics",
    } <= {door.path for door in doors}


async def statuses(ready: metrics.Ready, count: int) -> list[int]:
    """Ask whether the database answers, ``count`` times at once."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await asyncio.gather(*(ready({"type": "http"}, receive, send) for _ in range(count)))
    return [message["status"] for message in sent if "status" in message]


def test_of_many_who_ask_for_readiness_one_in_a_second_asks_the_database(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(metrics, "monotonic", lambda: now[0])

    async def asked() -> None:
        database = pool(database_url, 2)
        await database.open()
        try:
            ready = metrics.Ready(database)
            for seconds, queries in ((0.0, 1), (0.9, 1), (0.2, 2)):
                now[0] += seconds
                assert await statuses(ready, 20) == [200] * 20
                assert database.get_stats()["requests_num"] == queries
        finally:
            await database.close()
        now[0] += 2
        assert await statuses(ready, 2) == [503] * 2

    asyncio.run(asked())
