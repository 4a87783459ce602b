"""Figures in a row, and the arithmetic of the page: whole numbers, rounded down."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence

from tests.second.forms import TOTALS
from tests.second.ground import Contest, Place
from tests.second.reading import Members

Row = tuple[int, ...]
ABSENT = -1
EARTH_METRES = 6_371_008.8
IN_WORDS_FROM = 10**15


def shown(text: str) -> str:
    return re.sub("[^\u0020-\u007e\u0e00-\u0e7f]", "?", text[:64])


def median(values: Sequence[int]) -> int:
    """Give the middle one; of an even number of values half the sum of two, rounded down."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def agree(one: Row, other: Row, tolerance: int) -> bool:
    pairs = zip(one, other, strict=True)
    return all(ABSENT in pair or abs(pair[0] - pair[1]) <= tolerance for pair in pairs)


def votes_of(row: Row) -> Row:
    return row[: -len(TOTALS)]


def in_bytes(row: Row) -> bytes:
    return struct.pack(f"<{len(row)}i", *row)


def metres(here: Place, there: Place) -> int:
    """Give the distance of two places in millionths of a degree."""
    (lat, lon), (other_lat, other_lon) = ([math.radians(each / 1_000_000) for each in at] for at in (here, there))
    sines = math.sin((other_lat - lat) / 2) ** 2
    sines += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return round(2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(sines))))


def overlap(ours: Sequence[int], theirs: Sequence[int]) -> int:
    whole = sum(ours) * sum(theirs)
    if whole == 0:
        return 0
    pairs = zip(ours, theirs, strict=True)
    return sum(min(a * sum(theirs), b * sum(ours)) for a, b in pairs) * 1000 // whole


class Figures:
    """What a report gives, without its absurd numbers, laid out for a contest."""

    def __init__(self, contest: Contest, given: Members, largest: int) -> None:
        totals = {name: given[name] for name in (*TOTALS, "eligible") if given[name] is not None}
        absurd = [
            in_words(name[:20], number)
            for name, number in [*given["votes"].items(), *totals.items()]
            if not 0 <= number <= largest
        ]
        self.absurd = absurd[0] if absurd else None
        self.votes: dict[str, int] = {key: count for key, count in given["votes"].items() if 0 <= count <= largest}
        self._totals: dict[str, int] = {name: number for name, number in totals.items() if 0 <= number <= largest}
        self.total = sum(self.votes.values())
        self.strange = self.votes.keys() - set(contest.keys)
        votes = [self.votes.get(key, ABSENT) for key in contest.keys]
        if self.votes and self.total == self.given("valid"):
            votes = [max(0, count) for count in votes]
        self.known = ABSENT not in votes
        self.top = votes.index(max(votes)) if self.total else None
        self.row: Row = (*votes, *(self._totals.get(name, ABSENT) for name in TOTALS))

    def given(self, name: str) -> int | None:
        return self._totals.get(name)

    def zero(self, name: str) -> int:
        """Read an absent number as 0."""
        return self._totals.get(name, 0)


def in_words(name: str, number: int) -> str:
    if abs(number) < IN_WORDS_FROM:
        return f"{name}: {number}"
    sign = "-" if number < 0 else ""
    return f"{name}: {sign}10^{abs(number).bit_length() * 3 // 10} or more"


class Profile:
    """What a sheet counts."""

    def __init__(self, row: Row, eligible: int) -> None:
        self.votes = [max(0, count) for count in votes_of(row)]
        self.total = sum(self.votes)
        self.top = self.votes.index(max(self.votes))
        self.cast = None if row[-1] == ABSENT else row[-1]
        self.turnout = None if self.cast is None or eligible == 0 else self.cast * 1000 // eligible

    def share(self, column: int) -> int:
        return self.votes[column] * 1000 // self.total if self.total else 0


Difference = tuple[int, str, int, int]


def falls(contest: Contest, before: Row, after: Row) -> dict[str, str | int] | None:
    """Give the largest fall of an option, the first of equal ones."""
    pairs = zip(contest.keys, before, after, strict=False)
    fallen = [(b - a, key, b, a) for key, b, a in pairs if 0 <= a < b]
    if not fallen:
        return None
    _, option, was, now = largest(fallen)
    return {"option": option, "before": was, "now": now}


def differences(contest: Contest, here: Row, there: Row) -> list[Difference]:
    triples = zip((*contest.keys, *TOTALS), here, there, strict=True)
    return [(abs(a - b), name, a, b) for name, a, b in triples if ABSENT not in (a, b) and a != b]


def largest(differences: list[Difference]) -> Difference:
    return max(differences, key=lambda difference: difference[0])
