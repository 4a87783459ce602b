"""Where tiles stand: written beside the work, forced onto the disk together, partial ones taken away when nobody needs them.

A partial tile is needed by whoever reads the log at a checkpoint of its size. Once the full tile stands, it serves them too (C2SP
tlog-tiles lets readers try both); the partial ones still stay for a while, for readers that are under way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from sapparot.base.objects import Objects
from sapparot.ledger.growth import File
from sapparot.ledger.tiles import WIDTH

PREFIX = "log/"
PARTIAL = ".p/"
PARTIALS_STAY = 300.0
"""Seconds for which partial tiles stay after a checkpoint that covers the full one."""
WRITERS = 4


class Shelf:
    """The tiles of one log in an object store."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._threads = ThreadPoolExecutor(WRITERS, thread_name_prefix="tiles")
        self._writing: list[tuple[str, Future[None]]] = []
        self._standing: list[str] = []
        self._partials: dict[str, list[str]] = {}
        self._done: list[str] = []
        self._leaving: deque[tuple[float, str]] = deque()

    def read(self, path: str) -> bytes:
        """Return a tile; raises ``FileNotFoundError``."""
        return self._objects.get(PREFIX + path)

    def holds(self, file: File) -> bool:
        """Tell whether exactly these bytes stand under their path."""
        try:
            return self.read(file[0]) == file[1]
        except FileNotFoundError:
            return False

    def put(self, files: Iterable[File]) -> None:
        """Begin to write; :meth:`settle` waits for it."""
        for path, data in files:
            self._writing.append((PREFIX + path, self._threads.submit(self._objects.put, PREFIX + path, data)))
            full, partial, _ = path.partition(PARTIAL)
            if partial:
                self._partials.setdefault(full, []).append(path)
            else:
                self._done += self._partials.pop(full, ())

    def make_good(self, files: Iterable[File]) -> None:
        """Begin to write those that do not stand with these bytes. The others are made durable too: who wrote them may have died before."""
        for file in files:
            if self.holds(file):
                self._standing.append(PREFIX + file[0])
            else:
                self.put([file])

    def settle(self) -> None:
        """Return when everything that was put is durable; raises what a write raised."""
        writing, self._writing = self._writing, []
        standing, self._standing = self._standing, []
        for _, written in writing:
            written.result()
        self._objects.sync([*(name for name, _ in writing), *standing])

    def published(self, now: float) -> None:
        """Know that a checkpoint covers everything that was put, and take away partial tiles whose time is over.

        ``now``: monotonic seconds. A crash leaves partial tiles behind; :meth:`look_round` of the next start finds them.
        """
        self._leaving += [(now + PARTIALS_STAY, path) for path in self._done]
        self._done = []
        while self._leaving and self._leaving[0][0] <= now:
            self._threads.submit(self._retire, self._leaving.popleft()[1])

    def look_round(self) -> None:
        """Find the partial tiles that earlier lives left; those whose full tile stands leave some time after the next checkpoint."""
        self._partials = {}
        for full, widths in self.widths().items():
            partials = [f"{full}{PARTIAL}{width}" for width in widths if width != WIDTH]
            if WIDTH in widths:
                self._done += partials
            elif partials:
                self._partials[full] = partials

    def widths(self) -> dict[str, set[int]]:
        """Return which widths of each tile and bundle there are, by the path of the full one."""
        found: dict[str, set[int]] = {}
        for name in self._objects.names(PREFIX + "tile/"):
            full, _, width = name.removeprefix(PREFIX).partition(PARTIAL)
            found.setdefault(full, set()).add(int(width) if width.isdecimal() else WIDTH)
        return found

    def remove(self, path: str) -> None:
        """Take a file away; one that is gone already is no matter."""
        try:
            self._objects.delete(PREFIX + path)
        except FileNotFoundError:
            return  # somebody tidied up by hand

    def _retire(self, path: str) -> None:
        """Take a partial tile away, unless the full one has been lost meanwhile."""
        if self._objects.exists(PREFIX + path.partition(PARTIAL)[0]):
            self.remove(path)
