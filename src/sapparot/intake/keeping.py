"""Whether a promise was kept: decided from the promise and a copy of the log, without the server (docs/formats/receipt.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
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
from sapparot.ledger.cosignatures import cosigned_at
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.proofs import check_inclusion
from sapparot.ledger.signatures import COSIGNATURE, KeyInvalid, Note, VerifierKey
from sapparot.ledger.tiles import WIDTH
from sapparot.ledger.tree import HASH_SIZE, leaf_hash

_AT = re.compile(rb'\{"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"')
"""When the server took in what an entry holds; members are sorted, so the time comes first."""
_LATEST = 253_402_300_799
"""The last second of the year 9999."""
_KINDS = (b'"kind":"promise_key"', b'"kind":"enrolment"', b'"kind":"revocation"')


class Kept(msgspec.Struct, frozen=True):
    """What a phone keeps: its report (compact JWS) and the promise that it got."""

    report: str
    promise: Promised


class Verdict(msgspec.Struct, frozen=True):
    """What became of a promise under one checkpoint.

    ``position`` of the entry when it is kept; ``alive`` is the latest time (RFC 3339, UTC) of which the log or a cosigner shows that the
    checkpoint is not older.
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
                f"รักษาสัญญาแล้ว: รายงานอยู่ในบันทึกสาธารณะที่ตำแหน่ง {self.position}",
                f"The promise is kept: the report stands in the log at position {self.position}",
            )
        if self.outcome == "broken":
            return Text(
                f"ผิดสัญญา: กำหนดไว้ไม่เกิน {self.deadline} แต่เมื่อ {self.alive} บันทึกสาธารณะ {self.size:,} รายการยังไม่มีรายงานนี้",
                f"The promise is broken: due by {self.deadline}; at {self.alive} the log ({self.size:,} entries) did not hold the report",
            )
        return Text(
            f"ยังตัดสินไม่ได้: กำหนดไว้ไม่เกิน {self.deadline} และยังไม่มีหลักฐานว่าจุดตรวจนี้ทำขึ้นหลังจากนั้น",
            f"Not decided: due by {self.deadline}, and nothing shows that this ledger checkpoint is from later than that",
        )


class _Scene(msgspec.Struct):
    """What the log says that matters for one promise."""

    promise_keys: list[dict[str, Any]] = []
    devices: dict[str, dict[str, Any]] = {}
    revoked: dict[str, str] = {}
    alive: str = ""


def decide(promise: Path, log: Path, key: VerifierKey | None, cosigners: Sequence[str]) -> Verdict:
    """Decide from files: what the phone kept, and a copy of the log or a checkpoint in one.

    ``cosigners``: verifier keys, or files that hold one. Raises :class:`Problem` for what cannot be used, and with the reason for a promise
    that never bound the server.
    """
    try:
        kept = msgspec.json.decode(promise.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError) as error:
        raise Problem(
            PROMISE_UNUSABLE, Text("อ่านไฟล์สัญญาไม่ได้", f"the file of the promise cannot be read: {error}")
        ) from error
    try:
        keys = [
            VerifierKey.read(one if "+" in one else Path(one).read_text("utf-8").strip(), COSIGNATURE)
            for one in cosigners
        ]
        return judge(kept, LogCopy.open(log, key), keys)
    except (CopyInvalid, KeyInvalid, NoteInvalid, OSError) as error:
        said = Text(f"{LOG_COPY_UNUSABLE.title.th}: {error}", f"{LOG_COPY_UNUSABLE.title.en}: {error}")
        raise Problem(LOG_COPY_UNUSABLE, said) from error


