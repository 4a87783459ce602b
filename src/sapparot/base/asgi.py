"""The few ASGI pieces that the hot doors share: bounded bodies, answers and problems, callers' budgets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol

from sapparot.base import canonical
from sapparot.base.clock import monotonic
from sapparot.base.problems import BUSY, MEDIA_TYPE, TOO_LARGE, TOO_MANY, Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

JSON = b"application/json"
RETRY_SECONDS = b"2"


class Carrier(Protocol):
    """A request of the framework, which gives its scope a narrower type."""

    @property
    def scope(self) -> Any:
        """The ASGI scope."""
        ...


def scope_of(request: Carrier) -> Scope:
    """Return the scope of a request of the framework as the plain mapping that it is."""
    scope: Scope = request.scope
    return scope


def address_of(scope: Scope) -> str:
    """Return the address that a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else ""


class Gone(Exception):
    """The caller went away before its request was complete."""


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header's value; ``name`` in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def size_of(scope: Scope, limit: int) -> int:
    """Return how large the body will be: as declared, or ``limit`` when the caller does not say."""
    declared = header(scope, b"content-length")
    if declared is None or not declared.isdecimal():
        return limit
    return int(declared.lstrip("0")[:16] or 0)  # sixteen digits are too many already


async def read_body(scope: Scope, receive: Receive, limit: int, size: int | None = None) -> bytes:
    """Return the whole body; raises :class:`Problem` past ``limit`` bytes, :class:`Gone` when the caller left or was too slow.

    ``size``: what :func:`size_of` said, for who has asked already.
    """
    _refuse_beyond(limit, size_of(scope, limit) if size is None else size)
    parts = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts += message.get("body", b"")
        _refuse_beyond(limit, len(parts))
        more = message.get("more_body", False)
    return bytes(parts)


def _refuse_beyond(limit: int, size: int) -> None:
    if size > limit:
        raise Problem(TOO_LARGE, limit=limit)


async def respond(send: Send, status: int, body: bytes, media_type: bytes = JSON, headers: Headers = ()) -> None:
    """Send a complete answer."""
    lines = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


async def respond_problem(send: Send, problem: Problem, headers: Headers = ()) -> None:
    """Send a problem (RFC 9457), with ``Retry-After`` when trying again helps.

    No cache may keep it: asking a CDN early for the next snapshot must not hide that snapshot when it is there.
    A page of another origin that may read the answer may read when to try again, too.
    """
    headers = [*headers, (b"cache-control", b"no-store")]
    if problem.kind.status in (429, 503):
        headers.append((b"retry-after", RETRY_SECONDS))
    names = [name for name, _ in headers]
    if b"access-control-allow-origin" in names and b"retry-after" in names:
        headers.append((b"access-control-expose-headers", b"retry-after"))
    if problem.kind.status == 408:
        headers.append((b"connection", b"close"))
    await respond(send, problem.kind.status, canonical.encode(problem.body()), MEDIA_TYPE.encode(), headers)


class Room:
    """How many bytes of requests may be in memory at once: of one caller, and of all callers together."""

    def __init__(self, each: int, total: int) -> None:
        self._each = each
        self._free = total
        self._held: dict[str, int] = {}

    def enter(self, caller: str, size: int) -> None:
        """Hold ``size`` bytes for the caller until it leaves; raises :class:`Problem` when it holds too many, or all callers do."""
        held = self._held.get(caller, 0) + size
        if held > self._each:
            raise Problem(TOO_MANY)
        if size > self._free:
            raise Problem(BUSY)
        self._held[caller] = held
        self._free -= size

    def leave(self, caller: str, size: int) -> None:
        """Give back what the caller held."""
        self._free += size
        rest = self._held.pop(caller) - size
        if rest:
            self._held[caller] = rest


class Budget:
    """How often each caller may come: a bucket that refills evenly, one minute's worth at most; memory is bounded."""

    def __init__(self, per_minute: int, callers: int = 200_000) -> None:
        self._rate = per_minute / 60
        self._full = float(per_minute)
        self._callers = callers
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, caller: str, amount: int = 1) -> bool:
        """Take ``amount`` from the caller's bucket; return False when there is not enough left."""
        now = monotonic()
        left, then = self._left.pop(caller, (self._full, now))
        left = min(self._full, left + (now - then) * self._rate)
        allowed = left >= amount
        self._left[caller] = (left - amount if allowed else left, now)
        if len(self._left) > self._callers:
            del self._left[next(iter(self._left))]  # the caller that was away longest; its bucket is the fullest
        return allowed

    def used_up(self, caller: str) -> bool:
        """Tell whether the caller could not spend anything now."""
        left, then = self._left.get(caller, (self._full, monotonic()))
        return left + (monotonic() - then) * self._rate < 1


class Paced:
    """Leads to an application as often as its door allows one address."""

    def __init__(self, app: AsgiApp, per_minute: int) -> None:
        self._app = app
        self._budget = Budget(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; 429 beyond the budget, which pages of other origins may read too."""
        if self._budget.spend(address_of(scope)):
            await self._app(scope, receive, send)
        else:
            await respond_problem(send, Problem(TOO_MANY), [(b"access-control-allow-origin", b"*")])
