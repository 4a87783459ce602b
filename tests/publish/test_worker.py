"""The publisher: snapshots follow the log, survive crashes, and stop when sums differ."""

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from sapparot.base import objects, outbox, pointers
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, connect
from sapparot.base.disk import force
from sapparot.base.jws import parse
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.publish import store, worker
from sapparot.publish.facts import Pace
from sapparot.publish.worker import Publisher
from tests.publish.evening import AT_ONCE, CLOCK, KEY, Evening
from tests.tally.tiny import move


@pytest.fixture
def evening(database: Connection, tmp_path: Path) -> Evening:
    return Evening(database, tmp_path)


def test_a_change_becomes_a_numbered_snapshot_and_an_entry_of_the_log(evening: Evening) -> None:
    publisher = evening.publisher()
    evening.step(publisher)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    evening.step(publisher)
    latest = evening.latest()
    assert (latest["n"], latest["full"], latest["counted"]) == (2, False, {"constituency": 0, "list": 1250})
    headline = evening.file("headline.json")
    assert headline["ballots"][1]["totals"]["confirmed"]["valid"] == 100
    evening.place()
    rows = evening.connection.execute("SELECT body FROM ledger.entries WHERE kind = 'snapshot'").fetchall()
    assert [json.loads(body)["n"] for (body,) in rows] == [1, 2]
    assert json.loads(rows[1][0])["manifest"] == latest["manifest"]


def test_the_log_announces_the_key_of_manifests_before_the_first_snapshot_and_once(evening: Evening) -> None:
    for _ in range(2):
        evening.step(evening.publisher())
        evening.place()
    query = "SELECT kind, body FROM ledger.entries WHERE kind IN ('publication_key', 'snapshot') ORDER BY position"
    rows = evening.connection.execute(query).fetchall()
    assert [kind for kind, _ in rows] == ["publication_key", "snapshot"] and json.loads(rows[0][1])["key"] == KEY.jwk


def test_nothing_new_makes_no_snapshot_and_neither_does_a_snapshot(evening: Evening) -> None:
    publisher = evening.publisher()
    for _ in range(3):
        evening.step(publisher)
        evening.place()
    assert evening.latest()["n"] == 1


def test_the_manifest_names_every_file_and_is_signed(evening: Evening) -> None:
    evening.step(evening.publisher())
    assert evening.latest()["full"]
    raw = evening.public.get("v1/snapshots/1/manifest.json")
    manifest = json.loads(raw)
    assert {"headline.json", "stations/A1.json", "sheets.csv"} <= set(manifest["files"])
    for name, told in manifest["files"].items():
        data = evening.public.get(f"v1/snapshots/1/{name}")
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (told["sha256"], told["size"])
    definition = evening.public.get(f"v1/definitions/{manifest['definition']}.json")
    assert hashlib.sha256(definition).hexdigest() == manifest["definition"]
    jws = parse(evening.public.get("v1/snapshots/1/manifest.jws"))
    assert KEY.public().verify(jws)
    assert json.loads(jws.payload)["manifest"] == hashlib.sha256(raw).hexdigest()
    assert json.loads(evening.public.get("v1/publication-key.json")) == KEY.jwk


def test_each_manifest_names_the_one_before(evening: Evening) -> None:
    publisher = evening.publisher()
    evening.step(publisher)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    evening.step(publisher)
    first = evening.public.get("v1/snapshots/1/manifest.json")
    assert evening.file("manifest.json", 1)["previous"] is None
    assert evening.file("manifest.json", 2)["previous"] == hashlib.sha256(first).hexdigest()


class Crash(Exception):
    """The process dies here."""


