"""What can go wrong with publishing, and with reading what is published."""

from sapparot.base.problems import kind

SUMS_DIFFER = kind(
    "publish.sums_differ",
    500,
    th="ผลรวมที่เก็บไว้ไม่ตรงกับผลรวมที่คำนวณใหม่ จึงหยุดเผยแพร่และนับใหม่จากบันทึกสาธารณะ",
    en="Running sums differ from recomputed ones; publishing stops and the log is counted anew",
)
BEHIND = kind(
    "publish.behind",
    500,
    th="ภาพรวมที่เผยแพร่แล้วใหม่กว่าที่ฐานข้อมูลนี้มี จึงไม่เผยแพร่ต่อ หากเพิ่งกู้ฐานข้อมูลจากสำเนา สำเนานั้นเก่าเกินไป ให้กู้จากสำเนาที่ใหม่กว่า",
    en="The published snapshot is newer than any that this database has, so nothing further is published; where the database was restored"
    " from a copy, that copy is too old: restore a newer one",
)
NO_SNAPSHOT = kind("publish.no_snapshot", 404, th="ไม่มีภาพรวมหรือไฟล์นี้", en="There is no such snapshot or file")
NOTHING_YET = kind("publish.nothing_yet", 404, th="ยังไม่มีผลคะแนนเผยแพร่", en="Nothing is published yet")
BAD_EVENT_ID = kind(
    "publish.bad_event_id", 400, th="เลขเหตุการณ์ล่าสุดไม่ถูกต้อง", en="The last event id is not the number of a snapshot"
)
LISTENERS_FULL = kind(
    "publish.listeners_full",
    503,
    th="มีผู้ติดตามสดเต็มแล้ว โปรดอ่าน /v1/latest.json แทน",
    en="No more listeners fit; read /v1/latest.json instead",
)
UNAVAILABLE = kind(
    "publish.unavailable", 503, th="ยังอ่านผลคะแนนไม่ได้ โปรดลองใหม่", en="Results cannot be read now; try again"
)
