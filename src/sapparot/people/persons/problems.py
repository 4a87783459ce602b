"""What can go wrong around a person."""

from sapparot.base.problems import kind

PHONE_INVALID = kind(
    "people.phone_invalid", 400, th="เบอร์โทรศัพท์ไม่ถูกต้อง", en="This is not a telephone number that can be reached"
)
PERSON_UNKNOWN = kind("people.person_unknown", 404, th="ไม่พบบุคคลนี้", en="There is no such person")
PERSON_ENDED = kind(
    "people.person_ended", 403, th="บุคคลนี้ไม่ได้อยู่ในเครือข่ายแล้ว", en="This person is no longer in the network"
)
CONSENT_FIRST = kind(
    "people.consent_first", 403, th="ต้องยินยอมให้ติดต่อเรื่องหน้าที่ก่อน", en="Agree to be contacted about your duty first"
)
NETWORK_ENDED = kind("people.network_ended", 403, th="เครือข่ายนี้สิ้นสุดแล้ว", en="This network takes part no more")
AREA_UNKNOWN = kind(
    "people.area_unknown",
    400,
    th="ไม่มีพื้นที่นี้ในการเลือกตั้งครั้งนี้ โปรดเลือกพื้นที่อีกครั้ง",
    en="This election has no such area; choose it again",
)
