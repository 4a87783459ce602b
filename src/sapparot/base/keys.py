"""Secrets that live in files of the data directory, created once and readable by their owner only."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from sapparot.base.disk import asked, force
from sapparot.base.jws import Algorithm, SigningKey
from sapparot.base.problems import SECRET_DAMAGED, CannotGoOn


class SecretDamaged(CannotGoOn, RuntimeError, kind=SECRET_DAMAGED):
    """A secret file does not hold what was written to it."""


def secret_file(path: Path, size: int = 32) -> bytes:
    """Return the secret in ``path``, making it on first use.

    The file appears whole or not at all: a crash before the link leaves only a temporary name, and of two processes that start
    together one wins and both read the winner's secret.
    """
    if not path.exists():
        with asked(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with asked(path):
            _make(path, size)
    return _read(path, size)


def _make(path: Path, size: int) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(size).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
        force(path.parent)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(path: Path, size: int) -> bytes:
    text = path.read_text().strip()
    if not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text):
        raise SecretDamaged(
            f"{path} ไม่ใช่กุญแจลับ {size} ไบต์ในรูปเลขฐานสิบหก ให้นำไฟล์สำรองกลับมาใช้",
            f"{path} does not hold a secret of {size} bytes in hexadecimal; restore it from a copy",
        )
    return bytes.fromhex(text)


def signing_key(path: Path, alg: Algorithm = "EdDSA") -> SigningKey:
    """Return the signing key whose secret is in ``path``, making it on first use."""
    return SigningKey.from_secret(alg, secret_file(path))
