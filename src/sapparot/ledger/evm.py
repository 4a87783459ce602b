"""The EVM anchor: size and root of a checkpoint in the contract ``contracts/CheckpointAnchor.sol``, over JSON-RPC.

No key that can spend money enters this program: the account's transactions are signed by the node or the signer behind the RPC address
(``eth_sendTransaction``). A proof is canonical JSON that names chain, contract, transaction and block; the chain itself is the witness, so
checking asks a server that follows it, and is worth what that server is worth. Arguments and results are words of 32 bytes (the ABI of
Solidity); a log is named by the SHA-256 of its origin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

from sapparot.base import canonical
from sapparot.base.outside import Unanswered, ask
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger.anchors import Anchorable, Attested
from sapparot.ledger.problems import ANCHOR_REFUSED, ANCHOR_UNREACHABLE, EVM_NOT_SET, PROOF_UNUSABLE

Address = Annotated[str, Meta(pattern=r"^0x[0-9a-f]{40}$")]
Word = Annotated[str, Meta(pattern=r"^0x[0-9a-f]{64}$")]
AnyAddress = Annotated[str, Meta(pattern=r"^0x[0-9a-fA-F]{40}$")]
Quantity = Annotated[str, Meta(pattern=r"^0x(0|[1-9a-f][0-9a-f]{0,15})$")]

APPEND = "e6ce9259"
ROOT_AT = "930b6ace"
ANCHORED = "0xbea4d11b910aad40d2df2a90d97a3329219b6389f85777c99daad7eb5fafd439"
REFUSALS = {
    "30cd7471": Text("บัญชีนี้ไม่ใช่เจ้าของสัญญา", "the account does not own the contract"),
    "6dcb6ea0": Text("หัวบันทึกนี้ว่างเปล่า", "the checkpoint is over nothing"),
    "b7766d29": Text("สัญญามีขนาดที่ใหญ่กว่าฝากไว้แล้ว", "a larger size was anchored before"),
    "adaf6f4c": Text(
        "สัญญามีรากอื่นฝากไว้ที่ขนาดนี้แล้ว: มีบันทึกสาธารณะสองฉบับ", "another root was anchored at this size: there are two logs"
    ),
}
"""Why the contract refuses, by the selector of its error."""

MOST_ANSWER = 4 << 20
SECONDS = 30.0


class CallFailed(Exception):
    """The node answered with an error; ``data`` is what the contract gave as its reason, in hexadecimal."""

    def __init__(self, message: str, data: str = "") -> None:
        super().__init__(message)
        self.data = data


class Rpc(Protocol):
    """A node of a chain; raises :class:`Unanswered` or :class:`CallFailed`."""

    def call(self, method: str, *parameters: object) -> object:
        """Return the result of one call."""
        ...


class WebRpc:
    """A node at a web address, which may hold an access key and is therefore never shown."""

    def __init__(self, address: str) -> None:
        self._address = address

    def call(self, method: str, *parameters: object) -> object:
        """Send one JSON-RPC 2.0 request."""
        body = msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
        answer = ask(self._address, body, {"Content-Type": "application/json"}, most=MOST_ANSWER, seconds=SECONDS)
        try:
            said = msgspec.json.decode(answer.body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise Unanswered(f"the node answered {answer.status} without JSON") from error
        if "result" in said:
            return said["result"]
        refusal = said.get("error")
        if not isinstance(refusal, dict):
            raise Unanswered(f"the node answered {answer.status} without a result")
        data = refusal.get("data")
        data = data.get("data") if isinstance(data, dict) else data
        raise CallFailed(str(refusal.get("message"))[:200], data if isinstance(data, str) else "")


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a transaction stands."""

    number: Annotated[int, Meta(ge=0)]
    hash: Word


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of an anchored checkpoint; ``block`` is absent until the transaction stands in one."""

    v: Literal[1]
    chain: Annotated[int, Meta(ge=1)]
    contract: Address
    transaction: Word
    block: Block | None


class _Event(msgspec.Struct, frozen=True):
    address: AnyAddress
    topics: list[Word]
    data: str


class _Receipt(msgspec.Struct, frozen=True, rename="camel"):
    status: Quantity
    block_number: Quantity
    block_hash: Word
    logs: list[_Event]
    contract_address: AnyAddress | None = None


class _BlockHead(msgspec.Struct, frozen=True):
    timestamp: Quantity
    hash: Word


class Evm:
    """Anchors in one contract, by one account; without an account it only checks."""

    kind = "evm"

    def __init__(self, rpc: Rpc, contract: str, account: str | None = None) -> None:
        self._rpc = rpc
        self._contract = contract.lower()
        self._account = account

    def anchor(self, checkpoint: Anchorable) -> bytes:
        """Send the transaction; it stands in a block some time later."""
        if self._account is None:
            raise Problem(EVM_NOT_SET)
        chain = self._chain()
        call = {"from": self._account, "to": self._contract, "data": _call(APPEND, *_words(checkpoint))}
        transaction = send(self._rpc, call)
        return _encode(Proof(1, chain, self._contract, transaction, None))

    def upgrade(self, checkpoint: Anchorable, proof: bytes) -> bytes:
        """Note the block in which the transaction stands."""
        known = _decode(proof)
        if known.block is not None or (receipt := find(self._rpc, known.transaction)) is None:
            return proof
        block = Block(int(receipt.block_number, 16), receipt.block_hash)
        return _encode(msgspec.structs.replace(known, block=block))

    def check(self, checkpoint: Anchorable, proof: bytes) -> list[Attested]:
        """Ask the chain for the root at this size, and for the block."""
        try:
            return [self._check(checkpoint, _decode(proof))]
        except Problem as problem:
            state: Literal["open", "refused"] = "open" if problem.kind is ANCHOR_UNREACHABLE else "refused"
            return [Attested(state, problem.detail)]

    def _check(self, checkpoint: Anchorable, proof: Proof) -> Attested:
        if (proof.chain, proof.contract) != (self._chain(), self._contract):
            raise _refused(Text("หลักฐานเป็นของสัญญาหรือเชนอื่น", "the proof is of another contract or chain"))
        receipt = find(self._rpc, proof.transaction)
        if receipt is None:
            return Attested("pending", Text("ธุรกรรมยังไม่อยู่ในบล็อก", "the transaction stands in no block yet"))
        log, size, root = _words(checkpoint)
        held = self._ask("eth_call", {"to": self._contract, "data": _call(ROOT_AT, log, size)}, "latest", kind=Word)
        if bytes.fromhex(held[2:]) != root:
            raise _refused(
                Text("สัญญาเก็บรากอื่นไว้ที่ขนาดนี้ หรือไม่มีเลย", "the contract holds another root at this size, or none")
            )
        event = [ANCHORED, f"0x{log.hex()}", f"0x{size.hex()}"]
        if not any(
            said.address.lower() == self._contract and said.topics == event and said.data == f"0x{root.hex()}"
            for said in receipt.logs
        ):
            raise _refused(Text("ธุรกรรมนี้ไม่ได้ฝากหัวบันทึกนี้", "this transaction did not anchor this checkpoint"))
        return self._proved(proof, receipt)

    def _proved(self, proof: Proof, receipt: _Receipt) -> Attested:
        block = self._ask("eth_getBlockByHash", receipt.block_hash, False, kind=_BlockHead)
        newest = int(self._ask("eth_blockNumber", kind=Quantity), 16)
        number = int(receipt.block_number, 16)
        says = Text(
            "ขนาดและรากนี้อยู่ในสัญญา {contract} บนเชน {chain} ตั้งแต่บล็อก {number} และมีบล็อกต่อจากนั้น {after} บล็อก ตามที่โหนดที่ถามตอบ",
            "this size and root stand in contract {contract} on chain {chain} since block {number}; {after} blocks follow,"
            " as the node that was asked says",
        ).fill(contract=proof.contract, chain=proof.chain, number=number, after=newest - number)
        return Attested("proved", says, datetime.fromtimestamp(int(block.timestamp, 16), UTC))

    def _chain(self) -> int:
        return int(self._ask("eth_chainId", kind=Quantity), 16)

    def _ask(self, method: str, *parameters: object, kind: Any) -> Any:
        return _ask(self._rpc, method, parameters, kind)


def send(rpc: Rpc, call: Mapping[str, object]) -> str:
    """Send one transaction and return its hash; the node first tries what it would do. Raises :class:`Problem`."""
    gas = int(_ask(rpc, "eth_estimateGas", (call,), Quantity), 16)
    transaction: str = _ask(rpc, "eth_sendTransaction", ({**call, "gas": hex(gas * 5 // 4)},), Word)
    return transaction


def deploy(rpc: Rpc, account: str, bytecode: str, wait: Callable[[], None]) -> str:
    """Put the contract on the chain for ``account``; return its address. Calls ``wait`` at most 150 times while no block holds it."""
    transaction = send(rpc, {"from": account, "data": bytecode})
    for _ in range(150):
        if receipt := find(rpc, transaction):
            return str(receipt.contract_address).lower()
        wait()
    raise _refused(Text("ธุรกรรม {name} ยังไม่อยู่ในบล็อก", "transaction {name} stands in no block yet"), name=transaction)


def find(rpc: Rpc, transaction: str) -> _Receipt | None:
    """Return the receipt of a transaction, None while it stands in no block; raises :class:`Problem` when it failed."""
    receipt: _Receipt | None = _ask(rpc, "eth_getTransactionReceipt", (transaction,), _Receipt | None)
    if receipt is not None and receipt.status != "0x1":
        raise _refused(Text("ธุรกรรมล้มเหลว", "the transaction failed"))
    return receipt


def _ask(rpc: Rpc, method: str, parameters: tuple[object, ...], kind: Any) -> Any:
    try:
        return msgspec.convert(rpc.call(method, *parameters), kind)
    except CallFailed as error:
        reason = REFUSALS.get(error.data.removeprefix("0x")[:8])
        if reason is None:
            raise _refused(Text("โหนดตอบว่า {why}", "the node says: {why}"), why=error) from error
        raise Problem(ANCHOR_REFUSED, reason) from error
    except (Unanswered, msgspec.ValidationError) as error:
        says = Text("ใช้โหนดของเชนไม่ได้ ({method}): {why}", "the chain's node cannot be used ({method}): {why}")
        raise Problem(ANCHOR_UNREACHABLE, says.fill(method=method, why=error)) from error


def _refused(says: Text, **values: object) -> Problem:
    return Problem(ANCHOR_REFUSED, says.fill(**values))


def _words(checkpoint: Anchorable) -> tuple[bytes, bytes, bytes]:
    """Return log, size and root as words."""
    head = checkpoint.head
    return sha256(checkpoint.origin.encode()).digest(), head.size.to_bytes(32, "big"), head.root


def _call(selector: str, *words: bytes) -> str:
    return f"0x{selector}{b''.join(words).hex()}"


def _encode(proof: Proof) -> bytes:
    return canonical.encode(msgspec.to_builtins(proof)) + b"\n"


def _decode(data: bytes) -> Proof:
    try:
        return msgspec.json.decode(data, type=Proof)
    except msgspec.DecodeError as error:
        says = Text("อ่านหลักฐานไม่ได้: {why}", "the proof cannot be read: {why}").fill(why=error)
        raise Problem(PROOF_UNUSABLE, says) from error
