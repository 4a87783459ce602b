"""What can go wrong with a photograph on its way in."""

from sapparot.base.problems import kind

BAD_NAME = kind(
    "evidence.bad_name",
    400,
    th="ชื่อของภาพต้องเป็นค่า SHA-256 เลขฐานสิบหกตัวพิมพ์เล็ก 64 หลัก",
    en="A photograph is named by its SHA-256: 64 small hexadecimal digits",
)
EMPTY = kind("evidence.empty", 400, th="ไม่มีภาพในข้อมูลที่ส่งมา", en="The body is empty")
WRONG_HASH = kind(
    "evidence.wrong_hash",
    422,
    th="ภาพที่มาถึงไม่ตรงกับชื่อ โปรดส่งใหม่",
    en="The bytes that arrived are not those of the name; send them again",
)
NOT_A_PHOTOGRAPH = kind(
    "evidence.not_a_photograph",
    415,
    th="ไฟล์นี้ไม่ใช่ภาพถ่าย JPEG, PNG, WebP หรือ HEIC",
    en="This is not a photograph in JPEG, PNG, WebP or HEIC",
)
TOO_MANY_PIXELS = kind(
    "evidence.too_many_pixels",
    422,
    th="ภาพมีพิกเซลมากเกินกำหนด (67 ล้านพิกเซล)",
    en="The photograph has more than 67 million pixels",
)
ANIMATED = kind("evidence.animated", 422, th="ภาพเคลื่อนไหวใช้เป็นหลักฐานไม่ได้", en="A moving picture is not evidence")
DAMAGED = kind(
    "evidence.damaged",
    422,
    th="ไฟล์ภาพเสียหรือมาไม่ครบ เปิดไม่ได้",
    en="The file is damaged or incomplete and cannot be opened",
)
TOO_COSTLY = kind(
    "evidence.too_costly",
    422,
    th="การเปิดภาพนี้ใช้หน่วยความจำหรือเวลาเกินกำหนด โปรดส่งเป็น JPEG",
    en="Opening this file takes more memory or time than allowed; send it as JPEG",
)
DISK_FULL = kind(
    "evidence.disk_full",
    503,
    th="ที่เก็บภาพเต็ม ยังรับภาพไม่ได้ โปรดส่งใหม่ภายหลัง",
    en="There is no room for photographs right now; send it again later",
)
TOO_OFTEN = kind(
    "evidence.too_often", 429, th="เครื่องนี้ส่งภาพถี่เกินกำหนด", en="This device sends photographs more often than allowed"
)
AT_ONCE = kind(
    "evidence.too_many_at_once",
    429,
    th="เครื่องนี้กำลังส่งภาพอื่นอยู่ โปรดส่งทีละภาพ",
    en="This device is sending other photographs already; send them one after the other",
)
BUSY = kind(
    "evidence.busy",
    503,
    th="ระบบรับภาพเต็มที่ โปรดส่งใหม่",
    en="The server takes no more photographs right now; send it again",
)
UNAVAILABLE = kind(
    "evidence.unavailable", 503, th="ยังเก็บภาพไม่ได้ โปรดส่งใหม่", en="The photograph could not be kept; send it again"
)
UNKNOWN = kind("evidence.unknown", 404, th="ยังไม่ได้รับภาพนี้", en="No such photograph was kept")
