"""The bureau of a network's organisers. Each name that they see is written into its person's access log; searching alone is not seeing."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from sapparot.base.database import AsyncConnection
from sapparot.base.jws import THUMBPRINT
from sapparot.base.problems import Problem
from sapparot.people.importing.rules import covered
from sapparot.people.joining import store as joining
from sapparot.people.joining.problems import LINK_UNKNOWN
from sapparot.people.organising import store
from sapparot.people.organising.facts import Member, Members, Wanted
from sapparot.people.organising.problems import ABOVE_YOU
from sapparot.people.parting import Ended, Farewell
from sapparot.people.parting import store as parting
from sapparot.people.persons import Contact, Persons, Reader, Why
from sapparot.people.persons.phones import national
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.terms import store as terms

_BEFORE, _BEHIND = b'{"name":"', b'","phone":"'
EXPORT_STEP = 500
MOST = 200
HEADINGS = ("name", "phone", "state", "level", "area", "joined", "trained")


class Bureau:
    """What organisers do about the people of their network; that the caller is one has been checked."""

    def __init__(self, persons: Persons, farewell: Farewell) -> None:
        self._persons = persons
        self._farewell = farewell

    async def people(self, connection: AsyncConnection, reader: Reader, wanted: Wanted) -> Members:
        """Return a page of the reader's own network."""
        network = reader.network or ""
        found, following = await self._find(connection, network, replace(wanted, limit=max(1, min(wanted.limit, MOST))))
        shown = await self._shown(connection, found, reader, "search" if wanted.q else "list")
        return Members(shown, following, await store.counts(connection, network))

    async def waiting(self, connection: AsyncConnection, reader: Reader, area: str, after: UUID | None) -> Members:
        """Return people of the reader's own network who wait in the area that the reader is head of."""
        query = store.Query(reader.network or "", "waiting", area, None, after, MOST)
        found = await store.page(connection, query)
        shown = await self._shown(connection, found, reader, "approval")
        return Members(shown, found[-1].person.id if len(found) == MOST else None, {})

    async def behind(self, connection: AsyncConnection, reader: Reader, kid: str) -> Contact:
        """Return who reports with a device; raises :class:`Problem` for whom the reader may not know, as for a device that is none."""
        person = await store.holder(connection, kid) if THUMBPRINT.fullmatch(kid) else None
        told = await self._persons.contact(connection, [person], reader, "duty") if person else {}
        if not person or person not in told:
            raise Problem(PERSON_UNKNOWN)
        return told[person]

    async def waiting_count(self, connection: AsyncConnection, network: str, area: str) -> int:
        """Count the people of a network who wait in an area; that the caller leads there has been checked."""
        return await store.waiting(connection, network, area)

    async def export(
        self, connection: AsyncConnection, reader: Reader, after: UUID | None = None
    ) -> tuple[bytes, UUID | None]:
        """Return some hundred people of the reader's own network as CSV, and after whom to go on; headings come first, None is the end."""
        query = store.Query(reader.network or "", after=after, limit=EXPORT_STEP)
        found = await store.page(connection, query)
        lines = [_cells(member) for member in await self._shown(connection, found, reader, "export")]
        return _csv(lines if after else [HEADINGS, *lines], mark=after is None), found[-1].person.id if found else None

    async def end(self, connection: AsyncConnection, reader: Reader, person: UUID, how: tuple[str, bool]) -> Ended:
        """End a person of the reader's network, with its whole branch if wanted; ``how`` is (state, branch)."""
        network, now = reader.network or "", self._persons.clock.now()
        if not await store.own(connection, network, person):
            raise Problem(PERSON_UNKNOWN)
        ids = [person]
        if how[1]:
            links = [link.id for link in await joining.links_of_person(connection, person)]
            ids += await joining.branch(connection, network, links)
        if person in await parting.guarded(connection, [person]) or person == reader.person:
            raise Problem(ABOVE_YOU)
        kept = await parting.guarded(connection, ids) | {reader.person}
        state: Literal["left", "expelled"] = "expelled" if how[0] == "expelled" else "left"
        return await self._farewell.end(connection, [one for one in ids if one not in kept], state, reader.person, now)

    async def end_link(self, connection: AsyncConnection, reader: Reader, link: UUID, *, branch: bool) -> Ended:
        """Cancel an invite link of the reader's network; with ``branch`` everybody who came by it is expelled, and whom they brought."""
        found = await joining.link_by_id(connection, link)
        if found is None or found.network != reader.network:
            raise Problem(LINK_UNKNOWN)
        now = self._persons.clock.now()
        await joining.end_link(connection, link, now)
        if not branch:
            return Ended(0, 0)
        ids = await joining.branch(connection, found.network, [link])
        kept = await parting.guarded(connection, ids) | {reader.person}
        return await self._farewell.end(
            connection, [one for one in ids if one not in kept], "expelled", reader.person, now
        )

    async def end_network(self, connection: AsyncConnection, network: str, *, expelled: bool) -> Ended:
        """End a network; raises :class:`Problem` for one that there is not."""
        if await terms.terms(connection, network) is None:
            raise Problem(NETWORK_UNKNOWN)
        state: Literal["left", "expelled"] = "expelled" if expelled else "left"
        return await self._farewell.end_network(connection, network, state, self._persons.clock.now())

    async def _find(
        self, connection: AsyncConnection, network: str, wanted: Wanted
    ) -> tuple[list[store.Found], UUID | None]:
        needle = unicodedata.normalize("NFC", " ".join(wanted.q.split())).casefold()
        digits = re.sub(r"[\s().-]", "", needle)
        query = store.Query(network, wanted.state, wanted.area, None, wanted.after, wanted.limit, wanted.outside)
        if digits.removeprefix("+").isdecimal() and len(digits) > 7:
            index = self._persons.vault.find(self._persons.phone(digits))
            return await store.page(connection, query._replace(phone=index)), None
        if not needle:
            found = await store.page(connection, query)
            return found, found[-1].person.id if len(found) == wanted.limit else None
        return await self._named(connection, query, needle)

    async def _named(
        self, connection: AsyncConnection, query: store.Query, needle: str
    ) -> tuple[list[store.Found], UUID | None]:
        rows = await store.veiled(connection, query)
        ids = await asyncio.to_thread(self._matching, rows, needle)
        found = await store.named(connection, ids, query.limit)
        return found, found[-1].person.id if len(ids) > len(found) else None

    def _matching(self, rows: Sequence[store.Veiled], needle: str) -> list[UUID]:
        """Return whose name holds the needle, in small letters; only where the letters have two sizes are names made small.

        The name stands first in what is sealed, and no name holds the quote that ends it.
        """
        plain_needle, sized = msgspec.json.encode(needle)[1:-1], needle.upper() != needle
        found = []
        for row, plain in zip(rows, self._persons.vault.open_all(rows), strict=True):
            name = plain[len(_BEFORE) : plain.find(_BEHIND)]
            if sized:
                name = name.decode().casefold().encode()
            if plain_needle in name:
                found.append(UUID(bytes=row.id))
        return found

    async def _shown(
        self, connection: AsyncConnection, found: Sequence[store.Found], reader: Reader, why: Why
    ) -> list[Member]:
        told = await self._persons.contact(connection, [row.person.id for row in found], reader, why)
        members = []
        for row in found:
            one, who = row.person, told.get(row.person.id)
            phone = national(who.phone, self._persons.region) if who else None
            times = (one.joined_at, one.proven_at, one.trained_at)
            open_ = (one.state, one.level, one.area)
            members.append(Member(one.id, who.name if who else None, phone, *open_, *times, row.link, row.brought_by))
        return members


def _cells(member: Member) -> tuple[str, ...]:
    trained = member.trained_at.date().isoformat() if member.trained_at else ""
    joined = member.joined_at.date().isoformat()
    cells = (member.name or "", member.phone or "", member.state, str(member.level), member.area or "", joined, trained)
    return tuple(covered(cell) for cell in cells)


def _csv(rows: Sequence[Sequence[str]], *, mark: bool = False) -> bytes:
    """With the mark that tells spreadsheets that the letters are UTF-8."""
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    return ("\ufeff" * mark + written.getvalue()).encode()
