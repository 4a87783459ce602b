"""Why an audit cannot begin."""

from sapparot.base.problems import kind

NO_COPY = kind(
    "audit.no_copy",
    404,
    th="ที่นี่ไม่มีสำเนาของข้อมูลที่เผยแพร่ (ไม่มี log/checkpoint)",
    en="There is no copy of published data here (no log/checkpoint)",
)
NO_KEY = kind(
    "audit.no_key",
    404,
    th="อ่านไฟล์กุญแจของบันทึกสาธารณะที่ระบุไม่ได้",
    en="The file that should hold the key of the log cannot be read",
)
UNREACHABLE = kind("audit.unreachable", 502, th="ดาวน์โหลดไม่สำเร็จ", en="The download did not succeed")
STATE_DAMAGED = kind(
    "audit.state_damaged",
    422,
    th="อ่านไฟล์ที่จำหัวบันทึกไว้ไม่ได้ โปรดเก็บไว้เป็นหลักฐานแล้วตั้งไฟล์อื่น",
    en="The file of remembered checkpoints cannot be read; keep it as evidence and name another one",
)
FILE_UNUSABLE = kind(
    "audit.file_unusable",
    422,
    th="อ่านหรือเขียนไฟล์นี้ไม่ได้ โปรดตรวจชื่อและสิทธิ์ของโฟลเดอร์",
    en="This file cannot be read or written; look at its name and at who may use its directory",
)
