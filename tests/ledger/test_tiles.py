"""Tiles and bundles hold what the C2SP text says, under the names that it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.ledger.tiles import (
    EntryTooLarge,
    Hashes,
    TileInvalid,
    bundle_path,
    pack_bundle,
    partial_tiles,
    read_bundle,
    tile_path,
    tile_width,
    tiles_between,
)
from tests.ledger.trees import Files, bodies, root_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (tile_path(0, 1234067), "tile/0/x001/x234/067"),  # the example of the text
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(2, 999, 7), "tile/2/999.p/7"),
        (tile_path(1, 1000, 255), "tile/1/x001/000.p/255"),
        (bundle_path(1234067, 1), "tile/entries/x001/x234/067.p/1"),
        (bundle_path(0), "tile/entries/000"),
    ],
)
def test_a_name_is_written_in_groups_of_three_digits(path: str, name: str) -> None:
    assert path == name


@pytest.mark.parametrize(("index", "width"), [(-1, 1), (0, 0), (0, 257)])
def test_there_is_no_name_for_a_tile_that_cannot_be(index: int, width: int) -> None:
    with pytest.raises(ValueError, match="no tile"):
        tile_path(0, index, width)


def test_a_tree_of_70000_entries_has_the_tiles_that_the_text_counts() -> None:
    tiles = list(tiles_between(0, 70_000))
    assert sum(level == 0 and width == 256 for level, _, width in tiles) == 273
    assert list(partial_tiles(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert [tile for tile in tiles if tile[2] < 256] == list(partial_tiles(70_000))
    assert list(tiles_between(0, 256)) == [(0, 0, 256), (1, 0, 1)]


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_growing_in_two_steps_writes_every_tile_of_the_larger_tree(one: int, other: int) -> None:
    old, new = sorted((one, other))
    written = {*tiles_between(0, old), *tiles_between(old, new)}
    assert set(tiles_between(0, new)) <= written
    assert not set(tiles_between(0, old)) & set(tiles_between(old, new))
    assert all(tile_width(level, index, new) == width for level, index, width in tiles_between(old, new))


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert read_bundle(pack_bundle(entries), len(entries)) == entries


def test_the_largest_entry_has_65535_bytes() -> None:
    largest = b"x" * 65_535
    assert read_bundle(pack_bundle([largest]), 1) == [largest]
    with pytest.raises(EntryTooLarge, match="65,536 bytes"):
        pack_bundle([largest + b"x"])


@pytest.mark.parametrize(("change", "width"), [(b"\x00", 3), (b"\x00\x01", 3), (b"", 4), (b"", 2)])
def test_a_bundle_that_ends_early_or_late_is_refused(change: bytes, width: int) -> None:
    data = pack_bundle([b"a", b"", b"ccc"])
    with pytest.raises(TileInvalid):
        read_bundle(data + change, width)
    with pytest.raises(TileInvalid):
        read_bundle(data[:-1], 3)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 600, 1300])
def test_every_full_subtree_and_the_root_follow_from_the_tiles(size: int) -> None:
    files = Files(bodies(size))
    hashes = files.hashes()
    for level in range(11):
        for index in range(size >> level):
            leaves = files.leaves[index << level : (index + 1) << level]
            assert hashes.node(level, index) == root_of(leaves)
        with pytest.raises(IndexError):
            hashes.node(level, size >> level)
    assert hashes.root() == root_of(files.leaves)


def test_the_full_tile_serves_for_a_partial_one_that_is_gone() -> None:
    small, large = Files(bodies(300)), Files(bodies(600))
    assert tile_path(0, 1, 44) not in large
    large[tile_path(1, 0, 1)] = small[tile_path(1, 0, 1)]  # not full yet, so it stays
    assert Hashes(large.read, 300).root() == small.hashes().root()


def test_a_tile_that_is_missing_or_has_another_length_is_not_read() -> None:
    files = Files(bodies(300))
    files[tile_path(0, 1, 44)] += b"x"
    with pytest.raises(TileInvalid, match="1409 bytes, not 1408"):
        files.hashes().root()
    del files[tile_path(0, 1, 44)]
    with pytest.raises(FileNotFoundError):
        files.hashes().root()
