"""What can go wrong with the log and with what stands beside it."""

from sapparot.base.problems import kind

ANCHORS_OFF = kind(
    "ledger.anchors_off",
    400,
    th="ยังไม่ได้เปิดการฝากหลักฐานไว้ภายนอก: กำหนด SAPPAROT_ANCHORS เช่น ots",
    en="Anchors are off: set SAPPAROT_ANCHORS, for example to ots",
)
NOTHING_TO_ANCHOR = kind(
    "ledger.nothing_to_anchor",
    404,
    th="ยังไม่มีจุดตรวจของบันทึกสาธารณะให้ฝาก",
    en="There is no ledger checkpoint over entries yet",
)
CHECKPOINT_UNUSABLE = kind(
    "ledger.checkpoint_unusable", 400, th="จุดตรวจของบันทึกสาธารณะใช้ไม่ได้", en="The ledger checkpoint cannot be used"
)
ANCHOR_UNREACHABLE = kind(
    "ledger.anchor_unreachable", 503, th="ติดต่อผู้รับฝากหลักฐานไม่ได้", en="The anchor cannot be reached"
)
ANCHOR_REFUSED = kind("ledger.anchor_refused", 409, th="ผู้รับฝากหลักฐานปฏิเสธ", en="The anchor refuses this checkpoint")
PROOF_UNUSABLE = kind("ledger.proof_unusable", 400, th="หลักฐานที่ฝากไว้ใช้ไม่ได้", en="The proof of an anchor cannot be used")
POLICY_REFUSED = kind(
    "ledger.policy_refused",
    422,
    th="ไฟล์เกณฑ์ผู้ร่วมลงนามมีข้อผิดพลาด",
    en="The policy file of cosigners has errors",
)
SUBMISSION_UNREADABLE = kind(
    "ledger.submission_unreadable", 400, th="คำขอร่วมลงนามไม่ถูกรูปแบบ", en="The request to cosign is not in form"
)
NOT_BY_THE_LOG = kind(
    "ledger.not_by_the_log",
    403,
    th="จุดตรวจไม่ได้ลงนามด้วยกุญแจของบันทึกสาธารณะ",
    en="The checkpoint is not signed by a known key of the log",
)
LOG_UNKNOWN = kind("ledger.log_unknown", 404, th="ไม่ได้ร่วมลงนามให้บันทึกสาธารณะนี้", en="This cosigner does not know the log")
INCONSISTENT = kind(
    "ledger.inconsistent",
    422,
    th="จุดตรวจไม่ได้ต่อจากที่เคยร่วมลงนามไว้",
    en="The checkpoint does not continue what was cosigned before",
)
