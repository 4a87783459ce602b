"""Invite links of a network: made with a cap, shown once with a code to scan, cancelled alone or with everybody who came by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from uuid import UUID

import segno
from msgspec import Struct

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.joining import Branch, NewInvite, family, grown, links_of_network
from sapparot.people.joining.problems import LINK_UNKNOWN
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit, uuid_in
from sapparot.web.language import path_in
from sapparot.web.organise.desk import Desk, reader
from sapparot.web.organise.wards import names, wards

PATH = "/organise/invites"
TREE = "/organise/invites/tree"
AT_ONCE = 100
TITLE = Text("ลิงก์เชิญ", "Invite links")
TREE_TITLE = Text("ใครชวนใคร", "Who brought whom")
MOST = 2000
"""Links that are drawn at most."""
CANCELLED = Text("ยกเลิกลิงก์แล้ว", "The link is cancelled")
BRANCH_ENDED = Text(
    "ยกเลิกลิงก์แล้ว ถอนชื่อผู้ที่เข้ามาทางลิงก์นี้ {people:,} คน เพิกถอนเครื่อง {devices:,} เครื่อง",
    "The link is cancelled; {people:,} people who came by it are expelled, {devices:,} phones revoked",
)


class InvitePages:
    """The pages of invite links."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", PATH, "organiser", self.listed),
            Leaf("POST", PATH, "organiser", self.make, 0, 60),
            Leaf("GET", TREE, "organiser", self.tree),
            Leaf("POST", f"{PATH}/{{link}}", "organiser", self.cancel),
        ]

    async def listed(self, visit: Visit, said: Said | None = None) -> Reply:
        """Show the links of the network."""
        return await self._page(visit, said, None)

    async def make(self, visit: Visit) -> Reply:
        """Make a link and show it, once."""
        form = await visit.form()
        caps = form.number("uses", 1, 5000), form.number("days", 1, 180)
        area = await self._area(form.text("area"))
        wanted = NewInvite(*caps, form.ticked("vouched"), form.text("label")[:60], area)
        network = visit.who.network
        try:
            async with self._desk.connection() as connection:
                made = await self._desk.people.reception.invite(connection, (network, visit.who.person), wanted)
        except Problem as problem:
            return await self._page(visit, Said(problem.detail, bad=True), None)
        address = f"{visit.origin}{path_in(visit.place.lang, f'/join/{network}')}#invite={made.code}"
        address += f"&area={area}" if area else ""
        return await self._page(
            visit, None, {"made": made, "address": address, "qr": square(address), "label": wanted.label}
        )

    async def _area(self, code: str) -> str | None:
        """Return the area that a form names; None for none, and for one that the election does not have."""
        election = await self._desk.election()
        return code if election and code in election.areas else None

    async def cancel(self, visit: Visit) -> Reply:
        """Cancel a link; with its branch when that was ticked."""
        link = uuid_in(visit.asked("link"))
        branch = (await visit.form()).ticked("branch")
        try:
            if link is None:
                raise Problem(LINK_UNKNOWN)
            said = await self._cancel(visit, link, branch=branch)
        except Problem as problem:
            said = Said(problem.detail, bad=True)
        return await self._page(visit, said, None)

    async def tree(self, visit: Visit) -> Reply:
        """Show who brought whom: links, and below each those that its people made."""
        async with self._desk.connection() as connection:
            sprouts = await family(connection, visit.who.network, MOST + 1)
            lines = flat(grown(sprouts[:MOST]))[:MOST]
            makers = sorted({line.branch.link.made_by for line in lines if line.branch.link.made_by})
            told = await self._desk.people.persons.contact(connection, makers, reader(visit), "list")
        values = {
            "template": "tree",
            "title": TREE_TITLE,
            "lines": lines,
            "names": {person: contact.name for person, contact in told.items()},
            "now": self._desk.people.clock.now(),
            "further": len(sprouts) > MOST,
        }
        return await self._desk.page(visit, "/invites", values)

    async def _cancel(self, visit: Visit, link: UUID, *, branch: bool) -> Said:
        async with self._desk.connection() as connection:
            ended = await self._desk.people.bureau.end_link(connection, reader(visit), link, branch=branch)
        return Said(BRANCH_ENDED.fill(people=ended.persons, devices=ended.devices) if branch else CANCELLED)

    async def _page(self, visit: Visit, said: Said | None, fresh: dict[str, object] | None) -> Reply:
        now = self._desk.people.clock.now()
        before, election = _moment(visit.asked("before")), await self._desk.election()
        async with self._desk.connection() as connection:
            links = await links_of_network(connection, visit.who.network, before, AT_ONCE)
            makers = sorted({link.made_by for link in links if link.made_by})
            told = await self._desk.people.persons.contact(connection, makers, reader(visit), "list")
        values = {
            "template": "invites",
            "title": TITLE,
            "links": links,
            "wards": wards(election),
            "areas": names(election),
            "names": {person: contact.name for person, contact in told.items()},
            "now": now,
            "fresh": fresh,
            "following": links[-1].made_at.isoformat() if len(links) == AT_ONCE else "",
        }
        return await self._desk.page(visit, "/invites", values, said)


class Line(Struct, frozen=True):
    """A branch and how deep it lies."""

    depth: int
    branch: Branch


def flat(branches: Sequence[Branch]) -> list[Line]:
    """Return branches line by line, each before those that grew from it; a chain may be longer than a page can nest."""
    waiting = [Line(0, branch) for branch in reversed(branches)]
    lines = []
    while waiting:
        line = waiting.pop()
        lines.append(line)
        waiting += [Line(line.depth + 1, branch) for branch in reversed(line.branch.inside)]
    return lines


def square(text: str) -> str:
    """Return a QR code (ISO/IEC 18004) as SVG; black on nothing, so that its frame gives the white."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True, svgclass=None, lineclass=None
    )
    return drawn.getvalue().decode()


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
