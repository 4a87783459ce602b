"""The front of the web side: plain ASGI doors by method and path first, everything else to the pages behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond_problem
from sapparot.base.problems import METHOD_NOT_ALLOWED, NOT_FOUND, Problem

Hook = Callable[[], Awaitable[None]]


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404."""
    await respond_problem(send, Problem(NOT_FOUND))


class Gate:
    """An ASGI application: exact doors, doors by prefix, then ``behind``."""

    def __init__(
        self,
        exact: Mapping[tuple[str, str], AsgiApp],
        prefixes: Mapping[tuple[str, str], AsgiApp],
        behind: AsgiApp = nothing_here,
        hooks: tuple[Sequence[Hook], Sequence[Hook]] = ((), ()),
    ) -> None:
        """``prefixes`` maps (method, path prefix ending in "/"); ``hooks`` run at start and, in reverse, at the end."""
        self._exact = dict(exact)
        self._prefixes = dict(prefixes)
        self._behind = behind
        self._starting, self._ending = hooks
        self._paths = {path for _, path in exact}

    def routes(self) -> list[tuple[str, str]]:
        """Return (method, path) of every door in front."""
        return [*self._exact, *self._prefixes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead one connection to its door."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        app = self._exact.get((scope["method"], scope["path"]))
        await (app or self._other(scope))(scope, receive, send)

    def _other(self, scope: Scope) -> AsgiApp:
        path = scope["path"]
        methods = ("GET",) if scope["method"] == "HEAD" else (scope["method"],)
        for (method, prefix), app in self._prefixes.items():
            if path.startswith(prefix) and method in methods:
                return app
        if path in self._paths and (methods[0], path) not in self._exact:
            return _not_allowed
        return self._exact.get((methods[0], path), self._behind)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for hook in self._starting:
            await hook()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for hook in reversed(self._ending):
            await hook()
        await send({"type": "lifespan.shutdown.complete"})


async def _not_allowed(scope: Scope, receive: Receive, send: Send) -> None:
    await respond_problem(send, Problem(METHOD_NOT_ALLOWED))
