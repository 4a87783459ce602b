"""What a snapshot is, and how others learn of it."""

from datetime import datetime

from msgspec import Struct

FILE_VERSION = 1
"""Version of the file formats in docs/formats/snapshots.md."""


class SnapshotMeta(Struct, frozen=True):
    """What a snapshot says about itself; with the entries before `size` it determines every byte of it.

    `root` is the hex root of the log at `size`, `at` a moment as `base.clock.stamp` writes it, `previous` the SHA-256
    (hex) of the manifest of snapshot n - 1, None for the first. A full snapshot also carries every sheet.
    """

    n: int
    size: int
    root: str
    at: str
    full: bool
    previous: str | None


class SnapshotPublished(Struct, frozen=True, tag_field="kind", tag="snapshot"):
    """The entry that puts a snapshot into the log; `manifest` is the SHA-256 (hex) of its manifest.json."""

    n: int
    size: int
    root: str
    at: str
    full: bool
    manifest: str
    v: int = 1


class SnapshotKept(Struct, frozen=True):
    """A published snapshot as the database holds it; `counted` is the counted share of sheets by ballot, basis points."""

    n: int
    size: int
    root: bytes
    at: datetime
    full: bool
    manifest: bytes
    counted: dict[str, int]
    published_at: datetime


class Pace(Struct, frozen=True):
    """How often snapshots are made, in seconds.

    A light one at most every `light`. A full one every `full` when something changed, and when nothing has changed for
    `pause`. The sums are checked every `check`. None of them so often that it takes more than its share of the time (`rules`).
    """

    light: float = 0.6
    full: float = 60.0
    pause: float = 3.0
    check: float = 10.0
    kept: int = 6_000
    """Snapshots back from the newest that stand with all their files; behind them light ones are thinned."""
