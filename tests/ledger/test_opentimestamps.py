"""Proof files: ours are those of the reference library, byte for byte, and whatever is not one is refused."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesDeserializationContext, BytesSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

from sapparot.ledger import opentimestamps as ots

DIGEST = sha256(b"a signed note\n").digest()
ADDRESSES = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-/:_", min_size=1, max_size=30)
ATTESTATIONS = st.builds(ots.pending, ADDRESSES) | st.builds(ots.bitcoin, st.integers(0, 2**32 - 1))
OPERATIONS = st.builds(ots.Operation, st.just(ots.SHA256)) | st.builds(
    ots.Operation, st.sampled_from([ots.APPEND, ots.PREPEND]), st.binary(min_size=1, max_size=40)
)
EMPTY = ots.Stamp()


def stamp_of(attestations: list[ots.Attestation], branches: list[tuple[ots.Operation, ots.Stamp]]) -> ots.Stamp:
    found = ots.merge(EMPTY, ots.Stamp(tuple(attestations)))
    for branch in branches:
        found = ots.merge(found, ots.Stamp(branches=(branch,)))
    return found


STAMPS = st.recursive(
    st.builds(stamp_of, st.lists(ATTESTATIONS, min_size=1, max_size=3), st.just([])),
    lambda below: st.builds(
        stamp_of, st.lists(ATTESTATIONS, max_size=2), st.lists(st.tuples(OPERATIONS, below), min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def as_the_library_has_it(stamp: ots.Stamp, message: bytes) -> Timestamp:
    """The same tree, built with the reference library's own classes."""
    made = Timestamp(message)
    for attestation in stamp.attestations:
        if attestation.calendar is not None:
            made.attestations.add(PendingAttestation(attestation.calendar))
        else:
            made.attestations.add(BitcoinBlockHeaderAttestation(attestation.height))
    kinds = {ots.SHA256: lambda _: OpSHA256(), ots.APPEND: OpAppend, ots.PREPEND: OpPrepend}
    for operation, below in stamp.branches:
        made.ops.add(kinds[operation.tag](operation.argument)).merge(as_the_library_has_it(below, operation(message)))
    return made


@given(STAMPS)
def test_the_reference_library_reads_what_we_write_and_finds_the_same(stamp: ots.Stamp) -> None:
    proof = ots.write_proof(DIGEST, stamp)
    read = DetachedTimestampFile.deserialize(BytesDeserializationContext(proof))
    assert read.file_digest == DIGEST
    theirs = {(message, _plain(attestation)) for message, attestation in read.timestamp.all_attestations()}
    ours = {(message, found.calendar or found.height) for message, found in stamp.attested(DIGEST)}
    assert theirs == ours
    assert read.timestamp == as_the_library_has_it(stamp, DIGEST)


@given(STAMPS)
def test_we_read_what_the_reference_library_writes(stamp: ots.Stamp) -> None:
    context = BytesSerializationContext()
    DetachedTimestampFile(OpSHA256(), as_the_library_has_it(stamp, DIGEST)).serialize(context)
    assert ots.read_proof(context.getbytes()) == (DIGEST, stamp)


def _plain(attestation: object) -> object:
    return attestation.uri if isinstance(attestation, PendingAttestation) else attestation.height  # type: ignore[attr-defined]


@given(STAMPS, STAMPS)
def test_merging_loses_nothing_and_does_not_depend_on_the_order(one: ots.Stamp, other: ots.Stamp) -> None:
    both = ots.merge(one, other)
    assert both == ots.merge(other, one) == ots.merge(both, one)
    assert set(both.attested(DIGEST)) == {*one.attested(DIGEST), *other.attested(DIGEST)}


@given(STAMPS, STAMPS)
def test_a_graft_adds_at_its_message_and_nowhere_else(stamp: ots.Stamp, more: ots.Stamp) -> None:
    message, _ = next(iter(stamp.attested(DIGEST)))
    grown = ots.graft(stamp, DIGEST, (message, more))
    assert set(grown.attested(DIGEST)) == {*stamp.attested(DIGEST), *more.attested(message)}
    assert ots.graft(stamp, DIGEST, (b"elsewhere", more)) == stamp


@given(STAMPS, st.data())
def test_a_proof_that_is_cut_or_followed_by_something_is_refused(stamp: ots.Stamp, data: st.DataObject) -> None:
    proof = ots.write_proof(DIGEST, stamp)
    for wrong in (proof[: data.draw(st.integers(0, len(proof) - 1))], proof + b"\0"):
        with pytest.raises(ots.ProofUnreadable):
            ots.read_proof(wrong)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_stamp_or_a_refusal(data: bytes) -> None:
    try:
        stamp = ots.read_stamp(data, DIGEST)
    except ots.ProofUnreadable:
        return
    assert list(stamp.attested(DIGEST))


PROMISE = bytes.fromhex("0083dfe30d2ef90c8e") + b"\x03\x02ab"
BLOCK = bytes.fromhex("000588960d73d71901")
REFUSED = {
    "an operation of 2015": b"\x03" + PROMISE,
    "nothing": b"",
    "a fork without an end": b"\xff" + PROMISE,
    "an empty argument": b"\xf0\x00" + PROMISE,
    "an argument that is too long": b"\xf0\x81\x20" + b"x" * 4097 + PROMISE,
    "a message that grows too long": (b"\xf0\x80\x20" + b"x" * 4096) * 2 + PROMISE,
    "too many steps in a row": b"\x08" * 300 + PROMISE,
    "too many steps": (b"\xff" + PROMISE) * 2100 + PROMISE,
    "a number with needless bytes": b"\xf0\x81\x00x" + PROMISE,
    "a number without end": b"\xf0" + b"\xff" * 9 + PROMISE,
    "an address with a line break": bytes.fromhex("0083dfe30d2ef90c8e") + b"\x04\x03a\nb",
    "an address with an odd letter": bytes.fromhex("0083dfe30d2ef90c8e") + b"\x04\x03a\xe0b",
    "an address and something more": bytes.fromhex("0083dfe30d2ef90c8e") + b"\x04\x02abc",
    "a height and something more": BLOCK + b"\x02\x01\x01",
    "a height of more than 32 bits": BLOCK + b"\x06\xff\xff\xff\xff\xff\x01",
}


@pytest.mark.parametrize("name", REFUSED, ids=lambda name: name.replace(" ", "-"))
def test_a_stamp_that_is_not_in_form_is_refused(name: str) -> None:
    with pytest.raises(ots.ProofUnreadable):
        ots.read_stamp(REFUSED[name], DIGEST)


def test_a_file_of_another_version_or_hash_is_refused() -> None:
    proof = ots.write_proof(DIGEST, ots.Stamp((ots.bitcoin(1),)))
    at = len(ots.MAGIC)
    for wrong in (b"\x02" + proof[at + 1 :], b"\x01\x02" + proof[at + 2 :]):
        with pytest.raises(ots.ProofUnreadable):
            ots.read_proof(ots.MAGIC + wrong)
    with pytest.raises(ots.ProofUnreadable, match="begin"):
        ots.read_proof(b"x" + proof[1:])


def test_an_attestation_of_an_unknown_kind_is_kept_as_it_is() -> None:
    unknown = ots.Attestation(bytes(range(8)), b"whatever")
    stamp = ots.Stamp((unknown,))
    assert ots.read_proof(ots.write_proof(DIGEST, stamp)) == (DIGEST, stamp)
    assert unknown.calendar is None and unknown.height is None


def test_a_stamp_that_says_nothing_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="attests"):
        ots.write_stamp(EMPTY)
