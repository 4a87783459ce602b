"""Publishing: results as immutable files, and word of them as events."""

from sapparot.publish.facts import SnapshotKept
from sapparot.publish.store import last as last_snapshot

__all__ = ["SnapshotKept", "last_snapshot"]
