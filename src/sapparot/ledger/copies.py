"""A copy of a log in a directory, read by somebody who believes nothing but the log's key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from sapparot.ledger.facts import Head
from sapparot.ledger.signatures import Checkpoint, Note, VerifierKey, signed_by
from sapparot.ledger.tiles import WIDTH, TileInvalid, bundle_path, read_bundle, tile_path
from sapparot.ledger.tree import EMPTY_ROOT, HASH_SIZE, leaf_hashes, root_over

CHECKPOINT = "checkpoint"
KEY = "log.vkey"


class CopyInvalid(ValueError):
    """The copy is not complete or not what its checkpoint says; the message says where."""


class LogCopy(msgspec.Struct, frozen=True):
    """The directory that holds ``tile/``, a checkpoint (its note, its origin and head), signed by the key that is believed."""

    root: Path
    note: Note
    origin: str
    head: Head

    @classmethod
    def open(cls, place: Path, key: VerifierKey | None = None) -> LogCopy:
        """Open a directory with ``checkpoint`` and ``tile/``, or a checkpoint beside ``tile/``; raises :class:`CopyInvalid`.

        Without ``key``, the one in ``log.vkey`` of the copy is believed: then the copy shows that it is whole, not whose it is.
        """
        file = place / CHECKPOINT if place.is_dir() else place
        try:
            key = key or VerifierKey.read((file.parent / KEY).read_text("utf-8").strip())
            note = Note.read(file.read_bytes())
            signed = Checkpoint.read(note.text)
            if signed.origin != key.name or not signed_by(note, key):
                raise CopyInvalid(f"{file} is not signed by {key.name}")
        except (OSError, ValueError) as error:  # what notes and keys raise are ValueErrors, this class too
            raise CopyInvalid(str(error)) from error
        return cls(file.parent, note, signed.origin, signed.head)

    def tiles(self) -> Iterator[bytes]:
        """Yield the leaf hashes tile by tile, and raise :class:`CopyInvalid` in the end when they do not lead to the root."""
        roots: list[bytes] = []
        for index in range(self._bundles):
            width = self._width(index)
            tile = self._read(tile_path(0, index, width), tile_path(0, index))[: width * HASH_SIZE]
            if len(tile) != width * HASH_SIZE:
                raise CopyInvalid(f"{tile_path(0, index, width)} is too short")
            roots.append(root_over([tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]))
            yield tile
        if (root_over(roots) if roots else EMPTY_ROOT) != self.head.root:
            raise CopyInvalid("the leaf hashes do not lead to the root of the checkpoint")

    def entries(self) -> Iterator[bytes]:
        """Yield every entry in order; each was compared with its leaf hash. Raises :class:`CopyInvalid`."""
        for index, tile in enumerate(self.tiles()):
            width = self._width(index)
            partial, full = bundle_path(index, width), bundle_path(index)
            try:
                bodies = read_bundle(self._read(partial, full), width if (self.root / partial).exists() else WIDTH)[
                    :width
                ]
            except TileInvalid as error:
                raise CopyInvalid(f"{partial}: {error}") from error
            if b"".join(leaf_hashes(bodies)) != tile:
                raise CopyInvalid(f"{partial} does not hold the entries of its leaf hashes")
            yield from bodies

    @property
    def _bundles(self) -> int:
        return -(-self.head.size // WIDTH)

    def _width(self, index: int) -> int:
        return min(WIDTH, self.head.size - index * WIDTH)

    def _read(self, path: str, full: str) -> bytes:
        """Return a partial file, or the full one that has taken its place."""
        for name in (path, full):
            try:
                return (self.root / name).read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise CopyInvalid(f"{name}: {error}") from error
        raise CopyInvalid(f"{path} is missing")
