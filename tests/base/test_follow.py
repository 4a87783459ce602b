"""One process leads each follower; one that fails begins again from what is durable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from obstore.store import from_url
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from sapparot.base import follow
from sapparot.base.database import Connection, connect
from sapparot.base.follow import advance, cursor, run_follower
from sapparot.base.objects import Objects
from sapparot.base.problems import BUSY, Problem
from tests.intake.phones import eventually


class Counting:
    """Counts its steps in the database; can be told to fail."""

    name = "counting"

    def __init__(self, life: list[str], fail: Callable[[int], Exception | None] = lambda _: None) -> None:
        self.life = life
        self.fail = fail
        self.at = -1

    def start(self, connection: Connection) -> None:
        self.at = cursor(connection, self.name)
        self.life.append(f"start {self.at}")

    def step(self, connection: Connection) -> int:
        advance(connection, self.name, self.at + 1)
        if error := self.fail(self.at):
            raise error
        connection.commit()
        self.at += 1
        self.life.append(f"step {self.at}")
        return 1 if self.at < 20 else 0


@contextmanager
def running(make: Callable[[], Counting], url: str, count: int = 1) -> Iterator[list[threading.Thread]]:
    """Run one follower in so many threads, as so many processes would."""
    stop = threading.Event()
    threads = [threading.Thread(target=run_follower, args=(make, url, stop), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(follow, "LOCK_SECONDS", 0.05)


def failures() -> float:
    return REGISTRY.get_sample_value("sapparot_follower_failures_total", {"follower": "counting"}) or 0.0


def test_a_follower_starts_where_it_stopped(database_url: str) -> None:
    lives = [_lived(database_url), _lived(database_url)]
    first, second = lives
    assert first[0] == "start 0"
    assert second[0].split()[1] == first[-1].split()[1]
    assert [line for line in first + second if "step" in line] == [
        f"step {number}" for number in range(1, len(first) + len(second) - 1)
    ]


def test_one_leads_and_another_takes_over_when_it_is_gone(database_url: str) -> None:
    life: list[str] = []
    with running(lambda: Counting(life), database_url, count=3):
        assert eventually(lambda: "step 20" in life)
        assert [line for line in life if line.startswith("start")] == ["start 0"]
        with connect(database_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        assert eventually(lambda: len([line for line in life if line.startswith("start")]) == 2)


def test_who_stands_by_says_so_once_and_says_when_it_leads(database_url: str) -> None:
    life: list[str] = []
    with connect(database_url, autocommit=True) as other, capture_logs() as told:
        assert follow._lead(other, "counting", threading.Event())
        with running(lambda: Counting(life), database_url):
            assert eventually(lambda: told)
            other.execute("SELECT pg_advisory_unlock_all()")
            assert eventually(lambda: "step 20" in life)
    events = ["a follower stands by: another process leads", "a follower leads here from now on"]
    assert [(line["event"], line["follower"]) for line in told] == [(event, "counting") for event in events]


def test_who_could_not_lead_says_so_while_another_still_does(database_url: str) -> None:
    class Unfit(Counting):
        def look(self) -> None:
            raise Problem(BUSY)

    life: list[str] = []
    with connect(database_url, autocommit=True) as other, capture_logs() as told:
        assert follow._lead(other, "counting", threading.Event())
        with running(lambda: Unfit(life), database_url):
            assert eventually(lambda: told)
    assert (told[0]["event"], told[0]["code"], life) == ("a follower cannot go on; trying again", BUSY.code, [])


def test_an_object_store_that_is_away_is_told_in_a_line_and_not_as_a_stack_of_calls(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    for name, value in (access | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ALLOW_HTTP": "true"}).items():
        monkeypatch.setenv(name, value)
    away, left, life = Objects(from_url("s3://count/public", retry_config={"max_retries": 0})), [1], list[str]()

    def fail(_: int) -> None:
        if left:
            left.pop()
            away.put("log/checkpoint", b"")

    with capture_logs() as told, running(lambda: Counting(life, fail), database_url):
        assert eventually(lambda: "step 20" in life)
    [line] = told
    assert (line["event"], line["log_level"]) == ("a follower lost the object store; trying again", "warning")
    assert "exc_info" not in line and line["reason"] and "\n" not in line["reason"]


def test_a_step_that_fails_is_undone_counted_and_done_again(database_url: str) -> None:
    life: list[str] = []
    left, before = [ValueError("once"), psycopg.OperationalError("away")], failures()
    with running(lambda: Counting(life, lambda at: left.pop(0) if at == 3 and left else None), database_url):
        assert eventually(lambda: "step 20" in life)
    assert life[:6] == ["start 0", "step 1", "step 2", "step 3", "start 3", "start 3"]
    assert failures() == before + 2
    steps = [int(line.split()[1]) for line in life if line.startswith("step")]
    assert steps[:20] == list(range(1, 21))


def test_what_somebody_can_mend_is_told_in_both_languages_with_its_code_and_without_a_stack_of_calls(
    database_url: str,
) -> None:
    left, life = [Problem(BUSY), ValueError("once")], list[str]()
    with (
        capture_logs() as told,
        running(lambda: Counting(life, lambda _: left.pop(0) if left else None), database_url),
    ):
        assert eventually(lambda: "step 20" in life)
    problem, other = told
    assert (problem["code"], problem["th"], problem["en"]) == (BUSY.code, BUSY.title.th, BUSY.title.en)
    assert "exc_info" not in problem and other["exc_info"]


def test_a_database_that_went_away_is_told_in_both_languages_with_a_code(database_url: str) -> None:
    left, life = [psycopg.OperationalError("the server closed the connection\n")], list[str]()
    with (
        capture_logs() as told,
        running(lambda: Counting(life, lambda _: left.pop(0) if left else None), database_url),
    ):
        assert eventually(lambda: "step 20" in life)
    [line] = told
    assert line["code"] == "base.database_unavailable" and "ฐานข้อมูลไม่ตอบ" in line["th"]
    assert line["en"] == "the database does not answer: the server closed the connection"


def test_a_database_that_takes_no_writes_any_more_is_told_in_words_and_the_follower_goes_on_when_it_does(
    database_url: str,
) -> None:
    life: list[str] = []
    with connect(database_url, autocommit=True) as admin:
        name = psycopg.sql.Identifier(admin.info.dbname)
        only_read = psycopg.sql.SQL("default_transaction_read_only")

        def fail(at: int) -> Exception | None:
            if at == 3:
                admin.execute(psycopg.sql.SQL("ALTER DATABASE {} SET {} = on").format(name, only_read))
                return psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")
            return None

        with (
            capture_logs() as told,
            running(lambda: Counting(life, fail if not life else lambda _: None), database_url),
        ):
            assert eventually(lambda: len(told) > 2)
            assert life[-1] == "step 3"
            admin.execute(psycopg.sql.SQL("ALTER DATABASE {} RESET {}").format(name, only_read))
            assert eventually(lambda: "step 20" in life)
    assert {line["code"] for line in told} == {"base.database_unavailable"}
    assert all("can only be read" in line["en"] and "อ่านได้อย่างเดียว" in line["th"] for line in told)
    assert not any("exc_info" in line for line in told)
    assert life[:5] == ["start 0", "step 1", "step 2", "step 3", "start 3"]


def test_asked_to_stop_a_leader_finishes_and_who_stands_by_does_not(database_url: str) -> None:
    life: list[str] = []

    class Tidy(Counting):
        def finish(self, connection: Connection) -> None:
            self.life.append(f"finish {cursor(connection, self.name)}")

    with running(lambda: Tidy(life), database_url, count=3):
        assert eventually(lambda: "step 20" in life)
    assert [line for line in life if line.startswith("finish")] == [f"finish {life[-2].split()[1]}"]


def test_a_leader_that_lost_its_lead_when_it_was_asked_to_stop_finishes_nothing(database_url: str) -> None:
    life: list[str] = []

    class Tidy(Counting):
        def step(self, connection: Connection) -> int:
            life.append("step")
            if len(life) > 2:
                with connect(database_url, autocommit=True) as admin:
                    admin.execute("SELECT pg_terminate_backend(%s, 10000)", (connection.info.backend_pid,))
                stop.set()
            return 0

        def finish(self, connection: Connection) -> None:
            advance(connection, self.name, 99)
            life.append("finish")

    stop = threading.Event()
    run_follower(lambda: Tidy(life), database_url, stop)
    assert "finish" not in life


def test_a_follower_that_always_fails_is_tried_less_and_less_often(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "LONGEST_RETRY_SECONDS", 0.4)
    life: list[str] = []
    with running(lambda: Counting(life, lambda _: ValueError("always")), database_url):
        threading.Event().wait(1.5)
    assert 3 <= len(life) <= 9


def test_a_follower_that_cannot_even_be_made_stops_nothing_else(database_url: str) -> None:
    life: list[str] = []
    tries = []

    def make() -> Counting:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("no key yet")
        return Counting(life)

    with running(make, database_url):
        assert eventually(lambda: "step 20" in life)


def _lived(url: str) -> list[str]:
    """What one follower did until it was stopped in the middle."""
    life: list[str] = []
    with running(lambda: Counting(life), url):
        assert eventually(lambda: len(life) > 5)
    return life
