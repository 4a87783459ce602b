"""A growing log as files: whole tiles and bundles, one batch of entries at a time.

Memory holds what no full tile holds yet: at most 255 entries and 255 hashes a level. Work is done tile by tile with few calls for each
entry: a leaf costs its own hash, the hash above it and its share of two files.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from sapparot.ledger.tiles import HEIGHT, WIDTH, bundle_path, pack_bundle, tile_path
from sapparot.ledger.tree import EMPTY_ROOT, root_over

File = tuple[str, bytes]
"""A path below ``log/`` and the bytes that belong there."""


class Growth:
    """The right edge of the tiles of a log."""

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        """Begin with ``size`` entries, a multiple of 256; ``rows``: the hashes of the partial tiles, from level 1 up."""
        widths = [(size >> HEIGHT * level) % WIDTH for level in range(1, len(rows) + 1)]
        if size % WIDTH or [len(row) for row in rows] != widths or size >> HEIGHT * (len(rows) + 1):
            raise ValueError(f"these are not the partial tiles of a log of {size} entries")
        self._full = size // WIDTH
        self._rows = [list(row) for row in rows]
        self._bodies: list[bytes] = []
        self._leaves: list[bytes] = []

    @property
    def size(self) -> int:
        """Return how many entries the log has."""
        return self._full * WIDTH + len(self._leaves)

    def copy(self) -> Growth:
        """Return the same edge, which grows by itself from here on."""
        return deepcopy(self)

    def add(self, bodies: Sequence[bytes], leaves: Sequence[bytes]) -> list[File]:
        """Append entries with their leaf hashes; return the tiles and bundles that are full now, each once, for ever."""
        self._bodies += bodies
        self._leaves += leaves
        files: list[File] = []
        whole = len(self._leaves) - len(self._leaves) % WIDTH
        for start in range(0, whole, WIDTH):
            row = self._leaves[start : start + WIDTH]
            files.append((bundle_path(self._full), pack_bundle(self._bodies[start : start + WIDTH])))
            files.append((tile_path(0, self._full), b"".join(row)))
            self._full += 1
            self._lift(row, files)
        del self._bodies[:whole], self._leaves[:whole]
        return files

    def partials(self) -> list[File]:
        """Return the partial tiles, and the partial bundle, of the log as it is now."""
        files: list[File] = []
        if width := len(self._leaves):
            files.append((bundle_path(self._full, width), pack_bundle(self._bodies)))
            files.append((tile_path(0, self._full, width), b"".join(self._leaves)))
        for level, row in enumerate(self._rows, 1):
            if row:
                files.append((tile_path(level, self._full >> HEIGHT * level, len(row)), b"".join(row)))
        return files

    def root(self) -> bytes:
        """Return the RFC 6962 root."""
        below: list[bytes] = []
        for row in (self._leaves, *self._rows):
            nodes = [*row, *below]
            below = [root_over(nodes)] if nodes else []
        return below[0] if below else EMPTY_ROOT

    def _lift(self, row: list[bytes], files: list[File]) -> None:
        """Put the root of a full tile into the tile above it, and so on while those are full."""
        level = 1
        while True:
            if level > len(self._rows):
                self._rows.append([])
            above = self._rows[level - 1]
            above.append(root_over(row))
            if len(above) < WIDTH:
                return
            files.append((tile_path(level, (self._full >> HEIGHT * level) - 1), b"".join(above)))
            row, self._rows[level - 1] = above, []
            level += 1
