"""What can go wrong when somebody signs in, or asks for what is not theirs."""

from sapparot.base.problems import kind

SIGN_IN_FIRST = kind("people.sign_in_first", 401, th="โปรดเข้าสู่ระบบก่อน", en="Please sign in first")
OTHER_PERSON = kind(
    "people.other_person",
    401,
    th="ในเบราว์เซอร์นี้มีคนอื่นเข้าใช้อยู่ โปรดเข้าใช้ด้วยเบอร์ของคุณก่อน",
    en="Somebody else is signed in in this browser; sign in with your own number first",
)
NOT_FOR_YOU = kind("people.not_for_you", 403, th="ส่วนนี้ไม่ได้เปิดให้คุณ", en="This is not open to you")
PASSKEY_FIRST = kind(
    "people.passkey_first",
    403,
    th="คุณตั้งพาสคีย์ไว้แล้ว งานส่วนนี้จึงต้องเข้าสู่ระบบด้วยพาสคีย์ เข้าด้วยรหัสทางข้อความอย่างเดียวไม่ได้",
    en="You have a passkey, so this part opens only when you sign in with it; a code alone is not enough",
)
NOT_YET_APPROVED = kind(
    "people.not_yet_approved", 403, th="เครือข่ายยังไม่ได้อนุมัติการสมัครของคุณ", en="Your network has not approved you yet"
)
CODE_WRONG = kind(
    "people.code_wrong", 403, th="รหัสไม่ถูกต้อง โปรดตรวจดูอีกครั้ง", en="This code is not right; look at it again"
)
CODE_ENDED = kind("people.code_ended", 403, th="รหัสนี้ใช้ไม่ได้แล้ว โปรดขอรหัสใหม่", en="This code is over; ask for a new one")
CODE_TOO_SOON = kind(
    "people.code_too_soon",
    429,
    th="ขอรหัสถี่เกินไป โปรดรอสักครู่แล้วลองใหม่",
    en="Codes were asked for too often; wait a little",
)
CODES_STOPPED = kind(
    "people.codes_stopped", 503, th="ขณะนี้ส่งรหัสไม่ได้ โปรดลองใหม่ภายหลัง", en="No codes can be sent now; try again later"
)
SIGN_IN_AGAIN = kind(
    "people.sign_in_again",
    403,
    th="เพื่อความปลอดภัย เรื่องนี้ทำได้ภายใน 15 นาทีหลังเข้าสู่ระบบ โปรดเข้าสู่ระบบใหม่อีกครั้ง",
    en="To be safe, this is done within 15 minutes of signing in; sign in once more",
)
TOO_LATE = kind(
    "people.too_late",
    403,
    th="ครั้งนี้หมดเวลาหรือใช้ไปแล้ว โปรดลองใหม่",
    en="This took too long or was used before; try once more",
)
