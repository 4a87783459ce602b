"""What can go wrong with a passkey."""

from sapparot.base.problems import kind

PASSKEY_UNKNOWN = kind(
    "people.passkey_unknown",
    403,
    th="ไม่รู้จักพาสคีย์นี้ หรือถูกลบไปแล้ว โปรดเข้าด้วยรหัสทางโทรศัพท์",
    en="This passkey is not known here or was removed; sign in with a code instead",
)
PASSKEY_ELSEWHERE = kind(
    "people.passkey_elsewhere",
    403,
    th="พาสคีย์นี้ถูกใช้ที่อยู่เว็บอื่น โปรดเปิดหน้านี้จากที่อยู่จริงของระบบ",
    en="This passkey was used at another address; open this page at the real one",
)
PASSKEY_REFUSED = kind(
    "people.passkey_refused",
    403,
    th="พาสคีย์ยืนยันตัวไม่ผ่าน โปรดลองใหม่ หรือเข้าด้วยรหัสทางโทรศัพท์",
    en="The passkey did not prove who you are; try again or sign in with a code",
)
PASSKEY_COPIED = kind(
    "people.passkey_copied",
    403,
    th="พาสคีย์นี้อาจถูกทำสำเนา จึงไม่รับ โปรดเข้าด้วยรหัสทางโทรศัพท์แล้วลบพาสคีย์นี้ ถ้าคุณดูแลเขตหรือเครือข่าย โปรดขอให้ผู้ที่ให้สิทธิ์คุณช่วยลบ",
    en="This passkey may have been copied and is not taken. Sign in with a code and remove it; if you lead or organise, ask"
    " whoever gave you the role to remove it",
)
PASSKEY_TAKEN = kind("people.passkey_taken", 409, th="พาสคีย์นี้มีอยู่ในระบบแล้ว", en="This passkey is known here already")
PASSKEYS_ENOUGH = kind(
    "people.passkeys_enough",
    409,
    th="มีพาสคีย์ครบจำนวนแล้ว ลบอันที่ไม่ใช้ก่อน",
    en="You have as many passkeys as one person can; remove one that you do not use",
)
PASSKEY_GONE = kind("people.passkey_gone", 404, th="ไม่พบพาสคีย์นี้", en="There is no such passkey")
