"""Tiles that are lost, altered or never were are found, and written again from the entries."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sapparot.base import outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection
from sapparot.base.objects import Objects
from sapparot.ledger import shelf as shelves
from sapparot.ledger import store, worker
from sapparot.ledger.notes import NoteSigner
from sapparot.ledger.rebuilding import compare, mend
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.tiles import EntryTooLarge
from sapparot.ledger.worker import Outbox, Sequencer
from tests.ledger.trees import Files, bodies
from tests.publish.doors import until

SIGNER = NoteSigner("example.org/log", b"k" * 32)
CLOCK = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))
ENTRIES = bodies(1000)


def grow(connection: Connection, place: Path, to: int) -> None:
    """Let a sequencer live until the log has ``to`` entries."""
    first = store.head(connection).size
    outbox.put(connection, [("test", body) for body in ENTRIES[first:to]])
    connection.commit()
    sequencer = Sequencer([Outbox()], SIGNER, Objects.at(place), CLOCK)
    sequencer.start(connection)
    while sequencer.step(connection):
        continue


def tiles(place: Path) -> dict[str, bytes]:
    root = place / "log"
    return {str(file.relative_to(root)): file.read_bytes() for file in (root / "tile").rglob("*") if file.is_file()}


def flaws(connection: Connection, place: Path) -> dict[str, str]:
    signed = store.last_checkpoint(connection)
    assert signed
    return {flaw.path: flaw.why.en for flaw in compare(connection, Shelf(Objects.at(place)), signed.size)}


@pytest.fixture
def place(database: Connection, tmp_path: Path) -> Path:
    """A log of 700 entries with checkpoints at 300, 310 and 700."""
    for size in (300, 310, 700):
        grow(database, tmp_path, size)
    return tmp_path


def test_the_tiles_of_a_log_are_those_of_its_entries(database: Connection, place: Path) -> None:
    found = tiles(place)
    assert {path: found[path] for path in Files(ENTRIES[:700])} == Files(ENTRIES[:700])
    assert sorted(set(found) - set(Files(ENTRIES[:700]))) == [
        "tile/0/001.p/44", "tile/0/001.p/54", "tile/1/000.p/1", "tile/entries/001.p/44", "tile/entries/001.p/54",
    ]  # fmt: skip
    assert flaws(database, place) == {}


def lost(path: str) -> Callable[[Path], None]:
    return lambda log: (log / path).unlink()


def altered(path: str, at: int = -1) -> Callable[[Path], None]:
    def change(log: Path) -> None:
        data = bytearray((log / path).read_bytes())
        data[at] ^= 1
        (log / path).write_bytes(data)

    return change


def added(path: str) -> Callable[[Path], None]:
    def add(log: Path) -> None:
        (log / path).parent.mkdir(parents=True, exist_ok=True)
        (log / path).write_bytes(b"x" * 32)

    return add


DAMAGES = [
    (lost("tile/0/000"), "tile/0/000", "is missing"),
    (lost("tile/entries/001"), "tile/entries/001", "is missing"),
    (lost("tile/0/002.p/188"), "tile/0/002.p/188", "is missing"),
    (lost("tile/entries/002.p/188"), "tile/entries/002.p/188", "is missing"),
    (lost("tile/1/000.p/2"), "tile/1/000.p/2", "is missing"),
    (altered("tile/0/001"), "tile/0/001", "differs from the entries"),
    (altered("tile/0/001.p/44", 0), "tile/0/001.p/44", "differs from the entries"),
    (altered("tile/entries/000"), "tile/entries/000", "differs from the entries"),
    (altered("tile/entries/001.p/54", 1), "tile/entries/001.p/54", "differs from the entries"),
    (altered("tile/1/000.p/2"), "tile/1/000.p/2", "differs from the entries"),
    (altered("tile/1/000.p/1"), "tile/1/000.p/1", "differs from the entries"),
    (added("tile/0/003"), "tile/0/003", "stands for entries that the log does not have"),
    (added("tile/0/002"), "tile/0/002", "stands for entries that the log does not have"),
    (added("tile/2/000.p/1"), "tile/2/000.p/1", "stands for entries that the log does not have"),
    (added("tile/entries/002.p/200"), "tile/entries/002.p/200", "stands for entries that the log does not have"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "path", "why"), DAMAGES, ids=[f"{path} {why}" for _, path, why in DAMAGES])
def test_every_damage_to_a_tile_is_found_and_repaired(
    damage: Callable[[Path], None], path: str, why: str, database: Connection, place: Path
) -> None:
    whole = tiles(place)
    damage(place / "log")
    assert flaws(database, place) == {path: why}
    shelf = Shelf(Objects.at(place))
    for flaw in compare(database, shelf, 700):
        mend(shelf, flaw)
    shelf.settle()
    assert flaws(database, place) == {}
    assert tiles(place) == whole


def test_a_log_from_before_there_were_tiles_gets_them_at_the_start(database: Connection, place: Path) -> None:
    whole = tiles(place)
    shutil.rmtree(place / "log" / "tile")
    checkpoint = (place / "log" / "checkpoint").read_bytes()
    grow(database, place, 700)
    assert flaws(database, place) == {}
    found = tiles(place)
    assert {path: found[path] for path in Files(ENTRIES[:700])} == Files(ENTRIES[:700])
    assert set(found) <= set(whole)
    assert (place / "log" / "checkpoint").read_bytes() == checkpoint
    grow(database, place, 800)
    assert flaws(database, place) == {}


def test_partial_tiles_of_every_checkpoint_are_rebuilt_while_no_full_one_serves_them(
    database: Connection, tmp_path: Path
) -> None:
    for size in (300, 310, 320):
        grow(database, tmp_path, size)
    whole = tiles(tmp_path)
    shutil.rmtree(tmp_path / "log" / "tile")
    grow(database, tmp_path, 320)
    assert tiles(tmp_path) == whole


@pytest.mark.parametrize("path", ["tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/002.p/188"])
def test_a_damaged_right_edge_is_written_again_at_the_start(path: str, database: Connection, place: Path) -> None:
    whole = tiles(place)
    altered(path)(place / "log")
    grow(database, place, 700)
    assert tiles(place) == whole


@pytest.mark.parametrize("position", [5, 650])
def test_no_tile_is_written_from_entries_that_do_not_lead_to_what_was_signed(
    position: int, database: Connection, place: Path
) -> None:
    altered("tile/1/000.p/2")(place / "log")
    damaged = tiles(place)
    database.execute("UPDATE ledger.entries SET body = 'x' WHERE position = %s", (position,))
    database.commit()
    with pytest.raises(store.LogDamaged, match="do not lead to the checkpoint"):
        grow(database, place, 700)
    assert tiles(place) == damaged


def test_a_full_tile_is_not_written_twice(database: Connection, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    put = Objects.put

    def noted(self: Objects, name: str, data: bytes) -> None:
        written.append(name)
        put(self, name, data)

    monkeypatch.setattr(Objects, "put", noted)
    for size in (900, 1000):
        grow(database, place, size)
    full = [name for name in written if "tile/" in name and ".p/" not in name]
    assert sorted(full) == ["log/tile/0/002", "log/tile/entries/002"]


def test_partial_tiles_stay_for_readers_under_way_and_then_leave(
    database: Connection, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(database, place, 750)
    assert (place / "log/tile/0/001.p/44").exists()
    monkeypatch.setattr(shelves, "PARTIALS_STAY", 0.0)
    grow(database, place, 760)
    monkeypatch.setattr(worker, "CHECKPOINT_SECONDS", -1.0)
    grow(database, place, 765)
    until(lambda: not any((place / "log/tile" / of).exists() for of in ("0/001.p", "entries/001.p")))
    left = [path for path in tiles(place) if ".p/" in path]
    assert [path for path in left if path.startswith(("tile/0/001", "tile/entries/001"))] == []
    assert {"tile/0/002.p/188", "tile/0/002.p/253", "tile/1/000.p/2"} <= set(left)
    assert flaws(database, place) == {}


def test_an_entry_that_no_bundle_holds_is_refused_wherever_it_comes_from(database: Connection) -> None:
    outbox.put(database, [("test", b"x" * 65_535)])
    with pytest.raises(outbox.EntryTooLarge, match="65,535 bytes"):
        outbox.put(database, [("test", b"x" * 65_536)])
    with pytest.raises(EntryTooLarge, match="65,536 bytes"):
        store.append(database, store.load_tree(database), [("test", b"a"), ("test", b"x" * 65_536)])
    assert store.head(database).size == 0
