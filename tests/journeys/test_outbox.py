"""The outbox page of a practice in a real browser: a code comes up by itself, and everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.journeys.conftest import Open
from tests.journeys.sound import pages_are_sound
from tests.people.arriving import code_for, deliver
from tests.people.cast import Browser, person
from tests.web.leading import leading, send

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("outbox"), senders="page") as running:
        yield running


def test_a_code_comes_up_by_itself_and_the_page_can_be_used_by_everybody(front: Front, page_of: Open, axe: str) -> None:
    person(front, who=("ผู้ซ้อม หนึ่ง", "+66811110077"))
    page, base = page_of(360), f"http://127.0.0.1:{front.port}"
    page.goto(f"{base}/outbox")
    expect(page.get_by_text("ยังไม่มีข้อความ")).to_be_visible()
    send(Browser(front), "/sign-in", network=NETWORK, phone="081-111-0077")
    deliver(front)
    expect(page.get_by_text("081 111 0077")).to_be_visible(timeout=60_000)
    expect(page.locator(".outbox strong").first).to_have_text(code_for(front, "+66811110077"))
    pages_are_sound(page, axe, base, "/outbox")
