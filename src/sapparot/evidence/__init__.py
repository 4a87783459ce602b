"""Photographs by hash: taken in, decoded in a sandbox, sealed, and published without metadata."""

from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.store import find, published, published_of

__all__ = ["PhotographKept", "find", "published", "published_of"]
