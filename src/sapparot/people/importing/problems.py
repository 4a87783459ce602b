"""What can be wrong with a whole file of people."""

from sapparot.base.problems import kind

FILE_UNREADABLE = kind("people.file_unreadable", 400, th="อ่านไฟล์นี้ไม่ได้", en="This file cannot be read")
COLUMNS_MISSING = kind("people.columns_missing", 400, th="ไม่พบคอลัมน์ที่ต้องใช้", en="Columns are missing")
TOO_MANY_ROWS = kind("people.too_many_rows", 413, th="ไฟล์นี้มีรายชื่อมากเกินไป", en="This file has too many rows")
AREAS_UNKNOWN = kind(
    "people.areas_unknown",
    400,
    th="ไฟล์นี้มีพื้นที่ที่ไม่มีในการเลือกตั้งครั้งนี้ จึงยังไม่ได้นำเข้าใครเลย",
    en="This file names areas that this election lacks, so nobody was brought",
)
FILE_GONE = kind(
    "people.file_gone", 404, th="ไฟล์นี้ไม่ได้รออยู่แล้ว โปรดเลือกไฟล์อีกครั้ง", en="This file waits no more; choose it again"
)
