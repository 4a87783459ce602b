"""A constituency head in a real browser: people approved, asked and replaced, a phone revoked, counts compared; nothing of another's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from sapparot.base.database import connect
from sapparot.duty.returns import book
from tests.databases import Databases
from tests.duty.test_returns import phone_of, send
from tests.intake.phones import NETWORK, Served
from tests.journeys.conftest import Open
from tests.journeys.phonewalk import OTHER, PHONE, Walk, evening
from tests.journeys.sound import entered, faults, pages_are_sound
from tests.journeys.test_forms import photograph, shoot
from tests.people.cast import person, signed_in
from tests.web.leading import send as post
from tests.web.test_head import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AREA, STATION, NEXT, THIRD = "01-01", "01-01-010111-001", "01-01-010112-002", "01-01-010113-003"
SHEET = f"{STATION}/constituency"
LONG = "พระครูวิมลธรรมาภรณ์ ณ อยุธยาเทพหัสดินวรเศรษฐสกุลวงศ์"
"""A name that does not fit on a line of a small phone."""


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "FRESH_SECONDS", -1.0)
        with evening(databases, tmp_path_factory.mktemp("head")) as running:
            yield running


@pytest.fixture(scope="module")
def busy(front: Served) -> dict[str, UUID]:
    """A constituency in the middle of the evening: people who wait and who are missing, sheets that agree and that do not."""
    cast = {
        "waiting": serving(front, f"รออนุมัติ {LONG}", state="waiting"),
        "free": serving(front, "สมหญิง ว่างงาน", area="01-01-010111"),
        "missing": serving(front, LONG),
        "theirs": serving(front, "คนของเครือข่ายอื่น", OTHER),
    }
    with connect(front.url) as connection:
        for who, network, station in (("missing", NETWORK, NEXT), ("theirs", OTHER, NEXT)):
            for job in ("progress", "final"):
                connection.execute(
                    "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, since, missed_at)"
                    " VALUES ('small', %s, %s, %s, %s, 'accepted', %s, 0, 'chosen', now(), %s)",
                    (
                        cast[who],
                        network,
                        station,
                        job,
                        0 if who == "missing" else 1,
                        "2026-03-01T09:00Z" if who == "missing" else None,
                    ),
                )
    mine, other, leader = phone_of(front), phone_of(front, OTHER), phone_of(front, level=2, area=AREA)
    with connect(front.url) as connection:
        connection.execute("UPDATE people.devices SET person = %s WHERE kid = %s", (cast["missing"], mine.key.kid))
    shot = [{"role": "form", "page": 1, "sha256": "ab" * 32}]
    for stage, phone, votes in (
        ("progress", mine, {"1": 9, "2": 4}),
        ("final", mine, {"1": 120, "2": 44, "3": 7, "4": 1}),
        ("final", other, {"1": 120, "2": 44, "3": 7, "4": 1}),
        ("official", leader, {"1": 110, "2": 54, "3": 7, "4": 1}),
    ):
        send(
            front, phone, {"sheet": SHEET, "stage": stage, "votes": votes, "evidence": shot if stage == "final" else []}
        )
    send(front, mine, {"sheet": f"{THIRD}/list", "stage": "final", "votes": {"1": 5}})
    send(front, other, {"sheet": f"{THIRD}/list", "stage": "final", "votes": {"1": 6}})
    send(front, leader, {"sheet": f"{AREA}/constituency", "stage": "official", "votes": {"1": 4000, "2": 44}})
    return cast


@pytest.fixture
def head(front: Served, page_of: Open) -> Page:
    """A head with a phone of 360 px."""
    return opened(front, page_of, AREA)


def opened(front: Served, page_of: Open, area: str, network: str = NETWORK) -> Page:
    page = page_of(360, locale="th-TH")
    somebody = signed_in(front, person(front, network, level=2, roles=(f"head:{area}",)))
    page.goto(f"{entered(page.context, somebody)}/head")
    return page


def test_a_head_approves_asks_and_replaces_people_of_the_own_constituency(
    front: Served, busy: dict[str, UUID], head: Page
) -> None:
    late = serving(front, "มาช้า แต่มา", state="waiting")
    head.reload()
    head.get_by_role("link", name="รอให้คุณอนุมัติ").click()
    head.get_by_label("มาช้า แต่มา").check()
    head.get_by_role("button", name="อนุมัติ").click()
    expect(head.get_by_role("status")).to_contain_text("อนุมัติแล้ว 1 คน")
    head.get_by_role("link", name="มาช้า แต่มา").click()
    expect(head.get_by_role("link", name=re.compile("^โทร .*มาช้า"))).to_have_attribute(
        "href", re.compile(r"^tel:\+6681\d{7}$")
    )
    sms, chat = head.locator('a[href^="sms:"]'), head.get_by_role("link", name=re.compile("^LINE .*มาช้า"))
    expect(sms).to_have_attribute("href", re.compile(r"^sms:\+6681\d{7}(\?body=\S+)?$"))
    expect(chat).to_have_attribute("href", re.compile(r"^https://line\.me/R/share\?text=\S+$"))
    head.get_by_text("ขอให้ไปเฝ้าหน่วย").click()
    head.locator("select[name=station]").select_option(THIRD)
    head.get_by_role("button", name="ขอให้คนนี้ไป").click()
    expect(head.get_by_role("status")).to_contain_text("ส่งคำขอให้แล้ว")
    head.get_by_role("link", name=THIRD).first.click()
    head.locator("details.do", has_text="หาคนแทน").first.locator("summary").click()
    head.get_by_role("link", name="เลือกคนแทนเอง").first.click()
    head.get_by_label("สมหญิง ว่างงาน").check()
    head.get_by_role("button", name="ขอให้คนนี้ไป").click()
    expect(head.get_by_role("heading", name="สมหญิง ว่างงาน")).to_be_visible()
    with connect(front.url) as connection:
        states = connection.execute(
            "SELECT person, state FROM duty.duties WHERE place = %s ORDER BY id", (THIRD,)
        ).fetchall()
    assert states == [(late, "replaced")] * 2 + [(busy["free"], "offered")] * 2, "both jobs go together"


def test_a_lost_phone_of_the_roster_is_revoked_from_the_heads_page(
    front: Served, busy: dict[str, UUID], head: Page
) -> None:
    head.get_by_role("link", name=LONG).first.click()
    head.get_by_text("เพิกถอนเครื่องนี้").click()
    head.get_by_label("หายหรือถูกขโมย").check()
    head.get_by_role("button", name="เพิกถอนเดี๋ยวนี้").click()
    expect(head.get_by_role("status")).to_contain_text("ส่งคะแนนไม่ได้อีก")
    with connect(front.url) as connection:
        [row] = connection.execute(
            "SELECT revoked_at FROM people.devices WHERE person = %s", (busy["missing"],)
        ).fetchall()
    assert row[0] is not None
    front.sequence()
    assert len(front.log("revocation")) == 1


def test_a_planted_difference_is_said_in_words_with_the_way_to_station_and_evidence(
    front: Served, busy: dict[str, UUID], head: Page
) -> None:
    head.get_by_role("link", name="เทียบผล").first.click()
    card = head.locator(f'[id="s-{STATION}"]')
    expect(card).to_contain_text("เครือข่ายของเรา 120 เครือข่ายอื่น 120 ทางการ 110 — ทางการน้อยกว่าอยู่ 10")
    expect(card).to_contain_text("ทางการมากกว่าอยู่ 10")
    expect(card.get_by_role("listitem")).to_have_count(2)
    expect(head.get_by_text("ผลที่เผยแพร่ 120 ทางการ 4,000")).to_be_visible()
    card.get_by_text("ดูตัวเลขและหลักฐาน").click()
    expect(card.get_by_role("link", name="หน้าสาธารณะพร้อมหลักฐาน")).to_have_attribute("href", f"/station/{STATION}")
    assert re.fullmatch(
        r"/check#entry=\d+", card.get_by_role("link", name=re.compile("^#")).first.get_attribute("href") or ""
    )
    card.get_by_text("อธิบายจุดที่ต่าง").click()
    card.get_by_label("ของทางการผิด").check()
    card.get_by_role("textbox", name="เหตุผล").fill("สลับหมายเลข 1 กับ 2")
    card.get_by_role("button", name="บันทึกคำอธิบาย").click()
    expect(card).to_contain_text("ของทางการผิด: สลับหมายเลข 1 กับ 2")
    with head.expect_download() as download:
        head.get_by_role("link", name="ส่วนที่ต่างกัน").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [(row["station"], row["figure"], row["official_minus_ours"]) for row in rows] == [
        (STATION, "1", "-10"), (STATION, "2", "10"),
    ]  # fmt: skip


def test_a_second_head_reaches_neither_the_constituency_nor_the_people_of_the_first(
    front: Served, busy: dict[str, UUID], page_of: Open
) -> None:
    here = f"http://127.0.0.1:{front.port}/en/head/{AREA}"
    neighbour, rival = opened(front, page_of, "01-02"), opened(front, page_of, AREA, OTHER)
    for path in ("", "/people", "/compare", f"/stations/{STATION}", f"/people/{busy['missing']}"):
        answer = neighbour.request.get(here + path)
        assert answer.status == 403 and LONG not in answer.text()
    for path in ("", "/people", "/compare", f"/stations/{NEXT}", f"/stations/{NEXT}/people"):
        answer = rival.request.get(here + path)
        assert answer.status == 200 and LONG not in answer.text(), path
        assert all(str(busy[who]) not in answer.text() for who in ("waiting", "free", "missing"))
    assert rival.request.get(f"{here}/people/{busy['missing']}").status == 404
    assert "คนของเครือข่ายอื่น" in rival.request.get(f"{here}/people").text()


def test_the_page_keeps_itself_up_to_date_and_leaves_an_open_form_alone(front: Served, head: Page) -> None:
    sheet = "01-01-010114-004/constituency"
    row = head.locator(f'li[data-key="{sheet.partition("/")[0]}"]')
    expect(row.locator(".badge").first).to_contain_text("ยังไม่มี")
    send(front, phone_of(front), {"sheet": sheet, "stage": "progress", "votes": {"1": 3}})
    head.get_by_label("ชื่อตำบลหรือรหัสหน่วย").fill("กำลังพิมพ์")
    head.evaluate("dispatchEvent(new Event('online'))")
    head.wait_for_timeout(1500)
    expect(row.locator(".badge").first).to_contain_text("ยังไม่มี")
    head.locator("h1").click()
    head.evaluate("document.activeElement.blur(); dispatchEvent(new Event('online'))")
    expect(row.locator(".badge").first).not_to_contain_text("ยังไม่มี")
    expect(head.locator("live-page")).to_contain_text("ข้อมูลล่าสุด")
    assert head.get_by_label("ชื่อตำบลหรือรหัสหน่วย").input_value() == "กำลังพิมพ์"


def test_without_a_script_the_pages_work_by_links_and_forms(
    front: Served, busy: dict[str, UUID], page_of: Open
) -> None:
    page = page_of(360, java_script_enabled=False)
    somebody = signed_in(front, person(front, level=2, roles=(f"head:{AREA}",)))
    page.goto(f"{entered(page.context, somebody)}/en/head")
    page.get_by_role("link", name=re.compile("^disputed")).click()
    expect(page.get_by_role("link", name=THIRD)).to_be_visible()
    page.get_by_role("link", name=re.compile(THIRD)).click()
    expect(page.get_by_role("heading", name="Station 3, Dong Phrik")).to_be_visible()


def test_every_page_of_a_head_can_be_used_by_everybody_full_and_empty(
    front: Served, busy: dict[str, UUID], page_of: Open, axe: str
) -> None:
    page = page_of(360)
    somebody = signed_in(front, person(front, level=2, roles=(f"head:{AREA}", "head:02-01")))
    base = entered(page.context, somebody)
    here = f"/head/{AREA}"
    full = ["", "/people", f"/people/{busy['missing']}", "/compare", "/compare?ballot=list", f"/stations/{STATION}"]
    full += [f"/stations/{NEXT}", f"/stations/{STATION}/people", "?show=missing", "/stations/nowhere"]
    told = post(somebody, f"{here}/announcements/send", th="พรุ่งนี้หกโมงเช้า", draft=str(uuid4())).headers["location"]
    full += ["/announcements", told.removeprefix(here), f"{told.removeprefix(here)}/people"]
    empty = [
        "",
        "/people",
        "/compare",
        "/announcements",
        "/stations/02-01-020111-001",
        "/stations/02-01-020111-001/people",
    ]
    pages_are_sound(page, axe, base, *(here + path for path in full), *(f"/head/02-01{path}" for path in empty))


@pytest.fixture
def phone(browser: Chromium) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE)
    yield context
    context.close()


def the_duty_leads_to_the_form(walk: Walk, head: UUID) -> None:
    """An organiser asks a head for the official figures; in the app the duty opens the form of the whole constituency."""
    page = walk.page
    organiser = signed_in(walk.front, person(walk.front, roles=("organiser",)))
    assert post(organiser, f"/organise/people/{head}/duty", area=AREA).status == 200
    walk.go("")
    page.reload()
    page.get_by_role("button", name="รับหน้าที่").click()
    page.get_by_role("link", name=re.compile("^กรอกตัวเลขทางการ .*แบ่งเขต")).click()
    expect(page.get_by_text("ทั้งเขต")).to_be_visible()


def test_a_head_enters_official_figures_of_a_station_and_of_the_constituency_on_the_own_phone(
    front: Served, phone: BrowserContext, axe: str
) -> None:
    walk = Walk(front, phone)
    page = walk.arrive()
    page.goto(f"{walk.base}/app#/official/{STATION}/constituency")
    expect(page.get_by_text("ต้องส่งจากเครื่องของหัวหน้าเขต")).to_be_visible()
    with connect(front.url) as connection:
        [who] = (
            connection.execute(
                "UPDATE people.persons SET level = 2 WHERE id = (SELECT person FROM people.devices WHERE person IS NOT NULL"
                " ORDER BY enrolled_at DESC LIMIT 1) RETURNING id"
            ).fetchone()
            or ()
        )
        connection.execute(
            "INSERT INTO people.grants (person, role, area, granted_at) VALUES (%s, 'head', %s, now())", (who, AREA)
        )
    page.goto(f"{walk.base}/app#/devices")
    page.get_by_role("button", name="ลงทะเบียนเป็นเครื่องของหัวหน้าเขต").click()
    expect(page.get_by_role("button", name="ลงทะเบียนเป็นเครื่องของหัวหน้าเขต")).to_be_hidden()
    page.goto(f"{walk.base}/head/{AREA}/stations/{NEXT}")
    page.get_by_role("link", name="กรอกตัวเลขทางการ").first.click()
    fill(page, axe, {"ballots_cast": 30, "valid": 27, "spoiled": 2, "no_vote": 1, "1": 20, "2": 4, "3": 2, "4": 1})
    page.goto(f"{walk.base}/head/{AREA}/compare?ballot=list")
    page.get_by_role("link", name="กรอกตัวเลขทางการของทั้งเขต").click()
    expect(page.get_by_text("ทั้งเขต")).to_be_visible()
    fill(page, axe, {"1": 700, "2": 600, "3": 500, "4": 400, "5": 300})
    walk.wait_for("accepted", 2)
    assert [[one["role"] for one in each["draft"]["evidence"]] for each in walk.reports()] == [["form"], ["form"]]
    walk.until(lambda: [one["state"] for one in walk.kept("photographs")] == ["done"] * 2, "both photographs arrived")
    the_duty_leads_to_the_form(walk, who)
    walk.judged()
    stages = {(one["sheet"], one["stage"]) for one in walk.reports()}
    assert stages == {(f"{NEXT}/constituency", "official"), (f"{AREA}/list", "official")}
    page.goto(f"{walk.base}/en/head/{AREA}/compare?ballot=list")
    expect(page.get_by_text("beside the public count")).to_be_visible()
    page.goto(f"{walk.base}/en/head/{AREA}/stations/{NEXT}")
    expect(page.get_by_role("link", name="Correct the official figures")).to_be_visible()


def fill(page: Page, axe: str, figures: dict[str, int]) -> None:
    """Type figures into the form of official figures, with a photograph, and send them."""
    expect(page.locator("count-final h1")).to_contain_text("ตัวเลขทางการ")
    shoot(page, "form", photograph(sum(figures.values())), 1)
    assert faults(page, axe) == []
    for field, value in figures.items():
        page.locator(f'[id="count-{field}"]').fill(str(value))
    page.locator(".count-form > .count-main").click()
    page.locator(".count-choices .count-main").click()
    if (sure := page.get_by_role("button", name="ส่งตามแบบ")).is_visible():
        sure.click()
    expect(page.get_by_role("heading", name="ตัวเลขทางการ")).to_be_visible()
