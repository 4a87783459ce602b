"""The form in a real browser: typed in the order of the paper, checked in place, never stopped, with photographs that are looked at."""

from __future__ import annotations

import io
import random
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.journeys.conftest import FLAGS, Open, chromium
from tests.journeys.sound import by_day_and_night
from tests.journeys.test_counting import PHONE, read_aloud, reports

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURES = {"ballots_cast": "๔๑๒", "valid": "400", "spoiled": "6", "no_vote": "6", "1": "212", "2": "35", "31": "๑๔๗"}
ABOVE = ("eligible", "ballots_cast", "valid", "spoiled", "no_vote")
"""What form ส.ส. 5/18 asks for above the votes, from top to bottom."""
ROWS = """(lines) => lines.map((line) => ({
  field: line.name, keys: line.inputMode, top: line.getBoundingClientRect().top,
}))"""
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture
def form(page_of: Open, address: str) -> Page:
    """The form of the list ballot on a phone, in Thai."""
    page = page_of(has_touch=True)
    page.set_viewport_size(PHONE)
    page.goto(f"{address}/th?screen=count-final&ballot=list")
    page.locator(".count-form").wait_for()
    return page


def photograph(seed: int = 1, blur: float = 0.0) -> FilePayload:
    """Draw a page of print on a dark table, as a camera would see it."""
    picture = Image.new("RGB", (1500, 2000), (70, 55, 45))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(120, 100), (1380, 120), (1410, 1900), (100, 1890)], fill=(225, 225, 220))
    chance = random.Random(seed)
    for top in range(220, 1800, 38):
        for left in range(210, 1290, 8):
            if chance.random() < 0.6:
                draw.line(
                    [(left, top + chance.randint(0, 6)), (left + chance.randint(0, 5), top + 17)],
                    fill=(30, 30, 50),
                    width=3,
                )
    file = io.BytesIO()
    (picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture).save(file, "JPEG", quality=88)
    return {"name": "form.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def fill(page: Page, figures: dict[str, str]) -> None:
    """Type figures into their lines."""
    for field, text in figures.items():
        page.locator(f"#count-{field}").fill(text)


def shoot(page: Page, role: str, file: FilePayload, number: int | None = None) -> None:
    """Bring a photograph to its place and wait until it was looked at."""
    place = f"li[data-role={role}]" + (f"[data-page='{number}']" if number else "")
    page.locator(f"{place} input[type=file]").set_input_files(file)
    expect(page.locator(place)).not_to_have_attribute("data-state", "none")
    expect(page.locator(f"{place} input[type=file]")).to_be_enabled()


def kept(page: Page) -> list[dict[str, Any]]:
    """The photographs on the phone, without their bytes."""
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await globalThis.photographs()).map((p) => ({ ...p, original: p.original?.size, small: p.small?.size }))"
    )
    return found


def test_a_form_is_typed_checked_in_place_and_sent_with_its_difference(form: Page) -> None:
    rows = form.locator(".count-row input").evaluate_all(ROWS)
    assert [row["field"] for row in sorted(rows, key=lambda row: row["top"])] == [*ABOVE, *map(str, range(1, 58))]
    assert {row["keys"] for row in rows} == {"numeric"}, "every line brings the keypad with digits"
    fill(form, FIGURES)
    expect(form.locator("#count-words-ballots_cast")).to_have_text("สี่ร้อยสิบสอง")
    expect(form.locator("#count-words-1")).to_have_text("สองร้อยสิบสอง")
    expect(form.locator("[data-sum=votes]")).to_contain_text("ยังขาดอีก 6 ใบ")
    expect(form.locator("[data-sum=votes]")).to_have_attribute("data-state", "coming")
    expect(form.locator("[data-sum=ballots]")).to_contain_text("ตรงกัน")
    form.get_by_role("button", name="ช่องที่ยังว่าง 54 ช่อง เป็น 0 ทั้งหมด").tap()
    expect(form.locator("[data-sum=votes]")).to_have_attribute("data-state", "missing")
    form.locator(".count-form > .count-main").tap()
    form.get_by_role("button", name="ส่งผลนี้").tap()
    assert reports(form) == [], "a difference is asked about once"
    form.get_by_role("button", name="ส่งตามแบบ").tap()
    expect(form.locator("html")).to_have_attribute("data-sends", "1")
    [sent] = reports(form)
    assert form.locator("html").get_attribute("data-heard") == f'count-kept {{"id":"{sent["id"]}"}}'
    draft = sent["draft"]
    assert (draft["stage"], draft["ballots_cast"], draft["valid"], draft["eligible"]) == ("final", 412, 400, 611)
    assert draft["votes"]["31"] == 147 and sum(draft["votes"].values()) == 394 and len(draft["votes"]) == 57


