"""A proof shows what it claims, and nothing that was changed about it shows anything."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.ledger.facts import Head
from sapparot.ledger.proofs import ProofInvalid, check_consistency, check_inclusion, consistency, inclusion
from sapparot.ledger.tree import levels, paths
from tests.ledger.trees import Files, bodies

FILES = Files(bodies(700))
SIZES = st.integers(1, 700)


@given(SIZES, st.data())
def test_every_entry_is_in_every_tree_that_holds_it(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(FILES.hashes(), index, size)
    check_inclusion(FILES.leaves[index], index, size, path, FILES.head(size).root)
    assert path == paths(levels(FILES.leaves[:size]))[index]


@given(SIZES, SIZES)
def test_every_tree_begins_with_every_smaller_one(one: int, other: int) -> None:
    old, new = sorted((one, other))
    check_consistency(FILES.head(old), FILES.head(new), consistency(FILES.hashes(), old, new))


@given(SIZES, st.data())
def test_no_entry_is_proved_by_a_path_that_was_changed(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root, leaf = FILES.head(size).root, FILES.leaves[index]
    path = inclusion(FILES.hashes(), index, size)
    changed = [*path]
    match data.draw(st.sampled_from(["flip", "drop", "add", "short", "swap"])):
        case "add":
            changed.insert(data.draw(st.integers(0, len(path))), data.draw(st.sampled_from([root, leaf, bytes(32)])))
        case "flip" if path:
            at = data.draw(st.integers(0, len(path) - 1))
            changed[at] = bytes([path[at][0] ^ 1]) + path[at][1:]
        case "drop" if path:
            del changed[data.draw(st.integers(0, len(path) - 1))]
        case "short" if path:
            changed[-1] = changed[-1][:31]
        case "swap" if len(path) > 1:
            changed[0], changed[-1] = changed[-1], changed[0]
        case _:
            return
    with pytest.raises(ProofInvalid):
        check_inclusion(leaf, index, size, changed, root)


@given(SIZES, st.data())
def test_no_entry_is_proved_at_another_place_or_under_another_root(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, head = inclusion(FILES.hashes(), index, size), FILES.head(size)
    other = data.draw(st.integers(-1, size))
    if other != index:
        with pytest.raises(ProofInvalid):
            check_inclusion(FILES.leaves[index], other, size, path, head.root)
    with pytest.raises(ProofInvalid, match="another root"):
        check_inclusion(FILES.leaves[index], index, size, path, bytes(32))
    with pytest.raises(ProofInvalid):
        check_inclusion(FILES.leaves[index - 1] if size > 1 else bytes(32), index, size, path, head.root)
    with pytest.raises(ProofInvalid, match="32 bytes"):
        check_inclusion(FILES.leaves[index][:31], index, size, path, head.root)


@given(st.integers(1, 699), st.data())
def test_no_tree_is_the_beginning_of_another_by_a_proof_that_was_changed(old: int, data: st.DataObject) -> None:
    new = data.draw(st.integers(old + 1, 700))
    proof = consistency(FILES.hashes(), old, new)
    one, two = FILES.head(old), FILES.head(new)
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    for wrong in (
        flipped,
        proof[:at] + proof[at + 1 :],
        [*proof, bytes(32)],
        [*proof[:at], proof[at][:31], *proof[at + 1 :]],
    ):
        with pytest.raises(ProofInvalid):
            check_consistency(one, two, wrong)
    with pytest.raises(ProofInvalid):
        check_consistency(Head(old, bytes(32)), two, proof)
    with pytest.raises(ProofInvalid):
        check_consistency(one, Head(new, bytes(32)), proof)
    with pytest.raises(ProofInvalid):
        check_consistency(two, one, proof)


def test_two_roots_for_one_size_are_never_consistent() -> None:
    head = FILES.head()
    check_consistency(head, head, [])
    with pytest.raises(ProofInvalid, match="two roots"):
        check_consistency(head, Head(700, bytes(32)), [])
    with pytest.raises(ProofInvalid, match="must be empty"):
        check_consistency(head, head, [bytes(32)])


@pytest.mark.parametrize("root", [sha256(b"").digest(), bytes(32)])
def test_nothing_begins_every_tree_in_both_ways_to_write_its_root(root: bytes) -> None:
    check_consistency(Head(0, root), FILES.head(), [])
    check_consistency(Head(0, root), Head(0, sha256(b"").digest()), [])
    with pytest.raises(ProofInvalid, match="must be empty"):
        check_consistency(Head(0, root), FILES.head(), [bytes(32)])


def test_a_tree_of_nothing_has_no_other_root() -> None:
    with pytest.raises(ProofInvalid, match="without entries"):
        check_consistency(Head(0, b"\x01" * 32), FILES.head(), [])
    with pytest.raises(ProofInvalid, match="cannot be in"):
        check_inclusion(bytes(32), 0, 0, [], bytes(32))


@pytest.mark.parametrize(("index", "size"), [(700, 700), (-1, 700), (5, 5), (0, 701)])
def test_no_path_is_made_for_an_entry_that_the_tree_does_not_hold(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion(FILES.hashes(), index, size)
    with pytest.raises(IndexError):
        consistency(FILES.hashes(), size + 1, size)
