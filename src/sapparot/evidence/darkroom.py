"""The server's side of the sandbox: a few decoding processes, started when they are needed and replaced when they are lost."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

import structlog

from sapparot.evidence import sandbox
from sapparot.evidence.sandbox import LATE, LIMITED, STATUS, UNFIT, WALL_SECONDS

log = structlog.get_logger()

START_SECONDS = 60.0
GRACE_SECONDS = 10.0


class Darkroom:
    """Develops photographs, at most ``workers`` at a time; the rest wait for their turn."""

    def __init__(self, scratch: Path, workers: int = 2) -> None:
        """``scratch``: an existing directory for files without a name, which vanish with the process."""
        self._scratch = scratch
        self._all = [_Worker() for _ in range(workers)]
        self._free: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in self._all:
            self._free.put_nowait(worker)

    async def develop(self, photograph: BinaryIO) -> tuple[int, bytes]:
        """Return how the decoding ended and the published copy.

        The first is an :class:`~sapparot.evidence.sandbox.Outcome`, minus a signal's number when the decoder was killed, or ``LATE``
        when no answer came (then the process is replaced, and the photograph may be tried again).
        """
        worker = await self._free.get()
        try:
            with tempfile.TemporaryFile(dir=self._scratch) as copy:
                photograph.seek(0)
                status = await worker.ask(photograph.fileno(), copy.fileno())
                copy.seek(0)
                return status, copy.read()
        finally:
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """End every process."""
        for worker in self._all:
            worker.stop()


class _Worker:
    """One sandboxed process and the socket to it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def ask(self, photograph: int, copy: int) -> int:
        """Hand over two open files and return the status that comes back; a process that fails at this is ended."""
        answered = False
        try:
            control = await self._ready()
            socket.send_fds(control, [b"p"], [photograph, copy])
            status = await _status(control, WALL_SECONDS + GRACE_SECONDS)
            answered = True
        except (OSError, TimeoutError) as error:
            log.error("a photograph's decoder was lost", error=str(error))
            return LATE
        finally:
            if not answered:
                self.stop()
        return status

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._control is not None:
            self._control.close()
        self._process = self._control = None

    async def _ready(self) -> socket.socket:
        if self._control is None or self._process is None or self._process.poll() is not None:
            self.stop()
            await self._start()
        assert self._control is not None
        return self._control

    async def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                # -I: neither our environment nor the working directory decides what it imports
                [sys.executable, "-I", sandbox.__file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal reaches us, and we finish what was accepted
            )
        readiness = await _status(self._control, START_SECONDS)
        if readiness == UNFIT:
            raise OSError("photographs cannot be decoded in confinement on this machine (see sandbox.rehearse)")
        if readiness == LIMITED:
            log.warning("this kernel filters no system calls: photographs are decoded under limits alone")


async def _status(control: socket.socket, seconds: float) -> int:
    async with asyncio.timeout(seconds):
        reply = await asyncio.get_running_loop().sock_recv(control, STATUS.size)
    if len(reply) != STATUS.size:
        raise OSError("the process ended")
    return int(STATUS.unpack(reply)[0])
