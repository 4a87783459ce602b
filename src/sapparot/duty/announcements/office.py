"""Announcements to a selection of the people of one network."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.announcements import store
from sapparot.duty.announcements.facts import Announcement, Chosen, Preview, Reached
from sapparot.duty.assignments import store as duties
from sapparot.duty.assignments.facts import Duty
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.problems import ANNOUNCEMENT_UNKNOWN, NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.people.messages import LASTS, Asker, Mailing, Mailings, Sendings, said
from sapparot.people.persons import Crew, Purpose, Serving, serving_async
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import refused
from sapparot.places import ancestors

MOST = 2**63
"""Numbers that PostgreSQL gives are smaller."""


class Draft(NamedTuple):
    """What somebody wants to announce: under an id, so that it is announced once; ``mailed``: to telephones as well, for ``most`` parts."""

    id: UUID
    chosen: Chosen
    text: Text
    mailed: bool = False
    most: int | None = None


class AnnouncementOffice:
    """What organisers tell their own people, and heads those of their constituency; who did not agree hears nothing."""

    def __init__(self, roster: Roster, clock: Clock, mailings: Mailings) -> None:
        self._roster = roster
        self._clock = clock
        self.mailings = mailings

    async def preview(self, connection: AsyncConnection, who: Identity, chosen: Chosen, text: Text) -> Preview:
        """Say what an announcement would do, and change nothing."""
        people = await self._people(connection, who, chosen, "announcements")
        fitting = await self._people(connection, who, chosen, "duty")
        worded = await self.mailings.wording(connection, who.network, text)
        asker = Asker(who.person, who.network, not who.has("organiser"))
        cost = await self.mailings.postage(connection, asker, worded, people)
        agreed = {one.id for one in people}
        silent = sum(one.id not in agreed for one in fitting)
        return Preview(len(people), silent, worded, cost.each, cost.parts, cost.left, self.mailings.ready)

    async def announce(self, connection: AsyncConnection, who: Identity, draft: Draft) -> Announcement:
        """Tell everybody of the selection; announcement, messages and what goes to telephones commit together, once for each draft."""
        async with connection.transaction():
            people = await self._people(connection, who, draft.chosen, "announcements")
            now = self._clock.now()
            row = store.Draft(draft.id, who.network, who.person, now, draft.chosen, draft.text, draft.mailed)
            number = await store.announce(connection, row, [one.id for one in people])
            if number is not None and draft.mailed:
                worded = await self.mailings.wording(connection, who.network, draft.text)
                mailing = Mailing(draft.id, who.network, who.person, now, now + LASTS, worded)
                head = not who.has("organiser")
                await self.mailings.send(connection, mailing, people, draft.most, head=head)
        return await self.by_draft(connection, who, draft.id)

    async def by_draft(self, connection: AsyncConnection, who: Identity, draft: UUID) -> Announcement:
        """Return the announcement that was made of a draft."""
        number = await store.number_of(connection, who.network, draft)
        if number is None:
            raise Problem(ANNOUNCEMENT_UNKNOWN)
        return await self.one(connection, who, number)

    async def all(self, connection: AsyncConnection, who: Identity) -> list[Announcement]:
        """Return the announcements of the caller's network; a head sees its own."""
        return await self._sent(connection, await self._own(connection, who, None))

    async def one(self, connection: AsyncConnection, who: Identity, number: int) -> Announcement:
        """Return an announcement that the caller may see; raises :class:`Problem` for any other."""
        found = await self._own(connection, who, number) if 0 < number < MOST else []
        if not found:
            raise Problem(ANNOUNCEMENT_UNKNOWN)
        return (await self._sent(connection, found))[0]

    async def reached(
        self, connection: AsyncConnection, one: Announcement, after: UUID | None, limit: int
    ) -> list[Reached]:
        """Return how an announcement reached each person, in the order of their ids."""
        rows = await store.deliveries(connection, one.id, after, limit)
        if not one.mailed or one.draft is None:
            return [Reached(row.person, "in_app", None, row.seen_at) for row in rows]
        fates = await self.mailings.fates(connection, one.draft, [row.person for row in rows])
        found = []
        for row in rows:
            fate = fates.get(row.person)
            why = said(fate.reason) if fate and fate.reason else None
            state, at, by = (fate.state, fate.at, fate.sender) if fate else ("in_app", None, None)
            found.append(Reached(row.person, state, at, row.seen_at, by, why))
        return found

    async def stop(self, connection: AsyncConnection, who: Identity, number: int) -> Announcement:
        """Stop what has not gone to telephones yet; in the app it stays."""
        one = await self.one(connection, who, number)
        if one.mailed and one.draft is not None:
            await self.mailings.stop(connection, one.draft, who.person)
        return await self.one(connection, who, number)

    async def _own(self, connection: AsyncConnection, who: Identity, number: int | None) -> list[Announcement]:
        if not who.has("organiser", "head"):
            raise refused(who)
        found = await store.announcements(connection, who.network, number)
        return found if who.has("organiser") else [one for one in found if one.made_by == who.person]

    async def _sent(self, connection: AsyncConnection, made: list[Announcement]) -> list[Announcement]:
        mailed = [one.draft for one in made if one.mailed and one.draft]
        sendings = await self.mailings.sendings(connection, mailed)
        return [_with(one, sendings.get(one.draft) if one.draft else None) for one in made]

    async def _people(
        self, connection: AsyncConnection, who: Identity, chosen: Chosen, purpose: Purpose
    ) -> list[Serving]:
        election = await self._roster.rolls.election()
        self._check(election, who, chosen)
        people = await serving_async(connection, Crew(purpose, who.network))
        standing = await duties.of_election(connection, election.id, who.network)
        return self._selected(election, people, standing, chosen)

    def _check(self, election: Election, who: Identity, chosen: Chosen) -> None:
        if chosen.area is not None and chosen.area not in election.areas:
            raise Problem(PLACE_UNKNOWN)
        if who.has("organiser"):
            return
        if not who.has("head"):
            raise refused(who)
        around = ancestors(election.areas, chosen.area) if chosen.area else ()
        if not any(who.heads(each.code) for each in around):
            raise Problem(NOT_YOUR_AREA)

    def _selected(
        self, election: Election, people: list[Serving], standing: list[Duty], chosen: Chosen
    ) -> list[Serving]:
        mine: dict[UUID, list[Duty]] = defaultdict(list)
        for duty in standing:
            mine[duty.person].append(duty)
        asked = [one for one in people if chosen.trained in (None, one.trained)]
        return [one for one in asked if self._fits(election, one, mine[one.id], chosen)]

    def _fits(self, election: Election, one: Serving, held: list[Duty], chosen: Chosen) -> bool:
        if chosen.job is not None:
            held = [duty for duty in held if duty.job == chosen.job]
        if chosen.state == "missed":
            held = [duty for duty in held if duty.missed_at is not None]
        elif chosen.state not in (None, "none"):
            held = [duty for duty in held if duty.state == chosen.state]
        if chosen.state == "none" and held:
            return False
        if not held and (chosen.state not in (None, "none") or chosen.job is not None):
            return False
        places = [duty.place for duty in held] or [one.area or ""]
        return chosen.area is None or any(self._roster.within(election, place, chosen.area) for place in places)


def _with(one: Announcement, sendings: Sendings | None) -> Announcement:
    """Return an announcement with how far it has come to telephones."""
    if sendings is None:
        return structs.replace(one, sent={"in_app": one.people} if one.people else {})
    alone = one.people - sum(sendings.states.values())
    sent: dict[str, int] = {state: count for state, count in (("in_app", alone), *sendings.states.items()) if count > 0}
    stopped, reasons = sendings.stopped_at, sendings.reasons
    return structs.replace(one, sent=sent, stopped_at=stopped, reasons=reasons, parts=sendings.parts)


def spoken(text: Text) -> Text:
    """Return a text in which a language that was left out has the words of the other."""
    return structs.replace(text, th=text.th.strip() or text.en.strip(), en=text.en.strip() or text.th.strip())
