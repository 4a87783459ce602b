"""Who may come through the door, how often, how slowly, and what everybody else notices of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from sapparot import app
from sapparot.base import asgi
from sapparot.base import server as base_server
from sapparot.base.clock import SystemClock, monotonic
from sapparot.base.gate import Gate
from sapparot.intake import api, store
from tests.intake.phones import (
    PROBLEM,
    Front,
    Phone,
    Served,
    answers,
    ended,
    eventually,
    head,
    later,
    serving,
    unpadded,
)
from tests.serving import LONG


def sent_by(front: Front, phone: Phone) -> list[str]:
    """What became of one new report of this phone."""
    return list(front.post(phone, phone.report()).outcomes)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "people.token_missing"), ("Bearer", "people.token_invalid"), ("Bearer x", "people.token_invalid"),
        ("Basic x", "people.token_invalid"), ("Bearer a.b.c", "people.token_invalid"),
        ("Bearer ..", "people.token_invalid"), ("Bearer " + "x" * 30_000, "people.token_invalid"),
        ("Bearer \xe9.9999999999.\xff", "people.token_invalid"),
    ],
)  # fmt: skip
def test_without_a_valid_token_nobody_carries_reports(
    front: Front, phone: Phone, authorization: str, code: str
) -> None:
    headers = {"authorization": authorization} if authorization else {}
    answer = front.call("POST", "/v1/reports", phone.report(), **headers)
    assert (answer.status, answer.problem["code"]) == (401, code)


def test_a_token_that_was_changed_or_is_too_old_is_refused(front: Front, phone: Phone) -> None:
    tokens = app.device_tokens(front.settings)
    old = tokens.issue(phone.key.kid, SystemClock().now() - timedelta(seconds=1))
    kid, expiry, mac = phone.token.split(".")
    later = f"{kid}.{int(expiry) + 1}.{mac}"
    for token, code in ((old, "expired"), (later, "invalid"), (phone.token[:-1], "invalid")):
        answer = front.call("POST", "/v1/reports", phone.report(), authorization=f"Bearer {token}")
        assert (answer.status, answer.problem["code"]) == (401, f"people.token_{code}")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(front: Front, phone: Phone, scheme: str) -> None:
    answer = front.call("POST", "/v1/reports", phone.report(), authorization=f"{scheme}  {phone.token} ")
    assert answer.outcomes == ["accepted"]


def test_a_carrier_brings_the_reports_of_others(front: Front, phone: Phone) -> None:
    relay = front.phone("EdDSA")
    reports = [relay.report(), phone.report()]
    assert front.post(relay, reports).outcomes == ["accepted", "accepted"]
    front.sequence()
    assert set(reports) <= set(front.logged())


def test_who_sends_more_often_than_allowed_is_slowed_down_and_others_are_not(front: Front) -> None:
    eager, other = front.phone(), front.phone()
    bodies = [[eager.report(seq=number)] * 200 for number in range(31)]
    statuses = [front.post(eager, body).status for body in bodies]
    assert statuses[:30] == [202] * 30
    last = front.post(eager, bodies[-1])
    assert (last.status, last.problem["code"], last.headers["retry-after"]) == (429, "intake.too_often", "2")
    assert front.post(other, other.report()).outcomes == ["accepted"]


def test_bodies_that_are_refused_cost_pace_as_well(front: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = monotonic()
    monkeypatch.setattr(asgi, "monotonic", lambda: moment)  # a bucket refills while a slow machine answers
    eager = front.phone()
    door = _reports_door(front)
    door._budget.spend(eager.key.kid, api.DOOR.per_minute - 3)
    statuses = [front.post(eager, b"\n").status for _ in range(5)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


def test_one_carrier_cannot_hold_all_the_room_for_bodies(front: Front, phone: Phone) -> None:
    eager, length = front.phone(), 4_000_000
    connections = [front.socket() for _ in range(3)]
    for connection in connections:
        connection.sendall(head(front, eager, length) + b"x" * 1000)
    told, _, _ = select.select(connections, [], [], LONG)  # the last one as a rule, but nothing says who is read first
    [answer] = answers(told[0])
    assert (answer.status, answer.problem["code"]) == (429, "base.too_many")
    assert front.post(phone, phone.report()).outcomes == ["accepted"]
    for connection in connections:
        connection.close()
    assert eventually(lambda: front.post(eager, eager.report()).status == 202)


def test_a_full_queue_sends_callers_away_and_recovers(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, inside = threading.Event(), threading.Event()
    receive = store.receive

    async def slow(*arguments: object) -> object:
        inside.set()
        await asyncio.to_thread(gate.wait, LONG)
        return await receive(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "receive", slow)
    with serving(database_url, tmp_path, intake_waiting=20) as front:
        phone = front.phone()
        first = later(lambda: front.post(phone, [phone.report(seq=number) for number in range(15)]).outcomes)
        assert inside.wait(LONG)
        answer = front.post(phone, [phone.report(seq=number) for number in range(20, 26)])
        assert (answer.status, answer.problem["code"], answer.headers["retry-after"]) == (503, "intake.queue_full", "2")
        second = later(lambda: front.post(phone, phone.report()).outcomes)
        assert front.metric("sapparot_intake_waiting") >= 15
        gate.set()
        assert first() == ["accepted"] * 15
        assert second() == ["accepted"]
        assert front.metric("sapparot_intake_waiting") == 0


def test_a_phone_that_hangs_up_costs_its_companions_nothing(own: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, inside, receive = threading.Event(), threading.Event(), store.receive

    async def slow(*arguments: object) -> object:
        inside.set()
        await asyncio.to_thread(gate.wait, LONG)
        return await receive(*arguments)  # type: ignore[arg-type]

    phones = [own.phone() for _ in range(6)]
    monkeypatch.setattr(store, "receive", slow)
    opening = later(lambda: own.post(phones[0], phones[0].report()).outcomes)
    assert inside.wait(LONG)
    gone = []
    for phone in phones[1:4]:
        connection, report = own.socket(), phone.report()
        connection.sendall(head(own, phone, len(report)) + report)
        gone.append((connection, phone, report))
    staying = [later(partial(sent_by, own, phone)) for phone in phones[4:]]
    assert eventually(lambda: own.metric("sapparot_intake_waiting") == len(phones))
    for connection, _, _ in gone[:2]:
        connection.close()
    gone[2][0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    gone[2][0].close()  # with a reset
    gate.set()
    assert opening() == ["accepted"]
    assert [answer() for answer in staying] == [["accepted"], ["accepted"]]
    for _, phone, report in gone:
        assert own.post(phone, report).outcomes == ["duplicate"]


def test_half_a_body_is_no_report(front: Front, phone: Phone) -> None:
    report = phone.report()
    with front.socket() as connection:
        connection.sendall(head(front, phone, len(report)) + report[:-20])
        connection.shutdown(socket.SHUT_WR)
        assert ended(connection)
    assert front.post(phone, report).outcomes == ["accepted"]


@pytest.fixture
def hasty(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """Doors that lose patience within a second or two."""
    monkeypatch.setattr(base_server, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(base_server, "BODY_BYTES_PER_SECOND", 200)
    with serving(database_url, tmp_path, body_seconds=1.0) as running:
        yield running


def test_a_slow_body_is_cut_while_others_are_served(hasty: Front) -> None:
    slow, quick = hasty.phone(), hasty.phone()
    report = slow.report()
    with hasty.socket() as connection:
        connection.sendall(head(hasty, slow, len(report)) + report[:10])
        began, served = time.monotonic(), 0
        connection.settimeout(0.02)
        found = b""
        while not found and time.monotonic() - began < LONG:
            with contextlib.suppress(TimeoutError):
                found = connection.recv(4096)
            served += hasty.post(quick, quick.report()).outcomes == ["accepted"]
        assert found.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"base.too_slow"' in found
        assert time.monotonic() - began > 0.5
        assert served
        connection.settimeout(LONG)
        assert ended(connection)


def test_a_body_that_keeps_its_pace_may_take_its_time(hasty: Front) -> None:
    phone = hasty.phone()
    report = phone.report()
    with hasty.socket() as connection:
        connection.sendall(head(hasty, phone, len(report)))
        for start in range(0, len(report), 50):
            connection.sendall(report[start : start + 50])
            time.sleep(0.1)  # 500 bytes a second, altogether longer than a body that stalls is waited for
        [answer] = answers(connection)
    assert answer.outcomes == ["accepted"]


@pytest.mark.parametrize("start", [b"", b"POST /v1/re", b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_slow_head_is_cut_while_others_are_served(hasty: Front, start: bytes) -> None:
    quick = hasty.phone()
    with hasty.socket() as connection:
        connection.sendall(start)
        assert hasty.post(quick, quick.report()).outcomes == ["accepted"]
        with pytest.raises(OSError):
            for _ in range(int(LONG / 0.2)):
                connection.sendall(b"x" if start else b"\r\n")
                time.sleep(0.2)


def test_requests_without_end_ahead_of_their_answers_are_cut(front: Front) -> None:
    with front.socket() as connection, contextlib.suppress(OSError):
        for _ in range(500):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        pytest.fail("half a million requests were taken")


def test_a_connection_is_closed_after_the_answer_when_the_phone_says_so(front: Front, phone: Phone) -> None:
    report = phone.report()
    with front.socket() as connection:
        connection.sendall(head(front, phone, len(report), "Connection: close") + report)
        [answer] = answers(connection)
        assert (answer.outcomes, answer.headers["connection"]) == (["accepted"], "close")
        assert ended(connection)


def test_a_connection_is_kept_for_the_next_body(front: Front, phone: Phone) -> None:
    with front.socket() as connection:
        for _ in range(3):
            report = phone.report()
            connection.sendall(head(front, phone, len(report)) + report)
            assert answers(connection)[0].outcomes == ["accepted"]


def test_requests_that_are_sent_without_waiting_are_answered_in_order(front: Front, phone: Phone) -> None:
    reports = [phone.report(seq=number) for number in range(20)]
    stream = b"".join(head(front, phone, len(report)) + report for report in reports)
    with front.socket() as connection:
        for start in range(0, len(stream), 777):
            connection.sendall(stream[start : start + 777])
        found = answers(connection, len(reports))
    names = [json.loads(unpadded(report.split(b".")[1].decode()))["id"] for report in reports]
    assert [answer.lines[0]["id"] for answer in found] == names
    assert {answer.outcomes[0] for answer in found} == {"accepted"}


def test_a_body_may_come_in_chunks(front: Front, phone: Phone) -> None:
    reports = [phone.report(), phone.report()]
    answer = front.call(
        "POST", "/v1/reports", iter([reports[0][:50], reports[0][50:] + b"\n", reports[1]]),
        authorization=f"Bearer {phone.token}", transfer_encoding="chunked",
    )  # fmt: skip
    assert answer.outcomes == ["accepted", "accepted"]


def test_chunks_without_end_are_refused_at_the_limit(front: Front, phone: Phone) -> None:
    answer = front.call(
        "POST", "/v1/reports", (b"x" * 100_000 for _ in range(60)), authorization=f"Bearer {phone.token}",
        transfer_encoding="chunked",
    )  # fmt: skip
    assert (answer.status, answer.problem["code"]) == (413, "base.too_large")


def test_a_phone_that_asks_before_it_sends_is_told_to_go_on(front: Front, phone: Phone) -> None:
    report = phone.report()
    with front.socket() as connection:
        connection.sendall(head(front, phone, len(report), "Expect: 100-continue"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(report)
        assert answers(connection)[0].outcomes == ["accepted"]


def test_a_phone_that_asks_before_it_sends_is_spared_a_body_that_would_be_refused(front: Front, phone: Phone) -> None:
    with front.socket() as connection:
        connection.sendall(head(front, phone, 50_000_000, "Expect: 100-continue"))
        assert answers(connection)[0].status == 413
        assert ended(connection)


def test_an_old_client_is_answered_and_let_go(front: Front, phone: Phone) -> None:
    report = phone.report()
    with front.socket() as connection:
        connection.sendall(head(front, phone, len(report), version="1.0") + report)
        assert answers(connection)[0].outcomes == ["accepted"]
        assert ended(connection)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_another_method_is_not_allowed_and_the_right_one_is_named(front: Front, method: str) -> None:
    answer = front.call(method, "/v1/reports")
    assert (answer.status, answer.headers["allow"], answer.headers["content-type"]) == (405, "POST", PROBLEM)


@pytest.mark.parametrize("path", ["/v1/reports/", "/v1/report", "/v1/reports%00", "//v1/reports", "/V1/reports", "/"])
def test_elsewhere_there_is_nothing(front: Front, phone: Phone, path: str) -> None:
    answer = front.call("POST", path, phone.report(), authorization=f"Bearer {phone.token}")
    assert (answer.status, answer.problem["code"]) == (404, "base.not_found")


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"POST /v1/reports HTTP/9.9\r\n\r\n", b"\x00" * 100,
        b"POST /v1/reports HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/reports HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
        b"POST /v1/reports HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/reports HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/reports HTTP/1.1\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
        b"CONNECT localhost:1 HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_not_http_is_cut_and_hurts_nobody(front: Front, phone: Phone, request_: bytes) -> None:
    with front.socket() as connection:
        connection.sendall(request_)
        said = connection.recv(4096)
        assert not said or said[9:12] in (b"400", b"401", b"404", b"405"), said
    assert front.post(phone, phone.report()).outcomes == ["accepted"]


def test_hundreds_of_silent_connections_leave_room_for_the_others(front: Front, phone: Phone) -> None:
    silent = [front.socket() for _ in range(400)]
    try:
        assert front.post(phone, phone.report()).outcomes == ["accepted"]
    finally:
        for connection in silent:
            connection.close()


def test_more_connections_than_the_process_can_hold_are_turned_away(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_server, "CONNECTIONS", 10)
    with serving(database_url, tmp_path) as front:
        silent = [front.socket() for _ in range(10)]
        assert eventually(lambda: len(front.server.server_state.connections) == 10)
        [answer] = answers(front.socket())
        assert (answer.status, answer.problem["code"]) == (503, "base.busy")
        silent.pop().close()
        assert eventually(lambda: front.call("GET", "/healthz").status == 200)


def test_a_failure_that_nobody_foresaw_is_a_problem_without_a_trace(
    own: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = own.phone()

    async def broken(*_: object) -> object:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(store, "receive", broken)
    answer = own.post(phone, phone.report())
    assert (answer.status, answer.problem["code"]) == (500, "base.unexpected")
    assert b"secret" not in answer.body
    monkeypatch.undo()
    assert own.post(phone, phone.report()).outcomes == ["accepted"]


def _reports_door(front: Served) -> api.ReportsDoor:
    door = cast("Gate", front.server.config.app)._exact["POST", "/v1/reports"]
    assert isinstance(door, api.ReportsDoor)
    return door
