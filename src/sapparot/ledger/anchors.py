"""Anchors: a ledger checkpoint shown to somebody outside who cannot be asked to forget it (docs/howto/anchors.md).

What is anchored is the checkpoint alone: a name, a size, a root. Beside the log's public files stand the note as it was anchored,
``log/anchors/<size>.checkpoint``, and one proof of each anchor, ``log/anchors/<size>.<kind>``. The note is kept before anybody is asked:
a crash leaves a note without a proof, and the next ``add`` of that size asks again; asking twice does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid, open_checkpoint
from sapparot.ledger.problems import CHECKPOINT_UNUSABLE, NOTHING_TO_ANCHOR
from sapparot.ledger.tiles import Hashes, TileInvalid
from sapparot.ledger.tree import Tree

FOLDER = "log/anchors"
NOTE = "checkpoint"
PUBLISHED = "log/checkpoint"


class Anchorable(msgspec.Struct, frozen=True):
    """A checkpoint whose signature was checked: the log's name, its head, and the bytes of the signed note."""

    origin: str
    head: Head
    note: bytes


class Attested(msgspec.Struct, frozen=True):
    """What one attestation of a proof is worth now.

    ``proved``: it was checked, and ``says`` states what it proves. ``pending``: the outsider has promised and not yet delivered.
    ``open``: it claims something that cannot be checked with what was given. ``refused``: it is wrong.
    """

    state: Literal["proved", "pending", "open", "refused"]
    says: Text
    at: datetime | None = None


class Anchor(Protocol):
    """A kind of outsider. Every method raises :class:`Problem` when the outsider cannot be used."""

    kind: str
    """The ending of its proofs' names."""

    def anchor(self, checkpoint: Anchorable) -> bytes:
        """Show the checkpoint to the outsider; return the proof as far as it goes."""
        ...

    def upgrade(self, checkpoint: Anchorable, proof: bytes) -> bytes:
        """Return the proof with what the outsider has delivered since; the same bytes when there is nothing new."""
        ...

    def check(self, checkpoint: Anchorable, proof: bytes) -> list[Attested]:
        """Return what each attestation of the proof is worth; never empty, never raises for a wrong proof."""
        ...


NO_NODE = Text(
    "ตรวจได้เมื่อตั้ง SAPPAROT_EVM_RPC และ SAPPAROT_EVM_CONTRACT แล้วเท่านั้น",
    "it can be checked only where SAPPAROT_EVM_RPC and SAPPAROT_EVM_CONTRACT are set",
)
KINDS = ("ots", "evm")
"""Proofs that are told of, also where nothing here can check them."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of one anchor for the checkpoint of one size."""

    size: int
    kind: str
    failed: bool
    says: Text


