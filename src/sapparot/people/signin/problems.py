"""What can go wrong when somebody signs in, or asks for what is not theirs."""

from sapparot.base.problems import kind

SIGN_IN_FIRST = kind("people.sign_in_first", 401, th="โปรดเข้าสู่ระบบก่อน", en="Please sign in first")
NOT_FOR_YOU = kind("people.not_for_you", 403, th="ส่วนนี้ไม่ได้เปิดให้คุณ", en="This is not open to you")
NOT_YET_APPROVED = kind(
    "people.not_yet_approved", 403, th="เครือข่ายยังไม่ได้อนุมัติการสมัครของคุณ", en="Your network has not approved you yet"
)
