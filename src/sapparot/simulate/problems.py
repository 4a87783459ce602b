"""Why an evening cannot be drawn or played."""

from sapparot.base.problems import CannotGoOn, kind

SOURCE_UNUSABLE = kind(
    "simulate.source_unusable",
    400,
    th="ข้อมูลยังไม่ครบพอที่จะจำลองคืนนับคะแนน",
    en="Something is missing without which no evening can be drawn or played",
)
DOOR_CLOSED = kind(
    "simulate.door_closed",
    500,
    th="ระบบที่กำลังซ้อมไม่รับสิ่งที่ต้องรับ หรือไม่ตอบ",
    en="The system under rehearsal refused what it must take, or does not answer",
)


class SumsImpossible(ValueError):
    """No whole numbers can have these sums."""


class SourceUnusable(CannotGoOn, ValueError, kind=SOURCE_UNUSABLE):
    """The election folder lacks something that an evening cannot be drawn without."""


class DoorClosed(CannotGoOn, RuntimeError, kind=DOOR_CLOSED):
    """The system under test refused what it must take, or did not answer for too long."""
