"""Announcements: written, looked at (whom they reach, what they cost), sent once, watched, and stopped."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from msgspec import Struct

from sapparot.base.doors import Caller
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty import Announcement, Chosen, Draft, Job, spoken
from sapparot.people.messages import said as why
from sapparot.people.persons import Reader
from sapparot.people.persons.phones import national
from sapparot.people.signin import Identity
from sapparot.web.framing import Said
from sapparot.web.guarded import Form, Leaf, Reply, Visit, uuid_in
from sapparot.web.organise.desk import Desk, reader
from sapparot.web.organise.planning import as_organiser
from sapparot.web.organise.wards import names, wards

PATH = "/organise/announcements"
TITLE = Text("ประกาศ", "Announcements")
PEOPLE_TITLE = Text("ถึงใครแล้วบ้าง", "Whom it reached")
LOOK = Text("ดูก่อนส่ง", "Look before it goes out")
NOTHING = Text("ยังไม่ได้เขียนข้อความ", "Nothing is written yet")
NOBODY = Text(
    "ไม่มีผู้รับที่ยินยอมรับประกาศ ลองเลือกกว้างขึ้น", "Nobody of the selection agreed to announcements; choose more widely"
)
STOPPED = Text("หยุดส่งแล้ว ที่ส่งออกไปแล้วเรียกคืนไม่ได้", "Stopped. What has gone out cannot be called back.")
LONGEST = 1000
AT_ONCE = 100
AGAIN_SECONDS = 3
Held = Literal["none", "offered", "accepted", "done", "missed"]
STATES: tuple[Held, ...] = get_args(Held)


class Written(Struct, frozen=True):
    """What a form says: the text as it was typed, whom it is for, whether it goes to telephones, and the id of the draft."""

    text: Text
    chosen: Chosen
    mailed: bool
    draft: UUID | None
    most: int | None


class Platform(NamedTuple):
    """From where somebody speaks: its pages and those of people, as whom it speaks and looks, and the only area that it may tell."""

    path: str
    members: str
    who: Identity
    reader: Reader
    area: str | None = None


class AnnouncingPages:
    """The pages of announcements."""

    role: Caller = "organiser"
    path = PATH

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", self.path, self.role, self.listed),
            Leaf("POST", self.path, self.role, self.look, 0, 60),
            Leaf("POST", f"{self.path}/send", self.role, self.send, 0, 20),
            Leaf("GET", f"{self.path}/{{number}}", self.role, self.one, 0, 600),
            Leaf("POST", f"{self.path}/{{number}}", self.role, self.stop, 0, 60),
            Leaf("GET", f"{self.path}/{{number}}/people", self.role, self.people),
        ]

    async def platform(self, visit: Visit) -> Platform:
        """Return from where the visitor speaks."""
        return Platform(PATH, "/organise/people", as_organiser(visit.who), reader(visit))

    async def page(self, visit: Visit, here: Platform, values: dict[str, Any], said: Said | None = None) -> Reply:
        """Answer with a page."""
        return await self._desk.page(visit, "/announcements", values, said)

    async def listed(self, visit: Visit) -> Reply:
        """Show what was announced, and ask for a text."""
        here, chosen = await self.platform(visit), Chosen(area=visit.asked("area") or None)
        return await self._listed(visit, here, Written(Text("", ""), chosen, False, None, None))

    async def look(self, visit: Visit) -> Reply:
        """Say what an announcement would do, or give the text back to be changed."""
        here, form = await self.platform(visit), await visit.form()
        written = written_in(form, here.area)
        if form.ticked("change"):
            return await self._listed(visit, here, written)
        return await self._look(visit, here, written)

    async def send(self, visit: Visit) -> Reply:
        """Announce what was looked at; the same form again leads to the same announcement."""
        here = await self.platform(visit)
        written = written_in(await visit.form(), here.area)
        if written.draft is None or not spoken(written.text).th:
            return await self._look(visit, here, written)
        most = written.most if written.mailed else None
        draft = Draft(written.draft, written.chosen, spoken(written.text), written.mailed, most)
        try:
            async with self._desk.connection() as connection:
                made = await self._desk.duties.office.announce(connection, here.who, draft)
        except Problem as problem:
            return await self._look(visit, here, written, Said(problem.detail, bad=True))
        return visit.to(f"{here.path}/{made.id}")

    async def one(self, visit: Visit, said: Said | None = None) -> Reply:
        """Show how far an announcement has come; the page comes again by itself, and names nobody, while copies wait."""
        office, here = self._desk.duties.office, await self.platform(visit)
        async with self._desk.connection() as connection:
            made = await office.one(connection, here.who, int(visit.asked("number")))
        values = {
            "template": "lead/announcement",
            "base": here.path,
            "title": TITLE,
            "made": made,
            "reasons": [(why(reason), count) for reason, count in made.reasons.items()],
            "areas": names(await self._desk.election()),
            "again": AGAIN_SECONDS if made.sent.get("waiting", 0) else 0,
        }
        return await self.page(visit, here, values, said)

    async def people(self, visit: Visit) -> Reply:
        """Show how an announcement reached each person, by name."""
        office, persons, here = self._desk.duties.office, self._desk.people.persons, await self.platform(visit)
        async with self._desk.connection() as connection:
            made = await office.one(connection, here.who, int(visit.asked("number")))
            reached = await office.reached(connection, made, uuid_in(visit.asked("after")), AT_ONCE)
            told = await persons.contact(connection, [one.person for one in reached], here.reader, "announcement")
        values = {
            "template": "lead/reached",
            "base": here.path,
            "members": here.members,
            "title": PEOPLE_TITLE,
            "made": made,
            "reached": reached,
            "contacts": {who: (one.name, national(one.phone, persons.region)) for who, one in told.items()},
            "following": reached[-1].person if len(reached) == AT_ONCE else None,
        }
        return await self.page(visit, here, values)

    async def stop(self, visit: Visit) -> Reply:
        """Stop what has not gone to telephones yet."""
        here = await self.platform(visit)
        async with self._desk.connection() as connection:
            await self._desk.duties.office.stop(connection, here.who, int(visit.asked("number")))
        return await self.one(visit, Said(STOPPED))

    async def _listed(self, visit: Visit, here: Platform, written: Written, said: Said | None = None) -> Reply:
        election = await self._desk.election()
        made: list[Announcement] = []
        async with self._desk.connection() as connection:
            made = await self._desk.duties.office.all(connection, here.who)
        values = {
            "template": "lead/announcements",
            "base": here.path,
            "whole": Chosen(area=here.area),
            "title": TITLE,
            "written": written,
            "made": made,
            "wards": [] if here.area else wards(election),
            "areas": names(election),
            "jobs": get_args(Job),
            "states": STATES,
            "ready": self._desk.duties.office.mailings.ready,
            "election": election,
        }
        return await self.page(visit, here, values, said)

    async def _look(self, visit: Visit, here: Platform, written: Written, said: Said | None = None) -> Reply:
        text = spoken(written.text)
        if not text.th:
            return await self._listed(visit, here, written, Said(NOTHING, bad=True))
        office = self._desk.duties.office
        try:
            async with self._desk.connection() as connection:
                seen = await office.preview(connection, here.who, written.chosen, text)
        except Problem as problem:
            return await self._listed(visit, here, written, Said(problem.detail, bad=True))
        if not seen.people:
            return await self._listed(visit, here, written, Said(NOBODY, bad=True))
        values = {
            "template": "lead/look",
            "base": here.path,
            "title": LOOK,
            "written": written,
            "text": text,
            "seen": seen,
            "draft": office.mailings.draft(),
            "areas": names(await self._desk.election()),
        }
        return await self.page(visit, here, values, said)


def written_in(form: Form, area: str | None = None) -> Written:
    """Return what a form says, about `area` where only that may be told; what nobody can choose counts as not chosen."""
    words = Text(*(form.text(lang).replace("\r\n", "\n")[:LONGEST] for lang in ("th", "en")))
    chosen = Chosen(
        area=area or form.text("area")[:64] or None,
        job=next((job for job in get_args(Job) if job == form.text("job")), None),
        state=next((state for state in STATES if state == form.text("state")), None),
        trained={"yes": True, "no": False}.get(form.text("trained")),
    )
    most = form.number("most", 0, 10_000_000) if form.text("most") else None
    return Written(words, chosen, form.ticked("mailed"), uuid_in(form.text("draft")), most)
