"""Only authentic reports get a place in the log; every other one is refused, told to whoever sends it again, and counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from sapparot import app, ledger
from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.base.jws import b64
from sapparot.intake import REPORT_TYPE
from sapparot.intake.rules import reads_one_way
from sapparot.people import store as people
from sapparot.tally.fold import Tally
from sapparot.verify.engine import Engine
from tests.intake.phones import Front, Phone, forged, payload, unpadded, uuid7


def refused(front: Front, carrier: Phone, report: bytes) -> str:
    """Send a report, let the sequencer look at it, send it again; return the code of the refusal."""
    first = front.post(carrier, report)
    assert first.outcomes == ["accepted"], first.body
    front.sequence()
    assert report not in front.logged()
    again = front.post(carrier, report)
    [line] = again.lines
    assert line["outcome"] == "refused"
    assert line["id"] == first.lines[0]["id"]
    assert again.status == line["problem"]["status"]
    return str(line["problem"]["code"])


def signed_with(phone: Phone, header: Mapping[str, object] | bytes, data: bytes | None = None) -> bytes:
    """A report under a header of one's own making, with a signature over it."""
    head = header if isinstance(header, bytes) else canonical.encode(header)
    signing_input = f"{b64(head)}.{b64(data or canonical.encode(payload()))}".encode()
    return signing_input + b"." + b64(phone.key.raw_sign(signing_input)).encode()


def test_a_report_that_its_device_signed_gets_its_place(front: Front) -> None:
    for phone in (front.phone("ES256"), front.phone("EdDSA")):
        report = phone.report()
        front.post(phone, report)
        front.sequence()
        assert report in front.logged()


def test_a_signature_that_does_not_hold_is_refused(front: Front, phone: Phone) -> None:
    assert refused(front, phone, forged(phone.report())) == "intake.bad_signature"


def test_a_report_that_was_changed_after_signing_is_refused(front: Front, phone: Phone) -> None:
    head, _, mark = phone.report().split(b".")
    changed = b64(canonical.encode(payload(valid=999))).encode()
    assert refused(front, phone, b".".join((head, changed, mark))) == "intake.bad_signature"


def test_a_device_that_nobody_enrolled_is_refused(front: Front, phone: Phone) -> None:
    assert refused(front, phone, Phone().report()) == "intake.device_unknown"


def test_another_devices_name_does_not_help(front: Front, phone: Phone) -> None:
    liar = front.phone()
    stolen = {"alg": "ES256", "kid": phone.key.kid, "typ": REPORT_TYPE}
    assert refused(front, liar, signed_with(liar, stolen)) == "intake.bad_signature"


def test_a_key_inside_the_message_is_never_believed(front: Front, phone: Phone) -> None:
    stranger = Phone()
    own = {"alg": "ES256", "kid": phone.key.kid, "typ": REPORT_TYPE, "jwk": stranger.key.jwk}
    assert refused(front, phone, signed_with(stranger, own)) == "intake.bad_signature"


@pytest.mark.parametrize("alg", ["EdDSA", "none", "HS256", "ES384", "RS256", ""])
def test_the_algorithm_comes_from_the_key_and_not_from_the_message(front: Front, phone: Phone, alg: str) -> None:
    swapped = {"alg": alg, "kid": phone.key.kid, "typ": REPORT_TYPE}
    assert refused(front, phone, signed_with(phone, swapped)) == "intake.bad_signature"


@pytest.mark.parametrize("typ", ["", "JWT", "sapparot-reading+jwt", "sapparot-enrolment+jwt", "SAPPAROT-REPORT+JWT"])
def test_something_else_that_a_device_signed_is_no_report(front: Front, phone: Phone, typ: str) -> None:
    other = phone.sign(canonical.encode(payload()), typ)
    assert refused(front, phone, other) == "intake.not_a_report"


@pytest.mark.parametrize(
    "header",
    [
        b"", b"x", b"[]", b"null", b"{}", b'{"alg":"ES256"}', b'{"alg":"ES256","kid":"\xff","typ":"%b"}', b"\xff\xfe",
        b'{"alg":"ES256","kid":"\\u0000","typ":"%b"}', b'{"alg":"ES256","kid":"\\ud800","typ":"%b"}',
        b'{"alg":"ES256","kid":"' + b"x" * 5000 + b'","typ":"%b"}', b'{"alg":"ES256","kid":5,"typ":"%b"}',
        b'{"alg":"ES256","kid":"' + "ก".encode() * 43 + b'","typ":"%b"}', b'{"alg":"ES256","x":' + b"[" * 9000,
        b'{"alg":"ES256","crit":["b64"],"b64":false,"typ":"%b"}', b'{"alg":"ES256","crit":null,"typ":"%b"}',
        b'{"alg":"ES256","jwk":{"kty":5},"typ":"%b"}',
    ],
)  # fmt: skip
def test_no_header_whatever_it_holds_stops_the_sequencer(front: Front, phone: Phone, header: bytes) -> None:
    hostile = signed_with(phone, header.replace(b"%b", REPORT_TYPE.encode()))
    assert refused(front, phone, hostile) in ("intake.not_a_report", "intake.device_unknown")
    good = phone.report()
    front.post(phone, good)
    front.sequence()
    assert good in front.logged()


@pytest.mark.parametrize("twice", ["kid", "alg", "typ"])
def test_a_header_that_names_a_member_twice_can_be_read_in_two_ways_and_is_refused(
    front: Front, phone: Phone, twice: str
) -> None:
    own = {"alg": "ES256", "kid": phone.key.kid, "typ": REPORT_TYPE}
    header = f'{{"{twice}":"{front.phone().key.kid}",'.encode() + canonical.encode(own)[1:]
    assert refused(front, phone, signed_with(phone, header)) == "intake.ambiguous"


