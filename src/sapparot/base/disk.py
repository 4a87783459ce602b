"""Files that stand on the disk when a function returns, so that no power failure can take them; and files a person asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sapparot.base.problems import CANNOT_WRITE, CannotGoOn


class CannotWrite(CannotGoOn, kind=CANNOT_WRITE):
    """A file that a command was asked to write cannot be written there."""


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


def refuse_unwritable(path: Path) -> None:
    """Raise :class:`CannotWrite` when a file cannot be written here: asked before long work. What stands there stays as it is."""
    with asked(path):
        if path.is_fifo():
            return  # its reader would take the end of this for the end of all
        new = not path.exists()
        path.open("ab").close()
        if new:
            path.resolve().unlink()  # of a link to nothing, not the link


def write_asked(path: Path, data: bytes) -> None:
    """Write the file that a person asked for; raises :class:`CannotWrite`."""
    with asked(path):
        path.write_bytes(data)


@contextmanager
def asked(path: Path) -> Iterator[None]:
    """Raise :class:`CannotWrite` where a place that a person named cannot be written to."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(
            f"เขียนที่ {path} ไม่ได้ ({error.strerror}) ให้เลือกที่อื่น",
            f"{path} cannot be written to ({error.strerror}); name another place",
        ) from error
