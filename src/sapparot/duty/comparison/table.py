"""The comparison as a table for lawyers: one line for each figure of each sheet that anybody has reported.

Every side names the position of its report in the public log, where anybody can prove it, and the photographs that it names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sapparot.base.clock import stamp
from sapparot.duty.comparison.balance import Sheets
from sapparot.duty.comparison.facts import Difference, Said, SheetCompared, Source
from sapparot.duty.comparison.rules import in_order, split
from sapparot.duty.comparison.wording import figure_name
from sapparot.people.importing.rules import covered

SIDES = ("board", "own", "others", "official")
HEADINGS = (
    "area", "station", "ballot", "state", "figure", "figure_th", "figure_en", *SIDES, "public", "official_minus_ours", "differs",
    "says_th", "says_en", "explanation", "reason", *(f"{side}_entry" for side in SIDES), *(f"{side}_at" for side in SIDES),
    "photographs", "official_state", "official_groups", "official_sources",
)  # fmt: skip


def written(sheets: Sheets, *, differing: bool) -> Iterator[bytes]:
    """Write the table as CSV (RFC 4180) with the mark that tells spreadsheets that it is UTF-8; ``differing``: only what differs."""
    yield _lines([HEADINGS], mark=True)
    for row in sheets.rows:
        yield _lines(_rows(sheets, row, differing=differing))


def _rows(sheets: Sheets, row: SheetCompared, *, differing: bool) -> Iterator[list[str]]:
    sides = (row.board, row.own, row.others, row.official)
    found = {one.figure: one for one in row.differences}
    sources = row.officially.sources
    apart = {name for name, _ in split(sources)}
    given = {name for side in (*sides, *(one.said for one in sources)) if side for name in side.figures}
    for figure in in_order(given):
        if figure in found or figure in apart or not differing:
            yield _row(sheets, row, figure, found.get(figure))


def _row(sheets: Sheets, row: SheetCompared, figure: str, difference: Difference | None) -> list[str]:
    sides = (row.board, row.own, row.others, row.official)
    station, _, ballot = row.sheet.rpartition("/")
    name, says, held = figure_name(figure, sheets.names), difference.text if difference else None, row.explanation
    ours, official = _figure(row.ours, figure), _figure(row.official, figure)
    away = official - ours if ours is not None and official is not None else None
    public = row.public.get(figure) if row.public else None
    cells: list[object] = [
        sheets.whole.area, station, ballot, row.state, figure, name.th, name.en, *(_figure(side, figure) for side in sides),
        public, away, "yes" if difference else "no", says and says.th, says and says.en, held and held.state, held and held.reason,
        *(side and side.position for side in sides), *(side and stamp(side.at) for side in sides), _photographs(sides),
        row.officially.state, row.officially.groups, _sources(row.officially.sources, figure),
    ]  # fmt: skip
    return ["" if cell is None else str(cell) if isinstance(cell, int) else covered(str(cell)) for cell in cells]


def _figure(side: Said | None, figure: str) -> int | None:
    return side.figures.get(figure) if side else None


def _sources(sources: Sequence[Source], figure: str) -> str:
    """Write who reports which official figure, and where in the log: `vote62=12 #41; media=15 #77`."""
    given = ((one, _figure(one.said, figure)) for one in sources)
    return "; ".join(f"{one.network}={count} #{one.said.position}" for one, count in given if count is not None)


def _photographs(sides: Iterable[Said | None]) -> str:
    return " ".join(sorted({name for side in sides if side for name in side.photographs}))


def _lines(rows: Iterable[Iterable[str]], *, mark: bool = False) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return ("\ufeff" * mark + text.getvalue()).encode()
