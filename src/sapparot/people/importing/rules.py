"""What makes a person of a row, and which rows are the same person."""

from __future__ import annotations

import re

from msgspec.structs import replace

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.importing.facts import Field, Flaw, Listed, Sheet, Table, Twin
from sapparot.people.joining.rules import clean_name
from sapparot.people.persons.phones import REGION, e164

LONGEST_PHONES = 200
"""Signs of a cell in which several telephones may stand."""
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*\s*[eE]\+?[0-9]+")
_OR = ("หรือ", "or")
_SEVERAL = re.compile(r"[,/;|\n]|" + "|".join(_OR))
_AREA = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,39}")
_MAIL = re.compile(r"[^\s@]{1,100}@[^\s@]{1,80}\.[^\s@]{1,20}")
_DIGITS = str.maketrans(*("๐๑๒๓๔๕๖๗๘๙", "0123456789"))
_NO_PHONE = Text("ไม่มีเบอร์โทรศัพท์", "The telephone is missing")
_BAD_PHONE = Text("เบอร์โทรศัพท์ไม่ถูกต้อง", "This is not a telephone number that can be reached")
_EATEN = Text(
    "โปรแกรมตารางแปลงเบอร์เป็นเลขย่อ (เช่น 6.68E+10) ตั้งคอลัมน์เป็นข้อความแล้วใส่เบอร์ใหม่",
    "The spreadsheet shortened the number (such as 6.68E+10); set the column to text and enter it again",
)
_NO_NAME = Text("ไม่มีชื่อ หรือชื่ออ่านไม่ได้", "The name is missing or cannot be read")
_BAD_AREA = Text(
    "รหัสพื้นที่ไม่ถูกต้อง ใช้ตัวเลขและขีด เช่น 10-01", "This is not the code of an area; digits and hyphens, such as 10-01"
)
_BAD_MAIL = Text("อีเมลไม่ถูกต้อง", "This is not an address of mail")


class _Flawed(Exception):
    def __init__(self, field: Field, said: Text) -> None:
        self.field = field
        self.said = said
        super().__init__(said.en)


def people_of(table: Table, region: str = REGION) -> Sheet:
    """Return the people of a file: one for each telephone, with what is wrong and what is double."""
    found: dict[str, Listed] = {}
    flaws: list[Flaw] = []
    twins: list[Twin] = []
    areas: dict[str, list[int]] = {}
    for row, cells in table.rows:
        try:
            person = _person(row, {field: _cell(cells, place) for field, place in table.columns.items()}, region)
        except _Flawed as flawed:
            field = flawed.field if flawed.field in table.headings else "first"
            flaws.append(Flaw(row, table.headings.get(field, field), flawed.said))
            continue
        if person.area:
            areas.setdefault(person.area, []).append(row)
        first = found.setdefault(person.phone, person)
        if first is not person:
            twins.append(Twin(row, first.row))
            found[person.phone] = replace(first, area=first.area or person.area, mail=first.mail or person.mail)
    return Sheet(table, tuple(found.values()), tuple(flaws), tuple(twins), areas)


def uncovered(cell: str) -> str:
    """Return what somebody meant by a cell: without the apostrophe or ``="…"`` that keeps a spreadsheet from counting with it."""
    cell = cell.strip()
    if match := re.fullmatch(r'="([^"]*)"', cell):
        cell = match[1]
    return cell.removeprefix("'").strip()


def covered(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection): what could begin one gets an apostrophe."""
    return f"'{cell}" if cell.lstrip()[:1] in set("=+-@\t\r|%＝＋－＠") or cell[:1] in set("'\t\r\n") else cell


def _cell(cells: tuple[str, ...], place: int) -> str:
    return uncovered(cells[place]) if place < len(cells) else ""


def _person(row: int, cells: dict[Field, str], region: str) -> Listed:
    whole = cells.get("name") or " ".join(filter(None, (cells.get("first"), cells.get("last"))))
    try:
        name = clean_name(cells.get("prefix", "") + whole) if whole else ""
    except Problem as problem:
        raise _Flawed("name", _NO_NAME) from problem
    if not name:
        raise _Flawed("name", _NO_NAME)
    area, mail = cells.get("area", "").translate(_DIGITS), cells.get("mail", "")
    if area and not _AREA.fullmatch(area):
        raise _Flawed("area", _BAD_AREA)
    if mail and not _MAIL.fullmatch(mail):
        raise _Flawed("mail", _BAD_MAIL)
    return Listed(row, name, _phone(cells.get("phone", ""), region), area or None, mail or None)


def _phone(cell: str, region: str) -> str:
    if not cell:
        raise _Flawed("phone", _NO_PHONE)
    if len(cell) > LONGEST_PHONES:
        raise _Flawed("phone", _BAD_PHONE)
    if _SCIENTIFIC.fullmatch(cell):
        raise _Flawed("phone", _EATEN)
    for part in filter(None, (part.strip() for part in _SEVERAL.split(cell))):
        try:
            return e164(re.sub(r"\.0$", "", part), region)
        except Problem:
            continue
    raise _Flawed("phone", _BAD_PHONE)
