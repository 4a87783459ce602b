"""Pure rules of publishing: where files stand, what is said about a snapshot, and when the next one is due."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal

from msgspec import MsgspecError, Struct, json

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.text import Text
from sapparot.publish.facts import FILE_VERSION, Pace, SnapshotKept, SnapshotMeta, SnapshotPublished

LATEST = "v1/latest.json"
KEY = "v1/publication-key.json"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.jws"
SIGNATURE_TYPE = "sapparot-snapshot+jwt"

FULL_SHARE = 10
"""A full snapshot may take one part in so many of the time."""
PAUSED_SHARE = 4
"""The same when nothing changes: then nobody waits for the processor, and every station's page waits for the full one."""
LIGHT_SHARE = 4
"""A light snapshot may take one part in so many of the time: on a slow machine it must not take it from the reports."""
CHECK_SHARE = 20
"""The cross-check of the sums may take one part in so many of the time."""

_PATH = re.compile(r"/v1/snapshots/([1-9][0-9]{0,15})/((?:[A-Za-z0-9_-]{1,64}/)?[A-Za-z0-9_-]{1,64}\.(?:json|csv|jws))")
"""Codes have at most 40 characters; a disk fails on names of more than 255 instead of not finding them."""

Due = Literal["nothing", "light", "full"]


def snapshot_name(n: int, name: str) -> str:
    """Give the place of a file of snapshot ``n`` in the public store."""
    return f"v1/snapshots/{n}/{name}"


def definition_name(sha256: str) -> str:
    """Give the place of an election's definition."""
    return f"v1/definitions/{sha256}.json"


def wanted_file(path: str) -> tuple[int, str] | None:
    """Read the snapshot number and file name of a request's path; None when no published file can have that path."""
    match = _PATH.fullmatch(path)
    return (int(match[1]), match[2]) if match else None


def digest(manifest: bytes) -> str:
    """Give the SHA-256 (hex) by which a manifest is known."""
    return hashlib.sha256(manifest).hexdigest()


def statement(meta: SnapshotMeta, manifest: bytes) -> bytes:
    """Give what the publication key signs: which snapshot of which log the manifest belongs to."""
    return canonical.encode(
        {
            "v": FILE_VERSION,
            "n": meta.n,
            "size": meta.size,
            "root": meta.root,
            "at": meta.at,
            "manifest": digest(manifest),
        }
    )


def key_entry(jwk: dict[str, Any]) -> tuple[str, bytes]:
    """Give the log entry that announces the publication key."""
    return "publication_key", canonical.encode({"key": jwk, "kind": "publication_key", "v": 1})


def entry(meta: SnapshotMeta, manifest: bytes) -> tuple[str, bytes]:
    """Give the log entry that says which snapshot was published."""
    published = SnapshotPublished(meta.n, meta.size, meta.root, meta.at, meta.full, digest(manifest))
    return "snapshot", canonical.encode(published)


def latest(kept: SnapshotKept, last_full: int | None) -> bytes:
    """Give the pointer to the newest snapshot, and to the newest one that carries every sheet."""
    return canonical.encode(
        {
            "v": FILE_VERSION,
            **event(kept),
            "full": kept.full,
            "root": kept.root.hex(),
            "manifest": kept.manifest.hex(),
            "last_full": None if last_full is None else {"n": last_full, "url": f"/{snapshot_name(last_full, '')}"},
        }
    )


class Pointer(Struct, frozen=True):
    """What is read of a pointer: the number of the newest snapshot."""

    n: int = 0


def pointed(data: bytes) -> int:
    """Return the number that a published pointer names; 0 for what is torn."""
    try:
        return json.decode(data, type=Pointer).n
    except MsgspecError:
        return 0


def event(kept: SnapshotKept) -> dict[str, Any]:
    """Give what the event stream says of a snapshot; `counted` is in basis points of the sheets of each ballot."""
    return {
        "n": kept.n,
        "size": kept.size,
        "at": stamp(kept.at),
        "full": kept.full,
        "counted": kept.counted,
        "url": f"/{snapshot_name(kept.n, '')}",
    }


MISSED = Text(
    "มีภาพรวมที่คุณพลาดไปมากกว่าที่ส่งซ้ำได้ โปรดอ่านไฟล์ตั้งแต่เลข {start} ถึง {end}",
    "More snapshots were missed than are sent again; read the files from number {start} to {end}",
)


def missed(start: int, end: int) -> dict[str, Any]:
    """Give the notice to a listener who was away too long: snapshots ``start`` to ``end`` stand in files only."""
    return {"from": start, "to": end, "message": MISSED.fill(start=start, end=end), "url": f"/{LATEST}"}


class Timing(Struct):
    """When the last snapshots were made and what has changed since; moments are monotonic seconds."""

    light_at: float = float("-inf")
    full_at: float = float("-inf")
    light_took: float = 0.0
    full_took: float = 0.0
    checked_at: float = float("-inf")
    check_took: float = 0.0
    changed_at: float = float("-inf")
    changed: bool = False
    changed_since_full: bool = False

    def change(self, now: float) -> None:
        """Note that the result has changed."""
        self.changed_at, self.changed, self.changed_since_full = now, True, True

    def due(self, now: float, pace: Pace) -> Due:
        """Say what is due now."""
        if now - self.light_at < pace.light or not self.changed_since_full:
            return "nothing"
        paused = not self.changed and now - self.changed_at >= pace.pause
        since, share = now - self.full_at, PAUSED_SHARE if paused else FULL_SHARE
        if since >= share * self.full_took and (paused or since >= pace.full):
            return "full"
        return "light" if self.changed and now >= self.next_light(pace) else "nothing"

    def next_light(self, pace: Pace) -> float:
        """Say when the next light snapshot may be due; who asks for no rest at all gets none."""
        return self.light_at + (max(pace.light, LIGHT_SHARE * self.light_took) if pace.light else 0.0)

    def made(self, now: float, took: float, *, full: bool) -> None:
        """Note that a snapshot was begun at ``now`` and made."""
        self.light_at, self.changed = now, False
        if full:
            self.full_at, self.full_took, self.changed_since_full = now, took, False
        else:
            self.light_took = took

    def check_is_due(self, now: float, pace: Pace) -> bool:
        """Say whether the sums are to be compared with recomputed ones beside a light snapshot."""
        return now - self.checked_at >= (max(pace.check, CHECK_SHARE * self.check_took) if pace.check else 0.0)

    def checked(self, now: float, took: float) -> None:
        """Note that a comparison was begun at ``now`` and made."""
        self.checked_at, self.check_took = now, took
