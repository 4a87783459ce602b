"""How much memory a tree of processes holds at most, shared pages counted once (Linux).

Proportional set sizes add up without counting a page twice, but the kernel walks every page for them: of a national evening that takes
a good part of a second. So the tree is watched by counters that cost nothing (pages of one's own, and the largest shared part), and
measured exactly when they reach a new high, as often as a small share of a processor allows. What the counters say between two
measurements is brought to the scale of the last one.
"""

from __future__ import annotations

import threading
from pathlib import Path

import psutil

from sapparot.base.clock import monotonic

LOOK_SECONDS = 2.0
FAMILY_SECONDS = 10.0
"""How long it is believed which processes there are."""
SHARE = 1 / 400
"""Of one processor, for exact measurements."""
HIGHER = 1.01
"""How much a new high exceeds the one before."""
_PAGE_KIB = 4


def tree() -> list[int]:
    """Return this process and everything it started."""
    here = psutil.Process()
    return [here.pid, *(process.pid for process in here.children(recursive=True))]


def held_mib(pids: list[int]) -> float:
    """Return exactly how many MiB processes hold."""
    return sum(map(_proportional_kib, pids)) / 1024


def counted_mib(pids: list[int]) -> float:
    """Return roughly how many MiB processes hold: what each has for itself, and the largest part that one shares."""
    sizes = [_pages(pid) for pid in pids]
    own, shared = sum(resident - common for resident, common in sizes), max((common for _, common in sizes), default=0)
    return (own + shared) * _PAGE_KIB / 1024


def _pages(pid: int) -> tuple[int, int]:
    try:
        words = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:  # it ended meanwhile
        return 0, 0
    return int(words[1]), int(words[2])


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it ended meanwhile
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Peak:
    """Watches the memory in a thread of its own; a context manager."""

    def __init__(self) -> None:
        self.mib = 0.0
        self._pids: list[int] = []
        self._asked_at = self._measured_at = float("-inf")
        self._took = 0.0
        self._high, self._scale = 0.0, 1.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Look once."""
        now = monotonic()
        if now - self._asked_at >= FAMILY_SECONDS:
            self._pids, self._asked_at = tree(), now
        counted = counted_mib(self._pids)
        if counted < self._high * HIGHER:
            return
        if now - self._measured_at >= self._took / SHARE:
            held = held_mib(self._pids)
            self._measured_at, self._took = now, monotonic() - now
            self._high, self._scale = counted, held / counted if counted else 1.0
            self.mib = max(self.mib, held)
        else:
            self.mib = max(self.mib, counted * self._scale)

    def _watch(self) -> None:
        while True:
            self.look()
            if self._stop.wait(LOOK_SECONDS):
                return
