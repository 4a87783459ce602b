"""How people come into a network."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sapparot.people.persons.facts import Agreed

AreaCode = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,39}$")]
"""Code of an area: a subdistrict or larger."""
Name = Annotated[str, Meta(min_length=1, max_length=120)]


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody signs up with a network; who says ``null`` for the area is not placed in that of the link either."""

    network: Annotated[str, Meta(max_length=64)]
    name: Name
    phone: Annotated[str, Meta(max_length=40)]
    consents: Annotated[tuple[Agreed, ...], Meta(max_length=5)]
    invite: Annotated[str, Meta(max_length=64)] | None = None
    area: AreaCode | UnsetType | None = UNSET
    lang: Literal["th", "en"] = "th"


class InviteLink(msgspec.Struct, frozen=True):
    """A link that brings people into a network; ``made_by`` is None when the operator made it.

    Who comes by it and says no ``area`` serves in that of the link.
    """

    id: UUID
    network: str
    made_by: UUID | None
    made_at: datetime
    uses: int
    used: int
    expires_at: datetime
    vouched: bool
    label: str
    ended_at: datetime | None = None
    area: str | None = None


class NewInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organiser invites; ``vouched``: who comes needs no approval. ``label`` says where the link is shared, and names nobody."""

    uses: Annotated[int, Meta(ge=1, le=5000)] = 1
    days: Annotated[int, Meta(ge=1, le=180)] = 30
    vouched: bool = False
    label: Annotated[str, Meta(max_length=60)] = ""
    area: AreaCode | None = None


class OwnInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A volunteer invites."""

    uses: Annotated[int, Meta(ge=1, le=100)] = 1


class MadeInvite(msgspec.Struct, frozen=True):
    """A new link with its code, which is told once and cannot be read again; it leads to ``/join/{network}#invite={code}``, with
    ``&area={code of an area}`` behind it where the page is to show that area as chosen.
    """

    id: UUID
    code: str
    uses: int
    expires_at: datetime


class Branch(msgspec.Struct, frozen=True):
    """A link with the branches that grew from it; ``people`` came by it or by links of those, ``active`` of them take part."""

    link: InviteLink
    here: int
    people: int
    active: int
    inside: tuple[Branch, ...]
