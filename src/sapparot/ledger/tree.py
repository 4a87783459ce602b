"""The Merkle tree of RFC 6962, section 2.1: leaf hash with prefix 0x00, node hash with prefix 0x01, SHA-256.

A tree of any size is a row of full subtrees, one for each bit of its size, largest first; appending a leaf merges equal neighbours as
adding one carries in binary. Appending costs two hashes a leaf on average, the root at most one per subtree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeVar

Node = TypeVar("Node")
HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
_LEAF, _NODE = sha256(b"\x00"), sha256(b"\x01")
"""Hashes that have taken their prefix already: where many are made, copying one is cheaper than beginning anew."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Return the hash of every entry as a leaf."""
    begin, leaves = _LEAF.copy, []
    for entry in entries:
        leaf = begin()
        leaf.update(entry)
        leaves.append(leaf.digest())
    return leaves


def root_over(row: Sequence[bytes]) -> bytes:
    """Return the root over neighbouring nodes (not empty); a last one without a neighbour moves up as it is."""
    begin = _NODE.copy
    while len(row) > 1:
        above = []
        for left, right in zip(row[::2], row[1::2], strict=False):
            node = begin()
            node.update(left + right)
            above.append(node.digest())
        if len(row) & 1:
            above.append(row[-1])
        row = above
    return row[0]


def row_above(row: bytes) -> list[bytes]:
    """Return the hash over each pair of neighbouring nodes; ``row`` holds an even number of them in one string."""
    begin, above = _NODE.copy, []
    for start in range(0, len(row), 2 * HASH_SIZE):
        node = begin()
        node.update(row[start : start + 2 * HASH_SIZE])
        above.append(node.digest())
    return above


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """The right edge of a growing tree: all that appending needs."""

    __slots__ = ("size", "subtrees")

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size = size
        self.subtrees = list(subtrees)
        if len(self.subtrees) != size.bit_count() or any(len(node) != HASH_SIZE for node in self.subtrees):
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full subtrees of {HASH_SIZE} bytes each")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        node = leaf
        carry = self.size
        subtrees = self.subtrees
        while carry & 1:
            node = sha256(b"\x01" + subtrees.pop() + node).digest()
            carry >>= 1
        subtrees.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over every leaf so far."""
        if not self.subtrees:
            return EMPTY_ROOT
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """Return the full subtrees' roots in one string, largest first."""
        return b"".join(self.subtrees)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> Tree:
        """Rebuild the right edge from :meth:`packed`; raises ``ValueError`` when it does not fit ``size``."""
        return cls(size, [packed[start : start + HASH_SIZE] for start in range(0, len(packed), HASH_SIZE)])


def levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return every level of the tree over ``leaves`` (not empty), leaves first; the last level holds the root alone.

    A last node without a neighbour moves up as it is, which is the tree of RFC 6962.
    """
    hash_of, rows = sha256, [leaves]
    while len(rows[-1]) > 1:
        row = rows[-1]
        above = [hash_of(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
        rows.append(above + row[len(above) * 2 :])
    return rows


def paths(rows: list[list[Node]]) -> list[list[Node]]:
    """Return the audit path (RFC 6962, section 2.1.1) of every leaf, from the leaf up; ``rows`` as :func:`levels` gives them.

    A node's path is its neighbour and then its parent's path, so all of them together cost one step a node.
    """
    above: list[list[Node]] = [[]]
    for row in reversed(rows[:-1]):
        above = [
            [row[index ^ 1], *above[index >> 1]] if index ^ 1 < len(row) else above[index >> 1]
            for index in range(len(row))
        ]
    return above
