"""Sealing what identifies a person (docs/decisions/0018-the-vault.md).

A sealed blob is ``1 (one byte) | key number (4 bytes) | nonce (12) | AES-256-GCM ciphertext with its tag``. The clear text is JSON, padded
with spaces to whole steps of 64 bytes, so that its length tells nothing about a name. The associated data are the version, the key
number, the use and the id of the person: a blob that is moved to another row, or to another column, does not open.

Keys are files ``secrets/vault/1.key``, ``2.key``, ...; the highest number seals, the others still open what they sealed. Telephones are
found by HMAC-SHA-256 under ``secrets/phones.key``, which is never replaced.
"""

from __future__ import annotations

import hmac
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sapparot.base.keys import secret_file

_HEAD = struct.Struct(">BI")
_VERSION = 1
_NONCE = 12
_REST = _HEAD.size + _NONCE
_STEP = 64
_FILE = re.compile(r"([1-9][0-9]{0,8})\.key")
Clear = TypeVar("Clear")


class VaultLocked(RuntimeError):
    """A sealed blob does not open: its key is missing, or it was changed or moved. Personal data are never guessed."""


class Vault:
    """Seals and opens the particulars of persons, and finds telephones."""

    def __init__(self, secrets: Path) -> None:
        """``secrets`` is the directory ``secrets`` of the data directory; keys are made on first use."""
        self._directory = secrets / "vault"
        self._index = secret_file(secrets / "phones.key")
        self._keys: dict[int, AESGCM] = {}
        if not self._numbers():
            secret_file(self._directory / "1.key")
        self._current = self._numbers()[-1]

    def seal(self, person: UUID, clear: object, use: str = "particulars") -> bytes:
        """Return a struct sealed for one person and one use; two seals of the same are never equal."""
        plain = msgspec.json.encode(clear)
        plain += b" " * (-len(plain) % _STEP)
        head, nonce = _HEAD.pack(_VERSION, self._current), os.urandom(_NONCE)
        return head + nonce + self._key(self._current).encrypt(nonce, plain, _use(head, use) + person.bytes)

    def open(self, person: UUID, sealed: bytes, kind: type[Clear], use: str = "particulars") -> Clear:
        """Return what was sealed; raises :class:`VaultLocked`."""
        [plain] = self.open_all([(person.bytes, sealed)], use)
        return msgspec.json.decode(plain, type=kind)

    def open_all(self, rows: Iterable[tuple[bytes, bytes]], use: str = "particulars") -> Iterator[bytes]:
        """Return the JSON of many blobs with the ids of their persons (16 bytes), in their order; raises :class:`VaultLocked`.

        It is what :meth:`open` does, without what costs time forty thousand times over.
        """
        known: dict[bytes, tuple[Callable[[bytes, bytes, bytes], bytes], bytes]] = {}
        for person, sealed in rows:
            head = sealed[: _HEAD.size]
            try:
                decrypt, about = known[head] if head in known else known.setdefault(head, self._opener(head, use))
                yield decrypt(sealed[_HEAD.size : _REST], sealed[_REST:], about + person)
            except (struct.error, InvalidTag, ValueError) as error:
                raise VaultLocked(f"the sealed data of {UUID(bytes=person)} do not open") from error

    def _opener(self, head: bytes, use: str) -> tuple[Callable[[bytes, bytes, bytes], bytes], bytes]:
        version, number = _HEAD.unpack(head)
        if version != _VERSION:
            raise VaultLocked(f"sealed in the form {version}, which this program does not know")
        return self._key(number).decrypt, _use(head, use)

    @property
    def head(self) -> bytes:
        """What everything begins with that is sealed under the newest key."""
        return _HEAD.pack(_VERSION, self._current)

    def find(self, phone: str) -> bytes:
        """Return what is kept in clear of a telephone in E.164: only who holds the secret can compute it."""
        return hmac.digest(self._index, b"sapparot/phone\n" + phone.encode(), "sha256")

    def find_account(self, issuer: str, subject: str) -> bytes:
        """Return what is kept in clear of what a provider calls somebody: only who holds the secret can compute it."""
        return hmac.digest(self._index, f"sapparot/account\n{issuer}\n{subject}".encode(), "sha256")

    def advance(self) -> int:
        """Make a new key and seal under it from now on; return its number. Other processes go on under theirs until they start again."""
        self._current += 1
        secret_file(self._directory / f"{self._current}.key")
        return self._current

    def _key(self, number: int) -> AESGCM:
        if number not in self._keys:
            path = self._directory / f"{number}.key"
            if not path.is_file():
                raise VaultLocked(f"the key secrets/vault/{number}.key is missing; restore it from a copy")
            self._keys[number] = AESGCM(secret_file(path))
        return self._keys[number]

    def _numbers(self) -> list[int]:
        if not self._directory.is_dir():
            return []
        named = (_FILE.fullmatch(path.name) for path in self._directory.iterdir())
        return sorted(int(match[1]) for match in named if match)


def _use(head: bytes, use: str) -> bytes:
    """Return the associated data but for the person's id, which follows."""
    return b"sapparot/sealed\n" + use.encode() + b"\n" + head
