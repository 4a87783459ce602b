"""How the figures of one contest lie in a row of 32-bit numbers, so that equal figures are equal bytes.

A row holds the votes of every option in ascending order of option number, then valid, spoiled, no_vote and ballots_cast.
ABSENT stands where a figure was not given. Options that a report does not name are zero when the named ones already make up
`valid`; otherwise they are not known.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import itemgetter
from struct import Struct as Packing

from msgspec import Struct

from sapparot.contests import Contest, Figures
from sapparot.verify.facts import Row

ABSENT = -1
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
LARGEST = 2**31 - 1
_ONE = Packing("<i")
_ABSENT = _ONE.pack(ABSENT)


class Laid(Struct, frozen=True, gc=False):
    """Figures in a row: `total` is the sum of all given votes, `known` tells whether every option's votes are known.

    `top` is the column of the option with most votes, None when there is no vote.
    """

    row: Row
    total: int
    known: bool
    top: int | None


class Shape:
    """The row layout of one contest."""

    __slots__ = ("_names", "_pick", "contest", "keys", "known", "packing", "votes", "width")

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self.keys = tuple(str(number) for number in contest.numbers)
        self.known = frozenset(self.keys)
        self.width = len(self.keys)
        self.packing = Packing(f"<{self.width + len(TOTALS)}i")
        self.votes = Packing(f"<{self.width}i")
        # Members of canonical JSON stand in the order of their text: 1, 10, 11, 2. Votes that name every option in that order
        # need only be put in the order of columns.
        self._names = sorted(self.keys)
        places = [self._names.index(key) for key in self.keys]
        self._pick = itemgetter(*places) if len(places) > 1 else tuple

    def lay(self, figures: Figures) -> Laid:
        """Lay figures into a row. Every given number must be between 0 and LARGEST; votes for unknown options are left out."""
        votes, valid = figures.votes, figures.valid
        total = sum(votes.values())
        known = list(votes) == self._names
        if known:
            counts = list(self._pick(tuple(votes.values())))
        else:
            counts = [votes.get(key, ABSENT) for key in self.keys]
            known = ABSENT not in counts
        if not known and votes and total == valid:
            counts = [0 if count == ABSENT else count for count in counts]
            known = True
        top = counts.index(max(counts)) if counts and total else None
        for number in (valid, figures.spoiled, figures.no_vote, figures.ballots_cast):
            counts.append(ABSENT if number is None else number)
        return Laid(self.packing.pack(*counts), total, known, top)

    def counts(self, row: Row) -> tuple[int, ...]:
        """Give the votes of every option, ABSENT where not known."""
        return self.votes.unpack_from(row)

    def unpack(self, row: Row) -> dict[str, object]:
        """Give the figures as they stand in a move: votes by option, and the totals with None where not given."""
        values = self.packing.unpack(row)
        votes = dict(zip(self.keys, values, strict=False))
        if ABSENT in votes.values():
            votes = {key: count for key, count in votes.items() if count != ABSENT}
        figures: dict[str, object] = {"votes": votes}
        for name, total in zip(TOTALS, values[self.width :], strict=True):
            figures[name] = None if total == ABSENT else total
        return figures


def cell(row: Row, column: int) -> int:
    """Give one number of a row."""
    value: int = _ONE.unpack_from(row, 4 * column)[0]
    return value


def ballots_cast(row: Row) -> int | None:
    """Give the ballots cast, the last number of a row."""
    cast = cell(row, len(row) // 4 - 1)
    return None if cast == ABSENT else cast


def numbers(row: Row) -> tuple[int, ...]:
    """Give all numbers of a row."""
    return Packing(f"<{len(row) // 4}i").unpack(row)


def without(row: Row, columns: Collection[int]) -> Row:
    """Give a row in which some numbers are not given."""
    kept = [ABSENT if column in columns else number for column, number in enumerate(numbers(row))]
    return Packing(f"<{len(kept)}i").pack(*kept)


def votes_known(row: Row) -> bool:
    """Tell whether the votes of every option are known."""
    return _ABSENT not in row or ABSENT not in numbers(row)[: -len(TOTALS)]


def missing(row: Row) -> int:
    """Count the numbers that were not given."""
    return numbers(row).count(ABSENT) if _ABSENT in row else 0


def compatible(one: Row, other: Row, tolerance: int) -> bool:
    """Tell whether no figure given in both differs by more than `tolerance`."""
    if one == other:
        return True
    if not tolerance and _ABSENT not in one and _ABSENT not in other:
        return False  # everything is given and something differs
    return all(
        a == ABSENT or b == ABSENT or abs(a - b) <= tolerance for a, b in zip(numbers(one), numbers(other), strict=True)
    )
