"""Secrets that all processes of a database have alike, each in a file of its own data directory.

The database knows a fingerprint of each. Who needs a secret compares at its start, and does not go on without it or with another; a
secret is made only while the database knows none. The file first, then the fingerprint, under one lock: of two first processes one
wins, and a crash between the two leaves a file that the next start makes known.

``vault/*.key`` stands for numbered files. The newest known one must be there, each that is there must be the known one, and one with a
higher number becomes known. Older ones may be gone: they are destroyed once nothing lies under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from sapparot.base import store
from sapparot.base.database import Connection
from sapparot.base.keys import secret_file
from sapparot.base.problems import (
    SECRET_MISSING,
    SECRET_OTHER,
    SECRET_UNCHANGED,
    SECRET_UNKNOWN,
    CannotGoOn,
)
from sapparot.base.text import Text

_NUMBERED = re.compile(r"(.*/)([1-9][0-9]{0,8})\.key")
_ANY = "*.key"


class SecretMissing(CannotGoOn, RuntimeError, kind=SECRET_MISSING):
    """A secret that exists is not on this machine."""


class SecretOther(CannotGoOn, RuntimeError, kind=SECRET_OTHER):
    """The secret on this machine is not the one that exists."""


def agree(connection: Connection, folder: Path, names: Iterable[str]) -> None:
    """Compare secrets below ``folder`` with what the database knows; make known, and make, those of which it knows none.

    Raises :class:`SecretMissing` and :class:`SecretOther`; nothing is made then.
    """
    with connection.transaction():
        known = store.hold(connection)
        needed = [each for name in dict.fromkeys(names) for each in _files(folder, name, known)]
        for name in needed:
            if name in known and not (folder / name).exists():
                raise _missing(folder / name, name)
            if name in known and _fingerprint(folder, name) != known[name]:
                raise _other(folder / name, name)
        for name in needed:
            if name not in known:
                store.know(connection, name, _fingerprint(folder, name))


def successor(connection: Connection, folder: Path, name: str) -> str:
    """Return what is to be known instead of the secret ``name``: itself, or the next number of a numbered one that is gone.

    Raises :class:`Problem` for one that the database does not know, or that stands here as it is known.
    """
    with connection.transaction():
        known = store.hold(connection)
    missing, needed = not (folder / name).exists(), _needed(known)
    if name not in known or (missing and name not in needed):
        raise SECRET_UNKNOWN.about(", ".join(needed) or "-")
    if not missing and _fingerprint(folder, name) == known[name]:
        raise SECRET_UNCHANGED.about(folder / name)
    numbered = _NUMBERED.fullmatch(name)
    return f"{numbered[1]}{int(numbered[2]) + 1}.key" if missing and numbered else name


def replace(connection: Connection, folder: Path, name: str) -> None:
    """Make the secret ``name`` known as it stands below ``folder``, whatever was known; it is made when there is no such file."""
    with connection.transaction():
        store.hold(connection)
        store.know(connection, name, _fingerprint(folder, name))


def _files(folder: Path, name: str, known: Iterable[str]) -> list[str]:
    """Return the files that ``name`` stands for: of numbered ones those that are here and the newest known one, or the first of all."""
    if not name.endswith(_ANY):
        return [name]
    before = name.removesuffix(_ANY)
    numbers = _numbers(before, (f"{before}{path.name}" for path in (folder / before).glob(_ANY)))
    numbers |= {max(_numbers(before, known), default=max(numbers, default=1))}
    return [f"{before}{number}.key" for number in sorted(numbers)]


def _needed(known: Iterable[str]) -> list[str]:
    """Return the known secrets without which nobody starts: of numbered ones the newest."""
    found = [(name, _NUMBERED.fullmatch(name)) for name in sorted(known)]
    newest = {match[1]: max(_numbers(match[1], known)) for _, match in found if match}
    return [name for name, match in found if not match or int(match[2]) == newest[match[1]]]


def _numbers(before: str, names: Iterable[str]) -> set[int]:
    found = (_NUMBERED.fullmatch(name) for name in names)
    return {int(match[2]) for match in found if match and match[1] == before}


def _fingerprint(folder: Path, name: str) -> bytes:
    """Return the hash by which a secret of 32 random bytes is known again; makes the file when there is none."""
    return sha256(b"sapparot/secret\n" + name.encode() + b"\n" + secret_file(folder / name)).digest()


def _missing(file: Path, name: str) -> SecretMissing:
    out = _ways_out(name)
    return SecretMissing(
        f"เครื่องนี้ไม่มีไฟล์ {file} ทั้งที่ฐานข้อมูลนี้ใช้กุญแจลับนี้อยู่แล้ว {out.th}",
        f"{file} is missing here, and this database works with that secret: {out.en}",
    )


def _other(file: Path, name: str) -> SecretOther:
    out = _ways_out(name)
    return SecretOther(
        f"ไฟล์ {file} ไม่ใช่กุญแจลับที่ฐานข้อมูลนี้ใช้อยู่ {out.th}",
        f"{file} is not the secret that this database works with: {out.en}",
    )


def _ways_out(name: str) -> Text:
    return Text(
        "ให้คัดลอกไฟล์ที่ถูกต้องมาจากเครื่องที่มีหรือจากสำเนา ถ้าไฟล์นั้นหายไปแล้วจริง ๆ ให้หยุดทุกเครื่องแล้วสั่ง"
        f" sapparot keys replace {name} ซึ่งจะบอกก่อนว่าต้องเสียอะไร",
        "bring the right file from a machine that has it, or from a copy; if it is lost for good, stop every process and run"
        f" sapparot keys replace {name}, which says first what that costs",
    )
