"""What can go wrong with a report on its way in."""

from sapparot.base.problems import kind

NOT_A_REPORT = kind("intake.not_a_report", 400, th="ข้อมูลนี้ไม่ใช่รายงาน", en="This is not a report")
AMBIGUOUS = kind(
    "intake.ambiguous",
    400,
    th="รายงานนี้อ่านได้มากกว่าหนึ่งแบบ เช่น มีชื่อซ้ำ ตัวเลขเกินช่วง ซ้อนกันลึกเกินไป หรือไม่ใช่ UTF-8",
    en="The report can be read in more than one way: a name is used twice, a number is out of range, it nests deeply or is not UTF-8",
)
PERSONAL_DATA = kind(
    "intake.personal_data",
    400,
    th="รายงานมีสิ่งที่เหมือนเบอร์โทรศัพท์หรืออีเมล ซึ่งเผยแพร่ไม่ได้ โปรดลงนามใหม่โดยไม่มีข้อมูลนั้น",
    en="The report holds what looks like a telephone number or an address of mail, which cannot be public; sign it again without",
)
PLACE_TOO_EXACT = kind(
    "intake.place_too_exact",
    400,
    th="รายงานบอกตำแหน่งละเอียดเกินไป ใช้ได้ละเอียดที่สุดหนึ่งในร้อยองศา โปรดลงนามใหม่",
    en="The report tells a place more exactly than hundredths of a degree; sign it again",
)
TOO_LONG = kind("intake.report_too_long", 413, th="รายงานยาวเกิน 16 KiB", en="The report is longer than 16 KiB")
TOO_MANY_LINES = kind(
    "intake.too_many_lines", 413, th="ส่งได้ครั้งละไม่เกิน 200 รายงาน", en="A body holds at most 200 reports"
)
EMPTY = kind("intake.empty", 400, th="ไม่มีรายงานในข้อมูลที่ส่งมา", en="The body holds no report")
CONFLICT = kind(
    "intake.conflict", 409, th="มีรายงานอื่นที่ใช้รหัสเดียวกันอยู่แล้ว", en="Another report with this id was received before"
)
QUEUE_FULL = kind(
    "intake.queue_full",
    503,
    th="ระบบรับรายงานเต็มที่ โปรดส่งใหม่",
    en="The server takes no more reports right now; send again",
)
TOO_OFTEN = kind("intake.too_often", 429, th="เครื่องนี้ส่งถี่เกินกำหนด", en="This device sends more often than allowed")
UNAVAILABLE = kind(
    "intake.unavailable", 503, th="ยังบันทึกรายงานไม่ได้ โปรดส่งใหม่", en="The report could not be stored; send again"
)
BAD_SIGNATURE = kind(
    "intake.bad_signature", 400, th="ลายมือชื่อของรายงานไม่ถูกต้อง", en="The report's signature is not valid"
)
DEVICE_UNKNOWN = kind(
    "intake.device_unknown", 403, th="เครื่องที่ลงนามยังไม่ได้ลงทะเบียน", en="The signing device is not enrolled"
)
DEVICE_REVOKED = kind("intake.device_revoked", 403, th="เครื่องที่ลงนามถูกเพิกถอนแล้ว", en="The signing device was revoked")
REPORT_UNKNOWN = kind("intake.report_unknown", 404, th="ยังไม่ได้รับรายงานที่มีรหัสนี้", en="No report with this id was received")
UNCOUNTED = kind(
    "intake.uncounted", 503, th="ตอนนี้ยังนับรายงานไม่ได้ โปรดลองใหม่", en="Reports cannot be counted right now; try again"
)
PROMISE_UNUSABLE = kind("intake.promise_unusable", 422, th="คำสัญญานี้ใช้ไม่ได้", en="The promise cannot be used")
LOG_COPY_UNUSABLE = kind(
    "intake.log_copy_unusable", 422, th="สำเนาของบันทึกสาธารณะใช้ไม่ได้", en="The copy of the log cannot be used"
)
