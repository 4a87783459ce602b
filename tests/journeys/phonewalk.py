"""A volunteer's phone in a real Chromium against the whole web side: pages, duties, reports, receipts.

Until they have doors of their own, the quiz and the enrolment of a person's device are answered here, with the program's own functions
behind them.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

from sapparot import app
from sapparot.base.clock import stamp
from sapparot.base.database import connect, pool
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from sapparot.people.facts import Enrolment
from sapparot.people.rules import code_hash, read_ask
from sapparot.people.store import enrol
from sapparot.verify.worker import Verifier
from tests.conftest import database_at
from tests.intake.phones import Served, run_id, serving
from tests.people.arriving import code_for

STATION = "01-01-010111-001"
NAME = "สมศรี ใจดี"
BETWEEN = 200
"""Milliseconds between taps: faster ones are taken for a trembling thumb."""
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
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
        context.route("**/v1/me/training", self._training)
        context.route("**/v1/me/devices", self._devices)
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
        page.get_by_role("button", name="ต่อไป").click()
        page.get_by_text("หลังปิดหีบ").click()
        page.get_by_role("button", name="ต่อไป").click()
        page.get_by_role("button", name="ส่งคำตอบ").click()
        expect(page.get_by_role("heading", name="ผ่านแล้ว ยินดีด้วย")).to_be_visible()
        self._until(lambda: bool(page.evaluate(HAS_TOKEN)), "enrolled")
        return page

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

    def _training(self, route: Route) -> None:
        if route.request.method == "POST":
            with connect(self.front.url) as connection:
                connection.execute("UPDATE people.persons SET trained_at = now() WHERE state = 'active'")
            route.fulfill(json={"passed": True, "mistakes": [], "tries_left": 2})
            return
        route.fulfill(json=TRAINING)

    def _devices(self, route: Route) -> None:
        if route.request.method != "POST":
            route.fulfill(json={"devices": []})
            return
        asked = read_ask(route.request.post_data_buffer or b"")
        invited = Enrolment(asked.kid, asked.key, code_hash(self.front.invite()))
        device = THREAD.submit(asyncio.run, self._enrol(invited)).result()
        token = app.device_tokens(self.front.settings).issue(device.kid, device.until)
        said = {"kid": device.kid, "network": device.network, "level": 1, "token": token, "until": stamp(device.until)}
        route.fulfill(status=201, json=said)

    async def _enrol(self, asked: Enrolment) -> Any:
        database = pool(self.front.url, 2)
        await database.open()
        try:
            async with database.connection() as connection:
                return (await enrol(connection, [asked], datetime.now(UTC), app.keyring(self.front.settings)))[0]
        finally:
            await database.close()


THREAD = ThreadPoolExecutor(1)
"""Playwright runs a loop in the thread of the test; what is asynchronous here has another."""
OUTBOX = """async () => {
  const done = (asked) => new Promise((heard) => { asked.onsuccess = () => heard(asked.result); });
  const database = await done(indexedDB.open("sapparot-phone"));
  const found = await done(database.transaction("outbox").objectStore("outbox").getAll());
  database.close();
  return found;
}"""
HAS_TOKEN = OUTBOX.replace('"outbox"', '"profiles"').replace("return found;", "return found.some((one) => one.token);")
TRAINING: dict[str, Any] = {
    "version": 1,
    "passed": False,
    "lessons": [
        {
            "id": "a",
            "title": {"th": "ท่านเป็นพยาน", "en": "You are a witness"},
            "text": {"th": "ดูการนับ", "en": "Watch"},
        }
    ],
    "tries_left": 3,
    "again_at": None,
    "quiz": {
        "number": 0,
        "questions": [
            {
                "id": "q",
                "ask": {"th": "เมื่อไรจึงเริ่มนับ?", "en": "When does counting begin?"},
                "options": [{"th": "หลังปิดหีบ", "en": "After closing"}],
            }
        ],
    },
}
