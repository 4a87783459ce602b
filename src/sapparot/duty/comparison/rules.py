"""Which figures differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.duty.comparison.facts import (
    NOBODY,
    Announced,
    Compared,
    Difference,
    Figures,
    Officially,
    Said,
    SheetCompared,
    Source,
)

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


class Voice(Struct, frozen=True):
    """Official figures of a device, and the group of its network."""

    group: str
    source: Source


def official(voices: Sequence[Voice]) -> tuple[Said | None, Officially]:
    """Say what is reported as official, and by how many independent groups; None where sources differ and none is behind enough.

    A group is behind figures when each of its voices gives every one of them alike, and against them when one of its voices gives one
    otherwise. Two groups must be behind, and more than are against.
    """
    spoken = sorted((one for one in voices if one.source.said.figures), key=lambda one: one.source.said.position)
    if not spoken:
        return None, NOBODY
    sources = tuple(one.source for one in spoken)
    # Who gives only totals says nothing of the votes, and cannot stand behind them, or put itself in their place.
    spoken = [one for one in spoken if one.source.said.figures.keys() - set(TOTALS)] or spoken
    groups: dict[str, list[Figures]] = {}
    for one in spoken:
        groups.setdefault(one.group, []).append(one.source.said.figures)
    camps = [(one.source.said, *_camp(one.source.said.figures, groups)) for one in spoken]
    said, behind, against = max(camps, key=lambda camp: (camp[1], len(camp[0].figures), camp[0].position))
    if behind > max(1, against):
        return said, Officially("agreed", behind, sources)
    if not any(camp[2] for camp in camps):
        return said, Officially("single", 1, sources)
    return None, Officially("differ", 0, sources)


def _camp(figures: Figures, groups: Mapping[str, Sequence[Figures]]) -> tuple[int, int]:
    """Count the groups behind figures, and those against them."""
    needed = (figures.keys() - set(TOTALS)) or figures.keys()
    against = sum(
        any(one[name] != count for one in said for name, count in figures.items() if name in one)
        for said in groups.values()
    )
    alike = [said for said in groups.values() if all(needed <= one.keys() for one in said)]
    return sum(
        all(one.get(name, count) == count for one in said for name, count in figures.items()) for said in alike
    ), against


def split(sources: Sequence[Source]) -> list[tuple[str, list[tuple[Source, int]]]]:
    """Return each figure that sources of official figures give differently, and what each of them gives."""
    found = []
    for name in in_order(name for source in sources for name in source.said.figures):
        given = [(source, source.said.figures[name]) for source in sources if name in source.said.figures]
        if len({count for _, count in given}) > 1:
            found.append((name, given))
    return found


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


def announced(said: Said | None, officially: Officially, public: Figures) -> Announced:
    """Set what is reported of the authority's figures of a whole area beside the public count there."""
    theirs_all, found = said.figures if said else {}, []
    for name in in_order(theirs_all):
        theirs, ours = theirs_all[name], public.get(name)
        if ours is not None and ours != theirs:
            found.append(Difference(name, None, None, ours, theirs))
    return Announced(said, tuple(found), officially)


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
        differing=tuple(one for one in rows if one.differs),
        officials_single=sum(one.officially.state == "single" for one in rows),
        officials_differ=sum(one.officially.state == "differ" for one in rows),
    )


def sum_of(sides: Iterable[Figures]) -> Figures:
    """Add figures up, in the order of a form."""
    total: Counter[str] = Counter()
    for side in sides:
        total.update(side)
    return {name: total[name] for name in in_order(total)}
