"""Whether a promise was kept: decided from the promise and a copy of the log, without the server (docs/formats/receipt.md)."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from sapparot.base import canonical
from sapparot.base.clock import stamp, unstamp
from sapparot.base.jws import Jws, MalformedJws, PublicKey, parse
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.intake.facts import PROMISE_TYPE, REPORT_TYPE, Claim, Promise, Promised
from sapparot.intake.problems import LOG_COPY_UNUSABLE, PROMISE_UNUSABLE
from sapparot.intake.rules import reads_one_way
from sapparot.ledger.copies import CopyInvalid, LogCopy
from sapparot.ledger.proofs import check_inclusion
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.tiles import WIDTH
from sapparot.ledger.tree import HASH_SIZE, leaf_hash

_AT = re.compile(rb'\{"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"')
"""When the server took in what an entry holds; members are sorted, so the time comes first."""
_TAKEN_IN = (b'"kind":"report"', b'"kind":"evidence"')
"""Kinds whose time the server sets when they arrive, before they get their place. The time of a cosignature would not do: it says what
the cosigner had seen by then, and whoever holds an old checkpoint can bring that to it late."""
_KINDS = (b'"kind":"promise_key"', b'"kind":"enrolment"', b'"kind":"revocation"')


class Kept(msgspec.Struct, frozen=True):
    """What a phone keeps: its report (compact JWS) and the promise that it got."""

    report: str
    promise: Promised


class Verdict(msgspec.Struct, frozen=True):
    """What became of a promise under one checkpoint.

    ``position`` of the entry when it is kept; ``alive`` is the latest time (RFC 3339, UTC) at which the server took in something that
    stands in the log, so the checkpoint is not older.
    """

    outcome: Literal["kept", "broken", "open"]
    deadline: str
    size: int
    position: int | None = None
    alive: str | None = None

    def sentence(self) -> Text:
        """Return the verdict in words."""
        if self.outcome == "kept":
            return Text(
                f"รักษาคำสัญญาแล้ว: รายงานอยู่ในบันทึกสาธารณะที่ตำแหน่ง {self.position}",
                f"The promise is kept: the report stands in the log at position {self.position}",
            )
        if self.outcome == "broken":
            return Text(
                f"ผิดคำสัญญา: กำหนดไว้ไม่เกิน {self.deadline} แต่เมื่อ {self.alive} บันทึกสาธารณะ {self.size:,} รายการยังไม่มีรายงานนี้",
                f"The promise is broken: due by {self.deadline}; at {self.alive} the log ({self.size:,} entries) did not hold the report",
            )
        return Text(
            f"ยังตัดสินไม่ได้: กำหนดไว้ไม่เกิน {self.deadline} และยังไม่มีหลักฐานว่าหัวบันทึกนี้ทำขึ้นหลังจากนั้น",
            f"Not decided: due by {self.deadline}, and nothing shows that this ledger checkpoint is from later than that",
        )


class _Scene:
    """What the log says that matters for one promise."""

    def __init__(self) -> None:
        self.promise_keys: list[dict[str, Any]] = []
        self.enrolments: list[dict[str, Any]] = []
        self.revocations: list[dict[str, Any]] = []
        self.alive = ""


def decide(promise: Path, log: Path, key: VerifierKey | None) -> Verdict:
    """Decide from files: what the phone kept, and a copy of the log or a checkpoint in one.

    Raises :class:`Problem` for what cannot be used, and with the reason for a promise that never bound the server.
    """
    try:
        kept = msgspec.json.decode(promise.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError) as error:
        raise Problem(
            PROMISE_UNUSABLE, Text("อ่านไฟล์คำสัญญาไม่ได้", f"the file of the promise cannot be read: {error}")
        ) from error
    try:
        return judge(kept, LogCopy.open(log, key))
    except (CopyInvalid, MalformedJws) as error:
        raise LOG_COPY_UNUSABLE.about(error) from error


def judge(kept: Kept, log: LogCopy) -> Verdict:
    """Decide about a promise; raises :class:`Problem` for one that never bound the server, ``CopyInvalid`` for a damaged copy."""
    promise, signed = _promise(kept.promise)
    report, claim = _report(kept.report)
    data = claim.id.bytes + sha256(kept.report.encode()).digest()
    try:
        path = [bytes.fromhex(node) for node in kept.promise.path]
        check_inclusion(leaf_hash(data), kept.promise.index, promise.size, path, bytes.fromhex(promise.root))
    except ValueError as error:
        raise Problem(
            PROMISE_UNUSABLE, Text("คำสัญญานี้ไม่ใช่ของรายงานนี้", f"the promise is not about this report: {error}")
        ) from error
    entry = canonical.encode({"at": promise.received_at, "jws": kept.report, "kind": "report", "v": 1})
    deadline = stamp(unstamp(promise.received_at) + timedelta(seconds=promise.max_delay))
    if promise.log != log.origin:
        raise Problem(
            PROMISE_UNUSABLE, Text("คำสัญญานี้เป็นของบันทึกสาธารณะอื่น", f"the promise is about the log {promise.log}")
        )
    position = _position(log, leaf_hash(entry))
    scene = _read(log)
    _check_key(signed, promise, scene)
    if position is not None:
        return Verdict("kept", deadline, log.head.size, position)
    _check_binding(report, promise, scene)
    return Verdict("broken" if scene.alive > deadline else "open", deadline, log.head.size, None, scene.alive or None)


def _promise(promised: Promised) -> tuple[Promise, Jws]:
    try:
        signed = parse(promised.jws)
        promise = msgspec.json.decode(signed.payload, type=Promise)
        unstamp(promise.received_at)
    except (MalformedJws, ValueError) as error:
        raise Problem(PROMISE_UNUSABLE, Text("อ่านคำสัญญาไม่ได้", f"the promise cannot be read: {error}")) from error
    if signed.header.typ != PROMISE_TYPE:
        raise Problem(PROMISE_UNUSABLE, Text("ข้อมูลนี้ไม่ใช่คำสัญญา", "this is not a promise"))
    return promise, signed


def _report(text: str) -> tuple[Jws, Claim]:
    try:
        report = parse(text)
        claim = msgspec.json.decode(report.payload, type=Claim)
    except (MalformedJws, ValueError) as error:
        raise Problem(PROMISE_UNUSABLE, Text("อ่านรายงานไม่ได้", f"the report cannot be read: {error}")) from error
    return report, claim


def _position(log: LogCopy, leaf: bytes) -> int | None:
    """Return where the leaf hash stands; every tile is read, so that the whole tree is known to be the one that was signed."""
    found: int | None = None
    for index, tile in enumerate(log.tiles()):
        at = tile.find(leaf)
        if found is None and at >= 0 and at % HASH_SIZE == 0:
            found = index * WIDTH + at // HASH_SIZE
    return found


def _read(log: LogCopy) -> _Scene:
    scene = _Scene()
    for body in log.entries():
        if any(kind in body for kind in _TAKEN_IN) and (at := _AT.match(body)):
            scene.alive = max(scene.alive, at[1].decode())
        if any(kind in body for kind in _KINDS):
            _learn(scene, canonical.decode(body))
    return scene


def _learn(scene: _Scene, entry: dict[str, Any]) -> None:
    kind = entry.get("kind")
    if kind == "promise_key":
        scene.promise_keys.append(entry)
    elif kind in ("enrolment", "revocation"):
        said = msgspec.json.decode(parse(entry["jws"]).payload)
        (scene.enrolments if kind == "enrolment" else scene.revocations).append(said)


def _check_key(signed: Jws, promise: Promise, scene: _Scene) -> None:
    keys = [PublicKey.from_jwk(one["key"]) for one in scene.promise_keys if one.get("log") == promise.log]
    if not any(key.kid == signed.header.kid and key.verify(signed) for key in keys):
        raise Problem(
            PROMISE_UNUSABLE,
            Text("คำสัญญานี้ไม่ได้ลงนามด้วยกุญแจที่ประกาศในบันทึกสาธารณะ", "no key that the log announced signed this promise"),
        )


def _check_binding(report: Jws, promise: Promise, scene: _Scene) -> None:
    """Raise :class:`Problem` unless the report is one that the promise binds for."""
    kid, then = report.header.kid, promise.received_at
    keys = [
        PublicKey.from_jwk(one["key"])
        for one in scene.enrolments
        if one["kid"] == kid and one["from"] <= then < one["until"]
    ]
    if report.header.typ != REPORT_TYPE or not any(key.kid == kid and key.verify(report) for key in keys):
        said = Text(
            "คำสัญญาไม่ผูกพัน: ลายมือชื่อของรายงานไม่ใช่ของเครื่องที่ลงทะเบียนในบันทึกสาธารณะไว้แล้วในเวลานั้น",
            "the promise does not bind: no device that the log had enrolled by then signed the report",
        )
    elif any(one["kid"] == kid and one["at"] <= then for one in scene.revocations):
        said = Text("คำสัญญาไม่ผูกพัน: เครื่องถูกเพิกถอนแล้ว", "the promise does not bind: the device was revoked before")
    elif not reads_one_way(report.payload):
        said = Text(
            "คำสัญญาไม่ผูกพัน: รายงานอ่านได้มากกว่าหนึ่งแบบ", "the promise does not bind: the report can be read in two ways"
        )
    else:
        return
    raise Problem(PROMISE_UNUSABLE, said)
