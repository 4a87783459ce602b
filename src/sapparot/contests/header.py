"""election.toml: the names, times, ballots, forms and seat rule of an election.

A value inside a table is named with a dot, as `name.th`; a table in a list with its number, as `ballots[2].scope`.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from sapparot.base.clock import stamp
from sapparot.base.text import Text
from sapparot.contests import problems
from sapparot.contests.facts import Ballot, Form, SeatRule
from sapparot.contests.seats import RULES
from sapparot.contests.tables import CODE_LIMIT, NOTE, Cells, Columns, Flaws, decoded

FILE = "election.toml"
LONGEST_DAY = timedelta(days=7)
"""From opening to closing: some countries vote for several days."""
MOST_SEATS = 10_000
MOST_PAGES = 100
MOST_LISTED = 20
"""Ballots, and forms: together with their names they fit into one entry of the ledger."""

ID = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{CODE_LIMIT - 1}}}")
DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DAY.pattern + r"T[0-9:.]+([+-][0-9]{2}:[0-9]{2}|Z)")
TOP = Columns(
    ("id", "date", "opens_at", "closes_at", "name.th", "name.en", "seat_rule.name"),
    ("seat_rule.list_seats", "ballots", "forms"),
)
BALLOT = Columns(("code", "scope"), ("seats", "name.th", "name.en"))
FORM = Columns(("code", "ballot"), ("pages", "name.th", "name.en"))


class Header(Struct, frozen=True):
    """What election.toml says, as far as it could be read. `seats` gives the seats of each contest of a ballot."""

    id: str
    name: Text
    date: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    seat_rule: SeatRule
    ballots: tuple[Ballot, ...]
    seats: dict[str, int]
    forms: tuple[Form, ...]

    def entry(self) -> dict[str, Any]:
        """Give the members of the `election` entry, times in UTC. The header must be without flaws."""
        assert self.date and self.opens_at and self.closes_at
        return {
            "id": self.id,
            "name": self.name,
            "date": self.date.isoformat(),
            "opens_at": stamp(self.opens_at),
            "closes_at": stamp(self.closes_at),
            "seat_rule": self.seat_rule,
            "ballots": self.ballots,
            "forms": self.forms,
        }


def read_header(flaws: Flaws, data: bytes) -> Header:
    """Read election.toml, noting what is wrong."""
    tree = _parsed(flaws, data)
    top = _cells(flaws, tree, "", TOP)
    code = top.code("id") or ""
    if code and not ID.fullmatch(code):
        top.wrong("id", problems.NOT_ID.fill(most=CODE_LIMIT))
    day, opens_at, closes_at = _times(top)
    ballots, seats = _ballots(flaws, tree)
    return Header(
        id=code,
        name=top.name("name.th", "name.en") or Text("", ""),
        date=day,
        opens_at=opens_at,
        closes_at=closes_at,
        seat_rule=SeatRule(
            top.choice("seat_rule.name", RULES, ""),
            top.integer("seat_rule.list_seats", 0, MOST_SEATS, required=False) or 0,
        ),
        ballots=ballots,
        seats=seats,
        forms=_forms(flaws, tree, seats),
    )


def _parsed(flaws: Flaws, data: bytes) -> dict[str, Any]:
    text = decoded(flaws, FILE, data)
    try:
        return tomllib.loads(text or "")
    except (ValueError, RecursionError) as error:
        # Besides its own error tomllib lets out the limits of Python: numbers of 4,300 digits, nesting.
        flaws.add(FILE, problems.NOT_TOML.fill(why=error))
        return {}


def _cells(flaws: Flaws, table: dict[str, Any], path: str, columns: Columns) -> Cells:
    values: dict[str, str] = {}
    for key, value in table.items():
        inner = {f"{key}.{name}": item for name, item in value.items()} if isinstance(value, dict) else {key: value}
        values |= {name: _written(item) for name, item in inner.items()}
    cells = Cells(flaws, FILE, None, values, path)
    for name in sorted(values.keys() - {*columns.required, *columns.optional, NOTE}):
        cells.wrong(name, problems.UNKNOWN_COLUMN)
    return cells


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # Python refuses to write out an integer of thousands of digits; this one is absurd long before that.
    return hex(value) if isinstance(value, int) and value.bit_length() > 1_000 else str(value).strip()


def _listed(flaws: Flaws, tree: dict[str, Any], key: str, columns: Columns) -> Iterator[Cells]:
    found = tree.get(key, [])
    for number, table in enumerate(found if isinstance(found, list) else [found], 1):
        path = f"{key}[{number}]"
        if number > MOST_LISTED:
            flaws.add(FILE, problems.TOO_MANY.fill(most=MOST_LISTED), cell=(path, None))
            return
        if isinstance(table, dict):
            yield _cells(flaws, table, f"{path}.", columns)
        else:
            flaws.add(FILE, problems.NOT_TABLE, cell=(path, _written(table)))


def _ballots(flaws: Flaws, tree: dict[str, Any]) -> tuple[tuple[Ballot, ...], dict[str, int]]:
    ballots: list[Ballot] = []
    seats: dict[str, int] = {}
    for number, cells in enumerate(_listed(flaws, tree, "ballots", BALLOT), 1):
        code, scope = cells.code("code"), cells.code("scope")
        if code in seats:
            cells.wrong("code", problems.TWICE_IN.fill(first=f"ballots[{list(seats).index(code) + 1}]"))
        name = cells.name("name.th", "name.en", required=False)
        seats[code or f"#{number}"] = cells.integer("seats", 1, MOST_SEATS, required=False) or 1
        ballots.append(Ballot(code or "", scope or "", name or Text(code or "", code or "")))
    if not ballots:
        flaws.add(FILE, problems.EMPTY, cell=("ballots", None))
    return tuple(ballots), seats


def _forms(flaws: Flaws, tree: dict[str, Any], ballots: dict[str, int]) -> tuple[Form, ...]:
    forms: dict[str, Form] = {}
    for cells in _listed(flaws, tree, "forms", FORM):
        code, ballot = cells.text("code", most=CODE_LIMIT) or "", cells.code("ballot")
        if code in forms:
            cells.wrong("code", problems.TWICE_IN.fill(first=f"forms[{list(forms).index(code) + 1}]"))
        if ballot is not None and ballot not in ballots:
            cells.wrong("ballot", problems.UNKNOWN_BALLOT)
        pages = cells.integer("pages", 1, MOST_PAGES, required=False) or 1
        forms[code] = Form(code, ballot or "", pages, cells.name("name.th", "name.en", required=False))
    return tuple(forms.values())


def _times(top: Cells) -> tuple[date | None, datetime | None, datetime | None]:
    day, opens_at, closes_at = _day(top, "date"), _moment(top, "opens_at"), _moment(top, "closes_at")
    if day and opens_at and opens_at.date() != day:
        top.wrong("opens_at", problems.OTHER_DAY)
    if opens_at and closes_at and not timedelta(0) < closes_at - opens_at <= LONGEST_DAY:
        top.wrong("closes_at", problems.CLOSES_FIRST)
    return day, opens_at, closes_at


def _day(top: Cells, column: str) -> date | None:
    value = top.values.get(column, "")
    try:
        return date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        top.wrong(column, problems.NOT_DATE)
        return None


def _moment(top: Cells, column: str) -> datetime | None:
    value = top.values.get(column, "")
    try:
        return datetime.fromisoformat(value if MOMENT.fullmatch(value) else "")
    except ValueError:
        top.wrong(column, problems.NOT_MOMENT)
        return None
