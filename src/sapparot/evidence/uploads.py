"""``POST /v1/evidence`` and ``/v1/uploads/{id}``: a photograph that comes in pieces, by tus 1.0.0 (docs/formats/evidence.md).

Core protocol with creation, creation-with-upload, expiration, checksum and termination. An upload belongs to the device that began it;
to every other one it does not exist.
"""

from __future__ import annotations

import psycopg
import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.asgi import JSON, Budget, Gone, Headers, Receive, Scope, Send, header, respond_problem, size_of
from sapparot.base.clock import Clock
from sapparot.base.doors import Door
from sapparot.base.metrics import EVIDENCE_UPLOADS
from sapparot.base.problems import METHOD_NOT_ALLOWED, Problem
from sapparot.evidence.arrivals import Arrivals
from sapparot.evidence.facts import PhotographKept, Upload
from sapparot.evidence.photographs import storage_problem
from sapparot.evidence.problems import BEYOND_LENGTH, OTHER_OFFSET, OTHER_VERSION, TOO_OFTEN
from sapparot.evidence.resuming import (
    LARGEST,
    OFFERED,
    PATH,
    PREFIX,
    SPOKEN,
    begun,
    check_type,
    check_version,
    checksum_in,
    facts_of,
    method_of,
    number,
    place_of,
    upload_in,
)
from sapparot.evidence.rules import answer
from sapparot.evidence.unfinished import Unfinished
from sapparot.people import DeviceTokens

log = structlog.get_logger()

BEGIN_DOOR = Door("POST", PATH, "device", body_limit=LARGEST, per_minute=60)
OFFER_DOOR = Door("OPTIONS", PATH, "anyone", per_minute=600)
UPLOAD_DOORS = (
    Door("HEAD", PREFIX, "device", per_minute=600),
    Door("PATCH", PREFIX, "device", body_limit=LARGEST, per_minute=600),
    Door("DELETE", PREFIX, "device", per_minute=600),
    Door("POST", PREFIX, "device", body_limit=LARGEST, per_minute=600),
    Door("OPTIONS", PREFIX, "anyone", per_minute=600),
)
"""POST is for networks that let no other method through: ``X-HTTP-Method-Override`` names the one that is meant."""
DOORS = (BEGIN_DOOR, OFFER_DOOR, *UPLOAD_DOORS)
NO_STORE = (b"cache-control", b"no-store")


class _Reply:
    """A complete answer: status, headers and body."""

    def __init__(self, status: int, headers: Headers, body: bytes = b"") -> None:
        self.status = status
        self.headers = [*SPOKEN, *headers]
        self.body = body
        if status != 204:
            self.headers.append((b"content-length", b"%d" % len(body)))
        if body:
            self.headers.append((b"content-type", JSON))


class UploadsDoor:
    """The ASGI application behind all doors of uploads in pieces."""

    def __init__(self, unfinished: Unfinished, tokens: DeviceTokens, clock: Clock, arrivals: Arrivals) -> None:
        self._unfinished = unfinished
        self._tokens = tokens
        self._clock = clock
        self._arrivals = arrivals
        self._beginnings = Budget(BEGIN_DOOR.per_minute)
        self._requests = Budget(UPLOAD_DOORS[0].per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            reply = await self._answer(scope, receive)
        except Problem as problem:
            await _refuse(send, problem)
        except (psycopg.Error, StoreError, OSError) as error:
            log.exception("a piece of a photograph could not be kept")
            await _refuse(send, storage_problem(error))
        except Gone:
            return
        else:
            await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
            await send({"type": "http.response.body", "body": reply.body})

    async def _answer(self, scope: Scope, receive: Receive) -> _Reply:
        if scope["method"] == "OPTIONS":
            return _Reply(204, OFFERED)
        method = method_of(scope)
        check_version(scope)
        carrier = self._tokens.check(header(scope, b"authorization"), self._clock.now())
        if scope["path"] == PATH:
            self._spend(self._beginnings, carrier)
            if method != "POST":
                raise Problem(METHOD_NOT_ALLOWED)
            return await self._begin(scope, receive, carrier)
        self._spend(self._requests, carrier)
        upload = await self._unfinished.find(upload_in(scope["path"]), carrier)
        match method:
            case "HEAD":
                return _Reply(200, [NO_STORE, *_all_of(upload)])
            case "PATCH":
                return await self._patch(scope, receive, upload)
            case "DELETE":
                await self._unfinished.end(upload.id)
                return _Reply(204, [])
        raise Problem(METHOD_NOT_ALLOWED)

    async def _begin(self, scope: Scope, receive: Receive, carrier: str) -> _Reply:
        said = begun(scope)
        brought = _brings_a_body(scope)
        if brought:
            check_type(scope)
            if size_of(scope, 0) > said.length:
                raise Problem(BEYOND_LENGTH)
        checksum = checksum_in(scope)
        self._arrivals.make_sure_of_room(said.length)
        upload, kept = await self._unfinished.begin(said, carrier)
        if kept is None and brought:
            whole = False
            try:
                with self._arrivals.place(carrier, said.length):
                    upload = await self._unfinished.take(upload, self._arrivals.parts(receive), checksum)
                whole = True
            finally:
                if not whole:  # the caller does not know its address
                    await self._unfinished.end(upload.id)
        _count(upload, kept)
        return _Reply(201, [place_of(upload), *facts_of(upload)], b"" if kept is None else answer(kept))

    async def _patch(self, scope: Scope, receive: Receive, upload: Upload) -> _Reply:
        check_type(scope)
        if number(scope, b"upload-offset") != upload.received:
            raise Problem(OTHER_OFFSET, offset=upload.received)
        expected = size_of(scope, 0)
        if upload.received + expected > upload.length:
            raise Problem(BEYOND_LENGTH)
        checksum = checksum_in(scope)
        with self._arrivals.place(upload.carrier, upload.length):
            now = await self._unfinished.take(upload, self._arrivals.parts(receive), checksum)
        _count(now, None)
        return _Reply(204, facts_of(now))

    def _spend(self, budget: Budget, caller: str) -> None:
        if not budget.spend(caller):
            raise Problem(TOO_OFTEN)


def _brings_a_body(scope: Scope) -> bool:
    """Tell whether a body comes with the head: one with a length, or one in chunks."""
    return size_of(scope, 0) > 0 or header(scope, b"transfer-encoding") is not None


def _all_of(upload: Upload) -> list[tuple[bytes, bytes]]:
    """Return everything that HEAD tells."""
    told = [(b"upload-length", b"%d" % upload.length), (b"upload-metadata", upload.metadata.encode("latin-1"))]
    return [*facts_of(upload), *told]


def _count(upload: Upload, kept: PhotographKept | None) -> None:
    if upload.finished:
        EVIDENCE_UPLOADS.labels("known" if kept else "kept").inc()


async def _refuse(send: Send, problem: Problem) -> None:
    EVIDENCE_UPLOADS.labels(problem.kind.code).inc()
    offered = OFFERED[:1] if problem.kind is OTHER_VERSION else []
    await respond_problem(send, problem, [*SPOKEN, *offered])
