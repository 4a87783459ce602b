"""The outbox as a page, for practice on one machine: every code that would go to a telephone, to be typed by whoever tries it out.

It is there only while the page is the sender of messages, which no server takes beside settings that say that real people take part
(``base/settings.py``), and it opens only to who sits at the machine itself.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from msgspec import Struct

from sapparot.base.clock import Clock
from sapparot.base.text import Text
from sapparot.people.messages.api import OutboxDoor
from sapparot.people.messages.facts import Shown
from sapparot.people.signin.rules import CODE_LASTS
from sapparot.web.guarded import Leaf, Reply, Visit

OUTBOX = "/outbox"
WORDS = {
    "title": Text("ข้อความที่ส่งออก (โหมดซ้อม)", "Outbox (practice)"),
    "warning": Text("หน้านี้มีไว้ซ้อมเท่านั้น", "This page is for practice only"),
    "why": Text(
        "รหัสของทุกคนขึ้นที่นี่แทนการส่งเข้าโทรศัพท์ เปิดได้จากเครื่องที่รันระบบเครื่องเดียว ระบบที่ใช้งานจริงไม่มีหน้านี้",
        "Everybody's codes appear here instead of on a telephone. It opens only on the machine that runs the program;"
        " no real count has this page.",
    ),
    "code": Text("รหัส", "code"),
    "over": Text("หมดเวลาแล้ว ขอรหัสใหม่ได้", "its time is over; ask for another"),
    "look": Text("ดูอีกครั้ง", "Look again"),
    "waiting": Text("ข้อความกำลังออก", "messages on their way"),
    "empty": Text("ยังไม่มีข้อความ", "There is no message yet"),
    "how": Text(
        "เปิดหน้าสมัครหรือหน้าเข้าสู่ระบบ ใส่เบอร์มือถือเบอร์ใดก็ได้ แล้วรหัสจะขึ้นที่นี่เอง",
        "Open a page to join or to sign in, give any mobile number, and its code comes up here by itself.",
    ),
    "sign_in": Text("เข้าสู่ระบบ", "Sign in"),
    "app": Text("เปิดแอป", "Open the app"),
    "join": Text("สมัครกับเครือข่าย", "Join a network"),
}
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_THAI_MOBILE = re.compile(r"\+66(\d{2})(\d{3})(\d{4})")


class Row(Struct, frozen=True):
    """A message as the page shows it; ``code`` is empty for one that brings none."""

    at: datetime
    phone: str
    text: str
    code: str
    over: bool


class PracticePages:
    """The outbox page."""

    def __init__(self, outbox: OutboxDoor, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def leaves(self) -> list[Leaf]:
        """Return the page; there is none unless the page is a sender."""
        return [Leaf("GET", OUTBOX, "here", self.show, 0, 600)] if self._outbox.page else []

    async def show(self, visit: Visit) -> Reply:
        """Show the newest messages."""
        found, now = await self._outbox.newest(), self._clock.now()
        rows = [_row(one, now) for one in found.messages if one.phone]
        values: dict[str, Any] = {**WORDS, "rows": rows, "waits": found.waiting, "real": False}
        return visit.page("signin/outbox.html", values)


def _row(one: Shown, now: datetime) -> Row:
    code = _CODE.search(one.text or "")
    local = _THAI_MOBILE.sub(r"0\1 \2 \3", one.phone or "")
    return Row(one.made_at, local, one.text or "", code[0] if code else "", now >= one.made_at + CODE_LASTS)
