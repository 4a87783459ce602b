"""The roster: how people come to duties and leave them, one transaction each.

A crash before a commit leaves everything as it was, after it the duty, its step and the message about it are all there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sapparot.base.clock import Clock, stamp
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.announcements import store as messages
from sapparot.duty.announcements.facts import Told
from sapparot.duty.assignments import rules, store
from sapparot.duty.assignments.facts import Candidate, Duty, Job, Seat, Spare, Terms
from sapparot.duty.assignments.wording import ENDED, OFFERED, OFFICIAL, RELEASED, REPLACING
from sapparot.duty.problems import (
    DUTY_UNKNOWN,
    LEVEL_TOO_LOW,
    NOT_YET,
    NOT_YOUR_AREA,
    PERSON_UNAVAILABLE,
    PLACE_UNKNOWN,
)
from sapparot.duty.rolls import Rolls
from sapparot.duty.sheets.rules import narrowest, place_of
from sapparot.people.granting import heads_of
from sapparot.people.persons import Crew, Serving, serving_async, settle
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import refused
from sapparot.places import ancestors, distance_m, enclosing
from sapparot.verify import Interests

BEFORE, AFTER = timedelta(hours=24), timedelta(hours=6)
"""Around the opening and closing of stations: who drops out in between is replaced at once."""
SETTLED = timedelta(hours=1)
"""Who chose a place, and gives it back sooner, left it as it was."""
SPARES = 2000
"""People looked at for one replacement; those with the narrowest areas first."""
OFFICIAL_LEVEL = 2
READING_LEVEL = 3
"""What a statement of the kind needs by default (`data/policies/default.toml`)."""
NOT_ITS_HEAD = Text(
    "ตัวเลขทางการของเขตนี้ต้องมาจากหัวหน้าเขตนี้", "Official figures of this constituency come from its own head"
)
FROM_AFAR = Text("อ่านภาพจากทางไกลเป็นงานของศูนย์ปฏิบัติการ", "Reading photographs from afar is work of the war room")
REPORTING = frozenset({"progress", "final"})
"""Jobs whose people report a station's figures."""
HELD = frozenset({"offered", "accepted", "done"})
"""States in which a duty is a person's own: also one that was offered and, without a network, not yet accepted."""
Answer = Literal["accept", "decline", "done"]
_ANSWERS: dict[Answer, Literal["accepted", "declined", "done"]] = {
    "accept": "accepted", "decline": "declined", "done": "done",
}  # fmt: skip


