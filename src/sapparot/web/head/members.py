"""The people of a constituency: who waits for approval, who serves here, and one of them: telephone, duties, lost phones.

What somebody looks for is sent in the body of a form: names and telephones stand in no address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty.assignments.roster import HELD
from sapparot.people.census import LossReason, Records
from sapparot.people.organising import Wanted, approve
from sapparot.people.persons import Person
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit, uuid_in
from sapparot.web.head.desk import HeadDesk, area_of, reader
from sapparot.web.head.stations import AREA, NO_JOB, jobs_in
from sapparot.web.organise.members import APPROVED, NOBODY_TICKED, OFFERED, REVOKED, STOOD_NOT

PEOPLE = f"{AREA}/people"
ONE = f"{PEOPLE}/{{person}}"
AT_ONCE = 50
MISUSED = Text(
    "เพิกถอนเครื่องนี้แล้ว ส่งคะแนนไม่ได้อีก และลงบันทึกสาธารณะแล้ว แต่ที่ส่งมาแล้วยังนับอยู่ ขอให้ผู้จัดเครือข่ายถอนรายงานทั้งหมดของเครื่องนี้",
    "This phone is revoked: it can report no more, and the log says so. What it has sent still counts:"
    " ask an organiser of your network to take all its reports back",
)
REASONS: dict[LossReason, Text] = {
    "lost": Text("หายหรือถูกขโมย", "Lost or stolen"),
    "broken": Text("เสีย หรือยกให้คนอื่นไปแล้ว", "Broken, or given away"),
    "misused": Text("ส่งตัวเลขที่ไม่จริง", "It reports what is not true"),
}


class MemberPages:
    """The pages of people."""

    def __init__(self, desk: HeadDesk) -> None:
        self._desk = desk
        self._records = Records(desk.people.persons, desk.people.farewell)

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", PEOPLE, "head", self.listed),
            Leaf("POST", PEOPLE, "head", self.found),
            Leaf("POST", f"{PEOPLE}/approve", "head", self.approve),
            Leaf("GET", ONE, "head", self.one),
            Leaf("POST", f"{ONE}/duty", "head", self.offer),
            Leaf("POST", f"{ONE}/phone", "head", self.revoke),
        ]

    async def listed(self, visit: Visit) -> Reply:
        """Show who waits and who serves here."""
        area = await area_of(self._desk, visit)
        return await self._list(visit, area, Wanted("", "active", area, uuid_in(visit.asked("after")), AT_ONCE))

    async def found(self, visit: Visit) -> Reply:
        """Show whom somebody looked for."""
        area, form = await area_of(self._desk, visit), await visit.form()
        return await self._list(visit, area, Wanted(form.text("q")[:120], "active", area, None, AT_ONCE))

    async def _list(self, visit: Visit, area: str, wanted: Wanted, said: Said | None = None) -> Reply:
        bureau, election = self._desk.people.bureau, await self._desk.election()
        async with self._desk.connection() as connection:
            waiting = await bureau.waiting(connection, reader(visit), area, None)
            try:
                members = await bureau.people(connection, reader(visit), wanted)
                people = members.people
            except Problem as problem:  # a telephone that is none
                members, people, said = None, [], Said(problem.detail, bad=True)
            duties = await self._desk.duties.roster.held(connection, [one.id for one in people])
        values = {
            "template": "people",
            "tab": "/people",
            "title": Text("คนของเราในเขตนี้", "Our people here"),
            "waiting": waiting.people,
            "people": people,
            "next": members.next if members else None,
            "wanted": wanted,
            "duties": duties,
            "areas": {code: each.name for code, each in election.areas.items()},
        }
        return await self._desk.page(visit, area, values, said)

    async def approve(self, visit: Visit) -> Reply:
        """Let those who were ticked take part."""
        area = await area_of(self._desk, visit)
        ids = (await visit.form()).ids("person")[:500]
        said = Said(NOBODY_TICKED, bad=True)
        if ids:
            async with self._desk.connection() as connection:
                approved = await approve(connection, visit.who.network, ids, area)
            said = Said(APPROVED.fill(count=len(approved)))
        return await self._list(visit, area, Wanted("", "active", area, None, AT_ONCE), said)

    async def one(self, visit: Visit) -> Reply:
        """Show one person."""
        area = await area_of(self._desk, visit)
        async with self._desk.connection() as connection:
            person = await self._desk.person(connection, visit, area)
        return await self._one(visit, area, person)

    async def _one(self, visit: Visit, area: str, person: Person, said: Said | None = None) -> Reply:
        election, roster = await self._desk.election(), self._desk.duties.roster
        async with self._desk.connection() as connection:
            dossier = await self._records.dossier(connection, reader(visit), person.id)
            reached = self._desk.reached(dossier.contact) if dossier.contact else None
            held = [duty for duty in await roster.of(connection, person.id) if duty.state in HELD]
            rows = (await self._desk.duties.watch.of(connection, visit.who, area)).stations
        values = {
            "template": "person",
            "tab": "/people",
            "title": Text(reached.name, reached.name) if reached else Text("ไม่เปิดเผยชื่อ", "No name"),
            "person": dossier.person,
            "devices": dossier.devices,
            "reached": reached,
            "duties": [(duty, roster.within(election, duty.place, area)) for duty in held],
            "stations": sorted(rows, key=lambda row: (row.groups, -row.eligible, row.code)),
            "areas": {code: each.name for code, each in election.areas.items()},
            "reasons": REASONS,
        }
        return await self._desk.page(visit, area, values, said)

    async def offer(self, visit: Visit) -> Reply:
        """Offer a station of the area to the person, or the official figures of the area to another head of it."""
        form = await visit.form()
        station, jobs = form.text("station")[:64], jobs_in(form)
        whole = form.ticked("official")

        async def work(connection: AsyncConnection, person: UUID, area: str) -> Text:
            if whole:
                await self._desk.duties.roster.give(connection, visit.who, person, area, ["official"])
                return OFFERED
            await self._desk.duties.watch.of(connection, visit.who, area, station)
            await self._desk.duties.roster.give(connection, visit.who, person, station, jobs)
            return OFFERED

        return await self._do(visit, work, None if jobs or whole else NO_JOB)

    async def revoke(self, visit: Visit) -> Reply:
        """Revoke a phone, with the reason that the log will name."""
        form = await visit.form()
        kid, asked = form.text("kid")[:64], form.text("reason")
        why: LossReason = next((reason for reason in REASONS if reason == asked), "lost")

        async def work(connection: AsyncConnection, person: UUID, area: str) -> Text:
            stood = await self._records.revoke(connection, visit.who.person, (person, kid), why)
            return (MISUSED if why == "misused" else REVOKED) if stood else STOOD_NOT

        return await self._do(visit, work)

    async def _do(
        self,
        visit: Visit,
        work: Callable[[AsyncConnection, UUID, str], Awaitable[Text]],
        refused: Text | None = None,
    ) -> Reply:
        area = await area_of(self._desk, visit)
        async with self._desk.connection() as connection:
            person = await self._desk.person(connection, visit, area)
        if refused:
            return await self._one(visit, area, person, Said(refused, bad=True))
        try:
            async with self._desk.connection() as connection:
                said = Said(await work(connection, person.id, area))
        except Problem as problem:
            said = Said(problem.detail, bad=True)
        return await self._one(visit, area, person, said)
