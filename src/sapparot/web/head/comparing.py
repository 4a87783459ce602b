"""Own finals, other networks and the authority side by side: what differs, in words, with the way to the station and its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from sapparot import evidence
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty import Compared, NewExplanation, SheetCompared
from sapparot.duty.comparison.balance import Sheets
from sapparot.duty.comparison.facts import State
from sapparot.duty.comparison.rules import in_order
from sapparot.duty.comparison.wording import figure_name
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit
from sapparot.web.head.desk import HeadDesk, area_of
from sapparot.web.head.stations import AREA, printable

COMPARE = f"{AREA}/compare"
SHOWN = 60
"""Sheets that differ on one page; the table has them all."""
KEPT = Text("บันทึกคำอธิบายแล้ว", "The explanation is kept")
STATES: dict[State, Text] = {
    "open": Text("กำลังตรวจ", "Being looked into"),
    "ours": Text("ของเราผิด", "Ours was wrong"),
    "theirs": Text("ของทางการผิด", "Theirs was wrong"),
    "explained": Text("ถูกทั้งคู่ มีเหตุผล", "Both are right, for a reason"),
}


class ComparePages:
    """The pages of the comparison."""

    def __init__(self, desk: HeadDesk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [Leaf("GET", COMPARE, "head", self.compare), Leaf("POST", COMPARE, "head", self.explain)]

    async def compare(self, visit: Visit) -> Reply:
        """Show what differs."""
        return await self._compare(visit, await area_of(self._desk, visit), visit.asked("ballot"))

    async def _compare(self, visit: Visit, area: str, asked: str, said: Said | None = None) -> Reply:
        election = await self._desk.election()
        ballots = election.ballots
        ballot = next((one for one in ballots if one.code == asked), ballots[0])
        async with self._desk.connection() as connection:
            sheets = await self._desk.duties.balance.compare(connection, area, ballot.code, visit.who.network)
            shown = sheets.whole.differing[:SHOWN]
            photographs = await evidence.published_of(connection, named_by(shown))
            rows = (await self._desk.duties.watch.of(connection, visit.who, area)).stations
        values = {
            "template": "compare",
            "tab": "/compare",
            "title": Text("เทียบผลสามทาง", "Three counts compared"),
            "ballots": ballots,
            "ballot": ballot,
            "whole": sheets.whole,
            "sums": sums(sheets),
            "differing": shown,
            "left": len(sheets.whole.differing) - len(shown),
            "names": {name: figure_name(name, sheets.names) for one in shown for name in figures_of(one)},
            "photographs": photographs,
            "states": STATES,
            "me": visit.who.person,
            "some_station": rows[0].code if rows else "",
        }
        return await self._desk.page(visit, area, values, said)

    async def explain(self, visit: Visit) -> Reply:
        """Keep what the visitor says about the differences of a sheet."""
        area, form = await area_of(self._desk, visit), await visit.form()
        sheet, asked = form.text("sheet")[:128], form.text("state")
        state: State = next((one for one in STATES if one == asked), "open")
        wanted = NewExplanation(sheet, state, printable(form.text("reason"), 500), form.ticked("mine"))
        try:
            async with self._desk.connection() as connection:
                await self._desk.duties.balance.explain(connection, visit.who, wanted)
            said = Said(KEPT)
        except Problem as problem:
            said = Said(problem.detail, bad=True)
        return await self._compare(visit, area, sheet.rpartition("/")[2], said)


def sums(sheets: Sheets) -> list[tuple[Text, int | None, int | None, int | None]]:
    """Return each figure with our sum and the authority's over the sheets that both have, and how far they are apart."""
    whole: Compared = sheets.whole
    names = in_order([*whole.ours, *whole.official])
    found = []
    for name in names:
        ours, theirs = whole.ours.get(name), whole.official.get(name)
        away = theirs - ours if ours is not None and theirs is not None else None
        found.append((figure_name(name, sheets.names), ours, theirs, away))
    return found


def figures_of(sheet: SheetCompared) -> list[str]:
    """Return the figures that differ on a sheet."""
    return [one.figure for one in sheet.differences]


def named_by(sheets: Sequence[SheetCompared]) -> list[str]:
    """Return the photographs that reports about some sheets name."""
    sides = [side for one in sheets for side in (one.own, one.others, one.board) if side]
    sides += [source.said for one in sheets for source in one.officially.sources]
    return sorted({name for side in sides for name in side.photographs})
