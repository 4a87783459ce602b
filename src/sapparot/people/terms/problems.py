"""What can go wrong with the terms of a network, and with agreeing to them."""

from sapparot.base.problems import kind

COLOUR_TOO_PALE = kind(
    "people.colour_too_pale",
    400,
    th="สีนี้อ่อนเกินไป ตัวอักษรขาวบนสีนี้อ่านยาก",
    en="This colour is too pale to carry white letters",
)
TEXT_UNCLEAR = kind(
    "people.text_unclear", 400, th="ข้อความมีอักขระที่ใช้ไม่ได้", en="The text holds characters that cannot be shown"
)
CONSENT_REQUIRED = kind(
    "people.consent_required",
    409,
    th="ข้อนี้จำเป็นสำหรับอาสาสมัคร หากไม่ต้องการแล้ว โปรดออกจากเครือข่าย",
    en="Nobody can volunteer without this; leave the network instead",
)
CONSENT_OUTDATED = kind(
    "people.consent_outdated",
    409,
    th="ข้อความยินยอมเปลี่ยนไปแล้ว โปรดอ่านฉบับใหม่",
    en="The text has changed; read the newer version",
)
