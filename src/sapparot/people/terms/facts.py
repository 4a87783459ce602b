"""How a network presents itself, and what it asks people to agree to."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sapparot.base.text import Text
from sapparot.people.persons.facts import Purpose

NetworkState = Literal["active", "left", "expelled"]


class Terms(msgspec.Struct, frozen=True):
    """A network as anyone may see it; ``colour`` is ``#rrggbb`` and carries white letters readably."""

    id: str
    name: Text
    short: Text
    colour: str
    welcome: Text
    open: bool
    """Anyone may sign up; else only who has an invite link or was listed by the network."""
    approval: bool
    """Who comes without somebody to vouch waits until an organiser approves."""
    own_invites: int
    """How many people each volunteer may bring."""
    state: NetworkState


class ConsentText(msgspec.Struct, frozen=True):
    """What a person agrees to for one purpose, in the version that is asked for now."""

    purpose: Purpose
    version: int
    text: Text
    required: bool


Short = Annotated[str, Meta(min_length=1, max_length=24)]
Long = Annotated[str, Meta(max_length=600)]
Wording = Annotated[str, Meta(min_length=20, max_length=2000)]


class ShortName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A short name in both languages."""

    th: Short
    en: Short


class Welcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A welcome in both languages."""

    th: Long
    en: Long


class NewText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another wording of what people agree to."""

    purpose: Purpose
    th: Wording
    en: Wording


class TermsChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an organiser changes; what is left out stays. The name stands in the public log and is not changed here."""

    short: ShortName | UnsetType = UNSET
    colour: Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")] | UnsetType = UNSET
    welcome: Welcome | UnsetType = UNSET
    open: bool | UnsetType = UNSET
    approval: bool | UnsetType = UNSET
    own_invites: Annotated[int, Meta(ge=0, le=100)] | UnsetType = UNSET
    consents: Annotated[tuple[NewText, ...], Meta(max_length=5)] | UnsetType = UNSET
