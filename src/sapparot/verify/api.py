"""The door that says where the log speaks of a key. A convenience: whoever reads the log finds the same."""

from __future__ import annotations

import psycopg
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, respond, respond_problem
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.jws import THUMBPRINT
from sapparot.base.problems import Problem
from sapparot.verify import store
from sapparot.verify.problems import KEY_UNKNOWN, KEYS_UNREADABLE

DOOR = Door("GET", "/v1/keys/", "anyone", per_minute=600)
ANYWHERE = (b"access-control-allow-origin", b"*")
HEADERS = [(b"cache-control", b"public, max-age=5"), ANYWHERE]


class KeyEntries:
    """The ASGI application behind ``GET /v1/keys/<thumbprint>``: kind and position of each entry about a key, in order."""

    def __init__(self, database: AsyncPool) -> None:
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            found = await self._about(scope["path"].removeprefix(DOOR.path))
        except Problem as problem:
            await respond_problem(send, problem, [ANYWHERE])
        except (psycopg.Error, PoolTimeout):
            await respond_problem(send, Problem(KEYS_UNREADABLE), [ANYWHERE])
        else:
            entries = [{"kind": kind, "position": position} for position, kind in found]
            await respond(send, 200, canonical.encode({"entries": entries, "v": 1}), headers=HEADERS)

    async def _about(self, kid: str) -> list[tuple[int, str]]:
        if not THUMBPRINT.fullmatch(kid):
            raise Problem(KEY_UNKNOWN)
        async with self._database.connection() as connection:
            found = await store.about_async(connection, kid)
        if not found:
            raise Problem(KEY_UNKNOWN)
        return found
