"""The pages of signing in: choose the network, give the telephone number, type the code that comes. They need no script.

Telephone, handle and code travel in the bodies of forms alone. The answer is the same whether a telephone is known or not.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from sapparot.base.database import AsyncPool
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.house import People
from sapparot.people.signin.api import asker_of, end_here, welcome
from sapparot.people.signin.entrance import Entrance
from sapparot.people.signin.problems import NOT_YET_APPROVED
from sapparot.people.terms import Terms, all_terms
from sapparot.web.framing import Said, coloured
from sapparot.web.guarded import SIGN_IN, Form, Leaf, Reply, Visit, next_in, onward
from sapparot.web.language import path_in

DATABASE_SECONDS = 5.0
TITLE = Text("เข้าสู่ระบบ", "Sign in")
CODE_TITLE = Text("ใส่รหัสที่ได้รับ", "Type the code")
CHOOSE = Text("โปรดเลือกเครือข่ายของคุณ", "Choose your network")
WHOLE = Text("โปรดใส่เบอร์โทรศัพท์", "Give your telephone number")


class SignInPages:
    """The pages of signing in and out."""

    def __init__(self, database: AsyncPool, people: People, entrance: Entrance) -> None:
        self._database = database
        self._people = people
        self._codes = entrance.codes
        self._site, self._linking = entrance.site, entrance.linking

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", SIGN_IN, "anyone", self.choose, 0, 600),
            Leaf("POST", SIGN_IN, "anyone", self.begin, 2_000, 120),
            Leaf("POST", f"{SIGN_IN}/code", "anyone", self.prove, 2_000, 600),
            Leaf("GET", f"{SIGN_IN}/on", "person", self.on),
            Leaf("POST", f"{SIGN_IN}/out", "person", self.out),
        ]

    async def choose(self, visit: Visit) -> Reply:
        """Ask for network and telephone."""
        return await self._choose(visit, visit.asked("network"), next_in(visit.asked("next")))

    async def begin(self, visit: Visit) -> Reply:
        """Send a code, and ask for it."""
        form = await visit.form()
        network, phone, there = form.text("network")[:64], form.text("phone")[:40], next_in(form.text("next"))
        if not network or not phone:
            return await self._choose(visit, network, there, Said(WHOLE if network else CHOOSE, bad=True), phone)
        try:
            async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
                handle = await self._codes.begin(connection, network, phone, asker_of(visit.request))
        except Problem as problem:
            return await self._choose(visit, network, there, Said(problem.detail, bad=True), phone)
        return await self._ask(visit, {"network_id": network, "handle": handle, "phone": phone, "next": there})

    async def prove(self, visit: Visit) -> Reply:
        """Sign in with the code."""
        form = await visit.form()
        there = next_in(form.text("next"))
        try:
            async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
                person = await self._codes.check(connection, form.text("handle")[:64], _digits(form))
                given = await welcome(connection, visit.request, person, "code", self._people.clock.now())
        except Problem as problem:
            known = {"network_id": form.text("network")[:64], "handle": form.text("handle")[:64]}
            known |= {"phone": form.text("phone")[:40], "next": there}
            return await self._ask(visit, known, Said(problem.detail, bad=True))
        reply = visit.told(Problem(NOT_YET_APPROVED)) if person.state == "waiting" else visit.to(onward(there))
        reply.headers["set-cookie"] = given.headers["set-cookie"]
        return reply

    async def on(self, visit: Visit) -> Reply:
        """Lead somebody who is signed in to where its work is."""
        roles = {role for role, _ in (*visit.who.roles, *visit.who.held_back)}
        return visit.to("/organise" if "organiser" in roles else "/head" if "head" in roles else onward("/app"))

    async def out(self, visit: Visit) -> Reply:
        """Sign out."""
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            cookie = await end_here(connection, visit.request)
        reply = visit.to(SIGN_IN)
        reply.headers["set-cookie"] = cookie
        return reply

    async def _networks(self) -> list[Terms]:
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            return await all_terms(connection)

    async def _choose(self, visit: Visit, network: str, there: str, said: Said | None = None, phone: str = "") -> Reply:
        networks = await self._networks()
        chosen = networks[0].id if len(networks) == 1 else network
        values: dict[str, Any] = {
            "title": TITLE,
            "networks": networks,
            "chosen": chosen,
            "next": there,
            "said": said,
            "phone": phone,
            "passkeys": visit.at(self._site.host),
            "onward": path_in(visit.place.lang, onward(there)),
            "providers": self._linking.providers() if visit.at(self._site.host) else [],
            "palette": "".join(f".net{place}{{--c:{one.colour}}}" for place, one in enumerate(networks)),
        }
        return visit.page("signin/choose.html", values, 400 if said else 200)

    async def _ask(self, visit: Visit, known: dict[str, Any], said: Said | None = None) -> Reply:
        network = next((one for one in await self._networks() if one.id == known["network_id"]), None)
        values = {"title": CODE_TITLE, "said": said, "network": network, "palette": coloured(network), **known}
        return visit.page("signin/code.html", values, 400 if said else 200)


def _digits(form: Form) -> str:
    """Return a code as people type it: with spaces, or in Thai digits."""
    return "".join(str(unicodedata.digit(sign)) for sign in form.text("code")[:24] if sign.isdigit())
