"""What can go wrong with a photograph on its way in."""

from sapparot.base.problems import kind

BAD_NAME = kind(
    "evidence.bad_name",
    400,
    th="ชื่อของภาพต้องเป็นค่า SHA-256 เลขฐานสิบหกตัวพิมพ์เล็ก 64 หลัก",
    en="A photograph is named by its SHA-256: 64 small hexadecimal digits",
)
EMPTY = kind("evidence.empty", 400, th="ไม่มีภาพในข้อมูลที่ส่งมา", en="The body is empty")
WRONG_HASH = kind(
    "evidence.wrong_hash",
    422,
    th="ภาพที่มาถึงไม่ตรงกับชื่อ โปรดส่งใหม่",
    en="The bytes that arrived are not those of the name; send them again",
)
NOT_A_PHOTOGRAPH = kind(
    "evidence.not_a_photograph",
    415,
    th="ไฟล์นี้ไม่ใช่ภาพถ่าย JPEG, PNG, WebP หรือ HEIC",
    en="This is not a photograph in JPEG, PNG, WebP or HEIC",
)
TOO_MANY_PIXELS = kind(
    "evidence.too_many_pixels",
    422,
    th="ภาพมีพิกเซลมากเกินกำหนด (67 ล้านพิกเซล)",
    en="The photograph has more than 67 million pixels",
)
ANIMATED = kind("evidence.animated", 422, th="ภาพเคลื่อนไหวใช้เป็นหลักฐานไม่ได้", en="A moving picture is not evidence")
DAMAGED = kind(
    "evidence.damaged",
    422,
    th="ไฟล์ภาพเสียหรือมาไม่ครบ เปิดไม่ได้",
    en="The file is damaged or incomplete and cannot be opened",
)
ALSO_ANOTHER = kind(
    "evidence.also_another_file",
    422,
    th="ไฟล์ภาพนี้มีไฟล์อื่นแฝงมาด้วย เช่น ZIP, PDF หรือหน้าเว็บ จึงรับไว้ไม่ได้ โปรดถ่ายภาพใหม่ด้วยกล้องของโทรศัพท์แล้วส่งอีกครั้ง",
    en="This photograph is another file as well, such as a ZIP, a PDF or a web page; send one as the phone's camera makes it",
)
TOO_COSTLY = kind(
    "evidence.too_costly",
    422,
    th="การเปิดภาพนี้ใช้หน่วยความจำหรือเวลาเกินกำหนด โปรดส่งเป็น JPEG",
    en="Opening this file takes more memory or time than allowed; send it as JPEG",
)
DISK_FULL = kind(
    "evidence.disk_full",
    503,
    th="ที่เก็บภาพเต็ม ยังรับภาพไม่ได้ โปรดส่งใหม่ภายหลัง",
    en="There is no room for photographs right now; send it again later",
)
TOO_OFTEN = kind(
    "evidence.too_often", 429, th="เครื่องนี้ส่งภาพถี่เกินกำหนด", en="This device sends photographs more often than allowed"
)
AT_ONCE = kind(
    "evidence.too_many_at_once",
    429,
    th="เครื่องนี้กำลังส่งภาพอื่นอยู่ โปรดส่งทีละภาพ",
    en="This device is sending other photographs already; send them one after the other",
)
BUSY = kind(
    "evidence.busy",
    503,
    th="ระบบรับภาพเต็มที่ โปรดส่งใหม่",
    en="The server takes no more photographs right now; send it again",
)
UNAVAILABLE = kind(
    "evidence.unavailable", 503, th="ยังเก็บภาพไม่ได้ โปรดส่งใหม่", en="The photograph could not be kept; send it again"
)
UNKNOWN = kind("evidence.unknown", 404, th="ยังไม่ได้รับภาพนี้", en="No such photograph was kept")

# Sent in pieces (tus 1.0.0).
OTHER_VERSION = kind(
    "evidence.other_version",
    412,
    th="การส่งภาพเป็นช่วงใช้ tus รุ่น 1.0.0 เท่านั้น",
    en="Photographs in pieces come by tus 1.0.0: say Tus-Resumable: 1.0.0",
)
BAD_HEADER = kind(
    "evidence.bad_header", 400, th="หัวข้อมูลของการส่งภาพเป็นช่วงไม่ถูกต้อง", en="A header of the upload is missing or wrong"
)
NOT_IN_PIECES = kind(
    "evidence.not_in_pieces",
    415,
    th="ช่วงของภาพต้องส่งเป็น application/offset+octet-stream",
    en="A piece is sent as application/offset+octet-stream",
)
OTHER_OFFSET = kind(
    "evidence.other_offset",
    409,
    th="จุดที่ส่งต่อไม่ตรงกับที่ได้รับแล้ว โปรดถามด้วย HEAD แล้วส่งต่อจากจุดนั้น",
    en="The upload has come to another place; ask with HEAD and go on from there",
)
BEYOND_LENGTH = kind(
    "evidence.beyond_length",
    413,
    th="ข้อมูลยาวเกินขนาดที่แจ้งไว้ตอนเริ่มส่ง",
    en="There are more bytes than the upload was said to have",
)
CHECKSUM_UNKNOWN = kind(
    "evidence.checksum_unknown", 400, th="ไม่รู้จักวิธีตรวจนี้ ใช้ sha1 หรือ sha256", en="The checksum must be sha1 or sha256"
)
CHECKSUM_DIFFERS = kind(
    "evidence.checksum_differs",
    460,
    th="ช่วงที่มาถึงไม่ตรงกับค่าตรวจ โปรดส่งช่วงนี้ใหม่",
    en="The piece that arrived does not have its checksum; send it again",
)
UPLOAD_UNKNOWN = kind(
    "evidence.upload_unknown",
    404,
    th="ไม่มีการส่งภาพนี้ หรือหมดเวลาแล้ว โปรดเริ่มส่งใหม่",
    en="There is no such upload of this device, or it has expired; begin again",
)
TOO_MANY_BEGUN = kind(
    "evidence.too_many_begun",
    429,
    th="เครื่องนี้มีภาพที่ส่งค้างอยู่มากเกินกำหนด โปรดส่งให้เสร็จหรือยกเลิกก่อน",
    en="This device has begun more photographs than allowed; finish some or end them",
)
NO_ROOM_TO_BEGIN = kind(
    "evidence.no_room_to_begin",
    503,
    th="มีภาพที่ส่งค้างอยู่เต็มที่แล้ว โปรดเริ่มส่งใหม่ภายหลัง",
    en="Too many photographs are begun and not finished; begin again later",
)
