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
PLACE_UNKNOWN = kind(
    "duty.place_unknown",
    404,
    th="ไม่พบหน่วยหรือเขตเลือกตั้งรหัสนี้",
    en="There is no station or constituency with this code",
)
PLACE_FULL = kind(
    "duty.place_full",
    409,
    th="หน่วยนี้มีอาสาสมัครครบแล้ว โปรดเลือกหน่วยอื่นใกล้เคียง",
    en="This place has all the people that it needs; please choose another one nearby",
)
ALREADY_HELD = kind("duty.already_held", 409, th="รับหน้าที่นี้ไว้อยู่แล้ว", en="This person has this duty already")
TOO_MANY_PLACES = kind(
    "duty.too_many_places",
    409,
    th="คนเดียวอยู่หลายหน่วยพร้อมกันไม่ได้ ถ้าจะย้าย โปรดคืนหน้าที่เดิมก่อน",
    en="One person cannot be at so many places at one time; give the other duty back first",
)
DUTY_UNKNOWN = kind("duty.duty_unknown", 404, th="ไม่พบหน้าที่นี้", en="There is no such duty")
MOVE_REFUSED = kind(
    "duty.move_refused",
    409,
    th="หน้าที่นี้เปลี่ยนไปแล้ว จึงทำรายการนี้ไม่ได้ โปรดโหลดหน้าใหม่",
    en="The duty has changed meanwhile, so this cannot be done; load it again",
)
NOT_YET = kind(
    "duty.not_yet",
    409,
    th="หน้าที่จะเสร็จได้ก็ต่อเมื่อหน่วยเลือกตั้งเปิดแล้ว",
    en="A duty can be done only once the stations have opened",
)
PERSON_UNAVAILABLE = kind(
    "duty.person_unavailable",
    404,
    th="ไม่มีอาสาสมัครคนนี้ในเครือข่ายของคุณ หรือยังรับหน้าที่ไม่ได้",
    en="There is no such volunteer in your network, or the person cannot take duties yet",
)
LEVEL_TOO_LOW = kind(
    "duty.level_too_low",
    403,
    th="งานนี้สำหรับหัวหน้าเขตขึ้นไป",
    en="This job is for constituency heads and above",
)
NOT_YOUR_AREA = kind(
    "duty.not_your_area",
    403,
    th="ทำได้เฉพาะในเขตหรือเครือข่ายที่คุณดูแล",
    en="This can be done only in the constituency or network that you look after",
)
RUN_UNKNOWN = kind("duty.run_unknown", 404, th="ไม่พบแผนการจัดคนนี้", en="There is no such plan")
OTHER_TRAINING = kind(
    "duty.other_training",
    409,
    th="บทเรียนหรือชุดคำถามเปลี่ยนไปแล้ว โปรดเปิดบทเรียนใหม่อีกครั้ง",
    en="The lessons or the questions have changed meanwhile; open the lessons again",
)
TRIES_USED_UP = kind(
    "duty.tries_used_up",
    429,
    th="ลองครบจำนวนครั้งแล้ว พักสักครู่ อ่านบทเรียนอีกครั้ง แล้วค่อยลองใหม่",
    en="All tries are used up for now; read the lessons once more and try again a little later",
)
ANNOUNCEMENT_UNKNOWN = kind("duty.announcement_unknown", 404, th="ไม่พบประกาศนี้", en="There is no such announcement")