@pytest.mark.parametrize("stage", ["final", "official"])
def test_two_windows_with_one_form_send_it_once_and_the_second_sees_what_the_first_has_sent(
    form: Page, stage: str
) -> None:
    form.goto(f"{form.url}&stage={stage}&level=2")
    fill(form, {"1": "10"})
    other = form.context.new_page()
    other.goto(form.url)
    expect(other.get_by_role("alert")).to_contain_text("อีกหน้าต่างหนึ่ง")
    expect(other.locator(".count-form")).to_have_count(0)
    other.get_by_role("button", name="กรอกที่นี่แทน").click()
    expect(other.locator("#count-1")).to_have_value("10")
    expect(form.get_by_role("alert")).to_contain_text("อีกหน้าต่างหนึ่ง")
    other.locator(".count-form > .count-main").click()
    other.locator(".count-choices .count-main").click()
    expect(other.locator("html")).to_have_attribute("data-sends", "1")
    other.close()
    expect(form.locator(".count-note").first).to_contain_text("ส่งผลนี้แล้ว")
    fill(form, {"1": "11"})
    form.locator(".count-form > .count-main").click()
    form.locator(".count-choices .count-main").click()
    expect(form.locator("html")).to_have_attribute("data-sends", "1")
    first, second = reports(form)
    assert [first["stage"], second["draft"].get("replaces")] == [stage, first["id"]]


def test_where_a_browser_has_no_locks_a_second_window_is_told_before_it_sends(form: Page) -> None:
    form.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    form.reload()
    other = form.context.new_page()
    other.goto(form.url)
    for page, typed in ((form, "10"), (other, "11")):
        fill(page, {"1": typed})
        page.locator(".count-form > .count-main").click()
    form.locator(".count-choices .count-main").click()
    expect(form.locator("html")).to_have_attribute("data-sends", "1")
    other.locator(".count-choices .count-main").click()
    expect(other.locator(".count-note").first).to_contain_text("ส่งผลนี้แล้ว")
    expect(other.locator("#count-1")).to_have_value("11")
    assert len(reports(form)) == 1


def test_an_own_final_that_is_corrected_takes_the_place_of_the_first(form: Page) -> None:
    fill(form, {"1": "10"})
    for _ in range(2):
        form.locator(".count-form > .count-main").tap()
        form.locator(".count-choices .count-main").tap()
        form.locator(".count-form").wait_for()
        form.reload()
        expect(form.locator(".count-note").first).to_contain_text("ส่งผลนี้แล้ว")
        expect(form.locator("#count-1")).to_have_value("10" if len(reports(form)) == 1 else "11")
        fill(form, {"1": "11"})
    first, second = reports(form)
    assert "replaces" not in first["draft"]
    assert second["draft"]["replaces"] == first["id"]
    assert second["draft"]["votes"] == {"1": 11}, "what is empty is unknown, not zero"


def test_what_was_typed_survives_a_reload_and_the_other_ballot(form: Page) -> None:
    fill(form, {"valid": "๔๐", "57": "1,234"})
    form.locator("[data-ballot=constituency]").tap()
    expect(form.locator("#count-valid")).to_have_value("")
    fill(form, {"valid": "7"})
    expect(form.locator(".count-form")).to_have_attribute("data-saved", "saved")
    form.reload()
    expect(form.locator("#count-valid")).to_have_value("๔๐")
    expect(form.locator("#count-words-57")).to_have_text("หนึ่งพันสองร้อยสามสิบสี่")
    form.locator("[data-ballot=constituency]").tap()
    expect(form.locator("#count-valid")).to_have_value("7")


