"""What is wrong with a line of a policy file, in Thai and English. ``{words}`` are filled in by the reader."""

from sapparot.base.text import Text

NO_QUORUM = Text("ไม่มีบรรทัด quorum", "there is no quorum line")
FILE_LARGE = Text("ไฟล์ใหญ่เกิน 1 MiB", "the file is larger than 1 MiB")
NO_NEWLINE = Text("บรรทัดสุดท้ายไม่จบด้วยการขึ้นบรรทัดใหม่", "the last line does not end with a newline")
CONTROL_CHARACTER = Text("มีอักขระควบคุมที่ไม่ใช่แท็บ", "holds a control character other than tab")
UNKNOWN_WORD = Text(
    "ไม่รู้จักคำว่า {word} ใช้ได้เฉพาะ log, witness, group, quorum",
    "{word} is not known; a line begins with log, witness, group or quorum",
)
LOG_FORM = Text("ต้องเป็น log <กุญแจตรวจ> [<ที่อยู่>]", "must be log <verifier key> [<url>]")
WITNESS_FORM = Text("ต้องเป็น witness <ชื่อ> <กุญแจตรวจ> [<ที่อยู่>]", "must be witness <name> <verifier key> [<url>]")
GROUP_FORM = Text("ต้องเป็น group <ชื่อ> all|any|<จำนวน> <ชื่อ>...", "must be group <name> all|any|<k> <name>...")
GROUP_COUNT = Text(
    "จำนวนต้องเป็น all, any หรือ 1 ถึง {members}", "the threshold is all, any, or a number from 1 to {members}"
)
QUORUM_FORM = Text("ต้องเป็น quorum <ชื่อ> หรือ quorum none", "must be quorum <name> or quorum none")
SECOND_QUORUM = Text("มีบรรทัด quorum แล้ว", "there is a quorum line already")
UNKNOWN_NAME = Text("ยังไม่มีชื่อ {name} ในบรรทัดก่อนหน้า", "{name} is not defined on an earlier line")
SAME_NAME = Text("ใช้ชื่อ {name} ไปแล้ว", "the name {name} is taken")
RESERVED_NAME = Text("ชื่อ none สงวนไว้", "the name none is reserved")
SECOND_GROUP = Text("{name} เป็นสมาชิกของ {group} อยู่แล้ว", "{name} is a member already, of {group}")
SAME_KEY = Text("กุญแจนี้มีอยู่ในบรรทัดก่อนหน้าแล้ว", "an earlier line has the same public key")
KEY_UNREADABLE = Text("กุญแจตรวจใช้ไม่ได้ ({why})", "the verifier key cannot be used: {why}")
