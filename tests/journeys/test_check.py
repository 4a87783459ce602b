"""Checking an entry in a real browser: what holds, what does not, and what cannot be judged, for eyes, keyboards and screen readers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from sapparot.ledger.cosignatures import CosigningKey
from tests.journeys.conftest import Open
from tests.journeys.publiclog import ORIGIN, SHEET, STATION, VOTES, CheckedNight, PublicLog, checked_night
from tests.journeys.sound import faults
from tests.web.evenings import LATE, evening
from tests.web.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = ("entry", "path", "log", "cosigners", "newest", "author")
Served = tuple[CheckedNight, str]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Served]:
    running = checked_night(tmp_path)
    with served(running) as address:
        yield running, address
        running.cut = True


def states(page: Page) -> dict[str, str]:
    """Wait for the verdict; give the state of each step."""
    page.locator("[data-verdict]").wait_for(state="visible")
    return {step: page.locator(f"[data-step={step}]").get_attribute("data-state") or "" for step in STEPS}


def verdict(page: Page) -> str | None:
    page.locator("[data-verdict]").wait_for(state="visible")
    return page.locator("[data-verdict]").get_attribute("data-verdict")


def bring(page: Page, *files: tuple[str, str | bytes]) -> None:
    """Choose files."""
    chosen: list[FilePayload] = [
        {"name": name, "mimeType": kind_of(name), "buffer": data if isinstance(data, bytes) else data.encode()}
        for name, data in files
    ]
    page.locator("check-entry input[multiple]").set_input_files(chosen)


def kind_of(name: str) -> str:
    return "image/png" if name.endswith(".png") else "text/plain"


ALL = dict.fromkeys(STEPS, "holds")


def test_a_citizen_follows_a_report_from_its_station_to_the_proof(night: Served, page_of: Open) -> None:
    page = page_of(360)
    page.goto(f"{night[1]}/en/station/{STATION}")
    page.get_by_role("link", name="check this yourself (#2)").click()
    assert states(page) == {**ALL, "cosigners": "unknown"}
    assert verdict(page) == "alone"
    expect(page.locator("[data-verdict]")).to_be_in_viewport()
    says = page.locator("[data-says]").inner_text()
    assert SHEET in says and "220" in says and "Final score" in says
    expect(page.locator("[data-fingerprint]")).to_have_text(_groups())
    expect(page.locator("[role=log] p")).to_have_count(7)
    page.get_by_role("link", name="ไทย").click()
    assert verdict(page) == "alone", "the entry is kept when the language changes"
    expect(page.locator("[data-step=path]")).to_contain_text("ถูกต้อง")


def _groups() -> str:
    digest = sha256(PublicLog(Path()).signer.public).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 64, 4))


def test_a_receipt_file_holds_and_is_remembered(night: Served, page_of: Open) -> None:
    receipt = night[0].ledger.receipt(2)
    night[0].ledger.fill(5)
    night[0].ledger.publish()
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    bring(page, ("mine.tlog-proof", receipt))
    assert states(page) == {**ALL, "cosigners": "unknown"}
    expect(page.locator("[data-step=newest]")).to_contain_text("grown by 5 entries")
    bring(page, ("mine.tlog-proof", receipt))
    expect(page.locator("[data-step=newest]")).to_contain_text("also the 305 that this browser saw before")


@pytest.mark.parametrize("way", ["a file", "words"])
def test_a_receipt_that_is_dropped_on_the_page_holds(night: Served, page_of: Open, way: str) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    page.locator("check-entry input[multiple]").wait_for(state="attached")
    carried = page.evaluate_handle(
        """([receipt, way]) => {
          const carried = new DataTransfer();
          if (way === "words") carried.setData("text", receipt);
          else carried.items.add(new File([receipt], "mine.tlog-proof"));
          return carried;
        }""",
        [night[0].ledger.receipt(2), way],
    )
    here = page.locator("check-entry")
    here.dispatch_event("dragover", {"dataTransfer": carried})
    expect(here).to_have_class(re.compile(r"\bover\b"))
    here.dispatch_event("drop", {"dataTransfer": carried})
    assert states(page) == {**ALL, "cosigners": "unknown"}
    expect(here).not_to_have_class(re.compile(r"\bover\b"))


def test_a_receipt_without_its_entry_takes_it_from_a_second_file(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    ledger = night[0].ledger
    bring(page, ("mine.tlog-proof", ledger.receipt(2, entry=False)), ("entry.json", ledger.bodies[2] + b"\n"))
    assert states(page) == {**ALL, "cosigners": "unknown"}
    expect(page.locator("[data-taken]")).to_contain_text("a receipt, an entry")


def test_cosigners_with_quorum_are_told_apart(night: Served, page_of: Open) -> None:
    night[0].ledger.cosign()
    page = page_of()
    page.goto(f"{night[1]}/en/check#entry=2")
    assert states(page) == ALL
    assert verdict(page) == "holds"
    expect(page.locator("[data-step=cosigners]")).to_contain_text("under this site's policy")
    expect(page.locator("[data-step=author]")).to_contain_text("by the network Vote 62 (level 1)")


def test_a_pasted_receipt_with_a_changed_vote_does_not_hold(night: Served, page_of: Open) -> None:
    ledger = night[0].ledger
    changed = ledger.entry(ledger.letter(SHEET, [221, *VOTES[1:]]))
    page = page_of(360)
    page.goto(f"{night[1]}/en/check")
    page.locator("textarea").fill(changed.decode())
    page.get_by_role("button", name="Check", exact=True).press("Enter")
    assert verdict(page) == "nothing"
    page.locator("textarea").fill(ledger.receipt(2, entry=False))
    page.get_by_role("button", name="Check", exact=True).press("Enter")
    expect(page.locator("[data-taken]")).to_contain_text("a receipt, an entry")
    expect(page.locator("[data-step=path]")).to_have_attribute("data-state", "false")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "false")


def test_a_receipt_of_a_fork_under_the_right_key_convicts_the_log(night: Served, page_of: Open, tmp_path: Path) -> None:
    fork = PublicLog(tmp_path / "fork")
    fork.enrol()
    fork.report(SHEET, VOTES)
    fork.fill(296)
    fork.report(SHEET, [1, 2, 3, 4, 5])
    fork.publish()
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    bring(page, ("fork.tlog-proof", fork.receipt(2)))
    found = states(page)
    assert (found["log"], found["newest"]) == ("holds", "false")
    expect(page.locator("[data-step=newest]")).to_contain_text("two different histories of 300 entries")


def test_a_receipt_of_another_log_is_called_that(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    bring(page, ("other.tlog-proof", night[0].ledger.receipt(2).replace(ORIGIN, "other.example/log")))
    found = states(page)
    assert (found["log"], found["newest"]) == ("false", "unknown")
    expect(page.locator("[data-step=log]")).to_contain_text("another log: other.example/log")


def test_a_log_that_cannot_be_reached_is_not_called_false(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    night[0].away = True
    bring(page, ("mine.tlog-proof", night[0].ledger.receipt(2)), ("log.vkey", night[0].ledger.signer.verifier_key()))
    found = states(page)
    assert [found[step] for step in STEPS] == ["holds", "holds", "holds", "unknown", "unknown", "unknown"]
    assert verdict(page) == "unknown"
    expect(page.locator("[data-own]")).to_be_visible()
    night[0].away = False
    bring(page, ("mine.tlog-proof", night[0].ledger.receipt(2)))
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "alone")


def test_a_report_that_is_under_way_says_until_when_to_wait(night: Served, page_of: Open) -> None:
    ledger = night[0].ledger
    letter = ledger.letter(SHEET, [9, 9, 9, 9, 9])
    promise = ledger.promise(letter)
    page = page_of(360)
    page.clock.set_fixed_time("2023-05-14T12:03:00Z")
    page.goto(f"{night[1]}/check")
    bring(page, ("answer.json", json.dumps({"outcome": "accepted", "promise": promise})), ("report.jws", letter))
    assert verdict(page) == "early"
    expect(page.locator("[data-verdict]")).to_contain_text("19:03:44")
    expect(page.locator("[data-verdict]")).to_contain_text("2566")
    page.clock.set_fixed_time("2023-05-14T12:05:00Z")
    page.get_by_role("button", name="ตรวจรายการอื่น").click()
    bring(page, ("answer.json", json.dumps({"outcome": "accepted", "promise": promise})), ("report.jws", letter))
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "late")
    page.get_by_role("button", name="ตรวจรายการอื่น").click()
    forged = {**promise, "jws": f"{str(promise['jws'])[:-8]}AAAAAAAA"}
    bring(page, ("answer.json", json.dumps({"outcome": "accepted", "promise": forged})), ("report.jws", letter))
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "false")
    expect(page.locator("[data-step=path]")).to_contain_text("ยังตรวจไม่ถึงขั้นนี้")
    page.get_by_role("button", name="ตรวจรายการอื่น").click()
    bring(page, ("answer.json", json.dumps({"outcome": "accepted", "promise": promise})))
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "unknown")
    expect(page.locator("[data-step=entry]")).to_contain_text("โปรดนำรายงานมาด้วย")
    ledger.add("report", ledger.entry(letter))
    ledger.publish()
    page.locator("textarea").fill(letter)
    page.get_by_role("button", name="ตรวจ", exact=True).click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "alone")


def test_a_report_that_comes_before_its_receipt_is_kept_and_held_against_it(night: Served, page_of: Open) -> None:
    ledger = night[0].ledger
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    for votes, found in ((VOTES, "alone"), ([9, 9, 9, 9, 9], "false")):
        bring(page, ("report.jws", ledger.letter(SHEET, votes)))
        expect(page.locator("[data-complaint]")).to_contain_text("Kept. Now bring the receipt")
        bring(page, ("mine.tlog-proof", ledger.receipt(2)))
        expect(page.locator("[data-taken]")).to_contain_text("a receipt, a report")
        assert verdict(page) == found
        page.get_by_role("button", name="Check something else").click()


def test_what_the_log_did_not_sign_is_never_told_in_the_words_of_the_page(
    night: Served, page_of: Open, tmp_path: Path
) -> None:
    stranger = PublicLog(tmp_path / "other", seed=60)
    stranger.enrol()
    stranger.report(SHEET, [999, 0, 0, 0, 0])
    stranger.publish()
    odd = night[0].ledger.add("other", b'{"kind":"other","sheet":"\\ud800/list","v":1}')
    night[0].ledger.publish()
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    bring(page, ("theirs.tlog-proof", stranger.receipt(2)))
    assert verdict(page) == "false"
    expect(page.locator("[data-key]")).to_be_visible()
    expect(page.locator("[data-says]")).to_be_hidden()
    bring(page, ("mine.tlog-proof", night[0].ledger.receipt(2)))
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "alone")
    expect(page.locator("[data-says]")).to_be_visible()
    expect(page.locator("[data-says]")).to_contain_text(re.compile(r"Election\s*x"))
    page.goto(f"{night[1]}/en/check#entry={odd}")
    expect(page.locator("[data-says]")).to_contain_text(f"#{odd}")
    expect(page.locator("[data-key]")).to_be_visible()


def test_a_policy_that_asks_for_nobody_puts_no_cosigner_behind_an_entry(night: Served, page_of: Open) -> None:
    key = CosigningKey("cosigner.example", bytes(32)).verifier_key.text
    (night[0].ledger.folder / "policy").write_text(f"witness A {key}\nquorum none\n")
    page = page_of()
    page.goto(f"{night[1]}/en/check#entry=2")
    assert states(page) == {**ALL, "cosigners": "unknown"}
    assert verdict(page) == "alone"
    expect(page.locator("[data-step=cosigners]")).to_contain_text("The policy asks for no cosigner")


def test_what_cannot_be_read_is_said_at_once(night: Served, page_of: Open) -> None:
    page = page_of(360)
    page.goto(f"{night[1]}/en/check")
    complaint = page.get_by_role("alert")
    for file in (
        ("x.tlog-proof", night[0].ledger.receipt(2)[:-40]),
        ("x.bin", b"\xff\x00"),
        ("x.txt", "<img src=x onerror=alert(1)>"),
    ):
        bring(page, file)
        expect(complaint).to_contain_text("cannot be read")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(complaint).to_contain_text("Nothing to check yet")
    expect(page.locator("[data-result]")).to_be_hidden()
    bring(page, ("photo.png", b"no picture"))
    expect(complaint).to_contain_text("QR")


def test_a_qr_code_in_a_photograph_is_read_where_the_browser_can(night: Served, page_of: Open) -> None:
    page = page_of(360)
    page.add_init_script(
        "window.createImageBitmap = async () => ({});"
        "window.BarcodeDetector = class { static async getSupportedFormats() { return ['qr_code']; }"
        " async detect() { return [{rawValue: 'https://x.example/check#entry=2'}]; } };"
    )
    page.goto(f"{night[1]}/en/check")
    expect(page.get_by_text("Photograph a QR code")).to_be_visible()
    picture: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": b"a picture"}
    page.locator("check-entry input[capture]").set_input_files(picture)
    assert verdict(page) == "alone"


def test_a_browser_without_ed25519_loads_the_code_for_it(night: Served, page_of: Open) -> None:
    page = page_of()
    page.add_init_script(
        "const real = crypto.subtle.importKey.bind(crypto.subtle);"
        "crypto.subtle.importKey = (form, key, how, ...rest) => how.name === 'Ed25519'"
        " ? Promise.reject(new DOMException('', 'NotSupportedError')) : real(form, key, how, ...rest);"
    )
    page.goto(f"{night[1]}/en/check#entry=2")
    assert states(page) == {**ALL, "cosigners": "unknown"}
    assert any("ed25519" in path for path in night[0].asked)


def test_a_new_snapshot_does_not_take_a_check_away(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check#entry=2")
    assert verdict(page) == "alone"
    expect(page.locator("live-count")).to_have_attribute("state", "live")
    night[0].publish(evening(LATE))
    expect(page.locator("main")).to_have_attribute("data-n", "2")
    expect(page.locator("[data-verdict]")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_can_be_read_by_everybody_and_fits_a_small_phone(
    scheme: str, night: Served, page_of: Open, axe: str, tmp_path: Path
) -> None:
    page = page_of(360, color_scheme=scheme, bypass_csp=True)
    other = night[0].ledger.receipt(2).replace(ORIGIN, "a-rather-long-name-of-another-log.example/with/a/path")
    for lang in ("", "/en"):
        page.goto(f"{night[1]}{lang}/check#entry=2")
        assert verdict(page) == "alone"
        for receipt in ("", other):
            if receipt:
                bring(page, ("other.tlog-proof", receipt))
                expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "false")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert faults(page, axe) == [], lang
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, lang


def test_the_keyboard_reaches_everything_in_order(night: Served, page_of: Open) -> None:
    page = page_of()
    page.goto(f"{night[1]}/en/check")
    page.locator("check-entry input[multiple]").focus()
    seen = []
    for _ in range(5):
        seen.append(page.evaluate("document.activeElement.tagName"))
        page.keyboard.press("Tab")
    assert seen == ["INPUT", "BUTTON", "INPUT", "TEXTAREA", "BUTTON"]
