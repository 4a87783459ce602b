"""An app of two versions beside each other: a page that is open, or kept, finds every part of its own version and no part of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond
from sapparot.web.assets import STATIC_URL, PhoneAssets, load_phone, load_static
from sapparot.web.volunteer.pages import PhonePages, phone_pages
from tests.journeys.phonewalk import PHONE
from tests.web.serving import ZONE, served
from tests.web.test_phone import invitations

pytestmark = pytest.mark.browser


class Version:
    """A build of the app in which every script has a name and bytes of its own."""

    def __init__(self, number: int) -> None:
        assets, static = load_phone(), load_static()
        self.files = {self._named(name, number): name for name in assets.files}
        self.bodies: dict[str, bytes] = {}
        for own, name in self.files.items():
            text = static[name.removeprefix("/static/")].body.decode()
            for other, old in self.files.items():
                text = text.replace(old.removeprefix(STATIC_URL), other.removeprefix(STATIC_URL))
            self.bodies[own] = f"{text}\n//{number}".encode()
        self.pages = PhonePages(self._assets(assets, number), invitations, ZONE)
        self.app = cast("AsgiApp", phone_pages(self.pages))

    @staticmethod
    def _named(name: str, number: int) -> str:
        return name.replace(".js", f"-{number}.js")

    def _assets(self, assets: PhoneAssets, number: int) -> PhoneAssets:
        return replace(
            assets,
            app_script=self._named(assets.app_script, number),
            first=tuple(self._named(name, number) for name in assets.first),
            files=tuple(self.files),
        )


class Site:
    """A server whose pages, worker and scripts can be of different versions while one is brought out."""

    def __init__(self) -> None:
        self.versions = [Version(1), Version(2)]
        self.login: tuple[str, ...] = ()
        """What begins so is answered by somebody who stands between."""
        self.deploy(0)

    def deploy(self, number: int) -> None:
        """Bring out a version; the one before is gone."""
        self.pages = self.worker = self.versions[number]
        self.scripts = self.pages.bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; nobody is signed in here."""
        path = scope["path"]
        if path.startswith(self.login):
            await respond(send, 200, b"<!doctype html><title>Wi-Fi</title><h1>Please sign in</h1>", b"text/html")
        elif path in self.scripts:
            await respond(send, 200, self.scripts[path], b"text/javascript")
        elif path == "/static/icon.svg":
            await respond(send, 200, load_static()["icon.svg"].body, b"image/svg+xml")
        elif path == "/worker.js":
            await self.worker.app(scope, receive, send)
        elif path.startswith(("/app", "/en/app")):
            await self.pages.app(scope, receive, send)
        else:
            await respond(send, 404, b"{}", b"application/problem+json")


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[tuple[BrowserContext, str]]:
    """A phone, and where its app is."""
    with served(site) as address:
        context = browser.new_context(**PHONE)
        yield context, f"{address}/app"
        context.close()


def opened(phone: tuple[BrowserContext, str]) -> Page:
    """Open the app and wait until the workers of both languages keep it."""
    context, address = phone
    page = context.new_page()
    page.goto(address)
    page.evaluate(KEPT_BY_BOTH)
    return page


def has_all(page: Page, version: Version) -> bool:
    """Tell whether a page gets every script of a version, with the bytes of that version."""
    got: dict[str, str | None] = page.evaluate(EVERY, list(version.files))
    return got == {name: body.decode() for name, body in version.bodies.items()}


def test_the_worker_of_one_language_leaves_the_older_one_of_the_other_its_app(
    site: Site, phone: tuple[BrowserContext, str]
) -> None:
    page = opened(phone)
    before = site.versions[0]
    site.deploy(1)
    page.reload()
    assert page.evaluate(TRIED, ["/en/app", ["activated"]]) == "activated"
    assert page.evaluate(TRIED, ["/app", ["installed"]]) == "installed", "it waits for the pages that are open"
    phone[0].set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="มาช่วยกันนับคะแนน")).to_be_visible()
    assert has_all(page, before)


def test_a_page_that_is_open_while_another_window_takes_the_new_version_keeps_the_parts_of_its_own(
    site: Site, phone: tuple[BrowserContext, str]
) -> None:
    old, other = opened(phone), opened(phone)
    before, after = site.versions
    site.deploy(1)
    other.reload()
    other.get_by_role("button", name="เปลี่ยนตอนนี้").click()
    other.wait_for_function("document.querySelector('script[type=module]').src.endsWith('-2.js')")
    expect(other.get_by_role("heading", name="มาช่วยกันนับคะแนน")).to_be_visible()
    phone[0].set_offline(True)
    assert has_all(old, before) and has_all(other, after)
    old.reload()
    old.wait_for_function("document.querySelector('script[type=module]').src.endsWith('-2.js')")
    assert has_all(old, after)


def test_a_worker_that_meets_the_page_of_another_version_does_not_keep_it(
    site: Site, phone: tuple[BrowserContext, str]
) -> None:
    page = opened(phone)
    before, after = site.versions
    site.worker = after
    site.scripts = before.bodies | after.bodies
    ends = ["redundant", "installed"]
    assert page.evaluate(TRIED, ["/app", ends]) == "redundant"
    assert has_all(page, before)
    site.deploy(1)
    assert page.evaluate(TRIED, ["/app", ends]) == "installed"


@pytest.mark.parametrize("instead", [("/app", "/en/app", "/static"), ("/static",), ("/app", "/en/app")])
def test_a_worker_that_meets_a_login_page_instead_of_its_app_does_not_keep_that(
    site: Site, phone: tuple[BrowserContext, str], instead: tuple[str, ...]
) -> None:
    page = opened(phone)
    before = site.versions[0]
    site.deploy(1)
    site.login = instead
    ends = ["redundant", "installed"]
    assert page.evaluate(TRIED, ["/app", ends]) == "redundant"
    assert has_all(page, before)
    site.login = ()
    assert page.evaluate(TRIED, ["/app", ends]) == "installed"


KEPT_BY_BOTH = """async () => {
  const active = async () => (await navigator.serviceWorker.getRegistrations()).filter((one) => one.active?.state === "activated");
  while ((await active()).length < 2) await new Promise((done) => setTimeout(done, 50));
}"""
EVERY = """(names) => Promise.all(names.map(async (name) => {
  const answer = await fetch(name).catch(() => null);
  return [name, answer && answer.ok ? await answer.text() : null];
})).then(Object.fromEntries)"""
TRIED = """async ([scope, ends]) => {
  const registration = await navigator.serviceWorker.getRegistration(scope);
  await registration.update();
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  while (!ends.includes(worker.state)) await new Promise((done) => setTimeout(done, 50));
  return worker.state;
}"""
"""Lets the browser look for a newer worker, and tells how far it came."""
