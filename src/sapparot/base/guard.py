"""The guard in front of doors: where a request comes from, how large it is, how often, and who calls; before any handler runs.

Browsers send a session's cookie with every request, whoever made the page that asks. So a request that changes something must say that
it comes from a page of this host (``Sec-Fetch-Site``, else ``Origin``; https://www.w3.org/TR/fetch-metadata/): other sites' pages cannot
say that, and a request by cookie that says nothing is refused.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from sapparot.base.asgi import Budget, Scope, address_of, header, size_of
from sapparot.base.doors import BY_SESSION, LOOPBACK, Caller, Door
from sapparot.base.problems import CROSS_ORIGIN, HERE_ONLY, NOT_JSON, OPERATORS_ONLY, TOO_LARGE, TOO_MANY, Problem
from sapparot.base.proxies import wider

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WITHOUT_ASKING = frozenset({"text/plain", "multipart/form-data", "application/x-www-form-urlencoded", ""})
"""Kinds of body that a page of another site can send without asking this host first."""
CARRIED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")
"""Headers of whoever hands on a request that somebody else made."""
WIDER = 8
"""How many times the room of one address the network of IPv6 has in which it lies."""
STRANGERS_PER_MINUTE = 600
"""Requests in a minute with a session or token that is none, of one address, before the database is not asked any more."""


class Authority(Protocol):
    """Knows who calls."""

    async def admit(self, scope: Scope, who: Caller) -> str:
        """Put the caller into ``scope["identity"]`` and return its name for budgets.

        Raises :class:`Problem`: 401 when nobody is known by the request, 403 when the caller is not ``who``.
        """
        ...

    def knows(self, scope: Scope, who: Caller) -> bool:
        """Tell, without asking anybody, whether the request brings what let somebody in before: its address does not matter then."""
        ...

    def seal(self, word: str) -> str:
        """Return what proves, without asking anybody, that a word was made here."""
        ...


class Guard:
    """Admits requests to doors."""

    def __init__(self, authority: Authority, operator: str) -> None:
        """``operator``: the token of the operators."""
        self._authority = authority
        self._operator = f"Bearer {operator}".encode()
        self._budgets: dict[Door, Budget] = {}
        self._around: dict[Door, Budget] = {}
        self._strangers = Budget(STRANGERS_PER_MINUTE)

    async def admit(self, scope: Scope, door: Door, *, form: bool = False) -> None:
        """Return when the request may pass; ``scope["identity"]`` is then the caller, or None. Raises :class:`Problem`.

        ``scope["seal"]`` seals what a browser is to bring again. ``form``: the door takes the forms of pages.
        """
        scope["identity"], scope["seal"] = None, self._authority.seal
        if scope["method"] not in SAFE:
            check_origin(scope, by_cookie=door.who in BY_SESSION)
            _check_kind(scope, form=form)
        if size_of(scope, 0) > door.body_limit:
            raise Problem(TOO_LARGE, limit=door.body_limit)
        caller = await self._caller(scope, door.who)
        if not self._budgets.setdefault(door, Budget(door.per_minute)).spend(caller):
            raise Problem(TOO_MANY)
        around = wider(caller)
        if around and not self._around.setdefault(door, Budget(door.per_minute * WIDER)).spend(around):
            raise Problem(TOO_MANY)

    async def _caller(self, scope: Scope, who: Caller) -> str:
        address = address_of(scope)
        if who == "here" and not made_here(scope):
            raise Problem(HERE_ONLY)
        if who in ("anyone", "here"):
            return address
        if who == "operator":
            if hmac.compare_digest((header(scope, b"authorization") or "").encode(), self._operator):
                return "operator"
            raise Problem(OPERATORS_ONLY)
        if self._strangers.used_up(address) and not self._authority.knows(scope, who):
            raise Problem(TOO_MANY)
        try:
            return await self._authority.admit(scope, who)
        except Problem as problem:
            if problem.kind.status == 401:
                self._strangers.spend(address)
            raise


def made_here(scope: Scope) -> bool:
    """Tell whether a browser on this very machine asks, under this machine's own name, with nobody in between.

    The name as well: a page of elsewhere can give its own name the address of this machine, and read what is answered to that name.
    """
    try:
        near = ip_address(address_of(scope)).is_loopback
    except ValueError:
        near = False
    named = LOOPBACK.fullmatch(header(scope, b"host") or "") is not None
    return near and named and not any(header(scope, name) for name in CARRIED)


def check_origin(scope: Scope, *, by_cookie: bool) -> None:
    """Refuse what a page of another site asked for; ``by_cookie``: and what does not say which page asked."""
    site, origin = header(scope, b"sec-fetch-site"), header(scope, b"origin")
    if site is not None:
        own = site in ("same-origin", "none")
    elif origin is not None:
        own = host_in(origin) == (header(scope, b"host") or "").lower()
    else:
        own = not by_cookie
    if not own:
        raise Problem(CROSS_ORIGIN)


def host_in(origin: str) -> str | None:
    """Return host and port as they stand in an origin; None for one that names no host."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _check_kind(scope: Scope, *, form: bool) -> None:
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    with_body = size_of(scope, 1) > 0 and (header(scope, b"content-length") or header(scope, b"transfer-encoding"))
    if with_body and not form and kind in WITHOUT_ASKING:
        raise Problem(NOT_JSON)
