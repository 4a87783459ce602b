"""What an organiser sees of the people of its network."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from sapparot.people.persons.facts import State


class Member(msgspec.Struct, frozen=True):
    """A person of the network. Who signed up without proving the telephone, and who is gone, has neither name nor telephone here."""

    id: UUID
    name: str | None
    phone: str | None
    state: State
    level: int
    area: str | None
    joined_at: datetime
    proven_at: datetime | None
    trained_at: datetime | None
    link: UUID | None
    brought_by: UUID | None


class Members(msgspec.Struct, frozen=True):
    """Some people of the network, newest last; ``next`` goes into ``after`` to read on. ``counts`` is by state, of the whole network."""

    people: list[Member]
    next: UUID | None
    counts: dict[str, int]


class Wanted(msgspec.Struct, frozen=True):
    """Whom an organiser looks for: part of a name, or a whole telephone; ``area`` is a code and what lies below it.

    With ``outside``, areas without what lies below them: only those who came or are to come, and serve in none of these.
    """

    q: str = ""
    state: State | None = None
    area: str | None = None
    after: UUID | None = None
    limit: int = 50
    outside: tuple[str, ...] | None = None


class Approve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People who waited and may take part now."""

    people: Annotated[list[UUID], Meta(min_length=1, max_length=500)]


class Approved(msgspec.Struct, frozen=True):
    """Who takes part now; the others did not wait."""

    approved: list[UUID]


class EndPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person ends; with ``branch`` so does everybody whom it brought, and whom they brought."""

    state: Literal["left", "expelled"]
    branch: bool = False


class EndNetwork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network ends; ``confirm`` is its id, written once more."""

    confirm: str
