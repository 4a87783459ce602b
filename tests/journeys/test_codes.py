"""A receipt goes from one screen to another device's camera as QR codes: made by one page, seen by a camera, proved by another page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import FLAGS, Open, chromium
from tests.journeys.publiclog import CheckedNight, checked_night
from tests.journeys.sound import faults
from tests.web.serving import served

pytestmark = pytest.mark.browser

FRAME = (720, 960)
FAKE = "--use-fake-ui-for-media-stream --use-fake-device-for-media-stream --use-file-for-fake-video-capture="
CODES = "qr-codes[data-codes] svg"
Served = tuple[CheckedNight, str]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Served]:
    running = checked_night(tmp_path)
    running.ledger.cosign()
    with served(running) as address:
        yield running, address
        running.cut = True


def shown(page: Page, address: str, entry: int = 2) -> list[str]:
    """Check an entry and ask for its receipt as codes; return what draws each code."""
    page.goto(f"{address}/en/check#entry={entry}")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "holds")
    page.get_by_role("button", name="Show the receipt as QR codes").click()
    page.locator(CODES).first.wait_for(state="attached")
    return cast("list[str]", page.locator(CODES).evaluate_all("all => all.map(one => one.outerHTML)"))


def picture(drawing: str) -> numpy.ndarray:
    """Paint a code onto a frame of a camera: grey table, white paper, a little noise."""
    side = int(re.search(r'viewBox="0 0 (\d+) ', drawing)[1])  # type: ignore[index]
    modules = numpy.full((side, side), 235, numpy.uint8)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawing):
        modules[int(y), int(x)] = 16
    scale = (FRAME[0] - 40) // side
    frame = numpy.full(FRAME, 120, numpy.uint8)
    frame[20 : 20 + side * scale, 130 : 130 + side * scale] = modules.repeat(scale, 0).repeat(scale, 1)
    noise = numpy.random.default_rng(7).integers(-9, 10, FRAME)
    return (frame + noise).clip(16, 235).astype(numpy.uint8)


def film(place: Path, drawings: list[str]) -> Path:
    """What a camera saw, as YUV4MPEG2: each code for two frames."""
    grey = numpy.full(FRAME[0] * FRAME[1] // 2, 128, numpy.uint8).tobytes()
    with place.open("wb") as out:
        out.write(b"YUV4MPEG2 W%d H%d F8:1 Ip A1:1 C420jpeg\n" % (FRAME[1], FRAME[0]))
        for drawing in drawings:
            out.writelines([b"FRAME\n" + picture(drawing).tobytes() + grey] * 2)
    return place


def seen_by_camera(browser: Browser, recording: Path) -> Browser:
    """Start a browser whose camera sees a recording."""
    return browser.browser_type.launch(executable_path=chromium(), args=[*FLAGS.split(), *f"{FAKE}{recording}".split()])


def test_a_receipt_goes_from_screen_to_camera_and_holds_there(
    night: Served, page_of: Open, browser: Browser, tmp_path: Path
) -> None:
    drawings = shown(page_of(360), night[1])
    assert len(drawings) > 2
    watching = seen_by_camera(browser, film(tmp_path / "codes.y4m", drawings))
    try:
        page = watching.new_page()
        page.goto(f"{night[1]}/en/check")
        page.get_by_role("button", name="Scan a QR code").click()
        expect(page.locator("[data-gathered]")).to_contain_text(f"of {len(drawings)} codes")
        expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "holds")
        expect(page.locator("[data-taken]")).to_contain_text("a receipt")
        expect(page.locator("video")).to_be_hidden()
        assert page.evaluate("document.querySelector('video').srcObject") is None, (
            "the camera is off when nobody needs it"
        )
        assert any("decode" in path for path in night[0].asked)
    finally:
        watching.close()


def test_the_link_to_an_entry_is_read_by_a_camera(
    night: Served, page_of: Open, browser: Browser, tmp_path: Path
) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check#entry=2")
    code = page.locator("qr-codes[data-link] svg")
    code.wait_for()
    watching = seen_by_camera(browser, film(tmp_path / "link.y4m", [code.evaluate("one => one.outerHTML")]))
    try:
        page = watching.new_page()
        page.goto(f"{night[1]}/check")
        page.get_by_role("button", name="สแกนคิวอาร์โค้ด").click()
        expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "holds")
    finally:
        watching.close()


def test_a_screenshot_of_a_code_is_read_as_a_picture(night: Served, page_of: Open) -> None:
    page = page_of(360)
    page.goto(f"{night[1]}/en/check#entry=2")
    code = page.locator("qr-codes[data-link] svg")
    code.wait_for()
    shot = code.screenshot()
    page.get_by_role("button", name="Check something else").click()
    page.locator("input[capture]").set_input_files({"name": "code.png", "mimeType": "image/png", "buffer": shot})
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "holds")


def test_parts_can_be_pasted_and_what_is_missing_is_said(night: Served, page_of: Open) -> None:
    page = page_of(360)
    shown(page, night[1])
    links = page.evaluate(
        "() => new Promise(heard => { const made = customElements.get('qr-codes').prototype, show = made.show;"
        " made.show = function (texts) { heard(texts); return show.call(this, texts); };"
        " document.querySelector('[data-whole]').click(); })"
    )
    assert len(links) > 2 and all("/en/check#part=" in link for link in links)
    page.get_by_role("button", name="Check something else").click()
    for link in links[:-1]:
        page.locator("textarea").fill(link)
        page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("[data-gathered]")).to_contain_text(f"Still missing: {len(links)}.")
    page.goto(links[-1])
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "holds")
    broken = links[0][:-6] + "AAAAAA"
    page.get_by_role("button", name="Check something else").click()
    for link in (broken, *links[1:]):
        page.locator("textarea").fill(link)
        page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be read")
    expect(page.locator("[data-gathered]")).to_be_hidden()


def test_codes_take_turns_until_they_are_stopped_and_stand_still_for_who_asked(night: Served, page_of: Open) -> None:
    page = page_of(360)
    drawings = shown(page, night[1])
    turn = page.locator("qr-codes p")
    expect(turn).to_have_text(f"Code 2 of {len(drawings)}")
    page.locator("qr-codes").get_by_role("button", name="Stay on this code").click()
    before = turn.inner_text()
    page.wait_for_timeout(1600)
    expect(turn).to_have_text(before)
    page.get_by_role("button", name="Next code").click()
    expect(turn).not_to_have_text(before)
    still = page_of(360, reduced_motion="reduce")
    shown(still, night[1])
    still.wait_for_timeout(1600)
    expect(still.locator("qr-codes p")).to_have_text(f"Code 1 of {len(drawings)}")


def test_the_receipt_is_saved_as_the_file_that_the_page_reads(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check#entry=2")
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save the receipt").click()
    text = Path(saving.value.path()).read_text()
    assert saving.value.suggested_filename == "entry-2.tlog-proof"
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ") and "— cosigner" in text
    page.get_by_role("button", name="Check something else").click()
    page.locator("textarea").fill(text)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "holds")


def test_only_the_page_that_checks_may_ask_for_the_camera(night: Served, page_of: Open) -> None:
    page = page_of()
    for path, camera in (
        ("/check", "camera=(self)"),
        ("/en/check", "camera=(self)"),
        ("/en", "camera=()"),
        ("/", "camera=()"),
    ):
        answer = page.goto(f"{night[1]}{path}")
        assert answer is not None
        assert camera in answer.headers["permissions-policy"]


def test_a_device_without_a_camera_is_told_what_else_to_do(night: Served, page_of: Open) -> None:
    page = page_of(360)
    page.goto(f"{night[1]}/en/check")
    page.get_by_role("button", name="Scan a QR code").click()
    expect(page.get_by_role("alert")).to_contain_text("The camera cannot be used")
    expect(page.get_by_role("button", name="Scan a QR code")).to_be_visible()


def test_codes_and_camera_can_be_used_by_everybody(night: Served, page_of: Open, axe: str) -> None:
    for scheme in ("light", "dark"):
        page = page_of(360, color_scheme=scheme, bypass_csp=True)
        shown(page, night[1])
        page.locator("qr-codes").get_by_role("button", name="Stay on this code").click()
        assert faults(page, axe) == [], scheme
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, scheme
