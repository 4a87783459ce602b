"""What can go wrong between us and a provider."""

from sapparot.base.problems import kind

PROVIDER_UNKNOWN = kind("people.provider_unknown", 404, th="ไม่มีผู้ให้บริการนี้", en="Nobody signs in here by such a provider")
PROVIDER_SILENT = kind(
    "people.provider_silent",
    503,
    th="ติดต่อผู้ให้บริการไม่ได้ในขณะนี้ โปรดลองใหม่ หรือเข้าด้วยรหัสทางโทรศัพท์",
    en="The provider cannot be reached now; try again or sign in with a code",
)
PROVIDER_DECLINED = kind(
    "people.provider_declined",
    403,
    th="คุณยกเลิก หรือผู้ให้บริการไม่อนุญาต จึงยังไม่ได้เข้าสู่ระบบ",
    en="You cancelled, or the provider did not allow it; you are not signed in",
)
PROVIDER_REFUSED = kind(
    "people.provider_refused",
    403,
    th="คำยืนยันจากผู้ให้บริการไม่ถูกต้อง โปรดลองใหม่",
    en="What the provider said does not prove who you are; try again",
)
ACCOUNT_UNKNOWN = kind(
    "people.account_unknown",
    403,
    th="บัญชีนี้ยังไม่ได้เชื่อมกับใครที่นี่ เข้าด้วยเบอร์โทรก่อน แล้วเชื่อมบัญชีในหน้า “วิธีเข้าใช้ของฉัน” ถ้ายังไม่เป็นอาสา สมัครกับเครือข่ายก่อน",
    en="This account is not linked to anybody here. Sign in with your telephone first and link it under “My ways to sign in”;"
    " if you are not a volunteer yet, join a network first",
)
ACCOUNT_SEVERAL = kind(
    "people.account_several",
    409,
    th="บัญชีนี้เชื่อมไว้กับหลายเครือข่าย โปรดเลือกเครือข่ายก่อน แล้วลองใหม่",
    en="This account is linked in several networks; choose the network first and try again",
)
ACCOUNT_TAKEN = kind(
    "people.account_taken",
    409,
    th="บัญชีนี้เชื่อมกับคนอื่นในเครือข่ายแล้ว",
    en="This account is linked to somebody else of the network already",
)
ACCOUNT_BEFORE = kind(
    "people.account_before",
    409,
    th="คุณเชื่อมบัญชีของผู้ให้บริการนี้ไว้แล้ว ถ้าจะเปลี่ยน ยกเลิกบัญชีเดิมก่อน",
    en="You linked an account of this provider before; unlink it first if you want another",
)
ACCOUNT_GONE = kind("people.account_gone", 404, th="ไม่พบบัญชีที่เชื่อมไว้นี้", en="There is no such linked account")
