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


class PolicyInvalid(CannotGoOn, ValueError, kind=POLICY_INVALID):
    """A policy file cannot be used; the message says where it is wrong and what is expected there."""


class Unreadable(ValueError):
    """An entry is not what its kind says; the message is a code of the reason, which stands in the log: never a library's own words."""
