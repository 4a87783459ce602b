"""Pages that say why there is nothing else to see, in plain words."""

from __future__ import annotations

from msgspec import Struct

from sapparot.base.text import Text


class Notice(Struct, frozen=True):
    """A status, what is the matter, and what helps."""

    status: int
    title: Text
    text: Text


NO_COUNT = Notice(
    200,
    Text("ยังไม่มีการนับคะแนน", "There is no count yet"),
    Text(
        "เมื่อปิดหีบและอาสาสมัครเริ่มรายงาน ผลจะปรากฏที่นี่",
        "When the polls have closed and volunteers report, the result appears here.",
    ),
)
NOT_FOUND = Notice(
    404,
    Text("ไม่พบหน้านี้", "This page does not exist"),
    Text(
        "ที่อยู่หรือรหัสอาจผิด ลองค้นหาจากชื่อพื้นที่",
        "The address or the code may be mistyped. Try to search by the name of the place.",
    ),
)
UNREADABLE = Notice(
    503,
    Text("ยังเปิดหน้านี้ไม่ได้", "This page cannot be shown now"),
    Text(
        "ตอนนี้ยังอ่านข้อมูลของหน่วยนี้ไม่ได้ โปรดลองใหม่ ผลรวมยังเปิดดูได้ตามปกติ",
        "The record of this station cannot be read for the moment; please try again. The result is not affected.",
    ),
)
AWAY = Notice(
    503,
    Text("ยังเปิดหน้านี้ไม่ได้", "This page cannot be shown now"),
    Text(
        "ตอนนี้ยังอ่านไฟล์ผลคะแนนที่เผยแพร่ไม่ได้ โปรดลองใหม่อีกครู่",
        "The published files cannot be read for the moment; please try again shortly.",
    ),
)
TOO_OFTEN = Notice(
    429,
    Text("เปิดหน้าถี่เกินไป", "Too many pages at once"),
    Text("โปรดรอหนึ่งนาทีแล้วลองใหม่", "Please wait a minute and try again."),
)
NOT_ALLOWED = Notice(
    405,
    Text("หน้านี้มีไว้อ่านเท่านั้น", "This page can only be read"),
    Text("โปรดเปิดหน้านี้ตามปกติ", "Please open it in the usual way."),
)
BROKEN = Notice(
    500,
    Text("เกิดข้อผิดพลาด", "Something went wrong"),
    Text("ระบบได้บันทึกไว้แล้ว โปรดลองใหม่", "It has been recorded; please try again."),
)


def notice_for(status: int) -> Notice:
    """Give the notice for an HTTP status."""
    known = {notice.status: notice for notice in (NOT_FOUND, NOT_ALLOWED, TOO_OFTEN, UNREADABLE)}
    return known.get(status, NOT_FOUND if 400 <= status < 500 else BROKEN)
