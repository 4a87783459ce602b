"""Proofs of inclusion and consistency: making them from tiles (RFC 6962, section 2.1) and checking them (RFC 9162, sections 2.1.3.2 and
2.1.4.2).

A proof is a list of hashes of exactly 32 bytes. Checking is strict: a hash of another length, one too few or one too many is refused,
because whatever is not looked at is where two readings of one proof begin.
"""

from __future__ import annotations

from collections.abc import Sequence

from sapparot.ledger.facts import Head
from sapparot.ledger.tiles import Hashes
from sapparot.ledger.tree import EMPTY_ROOT, HASH_SIZE, node_hash

_EMPTY_ROOTS = (EMPTY_ROOT, bytes(HASH_SIZE))
"""The root of no entries: SHA-256 of nothing in RFC 6962; some programs write zeros."""


class ProofInvalid(ValueError):
    """The proof does not show what it claims; the message says why."""


def inclusion(hashes: Hashes, index: int, size: int) -> list[bytes]:
    """Return the path of entry ``index`` in the tree of the first ``size`` entries, from the leaf's neighbour up."""
    if not 0 <= index < size <= hashes.size:
        raise IndexError(f"entry {index} is not in a tree of {size} entries")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_root(hashes, middle, end))
            end = middle
        else:
            path.append(_root(hashes, start, middle))
            start = middle
    return path[::-1]


def consistency(hashes: Hashes, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of ``old`` entries is the beginning of the tree of ``new`` entries."""
    if not 0 <= old <= new <= hashes.size:
        raise IndexError(f"no tree of {new} entries begins with {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_root(hashes, middle, end))
            end = middle
        else:
            proof.append(_root(hashes, start, middle))
            start = middle
    if start:  # else the old root itself is where the proof begins, and everybody has it
        proof.append(_root(hashes, start, end))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise :class:`ProofInvalid` unless ``path`` leads from the leaf hash ``leaf`` at ``index`` to the root of ``size`` entries."""
    if not 0 <= index < size:
        raise ProofInvalid(f"entry {index} cannot be in a tree of {size} entries")
    _check_lengths(leaf, root, *path)
    node, last, at = leaf, size - 1, index
    for step in path:
        if not last:
            raise ProofInvalid("the path is too long")
        if at & 1 or at == last:
            node = node_hash(step, node)
            at, last = _edge(at, last)
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofInvalid("the path is too short")
    if node != root:
        raise ProofInvalid("the path leads to another root")


def check_consistency(old: Head, new: Head, proof: Sequence[bytes]) -> None:
    """Raise :class:`ProofInvalid` unless ``proof`` shows that the tree ``new`` begins with the tree ``old``.

    Nothing begins every tree, with an empty proof; its root may be written in both ways that programs use.
    """
    if not 0 <= old.size <= new.size:
        raise ProofInvalid(f"a tree of {new.size} entries cannot begin with {old.size}")
    _check_lengths(old.root, new.root, *proof)
    if old.size in (0, new.size):
        _check_without_proof(old, new, proof)
        return
    rest = list(proof)
    if not old.size & (old.size - 1):
        rest.insert(0, old.root)
    if not rest:
        raise ProofInvalid("the proof is empty")
    _climb(old, new, rest)


def _check_without_proof(old: Head, new: Head, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofInvalid("there is nothing to prove, so the proof must be empty")
    for head in (old, new):
        if not head.size and head.root not in _EMPTY_ROOTS:
            raise ProofInvalid("a tree without entries has another root")
    if old.size and old.root != new.root:
        raise ProofInvalid(f"there are two roots for {old.size} entries")


def _climb(old: Head, new: Head, proof: list[bytes]) -> None:
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    then = now = proof[0]
    for step in proof[1:]:
        if not last:
            raise ProofInvalid("the proof is too long")
        if at & 1 or at == last:
            then, now = node_hash(step, then), node_hash(step, now)
            at, last = _edge(at, last)
        else:
            now = node_hash(now, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if then != old.root:
        raise ProofInvalid("the proof begins at another old root")
    if now != new.root:
        raise ProofInvalid("the proof leads to another new root")


def _edge(at: int, last: int) -> tuple[int, int]:
    """Pass over the levels on which a node at the right edge has no neighbour."""
    while not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at, last


def _check_lengths(*hashes: bytes) -> None:
    if any(len(node) != HASH_SIZE for node in hashes):
        raise ProofInvalid(f"a hash does not have {HASH_SIZE} bytes")


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _root(hashes: Hashes, start: int, end: int) -> bytes:
    """Return the root over the entries from ``start``, a multiple of every full subtree in the span, to ``end``."""
    count = end - start
    if not count & (count - 1):
        level = count.bit_length() - 1
        return hashes.node(level, start >> level)
    middle = start + _split(count)
    return node_hash(
        hashes.node((middle - start).bit_length() - 1, start // (middle - start)), _root(hashes, middle, end)
    )
