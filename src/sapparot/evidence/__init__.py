"""Photographs by hash: taken in, decoded in a sandbox, sealed, and published without metadata."""

from sapparot.evidence.store import carriers_of, published, published_of

__all__ = ["carriers_of", "published", "published_of"]
