"""What can be wrong with an election, and with the tables a team brings. `{names}` are filled in by `tables`."""

from sapparot.base.problems import Problem, kind
from sapparot.base.text import Text

IMPORT_REFUSED = kind(
    "contests.import_refused",
    422,
    th="ตารางของการเลือกตั้งมีข้อผิดพลาด จึงยังไม่ได้นำเข้าอะไรเลย",
    en="The tables of the election have errors; nothing was imported",
)
OTHER_DEFINITION = kind(
    "contests.other_definition",
    409,
    th="มีการเลือกตั้งรหัสนี้อยู่แล้วและเนื้อหาไม่ตรงกัน หากต้องการแก้ไขก่อนมีรายงานแรก ให้สั่งอีกครั้งพร้อม --correct",
    en="An election with this id is already defined differently; to correct it before the first report, say --correct",
)
STILL_RUNNING = kind(
    "contests.still_running",
    409,
    th="ยังมี sapparot up หรือการแก้ไขอื่นทำงานอยู่ ให้หยุดทุกเครื่องก่อนแก้ไขการเลือกตั้ง แล้วค่อยเปิดใหม่",
    en="A sapparot up, or another correction, is running: stop every one before the election is corrected, then start them again",
)
RESTED_ON = kind(
    "contests.rested_on",
    409,
    th="แก้ไขการเลือกตั้งไม่ได้แล้ว เพราะมีรายงานหรือข้อมูลอื่นที่อ้างถึงการเลือกตั้งนี้เข้ามาแล้ว",
    en="The election cannot be corrected any more: a report, or something else that rests on it, has arrived",
)
IN_USE = kind(
    "contests.in_use",
    409,
    th="ตารางใหม่ไม่มีหน่วยหรือพื้นที่ที่ยังมีคนดูแลอยู่ จึงยังไม่ได้แก้ไขอะไรเลย ให้ย้ายคนก่อน หรือคงรหัสนั้นไว้ในตาราง",
    en="The new tables lack stations or areas that people still serve, so nothing was corrected; move the people first, or keep the codes",
)
OTHER_ELECTION = kind(
    "contests.other_election",
    409,
    th="ที่นี่มีการเลือกตั้งอื่นอยู่แล้ว และบันทึกสาธารณะหนึ่งเล่มนับการเลือกตั้งเดียว",
    en="Another election is defined here, and a log counts only one",
)
OTHER_THERE = Text(
    "ที่นี่นับการเลือกตั้ง {counted} อยู่แล้ว บันทึกสาธารณะหนึ่งเล่มนับการเลือกตั้งเดียว จึงยังไม่ได้นำเข้าอะไรเลย"
    " หากจะนับ {brought} ให้ใช้โฟลเดอร์ข้อมูล (--data) หรือฐานข้อมูลใหม่",
    "the election {counted} is counted here, and a log counts only one, so nothing was imported;"
    " count {brought} with another directory (--data) or another database",
)


class DefinitionError(ValueError):
    """The entries that define an election do not fit together; the message says which part and why."""


