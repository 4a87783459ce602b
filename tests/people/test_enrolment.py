"""A device enrols under an invite; invites have limits that hold in a crowd."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from sapparot import app
from sapparot.base import canonical
from sapparot.base.clock import SystemClock, unstamp
from sapparot.base.database import connect
from sapparot.base.jws import b64, thumbprint
from sapparot.people import store as people
from sapparot.people.rules import ASK_TYPE, ENROLMENT_TYPE, code_hash
from tests.intake.phones import PROBLEM, Answer, Front, Phone, serving, unpadded


def used(front: Front) -> list[int]:
    with connect(front.url) as connection:
        rows = connection.execute("SELECT used FROM people.invites ORDER BY uses DESC").fetchall()
    return [row[0] for row in rows]


def code_of(front: Front, body: bytes) -> str:
    answer = front.call("POST", "/v1/devices", body)
    assert answer.headers["content-type"] == PROBLEM
    assert answer.status == answer.problem["status"]
    return str(answer.problem["code"])


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_a_device_enrols_and_may_report_at_once(front: Front, alg: str) -> None:
    phone = Phone("ES256" if alg == "ES256" else "EdDSA")
    answer = front.enrol(phone, front.invite(level=2, area="10-01"))
    assert answer.status == 201
    welcome = json.loads(answer.body)
    assert (welcome["kid"], welcome["network"], welcome["level"]) == (phone.key.kid, "vote62", 2)
    assert front.post(phone, phone.report()).outcomes == ["accepted"]


def test_a_heads_phone_speaks_for_the_constituency_of_its_invite_and_for_none_without(own: Front) -> None:
    head, old = Phone(), own.invite(level=2, area="10-01")
    assert own.enrol(head, own.invite(level=2, area="10-02")).status == 201
    with connect(own.url) as connection:  # a code from before they named one
        connection.execute("UPDATE people.invites SET area = NULL WHERE code_hash = %s", (code_hash(old),))
    volunteer = Phone()
    assert json.loads(own.enrol(volunteer, old).body)["level"] == 1
    own.sequence()
    told = [canonical.decode(unpadded(each["jws"].split(".")[1])) for each in own.log("enrolment")]
    said = {each["kid"]: each for each in told}
    assert (said[head.key.kid]["level"], said[head.key.kid]["areas"]) == (2, ["10-02"])
    assert said[volunteer.key.kid]["level"] == 1 and "areas" not in said[volunteer.key.kid]


def test_the_enrolment_stands_in_the_log_signed_by_the_network_and_without_a_name(front: Front) -> None:
    phone = front.phone()
    front.sequence()
    [network] = front.log("network")
    for entry in front.log("enrolment"):
        head, payload, _ = (unpadded(part) for part in entry["jws"].split("."))
        said = canonical.decode(payload)
        assert json.loads(head) == {"alg": "EdDSA", "kid": thumbprint(network["key"]), "typ": ENROLMENT_TYPE}
        assert set(said) - {"areas"} == {"from", "key", "kid", "level", "network", "until", "v"}
        assert set(said["key"]) <= {"crv", "kty", "x", "y"}
        assert unstamp(said["until"]) - unstamp(said["from"]) == people.DEVICE_LIFE
    assert phone.key.kid in {canonical.decode(unpadded(e["jws"].split(".")[1]))["kid"] for e in front.log("enrolment")}


def test_asking_again_with_the_same_key_gives_the_same_answer_and_uses_nothing_up(own: Front) -> None:
    phone, invite = Phone(), own.invite(uses=2)
    first, second = own.enrol(phone, invite), own.enrol(phone, invite)
    assert first.body == second.body
    assert used(own) == [1]
    assert own.enrol(phone, own.invite()).body == first.body, "under another invite as well"
    assert own.enrol(phone, "no such invite").body == first.body, "a device that is enrolled needs none"
    own.sequence()
    assert len(own.log("enrolment")) == 1


def test_of_a_crowd_exactly_as_many_enrol_as_the_invite_allows(own: Front) -> None:
    invite, phones, answers = own.invite(uses=7), [Phone("EdDSA") for _ in range(24)], []
    barrier = threading.Barrier(len(phones))

    def ask(phone: Phone) -> None:
        barrier.wait()
        answers.append(own.enrol(phone, invite))

    threads = [threading.Thread(target=ask, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [201] * 7 + [403] * 17
    assert {answer.problem["code"] for answer in answers if answer.status == 403} == {"people.invite_used_up"}
    assert used(own) == [7]
    own.sequence()
    assert len(own.log("enrolment")) == 7


def test_one_key_that_asks_many_times_at_once_is_enrolled_once(own: Front) -> None:
    phone, invite = Phone(), own.invite(uses=5)
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(own.enrol(phone, invite))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert used(own) == [1]


def test_two_servers_of_one_database_keep_to_the_limits_together(own: Front) -> None:
    with serving(own.url, own.settings.data) as second:
        invite, phones, statuses = own.invite(uses=5), [Phone("EdDSA") for _ in range(20)], []
        threads = [
            threading.Thread(target=lambda at=at, phone=phone: statuses.append(at.enrol(phone, invite).status))
            for at, phone in zip([own, second] * 10, phones, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [201] * 5 + [403] * 15
    assert used(own) == [5]


def test_one_key_at_two_servers_under_two_invites_at_the_same_moment_is_enrolled_once(own: Front) -> None:
    with serving(own.url, own.settings.data) as second:
        for _ in range(8):
            phone, barrier = Phone("EdDSA"), threading.Barrier(2)
            answers: list[Answer] = []

            def ask(at: Front, invite: str, *, phone: Phone = phone, answers: list[Answer] = answers) -> None:
                barrier.wait()  # noqa: B023 - both threads end within this round
                answers.append(at.enrol(phone, invite))

            threads = [threading.Thread(target=ask, args=(at, own.invite())) for at in (own, second)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [answer.status for answer in answers] == [201, 201]
            assert answers[0].body == answers[1].body
    assert sum(used(own)) == 8
    own.sequence()
    assert len(own.log("enrolment")) == 8


def test_an_invite_that_is_unknown_expired_or_used_up_says_so(front: Front) -> None:
    assert code_of(front, Phone().ask("nobody gave me this")) == "people.invite_unknown"
    assert code_of(front, Phone().ask("")) == "people.invite_unknown"
    assert code_of(front, Phone().ask("\u0e01\u0000" * 50)) == "people.invite_unknown"
    assert code_of(front, Phone().ask(front.invite(days=-0.001))) == "people.invite_expired"
    invite = front.invite()
    front.enrol(Phone(), invite)
    assert code_of(front, Phone().ask(invite)) == "people.invite_used_up"


def test_an_invite_may_be_typed_with_space_around_it(front: Front) -> None:
    assert front.enrol(Phone(), f"  {front.invite()}\n").status == 201


def test_only_the_hash_of_an_invite_is_kept(front: Front) -> None:
    invite = front.invite()
    with connect(front.url) as connection:
        rows = connection.execute("SELECT code_hash::text FROM people.invites").fetchall()
    assert all(invite not in row[0] and invite.encode().hex() not in row[0] for row in rows)


def test_a_revoked_device_does_not_come_back_with_its_key(own: Front) -> None:
    phone = own.phone()
    with connect(own.url) as connection:
        now = SystemClock().now()
        assert people.revoke(connection, phone.key.kid, now, "lost", app.keyring(own.settings))
        assert not people.revoke(
            connection, phone.key.kid, now + timedelta(hours=1), "again", app.keyring(own.settings)
        )
        assert not people.revoke(connection, "unknown", now, "lost", app.keyring(own.settings))
    assert code_of(own, phone.ask(own.invite())) == "people.device_revoked"
    own.sequence()
    assert len(own.log("revocation")) == 1


def ask_with(phone: Phone, **header: object) -> bytes:
    """An ask whose header has other members; ``...`` leaves one out."""
    whole = {"alg": phone.key.alg, "kid": phone.key.kid, "typ": ASK_TYPE, "jwk": phone.key.jwk} | header
    head = b64(canonical.encode({name: value for name, value in whole.items() if value is not ...}))
    signing_input = f"{head}.{b64(canonical.encode({'v': 1, 'invite': 'x'}))}".encode()
    return signing_input + b"." + b64(phone.key.raw_sign(signing_input)).encode()


PHONE = Phone("ES256", b"p" * 32)
OTHER = Phone("ES256", b"o" * 32)
KEY = PHONE.key.jwk


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"..", b"\xff" * 10, b"a.b.c", PHONE.sign(b"{}", "sapparot-report+jwt"), PHONE.sign(b"{}", ASK_TYPE),
        ask_with(PHONE, typ="sapparot-report+jwt"), ask_with(PHONE, typ=...), ask_with(PHONE, jwk=...),
        ask_with(PHONE, jwk=None), ask_with(PHONE, jwk={}), ask_with(PHONE, jwk="key"), ask_with(PHONE, jwk=[KEY]),
        ask_with(PHONE, jwk=KEY | {"crv": "P-384"}), ask_with(PHONE, jwk=KEY | {"kty": "RSA"}),
        ask_with(PHONE, jwk=KEY | {"x": OTHER.key.jwk["x"]}),  # not on the curve
        ask_with(PHONE, jwk=KEY | {"x": b64(bytes(32)), "y": b64(bytes(32))}),
        ask_with(PHONE, jwk=KEY | {"x": KEY["x"] + "="}), ask_with(PHONE, jwk=KEY | {"y": 5}),
        ask_with(PHONE, jwk=KEY | {"y": KEY["y"][:-1]}), ask_with(PHONE, jwk=KEY | {"y": b64(bytes(33))}),
        ask_with(PHONE, crit=["x"]), ask_with(PHONE, b64=False), ask_with(PHONE, kid=7),
        PHONE.key.sign(b"[]", ASK_TYPE, embed_key=True).encode(),
        PHONE.key.sign(b'{"invite":5}', ASK_TYPE, embed_key=True).encode(),
        PHONE.key.sign(b'{"invite":"\xff"}', ASK_TYPE, embed_key=True).encode(),
        PHONE.key.sign(b"[" * 1000, ASK_TYPE, embed_key=True).encode(),
    ],
)  # fmt: skip
def test_what_is_no_request_for_enrolment_is_refused(front: Front, body: bytes) -> None:
    assert code_of(front, body) == "people.enrolment_unreadable"


@pytest.mark.parametrize(
    "body",
    [
        ask_with(PHONE, jwk=OTHER.key.jwk), ask_with(PHONE, alg="none"), ask_with(PHONE, alg="HS256"),
        ask_with(PHONE, alg="EdDSA"), PHONE.ask("x")[:-4] + b"AAAA", PHONE.ask("x").rpartition(b".")[0] + b".",
    ],
)  # fmt: skip
def test_who_does_not_hold_the_key_cannot_enrol_it(front: Front, body: bytes) -> None:
    assert code_of(front, body) == "people.enrolment_unsigned"


def asked_with(phone: Phone, invite: str, **members: str) -> bytes:
    """An enrolment whose key carries more members than a public one has."""
    head = {"alg": "ES256", "typ": ASK_TYPE, "jwk": phone.key.jwk | members}
    signing_input = f"{b64(canonical.encode(head))}.{b64(canonical.encode({'invite': invite}))}".encode()
    return signing_input + b"." + b64(phone.key.raw_sign(signing_input)).encode()


def test_what_stands_beside_a_public_key_goes_nowhere(front: Front) -> None:
    phone = Phone()
    assert front.call("POST", "/v1/devices", asked_with(phone, front.invite(), name="Somchai")).status == 201
    front.sequence()
    [said] = [
        entry for entry in (canonical.decode(unpadded(e["jws"].split(".")[1])) for e in front.log("enrolment"))
        if entry["kid"] == phone.key.kid
    ]  # fmt: skip
    assert said["key"] == phone.key.jwk


def test_a_phone_that_shows_its_private_key_is_told_so_and_not_enrolled(front: Front) -> None:
    answer = front.call("POST", "/v1/devices", asked_with(Phone(), front.invite(), d="c2VjcmV0"))
    assert (answer.status, answer.problem["code"]) == (400, "people.enrolment_unreadable")
    assert str(answer.problem["detail"]).endswith("a private key stays on its device")


def test_a_request_is_at_most_four_kibibytes(front: Front) -> None:
    assert code_of(front, Phone().ask("x" * 4096)) == "base.too_large"
    assert front.call("GET", "/v1/devices").status == 405


ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
OTHER_ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
PRIME = 2**255 - 19
POINTS = [number.to_bytes(32, "little").hex() for number in (0, 1, PRIME - 1, PRIME, PRIME + 1, 2**255 + 1)]


@pytest.mark.parametrize("point", [*POINTS, ORDER_8, OTHER_ORDER_8])
def test_a_key_under_which_anyone_can_sign_is_not_enrolled(point: str, front: Front) -> None:
    key = {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes.fromhex(point))}
    header = b64(canonical.encode({"alg": "EdDSA", "typ": ASK_TYPE, "jwk": key}))
    body = f"{header}.{b64(canonical.encode({'v': 1, 'invite': 'x'}))}.{b64(bytes([1, *bytes(63)]))}"
    assert code_of(front, body.encode()) == "people.enrolment_unreadable"


def test_a_second_door_without_the_networks_key_enrols_nobody_and_makes_no_key_of_its_own(
    own: Front, tmp_path: Path
) -> None:
    """A key that the log never announced would sign enrolments that hold nowhere."""
    phone, invite = Phone(), own.invite()
    keys = tmp_path / "second" / "secrets" / "networks"
    with serving(own.url, tmp_path / "second") as second:
        assert code_of(second, phone.ask(invite)) == "people.network_key_missing"
        assert used(own) == [0] and not keys.exists()
        shutil.copytree(own.settings.data / "secrets" / "networks", keys)
        assert second.enrol(phone, invite).status == 201