@pytest.mark.parametrize("moment", ["keep", "put", "point"])
def test_a_crash_at_any_step_leaves_nothing_half_published(
    moment: str, evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = evening.publisher()
    evening.step(publisher)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        if moment == "keep":
            patch.setattr(store, "keep", crash)
        elif moment == "put":
            patch.setattr(outbox, "put", crash)
        else:
            patch.setattr(publisher, "_point", crash)
        with pytest.raises(Crash):
            evening.step(publisher)
    evening.connection.rollback()
    assert evening.latest()["n"] == 1
    again = evening.publisher()
    assert evening.latest()["n"] == (2 if moment == "point" else 1)
    evening.step(again)
    evening.place()
    assert evening.latest()["n"] == 2
    assert evening.file("headline.json")["ballots"][1]["totals"]["confirmed"]["valid"] == 100
    rows = evening.connection.execute("SELECT body FROM ledger.entries WHERE kind = 'snapshot'").fetchall()
    assert [json.loads(body)["n"] for (body,) in rows] == [1, 2]


def test_a_start_makes_good_a_lost_or_damaged_file(evening: Evening) -> None:
    evening.step(evening.publisher())
    before = evening.public.get("v1/snapshots/1/sheets.csv")
    evening.public.put("v1/snapshots/1/sheets.csv", b"torn")
    evening.public.delete("v1/latest.json")
    evening.publisher()
    assert evening.public.get("v1/snapshots/1/sheets.csv") == before
    assert evening.latest()["n"] == 1


def test_a_database_that_is_older_than_what_was_published_publishes_nothing(evening: Evening) -> None:
    publisher = evening.publisher()
    evening.step(publisher)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    evening.step(publisher)
    before = {name: evening.public.get(name) for name in evening.public.names("v1/")}
    assert evening.latest()["n"] == 2
    evening.connection.execute("DELETE FROM publish.snapshots WHERE n = 2")
    with pytest.raises(Problem) as told:
        evening.publisher()
    assert told.value.kind.code == "publish.behind"
    assert {name: evening.public.get(name) for name in evening.public.names("v1/")} == before
    evening.public.put("v1/latest.json", b"torn")
    evening.publisher()
    assert evening.latest()["n"] == 1


def test_a_power_failure_takes_no_file_of_any_snapshot_that_was_recorded(
    evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: set[Path] = set()

    def forcing(path: Path) -> None:
        force(path)
        forced.add(path)

    monkeypatch.setattr(objects, "force", forcing)
    publisher = evening.publisher()
    for votes in range(3):
        evening.say(move("A1-x-1/list", "confirmed", {"1": votes}))
        evening.step(publisher)
    for file in (path for path in (tmp_path / "v1").rglob("*") if path.is_file()):
        if not {file, file.parent} <= forced:
            file.write_bytes(b"")  # what the disk holds of bytes that nobody forced
    evening.publisher()
    assert evening.latest()["n"] == 3
    for n in (1, 2, 3):
        manifest = evening.public.get(f"v1/snapshots/{n}/manifest.json")
        assert hashlib.sha256(manifest).digest() == store.manifest_of(evening.connection, n)
        for name, told in json.loads(manifest)["files"].items():
            assert hashlib.sha256(evening.public.get(f"v1/snapshots/{n}/{name}")).hexdigest() == told["sha256"]
        definition = json.loads(manifest)["definition"]
        assert hashlib.sha256(evening.public.get(f"v1/definitions/{definition}.json")).hexdigest() == definition


def test_no_transaction_waits_for_the_store_which_may_be_slow(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, TransactionStatus]] = []
    for name in ("put", "get", "names", "delete", "sync"):
        real = getattr(evening.public, name)

        def seen(*given: object, name: str = name, real: Callable[..., object] = real) -> object:
            if threading.current_thread() is threading.main_thread():  # others write beside the work
                asked.append((name, evening.connection.info.transaction_status))
            return real(*given)

        monkeypatch.setattr(evening.public, name, seen)
    for votes in range(3):
        evening.say(move("A1-x-1/list", "confirmed", {"1": votes}))
        publisher = evening.publisher(Pace(light=0.0, full=3600.0, pause=3600.0, check=0.0, kept=1))
        evening.step(publisher)
        evening.say(move("A1-x-1/list", "confirmed", {"1": votes + 10}))
        evening.step(publisher)
    assert asked and not [one for one in asked if one[1] != TransactionStatus.IDLE]
    assert evening.latest()["n"] == 6


def test_a_publisher_that_lost_the_lead_in_the_middle_of_a_snapshot_writes_over_nothing(
    evening: Evening, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LEAD_SECONDS", 0.0)
    stale = evening.publisher()
    evening.step(stale)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    put, life = evening.public.put, list[str]()

    def stall(name: str, data: bytes) -> None:
        life.append(name)
        put(name, data)
        if len(life) == 2:  # here the process sleeps, and the server ends its session
            with connect(database_url) as other:
                other.execute("SELECT pg_terminate_backend(%s, 20000)", (evening.connection.info.backend_pid,))
                leader = Publisher(Objects.at(tmp_path), KEY, FixedClock(CLOCK.moment + timedelta(seconds=9)), AT_ONCE)
                leader.start(other)
                other.commit()
                leader.step(other)

    monkeypatch.setattr(evening.public, "put", stall)
    with pytest.raises(psycopg.OperationalError):
        evening.step(stale)
    manifest = evening.public.get("v1/snapshots/2/manifest.json")
    assert hashlib.sha256(manifest).hexdigest() == evening.latest()["manifest"]
    for name, told in json.loads(manifest)["files"].items():
        assert hashlib.sha256(evening.public.get(f"v1/snapshots/2/{name}")).hexdigest() == told["sha256"]


def test_a_wrong_sum_raises_the_alarm_publishes_nothing_and_is_healed_by_counting_anew(evening: Evening) -> None:
    publisher = evening.publisher()
    evening.step(publisher)
    publisher._tally.result().sums["list"].votes["country"][0, 2, 0] += 1
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    with pytest.raises(Problem, match=r"publish\.sums_differ"):
        evening.step(publisher)
    assert evening.latest()["n"] == 1
    ((_, _, difference),) = store.alarms(evening.connection)
    assert (difference.level, difference.running - difference.recomputed) == ("country", 1)
    again = evening.publisher()
    evening.step(again)
    assert evening.file("headline.json")["ballots"][1]["totals"]["confirmed"]["valid"] == 100


def test_a_pause_brings_a_full_snapshot_of_what_has_changed(evening: Evening) -> None:
    publisher = evening.publisher(Pace(light=0.0, full=3600.0, pause=0.0, check=3600.0))
    evening.step(publisher)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    publisher._timing.full_took = 0.0
    evening.step(publisher)
    assert not evening.latest()["full"]
    evening.step(publisher)
    latest = evening.latest()
    assert (latest["n"], latest["full"], latest["last_full"]["n"]) == (3, True, 3)
    evening.step(publisher)
    assert evening.latest()["n"] == 3


def test_old_light_snapshots_keep_their_manifest_and_full_ones_everything(evening: Evening) -> None:
    publisher = evening.publisher(Pace(light=0.0, full=3600.0, pause=3600.0, check=3600.0, kept=2))
    for votes in range(1, 6):
        evening.say(move("A1-x-1/list", "confirmed", {"1": votes}))
        evening.step(publisher)
    assert evening.latest()["n"] == 5
    left = {n: {name.rpartition("/")[2] for name in evening.public.names(f"v1/snapshots/{n}/")} for n in range(1, 6)}
    assert left[2] == left[3] == {"manifest.json", "manifest.jws"}
    assert "sheets.csv" in left[1] and all("headline.json" in left[n] for n in (1, 4, 5))


def test_a_publisher_whose_clock_is_behind_dates_nothing_before_the_last_snapshot(
    evening: Evening, tmp_path: Path
) -> None:
    evening.step(evening.publisher())
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    slow = Publisher(Objects.at(tmp_path), KEY, FixedClock(CLOCK.moment - timedelta(hours=7)), AT_ONCE)
    slow.start(evening.connection)
    evening.connection.commit()
    evening.step(slow)
    assert (evening.latest()["n"], evening.latest()["at"]) == (2, evening.file("manifest.json", 1)["at"])


def test_an_older_pointer_that_lands_late_is_replaced_though_nothing_new_comes(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointers, "LOOK_SECONDS", 0.0)
    publisher = evening.publisher()
    evening.step(publisher)
    older = evening.public.get("v1/latest.json")
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    evening.step(publisher)
    evening.public.put("v1/latest.json", older)
    evening.step(publisher)
    assert evening.latest()["n"] == 2
