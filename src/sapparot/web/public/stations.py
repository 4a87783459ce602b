"""What stands on the pages of stations: the sheets of one, and the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.contests import Ballot, Contest
from sapparot.places import Area, ancestors, enclosing
from sapparot.web.public.contests import party_name, place_of
from sapparot.web.public.facts import OptionLine
from sapparot.web.public.snapshots import Definition, Edition, StationFile
from sapparot.web.public.trail import TOTALS, Reporter, SheetStory, Stage, Told, Trail, ordered_votes, story
from sapparot.web.public.views import area_tree, find_areas, frame, province_lines

MOST_WORDS = 80
FINAL = ("final", "reading", "official", "decision")
MOST_COLUMNS = 4
"""Sources that fit side by side."""


class Column(Struct, frozen=True):
    """One source in a comparison."""

    position: int
    stage: Stage
    at: datetime | None
    reporter: Reporter | None


class Comparison(Struct, frozen=True):
    """Sources side by side: `rows` are (option number or total, what each source says), only where they differ."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


def comparison(told: Sequence[Told]) -> Comparison | None:
    """Set the newest final figures that count side by side; None when there are not two, or they do not differ."""
    stated = [one for one in told if one.stage in FINAL and not one.withdrawn]
    kept = [one for one in stated if not any(remark.refuses for remark in one.remarks)]
    finals = [(one, one.figures) for one in kept if one.figures is not None][-MOST_COLUMNS:]
    numbers = {name for _, figures in finals for name in figures.votes}
    rows = [
        (name, tuple(figures.votes.get(name) for _, figures in finals))
        for name in sorted(numbers, key=lambda name: (len(name), name))
    ]
    rows += [(name, tuple(getattr(figures, name) for _, figures in finals)) for name in TOTALS]
    unequal = tuple((name, row) for name, row in rows if len(set(row) - {None}) > 1)
    if not unequal:
        return None
    return Comparison(tuple(Column(one.position, one.stage, one.at, one.reporter) for one, _ in finals), unequal)


class SheetView(Struct, frozen=True):
    """One sheet of a station: its story, the options that have votes, how many have none, and sources that differ side by side."""

    ballot: Ballot
    local: bool
    story: SheetStory
    options: tuple[OptionLine, ...]
    silent: int
    compared: Comparison | None
    named: dict[str, OptionLine]


def home_of(definition: Definition, station: str) -> Area | None:
    """Give the smallest area whose code the station's code begins with; None when there is none."""
    home, dash, _ = station.rpartition("-")
    while dash:
        if home in definition.area:
            return definition.area[home]
        home, dash, _ = home.rpartition("-")
    return None


def constituency_of(definition: Definition, station: str) -> Area | None:
    """Give the constituency around a station, going by its code."""
    home = home_of(definition, station)
    return None if home is None else enclosing(definition.area, home.code, definition.local.scope)


class Site(Struct, frozen=True):
    """A station as the published files know it: the constituency that lists it, and how many may vote there."""

    code: str
    constituency: str
    eligible: int


def sites_in(file: StationFile | None, constituency: str) -> Iterator[Site]:
    """Give the stations that a file lists."""
    for block in file.ballots if file else ():
        code, people = block.columns.index("station"), block.columns.index("eligible")
        for row in block.rows:
            yield Site(str(row[code]), constituency, int(row[people] or 0))


def last_moves(file: StationFile | None, station: str) -> dict[str, int]:
    """Give the position of the last move of a station's sheets that a file knows, by ballot."""
    found: dict[str, int] = {}
    for block in file.ballots if file else ():
        code, position = block.columns.index("station"), block.columns.index("position")
        for row in block.rows:
            if row[code] == station and isinstance(row[position], int):
                found[block.ballot] = int(row[position] or 0)
    return found


def station(edition: Edition, site: Site, trails: list[Trail]) -> dict[str, Any]:
    """Give the page of one station; `trails` in the order of the election's ballots."""
    definition, code = edition.definition, site.code
    home = home_of(definition, code)
    # A code need not say where its station is; the constituency that lists it does.
    inside = home is not None and constituency_of(definition, code) == definition.area[site.constituency]
    above = list(ancestors(definition.area, home.code if home and inside else site.constituency))
    sheets = []
    for ballot, trail in zip(definition.ballots, trails, strict=True):
        contest = definition.contest_at(ballot, site.constituency)
        if contest is not None:
            sheets.append(_sheet(definition, ballot, contest, trail))
    return {
        **frame(edition),
        "title": Text(f"หน่วยเลือกตั้ง {code}", f"Station {code}"),
        "code": code,
        "above": [area for area in reversed(above) if area.parent is not None],
        "scope": definition.local.scope,
        "eligible": site.eligible,
        "sheets": sheets,
        "counted": edition.counted,
    }


def search(edition: Edition, words: str) -> dict[str, Any]:
    """Give the page on which stations are found."""
    definition = edition.definition
    some = next((area.code for area in definition.areas if area.kind == definition.local.scope), "")
    return {
        **frame(edition),
        "title": Text("ค้นหาหน่วยเลือกตั้ง", "Find a station"),
        "words": words,
        "found": find_areas(definition, words) if words else [],
        "provinces": {line.code for line in province_lines(edition)},
        "tree": area_tree(definition),
        "example": _example(definition, some),
    }


def _example(definition: Definition, constituency: str) -> str:
    inside = constituency
    while deeper := next((area.code for area in definition.areas if area.parent == inside), None):
        inside = deeper
    return f"{inside}-001"


def tidy(words: str) -> str:
    """Give what somebody searched for without control characters and at a bearable length."""
    return "".join(sign for sign in words if sign.isprintable()).strip()[:MOST_WORDS]


def _sheet(definition: Definition, ballot: Ballot, contest: Contest, trail: Trail) -> SheetView:
    told = story(trail)
    votes = ordered_votes(told.figures, contest)
    local = ballot is definition.local
    shown = [(column, count) for column, count in votes if count or local]
    options = tuple(_option(definition, contest, column, count) for column, count in shown)
    compared = comparison(told.told)
    wanted = {name for name, _ in compared.rows} if compared else set()
    named = {
        str(number): _option(definition, contest, column, 0)
        for number, column in contest.column.items()
        if str(number) in wanted
    }
    return SheetView(ballot, local, told, options, len(votes) - len(shown), compared, named)


def _option(definition: Definition, contest: Contest, column: int, count: int) -> OptionLine:
    option = contest.options[column]
    return OptionLine(
        number=option.number,
        place=place_of(definition, option),
        name=option.name,
        party=party_name(definition, option, short=False),
        votes=count,
        waiting=0,
        share=0,
        parts=[],
    )
