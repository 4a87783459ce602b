"""Trees for tests: roots by the definition of RFC 6962, and logs whose tiles stand in memory."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sapparot.ledger.facts import Head
from sapparot.ledger.tiles import WIDTH, Hashes, bundle_path, pack_bundle, tile_path
from sapparot.ledger.tree import leaf_hash


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash, by its recursive definition over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def bodies(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


class Files(dict[str, bytes]):
    """The files of a whole log."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        super().__init__()
        self.entries = entries
        self.leaves = [leaf_hash(entry) for entry in entries]
        self._write(0, self.leaves)
        for start in range(0, len(entries), WIDTH):
            part = entries[start : start + WIDTH]
            self[bundle_path(start // WIDTH, len(part))] = pack_bundle(part)

    def _write(self, level: int, row: Sequence[bytes]) -> None:
        for start in range(0, len(row), WIDTH):
            part = row[start : start + WIDTH]
            self[tile_path(level, start // WIDTH, len(part))] = b"".join(part)
        if full := len(row) // WIDTH:
            self._write(level + 1, [root_of(row[i * WIDTH : (i + 1) * WIDTH]) for i in range(full)])

    def read(self, path: str) -> bytes:
        if path not in self:
            raise FileNotFoundError(path)
        return self[path]

    def hashes(self) -> Hashes:
        return Hashes(self.read, len(self.entries))

    def head(self, size: int | None = None) -> Head:
        size = len(self.entries) if size is None else size
        return Head(size, root_of(self.leaves[:size]))
