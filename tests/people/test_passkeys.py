"""Signing in with a passkey: whose it is, that it counts once, and everything that must not pass for one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapparot.base.clock import SystemClock
from sapparot.base.database import connect
from sapparot.peoplehouse import people_of
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served
from tests.people.arriving import ask_code, code_for, try_code, web_side
from tests.people.authenticator import PRESENT, Authenticator, packed
from tests.people.cast import Browser, code_of, person, said, signed_in

_numbers = count(1000)


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("passkeys"), site="http://localhost") as running:
        yield running


@pytest.fixture
def phone() -> str:
    """A telephone that no other test uses."""
    return f"+6681777{next(_numbers)}"


def volunteer(front: Front, phone: str, state: str = "active") -> UUID:
    return person(front, who=("สมศรี มาดี", phone), state=state)


def asked(browser: Browser) -> dict[str, Any]:
    return dict(said(browser.post("/v1/me/passkeys/options"))["publicKey"])


def add(browser: Browser, device: Authenticator, name: str = "มือถือของฉัน") -> Answer:
    return browser.post("/v1/me/passkeys", {"name": name, "credential": device.make(asked(browser))})


def ready(front: Front, who: UUID, **chosen: Any) -> Authenticator:
    """A device that holds a passkey of a person."""
    device = Authenticator(**chosen)
    assert add(signed_in(front, who), device).status == 201
    return device


def wanted(front: Front) -> dict[str, Any]:
    return dict(said(Browser(front).post("/v1/sign-in/passkey/options"))["publicKey"])


def enter(browser: Browser, credential: object) -> Answer:
    return browser.post("/v1/sign-in/passkey", {"credential": credential})


def test_a_person_adds_a_passkey_and_signs_in_with_it_without_a_telephone(front: Front, phone: str) -> None:
    who = volunteer(front, phone)
    device, browser = ready(front, who), Browser(front)
    options = wanted(front)
    assert (
        options["rpId"] == "localhost" and options["userVerification"] == "required" and not options["allowCredentials"]
    )
    answer = enter(browser, device.sign(options))
    assert said(answer) == {"person": str(who), "network": NETWORK, "state": "active"}
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert said(browser.get("/v1/me"))["person"] == str(who)
    assert [one["method"] for one in said(browser.get("/v1/me/sessions"))["sessions"] if one["here"]] == ["passkey"]


def test_who_joined_a_minute_ago_with_a_code_adds_a_passkey(front: Front, phone: str) -> None:
    volunteer(front, phone)
    browser, device = Browser(front), Authenticator()
    assert try_code(browser, ask_code(front, phone), code_for(front, phone)).status == 200
    assert add(browser, device).status == 201
    assert enter(Browser(front), device.sign(wanted(front))).status == 200


def test_nobody_asks_by_a_telephone_who_has_a_passkey(front: Front, phone: str) -> None:
    ready(front, volunteer(front, phone))
    first, again = (wanted(front) for _ in range(2))
    assert first["allowCredentials"] == again["allowCredentials"] == []
    assert first.pop("challenge") != again.pop("challenge") and first == again
    assert Browser(front).post("/v1/sign-in/passkey/options", {"network": NETWORK, "phone": phone}).status == 413


def test_a_passkey_lies_in_the_device_with_its_person(front: Front, phone: str) -> None:
    chosen = asked(signed_in(front, volunteer(front, phone)))["authenticatorSelection"]
    assert chosen == {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}


def test_several_passkeys_are_named_renamed_listed_and_removed(front: Front, phone: str) -> None:
    who = volunteer(front, phone)
    browser = signed_in(front, who)
    first, second = Authenticator(), Authenticator(counts=False)
    one, two = said(add(browser, first, "มือถือ")), said(add(browser, second, "โน้ตบุ๊ก  "))
    assert [each["name"] for each in said(browser.get("/v1/me/passkeys"))["passkeys"]] == ["มือถือ", "โน้ตบุ๊ก"]
    assert {each["id"] for each in asked(browser)["excludeCredentials"]} == {packed(first.name), packed(second.name)}
    assert browser.call("PATCH", f"/v1/me/passkeys/{one['id']}", {"name": "มือถือเก่า"}).status == 204
    assert browser.call("DELETE", f"/v1/me/passkeys/{two['id']}").status == 204
    [left] = said(browser.get("/v1/me/passkeys"))["passkeys"]
    assert (left["name"], left["used_at"]) == ("มือถือเก่า", None)
    assert code_of(enter(Browser(front), second.sign(wanted(front)))) == (403, "people.passkey_unknown")
    assert enter(Browser(front), first.sign(wanted(front))).status == 200
    assert said(browser.get("/v1/me/passkeys"))["passkeys"][0]["used_at"]
    held = said(browser.get("/v1/me/data"))["more"]["passkeys"]
    assert [each["name"] for each in held] == ["มือถือเก่า"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\u202eb", "a\x00b"])
def test_a_name_that_cannot_be_shown_is_refused(front: Front, phone: str, name: str) -> None:
    assert add(signed_in(front, volunteer(front, phone)), Authenticator(), name).status == 400


def test_what_a_passkey_is_called_lies_in_no_table(front: Front, phone: str) -> None:
    assert add(signed_in(front, volunteer(front, phone)), Authenticator(), "เครื่องของปรีชา").status == 201
    with connect(front.url) as connection:
        rows = connection.execute("SELECT * FROM people.passkeys").fetchall()
    assert "ปรีชา" not in "".join(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for row in rows for value in row
    )


def test_a_new_key_of_the_vault_seals_the_names_again(front: Front, phone: str) -> None:
    who = volunteer(front, phone)
    assert add(signed_in(front, who), Authenticator(), "มือถือเครื่องเก่า").status == 201
    people = people_of(front.settings, SystemClock())
    people.persons.vault.advance()

    async def reseal() -> list[int]:
        async with await psycopg.AsyncConnection.connect(front.url, autocommit=True) as connection:
            return [await people.reseal(connection), await people.reseal(connection)]

    first, again = asyncio.run(reseal())
    assert first >= 2 and again == 0
    with connect(front.url) as connection:
        row = connection.execute("SELECT sealed FROM people.passkeys WHERE person = %s", (who,)).fetchone()
    assert row and bytes(row[0]).startswith(people.persons.vault.head)
    assert said(signed_in(front, who).get("/v1/me/passkeys"))["passkeys"][0]["name"] == "มือถือเครื่องเก่า"


def test_an_answer_counts_once(front: Front, phone: str) -> None:
    device = ready(front, volunteer(front, phone), counts=False)
    credential = device.sign(wanted(front))
    assert enter(Browser(front), credential).status == 200
    assert code_of(enter(Browser(front), credential)) == (403, "people.too_late")
    browser, new = signed_in(front, volunteer(front, f"+6681777{next(_numbers)}")), Authenticator()
    made = {"name": "x", "credential": new.make(asked(browser))}
    assert browser.post("/v1/me/passkeys", made).status == 201
    assert code_of(browser.post("/v1/me/passkeys", made)) == (403, "people.too_late")


def test_of_many_who_send_the_same_answer_at_once_one_comes_in(front: Front, phone: str) -> None:
    device = ready(front, volunteer(front, phone), counts=False)
    credential = device.sign(wanted(front))
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda _: enter(Browser(front), credential).status, range(8)))
    assert sorted(answers) == [200] + [403] * 7


def test_a_count_that_does_not_grow_is_a_copy(front: Front, phone: str) -> None:
    device = ready(front, volunteer(front, phone))
    assert enter(Browser(front), device.sign(wanted(front))).status == 200
    for back in (1, device.count):
        device.count -= back
        assert code_of(enter(Browser(front), device.sign(wanted(front)))) == (403, "people.passkey_copied")
    device.count, device.counts = 0, False
    assert code_of(enter(Browser(front), device.sign(wanted(front)))) == (403, "people.passkey_copied")
    device.count, device.counts = 40, True
    assert enter(Browser(front), device.sign(wanted(front))).status == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"origin": "https://evil.example"}, "people.passkey_elsewhere"),
        ({"origin": "http://localhost.evil.example"}, "people.passkey_elsewhere"),
        ({"origin": "http://localhost:8001"}, "people.passkey_elsewhere"),
        ({"crossOrigin": True}, "people.passkey_elsewhere"),
        ({"type": "webauthn.create"}, "people.passkey_refused"),
        ({"challenge": packed(b"x" * 56)}, "people.too_late"),
        ({"challenge": ""}, "people.too_late"),
        ({"challenge": "x"}, "people.passkey_refused"),
        ({"challenge": "ก"}, "people.passkey_refused"),
    ],
)
def test_what_was_signed_elsewhere_or_for_something_else_is_refused(
    front: Front, phone: str, changes: dict[str, Any], code: str
) -> None:
    device = ready(front, volunteer(front, phone))
    assert code_of(enter(Browser(front), device.sign(wanted(front), **changes))) == (403, code)
    browser = signed_in(front, volunteer(front, f"+6681777{next(_numbers)}"))
    changed = {"type": "webauthn.get"} if "type" in changes else changes
    made = Authenticator().make(asked(browser), **changed)
    assert code_of(browser.post("/v1/me/passkeys", {"name": "x", "credential": made})) == (403, code)


def test_a_device_that_did_not_ask_for_its_lock_or_its_owner_is_refused(front: Front, phone: str) -> None:
    device = ready(front, volunteer(front, phone))
    for flags in (PRESENT, 0):
        device.flags = flags
        assert code_of(enter(Browser(front), device.sign(wanted(front)))) == (403, "people.passkey_refused")
        browser, weak = signed_in(front, volunteer(front, f"+6681777{next(_numbers)}")), Authenticator()
        weak.flags = flags
        assert code_of(add(browser, weak)) == (403, "people.passkey_refused")


def test_the_key_of_another_opens_nothing(front: Front, phone: str) -> None:
    mine, other = ready(front, volunteer(front, phone)), volunteer(front, f"+6681777{next(_numbers)}")
    thief = ready(front, other)
    stolen = thief.sign(wanted(front)) | {"id": packed(mine.name), "rawId": packed(mine.name)}
    assert code_of(enter(Browser(front), stolen)) == (403, "people.passkey_refused")
    mine.user = other.bytes
    assert code_of(enter(Browser(front), mine.sign(wanted(front)))) == (403, "people.passkey_refused")


def test_a_challenge_made_for_one_person_adds_nothing_to_another(front: Front, phone: str) -> None:
    mine, other = (signed_in(front, volunteer(front, f"+6681777{next(_numbers)}")) for _ in range(2))
    made = Authenticator().make(asked(mine))
    assert code_of(other.post("/v1/me/passkeys", {"name": "x", "credential": made})) == (403, "people.too_late")
    entering = Authenticator().make({**asked(mine), "challenge": wanted(front)["challenge"]})
    assert code_of(mine.post("/v1/me/passkeys", {"name": "x", "credential": entering})) == (403, "people.too_late")


def test_a_passkey_belongs_to_one_person(front: Front, phone: str) -> None:
    who = volunteer(front, phone)
    device = ready(front, who)
    other = signed_in(front, volunteer(front, f"+6681777{next(_numbers)}"))
    assert code_of(add(other, device)) == (409, "people.passkey_taken")
    device.user = who.bytes
    passkey = said(signed_in(front, who).get("/v1/me/passkeys"))["passkeys"][0]["id"]
    assert code_of(other.call("DELETE", f"/v1/me/passkeys/{passkey}")) == (404, "people.passkey_gone")
    assert code_of(other.call("PATCH", f"/v1/me/passkeys/{passkey}", {"name": "x"})) == (404, "people.passkey_gone")
    assert enter(Browser(front), device.sign(wanted(front))).status == 200


def test_nobody_has_passkeys_without_end(front: Front, phone: str) -> None:
    browser = signed_in(front, volunteer(front, phone))
    options = asked(browser)
    for _ in range(10):
        assert add(browser, Authenticator()).status == 201
    assert code_of(browser.post("/v1/me/passkeys/options")) == (409, "people.passkeys_enough")
    late = {"name": "x", "credential": Authenticator().make(options)}
    assert code_of(browser.post("/v1/me/passkeys", late)) == (409, "people.passkeys_enough")


def test_a_browser_that_was_left_open_gives_nobody_a_way_of_its_own(front: Front, phone: str) -> None:
    who = volunteer(front, phone)
    left = signed_in(front, who, ago=timedelta(minutes=16))
    assert code_of(left.post("/v1/me/passkeys/options")) == (403, "people.sign_in_again")
    assert left.get("/v1/me/passkeys").status == 200


def test_a_challenge_that_is_too_old_is_refused(front: Front, phone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device = ready(front, volunteer(front, phone))
    credential, now = device.sign(wanted(front)), SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda self: now + timedelta(minutes=10, seconds=1))
    assert code_of(enter(Browser(front), credential)) == (403, "people.too_late")


@pytest.mark.parametrize(("state", "code"), [("left", "people.person_ended"), ("expelled", "people.person_ended")])
def test_who_takes_part_no_more_does_not_come_in(front: Front, phone: str, state: str, code: str) -> None:
    who = volunteer(front, phone)
    device = ready(front, who)
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET state = %s WHERE id = %s", (state, who))
    assert code_of(enter(Browser(front), device.sign(wanted(front)))) == (403, code)


def test_who_waits_for_approval_comes_in_and_is_told_so(front: Front, phone: str) -> None:
    device = ready(front, volunteer(front, phone, state="waiting"))
    assert said(enter(Browser(front), device.sign(wanted(front))))["state"] == "waiting"


def test_erasing_oneself_takes_the_passkeys_along(front: Front, phone: str) -> None:
    who = volunteer(front, phone)
    device = ready(front, who)
    assert signed_in(front, who).call("DELETE", "/v1/me").status == 200
    with connect(front.url) as connection:
        assert not connection.execute("SELECT 1 FROM people.passkeys WHERE person = %s", (who,)).fetchall()
    assert code_of(enter(Browser(front), device.sign(wanted(front)))) == (403, "people.passkey_unknown")


def test_a_page_of_another_site_signs_nobody_in(front: Front, phone: str) -> None:
    device = ready(front, volunteer(front, phone))
    body = json.dumps({"credential": device.sign(wanted(front))}).encode()
    foreign = front.call(
        "POST", "/v1/sign-in/passkey", body, content_type="application/json", sec_fetch_site="cross-site"
    )
    assert code_of(foreign) == (403, "base.cross_origin")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=80).map(packed),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
PARTS = ("id", "rawId", "type", "clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(PARTS), value=JSON, cut=st.integers(0, 200))
def test_bytes_that_no_device_makes_are_refused_with_a_problem(front: Front, part: str, value: Any, cut: int) -> None:
    who, new = volunteer(front, f"+6682777{next(_numbers)}"), Authenticator()
    browser, stranger = signed_in(front, who), Browser(front)
    made, signed = new.make(asked(browser)), ready(front, who).sign(wanted(front))
    for credential in (made, signed):
        for odd in (value, str(_held(credential, part))[:cut]):
            spoiled = _with(credential, part, odd)
            add_it = browser.post("/v1/me/passkeys", {"name": "x", "credential": spoiled})
            for answer in (add_it, enter(stranger, spoiled)):
                assert answer.status in (200, 201, 400, 403), answer.body
                assert answer.status < 300 or answer.problem["title_th"]


def _held(credential: dict[str, Any], part: str) -> Any:
    return credential.get(part, credential["response"].get(part, ""))


def _with(credential: dict[str, Any], part: str, value: Any) -> dict[str, Any]:
    if part in credential:
        return {**credential, part: value}
    return {**credential, "response": {**credential["response"], part: value}}


@pytest.mark.parametrize(
    "cose",
    [
        {},
        {1: 2, 3: -7},
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
        {1: 2, 3: -7, -1: 99, -2: b"x" * 32, -3: b"y" * 32},
        {1: 1, 3: -8, -1: 6, -2: b"x"},
        {1: 3, 3: -257, -1: b"", -2: b""},
        {1: 3, 3: -65535, -1: b"\x01" * 256, -2: b"\x01\x00\x01"},
        {1: [], 3: {}},
        {1: 2, 3: 0, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
        "x",
        [1, 2],
    ],
)
def test_a_key_that_is_none_is_refused_when_it_is_made(front: Front, phone: str, cose: object) -> None:
    browser = signed_in(front, volunteer(front, phone))
    made = Authenticator().make(asked(browser), cose=cose)
    assert code_of(browser.post("/v1/me/passkeys", {"name": "x", "credential": made})) == (
        403,
        "people.passkey_refused",
    )


def test_ids_that_are_none_find_nothing(front: Front, phone: str) -> None:
    browser = signed_in(front, volunteer(front, phone))
    assert code_of(browser.call("DELETE", f"/v1/me/passkeys/{uuid4()}")) == (404, "people.passkey_gone")
    assert browser.call("DELETE", "/v1/me/passkeys/1").status == 404
