"""A volunteer's phone in a real Chromium against the whole web side: pages, lessons, duties, reports, receipts.

Nothing is answered here in the program's place: who arrives reads the lessons, passes the quiz and enrols at the real doors.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from sapparot.base.database import connect
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from sapparot.duty.training.course import read_course
from sapparot.verify.worker import Verifier
from tests.conftest import database_at
from tests.intake.phones import Served, run_id, serving
from tests.people.arriving import code_for

STATION = "01-01-010111-001"
NAME = "สมศรี ใจดี"
BETWEEN = 200
"""Milliseconds between taps: faster ones are taken for a trembling thumb."""
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
COURSE = read_course(shipped("data") / "training" / "volunteer.toml")
RIGHT = {question.ask.th: question.right.th for question in COURSE.questions}
_numbers = itertools.count(2345678)


@contextmanager
def evening(server: str, template: str, data: Path) -> Iterator[Served]:
    """The whole web side over a small election in a database of its own."""
    name = f"phone_{run_id()}_{data.name[-12:].replace('-', '_')}"
    with connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    url = database_at(server, name)
    try:
        with connect(url) as connection:
            save(connection, define(read_folder(shipped("data") / "elections" / "small")))
        with serving(url, data, ("intake", "web"), senders="page") as front:
            with connect(url) as connection:
                connection.execute("UPDATE people.networks SET open = true, approval = false")
            yield front
    finally:
        with connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Walk:
    """One person with one phone."""

    def __init__(self, front: Served, context: BrowserContext) -> None:
        self.front = front
        self.context = context
        self.base = f"http://127.0.0.1:{front.port}"
        self.telephone = f"+6681{next(_numbers)}"
        self.page = context.new_page()

    def arrive(self) -> Page:
        """Join, prove the telephone and pass the quiz."""
        page = self.page
        page.goto(f"{self.base}/join/vote62")
        page.locator("input[name=name]").fill(NAME)
        page.locator("input[name=phone]").fill(self.telephone.replace("+66", "0").translate(THAI))
        page.locator("input[name=duty]").check()
        page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
        expect(page.locator("code-form input")).to_be_visible()
        page.locator("code-form input").fill(code_for(self.front, self.telephone))
        page.get_by_role("link", name="เริ่มเรียน").click()
        self._learn()
        self._until(lambda: bool(page.evaluate(HAS_TOKEN)), "enrolled")
        return page

    def _learn(self) -> None:
        """Read every lesson, answer every question as the lessons have it."""
        page = self.page
        for _ in COURSE.lessons:
            page.get_by_role("button", name="ต่อไป").click()
        for _ in range(max(COURSE.asked, sum(one.must for one in COURSE.questions))):
            asked = page.locator("#question").inner_text()
            page.get_by_text(RIGHT[asked], exact=True).click()
            page.get_by_role("button", name="ต่อไป").click()
        page.get_by_role("button", name="ส่งคำตอบ").click()
        expect(page.get_by_role("heading", name="ผ่านแล้ว ยินดีด้วย")).to_be_visible()

    def guard(self, station: str = STATION) -> None:
        """Choose a station and be there."""
        page = self.page
        page.goto(f"{self.base}/app#/places")
        page.get_by_label("หรือรหัสเขต").fill("01-01")
        page.get_by_role("button", name="ค้นหา").click()
        page.get_by_role("button", name=f"ฉันเฝ้า {station}").click()
        page.get_by_role("button", name="เช็กอิน", exact=True).click()
        expect(page.get_by_text("เช็กอินแล้ว")).to_be_visible()

    def count(self, taps: int) -> None:
        """Open the counter of the station and tap two options in turn, as fast as the counter believes; 25 taps make a report."""
        page = self.page
        page.goto(f"{self.base}/app#/count/{STATION}/constituency")
        options = page.locator("count-progress .count-option")
        for tap in range(taps):
            options.nth(tap % 2).click()
            page.wait_for_timeout(BETWEEN)

    def judged(self) -> None:
        """Let the log take what waits, and what follows the log read it."""
        self.front.sequence()
        with connect(self.front.url) as connection:
            verifier = Verifier()
            verifier.start(connection)
            while verifier.step(connection):
                continue

    def reports(self) -> list[dict[str, Any]]:
        """What the outbox on the disk holds."""
        return list(self.page.evaluate(OUTBOX))

    def wait_for(self, way: str, count: int = 1) -> None:
        """Wait until so many reports came so far."""
        self._until(lambda: sum(one["way"] == way for one in self.reports()) >= count, way)

    def _until(self, met: Callable[[], bool], what: str) -> None:
        for _ in range(150):
            if met():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"never {what}: {[(one['way'], one.get('trouble')) for one in self.reports()]}")


OUTBOX = """async () => {
  const done = (asked) => new Promise((heard) => { asked.onsuccess = () => heard(asked.result); });
  const database = await done(indexedDB.open("sapparot-phone"));
  const found = await done(database.transaction("outbox").objectStore("outbox").getAll());
  database.close();
  return found;
}"""
HAS_TOKEN = OUTBOX.replace('"outbox"', '"profiles"').replace("return found;", "return found.some((one) => one.token);")
