"""Photographs by hash: taken in, decoded in a sandbox, sealed, and published without metadata."""

from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.store import carriers_of, find, published, published_of

__all__ = ["PhotographKept", "carriers_of", "find", "published", "published_of"]
