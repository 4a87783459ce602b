"""The golden log of transparency-dev/tessera, made again from its published test key: every file the same, byte for byte.

Source: github.com/transparency-dev/tessera, commit 1811ae1a7c40 (testdata/build_log.sh gives key and leaves). ``tessera.sha256`` holds
the SHA-256 of each file in testdata/log: the checkpoint of every size, and the tiles and bundles of every size.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from pathlib import Path

from sapparot.ledger.facts import Head
from sapparot.ledger.growth import Growth
from sapparot.ledger.notes import NoteSigner, checkpoint_text, open_checkpoint
from sapparot.ledger.tree import leaf_hashes

ORIGIN = "example.com/log/testdata"
SECRET = b64decode("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg")[1:]
VERIFIER_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
LEAVES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eit",
    "nain",
    "ten",
    "ileven",
    "twelf",
    "threeten",
    "fourten",
    "fivten",
]
_LINES = Path(__file__).with_name("tessera.sha256").read_text().splitlines()
GOLDEN = {path: digest for digest, path in (line.split() for line in _LINES)}


def made() -> dict[str, str]:
    """Every file of the log and its SHA-256."""
    signer = NoteSigner(ORIGIN, SECRET)
    growth = Growth()
    files: dict[str, bytes] = {}
    for size in range(len(LEAVES) + 1):
        if size:
            entry = [LEAVES[size - 1].encode()]
            growth.add(entry, leaf_hashes(entry))
        files |= growth.partials()
        files[f"checkpoint.{size}"] = signer.sign(checkpoint_text(ORIGIN, Head(size, growth.root()))).encode()
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def test_the_golden_log_of_tessera_comes_out_the_same() -> None:
    assert made() == GOLDEN
    assert len(GOLDEN) == 16 + 2 * 15


def test_its_published_key_is_that_of_its_secret() -> None:
    signer = NoteSigner(ORIGIN, SECRET)
    assert signer.verifier_key() == VERIFIER_KEY
    assert open_checkpoint(signer.sign(checkpoint_text(ORIGIN, Head(1, bytes(32)))), VERIFIER_KEY).size == 1
