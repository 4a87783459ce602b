"""A mirror keeps and serves what it has verified, follows one history, and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sapparot.base.problems import Problem
from sapparot.ledger.authentic import AuthenticTiles
from sapparot.ledger.cosignatures import cosigned_at
from sapparot.ledger.cosigner_doors import gate_of
from sapparot.ledger.facts import Head
from sapparot.ledger.kept import KeptNotes, origin_hash
from sapparot.ledger.mirror import CHECKPOINT, Forked, Mirror
from sapparot.ledger.mirror_doors import from_web, mirror_doors, open_mirror
from sapparot.ledger.notes import NoteInvalid, NoteSigner
from sapparot.ledger.signatures import Note, VerifierKey, signed_by
from sapparot.ledger.tiles import Hashes, TileInvalid, bundle_path, read_bundle, tile_path, tile_width, tiles_between
from tests.ledger.cosigned_logs import CLOCK, KEY, LOG_KEY, ORIGIN, SIGNER, AskingLog
from tests.ledger.test_cosigning import get, served
from tests.ledger.trees import Files

SIZE = 700
HISTORY = AskingLog(size=SIZE)


class Remote:
    """A log as it is served at one size; spoiled where a test wants it."""

    def __init__(self, size: int, history: AskingLog = HISTORY) -> None:
        self.files: dict[str, bytes] = dict(Files(history.files.entries[:size]))
        self.files[CHECKPOINT] = history.note(size).encode()
        self.fetched: list[str] = []

    def __call__(self, path: str) -> bytes:
        self.fetched.append(path)
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def spoil(self, path: str) -> None:
        data = bytearray(self.files[path])
        data[len(data) // 2] ^= 1
        self.files[path] = bytes(data)


class Copy:
    """A mirror whose log can be changed under it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.remote = Remote(0)
        self.kept = KeptNotes(place / "followed")
        self.mirror = Mirror(place / "log", LOG_KEY, self.kept, lambda path: self.remote(path), clock=CLOCK)

    def at(self, size: int, history: AskingLog = HISTORY) -> bool:
        self.remote = Remote(size, history)
        return self.mirror.step()

    def entries(self) -> list[bytes]:
        """Every entry below the published checkpoint, from the files alone."""
        found: list[bytes] = []
        size = self.mirror.head().size
        for index in range(-(-size // 256)):
            width = tile_width(0, index, size)
            found += read_bundle((self.mirror.place / bundle_path(index, width)).read_bytes(), width)
        return found


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    made = Copy(tmp_path)
    yield made
    made.kept.close()


def test_a_mirror_has_every_entry_and_tile_of_the_checkpoint_it_serves(copy: Copy) -> None:
    for size in (1, 200, 256, 300, 512, 700):
        assert copy.at(size)
        assert copy.entries() == HISTORY.files.entries[:size]
        hashes = Hashes(lambda path: (copy.mirror.place / path).read_bytes(), size)
        assert hashes.root() == HISTORY.head(size).root
        for level, index, width in tiles_between(0, size):
            assert (copy.mirror.place / tile_path(level, index, width)).is_file()


def test_partial_tiles_of_full_ones_are_removed(copy: Copy) -> None:
    for size in (100, 150, 300):
        copy.at(size)
    assert not (copy.mirror.place / "tile/0/000.p").exists()
    assert not (copy.mirror.place / "tile/entries/000.p").exists()


def test_only_what_is_new_is_downloaded(copy: Copy) -> None:
    copy.at(600)
    assert copy.at(700)
    assert bundle_path(0) not in copy.remote.fetched
    assert bundle_path(1) not in copy.remote.fetched
    assert not copy.mirror.step()


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/entries/002.p/188", "tile/0/002.p/188", "tile/1/000.p/2"])
def test_a_file_that_is_not_of_the_signed_tree_is_refused_and_what_was_good_is_kept(copy: Copy, path: str) -> None:
    copy.remote = Remote(SIZE)
    copy.remote.spoil(path)
    with pytest.raises(TileInvalid):
        copy.mirror.step()
    assert copy.mirror.head().size == 0
    good = len(list((copy.mirror.place).rglob("*")))
    assert copy.at(SIZE)
    assert copy.entries() == HISTORY.files.entries
    assert len(list(copy.mirror.place.rglob("*"))) >= good


def test_a_download_that_breaks_off_goes_on_where_it_was(copy: Copy) -> None:
    copy.remote = Remote(SIZE)
    del copy.remote.files[bundle_path(1)]
    with pytest.raises(FileNotFoundError):
        copy.mirror.step()
    assert (copy.mirror.place / bundle_path(0)).is_file()
    assert copy.at(SIZE)
    assert bundle_path(0) not in copy.remote.fetched


def test_a_partial_file_that_is_gone_is_taken_from_the_full_one(copy: Copy) -> None:
    whole = Remote(SIZE)
    copy.remote = Remote(300)
    for path in ("tile/0/001.p/44", "tile/entries/001.p/44"):
        del copy.remote.files[path]
        full = path.split(".p")[0]
        copy.remote.files[full] = whole.files[full]
    assert copy.mirror.step()
    assert copy.entries() == HISTORY.files.entries[:300]


def test_an_older_checkpoint_changes_nothing(copy: Copy) -> None:
    copy.at(600)
    assert not copy.at(300)
    assert copy.mirror.head().size == 600


def test_a_fork_is_not_followed_and_both_notes_are_kept(copy: Copy) -> None:
    copy.at(300)
    for size in (300, 700):
        with pytest.raises(Forked):
            copy.at(size, AskingLog(b"forked", SIZE))
    assert copy.mirror.head() == HISTORY.head(300)
    assert len(list((copy.place / "followed" / "forks").iterdir())) == 2
    assert copy.at(700)


def test_a_fork_after_a_broken_download_is_not_followed(copy: Copy) -> None:
    copy.remote = Remote(600)
    del copy.remote.files[bundle_path(1)]
    with pytest.raises(FileNotFoundError):
        copy.mirror.step()
    with pytest.raises(Forked):
        copy.at(700, AskingLog(b"forked", SIZE))
    assert copy.mirror.head().size == 0


def test_a_checkpoint_by_another_key_or_of_another_log_is_refused(copy: Copy) -> None:
    for signer in (NoteSigner(ORIGIN, b"x" * 32), NoteSigner("example.org/other", b"l" * 32)):
        copy.remote = Remote(300)
        copy.remote.files[CHECKPOINT] = HISTORY.note(300, signer).encode()
        with pytest.raises(NoteInvalid):
            copy.mirror.step()


def test_a_mirror_with_a_key_cosigns_what_it_has(copy: Copy) -> None:
    copy.mirror.key = KEY
    copy.at(300)
    note = Note.read((copy.mirror.place / CHECKPOINT).read_bytes())
    assert signed_by(note, LOG_KEY)
    assert cosigned_at(note, KEY.verifier_key) == int(CLOCK.now().timestamp())


def test_signatures_that_a_checkpoint_gains_are_served_too(copy: Copy) -> None:
    copy.at(300)
    plain = Note.read(HISTORY.note(300).encode())
    more = plain.with_lines([*plain.signatures, KEY.cosign(plain.text, 9)]).encode()
    copy.remote.files[CHECKPOINT] = more
    assert copy.mirror.step()
    assert (copy.mirror.place / CHECKPOINT).read_bytes() == more
    copy.remote.files[CHECKPOINT] = HISTORY.note(300).encode()
    assert not copy.mirror.step()
    assert (copy.mirror.place / CHECKPOINT).read_bytes() == more


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_536, 65_537, 66_000])
def test_the_rightmost_tiles_make_the_root_of_every_size(size: int) -> None:
    files = Files([b"%d" % number for number in range(size)])
    tiles = AuthenticTiles(files.read, files.head())
    for level, index, _ in tiles_between(0, size):
        tiles.tile(level, index)


