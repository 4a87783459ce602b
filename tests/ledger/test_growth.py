"""A log that grows in batches of any size writes the files of the tree, each full one once."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.ledger.growth import Growth
from sapparot.ledger.tiles import WIDTH
from sapparot.ledger.tree import leaf_hashes
from tests.ledger.trees import Files, bodies, root_of


def grown(parts: Sequence[Sequence[bytes]]) -> tuple[Growth, list[tuple[str, bytes]]]:
    growth = Growth()
    files = [file for part in parts for file in growth.add(part, leaf_hashes(part))]
    return growth, files


@settings(max_examples=30)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_batches_of_any_size_write_the_same_files(sizes: list[int]) -> None:
    entries = bodies(sum(sizes))
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    growth, files = grown([entries[start : start + size] for start, size in zip(starts, sizes, strict=True)])
    assert dict([*files, *growth.partials()]) == Files(entries)
    assert len({path for path, _ in files}) == len(files)
    assert (growth.size, growth.root()) == (len(entries), root_of(leaf_hashes(entries)))


def test_a_third_level_begins_with_entry_65536() -> None:
    entries = bodies(WIDTH * WIDTH + 5)
    growth, files = grown([entries[:60_000], entries[60_000:]])
    assert dict([*files, *growth.partials()]) == Files(entries)
    assert [path for path, _ in growth.partials()] == ["tile/entries/256.p/5", "tile/0/256.p/5", "tile/2/000.p/1"]


@pytest.mark.parametrize("size", [256, 1024, WIDTH * WIDTH, WIDTH * WIDTH + 512])
def test_growth_goes_on_from_the_partial_tiles_alone(size: int) -> None:
    entries = bodies(size + 300)
    before = Files(entries[:size])
    rows: list[list[bytes]] = []
    while size >> 8 * (len(rows) + 1):
        level = 8 * (len(rows) + 1)
        first = (size >> level) // WIDTH * WIDTH
        rows.append([before.hashes().node(level, index) for index in range(first, size >> level)])
    growth = Growth(size, rows)
    files = growth.add(entries[size:], leaf_hashes(entries[size:]))
    whole = Files(entries)
    assert growth.root() == whole.hashes().root()
    assert all(whole[path] == data for path, data in [*files, *growth.partials()])


@pytest.mark.parametrize(("size", "rows"), [(1, []), (256, []), (0, [[b"x"]]), (512, [[bytes(32)]])])
def test_growth_does_not_begin_with_tiles_of_another_size(size: int, rows: list[list[bytes]]) -> None:
    with pytest.raises(ValueError, match="not the partial tiles"):
        Growth(size, rows)
