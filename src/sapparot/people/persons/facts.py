"""What is known of a volunteer: openly a pseudonym with a state; sealed, who it is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

State = Literal["listed", "applied", "waiting", "active", "left", "expelled", "erased"]
Purpose = Literal["duty", "head", "centre", "announcements", "rewards"]
"""What a person may agree to: being called about duties (without it nobody takes part); a constituency head of another network, and
the centre, may see name and telephone; announcements; rewards."""
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
Role = Literal["head", "organiser", "centre", "warroom", "operator", "program"]
"""In what capacity somebody looks: ``program`` sends messages, ``operator`` works on the machine itself."""
Why = Literal["duty", "approval", "list", "search", "export", "announcement", "reward", "grant"]
"""What somebody looks for."""
ENDED: frozenset[State] = frozenset({"left", "expelled", "erased"})


class Person(msgspec.Struct, frozen=True):
    """One person in one network, without anything that says who it is; ``id`` never stands in the public log."""

    id: UUID
    network: str
    level: int
    state: State
    area: str | None
    lang: Literal["th", "en"]
    joined_at: datetime
    proven_at: datetime | None = None
    trained_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether the person takes part no more."""
        return self.state in ENDED


class Serving(msgspec.Struct, frozen=True):
    """An active person as duties see it: where it can serve, at which level, in which language it reads, whether it may report."""

    id: UUID
    network: str
    area: str | None
    level: int
    lang: Literal["th", "en"]
    trained: bool


class Particulars(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a person is. Stored only sealed. ``phone`` is in E.164."""

    name: str
    phone: str
    mail: str | None = None


class Contact(msgspec.Struct, frozen=True):
    """How to reach a person, for a reader who may know it."""

    name: str
    phone: str


class Reader(msgspec.Struct, frozen=True):
    """Who looks at somebody else's data; ``network`` is None for the operator and the program."""

    person: UUID | None
    network: str | None
    role: Role


PROGRAM = Reader(None, None, "program")
OPERATOR = Reader(None, None, "operator")


class Read(msgspec.Struct, frozen=True):
    """A line of the access log: somebody read who a person is."""

    at: datetime
    role: Role
    network: str | None
    purpose: Why
    reader: UUID | None


class Consent(msgspec.Struct, frozen=True):
    """A person agreed to a version of a text; ``ended_at`` when it was taken back."""

    purpose: Purpose
    version: int
    given_at: datetime
    ended_at: datetime | None = None


class Agreed(msgspec.Struct, frozen=True):
    """A purpose and the version of its text that somebody agreed to."""

    purpose: Purpose
    version: int


class Application(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody typed who claims a telephone: it waits, sealed, until the telephone is proven.

    ``near`` is the area of the link by which it came, for who has said none.
    """

    name: str
    consents: tuple[Agreed, ...]
    area: str | None = None
    lang: Literal["th", "en"] = "th"
    near: str | None = None
