"""What can go wrong around duties."""

from sapparot.base.problems import kind

ELECTION_UNKNOWN = kind("duty.election_unknown", 404, th="ไม่มีการเลือกตั้งนี้ในระบบ", en="There is no such election here")
STATION_UNKNOWN = kind(
    "duty.station_unknown",
    404,
    th="ไม่พบหน่วยเลือกตั้งรหัสนี้ โปรดตรวจรหัสอีกครั้ง",
    en="No station has this code; check the code",
)
UNAVAILABLE = kind(
    "duty.unavailable",
    503,
    th="ระบบฐานข้อมูลไม่ตอบในขณะนี้ โปรดลองใหม่ในอีกสักครู่",
    en="The database does not answer now; try again in a moment",
)
