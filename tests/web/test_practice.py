"""The outbox page of a practice: the code to type, for who sits at this machine and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sapparot.base.guard import made_here
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import code_for, forget_pace
from tests.people.cast import Browser, person
from tests.web.leading import leading, send, words


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("practice"), senders="page") as running:
        yield running


def test_the_newest_code_stands_first_in_both_languages_and_opens_the_door(front: Front) -> None:
    person(front, roles=("organiser",), who=("ผู้จัด ซ้อม", "+66811110009"))
    browser = Browser(front)
    assert "ยังไม่มีข้อความ" in words(browser.get("/outbox"))
    send(browser, "/sign-in", network=NETWORK, phone="081-111-0009")
    first = code_for(front, "+66811110009")
    forget_pace(front)
    asked = send(browser, "/en/sign-in", network=NETWORK, phone="081-111-0009")
    code = code_for(front, "+66811110009")
    for path, warning in (("/outbox", "หน้านี้มีไว้ซ้อมเท่านั้น"), ("/en/outbox", "This page is for practice only")):
        said = words(browser.get(path))
        assert warning in said and "081 111 0009" in said
        assert said.index(code) < said.index(first)
        assert "Whoever looks at them" not in said and "ใครเปิดดู" not in said
    handle = asked.body.decode().partition('name="handle" value="')[2].partition('"')[0]
    assert send(browser, "/en/sign-in/code", handle=handle, code=code, network=NETWORK).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "count.example.org"}, {"host": "192.168.1.20:8000"}, {"host": "localhost.example.org"}, {"host": ""},
        {"x_forwarded_for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}, {"x_real_ip": "203.0.113.9"}, {"via": "1.1 proxy"},
    ],
)  # fmt: skip
def test_who_comes_from_elsewhere_or_through_somebody_learns_nothing(front: Front, headers: dict[str, str]) -> None:
    answer = Browser(front).call("GET", "/en/outbox", **headers)
    assert answer.status in (400, 403)
    assert b"081 111" not in answer.body


@pytest.mark.parametrize(
    ("client", "host", "here"),
    [
        (("127.0.0.1", 1), b"127.0.0.1:8000", True), (("::1", 1), b"[::1]:8000", True), (("127.0.9.1", 1), b"LOCALHOST", True),
        (("192.168.1.7", 1), b"localhost", False), (("127.0.0.1", 1), b"evil.example", False), (None, b"localhost", False),
        (("", 1), b"localhost", False), (("fe80::1%eth0", 1), b"localhost", False), (("127.0.0.1", 1), b"127.0.0.1.evil.org", False),
    ],
)  # fmt: skip
def test_here_is_this_machine_by_address_and_by_name(client: tuple[str, int] | None, host: bytes, here: bool) -> None:
    assert made_here({"client": client, "headers": [(b"host", host)]}) is here


def test_without_the_page_as_a_sender_there_is_no_page(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with leading(databases, tmp_path_factory.mktemp("silent")) as running:
        assert Browser(running).get("/outbox").status == 404
        assert Browser(running).get("/en/outbox").status == 404
