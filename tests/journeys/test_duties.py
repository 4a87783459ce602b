"""A volunteer with a duty, from the doors to the public page: before closing the log knows nothing of it, afterwards it compares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sapparot import app
from sapparot.audit.command import audit
from sapparot.audit.facts import Plan
from sapparot.base.clock import FixedClock, SystemClock
from sapparot.base.database import connect
from sapparot.base.objects import public_objects
from sapparot.duty import worker as working
from sapparot.duty.assignments.facts import Terms
from sapparot.duty.rolls import Rolls
from sapparot.duty.worker import DutyWorker
from sapparot.publish.recount import recount
from sapparot.publish.stored import StoredLog
from sapparot.publish.worker import Publisher
from sapparot.verify.worker import Verifier
from tests.databases import Databases
from tests.duty.crew import interests
from tests.intake.phones import Phone, Served, eventually
from tests.people.arriving import define_small, web_side
from tests.people.cast import Browser, person, said, signed_in
from tests.web.leading import words

HERE, THERE = "01-01-010111-001", "01-01-010111-002"
CLOSES = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
SENTENCES = {
    "": f"ผู้รายงานมีหน้าที่ประจำหน่วย {HERE} ไม่ใช่หน่วยนี้",
    "/en": f"The reporter's duty is at station {HERE}, not here",
}


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("duties"), senders=None) as running:
        define_small(running)
        yield running


class Volunteer(NamedTuple):
    browser: Browser
    phone: Phone

    def reports(self, front: Served, station: str, **figures: Any) -> None:
        """Send the final of a station."""
        changes = {"election": "small", "sheet": f"{station}/constituency", "eligible": ..., "place": ...} | figures
        assert front.post(self.phone, self.phone.report(**changes)).outcomes == ["accepted"]


def volunteer(front: Served, place: str) -> Volunteer:
    """Somebody who passed the training takes a duty and enrols a phone, as the app does."""
    who = person(front)
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET trained_at = now() WHERE id = %s", (who,))
    browser, phone = signed_in(front, who), Phone()
    said(browser.post("/v1/me/duties", {"place": place}))
    enrolled = said(browser.call("POST", "/v1/me/devices", phone.ask(""), content_type="application/jose"))
    phone.token = enrolled["token"]
    return Volunteer(browser, phone)


def watches(front: Served, now: datetime) -> None:
    """The worker of duties starts anew, looks, and what it says gets its place."""
    with connect(front.url) as connection:
        DutyWorker(Rolls(), interests(), FixedClock(now), Terms()).step(connection)
    front.sequence()


def concludes(front: Served, verifier: Verifier) -> list[dict[str, Any]]:
    """What arrived gets its place and is judged, and so do the conclusions; the findings about duties."""
    front.sequence()
    with connect(front.url) as connection:
        while verifier.step(connection):
            front.sequence()
    return [entry for entry in front.log("finding") if entry["rule"] == "duty_matches"]


def publish(front: Served) -> None:
    with connect(front.url) as connection:
        publisher = Publisher(public_objects(front.settings.data), app.publish_key(front.settings), SystemClock())
        publisher.start(connection)
        publisher.step(connection)
    front.sequence()


def test_a_report_from_another_station_than_the_duty_is_noticed_once_the_stations_have_closed(
    front: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "LOOK_SECONDS", 0.0)
    anna, verifier = volunteer(front, HERE), Verifier()
    anna.reports(front, THERE, votes={"1": 7}, stage="progress")
    watches(front, CLOSES - timedelta(minutes=1))
    assert front.log("duties") == [] and concludes(front, verifier) == []

    for _ in range(2):  # started again, it says nothing twice
        watches(front, CLOSES)
    kid = anna.phone.key.kid
    [told] = front.log("duties")
    assert told == {"v": 1, "kind": "duties", "election": "small", "duties": {kid: [HERE]}}
    anna.reports(front, HERE, votes={"1": 9, "2": 30})
    assert concludes(front, verifier) == []
    anna.reports(front, THERE, votes={"1": 8, "2": 31})
    [found] = concludes(front, verifier)
    assert (found["sheet"], found["weight"]) == (f"{THERE}/constituency", "note")
    assert found["values"] == {"station": HERE}

    publish(front)
    for language, sentence in SENTENCES.items():
        assert eventually(lambda: sentence in words(front.call("GET", f"{language}/station/{THERE}")))  # noqa: B023
        assert sentence not in words(front.call("GET", f"{language}/station/{HERE}"))


def test_who_moves_in_the_evening_is_compared_with_the_new_station_and_the_whole_log_still_holds(
    front: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(working, "LOOK_SECONDS", 0.0)
    ben, verifier = volunteer(front, HERE), Verifier()
    with connect(front.url) as connection:
        verifier.start(connection)
    watches(front, CLOSES)
    before, kid = len(concludes(front, verifier)), ben.phone.key.kid
    for duty in said(ben.browser.get("/v1/me/duties"))["duties"]:
        said(ben.browser.post(f"/v1/me/duties/{duty['id']}/drop", {"reason": "เปลี่ยนหน่วย"}))
    watches(front, CLOSES + timedelta(minutes=1))
    said(ben.browser.post("/v1/me/duties", {"place": THERE}))
    watches(front, CLOSES + timedelta(minutes=2))
    assert [entry["duties"][kid] for entry in front.log("duties") if kid in entry["duties"]] == [[HERE], [], [THERE]]
    ben.reports(front, THERE, votes={"1": 8, "2": 33})
    assert len(concludes(front, verifier)) == before
    ben.reports(front, HERE, votes={"1": 9, "2": 32})
    assert [one["values"] for one in concludes(front, verifier)[before:]] == [{"station": THERE}]

    publish(front)
    report = recount(StoredLog(front.url), processes=1)
    assert report.equal and report.conclusions.compared > 0
    plan = Plan(source=str(front.settings.data / "public"), state=tmp_path / "state.json", processes=1)
    checked = audit(plan, lambda *_: None)
    assert checked.verdict == "holds", checked.findings
    assert checked.kinds["duties"] >= 3
