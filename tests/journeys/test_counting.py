"""Counting with the thumb in a real browser: quick, safe against slips, and safe against a battery that dies."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from tests.journeys.conftest import FLAGS, Open, chromium
from tests.journeys.counting import options
from tests.journeys.sound import by_day_and_night

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: ViewportSize = {"width": 360, "height": 740}
LEAST_TARGET = 40
"""CSS pixels; WCAG 2.2 asks for 24."""
BETWEEN_BALLOTS = 360
"""Milliseconds after which a second tap on the same button counts."""
BETWEEN_BUTTONS = 130
"""Milliseconds after which a tap on another button counts."""
STRIPE = """(button) => "#" + getComputedStyle(button, "::before").backgroundColor
  .match(/\\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")"""
"""The colour at the edge of a button."""


@pytest.fixture
def phone(page_of: Open, address: str) -> Page:
    """A phone at the list ballot, in Thai."""
    page = page_of(has_touch=True)
    page.set_viewport_size(PHONE)
    page.goto(f"{address}/th?ballot=list")
    page.locator(".count-pad").wait_for()
    return page


def read_aloud(page: Page, number: int) -> None:
    """Type a number that was read aloud, and add it."""
    for digit in str(number):
        page.locator(".count-pad").get_by_role("button", name=digit, exact=True).tap()
    page.locator(".count-add").tap()
    page.wait_for_timeout(BETWEEN_BUTTONS)


def heard(page: Page, numbers: Iterable[int]) -> None:
    """Do what :func:`read_aloud` does with a thumb for many numbers, but only the events' own times lie apart."""
    page.evaluate(ALOUD, [list(numbers), BETWEEN_BUTTONS])


ALOUD = """async ([numbers, between]) => {
  const rendered = () => new Promise((on) => setTimeout(on));
  for (let place = 0, at = performance.now() + between; place < numbers.length; place++, at += between) {
    for (const digit of String(numbers[place])) {
      [...document.querySelectorAll(".count-pad button")].find((key) => key.textContent.trim() === digit).click();
      await rendered();
    }
    const add = new MouseEvent("click", { bubbles: true, cancelable: true });
    Object.defineProperty(add, "timeStamp", { value: at });
    document.querySelector(".count-add:enabled").dispatchEvent(add);
    await rendered();
  }
}"""


def total(page: Page) -> int:
    """The ballots that the screen shows for the chosen ballot."""
    return int(page.locator(".count-tabs [aria-pressed=true] b").inner_text().split("/")[0])


def reports(page: Page) -> list[dict[str, Any]]:
    """What was reported so far, the oldest first."""
    found: list[dict[str, Any]] = page.evaluate("() => globalThis.reports()")
    return sorted(found, key=lambda kept: kept["made_at"])


def test_each_of_57_options_is_counted_with_one_thumb_and_without_scrolling(phone: Page) -> None:
    for number in (1, 57):
        read_aloud(phone, number)
    heard(phone, range(2, 57))
    assert total(phone) == 57
    for view in ("pad", "all"):
        expect(phone.locator(f".count-field[data-view={view}]")).to_be_visible()
        assert phone.evaluate("() => document.scrollingElement.scrollHeight") <= PHONE["height"]
        targets = [box for each in phone.locator("count-progress button").all() if (box := each.bounding_box())]
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"] for box in targets)
        assert min(min(box["width"], box["height"]) for box in targets) >= LEAST_TARGET
        if view == "pad":
            phone.locator(".count-view").tap()
    for number in (57, 1, 31):
        phone.locator(f".count-option[data-key='{number}']").tap()
        phone.wait_for_timeout(BETWEEN_BUTTONS)
    assert total(phone) == 60
    expect(phone.locator("[data-key='31'] i")).to_have_text("2")


def test_a_finger_that_bounces_counts_once(phone: Page) -> None:
    spoiled = phone.locator("[data-key=spoiled]")
    spoiled.evaluate("(button) => [1, 2].forEach(() => button.click())")
    assert total(phone) == 1
    expect(phone.locator(".count-echo")).to_contain_text("ไม่นับ")
    phone.wait_for_timeout(BETWEEN_BALLOTS)
    spoiled.tap()
    assert total(phone) == 2


def test_every_tap_can_be_taken_back_and_brought_back(phone: Page) -> None:
    for number in (31, 29, 31, 5):
        read_aloud(phone, number)
    for _ in range(3):
        phone.locator(".count-undo").tap()
    assert total(phone) == 1
    phone.locator(".count-redo").tap()
    assert total(phone) == 2
    for _ in range(2):
        phone.locator(".count-undo").tap()
    assert total(phone) == 0
    expect(phone.locator(".count-undo")).to_be_disabled()


def test_a_figure_is_corrected_by_typing_in_either_script(phone: Page) -> None:
    read_aloud(phone, 31)
    phone.locator(".count-fix").tap()
    phone.locator(".count-tiles [data-key='31']").tap()
    phone.locator("dialog input[inputmode]").fill("๒๑๒")
    expect(phone.locator("dialog .count-words")).to_have_text("สองร้อยสิบสอง")
    phone.get_by_role("button", name="ใช้เลขนี้").tap()
    assert total(phone) == 212
    phone.locator(".count-cast").tap()
    phone.locator("dialog input[inputmode]").fill("2xx")
    expect(phone.get_by_role("button", name="ใช้เลขนี้")).to_be_disabled()
    phone.locator("dialog input[inputmode]").fill("211")
    phone.keyboard.press("Enter")
    expect(phone.locator(".count-cast")).to_contain_text("เกิน 1")


def test_the_two_ballots_are_one_tap_apart_and_do_not_mix(phone: Page) -> None:
    read_aloud(phone, 31)
    phone.locator("[data-ballot=constituency]").tap()
    assert total(phone) == 0
    for option in options(3):
        button = phone.locator(f".count-option[data-key='{option['number']}']")
        expect(button.locator("span")).to_have_text(option["name"]["th"])
        assert button.evaluate(STRIPE) == option["color"], "in the colour of the party"
    phone.locator(".count-option[data-key='3']").tap()
    phone.locator("[data-ballot=list]").tap()
    assert total(phone) == 1
    expect(phone.locator("[data-ballot=constituency] b")).to_have_text("1")


def test_progress_goes_out_after_25_ballots_and_a_fall_says_what_it_replaces_and_why(phone: Page) -> None:
    phone.locator("[data-key=no_vote]").tap()
    heard(phone, range(1, 24))
    read_aloud(phone, 24)
    expect(phone.locator("html")).to_have_attribute("data-sends", "1")
    [first] = reports(phone)
    assert first["draft"]["stage"] == "progress"
    assert (first["draft"]["valid"], first["draft"]["no_vote"], len(first["draft"]["votes"])) == (24, 1, 57)
    assert "replaces" not in first["draft"]
    phone.locator(".count-undo").tap()
    phone.locator(".count-done").tap()
    expect(phone.locator("html")).to_have_attribute("data-sends", "2")
    second = reports(phone)[1]
    assert second["draft"]["replaces"] == first["id"]
    assert second["draft"]["reason"] == "slip"
    assert phone.locator("html").get_attribute("data-heard") == 'count-final {"ballot":"list"}'


def test_a_minute_in_which_something_was_read_is_reported_and_a_silent_one_is_not(page_of: Open, address: str) -> None:
    page = page_of(has_touch=True)
    page.clock.install()
    page.goto(f"{address}/th?ballot=list")
    read_aloud(page, 31)
    page.clock.run_for(50_000)
    assert reports(page) == []
    page.clock.run_for(15_000)
    expect(page.locator("html")).to_have_attribute("data-sends", "1")
    page.clock.run_for(300_000)
    assert len(reports(page)) == 1


def test_counting_goes_on_without_a_network(phone: Page) -> None:
    phone.context.set_offline(True)
    heard(phone, range(1, 27))
    expect(phone.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    expect(phone.locator("html")).to_have_attribute("data-sends", "1")
    assert total(phone) == 26
    assert [kept["draft"]["valid"] for kept in reports(phone)] == [25]


def test_a_second_window_does_not_count_the_same_station(phone: Page) -> None:
    read_aloud(phone, 31)
    other = phone.context.new_page()
    other.goto(phone.url)
    expect(other.get_by_role("alert")).to_contain_text("อีกหน้าต่างหนึ่ง")
    read_aloud(other, 31)
    assert total(other) == 1, "it shows what was counted and counts nothing"


def test_a_second_window_keeps_and_reports_nothing_over_the_first(phone: Page) -> None:
    read_aloud(phone, 31)
    phone.locator(".count-undo").tap()
    other = phone.context.new_page()
    other.goto(phone.url)
    expect(other.get_by_role("alert")).to_contain_text("อีกหน้าต่างหนึ่ง")
    heard(phone, range(1, 27))
    expect(phone.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    before = phone.evaluate("() => globalThis.drafts()")
    other.locator(".count-redo").click()
    other.locator(".count-view").click()
    other.locator(".count-done").click()
    other.wait_for_timeout(300)
    assert phone.evaluate("() => globalThis.drafts()") == before
    assert [kept["draft"]["valid"] for kept in reports(phone)] == [25]


FULL = """() => {
  globalThis.full = true;
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (globalThis.full) throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, given);
  };
}"""
"""Lets the database answer as it does on a full disk."""


def test_a_full_disk_is_said_and_nothing_on_the_screen_is_lost(phone: Page) -> None:
    read_aloud(phone, 31)
    expect(phone.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    phone.evaluate(FULL)
    read_aloud(phone, 29)
    expect(phone.get_by_role("alert")).to_contain_text("บันทึกไม่ได้")
    phone.evaluate("() => (globalThis.full = false)")
    read_aloud(phone, 22)
    expect(phone.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    assert total(phone) == 3
    phone.reload()
    expect(phone.locator(".count-tabs [aria-pressed=true] b")).to_have_text("3")


@pytest.mark.parametrize("lang", ["th", "en"])
def test_people_with_disabilities_can_count(page_of: Open, address: str, axe: str, lang: str) -> None:
    page = page_of(360)
    for ballot in ("list", "constituency"):
        page.goto(f"{address}/{lang}?ballot={ballot}")
        page.locator(".count-option, .count-pad").first.wait_for()
        page.locator("[data-key=no_vote]").click()
        assert by_day_and_night(page, axe, every=True) == []


TAPPING = """() => {
  const safe = document.querySelector(".count-safe");
  const total = () => Number(document.querySelector(".count-tabs [aria-pressed=true] b").textContent);
  let heard = total(), next = 0;
  const told = () => safe.dataset.saved === "saved" && globalThis.safeNow(total()).then((ballots) => { heard = ballots; });
  new MutationObserver(told).observe(safe, { attributes: true });
  setInterval(() => total() < heard + 3 && document.querySelector(`.count-option[data-key='${1 + (next++ % 57)}']`).click(), 125);
}"""
"""Taps eight times a second, and tells the test how many ballots the screen has called saved; three more than it has heard of at most."""


class Battery:
    """A browser with its profile on the disk; all of its processes can be killed at once, without a warning."""

    def __init__(self, browser: Browser, profile: Path) -> None:
        self._start = browser.browser_type.launch_persistent_context
        self._profile = profile

    def start(self, **options: Any) -> BrowserContext:
        """Start the browser."""
        return self._start(self._profile, executable_path=chromium(), args=FLAGS.split(), **options)

    def open(self, address: str) -> Page:
        """Start the browser at the count, in the view of all options."""
        page = self.start(viewport=PHONE).pages[0]
        page.goto(f"{address}/th?ballot=list")
        page.locator(".count-field").wait_for()
        if page.locator(".count-pad").count():
            page.locator(".count-view").click()
        return page

    def die(self) -> None:
        """Kill every process of this browser."""
        mark = str(self._profile).encode()
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if folder.name.isdigit() and mark in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
        for lock in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self._profile / lock).unlink(missing_ok=True)


def test_a_killed_browser_loses_no_tap_that_the_screen_called_saved(
    browser: Browser, tmp_path: Path, address: str
) -> None:
    battery = Battery(browser, tmp_path / "profile")
    safe = 0

    def told(_source: object, ballots: int) -> int:
        nonlocal safe
        safe = ballots
        return ballots

    for many, later in ((5, 40), (14, 95), (27, 150)):
        page = battery.open(address)
        assert total(page) >= safe, "what was called saved is there"
        page.context.expose_binding("safeNow", told)
        page.evaluate(TAPPING)
        for _ in range(1000):
            if safe < many:
                page.wait_for_timeout(37)
        page.wait_for_timeout(later)
        battery.die()
        with contextlib.suppress(Error):
            page.context.close()
    assert safe > 20, "many taps were saved"
    page = battery.open(address)
    assert safe <= total(page) <= safe + 3, "at most the taps of one write were on their way"
    battery.die()
