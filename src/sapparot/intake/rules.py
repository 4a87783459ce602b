"""What is a report, and what one line of an answer says. Pure."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

import msgspec

from sapparot.base import canonical
from sapparot.base.problems import Problem, noted
from sapparot.base.text import Text
from sapparot.intake.facts import Claim, Line, Promised, Stored
from sapparot.intake.privacy import personal, plain
from sapparot.intake.problems import (
    CONFLICT,
    EMPTY,
    NOT_A_REPORT,
    PERSONAL_DATA,
    PLACE_TOO_EXACT,
    TOO_LONG,
    TOO_MANY_LINES,
)

LINES_LIMIT = 200
PAYLOAD_LIMIT = 16 * 1024
LINE_LIMIT = 24 * 1024
"""A payload of 16 KiB in base64 with its header and signature."""
BODY_LIMIT = LINES_LIMIT * (LINE_LIMIT + 1)
SIGNATURE_LENGTH = 86
"""Characters of a signature of 64 bytes, ES256 or EdDSA: a line that was cut off within its signature is no report."""
BREAKS_LIMIT = 4 * LINES_LIMIT
"""Line breaks in a body: some clients end lines twice or leave some empty, but nobody needs millions."""
BRACKETS_LIMIT = 400
"""Objects and lists in a payload; a report with 16 photographs has fewer than 40."""
NO_JWS = Text("ไม่ใช่ JWS แบบย่อที่มีสามส่วน", "it is no compact JWS of three parts")
CUT_OFF = Text("ลายมือชื่อไม่ได้ยาว 64 ไบต์", "its signature is not one of 64 bytes")
TOO_DEEP = Text("เนื้อหาซ้อนกันลึกเกินไป", "it nests too deeply")
NO_UUID = Text("รหัสไม่ใช่ UUIDv7", "the id is not a UUIDv7")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_claims = msgspec.json.Decoder(Claim)


def split_body(body: bytes) -> list[bytes]:
    """Return the non-empty lines of a body; raises :class:`Problem` when there are none or too many."""
    if body.count(b"\n") > BREAKS_LIMIT:
        raise Problem(TOO_MANY_LINES, limit=LINES_LIMIT)
    lines = [line for line in map(bytes.strip, body.split(b"\n")) if line]
    if not lines:
        raise Problem(EMPTY)
    if len(lines) > LINES_LIMIT:
        raise Problem(TOO_MANY_LINES, limit=LINES_LIMIT)
    return lines


def read_line(line: bytes, carrier: str) -> Line:
    """Return the report in ``line``; raises :class:`Problem` only for what is not a report at all.

    The signature, the sheet and the figures are judged later: an honest mistake is information and is kept. What the count could never
    read is no report, and its sender is told while it can still be signed again.
    """
    if len(line) > LINE_LIMIT:
        raise Problem(TOO_LONG)
    try:
        _, payload, signature = line.split(b".")
        data = b64decode(payload.translate(_STANDARD) + b"=" * (-len(payload) % 4), validate=True)
    except ValueError as error:
        raise _not_a_report(NO_JWS) from error
    if len(signature) != SIGNATURE_LENGTH:
        raise _not_a_report(CUT_OFF)
    known = plain(data)
    claim = known or _claim(data)
    if len(data) > PAYLOAD_LIMIT:
        raise Problem(TOO_LONG)
    if claim.id.version != 7:
        raise _not_a_report(NO_UUID)
    if found := personal(data, known):
        raise Problem(PERSONAL_DATA if found == "person" else PLACE_TOO_EXACT)
    return Line(claim.id, line, sha256(line).digest(), carrier)


def _claim(payload: bytes) -> Claim:
    try:
        return _claims.decode(payload)
    except RecursionError as error:
        raise _not_a_report(TOO_DEEP) from error
    except ValueError as error:
        raise _not_a_report(Text(f"เนื้อหาของรายงานใช้ไม่ได้ ({error})", str(error))) from error


def reads_one_way(payload: bytes) -> bool:
    """Tell whether every reader finds the same in a payload or header (RFC 7493): UTF-8, bounded nesting, and no member named twice.

    A report in canonical form is recognised by writing it again; only others are read member by member.
    """
    if payload.count(b"{") + payload.count(b"[") > BRACKETS_LIMIT:
        return False
    try:
        if canonical.encode(canonical.decode(payload)) == payload:
            return True
        json.loads(payload.decode(), object_pairs_hook=_members)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _not_a_report(reason: Text) -> Problem:
    return Problem(NOT_A_REPORT, Text(f"{NOT_A_REPORT.title.th}: {reason.th}", f"{NOT_A_REPORT.title.en}: {reason.en}"))


def answer(line: Line, stored: Stored, promised: Promised | None) -> dict[str, Any]:
    """Return what the carrier is told about one line that is a report."""
    if stored.sha256 != line.sha256:
        return refusal(Problem(CONFLICT), outcome="conflict", report=line)
    if stored.refused is not None:
        return refusal(Problem(noted(stored.refused)), report=line)
    return {
        "id": line.id,
        "outcome": "accepted" if stored.fresh else "duplicate",
        "promise": promised,
    }


def refusal(problem: Problem, *, outcome: str = "refused", report: Line | None = None) -> dict[str, Any]:
    """Return what the carrier is told about a line that was not taken."""
    identity = {"id": report.id} if report else {}
    return {**identity, "outcome": outcome, "problem": problem.body()}


def status_of(answers: list[dict[str, Any]]) -> int:
    """Return the HTTP status of a whole answer: 202 when anything is durable, else the status of the gravest line."""
    statuses = [answer["problem"]["status"] if "problem" in answer else 202 for answer in answers]
    return 202 if 202 in statuses else max(statuses)
