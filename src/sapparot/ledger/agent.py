"""A process that holds the key of a log and signs its checkpoints for the sequencer, over a Unix socket (docs/howto/keys.md).

It signs nothing but checkpoints of one log, never a smaller size than before and never two roots for one size: whoever takes over the
sequencer can continue the log, and cannot make it say two things. What is about to be signed is on the disk before the signature leaves;
a crash in between leaves a record of a checkpoint that nobody has, and asking again gives the same signature.
"""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
from base64 import b64decode
from pathlib import Path
from threading import Lock

from sapparot.base.disk import asked, write_whole
from sapparot.base.problems import Problem
from sapparot.base.signers import Signer
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid, checkpoint_text
from sapparot.ledger.problems import SOCKET_TAKEN
from sapparot.ledger.signatures import Checkpoint

LINE_BYTES = 4096
SECONDS = 10.0


class Refused(ValueError):
    """This is not to be signed; the message says why."""


class Agent:
    """Answers lines of the protocol for one log; ``record`` is the file of what was signed last."""

    def __init__(self, origin: str, signer: Signer, record: Path) -> None:
        self._origin = origin
        self._signer = signer
        self._record = record
        self._turn = Lock()
        with asked(record.parent):
            record.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # a key in a token leaves no directory behind

    def answer(self, line: bytes) -> str:
        """Return ``ok`` and hexadecimal, or ``no`` and why not, for one line without its newline."""
        word, _, rest = line.partition(b" ")
        try:
            if word == b"public" and not rest:
                return f"ok {self._signer.public.hex()}"
            if word == b"sign":
                return f"ok {self._sign(b64decode(rest, validate=True)).hex()}"
        except (ValueError, NoteInvalid) as error:
            return f"no {error}"
        except Problem as problem:
            return f"no {problem.detail.en}"
        except OSError as error:
            return f"no record of it can be kept, so it is not signed: {error}"
        return "no such request: public, or sign and a checkpoint in base64"

    def _sign(self, message: bytes) -> bytes:
        head = Checkpoint.read(message.decode()).head
        if message != checkpoint_text(self._origin, head).encode():
            raise Refused(f"not a checkpoint of {self._origin}")
        with self._turn:
            last = self._last()
            if last is not None and (head.size < last.size or (head.size == last.size and head.root != last.root)):
                raise Refused(
                    f"a checkpoint of size {last.size} was signed before, and this one does not go forward from it"
                )
            if head != last:
                write_whole(self._record, message)
            return self._signer.sign(message)

    def _last(self) -> Head | None:
        try:
            return Checkpoint.read(self._record.read_bytes().decode()).head
        except FileNotFoundError:
            return None


def serve_agent(agent: Agent, path: Path) -> socketserver.ThreadingUnixStreamServer:
    """Listen at ``path`` for the owner and the group of the socket; the caller runs ``serve_forever``. Raises :class:`Problem`
    when another process listens there."""

    class Handler(socketserver.StreamRequestHandler):
        timeout = SECONDS

        def handle(self) -> None:
            """Answer every line of one caller until it hangs up or writes nonsense."""
            with contextlib.suppress(OSError):
                while (line := self.rfile.readline(LINE_BYTES)).endswith(b"\n"):
                    self.wfile.write(agent.answer(line[:-1]).encode() + b"\n")

    _make_room(path)
    before = os.umask(0o117)
    try:
        with asked(path):
            server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
    finally:
        os.umask(before)
    server.daemon_threads = True
    return server


def _make_room(path: Path) -> None:
    """Remove a socket that a process left behind; one that answers is somebody's, and what is no socket stays."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            path.unlink()
            return
    raise Problem(SOCKET_TAKEN)
