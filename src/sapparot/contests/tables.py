"""Tables that a team brings: reading them cell by cell, and saying exactly what is wrong and where.

Rows are numbered as a spreadsheet numbers them: the header is row 1. Nothing is guessed or repaired, except that spaces
around a cell are dropped.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.contests import problems

FLAW_LIMIT = 100
"""Errors reported at once; more would not be read."""
NAME_LIMIT = 200
"""Characters of a name."""
CODE_LIMIT = 40
"""Characters of a code."""
NOTE = "note"
"""A column that every table may have and nobody reads."""
SHOWN = 60
"""Characters of a bad value that an error repeats."""

CODE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9-]{{0,{CODE_LIMIT - 1}}}")
INTEGER = re.compile(r"-?[0-9]+")
DIGITS = 30
"""Characters of a whole number that are looked at; longer ones lie beyond every range."""
GROUPED = re.compile(r"-?[0-9]+([, \u00a0\u202f][0-9]+)+")
DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of controls and line breaks."""
SEEN = "LNPS"
"""First letters of the Unicode categories that leave a mark of their own: a name of joiners and spaces alone is no name."""


class Flaw(Struct, frozen=True):
    """One thing wrong with a table; row and column are None when it concerns the whole file or column."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    reason: Text

    @property
    def shown(self) -> str | None:
        """Give the bad value, shortened and with invisible characters written out."""
        if self.value is None:
            return None
        short = self.value if len(self.value) <= SHOWN else self.value[:SHOWN] + "…"
        return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in short)

    @property
    def text(self) -> Text:
        """Say where and what, in one line."""
        where = Text(self.file, self.file)
        if self.row is not None:
            where = problems.AT_ROW.fill(before=where, row=self.row)
        if self.column is not None:
            where = problems.AT_COLUMN.fill(before=where, column=self.column)
        shown = "" if self.value is None else f' "{self.shown}"'
        return Text(f"{where.th}{shown}: {self.reason.th}", f"{where.en}{shown}: {self.reason.en}")


class Flaws:
    """Collects what is wrong: counts everything, keeps the first FLAW_LIMIT."""

    def __init__(self) -> None:
        self.found: list[Flaw] = []
        self.count = 0

    def add(
        self, file: str, reason: Text, *, row: int | None = None, cell: tuple[str, str | None] | None = None
    ) -> None:
        """Note a flaw; `cell` is a column and the bad value in it."""
        self.count += 1
        column, value = cell or (None, None)
        if self.count <= FLAW_LIMIT:
            self.found.append(Flaw(file, row, column, value, reason))


class Cells:
    """The cells of one row, read one by one. A reader returns None for an empty or bad cell and notes the bad one."""

    def __init__(self, flaws: Flaws, file: str, row: int | None, values: Mapping[str, str], path: str = "") -> None:
        self.flaws = flaws
        self.file = file
        self.row = row
        self.values = values
        self.path = path
        self.good = True

    def wrong(self, column: str, reason: Text) -> None:
        """Note a flaw in a cell."""
        self.good = False
        self.flaws.add(self.file, reason, row=self.row, cell=(self.path + column, self.values.get(column)))

    def _filled(self, column: str, required: bool) -> str | None:
        value = self.values.get(column, "")
        if not value and required:
            self.wrong(column, problems.EMPTY)
        return value or None

    def text(self, column: str, *, required: bool = True, most: int = NAME_LIMIT) -> str | None:
        """Read words for people. They cannot start a formula in a spreadsheet that opens our exports."""
        value = self._filled(column, required)
        if value is None:
            return None
        if len(value) > most:
            self.wrong(column, problems.TOO_LONG.fill(most=most))
            return None
        kinds = [unicodedata.category(sign) for sign in value]
        if (
            UNSEEN.intersection(kinds)
            or DIRECTION_MARKS.intersection(value)
            or not any(kind[0] in SEEN for kind in kinds)
        ):
            self.wrong(column, problems.BAD_CHARACTER)
            return None
        if value[0] in "=+-@":
            self.wrong(column, problems.FORMULA)
            return None
        return value

    def name(self, th_column: str = "name_th", en_column: str = "name_en", *, required: bool = True) -> Text | None:
        """Read a name in Thai and English; one stands for the other when that is empty."""
        th = self.text(th_column, required=False)
        en = self.text(en_column, required=False)
        if th is None and en is None:
            if required and self.good:
                self.wrong(th_column, problems.NO_NAME)
            return None
        return Text(th or en or "", en or th or "")

    def code(self, column: str, *, required: bool = True) -> str | None:
        """Read a code: letters, digits and hyphens of ASCII."""
        value = self._filled(column, required)
        if value is None or CODE.fullmatch(value):
            return value
        self.wrong(column, problems.NOT_CODE.fill(most=CODE_LIMIT))
        return None

    def choice(self, column: str, allowed: Collection[str], default: str) -> str:
        """Read one of a few words; an empty cell means the default."""
        value = self.values.get(column, "") or default
        if value not in allowed:
            self.wrong(column, problems.NOT_CHOICE.fill(allowed=", ".join(sorted(allowed))))
        return value

    def integer(self, column: str, low: int, high: int, *, required: bool = True) -> int | None:
        """Read a whole number between low and high."""
        value = self._filled(column, required)
        if value is None:
            return None
        if not INTEGER.fullmatch(value):
            self.wrong(column, _not_integer(value))
            return None
        if len(value) > DIGITS or not low <= int(value) <= high:
            self.wrong(column, problems.OUT_OF_RANGE.fill(low=low, high=high))
            return None
        return int(value)

    def degrees(self, column: str, most: int) -> int | None:
        """Read decimal degrees as whole microdegrees."""
        value = self._filled(column, required=False)
        if value is None:
            return None
        number = round(Decimal(value) * 1_000_000) if DEGREES.fullmatch(value) else None
        if number is None or abs(number) > most * 1_000_000:
            self.wrong(column, problems.NOT_DEGREES.fill(most=most))
            return None
        return number

    def place(self) -> tuple[int | None, int | None]:
        """Read lat and lon, in microdegrees; both or neither."""
        lat, lon = self.degrees("lat", 90), self.degrees("lon", 180)
        empty = next((column for column in ("lat", "lon") if not self.values.get(column)), None)
        if empty is not None and (self.values.get("lat") or self.values.get("lon")):
            self.wrong(empty, problems.HALF_PLACE)
        return lat, lon

    def color(self, column: str, default: str) -> str | None:
        """Read a colour as #rrggbb in small letters."""
        value = self._filled(column, required=False) or default
        if not COLOR.fullmatch(value):
            self.wrong(column, problems.NOT_COLOR)
            return None
        return value.lower()


