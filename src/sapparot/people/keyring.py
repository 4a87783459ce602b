"""The signing keys of the networks that this server hosts, one secret file each."""

from __future__ import annotations

import re
from pathlib import Path

import structlog

from sapparot.base.jws import SigningKey
from sapparot.base.keys import signing_key
from sapparot.base.problems import Problem
from sapparot.people.problems import NETWORK_ID_INVALID, NETWORK_KEY_MISSING

log = structlog.get_logger()
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Keyring(dict[str, SigningKey]):
    """Maps a network's id to its signing key. Only :meth:`make` makes one: what a key that the log never announced signs holds nowhere."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def __missing__(self, network: str) -> SigningKey:
        """Read the key; raises :class:`Problem` where this machine has none."""
        if not self._file(network).exists():
            file, said = str(self._file(network)), NETWORK_KEY_MISSING.title
            log.error(
                "a network's key is missing here", network=network, file=file, code=NETWORK_KEY_MISSING.code, th=said.th
            )
            raise Problem(NETWORK_KEY_MISSING, network=network)
        return self.make(network)

    def make(self, network: str) -> SigningKey:
        """Return the network's key, making it when there is none yet."""
        self[network] = signing_key(self._file(network))
        return self[network]

    def holds(self, network: str) -> bool:
        """Tell whether there is a key of the network."""
        return bool(_ID.fullmatch(network)) and self._file(network).exists()

    def next(self, network: str) -> SigningKey:
        """Return the key that is to follow the network's key, making it on first use; it is not in use yet."""
        return signing_key(self._file(network, ".next"))

    def advance(self, network: str) -> None:
        """Use the next key from now on; the old secret is gone."""
        self._file(network, ".next").replace(self._file(network))
        self.pop(network, None)

    def _file(self, network: str, which: str = "") -> Path:
        if not _ID.fullmatch(network):
            raise Problem(NETWORK_ID_INVALID)
        return self._directory / f"{network}{which}.key"
