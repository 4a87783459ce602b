"""When a message is tried again, how many parts an SMS has, and what is said of a message that did not arrive."""

from __future__ import annotations

from datetime import datetime, timedelta

from sapparot.base.text import Text
from sapparot.people.messages.facts import Copy, Outcome, Waiting

MOST_TRIES = 6
FIRST_PAUSE = timedelta(seconds=5)


LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet of SMS (3GPP TS 23.038, 6.2.1)."""
DOUBLE = frozenset("\f^{}\\[~]|€")
"""Signs that take two places in it (6.2.1.1)."""
ALONE = {True: 160, False: 70}
JOINED = {True: 153, False: 67}
"""Places in one part, of an SMS of one part and of several (TS 23.040, 9.2.3.24.1), by whether the basic alphabet is enough."""

NO_SENDER = "no sender reaches this person"
TOO_LATE = "it was too late to be of use"
LOCKED = "its seal does not open"
STOPPED = "stopped"
NOT_AGREED = "the person does not agree to announcements any more"
UNSURE = "it may have arrived: the gateway or this server broke off in the middle, and it is not sent twice"
SAID = {
    NO_SENDER: Text("ไม่มีช่องทางส่งถึงคนนี้", "No sender reaches this person"),
    TOO_LATE: Text("ส่งไม่ทันเวลา", "It was too late to be of use"),
    LOCKED: Text("เปิดข้อมูลติดต่อไม่ได้ โปรดแจ้งผู้ดูแลระบบ", "The contact data do not open; tell the operator"),
    STOPPED: Text("หยุดส่งแล้ว", "Stopped"),
    NOT_AGREED: Text("ถอนความยินยอมรับประกาศแล้ว หรือออกจากเครือข่ายแล้ว", "Took the consent to announcements back, or left"),
    UNSURE: Text(
        "อาจถึงแล้ว การส่งขาดตอนกลางทาง จึงไม่ส่งซ้ำ",
        "It may have arrived: sending broke off in the middle, and nothing is sent twice",
    ),
}


def said(reason: str) -> Text:
    """Return why a message did not arrive in words; what a gateway answered stands as it is."""
    return SAID.get(reason) or Text(f"ผู้ให้บริการส่งไม่ได้ ({reason})", f"The service could not send it ({reason})")


def parts(text: str) -> int:
    """Return how many parts an SMS has: Thai takes 70 signs in one part, 67 in each of several; a sign is never cut."""
    basic = all(sign in LETTERS or sign in DOUBLE for sign in text)
    widths = [1 + (sign in DOUBLE) for sign in text] if basic else [1 + (ord(sign) > 0xFFFF) for sign in text]
    if sum(widths) <= ALONE[basic]:
        return 1
    count, room = 1, JOINED[basic]
    for width in widths:
        if width > room:
            count, room = count + 1, JOINED[basic]
        room -= width
    return count


def again_at(message: Waiting | Copy, outcome: Outcome, now: datetime) -> datetime | None:
    """Return when a message that was not taken is tried again: after 5, 15, 45 seconds and so on; None when it is given up."""
    if outcome.final or message.tries + 1 >= MOST_TRIES:
        return None
    then = now + FIRST_PAUSE * 3**message.tries
    return then if then < message.until else None
