"""Tiles from entries: going on where a log was left, and comparing every tile with the entries that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import structlog

from sapparot.base.database import Connection
from sapparot.base.text import Text
from sapparot.ledger import store
from sapparot.ledger.facts import Head
from sapparot.ledger.growth import File, Growth
from sapparot.ledger.shelf import PARTIAL, Shelf
from sapparot.ledger.tiles import (
    HEIGHT,
    WIDTH,
    Hashes,
    TileInvalid,
    bundle_path,
    pack_bundle,
    partial_tiles,
    read_bundle,
    tile_path,
)
from sapparot.ledger.tree import HASH_SIZE, leaf_hashes

log = structlog.get_logger()

CHUNK = 5120
"""Entries in memory at once, twenty full bundles."""
ENTRIES = "tile/entries/"
MISSING = Text("หายไป", "is missing")
DIFFERS = Text("ไม่ตรงกับรายการในบันทึกสาธารณะ", "differs from the entries")
FOREIGN = Text("แทนรายการที่บันทึกสาธารณะไม่มี", "stands for entries that the log does not have")


class Flaw(NamedTuple):
    """A tile that is not what the entries say: its path, what is wrong, and the bytes that belong there (None: nothing does)."""

    path: str
    why: Text
    data: bytes | None


def resume(connection: Connection, shelf: Shelf, size: int) -> Growth:
    """Return the right edge of the tiles of a log of ``size`` entries, of which every tile stands now.

    What was signed is covered by tiles, so only entries behind the last checkpoint can lack theirs: these are written. When the right
    edge itself is not there or leads to another root (a log from before there were tiles, a damaged disk), every tile is compared.
    Raises :class:`LogDamaged` before anything is written when the entries do not lead to what was signed.
    """
    signed = store.last_checkpoint(connection)
    connection.commit()
    growth = signed and _edge(shelf, signed)
    if signed and growth is None:
        log.warning(
            "the tiles do not lead to the last checkpoint; all are compared, and written where they differ", size=size
        )
    growth = growth or Growth()
    if signed:
        _check_entries(connection, signed, growth.copy())
    sizes = [at for at in store.checkpoint_sizes(connection) if at >= growth.size]
    connection.commit()
    edge = {tile_path(level, index) for level, index, _ in partial_tiles(size)} | {bundle_path(size // WIDTH)}
    for stop in (*sizes, size):
        for files in _grow(connection, growth, stop):
            connection.commit()
            shelf.make_good(files)
            shelf.settle()
        partials = [file for file in growth.partials() if _full(file[0]) in edge] if stop in sizes else []
        shelf.make_good(partials)
    shelf.settle()
    return growth


def _check_entries(connection: Connection, signed: Head, growth: Growth) -> None:
    """Raise :class:`LogDamaged` unless the entries lead to what was signed, before any tile is written from them."""
    for _ in _grow(connection, growth, signed.size):
        continue
    if growth.root() != signed.root:
        raise store.LogDamaged(
            f"the entries do not lead to the checkpoint of size {signed.size}; no tile is written from them"
        )


def compare(connection: Connection, shelf: Shelf, signed: int) -> Iterator[Flaw]:
    """Read every entry and yield each tile and bundle that differs from them; those of the first ``signed`` entries must all be there."""
    there = shelf.widths()
    size = store.head(connection).size
    growth = Growth()
    for stop in (min(signed, size), size):
        for files in _grow(connection, growth, stop):
            for file in files:
                yield from _compared(shelf, file, there, needed=stop == signed)
        if stop == signed:
            yield from _missing(growth.partials(), there)
    for file in growth.partials():
        yield from _compared(shelf, file, there, needed=False)
    for full, widths in sorted(there.items()):
        for width in sorted(widths):
            yield Flaw(_named(full, width), FOREIGN, None)


def mend(shelf: Shelf, flaw: Flaw) -> None:
    """Begin to put what belongs there in the place of a flaw; ``shelf.settle`` waits for it."""
    if flaw.data is None:
        shelf.remove(flaw.path)
    else:
        shelf.put([(flaw.path, flaw.data)])


def _edge(shelf: Shelf, signed: Head) -> Growth | None:
    """Return the right edge at the last full bundle under a checkpoint, None when the tiles do not lead to its root."""
    hashes = Hashes(shelf.read, signed.size)
    rows: list[list[bytes]] = []
    try:
        if hashes.root() != signed.root:
            return None
        while count := signed.size >> HEIGHT * (len(rows) + 1):
            level, full = HEIGHT * (len(rows) + 1), count - count % WIDTH
            rows.append([hashes.node(level, index) for index in range(full, count)])
    except (FileNotFoundError, TileInvalid):
        return None
    return Growth(signed.size - signed.size % WIDTH, rows)


def _grow(connection: Connection, growth: Growth, stop: int) -> Iterator[list[File]]:
    """Add the stored entries up to ``stop``; yield the files that become full, chunk by chunk."""
    while growth.size < stop:
        bodies = store.read_bodies(connection, growth.size, min(CHUNK, stop - growth.size))
        if not bodies:
            raise store.LogDamaged(f"entry {growth.size} is missing")
        yield growth.add(bodies, leaf_hashes(bodies))


def _missing(partials: list[File], there: dict[str, set[int]]) -> Iterator[Flaw]:
    """Yield the partial tiles of a checkpoint that neither stand nor are served by the full one."""
    for path, data in partials:
        if not there.get(_full(path), set()) & {WIDTH, _width(path)}:
            yield Flaw(path, MISSING, data)


def _standing(shelf: Shelf, name: str) -> bytes | None:
    try:
        return shelf.read(name)
    except FileNotFoundError:
        return None


def _compared(shelf: Shelf, file: File, there: dict[str, set[int]], *, needed: bool) -> Iterator[Flaw]:
    path, data = file
    widths = there.pop(_full(path), set())
    for width in sorted(widths):
        name = _named(_full(path), width)
        if width > _width(path):
            yield Flaw(name, FOREIGN, None)
        elif (stands := _standing(shelf, name)) is None:
            widths.discard(width)  # a partial one that its full one replaced since we looked
        elif stands != (wanted := _beginning(path, data, width)):
            yield Flaw(name, DIFFERS, wanted)
    if needed and WIDTH not in widths:
        yield Flaw(path, MISSING, data)


def _beginning(path: str, data: bytes, width: int) -> bytes:
    """Return the tile or bundle of the first ``width`` of a larger one."""
    if path.startswith(ENTRIES):
        return pack_bundle(read_bundle(data, _width(path))[:width])
    return data[: width * HASH_SIZE]


def _full(path: str) -> str:
    return path.partition(PARTIAL)[0]


def _width(path: str) -> int:
    return int(path.partition(PARTIAL)[2] or WIDTH)


def _named(full: str, width: int) -> str:
    return full if width == WIDTH else f"{full}{PARTIAL}{width}"
