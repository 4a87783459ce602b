"""What can go wrong when an announcement is to go to telephones."""

from sapparot.base.problems import kind

NO_SENDERS = kind(
    "people.no_senders",
    409,
    th="ระบบนี้ยังไม่ได้ตั้งค่าการส่ง SMS หรือ LINE ส่งประกาศในแอปได้ตามปกติ",
    en="This installation has no way to send SMS or LINE messages; announcements in the app work as always",
)
COSTLIER = kind(
    "people.mailing_costlier",
    409,
    th="จำนวนผู้รับเปลี่ยนไป ค่าส่งจึงมากกว่าที่ยืนยันไว้ โปรดดูตัวอย่างอีกครั้ง",
    en="More people would get it now than were confirmed, so it costs more; look at the preview again",
)
HEAD_FULL = kind(
    "people.mailing_head_full",
    409,
    th="เกินจำนวนข้อความที่หัวหน้าเขตหนึ่งคน หรือหัวหน้าเขตทุกคนรวมกัน ส่งได้ใน 24 ชั่วโมง เลือกผู้รับให้น้อยลง เขียนให้สั้นลง หรือขอให้ผู้จัดเครือข่ายส่งให้",
    en="That is more than one head, or all heads together, may send in 24 hours; choose fewer people, write less, or ask an organiser",
)
DAY_FULL = kind(
    "people.mailing_day_full",
    409,
    th="เกินจำนวนข้อความที่เครือข่ายส่งได้ใน 24 ชั่วโมง เลือกผู้รับให้น้อยลง หรือเขียนให้สั้นลง",
    en="That is more than a network may send in 24 hours; choose fewer people or write less",
)
