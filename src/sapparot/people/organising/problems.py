"""What can go wrong for an organiser."""

from sapparot.base.problems import kind

NOT_CONFIRMED = kind(
    "people.not_confirmed",
    400,
    th="โปรดพิมพ์รหัสเครือข่ายอีกครั้งเพื่อยืนยัน",
    en="Write the id of the network once more to confirm",
)
ABOVE_YOU = kind(
    "people.above_you",
    403,
    th="คนนี้มีสิทธิ์ที่คุณถอนไม่ได้ ให้ผู้ที่มอบสิทธิ์ถอนสิทธิ์นั้นก่อน",
    en="This person holds a role that you cannot take; whoever gave it ends it first",
)
PHONE_UNKNOWN = kind(
    "people.phone_unknown",
    404,
    th="ในเครือข่ายนี้ไม่มีเครื่องที่ไม่มีชื่อเจ้าของตามรหัสนี้",
    en="The network has no phone without a name under this code",
)
