"""The event stream over real HTTP: numbered without gaps, caught up after absence, bounded."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sapparot.base.database import Connection, pool
from sapparot.base.problems import Problem
from sapparot.publish.events import Board, Events, StreamLimits
from sapparot.publish.facts import SnapshotKept
from tests.publish.doors import Stream, get, serving, until
from tests.publish.evening import CLOCK, Evening
from tests.serving import LONG
from tests.tally.tiny import move


class Count:
    """An evening that publishes on demand."""

    def __init__(self, connection: Connection, place: Path) -> None:
        self.evening = Evening(connection, place)
        self.publisher = self.evening.publisher()
        self.evening.step(self.publisher)

    def publish(self, times: int = 1) -> None:
        for votes in range(times):
            self.evening.say(move("A1-x-1/list", "confirmed", {"1": votes}))
            self.evening.step(self.publisher)


@pytest.fixture
def count(database: Connection, tmp_path: Path) -> Count:
    return Count(database, tmp_path)


@pytest.fixture
def port(count: Count, database_url: str, tmp_path: Path) -> Iterator[int]:
    limits = StreamLimits(listeners=2, waiting=4, catch_up=3, heartbeat_seconds=0.2)
    with serving(database_url, tmp_path, limits) as port:
        yield port


def test_a_listener_hears_the_latest_and_then_every_snapshot(port: int, count: Count) -> None:
    stream = Stream(port)
    assert stream.answer.getheader("content-type") == "text/event-stream; charset=utf-8"
    assert stream.event()["id"] == "1"
    count.publish(3)
    heard = [stream.event() for _ in range(3)]
    assert [event["id"] for event in heard] == ["2", "3", "4"]
    told = json.loads(heard[-1]["data"])
    assert (heard[-1]["event"], told["n"], told["url"]) == ("result", 4, "/v1/snapshots/4/")
    assert get(port, told["url"] + "headline.json")[0] == 200
    stream.close()


@pytest.mark.parametrize(("path", "headers"), [("", {"Last-Event-ID": "2"}), ("?last_event_id=2", {})])
def test_who_was_away_gets_what_was_missed(path: str, headers: dict[str, str], port: int, count: Count) -> None:
    count.publish(4)
    stream = Stream(port, f"/v1/events{path}", headers)
    assert [stream.event()["id"] for _ in range(3)] == ["3", "4", "5"]
    count.publish()
    assert stream.event()["id"] == "6"
    stream.close()


def test_who_was_away_too_long_is_told_to_read_files(port: int, count: Count) -> None:
    count.publish(6)
    until(lambda: get(port, "/v1/snapshots/7/headline.json")[0] == 200)
    stream = Stream(port, headers={"Last-Event-ID": "2"})
    notice = stream.event()
    told = json.loads(notice["data"])
    assert (notice["event"], told["from"], told["to"]) == ("notice", 3, 6)
    assert set(told["message"]) == {"th", "en"}
    assert stream.event()["id"] == "7"
    stream.close()


def test_a_number_from_the_future_starts_over(port: int) -> None:
    stream = Stream(port, headers={"Last-Event-ID": "900"})
    assert stream.event()["event"] == "notice"
    assert stream.event()["id"] == "1"
    stream.close()


@pytest.mark.parametrize("number", ["-1", "two", "1e3", "9" * 40])
def test_a_last_event_id_that_is_no_number_is_a_problem(number: str, port: int) -> None:
    status, _, body = get(port, "/v1/events", headers={"Last-Event-ID": number})
    assert (status, json.loads(body)["code"]) == (400, "publish.bad_event_id")


def test_a_quiet_stream_has_a_heartbeat(port: int) -> None:
    stream = Stream(port)
    stream.event()
    lines = [stream.answer.readline() for _ in range(4)]
    assert lines.count(b": still here\n") == 2
    stream.close()


def test_one_listener_too_many_is_sent_away_until_another_leaves(port: int) -> None:
    first, second = Stream(port), Stream(port)
    assert first.event()["id"] == second.event()["id"] == "1"
    status, headers, _ = get(port, "/v1/events")
    assert (status, "retry-after" in headers) == (503, True)
    first.close()
    second.close()

    def room() -> bool:
        again = Stream(port)
        again.close()
        return again.answer.status == 200

    until(room)


def test_a_head_request_is_answered_and_ends(port: int) -> None:
    status, headers, body = get(port, "/v1/events", "HEAD")
    assert (status, headers["content-type"], body) == (200, "text/event-stream; charset=utf-8", b"")


def test_one_caller_does_not_take_every_place() -> None:
    board = Board(None, StreamLimits(listeners=10, of_caller=1))  # type: ignore[arg-type]
    first = board.join("a")
    with pytest.raises(Problem, match="listeners_full"):
        board.join("a")
    board.join("b")
    board.leave(first)
    board.leave(first)
    board.join("a")


def test_streams_end_when_the_server_stops(count: Count, database_url: str, tmp_path: Path) -> None:
    async def tried() -> list[bytes]:
        database = pool(database_url, 2)
        await database.open()
        board = Board(database)
        await board.open()
        while board.last is None:
            await asyncio.sleep(0.01)
        sent: list[bytes] = []

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        stream = asyncio.create_task(Events(board, database)(SCOPE, asyncio.Event().wait, send))  # type: ignore[arg-type]
        while len(sent) < 3:
            await asyncio.sleep(0.01)
        await board.close()
        async with asyncio.timeout(LONG):
            await stream
        await database.close()
        return sent

    sent = asyncio.run(tried())
    assert sent[-1] == b""


SCOPE: dict[str, Any] = {"type": "http", "headers": [], "query_string": b"", "path": "/v1/events", "method": "GET"}


def kept(n: int) -> SnapshotKept:
    return SnapshotKept(n, n, b"r" * 32, CLOCK.now(), False, b"m" * 32, {}, CLOCK.now())


def test_a_listener_who_does_not_read_is_cut_and_holds_up_nobody() -> None:
    async def tried() -> tuple[int, int]:
        board = Board(None, StreamLimits(waiting=4))  # type: ignore[arg-type]
        board.last = kept(1)
        read: list[bytes] = []

        async def stuck(message: Any) -> None:
            if b"id: 1\n" in message.get("body", b""):
                await asyncio.Event().wait()

        async def quick(message: Any) -> None:
            read.append(message.get("body", b""))

        streams = [
            asyncio.create_task(Events(board, None)(SCOPE, asyncio.Event().wait, send))  # type: ignore[arg-type]
            for send in (stuck, quick)
        ]
        await asyncio.sleep(0)
        for n in range(2, 12):
            while not any(b"id: %d\n" % (n - 1) in part for part in read):
                await asyncio.sleep(0)
            board._tell(kept(n))
        async with asyncio.timeout(LONG):
            await streams[0]
            while not any(b"id: 11\n" in part for part in read):
                await asyncio.sleep(0)
        streams[1].cancel()
        with suppress(asyncio.CancelledError):
            await streams[1]
        return len([part for part in read if part.startswith(b"id: ")]), len(board._listeners)

    assert asyncio.run(tried()) == (11, 0)
