"""The copy that is audited: a directory with `log/` and `v1/` in it, as it is served."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sapparot.audit.problems import NO_COPY
from sapparot.base.problems import Problem
from sapparot.base.text import Text

CHECKPOINT = "log/checkpoint"
KEY = "log/log.vkey"
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
    raise Problem(NO_COPY, Text(f"{NO_COPY.title.th}: {source}", f"{NO_COPY.title.en}: {source}"))


def read_small(folder: Path, name: str) -> str | None:
    """Return a small text of the copy; None when it is missing or is none."""
    try:
        with (folder / name).open("rb") as file:
            return file.read(SMALL).decode()
    except (OSError, UnicodeDecodeError):
        return None


def file_sha256(path: Path) -> str | None:
    """Return the SHA-256 (hexadecimal) of a file; None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
