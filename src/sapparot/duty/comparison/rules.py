"""Which figures differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sapparot.base.text import Text
from sapparot.duty.comparison.facts import Announced, Compared, Difference, Figures, Said, SheetCompared

Side = Literal["board", "own", "others", "official"]
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
COUNTED = ("reported", "confirmed", "settled")
"""Layers that are in the public count, provisional figures too."""
Sides = Mapping[Side, Said]


def figures(votes: Mapping[str, int], totals: Sequence[int | None]) -> Figures:
    """Return every figure that a report gives; ``totals`` stand in the order of TOTALS."""
    return dict(votes) | {name: value for name, value in zip(TOTALS, totals, strict=True) if value is not None}


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of figures as a form has them: options by number, then totals."""
    place = {name: number for number, name in enumerate(TOTALS)}
    return sorted(set(names), key=lambda name: (not name.isdigit(), name.zfill(12), place.get(name, len(place))))


def compared(sheet: str, state: str, sides: Sides, public: Figures | None = None) -> SheetCompared:
    """Compare the sides of a sheet. A figure that a side does not give differs from nothing.

    The board is compared only where its count was finished as far as anybody can tell: a figure below the form's is work not done yet.
    """
    board, own, others, official = (sides.get(side) for side in ("board", "own", "others", "official"))
    names = in_order(name for side in sides.values() for name in side.figures)
    differing = []
    for name in names:
        given = [side.figures.get(name) if side else None for side in (board, own, others, official)]
        if differ(*given):
            differing.append(Difference(name, given[0], given[1], given[2], given[3]))
    return SheetCompared(sheet, state, board, own, others, official, public, tuple(differing))


def differ(board: int | None, own: int | None, others: int | None, official: int | None) -> bool:
    """Tell whether finals and the authority do not all say the same, or the board had more than they."""
    given = [value for value in (own, others, official) if value is not None]
    return len(set(given)) > 1 or (board is not None and bool(given) and board > given[0])


def announced(said: Said, public: Figures) -> Announced:
    """Set what the authority says of a whole area beside the public count there."""
    found = []
    for name in in_order(said.figures):
        theirs, ours = said.figures[name], public.get(name)
        if ours is not None and ours != theirs:
            found.append(Difference(name, None, None, ours, theirs))
    return Announced(said, tuple(found))


def summed(where: tuple[str, Text, str], rows: Sequence[SheetCompared], layers: Mapping[str, str]) -> Compared:
    """Sum up a ballot in an area; ``where`` is (area, name, ballot), ``layers`` that of each sheet."""
    both = [one for one in rows if one.ours is not None and one.official is not None]
    counting = [one for one in rows if layers.get(one.sheet) in COUNTED and one.public is not None]
    return Compared(
        *where,
        sheets=len(rows),
        boards=sum(one.board is not None for one in rows),
        own=sum(one.own is not None for one in rows),
        others=sum(one.others is not None for one in rows),
        officials=sum(one.official is not None for one in rows),
        both=len(both),
        ours=sum_of(one.ours.figures for one in both if one.ours),
        official=sum_of(one.official.figures for one in both if one.official),
        counted=len(counting),
        public=sum_of(one.public or {} for one in counting),
        announced=None,
        differing=tuple(one for one in rows if one.differences),
    )


def sum_of(sides: Iterable[Figures]) -> Figures:
    """Add figures up, in the order of a form."""
    total: Counter[str] = Counter()
    for side in sides:
        total.update(side)
    return {name: total[name] for name in in_order(total)}
