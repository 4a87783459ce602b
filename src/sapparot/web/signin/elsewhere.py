"""The pages between us and a provider: leaving to it, coming back from it, to sign in or to link an account.

A browser leaves from a page of ours by a form and a page that says where it goes: a strict policy keeps forms themselves on this site.
"""

from __future__ import annotations

from typing import Any

from sapparot.base.database import AsyncPool
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.house import People
from sapparot.people.providers.facts import Errand, Return
from sapparot.people.providers.problems import ACCOUNT_UNKNOWN
from sapparot.people.providers.roundtrip import COOKIE
from sapparot.people.signin.api import welcome
from sapparot.people.signin.coming import check_fresh
from sapparot.people.signin.entrance import Entrance
from sapparot.people.signin.once import LASTS
from sapparot.people.signin.problems import NOT_YET_APPROVED, TOO_LATE
from sapparot.people.signin.rules import KEPT_HERE
from sapparot.people.terms import all_terms
from sapparot.web.guarded import SIGN_IN, WAYS, Leaf, Reply, Visit, next_in, onward
from sapparot.web.render import Place

DATABASE_SECONDS = 5.0
LEAVING = Text("ไปที่ {name}", "On to {name}")
UNLINKED = Text("บัญชีนี้ยังไม่ได้เชื่อม", "This account is not linked yet")


class ElsewherePages:
    """To providers and back."""

    def __init__(self, database: AsyncPool, people: People, entrance: Entrance) -> None:
        self._database = database
        self._clock = people.clock
        self._trip = entrance.providers
        self._linking = entrance.linking
        self._authority = entrance.authority

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("POST", f"{SIGN_IN}/with/{{provider}}", "anyone", self.leave, 2_000, 120),
            Leaf("GET", f"{SIGN_IN}/with/{{provider}}/back", "anyone", self.back, 0, 600),
            Leaf("POST", f"{WAYS}/with/{{provider}}", "applicant", self.link, 2_000, 30),
        ]

    async def leave(self, visit: Visit) -> Reply:
        """Lead somebody who wants to sign in to a provider."""
        form = await visit.form()
        network, there = form.text("network")[:64], next_in(form.text("next"))
        network = network if network.isprintable() else ""
        errand = Errand(visit.asked("provider"), visit.place.lang, network=network, there=there)
        return await self._led(visit, errand)

    async def link(self, visit: Visit) -> Reply:
        """Lead somebody who is signed in, just now, to a provider, to link an account there."""
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            await check_fresh(connection, visit.scope, self._clock.now())
        return await self._led(visit, Errand(visit.asked("provider"), visit.place.lang, person=visit.who.person))

    async def back(self, visit: Visit) -> Reply:
        """Take in again who comes back from a provider."""
        name, way = visit.asked("provider"), visit.request.cookies.get(self._cookie)
        if errand := self._trip.errand(name, way):
            visit.place = Place(errand.lang, visit.place.path)
        try:
            reply = await self._arrived(visit, name, way)
        except Problem as problem:
            reply = await self._unlinked(visit) if problem.kind is ACCOUNT_UNKNOWN else visit.told(problem)
        if "set-cookie" not in reply.headers:  # with a session the cookie of the way stays, and is spent
            reply.set_cookie(key=self._cookie, value="", max_age=0, **self._kept())
        return reply

    async def _arrived(self, visit: Visit, name: str, way: str | None) -> Reply:
        said = Return(**{each: visit.request.query_params.get(each, "") for each in Return.__struct_fields__})
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            came = await self._trip.take_back(connection, name, way, said.state)
        arrived = await self._trip.arrive(came, said)
        person = came.errand.person
        if person is not None and (await self._authority.identify(visit.scope, waiting=True)).person != person:
            raise Problem(TOO_LATE)
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            if person is not None:
                await self._linking.link(connection, arrived, person)
                return visit.to(WAYS, done="linked")
            come = await self._linking.person_of(connection, arrived)
            given = await welcome(connection, visit.request, come, "oidc", self._clock.now())
        on = visit.to(onward(arrived.errand.there))
        reply = visit.told(Problem(NOT_YET_APPROVED)) if come.state == "waiting" else on
        reply.headers["set-cookie"] = given.headers["set-cookie"]
        return reply

    async def _led(self, visit: Visit, errand: Errand) -> Reply:
        departure = await self._trip.leave(errand)
        name = self._trip.provider(errand.provider).name
        title = Text(LEAVING.th.format(name=name.th), LEAVING.en.format(name=name.en))
        values = {"title": title, "provider": name, "address": departure.address, "again": f"0;url={departure.address}"}
        reply = visit.page("signin/leave.html", values)
        reply.set_cookie(key=self._cookie, value=departure.way, max_age=int(LASTS.total_seconds()), **self._kept())
        return reply

    async def _unlinked(self, visit: Visit) -> Reply:
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            networks = [network for network in await all_terms(connection) if network.open]
        values = {"title": UNLINKED, "text": ACCOUNT_UNKNOWN.title, "code": ACCOUNT_UNKNOWN.code, "networks": networks}
        return visit.page("signin/unlinked.html", values, ACCOUNT_UNKNOWN.status)

    def _kept(self) -> dict[str, Any]:
        secure = self._trip.site.secure
        return {"path": "/" if secure else SIGN_IN, "httponly": True, "samesite": "lax", "secure": secure}

    @property
    def _cookie(self) -> str:
        return KEPT_HERE + COOKIE if self._trip.site.secure else COOKIE
