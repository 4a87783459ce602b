"""Pages for people who are signed in: the guard in front, plain forms, and refusals as pages.

A room gives a list of :class:`Leaf`: a path, who may come, and what answers. Thai lives at `/...`, English at `/en/...`. Nothing of these
pages is kept by any cache. Whoever is not signed in is led to `/sign-in` and back.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

import psycopg
import structlog
from litestar import HttpMethod, Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from psycopg_pool import PoolTimeout

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, header, scope_of
from sapparot.base.doors import Caller, Door, check_doors
from sapparot.base.guard import Guard, host_in
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.signin import Identity
from sapparot.people.signin.problems import PASSKEY_FIRST, SIGN_IN_AGAIN
from sapparot.web.language import LANGUAGES, language_of, path_in
from sapparot.web.public.notices import UNREADABLE, Notice, notice_for
from sapparot.web.public.pages import HEADERS, routes
from sapparot.web.render import Page, Place, Renderer

log = structlog.get_logger()

SIGN_IN = "/sign-in"
ARRIVES = "#/signed-in"
"""What the phone's app hears from the address when somebody signed in outside it."""
WAYS = "/me"
"""Where people look after their own ways to sign in."""
PRIVATE = HEADERS | {"cache-control": "no-store", "vary": "accept-encoding"}
PER_MINUTE = 240
"""Pages that one person may ask for in a minute."""
FORM_LIMIT = 60_000
_PLACE = re.compile(r"\{(\w+)\}")
_NEXT = re.compile(r"(?:/en)?/(?:organise|head|app|me)(?:/[A-Za-z0-9-]+)*")
_KINDS = {"person": "uuid", "passkey": "uuid", "account": "uuid", "link": "uuid", "number": "int"}

Asked = Request[Any, Any, Any]
Reply = Response[bytes]
REFUSED = Text("เปิดหน้านี้ไม่ได้", "This page is not open to you")
FAILED = Text("ทำรายการไม่สำเร็จ", "That did not work")


