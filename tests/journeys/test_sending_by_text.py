"""No data but bars: the phone writes the text message, and the server understands exactly these words."""

from __future__ import annotations

import hmac
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import expect

from sapparot.base import canonical
from sapparot.base.jws import parse
from sapparot.texting.rules import read
from tests.journeys.phonewalk import STATION, TEXT_ACCOUNT, TEXT_NUMBER, TEXT_SECRET, Walk
from tests.journeys.sound import faults

pytestmark = pytest.mark.browser


def delivered(walk: Walk, text: str, sender: str) -> str:
    """Bring a message to the server as the gateway does; return what is answered."""
    body = json.dumps({"id": f"m{time.monotonic_ns()}", "from": sender, "text": text}).encode()
    at = str(int(time.time()))
    mac = hmac.digest(TEXT_SECRET.encode(), at.encode() + b"\n" + body, "sha256").hex()
    answer = walk.front.call("POST", "/v1/text/sms", body, x_sapparot_time=at, x_sapparot_signature=mac)
    assert answer.status == 200, answer.body
    return str(json.loads(answer.body)["reply"])


def test_a_final_goes_by_text_message_and_signed_once_there_is_data(walk: Walk, axe: str) -> None:
    page = walk.arrive()
    walk.guard()
    walk.go("")
    expect(page.get_by_role("link", name="ถึงหน่วยแล้ว").or_(page.get_by_role("link", name="ไปที่หน่วยนี้"))).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready")
    walk.until(lambda: any("text-channels" in one["key"] for one in walk.kept("kept")), "told where to write")
    walk.context.set_offline(True)
    walk.count(8)
    walk.finish()
    walk.wait_for("sent", 2)
    walk.go("outbox").get_by_role("link", name="ส่งเป็น SMS").click()
    expect(page.get_by_role("heading", name="ส่งคะแนนเป็นข้อความ")).to_be_visible()
    assert faults(walk.page, axe) == []
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="ผลสุดท้าย", exact=True))
    link = urlsplit(str(panel.get_by_role("link", name="ส่งทาง SMS").get_attribute("href")))
    assert (link.scheme, link.path) == ("sms", TEXT_NUMBER)
    [message] = parse_qs(link.query)["body"]
    assert message == panel.locator(".words").inner_text()
    assert len(message) <= 160 and message.isascii()
    reply = delivered(walk, message, walk.telephone)
    assert "บันทึกแล้ว" in reply, "taken at once: the check characters are right and the sums add up"
    assert STATION in reply
    panel.get_by_role("button", name="คัดลอกข้อความ").click()
    walk.judged()
    [texted] = [one for one in map(payload, walk.front.logged()) if one["app"] == "text/1"]
    walk.context.set_offline(False)
    walk.wait_for("accepted", 2)
    walk.judged()
    [final] = [one for one in map(payload, walk.front.logged()) if one["stage"] == "final" and one["app"] != "text/1"]
    assert texted["sheet"] == final["sheet"]
    assert {option: votes for option, votes in final["votes"].items() if votes} == texted["votes"]
    assert all(texted.get(name) == final.get(name) for name in ("valid", "spoiled", "no_vote", "ballots_cast"))


def test_a_forged_text_does_not_dispute_what_the_app_sent(walk: Walk) -> None:
    walk.arrive()
    walk.guard()
    before = set(walk.front.logged())
    walk.count(8)
    walk.finish()
    walk.wait_for("accepted", 2)
    walk.judged()
    [final] = [one for one in fresh(walk, before) if one["stage"] == "final"]
    totals = " ".join(
        f"{key}={final[name]}"
        for key, name in zip("VXNB", ("valid", "spoiled", "no_vote", "ballots_cast"), strict=True)
    )
    true = " ".join(f"{option}={votes}" for option, votes in final["votes"].items())
    reported = f"{STATION} {'C' if final['sheet'].endswith('constituency') else 'L'} F"
    forged = f"{reported} 1={final['votes']['1'] + 1} {totals}"
    reply = delivered(walk, f"{forged} #{read(forged).marks}", walk.telephone)
    assert "คุณเคยส่งไว้ว่า" in reply and re.search("ตอบ: ใช่ [0-9]{6}", reply)
    assert "ไม่มีข้อความที่รอยืนยัน" in delivered(walk, f"OK {read(forged).marks}", walk.telephone)
    same = f"{reported} {true} {totals}"
    assert "บันทึกแล้ว" in delivered(walk, f"{same} #{read(same).marks}", walk.telephone)
    walk.judged()
    [texted] = [one for one in fresh(walk, before) if one["app"] == "text/1"]
    assert texted["votes"] == final["votes"]


def fresh(walk: Walk, before: set[bytes]) -> list[dict[str, Any]]:
    """What the reports say that came into the log since."""
    return [payload(line) for line in walk.front.logged() if line not in before]


def payload(line: bytes) -> dict[str, Any]:
    """What a report says."""
    found: dict[str, Any] = canonical.decode(parse(line.decode()).payload)
    return found


def test_a_chat_account_is_bound_with_a_code_that_opens_the_networks_chat(walk: Walk, axe: str) -> None:
    walk.arrive()
    page = walk.go("me")
    page.get_by_role("link", name="ส่งคะแนนทาง SMS หรือ LINE").click()
    expect(page.get_by_text("ไม่มีรายงานที่ค้างส่ง")).to_be_visible()
    page.get_by_role("button", name="ขอรหัสผูก LINE").click()
    words = page.locator(".words").inner_text()
    assert re.fullmatch(r"รหัส [0-9A-Z]{8}", words)
    address = str(page.get_by_role("link", name="เปิด LINE พร้อมรหัสนี้").get_attribute("href"))
    assert unquote(address) == f"https://line.me/R/oaMessage/{TEXT_ACCOUNT}/?{words}"
    assert faults(walk.page, axe) == []
