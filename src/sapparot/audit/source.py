"""The copy that is audited: a directory with `log/` and `v1/` in it, as it is served."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sapparot.audit.problems import NO_COPY

CHECKPOINT = "log/checkpoint"
KEY = "log/log.vkey"
COSIGNED = "log/cosigned"
"""The newest checkpoint with quorum, where a log asks cosigners."""
HASHED = 256 * 1024 * 1024
"""Bytes of the largest file that is hashed: no published one comes near it."""
TOO_LARGE = "too large"
SMALL = 256 * 1024
"""Bytes of a note or key that are read at most."""


def is_url(source: str) -> bool:
    """Tell whether a source is served somewhere."""
    return source.startswith(("http://", "https://"))


def open_folder(source: str) -> Path:
    """Return the directory that holds `log/`: the one named, or `public/` in it. Raises a problem when there is none."""
    place = Path(source)
    for folder in (place, place / "public"):
        if (folder / CHECKPOINT).is_file():
            return folder
    raise NO_COPY.about(source)


def read_small(folder: Path, name: str) -> str | None:
    """Return a small text of the copy; None when it is missing or is none."""
    data = read_file(folder / name, SMALL)
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


def size_of(note: str) -> int:
    """Return the size that a note claims, before anything in it is believed; 0 when it claims none."""
    lines = note.split("\n", 2)
    return (
        int(lines[1]) if len(lines) == 3 and lines[1].isascii() and lines[1].isdecimal() and len(lines[1]) < 20 else 0
    )


def read_file(path: Path, most: int) -> bytes | None:
    """Return a file; None when it is missing, cannot be read, is larger than `most` bytes, or is a device or a pipe."""
    try:
        if not path.is_file() or path.stat().st_size > most:
            return None
        return path.read_bytes()
    except OSError:
        return None


def file_sha256(path: Path) -> str | None:
    """Return the SHA-256 (hexadecimal) of a file, TOO_LARGE for one that nobody published; None when it cannot be read."""
    try:
        if not path.is_file():  # a copy from a stranger may hold a link to something that never ends
            return None
        if path.stat().st_size > HASHED:
            return TOO_LARGE
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
