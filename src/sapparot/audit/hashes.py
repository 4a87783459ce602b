"""From the hashes over bundles to the root that was signed, and to that of every older checkpoint."""

from __future__ import annotations

from collections.abc import Iterator

from sapparot.audit.facts import Finding
from sapparot.audit.tilelog import TileLog
from sapparot.audit.wording import found
from sapparot.ledger.tiles import WIDTH
from sapparot.ledger.tree import HASH_SIZE, Tree, leaf_hashes, root_over


class Spine:
    """The hashes over all full bundles and the leaves behind them: 32 bytes for 256 entries."""

    def __init__(self, log: TileLog) -> None:
        self._log = log
        self.roots: list[bytes] = []
        self.edge: list[bytes] = []

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` entries, at most as many as there are."""
        full, rest = divmod(size, WIDTH)
        tree = Tree()
        for node in self.roots[:full]:
            tree.append(node)
        leaves = self.edge[:rest] if full == len(self.roots) else self._leaves(full, rest)
        right = Tree()
        for leaf in leaves:
            right.append(leaf)
        return Tree(size, [*tree.subtrees, *right.subtrees]).root()

    def tiles(self) -> Iterator[Finding]:
        """Compare every tile above the leaves with what follows from the entries."""
        level, row = 1, self.roots
        while row:
            for index in range(-(-len(row) // WIDTH)):
                expected = row[WIDTH * index : WIDTH * (index + 1)]
                yield from self._tile(level, index, expected)
            full = len(row) // WIDTH
            row = [root_over(row[WIDTH * index : WIDTH * (index + 1)]) for index in range(full)]
            level += 1

    def _tile(self, level: int, index: int, expected: list[bytes]) -> Iterator[Finding]:
        tile = self._log.hashes(level, index, len(expected))
        if tile is None:
            yield found("log.tile_missing", file=f"level {level}, index {index}")
        elif tile != b"".join(expected):
            differs = next(
                (at for at, node in enumerate(expected) if tile[HASH_SIZE * at : HASH_SIZE * (at + 1)] != node), 0
            )
            position = (WIDTH * index + differs) * WIDTH**level
            yield found("log.tile", position, file=f"level {level}, index {index}")

    def _leaves(self, index: int, number: int) -> list[bytes]:
        return leaf_hashes(self._log.bundle(index)[:number]) if number else []
