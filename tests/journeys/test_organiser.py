"""An organiser in a real browser: five thousand people through a server that is killed, an announcement that reaches a phone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from bench.kill import Program, directory, free_port
from sapparot import app
from sapparot.base.clock import SystemClock
from sapparot.base.database import Connection, connect
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.people import Network, Vault, add_network
from sapparot.people.messages import Mailer
from sapparot.people.messages.senders import PageSender
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front, Served
from tests.journeys.conftest import Open
from tests.journeys.phonewalk import NAME, OTHER, Walk, evening
from tests.journeys.sound import entered, faults, pages_are_sound
from tests.people.arriving import outbox
from tests.people.cast import person, signed_in
from tests.people.travelling import new_phone
from tests.web.test_organise_work import plan_now

pytestmark = pytest.mark.browser

ROWS, FLAWED = 5_000, 7
PAGES = "people phones coverage plans announcements import invites invites/tree roles network consents"
ORGANISE = ("", *(f"/{page}" for page in PAGES.split()))
SAID = "พรุ่งนี้พบกันหกโมงเช้าที่หน้าหน่วย"


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with evening(databases, tmp_path_factory.mktemp("organiser")) as running:
        yield running


def people_file(folder: Path) -> Path:
    """A list of people as a spreadsheet gives it, with rows that cannot be brought."""
    rows = ["ชื่อ-นามสกุล,เบอร์โทร,พื้นที่"]
    rows += [f"คนที่ {n},08{n:08},01-01" for n in range(90_000_000, 90_000_000 + ROWS - FLAWED)]
    rows[1000:1000] = ["ไม่มีเบอร์,,"] * (FLAWED - 2) + [",0812345678,", "เบอร์ผิด,12,"]
    path = folder / "people.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def listed(url: str) -> int:
    with connect(url) as connection:
        return counted(connection)


def counted(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM people.persons WHERE state = 'listed'").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.slow
def test_five_thousand_people_are_brought_through_a_server_that_is_killed_in_the_middle(
    page_of: Open, axe: str, tmp_path: Path
) -> None:
    with directory() as data:
        program = Program(data, free_port())
        program.start()
        try:
            brought(program, page_of(1440), axe, people_file(tmp_path))
        finally:
            program.kill("both")


def brought(program: Program, page: Page, axe: str, file: Path) -> None:
    settings = Settings(data=program.data)
    with connect(program.url) as connection:
        add_network(connection, Network(NETWORK, Text("โหวต62", "Vote62"), app.keyring(settings).make(NETWORK).jwk))
    doors = Front(settings, program.url, program.port)
    base = entered(page.context, signed_in(doors, person(doors, roles=("organiser",))))
    page.goto(f"{base}/en/organise/import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Look through the file").click()
    expect(page.get_by_text("nothing is stored yet")).to_be_visible()
    assert page.locator("#h-flaws ~ div tbody tr").count() == FLAWED
    expect(page.get_by_text("The telephone is missing").first).to_be_visible()
    assert (listed(program.url), faults(page, axe)) == (0, [])
    page.get_by_role("button", name=f"Bring {ROWS - FLAWED} people").click()
    end = time.monotonic() + 60
    with connect(program.url) as watching:  # one that stands already: another step takes no longer than a new one
        while not (reached := counted(watching)) and time.monotonic() < end:
            time.sleep(0.005)
    program.kill("application")
    assert 0 < reached < ROWS - FLAWED, "it was killed in the middle"
    program.start()
    page.goto(f"{base}/en/organise/import")
    page.get_by_role("link", name="go on").first.click()
    expect(page.get_by_text("This list is not finished")).to_be_visible()
    assert faults(page, axe) == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Everybody is here")).to_be_visible(timeout=60_000)
    assert listed(program.url) == ROWS - FLAWED
    page.goto(f"{base}/en/organise/people")
    page.locator("#q").fill("คนที่ 90004992")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("คนที่ 90004992")).to_be_visible()


def mail_now(front: Front) -> None:
    mailer = Mailer(Vault(front.settings.data / "secrets"), [PageSender()], SystemClock())
    with connect(front.url) as connection:
        while mailer.step(connection):
            continue


def test_an_announcement_reaches_the_outbox_and_the_app_and_nobody_of_another_network(
    front: Served, browser: Chromium, page_of: Open, axe: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, locale="th-TH")
    walk = Walk(front, context)
    walk.join()
    everybody_agrees(front)
    page = page_of(1440)
    base = entered(page.context, signed_in(front, person(front, roles=("organiser",))))
    page.goto(f"{base}/organise/announcements")
    page.locator("textarea[name=th]").fill(SAID)
    page.locator("input[name=mailed]").check()
    page.get_by_role("button", name="ดูก่อนส่ง").click()
    expect(page.get_by_text("จะไม่ได้รับ")).to_be_visible()
    assert faults(page, axe) == []
    page.get_by_role("button", name="ส่งประกาศถึง 1 คน").click()
    expect(page.get_by_role("heading", name="กำลังส่ง")).to_be_visible()
    mail_now(front)
    page.reload()
    expect(page.get_by_role("heading", name="ประกาศแล้ว")).to_be_visible()
    assert faults(page, axe) == []
    page.get_by_role("link", name="รายคน").click()
    expect(page.get_by_text("ส่งแล้ว PAGE")).to_be_visible()
    assert faults(page, axe) == []
    page.go_back()
    [letter] = [one for one in outbox(front)["messages"] if one["text"] and SAID in one["text"]]
    assert letter["phone"] == walk.telephone
    walk.page.goto(f"{walk.base}/app#/news")
    expect(walk.page.get_by_text(SAID)).to_be_visible()
    expect(walk.page.get_by_text(SAID)).to_have_count(1)
    reading(page)
    of_another_network(front, page_of(1440), page.url)
    context.close()


def everybody_agrees(front: Front) -> None:
    """Everybody of the network agrees to announcements."""
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO people.consents (person, purpose, version, given_at) SELECT id, 'announcements', 1, now() FROM people.persons"
            " WHERE network = %s AND state = 'active'",
            (NETWORK,),
        )


def of_another_network(front: Front, stranger: Page, announcement: str) -> None:
    """An organiser of another network finds nothing on any page, and no announcement at its address."""
    base = entered(stranger.context, signed_in(front, person(front, OTHER, roles=("organiser",))))
    for path in ("/announcements", "/people", "/invites", "/plans", "/roles", "/import"):
        stranger.goto(f"{base}/organise{path}")
        said = stranger.locator("body").inner_text()
        assert SAID not in said and NAME not in said
    answer = stranger.goto(announcement)
    assert answer is not None and answer.status == 404


def reading(page: Page) -> None:
    """Wait until the organiser's page says that it was read in the app."""
    for _ in range(100):
        page.reload()
        if "100%" in page.locator(".facts").inner_text():
            return
        page.wait_for_timeout(200)
    raise AssertionError(page.locator(".facts").inner_text())


