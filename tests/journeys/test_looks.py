"""Every screen of the phone in both languages, light and dark, on narrow phones and desks, and with letters twice as large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.intake.phones import NETWORK, Served
from tests.journeys.phonewalk import PHONE, STATION, Walk
from tests.journeys.sound import by_day_and_night

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENS = (
    "", "training", "places", f"station/{STATION}", "outbox", "report", "carry", "text", "news", "me", "data", "devices",
    "sign-in", f"count/{STATION}/constituency", f"final/{STATION}/constituency", "no-such-screen",
)  # fmt: skip
BEFORE = ("/app", "/app#/sign-in", f"/join/{NETWORK}")
"""What people see who have not joined yet."""
LANGUAGES = ("", "/en")
CLIPPED = """() => [...document.querySelectorAll("button, a, label, h1, h2, p, dd, dt, b, small")].filter((one) => {
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  if (!box.width || one.closest(".unseen, .skip, [hidden]") || style.textOverflow === "ellipsis") return false;
  const cut = style.overflowX !== "visible" && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1;
  return cut || box.right > innerWidth + 1 || box.left < -1;
}).map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)"""
"""What does not fit into its place or the screen."""
REACHED = """() => [...document.querySelectorAll("count-progress button, count-final button")].filter((one) => {
  one.scrollIntoView({ block: "nearest" });
  const box = one.getBoundingClientRect();
  if (!box.width) return false;
  return box.top < -1 || box.bottom > innerHeight + 1;
}).map((one) => one.className + one.textContent.trim())"""
"""Buttons that no scrolling brings onto the screen."""

STANDS = """(wanted) => {
  const { name, about } = document.querySelector("phone-app")?.place ?? {};
  return [name, about].filter(Boolean).join("/") === wanted;
}"""
"""Whether the app has gone to a screen; the one before may stand until then."""
FOCUS = """() => {
  const one = document.activeElement;
  const outlined = [one, one.parentElement].some((each) => each && parseFloat(getComputedStyle(each).outlineWidth) > 0);
  return [one.outerHTML.slice(0, 300), one.tagName === "BODY" || outlined];
}"""
"""What has the focus, and whether that is seen."""


@pytest.fixture(scope="module")
def volunteer(front: Served, browser: Browser) -> Iterator[Walk]:
    """A volunteer with a duty and a report on its way."""
    context = browser.new_context(**PHONE)
    walk, complaints = Walk(front, context), list[str]()
    walk.page.on("pageerror", lambda error: complaints.append(str(error)))
    yield with_report(walk)
    context.close()
    assert complaints == []


@pytest.fixture
def settled(volunteer: Walk) -> Iterator[Walk]:
    """The volunteer, who opens the app anew; it complains of nothing."""
    complaints: list[str] = []
    volunteer.page.close()
    volunteer.page = volunteer.context.new_page()
    volunteer.page.on("pageerror", lambda error: complaints.append(str(error)))
    volunteer.go("")
    yield volunteer
    assert complaints == []


def with_report(walk: Walk) -> Walk:
    """Bring a volunteer so far that every screen has something to show."""
    walk.arrive()
    walk.guard()
    walk.count(25)
    walk.wait_for("accepted")
    walk.judged()
    walk.go("outbox").get_by_role("button", name="ส่งตอนนี้").click()
    walk.wait_for("logged")
    return walk


def opened(walk: Walk, lang: str, screen: str) -> Page:
    """Open a screen and wait until it stands."""
    place = f"report/{walk.reports()[0]['id']}" if screen == "report" else screen
    walk.page.goto(f"{walk.base}{lang}/app#/{place}")
    walk.page.wait_for_function(STANDS, arg=place)
    counting = {"count": "count-progress", "final": "count-final"}.get(screen.partition("/")[0])
    walk.page.locator(counting or "main h1").first.wait_for()
    expect(walk.page.locator("[aria-busy=true]")).to_have_count(0)
    return walk.page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_screen_has_a_serious_fault_for_people_with_disabilities(settled: Walk, axe: str, lang: str) -> None:
    found = {screen: by_day_and_night(opened(settled, lang, screen), axe) for screen in SCREENS}
    assert {screen: bad for screen, bad in found.items() if bad} == {}


@pytest.mark.parametrize("width", [320, 360, 1440])
def test_everything_fits_on_the_screen(settled: Walk, width: int) -> None:
    settled.page.set_viewport_size({"width": width, "height": 640 if width == 320 else 740})
    found = {}
    for lang in LANGUAGES:
        for screen in SCREENS:
            page = opened(settled, lang, screen)
            found[lang, screen] = page.evaluate(CLIPPED) + page.evaluate(REACHED)
    assert {place: bad for place, bad in found.items() if bad} == {}


def test_letters_twice_as_large_fit_and_every_button_is_reached(front: Served, large: Browser) -> None:
    context = large.new_context(**PHONE)
    walk = with_report(Walk(front, context))
    assert walk.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    found = {}
    for lang in LANGUAGES:
        for screen in SCREENS:
            page = opened(walk, lang, screen)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found[lang, screen] = (
                page.evaluate(CLIPPED) + page.evaluate(REACHED) + ([f"{wide} px too wide"] if wide > 0 else [])
            )
    context.close()
    assert {place: bad for place, bad in found.items() if bad} == {}


THERE = {
    "station": ".sheet-panel",
    "report": "ol.way",
    "outbox": "a.card",
    "news": "p.lead",
    "text": "main p",
    "me": "ul.rows",
}
"""What a screen shows of what the phone keeps."""
READY = """Promise.all(["/app", "/en/app"].map(async (scope) => (await navigator.serviceWorker.getRegistration(scope))?.active?.state))"""
"""How far the browser is with keeping the app, in both languages."""


def without_a_network(walk: Walk) -> None:
    """Cut the network once the app is kept in both languages."""
    walk.until(lambda: walk.page.evaluate(READY) == ["activated"] * 2, "kept")
    walk.context.set_offline(True)


def test_after_one_visit_every_screen_opens_without_a_network(walk: Walk) -> None:
    walk.page.goto(f"{walk.base}/app")
    without_a_network(walk)
    for lang in LANGUAGES:
        for screen in ("", "sign-in"):
            expect(opened(walk, lang, screen).get_by_role("alert")).to_have_count(0)
    walk.context.set_offline(False)
    walk.arrive()
    walk.guard()
    without_a_network(walk)
    walk.count(25)
    walk.wait_for("sent")
    silent: dict[str, list[str]] = {}
    for screen in SCREENS:
        for lang in LANGUAGES:  # another language is another page, which is opened from the disk
            page = opened(walk, lang, screen)
            page.locator(THERE.get(screen.partition("/")[0], "h1")).first.wait_for()
            if alerts := page.get_by_role("alert").all_inner_texts():
                silent.setdefault(screen, []).extend(alerts)
    assert set(silent) <= {"data", "devices", "places"}, f"only what the server alone knows is missing: {silent}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_has_not_joined_finds_pages_without_faults_as_well(walk: Walk, axe: str, lang: str) -> None:
    for path in BEFORE:
        walk.page.goto(f"{walk.base}{lang}{path}")
        walk.page.locator("main h1").wait_for()
        assert by_day_and_night(walk.page, axe) == [], path


def test_a_keyboard_reaches_everything_and_sees_where_it_is(settled: Walk) -> None:
    for screen in ("", "outbox", "me"):
        page = opened(settled, "", screen)
        page.keyboard.press("Home")
        wanted = page.locator("a:visible, button:visible, input:visible").count()
        reached = set()
        for _ in range(wanted + 4):
            page.keyboard.press("Tab")
            where = page.evaluate(FOCUS)
            reached.add(where[0])
            assert where[1], f"no focus is seen on {where[0][:120]}"
        assert len(reached) >= wanted - 1, f"{screen}: {len(reached)} of {wanted}"
