"""What makes a name, and whether an invite link still brings somebody."""

from __future__ import annotations

import re
from datetime import datetime

from sapparot.base.problems import Problem
from sapparot.people.joining.facts import InviteLink
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
