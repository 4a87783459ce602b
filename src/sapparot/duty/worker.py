"""The worker of duties: makes the plans that were asked for, notices who should have checked in and has not, tells the log of duties.

It follows no entries: its work stands in its own tables, and each piece commits by itself. A crash leaves a plan waiting and nobody noted;
the next worker does the same piece again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from sapparot.base.clock import Clock, monotonic
from sapparot.base.database import Connection
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.announcements import store as messages
from sapparot.duty.announcements.facts import Told
from sapparot.duty.assignments.facts import Outcome, Terms
from sapparot.duty.assignments.wording import MISSED
from sapparot.duty.checkins import store as checkins
from sapparot.duty.disclosure.discloser import Discloser
from sapparot.duty.rolls import Rolls
from sapparot.duty.runs import store as runs
from sapparot.duty.runs.planner import Planner
from sapparot.verify import Interests

log = structlog.get_logger()
LOOK_SECONDS = 5.0
"""How often the worker looks whether somebody is missing, and whose duties changed."""
EXPECTED = timedelta(minutes=30)
"""How long before the station closes a person should be there."""


class DutyWorker:
    """The :class:`sapparot.base.follow.Follower` of duties."""

    name = "duty"

    def __init__(self, rolls: Rolls, interests: Interests, clock: Clock, terms: Terms) -> None:
        self._rolls = rolls
        self._planner = Planner(interests, terms)
        self._clock = clock
        self._discloser = Discloser()
        self._looked_at = float("-inf")

    def start(self, connection: Connection) -> None:
        """Nothing is kept in memory but elections, which are read when they are needed."""

    def step(self, connection: Connection) -> int:
        """Make the plan that waits longest; now and then look who is missing, and what the log is to be told."""
        done = self._plan(connection)
        if monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = monotonic()
            done += self._look(connection)
        return done

    def _plan(self, connection: Connection) -> int:
        run = runs.waiting(connection)
        if run is None:
            return 0
        now = self._clock.now()
        try:
            outcome = self._planner.make(connection, self._rolls.at_once(connection, run.election), run, now)
            log.info("a plan was made", run=run.id, placed=outcome.placed, covered=outcome.covered)
        except Problem as problem:
            connection.rollback()
            runs.ended(connection, run, "failed", Outcome(0, 0, 0, 0, 0, 0, problem.kind.code), now)
        connection.commit()
        return 1

    def _look(self, connection: Connection) -> int:
        if not checkins.anybody(connection):
            return 0  # an election is a hundred megabytes in memory: not without a reason
        try:
            election = self._rolls.at_once(connection)
        except Problem:
            return 0  # no election yet
        now = self._clock.now()
        if not is_time(election, now):
            return 0
        done = self._miss(connection, election.id, now)
        if now >= election.closes_at:
            done += self._discloser.look(connection, election.id, now)
        return done

    def _miss(self, connection: Connection, election: str, now: datetime) -> int:
        missed = checkins.note_missed(connection, election, now)
        told = {
            (person, place): Told(person, MISSED.fill(place=place), duty) for duty, person, place in reversed(missed)
        }
        messages.tell_now(connection, [told[key] for key in sorted(told)], now)
        connection.commit()
        return len(missed)


def is_time(election: Election, now: datetime) -> bool:
    """Whether people should be at their stations: from half an hour before closing, for a day."""
    return election.closes_at - EXPECTED <= now <= election.closes_at + timedelta(days=1)
