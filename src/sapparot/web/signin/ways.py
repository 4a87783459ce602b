"""The page on which people look after their own ways to sign in: passkeys, linked accounts, and browsers that are signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.house import People
from sapparot.people.signin.api import end_session, sessions_of
from sapparot.people.signin.coming import is_fresh
from sapparot.people.signin.entrance import Entrance
from sapparot.people.signin.rules import check_whole
from sapparot.web.framing import Said, framed
from sapparot.web.guarded import WAYS, Leaf, Reply, Visit

DATABASE_SECONDS = 5.0
TITLE = Text("วิธีเข้าใช้ของฉัน", "My ways to sign in")
NAMELESS = Text("โปรดตั้งชื่อพาสคีย์", "Give the passkey a name")
DONE = {
    "added": Text("เพิ่มพาสคีย์แล้ว ครั้งหน้าเข้าใช้ได้โดยไม่ต้องรอรหัส", "The passkey is added; next time you need no code"),
    "renamed": Text("เปลี่ยนชื่อแล้ว", "The name is changed"),
    "removed": Text("ลบพาสคีย์แล้ว อย่าลืมลบในเครื่องด้วย", "The passkey is removed here; remove it on the device as well"),
    "linked": Text("เชื่อมบัญชีแล้ว ครั้งหน้าใช้บัญชีนี้เข้าได้เลย", "The account is linked; next time you can sign in with it"),
    "unlinked": Text("ยกเลิกการเชื่อมแล้ว", "The account is unlinked"),
    "ended": Text("ออกจากระบบในเบราว์เซอร์นั้นแล้ว", "That browser is signed out"),
}


Work = Callable[[AsyncConnection], Awaitable[None]]


class WaysPages:
    """One's own ways to sign in."""

    def __init__(self, database: AsyncPool, people: People, entrance: Entrance) -> None:
        self._database = database
        self._clock = people.clock
        self._entrance = entrance

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", WAYS, "applicant", self.show),
            Leaf("POST", f"{WAYS}/passkeys/{{passkey}}", "applicant", self.rename, 2_000, 60),
            Leaf("POST", f"{WAYS}/passkeys/{{passkey}}/remove", "applicant", self.remove, 2_000, 60),
            Leaf("POST", f"{WAYS}/accounts/{{account}}/remove", "applicant", self.unlink, 2_000, 60),
            Leaf("POST", f"{WAYS}/sessions/end", "applicant", self.end, 2_000, 60),
        ]

    async def show(self, visit: Visit) -> Reply:
        """Show the ways to sign in that one has, and how to add one."""
        done = DONE.get(visit.asked("done"))
        return await self._shown(visit, Said(done) if done else None)

    async def rename(self, visit: Visit) -> Reply:
        """Give a passkey another name."""
        name, passkey = (await visit.form()).text("name")[:60], UUID(visit.asked("passkey"))
        if not name:
            return await self._shown(visit, Said(NAMELESS, bad=True))
        passkeys = self._entrance.passkeys
        return await self._done(visit, "renamed", lambda it: passkeys.rename(it, visit.who.person, passkey, name))

    async def remove(self, visit: Visit) -> Reply:
        """Remove a passkey."""
        passkeys, passkey = self._entrance.passkeys, UUID(visit.asked("passkey"))

        async def work(connection: AsyncConnection) -> None:
            check_whole(visit.who)
            await passkeys.remove(connection, visit.who.person, passkey)

        return await self._done(visit, "removed", work)

    async def unlink(self, visit: Visit) -> Reply:
        """Unlink an account."""
        linking, account = self._entrance.linking, UUID(visit.asked("account"))
        return await self._done(visit, "unlinked", lambda it: linking.unlink(it, visit.who.person, account))

    async def end(self, visit: Visit) -> Reply:
        """Sign out in another browser."""
        session = (await visit.form()).text("session")
        return await self._done(visit, "ended", lambda it: end_session(it, visit.who.person, session))

    async def _done(self, visit: Visit, what: str, work: Work) -> Reply:
        try:
            async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
                await work(connection)
        except Problem as problem:
            return await self._shown(visit, Said(problem.detail, bad=True))
        return visit.to(WAYS, done=what)

    async def _shown(self, visit: Visit, said: Said | None) -> Reply:
        who, entrance = visit.who, self._entrance
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            linked = {one.provider: one for one in await entrance.linking.all(connection, who.person)}
            values: dict[str, Any] = {
                **await framed(connection, who, WAYS),
                "passkeys": await entrance.passkeys.all(connection, who.person),
                "sessions": await sessions_of(connection, visit.request, who.person),
                "fresh": await is_fresh(connection, visit.scope, self._clock.now()),
            }
        providers = [(one, linked.pop(one.id, None)) for one in entrance.linking.providers()]
        values |= {"title": TITLE, "said": said, "providers": providers, "others": list(linked.values())}
        values["at_home"] = visit.at(entrance.site.host)
        return visit.page("signin/ways.html", values, 400 if said and said.bad else 200)
