"""What is wrong with a text message, said to the person who wrote it."""

from sapparot.base.problems import kind

TOO_LONG = kind("texting.too_long", 413, th="ข้อความยาวเกินไป", en="The message is too long")
WORD_UNKNOWN = kind("texting.word_unknown", 400, th="ไม่เข้าใจคำว่า “{word}”", en="“{word}” is not understood")
NO_STAGE = kind(
    "texting.no_stage",
    400,
    th="ไม่ได้บอกว่าเป็นคะแนนระหว่างนับ (P) หรือผลสุดท้าย (F)",
    en="Say whether it is progress (P) or final (F)",
)
NO_FIGURES = kind("texting.no_figures", 400, th="ไม่มีคะแนนในข้อความ", en="There are no figures in it")
NUMBER_MISSING = kind("texting.number_missing", 400, th="หลัง {after} ไม่มีจำนวน", en="The count after {after} is missing")
NUMBER_TOO_LARGE = kind(
    "texting.number_too_large", 400, th="จำนวน {number} มากเกินไป", en="{number} is too large a number"
)
TWICE = kind("texting.twice", 400, th="{what} เขียนไว้สองครั้ง", en="{what} is written twice")
MARKS_WRONG = kind(
    "texting.marks_wrong",
    400,
    th="รหัสตรวจ #{given} ไม่ตรงกับข้อความ มีตัวที่พิมพ์ผิด โปรดดูทีละตัวแล้วส่งใหม่",
    en="The check characters #{given} do not fit: something is mistyped. Look at each figure and send it again",
)
NOT_A_VOLUNTEER = kind(
    "texting.not_a_volunteer",
    403,
    th="เบอร์หรือบัญชีนี้ยังส่งรายงานไม่ได้ ต้องเป็นของอาสาสมัครที่เครือข่ายรับแล้ว",
    en="This number or account cannot report: it must belong to a volunteer of the network",
)
NOT_TRAINED = kind(
    "texting.not_trained",
    403,
    th="ต้องผ่านบทเรียนสั้น ๆ ในแอปก่อน จึงจะส่งรายงานได้",
    en="Pass the short training in the app first",
)
NO_DUTY = kind(
    "texting.no_duty",
    403,
    th="คุณไม่มีหน้าที่ที่หน่วยนี้ ส่งได้เฉพาะหน่วยที่รับไว้: {posts}",
    en="You have no duty at this station; yours are: {posts}",
)
WHICH_STATION = kind(
    "texting.which_station",
    400,
    th="คุณมีหน้าที่หลายหน่วย โปรดเริ่มข้อความด้วยเลขหน่วย: {posts}",
    en="You have several stations; begin with one of: {posts}",
)
WHICH_BALLOT = kind(
    "texting.which_ballot",
    400,
    th="โปรดบอกว่าเป็นบัตรแบ่งเขต (C) หรือบัญชีรายชื่อ (L)",
    en="Say which ballot: constituency (C) or list (L)",
)
NO_SUCH_OPTION = kind(
    "texting.no_such_option", 400, th="ไม่มีเบอร์ {number} ในบัตรนี้", en="There is no number {number} on this ballot"
)
NOTHING_WAITS = kind(
    "texting.nothing_waits",
    404,
    th="ไม่มีข้อความที่รอยืนยันด้วยรหัส {given} โปรดส่งคะแนนใหม่",
    en="Nothing waits to be confirmed with {given}; send the figures again",
)
OLDER = kind(
    "texting.older",
    409,
    th="ข้อความนี้มาถึงช้า ข้อความที่คุณส่งทีหลังมาถึงก่อนแล้ว จึงไม่เปลี่ยนตัวเลขที่บันทึกไว้ ถ้าตัวเลขในข้อความนี้ถูกต้อง โปรดส่งใหม่อีกครั้ง",
    en="This message was written before a newer one and came late, so it changes nothing; if it is right, send it again",
)
SPOKEN_ELSEWHERE = kind(
    "texting.spoken_elsewhere",
    409,
    th="เบอร์นี้รายงานหน่วยนี้ในนามเครือข่ายอื่นแล้ว",
    en="This number has reported this sheet for another network",
)
CODE_WRONG = kind(
    "texting.code_wrong",
    403,
    th="รหัสผูกบัญชีไม่ถูกต้องหรือหมดอายุ ขอใหม่ได้ในแอป",
    en="The code is wrong or has expired; get another in the app",
)
GATEWAY_UNKNOWN = kind("texting.gateway_unknown", 404, th="ไม่มีผู้รับส่งข้อความรายนี้", en="There is no such gateway")
GATEWAY_UNSIGNED = kind(
    "texting.gateway_unsigned", 401, th="ลายมือชื่อของผู้รับส่งข้อความไม่ถูกต้อง", en="The signature of the gateway does not hold"
)
GATEWAY_UNREADABLE = kind(
    "texting.gateway_unreadable", 400, th="อ่านสิ่งที่ผู้รับส่งข้อความส่งมาไม่ได้", en="What the gateway sent cannot be read"
)
GATEWAY_AWAY = kind(
    "texting.gateway_away", 503, th="ส่งคำตอบกลับไม่ได้ โปรดส่งมาใหม่", en="The answer could not be sent; deliver it again"
)
GATEWAYS_INVALID = kind(
    "texting.gateways_invalid", 500, th="ไฟล์ผู้รับส่งข้อความใช้ไม่ได้", en="The file of text gateways cannot be used"
)
