"""A mirror: follows a log that somebody else runs, keeps every entry and tile, and serves only what it has verified (C2SP tlog-mirror).

Durable order for one new checkpoint, and what a crash leaves after each step:

1. The checkpoint continues the one that we follow; it is kept as the one that we follow now. A crash leaves a mirror that will not
   follow another history, whatever it had downloaded.
2. Bundles and tiles come in, each verified before it is written. A crash leaves true files; the next start downloads the others.
3. The checkpoint is published by atomic replacement, with our cosignature: from now on we say that we have everything below it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from sapparot.base.clock import Clock
from sapparot.base.disk import make_directory, write_whole
from sapparot.ledger.authentic import AuthenticTiles
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.facts import Head
from sapparot.ledger.kept import KeptNotes
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.proofs import ProofInvalid, check_consistency, consistency
from sapparot.ledger.signatures import Checkpoint, Note, VerifierKey, signed_by
from sapparot.ledger.tiles import (
    WIDTH,
    Hashes,
    TileInvalid,
    bundle_path,
    pack_bundle,
    partial_tiles,
    tile_path,
    tile_width,
    tiles_between,
)
from sapparot.ledger.tree import EMPTY_ROOT, leaf_hash

log = structlog.get_logger()

CHECKPOINT = "checkpoint"
DOWNLOADS = 8
"""Bundles that are on their way at once."""


class Forked(RuntimeError):
    """The log signed two histories; both notes are kept."""


class Mirror:
    """A verified copy of one log, in files."""

    def __init__(
        self, place: Path, log_key: VerifierKey, kept: KeptNotes, fetch: Callable[[str], bytes], *, clock: Clock
    ) -> None:
        """``place``: directory of the files; ``fetch`` returns a file of the log by its path, raises ``FileNotFoundError``.

        Raises :class:`NoteInvalid` when ``place`` holds another log.
        """
        self.place = place
        self.log_key = log_key
        self.key: CosigningKey | None = None
        self._kept = kept
        self._fetch = fetch
        self._clock = clock
        self._whole = False
        """Whether this process has looked at every file: what was lost or altered meanwhile comes anew at the first step."""
        self.head()
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / "log.vkey", log_key.text.encode() + b"\n")

    def head(self) -> Head:
        """Return the head of what we have and serve; raises :class:`NoteInvalid` when our own file is damaged."""
        try:
            return self._read((self.place / CHECKPOINT).read_bytes())[1]
        except FileNotFoundError:
            return Head(0, EMPTY_ROOT)

    def step(self) -> bool:
        """Take over the log's newest checkpoint; return whether there was a new one.

        Raises :class:`NoteInvalid` or :class:`TileInvalid` for what is not of the log, :class:`Forked`, and ``OSError`` when the log does
        not answer; what was verified until then is kept.
        """
        note, new = self._read(self._fetch(CHECKPOINT))
        have = self.head()
        if new.size < have.size:
            log.warning("the log answered with an older checkpoint", size=new.size, ours=have.size)
            return False
        tiles = AuthenticTiles(self._fetch, new)
        self._follow(note, new, tiles)
        if not self._whole or new.size > have.size:
            self._download(tiles, have.size if self._whole else 0)
            self._whole = True
        if new.size == have.size and (self.place / CHECKPOINT).exists():
            return self._gain(note)
        self._publish(note)
        self._forget(have.size, new.size)
        log.info("mirrored", log=self.log_key.name, size=new.size)
        return True

    def _read(self, data: bytes) -> tuple[Note, Head]:
        note = Note.read(data)
        checkpoint = Checkpoint.read(note.text)
        if checkpoint.origin != self.log_key.name or not signed_by(note, self.log_key):
            raise NoteInvalid("the checkpoint is not one of this log")
        return note, checkpoint.head

    def _follow(self, note: Note, new: Head, tiles: AuthenticTiles) -> None:
        """Keep ``note`` as the one that all later ones must continue."""
        before = self._kept.read(self.log_key.name)
        if before is not None:
            self._compare(before, note, new, tiles)
        if before is None or self._read(before)[1].size < new.size:
            self._kept.replace(self.log_key.name, note.with_lines(note.claimed_by(self.log_key)).encode())

    def _compare(self, before: bytes, note: Note, new: Head, tiles: AuthenticTiles) -> None:
        old = self._read(before)[1]
        if old.size > new.size:  # the log fell behind what it signed; nothing to hold against it yet
            raise NoteInvalid(f"the log was at size {old.size} and now shows {new.size}")
        try:
            check_consistency(old, new, consistency(Hashes(tiles.read, new.size), old.size, new.size))
        except ProofInvalid as error:
            both = before + b"\n" + note.with_lines(note.claimed_by(self.log_key)).encode()
            self._kept.keep_fork(self.log_key.name, both, f"{new.size}-{new.root.hex()[:16]}")
            raise Forked(f"the log signed size {old.size} and size {new.size} of two histories: {error}") from error

    def _download(self, tiles: AuthenticTiles, old: int) -> None:
        new = tiles.head.size
        with ThreadPoolExecutor(DOWNLOADS) as pool:
            end = -(-new // WIDTH)
            for start in range(old // WIDTH, end, DOWNLOADS):  # few at a time, so that a failure stops what follows
                some = range(start, min(start + DOWNLOADS, end))
                for _ in pool.map(lambda index: self._take(tiles, index), some):
                    pass
        for level, index, width in tiles_between(old, new):
            if level:
                self._write(tile_path(level, index, width), tiles.tile(level, index))

    def _take(self, tiles: AuthenticTiles, index: int) -> None:
        width = tile_width(0, index, tiles.head.size)
        entries = self._entries(tiles, index, width)
        self._write(bundle_path(index, width), pack_bundle(entries))
        self._write(tile_path(0, index, width), b"".join(map(leaf_hash, entries)))

    def _entries(self, tiles: AuthenticTiles, index: int, width: int) -> list[bytes]:
        try:
            return tiles.bundle(index, (self.place / bundle_path(index, width)).read_bytes())
        except (FileNotFoundError, TileInvalid):  # not there yet, or of a history that was never published
            return tiles.bundle(index)

    def _write(self, path: str, data: bytes) -> None:
        file = self.place / path
        if not file.exists() or file.read_bytes() != data:
            make_directory(file.parent, self.place)
            write_whole(file, data)

    def _publish(self, note: Note) -> None:
        signatures = list(note.signatures)
        if self.key is not None:
            ours = self.key.verifier_key
            signatures = [line for line in signatures if not line.claims(ours)]
            signatures.append(self.key.cosign(note.text, int(self._clock.now().timestamp())))
        write_whole(self.place / CHECKPOINT, note.with_lines(signatures).encode())

    def _gain(self, note: Note) -> bool:
        """Take over the signatures that the same checkpoint gained; return whether there were any."""
        served = Note.read((self.place / CHECKPOINT).read_bytes())
        ours = self.key.verifier_key if self.key else None
        known = [line for line in served.signatures if ours is None or not line.claims(ours)]
        if len(note.signatures) <= len(known):
            return False
        self._publish(note)
        return True

    def _forget(self, old: int, new: int) -> None:
        """Remove the partial tiles and bundles of tiles that are full now."""
        for level, index, _ in partial_tiles(old):
            if tile_width(level, index, new) == WIDTH:
                for path in [tile_path(level, index)] + ([] if level else [bundle_path(index)]):
                    shutil.rmtree(self.place / f"{path}.p", ignore_errors=True)
