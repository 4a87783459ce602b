"""Which figures differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sapparot.duty.comparison.facts import Compared, Difference, SheetCompared

Side = Literal["board", "form", "official"]
SIDES: Mapping[str, Side] = {"progress": "board", "final": "form", "official": "official"}
"""What each stage of a report was read from."""
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
Figures = dict[str, int]
Sides = Mapping[Side, Figures]


def figures(votes: Mapping[str, int], totals: Sequence[int | None]) -> Figures:
    """Return every figure that a report gives; ``totals`` stand in the order of TOTALS."""
    return dict(votes) | {name: value for name, value in zip(TOTALS, totals, strict=True) if value is not None}


def compared(sheet: str, sides: Sides) -> SheetCompared:
    """Compare the sides of a sheet. A figure that a side does not give differs from nothing.

    The board is compared only where its count was finished as far as anybody can tell: a figure below the form's is work not done yet.
    """
    board, form, official = sides.get("board"), sides.get("form"), sides.get("official")
    names = sorted(
        {*(board or {}), *(form or {}), *(official or {})}, key=lambda name: (not name.isdigit(), name.zfill(9))
    )
    differing = []
    for name in names:
        values = [side.get(name) if side else None for side in (board, form, official)]
        if _differ(*values):
            differing.append(Difference(name, *values))
    return SheetCompared(sheet, board, form, official, tuple(differing))


def _differ(board: int | None, form: int | None, official: int | None) -> bool:
    if form is not None and official is not None and form != official:
        return True
    best = form if form is not None else official
    return board is not None and best is not None and board > best


def summed(where: tuple[str, str], sheets: Sequence[SheetCompared]) -> Compared:
    """Sum up a ballot in an area; ``where`` is (area, ballot)."""
    both = [one for one in sheets if one.form is not None and one.official is not None]
    return Compared(
        *where,
        sheets=len(sheets),
        boards=sum(one.board is not None for one in sheets),
        forms=sum(one.form is not None for one in sheets),
        officials=sum(one.official is not None for one in sheets),
        both=len(both),
        form=_sum(one.form for one in both),
        official=_sum(one.official for one in both),
        differing=tuple(one for one in sheets if one.differences),
    )


def _sum(sides: Iterable[Figures | None]) -> Figures:
    total: Counter[str] = Counter()
    for side in sides:
        total.update(side or {})
    return dict(sorted(total.items()))
