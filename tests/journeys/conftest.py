"""A real Chromium, and the public pages of an evening that can go on while somebody watches."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from sapparot.base.asgi import Receive, Scope, Send, respond
from sapparot.base.clock import FixedClock
from sapparot.base.objects import Objects
from tests.databases import Databases
from tests.intake.phones import Served
from tests.journeys import phonewalk
from tests.journeys.counting import built, counting
from tests.journeys.phonewalk import PHONE, Walk
from tests.journeys.sound import SEEN, unseen
from tests.web.evenings import Evening
from tests.web.serving import NIGHT, pages, publish, served
from tests.web.sheets import Log

expect.set_options(timeout=30_000)  # what should appear has time: the machines are slow
KEPT_OUT = (
    # what Playwright keeps out itself: our list takes the place of its own
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    # the page behind the address bar and a process kept in reserve, which nobody uses here: half of what a new window costs
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
)  # fmt: skip
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    f" --disable-features={','.join(KEPT_OUT)}"
)
AXE = Path(__file__).parents[2] / "src/sapparot/web/frontend/node_modules/axe-core/axe.min.js"


def chromium(*, whole: bool = False) -> str:
    """Where the system's Chromium is; unless ``whole``, the one without a face, which opens a window at a third of the cost."""
    names = [*([] if whole else ["chromium-headless-shell"]), "chromium", "chromium-browser", "google-chrome"]
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.fail("no Chromium is installed: python3 tools/setup.py browser")
    return program


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; it has no Background Sync where it is the one without a face."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())
        yield running
        running.close()


@pytest.fixture(scope="module")
def large(browser: Browser) -> Iterator[Browser]:
    """A browser whose owner has set letters twice as large."""
    flags = [*FLAGS.split(), "--blink-settings=defaultFontSize=32"]
    running = browser.browser_type.launch(executable_path=chromium(), args=flags)
    yield running
    running.close()


class Night:
    """The pages on a port, with an event stream that can be told of snapshots, or be cut."""

    def __init__(self, folder: Path) -> None:
        self.log = Log()
        self.public = Objects.at(folder)
        self.cut = False
        self.n = 0
        self.asked: list[str] = []
        self.clock = FixedClock(NIGHT)
        self._pages: Any = pages(folder, self.log, self.clock)

    def publish(self, evening: Evening) -> None:
        """Publish the next snapshot; everybody who listens is told."""
        publish(self.public, evening, self.n + 1)
        self.n += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request: stream, pointer, or page."""
        self.asked.append(scope["path"])
        if scope["path"] == "/v1/events":
            await self._stream(send)
        elif scope["path"] == "/v1/latest.json":
            await respond(send, 200, self.public.get("v1/latest.json"))
        else:
            await self._pages(scope, receive, send)

    async def _stream(self, send: Send) -> None:
        if self.cut:
            await respond(send, 503, b"{}", b"application/problem+json")
            return
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        told = self.n
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
        for _ in range(600):
            await asyncio.sleep(0.05)
            if self.cut:
                return
            if told != self.n:
                told = self.n
                event = b'id: %d\nevent: result\ndata: {"n":%d}\n\n' % (told, told)
                await send({"type": "http.response.body", "body": event, "more_body": True})


@pytest.fixture
def night(tmp_path: Path) -> Iterator[tuple[Night, str]]:
    """A running evening and its address."""
    evening = Night(tmp_path)
    with served(evening) as address:
        yield evening, address
        evening.cut = True  # a stream that goes on would hold the server


Open = Callable[..., Page]


@pytest.fixture
def page_of(browser: Browser) -> Iterator[Open]:
    """Open pages as a phone or a desk would; fail when one complained in its console."""
    contexts = []
    complaints: list[str] = []

    def opened(width: int = 1440, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    refused = [text for text in complaints if "503" not in text and "404" not in text]
    assert refused == [], "the browser complained"


@pytest.fixture(autouse=True)
def promised(request: pytest.FixtureRequest) -> Iterator[None]:
    """What `sound.PAGES` says of a test, the test does: each page of its doors was put before axe."""
    SEEN.clear()
    yield
    assert unseen(request.node.originalname) == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what people with disabilities would stumble over."""
    return AXE.read_text()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled stage."""
    return built(tmp_path_factory.mktemp("stage"))


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """A station with 13 candidates and 57 parties, on a port."""
    with counting(folder) as where:
        yield where


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole web side over a small election."""
    with phonewalk.evening(databases, tmp_path_factory.mktemp("phone")) as running:
        yield running


Phones = Callable[[], Walk]


@pytest.fixture
def phones(front: Served, browser: Browser) -> Iterator[Phones]:
    """As many phones as are asked for, each with a memory of its own; none of them complains."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def another() -> Walk:
        contexts.append(browser.new_context(**PHONE))
        walk = Walk(front, contexts[-1])
        walk.page.on("pageerror", lambda error: complaints.append(str(error)))
        return walk

    yield another
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def walk(phones: Phones) -> Walk:
    """A phone."""
    return phones()
