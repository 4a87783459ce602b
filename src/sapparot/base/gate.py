"""The front of the web side: plain ASGI doors by method and path first, everything else to the pages behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond_problem
from sapparot.base.problems import METHOD_NOT_ALLOWED, NOT_FOUND, UNEXPECTED, Problem
from sapparot.base.proxies import Proxies

log = structlog.get_logger()
Hook = Callable[[], Awaitable[None]]


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404."""
    await respond_problem(send, Problem(NOT_FOUND))


class Behind:
    """Leads what no door in front takes: paths below ``prefix`` to the machine side, all others to the pages."""

    def __init__(self, prefix: str, machine: AsgiApp, pages: AsgiApp) -> None:
        self._prefix = prefix
        self._machine = machine
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self._machine if scope["path"].startswith(self._prefix) else self._pages
        await app(scope, receive, send)


class Gate:
    """An ASGI application: exact doors, doors by prefix, then ``behind``."""

    def __init__(
        self,
        exact: Mapping[tuple[str, str], AsgiApp],
        prefixes: Mapping[tuple[str, str], AsgiApp],
        behind: AsgiApp = nothing_here,
        hooks: tuple[Sequence[Hook], Sequence[Hook]] = ((), ()),
        proxies: tuple[str, str] = ("", "x-forwarded-for"),
    ) -> None:
        """``prefixes`` maps (method, path prefix ending in "/"); ``hooks`` run at start and, in reverse, at the end.

        ``proxies``: the networks of those that are trusted, and their header.
        """
        self._exact = dict(exact)
        self._prefixes = dict(prefixes)
        self._behind = behind
        self._starting, self._ending = hooks
        self._proxies = Proxies(*proxies)

    def routes(self) -> list[tuple[str, str]]:
        """Return (method, path) of every door in front."""
        return [*self._exact, *self._prefixes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead one connection to its door."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self._proxies.look(scope)
        app = self._exact.get((scope["method"], scope["path"])) or self._other(scope)
        try:
            await app(scope, receive, send)
        except Exception:
            log.exception("a request failed", method=scope["method"], path=scope["path"][:200])
            # When the answer has begun already, the server refuses this one and closes the connection.
            await respond_problem(send, Problem(UNEXPECTED))

    def _other(self, scope: Scope) -> AsgiApp:
        path = scope["path"]
        methods = ("HEAD", "GET") if scope["method"] == "HEAD" else (scope["method"],)
        for (method, prefix), app in self._prefixes.items():
            if path.startswith(prefix) and method in methods:
                return app
        if (methods[-1], path) in self._exact:
            return self._exact[methods[-1], path]
        allowed = self._methods(path)
        return _NotAllowed(allowed) if allowed else self._behind

    def _methods(self, path: str) -> list[str]:
        named = [method for method, exact in self._exact if exact == path]
        named += [method for method, prefix in self._prefixes if path.startswith(prefix)]
        return list(dict.fromkeys(named))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for hook in self._starting:
            await hook()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for hook in reversed(self._ending):
            await hook()
        await send({"type": "lifespan.shutdown.complete"})


class _NotAllowed:
    """Answers 405 and names the methods that a path has."""

    def __init__(self, methods: Sequence[str]) -> None:
        self._allow = ", ".join(methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await respond_problem(send, Problem(METHOD_NOT_ALLOWED), [(b"allow", self._allow.encode())])
