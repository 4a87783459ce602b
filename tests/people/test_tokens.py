"""A token says who carries; it is checked with one HMAC and survives no change."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.people import DeviceTokens

NOW = datetime(2023, 5, 14, 11, 42, 10, 500_000, tzinfo=UTC)
KID = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
TOKENS = DeviceTokens(b"s" * 32)
TOKEN = TOKENS.issue(KID, NOW + timedelta(hours=1))


def code(authorization: str | None, now: datetime = NOW, tokens: DeviceTokens = TOKENS) -> str:
    with pytest.raises(Problem) as found:
        tokens.check(authorization, now)
    return found.value.kind.code


def test_a_token_names_its_device_until_it_expires() -> None:
    assert TOKENS.check(f"Bearer {TOKEN}", NOW) == KID
    assert TOKENS.check(f"bearer   {TOKEN}  ", NOW) == KID
    assert TOKENS.check(f"Bearer {TOKEN}", NOW + timedelta(minutes=59)) == KID
    assert code(f"Bearer {TOKEN}", NOW + timedelta(hours=1, seconds=1)) == "people.token_expired"


def test_a_token_is_what_its_description_says() -> None:
    claim, _, mac = TOKEN.rpartition(".")
    assert claim == f"{KID}.{int((NOW + timedelta(hours=1)).timestamp())}"
    digest = hmac.digest(b"s" * 32, claim.encode(), "sha256")
    assert mac == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.parametrize("authorization", [None, ""])
def test_no_token_is_missing(authorization: str | None) -> None:
    assert code(authorization) == "people.token_missing"


@pytest.mark.parametrize(
    "authorization",
    [
        " ", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer{TOKEN}", f"Bearer {TOKEN} x", f"Bearer {TOKEN}.",
        f"Bearer .{TOKEN}", f"Bearer {TOKEN.lower()}", f"Bearer {TOKEN}=", "Bearer " + "." * 100_000,
        "Bearer \ud800.1.x", "Bearer ก.๑.x", "Bearer \x00.\x00.\x00", "Bearer " + "x" * 1_000_000,
    ],
)  # fmt: skip
def test_anything_else_is_not_valid(authorization: str) -> None:
    assert code(authorization) == "people.token_invalid"


def test_a_token_of_another_installation_is_not_valid() -> None:
    assert code(f"Bearer {TOKEN}", tokens=DeviceTokens(b"t" * 32)) == "people.token_invalid"


@given(st.integers(0, len(TOKEN) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_character_of_a_token_can_be_changed(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    if changed != TOKEN:
        assert code(f"Bearer {changed}") == "people.token_invalid"


@given(st.text(max_size=200))
def test_no_text_makes_the_check_fail_in_another_way(text: str) -> None:
    assert code(f"Bearer {text}") == "people.token_invalid"
    assert code(text) in ("people.token_invalid", "people.token_missing")
