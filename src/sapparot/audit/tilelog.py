"""A log in a directory of tiles (C2SP tlog-tiles), readable by any number of processes at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from sapparot.audit.source import read_file
from sapparot.ledger.tiles import MOST_BYTES, WIDTH, TileInvalid, bundle_path, read_bundle, tile_path
from sapparot.tally import Entry

NO_KIND = ""
"""The kind of an entry that has none."""
LARGEST = WIDTH * (MOST_BYTES + 2)
"""Bytes of the largest bundle."""


class _Kind(Struct):
    kind: str


_kind = msgspec.json.Decoder(_Kind)


class EntriesMissing(ValueError):
    """A bundle of entries is not there or is not one; the message says why."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(index, why)  # both, so that it comes back whole from another process
        self.index, self.why = index, why

    def __str__(self) -> str:
        return self.why


class TileLog(Struct, frozen=True):
    """The first `size` entries of the log in the directory `root`, which holds `tile/`.

    `behind` are entries that stand in no bundle yet and are to be read as if they followed.
    """

    root: str
    size: int
    behind: tuple[tuple[str, bytes], ...] = ()

    def __call__(self) -> Iterator[Entry]:
        """Yield position, kind and body of every entry in order; raises EntriesMissing."""
        yield from self.entries(0, self.bundles)
        for position, (kind, body) in enumerate(self.behind, self.size):
            yield position, kind, body

    def __len__(self) -> int:
        """Return how many entries there are."""
        return self.size

    @property
    def bundles(self) -> int:
        """Return how many bundles hold the entries."""
        return -(-self.size // WIDTH)

    def entries(self, first: int, end: int) -> Iterator[Entry]:
        """Yield the entries of bundles `first` to `end` (not included)."""
        for index in range(first, end):
            for position, body in enumerate(self.bundle(index), index * WIDTH):
                yield position, kind_of(body), body

    def entry(self, position: int) -> bytes:
        """Return the body of one entry."""
        return self.bundle(position // WIDTH)[position % WIDTH]

    def bundle(self, index: int) -> list[bytes]:
        """Return the bodies in a bundle; raises EntriesMissing."""
        width = min(WIDTH, self.size - index * WIDTH)
        # A partial bundle may be gone once the log has grown past it: the full one begins with the same entries.
        data = self.file(bundle_path(index, width))
        held = width if data is not None else WIDTH
        data = data if data is not None else self.file(bundle_path(index, WIDTH))
        if data is None:
            raise EntriesMissing(index, bundle_path(index, width))
        try:
            return read_bundle(data, held)[:width]
        except TileInvalid as error:
            raise EntriesMissing(index, str(error)) from error

    def hashes(self, level: int, index: int, width: int) -> bytes | None:
        """Return the `width` hashes of a tile (32 bytes each), None when it is not there."""
        data = self.file(tile_path(level, index, width))
        if data is None and width < WIDTH:
            data = self.file(tile_path(level, index, WIDTH))
            return None if data is None else data[: 32 * width]
        return data

    def file(self, name: str) -> bytes | None:
        """Return a file of the log, None when it is not there."""
        return read_file(Path(self.root, name), LARGEST)


def kind_of(body: bytes) -> str:
    """Return the kind that an entry gives itself; NO_KIND when it gives none."""
    try:
        return _kind.decode(body).kind
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return NO_KIND
