"""Signing in by a passkey and by an account elsewhere, in a real browser, through the program's own doors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.journeys.conftest import Open
from tests.journeys.sound import by_day_and_night, pages_are_sound
from tests.people.arriving import code_for, forget_pace
from tests.people.cast import person, signed_in
from tests.people.travelling import Elsewhere, new_phone, provider, table
from tests.web.leading import leading

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def google() -> Iterator[Elsewhere]:
    with provider("google") as running:
        yield running


@pytest.fixture(scope="module")
def front(databases: Databases, google: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("entry")
    file = folder / "providers.toml"
    file.write_text(table(google))
    with leading(databases, folder, senders="page", providers=file) as running:
        google.ask("POST", "/back", f"{base(running)}/sign-in/with/google/back")
        with connect(running.url) as connection:
            connection.execute("UPDATE people.networks SET open = true")
        yield running


def base(front: Front) -> str:
    """The address of this site: a passkey belongs to a name, never to a number."""
    return f"http://localhost:{front.port}"


def device(page: Page) -> tuple[Any, str]:
    """Give the browser an authenticator."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return tools, str(made["authenticatorId"])


def enter_by_code(front: Front, page: Page, phone: str, there: str = "") -> None:
    """Sign in with a code, through the pages."""
    ask_for_code(front, page, phone, there)
    page.locator("input[name=code]").fill(code_for(front, phone))
    page.get_by_role("button", name="เข้าสู่ระบบ", exact=True).click()


def ask_for_code(front: Front, page: Page, phone: str, there: str = "") -> None:
    """Come to the page that asks for the code."""
    forget_pace(front)
    page.goto(f"{base(front)}/sign-in{f'?next={there}' if there else ''}")
    page.locator(f"input[value={NETWORK}]").check()
    page.locator("input[name=phone]").fill(phone)
    page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
    page.locator("input[name=code]").wait_for()


def add_passkey(page: Page, name: str) -> None:
    page.locator("[data-passkey-add] input[name=name]").fill(name)
    page.get_by_role("button", name="เพิ่มพาสคีย์").click()
    expect(page.get_by_role("status")).to_contain_text("เพิ่มพาสคีย์แล้ว")
    expect(page.locator(".ways-list b").first).to_have_text(name)


def test_an_organiser_adds_a_passkey_and_signs_in_with_it_without_telephone_and_code(
    front: Front, page_of: Open
) -> None:
    phone = new_phone()
    person(front, roles=("organiser",), who=("สมศรี มาดี", phone))
    page = page_of(360)
    tools, authenticator = device(page)
    enter_by_code(front, page, phone, "/me")
    add_passkey(page, "มือถือของครู")
    [credential] = tools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert credential["isResidentCredential"] and credential["rpId"] == "localhost"
    page.get_by_role("button", name="ออกจากระบบ", exact=True).click()
    page.get_by_role("button", name="เข้าด้วยพาสคีย์").click()
    expect(page).to_have_url(f"{base(front)}/organise")
    page.get_by_role("link", name="วิธีเข้าใช้").click()
    expect(page.locator(".ways-list li").first).to_contain_text("ใช้ล่าสุด")
    page.get_by_role("button", name="ออกจากระบบ", exact=True).click()
    page.locator(f"input[value={NETWORK}]").check()
    page.locator("input[name=phone]").fill(phone)
    page.get_by_role("button", name="เข้าด้วยพาสคีย์").click()
    expect(page).to_have_url(f"{base(front)}/organise")


