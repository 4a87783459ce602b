"""What the pages of volunteers are told."""

from __future__ import annotations

from msgspec import Struct

from sapparot.base.text import Text


class Question(Struct, frozen=True):
    """Something that a network asks people to agree to, in the version that is asked for now."""

    purpose: str
    version: int
    text: Text
    required: bool


class Invitation(Struct, frozen=True):
    """A network as its joining page shows it; ``colour`` is ``#rrggbb`` and carries white letters readably."""

    network: str
    name: Text
    colour: str
    welcome: Text
    open: bool
    """Anyone may sign up; else only who has an invite link."""
    questions: tuple[Question, ...]
