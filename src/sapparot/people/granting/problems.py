"""What can go wrong with a grant."""

from sapparot.base.problems import kind

NOT_TO_YOURSELF = kind(
    "people.not_to_yourself",
    403,
    th="ให้หรือถอนสิทธิ์ของตัวเองไม่ได้",
    en="Nobody grants to themselves, or ends their own grant",
)
NOT_YOURS_TO_GRANT = kind(
    "people.not_yours_to_grant", 403, th="คุณให้หรือถอนสิทธิ์นี้ไม่ได้", en="This role is not yours to grant"
)
HEAD_NEEDS_AREA = kind(
    "people.head_needs_area",
    400,
    th="สิทธิ์หัวหน้าเขตต้องระบุเขตเลือกตั้ง สิทธิ์อื่นต้องไม่ระบุ",
    en="A head has a constituency, and no other role has one",
)
NO_CONSTITUENCY = kind(
    "people.no_constituency",
    404,
    th="ไม่มีเขตเลือกตั้งรหัสนี้ในการเลือกตั้งครั้งนี้ โปรดตรวจรหัสเขตอีกครั้ง",
    en="This election has no constituency of that code",
)
HEAD_FULL = kind(
    "people.head_full",
    409,
    th="คนนี้เป็นหัวหน้าเขตครบ 64 เขตแล้ว ซึ่งมากที่สุดที่คนเดียวเป็นได้ โปรดตั้งคนอื่นเป็นหัวหน้าเขตนี้",
    en="This person heads 64 constituencies already, the most that one person can; let somebody else head this one",
)
GRANT_UNKNOWN = kind("people.grant_unknown", 404, th="ไม่พบสิทธิ์นี้", en="There is no such grant")
NOT_ACTIVE = kind("people.not_active", 409, th="บุคคลนี้ยังไม่พร้อมรับสิทธิ์", en="This person does not take part now")
