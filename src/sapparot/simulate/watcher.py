"""A reader of the public pointer: notes when each snapshot could first be seen."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import msgspec

from sapparot.base.clock import monotonic
from sapparot.simulate.facts import Seen

POINTER = "/v1/latest.json"
SECONDS = 5.0


class Pointer(msgspec.Struct, frozen=True):
    """The members of the pointer that a reader needs; see docs/formats/snapshots.md."""

    n: int
    size: int
    counted: dict[str, int] = {}
    """Share of the sheets of each ballot, in basis points."""


class Watcher:
    """Reads the pointer over one kept connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
        self.seen: list[Seen] = []
        self.newest = Pointer(0, 0)

    @property
    def said(self) -> tuple[int, tuple[int, ...]]:
        """The size of the log in the newest snapshot, and the share counted of each ballot in basis points."""
        return self.newest.size, tuple(self.newest.counted.values())

    def look(self) -> None:
        """Note the newest snapshot if it is new; a server that does not answer now is asked again next time."""
        try:
            self._connection.request("GET", POINTER)
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return
        if answer.status != http.client.OK:
            return
        pointer = self.newest = msgspec.json.decode(body, type=Pointer)
        if not self.seen or pointer.n > self.seen[-1].n:
            self.seen.append(Seen(pointer.n, pointer.size, monotonic()))
