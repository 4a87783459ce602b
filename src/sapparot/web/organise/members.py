"""The people of one's network: found, looked at, approved, ended; roles and lost phones.

What somebody looks for is sent in the body of a form: names and telephones stand in no address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import get_args
from uuid import UUID

from msgspec.structs import replace

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.census import Records
from sapparot.people.granting import Granter, NewGrant
from sapparot.people.organising import Wanted, approve
from sapparot.people.persons import State, move
from sapparot.people.persons.phones import national
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.signin.coming import check_fresh, is_fresh
from sapparot.people.signin.problems import SIGN_IN_AGAIN
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit, uuid_in
from sapparot.web.organise.desk import Desk, reader
from sapparot.web.organise.overview import placing
from sapparot.web.organise.wards import wards

AT_ONCE = 50
PATH = "/organise/people"
ONE = "/organise/people/{person}"
STATES: tuple[State, ...] = ("active", "waiting", "listed", "applied", "left", "expelled")
APPROVED = Text("อนุมัติแล้ว {count:,} คน", "{count:,} people approved")
NOBODY_TICKED = Text("ยังไม่ได้เลือกใคร", "Nobody was ticked")
ENDED = Text(
    "ถอนชื่อแล้ว {people:,} คน เพิกถอนเครื่อง {devices:,} เครื่อง", "{people:,} people ended, {devices:,} phones revoked"
)
GRANTED = Text("ให้สิทธิ์แล้ว", "The role is given")
OFFERED = Text("ส่งคำขอให้แล้ว รอคำตอบในแอปของเขา", "The offer is sent; the answer comes from the app")
MOVED = Text("บันทึกพื้นที่แล้ว", "The area is saved")
NO_AREA = Text("ไม่มีพื้นที่นี้ในการเลือกตั้ง โปรดเลือกจากรายการ", "The election has no such area; choose one from the list")
TAKEN = Text("ถอนสิทธิ์แล้ว", "The role is taken back")
REVOKED = Text(
    "เพิกถอนเครื่องนี้แล้ว ส่งคะแนนไม่ได้อีก และลงบันทึกสาธารณะแล้ว",
    "This phone is revoked: it can report no more, and the log says so",
)
TAKEN_BACK = Text(
    "เพิกถอนเครื่องนี้ย้อนไปถึงวันแรกแล้ว รายงานทั้งหมดของเครื่องนี้ไม่นับอีกต่อไป และลงบันทึกสาธารณะแล้ว"
    " ส่วนคะแนนที่ยืนยันไปแล้วยังนับอยู่จนกว่าศูนย์ปฏิบัติการจะวินิจฉัย",
    "This phone is revoked from its first day: none of its reports counts any more, and the log says so."
    " Figures that were confirmed already stay in the count until the war room decides",
)
LOST = Text(
    "ปิดทางเข้าทั้งหมดแล้ว เพิกถอน {devices:,} เครื่อง เจ้าตัวเข้าใหม่ได้ด้วยรหัสทางเบอร์โทรศัพท์เดิม",
    "Every way in is closed and {devices:,} phones are revoked; the person comes back with a code on the same telephone number",
)
STOOD_NOT = Text("เครื่องนี้ถูกเพิกถอนไปก่อนแล้ว", "This phone had been revoked before")


class MemberPages:
    """The pages of people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._records = Records(desk.people.persons, desk.people.farewell)

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", PATH, "organiser", self.listed),
            Leaf("POST", PATH, "organiser", self.found),
            Leaf("POST", f"{PATH}/approve", "organiser", self.approve),
            Leaf("GET", ONE, "organiser", self.one),
            Leaf("POST", f"{ONE}/end", "organiser", self.end),
            Leaf("POST", f"{ONE}/area", "organiser", self.move),
            Leaf("POST", f"{ONE}/head", "organiser", self.grant),
            Leaf("POST", f"{ONE}/duty", "organiser", self.ask),
            Leaf("POST", f"{ONE}/grant", "organiser", self.take),
            Leaf("POST", f"{ONE}/phone", "organiser", self.revoke),
            Leaf("POST", f"{ONE}/lost", "organiser", self.lost),
        ]

    async def listed(self, visit: Visit) -> Reply:
        """Show people, page by page."""
        wanted = Wanted("", _state(visit.asked("state")), None, uuid_in(visit.asked("after")), AT_ONCE)
        return await self._list(visit, replace(wanted, outside=await self._outside(visit.asked("area"))))

    async def found(self, visit: Visit) -> Reply:
        """Show whom somebody looked for."""
        form = await visit.form()
        wanted = Wanted(
            form.text("q")[:120], _state(form.text("state")), None, uuid_in(form.text("after") or None), AT_ONCE
        )
        return await self._list(visit, replace(wanted, outside=await self._outside(form.text("area"))))

    async def _outside(self, area: str) -> tuple[str, ...] | None:
        """Return the areas in which heads find people, when those are looked for who serve in none."""
        return tuple(placing(await self._desk.election())) if area == "none" else None

    async def _list(self, visit: Visit, wanted: Wanted, said: Said | None = None) -> Reply:
        async with self._desk.connection() as connection:
            try:
                members = await self._desk.people.bureau.people(connection, reader(visit), wanted)
            except Problem as problem:
                members = None
                said = Said(problem.detail, bad=True)
            now = self._desk.people.clock.now()
            fresh = await is_fresh(connection, visit.scope, now)
        values = {
            "template": "people",
            "title": Text("รายชื่อ", "People"),
            "members": members,
            "wanted": wanted,
            "states": STATES,
            "areas": await self._areas(),
            "fresh": fresh,
        }
        return await self._desk.page(visit, "/people", values, said)

    async def approve(self, visit: Visit) -> Reply:
        """Let those who were ticked take part."""
        ids = (await visit.form()).ids("person")[:500]
        if not ids:
            return await self._list(visit, Wanted("", "waiting", None, None, AT_ONCE), Said(NOBODY_TICKED, bad=True))
        async with self._desk.connection() as connection:
            approved = await approve(connection, visit.who.network, ids)
        return await self._list(
            visit, Wanted("", "waiting", None, None, AT_ONCE), Said(APPROVED.fill(count=len(approved)))
        )

    async def one(self, visit: Visit) -> Reply:
        """Show one person."""
        return await self._one(visit, _person(visit))

    async def _one(self, visit: Visit, person: UUID, said: Said | None = None) -> Reply:
        async with self._desk.connection() as connection:
            dossier = await self._records.dossier(connection, reader(visit), person)
        contact = dossier.contact
        election = await self._desk.election()
        areas = election.areas if election else {}
        places = [area for area in areas.values() if area.kind == "constituency"]
        code = dossier.person.area or ""
        own = areas.get(code)
        narrow = own.name if own else Text(code, code)  # also what this election does not have stays chosen
        name = Text(contact.name, contact.name) if contact else Text("ไม่เปิดเผยชื่อ", "No name")
        values = {
            "template": "person",
            "title": name,
            "dossier": dossier,
            "phone": national(contact.phone, self._desk.people.persons.region) if contact else "",
            "areas": {code: area.name for code, area in areas.items()},
            "constituencies": places,
            "wards": wards(election),
            "narrow": narrow if code and (own is None or own.kind not in ("province", "constituency")) else None,
        }
        return await self._desk.page(visit, "/people", values, said)

    async def end(self, visit: Visit) -> Reply:
        """End a person, alone or with the whole branch."""
        form, person = await visit.form(), _person(visit)
        how = ("expelled" if form.text("state") == "expelled" else "left", form.ticked("branch"))

        async def work(connection: AsyncConnection) -> Text:
            ended = await self._desk.people.bureau.end(connection, reader(visit), person, how)
            return ENDED.fill(people=ended.persons, devices=ended.devices)

        return await self._do(visit, person, work)

    async def move(self, visit: Visit) -> Reply:
        """Say where a person can serve."""
        area, person = (await visit.form()).text("area")[:40], _person(visit)
        election = await self._desk.election()
        if area and (election is None or area not in election.areas):
            return await self._one(visit, person, Said(NO_AREA, bad=True))

        async def work(connection: AsyncConnection) -> Text:
            if not await move(connection, visit.who.network, person, area or None):
                raise Problem(PERSON_UNKNOWN)
            return MOVED

        return await self._do(visit, person, work)

    async def grant(self, visit: Visit) -> Reply:
        """Make a person head of a constituency."""
        area, person = (await visit.form()).text("area")[:40], _person(visit)

        async def work(connection: AsyncConnection) -> Text:
            await self._check_fresh(visit, connection)
            await self._desk.people.office.grant(connection, granter(visit), NewGrant(person, "head", area or None))
            return GRANTED

        return await self._do(visit, person, work)

    async def ask(self, visit: Visit) -> Reply:
        """Ask a head for the official figures of a constituency."""
        area, person = (await visit.form()).text("area")[:40], _person(visit)

        async def work(connection: AsyncConnection) -> Text:
            await self._desk.duties.roster.give(connection, visit.who, person, area, ["official"])
            return OFFERED

        return await self._do(visit, person, work)

    async def take(self, visit: Visit) -> Reply:
        """Take a role back."""
        number, person = (await visit.form()).number("grant", 0, 10**9), _person(visit)

        async def work(connection: AsyncConnection) -> Text:
            await self._desk.people.office.end(connection, granter(visit), number)
            return TAKEN

        return await self._do(visit, person, work)

    async def revoke(self, visit: Visit) -> Reply:
        """Revoke a phone that was lost, or one that reported what is not true, with all that it ever reported."""
        form, person, by = await visit.form(), _person(visit), visit.who.person
        held = person, form.text("kid")[:64]

        async def work(connection: AsyncConnection) -> Text:
            await self._records.dossier(connection, reader(visit), person)
            if form.text("reason") != "misused":
                return REVOKED if await self._records.revoke(connection, by, held) else STOOD_NOT
            await self._check_fresh(visit, connection)
            return TAKEN_BACK if await self._records.take_back(connection, by, held) else STOOD_NOT

        return await self._do(visit, person, work)

    async def lost(self, visit: Visit) -> Reply:
        """End all by which somebody whose phone is lost comes in, but the telephone number."""
        person = _person(visit)

        async def work(connection: AsyncConnection) -> Text:
            await self._check_fresh(visit, connection)
            devices = await self._desk.people.office.lost(connection, granter(visit), person)
            return LOST.fill(devices=devices)

        return await self._do(visit, person, work)

    async def _check_fresh(self, visit: Visit, connection: AsyncConnection) -> None:
        await check_fresh(connection, visit.scope, self._desk.people.clock.now())

    async def _do(self, visit: Visit, person: UUID, work: Callable[[AsyncConnection], Awaitable[Text]]) -> Reply:
        try:
            async with self._desk.connection() as connection:
                said = Said(await work(connection))
        except Problem as problem:
            if problem.kind is SIGN_IN_AGAIN:
                raise
            said = Said(problem.detail, bad=True)
        return await self._one(visit, person, said)

    async def _areas(self) -> dict[str, Text]:
        election = await self._desk.election()
        return {code: area.name for code, area in election.areas.items()} if election else {}


def granter(visit: Visit) -> Granter:
    """Return the visitor as somebody who gives roles."""
    return Granter(visit.who.person, visit.who.network, frozenset(role for role, _ in visit.who.roles))


def _person(visit: Visit) -> UUID:
    person = uuid_in(visit.asked("person"))
    if person is None:
        raise Problem(PERSON_UNKNOWN)
    return person


def _state(text: str) -> State | None:
    return next((state for state in get_args(State) if state == text), None)
