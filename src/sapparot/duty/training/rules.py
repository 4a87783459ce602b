"""Which questions a try has, in which order, and what it came to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sapparot.duty.training.facts import Asked, Course, Quiz, Try

T = TypeVar("T")
TRIES = 3
"""Tries that may fail within WAIT; then the lessons are read again."""
WAIT = timedelta(hours=1)


def quiz(course: Course, person: UUID, number: int) -> Quiz:
    """Return the questions of a person's try: the same whenever they are asked for, others at the next try and for other people."""
    must = [question for question in course.questions if question.must]
    rest = _shuffled([q for q in course.questions if not q.must], course, (person, number, "questions"))
    chosen = [*must, *rest][: max(course.asked, len(must))]
    asked = []
    for question in _shuffled(chosen, course, (person, number, "order")):
        options = _shuffled([question.right, *question.wrong], course, (person, number, question.id))
        asked.append(Asked(question.id, question.ask, tuple(options)))
    return Quiz(number, tuple(asked))


def wrong(course: Course, put: Quiz, answers: Mapping[str, int]) -> tuple[str, ...]:
    """Return the questions of a try that were not answered rightly; one that was left out is one of them."""
    right = {question.id: question.right for question in course.questions}
    return tuple(
        one.id
        for one in put.questions
        if not 0 <= answers.get(one.id, -1) < len(one.options) or one.options[answers[one.id]] != right[one.id]
    )


def passes(course: Course, mistakes: Sequence[str]) -> bool:
    """Tell whether a try with these mistakes is enough."""
    must = {question.id for question in course.questions if question.must}
    return len(mistakes) <= course.mistakes and not must & set(mistakes)


def again_at(tries: Sequence[Try], now: datetime) -> datetime | None:
    """Return when somebody may try again, None when at once: after TRIES tries within WAIT it is a while."""
    recent = sorted(one.ended_at for one in tries if one.ended_at > now - WAIT)
    return recent[-TRIES] + WAIT if len(recent) >= TRIES else None


def left(tries: Sequence[Try], now: datetime) -> int:
    """Return how many tries there are now."""
    return max(0, TRIES - sum(one.ended_at > now - WAIT for one in tries))


def _shuffled(items: Sequence[T], course: Course, what: tuple[UUID, int, str]) -> list[T]:
    person, number, name = what

    def draw(at: int) -> bytes:
        return hashlib.sha256(f"{course.version} {person} {number} {name} {at}".encode()).digest()

    return [items[at] for at in sorted(range(len(items)), key=draw)]
