"""What makes a name, and whether an invite link still brings somebody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sapparot.base.problems import Problem
from sapparot.people.joining.facts import Branch, InviteLink
from sapparot.people.joining.problems import INVITE_ENDED, NAME_UNCLEAR
from sapparot.people.problems import INVITE_EXPIRED, INVITE_UNKNOWN, INVITE_USED_UP
from sapparot.people.terms.rules import plain

LONGEST_NAME = 120


def clean_name(text: str) -> str:
    """Return a person's name with single spaces; raises :class:`Problem` for what has no letter, or cannot be shown."""
    name = " ".join(plain(re.sub(r"[\s\u200b\ufeff]+", " ", text)).split())
    if not any(sign.isalpha() for sign in name) or len(name) > LONGEST_NAME:
        raise Problem(NAME_UNCLEAR)
    return name


def check_link(link: InviteLink | None, network: str, now: datetime) -> InviteLink:
    """Return the link when it brings somebody into this network now; raises :class:`Problem`."""
    if link is None or link.network != network:
        raise Problem(INVITE_UNKNOWN)
    if link.ended_at is not None:
        raise Problem(INVITE_ENDED)
    if link.expires_at <= now:
        raise Problem(INVITE_EXPIRED)
    if link.used >= link.uses:
        raise Problem(INVITE_USED_UP)
    return link


def spent(links: list[InviteLink], now: datetime) -> int:
    """Return how many of a volunteer's own invites are given away: of links that stand all, of others those that were used."""
    standing = [link.ended_at is None and link.expires_at > now for link in links]
    return sum(link.uses if stands else link.used for link, stands in zip(links, standing, strict=True))


def grown(sprouts: Sequence[tuple[InviteLink, UUID | None, int, int]]) -> list[Branch]:
    """Draw links as a tree: below each link those that its people made; the largest branches first.

    A sprout is (link, the link by which its maker came, people who came, of them active). Where a maker left and came back by a younger
    link, its older links stand by themselves, so that nothing goes in a circle; each link is drawn once.
    """
    inside: dict[UUID, list[Branch]] = {}
    known = {link.id for link, *_ in sprouts}
    roots: list[Branch] = []
    for link, parent, here, active in sorted(sprouts, key=lambda one: (one[0].made_at, one[0].id), reverse=True):
        below = sorted(inside.pop(link.id, []), key=lambda one: -one.people)
        whole = here + sum(one.people for one in below), active + sum(one.active for one in below)
        branch = Branch(link, here, *whole, tuple(below))
        (inside.setdefault(parent, []) if parent in known and parent != link.id else roots).append(branch)
    lost = [branch for orphans in inside.values() for branch in orphans]
    return sorted(roots + lost, key=lambda one: (-one.people, one.link.made_at))
