"""The doors of the public pages, in Thai at `/...` and in English at `/en/...`."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any
from urllib.parse import quote, urlencode

import structlog
from litestar import HttpMethod, Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from obstore.exceptions import BaseError as StoreError

from sapparot.base.asgi import Budget, address_of, scope_of
from sapparot.base.doors import Door, check_doors
from sapparot.web.assets import StaticFile
from sapparot.web.language import LANGUAGES, language_of, path_in
from sapparot.web.public.answers import Answers, Kind
from sapparot.web.public.notices import AWAY, NOT_FOUND, TOO_OFTEN, Notice, notice_for
from sapparot.web.public.stations import tidy
from sapparot.web.render import Page, Place

log = structlog.get_logger()

PATHS: dict[Kind, str] = {
    "country": "/",
    "province": "/province/{code:str}",
    "constituency": "/constituency/{code:str}",
    "station": "/station/{code:str}",
    "stations": "/stations",
    "check": "/check",
}
STATIC = "/static/{path:path}"
PER_MINUTE = 1200
"""Pages that one address may ask for in a minute: many phones share one on election night, and each keeps itself up to date."""
_TYPE = re.compile(r":\w+(?=\})")
DOORS = tuple(
    Door("GET", _TYPE.sub("", path).rstrip("/") or "/", "anyone", per_minute=PER_MINUTE)
    for path in (*(path_in(lang, path) for lang in LANGUAGES for path in PATHS.values()), STATIC)
)
FRESH = "public, max-age=1, stale-if-error=120"
FOR_EVER = "public, max-age=31536000, immutable"
ONE_DAY = "public, max-age=86400"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}
LOOKS = {"permissions-policy": "geolocation=(), camera=(self), microphone=()"}
"""Of the one page that reads QR codes."""

Asked = Request[Any, Any, Any]
Reply = Response[bytes]


def public_pages(answers: Answers, static: dict[str, StaticFile]) -> Litestar:
    """Return the application of the public pages; refuses to start when a route has no door."""
    budgets: defaultdict[str, Budget] = defaultdict(lambda: Budget(PER_MINUTE))

    async def admit(request: Asked) -> Reply | None:
        if budgets[request.scope["path_template"]].spend(address_of(scope_of(request))):
            return None
        return say(request, TOO_OFTEN)

    def say(request: Asked, notice: Notice) -> Reply:
        return handed(request, answers.notice(place_of(request), notice))

    def refused(request: Asked, error: HTTPException) -> Reply:
        return say(request, notice_for(error.status_code))

    def failed(request: Asked, error: Exception) -> Reply:
        log.error("a page failed", path=request.url.path, exc_info=error)
        return say(request, notice_for(500))

    def away(request: Asked, error: StoreError) -> Reply:
        log.error("published files cannot be read", path=request.url.path, reason=str(error)[:200])
        return say(request, AWAY)

    async def file(request: Asked) -> Reply:
        found = static.get(str(request.path_params["path"]).removeprefix("/"))
        return say(request, NOT_FOUND) if found is None else handed_file(request, found)

    handlers = [_handler(answers, kind) for kind in PATHS]
    app = Litestar(
        [*handlers, HTTPRouteHandler(STATIC, http_method=[HttpMethod.GET, HttpMethod.HEAD])(file)],
        before_request=admit,
        exception_handlers={HTTPException: refused, StoreError: away, Exception: failed},
        openapi_config=None,
        logging_config=None,
    )
    check_doors(routes(app), DOORS)
    return app


def routes(app: Litestar) -> list[tuple[str, str]]:
    """Return (method, path) of every page; HEAD goes through the door of GET."""
    return [
        (str(method), route.path_format)
        for route in app.routes
        for method in sorted(getattr(route, "methods", ()))
        if method not in ("HEAD", "OPTIONS")
    ]


def place_of(request: Asked) -> Place:
    """Say where a request is: its language, its page, and whether it asks for the inside alone. Only the search has words."""
    lang, path = language_of(request.url.path.rstrip("/") or "/")
    words = tidy(request.query_params.get("q", "")) if path == PATHS["stations"] else ""
    query = f"?{urlencode({'q': words})}" if words else ""
    return Place(lang, _on_this_host(path), query, request.query_params.get("fragment") == "1")


def _on_this_host(path: str) -> str:
    """Return a path that links may begin with: browsers take what follows `//`, `/\\` or `/` and a tab for another host."""
    return "/" + quote(path.lstrip("/"))


def handed(request: Asked, page: Page) -> Reply:
    """Hand out a finished page: nothing when the caller has it, compressed when the caller can read that."""
    tag = f'W/"{page.tag}"'
    headers = {**HEADERS, "content-security-policy": page.policy, "etag": tag, "vary": "accept-encoding"}
    headers["cache-control"] = FRESH if page.status == 200 else "no-store"
    if language_of(request.url.path)[1] == PATHS["check"]:
        headers |= LOOKS
    if page.age is not None:
        headers["server-timing"] = f"snapshot;dur={page.age * 1000:.0f}"
    if page.status == 200 and tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type="text/html")
    body = page.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = page.packed, "gzip"
    return Response(body, status_code=page.status, headers=headers, media_type="text/html")


def handed_file(request: Asked, file: StaticFile) -> Reply:
    """Hand out a file of the build; those with a hash in their name never change."""
    headers = {**HEADERS, "cache-control": FOR_EVER if file.hashed else ONE_DAY, "vary": "accept-encoding"}
    body = file.body
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = file.packed, "gzip"
    return Response(body, headers=headers, media_type=file.media_type)


def _handler(answers: Answers, kind: Kind) -> HTTPRouteHandler:
    paths = [path_in(lang, PATHS[kind]) for lang in LANGUAGES]

    async def plain(request: Asked) -> Reply:
        return handed(request, await answers.answer(kind, place_of(request)))

    async def coded(request: Asked) -> Reply:
        return handed(request, await answers.answer(kind, place_of(request), str(request.path_params["code"])))

    async def searched(request: Asked) -> Reply:
        place, words = place_of(request), tidy(request.query_params.get("q", ""))
        found = await answers.station_called(words) if words else None
        if found is not None:
            where = path_in(place.lang, f"/station/{found}")
            return Response(b"", status_code=303, headers={**HEADERS, "location": where, "cache-control": "no-store"})
        return handed(request, await answers.answer(kind, place, words))

    chosen = searched if kind == "stations" else coded if "{" in PATHS[kind] else plain
    return HTTPRouteHandler(paths, http_method=[HttpMethod.GET, HttpMethod.HEAD], name=kind)(chosen)
