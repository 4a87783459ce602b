"""What stands on the pages of stations: the sheets of one, and the way to it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.contests import Ballot, Contest
from sapparot.places import Area, ancestors, enclosing
from sapparot.web.public.contests import party_name, place_of
from sapparot.web.public.facts import OptionLine
from sapparot.web.public.snapshots import Definition, Edition, StationFile
from sapparot.web.public.trail import Comparison, SheetStory, Trail, comparison, ordered_votes, story
from sapparot.web.public.views import area_tree, find_areas, frame

MOST_WORDS = 80


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
    """Give the area that a station's code begins with; None when there is none."""
    home, dash, _ = station.rpartition("-")
    return definition.area.get(home) if dash else None


def constituency_of(definition: Definition, station: str) -> Area | None:
    """Give the constituency around a station, by its code."""
    home = home_of(definition, station)
    return None if home is None else enclosing(definition.area, home.code, definition.local.scope)


def eligible_at(file: StationFile, station: str) -> int | None:
    """Give how many may vote at a station; None when the file does not list it."""
    for block in file.ballots:
        code, people = block.columns.index("station"), block.columns.index("eligible")
        for row in block.rows:
            if row[code] == station:
                return int(row[people] or 0)
    return None


def station(edition: Edition, code: str, eligible: int, trails: list[Trail]) -> dict[str, Any]:
    """Give the page of one station; `trails` in the order of the election's ballots."""
    definition = edition.definition
    home = home_of(definition, code)
    above = list(ancestors(definition.area, home.code)) if home else []
    sheets = []
    for ballot, trail in zip(definition.ballots, trails, strict=True):
        contest = definition.contest_at(ballot, home.code) if home else None
        if contest is not None:
            sheets.append(_sheet(definition, ballot, contest, trail))
    return {
        **frame(edition),
        "title": Text(f"หน่วยเลือกตั้ง {code}", f"Station {code}"),
        "code": code,
        "above": [area for area in reversed(above) if area.parent is not None],
        "scope": definition.local.scope,
        "eligible": eligible,
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
        "tree": area_tree(definition),
        "example": _example(definition, some),
    }


def _example(definition: Definition, constituency: str) -> str:
    inside = next((area.code for area in definition.areas if area.parent == constituency), constituency)
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
