"""The doors of signing in and out, and of one's own sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from sapparot.base.asgi import address_of, header, scope_of
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.persons import Person
from sapparot.people.persons.problems import NETWORK_ENDED, PERSON_ENDED, PERSON_UNKNOWN, PHONE_INVALID
from sapparot.people.problems import INVITE_USED_UP, NETWORK_UNKNOWN
from sapparot.people.signin import store
from sapparot.people.signin.codes import Codes
from sapparot.people.signin.facts import Asker, Identity, Method
from sapparot.people.signin.problems import CODE_ENDED, CODE_TOO_SOON, CODE_WRONG, CODES_STOPPED
from sapparot.people.signin.rules import LASTS, set_cookie, token_hash, token_of

Asked = Request[Any, Any, Any]

SIGN_IN = Door("POST", "/v1/sign-in", "anyone", body_limit=500, per_minute=120)
CODE = Door("POST", "/v1/sign-in/code", "anyone", body_limit=500, per_minute=600)
SIGN_OUT = Door("POST", "/v1/sign-out", "applicant", per_minute=60)
SESSIONS = Door("GET", "/v1/me/sessions", "person", per_minute=120)
END_SESSION = Door("DELETE", "/v1/me/sessions/{session}", "person", per_minute=120)
SECONDS = 5.0


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to sign in."""

    network: Annotated[str, msgspec.Meta(max_length=64)]
    phone: Annotated[str, msgspec.Meta(max_length=40)]


class Begun(msgspec.Struct, frozen=True):
    """The code that was sent goes with this handle to ``POST /v1/sign-in/code``."""

    handle: str


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A handle and the code that came by message."""

    handle: Annotated[str, msgspec.Meta(max_length=64)]
    code: Annotated[str, msgspec.Meta(max_length=12)]


class SignedIn(msgspec.Struct, frozen=True):
    """Who is signed in now; ``waiting`` means that the network has to approve first."""

    person: UUID
    network: str
    state: Literal["active", "waiting"]


class OwnSession(msgspec.Struct, frozen=True):
    """A browser in which one is signed in; ``here`` is the one that asks."""

    session: str
    method: Method
    began_at: datetime
    seen_at: datetime
    here: bool


class Sessions(msgspec.Struct, frozen=True):
    """Every browser in which one is signed in."""

    sessions: list[OwnSession]


def identity_of(request: Asked) -> Identity:
    """Return who calls, behind a door for persons."""
    identity: Identity = scope_of(request)["identity"]
    return identity


def asker_of(request: Asked) -> Asker:
    """Return who asks for a code."""
    return Asker(address_of(scope_of(request)), token_of(scope_of(request)))


async def welcome(
    connection: AsyncConnection, request: Asked, person: Person, method: Method, now: datetime
) -> Response[SignedIn]:
    """Begin a session for a person who has proved who it is; the session that the browser had before, of whoever it was, ends."""
    if before := token_of(scope_of(request)):
        await store.end(connection, before)
    token = await store.begin(connection, person.id, method, now, scope_of(request)["seal"])
    said = SignedIn(person.id, person.network, "active" if person.state == "active" else "waiting")
    return Response(said, headers={"set-cookie": set_cookie(token, int(LASTS.total_seconds()), _host(request))})


async def end_here(connection: AsyncConnection, request: Asked) -> str:
    """End the session of a browser; return the header that takes its cookie."""
    if token := token_of(scope_of(request)):
        await store.end(connection, token)
    return set_cookie("", 0, _host(request))


async def sessions_of(connection: AsyncConnection, request: Asked, person: UUID) -> list[OwnSession]:
    """Return the browsers in which a person is signed in, newest first."""
    here = token_hash(token_of(scope_of(request)) or "")
    found = await store.of_person(connection, person)
    return [OwnSession(name(row[0]), *row[1:], row[0] == here) for row in found]


async def end_session(connection: AsyncConnection, person: UUID, session: str) -> None:
    """End a session of a person by its name, at once."""
    ending = [kept for kept, *_ in await store.of_person(connection, person) if name(kept) == session]
    await store.end_kept(connection, person, ending)


class SignInDoors:
    """Signing in with a code, signing out, and one's own sessions."""

    def __init__(self, database: AsyncPool, codes: Codes, clock: Clock) -> None:
        self._database = database
        self._codes = codes
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints."""
        asked = (PHONE_INVALID, NETWORK_UNKNOWN, CODE_TOO_SOON, CODES_STOPPED)
        proved = (CODE_WRONG, CODE_ENDED, PERSON_ENDED, PERSON_UNKNOWN, NETWORK_ENDED, INVITE_USED_UP)
        return [
            Endpoint(SIGN_IN, self.begin, 202, problems=asked),
            Endpoint(CODE, self.code, problems=proved),
            Endpoint(SIGN_OUT, self.sign_out, 204),
            Endpoint(SESSIONS, self.sessions),
            Endpoint(END_SESSION, self.end, 204),
        ]

    async def begin(self, request: Asked, data: JSONBody[SignIn]) -> Begun:
        """Send a one-time code to a telephone; the answer is the same whether somebody has it or not."""
        async with self._database.connection(timeout=SECONDS) as connection:
            return Begun(await self._codes.begin(connection, data.network, data.phone, asker_of(request)))

    async def code(self, request: Asked, data: JSONBody[Code]) -> Response[SignedIn]:
        """Sign in with the code; a code has five tries and ten minutes, and is used once."""
        async with self._database.connection(timeout=SECONDS) as connection:
            person = await self._codes.check(connection, data.handle, data.code)
            return await welcome(connection, request, person, "code", self._clock.now())

    async def sign_out(self, request: Asked) -> Response[None]:
        """End the session of this browser."""
        async with self._database.connection(timeout=SECONDS) as connection:
            cookie = await end_here(connection, request)
        return Response(None, status_code=204, headers={"set-cookie": cookie})

    async def sessions(self, request: Asked) -> Sessions:
        """List the browsers in which one is signed in."""
        async with self._database.connection(timeout=SECONDS) as connection:
            return Sessions(await sessions_of(connection, request, identity_of(request).person))

    async def end(self, request: Asked, session: FromPath[str]) -> None:
        """End one of one's own sessions, such as that of a lost phone, at once."""
        async with self._database.connection(timeout=SECONDS) as connection:
            await end_session(connection, identity_of(request).person, session)


def name(kept: bytes) -> str:
    """Return how a session is called towards its person: nothing that opens anything."""
    return kept[:8].hex()


def _host(request: Asked) -> str:
    return header(scope_of(request), b"host") or ""
