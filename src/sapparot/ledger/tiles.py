"""Tiles and entry bundles (C2SP tlog-tiles): the log as files that never change.

A tile of level L holds up to 256 neighbouring hashes of the tree at height 8 * L, 32 bytes each; a bundle holds the entries of a tile of
level 0, each behind its length (two bytes, big-endian). A tile that is not full carries its width in its name, so that no name ever
stands for two contents; once the full one exists, it begins with the same hashes and the partial one may go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sapparot.ledger.tree import EMPTY_ROOT, HASH_SIZE, node_hash, root_over, row_above

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile, entries in a full bundle."""
MOST_BYTES = 65_535
"""Bytes of one entry: its length stands in two."""
TILES_KEPT = 256
"""Tiles that one :class:`Hashes` keeps in memory, 8 kB each."""


class TileInvalid(ValueError):
    """The bytes are not the tile or bundle of that width; the message says why."""


class EntryTooLarge(ValueError):
    """An entry is larger than a bundle can hold."""

    def __init__(self, size: int) -> None:
        super().__init__(f"an entry has {size:,} bytes; a bundle holds entries of at most {MOST_BYTES:,}")


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return ``tile/L/N`` or, for a width below 256, ``tile/L/N.p/W``."""
    return f"tile/{level}/{_numbered(index, width)}"


def bundle_path(index: int, width: int = WIDTH) -> str:
    """Return ``tile/entries/N`` or, for a width below 256, ``tile/entries/N.p/W``."""
    return f"tile/entries/{_numbered(index, width)}"


def pack_bundle(bodies: Iterable[bytes]) -> bytes:
    """Return the bundle of entries; raises :class:`EntryTooLarge`."""
    parts: list[bytes] = []
    for body in bodies:
        if len(body) > MOST_BYTES:
            raise EntryTooLarge(len(body))
        parts += (len(body).to_bytes(2, "big"), body)
    return b"".join(parts)


def read_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the ``width`` entries of a bundle; raises :class:`TileInvalid` when it ends early or late."""
    bodies: list[bytes] = []
    start = 0
    for _ in range(width):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if start + 2 > len(data) or end > len(data):
            raise TileInvalid(f"the bundle ends inside entry {len(bodies)} of {width}")
        bodies.append(data[start + 2 : end])
        start = end
    if start != len(data):
        raise TileInvalid(f"{len(data) - start} bytes follow the {width} entries of the bundle")
    return bodies


def tile_width(level: int, index: int, size: int) -> int:
    """Return how many hashes the tile has in a tree of ``size`` entries: 0 (it does not exist) to 256."""
    return min(WIDTH, max(0, (size >> HEIGHT * level) - index * WIDTH))


def tiles_between(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, index, width) of every tile that a tree of ``new`` entries has and one of ``old`` has not, lowest level first."""
    level = 0
    while new >> HEIGHT * level:
        had, has = old >> HEIGHT * level, new >> HEIGHT * level
        if has > had:
            for index in range(had // WIDTH, -(-has // WIDTH)):
                yield level, index, min(WIDTH, has - index * WIDTH)
        level += 1


def partial_tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, index, width) of the partial tiles of a tree, lowest level first."""
    level = 0
    while count := size >> HEIGHT * level:
        if width := count % WIDTH:
            yield level, count // WIDTH, width
        level += 1


class Hashes:
    """The nodes of a tree of ``size`` entries, read from its tiles.

    ``read`` returns the bytes under a path and raises ``FileNotFoundError`` for one that is not there. What it returns is believed but
    for its length: whoever needs more compares a root.
    """

    def __init__(self, read: Callable[[str], bytes], size: int) -> None:
        self._read = read
        self.size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the root of the full subtree over the entries from ``index << level`` to ``(index + 1) << level``.

        Raises ``IndexError`` when the tree ends before, ``FileNotFoundError`` without the tile, :class:`TileInvalid` for a wrong length.
        """
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise IndexError(f"a tree of {self.size} entries has no full subtree {index} at level {level}")
        above, within = divmod(level, HEIGHT)
        first = index << within
        start = first % WIDTH * HASH_SIZE
        tile = self._tile(above, first // WIDTH)
        return subtree_root(tile[start : start + (HASH_SIZE << within)])

    def root(self) -> bytes:
        """Return the RFC 6962 root of the whole tree."""
        left, root = self.size, b""
        while left:
            level = (left & -left).bit_length() - 1
            left -= 1 << level
            node = self.node(level, left >> level)
            root = node_hash(node, root) if root else node
        return root or EMPTY_ROOT

    def _tile(self, level: int, index: int) -> bytes:
        tile = self._tiles.get((level, index))
        if tile is None:
            tile = self._load(level, index, tile_width(level, index, self.size))
            if len(self._tiles) >= TILES_KEPT:
                del self._tiles[next(iter(self._tiles))]
            self._tiles[level, index] = tile
        return tile

    def _load(self, level: int, index: int, width: int) -> bytes:
        held = width
        try:
            data = self._read(tile_path(level, index, width))
        except FileNotFoundError:
            if width == WIDTH:
                raise
            held = WIDTH  # the partial tile may be gone since the full one stands
            data = self._read(tile_path(level, index))
        if len(data) != held * HASH_SIZE:
            raise TileInvalid(f"{tile_path(level, index, held)} has {len(data)} bytes, not {held * HASH_SIZE}")
        return data[: width * HASH_SIZE]


def subtree_root(hashes: bytes) -> bytes:
    """Return the root over neighbouring hashes in one string; their number is a power of two."""
    return root_over(row_above(hashes)) if len(hashes) > HASH_SIZE else hashes


def _numbered(index: int, width: int) -> str:
    if index < 0 or not 0 < width <= WIDTH:
        raise ValueError(f"there is no tile {index} of width {width}")
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return name if width == WIDTH else f"{name}.p/{width}"
