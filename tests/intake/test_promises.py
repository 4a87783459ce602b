"""A promise is checked by somebody who has read docs/formats/promise.md and nothing else."""

from __future__ import annotations

import json
import re
import uuid
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sapparot.intake import store
from sapparot.intake.store import TOGETHER, batches
from tests.intake.phones import Front, Phone, forged, unpadded, uuid7
from tests.shape.house import ROOT


def opened(report: str, promise: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Follow "How to check it", steps 1 to 4; return the payload or raise."""
    signed, _, signature = promise["jws"].rpartition(".")
    header, payload = (json.loads(unpadded(part)) for part in signed.split("."))
    [key] = [one["key"] for one in entries if one["kind"] == "promise_key" and one["log"] == payload["log"]]
    members = json.dumps({name: key[name] for name in ("crv", "kty", "x")}, separators=(",", ":")).encode()
    assert header["kid"] == urlsafe_b64encode(sha256(members).digest()).decode().rstrip("=")
    assert header["typ"] == "sapparot-promise+jwt"
    Ed25519PublicKey.from_public_bytes(unpadded(key["x"])).verify(unpadded(signature), signed.encode())

    identity = uuid.UUID(json.loads(unpadded(report.split(".")[1]))["id"])
    result = sha256(b"\x00" + identity.bytes + sha256(report.encode()).digest()).digest()
    first, last = promise["index"], payload["size"] - 1
    assert 0 <= first <= last
    for text in promise["path"]:
        assert last
        node = bytes.fromhex(text)
        if first % 2 or first == last:
            result = sha256(b"\x01" + node + result).digest()
            while first and not first % 2:
                first, last = first // 2, last // 2
        else:
            result = sha256(b"\x01" + result + node).digest()
        first, last = first // 2, last // 2
    assert last == 0
    assert result.hex() == payload["root"]
    return dict(payload)


def test_the_example_on_the_page_can_be_checked_with_the_page() -> None:
    page = (ROOT / "docs/formats/promise.md").read_text()
    key, report, promise = re.findall(r"^```(?:json)?\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    payload = opened(report.strip(), json.loads(promise), [json.loads(key)])
    members = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert set(payload) == members
    spoiled = json.loads(promise) | {"index": 2}
    with pytest.raises(AssertionError):
        opened(report.strip(), spoiled, [json.loads(key)])
    with pytest.raises(InvalidSignature):
        opened(report.strip(), json.loads(promise.replace("bD95x1", "bD95x2")), [json.loads(key)])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 200])
def test_the_promise_of_every_report_of_a_flush_holds(front: Front, phone: Phone, count: int) -> None:
    reports = [phone.report(seq=number) for number in range(count)]
    promises = [line["promise"] for line in front.post(phone, reports).lines]
    front.sequence()
    keys = front.log("promise_key")
    for report, promise in zip(reports, promises, strict=True):
        payload = opened(report.decode(), promise, keys)
        assert (payload["size"] <= min(count, TOGETHER), payload["max_delay"]) == (True, 60)
    assert len({promise["jws"] for promise in promises}) == -(-count // TOGETHER)


def test_the_promised_entry_stands_in_the_log_with_the_promised_time(front: Front, phone: Phone) -> None:
    report = phone.report()
    [line] = front.post(phone, report).lines
    front.sequence()
    payload = opened(report.decode(), line["promise"], front.log("promise_key"))
    assert {"at": payload["received_at"], "jws": report.decode(), "kind": "report", "v": 1} in front.log("report")


def test_a_duplicate_gets_the_same_promise_whoever_carries_it(front: Front, phone: Phone) -> None:
    reports = [phone.report(seq=number) for number in range(5)]
    first = [line["promise"] for line in front.post(phone, reports).lines]
    front.sequence()
    relay = front.phone("EdDSA")
    mixed = [reports[3], relay.report(), reports[0]]
    second = front.post(relay, mixed)
    assert second.outcomes == ["duplicate", "accepted", "duplicate"]
    assert [second.lines[0]["promise"], second.lines[2]["promise"]] == [first[3], first[0]]
    opened(mixed[1].decode(), second.lines[1]["promise"], front.log("promise_key"))


def test_a_report_that_is_sent_again_costs_those_of_its_promise_and_not_the_whole_flush(
    front: Front, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [phone.report(seq=number) for number in range(200)]
    first = [line["promise"] for line in front.post(phone, reports).lines]
    read: list[int] = []

    async def counted(*about: Any) -> dict[int, dict[UUID, bytes]]:
        found = await batches(*about)
        read.extend(map(len, found.values()))
        return found

    monkeypatch.setattr(store, "batches", counted)
    again = front.post(phone, [reports[0], reports[199]])
    assert [line["promise"] for line in again.lines] == [first[0], first[199]]
    assert sum(read) <= 2 * TOGETHER


def test_the_promise_for_others_stays_the_same_when_a_usurper_loses_its_place_beside_them(
    front: Front, phone: Phone
) -> None:
    liar, name = front.phone(), uuid7()
    report, companion = phone.report(id=name), liar.report()
    first = front.post(liar, [forged(report), companion])
    assert first.outcomes == ["accepted", "accepted"]
    assert front.post(phone, report).outcomes == ["accepted"]
    again = front.post(liar, companion)
    assert again.lines[0]["promise"] == first.lines[1]["promise"]


def test_a_promise_is_of_no_use_for_another_report(front: Front, phone: Phone) -> None:
    [one, other] = front.post(phone, [phone.report(), phone.report()]).lines
    front.sequence()
    with pytest.raises(AssertionError):
        opened(phone.report().decode(), one["promise"], front.log("promise_key"))
    with pytest.raises(AssertionError):
        opened(phone.report(id=other["id"], spoiled=7).decode(), other["promise"], front.log("promise_key"))
