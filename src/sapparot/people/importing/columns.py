"""What the columns of people's lists are called, in Thai and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sapparot.people.importing.facts import Field

_CALLED: dict[Field, tuple[str, str]] = {
    "prefix": ("คำนำหน้า|คำนำหน้าชื่อ|คำนำหน้านาม", "title|prefix|name title"),
    "name": (
        "ชื่อนามสกุล|ชื่อสกุล|ชื่อและนามสกุล|ชื่อเต็ม|รายชื่อ|ชื่อผู้สมัคร|ชื่ออาสาสมัคร|ชื่อจริงนามสกุล",
        "name|full name|fullname|volunteer|volunteer name",
    ),
    "first": ("ชื่อ|ชื่อจริง|ชื่อตัว", "first name|firstname|given name|forename"),
    "last": ("นามสกุล|สกุล|ชื่อสกุลเดิม", "last name|lastname|surname|family name"),
    "phone": (
        "โทรศัพท์|เบอร์โทรศัพท์|เบอร์โทร|เบอร์|เบอร์มือถือ|มือถือ|โทร|โทรศัพท์มือถือ|หมายเลขโทรศัพท์|เบอร์ติดต่อ|เบอร์โทรศัพท์มือถือ|หมายเลขโทรศัพท์มือถือ"
        "|เบอร์โทรติดต่อ|โทรศัพท์เคลื่อนที่",
        "phone|phone number|telephone|telephone number|mobile|mobile number|mobile phone|tel|cell|contact number",
    ),
    "area": (
        "รหัสพื้นที่|พื้นที่|รหัสตำบล|รหัสแขวง|รหัสเขต|เขตเลือกตั้ง|รหัสเขตเลือกตั้ง",
        "area|area code|constituency|subdistrict code",
    ),
    "mail": ("อีเมล|อีเมล์|เมล|อีเมลล์", "mail|email|e mail|email address"),
}


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s\u200b\ufeff._\-/()*:'\"+&,]+", "", text)


_FIELDS: dict[str, Field] = {
    _plain(each): field for field, pair in _CALLED.items() for names in pair for each in names.split("|")
}


def columns_of(cells: Sequence[str]) -> dict[Field, int]:
    """Return which cell of a row of headings is what; the first of several with one meaning counts."""
    found: dict[Field, int] = {}
    for place, cell in enumerate(cells):
        field = _FIELDS.get(_plain(cell))
        if field is not None:
            found.setdefault(field, place)
    if "name" not in found and "first" in found and "last" not in found:
        found["name"] = found.pop("first")  # who has no column for the surname writes both into one
    return found


def is_heading(columns: dict[Field, int]) -> bool:
    """Tell whether a row names what an import needs: a telephone and a name."""
    return "phone" in columns and ("name" in columns or "first" in columns)
