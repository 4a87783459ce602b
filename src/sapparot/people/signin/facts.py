"""Who is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

Role = Literal["head", "reviewer", "decider", "lead", "organiser", "centre"]
Method = Literal["code", "passkey", "oidc"]


class Identity(msgspec.Struct, frozen=True):
    """The person who calls: pseudonym, network, level and roles; a head's role names its area, the others name none."""

    person: UUID
    network: str
    level: int
    roles: tuple[tuple[Role, str | None], ...] = ()
    held_back: tuple[tuple[Role, str | None], ...] = ()
    """Roles that the person has and this session does not open: the person has a passkey, and came in without it."""

    def has(self, *wanted: Role) -> bool:
        """Tell whether the person has one of these roles, anywhere."""
        return any(role in wanted for role, _ in self.roles)

    def heads(self, area: str) -> bool:
        """Tell whether the person is head of this area."""
        return ("head", area) in self.roles


class Session(msgspec.Struct, frozen=True):
    """A browser that is signed in, as the table keeps it, and who the person is now."""

    token_hash: bytes
    identity: Identity
    state: str
    method: Method
    began_at: datetime
    seen_at: datetime
    until: datetime
    passkeys: bool = False
    """Whether the person has a passkey with which it can sign in."""


class Asker(NamedTuple):
    """Who asks for a code: the address, and the token of a session that the browser has or had."""

    address: str
    token: str | None = None


class Origin(NamedTuple):
    """Where a code is asked for, as it is counted: the address, the wider network around it, whether the browser is the person's own."""

    address: bytes
    wide: bytes | None = None
    known: bool = False


class Recent(msgspec.Struct, frozen=True):
    """How many codes were asked for lately: for a telephone, by an address, by the network around it, and by everybody."""

    phone_just_now: int
    phone_hour: int
    phone_day: int
    origin_hour: int
    wide_hour: int
    all_minute: int


class Asking(msgspec.Struct, frozen=True):
    """A code that was asked for, as the table keeps it; ``person`` is None when nobody has the telephone."""

    handle: bytes
    network: str
    phone: bytes
    origin: Origin
    person: UUID | None
    application: UUID | None
    code: bytes
    made_at: datetime
    until: datetime


class Tried(msgspec.Struct, frozen=True):
    """A code that somebody tries."""

    person: UUID | None
    application: UUID | None
    code: bytes
    tries: int


class Site(msgspec.Struct, frozen=True):
    """Where people reach the pages: ``origin`` is such as ``https://count.example.org``."""

    origin: str

    @property
    def host(self) -> str:
        """Host and port, as a browser sends them."""
        return self.origin.partition("://")[2]

    @property
    def name(self) -> str:
        """The host alone: the relying party of passkeys."""
        return self.host.partition(":")[0]

    @property
    def secure(self) -> bool:
        """Whether cookies are kept off plain connections: everywhere but on this very machine."""
        return self.origin.startswith("https:")