def test_the_form_begins_with_what_was_counted(form: Page, address: str) -> None:
    form.goto(f"{address}/th?ballot=list")
    for number in (31, 29, 31):
        read_aloud(form, number)
    form.locator("[data-key=spoiled]").tap()
    expect(form.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    form.goto(f"{address}/th?screen=count-final&ballot=list")
    form.locator(".count-prefill").tap()
    for field, value in {"31": "2", "29": "1", "1": "0", "valid": "3", "spoiled": "1", "ballots_cast": "4"}.items():
        expect(form.locator(f"#count-{field}")).to_have_value(value)
    expect(form.locator("[data-sum=votes]")).to_contain_text("ตรงกัน")


def test_what_is_no_number_is_led_to_and_enter_goes_on_line_by_line(form: Page) -> None:
    fill(form, {"1": "1o", "2": "3"})
    expect(form.locator("#count-words-1")).to_have_text("ใส่เป็นตัวเลขเท่านั้น")
    form.locator(".count-form > .count-main").tap()
    expect(form.locator("#count-1")).to_be_focused()
    form.locator("#count-1").fill("10")
    form.keyboard.press("Enter")
    expect(form.locator("#count-2")).to_be_focused()


def test_photographs_are_looked_at_kept_and_named_in_the_report_before_they_arrive(form: Page) -> None:
    sharp, soft, board = photograph(1), photograph(2, blur=5), photograph(3)
    shoot(form, "form", sharp, 1)
    shoot(form, "form", soft, 2)
    shoot(form, "board", board)
    expect(form.locator("li[data-page='1']")).to_have_attribute("data-state", "good")
    expect(form.locator("li[data-page='2']")).to_contain_text("ไม่ชัด")
    form.reload()
    expect(form.locator("li[data-page='1'] canvas")).to_be_visible()
    names = {photo["sha256"]: photo for photo in kept(form)}
    assert set(names) == {sha256(file["buffer"]).hexdigest() for file in (sharp, soft, board)}
    assert all(photo["small"] < photo["original"] for photo in names.values())
    shoot(form, "form", photograph(4), 2)
    expect(form.locator("li[data-page='2']")).to_have_attribute("data-state", "good")
    assert len(kept(form)) == 3, "a picture that no report names goes when it is taken again"
    fill(form, {"1": "1"})
    form.locator(".count-form > .count-main").tap()
    expect(form.locator(".count-review")).to_contain_text("มีภาพถ่าย 3 รูป")
    form.locator(".count-choices .count-main").tap()
    form.locator(".count-form").wait_for()
    evidence = reports(form)[0]["draft"]["evidence"]
    assert [(item["role"], item.get("page")) for item in evidence] == [("form", 1), ("form", 2), ("board", None)]
    assert all(item["small"] != item["sha256"] for item in evidence)
    shoot(form, "board", photograph(5))
    expect(form.locator("li[data-role=board] canvas")).not_to_have_attribute(
        "data-photo", sha256(board["buffer"]).hexdigest()
    )
    assert [photo["sha256"] for photo in kept(form) if photo["put_aside"]] == [sha256(board["buffer"]).hexdigest()]
    assert len(kept(form)) == 4, "a picture that a report names stays until it has arrived"


SLOW = """() => {
  const real = createImageBitmap;
  globalThis.createImageBitmap = async (...given) => { await new Promise((on) => setTimeout(on, 1500)); return real(...given); };
}"""
"""Makes the phone as slow with a picture as the slowest are."""


def test_a_picture_that_is_still_being_looked_at_when_its_form_is_sent_is_named_in_the_report(form: Page) -> None:
    picture = photograph(1)
    fill(form, {"1": "1"})
    form.evaluate(SLOW)
    form.locator("li[data-page='1'] input[type=file]").set_input_files(picture)
    form.locator(".count-form > .count-main").tap()
    form.locator(".count-choices .count-main").tap()
    form.locator(".count-form").wait_for()
    [sent] = reports(form)
    assert [one["sha256"] for one in sent["draft"]["evidence"]] == [sha256(picture["buffer"]).hexdigest()]


def test_a_file_that_the_phone_cannot_read_is_kept_all_the_same(form: Page) -> None:
    shoot(form, "board", {"name": "a.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + bytes(5000)})
    expect(form.locator("li[data-role=board]")).to_contain_text("เปิดดูไม่ได้ แต่ส่งได้")
    [photo] = kept(form)
    assert photo["small_sha256"] is None and photo["original"] == 5012


def test_the_guided_camera_says_what_is_wrong_and_takes_the_picture_all_the_same(
    browser: Browser, address: str
) -> None:
    camera = browser.browser_type.launch(executable_path=chromium(), args=[*FLAGS.split(), *CAMERA])
    try:
        page = camera.new_page(viewport=PHONE)
        page.goto(f"{address}/en?screen=count-final&ballot=list")
        page.locator("li[data-role=board] button").click()
        expect(page.locator(".count-camera [role=status]")).not_to_be_empty()
        page.locator(".count-camera .count-main").click()
        expect(page.locator("li[data-role=board]")).not_to_have_attribute("data-state", "none")
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert [photo["role"] for photo in kept(page)] == ["board"]
    finally:
        camera.close()


def test_an_official_figure_is_its_own_report_with_one_photograph(page_of: Open, address: str) -> None:
    page = page_of(360)
    page.goto(f"{address}/en?screen=count-final&ballot=constituency&stage=official&level=2")
    expect(page.locator("h1")).to_contain_text("Official figures")
    assert page.locator("li[data-role=board]").count() == 0
    fill(page, {"1": "5", "valid": "5"})
    notice = photograph(6)
    shoot(page, "form", notice)
    page.locator(".count-form > .count-main").click()
    page.locator(".count-choices .count-main").click()
    page.locator(".count-form").wait_for()
    [sent] = reports(page)
    evidence = [(one["role"], one["sha256"]) for one in sent["draft"]["evidence"]]
    assert (sent["stage"], evidence) == ("official", [("form", sha256(notice["buffer"]).hexdigest())])


@pytest.mark.parametrize("lang", ["th", "en"])
def test_people_with_disabilities_can_fill_in_the_form(page_of: Open, address: str, axe: str, lang: str) -> None:
    page = page_of(360)
    page.goto(f"{address}/{lang}?screen=count-final&ballot=list")
    shoot(page, "form", photograph(1), 1)
    shoot(page, "form", photograph(1, blur=5), 2)
    fill(page, {**FIGURES, "3": "x"})
    assert by_day_and_night(page, axe, every=True) == []
    fill(page, {"3": "0", "ballots_cast": "2"})
    page.locator(".count-form > .count-main").click()
    page.locator(".count-choices .count-main").click()
    assert by_day_and_night(page, axe, every=True) == []
