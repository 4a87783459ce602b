"""Announcements to a selection of the people of one network."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from msgspec import structs

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.announcements import store
from sapparot.duty.announcements.facts import Announcement, Chosen
from sapparot.duty.assignments import store as duties
from sapparot.duty.assignments.facts import Duty
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.problems import NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.people.persons import Crew, Serving, serving_async
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.problems import NOT_FOR_YOU
from sapparot.places import ancestors


class AnnouncementOffice:
    """What organisers tell their own people, and heads those of their constituency; who did not agree hears nothing."""

    def __init__(self, roster: Roster, clock: Clock) -> None:
        self._roster = roster
        self._clock = clock

    async def announce(self, connection: AsyncConnection, who: Identity, chosen: Chosen, text: Text) -> Announcement:
        """Tell everybody of the selection; announcement and messages commit together."""
        election = await self._roster.rolls.election()
        self._check(election, who, chosen)
        crew = Crew("announcements", who.network)
        async with connection.transaction():
            people = await serving_async(connection, crew)
            standing = await duties.of_election(connection, election.id, who.network)
            ids = self._selected(election, people, standing, chosen)
            draft = store.Draft(who.network, who.person, self._clock.now(), chosen, text)
            number = await store.announce(connection, draft, ids)
            return (await store.announcements(connection, who.network, number))[0]

    async def all(self, connection: AsyncConnection, who: Identity) -> list[Announcement]:
        """Return the announcements of the caller's network; a head sees its own."""
        if not who.has("organiser", "head"):
            raise Problem(NOT_FOR_YOU)
        found = await store.announcements(connection, who.network)
        return found if who.has("organiser") else [one for one in found if one.made_by == who.person]

    def _check(self, election: Election, who: Identity, chosen: Chosen) -> None:
        if chosen.area is not None and chosen.area not in election.areas:
            raise Problem(PLACE_UNKNOWN)
        if who.has("organiser"):
            return
        if not who.has("head"):
            raise Problem(NOT_FOR_YOU)
        around = ancestors(election.areas, chosen.area) if chosen.area else ()
        if not any(who.heads(each.code) for each in around):
            raise Problem(NOT_YOUR_AREA)

    def _selected(self, election: Election, people: list[Serving], standing: list[Duty], chosen: Chosen) -> list[UUID]:
        mine: dict[UUID, list[Duty]] = defaultdict(list)
        for duty in standing:
            mine[duty.person].append(duty)
        return [one.id for one in people if self._fits(election, one, mine[one.id], chosen)]

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
        return chosen.area is None or any(self._inside(election, place, chosen.area) for place in places)

    def _inside(self, election: Election, place: str, area: str) -> bool:
        home = self._roster.area_of(election, place)
        return home is not None and any(each.code == area for each in ancestors(election.areas, home))


def said(text: Text) -> Text:
    """Return a text in which a language that was left out has the words of the other."""
    return structs.replace(text, th=text.th.strip() or text.en.strip(), en=text.en.strip() or text.th.strip())
