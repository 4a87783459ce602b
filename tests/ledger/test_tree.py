"""The tree is the one of RFC 6962."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.ledger.tree import EMPTY_ROOT, Tree, leaf_hash, levels, node_hash, paths


def root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_root_follows_the_definition_for_every_size(leaves: list[bytes]) -> None:
    tree = Tree()
    assert tree.root() == EMPTY_ROOT
    for size, leaf in enumerate(leaves, 1):
        tree.append(leaf_hash(leaf))
        assert tree.root() == root_by_definition(leaves[:size])


@given(st.lists(st.binary(max_size=8), max_size=40), st.integers(0, 40))
def test_a_tree_taken_up_again_grows_as_one_that_never_stopped(leaves: list[bytes], cut: int) -> None:
    whole, first = Tree(), Tree()
    for leaf in leaves:
        whole.append(leaf_hash(leaf))
    for leaf in leaves[:cut]:
        first.append(leaf_hash(leaf))
    second = Tree.unpacked(first.size, first.packed())
    for leaf in leaves[cut:]:
        second.append(leaf_hash(leaf))
    assert second.root() == whole.root()


def test_subtrees_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="full subtrees"):
        Tree(3, [b"0" * 32])


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_every_audit_path_leads_to_the_root(leaves: list[bytes]) -> None:
    rows = levels([leaf_hash(leaf) for leaf in leaves])
    assert rows[-1] == [root_by_definition(leaves)]
    for index, proof in enumerate(paths(rows)):
        assert root_of(index, len(leaves), leaf_hash(leaves[index]), proof) == rows[-1][0]


def root_of(index: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes:
    """The verification of RFC 9162, section 2.1.3.2."""
    node, last, rest = leaf, size - 1, list(proof)
    while last:
        if index & 1 or index == last:
            while not index & 1:
                index, last = index >> 1, last >> 1
            node = node_hash(rest.pop(0), node)
        else:
            node = node_hash(node, rest.pop(0))
        index, last = index >> 1, last >> 1
    assert not rest
    return node
