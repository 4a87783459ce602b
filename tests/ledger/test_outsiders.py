"""What outsiders run, started as they start it: a process of its own that cosigns, and one that mirrors and cosigns what it has."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sapparot.demo.stage import free_port
from sapparot.ledger.cosignatures import cosigned_at
from sapparot.ledger.cosigner_doors import gate_of
from sapparot.ledger.mirror_doors import mirror_doors, open_mirror
from sapparot.ledger.signatures import Note, Signature, VerifierKey, signed_by
from tests.ledger.cosigned_logs import CLOCK, LOG_KEY, SIGNER
from tests.ledger.test_cosigning import HONEST, PATIENCE, eventually, get, post, served
from tests.ledger.test_mirror import HISTORY, SIZE, Remote


@contextmanager
def started(place: Path, *command: str) -> Iterator[tuple[str, VerifierKey]]:
    """Yield where the command serves, and the key that it prints first; it must end by itself when it is asked to."""
    port = free_port("127.0.0.1")
    options = ["--data", str(place), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "sapparot", *command, *options], stdout=subprocess.PIPE, cwd=place.parent, text=True
    ) as child:
        try:
            assert child.stdout is not None
            key = VerifierKey.read(child.stdout.readline().strip())
            address = f"http://127.0.0.1:{port}"
            eventually(lambda: answers(f"{address}/healthz"))
            yield address, key
            child.send_signal(signal.SIGTERM)
            assert child.wait(PATIENCE) in (0, -signal.SIGTERM)
        finally:
            child.kill()


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=PATIENCE):
            return True
    except URLError:
        return False


def test_the_command_of_a_cosigner_signs_and_knows_after_a_restart_what_it_signed(tmp_path: Path) -> None:
    command = ("cosign", "--name", "tu.example.ac.th", "--log", SIGNER.verifier_key())
    with started(tmp_path / "cosigner", *command) as (address, key):
        status, _, line = post(address, HONEST.request(0, 300))
        signature = Signature.read(line.decode().removesuffix("\n"))
        assert status == 200
        assert cosigned_at(Note(Note.read(HONEST.note(300).encode()).text, (signature,)), key) is not None
    with started(tmp_path / "cosigner", *command) as (address, again):
        assert again == key
        assert post(address, HONEST.request(0, 600)) == (409, "text/x.tlog.size", b"300\n")


def test_the_command_of_a_mirror_serves_and_cosigns_what_it_has(tmp_path: Path) -> None:
    source = open_mirror(tmp_path / "source", LOG_KEY, Remote(SIZE), CLOCK, name="source.example")
    source.step()
    with served(gate_of(mirror_doors(source), tmp_path / "source")) as log:
        command = ("mirror", log, "--log", SIGNER.verifier_key(), "--name", "mirror.example", "--every", "0.1")
        with started(tmp_path / "mirror", *command) as (address, key):
            eventually(lambda: get(address, "/checkpoint")[0] == 200)
            note = Note.read(get(address, "/checkpoint")[1])
            assert signed_by(note, LOG_KEY) and cosigned_at(note, key) is not None
            assert note.text == Note.read(HISTORY.note(SIZE).encode()).text
            assert get(address, "/tile/entries/000")[1] == HISTORY.files.read("tile/entries/000")
