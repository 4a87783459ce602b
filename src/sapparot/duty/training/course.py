"""Reads the training from its file, and refuses one that cannot be passed or tells its answers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from sapparot.base.text import Text
from sapparot.duty.training.facts import Course


class CourseInvalid(ValueError):
    """A file of the training cannot be used; the message says why."""


def read_course(path: Path) -> Course:
    """Read a training file; raises CourseInvalid with the file and what is wrong."""
    try:
        course = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Course)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise CourseInvalid(f"{path}: {error}") from error
    names = [question.id for question in course.questions]
    if len(set(names)) != len(names) or len(names) < course.asked:
        raise CourseInvalid(f"{path}: questions have ids of their own, and there are at least as many as are asked")
    for question in course.questions:
        options = [question.right, *question.wrong]
        if len({text.th for text in options}) != len(options) or not all(
            map(_spoken, [*options, question.ask, question.why])
        ):
            raise CourseInvalid(f"{path}: question {question.id} needs different answers, each in both languages")
    return course


def _spoken(text: Text) -> bool:
    return bool(text.th.strip() and text.en.strip())
