"""Nobody can block a report by sending forged bytes under its id first, and nobody can take an id from an authentic report."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from sapparot import app
from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.people import store as people
from tests.intake.phones import Front, Phone, forged, payload, uuid7


def rows(front: Front, query: str) -> list[tuple[object, ...]]:
    with connect(front.url) as connection:
        return connection.execute(query).fetchall()


def test_an_authentic_report_takes_its_id_back_from_forged_bytes(own: Front) -> None:
    phone, liar = own.phone(), own.phone()
    report = phone.report()
    assert own.post(liar, forged(report)).outcomes == ["accepted"]
    assert own.post(phone, report).outcomes == ["accepted"]
    assert own.post(phone, report).outcomes == ["duplicate"]
    assert own.post(liar, forged(report)).outcomes == ["intake.conflict"]
    own.sequence()
    assert own.logged() == [report]


def test_it_takes_it_back_also_when_the_forged_bytes_were_refused_long_ago(own: Front) -> None:
    phone, liar = own.phone(), own.phone()
    report = phone.report()
    own.post(liar, forged(report))
    own.sequence()
    assert own.post(liar, forged(report)).outcomes == ["intake.bad_signature"]
    assert own.post(phone, report).outcomes == ["accepted"]
    own.sequence()
    assert own.logged() == [report]
    assert rows(own, "SELECT code FROM intake.refused") == [("intake.bad_signature",)]


def test_the_forged_bytes_are_kept_among_the_refused(own: Front) -> None:
    phone, liar = own.phone(), own.phone()
    report = phone.report()
    own.post(liar, forged(report))
    own.post(phone, report)
    assert rows(own, "SELECT code, jws FROM intake.refused") == [("intake.conflict", forged(report))]


def test_bytes_signed_by_a_stranger_hold_no_id_either(own: Front) -> None:
    phone, stranger, name = own.phone(), own.stranger(), uuid7()
    assert own.post(stranger, stranger.report(id=name)).outcomes == ["accepted"]
    report = phone.report(id=name)
    assert own.post(phone, report).outcomes == ["accepted"]
    own.sequence()
    assert own.logged() == [report]


def test_signed_bytes_that_were_refused_for_good_hold_no_id(own: Front) -> None:
    phone, liar, thief = own.phone(), own.phone(), own.phone()
    reports = [phone.report(seq=number) for number in range(2)]
    names = [answer["id"] for answer in own.post(liar, [forged(report) for report in reports]).lines]
    own.post(phone, reports)
    own.sequence()
    assert sorted(own.logged()) == sorted(reports), "what the log holds is never given away"
    assert own.post(liar, liar.report(id=names[0])).outcomes == ["intake.conflict"]

    twice = liar.sign(canonical.encode(payload(id=uuid7())).replace(b'"seq":14', b'"seq":14,"seq":15'))
    own.post(liar, twice)
    with connect(own.url) as connection:
        assert people.revoke(connection, thief.key.kid, datetime.now(UTC), "lost", app.keyring(own.settings))
    stolen = thief.report()
    held = [own.post(liar, twice).lines[0]["id"], own.post(liar, stolen).lines[0]["id"]]
    own.sequence()
    mine = [phone.report(id=name) for name in held]
    assert own.post(phone, mine).outcomes == ["accepted", "accepted"]
    own.sequence()
    assert sorted(own.logged()) == sorted([*reports, *mine])
    assert own.post(liar, twice).outcomes == own.post(liar, stolen).outcomes == ["intake.conflict"]
    assert own.post(phone, mine).outcomes == ["duplicate", "duplicate"]


def test_forged_bytes_never_take_an_id_from_an_authentic_report(own: Front) -> None:
    phone, liar, stranger = own.phone(), own.phone(), own.stranger()
    report = phone.report()
    own.post(phone, report)
    assert own.post(liar, forged(report)).outcomes == ["intake.conflict"]
    own.sequence()
    assert own.post(stranger, stranger.report(id=own.post(phone, report).lines[0]["id"])).outcomes == [
        "intake.conflict"
    ]
    own.sequence()
    assert own.logged() == [report]


def test_of_two_authentic_reports_under_one_id_the_first_stands(own: Front) -> None:
    one, other, name = own.phone(), own.phone("EdDSA"), uuid7()
    first, second = one.report(id=name), other.report(id=name)
    assert own.post(one, first).outcomes == ["accepted"]
    assert own.post(other, second).outcomes == ["intake.conflict"]
    own.sequence()
    assert own.logged() == [first]


def test_of_two_authentic_reports_after_forged_bytes_one_stands(own: Front) -> None:
    phones, name = [own.phone() for _ in range(6)], uuid7()
    reports = [phone.report(id=name) for phone in phones]
    own.post(phones[0], forged(reports[0]))
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda phone=phone, report=report: found.extend(own.post(phone, report).outcomes))
        for phone, report in zip(phones, reports, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["accepted"] + ["intake.conflict"] * 5
    own.sequence()
    [logged] = own.logged()
    assert own.post(phones[reports.index(logged)], logged).outcomes == ["duplicate"]


def test_many_ids_are_taken_back_in_one_body_between_other_lines(own: Front) -> None:
    phone, liar = own.phone(), own.phone()
    reports = [phone.report(seq=number) for number in range(30)]
    own.post(liar, [forged(report) for report in reports[::3]])
    answer = own.post(phone, [*reports, reports[0], b"nonsense"])
    assert answer.outcomes == [*["accepted"] * 30, "duplicate", "intake.not_a_report"]
    own.sequence()
    assert sorted(own.logged()) == sorted(reports)


def test_the_log_never_has_a_report_twice_when_ids_are_taken_back_while_it_is_written(own: Front) -> None:
    phone, liar = own.phone(), own.phone()
    reports = [phone.report(seq=number) for number in range(60)]
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            own.sequence()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for report in reports:
            own.post(liar, forged(report))
            assert own.post(phone, report).outcomes == ["accepted"]
    finally:
        done.set()
        writer.join()
    own.sequence()
    assert sorted(own.logged()) == sorted(reports)


def test_conflicts_are_counted(own: Front) -> None:
    phone, name = Phone(), uuid7()
    own.enrol(phone)
    before = own.metric('sapparot_intake_lines_total{outcome="conflict"}')
    own.post(phone, phone.report(id=name))
    own.post(phone, phone.report(id=name, spoiled=7))
    assert own.metric('sapparot_intake_lines_total{outcome="conflict"}') == before + 1
