"""Where the files of an audit come from: they lie in a directory, or a server has them and each is fetched when its turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sapparot.audit.chain import Snapshot
from sapparot.audit.download import Download
from sapparot.audit.facts import Tell
from sapparot.audit.published import definition_of, latest_of, read_manifest
from sapparot.audit.source import CHECKPOINT, COSIGNED, KEY, read_small, size_of
from sapparot.ledger.tiles import WIDTH, bundle_path, tile_path, tiles_between
from sapparot.publish import rules

PATIENCE = 6
SECONDS = 2.0
"""Between two looks at the checkpoint."""
MOST_AHEAD = 100
"""Snapshots behind the last one in the log that are fetched."""


class Here:
    """A directory: whatever is not in it cannot be had."""

    def log(self, size: int) -> None:
        """Do nothing."""

    def published(self, snapshots: Sequence[Snapshot]) -> None:
        """Do nothing."""

    def photographs(self, names: Sequence[str]) -> None:
        """Do nothing."""


class Served:
    """A server and the directory in which its files are kept."""

    def __init__(self, download: Download, folder: Path, tell: Tell) -> None:
        self._download, self._folder, self._tell = download, folder, tell
        # The pointer first: the checkpoint that is fetched after it soon covers what the pointer names.
        download.fresh([rules.LATEST, rules.KEY])
        for _ in range(PATIENCE):
            download.fresh([COSIGNED, CHECKPOINT, KEY])
            if self._covered():
                break
            download.wait(SECONDS)

    def log(self, size: int) -> None:
        """Bring the tiles of hashes and the bundles of entries of a log of this size."""
        total = 2 * -(-size // WIDTH)
        self._bring(_whole_files(size), total, needed=True)
        self._bring_all([part for part, _ in _partials(size)])
        # A partial one may be gone because the log has grown past it; the full one begins with the same bytes.
        self._bring_all([full for part, full in _partials(size) if not (self._folder / part).exists()])

    def published(self, snapshots: Sequence[Snapshot]) -> None:
        """Bring the manifests, then what they name."""
        numbers = [snapshot.said.n for snapshot in snapshots]
        newest, last = latest_of(self._folder), max(numbers, default=0)
        numbers += range(last + 1, min(newest.n if newest else 0, last + MOST_AHEAD) + 1)
        self._bring_all([rules.snapshot_name(n, name) for n in numbers for name in (rules.MANIFEST, rules.SIGNATURE)])
        for done, n in enumerate(numbers, 1):
            try:
                manifest = (self._folder / rules.snapshot_name(n, rules.MANIFEST)).read_bytes()
            except FileNotFoundError:
                continue
            files = [rules.snapshot_name(n, name) for name in read_manifest(manifest)]
            self._download.bring([*files, *definition_of(manifest)], lambda _: None)
            self._tell("download", done, len(numbers))

    def photographs(self, names: Sequence[str]) -> None:
        """Bring the published copies under these names."""
        self._bring_all(names)

    def _bring_all(self, names: Sequence[str]) -> None:
        self._bring(names, len(names))

    def _bring(self, names: Iterable[str], total: int, *, needed: bool = False) -> None:
        self._download.bring(names, lambda done: self._tell("download", min(done, total), total), needed=needed)

    def _covered(self) -> bool:
        """Tell whether the checkpoint covers the entries that the newest snapshot counts."""
        newest, size = latest_of(self._folder), size_of(read_small(self._folder, CHECKPOINT) or "")
        return newest is None or newest.size <= size


def _whole_files(size: int) -> Iterator[str]:
    """Yield the names of full bundles and tiles, the bundles first of each: without them nothing can be judged."""
    for level, index, width in tiles_between(0, size):
        if width == WIDTH:
            if level == 0:
                yield f"log/{bundle_path(index)}"
            yield f"log/{tile_path(level, index)}"


def _partials(size: int) -> Iterator[tuple[str, str]]:
    for level, index, width in tiles_between(0, size):
        if width < WIDTH:
            yield f"log/{tile_path(level, index, width)}", f"log/{tile_path(level, index)}"
            if level == 0:
                yield f"log/{bundle_path(index, width)}", f"log/{bundle_path(index)}"
