"""Limits by address behind a proxy: each caller has its own, and nobody escapes it by writing another address."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sapparot.people.signin.rules import WIDER
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import web_side

HERE, THERE = "203.0.113.9", "203.0.113.77"
PER_ADDRESS = 2


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("proxied")
    with web_side(databases, folder, proxies="127.0.0.0/8", codes_per_address=PER_ADDRESS) as running:
        yield running


_numbers = iter(range(10_000_000))


def ask(front: Front, written: str, **more: str) -> int:
    """Ask for a code of a fresh telephone through the proxy; return the status."""
    said = json.dumps({"network": NETWORK, "phone": f"+6684{next(_numbers):07}"}).encode()
    named = {"x_forwarded_for": written, "content_type": "application/json", "host": "localhost"} | more
    return front.call("POST", "/v1/sign-in", said, **named).status


def test_two_callers_behind_one_proxy_are_two_and_neither_writes_its_own_address(front: Front) -> None:
    assert [ask(front, HERE) for _ in range(PER_ADDRESS + 1)] == [202] * PER_ADDRESS + [429]
    spoofed = (f"6.6.6.6, {HERE}", f"{THERE}, {HERE}", f"127.0.0.1, {HERE}", f'for="x, {HERE}', f"{HERE}:9999")
    assert [ask(front, written) for written in spoofed] == [429] * len(spoofed)
    assert ask(front, HERE, forwarded="for=6.6.6.6") == 429, "the header that is not named is not read"
    assert [ask(front, THERE) for _ in range(PER_ADDRESS + 1)] == [202] * PER_ADDRESS + [429]


def test_a_home_with_ipv6_is_one_caller_whatever_address_it_takes(front: Front) -> None:
    answers = [ask(front, f"2001:db8:7:7::{number:x}") for number in range(PER_ADDRESS + 1)]
    assert answers == [202] * PER_ADDRESS + [429]
    assert ask(front, "2001:db8:7:8::1") == 202


def test_a_customer_with_many_networks_of_ipv6_has_room_for_some_of_them(front: Front) -> None:
    answers = [ask(front, f"2001:db8:9:{number:x}::1") for number in range(PER_ADDRESS * WIDER + 2)]
    assert answers == [202] * (PER_ADDRESS * WIDER) + [429] * 2
    assert ask(front, "2001:db8:a:1::1") == 202, "another customer"
