"""The inclusion and consistency vectors of transparency-dev/merkle, from a checkout that ``SAPPAROT_TEST_MERKLE`` names.

They are not ours and do not stand here: ``SAPPAROT_TEST_MERKLE=…/merkle/testdata make test ARGS=tests/ledger/test_vectors.py``. At commit
417fb0c of 2026 there are 196, and we judge 195 of them as they say.
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
from sapparot.ledger.proofs import ProofInvalid, check_consistency, check_inclusion

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
