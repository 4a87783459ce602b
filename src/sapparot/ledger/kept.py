"""The notes that a cosigner stands by: one file for each log, replaced whole, and on the disk before anybody hears of it.

A crash leaves the older note or the newer one, never half of one. One process owns the directory: a second would not know what the first
is about to promise.
"""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from sapparot.base.disk import asked, force, write_whole
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger.problems import DIRECTORY_TAKEN

_LOCK = "lock"
_NOTE = "checkpoint"
MOST_FORKS = 100
"""Proofs of a fork that are kept: one is enough, and a log that forks must not fill the disk."""


class KeptNotes:
    """The newest note of every log, in files."""

    def __init__(self, directory: Path) -> None:
        """Take ownership of ``directory``, made when missing; raises :class:`Problem` when another process has it."""
        self._directory = directory
        with asked(directory):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = (directory / _LOCK).open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            said = Text(f"โปรแกรมอื่นกำลังใช้ {directory}", f"Another process uses {directory}")
            raise Problem(DIRECTORY_TAKEN, said) from error

    def close(self) -> None:
        """Give the directory back."""
        self._lock.close()

    def read(self, origin: str) -> bytes | None:
        """Return the note kept for the log, None when there is none."""
        try:
            return (self._of(origin) / _NOTE).read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, origin: str, note: bytes) -> None:
        """Keep ``note`` from now on; even a power failure after the return cannot bring the older one back."""
        place = self._of(origin)
        if not place.is_dir():
            place.mkdir()
            force(self._directory)
        write_whole(place / _NOTE, note)

    def keep_fork(self, origin: str, notes: bytes, name: str) -> None:
        """Keep two signed notes that cannot both be true, under a name that tells them from others."""
        place = self._directory / "forks"
        place.mkdir(exist_ok=True)
        if len(list(place.iterdir())) < MOST_FORKS:
            write_whole(place / f"{origin_hash(origin)[:16]}-{name}.txt", notes)

    def _of(self, origin: str) -> Path:
        return self._directory / origin_hash(origin)


def origin_hash(origin: str) -> str:
    """Return the name of a log in addresses and directories: SHA-256 of its origin, in hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()
