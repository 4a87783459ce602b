"""The stations of a constituency: who guards them, what they have sent, whom to call first; and the people of one station."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

import msgspec

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty import Duty, Job, Missing, Returns, StationReturn
from sapparot.duty.assignments.facts import ON_SITE
from sapparot.duty.assignments.rules import OPEN
from sapparot.duty.problems import DUTY_UNKNOWN, PLACE_UNKNOWN
from sapparot.duty.returns.rules import show_in, shown
from sapparot.people.signin.problems import NOT_FOR_YOU
from sapparot.verify import why
from sapparot.web.framing import Said
from sapparot.web.guarded import Form, Leaf, Reply, Visit, uuid_in
from sapparot.web.head.desk import PATH, HeadDesk, area_of, inside
from sapparot.web.organise.members import OFFERED

AREA = f"{PATH}/{{area}}"
STATION = f"{AREA}/stations/{{station}}"
CANDIDATES = 60
"""People who are offered for a station at a time; each name shown is a look that its person can read about."""
CALL_FIRST = 8
FEW = 30
"""Stations that are shown at once; of more, subdistricts are opened one by one."""
TAKEN = Text("เอาหน้าที่นี้ออกแล้ว และแจ้งเจ้าตัวแล้ว", "The duty is taken away and the person has been told")
SPARE = Text("เอาหน้าที่นี้ออกแล้ว และขอคนสำรองที่ใกล้ที่สุดให้ไปแทน", "The duty is taken away; the nearest spare is asked")
NOBODY_CHOSEN = Text("ยังไม่ได้เลือกคน", "Nobody was chosen")
NO_JOB = Text("เลือกงานอย่างน้อยหนึ่งอย่าง", "Tick at least one job")
KINDS = {
    "advance": Text("หน่วยเลือกตั้งล่วงหน้าที่", "Advance station"),
    "overseas": Text("หน่วยนอกราชอาณาจักรที่", "Overseas station"),
    "special": Text("หน่วยพิเศษที่", "Special station"),
}
Work = Callable[[AsyncConnection], Awaitable[Text]]


class StationPages:
    """The pages of stations."""

    def __init__(self, desk: HeadDesk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", PATH, "head", self.all),
            Leaf("GET", AREA, "head", self.all),
            Leaf("GET", STATION, "head", self.one),
            Leaf("GET", f"{STATION}/people", "head", self.candidates),
            Leaf("POST", f"{STATION}/people", "head", self.offer),
            Leaf("POST", f"{STATION}/duty", "head", self.take),
        ]

    async def all(self, visit: Visit) -> Reply:
        """Show the constituency: missing people first, with a telephone where that is allowed, then every station."""
        area, duties, election = await area_of(self._desk, visit), self._desk.duties, await self._desk.election()
        asked = visit.asked("show"), visit.asked("q")
        async with self._desk.connection() as connection:
            found = await duties.watch.of(connection, visit.who, area)
            missing = await duties.survey.missing(connection, visit.who, area)
            covered = await duties.survey.covered(connection, area, "final", visit.who.network)
            waiting = await self._desk.people.bureau.waiting_count(connection, visit.who.network, area)
            tag = _tag(visit, found, missing, (waiting, covered.whole, asked))
            if visit.knows(tag):
                return visit.unchanged(tag)
            first = list({(one.person, one.station): one for one in missing}.values())[:CALL_FIRST]
            reached = await self._desk.reach(connection, visit, {one.person for one in first})
        values = {
            "template": "stations",
            "title": found.name,
            "covered": covered.whole,
            "counts": found.counts,
            "finals": _finals(found.stations),
            "waiting": waiting,
            "missing": first,
            "absent": len({one.person for one in missing}),
            "names": {row.code: station_name(row) for row in found.stations if row.missing},
            "ballots": {ballot.code: ballot.name for ballot in election.ballots},
            "reached": reached,
            "show": show_in(asked[0]),
            "q": asked[1],
            "groups": grouped(searched(shown(found.stations, show_in(asked[0])), asked[1])),
            "open": show_in(asked[0]) != "all" or bool(asked[1]) or len(found.stations) <= FEW,
            "now": duties.clock.now(),
        }
        return await self._desk.page(visit, area, values, tag=tag)

    async def one(self, visit: Visit) -> Reply:
        """Show one station."""
        return await self._one(visit, await area_of(self._desk, visit))

    async def _one(self, visit: Visit, area: str, said: Said | None = None) -> Reply:
        election = await self._desk.election()
        async with self._desk.connection() as connection:
            [row] = (await self._desk.duties.watch.of(connection, visit.who, area, visit.asked("station"))).stations
            theirs = await self._desk.duties.watch.strangers(connection, visit.who, row.code)
            reached = await self._desk.reach(connection, visit, {duty.person for duty in (*row.own, *theirs)})
        values = {
            "template": "station",
            "title": station_name(row),
            "row": row,
            "people": by_person(row.own),
            "agreed": {who: held for who, held in by_person(theirs).items() if who in reached},
            "reached": reached,
            "ballots": {ballot.code: ballot.name for ballot in election.ballots},
            "reasons": {sheet.ballot: why(sheet.reason) for sheet in row.sheets},
            "reports": election.opens_at <= self._desk.duties.clock.now(),
        }
        return await self._desk.page(visit, area, values, said)

    async def candidates(self, visit: Visit) -> Reply:
        """Show who of the own network could guard a station, or go there in somebody's place."""
        return await self._candidates(visit, await area_of(self._desk, visit))

    async def _candidates(self, visit: Visit, area: str, said: Said | None = None) -> Reply:
        async with self._desk.connection() as connection:
            [row] = (await self._desk.duties.watch.of(connection, visit.who, area, visit.asked("station"))).stations
            free = await self._desk.duties.roster.free(connection, visit.who.network, row.code, area)
            near = [one.id for one in free[:CANDIDATES] if inside(one.area, area)]
            reached = await self._desk.reach(connection, visit, near)
            leaving = await self._leaving(connection, visit, row.own)
        values = {
            "template": "candidates",
            "title": Text("เลือกคนไปหน่วยนี้", "Choose somebody for this station"),
            "row": row,
            "name": station_name(row),
            "free": [one for one in free if one.id in reached],
            "more": max(0, len(free) - CANDIDATES),
            "reached": reached,
            "leaving": leaving,
        }
        return await self._desk.page(visit, area, values, said)

    async def _leaving(self, connection: AsyncConnection, visit: Visit, own: Sequence[Duty]) -> tuple[int, str] | None:
        """Return the duty in whose place somebody is looked for, and whose it is."""
        number = visit.asked("duty")
        found = next((duty for duty in own if str(duty.id) == number), None)
        if found is None:
            return None
        reached = await self._desk.reach(connection, visit, [found.person])
        return found.id, reached[found.person].name if found.person in reached else ""

    async def offer(self, visit: Visit) -> Reply:
        """Offer the station to somebody, perhaps in somebody else's place."""
        area, form = await area_of(self._desk, visit), await visit.form()
        person, station = uuid_in(form.text("person")), visit.asked("station")
        jobs = jobs_in(form)
        if person is None or not jobs:
            return await self._candidates(visit, area, Said(NO_JOB if person else NOBODY_CHOSEN, bad=True))
        number = form.number("duty", 0, 10**9)

        async def work(connection: AsyncConnection) -> Text:
            await self._desk.duties.watch.of(connection, visit.who, area, station)
            roster = self._desk.duties.roster
            async with connection.transaction():
                if not number:
                    await roster.give(connection, visit.who, person, station, jobs)
                for duty in await self._theirs(connection, area, number) if number else ():
                    await roster.replace(connection, visit.who, duty, reason_in(form), person)
            return OFFERED

        return await self._do(visit, area, work)

    async def take(self, visit: Visit) -> Reply:
        """Take a duty away: the nearest spare is asked, or nobody."""
        area, form = await area_of(self._desk, visit), await visit.form()
        number, spare = form.number("duty", 0, 10**9), form.text("instead") != "nobody"
        instead: Literal["spare", "nobody"] = "spare" if spare else "nobody"

        async def work(connection: AsyncConnection) -> Text:
            async with connection.transaction():
                for duty in await self._theirs(connection, area, number):
                    await self._desk.duties.roster.replace(connection, visit.who, duty, reason_in(form), instead)
            return SPARE if spare else TAKEN

        return await self._do(visit, area, work)

    async def _theirs(self, connection: AsyncConnection, area: str, number: int) -> list[int]:
        """Return a duty and what else its person still has to do at the same place.

        Refuses one that is not in the area that the page is about: the visitor may lead several.
        """
        roster = self._desk.duties.roster
        duty = await roster.one(connection, number)
        if duty is None or not roster.within(await self._desk.election(), duty.place, area):
            raise Problem(DUTY_UNKNOWN)
        held = (await roster.held(connection, [duty.person]))[duty.person]
        others = [one.id for one in held if one.place == duty.place and one.state in OPEN and one.id != number]
        return sorted([number, *others])

    async def _do(self, visit: Visit, area: str, work: Work) -> Reply:
        try:
            async with self._desk.connection() as connection:
                said = Said(await work(connection))
        except Problem as problem:
            if problem.kind in (PLACE_UNKNOWN, NOT_FOR_YOU):
                raise
            said = Said(problem.detail, bad=True)
        return await self._one(visit, area, said)