def _not_integer(value: str) -> Text:
    if GROUPED.fullmatch(value):
        return problems.GROUPED
    foreign = any(sign.isdigit() and not sign.isascii() for sign in value)
    return problems.OTHER_DIGITS if foreign else problems.NOT_NUMBER


class Columns(Struct, frozen=True):
    """The columns of a kind of table."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def decoded(flaws: Flaws, file: str, data: bytes) -> str | None:
    """Give the text of a UTF-8 file, with or without a byte order mark; None when it is something else."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        flaws.add(file, problems.NOT_UTF8, row=data.count(b"\n", 0, error.start) + 1)
        return None


def rows(flaws: Flaws, file: str, data: bytes, columns: Columns) -> Iterator[Cells]:
    """Give the rows of a CSV file one by one, leaving out empty ones; what cannot be read is noted and left out."""
    text = decoded(flaws, file, data)
    if text is None:
        return
    records = _records(flaws, file, text)
    header = next(records, (1, []))[1]
    if not _header_good(flaws, file, header, columns):
        return
    empty = True
    for number, cells in records:
        if not any(cells):
            continue
        empty = False
        if len(cells) == len(header):
            yield Cells(flaws, file, number, dict(zip(header, cells, strict=True)))
        else:
            flaws.add(file, problems.RAGGED.fill(found=len(cells), wanted=len(header)), row=number)
    if empty:
        flaws.add(file, problems.NO_ROWS)


def _records(flaws: Flaws, file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, 1):
            yield number, [cell.strip() for cell in record]
    except csv.Error as error:
        flaws.add(file, problems.NOT_CSV.fill(why=error), row=number + 1)


def _header_good(flaws: Flaws, file: str, header: list[str], columns: Columns) -> bool:
    known = {*columns.required, *columns.optional, NOTE}
    wrong = [(column, problems.MISSING_COLUMN) for column in columns.required if column not in header]
    seen: set[str] = set()
    for column in header:
        if column in seen:
            wrong.append((column[:SHOWN], problems.SAME_COLUMN))
        elif column not in known:
            wrong.append((column[:SHOWN], problems.UNKNOWN_COLUMN))
        seen.add(column)
    for column, reason in wrong:
        flaws.add(file, reason, row=1, cell=(column, None))
    return not wrong
