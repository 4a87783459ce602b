"""The machine side: JSON endpoints of all slices in one Litestar application, each behind its door.

A slice gives a list of :class:`Endpoint`: a :class:`Door` and an asynchronous function that Litestar calls. The guard admits the request
before anything of it is read; bodies are decoded strictly into the msgspec struct that the function names as ``data: JSONBody[X]``
(``id: FromPath[UUID]`` and ``q: FromQuery[str] = ""`` name the rest); whatever goes wrong is answered as a problem (RFC 9457).
``/v1/openapi.json`` describes what is there.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import psycopg
import structlog
from litestar import HttpMethod, Litestar, MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, SecurityRequirement, SecurityScheme
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import RETRY_SECONDS, scope_of
from sapparot.base.database import UNUSABLE
from sapparot.base.doors import BY_SESSION, Door
from sapparot.base.guard import Guard
from sapparot.base.problems import (
    BAD_REQUEST,
    BUSY,
    INVALID,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNEXPECTED,
    Problem,
    ProblemBody,
    ProblemKind,
)
from sapparot.base.text import Text

log = structlog.get_logger()

OPENAPI_DOOR = Door("GET", "/v1/openapi.json", "anyone", per_minute=600)
SCHEMES = {
    "session": SecurityScheme(type="apiKey", name="sapparot_session", security_scheme_in="cookie"),
    "operator": SecurityScheme(type="http", scheme="bearer"),
}
ABOUT = (
    "The JSON endpoints of people, duties and networks. Who signs in gets a session as a cookie; what changes something must come from a"
    " page of the same host, which browsers say by `Sec-Fetch-Site` or `Origin`. Whatever goes wrong is a problem (RFC 9457) with a code"
    " that stays, in Thai and English; 429 and 503 say in `Retry-After` when to try again. Bodies hold no unknown members. The doors of"
    " devices, reports, photographs and the log are described in docs/reference/endpoints.md and docs/formats/."
)
CSV = "text/csv"
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_LEFT = "client disconnected prematurely"
"""What Litestar says when a caller leaves before its body is complete: nobody hears the answer."""
_BY_STATUS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}
_PLACE = re.compile(r"\{(\w+)\}")
_KINDS = {UUID: "uuid", int: "int"}
_WHERE = re.compile(r" - at `\$\.?(.*)`$")

Handler = Callable[..., Awaitable[Any]]


class Endpoint(msgspec.Struct, frozen=True):
    """A door, the function behind it, status and media type of its answer, and the problems it may tell beside those of every door."""

    door: Door
    handler: Handler
    status: int = 200
    problems: tuple[ProblemKind, ...] = ()
    media_type: str = MediaType.JSON


class StrictRequest(Request[Any, Any, Any]):
    """Decodes JSON into exactly what the handler declares: a number in quotation marks is not a number."""

    async def json(self) -> Any:
        """Return the body as the struct that the handler wants; raises :class:`Problem`."""
        wanted = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        try:
            return msgspec.json.decode(await self.body(), type=wanted)
        except msgspec.ValidationError as error:
            raise invalid([_fault(str(error))]) from error
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Problem(BAD_REQUEST, Text("อ่านข้อมูล JSON ไม่ได้", "The body is not JSON")) from error


def invalid(faults: Sequence[tuple[str, str]]) -> Problem:
    """Return the problem of fields that are not valid: (field, what is wrong with it in English)."""
    fields = ", ".join(field for field, _ in faults if field)
    detail = Text("ข้อมูลช่องต่อไปนี้ไม่ถูกต้อง: {fields}", "These fields are not valid: {fields}").fill(fields=fields)
    errors = [{"field": field, "message": message} for field, message in faults]
    return Problem(INVALID, detail if fields else None, errors=errors)


def _fault(message: str) -> tuple[str, str]:
    where = _WHERE.search(message)
    return (where[1] if where else "", _WHERE.sub("", message))


class Machine:
    """The endpoints of the machine side as one application."""

    def __init__(self, endpoints: Sequence[Endpoint], guard: Guard) -> None:
        self._endpoints = [*endpoints, Endpoint(OPENAPI_DOOR, self._openapi)]
        self._guard = guard
        self._described: bytes | None = None
        self.app = Litestar(
            [self._route(each) for each in self._endpoints],
            request_class=StrictRequest,
            guards=[self._admit],
            exception_handlers={
                Problem: _told,
                HTTPException: _translated,
                psycopg.DataError: _unstorable,
                **dict.fromkeys(UNUSABLE, _busy),
                PoolTimeout: _busy,
                Exception: _unexpected,
            },
            response_headers=[ResponseHeader(name=name, value=value) for name, value in HEADERS.items()],
            openapi_config=None,
            logging_config=None,
        )

    def routes(self) -> list[tuple[str, str]]:
        """Return (method, path) of every endpoint; HEAD goes through the door of GET."""
        return [
            (str(method), route.path_format)
            for route in self.app.routes
            for method in sorted(getattr(route, "methods", ()))
            if method not in ("HEAD", "OPTIONS")
        ]

    def doors(self) -> list[Door]:
        """Return the door of every endpoint."""
        return [endpoint.door for endpoint in self._endpoints]

    def description(self) -> bytes:
        """Return the OpenAPI description of the endpoints, as JSON."""
        if self._described is None:
            config = OpenAPIConfig(
                title="Sapparot",
                version="1",
                description=ABOUT,
                use_handler_docstrings=True,
                components=Components(security_schemes={**SCHEMES}),
            )
            routes = [self._route(each, described=True) for each in self._endpoints]
            schema = Litestar(routes, openapi_config=config, logging_config=None).openapi_schema.to_schema()
            self._described = msgspec.json.encode(_mended(schema))
        return self._described

    async def _openapi(self) -> Response[dict[str, Any]]:
        """Return this description."""
        described = msgspec.json.decode(self.description())
        return Response(described, media_type=MediaType.JSON, headers={"cache-control": "public, max-age=60"})

    def _route(self, endpoint: Endpoint, *, described: bool = False) -> HTTPRouteHandler:
        door = endpoint.door
        methods = [HttpMethod(door.method)] + [HttpMethod.HEAD] * (door.method == "GET" and not described)
        made = HTTPRouteHandler(
            _typed(door.path, endpoint.handler),
            http_method=methods,
            status_code=endpoint.status,
            media_type=endpoint.media_type,
            request_max_body_size=door.body_limit or None,
            opt={"door": door},
            operation_id=f"{door.method.lower()}{re.sub(r'[^a-z0-9]+', '_', door.path.removeprefix('/v1'))}",
            summary=_summary(endpoint.handler) or None,
            tags=[door.path.split("/")[2]],
            responses=_responses(endpoint) if described else None,
            security=_security(door),
        )
        return made(endpoint.handler)

    async def _admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if door := handler.opt.get("door"):
            await self._guard.admit(scope_of(connection), door)


def _typed(path: str, handler: Handler) -> str:
    """Write the path for Litestar, with the type that the function gives each place: ``/v1/x/{id:uuid}``."""
    hints = get_type_hints(handler)
    return _PLACE.sub(lambda place: f"{{{place[1]}:{_KINDS.get(hints.get(place[1], str), 'str')}}}", path)


def _security(door: Door) -> list[SecurityRequirement] | None:
    if door.who in BY_SESSION:
        return [{"session": []}]
    return [{door.who: []}] if door.who in SCHEMES else None


def _mended(schema: Any) -> Any:
    """Return a description without what the framework gets wrong: an answer 204 has no body, and ``tuple[X, ...]`` holds X only."""
    if isinstance(schema, list):
        return [_mended(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if len(either := schema.get("oneOf", ())) == 2 and either[1] == {}:
        return _mended(either[0])
    whole = {name: _mended(value) for name, value in schema.items()}
    if "204" in (answers := whole.get("responses", {})):
        answers["204"].pop("content", None)
    return whole


def _summary(handler: Handler) -> str:
    """Return the first thing that a function's description says, as the heading of its endpoint."""
    said = " ".join((handler.__doc__ or "").split())
    return re.split(r"[.:;] |\.$", said, maxsplit=1)[0]


