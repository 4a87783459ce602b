"""A receipt shows an entry's place to whoever holds the log's key, and nothing else passes for one."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.proofs import inclusion
from sapparot.ledger.receipts import Receipt, ReceiptInvalid, check
from sapparot.ledger.signatures import VerifierKey
from tests.ledger.trees import Files, bodies

SIGNER = NoteSigner("example.org/log", b"k" * 32)
KEY = VerifierKey.read(SIGNER.verifier_key())
FILES = Files(bodies(300))
NOTE = SIGNER.sign(checkpoint_text("example.org/log", FILES.head()))


def receipt(index: int = 77, note: str = NOTE) -> Receipt:
    return Receipt(index, tuple(inclusion(FILES.hashes(), index, 300)), note, FILES.entries[index])


@given(st.integers(0, 299))
def test_a_receipt_that_was_written_and_read_shows_its_entry(index: int) -> None:
    read = Receipt.parse(receipt(index).encode())
    assert read == receipt(index)
    assert check(read, [KEY], FILES.leaves[index]) == FILES.head()


def test_a_receipt_is_the_text_that_the_specification_shows() -> None:
    lines = receipt().encode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", f"extra {b64encode(b'entry 77').decode()}", "index 77"]
    assert lines[3 : lines.index("")] == [b64encode(node).decode() for node in receipt().path]
    assert receipt().encode().endswith(f"\n\n{NOTE}")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("@v1", "@v2"), ("index 77", "index 077"), ("index 77", "index -1"), ("index 77", "Index 77"), ("index 77\n", ""),
        ("\n\n", "\n"), ("extra ", "extra  "), ("index 77\n", "index 77\nAAAA\n"), ("index 77\n", "index 77\n*\n"),
        ("index 77\n", "index 77\nindex 77\n"), ("index 77", "index \u0667"), ("index 77\n", "index 77\r\n"),
        ("index 77", "index 9999999999999999999"),
    ],
)  # fmt: skip
def test_what_is_not_written_as_a_receipt_is_not_read(was: str, now: str) -> None:
    text = receipt().encode()
    assert was in text
    with pytest.raises(ReceiptInvalid):
        Receipt.parse(text.replace(was, now, 1))


def test_a_receipt_of_another_entry_place_path_root_or_log_shows_nothing() -> None:
    other = NoteSigner("example.com/log", b"k" * 32)
    wrong_root = SIGNER.sign(checkpoint_text("example.org/log", Head(300, bytes(32))))
    swapped = Receipt(77, (*receipt().path[::-1],), NOTE)
    for invalid, leaf in (
        (receipt(), FILES.leaves[78]),
        (Receipt(78, receipt().path, NOTE), FILES.leaves[77]),
        (Receipt(77, receipt(79).path, NOTE), FILES.leaves[77]),
        (swapped, FILES.leaves[77]),
        (receipt(note=wrong_root), FILES.leaves[77]),
        (receipt(note=NoteSigner("example.org/log", b"x" * 32).sign(checkpoint_text("example.org/log", FILES.head()))), FILES.leaves[77]),
        (receipt(note=other.sign(checkpoint_text("example.com/log", FILES.head()))), FILES.leaves[77]),
        (receipt(note=SIGNER.sign(checkpoint_text("example.com/log", FILES.head()))), FILES.leaves[77]),
        (receipt(note="no checkpoint"), FILES.leaves[77]),
    ):  # fmt: skip
        with pytest.raises(ReceiptInvalid):
            check(invalid, [KEY], leaf)


def test_a_checkpoint_with_further_signatures_shows_the_same() -> None:
    cosigned = NOTE + "\u2014 cosigner.example " + b64encode(b"1234" + bytes(72)).decode() + "\n"
    assert check(Receipt.parse(receipt(note=cosigned).encode()), [KEY], FILES.leaves[77]) == FILES.head()


@given(st.text(max_size=200))
def test_whatever_somebody_drops_is_read_or_refused_with_a_reason(text: str) -> None:
    for whole in (text, f"c2sp.org/tlog-proof@v1\n{text}", receipt().encode()[: len(text)] + text):
        try:
            check(Receipt.parse(whole), [KEY], FILES.leaves[77])
        except ReceiptInvalid:
            continue
        raise AssertionError("shown by something that is no receipt")
