"""Time comes from here and from nowhere else.

``SystemClock`` is the machine's clock. ``ConductedClock`` follows a *conductor*: a small shared file that maps the machine's
monotonic clock to another time line, so that several processes live through the same compressed evening (see ``simulate``).
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_LAYOUT = struct.Struct("=Qddd")  # sequence, epoch seconds, monotonic seconds, speed
_STAMPED = len("2023-05-14T11:42:10.000000")


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is set; for tests and for replays."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment


class Conductor:
    """Writes the shared file that conducted clocks follow; one writer, any number of readers."""

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            os.ftruncate(
                handle, _LAYOUT.size
            )  # never shorter on the way: who reads a mapped page that is gone dies of SIGBUS
            self._map = mmap.mmap(handle, _LAYOUT.size)
        finally:
            os.close(handle)
        self._sequence = 2 * (
            struct.unpack("=Q", self._map[:8])[0] // 2
        )  # a conductor before us may have died in the middle
        self.set(0.0, 0.0)

    def set(self, epoch: float, speed: float) -> float:
        """From now on time runs from ``epoch`` (seconds) at ``speed`` (its seconds per real second); return the monotonic moment."""
        base = monotonic()
        self._sequence += 1  # odd: a reader that sees it tries again
        self._map[:8] = struct.pack("=Q", self._sequence)
        self._map[8:] = _LAYOUT.pack(0, epoch, base, speed)[8:]
        self._sequence += 1
        self._map[:8] = struct.pack("=Q", self._sequence)
        return base

    def close(self) -> None:
        """Let go of the file; readers keep the last time line."""
        self._map.close()


class ConductedClock:
    """Follows the time line that a conductor wrote to ``path``."""

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            self._map = mmap.mmap(handle, _LAYOUT.size, prot=mmap.PROT_READ)
        finally:
            os.close(handle)

    def epoch(self) -> float:
        """Return seconds since 1970 on the conducted time line."""
        while True:
            sequence, epoch, base, speed = _LAYOUT.unpack(self._map[:])
            if sequence % 2 == 0 and self._map[:8] == struct.pack("=Q", sequence):
                return float(epoch + (monotonic() - base) * speed)

    def now(self) -> datetime:
        """Return the conducted time."""
        return datetime.fromtimestamp(self.epoch(), UTC)


def clock_from(choice: str) -> Clock:
    """Return the clock that the setting names: ``system`` or the path of a conductor's file."""
    return SystemClock() if choice == "system" else ConductedClock(Path(choice))


def monotonic() -> float:
    """Return seconds that never go back, the same in every process of this machine; for durations only."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def stamp(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with microseconds and ``Z``: ``2023-05-14T11:42:10.000000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:_STAMPED] + "Z"


def unstamp(text: str) -> datetime:
    """Read an RFC 3339 moment with its offset; raises ``ValueError`` when it has none, or is before the year 1 or after 9999 in UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error