def judge(kept: Kept, log: LogCopy, cosigners: Iterable[VerifierKey] = ()) -> Verdict:
    """Decide about a promise; raises :class:`Problem` for one that never bound the server, ``CopyInvalid`` for a damaged copy."""
    promise, signed = _promise(kept.promise)
    report, claim = _report(kept.report)
    data = claim.id.bytes + sha256(kept.report.encode()).digest()
    try:
        path = [bytes.fromhex(node) for node in kept.promise.path]
        check_inclusion(leaf_hash(data), kept.promise.index, promise.size, path, bytes.fromhex(promise.root))
    except ValueError as error:
        raise Problem(
            PROMISE_UNUSABLE, Text("สัญญานี้ไม่ใช่ของรายงานนี้", f"the promise is not about this report: {error}")
        ) from error
    entry = canonical.encode({"at": promise.received_at, "jws": kept.report, "kind": "report", "v": 1})
    deadline = stamp(unstamp(promise.received_at) + timedelta(seconds=promise.max_delay))
    if promise.log != log.origin:
        raise Problem(PROMISE_UNUSABLE, Text("สัญญานี้เป็นของบันทึกสาธารณะอื่น", f"the promise is about the log {promise.log}"))
    position = _position(log, leaf_hash(entry))
    scene = _read(log)
    _check_key(signed, promise, scene)
    if position is not None:
        return Verdict("kept", deadline, log.head.size, position)
    _check_binding(report, promise, scene)
    alive = max([scene.alive, *_cosigned(log.note, cosigners)])
    return Verdict("broken" if alive > deadline else "open", deadline, log.head.size, None, alive or None)


def _promise(promised: Promised) -> tuple[Promise, Jws]:
    try:
        signed = parse(promised.jws)
        promise = msgspec.json.decode(signed.payload, type=Promise)
        unstamp(promise.received_at)
    except (MalformedJws, ValueError) as error:
        raise Problem(PROMISE_UNUSABLE, Text("อ่านสัญญาไม่ได้", f"the promise cannot be read: {error}")) from error
    if signed.header.typ != PROMISE_TYPE:
        raise Problem(PROMISE_UNUSABLE, Text("ข้อมูลนี้ไม่ใช่สัญญา", "this is not a promise"))
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
    scene = _Scene([], {}, {}, "")
    for body in log.entries():
        if at := _AT.match(body):
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
        if kind == "enrolment":
            scene.devices[said["kid"]] = said["key"]
        else:
            scene.revoked[said["kid"]] = said["at"]


def _check_key(signed: Jws, promise: Promise, scene: _Scene) -> None:
    keys = [PublicKey.from_jwk(one["key"]) for one in scene.promise_keys if one.get("log") == promise.log]
    if not any(key.kid == signed.header.kid and key.verify(signed) for key in keys):
        raise Problem(
            PROMISE_UNUSABLE,
            Text("สัญญานี้ไม่ได้ลงนามด้วยกุญแจที่ประกาศในบันทึกสาธารณะ", "no key that the log announced signed this promise"),
        )


def _check_binding(report: Jws, promise: Promise, scene: _Scene) -> None:
    """Raise :class:`Problem` unless the report is one that the promise binds for."""
    kid = report.header.kid
    key = scene.devices.get(kid)
    if report.header.typ != REPORT_TYPE or key is None or not PublicKey.from_jwk(key).verify(report):
        raise Problem(
            PROMISE_UNUSABLE,
            Text(
                "สัญญาไม่ผูกพัน: ลายเซ็นของรายงานไม่ใช่ของเครื่องที่ลงทะเบียนในบันทึกสาธารณะ",
                "the promise does not bind: no device that the log enrols signed the report",
            ),
        )
    if kid in scene.revoked and scene.revoked[kid] <= promise.received_at:
        raise Problem(
            PROMISE_UNUSABLE,
            Text("สัญญาไม่ผูกพัน: เครื่องถูกเพิกถอนแล้ว", "the promise does not bind: the device was revoked before"),
        )
    if not reads_one_way(report.payload):
        raise Problem(
            PROMISE_UNUSABLE,
            Text(
                "สัญญาไม่ผูกพัน: รายงานอ่านได้มากกว่าหนึ่งแบบ", "the promise does not bind: the report can be read in two ways"
            ),
        )


def _cosigned(note: Note, cosigners: Iterable[VerifierKey]) -> list[str]:
    times = [time for key in cosigners if (time := cosigned_at(note, key)) is not None]
    return [stamp(datetime.fromtimestamp(min(time, _LATEST), UTC)) for time in times]
