"""The agent signs what continues one log and nothing else, over the protocol that the sequencer speaks."""

from __future__ import annotations

import os
import stat
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sapparot.base.problems import SIGNER_UNAVAILABLE, Problem
from sapparot.base.signers import AgentSigner, SeedSigner
from sapparot.ledger.agent import Agent, serve_agent
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteSigner, checkpoint_text, open_checkpoint

ORIGIN = "example.org/log"
KEY = SeedSigner(b"k" * 32)


@contextmanager
def listening(place: Path) -> Iterator[Path]:
    """An agent with its record in ``place``."""
    path = place / "log.sock"
    with serve_agent(Agent(ORIGIN, KEY, place / "log.signed"), path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield path
        finally:
            server.shutdown()


def text(size: int, root: bytes = b"r" * 32, origin: str = ORIGIN) -> str:
    return checkpoint_text(origin, Head(size, root))


def test_notes_signed_through_the_agent_are_those_of_the_key_itself(tmp_path: Path) -> None:
    with listening(tmp_path) as path:
        signer = NoteSigner(ORIGIN, AgentSigner(path))
        assert signer.verifier_key() == NoteSigner(ORIGIN, b"k" * 32).verifier_key()
        note = signer.sign(text(5))
        assert note == signer.sign(text(5)) == NoteSigner(ORIGIN, b"k" * 32).sign(text(5))
        assert open_checkpoint(note, signer.verifier_key()) == Head(5, b"r" * 32)


def test_the_place_of_the_record_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    record = tmp_path / "data" / "secrets" / "log.signed"
    assert Agent(ORIGIN, KEY, record).answer(b"sign " + b64encode(text(5).encode())).startswith("ok ")
    assert record.read_text() == text(5)
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700


class Pulled:
    """A token that somebody has pulled out."""

    public = KEY.public

    def sign(self, message: bytes) -> bytes:
        raise Problem(SIGNER_UNAVAILABLE)


def test_a_disk_or_a_token_that_fails_is_said_and_nothing_is_signed(tmp_path: Path) -> None:
    record = tmp_path / "log.signed"
    pulled = Agent(ORIGIN, Pulled(), record)
    assert pulled.answer(b"sign " + b64encode(text(5).encode())).startswith("no The signing key cannot be used")
    (tmp_path / ".log.signed.new").mkdir()
    full = Agent(ORIGIN, KEY, record)
    said = full.answer(b"sign " + b64encode(text(6).encode()))
    assert said.startswith("no record of it can be kept") and said.isascii() and "\n" not in said
    assert full.answer(b"public") == f"ok {KEY.public.hex()}"


def test_a_fork_or_a_smaller_size_is_never_signed_not_even_after_a_restart(tmp_path: Path) -> None:
    with listening(tmp_path) as path:
        NoteSigner(ORIGIN, AgentSigner(path)).sign(text(5))
    for _ in range(2):
        with listening(tmp_path) as path:
            signer = NoteSigner(ORIGIN, AgentSigner(path))
            for wrong in (text(5, b"s" * 32), text(4), text(0)):
                with pytest.raises(Problem, match="does not go forward"):
                    signer.sign(wrong)
            signer.sign(text(5))
    with listening(tmp_path) as path:
        NoteSigner(ORIGIN, AgentSigner(path)).sign(text(6, b"s" * 32))


def test_what_is_signed_is_on_the_disk_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    agent = Agent(ORIGIN, KEY, tmp_path / "log.signed")
    monkeypatch.setattr(os, "fsync", fail)
    assert agent.answer(b"sign " + b64encode(text(5).encode())).endswith("so it is not signed: no space left")
    monkeypatch.undo()
    assert agent.answer(b"sign " + b64encode(text(3).encode())).startswith("ok "), "nothing was signed before"
    assert (tmp_path / "log.signed").read_text() == text(3)


@pytest.mark.parametrize(
    "message",
    [
        text(5, origin="example.net/log"),
        text(5) + "more\n",
        text(5).replace("5", "05"),
        text(5).replace("\n", "\r\n"),
        "a letter to the bank\n",
        text(5, b"short"),
        "",
    ],
)
def test_only_a_checkpoint_of_this_log_is_signed(tmp_path: Path, message: str) -> None:
    agent = Agent(ORIGIN, KEY, tmp_path / "log.signed")
    assert agent.answer(b"sign " + b64encode(message.encode())).startswith("no ")
    assert not (tmp_path / "log.signed").exists()


@pytest.mark.parametrize(
    "line", [b"", b"sign", b"sign %%%", b"seed", b"public please", b"sign " + b"\xff" * 9, b"sign /w=="]
)
def test_a_line_that_is_no_request_is_refused(tmp_path: Path, line: bytes) -> None:
    assert Agent(ORIGIN, KEY, tmp_path / "log.signed").answer(line).startswith("no ")


def test_a_damaged_record_stops_signing(tmp_path: Path) -> None:
    (tmp_path / "log.signed").write_text("?")
    agent = Agent(ORIGIN, KEY, tmp_path / "log.signed")
    assert agent.answer(b"sign " + b64encode(text(5).encode())).startswith("no ")


def test_the_socket_opens_to_its_group_and_is_not_taken_from_another_agent(tmp_path: Path) -> None:
    with listening(tmp_path) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with pytest.raises(Problem, match="Another process"):
            serve_agent(Agent(ORIGIN, KEY, tmp_path / "other"), path)
    assert path.exists(), "what a process left behind makes room for the next"
    with listening(tmp_path) as path:
        AgentSigner(path)
