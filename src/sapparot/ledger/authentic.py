"""The tiles of a log that somebody else serves, each believed only when it leads to the signed root.

The rightmost tiles of all levels together make the root, so they come first; every full tile has its root in the tile above it. A wrong
byte is found in the tile where it stands, before anything is done with it.
"""

from __future__ import annotations

from collections.abc import Callable

from sapparot.ledger.facts import Head
from sapparot.ledger.tiles import (
    WIDTH,
    TileInvalid,
    bundle_path,
    partial_tiles,
    read_bundle,
    subtree_root,
    tile_path,
    tile_width,
)
from sapparot.ledger.tree import EMPTY_ROOT, HASH_SIZE, leaf_hash, levels


class AuthenticTiles:
    """The tiles and bundles of the tree with one head."""

    def __init__(self, fetch: Callable[[str], bytes], head: Head) -> None:
        """``fetch`` returns the bytes under a path, raises ``FileNotFoundError``; nothing that it returns is believed.

        Raises :class:`TileInvalid` when the rightmost tiles do not make the root.
        """
        self._fetch = fetch
        self.head = head
        self._tiles: dict[tuple[int, int], bytes] = {}
        below: list[bytes] = []
        partial = {level: (index, width) for level, index, width in partial_tiles(head.size)}
        for level in range(max(partial, default=0) + 1):
            row: list[bytes] = []
            if level in partial:
                index, width = partial[level]
                tile = self._tiles[level, index] = self._load(level, index, width)
                row = [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]
            below = [levels(row + below)[-1][0]] if row + below else []
        if below != ([head.root] if head.size else []) or (not head.size and head.root != EMPTY_ROOT):
            raise TileInvalid(f"the tiles of size {head.size} do not make the signed root")

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile; raises :class:`TileInvalid` when they are not those of the tree."""
        tile = self._tiles.get((level, index))
        if tile is None:
            tile = self._load(level, index, WIDTH)
            if subtree_root(tile) != self.root_of(level, index):
                raise TileInvalid(f"{tile_path(level, index)} is not of the signed tree")
            if level:  # the lowest level is as large as a hash of every entry, and is asked for once
                self._tiles[level, index] = tile
        return tile

    def root_of(self, level: int, index: int) -> bytes:
        """Return the root of a full tile, from the tile above it."""
        above = self.tile(level + 1, index // WIDTH)
        start = index % WIDTH * HASH_SIZE
        return above[start : start + HASH_SIZE]

    def read(self, path: str) -> bytes:
        """Return a tile by its path, for :class:`~sapparot.ledger.tiles.Hashes`."""
        parts = path.split(".p/")[0].split("/")
        return self.tile(int(parts[1]), int("".join(part.removeprefix("x") for part in parts[2:])))

    def bundle(self, index: int, data: bytes | None = None) -> list[bytes]:
        """Return the entries of a bundle, fetched unless ``data`` is given; raises :class:`TileInvalid`."""
        width = tile_width(0, index, self.head.size)
        entries = read_bundle(data, width) if data is not None else self._bundle(index, width)
        leaves = b"".join(map(leaf_hash, entries))
        true = subtree_root(leaves) == self.root_of(0, index) if width == WIDTH else leaves == self._tiles[0, index]
        if not true:
            raise TileInvalid(f"{bundle_path(index, width)} does not hold the entries of the signed tree")
        return entries

    def _bundle(self, index: int, width: int) -> list[bytes]:
        try:
            return read_bundle(self._fetch(bundle_path(index, width)), width)
        except FileNotFoundError:
            if width == WIDTH:
                raise
            return read_bundle(self._fetch(bundle_path(index)), WIDTH)[:width]

    def _load(self, level: int, index: int, width: int) -> bytes:
        try:
            data = self._fetch(tile_path(level, index, width))
        except FileNotFoundError:
            if width == WIDTH:
                raise
            data = self._fetch(tile_path(level, index))[: width * HASH_SIZE]
        if len(data) != width * HASH_SIZE:
            raise TileInvalid(f"{tile_path(level, index, width)} has {len(data)} bytes, not {width * HASH_SIZE}")
        return data
