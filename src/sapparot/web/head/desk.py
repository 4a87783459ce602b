"""What all pages of heads stand on: the constituency that the visitor leads, its people, and the frame with the ways inside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from msgspec import Struct

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.assignments.roster import HELD
from sapparot.people.persons import Contact, Person, Reader, Why
from sapparot.people.persons.phones import national
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.signin.problems import NOT_FOR_YOU
from sapparot.web.framing import Said, framed, template_in
from sapparot.web.guarded import Reply, Visit, uuid_in
from sapparot.web.organise.desk import Desk

PATH = "/head"
STATIONS = Text("หน่วยเลือกตั้ง", "Stations")
PEOPLE = Text("คนของเรา", "Our people")
COMPARE = Text("เทียบผล", "Compare")
ANNOUNCE = Text("ประกาศ", "Announcements")


class Reached(Struct, frozen=True):
    """How somebody is reached: name, telephone for links, and as people write it."""

    name: str
    phone: str
    written: str


class HeadDesk:
    """The desk of a constituency head."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.people = desk.people
        self.duties = desk.duties

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection to the database."""
        async with self._desk.connection() as connection:
            yield connection

    async def election(self) -> Election:
        """Return the newest election; raises :class:`Problem` when none is defined."""
        return await self.duties.rolls.election()

    async def page(
        self, visit: Visit, area: str, values: dict[str, Any], said: Said | None = None, tag: str = ""
    ) -> Reply:
        """Answer with a page of an area; what was refused has the status of a bad request."""
        election, here = await self.election(), f"{PATH}/{area}"
        rooms = (("", STATIONS), ("/people", PEOPLE), ("/compare", COMPARE), ("/announcements", ANNOUNCE))
        tabs = tuple((f"{here}{room}", name) for room, name in rooms)
        async with self.connection() as connection:
            frame = await framed(connection, visit.who, f"{here}{values.pop('tab', '')}")
        outer = tuple(tab for tab in frame["tabs"] if tab[0] != PATH)
        whole = {
            **frame,
            "tabs": (*tabs, *outer[:1]),
            "said": said,
            "area": area,
            "area_name": election.areas[area].name,
            "others": [(code, election.areas[code].name) for code in own_areas(visit) if code != area],
            **values,
        }
        return visit.page(template_in("head", whole.pop("template")), whole, 400 if said and said.bad else 200, tag)

    async def reach(
        self, connection: AsyncConnection, visit: Visit, ids: Collection[UUID], why: Why = "duty"
    ) -> dict[UUID, Reached]:
        """Return how people who concern the visitor are reached; each look is in the access log."""
        told = await self.people.persons.contact(connection, sorted(ids), reader(visit), why)
        return {who: self.reached(one) for who, one in told.items()}

    def reached(self, one: Contact) -> Reached:
        """Return how somebody is reached whose contact the visitor was given."""
        return Reached(one.name, one.phone, national(one.phone, self.people.persons.region))

    async def person(self, connection: AsyncConnection, visit: Visit, area: str) -> Person:
        """Return the person that a page is about: of the visitor's network, serving in the area or with a duty there."""
        asked = uuid_in(visit.asked("person"))
        found = await self.people.persons.get(connection, asked) if asked else None
        if found is None or found.network != visit.who.network or found.state == "erased":
            raise Problem(PERSON_UNKNOWN)
        if not inside(found.area, area):
            election, held = await self.election(), await self.duties.roster.of(connection, found.id)
            if not any(duty.state in HELD and self.duties.roster.within(election, duty.place, area) for duty in held):
                raise Problem(PERSON_UNKNOWN)
        return found


def own_areas(visit: Visit) -> list[str]:
    """Return the constituencies that the visitor leads."""
    return [area for role, area in visit.who.roles if role == "head" and area]


async def area_of(desk: HeadDesk, visit: Visit) -> str:
    """Return the area that a page is about, one of the visitor's own; raises :class:`Problem` for another."""
    own = own_areas(visit)
    area = visit.asked("area") or own[0]
    if area not in own:
        raise Problem(NOT_FOR_YOU)
    await desk.duties.watch.admit(visit.who, area)
    return area


def reader(visit: Visit) -> Reader:
    """Return the visitor as somebody who looks at people of the own network."""
    return Reader(visit.who.person, visit.who.network, "head")


def inside(code: str | None, area: str) -> bool:
    """Tell whether an area of service is the constituency, or lies in it."""
    return code is not None and (code == area or code.startswith(f"{area}-"))
