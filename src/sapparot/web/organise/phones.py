"""The phones of a network that no page of a person shows: those of invite codes, and of people whose data were erased.

A phone of a person is found here too, by the code under which the pages of stations name it, and leads to its person.
"""

from __future__ import annotations

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.census import LossReason, Records, phones
from sapparot.people.signin.coming import check_fresh
from sapparot.people.signin.problems import SIGN_IN_AGAIN
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk
from sapparot.web.organise.members import REVOKED, STOOD_NOT, TAKEN_BACK

PATH = "/organise/phones"
AT_ONCE = 50
TITLE = Text("เครื่องที่ไม่มีชื่อเจ้าของ", "Phones without a name")


class PhonePages:
    """The page of phones."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._records = Records(desk.people.persons, desk.people.farewell)

    def leaves(self) -> list[Leaf]:
        """Return the page and its form."""
        return [Leaf("GET", PATH, "organiser", self.listed), Leaf("POST", PATH, "organiser", self.revoke)]

    async def listed(self, visit: Visit) -> Reply:
        """Show phones in the order of their codes."""
        return await self._page(visit, visit.asked("q"))

    async def revoke(self, visit: Visit) -> Reply:
        """Revoke a phone that was lost, or one that reported what is not true, with all that it ever reported."""
        form = await visit.form()
        kid, misused = form.text("kid")[:64], form.text("reason") == "misused"
        try:
            said = Said(await self._revoke(visit, kid, "misused" if misused else "lost"))
        except Problem as problem:
            if problem.kind is SIGN_IN_AGAIN:
                raise
            said = Said(problem.detail, bad=True)
        return await self._page(visit, kid, said)

    async def _revoke(self, visit: Visit, kid: str, reason: LossReason) -> Text:
        async with self._desk.connection() as connection:
            if reason == "misused":
                await check_fresh(connection, visit.scope, self._desk.people.clock.now())
            stood = await self._records.end_nameless(connection, visit.who.network, kid, reason)
        return (TAKEN_BACK if reason == "misused" else REVOKED) if stood else STOOD_NOT

    async def _page(self, visit: Visit, named: str, said: Said | None = None) -> Reply:
        begins, after = written(named), written(visit.asked("after"))
        async with self._desk.connection() as connection:
            found = await phones(connection, visit.who.network, begins, after, AT_ONCE + 1)
        election = await self._desk.election()
        values = {
            "template": "phones",
            "title": TITLE,
            "phones": found[:AT_ONCE],
            "following": found[AT_ONCE - 1].kid if len(found) > AT_ONCE else "",
            "begins": begins,
            "areas": {code: area.name for code, area in election.areas.items()} if election else {},
        }
        return await self._desk.page(visit, "/people", values, said)


def written(text: str) -> str:
    """Return what of a text can stand in a thumbprint: pages cut them short with three dots."""
    return "".join(one for one in text[:64] if one.isascii() and (one.isalnum() or one in "-_"))[:43]
