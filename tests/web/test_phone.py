"""The pages of the volunteer's phone: what they carry, what they let the browser do, and that all of it fits on a slow line."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import psycopg
import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from sapparot.base.text import Text
from sapparot.web.assets import csp_hash, load_phone, load_static
from sapparot.web.volunteer.facts import Invitation, Question
from sapparot.web.volunteer.pages import PhonePages, manifest, phone_pages
from tests.web.serving import ZONE
from tests.web.test_pages import Reader

WHOLE_APP = 145_000
"""Bytes as they cross the line: every file that the phone keeps, its page with the style, and the worker."""
NETWORK = Invitation(
    "teachers",
    Text("ครู <b>& เพื่อน", 'Teachers "and" friends'),
    "#7a1f5c",
    Text("ยินดีต้อนรับ", "Welcome"),
    True,
    (
        Question("duty", 3, Text("ให้ติดต่อเรื่องหน้าที่", "Contact me about duties"), True),
        Question("rewards", 1, Text("ของ", "Gifts"), False),
    ),
)


async def invitations(network: str) -> Invitation | None:
    if network == "broken":
        raise psycopg.OperationalError("away")
    return NETWORK if network == "teachers" else None


@pytest.fixture(scope="module")
def phone() -> Iterator[TestClient]:  # type: ignore[type-arg]
    with TestClient(phone_pages(PhonePages(load_phone(), invitations, ZONE))) as client:
        yield client


def test_the_app_is_told_the_time_zone_that_is_set() -> None:
    for zone in ("Asia/Bangkok", "America/Sao_Paulo"):
        assert f'data-zone="{zone}"'.encode() in PhonePages(load_phone(), invitations, ZoneInfo(zone)).app("th").body


def test_the_whole_app_fits_on_a_slow_line() -> None:
    phone = load_phone()
    files = load_static()
    sizes = {name: len(files[name.removeprefix("/static/")].packed or b"") for name in phone.files}
    assert all(sizes.values())
    page = len(PhonePages(phone, invitations, ZONE).app("th").packed)
    whole = sum(sizes.values()) + page + len(gzip.compress(phone.worker.encode()))
    assert whole < WHOLE_APP, f"{whole:,} bytes; page with style {page:,}; {sizes}"


def test_what_the_first_screen_needs_is_a_part_of_it() -> None:
    phone, files = load_phone(), load_static()
    first = [phone.app_script, *phone.first]
    assert sum(len(files[name.removeprefix("/static/")].packed or b"") for name in first) < 75_000


@pytest.mark.parametrize("path", ["/app", "/en/app", "/join/teachers", "/en/join/teachers"])
def test_pages_allow_no_script_but_their_own_and_no_style_but_what_they_carry(phone: TestClient, path: str) -> None:  # type: ignore[type-arg]
    answer = phone.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    reader = Reader(answer.text)
    assert "script-src 'self'" in policy and "unsafe" not in policy and "default-src 'none'" in policy
    assert all(csp_hash(style) in policy for style in reader.styles)
    assert all(attrs.get("src") for tag, attrs in reader.tags if tag == "script")
    assert not [attrs for _, attrs in reader.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert "camera=(self)" in answer.headers["permissions-policy"]


def test_the_page_of_the_app_says_nothing_about_anyone_and_is_asked_for_again_cheaply(phone: TestClient) -> None:  # type: ignore[type-arg]
    first = phone.get("/app", headers={"cookie": "sapparot_session=somebody"})
    again = phone.get("/app", headers={"if-none-match": first.headers["etag"]})
    assert first.content == phone.get("/app").content
    assert (again.status_code, again.content) == (304, b"")
    assert "set-cookie" not in first.headers and first.headers["cache-control"] == "no-cache"


def test_a_network_shows_itself_and_what_it_asks_before_any_script_runs(phone: TestClient) -> None:  # type: ignore[type-arg]
    page = phone.get("/join/teachers").text
    assert "ครู &lt;b&gt;&amp; เพื่อน" in page and "<b>&" not in page
    assert ":root{--brand:#7a1f5c}" in page
    ticks = re.findall(r'<input type="checkbox" name="(\w+)" value="(\d+)"( required)?>', page)
    assert ticks == [("duty", "3", " required"), ("rewards", "1", "")]
    assert "Contact me about duties" in phone.get("/en/join/teachers").text


@pytest.mark.parametrize("name", ["nobody", "%00", "..%2f", "a" * 500, "%f0%9f%8d%8d", "teachers%20"])
def test_an_unknown_network_is_said_plainly(phone: TestClient, name: str) -> None:  # type: ignore[type-arg]
    answer = phone.get(f"/join/{name}")
    assert answer.status_code == 404 and "/app" in answer.text


def test_a_database_that_is_away_is_no_missing_network(phone: TestClient) -> None:  # type: ignore[type-arg]
    assert phone.get("/join/broken").status_code == 503


def test_the_app_can_be_installed_in_both_languages(phone: TestClient) -> None:  # type: ignore[type-arg]
    for lang, path in (("th", "/app"), ("en", "/en/app")):
        said = phone.get(f"{path}.webmanifest")
        assert said.headers["content-type"].startswith("application/manifest+json")
        told = json.loads(said.text)
        assert (told["start_url"], told["scope"], told["display"], told["lang"]) == (path, path, "standalone", lang)
        assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
        assert all(icon["src"].removeprefix("/static/") in load_static() for icon in told["icons"])
    assert manifest("th") != manifest("en")


def test_the_worker_names_every_file_of_the_app_and_changes_with_any_page(phone: TestClient) -> None:  # type: ignore[type-arg]
    worker = phone.get("/worker.js").text
    said = re.match(r'const VERSION="(\w+)",FILES=(\[[^\]]*\]);', worker)
    assert said is not None
    files = json.loads(said[2])
    assert {"/app", "/en/app", *load_phone().files} <= set(files)
    static = load_static()
    assert all(name.removeprefix("/static/") in static for name in files if name.startswith("/static/"))
    changed = PhonePages(replace(load_phone(), style="b{}"), invitations, ZONE)
    assert changed.worker.decode()[:40] != worker[:40]
