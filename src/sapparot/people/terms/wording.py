"""What people are asked to agree to where a network brings no words of its own."""

from __future__ import annotations

from sapparot.base.text import Text
from sapparot.people.persons.facts import Purpose

FIRST_VERSION = 1

TEXTS: dict[Purpose, Text] = {
    "duty": Text(
        "ให้เครือข่ายนี้เก็บชื่อและเบอร์โทรศัพท์ของฉัน และติดต่อฉันเรื่องหน้าที่อาสาสมัคร ข้อนี้จำเป็น ถ้าเปลี่ยนใจ ออกจากเครือข่ายและลบข้อมูลได้ทุกเมื่อ",
        "This network may keep my name and telephone number and contact me about my duty as a volunteer. This is required; I can leave"
        " and have my data erased at any time.",
    ),
    "head": Text(
        "ให้หัวหน้าเขตของเครือข่ายอื่นเห็นชื่อและเบอร์โทรศัพท์ของฉัน เพื่อประสานงานในเขตเดียวกัน",
        "Constituency heads of other networks may see my name and telephone number, to work together in the same constituency.",
    ),
    "centre": Text(
        "ให้ศูนย์กลางของโครงการเห็นชื่อและเบอร์โทรศัพท์ของฉัน เพื่อติดต่อเมื่อคะแนนที่ฉันส่งต้องตรวจสอบ",
        "The centre of the project may see my name and telephone number, to reach me when figures that I sent must be checked.",
    ),
    "announcements": Text(
        "ให้ส่งข่าวและประกาศของเครือข่ายมาที่โทรศัพท์ของฉัน",
        "News and announcements of the network may be sent to my telephone.",
    ),
    "rewards": Text(
        "ให้ใช้ชื่อและเบอร์โทรศัพท์ของฉันเพื่อส่งของตอบแทนสำหรับอาสาสมัคร",
        "My name and telephone number may be used to send me rewards for volunteers.",
    ),
}
