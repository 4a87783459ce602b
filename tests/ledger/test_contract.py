"""The contract: its owner can only continue a log, and its proof of inclusion is the one of ``ledger/proofs.py``."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.ledger import evm, proofs
from sapparot.ledger.evm import CallFailed
from sapparot.ledger.tree import leaf_hash, levels, paths
from tests.ledger.chain import BUILT, Chain, compiled

LOG = sha256(b"example.org/log").digest()
Claim = tuple[int, int, bytes, list[bytes]]
"""Index, size, leaf hash and path."""
REASONS = {"NotOwner()", "NothingToAnchor()", "Backwards(uint64)", "OtherRoot(bytes32)"}


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


class Notebook:
    """One contract on a chain of its own, spoken to in words of 32 bytes."""

    def __init__(self) -> None:
        self.chain = Chain()
        self.owner, self.stranger = self.chain.accounts[:2]
        self.address = evm.deploy(self.chain, self.owner, compiled()["bytecode"], lambda: None)

    def ask(self, face: str, *words: bytes) -> bytes:
        data = f"0x{compiled()['selectors'][face]}{b''.join(words).hex()}"
        answer = self.chain.call("eth_call", {"to": self.address, "data": data}, "latest")
        return bytes.fromhex(str(answer)[2:])

    def append(self, size: int, root: bytes, account: str | None = None, log: bytes = LOG) -> str:
        """Append, or return the selector of the error with which the contract refuses."""
        data = f"0x{evm.APPEND}{(log + word(size) + root).hex()}"
        call = {"from": account or self.owner, "to": self.address, "data": data, "gas": hex(300_000)}
        try:
            self.chain.call("eth_estimateGas", call)
        except CallFailed as refusal:
            return refusal.data[2:10]
        self.chain.call("eth_sendTransaction", call)
        return ""

    def holds(self, log: bytes, claim: Claim) -> bool:
        """Ask whether the leaf stands in the log as anchored at a size."""
        index, size, leaf, path = claim
        words = [log, word(size), word(index), leaf, word(5 * 32), word(len(path)), *path]
        return self.ask("included(bytes32,uint64,uint64,bytes32,bytes32[])", *words) == word(1)


def refusal(name: str) -> str:
    return keccak(text=name).hex()[:8]


def test_the_program_knows_the_compiled_interface() -> None:
    built = compiled()
    assert built["selectors"]["append(bytes32,uint64,bytes32)"] == evm.APPEND
    assert built["selectors"]["rootAt(bytes32,uint64)"] == evm.ROOT_AT
    assert f"0x{keccak(text='Anchored(bytes32,uint64,bytes32)').hex()}" == evm.ANCHORED
    assert {refusal(name) for name in REASONS} == set(evm.REFUSALS)
    assert {entry["name"] for entry in built["abi"] if entry["type"] == "error"} == {
        name.split("(")[0] for name in REASONS
    }


def test_a_log_goes_forward_and_keeps_every_root() -> None:
    book = Notebook()
    assert book.append(5, b"a" * 32) == book.append(9, b"b" * 32) == ""
    assert book.append(9, b"b" * 32) == "", "the newest one may be repeated"
    assert book.ask("rootAt(bytes32,uint64)", LOG, word(5)) == b"a" * 32
    assert book.ask("rootAt(bytes32,uint64)", LOG, word(9)) == b"b" * 32
    assert book.ask("newest(bytes32)", LOG) == word(9)
    assert book.ask("owner()")[12:].hex() == book.owner[2:]


def test_a_log_never_goes_backwards_and_a_size_has_one_root() -> None:
    book = Notebook()
    assert book.append(9, b"b" * 32) == ""
    assert book.append(9, b"c" * 32) == refusal("OtherRoot(bytes32)")
    assert book.append(8, b"b" * 32) == refusal("Backwards(uint64)")
    assert book.append(0, b"b" * 32) == book.append(10, bytes(32)) == refusal("NothingToAnchor()")
    assert book.append(3, b"x" * 32, log=sha256(b"another").digest()) == "", "each log has its own sizes"
    assert book.ask("rootAt(bytes32,uint64)", LOG, word(9)) == b"b" * 32


def test_only_the_owner_appends_and_a_refused_transaction_changes_nothing() -> None:
    book = Notebook()
    assert book.append(1, b"a" * 32, book.stranger) == refusal("NotOwner()")
    data = f"0x{evm.APPEND}{(LOG + word(1) + b'a' * 32).hex()}"
    call = {"from": book.stranger, "to": book.address, "data": data, "gas": hex(300_000)}
    transaction = book.chain.call("eth_sendTransaction", call)
    receipt = book.chain.call("eth_getTransactionReceipt", transaction)
    assert isinstance(receipt, dict) and receipt["status"] == "0x0"
    assert book.ask("newest(bytes32)", LOG) == word(0)


@pytest.fixture(scope="module")
def shared() -> Notebook:
    return Notebook()


@settings(max_examples=25)
@given(data=st.data())
def test_the_chain_agrees_with_the_program_on_every_proof_right_or_wrong(data: st.DataObject, shared: Notebook) -> None:
    leaves = [leaf_hash(entry) for entry in data.draw(st.lists(st.binary(max_size=4), min_size=1, max_size=70))]
    rows = levels(leaves)
    root, size = rows[-1][0], len(leaves)
    index = data.draw(st.integers(0, size - 1))
    log = sha256(b"".join(leaves)).digest()
    right: Claim = (index, size, leaves[index], list(paths(rows)[index]))
    assert shared.append(size, root, log=log) == ""
    assert shared.holds(log, right)
    for wrong in wrongs(data, right):
        assert shared.holds(log, wrong) == program_holds(wrong, root), wrong
    _, _, leaf, path = right
    assert not shared.holds(log, (index, size + 1, leaf, path)), "nothing is anchored at that size"
    assert not shared.holds(log, (size, size, leaf, path)), "the tree has no such entry"


def wrongs(data: st.DataObject, claim: Claim) -> list[Claim]:
    """Another leaf, another place, a hash changed, moved, one too few and one too many."""
    index, size, leaf, path = claim
    other = bytes([leaf[0] ^ 1]) + leaf[1:]
    found: list[Claim] = [
        (index, size, other, path),
        (index, size, leaf, [*path, leaf]),
        (index, size, leaf, [leaf, *path]),
    ]
    found += [(data.draw(st.integers(0, size - 1)), size, leaf, path)]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        found += [(index, size, leaf, path[:at] + path[at + 1 :]), (index, size, leaf, path[::-1])]
        found += [(index, size, leaf, [*path[:at], other, *path[at + 1 :]])]
    return found


def program_holds(claim: Claim, root: bytes) -> bool:
    index, size, leaf, path = claim
    try:
        proofs.check_inclusion(leaf, index, size, path, root)
    except proofs.ProofInvalid:
        return False
    return True


def test_what_is_compiled_is_not_kept_in_the_repository() -> None:
    root = BUILT.parents[2]
    assert "contracts/built/" in (root / ".gitignore").read_text().splitlines()
    lock = json.loads((root / "contracts/package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("resolved" not in package and "integrity" in package for package in packages)
