"""``GET`` and ``POST /v1/me/training``: lessons, a quiz that can be answered without a network, and what it came to."""

from __future__ import annotations

from litestar.params import JSONBody

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.base.problems import Problem
from sapparot.duty.problems import OTHER_TRAINING, TRIES_USED_UP
from sapparot.duty.training import rules, store
from sapparot.duty.training.facts import Answers, Course, Marked, Mistake, Training, Try
from sapparot.people.persons import Persons
from sapparot.people.persons.problems import CONSENT_FIRST
from sapparot.people.signin.api import Asked, identity_of

READ = Door("GET", "/v1/me/training", "person", per_minute=120)
ANSWER = Door("POST", "/v1/me/training", "person", body_limit=5_000, per_minute=60)


class TrainingDoors:
    """The doors of the training."""

    def __init__(self, database: AsyncPool, course: Course, persons: Persons, clock: Clock) -> None:
        self._database = database
        self._course = course
        self._persons = persons
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        return [
            Endpoint(READ, self.read),
            Endpoint(ANSWER, self.answer, problems=(OTHER_TRAINING, TRIES_USED_UP, CONSENT_FIRST)),
        ]

    async def read(self, request: Asked) -> Training:
        """Return the lessons and the next try of the quiz; asking again gives the same questions."""
        who, now = identity_of(request), self._clock.now()
        async with self._database.connection(timeout=5) as connection:
            tries = await store.tries(connection, who.person, self._course.version)
            person = await self._persons.get(connection, who.person)
        passed = person is not None and person.trained_at is not None
        again = rules.again_at(tries, now)
        put = rules.quiz(self._course, who.person, len(tries)) if again is None else None
        course = self._course
        return Training(course.version, passed, course.lessons, rules.left(tries, now), again, put)

    async def answer(self, request: Asked, data: JSONBody[Answers]) -> Marked:
        """Mark a try; passing unlocks reporting. The same try sent again gives the same answer and costs nothing."""
        who, now, course = identity_of(request), self._clock.now(), self._course
        if data.version != course.version:
            raise Problem(OTHER_TRAINING, version=course.version)
        async with self._database.connection(timeout=5) as connection, connection.transaction():
            await store.lock(connection, who.person)
            tries = await store.tries(connection, who.person, course.version)
            if data.number > len(tries):
                raise Problem(OTHER_TRAINING, version=course.version)
            if data.number < len(tries):
                return self._marked(tries[data.number], rules.left(tries, now))
            if (again := rules.again_at(tries, now)) is not None:
                raise Problem(TRIES_USED_UP, again_at=again.isoformat())
            mistakes = rules.wrong(course, rules.quiz(course, who.person, data.number), data.answers)
            made = Try(
                store.try_id(who.person, course.version, data.number),
                data.number,
                now,
                mistakes,
                rules.passes(course, mistakes),
            )
            if made.passed:
                await self._persons.trained(connection, who.person, now)
            await store.keep(connection, who.person, course.version, made)
        return self._marked(made, rules.left([*tries, made], now))

    def _marked(self, made: Try, left: int) -> Marked:
        known = {question.id: question for question in self._course.questions}
        mistakes = tuple(Mistake(one, known[one].right, known[one].why) for one in made.wrong if one in known)
        return Marked(made.passed, mistakes, left)
