"""The volunteer's phone: from the link to the public log, without a network in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

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


def test_a_volunteer_goes_from_the_link_to_the_public_log_with_the_network_cut_in_the_middle(
    walk: Walk, axe: str
) -> None:
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
