"""The EVM anchor, over a real JSON-RPC server, on a chain of this machine."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from sapparot.base.problems import Problem
from sapparot.ledger.anchors import Anchorable
from sapparot.ledger.evm import CallFailed, Evm, Rpc, WebRpc, deploy
from sapparot.ledger.facts import Head
from tests.ledger.chain import Chain, compiled, node


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


@pytest.fixture(scope="module")
def rpc(chain: Chain) -> Iterator[WebRpc]:
    with node(chain) as address:
        yield WebRpc(address)


@pytest.fixture
def used(chain: Chain, rpc: WebRpc) -> Evm:
    """An anchor with a contract of its own."""
    return Evm(
        rpc,
        deploy(rpc, chain.accounts[0], compiled()["bytecode"], lambda: None).upper().replace("X", "x"),
        chain.accounts[0],
    )


def checkpoint(size: int = 5, root: bytes = b"r" * 32, origin: str = "example.org/log") -> Anchorable:
    return Anchorable(origin, Head(size, root), b"")


def anchored(used: Evm, wanted: Anchorable) -> bytes:
    return used.upgrade(wanted, used.anchor(wanted))


def worth(used: Evm, wanted: Anchorable, proof: bytes) -> tuple[str, str]:
    (found,) = used.check(wanted, proof)
    return found.state, found.says.en


def test_a_checkpoint_stands_on_the_chain_with_its_block_and_time(used: Evm, chain: Chain) -> None:
    proof = anchored(used, checkpoint())
    (found,) = used.check(checkpoint(), proof)
    block = chain.tester.get_block_by_number()
    assert found.state == "proved"
    assert found.at is not None and int(found.at.timestamp()) == block["timestamp"]
    assert f"since block {block['number']}; 0 blocks follow" in found.says.en
    assert msgspec.json.decode(proof)["block"] == {"number": block["number"], "hash": block["hash"]}
    assert used.upgrade(checkpoint(), proof) == proof


def test_what_the_contract_refuses_is_said_in_words(used: Evm, chain: Chain, rpc: WebRpc) -> None:
    proof = msgspec.json.decode(anchored(used, checkpoint(9)))
    stranger = Evm(rpc, proof["contract"], chain.accounts[1])
    for who, wanted, why in (
        (used, checkpoint(8), "a larger size"),
        (used, checkpoint(9, b"s" * 32), "another root"),
        (stranger, checkpoint(10), "does not own"),
    ):
        with pytest.raises(Problem, match=why) as refused:
            who.anchor(wanted)
        assert refused.value.kind.code == "ledger.anchor_refused"


def test_asking_twice_does_no_harm(used: Evm) -> None:
    first, second = anchored(used, checkpoint()), anchored(used, checkpoint())
    assert worth(used, checkpoint(), first)[0] == worth(used, checkpoint(), second)[0] == "proved"


def test_a_proof_for_another_checkpoint_contract_or_transaction_is_refused(
    used: Evm, chain: Chain, rpc: WebRpc
) -> None:
    early, late = checkpoint(5), checkpoint(6, b"s" * 32)
    proof, other = anchored(used, early), anchored(used, late)
    said = msgspec.json.decode(proof)
    elsewhere = Evm(rpc, deploy(rpc, chain.accounts[0], compiled()["bytecode"], lambda: None))
    wrong = {
        "another root": worth(used, checkpoint(5, b"s" * 32), proof),
        "another size": worth(used, checkpoint(7), proof),
        "another log": worth(used, checkpoint(origin="example.net/log"), proof),
        "the transaction of another checkpoint": worth(used, early, other),
        "another contract": worth(elsewhere, early, proof),
        "another chain": worth(used, early, msgspec.json.encode(said | {"chain": 1})),
        "no JSON": worth(used, early, b"{"),
        "a member too much": worth(used, early, msgspec.json.encode(said | {"x": 1})),
        "an address with more in it": worth(
            used, early, msgspec.json.encode(said | {"contract": said["contract"] + "\n"})
        ),
    }
    assert {name: state for name, (state, _) in wrong.items()} == dict.fromkeys(wrong, "refused")


def test_a_transaction_that_stands_in_no_block_is_pending(used: Evm) -> None:
    said = msgspec.json.decode(used.anchor(checkpoint()))
    unknown = msgspec.json.encode(said | {"transaction": f"0x{'ab' * 32}"})
    assert used.upgrade(checkpoint(), unknown) == unknown
    assert worth(used, checkpoint(), unknown)[0] == "pending"


def test_a_transaction_that_failed_is_refused(used: Evm, chain: Chain) -> None:
    proof = msgspec.json.decode(anchored(used, checkpoint()))
    call = {"from": chain.accounts[1], "to": proof["contract"], "data": "0xe6ce9259", "gas": hex(200_000)}
    failed = msgspec.json.encode(proof | {"transaction": chain.call("eth_sendTransaction", call), "block": None})
    assert worth(used, checkpoint(), failed) == ("refused", "the transaction failed")
    with pytest.raises(Problem, match="the transaction failed"):
        used.upgrade(checkpoint(), failed)


class Lying:
    """A node that answers what it likes to one method."""

    def __init__(self, behind: Rpc, method: str, answer: object) -> None:
        self._behind, self._method, self._answer = behind, method, answer

    def call(self, method: str, *parameters: object) -> object:
        return self._answer if method == self._method else self._behind.call(method, *parameters)


@pytest.mark.parametrize(
    ("method", "answer"),
    [("eth_chainId", "1"), ("eth_chainId", None), ("eth_call", "0x"), ("eth_call", 7), ("eth_getBlockByHash", None)],
)
def test_an_answer_out_of_form_proves_nothing(used: Evm, rpc: WebRpc, method: str, answer: object) -> None:
    proof = anchored(used, checkpoint())
    contract = msgspec.json.decode(proof)["contract"]
    state, says = worth(Evm(Lying(rpc, method, answer), contract), checkpoint(), proof)
    assert state == "open" and method in says


def test_a_node_that_is_away_leaves_the_proof_open_and_its_address_unsaid(used: Evm) -> None:
    proof = anchored(used, checkpoint())
    away = Evm(WebRpc("http://127.0.0.1:1/v3/secret-key"), msgspec.json.decode(proof)["contract"], f"0x{'1' * 40}")
    state, says = worth(away, checkpoint(), proof)
    assert state == "open" and "secret" not in says
    with pytest.raises(Problem, match=r"127\.0\.0\.1:1") as failed:
        away.anchor(checkpoint())
    assert "secret" not in str(failed.value)


def test_without_an_account_nothing_is_sent(used: Evm, rpc: WebRpc) -> None:
    contract = msgspec.json.decode(anchored(used, checkpoint()))["contract"]
    with pytest.raises(Problem, match="not set completely"):
        Evm(rpc, contract).anchor(checkpoint(6))


def test_a_contract_that_no_block_takes_is_given_up() -> None:
    class Stuck:
        def call(self, method: str, *parameters: object) -> object:
            return {"eth_estimateGas": "0x1", "eth_sendTransaction": f"0x{'ab' * 32}"}.get(method)

    waited: list[None] = []
    with pytest.raises(Problem, match="stands in no block yet"):
        deploy(Stuck(), f"0x{'1' * 40}", "0x00", lambda: waited.append(None))
    assert len(waited) == 150


def test_a_refusal_without_a_known_reason_is_repeated_in_the_nodes_words() -> None:
    class Poor:
        def call(self, method: str, *parameters: object) -> object:
            if method == "eth_chainId":
                return "0x1"
            raise CallFailed("insufficient funds")

    with pytest.raises(Problem, match="the node says: insufficient funds"):
        Evm(Poor(), f"0x{'1' * 40}", f"0x{'2' * 40}").anchor(checkpoint())
