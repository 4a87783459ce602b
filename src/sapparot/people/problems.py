"""What can go wrong when a device asks to take part."""

from sapparot.base.problems import kind

TOKEN_MISSING = kind("people.token_missing", 401, th="ไม่มีโทเค็นของเครื่อง", en="The device token is missing")
TOKEN_INVALID = kind("people.token_invalid", 401, th="โทเค็นของเครื่องใช้ไม่ได้", en="The device token is not valid")
TOKEN_EXPIRED = kind("people.token_expired", 401, th="โทเค็นของเครื่องหมดอายุ", en="The device token has expired")
ENROLMENT_UNREADABLE = kind(
    "people.enrolment_unreadable", 400, th="คำขอลงทะเบียนเครื่องอ่านไม่ได้", en="The enrolment cannot be read"
)
ENROLMENT_UNSIGNED = kind(
    "people.enrolment_unsigned",
    400,
    th="ลายมือชื่อของคำขอลงทะเบียนไม่ตรงกับกุญแจ",
    en="The enrolment is not signed by its key",
)
INVITE_UNKNOWN = kind("people.invite_unknown", 403, th="ไม่รู้จักรหัสเชิญนี้", en="This invite code is not known")
INVITE_EXPIRED = kind("people.invite_expired", 403, th="รหัสเชิญหมดอายุ", en="This invite code has expired")
INVITE_USED_UP = kind("people.invite_used_up", 403, th="รหัสเชิญถูกใช้ครบจำนวนแล้ว", en="This invite code is used up")
INVITE_NOT_STANDING = kind(
    "people.invite_not_standing",
    404,
    th="เครือข่ายนี้ไม่มีรหัสเชิญนี้ที่ยังใช้ได้",
    en="No invite of this network stands under this name",
)
INVITE_NEEDS_AREA = kind(
    "people.invite_needs_area",
    400,
    th="รหัสเชิญระดับ 2 (หัวหน้าเขต) ต้องระบุเขตเลือกตั้ง เช่น 10-01 ระดับอื่นไม่ต้องระบุ",
    en="An invite of level 2 (constituency head) names its constituency, such as 10-01, and no other level has one",
)
DEVICE_REVOKED = kind("people.device_revoked", 403, th="เครื่องนี้ถูกเพิกถอนแล้ว", en="This device was revoked")
NETWORK_EXISTS = kind("people.network_exists", 409, th="มีเครือข่ายนี้อยู่แล้ว", en="A network with this id exists")
NETWORK_ID_INVALID = kind(
    "people.network_id_invalid",
    400,
    th="รหัสเครือข่ายใช้ได้เฉพาะตัวพิมพ์เล็ก a-z ตัวเลข และขีดกลาง ขึ้นต้นด้วยตัวอักษรหรือตัวเลข ไม่เกิน 64 ตัว",
    en="The id of a network is small letters a-z, digits and hyphens, begins with none of these last, and has at most 64 signs",
)
NETWORK_NAMELESS = kind(
    "people.network_nameless",
    400,
    th="เครือข่ายต้องมีชื่อทั้งภาษาไทยและภาษาอังกฤษ ไม่เกิน 200 ตัวอักษร เพราะชื่อจะอยู่ในบันทึกสาธารณะตลอดไป",
    en="A network has a name in Thai and one in English, of at most 200 signs: they stand in the public log for ever",
)
NOT_REVOKED = kind(
    "people.not_revoked",
    404,
    th="เครื่องนี้ไม่ได้ลงทะเบียนไว้ หรือถูกเพิกถอนไปก่อนแล้ว",
    en="This device is not enrolled, or was revoked before",
)
NETWORK_KEY_MISSING = kind(
    "people.network_key_missing",
    503,
    th="เซิร์ฟเวอร์นี้ไม่มีกุญแจของเครือข่าย ให้ผู้ดูแลระบบคัดลอก secrets/networks มาจากเครื่องที่เพิ่มเครือข่าย",
    en="This server has no key of the network: its operator copies secrets/networks from the machine on which the network was added",
)
NETWORK_UNKNOWN = kind("people.network_unknown", 404, th="ไม่รู้จักเครือข่ายนี้", en="This network is not known")
PROVIDERS_INVALID = kind(
    "people.providers_invalid", 500, th="ไฟล์ผู้ให้บริการเข้าระบบใช้ไม่ได้", en="The file of the providers cannot be used"
)
SENDERS_INVALID = kind(
    "people.senders_invalid", 500, th="ไฟล์บัญชีผู้ส่งข้อความใช้ไม่ได้", en="The file of the senders cannot be used"
)
