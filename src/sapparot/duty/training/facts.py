"""Lessons, questions and tries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from sapparot.base.text import Text


class Lesson(Struct, frozen=True, forbid_unknown_fields=True):
    """A short text."""

    id: str
    title: Text
    text: Text


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """A question with one right answer; ``must``: a try with a wrong answer to it never passes."""

    id: str
    ask: Text
    right: Text
    wrong: Annotated[tuple[Text, ...], Meta(min_length=1)]
    why: Text
    must: bool = False


class Course(Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the training, as its file has it."""

    version: Annotated[int, Meta(ge=1)]
    asked: Annotated[int, Meta(ge=1)]
    mistakes: Annotated[int, Meta(ge=0)]
    lessons: tuple[Lesson, ...]
    questions: tuple[Question, ...]


class Asked(Struct, frozen=True):
    """A question as it is put: the answers in an order of this try."""

    id: str
    ask: Text
    options: tuple[Text, ...]


class Quiz(Struct, frozen=True):
    """The questions of one try."""

    number: int
    questions: tuple[Asked, ...]


class Training(Struct, frozen=True):
    """Lessons, and the next try; ``quiz`` is None when there is no try left until ``again_at``."""

    version: int
    passed: bool
    lessons: tuple[Lesson, ...]
    tries_left: int
    again_at: datetime | None
    quiz: Quiz | None


class Answers(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody answered in a try: by question the position of the answer. It may come long after it was given."""

    version: Annotated[int, Meta(ge=1, le=10**6)]
    number: Annotated[int, Meta(ge=0, le=10**4)]
    answers: Annotated[
        dict[Annotated[str, Meta(max_length=64)], Annotated[int, Meta(ge=0, le=20)]], Meta(max_length=50)
    ]


class Mistake(Struct, frozen=True):
    """A question that was answered wrongly, and what is right about it."""

    id: str
    right: Text
    why: Text


class Marked(Struct, frozen=True):
    """What a try came to."""

    passed: bool
    mistakes: tuple[Mistake, ...]
    tries_left: int


class Try(Struct, frozen=True):
    """A try as it is kept."""

    id: UUID
    number: int
    ended_at: datetime
    wrong: tuple[str, ...]
    passed: bool
