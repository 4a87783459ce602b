"""A chain of one machine: the EVM of ``py-evm`` in this process, and a real JSON-RPC server in front of it."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from eth.exceptions import Revert
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionFailed, TransactionNotFound

from sapparot.ledger.evm import CallFailed

sys.setrecursionlimit(
    1_000
)  # these packages raise it so far that deeply nested JSON would overflow the stack of every test

BUILT = Path(__file__).parents[2] / "contracts/built/CheckpointAnchor.json"


def compiled() -> dict[str, Any]:
    """The contract as ``tools/setup.py contracts`` compiled it."""
    found: dict[str, Any] = json.loads(BUILT.read_text())
    return found


def _hexed(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return f"0x{value.hex()}" if isinstance(value, bytes) else value


class Chain:
    """The chain with the methods of a node that the program uses."""

    def __init__(self) -> None:
        self.tester = EthereumTester(PyEVMBackend())
        self.accounts = [account.lower() for account in self.tester.get_accounts()]
        self.answers: dict[str, Callable[..., object]] = {
            "eth_chainId": lambda: hex(131277322940537),
            "eth_blockNumber": lambda: hex(self.tester.get_block_by_number()["number"]),
            "eth_estimateGas": lambda call: hex(self.tester.estimate_gas(self._filled(call))),
            "eth_sendTransaction": lambda call: self.tester.send_transaction(self._filled(call)),
            "eth_getTransactionReceipt": self._receipt,
            "eth_call": lambda call, _: self.tester.call(self._filled({"from": self.accounts[9], **call})),
            "eth_getBlockByHash": lambda name, _: self._block(name),
        }

    def call(self, method: str, *parameters: Any) -> object:
        """Answer as a node would, in this process."""
        try:
            return self.answers[method](*parameters)
        except TransactionFailed as error:
            reason = error.args[0].args[0] if error.args and isinstance(error.args[0], Revert) else b""
            raise CallFailed("execution reverted", f"0x{reason.hex()}") from error

    def _filled(self, call: dict[str, Any]) -> dict[str, Any]:
        gas = int(call["gas"], 16) if "gas" in call else 3_000_000
        return {"to": "", **{name: call[name] for name in ("from", "to", "data") if name in call}, "gas": gas}

    def _receipt(self, transaction: str) -> dict[str, Any] | None:
        try:
            found = self.tester.get_transaction_receipt(transaction)
        except TransactionNotFound:
            return None
        if found["block_number"] is None:
            return None
        logs = [{"address": log["address"], "topics": log["topics"], "data": log["data"]} for log in found["logs"]]
        return {
            "status": _hexed(found["status"]),
            "blockNumber": _hexed(found["block_number"]),
            "blockHash": found["block_hash"],
            "contractAddress": found["contract_address"],
            "logs": logs,
        }

    def _block(self, name: str) -> dict[str, Any]:
        found = self.tester.get_block_by_hash(name)
        return {"timestamp": _hexed(found["timestamp"]), "hash": found["hash"]}


@contextmanager
def node(chain: Chain) -> Iterator[str]:
    """The address of a JSON-RPC server in front of ``chain``."""
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
            try:
                with turn:
                    said["result"] = chain.call(asked["method"], *asked["params"])
            except CallFailed as error:
                said["error"] = {"code": 3, "message": str(error), "data": error.data}
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
