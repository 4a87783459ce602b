"""Photographs on their way from a real browser to the real evidence door: small first, original later, through cuts and reloads."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send
from sapparot.evidence.arrivals import Limits
from tests.evidence.sending import metadata
from tests.evidence.serving import NOW, TOKENS, build
from tests.journeys.counting import built, kit, stage
from tests.journeys.test_forms import kept, shoot
from tests.serving import serving

pytestmark = pytest.mark.browser

TOKEN = TOKENS.issue("phone", NOW + timedelta(days=1))
PIECE = 512 * 1024


def large() -> FilePayload:
    """A photograph of several pieces."""
    file = io.BytesIO()
    Image.effect_noise((1600, 1400), 9).convert("RGB").save(file, "JPEG", quality=100)
    return {"name": "form.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


@contextmanager
def running(app: AsgiApp) -> Iterator[str]:
    """Serve an application with its beginning and end, on a free port."""
    with serving(app) as served:
        yield served.root


@pytest.fixture
def address(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The form on a page, and the evidence door, on one port."""
    (tmp_path / "data").mkdir()
    gate, _, _ = build(database_url, tmp_path / "data", Limits(reserve=0))
    pages = stage(built(tmp_path / "built"), kit(), gate)

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await (gate if scope["type"] == "lifespan" else pages)(scope, receive, send)

    with running(both) as where:
        yield where


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone whose console may complain: networks break here."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def known(address: str, photograph: bytes) -> bool:
    """Whether the server has a photograph: an upload of it is complete as soon as it is begun."""
    headers = {"tus-resumable": "1.0.0", "authorization": f"Bearer {TOKEN}", "upload-length": str(len(photograph))}
    answer = httpx.post(
        f"{address}/v1/evidence", headers={**headers, "upload-metadata": metadata(photograph)}, verify=False
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["upload-offset"] == str(len(photograph))


def form(page: Page, address: str, metered: str, token: str = TOKEN) -> None:
    page.goto(f"{address}/th?screen=count-final&ballot=list&metered={metered}&token={token}")
    page.locator(".count-form").wait_for()


def test_on_a_metered_network_the_small_copy_goes_and_the_original_waits_until_it_is_wanted(
    phone: Page, address: str
) -> None:
    page = phone
    form(page, address, "yes")
    photograph = large()
    shoot(page, "form", photograph, 1)
    page.evaluate("() => globalThis.upload()")
    [photo] = kept(page)
    assert photo["state"] == "small" and photo["journeys"]["small"]["done"]
    assert not known(address, photograph["buffer"])
    small = page.evaluate(
        "async () => Array.from(new Uint8Array(await (await globalThis.photographs())[0].small.arrayBuffer()))"
    )
    assert sha256(bytes(small)).hexdigest() == photo["small_sha256"]
    assert known(address, bytes(small)), "the server has the small copy under the hash that the report names"
    page.get_by_role("button", name="ส่งรูปเต็มเลย").click()
    expect(page.get_by_role("button", name="ส่งรูปเต็มเลย")).to_have_count(0)
    page.evaluate("() => globalThis.upload()")
    assert known(address, photograph["buffer"])
    [photo] = kept(page)
    assert photo["state"] == "done" and photo["original"] is None, "the phone has its room back"
    expect(page.locator("li[data-page='1']")).to_contain_text("ส่งถึงแล้วทั้งรูป")


def test_an_original_that_was_cut_goes_on_after_a_reload_where_it_was(phone: Page, address: str) -> None:
    page = phone
    form(page, address, "no")
    photograph = large()
    assert len(photograph["buffer"]) > 2 * PIECE
    shoot(page, "form", photograph, 1)
    sent: list[int] = []

    def cut(route: Route) -> None:
        offset = int(route.request.headers.get("upload-offset", "-1"))
        sent.append(offset)
        if offset >= PIECE and len([each for each in sent if each >= PIECE]) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/v1/uploads/*", lambda route: cut(route) if route.request.method == "PATCH" else route.continue_())
    page.evaluate("() => globalThis.upload()")
    [photo] = kept(page)
    assert photo["state"] == "small" and photo["journeys"]["original"]["offset"] == PIECE
    assert photo["next_at"] > 0
    page.reload()
    page.locator(".count-form").wait_for()
    page.evaluate("async () => globalThis.soon()")
    page.evaluate("() => globalThis.upload()")
    assert kept(page)[0]["state"] == "done"
    assert known(address, photograph["buffer"])
    assert sent.count(0) == 2, (
        "one first piece of the small copy, one of the original: nothing was sent again from the start"
    )


def test_what_is_no_photograph_is_refused_and_said_and_a_device_that_may_not_speak_keeps_its_own(
    phone: Page, address: str
) -> None:
    page = phone
    form(page, address, "no", token="nobody")
    shoot(page, "board", {"name": "a.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + bytes(900)})
    page.evaluate("() => globalThis.upload()")
    [photo] = kept(page)
    assert photo["state"] == "kept" and photo["original"] == 912 and photo["trouble"]["code"].startswith("people.")
    form(page, address, "no")
    page.evaluate("async () => globalThis.soon()")
    page.evaluate("() => globalThis.upload()")
    expect(page.locator("li[data-role=board] [data-refused]")).to_contain_text("ส่งไม่ได้")
    assert kept(page)[0]["state"] == "refused"
