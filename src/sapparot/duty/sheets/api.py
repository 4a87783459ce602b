"""``GET /v1/sheets/<station code>``: what a phone needs of one station, small and the same for everybody.

Bare ASGI: on polling day a hundred thousand phones ask once each, many of them in the same minutes.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from urllib.parse import parse_qs

import psycopg
from msgspec import Struct

from sapparot.base import canonical
from sapparot.base.asgi import Budget, Receive, Scope, Send, header, respond, respond_problem
from sapparot.base.doors import Door
from sapparot.base.problems import TOO_MANY, Problem
from sapparot.contests import Election
from sapparot.duty.problems import STATION_UNKNOWN, UNAVAILABLE
from sapparot.duty.rolls import Rolls
from sapparot.duty.sheets.rules import station_sheets

DOOR = Door("GET", "/v1/sheets/", "anyone")
ANYWHERE = [(b"access-control-allow-origin", b"*")]
AN_HOUR = (b"cache-control", b"public, max-age=3600")
"""A definition never changes; which election is meant when none is named does, now and then."""
KEPT = 4096
"""Stations of which the answer is kept, a few kilobytes each."""


class _Answer(Struct, frozen=True):
    plain: bytes
    packed: bytes
    tag: str


class SheetsDoor:
    """The ASGI application behind ``GET /v1/sheets/``."""

    def __init__(self, rolls: Rolls) -> None:
        self._rolls = rolls
        self._budget = Budget(DOOR.per_minute)
        self._answer = lru_cache(KEPT)(_answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            if not self._budget.spend(scope["client"][0] if scope.get("client") else ""):
                raise Problem(TOO_MANY)
            answer = await self._find(scope)
        except Problem as problem:
            await respond_problem(send, problem, ANYWHERE)
        except psycopg.Error:
            await respond_problem(send, Problem(UNAVAILABLE), ANYWHERE)
        else:
            await _say(scope, send, answer)

    async def _find(self, scope: Scope) -> _Answer:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("election")
        election = await self._rolls.election(asked[0] if asked else None)
        number = election.stations.index.get(scope["path"].removeprefix(DOOR.path))
        if number is None:
            raise Problem(STATION_UNKNOWN, election=election.id)
        return self._answer(election, number)


def _answer(election: Election, number: int) -> _Answer:
    plain = canonical.encode(station_sheets(election, number))
    # No time in the gzip header: the same station must be the same bytes.
    return _Answer(plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"')


async def _say(scope: Scope, send: Send, answer: _Answer) -> None:
    lines = [AN_HOUR, *ANYWHERE, (b"etag", answer.tag.encode()), (b"vary", b"accept-encoding")]
    held = header(scope, b"if-none-match") or ""
    if answer.tag in (one.strip().removeprefix("W/") for one in held.split(",")):
        await send({"type": "http.response.start", "status": 304, "headers": lines})
        await send({"type": "http.response.body", "body": b""})
        return
    packed = "gzip" in (header(scope, b"accept-encoding") or "")
    if packed:
        lines.append((b"content-encoding", b"gzip"))
    await respond(send, 200, answer.packed if packed else answer.plain, headers=lines)