class Anchors:
    """The notes and proofs that are kept beside a log, whose checkpoints the verifier key ``key`` opens."""

    def __init__(self, public: Objects, key: str, anchors: Sequence[Anchor]) -> None:
        self._public = public
        self._key = key
        self._anchors = {anchor.kind: anchor for anchor in anchors}

    def add(self) -> Iterator[Outcome]:
        """Anchor the published checkpoint with every anchor that has no proof of its size yet."""
        checkpoint = self._keep(self._read(PUBLISHED))
        size = checkpoint.head.size
        for kind, anchor in self._anchors.items():
            if self._public.exists(_name(size, kind)):
                yield Outcome(size, kind, False, Text("เคยฝากไว้แล้ว", "anchored before"))
                continue
            try:
                self._public.put(_name(size, kind), anchor.anchor(checkpoint))
            except Problem as problem:
                yield Outcome(size, kind, True, problem.detail)
            else:
                yield Outcome(size, kind, False, Text("ฝากแล้ว", "anchored"))

    def upgrade(self) -> Iterator[Outcome]:
        """Fetch what was pending, for every proof that is kept."""
        for size, kind in self.kept(self._anchors):
            name = _name(size, kind)
            try:
                before = self._public.get(name)
                after = self._anchors[kind].upgrade(self._read(_name(size, NOTE)), before)
            except Problem as problem:
                yield Outcome(size, kind, True, problem.detail)
                continue
            if after == before:
                yield Outcome(size, kind, False, Text("ไม่มีอะไรใหม่", "nothing new"))
            else:
                self._public.put(name, after)
                yield Outcome(size, kind, False, Text("ได้หลักฐานเพิ่ม", "completed"))

    def check(self) -> Iterator[tuple[int, str, Attested]]:
        """Yield the size, the kind and the worth of every attestation that is kept; before them, for each size, the worth of its note."""
        seen = 0
        for size, kind in self.kept({*KINDS, *self._anchors}):
            if size != seen:
                yield size, NOTE, self._continued(size)
                seen = size
            if kind not in self._anchors:
                yield size, kind, Attested("open", NO_NODE)
                continue
            try:
                checkpoint = self._read(_name(size, NOTE))
                found = self._anchors[kind].check(checkpoint, self._public.get(_name(size, kind)))
                if checkpoint.head.size != size:
                    says = Text("ชื่อไฟล์บอกขนาดอื่นจากที่ลงนามไว้", "the file's name states another size than the note signs")
                    found = [Attested("refused", says)]
            except Problem as problem:
                found = [Attested("refused", problem.detail)]
            for attested in found:
                yield size, kind, attested

    def _continued(self, size: int) -> Attested:
        """Tell whether the published log, by its tiles, begins with the checkpoint that was anchored at ``size``."""
        try:
            old, new = self._read(_name(size, NOTE)).head, self._read(PUBLISHED).head
            if (
                old.size > new.size
                or root_of(Hashes(lambda name: self._public.get(f"log/{name}"), new.size), old.size) != old.root
            ):
                return Attested(
                    "refused", Text("บันทึกสาธารณะที่นี่ไม่ได้ต่อจากหัวบันทึกนี้", "the log here does not continue this checkpoint")
                )
        except Problem as problem:
            return Attested("refused", problem.detail)
        except (FileNotFoundError, TileInvalid) as error:
            says = Text("ไทล์ของบันทึกสาธารณะที่นี่ไม่ครบ: {why}", "the tiles of the log here are not complete: {why}")
            return Attested("open", says.fill(why=error))
        return Attested("proved", Text("บันทึกสาธารณะที่นี่ขึ้นต้นด้วยหัวบันทึกนี้", "the log here begins with this checkpoint"))

    def kept(self, kinds: Collection[str]) -> list[tuple[int, str]]:
        """Return size and kind of every proof of these kinds, in order."""
        found = (re.fullmatch(rf"{FOLDER}/(0|[1-9]\d{{0,18}})\.(\w+)", name) for name in self._public.names(FOLDER))
        return sorted((int(match[1]), match[2]) for match in found if match and match[2] in kinds)

    def _read(self, name: str) -> Anchorable:
        try:
            note = self._public.get(name)
            head = open_checkpoint(note.decode(), self._key)
        except FileNotFoundError as error:
            says = Text("ไม่มีไฟล์ {name}", "there is no file {name}").fill(name=name)
            raise Problem(NOTHING_TO_ANCHOR, says) from error
        except (NoteInvalid, UnicodeDecodeError) as error:
            says = Text("{name} ใช้ไม่ได้: {why}", "{name} cannot be used: {why}").fill(name=name, why=error)
            raise Problem(CHECKPOINT_UNUSABLE, says) from error
        if head.size == 0:
            raise Problem(NOTHING_TO_ANCHOR)
        return Anchorable(note.partition(b"\n")[0].decode(), head, note)

    def _keep(self, checkpoint: Anchorable) -> Anchorable:
        """Return the note of this size that is kept: the first one. Later ones only carry more signatures."""
        name = _name(checkpoint.head.size, NOTE)
        if not self._public.exists(name):
            self._public.put(name, checkpoint.note)
            return checkpoint
        kept = self._read(name)
        if kept.head != checkpoint.head:
            says = Text(
                "{name} มีรากอื่นจากที่เผยแพร่อยู่: บันทึกสาธารณะนี้ถูกเขียนใหม่",
                "{name} has another root than what is published: the log was rewritten",
            )
            raise Problem(CHECKPOINT_UNUSABLE, says.fill(name=name))
        return kept


def root_of(hashes: Hashes, size: int) -> bytes:
    """Return the root over the first ``size`` entries of a log whose tiles ``hashes`` reads."""
    subtrees, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            subtrees.append(hashes.node(level, start >> level))
            start += 1 << level
    return Tree(size, subtrees).root()


def _name(size: int, kind: str) -> str:
    return f"{FOLDER}/{size}.{kind}"
