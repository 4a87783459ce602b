"""Budgets, room, bodies and the gate: what every door shares."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from sapparot.base import asgi
from sapparot.base.asgi import Budget, Gone, Message, Receive, Room, Scope, Send, read_body, respond
from sapparot.base.doors import Door, UnguardedRoute, check_doors
from sapparot.base.gate import Gate
from sapparot.base.problems import CATALOGUE, NOT_FOUND, Problem, kind


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in a hand."""
    moment = [1000.0]
    monkeypatch.setattr(asgi, "monotonic", lambda: moment[0])
    return moment


def test_a_budget_is_one_minute_at_once_and_refills_evenly(now: list[float]) -> None:
    budget = Budget(60)
    assert [budget.spend("a") for _ in range(61)] == [True] * 60 + [False]
    assert budget.spend("b"), "others have their own"
    now[0] += 1.0
    assert [budget.spend("a"), budget.spend("a")] == [True, False]
    now[0] += 3600
    assert [budget.spend("a") for _ in range(61)] == [True] * 60 + [False], (
        "no more than one minute's worth is saved up"
    )


def test_many_at_once_cost_as_many_and_are_taken_whole_or_not_at_all(now: list[float]) -> None:
    budget = Budget(100)
    assert budget.spend("a", 60)
    assert not budget.spend("a", 60)
    assert budget.spend("a", 40)
    now[0] += 0.6
    assert budget.spend("a", 1)
    assert not budget.spend("a", 101)


def test_refused_requests_do_not_push_the_next_one_further_away(now: list[float]) -> None:
    budget = Budget(60)
    budget.spend("a", 60)
    for _ in range(50):
        now[0] += 0.01
        assert not budget.spend("a")
    now[0] += 0.51
    assert budget.spend("a")


def test_budgets_of_strangers_do_not_fill_the_memory(now: list[float]) -> None:
    budget = Budget(60, callers=100)
    budget.spend("regular", 60)
    for number in range(10_000):
        budget.spend(f"stranger {number}")
        if number % 50 == 0:
            assert not budget.spend("regular"), "who comes often is remembered"
    assert len(budget._left) == 100


def test_room_is_limited_for_each_and_for_all_and_comes_back() -> None:
    room = Room(each=100, total=150)
    room.enter("a", 60)
    room.enter("a", 40)
    with pytest.raises(Problem, match="too_many"):
        room.enter("a", 1)
    with pytest.raises(Problem, match="busy"):
        room.enter("b", 60)
    room.enter("b", 50)
    for caller, size in (("a", 60), ("b", 50), ("a", 40)):
        room.leave(caller, size)
    assert (room._held, room._free) == ({}, 150)


async def body_of(parts: Sequence[bytes | None], limit: int, declared: int | None = None) -> bytes:
    """Read a body that comes in parts; None is a caller that hangs up."""
    messages: list[Message] = [
        {"type": "http.disconnect"} if part is None else {"type": "http.request", "body": part, "more_body": True}
        for part in parts
    ]
    if parts and parts[-1] is not None:
        messages[-1]["more_body"] = False

    async def receive() -> Message:
        return messages.pop(0)

    headers = [] if declared is None else [(b"content-length", b"%d" % declared)]
    return await read_body({"headers": headers}, receive, limit)


def test_a_body_is_read_to_its_end_and_not_past_its_limit() -> None:
    assert asyncio.run(body_of([b"ab", b"", b"c"], 3, 3)) == b"abc"
    assert asyncio.run(body_of([b""], 0)) == b""
    for parts, declared in (([b"ab", b"cd"], None), ([b"abcd"], None), ([b"abcd"], 4), ([], 10**15)):
        with pytest.raises(Problem, match="too_large"):
            asyncio.run(body_of(parts, 3, declared))
    with pytest.raises(Gone):
        asyncio.run(body_of([b"ab", None], 3))


def asked(gate: Gate, method: str, path: str) -> tuple[int, dict[bytes, bytes], Any]:
    """Ask a gate once; return status, headers and the JSON of the body."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "headers": [], "client": ("127.0.0.1", 1)}
    asyncio.run(gate(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])


async def here(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, 200, json.dumps(scope["path"]).encode())


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyError("secret")


GATE = Gate(
    {("GET", "/a"): here, ("POST", "/a"): here, ("POST", "/broken"): broken, ("POST", "/files/x"): here},
    {("GET", "/files/"): here, ("PUT", "/files/deep/"): here},
)


def test_the_gate_leads_to_doors_by_name_and_by_beginning() -> None:
    assert asked(GATE, "GET", "/a")[2] == "/a"
    assert asked(GATE, "GET", "/files/x/y")[2] == "/files/x/y"
    assert asked(GATE, "HEAD", "/a")[0] == asked(GATE, "HEAD", "/files/x")[0] == 200


def test_another_method_and_another_path_are_problems_of_the_catalogue() -> None:
    status, headers, body = asked(GATE, "DELETE", "/a")
    assert (status, headers[b"allow"], body["code"]) == (405, b"GET, POST", "base.method_not_allowed")
    for path, allowed in (("/files/y", b"GET"), ("/files/x", b"POST, GET"), ("/files/deep/y", b"GET, PUT")):
        status, headers, body = asked(GATE, "DELETE", path)
        assert (status, headers[b"allow"], body["code"]) == (405, allowed, "base.method_not_allowed")
    for method, path in (("GET", "/b"), ("GET", "/a/"), ("GET", ""), ("PUT", "/files")):
        status, headers, body = asked(GATE, method, path)
        assert (status, headers[b"content-type"], body["code"]) == (404, b"application/problem+json", "base.not_found")


def test_no_cache_keeps_a_problem() -> None:
    for method, path in (("GET", "/b"), ("DELETE", "/a"), ("POST", "/broken")):
        assert asked(GATE, method, path)[1][b"cache-control"] == b"no-store"


def test_a_door_that_fails_is_answered_without_a_word_of_what_is_inside() -> None:
    status, _, body = asked(GATE, "POST", "/broken")
    assert (status, body["code"]) == (500, "base.unexpected")
    assert "secret" not in json.dumps(body)


def test_a_route_without_a_door_and_a_door_without_a_route_do_not_start() -> None:
    door = Door("GET", "/a", "anyone", per_minute=60)
    check_doors([("GET", "/a")], [door])
    for routes, doors in (
        ([("GET", "/a"), ("GET", "/canary")], [door]),
        ([("POST", "/a")], [door]),
        ([], [door]),
        ([("GET", "/a")], [door, door]),
    ):
        with pytest.raises(UnguardedRoute):
            check_doors(routes, doors)


def test_a_problem_has_the_members_of_the_standard_and_speaks_both_languages() -> None:
    body = Problem(NOT_FOUND, limit=5).body()
    assert set(body) == {"type", "title", "title_th", "status", "detail", "detail_th", "code", "limit"}
    assert (body["type"], body["status"]) == ("urn:sapparot:problem:base.not_found", 404)


def test_a_code_is_declared_once() -> None:
    before = dict(CATALOGUE)
    with pytest.raises(ValueError, match="twice"):
        kind("base.not_found", 404, th="ก", en="a")
    assert before == CATALOGUE
