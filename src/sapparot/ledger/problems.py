"""What can go wrong with the log and with what stands beside it."""

from sapparot.base.problems import kind

ANCHORS_OFF = kind(
    "ledger.anchors_off",
    400,
    th="ยังไม่ได้เปิดการฝากหลักฐานไว้ภายนอก: กำหนด SAPPAROT_ANCHORS เช่น ots",
    en="Anchors are off: set SAPPAROT_ANCHORS, for example to ots",
)
EVM_NOT_SET = kind(
    "ledger.evm_not_set",
    400,
    th="ยังไม่ได้กำหนดเชนให้ครบ: SAPPAROT_EVM_RPC, SAPPAROT_EVM_CONTRACT และ SAPPAROT_EVM_ACCOUNT",
    en="The chain is not set completely: SAPPAROT_EVM_RPC, SAPPAROT_EVM_CONTRACT and SAPPAROT_EVM_ACCOUNT",
)
FILE_UNUSABLE = kind("ledger.file_unusable", 400, th="ใช้ไฟล์ที่ให้มาไม่ได้", en="The file that was given cannot be used")
NOTHING_TO_ANCHOR = kind(
    "ledger.nothing_to_anchor",
    404,
    th="ยังไม่มีหัวบันทึกให้ฝาก",
    en="There is no ledger checkpoint over entries yet",
)
CHECKPOINT_UNUSABLE = kind(
    "ledger.checkpoint_unusable", 400, th="หัวบันทึกใช้ไม่ได้", en="The ledger checkpoint cannot be used"
)
ANCHOR_UNREACHABLE = kind(
    "ledger.anchor_unreachable", 503, th="ติดต่อผู้รับฝากหลักฐานไม่ได้", en="The anchor cannot be reached"
)
ANCHOR_REFUSED = kind("ledger.anchor_refused", 409, th="ผู้รับฝากหลักฐานปฏิเสธ", en="The anchor refuses this checkpoint")
PROOF_UNUSABLE = kind("ledger.proof_unusable", 400, th="หลักฐานที่ฝากไว้ใช้ไม่ได้", en="The proof of an anchor cannot be used")
POLICY_REFUSED = kind(
    "ledger.policy_refused",
    422,
    th="ไฟล์นโยบายผู้ร่วมลงนามมีข้อผิดพลาด",
    en="The policy file of cosigners has errors",
)
SUBMISSION_UNREADABLE = kind(
    "ledger.submission_unreadable", 400, th="คำขอร่วมลงนามไม่ถูกรูปแบบ", en="The request to cosign is not in form"
)
LOG_EMPTY = kind("ledger.log_empty", 404, th="ไม่มีบันทึกสาธารณะให้ตรวจที่นี่", en="There is no log here that could be checked")
NOT_BY_THE_LOG = kind(
    "ledger.not_by_the_log",
    403,
    th="หัวบันทึกไม่ได้ลงนามด้วยกุญแจของบันทึกสาธารณะ",
    en="The checkpoint is not signed by a known key of the log",
)
LOG_UNKNOWN = kind("ledger.log_unknown", 404, th="ไม่ได้ร่วมลงนามให้บันทึกสาธารณะนี้", en="This cosigner does not know the log")
INCONSISTENT = kind(
    "ledger.inconsistent",
    422,
    th="หัวบันทึกไม่ได้ต่อจากที่เคยร่วมลงนามไว้",
    en="The checkpoint does not continue what was cosigned before",
)
LOG_BEHIND = kind(
    "ledger.log_behind",
    500,
    th="หัวบันทึกที่เผยแพร่แล้วไม่ใช่ของบันทึกสาธารณะในฐานข้อมูลนี้ จึงไม่ลงนามต่อ",
    en="The published checkpoint is not of the log in this database, so nothing further is signed",
)
STATE_DAMAGED = kind(
    "ledger.state_damaged",
    500,
    th="หัวบันทึกที่เก็บไว้ไม่ใช่ของผู้ร่วมลงนามรายนี้ จึงไม่ร่วมลงนามต่อ",
    en="The kept checkpoint is not one that this cosigner wrote; it cosigns nothing further",
)
MIRROR_OF_ANOTHER = kind(
    "ledger.mirror_of_another",
    409,
    th="โฟลเดอร์นี้เก็บสำเนาของบันทึกสาธารณะอื่น หรือหัวบันทึกที่เก็บไว้เสียหาย โปรดระบุโฟลเดอร์อื่น",
    en="This directory holds a copy of another log, or its checkpoint is damaged; name another directory",
)
DIRECTORY_TAKEN = kind(
    "ledger.directory_taken", 409, th="โปรแกรมอื่นกำลังใช้โฟลเดอร์นี้", en="Another process uses this directory"
)
KEY_UNUSABLE = kind("ledger.key_unusable", 422, th="กุญแจหรือชื่อใช้ไม่ได้", en="The key or its name cannot be used")
OTHER_NAME = kind(
    "ledger.other_name",
    409,
    th="กุญแจนี้ใช้กับชื่ออื่นอยู่แล้ว กุญแจหนึ่งดอกใช้ได้กับชื่อเดียว",
    en="This key already serves another name; one key serves one name only",
)
OTHER_LOGS = kind(
    "ledger.other_logs",
    422,
    th="ไฟล์นโยบายกล่าวถึงบันทึกสาธารณะอื่นเท่านั้น",
    en="The policy file names other logs only",
)
NOT_IN_LOG_FILES = kind("ledger.no_such_file", 404, th="บันทึกสาธารณะไม่มีไฟล์นี้", en="The log has no such file")
NOT_A_POSITION = kind(
    "ledger.not_a_position",
    400,
    th="ตำแหน่งในบันทึกสาธารณะต้องเป็นจำนวนเต็ม 0, 1, 2, …",
    en="A position in the log is a whole number: 0, 1, 2, …",
)
NOT_A_LEAF_HASH = kind(
    "ledger.not_a_leaf_hash",
    400,
    th="แฮชของรายการต้องเป็นเลขฐานสิบหกตัวเล็ก 64 หลัก",
    en="A leaf hash is written as 64 small hexadecimal digits",
)
LEAF_UNKNOWN = kind(
    "ledger.leaf_unknown", 404, th="บันทึกสาธารณะไม่มีรายการที่มีแฮชนี้", en="No entry of the log has this leaf hash"
)
NOT_COVERED = kind(
    "ledger.not_covered",
    425,
    th="ยังไม่มีหัวบันทึกที่ครอบคลุมรายการนี้ โปรดลองใหม่ในอีกครู่",
    en="No ledger checkpoint covers this entry yet; try again in a moment",
)
UNAVAILABLE = kind(
    "ledger.unavailable", 503, th="ยังอ่านบันทึกสาธารณะไม่ได้ โปรดลองใหม่", en="The log cannot be read right now; try again"
)
SOCKET_TAKEN = kind("ledger.socket_taken", 409, th="มีโปรแกรมอื่นใช้ซ็อกเก็ตนี้อยู่", en="Another process listens at this socket")
OTHER_LOG_KEY = kind(
    "ledger.other_log_key",
    409,
    th="บันทึกสาธารณะนี้เริ่มด้วยกุญแจอื่น",
    en="This log was begun with another key",
)