def test_every_page_of_an_organiser_and_the_way_in_can_be_used_by_everybody(
    front: Served, page_of: Open, axe: str
) -> None:
    page = page_of(360)
    base = entered(page.context, signed_in(front, person(front, roles=("organiser",))))
    page.goto(f"{base}/organise/plans")
    page.locator("form[action='/organise/plans'] button").click()
    plan = urlsplit(page.url).path
    somebody = person(front, who=("สมชาย ใจกว้าง", new_phone()), roles=("head:01-01",))
    plan_now(front)  # while it waits, its page loads itself again
    front.phone()
    pages_are_sound(page, axe, base, plan, f"/organise/people/{somebody}", *(f"/organise{path}" for path in ORGANISE))
    page.context.clear_cookies()
    pages_are_sound(page, axe, base, "/sign-in")


def test_what_was_done_wrong_is_said_on_pages_that_everybody_can_use(
    front: Served, browser: Chromium, axe: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    base = entered(context, signed_in(front, person(front, roles=("organiser",))))
    for lang in ("", "/en"):
        for path, field, typed in (("announcements", "textarea[name=th]", " "), ("people", "#q", "00000000000")):
            page.goto(f"{base}{lang}/organise/{path}")
            page.locator(field).fill(typed)
            page.locator("main form button[type=submit]").first.click()
            expect(page.get_by_role("alert")).to_be_visible()
            assert faults(page, axe) == []
    context.close()
