"""How much memory a tree of processes holds, shared pages counted once (Linux)."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil

LOOK_SECONDS = 2.0


def held_mib() -> float:
    """Return MiB of this process and everything it started: proportional set sizes, which add up without counting twice."""
    here = psutil.Process()
    return sum(_proportional_kib(process.pid) for process in [here, *here.children(recursive=True)]) / 1024


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
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.mib = max(self.mib, held_mib())
            if self._stop.wait(LOOK_SECONDS):
                return
