"""How soon the volunteer's phone opens: ``/app`` and ``/join/{network}`` in a real Chromium on a slow line and a slow processor.

``sapparot up`` serves as an operator would run it. The line has 1.6 Mbit/s and a round trip of 150 ms, the processor runs at a sixth of
its speed. Two moments are taken: the first paint that means something (a heading and what to press), and when a finger can act (the
heading stands, its scripts ran, and no long task follows for half a second). As floor the same machine gives, in the same run, a bare page
of the same bytes: a heading, a button, a style and a script of the same compressed size, which do nothing. No page can be there before it.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import random
import shutil
import socket
import statistics
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from bench.kill import Program, directory, free_port
from sapparot.app import keyring
from sapparot.base.asgi import Receive, Scope, Send
from sapparot.base.database import connect
from sapparot.base.server import make_server
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.people import Network, add_network

NETWORK = "teachers"
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
PHONE: ViewportSize = {"width": 360, "height": 740}
QUIET_MS = 500
GOAL_S = 2.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``mbit`` and ``rtt`` (milliseconds) of the line, ``slower`` times of the processor."""

    rounds: int = 7
    mbit: float = 1.6
    rtt: float = 150.0
    slower: float = 6.0


class Weight(msgspec.Struct, frozen=True):
    """Bytes of a page's first visit as they cross the line: its document and its scripts, and the files they come in."""

    document: int
    scripts: int


class Opened(msgspec.Struct, frozen=True):
    """Seconds from the tap on the link until something was there, and until a finger could act."""

    paint: float
    acts: float
    weight: Weight


