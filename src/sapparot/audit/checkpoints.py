"""What the key of the log has ever signed, as far as this auditor knows: every checkpoint seen must be a beginning of the newest.

Two checkpoints of one size with different roots, both signed, are proof of a fork; they are kept in the state file as they were signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from sapparot.audit.facts import Finding
from sapparot.audit.problems import STATE_DAMAGED
from sapparot.audit.wording import found
from sapparot.base import canonical
from sapparot.base.disk import write_whole
from sapparot.base.problems import Problem
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid, open_checkpoint

HOME = ".sapparot-audit"
"""The directory in the auditor's home that remembers what was seen."""


class Seen(Struct, frozen=True):
    """A checkpoint that the key signed: its size, its root (hexadecimal) and the whole note."""

    size: int
    root: str
    note: str


class Memory(Struct, frozen=True):
    """Everything that was seen of one log."""

    key: str
    checkpoints: tuple[Seen, ...] = ()
    v: int = 1


def state_file(origin: str) -> Path:
    """Return where the checkpoints of a log are remembered when nothing else is said."""
    return Path.home() / HOME / f"{sha256(origin.encode()).hexdigest()[:16]}.json"


def remembered(path: Path) -> Memory | None:
    """Return what a state file holds; None when there is none yet. Raises a problem for one that cannot be read."""
    try:
        return canonical.decode(path.read_bytes(), Memory)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise Problem(STATE_DAMAGED, file=str(path), why=str(error)) from error


def remember(path: Path, memory: Memory | None, key: str, note: str) -> None:
    """Add a checkpoint that `key` signed to a state file; a crash leaves the older file or the newer one."""
    memory = Memory(key, memory.checkpoints if memory else ())
    head = open_checkpoint(note, key)
    if any((seen.size, seen.root) == (head.size, head.root.hex()) for seen in memory.checkpoints):
        return
    seen = Seen(head.size, head.root.hex(), note)
    kept = Memory(key, (*memory.checkpoints, seen))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, canonical.encode(kept) + b"\n")


def read_others(files: Iterable[Path], key: str) -> tuple[list[tuple[str, Head]], list[Finding]]:
    """Read notes that other people hold; give those that the key signed, by file, and findings for the rest."""
    heads, findings = [], []
    for file in files:
        try:
            heads.append((str(file), open_checkpoint(file.read_text("utf-8"), key)))
        except (OSError, UnicodeDecodeError, NoteInvalid) as error:
            findings.append(found("checkpoint.other_unsigned", file=str(file), why=error))
    return heads, findings


def open_seen(memory: Memory | None, key: str) -> list[tuple[str, Head]]:
    """Give the remembered checkpoints that the key signed; a state file may have been edited too."""
    heads = []
    for seen in memory.checkpoints if memory else ():
        try:
            heads.append(("remembered", open_checkpoint(seen.note, key)))
        except NoteInvalid:
            continue
    return heads


def compare(now: Head, others: Sequence[tuple[str, Head]], root: Callable[[int], bytes] | None) -> Iterator[Finding]:
    """Compare the audited head with every other; `root` gives the root of any smaller size, None when entries are missing."""
    for file, other in others:
        if other.size > now.size:
            yield found("checkpoint.rolled_back", file=file, size=now.size, seen=other.size)
        elif other.size == now.size:
            if other.root != now.root:
                yield found("checkpoint.forked", file=file, seen=other.size)
        elif root is not None and root(other.size) != other.root:
            yield found("checkpoint.rewritten", other.size - 1, file=file, seen=other.size)
    yield from _forks(others)


def _forks(others: Sequence[tuple[str, Head]]) -> Iterator[Finding]:
    """Find two checkpoints of one size among the others."""
    roots: dict[int, bytes] = {}
    for file, other in others:
        if roots.setdefault(other.size, other.root) != other.root:
            yield found("checkpoint.forked", file=file, seen=other.size)
