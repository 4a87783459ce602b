"""The volunteer's phone: from the link to the receipt, without a network in between, and after it was lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from sapparot import app
from sapparot.base.database import connect
from sapparot.people import revoke
from tests.intake.phones import Served
from tests.journeys.phonewalk import Walk, evening

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "locale": "th-TH"}


@pytest.fixture(scope="module")
def front(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with evening(server, template, tmp_path_factory.mktemp("phone")) as running:
        yield running


@pytest.fixture
def walk(front: Served, browser: Browser) -> Iterator[Walk]:
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    complaints: list[str] = []
    walk = Walk(front, context)
    walk.page.on("pageerror", lambda error: complaints.append(str(error)))
    yield walk
    context.close()
    assert complaints == []


def faults(walk: Walk, axe: str) -> list[str]:
    """What axe finds that is serious, and whatever is wider than the phone."""
    walk.page.evaluate(axe)
    found = walk.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    wide = walk.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in grave] + (
        [f"{wide} px too wide"] if wide > 0 else []
    )


def test_a_volunteer_goes_from_the_link_to_the_receipt_with_the_network_cut_in_the_middle(walk: Walk, axe: str) -> None:
    page = walk.arrive()
    walk.guard()
    assert faults(walk, axe) == []
    page.evaluate("navigator.serviceWorker.ready")
    walk.context.set_offline(True)
    walk.count(25)
    walk.wait_for("sent")
    [kept] = walk.reports()
    page.reload()
    expect(page.locator("count-progress")).to_be_visible()
    page.goto(f"{walk.base}/app#/outbox")
    expect(page.get_by_text("รอส่ง 1 รายงาน")).to_be_visible()
    assert faults(walk, axe) == []
    walk.context.set_offline(False)
    walk.wait_for("accepted")
    walk.judged()
    assert kept["jws"].encode() in walk.front.logged()
    page.get_by_role("button", name="ส่งตอนนี้").click()
    walk.wait_for("logged")
    page.locator("a.card").first.click()
    expect(page.get_by_role("heading", name="ใบรับ")).to_be_visible()
    assert faults(walk, axe) == []


def test_a_lost_phone_is_withdrawn_and_its_later_report_is_refused_with_the_reason(walk: Walk) -> None:
    page = walk.arrive()
    walk.count(25)
    walk.wait_for("accepted")
    walk.judged()
    [first] = walk.reports()
    with connect(walk.front.url) as connection:
        assert revoke(connection, first["kid"], datetime.now(UTC), "lost", app.keyring(walk.front.settings))
    walk.judged()
    walk.count(50)
    page.goto(f"{walk.base}/app#/outbox")
    page.wait_for_timeout(1_500)
    walk.judged()
    page.get_by_role("button", name="ส่งตอนนี้").click()
    walk.wait_for("refused")
    expect(page.get_by_text("เพิกถอนแล้ว").first).to_be_visible()
    logged = walk.front.logged()
    assert first["jws"].encode() in logged
    assert all(one["jws"].encode() not in logged for one in walk.reports() if one["way"] == "refused")
