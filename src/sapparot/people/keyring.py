"""The signing keys of the networks that this server hosts, one secret file each."""

from __future__ import annotations

import re
from pathlib import Path

from sapparot.base.jws import SigningKey
from sapparot.base.keys import signing_key
from sapparot.base.problems import Problem
from sapparot.people.problems import NETWORK_ID_INVALID

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Keyring(dict[str, SigningKey]):
    """Maps a network's id to its signing key; a key is made when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def __missing__(self, network: str) -> SigningKey:
        if not _ID.fullmatch(network):
            raise Problem(NETWORK_ID_INVALID)
        self[network] = signing_key(self._directory / f"{network}.key")
        return self[network]

    def holds(self, network: str) -> bool:
        """Tell whether there is a key of the network, without making one."""
        return bool(_ID.fullmatch(network)) and (self._directory / f"{network}.key").exists()

    def next(self, network: str) -> SigningKey:
        """Return the key that is to follow the network's key, making it on first use; it is not in use yet."""
        _ = self[network]
        return signing_key(self._directory / f"{network}.next.key")

    def advance(self, network: str) -> None:
        """Use the next key from now on; the old secret is gone."""
        (self._directory / f"{network}.next.key").replace(self._directory / f"{network}.key")
        self.pop(network, None)
