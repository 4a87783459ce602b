"""Files that stand on the disk when a function returns, so that no power failure can take them."""

from __future__ import annotations

import os
from pathlib import Path


def force(path: Path) -> None:
    """Force a file, or the names in a directory, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file: write beside it, force it onto the disk, rename, force the directory onto the disk.

    A crash leaves the older bytes or the newer ones, never half of them.
    """
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    force(path.parent)


def make_directory(path: Path, root: Path) -> None:
    """Make a directory below ``root`` so that a power failure cannot take it, nor those that lead to it."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        for parent in path.parents:
            force(parent)
            if parent == root:
                break