def test_a_log_without_entries_has_the_root_of_nothing() -> None:
    with pytest.raises(TileInvalid):
        AuthenticTiles(Files([]).read, Head(0, bytes(32)))


def test_a_mirror_of_a_mirror_over_http(tmp_path: Path) -> None:
    source = tmp_path / "source"
    first = open_mirror(source, LOG_KEY, Remote(SIZE), CLOCK, name="mirror.example")
    first.step()
    with served(gate_of(mirror_doors(first), source)) as address:
        for base in (address, f"{address}/mirror/{origin_hash(ORIGIN)}"):
            second = open_mirror(tmp_path / origin_hash(base), LOG_KEY, from_web(base), CLOCK)
            assert second.step()
            assert second.head() == HISTORY.head(SIZE)
        assert get(address, "/log.vkey") == (200, SIGNER.verifier_key().encode() + b"\n")
        for path in (
            "/tile/0/999",
            "/tile/../followed/lock",
            "/tile/0/%2e%2e",
            "/tile/",
            "/tile/0/0",
            "/tile/64/000",
            "/followed",
        ):
            assert get(address, path)[0] == 404


@pytest.mark.parametrize("size", [SIZE, 600])
def test_what_a_mirror_lost_or_what_was_altered_comes_anew_when_it_starts(tmp_path: Path, size: int) -> None:
    made = Copy(tmp_path)
    made.at(size)
    made.kept.close()
    log = made.mirror.place
    files = {path: path.read_bytes() for path in log.rglob("*") if path.is_file() and path.name != CHECKPOINT}
    (log / bundle_path(0)).unlink()
    (log / tile_path(0, 1)).unlink()
    (log / bundle_path(1)).write_bytes(b"\0\1x" * 256)
    (log / tile_path(1, 0, 2)).write_bytes(bytes(64))
    again = Copy(tmp_path)
    again.at(SIZE)
    again.kept.close()
    whole = {path for path in files if ".p/" not in path.as_posix()}
    assert {path: path.read_bytes() for path in whole} == {path: files[path] for path in whole}
    assert (log / tile_path(1, 0, 2)).read_bytes() == files[log / tile_path(1, 0, 2)]
    assert again.entries() == HISTORY.files.entries
    assert {path for path in again.remote.fetched if "entries/00" in path} - {bundle_path(2, 188)} == {
        bundle_path(0),
        bundle_path(1),
    }


def test_a_directory_of_another_log_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    made = Copy(tmp_path)
    made.at(300)
    made.kept.close()
    other = NoteSigner("other.example/log", b"o" * 32).verifier_key()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(Problem, match="mirror_of_another"):
        open_mirror(tmp_path, VerifierKey.read(other), Remote(300), CLOCK)
    assert {path: path.read_bytes() for path in before} == before
