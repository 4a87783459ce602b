"""``GET /v1/sheets/<station code>``: what a phone needs of one station; ``GET /v1/places/<area code>``: what lies in an area.

Both are small and the same for everybody.

Bare ASGI: on polling day a hundred thousand phones ask once each, many of them in the same minutes.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qs

import psycopg
from msgspec import Struct

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, header, respond, respond_problem
from sapparot.base.doors import Door
from sapparot.base.problems import Problem
from sapparot.contests import Election
from sapparot.duty.problems import PLACE_UNKNOWN, STATION_UNKNOWN, UNAVAILABLE
from sapparot.duty.rolls import Rolls
from sapparot.duty.sheets.rules import places_in, some_station, station_sheets

DOOR = Door("GET", "/v1/sheets/", "anyone", per_minute=6_000)
PLACES_DOOR = Door("GET", "/v1/places/", "anyone", per_minute=6_000)
ANYWHERE = [(b"access-control-allow-origin", b"*")]
AN_HOUR = (b"cache-control", b"public, max-age=3600")
"""A definition never changes; which election is meant when none is named does, now and then."""
KEPT = 4096
"""Stations and areas of which the answer is kept, a few kilobytes each."""
Tell = Callable[[Election, str], Struct]
"""Says what the door tells of a code; raises :class:`Problem` for one that there is not."""


class _Answer(Struct, frozen=True):
    plain: bytes
    packed: bytes
    tag: str


class SheetsDoor:
    """The ASGI application behind ``GET /v1/sheets/``, or another door that tells of codes."""

    def __init__(self, rolls: Rolls, door: Door = DOOR, tell: Tell | None = None) -> None:
        self._rolls = rolls
        self._door = door
        self._tell = tell or sheets_of
        self._answer = lru_cache(KEPT)(self._told)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
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
        return self._answer(election, scope["path"].removeprefix(self._door.path))

    def _told(self, election: Election, code: str) -> _Answer:
        plain = canonical.encode(self._tell(election, code))
        # No time in the gzip header: the same station must be the same bytes.
        return _Answer(plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"')


def sheets_of(election: Election, code: str) -> Struct:
    """Describe a station; for a constituency one of its stations, whose options stand in all of it."""
    number = election.stations.index.get(code, some_station(election, code))
    if number is None:
        raise Problem(STATION_UNKNOWN, election=election.id)
    return station_sheets(election, number)


def areas_of(election: Election, code: str) -> Struct:
    """Describe an area and those in it; without a code, the provinces."""
    if code and code not in election.areas:
        raise Problem(PLACE_UNKNOWN)
    return places_in(election, code or None)


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
