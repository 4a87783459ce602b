"""The first page of organisers, what their network says of itself, and the list of every role that was given."""

from __future__ import annotations

from msgspec.structs import replace

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.people.census import census
from sapparot.people.granting import heads, listed
from sapparot.people.terms import ShortName, TermsChange, Welcome, change, terms
from sapparot.web.framing import Said
from sapparot.web.guarded import Form, Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk, reader
from sapparot.web.organise.members import TAKEN, granter
from sapparot.web.organise.overview import nowhere, provinces

NETWORK = "/organise/network"
ROLES = "/organise/roles"
SAVED = Text("บันทึกแล้ว", "Saved")
AT_ONCE = 100
LONGEST = {"short_th": 24, "short_en": 24, "welcome_th": 600, "welcome_en": 600}
TOO_LONG = Text("ข้อความยาวเกินไป", "A text is too long")
NOT_SHORT = Text("โปรดใส่ชื่อย่อทั้งสองภาษา", "Give a short name in both languages")


class HomePages:
    """Overview, roles and the network's own words."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", "/organise", "organiser", self.overview),
            Leaf("GET", ROLES, "organiser", self.roles),
            Leaf("POST", ROLES, "organiser", self.take),
            Leaf("GET", NETWORK, "organiser", self.network),
            Leaf("POST", NETWORK, "organiser", self.save),
        ]

    async def overview(self, visit: Visit) -> Reply:
        """Show the network in numbers."""
        election = await self._desk.election()
        async with self._desk.connection() as connection:
            counted = await census(connection, visit.who.network, self._desk.people.clock.now())
            survey = self._desk.duties.survey
            covered = await survey.covered(connection, None, "final", visit.who.network) if election else None
        values = {
            "template": "overview",
            "title": Text("ภาพรวมเครือข่าย", "The network at a glance"),
            "census": counted,
            "election": election,
            "nowhere": nowhere(election, counted),
            "lines": provinces(
                election, counted, {row.area or "": row.own for row in covered.inside} if covered else {}
            ),
            "covered": covered.whole if covered else None,
        }
        return await self._desk.page(visit, "", values)

    async def roles(self, visit: Visit, said: Said | None = None) -> Reply:
        """Show every role that was given in the network, and when it ended."""
        before = visit.asked("before")
        async with self._desk.connection() as connection:
            grants = await listed(
                connection, visit.who.network, int(before) if before.isdecimal() and len(before) < 15 else None, AT_ONCE
            )
            leading = await heads(connection, visit.who.network)
            ids = {
                one for grant in (*grants, *leading) for one in (grant.person, grant.granted_by, grant.ended_by) if one
            }
            told = await self._desk.people.persons.contact(connection, sorted(ids), reader(visit), "grant")
        election = await self._desk.election()
        values = {
            "template": "roles",
            "title": Text("สิทธิ์และผู้ให้สิทธิ์", "Roles, and who gave them"),
            "grants": grants,
            "heads": leading,
            "without": without_head(election, {grant.area for grant in leading}),
            "names": {person: contact.name for person, contact in told.items()},
            "areas": {code: area.name for code, area in election.areas.items()} if election else {},
            "following": grants[-1].id if len(grants) == AT_ONCE else 0,
        }
        return await self._desk.page(visit, "/roles", values, said)

    async def take(self, visit: Visit) -> Reply:
        """Take a role back."""
        number = (await visit.form()).number("grant", 0, 10**9)
        try:
            async with self._desk.connection() as connection:
                await self._desk.people.office.end(connection, granter(visit), number)
        except Problem as problem:
            return await self.roles(visit, Said(problem.detail, bad=True))
        return await self.roles(visit, Said(TAKEN))

    async def network(self, visit: Visit, said: Said | None = None) -> Reply:
        """Show what the network says of itself."""
        async with self._desk.connection() as connection:
            found = await terms(connection, visit.who.network)
        values = {"template": "network", "title": Text("หน้าตาและคำต้อนรับ", "Look and welcome"), "terms": found}
        return await self._desk.page(visit, "/network", values, said)

    async def save(self, visit: Visit) -> Reply:
        """Change what the network says of itself."""
        form = await visit.form()
        try:
            wanted = changed(form)
            if isinstance(wanted, Text):
                return await self.network(visit, Said(wanted, bad=True))
            async with self._desk.connection() as connection, connection.transaction():
                await terms(connection, visit.who.network, lock=True)
                await change(connection, visit.who.network, wanted, self._desk.people.clock.now())
        except Problem as problem:
            return await self.network(visit, Said(_explained(problem), bad=True))
        return await self.network(visit, Said(SAVED))


def without_head(election: Election | None, led: set[str | None]) -> int:
    """Count the constituencies of which nobody of the network is head."""
    areas = election.areas.values() if election else ()
    return sum(area.kind == "constituency" and area.code not in led for area in areas)


def changed(form: Form) -> TermsChange | Text:
    """Return the change that a form asks for, or what is wrong with it."""
    words = {name: form.text(name).replace("\r\n", "\n") for name in LONGEST}
    if any(len(words[name]) > most for name, most in LONGEST.items()):
        return TOO_LONG
    if not words["short_th"] or not words["short_en"]:
        return NOT_SHORT
    colour = form.text("colour").lower()
    well_formed = len(colour) == 7 and colour[0] == "#" and all(sign in "0123456789abcdef" for sign in colour[1:])
    shown = TermsChange(
        short=ShortName(words["short_th"], words["short_en"]),
        welcome=Welcome(words["welcome_th"], words["welcome_en"]),
        open=form.ticked("open"),
        approval=form.ticked("approval"),
        own_invites=form.number("own_invites", 0, 100),
    )
    return replace(shown, colour=colour) if well_formed else shown


def _explained(problem: Problem) -> Text:
    better = problem.extensions.get("suggestion")
    if better is None:
        return problem.detail
    return Text(f"{problem.detail.th} ลอง {better}", f"{problem.detail.en} Try {better}.")