WATCH = """() => {
  const found = (globalThis.opening = { tasks: [], paint: 0 });
  new PerformanceObserver((list) => { for (const one of list.getEntries()) found.tasks.push(one.startTime + one.duration); })
    .observe({ type: "longtask", buffered: true });
  const look = () => {
    if (found.paint) return;
    const heading = document.querySelector("h1");
    const press = document.querySelector("main a.main, main button.main, main .tile, button#floor");
    if (heading && press && heading.getClientRects().length) {
      requestAnimationFrame(() => setTimeout(() => { found.paint ||= performance.now(); }));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
"""Runs before anything of a page: notes long tasks, and the frame in which a heading and something to press stand."""
READY = """async ([quiet, ready]) => {
  const found = globalThis.opening;
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  while (!found.paint || !(globalThis.lives || customElements.get(ready))) await wait(10);
  const ready_at = performance.now();
  const last = () => Math.max(found.paint, ready_at, ...found.tasks);
  while (performance.now() - last() < quiet) await wait(20);
  const spent = (one) => one.transferSize;
  const files = performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js") && one.startTime <= found.paint);
  const [page] = performance.getEntriesByType("navigation");
  const weight = { document: spent(page), scripts: files.reduce((sum, one) => sum + spent(one), 0) };
  return { paint: found.paint / 1000, acts: last() / 1000, weight };
}"""
LIVES = {"/app": "phone-app", "/join": "join-form", "floor": "floor-page"}
"""The element whose script has to run before a page answers."""
KEPT = """async () => {
  while (!(await navigator.serviceWorker.getRegistration("/app"))?.active) await new Promise((done) => setTimeout(done, 50));
}"""
"""Waits until the worker keeps the whole app."""
SEED = """async () => {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const asked = indexedDB.open("sapparot-phone");
  const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const writing = database.transaction(["profiles", "settings"], "readwrite");
  const name = { th: "เครือข่ายครู", en: "Teachers" };
  const profile = { person: "p", network: "teachers", network_name: name, name: "สมศรี ใจดี", level: 1, kid: "k", keys, seq: 0 };
  writing.objectStore("profiles").put({ ...profile, token: "t", until: null, trained: true, revoked: false });
  writing.objectStore("settings").put({ name: "current", value: "p" });
  await new Promise((done) => { writing.oncomplete = done; });
  database.close();
}"""
"""Makes the phone that of somebody who joined, so that a later visit opens at home."""


def run(plan: Plan, data: Path, say: Callable[[str], None] = lambda _: None) -> list[dict[str, Any]]:
    """Measure in an empty directory."""
    program = Program(data, free_port())
    try:
        program.start()
        _network(program)
        with _browser() as browser:
            return _measure(plan, browser, f"http://127.0.0.1:{program.port}", say)
    finally:
        program.kill("both")


def _network(program: Program) -> None:
    """Let a network take part that anyone may join."""
    key = keyring(Settings(data=program.data)).make(NETWORK).jwk
    with connect(program.url) as connection:
        add_network(connection, Network(NETWORK, Text("เครือข่ายครู", "Teachers"), key))
        connection.execute("UPDATE people.networks SET open = true")


@contextmanager
def _browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("no Chromium is installed: python3 tools/setup.py browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


def _measure(plan: Plan, browser: Browser, address: str, say: Callable[[str], None]) -> list[dict[str, Any]]:
    pages = {"/app": f"{address}/app", "/join": f"{address}/join/{NETWORK}"}
    seen: dict[tuple[str, str], list[Opened]] = {}
    for number in range(plan.rounds):
        for name, url in pages.items():
            for visit, opened in _visits(plan, browser, name, url):
                seen.setdefault((name, visit), []).append(opened)
            weight = seen[name, "first"][-1].weight
            with _bare(weight) as floor:
                for visit, opened in _visits(plan, browser, "floor", floor):
                    seen.setdefault((f"floor {name}", visit), []).append(opened)
        say(f"round {number + 1} of {plan.rounds}")
    return [_result(name, visit, seen) for name, visit in seen if name in pages]


def _visits(plan: Plan, browser: Browser, name: str, url: str) -> Iterator[tuple[str, Opened]]:
    """Visit with a browser that knows nothing, then again with what it kept."""
    context = browser.new_context(viewport=PHONE, locale="th-TH", has_touch=True)
    context.add_init_script(f"({WATCH})()")
    try:
        yield "first", _open(plan, context, name, url)
        page = context.new_page()
        page.goto(url)
        if name != "floor":
            page.evaluate(KEPT)
            page.wait_for_timeout(500)
        if name == "/app":
            page.evaluate(SEED)
        page.close()
        yield "later", _open(plan, context, name, url)
    finally:
        context.close()


def _open(plan: Plan, context: BrowserContext, name: str, url: str) -> Opened:
    page = context.new_page()
    page.goto("about:blank")
    _slow(plan, page)
    page.goto(url, wait_until="commit")
    said = page.evaluate(READY, [QUIET_MS, LIVES[name]])
    page.close()
    return msgspec.convert(said, Opened, strict=False)


def _slow(plan: Plan, page: Page) -> None:
    """Give a page a slow line and a slow processor."""
    devtools = page.context.new_cdp_session(page)
    bytes_per_second = plan.mbit * 1e6 / 8
    devtools.send("Network.enable")
    line = {
        "offline": False,
        "latency": plan.rtt,
        "downloadThroughput": bytes_per_second,
        "uploadThroughput": bytes_per_second / 2,
    }
    devtools.send("Network.emulateNetworkConditions", line)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": plan.slower})


@contextmanager
def _bare(weight: Weight) -> Iterator[str]:
    """Serve a page that does nothing, of the same bytes."""
    script = _filled(
        b"globalThis.lives=1;document.querySelector('#floor').addEventListener('click',()=>{});/*%b*/", weight.scripts
    )
    page = _filled(
        b'<!doctype html><html lang="th"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Floor</title>'
        b'<script type="module" src="/floor.js"></script><h1>Floor</h1><button id="floor">Press</button><!--%b-->',
        weight.document,
    )
    answers = {"/": (b"text/html; charset=utf-8", page), "/floor.js": (b"text/javascript", script)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        kind, body = answers.get(scope["path"], (b"text/plain", gzip.compress(b"")))
        # As our pages: scripts for ever, the document asked for again each time.
        kept = b"no-cache" if scope["path"] == "/" else b"max-age=31536000, immutable"
        headers = [(b"content-type", kind), (b"content-encoding", b"gzip"), (b"cache-control", kept)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    listening = socket.create_server(("127.0.0.1", 0))
    server = make_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(40)


def _filled(shape: bytes, size: int) -> bytes:
    """Fill a file with noise until it has this size when it is compressed."""
    chance = random.Random(1)
    noise = base64.b64encode(chance.randbytes(size))
    low, high = 0, len(noise)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(gzip.compress(shape % noise[:middle])) <= size else (low, middle - 1)
    return gzip.compress(shape % noise[:low], mtime=0)


def _result(name: str, visit: str, seen: dict[tuple[str, str], list[Opened]]) -> dict[str, Any]:
    own, floor = seen[name, visit], seen[f"floor {name}", visit]
    middle = {
        what: (
            statistics.median(getattr(one, what) for one in own),
            statistics.median(getattr(one, what) for one in floor),
        )
        for what in ("paint", "acts")
    }
    return {
        "page": name,
        "visit": visit,
        "bytes": own[0].weight.document + own[0].weight.scripts,
        **{f"{what}_s": round(mine, 2) for what, (mine, _) in middle.items()},
        **{f"floor_{what}_s": round(least, 2) for what, (_, least) in middle.items()},
        **{f"{what}_in_floors": round(mine / least, 2) for what, (mine, least) in middle.items()},
        "slowest_acts_s": round(max(one.acts for one in own), 2),
    }


def main(arguments: Iterable[str] | None = None) -> int:
    """Run and print a line for each page and visit; return 1 when a first visit takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    for field in msgspec.structs.fields(Plan):
        parser.add_argument(f"--{field.name}", type=field.type, default=field.default)
    plan = Plan(**vars(parser.parse_args(None if arguments is None else list(arguments))))
    with directory() as data:
        results = run(plan, data, lambda line: print(line, file=sys.stderr, flush=True))
    for one in results:
        print(json.dumps(one))
    return int(any(one["acts_s"] >= GOAL_S for one in results))


if __name__ == "__main__":
    sys.exit(main())
