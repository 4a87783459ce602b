"""From promise to receipt: a phone gets the proof that its report is in the log, or the reason why it is not."""

from __future__ import annotations

import json
from hashlib import sha256

from sapparot import app
from sapparot.ledger.receipts import Receipt, check
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.tree import leaf_hash
from tests.intake.phones import Front, Phone, forged, uuid7

RECEIPTS = "/v1/receipts/reports/"


def test_a_phone_goes_from_promise_to_receipt(front: Front, phone: Phone) -> None:
    report = phone.report()
    [line] = front.post(phone, report).lines
    soon = front.call("GET", RECEIPTS + line["id"])
    assert (soon.status, soon.problem["code"], soon.headers["retry-after"]) == (425, "ledger.not_covered", "2")
    front.sequence()
    answer = front.call("GET", RECEIPTS + line["id"])
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    receipt = Receipt.parse(answer.body.decode())
    assert receipt.extra is not None
    entry = json.loads(receipt.extra)
    assert entry["jws"].encode() == report
    key = VerifierKey.read(app.note_signer(front.settings).verifier_key())
    assert check(receipt, [key], leaf_hash(receipt.extra)).size > receipt.index


def test_a_report_that_is_not_admitted_has_its_reason_and_no_receipt(front: Front, phone: Phone) -> None:
    [line] = front.post(phone, forged(phone.report())).lines
    front.sequence()
    answer = front.call("GET", RECEIPTS + line["id"])
    assert (answer.status, answer.problem["code"]) == (400, "intake.bad_signature")


def test_a_report_that_never_came_has_no_receipt(front: Front) -> None:
    for name in (uuid7(), "", "x", uuid7().upper(), "{" + uuid7() + "}", "../" + uuid7()):
        answer = front.call("GET", RECEIPTS + name)
        assert (answer.status, answer.problem["code"]) == (404, "intake.report_unknown")


def test_a_photograph_that_was_not_kept_has_no_receipt(front: Front) -> None:
    answer = front.call("GET", f"/v1/receipts/photographs/{sha256(b'').hexdigest()}")
    assert (answer.status, answer.problem["code"]) == (404, "evidence.unknown")
    assert front.call("GET", "/v1/receipts/photographs/x").problem["code"] == "evidence.bad_name"
