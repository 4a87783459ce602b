"""Files as spreadsheets write them: UTF-8 with or without a mark, UTF-16, or the Thai code page 874 (TIS-620); commas, semicolons, tabs."""

from __future__ import annotations

import codecs
import csv
import io

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.importing.columns import columns_of, is_heading
from sapparot.people.importing.facts import Field, Table
from sapparot.people.importing.problems import COLUMNS_MISSING, FILE_UNREADABLE, TOO_MANY_ROWS

MOST_ROWS = 20_000
HEADING_WITHIN = 10
"""Lists often begin with a title: the headings are looked for in so many rows."""
DELIMITERS = ",;\t|"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_table(data: bytes) -> Table:
    """Return a file's rows; raises :class:`Problem` for what is no list of people."""
    encoding, text = _decoded(data)
    delimiter, rows = _rows(text)
    for place, (_, cells) in enumerate(rows[:HEADING_WITHIN]):
        columns = columns_of(cells)
        if is_heading(columns):
            rest = tuple(rows[place + 1 :])
            if len(rest) > MOST_ROWS:
                raise Problem(
                    TOO_MANY_ROWS,
                    Text("แบ่งไฟล์ให้มีไม่เกิน {most:,} แถว", "Split the file: at most {most:,} rows").fill(most=MOST_ROWS),
                )
            return Table(encoding, delimiter, columns, *_headings(cells, columns), rest)
    raise Problem(
        COLUMNS_MISSING,
        Text(
            "ต้องมีหัวคอลัมน์ ชื่อ (หรือ ชื่อ-นามสกุล) และ โทรศัพท์ ในแถวแรก",
            "The first row names the columns; a name and a phone are needed",
        ),
    )


def _headings(cells: tuple[str, ...], columns: dict[Field, int]) -> tuple[dict[Field, str], tuple[str, ...]]:
    used = set(columns.values())
    ignored = tuple(cell for place, cell in enumerate(cells) if place not in used and cell)
    return {field: cells[place] for field, place in columns.items()}, ignored


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith(_WORKBOOKS):
        raise Problem(
            FILE_UNREADABLE,
            Text(
                "ไฟล์นี้เป็นไฟล์ Excel โปรดบันทึกเป็น CSV UTF-8 แล้วส่งใหม่",
                "This is a workbook; save it as CSV UTF-8 and send that",
            ),
        )
    named = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (named,) if named else ("utf-8", "cp874"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and text.strip():
            return encoding.removesuffix("-sig"), text
    raise Problem(
        FILE_UNREADABLE,
        Text(
            "อ่านตัวอักษรในไฟล์ไม่ได้ โปรดบันทึกเป็น CSV UTF-8", "The letters of this file cannot be read; save it as CSV UTF-8"
        ),
    )


def _rows(text: str) -> tuple[str, list[tuple[int, tuple[str, ...]]]]:
    first = text.lstrip("\r\n").split("\n", 1)[0].strip()
    skipped = 0
    if first.lower().startswith("sep=") and len(first) == 5:  # how spreadsheets name their delimiter
        delimiter, skipped = first[4], 1
        text = text.lstrip("\r\n").split("\n", 1)[1] if "\n" in text else ""
    else:
        sample = "\n".join(text.split("\n")[:HEADING_WITHIN])
        delimiter = max(DELIMITERS, key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num + skipped, tuple(cell.strip() for cell in cells)))
    except csv.Error as error:
        line = reader.line_num + skipped
        raise Problem(
            FILE_UNREADABLE, Text("อ่านบรรทัด {line} ไม่ได้", "Line {line} cannot be read").fill(line=line)
        ) from error
    return delimiter, rows