def _responses(endpoint: Endpoint) -> dict[int, ResponseSpec]:
    """Say which problems an endpoint may answer with, by status."""
    door = endpoint.door
    statuses = {400, 405, 429, 500, 503} | ({401, 403} if door.who != "anyone" else set())
    statuses |= ({413, 415} if door.body_limit else set()) | ({404} if "{" in door.path else set())
    statuses |= {403} if door.method != "GET" else set()
    by_status: dict[int, list[str]] = {status: [] for status in statuses}
    for problem in endpoint.problems:
        by_status.setdefault(problem.status, []).append(problem.code)
    return {
        status: ResponseSpec(
            ProblemBody,
            generate_examples=False,
            media_type=MEDIA_TYPE,
            description=", ".join(codes) or HTTPStatus(status).phrase,
        )
        for status, codes in sorted(by_status.items())
    }


def _answered(problem: Problem) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    if problem.kind.status in (429, 503):
        headers["retry-after"] = RETRY_SECONDS.decode()
    body = canonical.encode(problem.body())
    return Response(body, status_code=problem.kind.status, media_type=MEDIA_TYPE, headers=headers)


def _told(_: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    return _answered(problem)


def _translated(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if isinstance(error, ValidationException):
        extra: Any = error.extra or []
        return _answered(invalid([(str(one.get("key", "")), str(one.get("message", ""))) for one in extra]))
    if error.status_code >= 500 and error.detail != _LEFT:
        return _unexpected(request, error)
    answer = _answered(Problem(_BY_STATUS.get(error.status_code, BAD_REQUEST)))
    if allow := (error.headers or {}).get("allow"):
        answer.headers["allow"] = allow
    return answer


def _unstorable(_: Request[Any, Any, Any], error: psycopg.DataError) -> Response[bytes]:
    return _answered(Problem(BAD_REQUEST, Text("มีอักขระที่เก็บไม่ได้", "It holds characters that cannot be kept")))


def _busy(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("the database did not answer an endpoint", path=_path(request), reason=type(error).__name__)
    return _answered(Problem(BUSY))


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("an endpoint failed", path=_path(request), exc_info=error)
    return _answered(Problem(UNEXPECTED))


def _path(request: Request[Any, Any, Any]) -> str:
    """Name the endpoint, not what was asked of it."""
    door = request.scope["route_handler"].opt.get("door") if "route_handler" in request.scope else None
    return door.path if door else "nowhere"
