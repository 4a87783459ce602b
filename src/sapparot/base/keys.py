"""Secrets that live in files of the data directory, created once and readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sapparot.base.jws import Algorithm, SigningKey


def secret_file(path: Path, size: int = 32) -> bytes:
    """Return the secret in ``path``, making it on first use.

    The file appears whole or not at all: a crash before the link leaves only a temporary name, and of two processes that start
    together one wins and both read the winner's secret.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(size).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return bytes.fromhex(path.read_text().strip())


def signing_key(path: Path, alg: Algorithm = "EdDSA") -> SigningKey:
    """Return the signing key whose secret is in ``path``, making it on first use."""
    return SigningKey.from_secret(alg, secret_file(path))
