"""Why a demo cannot be shown."""

from sapparot.base.problems import CannotGoOn, kind

STAGE_OCCUPIED = kind("demo.stage_occupied", 500, th="ที่ของการสาธิตไม่ว่าง", en="The place of the demo is not free")
SERVER_FAILED = kind("demo.server_failed", 500, th="เซิร์ฟเวอร์ของการสาธิตทำงานไม่ได้", en="A server of the demo failed")


class StageOccupied(CannotGoOn, RuntimeError, kind=STAGE_OCCUPIED):
    """The directory holds something that a demo must not replace."""


class ServerFailed(CannotGoOn, RuntimeError, kind=SERVER_FAILED):
    """A server process did not start or has ended."""