def station_name(row: StationReturn) -> Text:
    """Name a station as people do: its number, and where it is."""
    unit = row.code.rpartition("-")[2].lstrip("0") or row.code
    kind = KINDS.get(row.kind, Text("หน่วยที่", "Station"))
    return Text(f"{kind.th} {unit} {row.area.th}".strip(), f"{kind.en} {unit}, {row.area.en}".strip(", "))


def grouped(rows: Sequence[StationReturn]) -> list[tuple[Text, list[StationReturn]]]:
    """Return stations by the area around them, in the order of their codes."""
    return [(name, list(group)) for name, group in groupby(rows, lambda row: row.area)]


def searched(rows: Sequence[StationReturn], words: str) -> list[StationReturn]:
    """Return the stations whose code or area holds what somebody looks for; all when nothing is asked."""
    needle = " ".join(words.split()).casefold()
    return [row for row in rows if not needle or needle in f"{row.code} {row.area.th} {row.area.en}".casefold()]


def by_person(own: Sequence[Duty]) -> dict[UUID, list[Duty]]:
    """Return the duties at a station by person."""
    found: dict[UUID, list[Duty]] = {}
    for duty in own:
        found.setdefault(duty.person, []).append(duty)
    return found


def jobs_in(form: Form) -> list[Job]:
    """Return the jobs on site that a form ticks."""
    return [job for job in ON_SITE if form.ticked(job)]


def reason_in(form: Form) -> str:
    """Return why, as short as the machine's door takes it, without what cannot be kept."""
    return printable(form.text("reason"), 300)


def printable(text: str, most: int) -> str:
    """Return a text in one line without control characters."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:most]


def _finals(rows: Sequence[StationReturn]) -> dict[str, int]:
    sheets = [sheet for row in rows for sheet in row.sheets]
    return {
        "sheets": len(sheets),
        "finals": sum(bool(sheet.finals) for sheet in sheets),
        "sure": sum(sheet.state in ("confirmed", "settled") for sheet in sheets),
        "officials": sum(sheet.official_at is not None for sheet in sheets),
    }


def _tag(visit: Visit, found: Returns, missing: Sequence[Missing], rest: tuple[Any, ...]) -> str:
    """Name what the page shows, so that a browser that has it already gets nothing again."""
    told = msgspec.json.encode((visit.place.lang, visit.place.path, found, missing, rest))
    return hashlib.sha256(told).hexdigest()[:32]
