"""Hostile entries: whatever they hold, they become findings or claims, and the count goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.base.jws import b64
from sapparot.verify.letters import BRACKETS, READING_TYPE, REPORT_TYPE
from tests.verify.cast import CLOSES, NEXT, OTHER_VOTES, SHEET, Evening, final, jws, minutes, photo

KINDS = (
    "report",
    "reading",
    "decision",
    "network",
    "enrolment",
    "revocation",
    "policy",
    "election",
    "stations",
    "move",
    "x",
)


def raw(payload: bytes, name: str = "somchai", typ: str = REPORT_TYPE) -> dict[str, str]:
    """A report entry with exactly these bytes as its payload."""
    return {"at": minutes(120), "jws": jws(name, typ, payload)}


def hostile_payloads() -> dict[str, bytes]:
    good = b'"id":"h","election":"small","sheet":"%s","stage":"final"' % SHEET.encode()
    return {
        "empty": b"",
        "not an object": b"[]",
        "deep nesting": b"{" + good + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "deep nesting within the limit": b"{" + good + b',"x":' + b"[" * (BRACKETS - 1) + b"]" * (BRACKETS - 1) + b"}",
        "huge integer": b"{" + good + b',"votes":{"1":' + b"9" * 4000 + b"}}",
        "integer too long to read": b"{" + good + b',"votes":{"1":' + b"9" * 100_000 + b"}}",
        "negative": b"{" + good + b',"votes":{"1":-1},"valid":-99999999999999999999999}',
        "float": b"{" + good + b',"votes":{"1":1.5}}',
        "exponent": b"{" + good + b',"valid":1e999999}',
        "NaN": b"{" + good + b',"valid":NaN}',
        "infinity": b"{" + good + b',"valid":Infinity}',
        "text as number": b"{" + good + b',"votes":{"1":"12"}}',
        "true as number": b"{" + good + b',"votes":{"1":true}}',
        "duplicate keys": b"{" + good + b',"votes":{"1":5,"1":6},"valid":1,"valid":2}',
        "a million options": b"{" + good + b',"votes":{' + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}}",
        "lone surrogate": b"{" + good + b',"replaces":"\\ud800"}',
        "lone surrogate as option": b"{" + good + b',"votes":{"\\ud800":1}}',
        "bytes that are no text": b"{" + good + b',"app":"\xff\xfe"}',
        "a null byte": b'{"id":"\\u0000","election":"small","sheet":"\\u0000","stage":"\\u0000"}',
        "long names": b'{"id":"h","election":"small","sheet":"' + b"x" * 10_000 + b'","stage":"final"}',
        "the beginning of time": b"{" + good + b',"observed_at":"0001-01-01T00:00:00+14:00"}',
        "the end of time": b"{" + good + b',"observed_at":"9999-12-31T23:59:59-14:00"}',
        "no offset": b"{" + good + b',"observed_at":"2026-03-01T18:00:00"}',
        "an odd place": b"{" + good + b',"place":[99999999999999999999,0,0,0]}',
        "a thousand photographs": b"{" + good + b',"evidence":[' + b",".join([b'{"sha256":"zz"}'] * 150) + b"]}",
        "a sequence beyond counting": b"{" + good + b',"seq":99999999999999999999}',
        "replaces itself": b"{" + good + b',"replaces":"h"}',
        "odd option numbers": b"{" + good + b',"votes":{"01":5," 1":5,"1.0":5,"":5,"\xe0\xb9\x91":5}}',
    }


@pytest.mark.parametrize("name", hostile_payloads())
def test_a_hostile_payload_becomes_a_finding_or_a_claim_and_the_count_goes_on(name: str) -> None:
    evening = Evening()
    evening.put("report", raw(hostile_payloads()[name]))
    for out in evening.outs:
        assert len(canonical.encode(out)) < 2000
    evening.report("wichai", after=130)
    evening.report("ploy", after=131)
    evening.report("dao", after=132)
    assert evening.standing().state == "confirmed"


def test_nesting_is_bounded_before_a_decoder_sees_it() -> None:
    def deep(evening: Evening, frames: int) -> list[dict[str, Any]]:
        return deep(evening, frames - 1) if frames else evening.put("report", raw(hostile_payloads()["deep nesting"]))

    assert deep(Evening(), 0) == deep(Evening(), 300)


@pytest.mark.parametrize(
    "letter",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "é.é.é",
        b64(b"{}") + ".e30.e30",
        b64(b"[" * 5000) + ".e30.AA",
        "=.=.=",
        "a" * 9999,
    ],
)
def test_what_is_no_jws_is_an_unreadable_entry(letter: str) -> None:
    evening = Evening()
    evening.put("report", {"at": minutes(1), "jws": letter})
    assert evening.rules() == ["entry_is_readable"] and evening.findings()[0]["sheet"] is None


def test_what_a_stranger_wrote_is_repeated_in_signs_that_no_version_of_unicode_decides_about() -> None:
    evening = Evening()
    [out] = evening.report("somchai", election="ไทย é\U0001fae8\u200b\n~" + "x" * 80)
    assert out["values"] == {"election": "ไทย ????~" + "x" * 55}


def test_the_last_second_that_can_be_written_is_counted_exactly() -> None:
    evening = Evening()
    evening.report("somchai", observed_at="9999-12-31T23:59:59.999999Z")
    [found] = evening.findings("clock_not_ahead")
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC) - CLOSES - timedelta(minutes=120)
    assert found["values"] == {"minutes": last // timedelta(minutes=1)}


def test_a_photograph_is_known_by_a_name_in_hexadecimal_alone() -> None:
    evening = Evening()
    for spelt in ("0x" + "0" * 62, " " + "0" * 63, "0_0" + "0" * 61, "๐" * 64):
        shown = [{"role": "form", "sha256": spelt}]
        evening.report("somchai", sheet=SHEET, evidence=shown)
        evening.report("wichai", final(OTHER_VOTES), sheet=f"{NEXT}/constituency", evidence=shown)
    assert "photograph_not_copied" not in evening.rules()


def test_a_reading_cannot_pass_as_a_report() -> None:
    evening = Evening()
    evening.put("report", raw(b"{}", typ="sapparot-reading+jwt"))
    evening.report("reader", stage="reading", photo=photo(1))
    assert evening.rules() == ["entry_is_readable", "stage_is_allowed"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(minutes(3)) | st.just(SHEET),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
MEMBERS = (
    "id", "election", "sheet", "stage", "votes", "valid", "spoiled", "no_vote", "ballots_cast", "eligible", "evidence",
    "observed_at", "seq", "replaces", "place", "photo", "at", "by", "figures", "use", "jws", "policy", "kid", "network",
)  # fmt: skip
SHARED = Evening()


@settings(max_examples=300)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(MEMBERS), JSON) | st.binary(max_size=60))
def test_no_entry_whatever_breaks_the_fold(kind: str, body: dict[str, Any] | bytes) -> None:
    SHARED.put(kind, body)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(MEMBERS), JSON), st.sampled_from(("somchai", "head", "reader", "nobody")))
def test_no_signed_payload_whatever_breaks_the_fold(changes: dict[str, Any], name: str) -> None:
    for kind, typ in (("report", REPORT_TYPE), ("reading", READING_TYPE)):
        SHARED.put(kind, {"at": minutes(120), "jws": SHARED.letter(name, typ, None, 120, changes)})