@pytest.mark.parametrize("mark", [b"", b"A", b"A" * 85, b"A" * 88, b"A" * 86 + b"==", b"+" * 86, b"\xff" * 86, b"."])
def test_a_signature_of_the_wrong_shape_is_refused(front: Front, phone: Phone, mark: bytes) -> None:
    head, _, _ = phone.report().rpartition(b".")
    line = head + b"." + mark
    if len(mark) != 86:
        assert front.post(phone, line).outcomes == ["intake.not_a_report"]
    else:
        assert refused(front, phone, line) in ("intake.not_a_report", "intake.bad_signature")


def test_a_revoked_device_is_refused_and_what_it_sent_before_stays(own: Front) -> None:
    phone, carrier = own.phone(), own.phone()
    before = phone.report()
    own.post(phone, before)
    with connect(own.url) as connection:
        assert people.revoke(connection, phone.key.kid, datetime.now(UTC), "lost", app.keyring(own.settings))
    after = phone.report()
    own.post(carrier, after)
    own.sequence()
    assert own.logged() == [before]
    assert own.post(carrier, after).outcomes == ["intake.device_revoked"]
    [entry] = own.log("revocation")
    assert json.loads(unpadded(entry["jws"].split(".")[1]))["kid"] == phone.key.kid


def test_refusals_are_counted_by_code(front: Front, phone: Phone) -> None:
    name = 'sapparot_intake_refused_total{code="intake.bad_signature"}'
    before = front.metric(name)
    for _ in range(3):
        front.post(phone, forged(phone.report()))
    front.sequence()
    assert front.metric(name) == before + 3


def test_outcomes_and_flushes_are_counted_at_the_door(own: Front) -> None:
    phone = own.phone()
    names = [f'sapparot_intake_lines_total{{outcome="{outcome}"}}' for outcome in ("accepted", "duplicate", "refused")]
    names.append("sapparot_intake_flush_seconds_count")
    before = [own.metric(name) for name in names]
    report = phone.report()
    own.post(phone, [report, report, phone.report(), b"nonsense"])
    assert [own.metric(name) - past for name, past in zip(names, before, strict=True)] == [2, 1, 1, 1]


def test_an_enrolment_stands_before_the_first_report_of_its_device(own: Front) -> None:
    for _ in range(5):
        phone = own.phone()
        own.post(phone, phone.report())
    own.sequence()
    with connect(own.url) as connection:
        kinds = [entry.kind for entry in ledger.read(connection, 0, 100) if entry.kind in ("enrolment", "report")]
    assert kinds.index("report") == 5


NAME = uuid7()
WHOLE = canonical.encode(payload(id=NAME))


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[:-1] + b',"valid":1}',
        WHOLE.replace(b'"1":212', b'"1":212,"1":9'),
        WHOLE.replace(b'"1":212', b'"1":212,"\\u0031":9'),
        WHOLE.replace(b"test/1.0", b"test/\xff"),
        WHOLE.replace(b'"eligible":611', b'"later":1e999'),
        WHOLE.replace(b'"eligible":611', b'"later":' + b"9" * 5000),
        WHOLE.replace(b'"eligible":611', b'"later":' + b"[" * 401 + b"]" * 401),
        WHOLE.replace(b'"evidence":[]', b'"evidence":[' + b"{}," * 400 + b"{}]"),
    ],
)
def test_what_can_be_read_in_two_ways_is_no_claim(front: Front, phone: Phone, data: bytes) -> None:
    fresh = data.replace(NAME.encode(), uuid7().encode())
    assert refused(front, phone, phone.sign(fresh)) == "intake.ambiguous"


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        json.dumps(payload(), indent=2, ensure_ascii=False).encode(),
        json.dumps(payload(app="เครื่องของยาย")).encode(),
        canonical.encode(payload(app="เครื่องของยาย", note={"a": [1.5, -0.0, 1e300], "b": {"a": None}})),
    ],
)
def test_a_client_may_write_its_json_as_it_likes(data: bytes) -> None:
    assert reads_one_way(data)


def test_whatever_a_device_signs_the_followers_go_on(own: Front) -> None:
    phone = own.phone()
    changes: list[dict[str, object]] = [
        {"votes": {}}, {"votes": {"": 1}}, {"votes": {"1": 2**63}}, {"valid": -1}, {"valid": 10**30}, {"sheet": "\x00"},
        {"sheet": "/" * 200}, {"election": "\u202e"}, {"observed_at": "0001-01-01T00:00:00+23:59"},
        {"observed_at": "9999-12-31T23:59:59-23:59"}, {"evidence": [{"sha256": "x" * 900}] * 9},
        {"replaces": "\x00"}, {"place": [-9000, 0]}, {"app": "\n" * 5000},
    ]  # fmt: skip
    reports = [phone.report(**change) for change in changes]
    assert set(own.post(phone, reports).outcomes) == {"accepted"}
    good = phone.report()
    own.post(phone, good)
    own.sequence()
    assert set(own.logged()) == {*reports, good}
    engine, tally = Engine(), Tally()
    with connect(own.url) as connection:
        for entry in ledger.read(connection, 0, 1000):
            engine.step(entry.position, entry.kind, entry.body)
            tally.apply_many([(entry.position, entry.kind, entry.body)])


def test_a_thousand_reports_are_placed_in_the_order_in_which_they_were_acknowledged(own: Front) -> None:
    phone, sent = own.phone(), []
    for number in range(10):
        reports = [phone.report(seq=number * 100 + place) for place in range(100)]
        assert set(own.post(phone, reports).outcomes) == {"accepted"}
        sent.append(set(reports))
    own.sequence()
    logged = own.logged()
    assert [set(logged[start : start + 100]) for start in range(0, 1000, 100)] == sent
