"""Makes a plan that was asked for, and offers what it found.

The roster is read, the plan made without any lock, and then offered under the election's lock: what became full or busy meanwhile is left
out, so a plan never takes anything away from somebody who chose for itself. Plan, offers, messages and outcome commit together; a
crash before that leaves the plan waiting, and the worker makes it again, the same one, from its seed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from sapparot.base.database import Connection
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.announcements import store as messages
from sapparot.duty.announcements.facts import Told
from sapparot.duty.assignments import rules, store
from sapparot.duty.assignments.facts import (
    ON_SITE,
    Duty,
    Outcome,
    Plan,
    Planned,
    Run,
    Seat,
    Standing,
    Terms,
    Volunteer,
)
from sapparot.duty.assignments.planning import plan
from sapparot.duty.assignments.terrain import terrain
from sapparot.duty.assignments.wording import OFFERED
from sapparot.duty.runs.store import ended, withdraw
from sapparot.people.persons import Crew, Serving, serving
from sapparot.verify import Interests


class Planner:
    """Makes plans of one election at a time."""

    def __init__(self, interests: Interests, terms: Terms) -> None:
        self._interests = interests
        self._terms = terms

    def make(self, connection: Connection, election: Election, run: Run, now: datetime) -> Outcome:
        """Make a plan and offer its duties; the caller commits what is offered."""
        places = self._places(election, run)
        duties = [duty for duty in store.of_election_now(connection, election.id) if not _given_up(duty, run, places)]
        people = [one for one in serving(connection, Crew(network=run.network)) if one.trained or not run.wish.trained]
        connection.commit()  # a national plan takes longer than a transaction may stand idle
        found = self._plan(election, people, duties, (run, places))
        outcome = self._outcome(election, found, (len(people), len(places)), _held(duties, run, places))
        if run.wish.look:
            ended(connection, run, "done", outcome, now)
            return outcome
        store.lock_election(connection, election.id)
        if run.wish.renew:
            withdraw(connection, run, sorted(places), now)
        networks = {one.id: one.network for one in people}
        offered = self._offer(connection, (election, run, now), found.planned, networks)
        outcome = replace(outcome, placed=offered)
        ended(connection, run, "done", outcome, now)
        return outcome

    def _outcome(self, election: Election, found: Plan, sizes: tuple[int, int], before: int) -> Outcome:
        roll = election.stations
        where = Counter(int(roll.province[roll.index[one.station]]) for one in found.planned)
        provinces = {roll.area_codes["province"][at]: count for at, count in where.items() if at >= 0}
        people, places = sizes
        reached = (found.covered, found.independent, found.metres)
        return Outcome(
            people, len(found.planned), places, *reached, before=before, provinces=dict(sorted(provinces.items()))
        )

    def _places(self, election: Election, run: Run) -> set[str]:
        laid = terrain(election)
        start, end = laid.ranges.get(run.wish.area, (0, 0)) if run.wish.area else (0, len(laid))
        return {election.stations.codes[number] for number in laid.order[start:end].tolist()}

    def _plan(
        self, election: Election, people: Sequence[Serving], duties: Sequence[Duty], wanted: tuple[Run, set[str]]
    ) -> Plan:
        run, places = wanted
        held: dict[str, dict[UUID, str]] = defaultdict(dict)
        at: dict[UUID, set[str]] = defaultdict(set)
        for duty in duties:
            if duty.job in ON_SITE:
                if duty.job in run.wish.jobs:
                    held[duty.place][duty.person] = self._interests.group(duty.network)
                if duty.state in rules.OPEN:
                    at[duty.person].add(duty.place)
        closed = {code: ["outside"] * self._terms.capacity for code in election.stations.codes if code not in places}
        groups = {code: list(each.values()) for code, each in held.items() if code in places}
        volunteers = [
            Volunteer(one.id, self._interests.group(one.network), one.area, left)
            for one in people
            if one.area and (left := self._terms.places - len(at[one.id])) > 0
        ]
        found = plan(election, volunteers, closed | groups, replace(self._terms, seed=run.wish.seed))
        # Stations outside of the wish were closed by people that do not exist: they count as nobody.
        return replace(found, covered=found.covered - len(closed))

    def _offer(
        self,
        connection: Connection,
        about: tuple[Election, Run, datetime],
        planned: Sequence[Planned],
        networks: Mapping[UUID, str],
    ) -> int:
        election, run, now = about
        standing = _Books(store.standing_now(connection, election.id))
        seats: list[store.Place] = []
        for one in planned:
            for job in run.wish.jobs:
                wanted = Seat(one.person, one.station, job)
                try:
                    at = rules.seat(standing.about(wanted), wanted, self._terms)
                except Problem:
                    continue  # this job is held here already; the other one may be open
                seats.append(store.Place(one.person, networks[one.person], one.station, job, *at))
                standing.add(Standing(one.station, job, at[0], one.person, at[1], "offered"))
        made = store.add_now(connection, store.Began(election.id, "offered", "planned", None, now, run.id), seats)
        first = {(duty.person, duty.place): duty for duty in reversed(made)}
        told = [Told(person, OFFERED.fill(place=place), duty.id) for (person, place), duty in sorted(first.items())]
        messages.tell_now(connection, told, now)
        return len(first)


def _held(duties: Sequence[Duty], run: Run, places: set[str]) -> int:
    """Count the stations of a wish at which somebody has one of its jobs, or an offer of one."""
    return len({duty.place for duty in duties if duty.job in run.wish.jobs and duty.place in places})


def _given_up(duty: Duty, run: Run, places: set[str]) -> bool:
    """Whether a plan that renews takes this duty back."""
    mine = run.network in (None, duty.network)
    return run.wish.renew and mine and duty.place in places and (duty.state, duty.how) == ("offered", "planned")


class _Books:
    """What is held, by place and by person."""

    def __init__(self, standing: Sequence[Standing]) -> None:
        self._places: dict[str, list[Standing]] = defaultdict(list)
        self._people: dict[UUID, list[Standing]] = defaultdict(list)
        for one in standing:
            self.add(one)

    def add(self, one: Standing) -> None:
        self._places[one.place].append(one)
        self._people[one.person].append(one)

    def about(self, seat: Seat) -> list[Standing]:
        elsewhere = [one for one in self._people[seat.person] if one.place != seat.place]
        return self._places[seat.place] + elsewhere