class Roster:
    """Duties of the people of every network."""

    def __init__(self, rolls: Rolls, interests: Interests, clock: Clock, terms: Terms) -> None:
        self.rolls = rolls
        self.interests = interests
        self.clock = clock
        self.terms = terms

    async def mine(self, connection: AsyncConnection, who: Identity) -> list[Duty]:
        """Return every duty that a person has or had in the election."""
        return await self.of(connection, who.person)

    async def of(self, connection: AsyncConnection, person: UUID) -> list[Duty]:
        """The same of somebody whom the caller leads."""
        return await store.of_person(connection, person, (await self.rolls.election()).id)

    async def posts(self, connection: AsyncConnection, person: UUID) -> list[tuple[int, Duty]]:
        """Return the stations from which a person may report, each with the short number that is the person's name for it.

        Every station that the person ever had keeps its number, so that none comes to mean another one when a duty ends.
        """
        had = [
            duty
            for duty in await store.of_person(connection, person, (await self.rolls.election()).id)
            if duty.job in REPORTING
        ]
        numbers = {place: number for number, place in enumerate(dict.fromkeys(duty.place for duty in had), 1)}
        held = {duty.place: duty for duty in had if duty.state in HELD}
        return [(numbers[place], duty) for place, duty in held.items()]

    async def choose(self, connection: AsyncConnection, who: Identity, place: str, jobs: Sequence[Job]) -> list[Duty]:
        """Let a person guard a place that has room: whoever commits first has it. Who never said where it serves, serves there."""
        election = await self.rolls.election()
        self._check_place(election, place, jobs, who.level)
        if "official" in jobs and who.level == OFFICIAL_LEVEL and not who.heads(place):
            raise Problem(LEVEL_TOO_LOW, NOT_ITS_HEAD)
        began = store.Began(election.id, "accepted", "chosen", who.person, self.clock.now())
        async with connection.transaction():
            made = await self._seat(connection, began, (who.person, who.network, place), jobs)
            if REPORTING.intersection(jobs):
                await settle(connection, who.person, self.area_of(election, place))
        return made

    async def give(
        self, connection: AsyncConnection, who: Identity, person: UUID, place: str, jobs: Sequence[Job]
    ) -> list[Duty]:
        """Offer duties to a person of the caller's network: an organiser anywhere, a head in its own constituency."""
        election = await self.rolls.election()
        self.check_area(election, who, place)
        found = await serving_async(connection, Crew(network=who.network, ids=[person]))
        if not found:
            raise Problem(PERSON_UNAVAILABLE)
        self._check_place(election, place, jobs, found[0].level)
        if "official" in jobs and not await self._may_speak(connection, place, found):
            raise Problem(LEVEL_TOO_LOW, NOT_ITS_HEAD)
        began = store.Began(election.id, "offered", "given", who.person, self.clock.now())
        async with connection.transaction():
            made = await self._seat(connection, began, (person, who.network, place), jobs)
            await messages.tell(connection, [Told(person, self._about(OFFERED, election, place), made[0].id)], began.at)
        return made

    async def answer(self, connection: AsyncConnection, who: Identity, number: int, answer: Answer) -> Duty:
        """Accept or decline an offer, or say that a duty is done; who declines on the day is replaced at once."""
        return await self._leave_or_stay(connection, who, number, (_ANSWERS[answer], "answered"))

    async def drop(self, connection: AsyncConnection, who: Identity, number: int, reason: str) -> Duty:
        """Give an accepted duty back; on the day the nearest spare is asked at once."""
        return await self._leave_or_stay(connection, who, number, ("dropped", reason))

    async def replace(
        self,
        connection: AsyncConnection,
        who: Identity,
        number: int,
        reason: str,
        instead: UUID | Literal["spare", "nobody"] = "spare",
    ) -> Duty:
        """Take a duty from a person of the caller's own network (a head: in its own constituency).

        ``instead``: who of the own network is offered it, or that the nearest spare is asked, or nobody.
        """
        now = self.clock.now()
        async with connection.transaction():
            duty = await self._locked(connection, number, *([instead] if isinstance(instead, UUID) else []))
            election = await self.rolls.election(duty.election)
            if duty.network != who.network:
                raise Problem(DUTY_UNKNOWN)
            self.check_area(election, who, duty.place)
            rules.moved(duty, "replaced")
            await store.move(connection, [duty.id], "replaced", (who.person, reason), now)
            about = self._about(ENDED if instead == "nobody" else RELEASED, election, duty.place)
            await messages.tell(connection, [Told(duty.person, about, duty.id)], now)
            if instead == "spare":
                await self._ask_spare(connection, election, duty, now)
            elif instead != "nobody":
                await self.give(connection, who, instead, duty.place, [duty.job])
            return await self._again(connection, number)

    async def held(self, connection: AsyncConnection, people: Sequence[UUID]) -> dict[UUID, list[Duty]]:
        """Return the duties that some people hold, by person; who has none has an empty list."""
        found: dict[UUID, list[Duty]] = {person: [] for person in people}
        for duty in await store.of_people(connection, people, (await self.rolls.election()).id):
            found[duty.person].append(duty)
        return found

    async def one(self, connection: AsyncConnection, number: int) -> Duty | None:
        """Return a duty."""
        return await store.one(connection, number)

    async def free(self, connection: AsyncConnection, network: str, place: str, area: str) -> list[Candidate]:
        """Return people of a network who serve inside an area and have no duty yet, those nearest to a place first."""
        election = await self.rolls.election()
        inside = [code for code in election.areas if code == area or code.startswith(f"{area}-")]
        people = await serving_async(connection, Crew(network=network, areas=inside, limit=SPARES))
        busy = await store.busy(connection, election.id, [one.id for one in people])
        busy |= await store.refused(connection, election.id, place)
        free = [
            Candidate(one.id, one.area, one.trained, self._metres(election, one, place))
            for one in people
            if one.id not in busy
        ]
        return sorted(free, key=lambda one: (one.metres, not one.trained, one.id))

    def check_area(self, election: Election, who: Identity, place: str) -> None:
        """Raise :class:`Problem` unless the caller is an organiser, or head of the constituency where the place is."""
        area = self.area_of(election, place)
        if area is None:
            raise Problem(PLACE_UNKNOWN)
        around = {each.code for each in ancestors(election.areas, area)}
        if not who.has("organiser", "centre") and not any(who.heads(code) for code in around):
            raise refused(who, NOT_YOUR_AREA)

    def area_of(self, election: Election, place: str) -> str | None:
        """Give the smallest area around a station, or the area itself."""
        number = election.stations.index.get(place)
        return narrowest(election, number) if number is not None else place if place in election.areas else None

    def within(self, election: Election, place: str, area: str) -> bool:
        """Tell whether a place lies in an area, or is it."""
        home = self.area_of(election, place)
        return home is not None and any(each.code == area for each in ancestors(election.areas, home))

    def _check_place(self, election: Election, place: str, jobs: Iterable[Job], level: int) -> None:
        for job in jobs:
            if job == "official":
                area = election.areas.get(place)
                if area is None or area.kind != "constituency":
                    raise Problem(PLACE_UNKNOWN)
                if level < OFFICIAL_LEVEL:
                    raise Problem(LEVEL_TOO_LOW)
                continue
            if job == "reading" and level < READING_LEVEL:
                raise Problem(LEVEL_TOO_LOW, FROM_AFAR)
            if place not in election.stations.index:
                raise Problem(PLACE_UNKNOWN)

    async def _seat(
        self, connection: AsyncConnection, began: store.Began, whom: tuple[UUID, str, str], jobs: Iterable[Job]
    ) -> list[Duty]:
        person, network, place = whom
        await store.lock(connection, began.election, [person], place)
        standing = await store.taken(connection, began.election, person, place)
        seats = [(job, rules.seat(standing, Seat(person, place, job), self.terms)) for job in dict.fromkeys(jobs)]
        return await store.add(connection, began, [store.Place(person, network, place, job, *at) for job, at in seats])

    async def _leave_or_stay(
        self,
        connection: AsyncConnection,
        who: Identity,
        number: int,
        how: tuple[Literal["accepted", "declined", "done", "dropped"], str],
    ) -> Duty:
        state, reason = how
        now = self.clock.now()
        async with connection.transaction():
            duty = await self._locked(connection, number)
            if duty.person != who.person:
                raise Problem(DUTY_UNKNOWN)
            if duty.state == state:
                return duty  # the answer to the first time was lost on the way
            rules.moved(duty, state)
            election = await self.rolls.election(duty.election)
            if state == "done" and now < election.opens_at:
                raise Problem(NOT_YET, opens=stamp(election.opens_at))
            await store.move(connection, [duty.id], state, (who.person, reason), now)
            if state in ("declined", "dropped"):
                await self._ask_spare(connection, election, duty, now)
            return await self._again(connection, number)

    async def _locked(self, connection: AsyncConnection, number: int, *others: UUID) -> Duty:
        """Hold a duty's person and place, and other people who are to come there, to the end of the transaction."""
        duty = await store.one(connection, number)
        if duty is None:
            raise Problem(DUTY_UNKNOWN)
        await store.lock(connection, duty.election, [duty.person, *others], duty.place)
        return await self._again(connection, number)

    async def _again(self, connection: AsyncConnection, number: int) -> Duty:
        duty = await store.one(connection, number)
        assert duty is not None
        return duty

    async def _ask_spare(self, connection: AsyncConnection, election: Election, left: Duty, now: datetime) -> None:
        """On the day, offer what was left to the nearest person without a duty; before that, the next plan fills it."""
        if not election.opens_at - BEFORE <= now <= election.closes_at + AFTER:
            return
        if left.how == "chosen" and now - left.since < SETTLED:
            return  # nobody empties the spares by taking places and giving them back: the head sees the gap
        there = await store.at_places(connection, left.election, [left.place])
        present = {self.interests.group(duty.network) for duty in there if duty.job == left.job}
        # Who steps in for one job at a place is asked for the other one too.
        stepping_in = {duty.person for duty in there if duty.how == "replacement" and duty.job != left.job}
        spares = await self._spares(connection, election, left, stepping_in)
        for spare in sorted(rules.by_fitness(spares, present, left), key=lambda one: one.person not in stepping_in):
            if not await store.try_lock(connection, spare.person):
                continue
            standing = await store.taken(connection, left.election, spare.person, left.place)
            if spare.person not in stepping_in and any(one.person == spare.person for one in standing):
                continue
            if any((one.person, one.job) == (spare.person, left.job) for one in standing):
                continue
            at = rules.seat(standing, Seat(spare.person, left.place, left.job), self.terms)
            began = store.Began(left.election, "offered", "replacement", None, now)
            place = store.Place(spare.person, spare.network, left.place, left.job, *at)
            [offered] = await store.add(connection, began, [place])
            about = self._about(REPLACING, election, left.place)
            await messages.tell(connection, [Told(spare.person, about, offered.id)], now)
            return

    async def _spares(
        self, connection: AsyncConnection, election: Election, left: Duty, stepping_in: Collection[UUID]
    ) -> list[Spare]:
        home = self.area_of(election, left.place)
        around = [area.code for area in ancestors(election.areas, home)] if home else []
        people = await serving_async(connection, Crew(areas=around, limit=SPARES))
        busy = await store.busy(connection, left.election, [one.id for one in people])
        busy -= set(stepping_in)
        busy |= await store.refused(connection, left.election, left.place)
        if left.job == "official":
            people = await self._may_speak(connection, left.place, people)
        return [
            Spare(one.id, one.network, self.interests.group(one.network), self._metres(election, one, left.place))
            for one in people
            if one.id not in busy
        ]

    @staticmethod
    async def _may_speak(connection: AsyncConnection, area: str, people: Sequence[Serving]) -> list[Serving]:
        """Return those of ``people`` whose official figures of an area count: its heads, and the war room."""
        heads = await heads_of(connection, area)
        return [
            one for one in people if one.level > OFFICIAL_LEVEL or (one.level == OFFICIAL_LEVEL and one.id in heads)
        ]

    def _metres(self, election: Election, one: Serving, place: str) -> int:
        """Give the distance from the middle of a person's area to a place; far, when one of them is not known."""
        area = election.areas[one.area or ""]
        number = election.stations.index.get(place)
        there = place_of(election, number) if number is not None else None
        if there is None or area.lat is None or area.lon is None:
            return 10**9
        return distance_m((area.lat, area.lon), there)

    def _about(self, text: Text, election: Election, place: str) -> Text:
        if place in election.areas:
            named = election.areas[place].name
            return Text(OFFICIAL[text].th.format(place=named.th), OFFICIAL[text].en.format(place=named.en))
        area = self.area_of(election, place)
        nearby = election.areas[area].name if area else Text("", "")
        constituency = enclosing(election.areas, area, "constituency") if area else None
        around = constituency.name if constituency else Text("", "")
        return Text(
            text.th.format(place=f"{place} {nearby.th} {around.th}".strip()),
            text.en.format(place=f"{place} {nearby.en} {around.en}".strip()),
        )