AT_ROW = Text("{before.th} แถว {row}", "{before.en} row {row}")
AT_COLUMN = Text("{before.th} คอลัมน์ {column}", "{before.en} column {column}")
MISSING_FILE = Text("ไม่มีไฟล์นี้", "this file is missing")
UNKNOWN_FILE = Text("ไม่รู้จักไฟล์นี้ โปรดตรวจชื่อไฟล์", "this file is not one of the tables; check its name")
LARGE_FILE = Text("ไฟล์ใหญ่เกิน {most} ไบต์", "the file is larger than {most} bytes")
NOT_UTF8 = Text("ไฟล์ไม่ได้บันทึกเป็น UTF-8", "the file is not saved as UTF-8")
NOT_CSV = Text("อ่านเป็น CSV ไม่ได้ ({why})", "cannot be read as CSV ({why})")
NOT_TOML = Text("อ่านเป็น TOML ไม่ได้ ({why})", "cannot be read as TOML ({why})")
MISSING_COLUMN = Text("ไม่มีคอลัมน์นี้", "this column is missing")
UNKNOWN_COLUMN = Text("ไม่รู้จักคอลัมน์นี้", "this column is not known")
SAME_COLUMN = Text("คอลัมน์นี้มีสองครั้ง", "this column stands twice")
RAGGED = Text("แถวมี {found} ช่อง แต่หัวตารางมี {wanted}", "the row has {found} cells, the header has {wanted}")
NO_ROWS = Text("ตารางว่างเปล่า", "the table has no rows")
EMPTY = Text("ช่องนี้ว่าง", "this cell is empty")
TOO_LONG = Text("ยาวเกิน {most} ตัวอักษร", "longer than {most} characters")
BAD_CHARACTER = Text("มีอักขระที่มองไม่เห็นหรือขึ้นบรรทัดใหม่", "holds an invisible character or a line break")
FORMULA = Text("ข้อความขึ้นต้นด้วย = + - หรือ @ ไม่ได้", "a text must not begin with = + - or @")
NOT_CODE = Text(
    "รหัสใช้ได้เฉพาะ A-Z a-z 0-9 และ - ไม่เกิน {most} ตัว ขึ้นต้นด้วยตัวอักษรหรือตัวเลข",
    "a code has only A-Z a-z 0-9 and -, at most {most} characters, and begins with a letter or digit",
)
NOT_ID = Text(
    "รหัสการเลือกตั้งใช้ได้เฉพาะ a-z 0-9 และ - ไม่เกิน {most} ตัว",
    "the id of an election has only a-z 0-9 and -, at most {most} characters",
)
NOT_NUMBER = Text("ไม่ใช่จำนวนเต็ม", "not a whole number")
OTHER_DIGITS = Text("โปรดเขียนด้วยเลขอารบิก 0-9", "write numbers with the digits 0-9")
GROUPED = Text("โปรดเขียนตัวเลขโดยไม่มีจุลภาคหรือช่องว่าง", "write numbers without commas or spaces")
OUT_OF_RANGE = Text("ต้องอยู่ระหว่าง {low} ถึง {high}", "must lie between {low} and {high}")
NOT_DEGREES = Text(
    "พิกัดต้องเป็นองศาทศนิยมระหว่าง -{most} ถึง {most} เช่น 13.7513",
    "a coordinate is decimal degrees between -{most} and {most}, such as 13.7513",
)
HALF_PLACE = Text("ต้องมีทั้ง lat และ lon หรือไม่มีทั้งคู่", "give both lat and lon, or neither")
NOT_COLOR = Text("สีต้องเป็นรูปแบบ #rrggbb", "a colour is written #rrggbb")
NOT_CHOICE = Text("ต้องเป็นค่าใดค่าหนึ่งใน: {allowed}", "must be one of: {allowed}")
TWICE = Text("ซ้ำกับแถว {first}", "already stands in row {first}")
TWICE_IN = Text("ซ้ำกับ {first}", "already stands in {first}")
UNKNOWN_PARENT = Text("ไม่มีพื้นที่แม่รหัสนี้ในแถวก่อนหน้า", "no area above this row has this code")
SECOND_ROOT = Text("พื้นที่ที่ไม่มี parent มีได้เพียงแถวเดียว", "only one area may have no parent")
UNKNOWN_AREA = Text("ไม่มีพื้นที่รหัสนี้", "no area has this code")
UNKNOWN_PARTY = Text("ไม่มีพรรครหัสนี้", "no party has this code")
UNKNOWN_BALLOT = Text("ไม่มีบัตรรหัสนี้", "no ballot has this code")
WRONG_SCOPE = Text(
    "บัตรนี้แข่งขันในพื้นที่ชนิด {scope} แต่พื้นที่นี้เป็น {kind}",
    "this ballot is contested in areas of kind {scope}, this area is a {kind}",
)
NO_OPTION = Text("พื้นที่นี้ไม่มีตัวเลือกของบัตร {ballot}", "this area has no option for the ballot {ballot}")
LIST_OF_NOBODY = Text("บัญชีรายชื่อต้องเป็นของพรรค เพราะที่นั่งแบ่งให้พรรค", "a list belongs to a party: list seats go to parties")
ONE_SEAT = Text(
    "นอกจากบัตรของทั้งประเทศ การแข่งขันหนึ่งมีได้เพียงหนึ่งที่นั่ง",
    "a contest that is not of the whole country has one seat; more cannot be counted yet",
)
LARGE_CONTEST = Text(
    "การแข่งขันของบัตร {ballot} ในพื้นที่นี้ใหญ่เกินหนึ่งรายการในบันทึกสาธารณะ โปรดย่อชื่อ",
    "the contest of ballot {ballot} in this area is larger than an entry of the ledger; shorten the names",
)
NO_NAME = Text("ต้องมีชื่อไทยหรืออังกฤษ", "give a name in Thai or English")
NO_CONTEST = Text(
    "หน่วยนี้ไม่อยู่ในพื้นที่ชนิด {scope} ของบัตร {ballot}",
    "this station lies in no {scope}, where the ballot {ballot} is contested",
)
NO_SUCH_SCOPE = Text("ไม่มีพื้นที่ชนิดนี้ใน areas.csv", "no area in areas.csv is of this kind")
OTHER_COUNT = Text(
    "stations.csv มี {found} หน่วยในพื้นที่นี้ โปรดตรวจว่ารายชื่อหน่วยครบหรือไม่",
    "stations.csv lists {found} stations in this area; is the list whole?",
)
OTHER_PEOPLE = Text(
    "ผู้มีสิทธิของหน่วยใน stations.csv รวมได้ {found} คน ต่างจากจำนวนนี้เกินร้อยละ {most} โปรดตรวจทั้งสองตาราง",
    "the eligible people of its stations in stations.csv add up to {found}, more than {most} % away from this; check both tables",
)
NOT_DATE = Text("ต้องเป็นวันที่ เช่น 2023-05-14", "must be a date such as 2023-05-14")
NOT_MOMENT = Text(
    "ต้องเป็นวันเวลาพร้อมเขตเวลา เช่น 2023-05-14T17:00:00+07:00",
    "must be a date, time and offset such as 2023-05-14T17:00:00+07:00",
)
CLOSES_FIRST = Text("เวลาปิดต้องอยู่หลังเวลาเปิดไม่เกิน 7 วัน", "must lie after opens_at, by at most 7 days")
OTHER_DAY = Text("ไม่ตรงกับวันใน date", "is not on the day that date gives")
TOO_MANY = Text("มีได้ไม่เกิน {most}", "there may be at most {most}")
NOT_TABLE = Text("ต้องเป็นตารางของ TOML", "must be a TOML table")

