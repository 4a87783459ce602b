"""One catalogue of problems, one wire shape (RFC 9457).

A slice declares its problems in its own ``problems.py`` with :func:`kind`; a caller gets ``type``, ``title``, ``status``, ``detail``,
``code`` and the Thai and English texts, never a stack trace.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from sapparot.base.text import Text

CATALOGUE: dict[str, ProblemKind] = {}
MEDIA_TYPE = "application/problem+json"


class ProblemKind(msgspec.Struct, frozen=True):
    """A problem the program knows: its stable code, HTTP status and title."""

    code: str
    status: int
    title: Text

    def about(self, what: object) -> Problem:
        """Return the problem with the place or the reason behind its title: a name, or what a library says."""
        return Problem(self, Text(f"{self.title.th}: {what}", f"{self.title.en}: {what}"))


def kind(code: str, status: int, *, th: str, en: str) -> ProblemKind:
    """Declare a problem; a code is declared once in the whole program."""
    if code in CATALOGUE:
        raise ValueError(f"problem {code} is declared twice")
    CATALOGUE[code] = ProblemKind(code, status, Text(th, en))
    return CATALOGUE[code]


def noted(code: str) -> ProblemKind:
    """Return the problem that was kept under this code; one that only a newer program knows is called by its code."""
    return CATALOGUE.get(code) or ProblemKind(code, 400, Text(code, code))


class Problem(Exception):
    """Something the caller must be told, with the place and the remedy in ``detail``."""

    def __init__(self, kind: ProblemKind, detail: Text | None = None, **extensions: object) -> None:
        self.kind = kind
        self.detail = detail or kind.title
        self.extensions = extensions
        super().__init__(f"{kind.code}: {self.detail.en}")

    def body(self) -> dict[str, Any]:
        """Return the RFC 9457 members."""
        return {
            "type": f"urn:sapparot:problem:{self.kind.code}",
            "title": self.kind.title.en,
            "title_th": self.kind.title.th,
            "status": self.kind.status,
            "detail": self.detail.en,
            "detail_th": self.detail.th,
            "code": self.kind.code,
            **self.extensions,
        }


class CannotGoOn(Exception):
    """The program stops here, and ``detail`` says to whom runs it why, and what helps; no caller over the network hears it.

    Every class of it names its kind: ``class KeyLost(CannotGoOn, kind=KEY_LOST)``.
    """

    kind: ClassVar[ProblemKind]

    def __init_subclass__(cls, *, kind: ProblemKind) -> None:
        super().__init_subclass__()
        cls.kind = kind

    def __init__(self, th: str, en: str) -> None:
        self.detail = Text(th, en)
        super().__init__(th, en)

    def __str__(self) -> str:
        """Say it in a line of the log."""
        return f"{self.kind.code}: {self.detail.en}"


class ProblemBody(msgspec.Struct, frozen=True):
    """What a caller is told when something went wrong (RFC 9457); ``code`` is stable, the texts are for people."""

    type: str
    title: str
    title_th: str
    status: int
    detail: str
    detail_th: str
    code: str


NOT_FOUND = kind("base.not_found", 404, th="ไม่พบสิ่งที่ขอ", en="There is nothing here")
METHOD_NOT_ALLOWED = kind("base.method_not_allowed", 405, th="เรียกใช้ด้วยวิธีนี้ไม่ได้", en="This method is not allowed here")
BAD_REQUEST = kind("base.bad_request", 400, th="คำขอไม่ถูกต้อง", en="The request is not valid")
OPERATORS_ONLY = kind("base.operators_only", 401, th="เฉพาะผู้ดูแลระบบที่มีโทเค็น", en="Only for operators, with their token")
HERE_ONLY = kind(
    "base.here_only",
    403,
    th="เปิดได้เฉพาะจากเครื่องที่รันระบบนี้เท่านั้น",
    en="Only for who sits at the machine that this runs on",
)
INVALID = kind("base.invalid", 400, th="ข้อมูลบางช่องไม่ถูกต้อง", en="Some of the fields are not valid")
CROSS_ORIGIN = kind(
    "base.cross_origin", 403, th="คำขอนี้ไม่ได้มาจากหน้าเว็บของระบบนี้", en="This request did not come from a page of this site"
)
NOT_JSON = kind(
    "base.not_json",
    415,
    th="ต้องส่งข้อมูลเป็นชนิดที่ระบุไว้ เช่น application/json",
    en="The body must say its type, such as application/json",
)
HEAD_TOO_LARGE = kind(
    "base.head_too_large",
    431,
    th="ส่วนหัวของคำขอใหญ่เกินกำหนด",
    en="The head of the request is larger than this server takes",
)
TOO_LARGE = kind("base.too_large", 413, th="ข้อมูลที่ส่งมาใหญ่เกินกำหนด", en="The body is larger than this door takes")
TOO_SLOW = kind("base.too_slow", 408, th="ข้อมูลมาช้าเกินกำหนด", en="The body arrived too slowly")
TOO_MANY = kind("base.too_many", 429, th="เรียกใช้ถี่เกินกำหนด", en="Too many requests from this caller")
BUSY = kind("base.busy", 503, th="ระบบกำลังรับงานเต็มที่ โปรดลองใหม่", en="The server is at its limit; try again")
NOT_READY = kind(
    "base.not_ready", 503, th="ฐานข้อมูลยังไม่ตอบ โปรดลองใหม่อีกครู่", en="The database does not answer; try again in a moment"
)
UNEXPECTED = kind("base.unexpected", 500, th="เกิดข้อผิดพลาดที่ไม่คาดคิด", en="Something unexpected happened")
SIGNER_UNAVAILABLE = kind("base.signer_unavailable", 503, th="ใช้กุญแจลงนามไม่ได้", en="The signing key cannot be used")
SETTING_INVALID = kind("base.setting_invalid", 500, th="ค่าที่ตั้งไว้ใช้ไม่ได้", en="A setting cannot be used")
DATABASE_UNAVAILABLE = kind(
    "base.database_unavailable", 500, th="ใช้ฐานข้อมูลไม่ได้", en="There is no database that can be used"
)
MIGRATION_CHANGED = kind(
    "base.migration_changed",
    500,
    th="ไฟล์ปรับโครงสร้างฐานข้อมูลถูกแก้หลังจากใช้ไปแล้ว",
    en="A migration was changed after it was applied",
)
SECRET_DAMAGED = kind("base.secret_damaged", 500, th="ไฟล์กุญแจลับเสียหาย", en="A secret file is damaged")
SECRET_MISSING = kind(
    "base.secret_missing", 500, th="เครื่องนี้ไม่มีกุญแจลับที่ต้องใช้", en="A secret that every machine needs is not here"
)
SECRET_OTHER = kind(
    "base.secret_other", 500, th="กุญแจลับของเครื่องนี้เป็นคนละดอก", en="A secret is not the one that the other machines have"
)
SECRET_UNKNOWN = kind(
    "base.secret_unknown",
    404,
    th="ฐานข้อมูลนี้ไม่รู้จักกุญแจลับชื่อนี้ ที่รู้จักคือ",
    en="This database knows no secret of this name; it knows",
)
SECRET_UNCHANGED = kind(
    "base.secret_unchanged",
    409,
    th="กุญแจลับนี้คือดอกที่ใช้อยู่แล้ว ถ้าต้องการเปลี่ยน ให้ย้ายไฟล์ออกไปก่อนแล้วสั่งใหม่",
    en="This secret is the one in use; to have another, move the file away and say it again",
)
STILL_RUNNING = kind(
    "base.still_running",
    409,
    th="ยังมี sapparot up ทำงานกับฐานข้อมูลนี้ ให้หยุดทุกเครื่องก่อน แล้วค่อยเปิดใหม่",
    en="A sapparot up is running on this database: stop every one first, and start them again afterwards",
)
CLOCK_APART = kind(
    "base.clock_apart",
    500,
    th="นาฬิกาของเครื่องนี้ไม่ตรงกับเครื่องของฐานข้อมูล เวลาของรายงานที่เข้าทางนี้จึงผิด ให้ตั้งเวลาทุกเครื่องด้วย NTP",
    en="The clock of this machine is not that of the database's machine, so reports that come in here get a wrong time: set every machine"
    " by NTP",
)
USAGE = kind("base.usage", 400, th="คำสั่งที่พิมพ์ไม่ถูกต้อง", en="The command was not typed as it must be")
ROLE_UNKNOWN = kind("base.role_unknown", 400, th="ไม่มีบทบาทชื่อนี้", en="No role has this name")
CANNOT_LISTEN = kind(
    "base.cannot_listen", 500, th="เปิดรอรับที่ที่อยู่และพอร์ตนี้ไม่ได้", en="This address and port cannot be listened on"
)
CANNOT_WRITE = kind(
    "base.cannot_write", 400, th="เขียนในที่ที่ระบุไว้ไม่ได้", en="The place that was named cannot be written to"
)
