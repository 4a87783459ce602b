"""Names whose bytes are replaced again and again, each time by the one process that leads.

A process that has lost the lead may still have a write on its way, and a store tries such a write again for minutes: what lands late would
stand until the leader writes next, which on a quiet night may be never. So the leader looks from time to time whether what it wrote last
is still what stands.
"""

from __future__ import annotations

import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.clock import monotonic
from sapparot.base.objects import Objects

log = structlog.get_logger()

LOOK_SECONDS = 10.0


class Pointers:
    """Some names of one store, and what the leader wrote under them last."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._last: dict[str, bytes] = {}
        self._look_at = monotonic() + LOOK_SECONDS

    def put(self, name: str, data: bytes) -> None:
        """Store ``data`` under ``name``, replacing what was there."""
        self._objects.put(name, data)
        self._last[name] = data

    def know(self, name: str, data: bytes) -> None:
        """Hold for the last what stood there before we led."""
        self._last[name] = data

    def displaced(self) -> dict[str, bytes]:
        """Return what is to be put again, by name; nothing in between two looks."""
        if monotonic() < self._look_at:
            return {}
        found = {name: data for name, data in self._last.items() if self._read(name) != data}
        for name in found:
            log.warning("something else stands where the leader wrote last; it is written again", name=name)
        self._look_at = monotonic() + LOOK_SECONDS
        return found

    def _read(self, name: str) -> bytes | None:
        try:
            return self._objects.get(name)
        except FileNotFoundError:
            return None
        except StoreError:  # nobody can tell now; the next look is soon enough
            return self._last[name]
