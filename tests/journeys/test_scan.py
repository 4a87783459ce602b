"""What looks through a log for personal data reads every signed text, one or many, of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from sapparot.base import canonical
from sapparot.base.jws import b64
from tests.journeys.scan import SIGNED, found

AT = "2026-03-01T14:00:02.000000Z"
FIGURES = {"votes": {"1": 212}, "valid": 212, "spoiled": 6, "no_vote": 9, "ballots_cast": 227}
REASON = {"th": "ดูจากรูปถ่ายแล้วเลข 2 อ่านเป็น 7", "en": "On the photograph the 2 was read as a 7"}
SHEET = "10-01-100101-003/list"
PAYLOADS: dict[str, dict[str, Any]] = {
    "report": {"v": 1, "id": "0190-a", "sheet": SHEET, "stage": "final", **FIGURES, "place": [1375, 10050]},
    "reading": {"v": 1, "id": "0190-b", "sheet": SHEET, "stage": "final", **FIGURES, "photo": "ab" * 32},
    "decision": {"v": 1, "sheet": SHEET, "at": AT, "figures": FIGURES, "use": None, "reason": REASON},
}
FLAWS: list[dict[str, Any]] = [
    {"reporter": "x"},
    {"sheet": "0812345678"},
    {"reason": "นายสมชาย"},
    {"sheet": "a@example.org"},
    {"v": 13.7},
]


def entry(kind: str, *payloads: dict[str, Any]) -> bytes:
    letters = [f"e30.{b64(canonical.encode(payload))}.AA" for payload in payloads]
    return canonical.encode({"at": AT, "jws": letters if kind == "decision" else letters[0], "kind": kind, "v": 1})


def test_every_kind_that_people_sign_is_known() -> None:
    assert set(PAYLOADS) == set(SIGNED) - {"enrolment", "revocation"}


@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_sound_entry_passes_and_each_flaw_is_found(kind: str) -> None:
    sound = PAYLOADS[kind]
    assert list(found(kind, entry(kind, sound), ["secret!"])) == []
    for flaw in (*FLAWS, {"sheet": "secret!"}):
        assert list(found(kind, entry(kind, sound | flaw), ["secret!"])), flaw


def test_the_letter_of_everybody_who_decided_is_read() -> None:
    sound = PAYLOADS["decision"]
    assert list(found("decision", entry("decision", sound, sound))) == []
    assert list(found("decision", entry("decision", sound, sound | {"reason": {"th": "โทร 0812345678", "en": ""}})))
