"""What can be wrong with what verify reads, and with asking it."""

from sapparot.base.problems import CannotGoOn, kind

KEY_UNKNOWN = kind("verify.key_unknown", 404, th="บันทึกสาธารณะไม่ได้กล่าวถึงกุญแจนี้", en="The log says nothing of this key")
KEYS_UNREADABLE = kind(
    "verify.keys_unreadable",
    503,
    th="ยังค้นหากุญแจในบันทึกสาธารณะไม่ได้ โปรดลองใหม่",
    en="Keys in the log cannot be looked up now; try again",
)
POLICY_INVALID = kind("verify.policy_invalid", 500, th="ไฟล์นโยบายใช้ไม่ได้", en="The policy file cannot be used")

POLICY_OTHER = kind(
    "verify.policy_other",
    409,
    th="ต่อไปนี้ใช้นโยบายอื่นแทนนโยบายเดิม ทุกหน่วยจะถูกชั่งน้ำหนักใหม่",
    en="Another policy takes the place of the one in force: every sheet is weighed again",
)
POLICY_AGAIN = kind(
    "verify.policy_again",
    409,
    th="นโยบายนี้เคยใช้มาก่อนและถูกแทนที่ไปแล้ว ถ้าไม่ได้ตั้งใจ แปลว่าแต่ละโปรเซสตั้ง SAPPAROT_POLICY ไม่ตรงกัน"
    " และทุกครั้งที่เปิดระบบ ทุกหน่วยจะถูกชั่งน้ำหนักใหม่ ให้ตั้งไฟล์เดียวกันทุกเครื่อง",
    en="This policy was in force before and another took its place: if that is not meant, processes name different files in SAPPAROT_POLICY"
    " and each start weighs every sheet again; name one file everywhere",
)


class PolicyInvalid(CannotGoOn, ValueError, kind=POLICY_INVALID):
    """A policy file cannot be used; the message says where it is wrong and what is expected there."""


class Unreadable(ValueError):
    """An entry is not what its kind says; the message is a code of the reason, which stands in the log: never a library's own words."""
