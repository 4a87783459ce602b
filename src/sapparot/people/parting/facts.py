"""Who took part until now."""

from __future__ import annotations

import msgspec


class Ended(msgspec.Struct, frozen=True):
    """What came to an end: persons, and devices that were revoked by entries of the log."""

    persons: int
    devices: int

    def and_(self, other: Ended) -> Ended:
        """Return both together."""
        return Ended(self.persons + other.persons, self.devices + other.devices)
