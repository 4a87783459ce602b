"""What a file of people holds, and what is wrong with it."""

from __future__ import annotations

from typing import Literal

import msgspec

from sapparot.base.text import Text

Field = Literal["name", "prefix", "first", "last", "phone", "area", "mail"]


class Table(msgspec.Struct, frozen=True):
    """A file as rows of cells with the numbers of their lines; ``columns`` says which cell is what."""

    encoding: str
    delimiter: str
    columns: dict[Field, int]
    headings: dict[Field, str]
    ignored: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


class Listed(msgspec.Struct, frozen=True):
    """A person in a file: clean name, telephone in E.164."""

    row: int
    name: str
    phone: str
    area: str | None = None
    mail: str | None = None


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with a row, and in which column."""

    row: int
    column: str
    said: Text


class Twin(msgspec.Struct, frozen=True):
    """A row whose telephone stood in an earlier row; what the earlier one lacked was taken from it."""

    row: int
    first: int


class Sheet(msgspec.Struct, frozen=True):
    """A file, read to its end: people with different telephones, flaws and twins; ``areas`` are all codes with their rows."""

    table: Table
    people: tuple[Listed, ...]
    flaws: tuple[Flaw, ...]
    twins: tuple[Twin, ...]
    areas: dict[str, list[int]]


class Report(msgspec.Struct, frozen=True):
    """What an import did, or would do. ``added`` are new to the network, ``merged`` were known; flawed rows are left out."""

    dry_run: bool
    rows: int
    people: int
    added: int
    merged: int
    again: bool
    """The same file was brought before: what was missing was done, nothing twice."""
    flaws: list[Flaw]
    flaw_count: int
    twins: list[Twin]
    twin_count: int
    ignored_columns: list[str]
    encoding: str
