"""Sessions and what they open, without a database."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from msgspec.structs import replace

from sapparot.base.asgi import Scope, header
from sapparot.base.doors import LOOPBACK, Caller
from sapparot.base.problems import Problem, ProblemKind
from sapparot.base.text import Text
from sapparot.people.signin.facts import Identity, Recent, Role, Session
from sapparot.people.signin.problems import CODE_TOO_SOON, CODES_STOPPED, NOT_FOR_YOU, PASSKEY_FIRST

COOKIE = "sapparot_session"
KEPT_HERE = "__Host-"
"""What the name of a cookie begins with that no other host of the same domain, and no plain connection, can have set (RFC 6265bis)."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

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


def token_of(scope: Scope) -> str | None:
    """Return the session's token that a request brings."""
    return token_in(header(scope, b"cookie"), header(scope, b"host") or "")


def token_in(cookies: str | None, host: str) -> str | None:
    """Return the session's token in a ``Cookie`` header to a host; None when there is none, or two."""
    wanted = named_at(host)
    pairs = (pair.strip().partition("=") for pair in (cookies or "").split(";"))
    found = [value for name, _, value in pairs if name == wanted]
    return found[0] if len(found) == 1 and _TOKEN.fullmatch(found[0]) else None


def token_hash(token: str) -> bytes:
    """Return what is kept of a session's token."""
    return hashlib.sha256(token.encode()).digest()


def named_at(host: str) -> str:
    """Return how the session's cookie is called at a host: kept to that very host, but on this machine, where there is no TLS."""
    return COOKIE if LOOPBACK.fullmatch(host) else KEPT_HERE + COOKIE


def set_cookie(token: str, seconds: int, host: str) -> str:
    """Return the ``Set-Cookie`` header that gives a browser its session; not ``Secure`` only on this very machine."""
    secure = "" if LOOPBACK.fullmatch(host) else "; Secure"
    return f"{named_at(host)}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def lifetime(identity: Identity) -> tuple[timedelta, timedelta]:
    """Return how long a session of this person lasts at most, and how long without being used."""
    if identity.roles or identity.level > 1:
        return LASTS_WITH_ROLE, IDLE_WITH_ROLE
    return LASTS, IDLE


def stands(session: Session, now: datetime) -> bool:
    """Tell whether a session still opens doors: neither too old nor unused for too long, as its person's roles are now."""
    lasts, idle = lifetime(session.identity)
    return now < min(session.until, session.began_at + lasts) and now < session.seen_at + idle


def acting(session: Session) -> Identity:
    """Return as whom a session acts: as a volunteer, when its person has a role and a passkey, and came in without the passkey."""
    who = session.identity
    if not session.passkeys or session.method == "passkey":
        return who
    return replace(who, level=min(who.level, 1), roles=(), held_back=who.roles)


def check_may(identity: Identity, who: Caller) -> None:
    """Raise :class:`Problem` unless a person who is signed in may pass a door for ``who``."""
    wanted = OPENS.get(who, ())
    if who in ("person", "applicant") or identity.has(*wanted):
        return
    raise Problem(PASSKEY_FIRST if any(role in wanted for role, _ in identity.held_back) else NOT_FOR_YOU)


def check_whole(identity: Identity) -> None:
    """Raise :class:`Problem` for a session that does not open all that its person may: it may not change the passkeys either."""
    if identity.held_back:
        raise Problem(PASSKEY_FIRST)


def refused(identity: Identity, otherwise: ProblemKind = NOT_FOR_YOU) -> Problem:
    """Return why somebody may not do what a role is needed for: the passkey is missing, or ``otherwise``."""
    return Problem(PASSKEY_FIRST if identity.held_back else otherwise)


CODE_LASTS = timedelta(minutes=10)
CODE_TRIES = 5
JUST_NOW = timedelta(seconds=30)
PER_PHONE_HOUR, PER_PHONE_DAY = 5, 10
CODE = Text(
    "รหัสเข้าใช้ตาสับปะรดของคุณคือ {code} ใช้ได้ 10 นาที ห้ามบอกใคร",
    "Your Sapparot code is {code}. It is good for 10 minutes. Tell nobody.",
)
DIGITS = re.compile(r"[0-9]{6}")


WIDER = 8
"""How many times the room of one address the network of 48 bits has in which it lies: a customer of IPv6 may have all of that."""


def too_many(recent: Recent, per_address: int, per_minute: int) -> ProblemKind | None:
    """Say why no further code is sent now; None when one may be. Unknown telephones count like all others."""
    if recent.all_minute >= per_minute:
        return CODES_STOPPED
    phone = recent.phone_just_now or recent.phone_hour >= PER_PHONE_HOUR or recent.phone_day >= PER_PHONE_DAY
    origin = recent.origin_hour >= per_address or recent.wide_hour >= per_address * WIDER
    return CODE_TOO_SOON if phone or origin else None


def check_rate(recent: Recent, per_address: int, per_minute: int) -> None:
    """Raise :class:`Problem` when no further code is sent now."""
    if refused := too_many(recent, per_address, per_minute):
        raise Problem(refused)


def code_mac(secret: bytes, handle: bytes, code: str) -> bytes:
    """Return what is kept of a code: only who holds the secret can try all million of them."""
    return hmac.digest(secret, b"sapparot/code\n" + handle + code.encode(), "sha256")


def origin_mac(secret: bytes, address: str) -> bytes:
    """Return what is kept of an address that asks for codes."""
    return hmac.digest(secret, b"sapparot/origin\n" + address.encode(), "sha256")
