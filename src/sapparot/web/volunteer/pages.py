"""The doors of the volunteer's phone: `/app`, `/join/{network}`, the manifest and the worker. Thai at `/...`, English at `/en/...`.

The page of the app is the same bytes for everybody and holds nothing about anyone; the worker keeps it, so that it opens without a
network. The joining page shows the network, its colour and what people agree to before any script runs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from litestar import HttpMethod, Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from psycopg_pool import PoolTimeout

from sapparot.base.asgi import Budget, address_of, scope_of
from sapparot.base.doors import Door
from sapparot.base.text import Language, Text
from sapparot.web.assets import Assets, PhoneAssets
from sapparot.web.language import LANGUAGES, language_of, path_in
from sapparot.web.public.notices import NOT_FOUND, TOO_OFTEN, Notice, notice_for
from sapparot.web.render import Page, Place, Renderer
from sapparot.web.volunteer.facts import Invitation

PER_MINUTE = 1200
"""Many phones share one address, and a whole hall of people may join at the same moment."""
APP, JOIN, MANIFEST, WORKER = "/app", "/join/", "/app.webmanifest", "/worker.js"
DOORS = (
    *(
        Door("GET", path_in(lang, path), "anyone", per_minute=PER_MINUTE)
        for lang in LANGUAGES
        for path in (APP, JOIN, MANIFEST)
    ),
    Door("GET", WORKER, "anyone", per_minute=PER_MINUTE),
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(self), microphone=()",
}
IMAGES = "'self' blob: data:"
NAME = Text("ตาสับปะรด อาสาสมัคร", "Sapparot volunteer")
SHORT = Text("ตาสับปะรด", "Sapparot")
JOINING = Text("ร่วมเป็นอาสากับ {name}", "Join {name}")

Invitations = Callable[[str], Awaitable[Invitation | None]]
Asked = Request[Any, Any, Any]
Reply = Response[bytes]


class PhonePages:
    """Makes the pages of the phone. What it keeps can be made again."""

    def __init__(self, phone: PhoneAssets, invitations: Invitations, zone: ZoneInfo) -> None:
        self._phone = phone
        self._invitations = invitations
        assets = Assets(phone.style, phone.app_script, phone.join_script)
        self._frames = Renderer(assets, zone, "volunteer/frame.html", IMAGES)
        self._apps = {lang: self._page(Place(lang, APP), "volunteer/app.html", {"title": NAME}) for lang in LANGUAGES}
        made = b"".join(page.body for page in self._apps.values())
        version = sha256(made + phone.worker.encode()).hexdigest()[:16]
        files = [
            *(path_in(lang, path) for lang in LANGUAGES for path in (APP, MANIFEST)),
            "/static/icon.svg",
            *phone.files,
        ]
        self.worker = f"const VERSION={json.dumps(version)},FILES={json.dumps(files)};{phone.worker}".encode()

    def app(self, lang: Language) -> Page:
        """Return the page of the app."""
        return self._apps[lang]

    async def join(self, place: Place, network: str) -> Page:
        """Return the page on which people join a network."""
        try:
            found = await self._invitations(network)
        except (psycopg.Error, PoolTimeout):
            return self.notice(place, notice_for(503))
        if found is None:
            return self.notice(place, NOT_FOUND)
        values = {"title": JOINING.fill(name=found.name.say(place.lang)), "invitation": found}
        return self._page(place, "volunteer/join.html", {**values, "palette": f":root{{--brand:{found.colour}}}"})

    def notice(self, place: Place, notice: Notice) -> Page:
        """Return a page that says why there is nothing else to see."""
        values = {"title": notice.title, "text": notice.text, "stamp": None, "first": ()}
        return self._frames.notice(place, "volunteer/notice.html", values, notice.status)

    def _page(self, place: Place, template: str, values: dict[str, Any]) -> Page:
        first = self._phone.first if template == "volunteer/app.html" else ()
        return self._frames.page(place, template, {"stamp": None, "first": first, **values})


def manifest(lang: Language) -> bytes:
    """Return the web app manifest (W3C) of a language."""
    start = path_in(lang, APP)
    icon = {"src": "/static/icon.svg", "type": "image/svg+xml", "sizes": "any", "purpose": "any"}
    return json.dumps(
        {
            "id": APP,
            "name": NAME.say(lang),
            "short_name": SHORT.say(lang),
            "lang": lang,
            "start_url": start,
            "scope": start,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b5563",
            "icons": [icon, {**icon, "src": "/static/icon-maskable.svg", "purpose": "maskable"}],
        },
        ensure_ascii=False,
    ).encode()


def phone_pages(pages: PhonePages) -> Litestar:
    """Return the application of the phone's pages."""
    budgets: defaultdict[str, Budget] = defaultdict(lambda: Budget(PER_MINUTE))

    async def admit(request: Asked) -> Reply | None:
        if budgets[request.scope["path_template"]].spend(address_of(scope_of(request))):
            return None
        return handed(request, pages.notice(_place(request), TOO_OFTEN))

    def refused(request: Asked, error: HTTPException) -> Reply:
        return handed(request, pages.notice(_place(request), notice_for(error.status_code)))

    return Litestar(
        [_handler(path, handler) for path, handler in _handlers(pages).items()],
        before_request=admit,
        exception_handlers={HTTPException: refused},
        openapi_config=None,
        logging_config=None,
    )


def _handlers(pages: PhonePages) -> dict[str, Callable[..., Awaitable[Reply]]]:
    async def app(request: Asked) -> Reply:
        return handed(request, pages.app(_place(request).lang))

    async def join(request: Asked) -> Reply:
        return handed(request, await pages.join(_place(request), str(request.path_params["network"])))

    async def described(request: Asked) -> Reply:
        return _file(manifest(_place(request).lang), "application/manifest+json")

    async def worker() -> Reply:
        return _file(pages.worker, "text/javascript; charset=utf-8")

    return {APP: app, f"{JOIN}{{network:str}}": join, MANIFEST: described, WORKER: worker}


def _handler(path: str, handler: Callable[..., Awaitable[Reply]]) -> HTTPRouteHandler:
    paths = [path] if path == WORKER else [path_in(lang, path) for lang in LANGUAGES]
    return HTTPRouteHandler(paths, http_method=[HttpMethod.GET, HttpMethod.HEAD])(handler)


def _file(body: bytes, kind: str) -> Reply:
    return Response(body, headers={**HEADERS, "cache-control": "no-cache"}, media_type=kind)


def _place(request: Asked) -> Place:
    lang, path = language_of(request.url.path.rstrip("/") or "/")
    return Place(lang, path if path == APP or path.startswith(JOIN) else APP)


def handed(request: Asked, page: Page) -> Reply:
    """Hand out a finished page; the browser asks each time whether it changed."""
    tag = f'W/"{page.tag}"'
    headers = {**HEADERS, "content-security-policy": page.policy, "etag": tag, "vary": "accept-encoding"}
    headers["cache-control"] = "no-cache" if page.status == 200 else "no-store"
    if page.status == 200 and tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type="text/html")
    body = page.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = page.packed, "gzip"
    return Response(body, status_code=page.status, headers=headers, media_type="text/html")
