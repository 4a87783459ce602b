"""A database that is away costs phones nothing but a second try."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest

from sapparot.base import database as databases
from sapparot.base.database import connect
from sapparot.intake import api
from sapparot.people import api as people_api
from tests.intake.phones import Front, Phone, eventually
from tests.serving import LONG


def away(server: str, url: str) -> AbstractContextManager[None]:
    """Nobody may connect to the database."""
    return _altered(server, url, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true")


def only_read(server: str, url: str) -> AbstractContextManager[None]:
    """The database takes no writes."""
    return _altered(server, url, "SET default_transaction_read_only = on", "RESET default_transaction_read_only")


@contextmanager
def _altered(server: str, url: str, how: str, back: str) -> Iterator[None]:
    """A database is otherwise for sessions that begin now; those that began before are cut off."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with connect(server, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" {how}')
        try:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" {back}')


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "DATABASE_SECONDS", 0.3)
    monkeypatch.setattr(people_api, "DATABASE_SECONDS", 0.3)
    monkeypatch.setattr(databases, "READ_ONLY_SECONDS", 0.5)


def test_while_the_database_is_away_phones_are_told_to_come_back(server: str, own: Front) -> None:
    phone, invite = own.phone(), own.invite()
    report = phone.report()
    with away(server, own.url):
        answer = own.post(phone, report)
        assert (answer.status, answer.problem["code"], answer.headers["retry-after"]) == (
            503,
            "intake.unavailable",
            "2",
        )
        answer = own.enrol(Phone(), invite)
        assert (answer.status, answer.problem["code"], answer.headers["retry-after"]) == (503, "base.busy", "2")
        answer = own.call("GET", "/readyz")
        assert (answer.status, answer.problem["code"], answer.headers["retry-after"]) == (503, "base.not_ready", "2")
        assert own.call("GET", "/healthz").status == 200
        assert own.metric("sapparot_intake_waiting") == 0
    assert eventually(lambda: own.post(phone, report).status == 202)
    assert eventually(lambda: own.enrol(Phone(), invite).status == 201)
    assert eventually(lambda: own.call("GET", "/readyz").status == 200)


def test_a_door_whose_database_takes_no_writes_is_not_ready_and_is_ready_when_it_takes_them_again(
    server: str, own: Front
) -> None:
    phone = own.phone()
    report = phone.report()
    with only_read(server, own.url):
        assert eventually(lambda: b"can only be read" in own.call("GET", "/readyz").body)
        answer = own.call("GET", "/readyz")
        assert answer.status == 503
        assert (answer.problem["code"], answer.headers["retry-after"]) == ("base.not_ready", "2")
        assert "อ่านได้อย่างเดียว" in str(answer.problem["detail_th"])
        assert own.post(phone, report).problem["code"] == "intake.unavailable"
        assert own.call("GET", "/healthz").status == 200
    assert eventually(lambda: own.post(phone, report).status == 202), "no session is cut off this time"
    assert eventually(lambda: own.call("GET", "/readyz").status == 200)


def test_a_database_that_comes_and_goes_loses_and_doubles_nothing(server: str, own: Front) -> None:
    phones, acknowledged, stop = [own.phone() for _ in range(4)], [], threading.Event()

    def send(phone: Phone) -> None:
        while not stop.is_set():
            reports = [phone.report(seq=number) for number in range(3)]
            while own.post(phone, reports).status != 202:
                time.sleep(0.01)
            acknowledged.extend(reports)

    threads = [threading.Thread(target=send, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.2)
        with away(server, own.url):
            time.sleep(0.1)
    assert eventually(lambda: len(acknowledged) > 20)
    stop.set()
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()
    own.sequence()
    assert sorted(own.logged()) == sorted(acknowledged)


def test_metrics_are_for_who_brings_the_token_of_the_operators(own: Front) -> None:
    token = (own.settings.data / "secrets" / "operator.token").read_text().strip()
    for wrong in ("", "Bearer ", f"bearer {token}", f"Bearer {token}0", "Bearer \u00e9"):
        answer = own.call("GET", "/metrics", authorization=wrong)
        assert (answer.status, answer.problem["code"]) == (401, "base.operators_only")
    assert own.call("GET", "/metrics", authorization=f"Bearer {token}").status == 200
