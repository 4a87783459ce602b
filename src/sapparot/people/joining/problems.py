"""What can go wrong when somebody joins, or invites."""

from sapparot.base.problems import kind

INVITE_NEEDED = kind(
    "people.invite_needed",
    403,
    th="เครือข่ายนี้รับเฉพาะผู้ที่ได้รับเชิญ โปรดขอลิงก์เชิญ",
    en="This network takes people by invite only; ask for a link",
)
INVITE_ENDED = kind("people.invite_ended", 403, th="ลิงก์เชิญนี้ถูกยกเลิกแล้ว", en="This invite was cancelled")
INVITES_SPENT = kind("people.invites_spent", 403, th="คุณเชิญครบจำนวนที่เครือข่ายให้แล้ว", en="You have no invites left")
LINK_UNKNOWN = kind("people.link_unknown", 404, th="ไม่พบลิงก์เชิญนี้", en="There is no such invite")
NAME_UNCLEAR = kind("people.name_unclear", 400, th="โปรดใส่ชื่อและนามสกุล", en="Give a name that can be read")
