"""What goes wrong between a form and a phone: honest slips of the thumb, and lies.

| slip | what happens | votes still add up to valid |
|---|---|---|
| swapped digits | two neighbouring digits of one option's votes change places (12 becomes 21) | no |
| shifted rows | from some row on, every figure stands one row too low; the last comes first | yes |
| missing figure | one option is left out | only when it had no vote |
| typo | one digit of one option's votes is another | no |
| lie | votes move from the strongest option to another | yes |

A slip that cannot happen on a sheet (no figure has two different digits) leaves the sheet as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from sapparot.simulate.evening import Slip


class Counted(Struct, frozen=True):
    """The figures of one sheet as somebody holds them; ``votes`` in the order of the contest's options, None left out."""

    votes: tuple[int | None, ...]
    valid: int
    spoiled: int
    no_vote: int


def swapped_digits(counted: Counted, chance: Random) -> Counted:
    """Swap two neighbouring digits that differ."""
    able = [
        (row, place)
        for row, votes in enumerate(counted.votes)
        if votes is not None
        for place in range(1, len(str(votes)))
        if str(votes)[place - 1] != str(votes)[place]
    ]
    if not able:
        return counted
    row, place = chance.choice(able)
    digits = list(str(counted.votes[row]))
    digits[place - 1], digits[place] = digits[place], digits[place - 1]
    return _with(counted, row, int("".join(digits)))


def shifted_rows(counted: Counted, chance: Random) -> Counted:
    """Move every figure from a row on one row down; the last one comes up to that row."""
    start = chance.randrange(max(1, len(counted.votes) // 2))
    tail = counted.votes[start:]
    return replace(counted, votes=counted.votes[:start] + tail[-1:] + tail[:-1])


def missing_figure(counted: Counted, chance: Random) -> Counted:
    """Leave out one option."""
    return _with(counted, chance.randrange(len(counted.votes)), None)


def typo(counted: Counted, chance: Random) -> Counted:
    """Hit another digit."""
    row = chance.randrange(len(counted.votes))
    digits = list(str(counted.votes[row] or 0))
    place = chance.randrange(len(digits))
    digits[place] = chance.choice([digit for digit in "123456789" if digit != digits[place]])
    return _with(counted, row, int("".join(digits)))


SLIPS: dict[int, Callable[[Counted, Random], Counted]] = {
    Slip.SWAPPED_DIGITS: swapped_digits,
    Slip.SHIFTED_ROWS: shifted_rows,
    Slip.MISSING_FIGURE: missing_figure,
    Slip.TYPO: typo,
}


def slipped(counted: Counted, slip: int, salt: int) -> Counted:
    """Return the figures as they leave the phone; ``salt`` decides the details."""
    return SLIPS[slip](counted, Random(salt))  # noqa: S311 - not a secret


def lie(counted: Counted, order: list[int], favourite: int | None, salt: int) -> Counted:
    """Move a tenth to a half of the strongest option's votes to ``favourite`` (a row), or to the runner-up.

    ``order`` holds the rows by their true final strength, so that a liar tells the same story at every stage and figures
    still never fall from one report to the next.
    """
    if len(order) < 2:
        return counted
    giver = order[0] if order[0] != favourite else order[1]
    taker = order[1] if favourite is None else favourite
    given = counted.votes[giver] or 0
    moved = given * (10 + salt % 41) // 100
    return _with(_with(counted, giver, given - moved), taker, (counted.votes[taker] or 0) + moved)


def _with(counted: Counted, row: int, votes: int | None) -> Counted:
    return replace(counted, votes=(*counted.votes[:row], votes, *counted.votes[row + 1 :]))
