"""Sessions and what they open, without a database."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from sapparot.base.doors import Caller
from sapparot.people.signin.facts import Identity, Role, Session

COOKIE = "sapparot_session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE)

LASTS = timedelta(days=90)
"""A volunteer's phone stays signed in from the campaign to the recounts."""
IDLE = timedelta(days=30)
LASTS_WITH_ROLE = timedelta(days=3)
"""Who can read others' names, or decide, signs in more often."""
IDLE_WITH_ROLE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)
"""How exactly a session's last use is kept: a write for every request would be a lock for every request."""

OPENS: dict[Caller, tuple[Role, ...]] = {
    "head": ("head",),
    "organiser": ("organiser",),
    "warroom": ("reviewer", "decider", "lead"),
    "centre": ("centre",),
}
"""Which roles open which doors; ``person`` needs none."""


def token_in(cookies: str | None) -> str | None:
    """Return the session's token in a ``Cookie`` header; None when there is none, or two."""
    pairs = (pair.strip().partition("=") for pair in (cookies or "").split(";"))
    found = [value for name, _, value in pairs if name == COOKIE]
    return found[0] if len(found) == 1 and _TOKEN.fullmatch(found[0]) else None


def token_hash(token: str) -> bytes:
    """Return what is kept of a session's token."""
    return hashlib.sha256(token.encode()).digest()


def set_cookie(token: str, seconds: int, host: str) -> str:
    """Return the ``Set-Cookie`` header that gives a browser its session; not ``Secure`` only on this very machine."""
    secure = "" if _LOOPBACK.fullmatch(host) else "; Secure"
    return f"{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def lifetime(identity: Identity) -> tuple[timedelta, timedelta]:
    """Return how long a session of this person lasts at most, and how long without being used."""
    if identity.roles or identity.level > 1:
        return LASTS_WITH_ROLE, IDLE_WITH_ROLE
    return LASTS, IDLE


def stands(session: Session, now: datetime) -> bool:
    """Tell whether a session still opens doors: neither too old nor unused for too long, as its person's roles are now."""
    lasts, idle = lifetime(session.identity)
    return now < min(session.until, session.began_at + lasts) and now < session.seen_at + idle


def may(identity: Identity, who: Caller) -> bool:
    """Tell whether a person who is signed in may pass a door for ``who``."""
    return who == "person" or (who in OPENS and identity.has(*OPENS[who]))