def test_a_passkey_that_was_removed_a_lock_that_stays_shut_and_a_second_one_on_one_device_are_said_plainly(
    front: Front, browser: Browser
) -> None:
    phone = new_phone()
    person(front, who=("สมศรี มาดี", phone))
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    tools, authenticator = device(page)
    enter_by_code(front, page, phone, "/me")
    add_passkey(page, "มือถือ")
    page.get_by_role("button", name="เพิ่มพาสคีย์").click()
    expect(page.get_by_role("alert")).to_have_text("เครื่องนี้มีพาสคีย์ของคุณแล้ว")
    page.locator("details.do summary").click()
    page.get_by_role("button", name="ลบพาสคีย์นี้").click()
    expect(page.get_by_role("status")).to_contain_text("ลบพาสคีย์แล้ว")
    page.get_by_role("button", name="ออกจากระบบ", exact=True).click()
    page.get_by_role("button", name="เข้าด้วยพาสคีย์").click()
    expect(page.get_by_role("alert")).to_contain_text("ถูกลบไปแล้ว")
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="เข้าด้วยพาสคีย์").click()
    expect(page.get_by_role("alert")).to_contain_text("ยังไม่ได้ใช้พาสคีย์")
    assert page.url == f"{base(front)}/sign-in"
    page.context.close()


def test_the_phones_app_welcomes_who_signed_in_with_a_passkey(front: Front, browser: Browser) -> None:
    phone = new_phone()
    person(front, who=("สมศรี มาดี", phone))
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    device(page)
    enter_by_code(front, page, phone, "/me")
    add_passkey(page, "มือถือ")
    page.get_by_role("button", name="ออกจากระบบ", exact=True).click()
    page.goto(f"{base(front)}/app#/sign-in")
    page.get_by_role("link", name="เข้าด้วยพาสคีย์").click()
    page.get_by_role("button", name="เข้าด้วยพาสคีย์").click()
    expect(page).to_have_url(f"{base(front)}/app#/")
    page.goto(f"{base(front)}/app#/me")
    expect(page.get_by_role("heading", name="สมศรี มาดี")).to_be_visible()
    page.get_by_role("link", name="วิธีเข้าใช้").click()
    expect(page.get_by_role("heading", name="วิธีเข้าใช้ของฉัน")).to_be_visible()
    page.context.close()


def test_an_account_elsewhere_is_linked_once_and_opens_from_then_on(
    front: Front, google: Elsewhere, browser: Browser, axe: str
) -> None:
    phone, name = new_phone(), f"U{front.port:032x}"
    person(front, roles=("organiser",), who=("สมศรี มาดี", phone))
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    page.goto(f"{base(front)}/sign-in")
    page.get_by_role("button", name="เข้าด้วย บัญชี google").click()
    there(page, google, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("บัญชีนี้ยังไม่ได้เชื่อม")
    expect(page.get_by_role("link", name="โหวต62")).to_have_attribute("href", "/join/vote62")
    assert by_day_and_night(page, axe) == []
    enter_by_code(front, page, phone, "/me")
    page.get_by_role("button", name="เชื่อมบัญชี").click()
    there(page, google, name)
    expect(page.get_by_role("status")).to_contain_text("เชื่อมบัญชีแล้ว")
    page.get_by_role("button", name="ออกจากระบบ", exact=True).click()
    page.get_by_role("button", name="เข้าด้วย บัญชี google").click()
    there(page, google, name)
    expect(page).to_have_url(f"{base(front)}/organise")
    page.context.close()


def there(page: Page, google: Elsewhere, name: str) -> None:
    """Say at the provider who one is; the page before it leads there by itself."""
    expect(page).to_have_url(re.compile(re.escape(f"{google.issuer}/authorize")))
    page.locator("input[name=who]").fill(name)
    page.get_by_role("button", name="Go on").click()


def test_the_pages_of_signing_in_can_be_used_by_everybody(front: Front, page_of: Open, axe: str) -> None:
    who = person(front, who=("สมศรี มาดี", new_phone()))
    page = page_of(360)
    tools, _ = device(page)
    pages_are_sound(page, axe, base(front), "/sign-in")
    ask_for_code(front, page, new_phone())
    assert by_day_and_night(page, axe) == []
    page.context.add_cookies([{"name": "sapparot_session", "value": signed_in(front, who).token, "url": base(front)}])
    page.goto(f"{base(front)}/me")
    add_passkey(page, "มือถือของครูสมศรีที่บ้านหลังใหม่ในอำเภอ")
    tools.send("WebAuthn.disable")
    pages_are_sound(page, axe, base(front), "/me", "/me?done=linked")
