"""The public pages in a real browser: phone and desk, keyboard and screen reader, and an evening that goes on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Night, Open
from tests.journeys.sound import WIDE, faults, pages_are_sound
from tests.web.evenings import COMPLETE, EARLY, EMPTY, LATE, Evening, evening
from tests.web.sheets import disputed_station

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATION = "01-01-010111-001"
PAGES = ("/", "/province/01", "/constituency/01-01", f"/station/{STATION}", "/stations?q=01", "/check", "/nothing")
LONG = "พระพุทธบาทสระบุรีศรีสวัสดิ์มหานครนพรัตนราชธานีบูรีรมย์อุดมราชนิเวศน์"

Served = tuple[Night, str]


def start(night: Night, shares: dict[str, float]) -> None:
    disputed_station(night.log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    night.publish(evening(shares))


def test_axe_finds_no_serious_fault_on_any_page(night: Served, page_of: Open, axe: str) -> None:
    start(night[0], LATE)
    pages_are_sound(page_of(bypass_csp=True), axe, night[1], *PAGES)


def test_axe_would_find_a_fault(night: Served, page_of: Open, axe: str) -> None:
    start(night[0], LATE)
    page = page_of(bypass_csp=True)
    page.goto(night[1])
    page.evaluate("document.querySelector('h1').innerHTML = '<img src=/static/icon.svg>'")
    assert any("image-alt" in fault for fault in faults(page, axe))


@pytest.mark.parametrize("shares", [EMPTY, EARLY, COMPLETE], ids=["empty", "early", "complete"])
def test_axe_finds_no_serious_fault_in_any_state(
    shares: dict[str, float], night: Served, page_of: Open, axe: str
) -> None:
    start(night[0], shares)
    page = page_of(bypass_csp=True)
    for path in ("/", "/en/constituency/01-01"):
        page.goto(night[1] + path)
        assert faults(page, axe) == [], path


def test_nothing_is_wider_than_a_small_phone_even_with_letters_twice_as_large(
    night: Served, browser: Browser, large: Browser
) -> None:
    given = evening(LATE)
    swaps = {"ทุ่งตะวัน".encode(): LONG.encode(), b"Thung Tawan": b"Llanfairpwllgwyngyllgogerychwyrndrobwllllantysilio"}
    definition, files = given.definition, given.files
    for name, other in swaps.items():
        definition = definition.replace(name, other)
        files = {file: data.replace(name, other) for file, data in files.items()}
    disputed_station(night[0].log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    night[0].publish(type(given)(definition, files))
    wide = {}
    for size, letters, width in (("small", browser, 320), ("large", large, 360)):
        context = letters.new_context(viewport={"width": width, "height": 740})
        page = context.new_page()
        for path in (*PAGES, *(f"/en{path}" for path in PAGES)):
            page.goto(night[1] + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            wide[f"{size} letters, {path}"] = page.evaluate(WIDE)
        context.close()
    assert {place: bad for place, bad in wide.items() if bad} == {}


def test_the_policy_of_the_pages_lets_everything_through_that_they_need(night: Served, page_of: Open) -> None:
    start(night[0], LATE)
    page = page_of()  # the fixture fails on anything that the browser refuses
    for path in PAGES:
        page.goto(night[1] + path)
        assert page.evaluate("getComputedStyle(document.body).fontVariantNumeric").startswith("lining-nums")


def test_a_new_snapshot_appears_without_a_reload_and_without_moving_the_reader(night: Served, page_of: Open) -> None:
    start(night[0], EARLY)
    page = page_of(360)
    page.goto(f"{night[1]}/en")
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    before = page.locator("#h-counted + .pair .big b").first.inner_text()
    page.locator("#all > summary").click()
    link = page.locator("#all a").nth(2)
    link.focus()
    page.evaluate("window.stayed = true; window.kept = document.activeElement")
    top = page.evaluate("window.kept.getBoundingClientRect().top")
    night[0].publish(evening(COMPLETE))
    expect(page.locator("main")).to_have_attribute("data-n", "2")
    assert page.locator("#h-counted + .pair .big b").first.inner_text() == "100.0%" != before
    assert page.evaluate("window.stayed"), "the page was loaded again"
    assert page.evaluate("document.activeElement === window.kept"), "the focus was lost"
    assert page.evaluate("document.querySelector('#all').open"), "what was opened was closed"
    assert abs(page.evaluate("window.kept.getBoundingClientRect().top") - top) < 60, "the reader was moved"
    expect(page.locator("live-count [role=status]")).to_contain_text("counted")


def test_the_first_snapshot_of_the_evening_appears_by_itself(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(night[1])
    expect(page.locator("h1")).to_have_text("ยังไม่มีการนับคะแนน")
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    night[0].publish(evening(EARLY))
    expect(page.locator("main")).to_have_attribute("data-n", "1")
    assert "rgb" in page.evaluate("getComputedStyle(document.querySelector('.sw')).backgroundColor")


def test_without_an_event_stream_the_page_asks_for_the_latest(night: Served, page_of: Open) -> None:
    night[0].cut = True
    start(night[0], EARLY)
    page = page_of()
    page.clock.install()
    page.goto(night[1])
    page.wait_for_timeout(300)
    night[0].publish(evening(LATE))
    page.clock.run_for(11_000)
    page.wait_for_timeout(300)
    page.clock.run_for(6_000)
    expect(page.locator("main")).to_have_attribute("data-n", "2")


def test_a_page_to_which_nothing_new_comes_for_minutes_does_not_call_itself_live(night: Served, page_of: Open) -> None:
    start(night[0], EARLY)
    page = page_of()
    page.clock.install()
    page.goto(f"{night[1]}/en")
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    page.clock.run_for(4 * 60_000)
    expect(page.locator("live-count")).to_have_attribute("state", "quiet")
    expect(page.locator("live-count [data-state]")).to_have_text("Nothing new")
    night[0].publish(evening(LATE))
    page.wait_for_timeout(1_000)
    page.clock.run_for(11_000)
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    expect(page.locator("main")).to_have_attribute("data-n", "2")


def test_a_page_that_is_opened_on_an_old_snapshot_does_not_call_itself_live(night: Served, page_of: Open) -> None:
    start(night[0], EARLY)
    night[0].clock.moment += timedelta(minutes=4)
    page = page_of()
    page.add_init_script("{ const now = Date.now; Date.now = () => now() - 9e9 }")  # a phone whose clock is months off
    page.goto(f"{night[1]}/en")
    expect(page.locator("live-count")).to_have_attribute("state", "quiet")
    expect(page.locator("live-count [data-state]")).to_have_text("Nothing new")
    night[0].publish(evening(LATE))
    expect(page.locator("live-count")).to_have_attribute("state", "live")


@pytest.mark.parametrize(("lang", "said"), [("", "15 พ.ค. 01:14:32 น."), ("/en", "15 May 01:14:32")])
def test_after_midnight_the_button_stands_beside_what_is_said_when_nothing_new_comes(
    night: Served, page_of: Open, lang: str, said: str
) -> None:
    given = evening(EARLY)
    late = {name: data.replace(b"2023-05-14T13:14:32", b"2023-05-14T18:14:32") for name, data in given.files.items()}
    night[0].publish(Evening(given.definition.replace(b"2026-03-01", b"2023-05-14"), late))
    night[0].clock.moment += timedelta(hours=5, minutes=4)
    for width in (320, 360, 1440):
        page = page_of(width)
        page.goto(f"{night[1]}{lang}")
        expect(page.locator("live-count")).to_have_attribute("state", "quiet")
        expect(page.locator("live-count time")).to_have_text(said)
        words, button, dot = (page.locator(f"live-count {one}").bounding_box() for one in (".saying", "button", ".dot"))
        assert words and button and dot and words["x"] + words["width"] <= button["x"]
        for one in (words, dot):
            assert one["y"] + one["height"] / 2 == pytest.approx(button["y"] + button["height"] / 2, abs=2)


def test_a_reader_can_stop_the_updates_and_go_on(night: Served, page_of: Open) -> None:
    start(night[0], EARLY)
    page = page_of()
    page.goto(f"{night[1]}/en")
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    page.get_by_role("button", name="Pause").click()
    night[0].publish(evening(LATE))
    page.wait_for_timeout(6_500)
    expect(page.locator("main")).to_have_attribute("data-n", "1")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("main")).to_have_attribute("data-n", "2")


def test_a_page_that_shows_the_newest_snapshot_fetches_nothing(night: Served, page_of: Open) -> None:
    start(night[0], LATE)
    page = page_of()
    page.goto(night[1])
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    page.wait_for_timeout(6_000)
    assert night[0].asked.count("/") == 1


def test_the_map_is_one_stop_for_the_tab_key_and_arrows_walk_on_it(night: Served, page_of: Open) -> None:
    night[0].publish(evening(LATE, "th-2566", 0.02))
    page = page_of()
    page.goto(f"{night[1]}/en")
    assert page.locator("hex-map svg a[tabindex='0']").count() == 1
    page.locator("hex-map svg a[tabindex='0']").focus()
    seen = set()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.getAttribute('href')"))
    assert len(seen) >= 4 and all(href.startswith("/en/constituency/") for href in seen)
    assert page.locator("hex-map svg a[tabindex='0']").count() == 1
    assert "counted" in page.locator("[data-line]").inner_text()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/en/constituency/"))
    expect(page.locator("h1")).not_to_be_empty()


def test_a_short_name_of_a_party_stays_in_one_piece_on_a_small_phone(night: Served, page_of: Open) -> None:
    night[0].publish(evening(LATE, "th-2566", 0.02))
    page = page_of(320)
    page.goto(f"{night[1]}/en")
    chips = page.locator(".close .chip, .legend .chip")
    assert chips.count() >= 5
    broken = "chips => chips.filter(e => e.offsetHeight > 1.5 * parseFloat(getComputedStyle(e).lineHeight)).map(e => e.innerText)"
    assert chips.evaluate_all(broken) == []


def test_colours_of_parties_are_there_where_the_system_chooses_the_others(night: Served, page_of: Open) -> None:
    night[0].publish(evening(LATE))
    page = page_of(forced_colors="active")
    page.goto(night[1])
    colour = "getComputedStyle(document.querySelector('.parties .sw')).backgroundColor"
    assert page.evaluate(colour) not in ("rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgba(0, 0, 0, 0)")


def test_without_javascript_everything_can_be_read_and_reached(night: Served, page_of: Open) -> None:
    start(night[0], LATE)
    page = page_of(360, java_script_enabled=False)
    page.goto(night[1])
    assert page.get_by_role("button").count() == 0, "a button that does nothing"
    page.get_by_role("link", name="หน่วยของฉัน").click()
    page.get_by_role("searchbox").fill(STATION)
    page.get_by_role("button", name="ค้นหา").click()
    expect(page.locator("h1")).to_contain_text(STATION)
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text(f"Station {STATION}")


def test_from_the_country_to_a_station_in_three_steps(night: Served, page_of: Open) -> None:
    start(night[0], LATE)
    page = page_of(360)
    page.goto(f"{night[1]}/en")
    page.locator(".provinces a").first.click()
    page.locator(".contests a").first.click()
    page.locator(".group > summary").first.click()
    page.locator(".group a").first.click()
    expect(page.locator("h1")).to_contain_text("Station 01-01-")
