"""What every sheet stands for: the last move that names it, as docs/formats/counting.md reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.second.forms import PARTS, RESTING, TOTALS
from tests.second.ground import Contest, Definitions, Election, SheetId
from tests.second.reading import Members, Unreadable, check, json_of

STATES = ("empty", "live", "reported", "confirmed", "disputed", "settled")
LAYERS = ("none", "live", "reported", "confirmed", "settled")
DEFAULT = ["confirmed", "settled"]
LARGEST = 2**31 - 1
Row = tuple[int | None, ...]
"""Unlisted, the totals, then the votes of each option; what is not given is None."""


@dataclass(frozen=True)
class Stand:
    """What a sheet stands for."""

    state: str = "empty"
    layer: str = "none"
    reason: str = ""
    sources: int = 0
    position: int | None = None
    row: Row | None = None


@dataclass
class Standing:
    """What the first entries of a log say of every sheet."""

    election: Election | None = None
    headline: list[str] = field(default_factory=DEFAULT.copy)
    unread: int = 0
    stands: dict[SheetId, Stand] = field(default_factory=dict)
    _definitions: Definitions = field(default_factory=Definitions)

    def take(self, position: int, kind: str, body: bytes) -> None:
        """Read the next entry; what cannot be used is counted."""
        self._definitions.fixed |= kind in RESTING
        try:
            if kind in PARTS:
                self._define(kind, body)
            elif kind == "policy":
                self.headline = headline_of(json_of(body))
            elif kind == "move":
                self._move(position, json_of(body))
        except Unreadable:
            self.unread += 1

    def _define(self, kind: str, body: bytes) -> None:
        election = self._definitions.add(kind, body)
        if election is not None:
            check(self._definitions.replaces(self.election, election))
            self.election, self.stands = election, {}

    def _move(self, position: int, move: Any) -> None:
        check(self.election is not None and isinstance(move, dict) and isinstance(move.get("sheet"), str))
        assert self.election is not None
        sheet = self.election.sheet(move["sheet"])
        check(sheet is not None)
        assert sheet is not None
        contest = self.election.contest(sheet)
        assert contest is not None
        try:
            self.stands[sheet] = stand_of(position, move, contest)
        except Unreadable:
            self.stands[sheet] = Stand(reason="unread", position=position)
            raise


def headline_of(entry: Any) -> list[str]:
    check(isinstance(entry, dict) and isinstance(entry.get("policy"), dict))
    layers = entry["policy"].get("headline", DEFAULT)
    check(isinstance(layers, list) and all(layer in LAYERS[1:] for layer in layers))
    return list(dict.fromkeys(layers))


def stand_of(position: int, move: Members, contest: Contest) -> Stand:
    check(move.get("state") in STATES and move.get("layer") in LAYERS)
    figures = move.get("figures")
    row = None
    if figures is not None:
        check(isinstance(figures, dict) and isinstance(figures.get("votes"), dict))
        row = row_of(figures, contest)
    if move["layer"] == "none":
        row = None
    else:
        check(row is not None)
    reason, sources = move.get("reason", ""), move.get("sources", 0)
    check(isinstance(reason, str) and type(sources) is int and 0 <= sources <= LARGEST)
    return Stand(move["state"], move["layer"], reason, sources, position, row)


def row_of(figures: Members, contest: Contest) -> Row:
    votes = figures["votes"]
    totals = [figures.get(name) for name in TOTALS]
    for number in (*votes.values(), *(total for total in totals if total is not None)):
        check(type(number) is int and 0 <= number <= LARGEST)
    unlisted = sum(count for number, count in votes.items() if number not in contest.keys)
    return (min(unlisted, LARGEST), *totals, *(votes.get(number) for number in contest.keys))
