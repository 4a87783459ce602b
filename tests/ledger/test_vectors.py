"""The inclusion and consistency vectors of transparency-dev/merkle, from a checkout that ``SAPPAROT_TEST_MERKLE`` names.

They are not ours and do not stand here: ``SAPPAROT_TEST_MERKLE=…/merkle/testdata make test ARGS=tests/ledger/test_vectors.py``. At commit
417fb0c of 2026 there are 196, and we judge 195 of them as they say. What they change about a proof is changed here too, on every tree of
up to nine entries, so that the same is tested where no checkout is.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sapparot.ledger.facts import Head
from sapparot.ledger.proofs import ProofInvalid, check_consistency, check_inclusion, consistency, inclusion
from tests.ledger.trees import Files, bodies

PLACE = os.environ.get("SAPPAROT_TEST_MERKLE", "")
FEWEST = 190
DIFFERENT = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json": "its roots are twelve bytes of text; we take hashes only",
}


def vectors() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("inclusion", "consistency"):
        for path in sorted((Path(PLACE) / kind).rglob("*.json")):
            yield str(path.relative_to(PLACE)), json.loads(path.read_text())


def refused(vector: dict[str, Any]) -> bool:
    """Tell whether we refuse the proof of a vector."""
    proof = [b64decode(node) for node in vector["proof"] or []]
    try:
        if "leafHash" in vector:
            leaf, root = b64decode(vector["leafHash"] or ""), b64decode(vector["root"] or "")
            check_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root)
        else:
            old, new = (Head(vector[f"size{n}"], b64decode(vector[f"root{n}"] or "")) for n in (1, 2))
            check_consistency(old, new, proof)
    except ProofInvalid:
        return True
    return False


@pytest.mark.skipif(not PLACE, reason="SAPPAROT_TEST_MERKLE names no checkout of transparency-dev/merkle's testdata")
def test_we_judge_every_published_vector_as_it_says_but_for_those_explained() -> None:
    found = dict(vectors())
    assert len(found) >= FEWEST
    assert [name for name, vector in found.items() if refused(vector) != vector["wantErr"]] == list(DIFFERENT)


GARBAGE = b"garbage"
OTHER = bytes(range(32))
SMALL = Files(bodies(9))


def changed_inclusions(index: int, size: int) -> Iterator[tuple[str, tuple[bytes, int, int, list[bytes], bytes]]]:
    """A true proof of inclusion with each of the changes that the published vectors make."""
    leaf, root, path = SMALL.leaves[index], SMALL.head(size).root, inclusion(SMALL.hashes(), index, size)
    for other in {index - 1, index + 1, index ^ 2}:
        yield f"index {other}", (leaf, other, size, path, root)
    for other in (size * 2, size // 2):
        yield f"size {other}", (leaf, index, other, path, root)
    for name, wrong in (("leaf", b""), ("leaf", OTHER), ("leaf", root if size > 1 else OTHER)):
        yield name, (wrong, index, size, path, root)
    for name, wrong in (("root", b""), ("root", OTHER)):
        yield name, (leaf, index, size, path, wrong)
    yield "leaf and root", (b"", index, size, path, b"")
    for more in (GARBAGE, b"", root, leaf):
        yield "something before", (leaf, index, size, [more, *path], root)
        yield "something behind", (leaf, index, size, [*path, more], root)
    for at, node in enumerate(path):
        yield "a node less", (leaf, index, size, path[:at] + path[at + 1 :], root)
        yield "a node more", (leaf, index, size, [*path[:at], OTHER, *path[at:]], root)
        yield "a bit", (leaf, index, size, [*path[:at], bytes([node[0] ^ 8]) + node[1:], *path[at + 1 :]], root)


def changed_consistencies(one: int, two: int) -> Iterator[tuple[str, tuple[Head, Head, list[bytes]]]]:
    """A true proof of consistency with each of the changes that the published vectors make."""
    old, new, proof = SMALL.head(one), SMALL.head(two), consistency(SMALL.hashes(), one, two)
    for size in {one - 1, one + 1, one ^ 2} - {0}:
        yield f"old size {size}", (Head(size, old.root), new, proof)
    for size in (two * 2, two // 2):
        yield f"new size {size}", (old, Head(size, new.root), proof)
    yield "roots swapped", (Head(one, new.root), Head(two, old.root), proof)
    for root in (b"", OTHER):
        yield "old root", (Head(one, root), new, proof)
        yield "new root", (old, Head(two, root), proof)
    yield "no proof", (old, new, [])
    for more in (GARBAGE, b"", old.root, new.root, proof[0]):
        yield "something before", (old, new, [more, *proof])
        yield "something behind", (old, new, [*proof, more])
    for at, node in enumerate(proof):
        yield "a node less", (old, new, proof[:at] + proof[at + 1 :])
        yield "a bit", (old, new, [*proof[:at], node[:-1] + bytes([node[-1] ^ 16]), *proof[at + 1 :]])


@pytest.mark.parametrize("size", range(1, 10))
def test_no_change_of_the_published_kinds_passes_for_an_inclusion(size: int) -> None:
    for index in range(size):
        for name, (leaf, at, of, path, root) in changed_inclusions(index, size):
            with pytest.raises(ProofInvalid):
                check_inclusion(leaf, at, of, path, root)
                pytest.fail(f"entry {index} of {size}: {name}")


@pytest.mark.parametrize("size", range(2, 10))
def test_no_change_of_the_published_kinds_passes_for_a_consistency(size: int) -> None:
    for old in range(1, size):
        for name, (one, two, proof) in changed_consistencies(old, size):
            with pytest.raises(ProofInvalid):
                check_consistency(one, two, proof)
                pytest.fail(f"{old} of {size}: {name}")
