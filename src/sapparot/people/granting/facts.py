"""Roles that were granted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from sapparot.people.joining.facts import AreaCode

GrantRole = Literal["head", "reviewer", "decider", "lead", "organiser", "centre"]


class NewGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody gives a person a role; ``area`` is the constituency of a head, and stands with no other role."""

    person: UUID
    role: GrantRole
    area: AreaCode | None = None


class Grant(msgspec.Struct, frozen=True):
    """A person got a role; ``granted_by`` is None when the operator gave it on the machine itself."""

    id: int
    person: UUID
    network: str
    role: GrantRole
    area: str | None
    granted_by: UUID | None
    granted_at: datetime
    ended_by: UUID | None = None
    ended_at: datetime | None = None


class Granter(msgspec.Struct, frozen=True):
    """Who grants: a person of a network with the roles it has now; ``person`` is None for the operator."""

    person: UUID | None
    network: str
    roles: frozenset[GrantRole]