SEATS_REFUSED = kind(
    "contests.seats_refused",
    422,
    th="คำนวณที่นั่งจากข้อมูลนี้ไม่ได้",
    en="Seats cannot be calculated from this",
)


class SeatsRefused(Problem):
    """Votes, constituency seats or lots to which a seat rule cannot be applied; `detail` says why."""


UNKNOWN_RULE = Text("ไม่รู้จักกติกา {rule} (มี {rules})", "the rule {rule} is not known (there are {rules})")
CANNOT_READ = Text("อ่านไฟล์ {file} ไม่ได้ ({why})", "{file} cannot be read ({why})")
NO_VOTES = Text("ไม่มีคะแนนเลย จึงหาคะแนนต่อหนึ่งที่นั่งไม่ได้", "there are no votes, so no seat has a price in votes")
NO_LIST_SEATS = Text("การเลือกตั้งนี้ไม่มีที่นั่งแบบบัญชีรายชื่อ", "this election has no list seats")
TOO_MANY_SEATS = Text("รวมได้ {won} ที่นั่ง แต่มีเพียง {all} เขต", "the seats add up to {won}, there are {all} constituencies")
WRONG_CONSTITUENCIES = Text(
    "ที่นั่งแบบแบ่งเขตรวมกันได้ {won} แต่ต้องเป็น {least} ถึง {all} (มาตรา 128 และ 129)",
    "the constituency seats add up to {won}; sections 128 and 129 need {least} to {all}",
)
NO_TIE = Text("ไม่มีที่นั่งใดต้องจับสลาก", "no seat waits for a lot")
LOT_OF_NOBODY = Text(
    "สลากของ {party} ใช้ไม่ได้ ผู้จับสลากคือ {among} พรรคละครั้ง",
    "a lot for {party} does not count; these draw, once each: {among}",
)
TOO_FEW_LOTS = Text("ต้องบอกผลสลากให้ครบ {seats} ที่นั่ง จาก {among}", "name the winners of {seats} seat(s) among {among}")
