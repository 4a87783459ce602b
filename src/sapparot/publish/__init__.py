"""Publishing: results as immutable files, and word of them as events."""

from sapparot.publish.facts import SnapshotKept

__all__ = ["SnapshotKept"]
