"""The first pass over the entries: their hashes, their form, and what later passes must know of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from sapparot.audit.chain import TOLD, Told, read_told
from sapparot.audit.findings import Findings
from sapparot.audit.tilelog import NO_KIND, TileLog
from sapparot.audit.times import packed
from sapparot.audit.wording import found
from sapparot.base import canonical
from sapparot.ledger.tiles import WIDTH
from sapparot.ledger.tree import HASH_SIZE, leaf_hashes, root_over

SIGNED = frozenset({"report", "reading"})
LONG = re.compile(rb"[0-9]{16}")
"""What every entry with a number beyond 2^53 holds somewhere."""
MARK = 8
"""Bytes by which a signed text is known among all of them; who makes two with equal ones gains a closer look, nothing else."""


class Surveyed(Struct):
    """What a range of bundles holds.

    `roots` are the hashes over each full bundle, `edge` the leaf hashes of a last one that is not full; `marks` are MARK bytes for
    each report or reading, `places` its position (8 bytes, little-endian) and `times` when it was taken in (`times.packed`).
    """

    roots: list[bytes]
    edge: list[bytes]
    kinds: Counter[str]
    told: list[Told]
    marks: bytes
    places: bytes
    times: bytes
    findings: Findings


def survey(log: TileLog, first: int, end: int) -> Surveyed:
    """Look at bundles `first` to `end` (not included); raises EntriesMissing."""
    marks, places, times = bytearray(), bytearray(), bytearray()
    seen = Surveyed([], [], Counter(), [], b"", b"", b"", Findings())
    for index in range(first, end):
        bodies = log.bundle(index)
        leaves = leaf_hashes(bodies)
        _compare(log, index, leaves, seen.findings)
        if len(leaves) == WIDTH:
            seen.roots.append(root_over(leaves))
        else:
            seen.edge = leaves
        for position, body in enumerate(bodies, index * WIDTH):
            kind, said = _read(position, body, seen)
            if kind in SIGNED and (signed := signing_input(said)):
                marks += sha256(signed).digest()[:MARK]
                places += position.to_bytes(8, "little")
                times += packed(said.get("at"))
            elif kind in TOLD:
                _tell(position, kind, body, seen)
    return msgspec.structs.replace(seen, marks=bytes(marks), places=bytes(places), times=bytes(times))


def _compare(log: TileLog, index: int, leaves: list[bytes], findings: Findings) -> None:
    """Compare the leaf hashes of a bundle with the tile that lists them."""
    tile = log.hashes(0, index, len(leaves))
    if tile is None:
        findings.add(found("log.tile_missing", file=f"level 0, index {index}"))
    elif len(tile) != HASH_SIZE * len(leaves):
        findings.add(found("log.tile", file=f"level 0, index {index}"))
    elif tile != b"".join(leaves):
        for offset, leaf in enumerate(leaves):
            if tile[HASH_SIZE * offset : HASH_SIZE * (offset + 1)] != leaf:
                findings.add(found("log.leaf", index * WIDTH + offset))


def _read(position: int, body: bytes, seen: Surveyed) -> tuple[str, dict[str, object]]:
    """Read an entry and note when it is not canonical JSON of a kind: two readers could then find two things in it."""
    try:
        said = _whole(body)
        exact = canonical.encode(said) == body
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return _unread(position, str(error), seen)
    kind = said.get("kind") if isinstance(said, dict) else None
    if not exact or not isinstance(kind, str) or not kind:
        return _unread(position, "not canonical JSON with a kind", seen)
    seen.kinds[kind] += 1
    return kind, said


def _whole(body: bytes) -> Any:
    """Read an entry whose numbers are whole and mean the same to every reader; raises ValueError or msgspec.MsgspecError."""
    said = _decoder.decode(body)
    if LONG.search(body) and any(abs(number) > canonical.MAX_INTEGER for number in _integers(said)):
        raise ValueError("a number beyond 2^53")
    return said


def _integers(said: object) -> Iterator[int]:
    if isinstance(said, int):
        yield said
    elif isinstance(said, list | dict):
        for each in said.values() if isinstance(said, dict) else said:
            yield from _integers(each)


def _no_fraction(number: str) -> float:
    raise ValueError(f"the number {number[:20]} is not whole")


_decoder = msgspec.json.Decoder(float_hook=_no_fraction)


def _unread(position: int, why: str, seen: Surveyed) -> tuple[str, dict[str, object]]:
    seen.findings.add(found("entry.unreadable", position, why=why))
    seen.kinds[NO_KIND] += 1
    return NO_KIND, {}


def signing_input(said: dict[str, object]) -> bytes:
    """Return what was signed: a signature over the same text may be written in more than one way."""
    jws = said.get("jws")
    return jws.rpartition(".")[0].encode("utf-8", "surrogatepass") if isinstance(jws, str) else b""


def _tell(position: int, kind: str, body: bytes, seen: Surveyed) -> None:
    told = read_told(position, kind, body)
    if isinstance(told, str):
        seen.findings.add(found("entry.unreadable", position, why=told))
    else:
        seen.told.append(told)