class Form:
    """What a page's form brought; a field that is missing is empty."""

    def __init__(self, fields: FormMultiDict) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Return a field as it was typed, without space around it."""
        value = self._fields.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return bool(self.text(name))

    def number(self, name: str, least: int, most: int) -> int:
        """Return a whole number, brought between two bounds; the least one for what is no number."""
        text = self.text(name)
        value = int(text) if text.isdecimal() and len(text) < 10 else least
        return max(least, min(value, most))

    def ids(self, name: str) -> list[UUID]:
        """Return the ids of people that were ticked."""
        return [found for found in map(uuid_in, self._fields.getall(name, [])) if found]

    async def file(self, name: str) -> bytes:
        """Return the bytes of a file; none when nothing was chosen."""
        value = self._fields.get(name)
        return await value.read() if isinstance(value, UploadFile) else b""


class Visit:
    """One request of somebody for a page."""

    def __init__(self, request: Asked, renderer: Renderer) -> None:
        self.request = request
        self._renderer = renderer
        lang, path = language_of(request.url.path.rstrip("/") or "/")
        self.place = Place(lang, "/" + quote(path.lstrip("/")))

    @property
    def scope(self) -> Scope:
        """The ASGI scope of the request."""
        return scope_of(self.request)

    @property
    def who(self) -> Identity:
        """Who visits, behind a door for persons."""
        identity: Identity = self.scope["identity"]
        return identity

    @property
    def origin(self) -> str:
        """Scheme and host by which the visitor came, as links for others begin: what its browser said, which the guard has compared."""
        host = header(self.scope, b"host") or "localhost"
        said = header(self.scope, b"origin") or ""
        return said if host_in(said) == host.lower() else f"https://{host}"

    def at(self, host: str) -> bool:
        """Tell whether the visitor came by this host and port."""
        return (header(self.scope, b"host") or "").lower() == host

    def asked(self, name: str) -> str:
        """Return a parameter of the address, of the path or behind the question mark."""
        found = self.request.path_params.get(name)
        return str(found) if found is not None else self.request.query_params.get(name, "").strip()[:200]

    async def form(self) -> Form:
        """Return what a form brought."""
        return Form(await self.request.form())

    def page(self, template: str, values: Mapping[str, Any], status: int = 200, tag: str = "") -> Reply:
        """Answer with a page; ``tag`` names what it shows."""
        whole = {"stamp": None, "who": self.scope.get("identity"), **BARE, **values, "tag": tag}
        reply = handed(self.request, self._renderer.page(self.place, template, whole, status))
        if tag:
            reply.headers["etag"] = f'W/"{tag}"'
        return reply

    def knows(self, tag: str) -> bool:
        """Tell whether the script of a page asks again and has what it shows already."""
        return (header(self.scope, b"if-none-match") or "").removeprefix("W/") == f'"{tag}"'

    def unchanged(self, tag: str) -> Reply:
        """Answer that nothing has changed."""
        return Response(b"", status_code=304, headers={**PRIVATE, "etag": f'W/"{tag}"'}, media_type="text/html")

    def to(self, path: str, **query: str) -> Reply:
        """Lead the browser on to a page in the same language."""
        where = path_in(self.place.lang, path) + (f"?{urlencode(query)}" if query else "")
        return Response(b"", status_code=303, headers={**PRIVATE, "location": where}, media_type="text/html")

    def told(self, problem: Problem) -> Reply:
        """Answer with a page that says what is the matter."""
        if problem.kind.status == 401:
            there = next_in(self.request.url.path) if self.request.method == "GET" else ""
            return self.to(SIGN_IN, **({"next": there} if there else {}))
        title = REFUSED if problem.kind.status == 403 else FAILED
        values = {"title": title, "text": problem.detail, "code": problem.kind.code}
        if problem.kind in (PASSKEY_FIRST, SIGN_IN_AGAIN):
            values["sign_in"] = next_in(self.request.url.path) if self.request.method == "GET" else ""
        return self.page("lead/notice.html", values, problem.kind.status)

    def noticed(self, notice: Notice) -> Reply:
        """Answer with a page that says why there is nothing else to see."""
        values = {"title": notice.title, "text": notice.text, "code": ""}
        return self.page("lead/notice.html", values, notice.status)


BARE: dict[str, Any] = {
    "network": None,
    "palette": "",
    "tabs": (),
    "tab": "",
    "again": 0,
    "said": None,
    "real": True,
    "tag": "",
}
"""What the frame of a page without a network needs."""
Answer = Callable[[Visit], Awaitable[Reply]]


class Leaf(NamedTuple):
    """A page, or a form of a page: who may come and what answers."""

    method: str
    path: str
    who: Caller
    answer: Answer
    body_limit: int = 0
    per_minute: int = PER_MINUTE

    def doors(self) -> list[Door]:
        """Return its doors in both languages."""
        size = self.body_limit or (FORM_LIMIT if self.method == "POST" else 0)
        return [Door(self.method, path_in(lang, self.path), self.who, self.per_minute, size) for lang in LANGUAGES]


class GuardedPages:
    """The application of such pages, and what it stands behind."""

    def __init__(self, leaves: Sequence[Leaf], guard: Guard, renderer: Renderer) -> None:
        self._guard = guard
        self._renderer = renderer
        self.doors = [door for leaf in leaves for door in leaf.doors()]
        self._first = {leaf.path.split("/")[1] for leaf in leaves}
        self.app = Litestar(
            [self._handler(leaf, door) for leaf in leaves for door in leaf.doors()],
            guards=[self._admit],
            exception_handlers={
                Problem: self._told,
                HTTPException: self._refused,
                psycopg.Error: self._busy,
                PoolTimeout: self._busy,
                Exception: self._failed,
            },
            openapi_config=None,
            logging_config=None,
            request_max_body_size=FORM_LIMIT,
        )
        check_doors(routes(self.app), self.doors)

    def owns(self, path: str) -> bool:
        """Tell whether a request belongs here."""
        return language_of(path)[1].split("/")[1] in self._first

    def before(self, others: AsgiApp) -> AsgiApp:
        """Return an application that answers these pages, and leads everything else on."""

        async def led(scope: Scope, receive: Receive, send: Send) -> None:
            app: Any = self.app if self.owns(scope["path"]) else others
            await app(scope, receive, send)

        return led

    def _handler(self, leaf: Leaf, door: Door) -> HTTPRouteHandler:
        async def answered(request: Asked) -> Reply:
            return await leaf.answer(self._visit(request))

        methods = [HttpMethod(leaf.method)] + [HttpMethod.HEAD] * (leaf.method == "GET")
        path = _PLACE.sub(lambda place: f"{{{place[1]}:{_KINDS.get(place[1], 'str')}}}", door.path)
        made = HTTPRouteHandler(
            path,
            http_method=methods,
            status_code=200,
            request_max_body_size=door.body_limit or None,
            opt={"door": door},
        )
        return made(answered)

    async def _admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if door := handler.opt.get("door"):
            await self._guard.admit(scope_of(connection), door, form=True)

    def _visit(self, request: Asked) -> Visit:
        return Visit(request, self._renderer)

    def _told(self, request: Asked, problem: Problem) -> Reply:
        return self._visit(request).told(problem)

    def _refused(self, request: Asked, error: HTTPException) -> Reply:
        return self._visit(request).noticed(notice_for(error.status_code))

    def _busy(self, request: Asked, error: Exception) -> Reply:
        log.error("the database did not answer a page", path=_named(request), reason=type(error).__name__)
        return self._visit(request).noticed(UNREADABLE)

    def _failed(self, request: Asked, error: Exception) -> Reply:
        log.error("a page failed", path=_named(request), exc_info=error)
        return self._visit(request).noticed(notice_for(500))


def handed(request: Asked, page: Page) -> Reply:
    """Hand out a page that is somebody's alone."""
    headers = {**PRIVATE, "content-security-policy": page.policy}
    body = page.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = page.packed, "gzip"
    return Response(body, status_code=page.status, headers=headers, media_type="text/html")


def next_in(path: str) -> str:
    """Return a path that somebody may be led to after signing in; empty for any other."""
    return path if _NEXT.fullmatch(path) else ""


def onward(path: str) -> str:
    """Return where somebody who signed in on a page goes on; the phone's app is told that somebody arrives."""
    there = language_of(path)[1] if path else f"{SIGN_IN}/on"
    return f"{there}{ARRIVES}" if there == "/app" else there


def uuid_in(text: object) -> UUID | None:
    """Return an id of a person, None for what is none."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _named(request: Asked) -> str:
    """Name the page, not who or what it is about."""
    door = request.scope["route_handler"].opt.get("door") if "route_handler" in request.scope else None
    return door.path if door else "nowhere"
